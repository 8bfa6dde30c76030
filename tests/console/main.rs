//! The console as its users meet it: a real server on a free port, a database of its own, browsers that submit the forms
//! they see. One file a screen; `harness` holds what they share.

mod accounts;
mod activity;
mod api;
mod api_checks;
mod api_documents;
mod api_limits;
mod api_once;
mod api_requests;
mod api_schema;
mod architecture;
mod bad_input;
mod demo;
mod embedded;
mod harness;
mod health;
mod invitation_page;
mod invitation_races;
mod invites;
mod ladder;
mod members;
mod members_at_scale;
mod mail;
mod organizations;
mod outbox;
mod passwords;
mod permissions;
mod policy;
mod queries;
mod reliability;
mod role_races;
mod roles;
mod routes;
mod sessions;
mod settings;
mod sign_in;
