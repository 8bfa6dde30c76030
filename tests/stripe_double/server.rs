//! HTTP around the double: the API below `/v1`, the controls below `/_double`, the pages elsewhere. Requests are answered one after
//! the other, as all of them look at one account.

use crate::control;
use crate::double::{Double, Reply, Request};
use crate::pages::{self, Page};
use crate::params::Params;
use crate::webhooks::{Target, Webhooks};
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::Server;
use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use std::net::TcpListener;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};
use std::time::Duration;

/// How the double is started.
pub struct Setup {
    /// 0 lets the system choose.
    pub port: u16,
    /// The clock's beginning, in seconds since 1970.
    pub now: i64,
    /// Where events go.
    pub target: Option<Target>,
}

/// Binds to the loopback address and gives the server with its address, `http://127.0.0.1:PORT`.
pub fn start(setup: Setup) -> std::io::Result<(Server, String)> {
    let listener = TcpListener::bind(("127.0.0.1", setup.port))?;
    let base = format!("http://{}", listener.local_addr()?);
    let double = Double::new(&base, setup.now, Webhooks::start(setup.target));
    let shared = Data::new(Mutex::new(double));
    let app = move || App::new().app_data(shared.clone()).default_service(web::to(answer));
    Ok((HttpServer::new(app).workers(2).shutdown_timeout(1).disable_signals().listen(listener)?.run(), base))
}

async fn answer(request: HttpRequest, body: Bytes, double: Data<Mutex<Double>>) -> HttpResponse {
    let path = request.path().trim_start_matches('/').to_owned();
    if let Some(path) = path.strip_prefix("v1/") {
        return api(&request, path, &body, &double).await;
    }
    let sent = sent_with(&request, &body);
    if path == "_double/settle" {
        return settle(&double).await;
    }
    if let Some(path) = path.strip_prefix("_double/") {
        return match control::answer(&mut lock(&double), request.method().as_str(), path, &sent) {
            Ok(value) => HttpResponse::Ok().json(value),
            Err((status, message)) => {
                HttpResponse::build(code(status)).json(serde_json::json!({ "error": { "message": message } }))
            }
        };
    }
    match pages::answer(&mut lock(&double), request.method().as_str(), &path, &sent) {
        Page::Html(status, html) => HttpResponse::build(code(status)).content_type("text/html; charset=utf-8").body(html),
        Page::SeeOther(address) => HttpResponse::SeeOther().insert_header(("Location", address)).finish(),
        Page::Pdf(name, bytes) => HttpResponse::Ok()
            .content_type("application/pdf")
            .insert_header(("Content-Disposition", format!("attachment; filename=\"{name}\"")))
            .body(bytes),
    }
}

async fn api(request: &HttpRequest, path: &str, body: &Bytes, double: &Data<Mutex<Double>>) -> HttpResponse {
    let wait = lock(double).switches.hang_ms;
    if wait > 0 {
        tokio::time::sleep(Duration::from_millis(wait)).await;
    }
    let reply = lock(double).answer(&read(request, path, body));
    respond(reply)
}

fn read(request: &HttpRequest, path: &str, body: &Bytes) -> Request {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Request {
        method: request.method().as_str().to_owned(),
        path: path.trim_end_matches('/').to_owned(),
        query: request.query_string().to_owned(),
        body: String::from_utf8_lossy(body).into_owned(),
        content_type: header("Content-Type").unwrap_or_default(),
        authorization: header("Authorization").unwrap_or_default(),
        key: header("Idempotency-Key").filter(|key| !key.is_empty()),
        version: header("Stripe-Version"),
    }
}

fn respond(reply: Reply) -> HttpResponse {
    let mut response = HttpResponse::build(code(reply.status));
    response.content_type("application/json");
    for (name, value) in reply.headers {
        response.insert_header((name, value));
    }
    if reply.broken { response.force_close().body(Broken) } else { response.body(reply.body) }
}

/// Waits until the webhooks are delivered, ten seconds at most.
async fn settle(double: &Data<Mutex<Double>>) -> HttpResponse {
    let webhooks = Arc::clone(&lock(double).webhooks);
    let settled = web::block(move || webhooks.settle(Duration::from_secs(10))).await.unwrap_or(false);
    HttpResponse::Ok().json(serde_json::json!({ "settled": settled }))
}

fn sent_with(request: &HttpRequest, body: &Bytes) -> Params {
    let is_json =
        request.headers().get("Content-Type").and_then(|value| value.to_str().ok()).is_some_and(|kind| kind.contains("json"));
    if is_json {
        return Params::from_json(&serde_json::from_slice(body).unwrap_or_default());
    }
    Params::parse(&format!("{}&{}", request.query_string(), String::from_utf8_lossy(body)))
}

fn lock(double: &Data<Mutex<Double>>) -> MutexGuard<'_, Double> {
    // A panic is a bug of the double; the requests after it shall still tell what the state is.
    double.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("the double answers statuses that exist")
}

/// A body that announces itself and never comes: the connection breaks.
struct Broken;

impl MessageBody for Broken {
    type Error = std::io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(1000)
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(Some(Err(std::io::Error::other("the connection is dropped on purpose"))))
    }
}
