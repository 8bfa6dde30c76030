//! The actix application: routes inside, middleware around them, and a server that starts and stops cleanly.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer, web};

use crate::accounts::password::Passwords;
use crate::config::Config;
use crate::db::Db;
use crate::mail;
use crate::routes;
use crate::sessions::{self, Store};
use crate::web::{Console, error_pages, guard, headers, request_log};

/// A server that serves, and the means to stop it.
pub struct Running {
    pub address: SocketAddr,
    pub handle: ServerHandle,
    pub server: Server,
    /// Sends the outbox, where a mail server is configured. Ends with this value.
    pub mail: Option<mail::Worker>,
}

impl Running {
    /// Serves until SIGTERM or SIGINT, then lets requests in flight finish.
    pub async fn until_stopped(self) -> io::Result<()> {
        let Running { handle, server, mail, .. } = self;
        let stopping = tokio::spawn(async move {
            signalled().await;
            // Mails under way are finished or given back while the last requests are answered.
            let no_more_mail = async {
                if let Some(worker) = mail {
                    worker.stop().await;
                }
            };
            tokio::join!(handle.stop(true), no_more_mail);
        });
        let served = server.await;
        // Only the signal ends it without an error; then the mails under way are waited for as well.
        match &served {
            Ok(()) => drop(stopping.await),
            Err(_) => stopping.abort(),
        }
        served
    }
}

async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
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
    let (bind_workers, hashing) = (config.workers, config.hashing);
    let passwords = Passwords::new(hashing, bind_workers).map_err(io::Error::other)?;
    let passwords = web::Data::new(passwords);
    let console = web::Data::new(Console { config, db });
    let mail = mail::Worker::start(console.clone().into_inner());
    let server = HttpServer::new(move || {
        let session = sessions::cookie::middleware(&console.config, Store::new(console.db.clone()));
        App::new()
            .app_data(console.clone())
            .app_data(passwords.clone())
            .configure(routes::plain)
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
    })
    .workers(bind_workers)
    .client_request_timeout(Duration::from_secs(10))
    .shutdown_timeout(15)
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(Running { address, handle: server.handle(), server, mail })
}
