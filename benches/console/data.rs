//! The rows under load: an organization of 10,000 members among 1,000 organizations, and another one of a million. One
//! organization is made by the console's own functions; SQL copies its roles and draws the people.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double, Text, Uuid as SqlUuid};
use roster::access::Basis;
use roster::accounts::password::{NewPassword, Passwords};
use roster::accounts::queries::{self as accounts, NewAccount};
use roster::clock::Clock;
use roster::config::HashingCost;
use roster::db::embedded::{Cluster, DATABASE, RUNTIME};
use roster::db::types::{EmailAddress, OrganizationName};
use roster::db::{self, Db, Scope, migrations};
use roster::error::AppError;
use roster::members::member::search_terms;
use roster::organizations::actions::{self as organizations, Founder};
use roster::web::pagination::Key;
use uuid::Uuid;

/// Everybody's password, hashed at the console's own cost.
pub const PASSWORD: &str = "correct horse battery staple";
/// The organization of 10,000 members.
pub const ACME: &str = "acme";
/// The organization of a million.
pub const MILLION: &str = "million";
/// Members besides the owner.
const ACME_PEOPLE: i64 = 9_999;
const MILLION_PEOPLE: i64 = 999_999;
/// In each of the other 998.
const COMPANY_PEOPLE: i64 = 20;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Placed {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// Fills a new database.
pub fn load(cluster: &Cluster, with_million: bool, keys: u64) {
    migrations::run(&mut db::connect(&cluster.owner_url()).unwrap(), Some(RUNTIME)).unwrap();
    let password_hash = found(cluster);
    let mut connection = db::connect(&cluster.superuser_url(DATABASE)).unwrap();
    // Triggers and foreign keys rest: what they would see to is written whole.
    let settings = "SET session_replication_role = replica; SET synchronous_commit = off; SET work_mem = '128MB'; \
        SET maintenance_work_mem = '256MB'; CREATE TEMP TABLE settings (password_hash text)";
    connection.batch_execute(settings).unwrap();
    diesel::sql_query("INSERT INTO settings VALUES ($1)").bind::<Text, _>(&password_hash).execute(&mut connection).unwrap();
    connection.batch_execute(include_str!("names.sql")).unwrap();
    connection.batch_execute(include_str!("prepare.sql")).unwrap();
    timed("10,000 members among 1,000 organizations", || {
        let wanted = format!("CASE WHEN o.slug = '{ACME}' THEN {ACME_PEOPLE} ELSE {COMPANY_PEOPLE} END");
        fill(&mut connection, &wanted, &format!("o.slug <> '{MILLION}'"));
    });
    timed(&format!("{keys} keys"), || {
        let indexes = drop_indexes(&mut connection, &["keys", "key_uses"]);
        connection.batch_execute(&format!("CREATE TEMP TABLE wanted_keys AS SELECT {keys}::bigint AS number")).unwrap();
        connection.batch_execute(include_str!("keys.sql")).unwrap();
        indexes.iter().for_each(|index| connection.batch_execute(index).unwrap());
    });
    if with_million {
        timed("a million members in one", || {
            let tables = ["members", "member_terms", "invitations", "accounts", "invitation_events"];
            let indexes = drop_indexes(&mut connection, &tables);
            fill(&mut connection, &MILLION_PEOPLE.to_string(), &format!("o.slug = '{MILLION}'"));
            indexes.iter().for_each(|index| connection.batch_execute(index).unwrap());
        });
    }
    timed("statistics", || {
        connection.batch_execute(include_str!("settle.sql")).unwrap();
        connection.batch_execute("VACUUM ANALYZE").unwrap();
        connection.batch_execute("CHECKPOINT").unwrap();
    });
    check_terms(&mut connection);
}

/// The two organizations and their owners, by the console's own functions. Returns the hash of the password.
fn found(cluster: &Cluster) -> String {
    let db = Db::new(&cluster.runtime_url(), 2, Clock::default());
    let cost = HashingCost { memory_kib: 19_456, iterations: 2 };
    actix_web::rt::System::new().block_on(async {
        let password = NewPassword::parse(PASSWORD, &[]).unwrap();
        let password_hash = Passwords::new(cost, 1).unwrap().hash(password).await.unwrap();
        for slug in [ACME, MILLION] {
            let (account_id, organization_id, basis) = (Uuid::now_v7(), Uuid::new_v4(), Basis::of(&db));
            let (email, hash) = (owner_of(slug), password_hash.clone());
            let work = move |connection: &mut PgConnection| {
                let (email, name) = (EmailAddress::parse(&email).unwrap(), "Dana Owner".to_owned());
                let founder = Founder { account_id, name: name.clone(), email: email.as_str().to_owned() };
                let account = NewAccount { id: account_id, email, name, password_hash: hash.clone(), confirmed: true };
                accounts::insert(connection, &account, basis.now)?;
                let name = OrganizationName::parse(slug).unwrap();
                organizations::create(connection, organization_id, &name, &founder, &basis)?;
                Ok::<_, AppError>(())
            };
            db.write(Scope::Member { organization_id, account_id }, work).await.unwrap();
        }
        password_hash
    })
}

/// The address of the owner of an organization.
pub fn owner_of(slug: &str) -> String {
    format!("dana@{slug}.example")
}

/// Everybody's address, for sign-ins.
pub fn addresses(cluster: &Cluster) -> Vec<String> {
    let mut connection = db::connect(&cluster.superuser_url(DATABASE)).unwrap();
    let query = "SELECT email AS line FROM accounts ORDER BY id LIMIT 20000";
    diesel::sql_query(query).load::<Line>(&mut connection).unwrap().into_iter().map(|row| row.line).collect()
}

/// The place of the member in the middle of an organization's list.
pub fn middle(superuser_url: &str, slug: &str) -> Key {
    let query = "SELECT m.id, 'n' || m.name_key AS line FROM members m JOIN organizations o ON o.id = m.organization_id \
        WHERE o.slug = $1 ORDER BY m.name_key, m.id OFFSET (SELECT active_members / 2 FROM organizations WHERE slug = $1) LIMIT 1";
    let query = diesel::sql_query(query).bind::<Text, _>(slug);
    let Placed { id, line } = query.get_result(&mut db::connect(superuser_url).unwrap()).unwrap();
    Key { value: line, id }
}

/// How many keys were used so lately, as far as the database knows.
pub fn used_within(superuser_url: &str, time: Duration) -> u64 {
    let query = "SELECT count(*) AS number FROM key_uses WHERE last_used_at > now() - $1 * interval '1 second'";
    let query = diesel::sql_query(query).bind::<Double, _>(time.as_secs_f64());
    query.get_result::<Number>(&mut db::connect(superuser_url).unwrap()).unwrap().number as u64
}

/// The id of an organization.
pub fn organization_id(cluster: &Cluster, slug: &str) -> Uuid {
    let mut connection = db::connect(&cluster.superuser_url(DATABASE)).unwrap();
    let query = diesel::sql_query("SELECT id FROM organizations WHERE slug = $1").bind::<Text, _>(slug);
    query.get_result::<Found>(&mut connection).unwrap().id
}

fn fill(connection: &mut PgConnection, people: &str, condition: &str) {
    let wanted = format!(
        "TRUNCATE wanted; INSERT INTO wanted SELECT o.id, replace(o.slug, '-', ''), a.id, a.name, {people} \
         FROM organizations o, accounts a WHERE a.email = 'dana@acme.example' AND {condition}"
    );
    connection.batch_execute(&wanted).unwrap();
    connection.batch_execute(include_str!("fill.sql")).unwrap();
}

/// Drops what is quicker made anew. Returns the statements that do so.
fn drop_indexes(connection: &mut PgConnection, tables: &[&str]) -> Vec<String> {
    let tables: Vec<String> = tables.iter().map(|table| format!("'{table}'::regclass")).collect();
    let query = format!(
        "SELECT indexrelid::regclass || ';' || pg_get_indexdef(indexrelid) AS line FROM pg_index i \
        WHERE NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid) AND indrelid IN ({})",
        tables.join(", ")
    );
    let lines = diesel::sql_query(query).load::<Line>(connection).unwrap();
    let split = |row: Line| row.line.split_once(';').map(|(name, made)| (name.to_owned(), made.to_owned())).unwrap();
    let indexes: Vec<(String, String)> = lines.into_iter().map(split).collect();
    indexes.iter().for_each(|(name, _)| connection.batch_execute(&format!("DROP INDEX {name}")).unwrap());
    indexes.into_iter().map(|(_, made)| made).collect()
}

#[derive(QueryableByName)]
struct Terms {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = diesel::sql_types::Array<Text>)]
    terms: Vec<String>,
}

/// Panics unless the words that SQL wrote are those that the console would have written.
fn check_terms(connection: &mut PgConnection) {
    let query = "SELECT m.name, m.email, array(SELECT t.term FROM member_terms t \
        WHERE t.organization_id = m.organization_id AND t.member_id = m.id ORDER BY t.term) AS terms \
        FROM (SELECT * FROM members ORDER BY md5(id::text) LIMIT 2000) m";
    for row in diesel::sql_query(query).load::<Terms>(connection).unwrap() {
        assert_eq!(row.terms, search_terms(&row.name, &row.email), "{} {}", row.name, row.email);
    }
    let empty = "SELECT count(*) AS number FROM organizations WHERE active_members = 0";
    assert_eq!(diesel::sql_query(empty).get_result::<Number>(connection).unwrap().number, 0);
}

fn timed(what: &str, work: impl FnOnce()) {
    let begun = Instant::now();
    work();
    println!("  {what}: {:.1} s", begun.elapsed().as_secs_f64());
}
