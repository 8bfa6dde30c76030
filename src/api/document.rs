//! `/api/openapi.json`: the API as machines read it. Paths, fields and words come from the handlers and their types; what all
//! operations have in common, and what depends on the deployment, is added here.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use super::organization::NoParameters;
use super::{
    activity, answer, check, invitation_changes, invitations, invite, keys, leaked, member_changes, members, organization, roles,
    usage, verify,
};
use crate::access::catalog;
use crate::audit::KINDS;
use crate::error::{AppError, Result};
use crate::web::Console;
use crate::web::json::query;
use crate::web::problem::{Problem, TYPES};

#[derive(OpenApi)]
#[openapi(
    paths(
        organization::show,
        members::list,
        members::show,
        member_changes::role,
        member_changes::activate,
        member_changes::deactivate,
        member_changes::remove,
        invitations::list,
        invite::submit,
        invitations::show,
        invitation_changes::resend,
        invitation_changes::revoke,
        roles::list,
        roles::show,
        keys::list,
        keys::show,
        keys::revoke,
        activity::list,
        verify::verify,
        check::check,
        leaked::report,
        usage::report
    ),
    components(schemas(Problem)),
    tags(
        (name = "Checks", description = "What a product's backend asks all day."),
        (name = "Organization", description = "The organization of the key."),
        (name = "Members", description = "Who is in the organization."),
        (name = "Invitations", description = "Who is asked to join."),
        (name = "Roles", description = "What people may do."),
        (name = "Keys", description = "API keys, seen and revoked. People make them in the console; keys never make keys."),
        (name = "Usage", description = "What was used of metered items."),
        (name = "Activity", description = "What changed.")
    )
)]
struct Document;

const DESCRIPTION: &str = "What the console does for people, for programs: JSON over HTTP. Every request but a leaked key's shows \
    an API key in the header Authorization. Failures are problem documents (RFC 9457), whose types are stable.";

/// `GET /api/openapi.json`
pub async fn show(console: web::Data<Console>, request: HttpRequest) -> Result<HttpResponse> {
    query::<NoParameters>(&request)?;
    answer::json(&document(&console)?)
}

/// The document of this deployment.
///
/// # Errors
/// `Internal`.
pub fn document(console: &Console) -> Result<Value> {
    let mut document = serde_json::to_value(Document::openapi()).map_err(|error| AppError::Internal(error.to_string()))?;
    let title = format!("{} API", console.config.brand.name);
    set(&mut document, "/info", json!({ "title": title, "version": "1", "description": DESCRIPTION }));
    set(&mut document, "/servers", json!([{ "url": console.config.origin() }]));
    let scheme = json!({ "type": "http", "scheme": "bearer", "description": "An API key: oat_…" });
    set(&mut document, "/components/securitySchemes", json!({ "key": scheme }));
    let paths = document.pointer_mut("/paths").and_then(Value::as_object_mut).into_iter().flatten();
    for (path, operations) in paths {
        for (method, operation) in operations.as_object_mut().into_iter().flatten() {
            complete(operation, method, path);
        }
    }
    let product = console.db.product();
    let permissions: Vec<Value> = catalog::all(product).map(|entry| entry.key.into()).collect();
    let or_null = [permissions.as_slice(), &[Value::Null]].concat();
    set(&mut document, "/components/schemas/Question/properties/permission/enum", permissions.into());
    set(&mut document, "/components/schemas/Verification/properties/ability/enum", or_null.into());
    let items: Vec<Value> = console.db.plans().items.iter().map(|item| item.key.as_str().into()).collect();
    if !items.is_empty() {
        let or_null = [items.as_slice(), &[Value::Null]].concat();
        set(&mut document, "/components/schemas/UsageReport/properties/item/enum", items.into());
        set(&mut document, "/components/schemas/Verification/properties/item/enum", or_null.into());
    }
    let address =
        json!({ "anyOf": [{ "type": "string", "format": "ipv4" }, { "type": "string", "format": "ipv6" }, { "type": "null" }] });
    merge(&mut document, "/components/schemas/Verification/properties/address", address);
    limit_kinds(&mut document);
    Ok(document)
}

/// Puts a value at a place whose parent is there.
fn set(document: &mut Value, pointer: &str, value: Value) {
    let Some((parent, name)) = pointer.rsplit_once('/') else { return };
    if let Some(parent) = document.pointer_mut(parent).and_then(Value::as_object_mut) {
        parent.insert(name.to_owned(), value);
    }
}

/// Says more exactly what a field holds, in the place of its type.
fn merge(document: &mut Value, pointer: &str, more: Value) {
    let (Some(field), Value::Object(more)) = (document.pointer_mut(pointer).and_then(Value::as_object_mut), more) else { return };
    field.remove("type");
    field.extend(more);
}

/// The kinds of changes that the activity log can be asked for.
fn limit_kinds(document: &mut Value) {
    let parameters = document.pointer_mut("/paths/~1api~1v1~1activity/get/parameters").and_then(Value::as_array_mut);
    let kind = parameters.into_iter().flatten().find(|parameter| parameter.get("name") == Some(&json!("kind")));
    let Some(schema) = kind.and_then(|kind| kind.get_mut("schema")) else { return };
    *schema = json!({ "type": "string", "enum": KINDS.iter().map(|(kind, _)| *kind).collect::<Vec<_>>() });
}

/// Adds the failures, and the headers that all operations have in common.
fn complete(operation: &mut Value, method: &str, path: &str) {
    let is_secured = operation.pointer("/security/0").and_then(Value::as_object).is_some_and(|needed| !needed.is_empty());
    let is_list = operation.pointer("/operationId").and_then(Value::as_str).is_some_and(|id| id.starts_with("list_"));
    let Some(operation) = operation.as_object_mut() else { return };
    let statuses: &[u16] = match (method, is_secured) {
        ("post", true) => &[400, 401, 403, 409, 413, 422, 429, 500, 503],
        ("post", false) => &[400, 404, 413, 422, 429, 500, 503],
        ("delete", _) => &[400, 401, 403, 409, 422, 429, 500, 503],
        _ => &[400, 401, 403, 422, 429, 500, 503],
    };
    if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
        let not_found = (path.contains("{id}") || is_list).then_some(404);
        for status in statuses.iter().copied().chain(not_found) {
            responses.insert(status.to_string(), failure(status));
        }
        let headers = match method {
            "post" if is_secured => json!({ "Idempotent-Replayed": header("true where this was answered before.") }),
            "get" if is_list => json!({ "Link": header("Addresses of the pages before and after: rel=\"prev\", rel=\"next\".") }),
            _ => json!({}),
        };
        if let Some(success) = responses.get_mut("200").and_then(Value::as_object_mut) {
            success.insert("headers".to_owned(), headers);
        }
    }
    if method == "post" {
        let words = if is_secured { ONCE } else { "Taken, and not needed: sent again, a report is answered the same." };
        let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
        parameters.as_array_mut().into_iter().for_each(|all| all.push(idempotency_key(words)));
    }
}

const ONCE: &str = "Makes it safe to send a request again: within 24 hours the same one is carried out once, and another one under the same key \
    is refused.";

fn idempotency_key(words: &str) -> Value {
    json!({
        "name": "Idempotency-Key",
        "in": "header",
        "required": false,
        "description": words,
        "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" }
    })
}

fn header(words: &str) -> Value {
    json!({ "description": words, "schema": { "type": "string" } })
}

fn number(words: &str) -> Value {
    json!({ "description": words, "schema": { "type": "integer" } })
}

/// The problem documents of a status.
fn failure(status: u16) -> Value {
    let start = format!("{status}: ");
    let words: Vec<&str> = TYPES.iter().filter_map(|(_, words)| words.strip_prefix(&start)).collect();
    let mut headers = Map::new();
    if status == 401 {
        headers.insert("WWW-Authenticate".to_owned(), header("Bearer, and why the key lets nobody in."));
    }
    if matches!(status, 429 | 503) {
        headers.insert("Retry-After".to_owned(), number("Seconds until it is worth trying again."));
    }
    if status == 429 {
        headers.insert("RateLimit-Limit".to_owned(), number("How many are allowed."));
        headers.insert("RateLimit-Remaining".to_owned(), number("How many are left."));
        headers.insert("RateLimit-Reset".to_owned(), number("Seconds until the limit begins anew."));
    }
    json!({
        "description": words.join(" Or: "),
        "headers": headers,
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } }
    })
}
