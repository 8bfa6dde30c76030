//! Invoices and what stands on them.

use super::fields::{Fields, Object};
use crate::clock::Moment;
use crate::stripe::Answer;
use std::collections::HashMap;

/// A bill. Amounts are minor units of its currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invoice {
    /// `in_…`; of a preview `upcoming_in_…`, or empty.
    pub id: String,
    /// Its number, once it is finalized.
    pub number: Option<String>,
    /// `draft`, `open`, `paid`, `void`, `uncollectible`; empty in a preview that has none.
    pub status: String,
    /// In lower case.
    pub currency: String,
    /// The sum of the lines, before tax.
    pub subtotal: i64,
    /// The sum of `taxes`.
    pub tax: i64,
    /// With tax, before the customer's balance.
    pub total: i64,
    /// What is to be paid after the customer's balance.
    pub amount_due: i64,
    /// What was paid.
    pub amount_paid: i64,
    /// What is still to be paid.
    pub amount_remaining: i64,
    /// The customer's balance before it; below zero it is credit.
    pub starting_balance: i64,
    /// The customer's balance after it, once it is finalized.
    pub ending_balance: Option<i64>,
    /// When it was drafted.
    pub created: Moment,
    /// When it got its number.
    pub finalized_at: Option<Moment>,
    /// When it was paid.
    pub paid_at: Option<Moment>,
    /// `charge_automatically`, or `send_invoice`: its customer pays it on Stripe's page.
    pub collection_method: String,
    /// Until when it is to be paid, if it is sent rather than charged.
    pub due_date: Option<Moment>,
    /// When Stripe tries to charge it (again).
    pub next_payment_attempt: Option<Moment>,
    /// Whether a payment was tried.
    pub attempted: bool,
    /// How often.
    pub attempt_count: i64,
    /// Where the PDF is.
    pub invoice_pdf: Option<String>,
    /// Stripe's page to pay it.
    pub hosted_invoice_url: Option<String>,
    /// The id of the subscription that it is for.
    pub subscription: Option<String>,
    /// Why it was made, such as `subscription_cycle`.
    pub billing_reason: String,
    /// The first of its lines.
    pub lines: Vec<InvoiceLine>,
    /// Whether it has more lines than these.
    pub has_more_lines: bool,
    /// Its taxes by rate.
    pub taxes: Vec<InvoiceTax>,
}

impl Invoice {
    /// Whether it is sent rather than charged.
    pub fn is_sent(&self) -> bool {
        self.collection_method == "send_invoice"
    }
}

impl Object for Invoice {
    fn read(fields: Fields<'_>) -> Answer<Self> {
        let taxes: Vec<InvoiceTax> = fields.list("/total_taxes")?;
        Ok(Self {
            id: fields.text("/id")?,
            number: fields.optional_text("/number")?,
            status: fields.text("/status")?,
            currency: fields.text("/currency")?,
            subtotal: fields.number("/subtotal")?,
            tax: taxes.iter().map(|tax| tax.amount).sum(),
            total: fields.number("/total")?,
            amount_due: fields.number("/amount_due")?,
            amount_paid: fields.number("/amount_paid")?,
            amount_remaining: fields.number("/amount_remaining")?,
            starting_balance: fields.number("/starting_balance")?,
            ending_balance: fields.optional_number("/ending_balance")?,
            created: fields.moment("/created")?,
            finalized_at: fields.optional_moment("/status_transitions/finalized_at")?,
            paid_at: fields.optional_moment("/status_transitions/paid_at")?,
            collection_method: fields.text("/collection_method")?,
            due_date: fields.optional_moment("/due_date")?,
            next_payment_attempt: fields.optional_moment("/next_payment_attempt")?,
            attempted: fields.flag("/attempted")?,
            attempt_count: fields.number("/attempt_count")?,
            invoice_pdf: fields.optional_text("/invoice_pdf")?,
            hosted_invoice_url: fields.optional_text("/hosted_invoice_url")?,
            subscription: fields.optional_id("/parent/subscription_details/subscription")?,
            billing_reason: fields.text("/billing_reason")?,
            lines: fields.list("/lines")?,
            has_more_lines: fields.flag("/lines/has_more")?,
            taxes,
        })
    }
}

/// A tax on an invoice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvoiceTax {
    /// The amount that is taxed; 0 where Stripe does not say.
    pub basis: i64,
    /// The tax.
    pub amount: i64,
    /// The id of its rate.
    pub tax_rate: Option<String>,
}

impl Object for InvoiceTax {
    fn read(fields: Fields<'_>) -> Answer<Self> {
        Ok(Self {
            basis: fields.number("/taxable_amount")?,
            amount: fields.number("/amount")?,
            tax_rate: fields.optional_id("/tax_rate_details/tax_rate")?,
        })
    }
}

/// A line of an invoice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvoiceLine {
    /// What it is for.
    pub description: String,
    /// Minor units before tax; below zero it is credit.
    pub amount: i64,
    /// How many.
    pub quantity: Option<i64>,
    /// Minor units for each, if they are whole.
    pub unit_amount: Option<i64>,
    /// When the time that it is for begins.
    pub from: Moment,
    /// When that time ends.
    pub to: Moment,
    /// Whether a change within the period made it.
    pub is_proration: bool,
    /// The id of its price.
    pub price: Option<String>,
}

impl Object for InvoiceLine {
    fn read(fields: Fields<'_>) -> Answer<Self> {
        let decimal = fields.optional_text("/pricing/unit_amount_decimal")?;
        Ok(Self {
            description: fields.text("/description")?,
            amount: fields.number("/amount")?,
            quantity: fields.optional_number("/quantity")?,
            unit_amount: decimal.as_deref().and_then(whole),
            from: fields.moment("/period/start")?,
            to: fields.moment("/period/end")?,
            is_proration: fields.flag("/parent/invoice_item_details/proration")?
                || fields.flag("/parent/subscription_item_details/proration")?,
            price: fields.optional_id("/pricing/price_details/price")?,
        })
    }
}

/// The number that a decimal is, if nothing but zeros follows its point.
fn whole(decimal: &str) -> Option<i64> {
    let (number, rest) = decimal.split_once('.').unwrap_or((decimal, ""));
    rest.bytes().all(|digit| digit == b'0').then(|| number.parse().ok()).flatten()
}

/// An amount that waits for an invoice, or stands on one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvoiceItem {
    /// `ii_…`
    pub id: String,
    /// Minor units before tax; below zero it is credit.
    pub amount: i64,
    /// In lower case.
    pub currency: String,
    /// What it is for.
    pub description: String,
    /// The id of the subscription whose next invoice takes it; else the customer's next one does.
    pub subscription: Option<String>,
    /// The id of the invoice that took it.
    pub invoice: Option<String>,
    /// What the console keeps at it.
    pub metadata: HashMap<String, String>,
}

impl Object for InvoiceItem {
    fn read(fields: Fields<'_>) -> Answer<Self> {
        Ok(Self {
            id: fields.id("/id")?,
            amount: fields.number("/amount")?,
            currency: fields.text("/currency")?,
            description: fields.text("/description")?,
            subscription: fields.optional_id("/parent/subscription_details/subscription")?,
            invoice: fields.optional_id("/invoice")?,
            metadata: fields.map("/metadata")?,
        })
    }
}

/// A payment of an invoice, with its payment intent expanded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvoicePayment {
    /// `open`, `paid`, `canceled`.
    pub status: String,
    /// `requires_action` while the bank wants to be answered, `requires_payment_method` once it has refused; empty where
    /// there is no intent.
    pub intent_status: String,
}

impl Object for InvoicePayment {
    fn read(fields: Fields<'_>) -> Answer<Self> {
        let intent_status = fields.optional_text("/payment/payment_intent/status")?.unwrap_or_default();
        Ok(Self { status: fields.text("/status")?, intent_status })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_unit_amounts_are_amounts() {
        assert_eq!((whole("2000"), whole("2000.00"), whole("-5")), (Some(2000), Some(2000), Some(-5)));
        assert_eq!((whole("0.5"), whole(""), whole("a.0")), (None, None, None));
    }
}
