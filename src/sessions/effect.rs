//! Who feels a change of what people may do, and from when on: everybody concerned with their next request, wherever they are
//! signed in.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use uuid::Uuid;

use super::queries::{ABSOLUTE, IDLE, KEPT};
use crate::access::{OrgConn, Permit, Right};
use crate::clock::Moment;
use crate::db::prepared::prepared;
use crate::error::Result;
use crate::web::words::count;

/// Whose permissions changed.
#[derive(Clone, Debug)]
pub enum Concerned {
    HoldersOf(Uuid),
    Members(Vec<Uuid>),
}

/// Active members, and the sessions in which they are signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, QueryableByName)]
pub struct Reached {
    #[diesel(sql_type = BigInt)]
    pub people: i64,
    #[diesel(sql_type = BigInt)]
    pub sessions: i64,
}

/// Counts the active people concerned and their sessions that have not ended.
pub fn reached(org: &mut OrgConn<'_>, concerned: &Concerned) -> Result<Reached> {
    let (people, which, ids) = match concerned {
        Concerned::HoldersOf(role_id) => {
            // Counted already: a role may have a million holders.
            let kept = "SELECT sum(active_members) FROM role_holders WHERE organization_id = $1 AND role_id = ANY ($2)";
            (kept, "role_id", vec![*role_id])
        }
        Concerned::Members(ids) => {
            let counted = "SELECT count(*) FROM members WHERE organization_id = $1 AND id = ANY ($2) AND status = 'active'";
            (counted, "id", ids.clone())
        }
    };
    let query = format!(
        "SELECT coalesce(({people}), 0) AS people, count(*) AS sessions
        FROM members m JOIN sessions s ON s.account_id = m.account_id
            AND s.created_at > CASE WHEN s.kept THEN $3 ELSE $4 END AND s.last_seen_at > CASE WHEN s.kept THEN $3 ELSE $5 END
        WHERE m.organization_id = $1 AND m.{which} = ANY ($2) AND m.status = 'active'"
    );
    let now = org.now();
    let query = prepared(query).bind(org.organization_id()).bind(ids).bind(now - KEPT).bind(now - ABSOLUTE).bind(now - IDLE);
    Ok(query.get_result(org.connection())?)
}

/// What the page that made a change says: `effective at 14:02:11 for 3 people, 5 sessions (UTC)`. Called after the change was
/// committed, so that it holds for every request that begins later; the change stands whether the count succeeds or not.
pub async fn told<P: Right>(permit: &mut Permit<P>, concerned: Concerned) -> String {
    let at = clock_time(permit.db().now());
    match permit.read(move |org| reached(org, &concerned)).await {
        Ok(Reached { people, sessions }) => {
            let (people, sessions) = (count(people, "person", "people"), count(sessions, "session", "sessions"));
            format!("effective at {at} for {people}, {sessions} (UTC)")
        }
        Err(error) => {
            tracing::warn!(%error, "who feels a change was not counted");
            format!("effective at {at} (UTC)")
        }
    }
}

/// `14:02:11`
fn clock_time(moment: Moment) -> String {
    moment.format("%H:%M:%S").to_string()
}
