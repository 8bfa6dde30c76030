//! Every permission that a role can grant, in the groups of the role editor: the console's own, then those of the product.

use super::policy::{AnyPermission, Group, Permission, PermissionSet};
use super::queries::Organization;
use crate::config::{Opener, ProductPermissions};

/// A permission with its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    pub permission: AnyPermission,
    pub key: &'a str,
    /// What it allows.
    pub sentence: &'a str,
    /// The modules that open it; none where it is always open.
    pub opened_by: &'a [Opener],
}

impl Entry<'_> {
    /// What an organization lacks for it, such as `Opens with the module Reports.`; nothing where it is open.
    pub fn closed_in(&self, organization: &Organization) -> Option<String> {
        let is_closed = is_closed(self.opened_by, organization);
        let names: Vec<&str> = self.opened_by.iter().map(|opener| opener.name.as_str()).collect();
        let modules = if names.len() == 1 { "module" } else { "modules" };
        is_closed.then(|| format!("Opens with the {modules} {}.", names.join(" or ")))
    }

    /// Whether a set holds it, be it open or closed.
    pub fn is_held(&self, set: PermissionSet) -> bool {
        set.contains(self.permission) || set.contains(self.permission.closed())
    }
}

fn is_closed(opened_by: &[Opener], organization: &Organization) -> bool {
    let is_open = |opener: &Opener| opener.is_in(&organization.plan, &organization.modules);
    !opened_by.is_empty() && !opened_by.iter().any(is_open)
}

/// The permissions of the product that no module of an organization opens.
pub fn closed(product: &ProductPermissions, organization: &Organization) -> PermissionSet {
    let closed = of_product(product).filter(|entry| is_closed(entry.opened_by, organization));
    closed.map(|entry| entry.permission).collect()
}

/// Permissions under one heading.
#[derive(Clone, Debug)]
pub struct EntryGroup<'a> {
    pub label: &'a str,
    pub entries: Vec<Entry<'a>>,
}

impl<'a> From<Permission> for Entry<'a> {
    fn from(permission: Permission) -> Entry<'a> {
        Entry { permission: permission.into(), key: permission.key(), sentence: permission.sentence(), opened_by: &[] }
    }
}

/// The groups, each with at least one permission.
pub fn groups(product: &ProductPermissions) -> Vec<EntryGroup<'_>> {
    let of_console = Group::ALL.into_iter().map(|group| EntryGroup {
        label: group.label(),
        entries: Permission::ALL.into_iter().filter(|one| one.group() == group).map(Entry::from).collect(),
    });
    let mut entries = of_product(product);
    let of_product = product
        .groups
        .iter()
        .map(|group| EntryGroup { label: &group.name, entries: entries.by_ref().take(group.permissions.len()).collect() });
    of_console.chain(of_product).filter(|group| !group.entries.is_empty()).collect()
}

/// All permissions, in the order of the groups.
pub fn all(product: &ProductPermissions) -> impl Iterator<Item = Entry<'_>> {
    Permission::ALL.into_iter().map(Entry::from).chain(of_product(product))
}

/// The permissions of the product, in the order of its file.
pub fn of_product(product: &ProductPermissions) -> impl Iterator<Item = Entry<'_>> {
    product.all().enumerate().map(|(place, one)| Entry {
        permission: AnyPermission::Product(place),
        key: &one.key,
        sentence: &one.sentence,
        opened_by: &one.opened_by,
    })
}

/// `reports.read opens with the module Reports. No key gets it before: it is left out below.`, for what no `key` gets.
pub fn closed_words(closed: &[(String, String)], what: &str) -> String {
    let opens = |(key, opens): &(String, String)| format!("{key} {}", opens.replacen("Opens", "opens", 1));
    let each: Vec<String> = closed.iter().map(opens).collect();
    let it_is = if closed.len() == 1 { "it before: it is" } else { "them before: they are" };
    format!("{} No {what} gets {it_is} left out below.", each.join(" "))
}

/// Keys of what `wanted` allows beyond `held`, three at most; `more` where there are others, or what it is where none has a
/// name: what an Owner holds besides, or what the product hides.
pub fn lacking(product: &ProductPermissions, wanted: PermissionSet, held: PermissionSet) -> String {
    const NAMED: usize = 3;
    let beyond = wanted.beyond(held);
    let visible: Vec<&str> = all(product).filter(|entry| entry.is_held(beyond)).map(|entry| entry.key).collect();
    let named = visible.get(..visible.len().min(NAMED)).unwrap_or_default().join(", ");
    match visible.len() {
        0 if wanted.is_everything() => "all that there will ever be, which only an Owner holds".to_owned(),
        0 => "what the product hides at the moment".to_owned(),
        1..=NAMED => named,
        _ => format!("{named} and more"),
    }
}

/// The keys of what a set allows.
pub fn keys_of(product: &ProductPermissions, set: PermissionSet) -> Vec<String> {
    all(product).filter(|entry| set.contains(entry.permission)).map(|entry| entry.key.to_owned()).collect()
}

/// The keys of what a set holds, closed ones among them.
pub fn held_keys_of(product: &ProductPermissions, set: PermissionSet) -> Vec<String> {
    all(product).filter(|entry| entry.is_held(set)).map(|entry| entry.key.to_owned()).collect()
}

/// As `set_of`, each held both open and closed: for what is then judged by a set that says which of them it is.
pub fn reach_of(product: &ProductPermissions, keys: &[String]) -> PermissionSet {
    let set = set_of(product, keys);
    let closed = of_product(product).map(|entry| entry.permission).filter(|permission| set.contains(*permission));
    set.and(closed.map(AnyPermission::closed).collect())
}

/// The set of stored keys, those that the product no longer offers among them.
pub fn set_of(product: &ProductPermissions, keys: &[String]) -> PermissionSet {
    let mut set = PermissionSet::default();
    for key in keys {
        match find(product, key) {
            Some(entry) => set.insert(entry.permission),
            None => set.insert_hidden(key),
        }
    }
    set
}

/// The permission of a key.
pub fn find<'a>(product: &'a ProductPermissions, key: &str) -> Option<Entry<'a>> {
    all(product).find(|entry| entry.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::policy::Starter;
    use crate::config::STARTERS;

    #[test]
    fn a_file_knows_the_starter_roles_and_leaves_the_keys_of_the_console_alone() {
        assert_eq!(STARTERS, Starter::ALL.map(Starter::key));
        for permission in Permission::ALL {
            let first = permission.key().split('.').next().unwrap();
            let file = format!(
                "[[groups]]\nname = 'Things'\n[[groups.permissions]]\nkey = '{first}.own'\nsentence = 'Do it.'\nroles = []"
            );
            assert!(ProductPermissions::parse(&file).unwrap_err().contains("the console's own"), "{first}");
            assert!(ProductPermissions::parse(&file.replace("Things", permission.group().label())).is_err(), "{first}");
        }
    }

    #[test]
    fn whoever_gives_a_starter_role_holds_what_the_file_gives_it() {
        for given in Starter::ALL {
            let keys = [given.key().to_owned()];
            let gets = |starter: Starter| starter.gets(&keys);
            let may_give = |giver: Starter| {
                use crate::access::policy::{may_assign, may_invite_as};
                let is_default = given == Starter::Member;
                may_assign(giver.standing(), given.standing()) || may_invite_as(giver.standing(), given.standing(), is_default)
            };
            let lacking: Vec<Starter> = Starter::ALL.into_iter().filter(|giver| may_give(*giver) && !gets(*giver)).collect();
            assert!(gets(given) && lacking.is_empty(), "{given:?} is given by {lacking:?}");
        }
    }
}
