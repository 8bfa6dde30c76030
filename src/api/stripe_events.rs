//! `POST /api/stripe/events`: where Stripe says that something has happened. It proves itself by a signature over the body
//! as it came (security rule 17); without a secret there is no such address.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::billing::stripe::events;
use crate::error::{AppError, Result};
use crate::stripe::{Event, verify};
use crate::web::{Console, json};

/// Events are some kilobytes; whatever is much larger is none.
const LARGEST: usize = 1_048_576;

/// `POST /api/stripe/events`. 200 means that the event is remembered, now or before, or that it is about nobody here.
pub async fn receive(request: HttpRequest, console: web::Data<Console>, payload: web::Payload) -> Result<HttpResponse> {
    let secret = console.config.stripe.as_ref().and_then(|stripe| stripe.webhook_secret.as_deref());
    let secret = secret.ok_or(AppError::NotFound)?;
    let body = json::in_time(payload.into_inner(), LARGEST).await?;
    let signature = request.headers().get("stripe-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if let Err(reason) = verify(&body, signature, secret, console.db.now()) {
        tracing::warn!(%reason, "an event that is not Stripe's was refused");
        return Err(AppError::BadRequest("The signature is not that of Stripe, or too old."));
    }
    let event = Event::parse(&body).ok().filter(is_plain).ok_or(AppError::BadRequest("That is no event of Stripe."))?;
    let is_ours = events::remember(&console.db, &event).await?;
    tracing::debug!(event = event.id, kind = event.kind, is_ours, "an event of Stripe");
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("Remembered."))
}

/// Whether its ids are such as Stripe makes.
fn is_plain(event: &Event) -> bool {
    let words = [&event.id, &event.kind, &event.object_id, event.customer.as_ref().unwrap_or(&event.id)];
    words.into_iter().all(|word| word.len() <= 255 && word.bytes().all(|byte| byte.is_ascii_graphic()))
}
