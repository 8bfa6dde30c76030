//! Statements that only the demo needs: what was there before, and the fate of mails long ago.

use chrono::TimeDelta;
use diesel::dsl::{exists, sql};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::select;
use diesel::sql_types::{Nullable, Timestamptz};

use super::script::REFUSED;
use crate::clock::Moment;
use crate::db::schema::{accounts, mails};
use crate::error::Result;

/// Mails younger than this still wait.
const WAITING: TimeDelta = TimeDelta::hours(40);

pub(super) fn accounts(connection: &mut PgConnection) -> Result<i64> {
    Ok(accounts::table.count().get_result(connection)?)
}

pub(super) fn has_account(connection: &mut PgConnection, email: &str) -> Result<bool> {
    Ok(select(exists(accounts::table.filter(accounts::email.eq(email)))).get_result(connection)?)
}

/// As if a mail server had been there: older mails were taken, one was refused, the youngest wait.
pub(super) fn settle_mails(connection: &mut PgConnection, now: Moment) -> Result<()> {
    let soon_after = || sql::<Nullable<Timestamptz>>("created_at + interval '4 seconds'");
    let open = mails::next_attempt_at.is_not_null();
    diesel::update(mails::table.filter(open).filter(mails::recipient.eq(REFUSED)))
        .set((
            mails::failed_at.eq(soon_after()),
            mails::next_attempt_at.eq(None::<Moment>),
            mails::attempts.eq(1),
            mails::trouble.eq("550 5.1.1 No such user here"),
        ))
        .execute(connection)?;
    diesel::update(mails::table.filter(open).filter(mails::created_at.lt(now - WAITING)))
        .set((mails::sent_at.eq(soon_after()), mails::next_attempt_at.eq(None::<Moment>), mails::attempts.eq(1)))
        .execute(connection)?;
    Ok(())
}
