//! An event as a page shows it.

use super::queries::EventRow;
use crate::audit;
use crate::clock::Moment;
use crate::web::words::TimeWords;
use chrono::TimeDelta;

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub symbol: &'static str,
    pub actor: String,
    /// The actor's other deeds, or the key's page; empty for who has no account.
    pub actor_href: String,
    pub sentence: String,
    pub time: TimeWords,
}

impl Entry {
    /// `slug` is that of the organization.
    pub fn new(row: &EventRow, slug: &str, now: Moment) -> Entry {
        let event = audit::read(&row.kind, row.data.clone());
        let sentence = event.map(|event| event.sentence());
        Entry {
            symbol: symbol(&row.kind),
            actor: row.actor_name.clone(),
            actor_href: actor_href(row, slug),
            sentence: sentence.unwrap_or_else(|| format!("did something that this version has no words for ({})", row.kind)),
            time: TimeWords::new(row.at, now),
        }
    }
}

/// A person's other deeds, or the page of a key.
fn actor_href(row: &EventRow, slug: &str) -> String {
    match (row.actor_account_id, row.actor_key_id) {
        (Some(id), _) => format!("/o/{slug}/activity?person={id}"),
        (None, Some(id)) => format!("/o/{slug}/keys/{id}"),
        (None, None) => String::new(),
    }
}

/// How kinds begin that are about what is paid and for how much.
const BILLING: [&str; 10] =
    ["member_limit", "plan_", "module_", "invoice_", "payment_", "seats_", "usage_", "billing_", "tax_id_", "credit_"];

fn symbol(kind: &str) -> &'static str {
    match kind {
        "member_role_changed" | "default_role_changed" => "roles",
        _ if kind.starts_with("role_") => "roles",
        _ if kind.starts_with("invitation_") => "invites",
        _ if kind.starts_with("key_") => "keys",
        _ if BILLING.iter().any(|family| kind.starts_with(family)) => "billing",
        _ if kind.starts_with("member_") => "members",
        _ if kind.starts_with("organization_") => "organization",
        _ => "activity",
    }
}

/// The lines of one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    pub label: String,
    pub entries: Vec<Entry>,
}

impl Day {
    /// Groups rows that are in the order of time.
    pub fn group(rows: &[EventRow], slug: &str, now: Moment) -> Vec<Day> {
        let same_day = |a: &EventRow, b: &EventRow| a.at.date_naive() == b.at.date_naive();
        let day = |rows: &[EventRow]| Day {
            label: rows.first().map(|row| label(row.at, now)).unwrap_or_default(),
            entries: rows.iter().map(|row| Entry::new(row, slug, now)).collect(),
        };
        rows.chunk_by(same_day).map(day).collect()
    }
}

/// `Today`, `Yesterday`, `20 November 2026`; days are those of UTC, as the exact times say.
fn label(at: Moment, now: Moment) -> String {
    if at.date_naive() == now.date_naive() {
        "Today".to_owned()
    } else if at.date_naive() == (now - TimeDelta::days(1)).date_naive() {
        "Yesterday".to_owned()
    } else {
        at.format("%-d %B %Y").to_string()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::audit::KINDS;

    fn row(at: Moment, kind: &str, data: serde_json::Value) -> EventRow {
        let actor_name = "Ann Archer".to_owned();
        EventRow {
            id: Uuid::nil(),
            at,
            kind: kind.to_owned(),
            actor_account_id: Some(Uuid::nil()),
            actor_key_id: None,
            actor_name,
            subject_id: None,
            data,
        }
    }

    #[test]
    fn days_are_told_as_people_tell_them() {
        let now = Moment::from_timestamp(1_800_000_000, 0).unwrap();
        let renamed = serde_json::json!({ "from": "Acme", "to": "Apex" });
        let rows = [0, 1, 24, 48].map(|hours| row(now - TimeDelta::hours(hours), "organization_renamed", renamed.clone()));
        let days = Day::group(&rows, "acme", now);
        let labels: Vec<(&str, usize)> = days.iter().map(|day| (day.label.as_str(), day.entries.len())).collect();
        assert_eq!(labels, [("Today", 2), ("Yesterday", 1), ("13 January 2027", 1)]);
        assert_eq!(days[0].entries[0].sentence, "renamed the organization from Acme to Apex");
    }

    #[test]
    fn a_kind_of_a_later_version_still_makes_a_line() {
        let now = Moment::from_timestamp(1_800_000_000, 0).unwrap();
        let entry = Entry::new(&row(now, "key_forged", serde_json::json!({})), "acme", now);
        assert!(entry.sentence.contains("key_forged"), "{}", entry.sentence);
    }

    #[test]
    fn every_kind_has_a_symbol_of_its_own_family() {
        assert!(KINDS.iter().all(|(kind, _)| symbol(kind) != "activity"));
    }
}
