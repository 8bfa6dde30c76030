//! The section **Needs attention**: keys that somebody should look at, by the reason.

use super::super::queries::{Aside, Reason};
use crate::clock::Moment;
use crate::web::words::relative;

/// Keys of one reason that are shown; one more is read, to know that there are others.
const SHOWN: usize = 5;

/// Keys under one reason.
pub struct Attention {
    pub title: &'static str,
    /// What to do about it.
    pub advice: &'static str,
    pub keys: Vec<Concerned>,
    pub and_more: bool,
}

pub struct Concerned {
    pub name: String,
    pub href: String,
    pub words: String,
}

/// What needs attention, nothing where all is well.
pub fn attention(aside: &[Aside], path: &str, now: Moment) -> Vec<Attention> {
    let of_reason = |reason: Reason| {
        let all: Vec<&Aside> = aside.iter().filter(|row| row.reason() == Some(reason)).collect();
        let (title, advice) = words_of(reason);
        Attention {
            title,
            advice,
            keys: all.iter().take(SHOWN).map(|row| concerned(row, reason, path, now)).collect(),
            and_more: all.len() > SHOWN,
        }
    };
    Reason::ALL.into_iter().map(of_reason).filter(|group| !group.keys.is_empty()).collect()
}

fn words_of(reason: Reason) -> (&'static str, &'static str) {
    match reason {
        Reason::EndsSoon => ("Expires soon", "Generate another one before, and put it in its place."),
        Reason::OwnerGone => {
            ("Creator gone", "It goes on without anybody who answers for it. Revoke it, or put one of your own in its place.")
        }
        Reason::Idle => ("Not used in 90 days", "Pause it for a while, and revoke it when nobody misses it."),
        Reason::AbilitiesUnused => {
            ("Abilities never used", "It may do more than it does. Generate one with less, and put it in its place.")
        }
    }
}

fn concerned(row: &Aside, reason: Reason, path: &str, now: Moment) -> Concerned {
    let at = row.at.map(|at| relative(at, now)).unwrap_or_default();
    let words = match (reason, row.last_used_at) {
        (Reason::EndsSoon, _) => format!("expires {at}"),
        (Reason::OwnerGone, _) => format!("{} has left", row.owner_name),
        (Reason::Idle, None) => format!("never used since it was generated {at}"),
        (Reason::Idle, Some(_)) => format!("last used {at}"),
        (Reason::AbilitiesUnused, _) => format!("never asked for {}", row.unused.join(", ")),
    };
    Concerned { name: row.name.clone(), href: format!("{path}/{}", row.id), words }
}
