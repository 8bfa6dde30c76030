//! Statements on billing. Everything about an organization is one statement; lists are keyset pages.

pub mod account;
pub mod awaited_change;
pub mod charges;
pub mod credit;
pub mod held;
pub mod invoices;
pub mod modules;
pub mod payment_methods;
pub mod payments;
pub mod settled;
pub mod stripe;
pub mod upkeep;
pub mod usage;
pub mod usage_days;
pub mod usage_limits;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Jsonb, Nullable};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::account::{Billing, BillingAccount, Unpaid};
use super::quote::{Line, merged};
use super::subscription::Subscription;
use crate::access::OrgConn;
use crate::clock::Moment;
use crate::db::schema::{billing_accounts, organizations, pending_charges, subscriptions};
use crate::error::{AppError, Result};

const TAX_IDS: &str =
    "(SELECT jsonb_agg(jsonb_build_object('id', t.id, 'kind', t.kind, 'value', t.value, 'verification', t.verification,
    'stripe_id', t.stripe_id)
    ORDER BY t.created_at, t.id) FROM tax_ids t WHERE t.organization_id = organizations.id)";
const PENDING: &str =
    "(SELECT jsonb_agg(to_jsonb(c) ORDER BY c.from_at, c.id) FROM pending_charges c WHERE c.organization_id = organizations.id
    AND c.held_for IS NULL)";
const INVOICED: &str =
    "(SELECT jsonb_agg(to_jsonb(l)) FROM invoices i JOIN invoice_lines l ON l.organization_id = i.organization_id AND l.invoice_id = i.id
    WHERE i.organization_id = organizations.id AND i.issued_at >= subscriptions.period_starts_at AND l.to_at = subscriptions.period_ends_at
    AND l.from_at > subscriptions.period_starts_at AND l.amount > 0 AND subscriptions.ended_at IS NULL AND subscriptions.stripe_id IS NULL)";
const HELD_FOR: &str = "(SELECT jsonb_agg(DISTINCT c.held_for) FROM pending_charges c WHERE c.organization_id = organizations.id
    AND c.held_for IS NOT NULL)";
/// The one that waits longest of each way of paying; one that has failed before those that Stripe just collects.
const UNPAID: &str = "(SELECT jsonb_agg(to_jsonb(u) ORDER BY u.due_at, u.id) FROM (
    SELECT DISTINCT ON (i.stripe_id IS NULL) i.id, i.number, i.due_at, i.due, i.currency, i.status, i.stripe_id IS NOT NULL AS is_at_stripe,
        i.stripe_id IS NOT NULL AND i.due_at > i.issued_at AS is_sent, i.next_attempt_at, i.reminder_at, i.reminders,
        count(*) OVER same AS count, sum(i.due) OVER same AS all_due
    FROM invoices i WHERE i.organization_id = organizations.id AND i.status IN ('pending', 'failed')
    WINDOW same AS (PARTITION BY i.currency) ORDER BY i.stripe_id IS NULL, i.status = 'pending', i.due_at, i.id) u)";

const USAGE: &str =
    "(SELECT jsonb_agg(jsonb_build_object('item', u.item, 'starts_at', u.starts_at, 'ends_at', u.ends_at, 'quantity', u.quantity,
    'warned_percent', u.warned_percent, 'counted_from', u.counted_from))
    FROM usage_totals u WHERE u.organization_id = organizations.id AND NOT u.is_closed)";

const LIMITS: &str = "(SELECT jsonb_agg(to_jsonb(l)) FROM usage_limits l WHERE l.organization_id = organizations.id)";

const STRIPE: &str = "(SELECT to_jsonb(s) || jsonb_build_object('customer', organizations.stripe_customer) FROM stripe_accounts s WHERE s.organization_id = organizations.id)";

const METHODS: &str = "(SELECT jsonb_agg(to_jsonb(m) ORDER BY m.is_default DESC, m.added_at, m.id) FROM payment_methods m
    WHERE m.organization_id = organizations.id)";

const MODULES: &str = "(SELECT jsonb_agg(to_jsonb(m) ORDER BY m.starts_at, m.module) FROM subscription_modules m WHERE m.organization_id = organizations.id)";

type Json = Option<Value>;

/// All that stands about this organization's billing.
pub fn billing(org: &mut OrgConn<'_>) -> Result<Billing> {
    type Row = (Option<Subscription>, Option<BillingAccount>, Json, Json, Json, Json, Json, Json, Json, Json, Json, Json);
    let query = organizations::table
        .left_join(subscriptions::table.on(subscriptions::organization_id.eq(organizations::id)))
        .left_join(billing_accounts::table.on(billing_accounts::organization_id.eq(organizations::id)))
        .filter(organizations::id.eq(org.organization_id()))
        .select((
            Option::<Subscription>::as_select(),
            Option::<BillingAccount>::as_select(),
            sql::<Nullable<Jsonb>>(TAX_IDS),
            sql::<Nullable<Jsonb>>(PENDING),
            sql::<Nullable<Jsonb>>(INVOICED),
            sql::<Nullable<Jsonb>>(UNPAID),
            sql::<Nullable<Jsonb>>(USAGE),
            sql::<Nullable<Jsonb>>(LIMITS),
            sql::<Nullable<Jsonb>>(STRIPE),
            sql::<Nullable<Jsonb>>(METHODS),
            sql::<Nullable<Jsonb>>(MODULES),
            sql::<Nullable<Jsonb>>(HELD_FOR),
        ));
    let row: Row = query.first(org.connection())?;
    let (subscription, account, tax_ids, pending, invoiced, unpaid, usage, limits, stripe, methods, modules, held_for) = row;
    let pending: Vec<Charge> = read(pending)?.unwrap_or_default();
    let mut unpaid = read::<Vec<Unpaid>>(unpaid)?.unwrap_or_default().into_iter();
    Ok(Billing {
        subscription,
        account: account.unwrap_or_default(),
        tax_ids: read(tax_ids)?.unwrap_or_default(),
        pending: merged(pending.into_iter().map(Line::from).collect()),
        invoiced: read(invoiced)?.unwrap_or_default(),
        unpaid: unpaid.next(),
        unpaid_otherwise: unpaid.next(),
        usage: read(usage)?.unwrap_or_default(),
        limits: read(limits)?.unwrap_or_default(),
        stripe: read(stripe)?.unwrap_or_default(),
        methods: read(methods)?.unwrap_or_default(),
        modules: read(modules)?.unwrap_or_default(),
        held_for: read(held_for)?.unwrap_or_default(),
    })
}

fn read<T: DeserializeOwned>(value: Option<Value>) -> Result<Option<T>> {
    let read = value.map(serde_json::from_value).transpose();
    read.map_err(|error| AppError::Internal(error.to_string()))
}

/// A row of `pending_charges`.
#[derive(serde::Deserialize)]
struct Charge {
    description: String,
    quantity: i32,
    unit_amount: i64,
    amount: i64,
    from_at: Moment,
    to_at: Moment,
}

impl From<Charge> for Line {
    fn from(charge: Charge) -> Line {
        let Charge { description, quantity, unit_amount, amount, from_at, to_at } = charge;
        Line { description, quantity, unit_amount, amount, vat_basis_points: None, from: from_at, to: to_at }
    }
}

/// Writes a subscription as it is now, as its next version.
pub fn save_subscription(org: &mut OrgConn<'_>, subscription: &Subscription) -> Result<()> {
    let organization_id = org.organization_id();
    let next = Subscription { version: subscription.version + 1, ..subscription.clone() };
    diesel::insert_into(subscriptions::table)
        .values((subscriptions::organization_id.eq(organization_id), &next))
        .on_conflict(subscriptions::organization_id)
        .do_update()
        .set(&next)
        .execute(org.connection())?;
    diesel::update(organizations::table.filter(organizations::id.eq(organization_id)))
        .set(organizations::next_plan.eq(next.next_plan.as_deref().unwrap_or_default()))
        .execute(org.connection())?;
    Ok(())
}

/// Adds something to the next invoice.
pub fn add_pending(org: &mut OrgConn<'_>, line: &Line) -> Result<()> {
    add_charge(org, line, None)
}

/// Keeps what is given back only once somebody pays, in the way in which it was to be paid.
pub fn add_held(org: &mut OrgConn<'_>, line: &Line, is_at_stripe: bool) -> Result<()> {
    add_charge(org, line, Some(held::way(is_at_stripe)))
}

fn add_charge(org: &mut OrgConn<'_>, line: &Line, held_for: Option<&str>) -> Result<()> {
    let vat = line.vat_basis_points.map(i32::try_from).transpose().map_err(|error| AppError::Internal(error.to_string()))?;
    diesel::insert_into(pending_charges::table)
        .values((
            pending_charges::organization_id.eq(org.organization_id()),
            pending_charges::id.eq(uuid::Uuid::now_v7()),
            pending_charges::description.eq(&line.description),
            pending_charges::quantity.eq(line.quantity),
            pending_charges::unit_amount.eq(line.unit_amount),
            pending_charges::amount.eq(line.amount),
            pending_charges::from_at.eq(line.from),
            pending_charges::to_at.eq(line.to),
            pending_charges::held_for.eq(held_for),
            pending_charges::vat_basis_points.eq(vat),
        ))
        .execute(org.connection())?;
    Ok(())
}

/// Takes everything off the next invoice, also what was still to be told of it.
pub fn clear_pending(org: &mut OrgConn<'_>) -> Result<()> {
    account::forget_seats_to_tell(org)?;
    let mine = pending_charges::organization_id.eq(org.organization_id()).and(pending_charges::held_for.is_null());
    diesel::delete(pending_charges::table.filter(mine)).execute(org.connection())?;
    Ok(())
}

/// What the rest of the console knows of a plan: its key, and the slots.
pub fn set_plan(org: &mut OrgConn<'_>, plan: &str, member_limit: i32) -> Result<()> {
    diesel::update(organizations::table.filter(organizations::id.eq(org.organization_id())))
        .set((organizations::plan.eq(plan), organizations::member_limit.eq(member_limit)))
        .execute(org.connection())?;
    Ok(())
}
