//! Who is asking, and what they may do here. `SignedIn` is a person; `Permit<P>` is a person's right `P` in the
//! organization that the address names, and the only way for a handler to that organization's rows. A stranger gets 404,
//! a member without the right 403, from here and nowhere else.

mod actor;
pub mod boxes;
pub mod catalog;
pub mod key;
pub mod limits;
mod page_frame;
mod permission_set;
mod permit;
pub mod policy;
mod queries;
mod right;
mod role;
mod scope;
mod seat;
mod signed_in;
mod starter;

pub use actor::{Actor, ActorKey};
pub use permit::Permit;
pub use queries::{Organization, UNLIMITED_SLOTS};
pub use right::{Right, rights};
pub use role::{Role, RoleRow};
pub use scope::{Basis, OrgConn, OrgTx, count_in, read_as, write_as};
pub use signed_in::{Account, SESSION_ACCOUNT, SignedIn, Visitor};
