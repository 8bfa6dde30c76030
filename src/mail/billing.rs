//! Mails about billing, to people who may have no seat: invoices with their PDF, reminders, and what was changed.

use uuid::Uuid;

use super::letter::{Attachment, BillingChanged, BillingNotice, Brand, Invoice};
use super::message::{AtStripe, Notice};
use super::queries::OutboxRow;
use super::render::Rendered;
use super::sources::{self, InvoiceSource};
use crate::clock::Moment;
use crate::config::Config;
use crate::db::{Db, Scope};
use crate::error::Result;
use crate::money::Currency;
use crate::pdf::{self, InvoiceDocument};
use crate::web::words;

/// An invoice, with where Stripe shows it, or the reminder of one that is overdue, with when the plan ends for it, and whether it is the last.
pub(super) async fn invoice(
    db: &Db,
    config: &Config,
    brand: Brand,
    (organization_id, invoice_id): (Uuid, Uuid),
    (overdue, at_stripe): (Option<(Option<Moment>, bool)>, AtStripe),
) -> Result<Rendered> {
    let found = db.read(Scope::Organization(organization_id), move |connection| {
        Ok(sources::invoice(connection, organization_id, invoice_id)?)
    });
    let Some(source) = found.await? else { return Ok(Rendered::gone("The invoice is gone.")) };
    let document = source.document.clone().map(InvoiceDocument::stored).transpose()?;
    let title = document.as_ref().map_or("Invoice", |document| document.title.as_str()).to_owned();
    let unwanted = (overdue.is_some() && source.status == "paid").then_some("The invoice is paid.");
    let (slug, number) = (source.slug.clone(), source.number.clone());
    let context = worded(source, (overdue, at_stripe), (title, document.is_some()), (config, brand));
    let mut letter = context.letter(Some(slug))?;
    if let Some(document) = document {
        letter.attachment = Some(attachment(document, &number, config).await?);
    }
    Ok(Rendered::new(letter, unwanted))
}

fn worded(
    source: InvoiceSource,
    (overdue, at_stripe): (Option<(Option<Moment>, bool)>, AtStripe),
    (title, has_document): (String, bool),
    (config, brand): (&Config, Brand),
) -> Invoice {
    let currency = Currency::from_code(&source.currency);
    let money = |minor: i64| currency.map(|currency| currency.money(minor).to_string()).unwrap_or_default();
    let (total, page_label) = (source.net + source.vat, page_label(&source));
    let (collected, collected_label) = told(&source, total, at_stripe.page.is_some());
    Invoice {
        product_name: brand.product_name,
        accent: brand.accent,
        title,
        number: source.number.clone(),
        organization: source.organization,
        total: money(total),
        due: money(source.due),
        due_on: words::day(source.due_at),
        is_at_stripe: !has_document,
        collected,
        collected_label,
        collected_amount: money(if total < 0 { total.saturating_neg() } else { source.due }),
        page: at_stripe.page.filter(|_| !page_label.is_empty()).unwrap_or_default(),
        page_label,
        pdf: at_stripe.pdf.unwrap_or_default(),
        is_open: source.due > 0 && has_document,
        is_overdue: overdue.is_some(),
        is_last: overdue.is_some_and(|(_, is_last)| is_last),
        settled: settled(total),
        from_credit: from_credit(&source.status, (total, source.due)).map(money).unwrap_or_default(),
        stops_on: overdue
            .and_then(|(stops_at, _)| stops_at)
            .filter(|_| source.plan.is_some())
            .map(words::day)
            .unwrap_or_default(),
        plan: source.plan.unwrap_or_default(),
        transfer: config.plans.issuer.how_to_transfer(&source.number),
        link: config.link(&format!("/o/{}/billing", source.slug)),
    }
}

async fn attachment(document: InvoiceDocument, number: &str, config: &Config) -> Result<Attachment> {
    let bytes = pdf::file(document, &config.brand.name).await?;
    Ok(Attachment { name: format!("{number}.pdf"), content_type: "application/pdf", bytes })
}

/// Whether it is open on a page of Stripe until it is due. What Stripe charges is due at once.
fn is_to_be_paid_there(source: &InvoiceSource) -> bool {
    source.document.is_none() && source.status == "pending" && source.due > 0 && source.due_at > source.issued_at
}

/// What its page at Stripe is for, of which a recipient without a seat has no other; empty where there is nothing to do.
fn page_label(source: &InvoiceSource) -> &'static str {
    match source.status.as_str() {
        _ if source.due <= 0 => "",
        "failed" => "Pay it",
        "pending" if is_to_be_paid_there(source) => "Pay it",
        "pending" if source.attempts > 0 => "See it",
        _ => "",
    }
}

fn told(source: &InvoiceSource, total: i64, has_page: bool) -> (String, &'static str) {
    let (words, label) = collected((&source.status, source.attempts), (total, source.due), has_page);
    let sent = || format!("It is to be paid by {}, on a page of Stripe.", words::day(source.due_at));
    (if is_to_be_paid_there(source) { sent() } else { words.to_owned() }, label)
}

/// Stripe puts off what is less than half of the unit of most currencies.
const LEAST: i64 = 50;

/// Why nothing is to be paid.
fn settled(total: i64) -> &'static str {
    match total {
        ..0 => "Nothing is to be paid: it is to your credit, and your next invoices take from it.",
        LEAST.. => "Nothing is to be paid: it was taken from your credit.",
        _ => "Nothing is to be paid.",
    }
}

/// What was taken from their credit, if something was.
fn from_credit(status: &str, (total, due): (i64, i64)) -> Option<i64> {
    (status != "void" && total >= LEAST && due < total).then_some(total - due.max(0))
}

/// What became of an invoice that Stripe collects, and how its amount is called.
fn collected((status, attempts): (&str, i32), (total, due): (i64, i64), has_page: bool) -> (&'static str, &'static str) {
    match status {
        "void" => ("It is void: nothing is to be paid.", ""),
        _ if total < 0 => ("It is a credit, which is taken off your next invoices.", "Credit"),
        _ if due <= 0 => (settled(total), ""),
        "paid" => ("It is paid.", "Paid"),
        "failed" if has_page => ("It is not paid yet. It can be paid on a page of Stripe, or under Billing.", "To pay"),
        "failed" => ("It is not paid yet. Pay it under Billing.", "To pay"),
        // Confirmed at the bank, or on its way for days.
        _ if attempts > 0 && has_page => {
            ("It is not paid yet. What it waits for stands on its page at Stripe, and under Billing.", "To pay")
        }
        _ if attempts > 0 => ("It is not paid yet. What it waits for stands under Billing.", "To pay"),
        _ => ("It is charged to your payment method.", "To pay"),
    }
}

/// Somebody changed something.
pub(super) async fn changed(
    db: &Db,
    config: &Config,
    brand: Brand,
    row: &OutboxRow,
    (organization_id, actor, sentence): (Uuid, String, String),
) -> Result<Rendered> {
    let found =
        db.read(Scope::Organization(organization_id), move |connection| Ok(sources::organization(connection, organization_id)?));
    let Some((organization, slug)) = found.await? else { return Ok(Rendered::gone("The organization is gone.")) };
    let context = BillingChanged {
        product_name: brand.product_name,
        accent: brand.accent,
        link: config.link(&format!("/o/{slug}/billing")),
        at: words::exact(row.created_at),
        organization,
        actor,
        sentence,
    };
    Ok(Rendered::new(context.letter(Some(slug))?, None))
}

/// What the console has to say by itself.
pub(super) async fn notice(db: &Db, config: &Config, brand: Brand, organization_id: Uuid, notice: Notice) -> Result<Rendered> {
    let found =
        db.read(Scope::Organization(organization_id), move |connection| Ok(sources::organization(connection, organization_id)?));
    let Some((organization, slug)) = found.await? else { return Ok(Rendered::gone("The organization is gone.")) };
    let context = BillingNotice {
        product_name: brand.product_name,
        accent: brand.accent,
        link: config.link(&format!("/o/{slug}/{}", notice.page)),
        organization,
        notice,
    };
    Ok(Rendered::new(context.letter(Some(slug))?, None))
}

#[cfg(test)]
mod tests {
    use super::{collected, from_credit};

    #[test]
    fn what_is_said_of_an_invoice_at_stripe_is_true() {
        let label = |status: &str, total: i64, due: i64| collected((status, 1), (total, due), false).1;
        assert_eq!(
            (label("paid", 952, 952), label("failed", 952, 952), label("pending", 952, 952)),
            ("Paid", "To pay", "To pay")
        );
        assert_eq!(label("paid", -2_856, 0), "Credit");
        assert_eq!((label("paid", 0, 0), label("void", 952, 952)), ("", ""), "a trial, or one that is void");
        let words = |attempts: i32| collected(("pending", attempts), (952, 952), false).0;
        assert!(words(0).starts_with("It is charged") && words(1).starts_with("It is not paid yet."), "it waits for the bank");
        assert_eq!(collected(("paid", 1), (952, 0), false).0, "Nothing is to be paid: it was taken from your credit.");
        assert_eq!(collected(("paid", 0), (0, 0), false).0, "Nothing is to be paid.", "a trial");
        assert_eq!((from_credit("paid", (952, 0)), from_credit("paid", (952, 900))), (Some(952), Some(52)));
        let none = [("paid", (952, 952)), ("paid", (-50, 0)), ("void", (952, 0)), ("pending", (952, 1_500)), ("paid", (0, 0))];
        assert!(none.into_iter().all(|(status, sums)| from_credit(status, sums).is_none()), "debts are added, not taken");
    }
}
