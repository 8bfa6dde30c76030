//! For load balancers: whether this process lives, and whether it can serve.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::{HttpResponse, web};

use super::Console;
use crate::db::{Scope, migrations};

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// Whether the server is on its way out. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Stopping(Arc<AtomicBool>);

impl Stopping {
    pub fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// `GET /health/live`
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("alive\n")
}

/// `GET /health/ready`
pub async fn ready(console: web::Data<Console>, stopping: web::Data<Stopping>) -> HttpResponse {
    match trouble(&console, &stopping).await {
        None => HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready\n"),
        Some(why) => HttpResponse::ServiceUnavailable()
            .insert_header(("Retry-After", "5"))
            .content_type("text/plain; charset=utf-8")
            .body(format!("not ready: {why}\n")),
    }
}

async fn trouble(console: &Console, stopping: &Stopping) -> Option<&'static str> {
    if stopping.has_begun() {
        return Some("the server is stopping");
    }
    match tokio::time::timeout(PATIENCE, console.db.read(Scope::Nobody, migrations::pending)).await {
        Ok(Ok(false)) => None,
        Ok(Ok(true)) => Some("the database is not up to date; run `roster migrate`"),
        _ => Some("the database does not answer"),
    }
}
