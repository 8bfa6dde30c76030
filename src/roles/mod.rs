//! Roles: a level on the ladder and a set of permissions, of the console and of the product behind it. Every organization
//! starts with copies of the starter roles and makes more. Whoever edits a role changes what all its holders may do, so
//! nobody makes one into more than they are themselves, and a page says beforehand who gains and who loses what.

pub mod actions;
pub mod definition;
pub mod pages;
pub mod queries;
pub mod refusal;
