//! The change that waits for the bank.

use diesel::prelude::*;

use super::super::awaited_change::AwaitedChange;
use crate::access::OrgConn;
use crate::db::schema::stripe_accounts;
use crate::error::{AppError, Result};

/// Remembers it, or forgets the one that is remembered.
pub fn set(org: &mut OrgConn<'_>, awaited: Option<&AwaitedChange>) -> Result<()> {
    let value = awaited.map(serde_json::to_value).transpose().map_err(|error| AppError::Internal(error.to_string()))?;
    diesel::update(stripe_accounts::table.filter(stripe_accounts::organization_id.eq(org.organization_id())))
        .set(stripe_accounts::awaited_change.eq(value))
        .execute(org.connection())?;
    Ok(())
}
