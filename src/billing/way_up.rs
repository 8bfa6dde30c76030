//! The way to a plan that has what the present one lacks, in words for who reads them: other features know only that something is
//! closed or used up.

use crate::access::policy::{Permission, Standing};
use crate::access::{OrgConn, Organization};
use crate::config::{Feature, Plan};
use crate::error::Result;
use crate::web::words::grouped;

/// How the organization gets what its plan lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayUp {
    /// `change the plan: Team and Business have more slots`, `ask Ann Lee (Owner) to change the plan: Team has more slots`
    pub words: String,
    /// The page with the plans; empty for who may not change the plan, and where no other one has it.
    pub plans: String,
}

/// The way to more member slots.
pub fn to_more_slots(org: &mut OrgConn<'_>, organization: &Organization, reader: Standing) -> Result<WayUp> {
    let has_more = |plan: &Plan| plan.member_slots.is_none_or(|slots| slots > organization.member_limit);
    way(org, organization, reader, (&has_more, "more slots", "more slots"))
}

/// What empties a slot: one, and several of them.
pub const BY_REMOVING: (&str, &str) = ("Remove a member", "Remove members");

/// What is to be done where no slot is free, with the way to more: after a plan with fewer slots more can be in use than there are,
/// and then one member fewer is not enough.
pub fn make_room(organization: &Organization, (one, several): (&str, &str), way: &str) -> String {
    let used = i64::from(organization.active_members) + i64::from(organization.invited_members);
    let limit = i64::from(organization.member_limit);
    if used > limit {
        let (used, limit) = (grouped(used), grouped(limit));
        format!("{used} are in use. {several} or revoke invitations until fewer than {limit} are, or {way}.")
    } else {
        format!("{one}, revoke an invitation, or {way}.")
    }
}

/// The way to what some plans open.
pub fn to_feature(org: &mut OrgConn<'_>, organization: &Organization, reader: Standing, feature: Feature) -> Result<WayUp> {
    way(org, organization, reader, (&|plan: &Plan| plan.opens(feature), "them", "another plan"))
}

/// What is looked for: whether a plan has it, as what it has then, and what only the operator gives otherwise.
type Wanted<'a> = (&'a dyn Fn(&Plan) -> bool, &'a str, &'a str);

fn way(
    org: &mut OrgConn<'_>,
    organization: &Organization,
    reader: Standing,
    (has_it, what, otherwise): Wanted<'_>,
) -> Result<WayUp> {
    let plans = org.plans().clone();
    let own = &plans.of(&organization.plan).key;
    let others = plans.all.iter().filter(|plan| plan.offered && plan.key != *own && has_it(plan));
    let names: Vec<&str> = others.map(|plan| plan.name.as_str()).collect();
    let Some(have) = have(&names) else {
        return Ok(WayUp { words: format!("ask your operator for {otherwise}"), plans: String::new() });
    };
    if reader.permissions.contains(Permission::BillingManage) {
        let plans = format!("/o/{}/billing/plans", organization.slug);
        return Ok(WayUp { words: format!("change the plan: {have} {what}"), plans });
    }
    let people = org.people_with(organization, Permission::BillingManage)?;
    let people: Vec<String> = people.iter().map(|(name, role)| format!("{name} ({role})")).collect();
    Ok(WayUp { words: format!("ask {} to change the plan: {have} {what}", people.join(" or ")), plans: String::new() })
}

/// `Team has`, `Team, Business and Flat have`; none for nobody.
fn have(names: &[&str]) -> Option<String> {
    match names {
        [] => None,
        [one] => Some(format!("{one} has")),
        [first @ .., last] => Some(format!("{} and {last} have", first.join(", "))),
    }
}
