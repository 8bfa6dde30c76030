//! The HTTP API: what the pages do for people, for a product's backend and for scripts. Who asks shows an API key; it stands
//! where a member stands, so the same permits judge it and the same actions carry it out. JSON in and out, no cookies,
//! failures as problem documents. The OpenAPI document and the page that people read are made of the handlers themselves.

pub mod activity;
mod answer;
pub mod check;
pub mod docs;
pub mod document;
pub mod invitation_changes;
pub mod invitations;
pub mod invite;
pub mod keys;
pub mod leaked;
pub mod member_changes;
pub mod members;
pub mod organization;
mod page;
pub mod roles;
pub mod stripe_events;
pub mod usage;
pub mod verify;
