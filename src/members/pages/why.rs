//! **Why can Dana do this?** Every permission of the product, granted to a member or not, with the reason.

use crate::access::catalog::{self, Entry};
use crate::access::{Organization, Role};
use crate::clock::Moment;
use crate::config::ProductPermissions;
use crate::members::Member;
use crate::web::words::day;

/// Roles that a reason names.
const NAMED: usize = 10;

/// Permissions under one heading.
pub(super) struct WhyGroup {
    pub label: String,
    pub lines: Vec<WhyLine>,
}

pub(super) struct WhyLine {
    pub key: String,
    pub sentence: String,
    pub held: bool,
    pub reason: String,
}

/// All permissions, in the groups of the role editor.
pub(super) fn why(
    member: &Member,
    role: &Role,
    (roles, organization): (&[Role], &Organization),
    product: &ProductPermissions,
) -> Vec<WhyGroup> {
    let given = from_role(&role.name, member.role_since, &member.role_given_by);
    let line = |entry: &Entry<'_>| {
        let held = role.permissions.contains(entry.permission);
        let reason = match entry.closed_in(organization) {
            Some(closed) => closed_words(entry, role, &closed),
            None if held => given.clone(),
            None => would_need(entry, roles),
        };
        WhyLine { key: entry.key.to_owned(), sentence: entry.sentence.to_owned(), held, reason }
    };
    let groups = catalog::groups(product).into_iter();
    groups.map(|group| WhyGroup { label: group.label.to_owned(), lines: group.entries.iter().map(line).collect() }).collect()
}

/// `role Writer has it; opens with the module Reports`
fn closed_words(entry: &Entry<'_>, role: &Role, closed: &str) -> String {
    let opens = closed.trim_end_matches('.').replacen("Opens", "opens", 1);
    if entry.is_held(role.permissions) { format!("role {} has it; {opens}", role.name) } else { opens }
}

/// `from role Manager since 22 November 2026, by Ann Lee`
pub(super) fn from_role(role: &str, since: Moment, by: &str) -> String {
    let by = if by.is_empty() { String::new() } else { format!(", by {by}") };
    format!("from role {role} since {}{by}", day(since))
}

/// `would need role Owner, Admin or Co-Admin`: the lowest roles come first, as the nearest.
fn would_need(entry: &Entry<'_>, roles: &[Role]) -> String {
    let having: Vec<&str> =
        roles.iter().rev().filter(|role| role.permissions.contains(entry.permission)).map(|role| role.name.as_str()).collect();
    let (named, rest) = having.split_at(having.len().min(NAMED));
    let mut words: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
    if !rest.is_empty() {
        words.push(format!("{} more", rest.len()));
    }
    match words.split_last() {
        None => "no role allows it yet".to_owned(),
        Some((only, [])) => format!("would need role {only}"),
        Some((last, others)) => format!("would need role {} or {last}", others.join(", ")),
    }
}
