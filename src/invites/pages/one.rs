//! `/o/{slug}/invites/{id}`: one invitation with its link and its story.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::id_of;
use crate::access::{Permit, rights};
use crate::clock::Moment;
use crate::error::Result;
use crate::invites::Invitation;
use crate::invites::invitation::{Status, copied_link};
use crate::invites::queries::{self, StoryRow};
use crate::invites::reach::Reach;
use crate::invites::story::{StoryLine, lines};
use crate::roles::Role;
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
    let id = id_of(&request, "id")?;
    let found = permit.read(move |org| Ok((queries::with_role(org, id)?, queries::story(org, id)?, org.now())));
    let ((invitation, role), story, now) = found.await?;
    page(&one_page(&permit, &console, invitation, role, &story, now))
}

fn one_page(
    permit: &Permit<rights::InviteMembers>,
    console: &Console,
    invitation: Invitation,
    role: Role,
    story: &[StoryRow],
    now: Moment,
) -> OnePage {
    let status = invitation.status(now);
    let (pending, reach, standing) = (status == Status::Pending, Reach::of_reader(permit), role.standing());
    OnePage {
        frame: permit.frame(),
        link: copied_link(&console.config, permit.organization.id, invitation.id, invitation.generation),
        story: lines(story, &invitation, &console.config, now),
        here: permit.path_to(&format!("invites/{}", invitation.id)),
        back: permit.path_to("invites"),
        role: role.name,
        status: status.word(),
        badge: status.badge(),
        sent: TimeWords::new(invitation.sent_at, now),
        expires: TimeWords::new(invitation.expires_at, now),
        pending,
        timed: status.may_resend(),
        may_resend: status.may_resend() && reach.may_send(role.id, standing),
        may_revoke: pending && reach.may_revoke(role.id, standing, invitation.invited_by_account_id),
        generation: invitation.generation,
        mailbox: console.config.shows_mailbox(),
        notification: invitation.notification_email.unwrap_or_default(),
        email: invitation.email,
        name: invitation.name,
        message: invitation.message,
        invited_by: invitation.invited_by,
    }
}
