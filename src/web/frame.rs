//! The data around a page: sidebar, switcher, navigation, reminder. Display-ready; templates/layout reads these fields.

use std::sync::Arc;

use uuid::Uuid;

use super::assets::Look;
use super::flash::Flash;

/// What every page needs, signed in or not.
pub struct Public {
    pub look: Arc<Look>,
    pub flash: Option<Flash>,
    /// Name of who is signed in, on pages outside every organization.
    pub signed_in_as: Option<String>,
}

impl Public {
    pub fn new(look: Arc<Look>, flash: Option<Flash>) -> Public {
        Public { look, flash, signed_in_as: None }
    }
}

/// The frame of an organization's pages.
pub struct Frame {
    pub look: Arc<Look>,
    pub flash: Option<Flash>,
    pub account_name: String,
    pub initials: String,
    pub color: u8,
    pub organization_name: String,
    pub organization_slug: String,
    pub organization_initials: String,
    pub organization_color: u8,
    pub switcher: Vec<SwitcherItem>,
    /// Whether the list is long enough for a filter.
    pub switcher_filter: bool,
    pub navigation: Vec<NavigationItem>,
    pub reminder: Option<Reminder>,
}

/// One of my organizations.
pub struct SwitcherItem {
    pub name: String,
    pub href: String,
    pub initials: String,
    pub color: u8,
    pub current: bool,
}

/// A screen that my role lets me see.
pub struct NavigationItem {
    pub label: &'static str,
    pub href: String,
    pub icon: &'static str,
    pub current: bool,
}

/// Something to do soon, above every page, with the form that does it.
pub struct Reminder {
    pub message: String,
    /// Where the form is posted to.
    pub action: &'static str,
    pub action_label: &'static str,
}

/// One or two letters that stand for a face.
pub fn initials(name: &str) -> String {
    let mut words = name.split(|c: char| !c.is_alphanumeric()).filter_map(|word| word.chars().next());
    let first = words.next();
    let last = words.next_back();
    let letters: String = [first, last].into_iter().flatten().flat_map(char::to_uppercase).collect();
    if letters.is_empty() { "?".to_owned() } else { letters }
}

/// The colour that goes with an id: 0 to 11.
pub fn color(id: Uuid) -> u8 {
    let sum = id.as_bytes().iter().fold(0_u32, |sum, byte| sum * 31 % 65_521 + u32::from(*byte));
    u8::try_from(sum % 12).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_those_of_the_first_and_the_last_word() {
        assert_eq!(initials("Dana Smith"), "DS");
        assert_eq!(initials("Dana van der Smith"), "DS");
        assert_eq!(initials("dana"), "D");
        assert_eq!(initials("🦊"), "?");
    }
}
