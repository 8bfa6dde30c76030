//! The console in real Chromium: the journeys that need eyes, a keyboard, JavaScript on and off. One file a journey;
//! `chromium` holds the vocabulary, and the rest of the harness is the console tests' own.

mod chromium;
#[expect(dead_code, reason = "the console's tests use the rest")]
#[path = "../console/harness/mod.rs"]
mod harness;

mod billing;
mod invitations;
mod keys;
mod looks;
mod looks_invites;
mod main_job;
mod members;
mod modules;
mod roles;
mod signing_in;
mod switcher;
