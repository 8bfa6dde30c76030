//! Why a change of billing does not happen, in words for the reader.

use std::borrow::Cow;

use crate::clock::Moment;
use crate::config::Cycle;
use crate::error::{Result, Stopped};
use crate::stripe::StripeError;
use crate::web::words;

/// What comes of a change that may be refused.
pub type Outcome<T> = Result<T, Stopped<Refusal>>;

pub fn refuse<T>(refusal: Refusal) -> Outcome<T> {
    Err(Stopped::Refused(refusal))
}

/// A refusal apart from failures, for reads that answer with either.
pub fn apart<T>(outcome: Outcome<T>) -> Result<std::result::Result<T, Refusal>> {
    match outcome {
        Ok(done) => Ok(Ok(done)),
        Err(Stopped::Refused(refusal)) => Ok(Err(refusal)),
        Err(Stopped::Failed(error)) => Err(error),
    }
}

/// What stands in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No such plan, or not in this currency and cycle.
    NotOffered,
    /// It is agreed upon with the operator.
    OnRequest,
    /// That is what they have; `can_be_kept`: something else is planned.
    Same { plan: String, can_be_kept: bool },
    /// That is what it becomes anyway; of the same plan the cycle.
    Planned { plan: String, cycle: Option<Cycle>, at: Moment },
    /// An invoice is overdue, or not paid and would be given back.
    PayFirst { number: String },
    /// Stripe just collects an invoice.
    Collected { number: String },
    /// A plan, or a change of it, waits for the bank.
    ConfirmFirst { number: String },
    /// The payment that it waited for has failed.
    PayOrGiveUp { number: String },
    /// Nothing waits for the payment of that invoice.
    NotWaiting { number: String },
    /// That invoice is void.
    NothingToPay { number: String },
    /// Nobody can be invoiced yet.
    NoAddress,
    /// Another currency than that of the invoices so far.
    OtherCurrency { code: String },
    /// The price has changed since it was shown.
    Moved,
    /// The paid period is over, and the next one has not begun yet.
    Renewing,
    /// There is nothing to cancel.
    NotRunning,
    /// No such module, or not beside this plan.
    ModuleNotOffered,
    /// They have that module.
    HasModule { module: String },
    /// They do not have that module beside their plan.
    NoModule,
    /// Somebody else changes the billing right now.
    Busy,
    /// The deployment has no key of Stripe.
    NotSetUp,
    /// Stripe cannot be asked.
    Away,
    /// Stripe was asked to do it, and its answer never came.
    Unsure,
    /// Stripe cannot be asked for the PDF that it has.
    PdfAway,
    /// Stripe does not take it, for a reason that is in the log.
    NotTaken,
    /// Stripe has no price for the plan, or another one.
    NotAtStripe { plan: String },
    /// Nothing can be charged yet.
    NoMethod,
    /// A paid plan needs one.
    LastMethod,
    /// The bank refuses the charge, for a reason that it may give.
    Declined { reason: &'static str },
}

impl Refusal {
    pub fn words(&self) -> Cow<'static, str> {
        match self {
            Refusal::NotOffered => "That plan is not offered at this price. Choose one of those on this page.".into(),
            Refusal::OnRequest => "The price of that plan is agreed upon with us. Write to us about it.".into(),
            Refusal::Same { plan, can_be_kept: false } => format!("{plan} is your plan already.").into(),
            Refusal::Same { plan, can_be_kept: true } => {
                format!("{plan} is your plan already. To drop what is planned instead, choose Keep {plan} on this page.").into()
            }
            Refusal::Planned { plan, cycle: Some(cycle), at } => {
                format!("{plan} is paid by the {} from {} on already.", cycle.key(), words::day(*at)).into()
            }
            Refusal::Planned { plan, cycle: None, at } => {
                format!("The plan becomes {plan} on {} already.", words::day(*at)).into()
            }
            Refusal::PayFirst { number } => format!("The invoice {number} is not paid. Pay it first, then change the plan.").into(),
            Refusal::Collected { number } => format!("The invoice {number} is being collected at the moment. Try again when it is paid.").into(),
            Refusal::ConfirmFirst { number } => format!("The payment of invoice {number} waits for your bank. Confirm it, or give it up; then choose something else.").into(),
            Refusal::PayOrGiveUp { number } => format!("The payment of invoice {number} failed. Pay it, or give it up; then choose something else.").into(),
            Refusal::NotWaiting { number } => format!("Nothing waits for the payment of invoice {number} any more, so nothing was given up.").into(),
            Refusal::NothingToPay { number } => format!("The invoice {number} is void: nothing of it is to be paid.").into(),
            Refusal::NoAddress => "Add your billing address first: the invoice goes to it.".into(),
            Refusal::OtherCurrency { code } => format!("Your invoices are in {code}. Choose a price in it.").into(),
            Refusal::Moved => "The price has changed since this page was shown, or what it is charged to. Look at it again and confirm it then.".into(),
            Refusal::Renewing => "The period is just over, and what follows begins within a minute. Look at this page again then.".into(),
            Refusal::NotRunning => "There is no paid plan to cancel.".into(),
            Refusal::Busy => "Somebody else is changing the billing at this moment. Wait a few seconds, then try again.".into(),
            Refusal::NotSetUp => "Nothing is paid by card here: invoices are paid by transfer.".into(),
            Refusal::Away => "Stripe cannot be reached at the moment, so nothing was changed. Try again in a few minutes.".into(),
            Refusal::PdfAway => "The PDF of this invoice is at Stripe, which does not answer at the moment. Try again in a few minutes.".into(),
            Refusal::Unsure => "Stripe did not answer, so it may have been done or not. This page shows it as soon as Stripe can be asked: look here again before you try again.".into(),
            Refusal::NotTaken => "Stripe did not accept this, so nothing was changed. Try again; if it happens again, write to us.".into(),
            Refusal::NotAtStripe { plan } => format!("{plan} cannot be paid at the moment: its price is being set up. Try again later, or write to us.").into(),
            Refusal::NoMethod => "Add a payment method first: it is charged when the plan begins.".into(),
            Refusal::LastMethod => "This is the only payment method of a paid plan. Add another one first; it can go once the plan has ended.".into(),
            Refusal::Declined { reason } => format!("The payment was declined{reason}. Nothing was changed. Use another payment method, or ask your bank.").into(),
            Refusal::ModuleNotOffered => "That module cannot be added to your plan.".into(),
            Refusal::HasModule { module } => format!("You have the module {module} already.").into(),
            Refusal::NoModule => "You do not have that module beside your plan.".into(),
        }
    }
}

impl From<StripeError> for Stopped<Refusal> {
    fn from(error: StripeError) -> Stopped<Refusal> {
        Stopped::Refused(match error {
            StripeError::Away(_) => Refusal::Away,
            StripeError::Unsure(_) => Refusal::Unsure,
            StripeError::Declined { code, .. } => Refusal::Declined { reason: declined(&code) },
            StripeError::Missing | StripeError::Refused { .. } | StripeError::Malformed(_) => Refusal::NotTaken,
        })
    }
}

/// Why a bank declined, as far as it says so; begins with a comma or colon.
fn declined(code: &str) -> &'static str {
    match code {
        "insufficient_funds" => ": there is not enough money in the account",
        "expired_card" => ": the card has expired",
        "incorrect_cvc" | "incorrect_number" | "incorrect_zip" => ": a detail of the card is not right",
        "lost_card" | "stolen_card" | "pickup_card" => " by the bank",
        "processing_error" => ": the bank could not process it",
        "authentication_required" => ": the bank wants you to confirm it",
        _ => " by the bank",
    }
}
