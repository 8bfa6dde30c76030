//! A member, and the pure rules about one: the order of the list and the words by which they are found.

use diesel::prelude::*;
use uuid::Uuid;

use crate::clock::Moment;
use crate::db::schema::members;
use crate::db::types::fold;

/// Where a member stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Active,
    /// Keeps the row, loses all access and the slot.
    Inactive,
    /// Holds a slot until the invitation ends.
    Invited,
}

impl Status {
    pub const ALL: [Status; 3] = [Status::Active, Status::Inactive, Status::Invited];

    /// The name in the database and in addresses.
    pub const fn key(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::Inactive => "inactive",
            Status::Invited => "invited",
        }
    }

    pub const fn word(self) -> &'static str {
        match self {
            Status::Active => "Active",
            Status::Inactive => "Inactive",
            Status::Invited => "Invited",
        }
    }

    pub fn from_key(key: &str) -> Option<Status> {
        Status::ALL.into_iter().find(|status| status.key() == key)
    }
}

/// The row of a member.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = members)]
pub struct Member {
    pub id: Uuid,
    /// None while invited.
    pub account_id: Option<Uuid>,
    pub email: String,
    /// Empty while no name is known.
    pub name: String,
    pub name_key: String,
    pub role_id: Uuid,
    pub status: String,
    pub invitation_id: Option<Uuid>,
    pub invitation_expires_at: Option<Moment>,
    pub invited_by: String,
    pub joined_at: Option<Moment>,
    pub last_sign_in_at: Option<Moment>,
    pub role_since: Moment,
    pub role_given_by: String,
    pub version: i32,
}

impl Member {
    /// The name, or the address where none is known.
    pub fn display_name(&self) -> &str {
        if self.name.is_empty() { &self.email } else { &self.name }
    }

    pub fn status(&self) -> Status {
        Status::from_key(&self.status).unwrap_or(Status::Inactive)
    }
}

/// A row to be inserted: with an account it is an active member, without one an invited person.
#[derive(Clone, Debug)]
pub struct NewMember {
    pub id: Uuid,
    pub account_id: Option<Uuid>,
    pub email: String,
    pub name: String,
    pub role_id: Uuid,
    /// The invitation and when it ends, for an invited person.
    pub invitation: Option<(Uuid, Moment)>,
    /// Who let them in, by name; empty for a founder.
    pub invited_by: String,
}

/// The list's order: by name, or by address where no name is known.
pub fn name_key(name: &str, email: &str) -> String {
    fold(if name.is_empty() { email } else { name })
}

/// What a search finds a member by: every word of the name, and the address from the beginning of each of its parts
/// (`dana.smith@mail.example.com`, `smith@mail.example.com`, `mail.example.com`, …). Folded, sorted, without repeats.
pub fn search_terms(name: &str, email: &str) -> Vec<String> {
    let folded = fold(name);
    let parts = folded.split(|c: char| c.is_whitespace() || c == '-').map(trimmed);
    let mut terms: Vec<String> = parts.filter(|word| !word.is_empty()).map(str::to_owned).collect();
    terms.extend(folded.split_whitespace().map(trimmed).map(str::to_owned));
    let mut at_beginning = true;
    for (position, c) in email.char_indices() {
        if at_beginning && !is_sign(c) {
            terms.extend(email.get(position..).map(str::to_owned));
        }
        at_beginning = is_sign(c);
    }
    for term in &mut terms {
        *term = term.chars().take(LONGEST_TERM).collect();
    }
    terms.sort();
    terms.dedup();
    terms
}

/// The words of a search: a member is found by it who has, for each of them, a term that begins with it. The longest
/// first, since it finds the fewest; no more than nine.
pub fn searched_words(search: &str) -> Vec<String> {
    let folded = fold(search);
    let short = |word: &str| trimmed(word).chars().take(LONGEST_TERM).collect::<String>();
    let mut words: Vec<String> = folded.split_whitespace().map(short).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    words.dedup();
    words.truncate(9);
    words
}

/// Characters of a term that are kept: the index takes no much longer ones, and nobody types them.
const LONGEST_TERM: usize = 100;

fn is_sign(c: char) -> bool {
    !c.is_alphanumeric()
}

/// A word without the signs around it, if there is more to it than signs.
fn trimmed(word: &str) -> &str {
    let inner = word.trim_matches(is_sign);
    if inner.is_empty() { word } else { inner }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_found_by_words_of_the_name_and_parts_of_the_address() {
        let terms = search_terms("Dana O'Neil-Müller", "d.smith@mail.example.com");
        let expected = [
            "com",
            "d.smith@mail.example.com",
            "dana",
            "example.com",
            "mail.example.com",
            "muller",
            "o'neil",
            "o'neil-muller",
            "smith@mail.example.com",
        ];
        assert_eq!(terms, expected);
    }

    #[test]
    fn a_search_is_taken_apart_as_names_are() {
        assert_eq!(searched_words(" Ann  \"MÜLLER,\" 🦊"), ["muller", "ann", "🦊"]);
        assert_eq!(searched_words("d.smith@mail.ex"), ["d.smith@mail.ex"]);
        assert!(search_terms("🦊 Fox", "f@x.example").contains(&"🦊".to_owned()));
        assert_eq!(searched_words("  "), Vec::<String>::new());
        assert_eq!(searched_words(&"x ".repeat(10_000)), ["x"]);
    }

    #[test]
    fn who_has_no_name_is_sorted_by_address() {
        assert_eq!(name_key("", "zoe@example.com"), "zoe@example.com");
        assert_eq!(name_key("Élodie", "x@example.com"), "elodie");
    }
}
