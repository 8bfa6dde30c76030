//! What Stripe answers, with the fields that the console reads. Fields that Stripe adds later are ignored, and what it may
//! leave out is optional, 0, or empty.

mod billed;
mod catalog;
mod customer;
mod fields;
mod schedule;
mod subscription;

pub use billed::{Invoice, InvoiceItem, InvoiceLine, InvoicePayment, InvoiceTax};
pub use catalog::{Price, Product, TaxRate};
pub use customer::{BalanceTransaction, CheckoutSession, Customer, PaymentMethod, TaxId};
pub(super) use fields::{Fields, Object};
pub use schedule::{NextPhase, NextPrice};
pub(super) use schedule::{Schedule, SchedulePhase};
pub use subscription::{Subscription, SubscriptionItem};
