//! What can happen to an organization's billing, with its sentence.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::billing_words::{cycle_planned, ended, failed, issued, limited, other_charged, seats_added, set_back, tried, warned};
use super::module_event::ModuleEvent;
use crate::clock::Moment;
use crate::web::words;

/// A change of what an organization subscribes to, is invoiced or pays. Amounts are in words, with their currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "data", rename_all = "snake_case")]
pub enum BillingEvent {
    PlanTried {
        from: String,
        to: String,
        until: Moment,
    },
    PlanChanged {
        from: String,
        to: String,
        cycle: String,
    },
    /// It will be another one when the paid period ends.
    PlanChangePlanned {
        from: String,
        to: String,
        at: Moment,
    },
    /// The same plan will be paid by another cycle then.
    PlanCyclePlanned {
        plan: String,
        cycle: String,
        at: Moment,
    },
    /// By the operator, as agreed with them.
    PlanAgreed {
        from: String,
        to: String,
    },
    /// Some days before it does; `then` says what it becomes.
    PlanTrialEnds {
        plan: String,
        at: Moment,
        then: String,
    },
    PlanCancelled {
        plan: String,
        at: Moment,
    },
    PlanResumed {
        plan: String,
    },
    /// At Stripe, while the plan and its cycle stay; `price` such as `€8.00 per member a month`.
    PlanPriceChanged {
        plan: String,
        price: String,
    },
    PlanRenewed {
        plan: String,
        until: Moment,
    },
    /// `unpaid`: since an invoice was not paid.
    PlanEnded {
        plan: String,
        unpaid: bool,
    },
    InvoiceIssued {
        invoice_id: Uuid,
        number: String,
        amount: String,
    },
    InvoicePaid {
        invoice_id: Uuid,
        number: String,
        method: String,
    },
    PaymentOverdue {
        invoice_id: Uuid,
        number: String,
    },
    /// By Stripe; `again`: when it is tried next; `at_bank`: the bank only wants it to be confirmed.
    PaymentFailed {
        invoice_id: Uuid,
        number: String,
        again: Option<Moment>,
        #[serde(default)]
        at_bank: bool,
    },
    /// By somebody here, before the bank made it.
    PaymentGivenUp {
        invoice_id: Uuid,
        number: String,
        amount: String,
    },
    /// At Stripe: nobody owes it any more.
    InvoiceVoided {
        invoice_id: Uuid,
        number: String,
    },
    /// At Stripe, to so much.
    CreditChanged {
        amount: String,
    },
    /// From the invoice way to Stripe.
    CreditMoved {
        amount: String,
    },
    /// The console set back what somebody else had changed at Stripe.
    BillingSetBack {
        what: Vec<String>,
    },
    /// Stripe charges for something that opens nothing here.
    BillingOtherCharged {
        what: Vec<String>,
    },
    PaymentMethodAdded {
        method: String,
    },
    PaymentMethodChosen {
        method: String,
    },
    PaymentMethodRemoved {
        method: String,
    },
    /// `month` is the last one in which it works.
    PaymentMethodExpires {
        method: String,
        month: String,
    },
    SeatsAdded {
        seats: i32,
        amount: String,
    },
    /// `limit` is empty where it was taken away.
    UsageLimitChanged {
        item: String,
        limit: String,
        stops: bool,
    },
    /// So much of a limit is reached; `stops`: the product is told to refuse it until then. Older ones say no more than that.
    UsageWarned {
        item: String,
        percent: i16,
        stops: bool,
        #[serde(default)]
        spent: String,
        #[serde(default)]
        until: Option<Moment>,
    },
    BillingDetailsChanged {
        changed: Vec<String>,
    },
    TaxIdAdded {
        value: String,
    },
    TaxIdRemoved {
        value: String,
    },
    #[serde(untagged)]
    Module(ModuleEvent),
}

impl BillingEvent {
    /// The invoice that it is about.
    pub fn invoice_id(&self) -> Option<Uuid> {
        use BillingEvent::*;
        match self {
            InvoiceIssued { invoice_id, .. }
            | InvoicePaid { invoice_id, .. }
            | PaymentOverdue { invoice_id, .. }
            | InvoiceVoided { invoice_id, .. }
            | PaymentGivenUp { invoice_id, .. }
            | PaymentFailed { invoice_id, .. } => Some(*invoice_id),
            PlanTried { .. }
            | PlanChanged { .. }
            | PlanChangePlanned { .. }
            | PlanCyclePlanned { .. }
            | PlanAgreed { .. }
            | PlanTrialEnds { .. }
            | PlanCancelled { .. }
            | PlanResumed { .. }
            | PlanPriceChanged { .. }
            | PlanRenewed { .. }
            | PlanEnded { .. }
            | CreditChanged { .. }
            | CreditMoved { .. }
            | BillingSetBack { .. }
            | BillingOtherCharged { .. }
            | PaymentMethodAdded { .. }
            | PaymentMethodChosen { .. }
            | PaymentMethodRemoved { .. }
            | PaymentMethodExpires { .. }
            | SeatsAdded { .. }
            | UsageLimitChanged { .. }
            | UsageWarned { .. }
            | BillingDetailsChanged { .. }
            | TaxIdAdded { .. }
            | TaxIdRemoved { .. }
            | Module(_) => None,
        }
    }

    /// What follows the actor's name.
    pub fn sentence(&self) -> String {
        use BillingEvent::*;
        match self {
            PlanTried { from, to, until } => tried(from, to, *until),
            PlanChanged { from, to, cycle } if from == to => format!("pays for the plan {to} by the {cycle} now"),
            PlanChanged { from, to, cycle } => format!("changed the plan from {from} to {to}, paid by the {cycle}"),
            PlanChangePlanned { from, to, at } => {
                format!("planned to change the plan from {from} to {to} on {}", words::day(*at))
            }
            PlanCyclePlanned { plan, cycle, at } => cycle_planned(plan, cycle, *at),
            PlanAgreed { from, to } => format!("changed the plan from {from} to {to}, as agreed"),
            PlanTrialEnds { plan, at, then } => format!("noted that the trial of {plan} ends on {}: {then}", words::day(*at)),
            PlanCancelled { plan, at } => format!("cancelled the plan {plan}: it ends on {}", words::day(*at)),
            PlanResumed { plan } => format!("kept the plan {plan} after all"),
            PlanPriceChanged { plan, price } => format!("noted that the plan {plan} costs {price} now"),
            PlanRenewed { plan, until } => format!("renewed the plan {plan} until {}", words::day(*until)),
            PlanEnded { plan, unpaid } => ended(plan, *unpaid),
            InvoiceIssued { number, amount, .. } => issued(number, amount),
            InvoicePaid { number, method, .. } => format!("noted that the invoice {number} was paid ({method})"),
            PaymentOverdue { number, .. } => format!("reminded of the invoice {number}, which is overdue"),
            PaymentFailed { number, again, at_bank, .. } => failed(number, *again, *at_bank),
            PaymentGivenUp { number, amount, .. } => format!("gave up the payment of the invoice {number} over {amount}"),
            InvoiceVoided { number, .. } => format!("noted that the invoice {number} is void"),
            CreditChanged { amount } => format!("noted that {amount} are to the credit"),
            CreditMoved { amount } => format!("moved the credit of {amount} to Stripe, whose payments take from it"),
            BillingSetBack { what } => set_back(what),
            BillingOtherCharged { what } => other_charged(what),
            PaymentMethodAdded { method } => format!("added the payment method {method}"),
            PaymentMethodChosen { method } => format!("chose {method} to be charged"),
            PaymentMethodRemoved { method } => format!("removed the payment method {method}"),
            PaymentMethodExpires { method, month } => format!("noted that {method} works until {month} at the longest"),
            SeatsAdded { seats, amount } => seats_added(*seats, amount),
            UsageLimitChanged { item, limit, stops } => limited(item, limit, *stops),
            UsageWarned { item, percent, stops, spent, until } => warned(item, *percent, spent, until.filter(|_| *stops), *stops),
            BillingDetailsChanged { changed } => format!("changed the billing details: {}", changed.join(", ")),
            TaxIdAdded { value } => format!("added the tax id {value}"),
            TaxIdRemoved { value } => format!("removed the tax id {value}"),
            Module(event) => event.sentence(),
        }
    }
}
