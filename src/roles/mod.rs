//! Roles are rows of an organization: a level on the ladder and a set of permissions. Every organization starts with
//! copies of the starter roles.

pub mod actions;
pub mod queries;

pub use crate::access::Role;
