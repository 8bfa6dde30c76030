//! The two roles and the database of the console, made where they are missing.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::pg::PgConnection;
use diesel::sql_types::Bool;
use diesel::{Connection, RunQueryDsl};

use super::error::EmbeddedError;
use super::server;

/// The role that owns the database and migrates.
pub const OWNER: &str = "roster_owner";
/// The role the console runs as; it owns nothing.
pub const RUNTIME: &str = "roster";
/// The console's database.
pub const DATABASE: &str = "roster";
/// The role that made the cluster.
pub(super) const SUPERUSER: &str = "postgres";

/// Sees to roles and database; what exists stays as it is, so that this is quick on every start.
pub(super) fn ensure(admin: &mut PgConnection, socket: &Path) -> Result<(), EmbeddedError> {
    prepare(admin, socket).map_err(|reason| EmbeddedError::Prepare { reason })
}

fn prepare(admin: &mut PgConnection, socket: &Path) -> Result<(), String> {
    let plain = "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION";
    create_role(admin, OWNER, &format!("{plain} CREATEDB"))?;
    create_role(admin, RUNTIME, &format!("{plain} NOCREATEDB"))?;
    compress_log(admin)?;
    if exists(admin, &format!("SELECT FROM pg_database WHERE datname = '{DATABASE}'"))? {
        return Ok(());
    }
    close_public_schema(socket)?;
    // The database comes last and with its rights in its first moment, so that an interrupted start is repeated whole.
    run(admin, &format!("CREATE DATABASE {DATABASE} OWNER {OWNER} TEMPLATE template1"))
}

fn create_role(admin: &mut PgConnection, name: &str, rights: &str) -> Result<(), String> {
    match exists(admin, &format!("SELECT FROM pg_roles WHERE rolname = '{name}'"))? {
        true => Ok(()),
        false => run(admin, &format!("CREATE ROLE {name} {rights}")),
    }
}

/// Lets pages that are logged whole be compressed, where this server was built with lz4: other methods cost more than they
/// save.
fn compress_log(admin: &mut PgConnection) -> Result<(), String> {
    let missing = format!(
        "SELECT FROM pg_settings, pg_roles WHERE name = 'wal_compression' AND 'lz4' = ANY (enumvals) AND rolname = '{RUNTIME}'
            AND 'wal_compression=lz4' <> ALL (coalesce(rolconfig, '{{}}'))"
    );
    match exists(admin, &missing)? {
        true => run(admin, &format!("ALTER ROLE {RUNTIME} SET wal_compression = 'lz4'")),
        false => Ok(()),
    }
}

/// Before version 15 every role may create tables in `public`. Changed in the template, this holds for the console's
/// database and for all that the owner creates.
fn close_public_schema(socket: &Path) -> Result<(), String> {
    let url = server::url(socket, SUPERUSER, "template1");
    let mut template = PgConnection::establish(&url).map_err(|error| error.to_string())?;
    let statements = format!("REVOKE CREATE ON SCHEMA public FROM PUBLIC; GRANT ALL ON SCHEMA public TO {OWNER}");
    run(&mut template, &statements)
}

fn exists(admin: &mut PgConnection, query: &str) -> Result<bool, String> {
    let question = diesel::select(sql::<Bool>(&format!("EXISTS ({query})")));
    question.get_result(admin).map_err(|error| error.to_string())
}

fn run(connection: &mut PgConnection, statements: &str) -> Result<(), String> {
    connection.batch_execute(statements).map_err(|error| error.to_string())
}
