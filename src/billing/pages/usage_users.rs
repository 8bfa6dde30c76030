//! Who used how much of a metered item, as the page of use lists them.

use super::super::queries::usage_days::{Named, UserRow};
use crate::access::{Permit, Right};
use crate::web::words::grouped;

/// A key or a member, those of one kind that are not listed, or nobody in particular.
pub(super) struct UserView {
    pub kind: &'static str,
    pub name: String,
    pub href: String,
    pub quantity: String,
}

/// None for what stands with a key and with a member already.
pub(super) fn user<P: Right>(permit: &Permit<P>, row: &UserRow) -> Option<UserView> {
    let (kind, section, others) = match row.named {
        Named::Key => ("Key", "keys", "All other keys"),
        Named::Member => ("Member", "members", "All other members"),
        Named::Neither => ("", "", "Named neither key nor member"),
        Named::Both => return None,
    };
    let is_there = !row.name.is_empty();
    let nobody = if row.id.is_nil() { others } else { "Somebody who has left" };
    Some(UserView {
        kind,
        name: if is_there { row.name.clone() } else { nobody.to_owned() },
        href: if is_there { permit.path_to(&format!("{section}/{}", row.id)) } else { String::new() },
        quantity: grouped(row.quantity),
    })
}

/// Why the rows come to more than was used.
pub(super) fn both<'a>(mut rows: impl Iterator<Item = &'a UserRow>) -> String {
    let quantity = rows.find(|row| row.named == Named::Both).map(|row| grouped(row.quantity));
    quantity.map(|quantity| format!("{quantity} of it named a key and a member, and stands with both.")).unwrap_or_default()
}
