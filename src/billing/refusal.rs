//! Why a change of billing does not happen, in words for the reader.

use std::borrow::Cow;

use crate::clock::Moment;
use crate::web::words;

/// What stands in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No such plan, or not in this currency and cycle.
    NotOffered,
    /// It is agreed upon with the operator.
    OnRequest,
    /// That is what they have.
    Same { plan: String },
    /// That is what it becomes anyway.
    Planned { plan: String, at: Moment },
    /// An invoice is overdue, or not paid and would be given back.
    PayFirst { number: String },
    /// Nobody can be invoiced yet.
    NoAddress,
    /// Another currency than that of the invoices so far.
    OtherCurrency { code: String },
    /// The price has changed since it was shown.
    Moved,
    /// There is nothing to cancel.
    NotRunning,
    /// Somebody else saved the details in the meantime.
    Stale,
}

impl Refusal {
    pub fn words(&self) -> Cow<'static, str> {
        match self {
            Refusal::NotOffered => "That plan is not offered at this price. Choose one of those on this page.".into(),
            Refusal::OnRequest => "The price of that plan is agreed upon with us. Write to us about it.".into(),
            Refusal::Same { plan } => format!("{plan} is your plan already.").into(),
            Refusal::Planned { plan, at } => {
                format!("The plan becomes {plan} on {} already.", words::day(*at)).into()
            }
            Refusal::PayFirst { number } => format!("The invoice {number} is not paid. Pay it first, then change the plan.").into(),
            Refusal::NoAddress => "Add your billing address first: the invoice goes to it.".into(),
            Refusal::OtherCurrency { code } => format!("Your invoices are in {code}. Choose a price in it.").into(),
            Refusal::Moved => "The price has changed since this page was shown. Look at it again and confirm it then.".into(),
            Refusal::NotRunning => "There is no paid plan to cancel.".into(),
            Refusal::Stale => "Somebody else changed the billing details in the meantime. What they saved stands below; type your changes again.".into(),
        }
    }
}
