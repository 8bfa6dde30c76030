//! `/o/{slug}/billing/modules/{module}/cancel` and `…/keep`

use std::rc::Rc;

use actix_web::{HttpRequest, HttpResponse, web};

use super::super::modules::Subscribed;
use super::super::queries;
use super::super::refusal::Refusal;
use super::super::subscription::Subscription;
use super::super::way;
use super::super::words::modules::{closing, permission, without_module};
use super::confirm::ConfirmPage;
use super::modules::{back_with, key_of};
use super::{ManagePermit, back_with as told};
use crate::access::Role;
use crate::access::catalog::Entry;
use crate::error::Result;
use crate::web::forms::{Form, NoFields};
use crate::web::words::{count, day};
use crate::web::{Console, page};

/// What ends with a module.
struct Ending {
    module: Subscribed,
    current: Subscription,
    /// Roles and keys that have what it opens.
    roles: i64,
    keys: i64,
}

/// `GET /o/{slug}/billing/modules/{module}/cancel`
pub async fn confirm(mut permit: ManagePermit, request: HttpRequest) -> Result<HttpResponse> {
    let (key, organization) = (key_of(&request), permit.organization.clone());
    let product = std::sync::Arc::clone(permit.db().product());
    let ending = permit.read(move |org| {
        let billing = queries::billing(org)?;
        if let Some(refusal) = billing.confirm_first() {
            return Ok(Err(refusal));
        }
        let module = billing.modules.iter().find(|module| module.module == key).cloned();
        let Some((module, current)) = module.zip(billing.running().cloned()) else { return Ok(Err(Refusal::NoModule)) };
        let closing = closing(&product, &organization, &without_module(&organization, &key));
        let keys: Vec<String> = closing.iter().map(|entry| entry.key.to_owned()).collect();
        let roles = org.roles(&organization)?.iter().filter(|role| holds_any(role, &closing)).count();
        let roles = i64::try_from(roles).unwrap_or_default();
        Ok(Ok(Ending { module, current, roles, keys: queries::modules::keys_with(org, &keys)? }))
    });
    match ending.await? {
        Ok(ending) => page(&cancel_page(&permit, &ending)),
        Err(refusal) => back_with(&permit, &refusal),
    }
}

fn holds_any(role: &Role, entries: &[Entry<'_>]) -> bool {
    entries.iter().any(|entry| role.permissions.contains(entry.permission))
}

fn cancel_page(permit: &ManagePermit, ending: &Ending) -> ConfirmPage {
    let Ending { module, current, roles, keys } = ending;
    let (name, at) = (&module.name, day(current.period_ends_at));
    let organization = &permit.organization;
    let closing = closing(permit.db().product(), organization, &without_module(organization, &module.module));
    let mut ends = vec![format!("{name} ends, and nothing is given back of what is paid until then.")];
    ends.extend(closing.iter().map(permission));
    if !closing.is_empty() {
        ends.extend(without_use(*roles, *keys));
    }
    ConfirmPage {
        heading: format!("Cancel {name}?"),
        action: permit.path_to(&format!("billing/modules/{}/cancel", module.module)),
        button: format!("Cancel {name}"),
        keep: format!("Keep {name}"),
        ends_title: format!("What ends on {at}"),
        ends,
        stays: vec![
            format!("Everything as it is until {at}: you can keep the module until then."),
            format!("The plan {}, and all other modules.", current.plan_name),
            "What roles and keys have: it works again once the module is open again.".to_owned(),
        ],
        back: permit.path_to("billing"),
        frame: permit.frame(),
    }
}

/// Who has what closes; none where nobody does.
fn without_use(roles: i64, keys: i64) -> Option<String> {
    let parts = [(roles, "role", "roles"), (keys, "key", "keys")].into_iter().filter(|(number, ..)| *number > 0);
    let parts: Vec<String> = parts.map(|(number, one, many)| count(number, one, many)).collect();
    let (have, them) = if roles + keys == 1 { ("has", "it") } else { ("have", "them") };
    let who = parts.join(" and ");
    (!who.is_empty()).then(|| format!("{who} {have} what closes: until it opens again it allows {them} nothing."))
}

/// `POST /o/{slug}/billing/modules/{module}/cancel`
pub async fn submit(permit: ManagePermit, console: web::Data<Console>, request: HttpRequest, form: Form) -> Result<HttpResponse> {
    form.open::<NoFields>()?;
    let permit = Rc::new(permit);
    let cancelled = way::cancel_module(Rc::clone(&permit), console.stripe.clone(), key_of(&request)).await;
    told(&permit, cancelled, |(name, at)| format!("{name} ends on {}. Until then you can keep it.", day(at)))
}

/// `POST /o/{slug}/billing/modules/{module}/keep`
pub async fn keep(permit: ManagePermit, console: web::Data<Console>, request: HttpRequest, form: Form) -> Result<HttpResponse> {
    form.open::<NoFields>()?;
    let permit = Rc::new(permit);
    let kept = way::keep_module(Rc::clone(&permit), console.stripe.clone(), key_of(&request)).await;
    told(&permit, kept, |name| format!("{name} goes on."))
}
