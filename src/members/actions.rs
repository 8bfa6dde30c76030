//! What changes members.

use crate::access::OrgTx;
use crate::error::Stopped;

/// Why somebody could not leave.
#[derive(Clone, Debug)]
pub struct LeaveRefused;

impl LeaveRefused {
    pub fn words(&self) -> String {
        "You are the last Owner. Make somebody else Owner first, then leave.".to_owned()
    }
}

pub fn leave(_tx: &mut OrgTx<'_>) -> Result<(), Stopped<LeaveRefused>> {
    Err(Stopped::Refused(LeaveRefused))
}
