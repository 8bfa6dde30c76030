//! API keys: how a product's backend and scripts act for an organization. A member generates one with some of what they may do
//! themselves, sees its secret once, and answers for it; the key stands where they stand, and goes on when they leave, until
//! somebody revokes it. Before one ends, or when nobody needs it any more, the console says so.

pub mod actions;
pub mod key;
pub mod notices;
pub mod pages;
pub mod queries;
pub mod refusal;
pub mod upkeep;

pub use key::{Key, NewKey};
