//! Organizations: a customer with its members, roles and everything else. One comes with every account that did not come
//! by invitation; more are created from the switcher.

pub mod actions;
pub mod new;
pub mod overview;
pub mod queries;
