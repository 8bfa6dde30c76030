//! The rows of the list, ready to be shown.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use uuid::Uuid;

use super::{choices_among, may, role_choices};
use crate::access::policy::{Permission, may_activate, may_invite_as, may_manage};
use crate::access::{Permit, Right, Role};
use crate::clock::Moment;
use crate::members::list_query::Listed;
use crate::members::member::Status;
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
    /// Nothing where the role is not the reader's to change.
    pub role_choices: RowChoices,
    /// Of an invited row, whose role stands in the invitation.
    pub role_id: Uuid,
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

/// The roles that a row may get. Rows of one role share them.
#[derive(Clone)]
pub(super) enum RowChoices {
    Nothing,
    Menu(Rc<Vec<Choice>>),
    /// More than fit into a menu in every row: they are chosen on the page of the member or the invitation.
    Elsewhere,
}

impl RowChoices {
    /// Most roles that a row's menu lists.
    const MOST: usize = 100;

    fn of(choices: Vec<Choice>) -> RowChoices {
        match choices.len() {
            0 => RowChoices::Nothing,
            1..=RowChoices::MOST => RowChoices::Menu(Rc::new(choices)),
            _ => RowChoices::Elsewhere,
        }
    }
}

/// A role with what follows from it for each row.
struct RoleView {
    name: String,
    choices: RowChoices,
    /// Of invitations with the role.
    invitation_choices: RowChoices,
    manageable: bool,
    may_activate: bool,
    may_send: bool,
}

/// Makes rows for one reader.
pub(super) struct Rows {
    members_path: String,
    invites_path: String,
    reader: Uuid,
    may_invite: bool,
    own_choices: RowChoices,
    roles: HashMap<Uuid, RoleView>,
}

impl Rows {
    pub fn new<P: Right>(permit: &Permit<P>, roles: &[Role], shown: &[Listed]) -> Rows {
        let standing = permit.standing;
        let ids: HashSet<Uuid> = shown.iter().map(|row| row.role_id).collect();
        let is_shown = |role: &&Role| ids.contains(&role.id);
        Rows {
            members_path: permit.path_to("members"),
            invites_path: permit.path_to("invites"),
            reader: permit.member_id,
            may_invite: may(standing, Permission::MembersInvite),
            own_choices: RowChoices::of(role_choices(standing, &permit.role, roles, true)),
            roles: roles.iter().filter(is_shown).map(|role| (role.id, RoleView::new(permit, role, roles))).collect(),
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
                Some(role) if status == Status::Invited => role.invitation_choices.clone(),
                Some(_) if is_reader => self.own_choices.clone(),
                Some(role) => role.choices.clone(),
                None => RowChoices::Nothing,
            },
            role_id: row.role_id,
            version: row.version,
            status: status.word(),
            badge: badge(status),
            last_sign_in: row.last_sign_in_at.map(|at| TimeWords::new(at, now)),
            joined: row.joined_at.map(|at| TimeWords::new(at, now)),
            is_inactive: status == Status::Inactive,
            may_deactivate: manageable && status == Status::Active && !is_reader,
            may_activate: status == Status::Inactive && role.is_some_and(|role| role.may_activate),
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
            choices: RowChoices::of(role_choices(actor, role, roles, false)),
            invitation_choices: RowChoices::of(invitation_choices(permit, role, roles)),
            manageable: may_manage(actor, role.standing()),
            may_activate: may_activate(actor, role.standing()),
        }
    }
}

/// The roles that the reader may give an invitation which has `current`; nothing where there is no choice.
fn invitation_choices<P: Right>(permit: &Permit<P>, current: &Role, roles: &[Role]) -> Vec<Choice> {
    let default = permit.organization.default_role_id;
    let may_send = |role: &Role| may_invite_as(permit.standing, role.standing(), default == Some(role.id));
    if may_send(current) { choices_among(current, roles, may_send) } else { Vec::new() }
}

/// The look of a status.
pub(super) fn badge(status: Status) -> &'static str {
    match status {
        Status::Active => "positive",
        Status::Inactive => "neutral",
        Status::Invited => "notice",
    }
}
