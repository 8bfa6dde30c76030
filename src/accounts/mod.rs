//! Accounts: a person signs up, confirms an address, signs in, forgets a password, changes one. An account belongs to no
//! organization by itself; signing up brings one along unless an invitation does.

mod account;
pub mod actions;
pub mod changes;
pub mod confirm;
pub mod credentials;
pub mod forgot;
pub mod identity;
pub mod invited;
pub mod leave;
pub mod links;
pub mod password;
pub mod profile;
pub mod queries;
pub mod reset;
pub mod sign_in;
pub mod sign_up;
mod sign_up_form;
pub mod start;
mod waiting;

pub use account::AccountRow;
