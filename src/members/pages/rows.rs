//! The rows of the list, ready to be shown.

use std::collections::HashMap;
use std::rc::Rc;

use uuid::Uuid;

use super::{may, role_choices};
use crate::access::policy::{Permission, may_invite_as, may_manage};
use crate::access::{Permit, Right};
use crate::clock::Moment;
use crate::members::list_query::Listed;
use crate::members::member::Status;
use crate::roles::Role;
use crate::web::forms::Choice;
use crate::web::frame::{color, initials};
use crate::web::words::TimeWords;

/// A member, ready to be shown.
pub(super) struct Row {
    pub id: Uuid,
    pub href: String,
    pub name: String,
    pub is_reader: bool,
    pub email: String,
    pub initials: String,
    pub color: u8,
    pub role: String,
    /// Empty where the role is not the reader's to change. Rows of one role share it.
    pub role_choices: Rc<Vec<Choice>>,
    pub version: i32,
    pub status: &'static str,
    pub badge: &'static str,
    pub last_sign_in: Option<TimeWords>,
    pub joined: Option<TimeWords>,
    pub is_inactive: bool,
    pub may_deactivate: bool,
    pub may_activate: bool,
    pub may_remove: bool,
    /// Address of the invitation, of an invited row whose reader may invite.
    pub invitation: String,
    /// Whether that reader may also send or revoke it.
    pub may_send: bool,
}

/// A role with what follows from it for each row.
struct RoleView {
    name: String,
    choices: Rc<Vec<Choice>>,
    manageable: bool,
    may_send: bool,
}

/// Makes rows for one reader.
pub(super) struct Rows {
    members_path: String,
    invites_path: String,
    reader: Uuid,
    may_invite: bool,
    own_choices: Rc<Vec<Choice>>,
    roles: HashMap<Uuid, RoleView>,
    nothing: Rc<Vec<Choice>>,
}

impl Rows {
    pub fn new<P: Right>(permit: &Permit<P>, roles: &[Role]) -> Rows {
        let standing = permit.standing;
        let own = roles.iter().find(|role| role.standing() == standing && role.name == permit.role_name);
        Rows {
            members_path: permit.path_to("members"),
            invites_path: permit.path_to("invites"),
            reader: permit.member_id,
            may_invite: may(standing, Permission::MembersInvite),
            own_choices: Rc::new(own.map(|own| role_choices(standing, own, roles, true)).unwrap_or_default()),
            roles: roles.iter().map(|role| (role.id, RoleView::new(permit, role, roles))).collect(),
            nothing: Rc::default(),
        }
    }

    pub fn row(&self, row: &Listed, now: Moment) -> Row {
        let status = Status::from_key(&row.status).unwrap_or(Status::Inactive);
        let name = if row.name.is_empty() { row.email.clone() } else { row.name.clone() };
        let is_reader = row.id == self.reader;
        let role = self.roles.get(&row.role_id);
        let manageable = role.is_some_and(|role| role.manageable);
        let invitation = row.invitation_id.filter(|_| status == Status::Invited && self.may_invite);
        Row {
            id: row.id,
            href: format!("{}/{}", self.members_path, row.id),
            is_reader,
            email: row.email.clone(),
            initials: initials(&name),
            color: color(row.account_id.unwrap_or(row.id)),
            name,
            role: role.map(|role| role.name.clone()).unwrap_or_default(),
            role_choices: match role {
                _ if status == Status::Invited => Rc::clone(&self.nothing),
                _ if is_reader => Rc::clone(&self.own_choices),
                Some(role) => Rc::clone(&role.choices),
                None => Rc::clone(&self.nothing),
            },
            version: row.version,
            status: status.word(),
            badge: badge(status),
            last_sign_in: row.last_sign_in_at.map(|at| TimeWords::new(at, now)),
            joined: row.joined_at.map(|at| TimeWords::new(at, now)),
            is_inactive: status == Status::Inactive,
            may_deactivate: manageable && status == Status::Active && !is_reader,
            may_activate: manageable && status == Status::Inactive,
            may_remove: manageable && status != Status::Invited,
            may_send: role.is_some_and(|role| role.may_send),
            invitation: invitation.map(|id| format!("{}/{id}", self.invites_path)).unwrap_or_default(),
        }
    }
}

impl RoleView {
    fn new<P: Right>(permit: &Permit<P>, role: &Role, roles: &[Role]) -> RoleView {
        let actor = permit.standing;
        RoleView {
            may_send: may_invite_as(actor, role.standing(), permit.organization.default_role_id == Some(role.id)),
            name: role.name.clone(),
            choices: Rc::new(role_choices(actor, role, roles, false)),
            manageable: may_manage(actor, role.standing()),
        }
    }
}

/// The look of a status.
pub(super) fn badge(status: Status) -> &'static str {
    match status {
        Status::Active => "positive",
        Status::Inactive => "neutral",
        Status::Invited => "notice",
    }
}
