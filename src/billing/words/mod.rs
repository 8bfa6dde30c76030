//! Plans, prices and invoices in words, for pages and mails.

pub mod content;
pub mod modules;
pub mod owed;
pub mod uninvoiced;

use super::account::Billing;
use super::queries::invoices::{InvoiceRow, OPEN};
use super::quote::{Line, Totals};
use super::subscription::{Status, Subscription, Terms};
use super::vat;
use crate::access::Organization;
use crate::clock::Moment;
use crate::config::{Cycle, Feature, Item, Plan, Plans};
use crate::money::Currency;
use crate::web::words::{TimeWords, count, day, grouped};

/// `€8.00 per member a month`, `€99.00 a year`
pub fn unit_price(terms: &Terms) -> String {
    terms.price()
}

/// `per member a month`, `a year`
pub fn per(terms: &Terms) -> String {
    format!("{}a {}", if terms.is_per_member { "per member " } else { "" }, terms.cycle.key())
}

/// `€56.00 a month for 7 members`
pub fn cycle_price(terms: &Terms, active_members: i32) -> String {
    let money = terms.currency.money(terms.amount(active_members));
    let members = count(i64::from(terms.seats(active_members)), "member", "members");
    let of = if terms.is_per_member { format!(" for {members}") } else { String::new() };
    format!("{money} a {}{of}", terms.cycle.key())
}

/// `10 member slots`, `As many members as you like`
pub fn slots(plan: &Plan) -> String {
    match plan.member_slots {
        Some(slots) => count(i64::from(slots), "member slot", "member slots"),
        None => "As many members as you like".to_owned(),
    }
}

/// What a plan opens besides slots, a line each.
pub fn features(plan: &Plan, plans: &Plans) -> Vec<String> {
    let features = Feature::ALL.into_iter().filter(|feature| plan.opens(*feature)).map(|feature| feature.label().to_owned());
    features.chain(content::activity(plan, plans)).chain(plan.highlights.iter().cloned()).collect()
}

/// Everything on a plan's card, a line each; with so many days of trial.
pub fn offers(plan: &Plan, plans: &Plans, currency: Option<Currency>, trial_days: i64) -> Vec<String> {
    let included = content::included(plan, &plans.items, currency);
    let trial = (trial_days > 0).then(|| format!("{} free to try", count(trial_days, "day", "days")));
    std::iter::once(slots(plan)).chain(features(plan, plans)).chain(included).chain(trial).collect()
}

/// What closes on the way from one plan to another.
pub fn closes(from: &Plan, to: &Plan, items: &[Item], organization: &Organization) -> Vec<String> {
    let used_slots = organization.active_members + organization.invited_members;
    let granted = organization.granted_slots.unwrap_or_default();
    let mut lines = Vec::new();
    if let Some(slots) = to.member_slots.map(|slots| slots.max(granted))
        && from.member_slots.is_none_or(|before| before.max(granted) > slots)
    {
        let shrinks =
            format!("{} instead of {}.", count(i64::from(slots), "member slot", "member slots"), from_slots(from, granted));
        let over = format!(
            " {} are in use: nobody is removed, but nobody can be invited or activated until fewer than {} are.",
            grouped(i64::from(used_slots)),
            grouped(i64::from(slots))
        );
        lines.push(if used_slots > slots { shrinks + &over } else { shrinks });
    }
    let lost = Feature::ALL.into_iter().filter(|feature| from.opens(*feature) && !to.opens(*feature));
    lines.extend(lost.map(|feature| feature.closed().to_owned()));
    lines.extend(content::less(from, to, items));
    lines
}

fn from_slots(plan: &Plan, granted: i32) -> String {
    plan.member_slots.map_or_else(|| "as many as you like".to_owned(), |slots| grouped(i64::from(slots.max(granted))))
}

/// What opens on the way from one plan to another, each with a full stop like what closes.
pub fn opens(from: &Plan, to: &Plan, items: &[Item], organization: &Organization) -> Vec<String> {
    let granted = organization.granted_slots.unwrap_or_default();
    let with_granted = |plan: &Plan| plan.member_slots.map(|slots| slots.max(granted));
    let more = match (with_granted(from), with_granted(to)) {
        (Some(_), None) => true,
        (Some(before), Some(after)) => after > before,
        (None, _) => false,
    };
    let gained = Feature::ALL.into_iter().filter(|feature| to.opens(*feature) && !from.opens(*feature));
    let slots = more.then(|| slots(to));
    let gained = slots.into_iter().chain(gained.map(|feature| feature.label().to_owned()));
    gained.chain(content::more(from, to, items)).map(|line| line + ".").collect()
}

/// Kind of badge and word of a status.
pub fn badge(status: Status) -> (&'static str, &'static str) {
    let kind = match status {
        Status::Trialing => "accent",
        Status::Active => "positive",
        Status::PastDue => "negative",
        Status::Cancelled => "neutral",
    };
    (kind, status.word())
}

/// What happens next, and when.
pub fn what_is_next(current: &Subscription, planned: Option<String>, billing: &Billing, active_members: i32) -> String {
    let at = day(current.period_ends_at);
    let (can_be_invoiced, can_be_charged) = (billing.account.is_complete(), !billing.methods.is_empty());
    if let Some(ends) = billing.ends_at().filter(|_| !current.ends_at_period_end) {
        return format!("Renews on {at}, and ends on {}.", day(ends));
    }
    match (current.status(), planned) {
        _ if current.ends_at_period_end => format!("Cancelled: it ends on {}.", billing.ends_at().map_or(at, day)),
        (_, Some(planned)) => planned,
        (Status::Trialing, None) if current.is_at_stripe() && can_be_charged => {
            format!("The trial ends on {at}. The first payment is made then.")
        }
        (Status::Trialing, None) if current.is_at_stripe() => {
            format!("The trial ends on {at}. Add a payment method before, and it goes on; otherwise it ends then.")
        }
        (Status::Trialing, None) if can_be_invoiced => format!("The trial ends on {at}. The first invoice is issued then."),
        (Status::Trialing, None) => {
            format!("The trial ends on {at}. Add a billing address before, and it goes on; otherwise it ends then.")
        }
        (Status::Active, None) => format!("Renews on {at}{}.", content::for_fewer(current, active_members)),
        (Status::PastDue, None) => {
            let fewer = content::for_fewer(current, active_members);
            format!("Renews on {at} if what is owed is paid{}{fewer}.", if fewer.is_empty() { "" } else { "," })
        }
        (Status::Cancelled, None) => String::new(),
    }
}

/// An amount with its label.
pub struct Amount {
    pub label: String,
    pub amount: String,
    pub is_strong: bool,
}

/// A line of an invoice, ready to be shown.
pub struct ShownLine {
    pub description: String,
    pub period: String,
    pub quantity: String,
    pub unit_price: String,
    pub amount: String,
}

pub fn lines(lines: &[Line], currency: Currency) -> Vec<ShownLine> {
    let shown = |line: &Line| ShownLine {
        description: line.description.clone(),
        period: format!("{} – {}", day(line.from), day(line.to)),
        quantity: grouped(i64::from(line.quantity)),
        unit_price: currency.money(line.unit_amount).to_string(),
        amount: currency.money(line.amount).to_string(),
    };
    lines.iter().map(shown).collect()
}

/// The sums of an invoice, as a page shows them.
pub fn sums(totals: &Totals, currency: Currency) -> Vec<Amount> {
    let amount =
        |label: String, minor: i64, is_strong: bool| Amount { label, amount: currency.money(minor).to_string(), is_strong };
    let gross = totals.gross();
    let mut all = vec![amount("Subtotal".to_owned(), totals.net, false)];
    let vats = totals.vats.iter().filter(|(rate, _)| *rate > 0);
    all.extend(vats.map(|(rate, vat)| amount(vat::label(*rate), *vat, false)));
    if totals.credit_used > 0 {
        all.push(amount("From your credit".to_owned(), -totals.credit_used, false));
    }
    if totals.credit_used < 0 {
        all.push(amount("Owed from before".to_owned(), -totals.credit_used, false));
    }
    if gross < 0 {
        all.push(amount("To your credit".to_owned(), -gross, false));
    }
    all.push(amount("To pay".to_owned(), totals.due, true));
    all
}

/// An invoice in a list.
pub struct ShownInvoice {
    pub number: String,
    pub date: TimeWords,
    pub amount: String,
    /// Kind of badge and word.
    pub status: (&'static str, &'static str),
    /// What is to be known beside the status.
    pub remark: String,
    pub pdf: String,
    /// The form that pays it; empty where there is nothing to pay, or nobody to do so.
    pub pay: String,
}

pub fn invoice(row: &InvoiceRow, path: &str, now: Moment, may_pay: bool) -> ShownInvoice {
    let money = |minor: i64| Currency::from_code(&row.currency).map(|c| c.money(minor).to_string()).unwrap_or_default();
    let is_at_stripe = row.stripe_id.is_some();
    let is_overdue = row.status == "pending" && row.due_at <= now && (!is_at_stripe || row.is_sent());
    let is_open = OPEN.contains(&row.status.as_str());
    ShownInvoice {
        number: row.number.clone(),
        date: TimeWords { relative: day(row.issued_at), ..TimeWords::new(row.issued_at, now) },
        amount: money(row.net.saturating_add(row.vat)),
        status: match row.status.as_str() {
            "paid" => ("positive", "Paid"),
            "failed" => ("negative", "Failed"),
            "void" => ("neutral", "Void"),
            _ if row.is_sent() => ("notice", "Open"),
            _ => ("notice", "Pending"),
        },
        remark: match row.status.as_str() {
            "pending" if is_overdue => format!("Overdue since {}", day(row.due_at)),
            // Tried without having failed: a debit is on its way, or the bank wants to be asked.
            "pending" if is_at_stripe && !row.is_sent() && row.attempts > 0 => "Waits for the bank".to_owned(),
            "pending" if is_at_stripe && !row.is_sent() => "Waits for its payment".to_owned(),
            "pending" => format!("{} due {}", money(row.due), day(row.due_at)),
            "failed" => row.next_attempt_at.map(|at| format!("Tried again on {}", day(at))).unwrap_or_default(),
            _ => String::new(),
        },
        pdf: format!("{path}/invoices/{}.pdf", row.id),
        pay: if may_pay && is_open && is_at_stripe { format!("{path}/invoices/{}/pay", row.id) } else { String::new() },
    }
}

/// The cycle of an address; a month where it names none.
pub fn cycle_of(text: &str) -> Cycle {
    Cycle::from_key(text).unwrap_or(Cycle::Month)
}
