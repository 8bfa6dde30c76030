//! The limit: bare handlers that run the same final SQL and render the same template as the console's pages, without
//! session, permit and frame. Each of its threads keeps one connection, on which row-level security is settled once; a
//! request costs one query and no transaction of its own.

mod invites;
mod keys;
mod members;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use actix_web::http::header;
use actix_web::{App, HttpResponse, HttpServer, web};
use askama::Template;
use roster::access::{OrgConn, read_as};
use roster::accounts::password::Passwords;
use roster::accounts::queries as accounts;
use roster::clock::Clock;
use roster::config::{Config, HashingCost};
use roster::db::Db;
use roster::error::{AppError, Result};
use roster::secret::SecretKeys;
use serde::Deserialize;
use tokio::sync::oneshot;
use uuid::Uuid;

type Job = Box<dyn FnOnce(&mut OrgConn<'_>) + Send>;

/// What waits for a connection.
#[derive(Default)]
struct Queue {
    jobs: Mutex<VecDeque<Job>>,
    more: Condvar,
}

impl Queue {
    fn put(&self, job: Job) {
        self.jobs.lock().unwrap().push_back(job);
        self.more.notify_one();
    }

    /// The next one; `None` when there was none for a while.
    fn take(&self) -> Option<Job> {
        let jobs = self.jobs.lock().unwrap();
        let (mut jobs, _) = self.more.wait_timeout_while(jobs, Duration::from_secs(5), |jobs| jobs.is_empty()).unwrap();
        jobs.pop_front()
    }
}

/// Connections that are inside the organization already.
#[derive(Clone)]
struct Door(Arc<Queue>);

impl Door {
    fn open(url: &str, organization_id: Uuid) -> Door {
        let queue = Arc::new(Queue::default());
        // As many connections as the console has by default.
        let connections = Config::read(|name| (name == "SECRET_KEY").then(|| "x".repeat(40))).unwrap().pool_size;
        for _ in 0..connections {
            let (db, queue) = (Db::new(url, 1, Clock::default()), queue.clone());
            std::thread::spawn(move || actix_web::rt::System::new().block_on(serve_jobs(db, organization_id, queue)));
        }
        Door(queue)
    }

    async fn read<T: Send + 'static>(&self, query: impl FnOnce(&mut OrgConn<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        self.0.put(Box::new(move |org| drop(answer.send(query(org)))));
        answered.await.map_err(|_| AppError::NotFound)?
    }
}

/// Works inside one long transaction, and begins another after a pause, before Postgres ends it.
async fn serve_jobs(db: Db, organization_id: Uuid, queue: Arc<Queue>) {
    loop {
        let queue = queue.clone();
        let busy = read_as(&db, organization_id, move |org| {
            while let Some(job) = queue.take() {
                job(org);
            }
            Ok(())
        });
        busy.await.unwrap();
    }
}

/// Serves until killed: the arguments are address, database and organization.
pub fn serve(arguments: &[String]) {
    let [address, url, organization_id] = arguments else { panic!("address, database and organization, not {arguments:?}") };
    let address: SocketAddr = address.parse().unwrap();
    let door = Door::open(url, organization_id.parse().unwrap());
    let cores = std::thread::available_parallelism().unwrap().get();
    let passwords = Passwords::new(HashingCost { memory_kib: 19_456, iterations: 2 }, cores).unwrap();
    let keys = SecretKeys::new("a secret of the benchmark, long enough", None);
    actix_web::rt::System::new().block_on(async {
        let roles = members::roles(&door).await;
        let server = HttpServer::new(move || {
            App::new()
                .app_data(web::Data::new(door.clone()))
                .app_data(web::Data::new(passwords.clone()))
                .app_data(web::Data::new(roles.clone()))
                .app_data(web::Data::new(keys.clone()))
                .route("/members", web::get().to(members::show))
                .route("/invites", web::get().to(invites::show))
                .route("/keys/verify", web::post().to(keys::verify))
                .route("/sign-in", web::post().to(sign_in))
        });
        server.workers(cores).bind(address).unwrap().run().await.unwrap();
    });
}

fn html(template: &impl Template) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(template.render().unwrap())
}

#[derive(Deserialize)]
struct SignIn {
    email: String,
    password: String,
}

/// Reads the account and verifies the password.
async fn sign_in(door: web::Data<Door>, passwords: web::Data<Passwords>, form: web::Form<SignIn>) -> Result<HttpResponse> {
    let SignIn { email, password } = form.into_inner();
    let row = door.read(move |org| Ok(accounts::by_email(org.connection(), &email)?)).await?;
    let matches = passwords.verify(&password, row.as_ref().map(|row| row.password_hash.as_str())).await?;
    assert!(matches);
    Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, "/")).finish())
}
