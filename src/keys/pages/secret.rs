//! The one response that shows a secret. Nothing of it is kept: not here, not in the session, not in a log.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::access::{Permit, Right};
use crate::error::Result;
use crate::secret::KeyText;
use crate::web::frame::Frame;
use crate::web::{Console, page_with};

#[derive(Template)]
#[template(path = "keys/secret.html")]
struct SecretPage {
    frame: Frame,
    heading: String,
    name: String,
    secret: String,
    example: String,
    /// What else is to be known; empty where there is nothing.
    note: String,
    done_href: String,
    list: String,
}

/// Shows the text of a key, once. 201, since it answers to the making of it.
pub fn shown<P: Right>(
    permit: &Permit<P>,
    console: &Console,
    (id, name): (uuid::Uuid, &str),
    text: &KeyText,
    (heading, note): (String, String),
) -> Result<HttpResponse> {
    let secret = text.reveal();
    let url = console.config.link("/api/v1/organization");
    page_with(
        StatusCode::CREATED,
        &SecretPage {
            frame: permit.frame(),
            heading,
            name: name.to_owned(),
            example: format!("curl {url} \\\n  -H 'Authorization: Bearer {secret}'"),
            secret,
            note,
            done_href: permit.path_to(&format!("keys/{id}")),
            list: permit.path_to("keys"),
        },
    )
}
