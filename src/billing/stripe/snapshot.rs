//! Everything that Stripe has about one customer, asked for at one moment.

use std::collections::HashMap;

use super::super::seen::Noted;
use super::catalog::{self, Prices};
use super::confirm::waits_for;
use super::items::plan_item;
use super::others::{foreign_amounts, foreign_items};
use crate::config::Plans;
use crate::stripe::{
    Answer, Customer, Invoice, InvoiceItem, PaymentMethod, PaymentState, Stripe, StripeError, Subscription, TaxId,
};

/// Invoices that are compared, the newest.
const INVOICES: usize = 1_000;
/// Open invoices whose payment is asked for, the newest.
const ASKED_FOR: usize = 10;

/// The id of its organization in the metadata of a subscription.
pub(super) const ORGANIZATION: &str = "roster_organization";

/// What Stripe says.
#[derive(Clone, Debug)]
pub(super) struct Snapshot {
    pub customer: Customer,
    pub methods: Vec<PaymentMethod>,
    /// The one that counts.
    pub subscription: Option<Subscription>,
    /// What else is charged: other subscriptions of the console by their ids, foreign prices in the one that counts, and foreign
    /// amounts on the next invoice. What other programs have for themselves is not its business.
    pub others: Vec<String>,
    /// Numbers of the invoices whose payment begins a subscription, or makes a change of it.
    pub first_invoices: Vec<String>,
    /// Where the payments of open invoices stand that were tried, by the id of the invoice.
    pub payments: HashMap<String, PaymentState>,
    /// Without drafts.
    pub invoices: Vec<Invoice>,
    pub tax_ids: Vec<TaxId>,
    pub pending: Vec<InvoiceItem>,
    /// What the prices of the one that counts stand for, also those of its schedule.
    pub prices: Prices,
}

/// Asks for all of it.
pub(super) async fn take(stripe: &Stripe, customer: &str, known: Option<&str>, plans: &Plans) -> Answer<Snapshot> {
    let found = match stripe.customer(customer).await {
        // Of another account, or of one that was emptied: as good as deleted.
        Err(StripeError::Missing) => Customer { id: customer.to_owned(), deleted: true, ..Customer::default() },
        other => other?,
    };
    if found.deleted {
        return Ok(Snapshot::nobody(found));
    }
    let (methods, subscriptions, invoices, tax_ids, pending) = futures_util::future::try_join5(
        stripe.payment_methods(customer),
        stripe.subscriptions(customer),
        stripe.invoices(customer, INVOICES),
        stripe.tax_ids(customer),
        stripe.pending_invoice_items(customer),
    )
    .await?;
    let subscription = the_one(&subscriptions, known, plans).cloned();
    let is_the_one = |one: &Subscription| subscription.as_ref().is_some_and(|subscription| subscription.id == one.id);
    let is_other = |one: &&Subscription| is_charged(one) && is_of_console(one, plans) && !is_the_one(one);
    let foreign = subscription.iter().flat_map(|subscription| foreign_items(subscription, plans));
    let is_ours = |id: &str| subscriptions.iter().any(|one| one.id == id && is_of_console(one, plans));
    let others = subscriptions.iter().filter(is_other).map(|one| one.id.clone()).chain(foreign);
    let others = others.chain(foreign_amounts(&pending, is_ours)).collect();
    let prices = match &subscription {
        Some(subscription) => catalog::prices_of(stripe, subscription, plans).await?,
        None => Prices::new(),
    };
    let is_issued = |invoice: &Invoice| invoice.status != "draft" && invoice.number.is_some();
    let invoices: Vec<Invoice> = invoices.into_iter().filter(is_issued).map(|one| led(stripe, one)).collect();
    let first_invoices = first_invoices(&subscriptions, &invoices, plans);
    let payments = payments(stripe, &invoices).await?;
    Ok(Snapshot { customer: found, methods, subscription, others, first_invoices, payments, invoices, tax_ids, pending, prices })
}

impl Snapshot {
    fn nobody(customer: Customer) -> Snapshot {
        Snapshot {
            customer,
            methods: Vec::new(),
            subscription: None,
            others: Vec::new(),
            first_invoices: Vec::new(),
            payments: HashMap::new(),
            invoices: Vec::new(),
            tax_ids: Vec::new(),
            pending: Vec::new(),
            prices: Prices::new(),
        }
    }

    /// What is noted of it for the pages; nothing of a customer who is gone.
    pub fn noted(&self) -> Noted {
        if self.customer.deleted {
            return Noted::default();
        }
        let numbers = |which: &dyn Fn(&Invoice) -> bool| -> Vec<String> {
            self.invoices.iter().filter(|one| which(one)).filter_map(|one| one.number.clone()).collect()
        };
        let unpaid = self.subscription.as_ref().filter(|subscription| subscription.status == "unpaid");
        Noted {
            at_bank: numbers(&|one| self.payments.get(&one.id) == Some(&PaymentState::AtBank)),
            uncollectible: Some(numbers(&|one| one.status == "uncollectible")),
            owed: self.customer.balance.max(0),
            unpaid: unpaid.map(|subscription| subscription.id.clone()),
        }
    }

    /// The method that is charged.
    pub fn default_method(&self) -> Option<&PaymentMethod> {
        let default = self.customer.default_payment_method.as_deref()?;
        self.methods.iter().find(|method| method.id == default)
    }
}

/// The subscription that gives the plan: one that runs, and the one that is known before others; else the latest.
fn the_one<'a>(subscriptions: &'a [Subscription], known: Option<&str>, plans: &Plans) -> Option<&'a Subscription> {
    let ours = subscriptions.iter().filter(|one| plan_item(one, plans).is_some());
    ours.max_by_key(|one| (runs(one), known == Some(one.id.as_str()), one.created))
}

/// Whether it was made by the console, or with a price of its plans.
fn is_of_console(subscription: &Subscription, plans: &Plans) -> bool {
    subscription.metadata.contains_key(ORGANIZATION) || plan_item(subscription, plans).is_some()
}

/// Nobody is led to a page that is not Stripe's.
fn led(stripe: &Stripe, invoice: Invoice) -> Invoice {
    let its = |page: Option<String>| page.filter(|page| stripe.is_its_page(page));
    Invoice { hosted_invoice_url: its(invoice.hosted_invoice_url), invoice_pdf: its(invoice.invoice_pdf), ..invoice }
}

/// Of subscriptions that wait for the bank, or whose change does.
fn first_invoices(subscriptions: &[Subscription], invoices: &[Invoice], plans: &Plans) -> Vec<String> {
    let ours: Vec<&Subscription> = subscriptions.iter().filter(|one| is_of_console(one, plans)).collect();
    let is_owed = |invoice: &&Invoice| matches!(invoice.status.as_str(), "open" | "uncollectible");
    let is_waited_for = |invoice: &&Invoice| is_owed(invoice) && ours.iter().any(|one| waits_for(one, invoice));
    invoices.iter().filter(is_waited_for).filter_map(|one| one.number.clone()).collect()
}

/// Of those that were tried; Stripe tells it of each apart.
async fn payments(stripe: &Stripe, invoices: &[Invoice]) -> Answer<HashMap<String, PaymentState>> {
    let mut payments = HashMap::new();
    for invoice in invoices.iter().filter(|one| one.status == "open" && one.attempt_count > 0).take(ASKED_FOR) {
        payments.insert(invoice.id.clone(), stripe.payment_state(&invoice.id).await?);
    }
    Ok(payments)
}

/// Whether Stripe issues invoices for it.
pub(super) fn is_charged(subscription: &Subscription) -> bool {
    runs(subscription) || subscription.status == "unpaid"
}

/// Whether a subscription gives its plan.
pub(super) fn runs(subscription: &Subscription) -> bool {
    matches!(subscription.status.as_str(), "trialing" | "active" | "past_due")
}
