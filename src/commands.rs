//! What each command does: settings, database, then the work.

pub mod billing;

use std::error::Error;
use std::io::{self, IsTerminal};

use diesel::pg::PgConnection;
use roster::accounts::password::{NewPassword, Passwords};
use roster::clock::Clock;
use roster::config::{Config, Database, LogFormat, SETTINGS};
use roster::db::embedded::{Cluster, Durability, Options};
use roster::db::{self, Db, migrations};
use roster::error::AppError;
use roster::secret::KeyText;
use roster::{app, demo, organizations};

const OTHER_PLACE: &str = "Give the demo a place of its own: DATA_DIR=var/demo bin/run demo";

pub type Outcome = Result<(), Box<dyn Error>>;

/// The settings as `--help` lists them.
pub fn settings_help() -> String {
    let line = |(name, default, meaning): &(&str, &str, &str)| {
        let default = if default.is_empty() { String::new() } else { format!(" [{default}]") };
        format!("  {name:<20} {meaning}{default}\n")
    };
    format!("Settings (environment variables):\n{}", SETTINGS.iter().map(line).collect::<String>())
}

/// A database that is ready, and the cluster behind it if it is our own.
struct Ready {
    config: Config,
    url: String,
    db: Db,
    cluster: Option<Cluster>,
}

fn prepare() -> Result<Ready, Box<dyn Error>> {
    let config = Config::from_environment()?;
    start_log(&config);
    ready(config)
}

fn ready(config: Config) -> Result<Ready, Box<dyn Error>> {
    let (cluster, owner_url, url) = match &config.database {
        Database::Url(url) => (None, url.clone(), url.clone()),
        Database::Private => {
            let options =
                Options { data_dir: config.data_dir.clone(), durability: Durability::Durable, pg_bin: config.pg_bin.clone() };
            let cluster = Cluster::start(&options)?;
            cluster.notes().iter().for_each(|note| eprintln!("{note}"));
            let urls = (cluster.owner_url(), cluster.runtime_url());
            (Some(cluster), urls.0, urls.1)
        }
    };
    let runtime_role = cluster.as_ref().map(|_| db::embedded::RUNTIME);
    if config.migrate {
        migrations::run(&mut connect(&owner_url)?, runtime_role)?;
    }
    let mut connection = connect(&url)?;
    if migrations::role_bypasses_security(&mut connection)? {
        return Err(
            "DATABASE_URL: its role is a superuser or has BYPASSRLS, so row-level security would not hold. Use an ordinary role."
                .into(),
        );
    }
    if migrations::pending(&mut connection)? {
        return Err("the database is not up to date: run `roster migrate` first, or set MIGRATE=on".into());
    }
    look_for_what_is_named(&config, &mut connection)?;
    let db = Db::new(&url, config.pool_size, Clock::default()).of_product(&config.product_permissions, &config.plans);
    Ok(Ready { config, url, db, cluster })
}

/// What the settings name has to be there already, and what the rows name has to be in the settings.
fn look_for_what_is_named(config: &Config, connection: &mut PgConnection) -> Outcome {
    if let Some(slug) = &config.operator_organization
        && organizations::queries::id_of_slug(connection, slug).is_err()
    {
        // Else whoever founds it first would verify everybody's keys.
        return Err(format!("OPERATOR_ORGANIZATION: expected the slug of an organization that is there, found {slug:?}").into());
    }
    let offered: Vec<&str> = config.plans.all.iter().map(|plan| plan.key.as_str()).collect();
    if let Some((plan, slug)) = organizations::queries::plans_besides(connection, &offered)? {
        // Else their features would close, and nobody would know why.
        return Err(format!(
            "PLANS_FILE: expected the plan {plan:?}, which {slug} is on or changes to. Keep it in the file with offered = false, and nobody else gets it"
        )
        .into());
    }
    let modules: Vec<&str> = config.plans.modules.iter().map(|module| module.key.as_str()).collect();
    if let Some((module, slug)) = organizations::queries::modules_besides(connection, &modules)? {
        // Else what they pay for would be open to everybody.
        return Err(format!(
            "PLANS_FILE: expected the module {module:?}, which {slug} subscribes to. Keep it in the file with offered = false, and nobody else gets it"
        )
        .into());
    }
    Ok(())
}

fn connect(url: &str) -> Result<PgConnection, String> {
    // libpq names host, user and database, never the password.
    db::connect(url).map_err(|error| format!("DATABASE_URL: expected a Postgres that answers; {error}"))
}

fn start_log(config: &Config) {
    let builder = tracing_subscriber::fmt()
        .with_env_filter(&config.log_filter)
        .with_writer(std::io::stderr)
        // Colours are for eyes, not for files.
        .with_ansi(io::stderr().is_terminal());
    match config.log_format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
}

pub fn serve() -> Outcome {
    let ready = prepare()?;
    run(ready, &[])
}

fn run(ready: Ready, words: &[String]) -> Outcome {
    let Ready { config, db, cluster, .. } = ready;
    let (public, mailbox) = (config.origin(), config.shows_mailbox());
    let place = cluster.as_ref().map(Cluster::where_words);
    warn_of_issuer(&config);
    actix_web::rt::System::new().block_on(async move {
        let bind = config.bind;
        let running = app::start(config, db).map_err(|error| {
            io::Error::other(format!("BIND: expected an address that is free to serve on, found {bind}: {error}"))
        })?;
        println!("Roster is ready at {public}");
        if let Some(place) = place {
            println!("  Database: {place}");
        }
        if mailbox {
            println!("  Mail:     waits at {public}/mailbox, as no SMTP_URL is set");
        }
        if words.is_empty() {
            println!("  Demo:     DATA_DIR=var/demo bin/run demo serves 60 people in three organizations");
        }
        words.iter().for_each(|line| println!("{line}"));
        running.until_stopped().await
    })?;
    drop(cluster);
    Ok(())
}

/// Who is invoiced has to know where to pay, and VAT goes by the country of who invoices.
fn warn_of_issuer(config: &Config) {
    let issuer = &config.plans.issuer;
    let missing = [
        ("payment", "name no account to pay to", issuer.payment.is_empty() && config.stripe.is_none()),
        ("country", "add no VAT", issuer.country.is_empty()),
    ];
    let (keys, what): (Vec<&str>, Vec<&str>) =
        missing.into_iter().filter(|(_, _, is_missing)| *is_missing).map(|(key, what, _)| (key, what)).unzip();
    if !keys.is_empty() {
        tracing::warn!("invoices {}: set {} under [issuer] in PLANS_FILE", what.join(" and "), keys.join(" and "));
    }
}

pub fn migrate(grant_to: Option<&str>) -> Outcome {
    let config = Config::from_environment()?;
    start_log(&config);
    match &config.database {
        Database::Url(url) => migrations::run(&mut connect(url)?, grant_to)?,
        // Bringing it up to date is what was asked for, whatever MIGRATE says of a start.
        Database::Private => drop(ready(Config { migrate: true, ..config })?),
    }
    println!("The database is up to date.");
    Ok(())
}

pub fn demo() -> Outcome {
    let mut ready = prepare()?;
    // Nobody behind the demo's addresses wants mail.
    ready.config.smtp_url = None;
    let (url, config) = (ready.url.clone(), ready.config.clone());
    actix_web::rt::System::new().block_on(async move {
        // On a clock of its own, as it plays in the past.
        let clock = Clock::default();
        let db = Db::new(&url, config.pool_size, clock.clone()).of_product(&config.product_permissions, &config.plans);
        match demo::look(&db).await? {
            demo::Found::Demo => return Ok(()),
            demo::Found::Nothing => println!("Playing the demo: 60 people in three organizations, six weeks …"),
            demo::Found::Part => return Err(format!("the demo broke off half-way here. {OTHER_PLACE}").into()),
            demo::Found::Other => return Err(format!("there is something else in this database. {OTHER_PLACE}").into()),
        }
        let password = NewPassword::parse(demo::PASSWORD, &[])?;
        let hash = Passwords::new(config.hashing, 1)?.hash(password).await?;
        Ok::<(), Box<dyn Error>>(demo::fill(&db, &clock, &hash).await?)
    })?;
    let mut words = vec!["  Sign in:  everybody's password is ".to_owned() + demo::PASSWORD];
    words.extend(demo::sign_ins().iter().map(|(role, email, organization)| format!("    {role:<9} {email:<34} {organization}")));
    run(ready, &words)
}

pub fn set_limit(slug: &str, members: i32) -> Outcome {
    let ready = prepare()?;
    let (db, wanted, slug) = (ready.db.clone(), slug, slug.to_owned());
    let set =
        actix_web::rt::System::new().block_on(async move { organizations::actions::set_member_limit(&db, &slug, members).await });
    match set {
        Ok(words) => println!("{words}"),
        Err(AppError::NotFound) => {
            return Err(format!("no organization is at /o/{wanted}: take the slug from its address").into());
        }
        Err(AppError::BadRequest(words)) => return Err(words.into()),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

pub fn check_key(text: &str) -> Outcome {
    let text = if text == "-" { io::read_to_string(io::stdin())? } else { text.to_owned() };
    let Some(key) = KeyText::parse(text.trim()) else {
        return Err("this is no key of Roster: its form or its checksum is wrong".into());
    };
    println!("This is a key of Roster: form and checksum are right. Its prefix is {}.", KeyText::prefix(key.id()));
    println!("Whether it works is another question. Found in the open? POST it to /api/v1/keys/leaked, and it is revoked.");
    Ok(())
}
