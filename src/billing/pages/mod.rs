//! The Billing screen.

pub mod cancel;
pub mod change;
pub mod details;
pub mod invoices;
pub mod limit;
pub mod overview;
pub mod plans;
pub mod tax_ids;
pub mod usage;
mod words;
