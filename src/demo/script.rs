//! What happens in the demo, and when.

use chrono::TimeDelta;

use super::cast::{GUESTS, ORGANIZATIONS, Organization, address_of};
use super::keys::{self, KeyDeed};
use crate::access::key::Secret;
use crate::access::policy::Permission::{self, MembersAssignRole, MembersInvite, MembersView, RolesView};
use crate::access::policy::Starter;

/// An address that no mail server takes.
pub(super) const REFUSED: &str = "r.delgdo@example.com";

/// People by name, strangers by address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Found,
    Confirm {
        name: &'static str,
    },
    SetLimit {
        members: i32,
    },
    Invite {
        by: &'static str,
        email: String,
        role: Starter,
    },
    Resend {
        by: &'static str,
        email: &'static str,
    },
    Revoke {
        by: &'static str,
        email: &'static str,
    },
    Decline {
        email: &'static str,
    },
    AskAgain {
        email: &'static str,
    },
    Join {
        name: &'static str,
    },
    ChangeRole {
        by: &'static str,
        name: &'static str,
        role: &'static str,
    },
    /// Creates a role, or makes it what it says here.
    SetRole {
        by: &'static str,
        role: CustomRole,
    },
    Deactivate {
        by: &'static str,
        name: &'static str,
    },
    Activate {
        by: &'static str,
        name: &'static str,
    },
    Remove {
        by: &'static str,
        name: &'static str,
    },
    Leave {
        name: &'static str,
    },
    SignIn {
        name: &'static str,
    },
    /// What somebody does to a key.
    Key {
        by: &'static str,
        key: &'static str,
        deed: KeyDeed,
    },
    /// A script or an agent uses a key.
    UseKey {
        key: &'static str,
        secret: Secret,
        from: [u8; 4],
        ability: &'static str,
    },
}

/// A role that the demo's people made themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CustomRole {
    pub name: &'static str,
    pub description: &'static str,
    pub level: i16,
    pub permissions: &'static [Permission],
}

/// An act and how long ago it happened, in the organization with that number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scene {
    pub ago: TimeDelta,
    pub organization: usize,
    pub act: Act,
}

/// Days since each organization was founded.
const FOUNDED: [i64; 3] = [47, 36, 19];
/// By then everybody has been invited.
const SETTLED: i64 = 8;

/// The whole play, in the order of time.
pub(super) fn scenes() -> Vec<Scene> {
    let mut scenes = Vec::new();
    for (number, organization) in ORGANIZATIONS.iter().enumerate() {
        let founded = TimeDelta::days(FOUNDED.get(number).copied().unwrap_or(SETTLED + 1));
        arrivals(&mut scenes, number, organization, founded);
    }
    for (position, (name, organization, role)) in (0_i64..).zip(GUESTS) {
        let by = founder(organization);
        let ago = TimeDelta::hours(7 * 24 - 30 * position);
        scenes.push(Scene { ago, organization, act: Act::Invite { by, email: address_of(name), role } });
        scenes.push(Scene { ago: ago - TimeDelta::hours(3), organization, act: Act::Join { name } });
    }
    scenes.extend(incidents());
    scenes.extend(incidents_elsewhere());
    scenes.extend(keys::scenes());
    // Stable: what happens at the same moment stays in order.
    scenes.sort_by_key(|scene| std::cmp::Reverse(scene.ago));
    scenes
}

fn founder(organization: usize) -> &'static str {
    ORGANIZATIONS.get(organization).and_then(|organization| organization.people.first()).map_or("", |(name, _)| name)
}

/// The founder begins, the others are invited one after the other, join within two days and sign in now and then.
fn arrivals(scenes: &mut Vec<Scene>, number: usize, organization: &Organization, founded: TimeDelta) {
    let mut add = |ago: TimeDelta, act: Act| scenes.push(Scene { ago, organization: number, act });
    add(founded, Act::Found);
    add(founded - TimeDelta::minutes(6), Act::Confirm { name: founder(number) });
    if organization.member_limit != 10 {
        add(founded - TimeDelta::hours(5), Act::SetLimit { members: organization.member_limit });
    }
    let every = (founded - TimeDelta::days(SETTLED)) / i32::try_from(organization.people.len()).unwrap_or(1);
    for (position, (name, role)) in (0_i32..).zip(organization.people.iter().copied()) {
        let invited = founded - every * position - TimeDelta::minutes(i64::from(position) * 17 % 60);
        if position > 0 {
            let by = inviter(organization, usize::try_from(position).unwrap_or_default(), role);
            add(invited, Act::Invite { by, email: address_of(name), role });
            add(invited - TimeDelta::minutes(20 + i64::from(position) * 211 % 2_400), Act::Join { name });
        }
        let last = TimeDelta::minutes(25 + i64::from(position) * i64::from(position) * 83 % (6 * 24 * 60));
        add(last + if is_inactive(name) { TimeDelta::days(SETTLED - 2) } else { TimeDelta::zero() }, Act::SignIn { name });
    }
}

/// Somebody who has been there for a while and may invite with that role.
fn inviter(organization: &Organization, position: usize, role: Starter) -> &'static str {
    let may = |held: Starter| match held {
        Starter::Owner | Starter::Admin => true,
        Starter::CoAdmin | Starter::Manager => role == Starter::Member,
        _ => false,
    };
    let present = organization.people.iter().take((position / 3).max(1)).filter(|(_, held)| may(*held));
    let present: Vec<&'static str> = present.map(|(name, _)| *name).collect();
    present.get(position * 7 % present.len().max(1)).copied().unwrap_or_default()
}

fn is_inactive(name: &str) -> bool {
    ["Piotr Nowak", "Siddharth Rao", "Camila Duarte", "Tala Reyes", "Sunil Perera", "Diego Salazar"].contains(&name)
}

/// What does not go by the plan.
fn incidents() -> Vec<Scene> {
    let (ingrid, tomas) = ("Ingrid Halvorsen", "Tomás Echeverría");
    vec![
        scene(33, 2, 0, invite(ingrid, "oscar.lund@example.com", Starter::Member)),
        scene(31, 5, 0, invite(tomas, "bea.castellano@example.com", Starter::Writer)),
        scene(28, 1, 0, invite(ingrid, "h.whitfield@example.com", Starter::Manager)),
        scene(26, 4, 0, Act::Revoke { by: ingrid, email: "h.whitfield@example.com" }),
        scene(24, 3, 0, invite(tomas, "gita.menon@example.com", Starter::Member)),
        scene(22, 6, 0, Act::Decline { email: "gita.menon@example.com" }),
        scene(14, 2, 0, Act::AskAgain { email: "oscar.lund@example.com" }),
        scene(13, 4, 0, Act::ChangeRole { by: ingrid, name: "Noah Lindqvist", role: "Manager" }),
        scene(12, 1, 0, Act::Deactivate { by: tomas, name: "Callum Fraser" }),
        scene(11, 5, 0, Act::Activate { by: ingrid, name: "Callum Fraser" }),
        scene(10, 4, 0, Act::SetRole { by: ingrid, role: people_team(&[MembersView, MembersInvite, MembersAssignRole]) }),
        scene(10, 3, 0, Act::ChangeRole { by: ingrid, name: "Sofia Rossi", role: "People team" }),
        scene(
            7,
            5,
            0,
            Act::SetRole { by: tomas, role: people_team(&[MembersView, MembersInvite, MembersAssignRole, RolesView]) },
        ),
        scene(5, 3, 0, Act::Deactivate { by: tomas, name: "Piotr Nowak" }),
        scene(5, 2, 0, Act::ChangeRole { by: tomas, name: "Amara Diallo", role: "Writer" }),
        scene(4, 6, 0, Act::Remove { by: ingrid, name: "Siddharth Rao" }),
        scene(3, 4, 0, Act::Leave { name: "Camila Duarte" }),
        scene(6, 1, 0, invite(ingrid, REFUSED, Starter::Member)),
        scene(5, 5, 0, invite("Fatima Al-Rashid", "yara.costa@example.com", Starter::Member)),
        scene(4, 2, 0, invite(tomas, "finn.okafor@example.com", Starter::Operator)),
        scene(2, 3, 0, Act::Resend { by: tomas, email: "yara.costa@example.com" }),
        scene(1, 6, 0, invite(ingrid, "mireille.laurent@example.com", Starter::Admin)),
        scene(1, 2, 0, invite("Marcus Webb", "tariq.aziz@example.com", Starter::Member)),
        scene(0, 5, 0, invite(tomas, "suki.watanabe@example.com", Starter::Viewer)),
        scene(0, 2, 0, invite("Fatima Al-Rashid", "pedro.alves@example.com", Starter::Member)),
    ]
}

/// The same for the two smaller ones.
fn incidents_elsewhere() -> Vec<Scene> {
    let (josephine, nadia) = ("Josephine Adler", "Nadia Rahimi");
    vec![
        scene(25, 3, 1, invite(josephine, "greta.holm@example.org", Starter::Member)),
        scene(18, 4, 1, invite("Emeka Nwosu", "ivo.petrov@example.org", Starter::Viewer)),
        scene(17, 2, 1, Act::Revoke { by: josephine, email: "ivo.petrov@example.org" }),
        scene(6, 4, 1, Act::Deactivate { by: josephine, name: "Diego Salazar" }),
        scene(3, 1, 1, invite(josephine, "sana.iqbal@example.org", Starter::Writer)),
        scene(0, 7, 1, invite("Theo van der Berg", "carlos.vega@example.org", Starter::Member)),
        scene(5, 6, 2, Act::Remove { by: nadia, name: "Sunil Perera" }),
        scene(4, 5, 2, Act::Deactivate { by: nadia, name: "Tala Reyes" }),
        scene(3, 6, 2, invite(nadia, "astrid.moen@example.net", Starter::Member)),
        scene(0, 3, 2, invite("Luis Cabrera", "femi.balogun@example.net", Starter::Member)),
    ]
}

fn people_team(permissions: &'static [Permission]) -> CustomRole {
    CustomRole { name: "People team", description: "Looks after who is in which role.", level: 60, permissions }
}

pub(super) fn scene(days: i64, hours: i64, organization: usize, act: Act) -> Scene {
    Scene { ago: TimeDelta::days(days) + TimeDelta::hours(hours), organization, act }
}

fn invite(by: &'static str, email: &str, role: Starter) -> Act {
    Act::Invite { by, email: email.to_owned(), role }
}
