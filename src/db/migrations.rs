//! The embedded migrations. Diesel takes no lock of its own, and two first starts at once would fail: an advisory lock
//! makes the second one wait and find nothing left to do.

use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::pg::{Pg, PgConnection};
use diesel::sql_types::{BigInt, Bool, Text};
use diesel::{QueryableByName, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::error::{AppError, Result};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");
/// Any number, the same in every version of the console.
const LOCK: i64 = 7_305_816_240_911;

/// Brings the database up to date and lets `runtime_role` use it, where one is named.
///
/// # Errors
/// What Postgres answers.
pub fn run(connection: &mut PgConnection, runtime_role: Option<&str>) -> Result<()> {
    diesel::sql_query("SELECT pg_advisory_lock($1)").bind::<BigInt, _>(LOCK).execute(connection)?;
    let outcome = migrate(connection, runtime_role);
    diesel::sql_query("SELECT pg_advisory_unlock($1)").bind::<BigInt, _>(LOCK).execute(connection)?;
    outcome
}

fn migrate(connection: &mut PgConnection, runtime_role: Option<&str>) -> Result<()> {
    let applied = connection.run_pending_migrations(MIGRATIONS).map_err(|error| AppError::Internal(error.to_string()))?;
    for version in applied {
        tracing::info!(%version, "migrated");
    }
    let Some(role) = runtime_role else { return Ok(()) };
    let role = quoted(connection, role)?;
    let grants = format!(
        "GRANT USAGE ON SCHEMA public TO {role}; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}; \
         REVOKE UPDATE, DELETE ON events, account_events FROM {role}; \
         REVOKE INSERT, UPDATE, DELETE ON __diesel_schema_migrations FROM {role}"
    );
    Ok(connection.batch_execute(&grants)?)
}

#[derive(QueryableByName)]
struct Quoted {
    #[diesel(sql_type = Text)]
    name: String,
}

fn quoted(connection: &mut PgConnection, role: &str) -> Result<String> {
    let row: Quoted = diesel::sql_query("SELECT quote_ident($1) AS name").bind::<Text, _>(role).get_result(connection)?;
    Ok(row.name)
}

#[derive(QueryableByName)]
struct Applied {
    #[diesel(sql_type = Text)]
    version: String,
}

/// Whether migrations of this build are missing in the database. Only reads, so that any role may ask.
pub fn pending(connection: &mut PgConnection) -> Result<bool> {
    let embedded = MigrationSource::<Pg>::migrations(&MIGRATIONS).map_err(|error| AppError::Internal(error.to_string()))?;
    let applied = diesel::sql_query("SELECT version FROM __diesel_schema_migrations").load::<Applied>(connection)?;
    let is_applied = |version: String| applied.iter().any(|row| row.version == version);
    Ok(!embedded.iter().all(|migration| is_applied(migration.name().version().to_string())))
}

#[derive(QueryableByName)]
struct Bypasses {
    #[diesel(sql_type = Bool)]
    bypasses: bool,
}

/// Whether the connection's role would skip row-level security: the console refuses to run as one.
pub fn role_bypasses_security(connection: &mut PgConnection) -> Result<bool> {
    let query = "SELECT rolsuper OR rolbypassrls AS bypasses FROM pg_roles WHERE rolname = current_user";
    Ok(diesel::sql_query(query).get_result::<Bypasses>(connection)?.bypasses)
}
