//! Settings and commands of the binary.

use std::net::TcpListener;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use roster::config::SETTINGS;

use crate::billing::{change, give_address, with_plans};
use crate::harness::{Binary, Console, Folder, command, superuser};

/// Whether it ended well, and what it said; a start that should not happen is ended after a minute.
fn run(arguments: &[&str], settings: &[(&str, &str)]) -> (bool, String) {
    let mut child = command(arguments, settings).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() && begun.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = child.kill();
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    (status.success(), [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat())
}

#[test]
fn help_lists_every_setting_of_the_issue() {
    let (success, help) = run(&["--help"], &[]);
    assert!(success);
    let of_the_issue = [
        "DATABASE_URL",
        "BIND",
        "PUBLIC_URL",
        "DATA_DIR",
        "SECRET_KEY",
        "SECRET_KEY_PREVIOUS",
        "SMTP_URL",
        "MAIL_FROM",
        "TRUSTED_PROXIES",
        "WORKERS",
        "POOL_SIZE",
        "RUST_LOG",
        "LOG_FORMAT",
        "MIGRATE",
    ];
    for name in of_the_issue.iter().chain(SETTINGS.iter().map(|(name, ..)| name)) {
        assert!(help.lines().any(|line| line.trim_start().starts_with(&format!("{name} "))), "{name} is not in {help}");
    }
    for word in ["serve", "migrate", "demo", "operator"] {
        assert!(help.contains(word), "{word}");
    }
}

#[test]
fn the_readme_lists_every_setting() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    for (name, _, meaning) in SETTINGS {
        assert!(readme.contains(&format!("| `{name}` |")) && readme.contains(&meaning.replace('|', "\\|")), "{name}");
    }
}

#[test]
fn a_wrong_setting_stops_the_start_naming_itself_and_what_was_expected() {
    let folder = Folder::new();
    let data_dir = folder.0.join("data").display().to_string();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let nowhere = folder.0.display().to_string();
    let file = folder.0.join("file");
    std::fs::write(&file, "").unwrap();
    let file = file.display().to_string();
    let wrong: [(&str, &str); 20] = [
        ("BIND", "8080"),
        ("BIND", &taken),
        ("PUBLIC_URL", "console.example.com"),
        ("SECRET_KEY", "hunter2"),
        ("SECRET_KEY_PREVIOUS", "hunter2"),
        ("SMTP_URL", "http://user:hunter2@mail.example.com"),
        ("MAIL_FROM", "nobody"),
        ("TRUSTED_PROXIES", "everybody"),
        ("WORKERS", "many"),
        ("POOL_SIZE", "1"),
        ("MIGRATE", "maybe"),
        ("RUST_LOG", "roster=loud"),
        ("LOG_FORMAT", "xml"),
        ("DATABASE_URL", "mysql://user:hunter2@localhost/roster"),
        ("DATABASE_URL", "postgres://user:hunter2@127.0.0.1:1/roster"),
        ("PG_BIN", &nowhere),
        ("DATA_DIR", &file),
        ("BRAND_NAME", "A name that is longer than the forty letters it may have"),
        ("BRAND_ACCENT", "red;}"),
        ("BRAND_LOGO", &file),
    ];
    for (name, value) in wrong {
        let mut settings = vec![("DATA_DIR", data_dir.as_str()), ("BIND", "127.0.0.1:0")];
        settings.retain(|(known, _)| *known != name);
        settings.push((name, value));
        let (success, said) = run(&[], &settings);
        assert!(!success, "{name}={value} started");
        assert!(said.contains(name), "{name}={value}: {said}");
        assert!(!said.contains("hunter2"), "{name}={value}: {said}");
    }
}

#[test]
fn the_organization_of_the_operator_must_be_there_before_its_keys_see_all_others() {
    let console = Console::start();
    let folder = Folder::new();
    let (url, data_dir) = (console.database.runtime_url(), folder.0.display().to_string());
    let settings =
        [("DATABASE_URL", url.as_str()), ("DATA_DIR", &data_dir), ("MIGRATE", "off"), ("OPERATOR_ORGANIZATION", "apex")];
    let (success, said) = run(&["operator", "set-limit", "apex", "25"], &settings);
    assert!(!success && said.contains("OPERATOR_ORGANIZATION: expected the slug of an organization that is there"), "{said}");
    console.organization("Apex", "Ada Owner");
    assert!(run(&["operator", "set-limit", "apex", "25"], &settings).0);
}

#[test]
fn a_deployment_has_a_name_a_colour_and_a_logo_of_its_own() {
    let folder = Folder::new();
    let file = folder.0.join("logo");
    let picture = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\"><path d=\"M0 0h8v8z\"/></svg>";
    std::fs::write(&file, picture).unwrap();
    let brand = [("BRAND_NAME", "Orbit"), ("BRAND_ACCENT", "#FFD400"), ("BRAND_LOGO", file.to_str().unwrap())];
    let read = |name: &str| brand.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let branded = roster::config::Config::read(|name| read(name).or_else(|| (name == "SECRET_KEY").then(|| "x".repeat(40))));
    let branded = branded.unwrap().brand;
    let console = Console::start_with(|config| config.brand = branded);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let address = |html: &str, beginning: &str| {
        let start = html.find(beginning).unwrap_or_else(|| panic!("no {beginning} in {html}"));
        html[start..].split('"').next().unwrap().to_owned()
    };
    for page in [ann.get("/o/acme"), console.browser().get("/sign-in"), console.browser().get("/nothing/here")] {
        assert!(page.body.contains("Orbit") && !page.body.contains("Roster"), "{}", page.body);
        let logo = ann.get(&address(&page.body, "/static/logo."));
        assert_eq!((logo.body.as_str(), logo.header("content-type")), (picture, Some("image/svg+xml")));
        let style = ann.get(&address(&page.body, "/static/roster.")).body;
        assert!(style.trim_end().ends_with(":root { --accent: #ffd400; }"));
    }
    console.browser().post("/password/forgot", &[("email", &acme.owner.email)]);
    assert!(console.mail_to(&acme.owner.email).subject.contains("Orbit"));
}

#[derive(diesel::QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[test]
fn a_role_that_would_skip_row_level_security_is_refused() {
    let console = Console::start();
    let superuser: Name = diesel::sql_query("SELECT current_user::text AS name").get_result(&mut console.superuser()).unwrap();
    let url = console.database.runtime_url();
    let (start, _) = url.split_once("&user=").unwrap();
    let url = format!("{start}&user={}", superuser.name);
    let folder = Folder::new();
    let data_dir = folder.0.display().to_string();
    let (success, said) = run(&[], &[("DATABASE_URL", &url), ("DATA_DIR", &data_dir), ("BIND", "127.0.0.1:0")]);
    assert!(!success && said.contains("DATABASE_URL") && said.contains("row-level security"), "{said}");
}

#[test]
fn without_the_migrations_nothing_is_served() {
    let console = Console::start();
    console.execute("DELETE FROM __diesel_schema_migrations");
    let folder = Folder::new();
    let (url, data_dir) = (console.database.runtime_url(), folder.0.display().to_string());
    let settings = [("DATABASE_URL", url.as_str()), ("DATA_DIR", &data_dir), ("BIND", "127.0.0.1:0"), ("MIGRATE", "off")];
    let (success, said) = run(&[], &settings);
    assert!(!success && said.contains("roster migrate"), "{said}");
}

#[test]
fn the_private_database_is_brought_up_to_date_on_command() {
    let folder = Folder::new();
    let data_dir = folder.0.join("data").display().to_string();
    for _ in 0..2 {
        let (success, said) = run(&["migrate"], &[("DATA_DIR", &data_dir), ("MIGRATE", "off")]);
        assert!(success && said.contains("The database is up to date."), "{said}");
    }
}

#[test]
fn two_first_starts_at_once_bring_an_empty_database_up_to_date_together() {
    let name = format!("empty_{}", uuid::Uuid::new_v4().simple());
    superuser("postgres").batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
    let barrier = std::sync::Barrier::new(4);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut connection = superuser(&name);
                barrier.wait();
                roster::db::migrations::run(&mut connection, Some(roster::db::embedded::RUNTIME)).unwrap();
            });
        }
    });
    assert!(!roster::db::migrations::pending(&mut superuser(&name)).unwrap());
    superuser("postgres").batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).unwrap();
}

#[test]
fn the_operator_sets_a_limit() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let folder = Folder::new();
    let (url, data_dir) = (console.database.runtime_url(), folder.0.display().to_string());
    let settings = [("DATABASE_URL", url.as_str()), ("DATA_DIR", &data_dir), ("MIGRATE", "off")];
    let (success, said) = run(&["operator", "set-limit", "acme", "25"], &settings);
    assert!(success && said.contains("the member limit is 25 now, it was 10"), "{said}");
    let browser = console.signed_in(&acme.owner);
    assert!(browser.open("/o/acme").says("1 of 25"));
    assert!(browser.open("/o/acme/activity").says("The operator changed the member limit from 10 to 25"));
    let number = "roster: The limit is a number from 1";
    for (slug, limit, words) in
        [("nowhere", "25", "no organization is at /o/nowhere"), ("acme", "0", number), ("acme", "-1", number)]
    {
        let (success, said) = run(&["operator", "set-limit", slug, limit], &settings);
        assert!(!success && said.contains(words), "{slug} {limit}: {said}");
    }
}

#[test]
fn the_operator_reads_the_invoices_that_wait_longest_first() {
    let console = Console::start_with(with_plans);
    // The second one owes for longer: organizations come in the order in which they were made.
    for (name, owner, days) in [("Acme", "Ann Owner", 3), ("Globex", "Gus Owner", 9)] {
        let organization = console.organization(name, owner);
        let owner = console.signed_in(&organization.owner);
        give_address(&owner, &organization);
        change(&owner, &organization, "team", "month");
        console.execute(&format!(
            "UPDATE invoices SET due_at = now() - interval '{days} days' WHERE number = (SELECT max(number) FROM invoices)"
        ));
    }
    let folder = Folder::new();
    let (url, data_dir) = (console.database.runtime_url(), folder.0.display().to_string());
    let settings = [("DATABASE_URL", url.as_str()), ("DATA_DIR", &data_dir), ("MIGRATE", "off")];
    let (success, said) = run(&["operator", "invoices"], &settings);
    let numbers: Vec<&str> = said.split_whitespace().filter(|word| word.starts_with("R-")).collect();
    assert!(success && numbers == ["R-000002", "R-000001"], "{said}");
}

#[test]
fn the_log_has_one_line_a_request_and_never_an_address_or_a_token() {
    let binary = Binary::start(&[], &[("LOG_FORMAT", "json"), ("RUST_LOG", "info")]);
    let browser = binary.browser();
    let page = browser.open("/sign-up");
    let fields = [("Name", "Ann Archer"), ("Email", "ann@example.com"), ("Password", "correct horse battery staple")];
    browser.press(&page, "Create account", &fields);
    let secrets = ["5ecret-token", "ann@example.com", "ann%40example.com", "correct horse", "Archer"];
    for path in [
        "/",
        "/invitations/5ecret-token",
        "/password/reset/5ecret-token",
        "/sign-in?next=/5ecret-token",
        "/nowhere?email=ann@example.com",
    ] {
        browser.get(path);
    }
    browser.post("/sign-in", &[("email", "ann@example.com"), ("password", "5ecret-token wrong")]);
    let session = browser.cookie("session").unwrap();
    let folder = binary.stop();
    let log = std::fs::read_to_string(folder.0.join("stderr")).unwrap();
    let lines: Vec<serde_json::Value> =
        log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect();
    let requests: Vec<&serde_json::Value> = lines.iter().filter(|line| line["target"] == "roster::request").collect();
    assert_eq!(requests.len(), 8, "{log}");
    for line in requests {
        for field in ["id", "method", "route", "status", "milliseconds", "organization", "actor"] {
            assert!(!line["fields"][field].is_null(), "{field} is missing in {line}");
        }
    }
    for secret in secrets.into_iter().chain([session.as_str()]) {
        assert!(!log.contains(secret), "{secret} stands in {log}");
    }
    // Nobody has said yet who invoices.
    let warned = "invoices name no account to pay to and add no VAT: set payment and country under [issuer] in PLANS_FILE";
    assert_eq!(log.matches(warned).count(), 1, "{log}");
}

#[test]
fn a_key_is_checked_by_form_and_checksum_without_asking_anybody() {
    let text = roster::secret::KeyText::generate(uuid::Uuid::new_v4()).reveal();
    let (success, said) = run(&["key", "check", &text], &[]);
    assert!(success && said.contains("form and checksum are right") && said.contains(&text[..12]), "{said}");
    let secret = text.split_once('.').unwrap().1;
    assert!(!said.contains(secret));
    let last = if text.ends_with('A') { "B" } else { "A" };
    let (success, said) = run(&["key", "check", &format!("{}{last}", &text[..74])], &[]);
    assert!(!success && said.contains("its form or its checksum is wrong"), "{said}");
}

#[test]
fn no_log_ever_holds_the_secret_of_a_key() {
    use crate::harness::{Binary, Client};
    let binary = Binary::start(&["serve"], &[("RUST_LOG", "trace")]);
    let browser = binary.browser();
    let page = browser.open("/sign-up");
    let fields = [("Name", "Ann Owner"), ("Email", "ann@example.com"), ("Password", crate::harness::PASSWORD)];
    browser.submit(&page, "Create account", &fields);
    let home = browser.open("/").path;
    let page = browser.open(&format!("{home}/keys/new"));
    let page = browser.submit(&page, "Generate API key", &[("Name", "Deploy")]);
    let text = page.value_of("API key Deploy");
    let client = Client::at_origin(binary.browser(), &text);
    assert_eq!(client.get("organization").status, 200);
    assert_eq!(client.post("keys/leaked", &serde_json::json!({ "key": text })).status, 200);
    assert_eq!(client.get("organization").status, 401);
    let logged = binary.said() + binary.logged().as_str();
    assert!(logged.contains("/api/v1/organization"), "{logged}");
    assert!(!logged.contains(text.split_once('.').unwrap().1), "the secret is in the log");
}
