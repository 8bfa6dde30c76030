//! What changes invitations. Everything here holds the organization's lock and first ends what is overdue, so that slots
//! are counted exactly.

mod answer;
mod change;
mod role;
mod send;
mod upkeep;

pub use answer::{JoinRefused, Joined, accept, ask_again, decline, join, note_opened, withdraw_ungiven};
pub use change::{ResendRefused, RevokeRefused, resend, revoke, withdraw};
pub use role::{RoleRefused, change_role, move_role};
pub use send::{NewInvitations, Outcome, SendRefused, Wanted, send};
pub use upkeep::{expire_due_organizations, expire_overdue};
