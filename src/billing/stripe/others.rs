//! What is charged at Stripe besides the plan and its modules, and opens nothing here: named, as the console cannot judge it.

use super::super::account::Billing;
use super::catalog::{self, Kind};
use super::items::{module_item, plan_item};
use super::push::CHARGE;
use super::snapshot::{Snapshot, is_charged};
use crate::config::Plans;
use crate::db::types::is_plain;
use crate::money::Currency;
use crate::stripe::{InvoiceItem, Subscription, SubscriptionItem};

/// What ids of invoice items begin with.
const INVOICE_ITEM: &str = "ii_";
/// Longer descriptions say nothing more.
const LONGEST: usize = 80;

/// Items of the subscription that gives the plan that are neither it nor a module of ours: `sub_1 (price_9)`.
pub(super) fn foreign_items(subscription: &Subscription, plans: &Plans) -> Vec<String> {
    let items = subscription.items.iter().filter(|item| is_charged(subscription) && is_foreign(item, subscription, plans));
    items.map(|item| format!("{} ({})", subscription.id, item.price.id)).collect()
}

/// Whether an item opens nothing: its price is none of ours, or another item gives the plan or the module already.
pub(super) fn is_foreign(item: &SubscriptionItem, subscription: &Subscription, plans: &Plans) -> bool {
    let counts = match catalog::read(&item.price, plans) {
        Some((Kind::Plan, _)) => plan_item(subscription, plans).map(|(counts, _)| counts),
        Some((Kind::Module, terms)) => module_item(subscription, &terms.plan, plans),
        None => None,
    };
    counts.is_none_or(|counts| counts.id != item.id)
}

/// Amounts on the next invoice that somebody else has put there: `ii_1 5000 eur Help with moving in`. Those of the
/// subscriptions of other programs are not the console's business, and a credit costs nothing.
pub(super) fn foreign_amounts(pending: &[InvoiceItem], is_of_console: impl Fn(&str) -> bool) -> Vec<String> {
    let is_foreign = |item: &&InvoiceItem| {
        item.amount > 0 && !item.metadata.contains_key(CHARGE) && item.subscription.as_deref().is_none_or(&is_of_console)
    };
    let name = |item: &InvoiceItem| format!("{} {} {} {}", item.id, item.amount, item.currency, in_short(&item.description));
    pending.iter().filter(is_foreign).map(name).collect()
}

/// What somebody typed at Stripe, on one line; nothing of it where a page or a mail cannot show it as it is.
fn in_short(description: &str) -> String {
    let words = description.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(LONGEST) {
        _ if !is_plain(&words) => String::new(),
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

/// Whether it is a subscription, or an item of one, and no single amount.
pub fn is_subscription(other: &str) -> bool {
    !other.starts_with(INVOICE_ITEM)
}

/// What is charged where the plan is paid by invoice: the subscription that would give it as well.
pub(super) fn beside_invoices(billing: &Billing, snapshot: &Snapshot) -> Vec<String> {
    let is_by_invoice = billing.running().is_some_and(|current| !current.is_at_stripe());
    let subscription = snapshot.subscription.as_ref().filter(|theirs| is_by_invoice && is_charged(theirs));
    let Some(Subscription { id, .. }) = subscription else { return snapshot.others.clone() };
    let item = format!("{id} (");
    let others = snapshot.others.iter().filter(|other| !other.starts_with(&item));
    std::iter::once(id).chain(others).cloned().collect()
}

/// `the subscription sub_2`, `the price price_9 of the subscription sub_1`, `€50.00 (“Help with moving in”) on the next invoice`
pub fn in_words(other: &str) -> String {
    if other.starts_with(INVOICE_ITEM) {
        return amount_in_words(other);
    }
    match other.split_once(" (") {
        Some((subscription, price)) => {
            format!("the price {} of the subscription {subscription}", price.trim_end_matches(')'))
        }
        None => format!("the subscription {other}"),
    }
}

fn amount_in_words(other: &str) -> String {
    let mut parts = other.splitn(4, ' ');
    let (id, amount, currency) = (parts.next(), parts.next(), parts.next());
    let minor = amount.and_then(|amount| amount.parse().ok());
    let what = match currency.and_then(Currency::from_code).zip(minor) {
        Some((currency, minor)) => currency.money(minor).to_string(),
        None => format!("the amount {}", id.unwrap_or_default()),
    };
    match parts.next().filter(|description| !description.is_empty()) {
        Some(description) => format!("{what} (“{description}”) on the next invoice"),
        None => format!("{what} on the next invoice"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(description: &str) -> InvoiceItem {
        let (id, currency) = ("ii_1".to_owned(), "eur".to_owned());
        InvoiceItem { id, amount: 5_000, currency, description: description.to_owned(), ..InvoiceItem::default() }
    }

    fn words(item: InvoiceItem) -> Vec<String> {
        foreign_amounts(&[item], |subscription| subscription == "sub_ours").iter().map(|other| in_words(other)).collect()
    }

    #[test]
    fn amounts_of_others_are_said_with_what_they_are_for() {
        assert_eq!(words(item("Help with\n moving in")), ["€50.00 (“Help with moving in”) on the next invoice"]);
        assert_eq!(words(item("")), ["€50.00 on the next invoice"]);
        assert_eq!(
            words(InvoiceItem { currency: "xyz".to_owned(), ..item("Help") }),
            ["the amount ii_1 (“Help”) on the next invoice"]
        );
        let long = words(item(&"ä".repeat(500))).remove(0);
        assert_eq!(long.matches('ä').count(), LONGEST);
        assert_eq!(words(item("evil\u{202E}\u{0}")), ["€50.00 on the next invoice"], "what cannot be shown is left out");
    }

    #[test]
    fn amounts_of_ours_of_other_programs_and_credits_are_none_of_others() {
        assert!(words(InvoiceItem { metadata: [(CHARGE.to_owned(), "1".to_owned())].into(), ..item("Seats") }).is_empty());
        assert!(words(InvoiceItem { amount: -5_000, ..item("Sorry") }).is_empty());
        assert!(words(InvoiceItem { subscription: Some("sub_theirs".to_owned()), ..item("Theirs") }).is_empty());
        assert_eq!(words(InvoiceItem { subscription: Some("sub_ours".to_owned()), ..item("") }).len(), 1);
    }

    #[test]
    fn subscriptions_and_prices_are_said_by_their_ids() {
        assert_eq!(in_words("sub_2"), "the subscription sub_2");
        assert_eq!(in_words("sub_1 (price_9)"), "the price price_9 of the subscription sub_1");
    }
}
