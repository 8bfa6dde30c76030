//! The client of Stripe against the double of Stripe, over HTTP.

mod account;
mod changes;
mod payments;
mod scripted;
mod troubles;
