//! Payment by Stripe. Stripe's objects are the truth: whatever the console does there it then reads back, and its own rows are
//! what it last saw. Forms, events and the daily comparison all end in the same look at everything (`look`), so an event
//! that never came, came twice or came late changes nothing. One organization has one talk with Stripe at a time (`talk`).

mod apply;
mod awaited;
pub mod catalog;
pub mod change;
mod confirm;
mod credit;
mod details;
mod drift;
pub mod events;
pub mod give_up;
mod look;
pub mod methods;
pub mod modules;
mod plan_ahead;
pub mod invoices;
mod items;
mod last_charges;
mod left_open;
mod long_invoices;
pub mod others;
mod preview;
mod push;
mod snapshot;
mod talk;
mod tax;
mod terms;
pub mod worker;

pub use look::{check, put_right};
pub use talk::Acting;
pub use tax::remove_tax_id;
