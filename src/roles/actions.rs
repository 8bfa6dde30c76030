//! What changes roles.

use uuid::Uuid;

use super::queries;
use crate::access::OrgTx;
use crate::access::policy::Starter;
use crate::error::{AppError, Result};

/// Gives a new organization its starter roles, with Member as the default. Returns the Owner role's id.
pub fn create_starters(tx: &mut OrgTx<'_>) -> Result<Uuid> {
    let mut owner = None;
    for starter in Starter::ALL {
        let id = queries::insert_starter(tx, starter)?;
        match starter {
            Starter::Owner => owner = Some(id),
            Starter::Member => queries::make_default(tx, id)?,
            _ => {}
        }
    }
    owner.ok_or(AppError::NotFound)
}
