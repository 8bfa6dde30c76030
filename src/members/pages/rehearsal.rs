//! What changing the role of several members would do: each row judged by the change itself, which is taken back.

use actix_web::HttpResponse;
use askama::Template;
use uuid::Uuid;

use crate::access::{Permit, Role, rights};
use crate::error::{AppError, Result};
use crate::members::actions::{self, Deed, Done, Selected};
use crate::members::refusal::Refusal;
use crate::web::frame::Frame;
use crate::web::page;
use crate::web::words::count;

/// Somebody who would get the role.
struct Changing {
    id: Uuid,
    version: i32,
    name: String,
    email: String,
    from: String,
}

/// Somebody who keeps theirs.
struct Staying {
    name: String,
    why: String,
}

#[derive(Template)]
#[template(path = "members/change_role.html")]
struct RehearsalPage {
    frame: Frame,
    heading: String,
    role: String,
    role_id: Uuid,
    changing: Vec<Changing>,
    staying: Vec<Staying>,
    button: String,
    action: String,
    back: String,
}

/// The page between **Change role** and the change.
pub(super) async fn change_role(
    permit: Permit<rights::ChangeMembers>,
    selected: Vec<Selected>,
    role_id: Uuid,
) -> Result<HttpResponse> {
    let rehearsed = permit.rehearse(move |tx| {
        let organization = tx.organization.clone();
        let roles = tx.roles(&organization)?;
        Ok((actions::each(tx, Deed::ChangeRole(role_id), &selected)?, roles))
    });
    let (outcomes, roles) = rehearsed.await?;
    let role = roles.iter().find(|role| role.id == role_id).ok_or(AppError::NotFound)?;
    let changing: Vec<Changing> =
        outcomes.iter().flatten().filter(|done| done.changed).map(|done| changing(done, &roles)).collect();
    let members = count(i64::try_from(changing.len()).unwrap_or_default(), "member", "members");
    page(&RehearsalPage {
        heading: match changing.is_empty() {
            true => format!("Nobody would become {}", role.name),
            false => format!("Change the role of {members} to {}?", role.name),
        },
        button: format!("Change role of {members}"),
        changing,
        staying: outcomes.iter().filter_map(staying).collect(),
        role: role.name.clone(),
        role_id,
        action: permit.path_to("members/actions"),
        back: permit.path_to("members"),
        frame: permit.frame(),
    })
}

fn changing(done: &Done, roles: &[Role]) -> Changing {
    let from = roles.iter().find(|role| role.id == done.member.role_id).map(|role| role.name.clone());
    Changing {
        id: done.member.id,
        version: done.member.version,
        name: done.member.display_name().to_owned(),
        email: done.member.email.clone(),
        from: from.unwrap_or_default(),
    }
}

fn staying(outcome: &Result<Done, Refusal>) -> Option<Staying> {
    match outcome {
        Ok(done) if done.changed => None,
        Ok(done) => Some(Staying { name: done.member.display_name().to_owned(), why: "has the role already.".to_owned() }),
        Err(refusal) => Some(Staying { name: refusal.name.clone(), why: refusal.why.words() }),
    }
}
