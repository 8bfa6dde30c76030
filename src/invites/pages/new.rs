//! `/o/{slug}/invites/new`: the form, and `/o/{slug}/invites/sent`: the links of what it sent.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::fields::{self, InviteForm, Parsed};
use super::judged::{Judged, SentLink, judged, sent_help, sent_link, sent_words};
use super::offered::{Offered, left, offered};
use crate::access::{Permit, Role, limits, rights};
use crate::clock::Moment;
use crate::error::{AppError, Result, Stopped};
use crate::invites::actions::{self, Outcome, SendRefused};
use crate::invites::reach::Reach;
use crate::invites::{addresses, queries};
use crate::web::forms::{Choice, Form, FormErrors, retyped, retyped_list};
use crate::web::frame::Frame;
use crate::web::{Console, flash, form_again, page, query, see_other};

pub(super) type InvitePermit = Permit<rights::InviteMembers>;

#[derive(Template)]
#[template(path = "invites/new.html")]
struct NewPage {
    frame: Frame,
    /// Whether the inviter's address is proven; without that the page only says what to do.
    confirmed: bool,
    email: String,
    offered: Offered,
    form: InviteForm,
    errors: FormErrors,
    roles: Vec<Choice>,
    providers: Vec<Choice>,
    judged: Vec<Judged>,
    sent: Vec<SentLink>,
    sent_words: String,
    sent_help: &'static str,
    more_open: bool,
    action: String,
    back: String,
}

impl NewPage {
    fn new(permit: &InvitePermit, offered: Offered, form: &InviteForm, errors: FormErrors) -> NewPage {
        let more_open = [&form.name, &form.notification_email, &form.message].iter().any(|typed| !typed.is_empty());
        NewPage {
            frame: permit.frame(),
            confirmed: permit.account.confirmed,
            email: permit.account.email.clone(),
            roles: role_choices(permit, &offered.roles, &form.role),
            offered,
            providers: vec![Choice::new("any", "Any", true)],
            form: InviteForm {
                emails: retyped_list(&form.emails),
                name: retyped(&form.name),
                notification_email: retyped(&form.notification_email),
                message: retyped(&form.message),
                ..InviteForm::default()
            },
            errors,
            judged: Vec::new(),
            sent: Vec::new(),
            sent_words: String::new(),
            sent_help: "",
            more_open,
            action: permit.path_to("invites/new"),
            back: permit.path_to("invites"),
        }
    }
}

/// `GET /o/{slug}/invites/new`
pub async fn show(mut permit: InvitePermit) -> Result<HttpResponse> {
    let left = left(&permit, 0);
    let offered = offered(&mut permit, left).await?;
    page(&NewPage::new(&permit, offered, &InviteForm::default(), FormErrors::default()))
}

/// `POST /o/{slug}/invites/new`
pub async fn submit(permit: InvitePermit, console: web::Data<Console>, form: Form) -> Result<HttpResponse> {
    let form: InviteForm = form.open()?;
    if !permit.account.confirmed {
        return again(permit, &form, FormErrors::default()).await;
    }
    let parsed = match fields::parse(&form, permit.organization.default_role_id) {
        Ok(parsed) => parsed,
        Err(errors) => return again(permit, &form, errors).await,
    };
    let subject = permit.organization.id.to_string();
    limits::spend(&console, limits::INVITE_ORGANIZATION, &subject, parsed.new.wanted.len()).await?;
    let new = parsed.new.clone();
    match permit.write(move |tx| Ok((tx.now(), actions::send(tx, &new)?))).await {
        Ok((at, outcomes)) => answer(permit, &console, &form, &parsed, &outcomes, at).await,
        Err(Stopped::Refused(SendRefused::Role)) => again(permit, &form, FormErrors::one("role", fields::ROLE)).await,
        Err(Stopped::Failed(error)) => Err(error),
    }
}

async fn again(mut permit: InvitePermit, form: &InviteForm, errors: FormErrors) -> Result<HttpResponse> {
    let left = left(&permit, 0);
    let offered = offered(&mut permit, left).await?;
    form_again(&NewPage::new(&permit, offered, form, errors))
}

/// All sent: on to their links. Otherwise the form again, with what could not be sent, beside the links of what was.
async fn answer(
    mut permit: InvitePermit,
    console: &Console,
    form: &InviteForm,
    parsed: &Parsed,
    outcomes: &[Outcome],
    at: Moment,
) -> Result<HttpResponse> {
    let sent = sent_links(&permit, console, parsed, outcomes);
    if parsed.wrong.is_empty() && sent.len() == outcomes.len() {
        flash::tell(&permit.session, told(console, sent.len(), parsed))?;
        return Ok(see_other(&permit.path_to(&format!("invites/sent?at={}", at.timestamp_micros()))));
    }
    let left = if outcomes.contains(&Outcome::NoSlot) { Some(0) } else { left(&permit, sent.len()) };
    let offered = offered(&mut permit, left).await?;
    let judged = judged(parsed, outcomes, &offered.no_slot, |rest| permit.path_to(rest));
    let typed: Vec<&str> = judged.iter().map(|one| one.typed.as_str()).collect();
    let form = InviteForm { emails: typed.join("\n"), ..form.clone() };
    let mut shown = NewPage::new(&permit, offered, &form, FormErrors::one("emails", not_invited(&judged)));
    shown.sent_words = sent_words(&console.config, sent.len());
    shown.sent_help = sent_help(&console.config);
    shown.judged = judged;
    shown.sent = sent;
    form_again(&shown)
}

fn sent_links(permit: &InvitePermit, console: &Console, parsed: &Parsed, outcomes: &[Outcome]) -> Vec<SentLink> {
    let link = |(wanted, outcome): (&actions::Wanted, &Outcome)| match outcome {
        Outcome::Sent { invitation_id, generation } => {
            let sent = (wanted.email.as_str(), *invitation_id, *generation);
            Some(sent_link(&console.config, permit.organization.id, sent, |rest| permit.path_to(rest)))
        }
        _ => None,
    };
    parsed.new.wanted.iter().zip(outcomes).filter_map(link).collect()
}

fn told(console: &Console, sent: usize, parsed: &Parsed) -> String {
    let words = sent_words(&console.config, sent);
    if parsed.repeats.is_empty() {
        return format!("{words}.");
    }
    let twice: Vec<String> = parsed.repeats.iter().take(3).map(|entry| retyped(&entry.text)).collect();
    format!("{words}. Repeated in the list, and invited once: {}.", twice.join(", "))
}

fn not_invited(judged: &[Judged]) -> String {
    match judged {
        [one] => format!("{}: {}", one.shown, one.reason),
        several => format!("{} addresses were not invited. The reason stands beside each.", several.len()),
    }
}

/// The roles that this member may invite with, the default one first chosen.
fn role_choices(permit: &InvitePermit, roles: &[Role], chosen: &str) -> Vec<Choice> {
    let reach = Reach::of_reader(permit);
    let allowed = roles.iter().filter(|role| reach.may_send(Some(role)));
    let chosen = chosen.parse().ok().or(permit.organization.default_role_id);
    let choice = |role: &Role| Choice::new(role.id, role.name.clone(), chosen == Some(role.id));
    allowed.map(choice).collect()
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SentQuery {
    at: i64,
}

#[derive(Template)]
#[template(path = "invites/sent.html")]
struct SentPage {
    frame: Frame,
    sent: Vec<SentLink>,
    sent_words: String,
    sent_help: &'static str,
    new: String,
    back: String,
}

/// `GET /o/{slug}/invites/sent`: the links of one form, by the moment at which it was sent.
pub async fn sent(mut permit: InvitePermit, console: web::Data<Console>, request: HttpRequest) -> Result<HttpResponse> {
    let query: SentQuery = query(&request);
    // Of a moment that is none of ours nothing was sent.
    let at = Moment::from_timestamp_micros(query.at)
        .filter(|at| *at > Moment::UNIX_EPOCH && *at < permit.db().now())
        .unwrap_or(Moment::UNIX_EPOCH);
    let most = i64::try_from(addresses::MOST).unwrap_or(i64::MAX);
    let invitations = permit.read(move |org| queries::sent_at(org, at, most)).await?;
    if invitations.is_empty() {
        return Err(AppError::SeeOther { location: permit.path_to("invites") });
    }
    let link = |invitation: &crate::invites::Invitation| {
        let sent = (invitation.email.as_str(), invitation.id, invitation.generation);
        sent_link(&console.config, permit.organization.id, sent, |rest| permit.path_to(rest))
    };
    let sent: Vec<SentLink> = invitations.iter().map(link).collect();
    page(&SentPage {
        sent_words: sent_words(&console.config, sent.len()),
        sent_help: sent_help(&console.config),
        sent,
        frame: permit.frame(),
        new: permit.path_to("invites/new"),
        back: permit.path_to("invites"),
    })
}
