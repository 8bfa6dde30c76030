//! Accounts: a person signs up, confirms an address, signs in, forgets a password, changes one. An account belongs to no
//! organization by itself; signing up brings one along unless an invitation does.

mod account;
pub mod actions;
mod invited;
pub mod password;
pub mod queries;
pub mod sign_in;
pub mod sign_up;
