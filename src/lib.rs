//! Roster, the organization console. The modules in reading order: each uses only those above it.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

// Foundation.
pub mod clock;
pub mod secret;
pub mod config;
pub mod error;
pub mod db;
pub mod web;

// Platform.
pub mod mail;
pub mod audit;
pub mod access;

// Features: the screens are the map.
pub mod activity;
pub mod roles;
pub mod members;
pub mod organizations;
pub mod sessions;
pub mod invites;
pub mod accounts;
pub mod mailbox;

// Composition.
pub mod upkeep;
pub mod demo;
pub mod routes;
pub mod app;
