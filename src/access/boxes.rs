//! The permissions as boxes to tick, for templates/ui/permissions: of a role, or of a key.

use super::catalog;
use super::policy::Standing;
use super::queries::Organization;
use crate::config::ProductPermissions;

/// A group of boxes.
pub struct GroupView {
    /// The id of its fieldset.
    pub id: String,
    pub label: String,
    pub boxes: Vec<BoxView>,
    /// Whether the reader can tick any of them.
    pub any_enabled: bool,
}

pub struct BoxView {
    pub id: String,
    pub key: String,
    pub sentence: String,
    pub checked: bool,
    /// Why the reader cannot tick it; empty where they can.
    pub reason: String,
}

/// All groups, with the boxes of these keys ticked. Nobody hands out what they do not hold, and what opens with a module of the
/// product stays as it is until the organization has that.
pub fn boxes(
    product: &ProductPermissions,
    ticked: &[String],
    (reader, organization): (Standing, &Organization),
) -> Vec<GroupView> {
    const LACKING: &str = "You do not hold this yourself, so you cannot give it.";
    let one = |entry: &catalog::Entry<'_>| BoxView {
        id: format!("permission-{}", entry.key.replace('.', "-")),
        key: entry.key.to_owned(),
        sentence: entry.sentence.to_owned(),
        checked: ticked.iter().any(|key| key == entry.key),
        reason: match entry.closed_in(organization) {
            Some(closed) => closed,
            None if reader.permissions.contains(entry.permission) => String::new(),
            None => LACKING.to_owned(),
        },
    };
    let group = |(number, group): (usize, &catalog::EntryGroup<'_>)| {
        let boxes: Vec<BoxView> = group.entries.iter().map(one).collect();
        GroupView {
            id: format!("group-{number}"),
            label: group.label.to_owned(),
            any_enabled: boxes.iter().any(|one| one.reason.is_empty()),
            boxes,
        }
    };
    catalog::groups(product).iter().enumerate().map(group).collect()
}

/// Keys of what **Select all** of a group ticks: all that the reader may give.
pub fn all_of(product: &ProductPermissions, group: &str, reader: Standing) -> Vec<String> {
    let groups = catalog::groups(product);
    let wanted = groups.iter().filter(|one| one.label == group).flat_map(|one| &one.entries);
    wanted.filter(|entry| reader.permissions.contains(entry.permission)).map(|entry| entry.key.to_owned()).collect()
}
