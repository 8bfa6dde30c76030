//! The mailbox of a developer's machine: without SMTP every mail waits in the outbox, and is read here instead.

pub mod pages;
