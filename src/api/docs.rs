//! `/api/docs`: the API as people read it, made of the same document.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde_json::Value;

use super::document::document;
use crate::access::catalog;
use crate::access::policy::Permission;
use crate::error::Result;
use crate::secret::KEY_PATTERN;
use crate::web::frame::Public;
use crate::web::problem::TYPES;
use crate::web::{Console, page};

/// Deeper fields than these are left to the document.
const DEEPEST: usize = 4;

/// Operations under one heading.
struct Section {
    name: String,
    words: String,
    operations: Vec<Operation>,
}

struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    words: String,
    /// The ability that it takes; empty where any key will do, or none is needed.
    ability: String,
    needs_key: bool,
    parameters: Vec<Field>,
    body: Vec<Field>,
    /// What it answers when all is well.
    answer: Vec<Field>,
    statuses: Vec<(String, String)>,
    curl: String,
}

struct Field {
    name: String,
    kind: String,
    words: String,
    required: bool,
}

#[derive(Template)]
#[template(path = "api/docs.html")]
struct DocsPage {
    page: Public,
    origin: String,
    sections: Vec<Section>,
    /// Name and words.
    problems: Vec<(&'static str, &'static str)>,
    /// Key and sentence.
    permissions: Vec<(String, String)>,
    pattern: &'static str,
}

/// `GET /api/docs`
pub async fn show(console: web::Data<Console>) -> Result<HttpResponse> {
    let (document, origin) = (document(&console)?, console.config.origin());
    let product = console.db.product();
    page(&DocsPage {
        page: Public::new(Arc::clone(&console.assets.look), None),
        sections: sections(&document, &origin),
        origin,
        problems: TYPES.to_vec(),
        permissions: catalog::all(product).map(|entry| (entry.key.to_owned(), entry.sentence.to_owned())).collect(),
        pattern: KEY_PATTERN,
    })
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn list<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

fn sections(document: &Value, origin: &str) -> Vec<Section> {
    let of = |tag: &Value| {
        let name = text(tag, "/name");
        let paths = document.get("paths").and_then(Value::as_object).into_iter().flatten();
        let all = paths.flat_map(|(path, item)| {
            let methods = item.as_object().into_iter().flatten();
            methods.map(move |(method, operation)| (path, method, operation))
        });
        let own = all.filter(|(_, _, operation)| list(operation, "/tags").any(|tag| tag.as_str() == Some(&name)));
        let operations = own.map(|(path, method, operation)| view(document, origin, (path, method), operation)).collect();
        Section { words: text(tag, "/description"), operations, name }
    };
    list(document, "/tags").map(of).collect()
}

fn view(document: &Value, origin: &str, (path, method): (&str, &str), operation: &Value) -> Operation {
    let schema = operation.pointer("/requestBody/content/application~1json/schema");
    let success = operation.pointer("/responses/200/content/application~1json/schema");
    let needs_key = operation.pointer("/security/0/key").is_some();
    let statuses = operation.get("responses").and_then(Value::as_object).into_iter().flatten();
    let body = schema.map(|schema| fields(document, schema, "", 0)).unwrap_or_default();
    Operation {
        id: text(operation, "/operationId"),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(operation, "/summary"),
        words: text(operation, "/description"),
        ability: text(operation, "/security/0/key/0"),
        needs_key,
        parameters: list(operation, "/parameters").map(|one| parameter(document, one)).collect(),
        curl: curl(origin, (path, method), needs_key, &body),
        body,
        answer: success.map(|schema| answered(document, schema)).unwrap_or_default(),
        statuses: statuses.map(|(status, one)| (status.clone(), text(one, "/description"))).collect(),
    }
}

fn parameter(document: &Value, parameter: &Value) -> Field {
    let place = match text(parameter, "/in").as_str() {
        "path" => "in the address",
        "header" => "header",
        _ => "in the query",
    };
    let kind = parameter.get("schema").map(|schema| kind(document, schema)).unwrap_or_default();
    Field {
        name: text(parameter, "/name"),
        kind: format!("{kind}, {place}"),
        words: text(parameter, "/description"),
        required: parameter.get("required") == Some(&Value::Bool(true)),
    }
}

/// What stands behind a reference, or beside a null.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return reference.strip_prefix('#').and_then(|pointer| document.pointer(pointer)).unwrap_or(schema);
    }
    let is_null = |one: &&Value| one.get("type").and_then(Value::as_str) == Some("null");
    match list(schema, "/oneOf").find(|one| !is_null(one)) {
        Some(other) if list(schema, "/oneOf").any(|one| is_null(&one)) => resolved(document, other),
        _ => schema,
    }
}

/// The fields of an object, with those of the objects in it: `data[].role.name`.
fn fields(document: &Value, schema: &Value, prefix: &str, depth: usize) -> Vec<Field> {
    let schema = resolved(document, schema);
    let required: Vec<&str> = list(schema, "/required").filter_map(Value::as_str).collect();
    let mut found: Vec<Field> = list(schema, "/allOf").flat_map(|part| fields(document, part, prefix, depth)).collect();
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let (inner, path) = (resolved(document, property), format!("{prefix}{name}"));
        let words = Some(text(property, "/description")).filter(|words| !words.is_empty());
        found.push(Field {
            kind: kind(document, property),
            words: words.unwrap_or_else(|| text(inner, "/description")),
            required: required.contains(&name.as_str()),
            name: path.clone(),
        });
        if depth < DEEPEST {
            let (below, path) = inner.get("items").map_or((inner, format!("{path}.")), |items| (items, format!("{path}[].")));
            found.extend(fields(document, below, &path, depth + 1));
        }
    }
    found
}

/// The fields of an answer, all of which are always there.
fn answered(document: &Value, schema: &Value) -> Vec<Field> {
    let all = fields(document, schema, "", 0);
    all.into_iter().map(|field| Field { required: false, ..field }).collect()
}

/// What a field holds, in words.
fn kind(document: &Value, schema: &Value) -> String {
    let inner = resolved(document, schema);
    let types: Vec<&str> = match inner.get("type") {
        Some(Value::String(one)) => vec![one.as_str()],
        _ => list(inner, "/type").filter_map(Value::as_str).collect(),
    };
    let or_null =
        if types.contains(&"null") || !std::ptr::eq(inner, schema) && schema.get("oneOf").is_some() { " or null" } else { "" };
    let values = list(inner, "/enum").chain(list(inner, "/oneOf").flat_map(|one| list(one, "/enum")));
    let values: Vec<&str> = values.filter_map(Value::as_str).collect();
    let words = match types.iter().find(|one| **one != "null") {
        _ if values.contains(&Permission::MembersView.key()) => "a permission".to_owned(),
        _ if !values.is_empty() => values.join(", "),
        Some(&"array") => {
            format!("list of: {}", inner.get("items").map(|items| kind(document, items)).unwrap_or_default())
        }
        Some(&"integer") => "number".to_owned(),
        Some(&"boolean") => "true or false".to_owned(),
        Some(&"object") => "object".to_owned(),
        _ => match text(inner, "/format").as_str() {
            "uuid" => "UUID".to_owned(),
            "date-time" => "time".to_owned(),
            _ => "text".to_owned(),
        },
    };
    words + or_null
}

fn curl(origin: &str, (path, method): (&str, &str), needs_key: bool, body: &[Field]) -> String {
    let mut parts = vec![format!("curl {origin}{}", path.replace("{id}", "$ID"))];
    if method != "get" && body.is_empty() {
        parts.push(format!("-X {}", method.to_uppercase()));
    }
    if needs_key {
        parts.push("-H \"Authorization: Bearer $KEY\"".to_owned());
    }
    if !body.is_empty() {
        let fields: Vec<String> = body.iter().filter(|field| field.required).map(example).collect();
        parts.push("-H 'Content-Type: application/json'".to_owned());
        parts.push(format!("-d '{{{}}}'", fields.join(", ")));
    }
    parts.join(" \\\n  ")
}

fn example(field: &Field) -> String {
    let value = match (field.name.as_str(), field.kind.as_str()) {
        ("emails", _) => "[\"dana@example.com\"]",
        ("user", _) => "\"dana@example.com\"",
        ("permission", _) => "\"members.invite\"",
        ("key", _) => "\"oat_…\"",
        (_, "UUID") => "\"01993c1e-7a4b-7cc1-9a51-2f6f0f8d3b10\"",
        _ => "\"…\"",
    };
    format!("\"{}\": {value}", field.name)
}
