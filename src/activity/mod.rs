//! The activity log as people read it: one sentence a change, newest first, filtered by person and kind. What is written
//! into it, and how a sentence reads, is in `audit`.

mod entry;
pub mod pages;
pub mod queries;
mod reach;

pub use entry::{Day, Entry};
pub use reach::Reach;
