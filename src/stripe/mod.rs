//! The client of Stripe's HTTP API: what the console asks of it, and nothing more. [`Stripe`] sends the requests and tries
//! again where that is safe; `objects` are the answers with the fields that the console reads; `inputs` are what it sends.
//! `signature` and `event` are the other direction: webhooks. The version of the API is pinned, so that an upgrade of the
//! account at Stripe changes nothing here.
//!
//! Amounts are whole minor units (cents), currencies are in lower case as Stripe writes them, and statuses stay text, so that
//! a new word at Stripe breaks nothing.

mod address;
mod attempt;
mod catalog;
mod client;
mod customers;
mod error;
mod event;
mod inputs;
mod invoices;
mod objects;
mod params;
mod payment_methods;
mod schedules;
mod signature;
mod subscriptions;

pub use client::Stripe;
pub use error::{Answer, StripeError};
pub use event::Event;
pub use inputs::*;
pub use invoices::PaymentState;
pub use objects::*;
pub use signature::{SignatureError, verify};
