//! Roles that pages asked for lately, kept in memory by the version that the organization's row gives them: a page reads
//! that row anyway, and so sees every change at once, whichever server made it.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use uuid::Uuid;

use super::{Role, queries};
use crate::access::OrgConn;
use crate::error::Result;

/// Roles kept at most, about a kilobyte each; past that everything is forgotten and read anew.
const MOST: usize = 20_000;

#[derive(Default)]
struct Known {
    by_version: HashMap<Uuid, Arc<[Role]>>,
    count: usize,
}

static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);

/// All roles as of `version`, highest first.
pub fn all(org: &mut OrgConn<'_>, version: Uuid) -> Result<Arc<[Role]>> {
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(roles) = known().by_version.get(&version) {
        return Ok(Arc::clone(roles));
    }
    let roles: Arc<[Role]> = queries::all(org)?.into();
    let mut known = known();
    if known.count + roles.len() > MOST {
        *known = Known::default();
    }
    known.count += roles.len();
    known.by_version.insert(version, Arc::clone(&roles));
    Ok(roles)
}
