//! A key as the pages know it, one that is to be, and the pure rules about both.

use chrono::TimeDelta;
use diesel::prelude::*;
use ipnet::IpNet;
use uuid::Uuid;

use crate::access::key::{KeyStatus, KeyType};
use crate::clock::Moment;
use crate::db::schema::keys;
use crate::db::types::{KeyName, fold};
use crate::secret::KeyText;

/// How long before its end somebody is told: days.
const REMINDERS: [i64; 3] = [14, 3, 0];

/// When a key ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiration {
    Never,
    Days30,
    Days90,
    Year,
}

impl Expiration {
    pub const ALL: [Expiration; 4] = [Expiration::Never, Expiration::Days30, Expiration::Days90, Expiration::Year];

    /// The value in the form.
    pub const fn key(self) -> &'static str {
        match self {
            Expiration::Never => "never",
            Expiration::Days30 => "30-days",
            Expiration::Days90 => "90-days",
            Expiration::Year => "1-year",
        }
    }

    pub const fn words(self) -> &'static str {
        match self {
            Expiration::Never => "Never",
            Expiration::Days30 => "30 days",
            Expiration::Days90 => "90 days",
            Expiration::Year => "1 year",
        }
    }

    pub fn from_key(key: &str) -> Option<Expiration> {
        Expiration::ALL.into_iter().find(|one| one.key() == key)
    }

    pub fn from(self, now: Moment) -> Option<Moment> {
        let days = match self {
            Expiration::Never => return None,
            Expiration::Days30 => 30,
            Expiration::Days90 => 90,
            Expiration::Year => 365,
        };
        Some(now + TimeDelta::days(days))
    }
}

/// How long the old secret goes on after a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    None,
    Hour,
    Day,
    Week,
}

impl Overlap {
    pub const ALL: [Overlap; 4] = [Overlap::None, Overlap::Hour, Overlap::Day, Overlap::Week];

    /// The value in the form.
    pub const fn key(self) -> &'static str {
        match self {
            Overlap::None => "none",
            Overlap::Hour => "1-hour",
            Overlap::Day => "24-hours",
            Overlap::Week => "7-days",
        }
    }

    pub const fn words(self) -> &'static str {
        match self {
            Overlap::None => "None: it ends at once",
            Overlap::Hour => "1 hour",
            Overlap::Day => "24 hours",
            Overlap::Week => "7 days",
        }
    }

    pub const fn hours(self) -> i64 {
        match self {
            Overlap::None => 0,
            Overlap::Hour => 1,
            Overlap::Day => 24,
            Overlap::Week => 7 * 24,
        }
    }

    pub fn from_key(key: &str) -> Option<Overlap> {
        Overlap::ALL.into_iter().find(|one| one.key() == key)
    }
}

/// A key to be generated, its fields all good.
#[derive(Clone, Debug)]
pub struct NewKey {
    pub name: KeyName,
    pub key_type: KeyType,
    /// Requests a minute and a day; of AI agents, and only of them.
    pub limits: Option<(i32, i32)>,
    pub expiration: Expiration,
    /// Keys of permissions.
    pub abilities: Vec<String>,
    /// Networks that it may be used from; all, where there are none.
    pub networks: Vec<IpNet>,
}

/// The row of a key, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = keys)]
pub struct Key {
    pub id: Uuid,
    pub name: String,
    pub key_type: String,
    pub abilities: Vec<String>,
    pub networks: Vec<String>,
    pub minute_limit: Option<i32>,
    pub day_limit: Option<i32>,
    pub previous_secret_until: Option<Moment>,
    pub rotated_at: Option<Moment>,
    pub status: String,
    pub role_id: Uuid,
    pub owner_member_id: Option<Uuid>,
    pub owner_name: String,
    pub created_by_account_id: Uuid,
    pub created_by: String,
    pub created_at: Moment,
    pub expires_at: Option<Moment>,
    pub ended_at: Option<Moment>,
    pub ended_by: String,
}

impl Key {
    pub fn status(&self, now: Moment) -> KeyStatus {
        KeyStatus::of(&self.status, self.expires_at, now)
    }

    pub fn key_type(&self) -> KeyType {
        KeyType::from_key(&self.key_type).unwrap_or(KeyType::Standard)
    }

    pub fn prefix(&self) -> String {
        KeyText::prefix(self.id)
    }

    /// Whether this is what a form asks for.
    pub fn is(&self, new: &NewKey) -> bool {
        let networks = || new.networks.iter().map(IpNet::to_string);
        self.name == new.name.as_str()
            && self.key_type() == new.key_type
            && self.minute_limit.zip(self.day_limit) == new.limits
            && self.abilities == new.abilities
            && self.networks.iter().cloned().eq(networks())
            && self.expires_at == new.expiration.from(self.created_at)
    }

    /// Until when the secret before the last rotation works, if it still does.
    pub fn old_secret_until(&self, now: Moment) -> Option<Moment> {
        self.previous_secret_until.filter(|until| *until > now)
    }
}

/// For so long a use may be known to the server alone that noted it.
const UNKNOWN_FOR: TimeDelta = TimeDelta::seconds(15);

/// Whether the current secret is one that nobody has used, beside an old one that still works: then it makes way for the next
/// one, so that the one in use is never lost by rotating twice.
pub fn is_spare(key: &Key, last_used_at: Option<Moment>, now: Moment) -> bool {
    let is_settled = key.rotated_at.is_some_and(|at| at < now - UNKNOWN_FOR);
    last_used_at.is_none() && is_settled && key.old_secret_until(now).is_some()
}

/// When a mail about the end of a key is due next, after the one that was due at `sent`.
pub fn next_reminder(expires_at: Option<Moment>, now: Moment) -> Option<Moment> {
    let expires_at = expires_at?;
    let due = REMINDERS.map(|days| expires_at - TimeDelta::days(days));
    due.into_iter().find(|at| *at > now)
}

/// What a search finds a key by: every word of its name, the name from each word on, and its prefix. Folded, sorted, without
/// repeats.
pub fn search_terms(name: &str, id: Uuid) -> Vec<String> {
    let folded = fold(name);
    let mut terms = vec![fold(&KeyText::prefix(id))];
    let mut at_beginning = true;
    for (position, c) in folded.char_indices() {
        let is_sign = !c.is_alphanumeric();
        if at_beginning && !is_sign {
            terms.extend(folded.get(position..).map(str::to_owned));
        }
        at_beginning = is_sign;
    }
    if terms.len() == 1 {
        terms.push(folded);
    }
    terms.sort();
    terms.dedup();
    terms
}

/// A search as it is compared with the terms. Of a whole key that somebody pastes, its prefix.
pub fn searched(text: &str) -> String {
    let text = text.trim();
    let prefix_length = KeyText::prefix(Uuid::nil()).len();
    let shown = match KeyText::parse(text) {
        Some(key) => KeyText::prefix(key.id()),
        None if text.starts_with("oat_") => text.chars().take(prefix_length).collect(),
        None => text.split_whitespace().collect::<Vec<_>>().join(" "),
    };
    fold(&shown).chars().take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_by_words_of_its_name_and_by_its_prefix() {
        let id = Uuid::nil();
        assert_eq!(search_terms("Déploy-prod 2", id), ["2", "deploy-prod 2", "oat_aaaaaaaa", "prod 2"]);
        assert_eq!(searched("  Prod   2 "), "prod 2");
        let text = KeyText::generate(id).reveal();
        assert_eq!(searched(&text), "oat_aaaaaaaa");
        assert_eq!(searched("oat_AAAAAAAAAAAA"), "oat_aaaaaaaa");
    }

    #[test]
    fn reminders_come_two_weeks_before_three_days_before_and_at_the_end() {
        let now = Moment::from_timestamp(1_800_000_000, 0).unwrap();
        let days = |days: i64| TimeDelta::days(days);
        let end = now + days(30);
        let mut due = Vec::new();
        let mut at = now;
        while let Some(next) = next_reminder(Some(end), at) {
            due.push((end - next).num_days());
            at = next;
        }
        assert_eq!(due, REMINDERS);
        assert_eq!(next_reminder(None, now), None);
    }
}
