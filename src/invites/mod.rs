//! Invitations: an address is asked to join with a role. Links are signed, not stored; the one in the mail proves the
//! mailbox, the one that an admin copies does not. Opening a link binds the invitation to the browser's session, where it
//! waits through sign-up, sign-in, confirmation and reset. While it is pending a row among the members holds its slot.

pub mod actions;
pub mod addresses;
pub mod binding;
pub mod invitation;
pub mod pages;
pub mod queries;
mod reach;
mod situation;
mod story;

pub use invitation::Invitation;
