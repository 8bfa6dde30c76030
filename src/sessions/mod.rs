//! Sessions: a browser that is signed in, or that carries an invitation on its way there. They live in Postgres, so that
//! ending one ends it everywhere at once; the cookie holds a random key of which only the hash is stored.

pub mod actions;
pub mod cookie;
pub mod effect;
pub mod pages;
pub mod queries;
mod store;

pub use store::Store;
