//! Statements on the credit that Stripe holds.

use diesel::prelude::*;

use super::super::credit::MovingCredit;
use crate::access::OrgConn;
use crate::db::schema::stripe_accounts;
use crate::error::{AppError, Result};

/// Notes what Stripe holds.
pub fn save_held(org: &mut OrgConn<'_>, credit: i64) -> Result<()> {
    diesel::update(stripe_accounts::table.filter(stripe_accounts::organization_id.eq(org.organization_id())))
        .set(stripe_accounts::credit.eq(credit))
        .execute(org.connection())?;
    Ok(())
}

/// Remembers the credit that is on its way to Stripe, or that none is.
pub fn set_moving(org: &mut OrgConn<'_>, moving: Option<&MovingCredit>) -> Result<()> {
    let value = moving.map(serde_json::to_value).transpose().map_err(|error| AppError::Internal(error.to_string()))?;
    diesel::update(stripe_accounts::table.filter(stripe_accounts::organization_id.eq(org.organization_id())))
        .set(stripe_accounts::moving_credit.eq(value))
        .execute(org.connection())?;
    Ok(())
}
