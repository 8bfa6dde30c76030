//! The rights that handlers ask for, as types.

use super::policy::{Permission, Standing};

/// A right that a handler asks for; `None` is membership alone.
pub trait Right: 'static {
    const PERMISSION: Option<Permission>;
    /// Others that give the right as well.
    const OR_ONE_OF: &'static [Permission] = &[];
}

/// Whether a role with `standing` has the right.
pub(super) fn has<P: Right>(standing: Standing) -> bool {
    let holds = |permission: &Permission| standing.permissions.contains(*permission);
    P::PERMISSION.is_none_or(|needed| holds(&needed)) || P::OR_ONE_OF.iter().any(holds)
}

/// The rights, as types to stand in a signature.
pub mod rights {
    use super::{Permission, Right};

    macro_rules! rights {
        ($($name:ident => $permission:expr $(, or $others:expr)?);+ $(;)?) => {$(
            pub struct $name;
            impl Right for $name {
                const PERMISSION: Option<Permission> = $permission;
                $(const OR_ONE_OF: &'static [Permission] = &$others;)?
            }
        )+};
    }

    rights! {
        BeMember => None;
        ViewMembers => Some(Permission::MembersView);
        InviteMembers => Some(Permission::MembersInvite);
        ManageMembers => Some(Permission::MembersManage);
        AssignRoles => Some(Permission::MembersAssignRole);
        ChangeMembers => Some(Permission::MembersManage), or [Permission::MembersAssignRole];
        EditOrganization => Some(Permission::OrganizationEdit);
        ViewRoles => Some(Permission::RolesView);
        ManageRoles => Some(Permission::RolesManage);
        ViewActivity => Some(Permission::ActivityView);
        ViewKeys => Some(Permission::KeysView);
        CreateKeys => Some(Permission::KeysCreate);
        EndKeys => Some(Permission::KeysRevoke), or [Permission::KeysCreate];
        RevokeKeys => Some(Permission::KeysRevoke);
        VerifyKeys => Some(Permission::KeysVerify);
        ViewBilling => Some(Permission::BillingView);
        ManageBilling => Some(Permission::BillingManage);
    }
}
