//! What a change costs, as Stripe calculates it: the same calculation makes the invoice afterwards.

use super::super::actions::change::Prepared;
use super::super::quote::{Begin, Line, Quote, Totals};
use super::super::refusal::{Outcome, Refusal, refuse};
use super::super::subscription::{Subscription, Terms};
use super::super::vat::VatRule;
use super::apply::invoices::line;
use super::catalog::{self, Kind};
use super::credit::with_credit;
use super::items::{self, plan_item};
use super::snapshot::runs;
use super::tax;
use crate::clock::Moment;
use crate::config::Plans;
use crate::stripe::{self, Invoice, ItemChange, Preview, Stripe};

/// A change as it is asked of Stripe.
pub(super) struct Asked {
    /// The subscription that is changed; none for a new one.
    pub subscription: Option<stripe::Subscription>,
    pub items: Vec<ItemChange>,
    pub tax_rates: Vec<String>,
    pub ends_trial: bool,
}

/// What has to be said to Stripe for a change.
///
/// # Errors
/// `NotAtStripe` without a price there, `Moved` where the subscription is another one than it was.
pub(super) async fn asked(stripe: &Stripe, plans: &Plans, prepared: &Prepared, active_members: i32) -> Outcome<Asked> {
    let Prepared { billing, terms, quote, .. } = prepared;
    let Some(price) = catalog::price_of(stripe, Kind::Plan, terms, plans).await? else {
        return refuse(Refusal::NotAtStripe { plan: terms.plan_name.clone() });
    };
    let current = billing.running().filter(|current| current.is_at_stripe());
    let subscription = match current.and_then(|current| current.stripe_id.as_deref()) {
        Some(id) => Some(stripe.subscription(id).await?),
        None => None,
    };
    if let (Some(current), Some(theirs)) = (current, &subscription)
        && !is_same(current, theirs, plans)
    {
        return refuse(Refusal::Moved);
    }
    let item = subscription.as_ref().and_then(|theirs| plan_item(theirs, plans));
    let id = item.map(|(item, _)| item.id.clone());
    let plan = ItemChange { id, price: Some(price), quantity: Some(i64::from(quote.seats)), ..ItemChange::default() };
    let modules = (quote.modules.as_slice(), active_members);
    let items = match &subscription {
        Some(theirs) => items::module_changes(stripe, plans, theirs, modules).await?,
        None => Some(Vec::new()),
    };
    let Some(mut items) = items else { return refuse(Refusal::NotAtStripe { plan: terms.plan_name.clone() }) };
    items.insert(0, plan);
    let ends_trial = current.is_some_and(Subscription::is_trial) && matches!(quote.begin, Begin::Now { .. });
    let tax_rates = tax::rates(stripe, &prepared.rule, billing).await?;
    Ok(Asked { subscription, items, tax_rates, ends_trial })
}

/// Whether a subscription is still what was last seen of it.
pub(super) fn is_same(ours: &Subscription, theirs: &stripe::Subscription, plans: &Plans) -> bool {
    let is_plan = |(item, terms): (&stripe::SubscriptionItem, Terms)| {
        Some(terms) == ours.terms() && item.period_ends_at == ours.period_ends_at
    };
    runs(theirs) && plan_item(theirs, plans).is_some_and(is_plan)
}

/// The change with what Stripe invoices for it at once.
///
/// # Errors
/// As `asked`.
pub(super) async fn priced(
    stripe: &Stripe,
    plans: &Plans,
    prepared: Prepared,
    (at, active_members): (Moment, i32),
) -> Outcome<Prepared> {
    let Begin::Now { .. } = prepared.quote.begin else { return Ok(prepared) };
    // Before there is a customer nothing can be confirmed: a payment method comes first.
    let Some(customer) = prepared.billing.stripe.customer.clone() else { return Ok(prepared) };
    let asked = asked(stripe, plans, &prepared, active_members).await?;
    let is_change = asked.subscription.is_some();
    let preview = Preview {
        customer,
        subscription: asked.subscription.map(|subscription| subscription.id),
        items: asked.items,
        proration_behavior: (is_change && !asked.ends_trial).then_some("always_invoice"),
        proration_date: (is_change && !asked.ends_trial).then_some(at),
        trial_end_now: asked.ends_trial,
        default_tax_rates: Some(asked.tax_rates),
    };
    let invoice = stripe.preview(&preview).await?;
    let lines = lines(&invoice, &prepared.billing.pending);
    // A first plan takes it along before anything is charged.
    let taken_along = if is_change { 0 } else { prepared.billing.account.credit };
    let totals = with_credit(totals(&invoice, &prepared.rule), taken_along);
    Ok(Prepared { quote: Quote { lines, ..prepared.quote }, totals, ..prepared })
}

/// The lines of an invoice of Stripe. Members who joined one by one have a line each there, and stand together here where
/// `pending` comes to the same.
pub(super) fn lines(invoice: &Invoice, pending: &[Line]) -> Vec<Line> {
    let mut lines: Vec<Line> = invoice.lines.iter().map(line).collect();
    for ours in pending.iter().filter(|ours| ours.is_for_joined()) {
        let what = |of: &Line| (of.description.clone(), of.from.date_naive(), of.to);
        let is_of = |line: &Line| what(line) == what(ours);
        let Some(first) = lines.iter().position(is_of) else { continue };
        let sum: i64 = lines.iter().filter(|line| is_of(line)).map(|line| line.amount).sum();
        if sum == ours.amount {
            lines.retain(|line| !is_of(line));
            lines.insert(first, ours.clone());
        }
    }
    lines
}

/// The sums of an invoice of Stripe.
pub(super) fn totals(invoice: &Invoice, rule: &VatRule) -> Totals {
    // Below zero where they owe something from before.
    let credit_used = invoice.total - invoice.amount_due;
    let owed = invoice.ending_balance.unwrap_or_default();
    Totals {
        net: invoice.total - invoice.tax,
        vats: vec![(rule.basis_points, invoice.tax)],
        vat: invoice.tax,
        credit_used: if invoice.total > 0 { credit_used } else { 0 },
        due: invoice.amount_due.max(0),
        credit_left: owed.saturating_neg().max(0),
    }
}
