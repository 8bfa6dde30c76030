//! `/o/{slug}/members/{id}/remove`: what ends, what goes on, and what becomes of the keys.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::change::told;
use super::{MemberPath, came_from, may, member_id};
use crate::access::policy::Permission;
use crate::access::{Permit, rights};
use crate::db::types::{EmailAddress, Refused};
use crate::error::{AppError, Result, Stopped};
use crate::keys::Key;
use crate::keys::actions::{Fate, Fates};
use crate::keys::queries::live_of_member;
use crate::members::refusal::Why;
use crate::members::{Member, Status, actions, queries};
use crate::web::forms::{Form, FormErrors, retyped};
use crate::web::frame::Frame;
use crate::web::words::count;
use crate::web::{flash, page_with, see_other};

/// Keys that can be decided about one by one.
const LISTED: usize = 100;

type ManagePermit = Permit<rights::ManageMembers>;

#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RemoveForm {
    /// `keep`, `revoke` or `each`; keep, where nothing is chosen.
    keys: String,
    /// `{id}:keep`, `{id}:revoke` or `{id}:hand-over`, for each key.
    fate: Vec<String>,
    /// The address of the member who gets what is handed over.
    new_owner: String,
}

impl RemoveForm {
    /// What becomes of the keys, or why the address of the new owner is none.
    fn fates(&self) -> Result<Fates, Refused> {
        match self.keys.as_str() {
            "revoke" => Ok(Fates::all(Fate::Revoke)),
            "each" => {
                Ok(Fates { some: self.fate.iter().map(|text| self.fate(text)).collect::<Result<_, _>>()?, others: Fate::Keep })
            }
            _ => Ok(Fates::all(Fate::Keep)),
        }
    }

    /// What no page of ours sends.
    fn is_strange(&self) -> bool {
        let is_fate = |text: &String| {
            let parts = text.split_once(':').map(|(id, fate)| (Uuid::try_parse(id).is_ok(), fate));
            matches!(parts, Some((true, "keep" | "revoke" | "hand-over")))
        };
        !matches!(self.keys.as_str(), "" | "keep" | "revoke" | "each") || !self.fate.iter().all(is_fate)
    }

    fn fate(&self, text: &str) -> Result<(Uuid, Fate), Refused> {
        let (id, fate) = text.split_once(':').unwrap_or((text, "keep"));
        let fate = match fate {
            "revoke" => Fate::Revoke,
            "hand-over" => Fate::HandOver { email: EmailAddress::parse(&self.new_owner)? },
            _ => Fate::Keep,
        };
        Ok((Uuid::try_parse(id).unwrap_or_default(), fate))
    }
}

/// One of the keys, and what is chosen for it.
struct KeyChoice {
    id: Uuid,
    name: String,
    prefix: String,
    chosen: &'static str,
}

#[derive(Template)]
#[template(path = "members/remove.html")]
struct RemovePage {
    frame: Frame,
    heading: String,
    action: String,
    ends: Vec<String>,
    stays: Vec<String>,
    /// `Dana Smith answers for 2 API keys.`; empty where there are none.
    keys_words: String,
    /// Which of the three is chosen.
    chosen: &'static str,
    /// Nothing for who may not see keys.
    keys: Vec<KeyChoice>,
    new_owner: String,
    errors: FormErrors,
    back: String,
}

impl RemovePage {
    fn new(permit: &ManagePermit, member: &Member, (role, keys): (&str, &[Key]), form: &RemoveForm) -> RemovePage {
        let name = member.display_name();
        let href = permit.path_to(&format!("members/{}", member.id));
        let (ends, stays) = ends_and_stays(permit, member, role);
        let number = i64::try_from(keys.len()).unwrap_or_default();
        let keys_words = format!("{name} answers for {}.", count(number, "API key", "API keys"));
        let sees_keys = may(permit.standing, Permission::KeysView);
        RemovePage {
            heading: format!("Remove {name} from {}?", permit.organization.name),
            action: format!("{href}/remove"),
            ends,
            stays,
            keys_words: if number == 0 { String::new() } else { keys_words },
            chosen: match form.keys.as_str() {
                "revoke" => "revoke",
                "each" => "each",
                _ => "keep",
            },
            keys: if sees_keys { keys.iter().take(LISTED).map(|key| choice(key, form)).collect() } else { Vec::new() },
            new_owner: if form.new_owner.is_empty() { permit.account.email.clone() } else { retyped(&form.new_owner) },
            errors: FormErrors::default(),
            back: href,
            frame: permit.frame(),
        }
    }
}

fn ends_and_stays(permit: &ManagePermit, member: &Member, role: &str) -> (Vec<String>, Vec<String>) {
    let (name, organization) = (member.display_name(), permit.organization.name.as_str());
    let mut ends = vec![
        format!("Access to everything in {organization}, also where {name} is signed in right now."),
        format!("The role {role} and all that it allows."),
    ];
    if member.status() == Status::Active {
        ends.push("The member slot: it is free for somebody else.".to_owned());
    }
    let stays = vec![
        "The account itself, and other organizations.".to_owned(),
        format!("What {name} did, in the activity log."),
        format!("The way back: {name} can be invited again at any time."),
    ];
    (ends, stays)
}

fn choice(key: &Key, form: &RemoveForm) -> KeyChoice {
    let id = key.id.to_string();
    let chosen = form.fate.iter().filter_map(|text| text.split_once(':')).find(|(known, _)| *known == id);
    let chosen = match chosen.map(|(_, fate)| fate) {
        Some("revoke") => "revoke",
        Some("hand-over") => "hand-over",
        _ => "keep",
    };
    KeyChoice { id: key.id, name: key.name.clone(), prefix: key.prefix(), chosen }
}

/// `GET /o/{slug}/members/{id}/remove`
pub async fn confirm(mut permit: ManagePermit, path: MemberPath) -> Result<HttpResponse> {
    let id = member_id(&path)?;
    let (member, role, keys) = read(&mut permit, id).await?;
    if id == permit.member_id {
        return Ok(see_other(&permit.path_to("leave")));
    }
    if let (Status::Invited, Some(invitation_id)) = (member.status(), member.invitation_id) {
        return Ok(see_other(&permit.path_to(&format!("invites/{invitation_id}/revoke"))));
    }
    page_with(StatusCode::OK, &RemovePage::new(&permit, &member, (&role, &keys), &RemoveForm::default()))
}

async fn read(permit: &mut ManagePermit, id: Uuid) -> Result<(Member, String, Vec<Key>)> {
    let organization = permit.organization.clone();
    let work = move |org: &mut crate::access::OrgConn<'_>| {
        let (member, roles) = (queries::by_id(org, id)?, org.roles(&organization)?);
        let role = roles.iter().find(|role| role.id == member.role_id).map(|role| role.name.clone());
        Ok((member, role.unwrap_or_default(), live_of_member(org, id)?))
    };
    permit.read(work).await
}

/// `POST /o/{slug}/members/{id}/remove`: whoever removes themselves leaves.
pub async fn submit(mut permit: ManagePermit, path: MemberPath, request: HttpRequest, form: Form) -> Result<HttpResponse> {
    let (id, form) = (member_id(&path)?, form.open::<RemoveForm>()?);
    if form.is_strange() {
        return Err(AppError::BadRequest("The form says something about the keys that its page does not offer. Open it again."));
    }
    let fates = match form.fates() {
        Ok(fates) => fates,
        Err(words) => return again(&mut permit, id, &form, words.to_owned()).await,
    };
    match permit.write(move |tx| actions::remove(tx, id, &fates)).await {
        Ok(_) if id == permit.member_id => {
            flash::tell(&permit.session, format!("You left {}.", permit.organization.name))?;
            Ok(see_other("/"))
        }
        Ok(member) => {
            flash::tell(&permit.session, format!("{} is removed and has no access any more.", member.display_name()))?;
            Ok(see_other(&came_from(&request, &permit, &permit.path_to("members"))))
        }
        Err(Stopped::Refused(refusal)) => match refusal.why.clone() {
            Why::Keys { words } => again(&mut permit, id, &form, words).await,
            _ => told(&permit, &request, id, Err(Stopped::Refused(refusal)), ""),
        },
        Err(Stopped::Failed(error)) => Err(error),
    }
}

/// The form again, where a key could not be handed over.
async fn again(permit: &mut ManagePermit, id: Uuid, form: &RemoveForm, words: String) -> Result<HttpResponse> {
    let (member, role, keys) = read(permit, id).await?;
    let page = RemovePage::new(permit, &member, (&role, &keys), form);
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &RemovePage { errors: FormErrors::one("new_owner", words), ..page })
}
