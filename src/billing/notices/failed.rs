//! What is said when Stripe could not collect an invoice, or its bank wants to be asked: how much it is, what stops if nobody
//! pays, and where it is paid, also by who has no seat.

use super::super::account::Billing;
use super::super::queries::invoices::InvoiceRow;
use super::super::subscription::{Status, Subscription};
use super::super::words;
use crate::access::Organization;
use crate::config::{Plans, ProductPermissions};
use crate::mail::Notice;
use crate::money::Currency;

/// An invoice that was tried.
pub struct Failed<'a> {
    pub row: &'a InvoiceRow,
    /// A plan, or a change of it, waits for its payment.
    pub is_awaited: bool,
    /// Stripe collects it no more, though the subscription goes on.
    pub is_uncollectible: bool,
    /// Where Stripe shows it.
    pub page: Option<String>,
}

/// What becomes of the plan.
enum Then<'a> {
    /// It is not at stake.
    Nothing,
    WaitsForIt,
    GoesOn(&'a Subscription),
    Ends(&'a Subscription),
}

impl Failed<'_> {
    fn then<'a>(&self, billing: &'a Billing) -> Then<'a> {
        match billing.running() {
            _ if self.is_awaited => Then::WaitsForIt,
            Some(current) if !current.is_at_stripe() => Then::Nothing,
            Some(current) if self.is_uncollectible && current.status() != Status::PastDue => Then::GoesOn(current),
            Some(current) => Then::Ends(current),
            None => Then::Nothing,
        }
    }

    fn stops(&self, then: &Then<'_>, free: &str) -> Option<String> {
        let end = |plan: &str| match self.row.next_attempt_at {
            Some(_) => format!("If Stripe's last try fails, {plan} ends and {free} is your plan. Members and keys stay."),
            None => format!("Stripe may end {plan} at any time: {free} is your plan then. Members and keys stay."),
        };
        match then {
            Then::Nothing => None,
            Then::WaitsForIt => Some("What waits for its payment does not begin before it is paid.".to_owned()),
            Then::GoesOn(current) => {
                Some(format!("Stripe does not try again by itself, and {} goes on; it is owed all the same.", current.plan_name))
            }
            Then::Ends(current) => Some(end(&current.plan_name)),
        }
    }
}

/// For those who are to know; `told` is what the log says of it.
pub fn notice(
    failed: Failed<'_>,
    told: String,
    (billing, organization): (&Billing, &Organization),
    (plans, product): (&Plans, &ProductPermissions),
) -> Notice {
    let InvoiceRow { number, due, currency, .. } = failed.row;
    let money = Currency::from_code(currency).map(|currency| currency.money(*due).to_string()).unwrap_or_default();
    let (then, free) = (failed.then(billing), plans.free());
    let closes = match then {
        Then::Ends(current) => {
            let modules = words::modules::ended(billing, organization, free, (plans, product));
            words::closes(plans.of(&current.plan), free, &plans.items, organization).into_iter().chain(modules).collect()
        }
        _ => Vec::new(),
    };
    let pay = match &failed.page {
        Some(_) => "It can be paid on a page of Stripe, which needs no account, or under Billing.",
        None => "Pay it under Billing.",
    };
    let due = format!("{money} are to be paid.");
    let what = if failed.row.status == "failed" { "failed" } else { "waits for the bank" };
    Notice {
        title: format!("the payment of invoice {number} {what}"),
        sentences: [told, due].into_iter().chain(failed.stops(&then, &free.name)).chain([pay.to_owned()]).collect(),
        closes,
        page: "billing".to_owned(),
        button: "See the billing page".to_owned(),
        pay_page: failed.page,
    }
}
