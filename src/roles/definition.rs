//! What a role is to be: as a form says it, as a row holds it, and how two of them differ.

use crate::access::catalog::{self, Entry};
use crate::access::policy::{Permission, PermissionSet, Standing, Starter};
use crate::access::{Role, RoleRow};
use crate::config::ProductPermissions;
use crate::db::types::RoleName;

/// A role as somebody wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    pub name: RoleName,
    /// One line, possibly empty.
    pub description: String,
    /// 1 to 99.
    pub level: i16,
    pub permissions: PermissionSet,
}

impl Definition {
    /// What the policy needs to know.
    pub fn standing(&self) -> Standing {
        Standing { level: self.level, permissions: self.permissions }
    }

    /// The same with what a role holds and nobody can tick, since it is closed.
    #[must_use]
    pub fn keeping_closed(self, role: &Role) -> Definition {
        Definition { permissions: self.permissions.and(role.permissions.closed()), ..self }
    }

    /// Whether a role is so already.
    pub fn is(&self, role: &Role, product: &ProductPermissions) -> bool {
        Difference::between(role, self, product).is_empty()
    }
}

/// What a row holds of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub name: String,
    pub description: String,
    pub level: i16,
    pub permissions: Vec<String>,
    pub withheld: Vec<String>,
}

impl Stored {
    /// A starter role as every organization gets it. What the product gives it stands in the product's file, not in the row.
    pub fn of_starter(starter: Starter) -> Stored {
        Stored {
            name: starter.name().to_owned(),
            description: starter.description().to_owned(),
            level: starter.level(),
            permissions: keys(starter.permissions()),
            withheld: Vec::new(),
        }
    }

    /// What becomes of a row, or of nothing. Keys that the product has no longer are kept: with them comes back what they
    /// allowed.
    pub fn of(new: &Definition, before: Option<&RoleRow>, product: &ProductPermissions) -> Stored {
        let (had, withheld_before) = before.map(|row| (row.permissions.as_slice(), row.withheld.as_slice())).unwrap_or_default();
        let starter = before.and_then(|row| Starter::from_key(row.starter.as_deref()?));
        let is_hidden = |key: &&String| catalog::find(product, key).is_none();
        let mut permissions = keys(new.permissions);
        permissions.extend(had.iter().filter(is_hidden).cloned());
        let mut withheld: Vec<String> = withheld_before.iter().filter(is_hidden).cloned().collect();
        for (entry, permission) in catalog::of_product(product).zip(product.all()) {
            let given = starter.is_some_and(|starter| starter.gets(&permission.starters));
            let stored = had.contains(&permission.key);
            match (entry.is_held(new.permissions), given) {
                (true, true) if !stored => {}
                (true, _) => permissions.push(permission.key.clone()),
                (false, true) => withheld.push(permission.key.clone()),
                (false, false) => {}
            }
        }
        Stored {
            name: new.name.as_str().to_owned(),
            description: new.description.clone(),
            level: new.level,
            permissions,
            withheld,
        }
    }
}

/// The keys of the console's permissions in a set.
fn keys(set: PermissionSet) -> Vec<String> {
    set.of_console().map(|permission| Permission::key(permission).to_owned()).collect()
}

/// How an edit changes a role.
#[derive(Clone, Debug)]
pub struct Difference<'a> {
    pub gained: Vec<Entry<'a>>,
    pub lost: Vec<Entry<'a>>,
    /// Before and after, where they differ.
    pub name: Option<(String, String)>,
    pub description: Option<(String, String)>,
    pub level: Option<(i16, i16)>,
}

impl<'a> Difference<'a> {
    pub fn between(before: &Role, after: &Definition, product: &'a ProductPermissions) -> Difference<'a> {
        let only = |some: PermissionSet, others: PermissionSet| -> Vec<Entry<'a>> {
            catalog::all(product).filter(|e| some.contains(e.permission) && !others.contains(e.permission)).collect()
        };
        let texts = |from: &str, to: &str| (from != to).then(|| (from.to_owned(), to.to_owned()));
        Difference {
            gained: only(after.permissions, before.permissions),
            lost: only(before.permissions, after.permissions),
            name: texts(&before.name, after.name.as_str()),
            description: texts(&before.description, &after.description),
            level: (before.level != after.level).then_some((before.level, after.level)),
        }
    }

    pub fn is_empty(&self) -> bool {
        !self.changes_people() && self.name.is_none() && self.description.is_none()
    }

    /// Whether holders of the role may do anything more or less than before.
    pub fn changes_people(&self) -> bool {
        !self.gained.is_empty() || !self.lost.is_empty() || self.level.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::policy::AnyPermission;
    use crate::clock::Moment;
    use uuid::Uuid;

    const FILE: &str = "[[groups]]\nname = 'Data'\n\
        [[groups.permissions]]\nkey = 'data.read'\nsentence = 'Read.'\nroles = ['viewer']\n\
        [[groups.permissions]]\nkey = 'data.write'\nsentence = 'Write.'\n";

    fn row(starter: Option<&str>, permissions: &[&str], withheld: &[&str]) -> RoleRow {
        let texts = |some: &[&str]| some.iter().map(|text| (*text).to_owned()).collect();
        RoleRow {
            id: Uuid::nil(),
            name: "Viewer".to_owned(),
            description: String::new(),
            level: 10,
            starter: starter.map(str::to_owned),
            permissions: texts(permissions),
            withheld: texts(withheld),
            version: 1,
            changed_by: String::new(),
            changed_at: Moment::UNIX_EPOCH,
        }
    }

    /// Saves what a row allows, with some permissions of the product changed, and reads it again.
    fn saved(row: &RoleRow, product: &ProductPermissions, change: impl Fn(&mut PermissionSet)) -> RoleRow {
        let mut permissions = Role::of_row(row.clone(), product).permissions;
        change(&mut permissions);
        let name = RoleName::parse("Viewer").unwrap();
        let stored = Stored::of(&Definition { name, description: String::new(), level: 10, permissions }, Some(row), product);
        assert_eq!(Role::of_row(with(row, &stored), product).permissions, permissions, "{stored:?}");
        with(row, &stored)
    }

    fn with(row: &RoleRow, stored: &Stored) -> RoleRow {
        RoleRow { permissions: stored.permissions.clone(), withheld: stored.withheld.clone(), ..row.clone() }
    }

    fn allows(row: &RoleRow, product: &ProductPermissions) -> Vec<String> {
        let set = Role::of_row(row.clone(), product).permissions;
        catalog::all(product).filter(|entry| set.contains(entry.permission)).map(|entry| entry.key.to_owned()).collect()
    }

    const READ: AnyPermission = AnyPermission::Product(0);
    const WRITE: AnyPermission = AnyPermission::Product(1);

    #[test]
    fn a_starter_role_has_what_the_file_gives_it_until_somebody_takes_it_away() {
        let product = ProductPermissions::parse(FILE).unwrap();
        let fresh = row(Some("viewer"), &["members.view"], &[]);
        assert_eq!(allows(&fresh, &product), ["members.view", "data.read"]);
        assert_eq!(allows(&row(None, &["members.view"], &[]), &product), ["members.view"]);
        let taken = saved(&fresh, &product, |set| *set = PermissionSet::of(&[Permission::MembersView]));
        assert_eq!(
            (allows(&taken, &product), taken.withheld.as_slice()),
            (vec!["members.view".to_owned()], ["data.read".to_owned()].as_slice())
        );
        let back = saved(&taken, &product, |set| set.insert(READ));
        assert_eq!((back.withheld.len(), allows(&back, &product)), (0, vec!["members.view".to_owned(), "data.read".to_owned()]));
    }

    #[test]
    fn what_leaves_the_file_is_hidden_and_comes_back_as_it_was() {
        let (product, nothing) = (ProductPermissions::parse(FILE).unwrap(), ProductPermissions::default());
        let edited = saved(&row(Some("viewer"), &["members.view"], &[]), &product, |set| {
            *set = PermissionSet::of(&[Permission::MembersView]);
            set.insert(WRITE);
        });
        assert_eq!(allows(&edited, &nothing), ["members.view"]);
        let meanwhile = saved(&edited, &nothing, |set| set.insert(Permission::KeysView));
        assert_eq!(allows(&meanwhile, &product), ["members.view", "keys.view", "data.write"]);
    }
}
