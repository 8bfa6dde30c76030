//! Who asks by an API key. A key stands where a member stands: it is looked up with every request, so that what was revoked
//! on one server is refused by the next request on every other, and what it may do is its abilities, cut by what its role
//! allows at that moment. Requests that come at the same time share a look-up.

mod desk;
mod known;
mod meter;
mod once;
mod permit;
mod status;
mod uses;

pub use desk::Desk;
pub use known::{KnownKey, Secret, is_proven, standing_now, standing_of};
pub use meter::{Left, Metered, spend};
pub use once::{Answered, Charge, forget_ended};
pub use permit::{KeyPermit, admit};
pub use status::{KeyStatus, KeyType};
pub use uses::{Uses, Writer};

use crate::db::Db;

/// What the API needs to let keys in, shared by all workers of a server.
pub struct Keys {
    pub desk: Desk,
    pub uses: Uses,
}

impl Keys {
    pub fn new(db: &Db) -> Keys {
        Keys { desk: Desk::new(db.clone()), uses: Uses::new(db.clone()) }
    }
}
