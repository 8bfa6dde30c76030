//! `/o/{slug}/invites/{id}`: one invitation with its link and its story.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use uuid::Uuid;

use super::id_of;
use crate::access::{Permit, Role, rights};
use crate::clock::Moment;
use crate::error::Result;
use crate::invites::Invitation;
use crate::invites::invitation::{Status, copied_link};
use crate::invites::queries::{self, StoryRow};
use crate::invites::reach::Reach;
use crate::invites::story::{StoryLine, lines};
use crate::web::forms::Choice;
use crate::web::frame::Frame;
use crate::web::words::TimeWords;
use crate::web::{Console, page};

#[derive(Template)]
#[template(path = "invites/one.html")]
struct OnePage {
    frame: Frame,
    email: String,
    name: String,
    /// Where the mail goes; empty for the invited address.
    notification: String,
    message: String,
    role: String,
    role_id: Uuid,
    /// Empty where the role is not the reader's to change.
    role_choices: Vec<Choice>,
    status: &'static str,
    badge: &'static str,
    invited_by: String,
    sent: TimeWords,
    expires: TimeWords,
    pending: bool,
    /// Whether time can still end it, or has.
    timed: bool,
    may_resend: bool,
    may_revoke: bool,
    generation: i32,
    link: String,
    story: Vec<StoryLine>,
    mailbox: bool,
    here: String,
    back: String,
}

/// `GET /o/{slug}/invites/{id}`
pub async fn show(
    mut permit: Permit<rights::InviteMembers>,
    console: web::Data<Console>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let (id, organization) = (id_of(&request, "id")?, permit.organization.clone());
    let found = permit.read(move |org| {
        let ((invitation, role), story) = (queries::with_role_name(org, id)?, queries::story(org, id)?);
        Ok((invitation, role, story, org.roles(&organization)?, org.now()))
    });
    let (invitation, role, story, roles, now) = found.await?;
    let reach = Reach::of_reader(&permit);
    let actions = Actions::new(&reach, &invitation, &roles, now);
    page(&one_page(&permit, &console, invitation, role, &story, actions, now))
}

/// What the reader may do with an invitation.
struct Actions {
    resend: bool,
    revoke: bool,
    /// Roles that it may get; nothing where there is no choice.
    roles: Vec<Choice>,
}

impl Actions {
    fn new(reach: &Reach, invitation: &Invitation, roles: &[Role], now: Moment) -> Actions {
        let status = invitation.status(now);
        let role = roles.iter().find(|role| role.id == invitation.role_id);
        let pending = status == Status::Pending;
        Actions {
            resend: status.may_resend() && reach.may_send(role),
            revoke: pending && reach.may_revoke(role, invitation.invited_by_account_id),
            roles: if pending { reach.role_choices(invitation.role_id, roles) } else { Vec::new() },
        }
    }
}

fn one_page(
    permit: &Permit<rights::InviteMembers>,
    console: &Console,
    invitation: Invitation,
    role: String,
    story: &[StoryRow],
    actions: Actions,
    now: Moment,
) -> OnePage {
    let status = invitation.status(now);
    let pending = status == Status::Pending;
    OnePage {
        frame: permit.frame(),
        link: copied_link(&console.config, permit.organization.id, invitation.id, invitation.generation),
        story: lines(story, &invitation, &console.config, now),
        here: permit.path_to(&format!("invites/{}", invitation.id)),
        back: permit.path_to("invites"),
        role,
        role_id: invitation.role_id,
        role_choices: actions.roles,
        status: status.word(),
        badge: status.badge(),
        sent: TimeWords::new(invitation.sent_at, now),
        expires: TimeWords::new(invitation.expires_at, now),
        pending,
        timed: status.may_resend(),
        may_resend: actions.resend,
        may_revoke: actions.revoke,
        generation: invitation.generation,
        mailbox: console.config.shows_mailbox(),
        notification: invitation.notification_email.unwrap_or_default(),
        email: invitation.email,
        name: invitation.name,
        message: invitation.message,
        invited_by: invitation.invited_by,
    }
}
