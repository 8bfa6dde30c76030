//! The double's own tests. [`harness`] asks it without HTTP and compares the shape of every answer with the official fixtures;
//! `network` goes through sockets.

mod billing;
mod cards;
mod changes;
mod checking;
mod exemption;
mod faults;
mod harness;
mod network;
mod pending_drops;
mod pending_updates;
mod phases;
mod reading;
mod receiver;
mod renewals;
mod retries;
mod schedules;
mod shapes;
mod webhooks;
