//! Members: everybody who is in an organization or holds a slot in it. A person who is invited has a row here too, so
//! that one list, one search and one set of slots cover both; joining turns that row into a member.

pub mod actions;
pub mod invited;
pub mod list_query;
pub mod listing;
pub mod member;
pub mod pages;
pub mod queries;
pub mod refusal;
mod search_query;

pub use member::{Member, NewMember, Status};
