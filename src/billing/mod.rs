//! Billing: what an organization subscribes to, what that costs and closes, and who is invoiced. The rest of the console knows
//! only the plan's key and the number of member slots in the organization's row; how money comes in is known here alone.

pub mod account;
pub mod actions;
pub mod awaited_change;
pub mod credit;
pub mod dunning;
pub mod giving;
pub mod modules;
mod notices;
pub mod payment_method;
pub mod pages;
pub mod queries;
pub mod quote;
pub mod refusal;
pub mod seat_price;
pub mod seen;
pub mod stripe;
pub mod subscription;
pub mod tax_id;
mod unpaid;
pub mod usage;
pub mod vat;
pub mod way;
pub mod way_up;
mod words;
