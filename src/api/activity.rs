//! `/api/v1/activity`

use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::answer::Time;
use super::page::{Listed, Window};
use crate::access::key::KeyPermit;
use crate::access::rights;
use crate::activity::Reach;
use crate::activity::queries::{self, EventRow, Filter, Person};
use crate::audit::{self, KINDS};
use crate::error::Result;
use crate::web::json::{invalid, query};

/// Tells its cursors from those of other lists.
const LIST: char = 'e';

/// A change in the organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventFacts {
    id: Uuid,
    at: Time,
    #[schema(examples("member_role_changed"))]
    kind: String,
    actor: EventActor,
    /// What follows the actor's name.
    #[schema(examples("changed the role of Dana Smith from Viewer to Manager"))]
    sentence: String,
    /// The member, invitation, role or key that it is about.
    subject_id: Option<Uuid>,
    /// The parts of the sentence, which depend on the kind.
    #[schema(value_type = Object)]
    data: Value,
}

/// Who did it, by the name they had.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventActor {
    name: String,
    account_id: Option<Uuid>,
    /// The key by which it was done over the API.
    key_id: Option<Uuid>,
}

impl EventFacts {
    fn of(row: &EventRow) -> EventFacts {
        let event = audit::read(&row.kind, row.data.clone());
        EventFacts {
            id: row.id,
            at: row.at.into(),
            kind: row.kind.clone(),
            actor: EventActor { name: row.actor_name.clone(), account_id: row.actor_account_id, key_id: row.actor_key_id },
            sentence: event.map(|event| event.sentence()).unwrap_or_default(),
            subject_id: row.subject_id,
            data: if row.data.is_object() { row.data.clone() } else { Value::Object(serde_json::Map::new()) },
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// Rows of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    #[param(pattern = "^e[ab][A-Za-z0-9_-]{22,}$")]
    cursor: Option<String>,
    /// One kind of changes.
    kind: Option<String>,
}

/// Read the activity log
///
/// What changed in the organization, newest first. A plan may show the last days only: what is older is not listed.
#[utoipa::path(get, path = "/api/v1/activity", tag = "Activity", operation_id = "list_activity", params(Asked),
    security(("key" = ["activity.view"])), responses((status = 200, body = Listed<EventFacts>, description = "One page.")))]
pub async fn list(permit: KeyPermit<rights::ViewActivity>, request: HttpRequest) -> Result<HttpResponse> {
    let asked: Asked = query(&request)?;
    let window = Window::of(LIST, asked.limit, asked.cursor.as_deref())?;
    let filter = Filter { person: Person::Anybody, kind: asked.kind.as_deref().map(kind).transpose()? };
    let (size, cursor) = (window.size, window.cursor.clone());
    let plan = permit.key.organization.plan.clone();
    let read = permit.read(move |org| queries::page_of(org, Reach::of(org, &plan), &filter, &cursor, size));
    let rows = read.await?;
    window.answer(&request, rows, EventRow::key, EventFacts::of)
}

fn kind(text: &str) -> Result<&'static str> {
    let known = KINDS.iter().map(|(kind, _)| *kind).find(|kind| *kind == text);
    known.ok_or_else(|| invalid("kind", "There is no such kind of changes. /api/docs lists them."))
}
