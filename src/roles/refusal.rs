//! Why a role stays as it is, in words for the reader.

use std::borrow::Cow;

use crate::access::catalog::{self, Entry};
use crate::access::policy::{Permission, Standing};
use crate::access::{OrgConn, Organization, Role};
use crate::billing::way_up::{self, WayUp};
use crate::config::Feature;
use crate::error::Result;
use crate::web::words::count;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The Owner is fixed.
    Fixed,
    /// The role, as it is, is beyond what the actor could give.
    OutOfReach,
    /// The level is not below the actor's own, or not the own where that counts.
    LevelOutOfReach {
        most: i16,
    },
    /// Keys of permissions that the actor does not hold.
    Lacks(Vec<String>),
    /// Keys of permissions that no module of the organization opens, each with what does.
    Closed(Vec<(String, String)>),
    NameTaken {
        name: String,
    },
    TooMany {
        most: i64,
    },
    /// The plan does not open custom roles.
    NotInPlan(PlanCloses),
    /// Somebody else saved it since the reader saw it: as it is now.
    Stale(Box<Role>),
    /// Others hold it by now than those whom the reader was told of: the role as it is.
    HoldersChanged(Box<Role>),
    /// Invitations begin with it.
    IsDefault,
    /// People hold it, and nobody said which role they get.
    Held {
        holders: i64,
        /// Keys that go by it, whose owners have left.
        keys: i64,
    },
    /// More holders than one transaction moves.
    TooManyHolders {
        most: i64,
    },
    /// The role for the holders is not one that the actor may give them.
    TargetOutOfReach,
    NoSuchRole,
    /// The actor holds it, and would get no lower one.
    OwnRoleOnlyDown,
}

impl Refusal {
    /// Why some permissions are not the actor's to give: what is closed is nobody's. Where none has a name, what is lacking is to
    /// manage roles at all.
    pub fn of_permissions<'a>(entries: impl Iterator<Item = Entry<'a>>, organization: &Organization) -> Refusal {
        let (mut closed, mut lacking) = (Vec::new(), Vec::new());
        for entry in entries {
            match entry.closed_in(organization) {
                Some(opens) => closed.push((entry.key.to_owned(), opens)),
                None => lacking.push(entry.key.to_owned()),
            }
        }
        match (closed.is_empty(), lacking.is_empty()) {
            (false, _) => Refusal::Closed(closed),
            (true, false) => Refusal::Lacks(lacking),
            (true, true) => Refusal::Lacks(vec![Permission::RolesManage.key().to_owned()]),
        }
    }

    /// What stands in the way, and what to do.
    pub fn words(&self) -> Cow<'static, str> {
        match self {
            Refusal::Fixed => "The Owner is fixed: somebody always holds it, and it always allows everything.".into(),
            Refusal::OutOfReach => {
                "This role reaches as far as yours or allows more than yours does. Ask somebody above to change it.".into()
            }
            Refusal::LevelOutOfReach { most: ..=0 } => "Your own role is the lowest: there is no level below it.".into(),
            Refusal::LevelOutOfReach { most } => {
                format!("Your own role reaches up to level {most}. Enter a level from 1 to {most}.").into()
            }
            Refusal::Lacks(keys) => lacks(&keys.join(", ")).into(),
            Refusal::Closed(closed) => catalog::closed_words(closed, "role").into(),
            Refusal::NameTaken { name } => format!("There is a role {name} already. Choose another name.").into(),
            Refusal::TooMany { most } => {
                format!("An organization has {} at most. Delete one that nobody needs first.", count(*most, "role", "roles"))
                    .into()
            }
            Refusal::NotInPlan(closes) => closes.words.clone().into(),
            Refusal::Stale(_) => "Somebody else saved this role in the meantime.".into(),
            Refusal::HoldersChanged(_) => "Others hold this role by now. Look again who gains and who loses what.".into(),
            Refusal::IsDefault => "Invitations begin with this role. Choose another default role on the Roles page first.".into(),
            Refusal::Held { holders: 0, keys } => {
                let keys = count(*keys, "key goes", "keys go");
                format!("{keys} by this role, of people who have left with it. Choose the role that they get instead.").into()
            }
            Refusal::Held { holders, .. } => {
                let people = count(*holders, "person holds", "people hold");
                format!("{people} this role. Choose the role that they get instead.").into()
            }
            Refusal::TooManyHolders { most } => {
                let most = count(*most, "person", "people");
                format!("More than {most} hold this role. Give some of them another role on the Members page first.").into()
            }
            Refusal::TargetOutOfReach => "You cannot give that role. Choose one of the list.".into(),
            Refusal::NoSuchRole => "That role is gone. Choose one of the list.".into(),
            Refusal::OwnRoleOnlyDown => "You hold this role yourself. Choose a lower role, or ask somebody else.".into(),
        }
    }
}

fn lacks(keys: &str) -> String {
    format!("You do not hold {keys} yourself, so you cannot give it. Leave it out, or ask somebody who does.")
}

/// That the plan opens no custom roles, and the way to one that does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanCloses {
    pub words: String,
    /// The page with the plans; empty for who may not change the plan.
    pub plans: String,
}

impl PlanCloses {
    /// None where custom roles are made and changed.
    pub fn read(org: &mut OrgConn<'_>, organization: &Organization, reader: Standing) -> Result<Option<PlanCloses>> {
        let plan = org.plans().of(&organization.plan).clone();
        if plan.opens(Feature::CustomRoles) {
            return Ok(None);
        }
        let WayUp { words, plans } = way_up::to_feature(org, organization, reader, Feature::CustomRoles)?;
        let words = format!(
            "The plan {} has no custom roles: those there are go on working. To create and edit them, {words}.",
            plan.name
        );
        Ok(Some(PlanCloses { words, plans }))
    }
}
