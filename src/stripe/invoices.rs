//! Invoices: reading them, looking at one before it is made, paying one, and amounts that wait for one.

use super::client::{Stripe, key_of_step};
use super::error::{Answer, StripeError};
use super::inputs::{NewInvoiceItem, Preview};
use super::objects::{Invoice, InvoiceItem, InvoiceLine, InvoicePayment};
use super::params::Params;
use super::subscriptions::with_items;
use uuid::Uuid;

/// How many lines of an invoice, and how many waiting amounts, are read at most.
const LINES: usize = 1000;
/// How many payments of one: usually there is one.
const PAYMENTS: usize = 100;

/// Where a payment that was tried stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentState {
    /// The bank wants its customer to confirm it.
    AtBank,
    /// The bank does not make it, or nobody has confirmed it.
    Refused,
    /// A debit takes days; or Stripe says no more of it.
    OnItsWay,
}

impl Stripe {
    /// A customer's invoices, newest first, `most` at most. Each has its first ten lines.
    pub async fn invoices(&self, customer: &str, most: usize) -> Answer<Vec<Invoice>> {
        self.list(&["invoices"], &Params::new().with("customer", customer), most).await
    }

    /// An invoice.
    pub async fn invoice(&self, id: &str) -> Answer<Invoice> {
        self.get(&["invoices", id], &Params::new()).await
    }

    /// Where the payment of an invoice stands that was tried.
    pub async fn payment_state(&self, invoice: &str) -> Answer<PaymentState> {
        let query = Params::new().with("invoice", invoice).with("expand[]", "data.payment.payment_intent");
        let payments: Vec<InvoicePayment> = self.list(&["invoice_payments"], &query, PAYMENTS).await?;
        let is_any = |status: &str| payments.iter().any(|payment| payment.status == "open" && payment.intent_status == status);
        if is_any("requires_action") {
            return Ok(PaymentState::AtBank);
        }
        let is_refused = is_any("requires_payment_method") && !is_any("processing");
        Ok(if is_refused { PaymentState::Refused } else { PaymentState::OnItsWay })
    }

    /// The lines of an invoice, 1000 at most.
    pub async fn invoice_lines(&self, id: &str) -> Answer<Vec<InvoiceLine>> {
        self.list(&["invoices", id, "lines"], &Params::new(), LINES).await
    }

    /// An invoice with all its lines: Stripe shows the first ten with it.
    pub async fn with_all_lines(&self, invoice: Invoice) -> Answer<Invoice> {
        if !invoice.has_more_lines {
            return Ok(invoice);
        }
        Ok(Invoice { lines: self.invoice_lines(&invoice.id).await?, has_more_lines: false, ..invoice })
    }

    /// The invoice that a change of a subscription would make, or that a new one would begin with, with all its lines. A change
    /// that is not invoiced at once shows in the next renewal's.
    pub async fn preview(&self, of: &Preview) -> Answer<Invoice> {
        let detail = |name: &str| format!("subscription_details[{name}]");
        let params = Params::new().with("customer", &of.customer).with_some("subscription", of.subscription.as_ref());
        let mut params = with_items(params, "subscription_details[items]", &of.items)
            .with_some(&detail("proration_behavior"), of.proration_behavior)
            .with_moment(&detail("proration_date"), of.proration_date)
            .with_some(&detail("trial_end"), of.trial_end_now.then_some("now"));
        if let Some(rates) = &of.default_tax_rates {
            params = params.with_list(&detail("default_tax_rates"), rates);
        }
        // It changes nothing, so any key that is not used yet will do.
        let made = self.post(&["invoices", "create_preview"], &params, &Uuid::new_v4().to_string()).await;
        self.with_all_lines(made.map_err(StripeError::harmless)?).await
    }

    /// Charges an open invoice to a payment method, the default one where none is named, while its customer is at the screen.
    pub async fn pay_invoice(&self, id: &str, method: Option<&str>, key: &str) -> Answer<Invoice> {
        let params = Params::new().with("off_session", false).with_some("payment_method", method);
        self.post(&["invoices", id, "pay"], &params, key).await
    }

    /// Gives an open invoice up: nobody owes it any more. What waited for its payment does not happen.
    pub async fn void_invoice(&self, id: &str, key: &str) -> Answer<Invoice> {
        self.post(&["invoices", id, "void"], &Params::new(), key).await
    }

    /// Adds an amount to the next invoice, or to a draft.
    pub async fn create_invoice_item(&self, item: &NewInvoiceItem, key: &str) -> Answer<InvoiceItem> {
        let mut params = Params::new()
            .with("customer", &item.customer)
            .with_some("subscription", item.subscription.as_ref())
            .with_some("invoice", item.invoice.as_ref())
            .with("amount", item.amount)
            .with("currency", &item.currency)
            .with_filled("description", &item.description)
            .with_moment("period[start]", Some(item.from))
            .with_moment("period[end]", Some(item.to))
            .with_map("metadata", &item.metadata);
        if !item.tax_rates.is_empty() {
            params = params.with_list("tax_rates", &item.tax_rates);
        }
        self.post(&["invoiceitems"], &params, key).await
    }

    /// An amount that waits for an invoice, or stands on one.
    pub async fn invoice_item(&self, id: &str) -> Answer<InvoiceItem> {
        self.get(&["invoiceitems", id], &Params::new()).await
    }

    /// Takes back an amount that waits, or stands on a draft. One that is gone already is no error.
    pub async fn delete_invoice_item(&self, id: &str) -> Answer<()> {
        match self.delete(&["invoiceitems", id], &Params::new()).await {
            Err(StripeError::Missing) => Ok(()),
            outcome => outcome,
        }
    }

    /// The amounts that wait for a customer's next invoice, newest first, 1000 at most.
    pub async fn pending_invoice_items(&self, customer: &str) -> Answer<Vec<InvoiceItem>> {
        let query = Params::new().with("customer", customer).with("pending", true);
        self.list(&["invoiceitems"], &query, LINES).await
    }

    /// Makes an invoice of the amounts that wait, those of a subscription too if one is named, and finalizes it. Stripe
    /// charges it a little later, [`Stripe::pay_invoice`] at once.
    pub async fn invoice_pending_items(&self, customer: &str, subscription: Option<&str>, key: &str) -> Answer<Invoice> {
        let params = Params::new()
            .with("customer", customer)
            .with_some("subscription", subscription)
            .with("pending_invoice_items_behavior", "include")
            .with("auto_advance", true);
        let draft: Invoice = self.post(&["invoices"], &params, &key_of_step(key, "draft")).await?;
        let params = Params::new().with("auto_advance", true);
        self.post(&["invoices", &draft.id, "finalize"], &params, &key_of_step(key, "finalize")).await
    }
}
