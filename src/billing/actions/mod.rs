//! What changes billing, in the way by invoice: the console's own rows are the truth, and the operator says what was paid.

pub mod change;
pub mod details;
pub mod issue;
pub mod modules;
pub mod operator;
pub mod pay;
pub mod rest;
pub mod seats;
mod shown;
mod trial;
pub mod upkeep;
pub mod usage;

use super::queries;
use crate::access::{OrgTx, UNLIMITED_SLOTS};
use crate::config::Plan;
use crate::error::Result;

/// Lets the rest of the console know the plan: what it opens, and its slots.
pub(super) fn open_plan(tx: &mut OrgTx<'_>, plan: &Plan) -> Result<()> {
    let granted = tx.organization.granted_slots.unwrap_or_default();
    let key = if *plan == *tx.plans().free() { "" } else { plan.key.as_str() };
    queries::set_plan(tx, key, slots_of(plan, granted))
}

/// The slots of an organization on a plan, of which the operator gives at least `granted`.
pub fn slots_of(plan: &Plan, granted: i32) -> i32 {
    plan.member_slots.map_or(UNLIMITED_SLOTS, |slots| slots.max(granted))
}
