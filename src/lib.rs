//! Roster, the organization console. The modules in reading order: each uses only those above it.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

// Foundation.
pub mod clock;
pub mod secret;
pub mod money;
pub mod country;
pub mod stripe;
pub mod config;
pub mod error;
pub mod db;
pub mod web;
pub mod pdf;

// Platform.
pub mod mail;
pub mod audit;
pub mod access;

// Features: the screens are the map.
pub mod activity;
pub mod sessions;
pub mod billing;
pub mod keys;
pub mod members;
pub mod invites;
pub mod roles;
pub mod organizations;
pub mod accounts;
pub mod api;
pub mod mailbox;

// Composition.
pub mod upkeep;
pub mod demo;
pub mod routes;
pub mod app;
