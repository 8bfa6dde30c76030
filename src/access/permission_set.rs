//! Sets of permissions, those of the console and those of the product behind it, as bits.

use std::fmt;

use super::policy::Permission;
use crate::config::MOST_PRODUCT_PERMISSIONS;
use crate::secret;

/// A permission of the console, or one of the product by its place in `PERMISSIONS_FILE`. One that opens with a module that the
/// organization does not have is held as `Closed`: it allows nothing, and still counts in who gives what to whom, since it
/// comes back with the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AnyPermission {
    Console(Permission),
    Product(usize),
    Closed(usize),
}

impl AnyPermission {
    /// The same in an organization where it is closed.
    pub fn closed(self) -> AnyPermission {
        match self {
            AnyPermission::Product(place) => AnyPermission::Closed(place),
            open => open,
        }
    }
}

impl From<Permission> for AnyPermission {
    fn from(permission: Permission) -> AnyPermission {
        AnyPermission::Console(permission)
    }
}

/// Bits of the console's permissions, in front of those of the product.
const CONSOLE_BITS: usize = 64;
/// Bits of permissions that the product no longer offers, behind them.
const HIDDEN_BITS: usize = 256;
/// Behind them as many as the product has, for those that are closed.
const CLOSED_PLACE: usize = CONSOLE_BITS + MOST_PRODUCT_PERMISSIONS + HIDDEN_BITS;
const WORDS: usize = (CLOSED_PLACE + MOST_PRODUCT_PERMISSIONS) / 64;
/// The last bit of the console's, which is no permission: that of an Owner.
const OWNER_BIT: u64 = 1 << (CONSOLE_BITS - 1);

/// A set of permissions.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct PermissionSet([u64; WORDS]);

impl PermissionSet {
    /// What an Owner holds: all that there are, and all that there will be.
    pub const EVERYTHING: PermissionSet = PermissionSet([u64::MAX; WORDS]);

    /// Whether it is that of an Owner, whatever is closed at the moment.
    pub fn is_everything(self) -> bool {
        self.0.first().is_some_and(|word| word & OWNER_BIT != 0)
    }

    /// The same where some permissions of the product are closed: they allow nothing, and are held all the same.
    #[must_use]
    pub fn closing(mut self, closed: PermissionSet) -> PermissionSet {
        for place in (0..MOST_PRODUCT_PERMISSIONS).map(AnyPermission::Product) {
            if closed.contains(place) && self.contains(place) {
                self.remove(place);
                self.insert(place.closed());
            }
        }
        self
    }

    /// Those in here that are closed.
    #[must_use]
    pub fn closed(mut self) -> PermissionSet {
        self.0.iter_mut().take(CLOSED_PLACE / 64).for_each(|word| *word = 0);
        self
    }

    pub fn of(permissions: &[Permission]) -> PermissionSet {
        permissions.iter().copied().collect()
    }

    pub fn insert(&mut self, permission: impl Into<AnyPermission>) {
        let (word, bit) = place(permission.into());
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    fn remove(&mut self, permission: AnyPermission) {
        let (word, bit) = place(permission);
        if let Some(word) = self.0.get_mut(word) {
            *word &= !bit;
        }
    }

    pub fn contains(self, permission: impl Into<AnyPermission>) -> bool {
        let (word, bit) = place(permission.into());
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    /// Adds a permission that the product no longer offers. It allows nothing, but who does not hold it does not hand it out:
    /// it may come back. The bit is that of a hash, so that two of them may count as one.
    pub fn insert_hidden(&mut self, key: &str) {
        let place = secret::hash(key.as_bytes()).first().map_or(0, |byte| usize::from(*byte));
        self.insert(AnyPermission::Product(MOST_PRODUCT_PERMISSIONS + place));
    }

    /// Adds every permission that the product may ever have had.
    pub fn insert_all_hidden(&mut self) {
        (0..HIDDEN_BITS).for_each(|place| self.insert(AnyPermission::Product(MOST_PRODUCT_PERMISSIONS + place)));
    }

    /// What is in here and not in `other`.
    #[must_use]
    pub fn beyond(mut self, other: PermissionSet) -> PermissionSet {
        self.0.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine &= !theirs);
        self
    }

    /// Those in here that the product no longer offers.
    #[must_use]
    pub fn hidden(mut self) -> PermissionSet {
        let offered = (CONSOLE_BITS + MOST_PRODUCT_PERMISSIONS) / 64;
        self.0.iter_mut().take(offered).for_each(|word| *word = 0);
        self
    }

    /// What is both in here and in `other`.
    #[must_use]
    pub fn within(mut self, other: PermissionSet) -> PermissionSet {
        self.0.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine &= theirs);
        self
    }

    /// What is in here or in `other`.
    #[must_use]
    pub fn and(mut self, other: PermissionSet) -> PermissionSet {
        self.0.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine |= theirs);
        self
    }

    /// Whether everything in `other` is in here.
    pub fn covers(self, other: PermissionSet) -> bool {
        self.0.iter().zip(other.0).all(|(mine, theirs)| theirs & !mine == 0)
    }

    /// The console's permissions in here, in the order of the role editor.
    pub fn of_console(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.into_iter().filter(move |permission| self.contains(*permission))
    }
}

/// Word and bit of a permission.
fn place(permission: AnyPermission) -> (usize, u64) {
    let place = match permission {
        AnyPermission::Console(permission) => permission as usize,
        AnyPermission::Product(place) => CONSOLE_BITS + place,
        AnyPermission::Closed(place) => CLOSED_PLACE + place,
    };
    (place / 64, 1 << (place % 64))
}

impl<P: Into<AnyPermission>> FromIterator<P> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = P>>(permissions: I) -> PermissionSet {
        let mut set = PermissionSet::default();
        permissions.into_iter().for_each(|permission| set.insert(permission));
        set
    }
}

impl fmt::Debug for PermissionSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_product = (0..MOST_PRODUCT_PERMISSIONS).map(AnyPermission::Product).filter(|one| self.contains(*one));
        formatter.debug_set().entries(self.of_console().map(Permission::key)).entries(of_product).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_has_a_bit_of_its_own() {
        let product = (0..MOST_PRODUCT_PERMISSIONS).map(AnyPermission::Product);
        let all: Vec<AnyPermission> = Permission::ALL.into_iter().map(AnyPermission::from).chain(product).collect();
        for one in &all {
            let set: PermissionSet = std::iter::once(*one).collect();
            assert_eq!(all.iter().filter(|other| set.contains(**other)).collect::<Vec<_>>(), [one]);
            assert!(PermissionSet::EVERYTHING.covers(set) && !PermissionSet::default().covers(set) && set.covers(set));
        }
    }

    #[test]
    fn what_is_closed_allows_nothing_and_is_handed_out_only_by_who_holds_it() {
        let product = |places: &[usize]| places.iter().copied().map(AnyPermission::Product).collect::<PermissionSet>();
        let (closed, holder) = (product(&[3, 255]), product(&[3, 4, 255]).closing(product(&[3, 255])));
        assert!(!holder.contains(AnyPermission::Product(3)) && holder.contains(AnyPermission::Product(4)));
        let keeper = product(&[4]).closing(closed);
        assert!(holder.covers(keeper) && !keeper.covers(holder));
        let owner = PermissionSet::EVERYTHING.closing(closed);
        assert!(owner.is_everything() && owner.covers(holder) && !owner.contains(AnyPermission::Product(255)));
        assert!(!holder.is_everything() && !PermissionSet::of(&Permission::ALL).is_everything());
        assert_eq!(holder.closed(), [3, 255].into_iter().map(AnyPermission::Closed).collect());
    }
}
