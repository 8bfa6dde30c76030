//! The whole policy on one page: what can be permitted, which starter role permits what, and who may give which role to
//! whom. Pages ask the same functions what to show.

pub use super::permission_set::{AnyPermission, PermissionSet};
pub use super::starter::Starter;

/// Something a role may allow. The order is that of the role editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Permission {
    MembersView,
    MembersInvite,
    MembersAssignRole,
    MembersAssignPeerRole,
    MembersManage,
    RolesView,
    RolesManage,
    KeysView,
    KeysCreate,
    KeysRevoke,
    KeysVerify,
    BillingView,
    BillingManage,
    OrganizationEdit,
    OrganizationDelete,
    ActivityView,
}

/// Heading under which the role editor lists a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Members,
    Roles,
    Keys,
    Billing,
    Organization,
    Activity,
}

impl Group {
    pub const ALL: [Group; 6] = [Group::Members, Group::Roles, Group::Keys, Group::Billing, Group::Organization, Group::Activity];

    pub const fn label(self) -> &'static str {
        match self {
            Group::Members => "Members",
            Group::Roles => "Roles",
            Group::Keys => "Keys",
            Group::Billing => "Billing",
            Group::Organization => "Organization",
            Group::Activity => "Activity",
        }
    }
}

use Permission::*;

impl Permission {
    pub const ALL: [Permission; 16] = [
        MembersView,
        MembersInvite,
        MembersAssignRole,
        MembersAssignPeerRole,
        MembersManage,
        RolesView,
        RolesManage,
        KeysView,
        KeysCreate,
        KeysRevoke,
        KeysVerify,
        BillingView,
        BillingManage,
        OrganizationEdit,
        OrganizationDelete,
        ActivityView,
    ];

    /// The name in the database, on error pages and in the API.
    pub const fn key(self) -> &'static str {
        match self {
            MembersView => "members.view",
            MembersInvite => "members.invite",
            MembersAssignRole => "members.assign_role",
            MembersAssignPeerRole => "members.assign_peer_role",
            MembersManage => "members.manage",
            RolesView => "roles.view",
            RolesManage => "roles.manage",
            KeysView => "keys.view",
            KeysCreate => "keys.create",
            KeysRevoke => "keys.revoke",
            KeysVerify => "keys.verify",
            BillingView => "billing.view",
            BillingManage => "billing.manage",
            OrganizationEdit => "organization.edit",
            OrganizationDelete => "organization.delete",
            ActivityView => "activity.view",
        }
    }

    /// What it allows, in one sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            MembersView => "See who is in the organization and who is invited.",
            MembersInvite => "Invite people, send invitations again and revoke them.",
            MembersAssignRole => "Give and take away roles of lower levels.",
            MembersAssignPeerRole => "Reach the own level too: give its roles, manage its members, edit its roles.",
            MembersManage => "Deactivate, activate and remove members of lower levels.",
            RolesView => "See the roles and what each allows.",
            RolesManage => "Create, edit and delete roles below the own level.",
            KeysView => "See the API keys, never their secrets.",
            KeysCreate => "Generate API keys.",
            KeysRevoke => "Pause and revoke API keys of everybody.",
            KeysVerify => "Check keys and people for the product's backend.",
            BillingView => "See the plan, invoices and usage.",
            BillingManage => "Change the plan, payment methods and billing details.",
            OrganizationEdit => "Change the organization's name and settings.",
            OrganizationDelete => "Delete the organization.",
            ActivityView => "Read the activity log.",
        }
    }

    pub const fn group(self) -> Group {
        match self {
            MembersView | MembersInvite | MembersAssignRole | MembersAssignPeerRole | MembersManage => Group::Members,
            RolesView | RolesManage => Group::Roles,
            KeysView | KeysCreate | KeysRevoke | KeysVerify => Group::Keys,
            BillingView | BillingManage => Group::Billing,
            OrganizationEdit | OrganizationDelete => Group::Organization,
            ActivityView => Group::Activity,
        }
    }

    pub fn from_key(key: &str) -> Option<Permission> {
        Permission::ALL.into_iter().find(|permission| permission.key() == key)
    }
}

/// What the policy needs to know of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// 100 for the Owner, 1 to 99 for all others.
    pub level: i16,
    pub permissions: PermissionSet,
}

/// The level of the Owner, which no other role can have.
pub const OWNER_LEVEL: i16 = 100;

/// The ladder: whether `role` is within what a holder of `actor` hands out, by whatever route. Lower levels are, the own
/// one with `members.assign_peer_role`, and nobody hands out a permission that they do not hold (requirements, "Which
/// ladder of roles?"). What follows adds the right that each deed takes.
fn is_within(actor: Standing, role: Standing) -> bool {
    reaches(actor, role.level) && actor.permissions.covers(role.permissions)
}

/// Whether a holder of `actor` gets at roles of a level, and at the people who hold them.
pub fn reaches(actor: Standing, level: i16) -> bool {
    level < actor.level || (level == actor.level && actor.permissions.contains(MembersAssignPeerRole))
}

/// Whether a holder of `actor` may give `role` to somebody, or take it away.
pub fn may_assign(actor: Standing, role: Standing) -> bool {
    actor.permissions.contains(MembersAssignRole) && is_within(actor, role)
}

/// Whether a holder of `actor` may move somebody from one role to another.
pub fn may_change_role(actor: Standing, from: Standing, to: Standing) -> bool {
    may_assign(actor, from) && may_assign(actor, to)
}

/// Whether a holder of `actor` may invite with `role`. Who may not assign roles invites with the default role, which may be
/// their own.
pub fn may_invite_as(actor: Standing, role: Standing, is_default: bool) -> bool {
    let default_for_everyone = is_default && role.level <= actor.level && actor.permissions.covers(role.permissions);
    actor.permissions.contains(MembersInvite) && (may_assign(actor, role) || default_for_everyone)
}

/// Whether a holder of `actor` may create, edit or delete a role that is, or becomes, as `role` says: an edit gives to all
/// who hold the role. The Owner is fixed.
pub fn may_edit_role(actor: Standing, role: Standing) -> bool {
    actor.permissions.contains(RolesManage) && is_within(actor, role) && role.level < OWNER_LEVEL
}

/// Whether a holder of `actor` may deactivate or remove a member with `role`: that gives nothing to anybody.
pub fn may_manage(actor: Standing, role: Standing) -> bool {
    actor.permissions.contains(MembersManage) && reaches(actor, role.level)
}

/// Whether a holder of `actor` may activate a member with `role`, who gets back all that it allows.
pub fn may_activate(actor: Standing, role: Standing) -> bool {
    actor.permissions.contains(MembersManage) && is_within(actor, role)
}

/// Whether a holder of `actor` may pause and revoke a key: their own with `keys.create`, everybody's with `keys.revoke`.
pub fn may_end_key(actor: Standing, is_own: bool) -> bool {
    actor.permissions.contains(KeysRevoke) || (is_own && actor.permissions.contains(KeysCreate))
}

/// Whether a holder of `actor` may let a paused key work again, which gives back all that it may do.
pub fn may_resume_key(actor: Standing, key: Standing, is_own: bool) -> bool {
    (is_own && actor.permissions.contains(KeysCreate)) || (actor.permissions.contains(KeysRevoke) && is_within(actor, key))
}

/// Whether a holder of `actor` may get a new secret of a key that stands as `key` says: who has it may do all that the key
/// may.
pub fn may_rotate_key(actor: Standing, key: Standing, is_own: bool) -> bool {
    actor.permissions.contains(KeysCreate) && may_resume_key(actor, key, is_own)
}

/// Whether a holder of `actor` may hand a key over to somebody with `role`, as which it stands from then on.
pub fn may_hand_key_to(actor: Standing, role: Standing, is_oneself: bool) -> bool {
    is_oneself || is_within(actor, role)
}

/// What the starter roles permit.
impl Starter {
    pub fn permissions(self) -> PermissionSet {
        match self {
            Starter::Owner => PermissionSet::EVERYTHING,
            Starter::Admin => Permission::ALL.into_iter().filter(|permission| *permission != OrganizationDelete).collect(),
            Starter::CoAdmin => PermissionSet::of(&[
                MembersView,
                MembersInvite,
                MembersAssignRole,
                MembersManage,
                RolesView,
                KeysView,
                KeysCreate,
                KeysRevoke,
                ActivityView,
            ]),
            Starter::Manager => PermissionSet::of(&[MembersView, MembersInvite, RolesView]),
            Starter::Operator => PermissionSet::of(&[MembersView, KeysView, KeysCreate]),
            Starter::Writer | Starter::Viewer => PermissionSet::of(&[MembersView]),
            Starter::Member => PermissionSet::default(),
            Starter::Billing => PermissionSet::of(&[BillingView, BillingManage]),
        }
    }

    /// Whether it gets a permission of the product that the file gives to the starter roles `given`. Who gives a role holds
    /// what it holds: Admins all, Co-Admins what those below them get, Managers what Members get, as whom they invite.
    pub fn gets(self, given: &[String]) -> bool {
        let any = |starters: &[Starter]| given.iter().any(|key| starters.iter().any(|starter| starter.key() == key));
        use Starter::*;
        match self {
            Owner | Admin => true,
            CoAdmin => any(&[CoAdmin, Manager, Operator, Writer, Member, Viewer]),
            Manager => any(&[Manager, Member]),
            Operator | Writer | Member | Billing | Viewer => any(&[self]),
        }
    }

    pub fn standing(self) -> Standing {
        Standing { level: self.level(), permissions: self.permissions() }
    }
}
