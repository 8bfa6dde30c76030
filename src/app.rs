//! The actix application: routes inside, middleware around them, and a server that starts and stops cleanly.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer, web};
use tokio::task::JoinHandle;

use crate::access::key::{Keys, Writer};
use crate::accounts::password::Passwords;
use crate::config::Config;
use crate::db::Db;
use crate::mail;
use crate::sessions::{self, Store};
use crate::stripe::{Stripe, StripeError};
use crate::web::health::Stopping;
use crate::web::{Console, error_pages, guard, headers, request_log};
use crate::{billing, routes, upkeep};

/// How long a server that is told to stop goes on taking connections, so that load balancers read from `/health/ready`
/// that they should send it no more.
const LINGER: Duration = Duration::from_secs(3);
/// How long requests in flight may take to finish.
const DRAIN_SECONDS: u64 = 15;

/// A server that serves, and the means to stop it.
pub struct Running {
    pub address: SocketAddr,
    pub handle: ServerHandle,
    pub server: Server,
    pub stopping: Stopping,
    pub upkeep: JoinHandle<()>,
    /// Compares what organizations pay with Stripe, where that is set up.
    pub compared: Option<JoinHandle<()>>,
    /// Writes down when keys were used last.
    pub uses: Writer,
    /// Sends the outbox, where a mail server is configured. Ends with this value.
    pub mail: Option<mail::Worker>,
}

impl Running {
    /// Serves until SIGTERM or SIGINT, then lets requests in flight finish.
    pub async fn until_stopped(self) -> io::Result<()> {
        let Running { handle, server, stopping, upkeep, compared, uses, mail, .. } = self;
        let stop = tokio::spawn(async move {
            let signal = signalled().await;
            stopping.begin();
            let no_more_requests = async {
                if signal == Signal::Terminate {
                    tokio::time::sleep(LINGER).await;
                }
                handle.stop(true).await;
            };
            let no_more_mail = async {
                if let Some(worker) = mail {
                    worker.stop().await;
                }
            };
            tokio::join!(no_more_requests, no_more_mail);
        });
        let served = server.await;
        // Only the signal ends it without an error; then mails under way are waited for as well.
        match &served {
            Ok(()) => drop(stop.await),
            Err(_) => stop.abort(),
        }
        upkeep.abort();
        if let Some(compared) = compared {
            compared.abort();
        }
        uses.stop().await;
        served
    }
}

#[derive(PartialEq, Eq)]
enum Signal {
    /// From a supervisor.
    Terminate,
    /// From a keyboard: nobody balances load there.
    Interrupt,
}

async fn signalled() -> Signal {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => Signal::Terminate,
        _ = interrupt.recv() => Signal::Interrupt,
    }
}

/// Binds and starts the workers.
///
/// # Errors
/// When the address cannot be bound, or the settings of the hashes are impossible.
pub fn start(config: Config, db: Db) -> io::Result<Running> {
    start_on(TcpListener::bind(config.bind)?, config, db)
}

/// Starts the workers on a listener that is bound already.
///
/// # Errors
/// As `start`.
pub fn start_on(listener: TcpListener, config: Config, db: Db) -> io::Result<Running> {
    let address = listener.local_addr()?;
    let passwords = Passwords::new(config.hashing, config.workers).map_err(io::Error::other)?;
    let (stopping, keys) = (Stopping::default(), Keys::new(&db));
    let upkeep = upkeep::start(db.clone());
    let stripe = stripe(&config).map_err(io::Error::other)?;
    let compared = stripe.clone().map(|stripe| billing::stripe::worker::start(db.clone(), stripe));
    let uses = Writer::start(&keys.uses);
    let shared = Shared {
        passwords: web::Data::new(passwords),
        stopping: web::Data::new(stopping.clone()),
        keys: web::Data::new(keys),
        console: web::Data::new(Console::new(config, db, stripe)),
    };
    let mail = mail::Worker::start(shared.console.clone().into_inner());
    let server = serve(listener, shared)?;
    Ok(Running { address, handle: server.handle(), server, stopping, upkeep, compared, uses, mail })
}

/// The client of Stripe, where that is set up.
///
/// # Errors
/// When no certificates are to be found, or the key cannot be sent.
pub fn stripe(config: &Config) -> Result<Option<Stripe>, StripeError> {
    config.stripe.as_ref().map(|settings| Stripe::new(&settings.secret_key, &settings.api_base)).transpose()
}

/// What all workers of a server share.
#[derive(Clone)]
struct Shared {
    console: web::Data<Console>,
    passwords: web::Data<Passwords>,
    stopping: web::Data<Stopping>,
    keys: web::Data<Keys>,
}

fn serve(listener: TcpListener, shared: Shared) -> io::Result<Server> {
    let workers = shared.console.config.workers;
    let server = HttpServer::new(move || {
        let session = sessions::cookie::middleware(&shared.console.config, Store::new(shared.console.db.clone()));
        App::new()
            .app_data(shared.console.clone())
            .app_data(shared.passwords.clone())
            .app_data(shared.stopping.clone())
            .app_data(shared.keys.clone())
            .configure(routes::plain)
            .configure(routes::api)
            .service(
                web::scope("")
                    .wrap(from_fn(sessions::cookie::note_kept))
                    .wrap(session)
                    .wrap(from_fn(sessions::cookie::lengthen))
                    .configure(routes::console)
                    .configure(routes::nothing_here),
            )
            .wrap(from_fn(guard::same_origin))
            .wrap(from_fn(guard::clean_cookies))
            .wrap(from_fn(guard::known_host))
            .wrap(from_fn(error_pages::dress))
            .wrap(from_fn(headers::add))
            .wrap(Compress::default())
            .wrap(from_fn(request_log::log))
    });
    let server = server.workers(workers).client_request_timeout(Duration::from_secs(10)).shutdown_timeout(DRAIN_SECONDS);
    Ok(server.disable_signals().listen(listener)?.run())
}
