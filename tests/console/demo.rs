//! `roster demo`

use diesel::RunQueryDsl;
use diesel::sql_types::BigInt;

use crate::harness::{Binary, Console, Database, Folder, command, eventually};

#[derive(diesel::QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// The sign-ins that it printed: role, address.
fn sign_ins(said: &str) -> Vec<(String, String)> {
    let lines = said.lines().filter(|line| line.contains("@example."));
    let words = |line: &str| {
        let mut words = line.split_whitespace();
        (words.next().unwrap().to_owned(), words.next().unwrap().to_owned())
    };
    lines.map(words).collect()
}

/// What it printed, down to the last sign-in: they come after it is ready.
fn said_to_the_end(binary: &Binary) -> String {
    eventually("ten sign-ins", || sign_ins(&binary.said()).len() == 10);
    binary.said()
}

#[test]
fn the_demo_shows_three_organizations_sixty_people_and_invitations_in_every_state() {
    let binary = Binary::start(&["demo"], &[]);
    let said = said_to_the_end(&binary);
    let password = said.lines().find_map(|line| line.split_once("password is ")).unwrap().1.to_owned();
    let roles: Vec<String> = sign_ins(&said).into_iter().map(|(role, _)| role).collect();
    for role in ["Owner", "Admin", "Co-Admin", "Manager", "Operator", "Writer", "Member", "Viewer"] {
        assert!(roles.iter().any(|known| known == role), "{role} is not in {said}");
    }
    for (role, email) in sign_ins(&said) {
        let browser = binary.browser();
        let page = browser.open("/sign-in");
        let page = browser.submit(&page, "Sign in", &[("Email", &email), ("Password", &password)]);
        assert_eq!((page.status, page.heading().as_str()), (200, "Overview"), "{role} {email}: {}", page.text());
        if email != "ingrid.halvorsen@example.com" {
            continue;
        }
        for (tab, word) in [("pending", "Pending"), ("accepted", "Accepted"), ("expired", "Expired"), ("revoked", "Revoked")] {
            let page = browser.open(&format!("/o/meridian-robotics/invites?status={tab}"));
            assert!(page.all("table .badge").iter().any(|badge| badge == word), "{tab}: {}", page.text());
        }
        let all = browser.open("/o/meridian-robotics/invites");
        assert!(all.says("Waiting in the mailbox") && all.says("No such user here"), "{}", all.text());
        let activity = browser.open("/o/meridian-robotics/activity");
        let mut days = activity.all(".story-day");
        let mut page = activity;
        while page.offers("Next") {
            page = browser.click(&page, "Next");
            days.extend(page.all(".story-day"));
        }
        days.dedup();
        assert!(days.len() > 20, "{days:?}");
        assert!(page.says("Ingrid Halvorsen created the organization Meridian Robotics"));
        assert!(browser.open("/o/meridian-robotics/activity?kind=invitation_declined").says("gita.menon@example.com"));
    }
    let folder = binary.stop();

    // Started again, it serves what is there.
    let again = Binary::start_in(folder, &["demo"], &[]);
    assert!(!said_to_the_end(&again).contains("Playing"));
}

#[test]
fn the_demo_refuses_a_database_that_holds_something_else() {
    let console = Console::start();
    console.organization("Acme", "Ann Owner");
    let folder = Folder::new();
    let (url, data_dir) = (console.database.runtime_url(), folder.0.display().to_string());
    let settings = [("DATABASE_URL", url.as_str()), ("DATA_DIR", &data_dir), ("BIND", "127.0.0.1:0"), ("MIGRATE", "off")];
    let output = command(&["demo"], &settings).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("DATA_DIR=var/demo"), "{said}");
    assert_eq!(console.number("SELECT count(*) AS number FROM organizations"), 1);
}

#[test]
fn the_demo_counts_right() {
    // Without a server: its upkeep would end the invitations of back then.
    let database = Database::new();
    let (url, clock) = (database.runtime_url(), roster::clock::Clock::default());
    crate::harness::run(async move {
        let db = roster::db::Db::new(&url, 4, clock.clone());
        assert_eq!(roster::demo::look(&db).await.unwrap(), roster::demo::Found::Nothing);
        roster::demo::fill(&db, &clock, "no hash").await.unwrap();
        assert_eq!(roster::demo::look(&db).await.unwrap(), roster::demo::Found::Demo);
    });
    let number = |query: &str| diesel::sql_query(query).get_result::<Number>(&mut database.superuser()).unwrap().number;
    assert_eq!(number("SELECT count(*) AS number FROM organizations"), 3);
    assert_eq!(number("SELECT count(*) AS number FROM accounts"), 60);
    for status in ["pending", "accepted", "expired", "revoked", "declined"] {
        let query = format!("SELECT count(*) AS number FROM invitations WHERE status = '{status}'");
        assert!(number(&query) > 0, "{status}");
    }
    let in_two = "SELECT count(*) AS number FROM (SELECT account_id FROM members WHERE status = 'active' GROUP BY 1 HAVING count(*) > 1) m";
    assert_eq!(number(in_two), 4);
    // Nothing happened in the future, and the history is as long as promised.
    assert_eq!(number("SELECT count(*) AS number FROM events WHERE at > now()"), 0);
    assert!(number("SELECT extract(day FROM max(at) - min(at))::bigint AS number FROM events") > 40);
    assert!(number("SELECT count(*) AS number FROM mails WHERE next_attempt_at IS NOT NULL") > 0);
    assert_eq!(number("SELECT count(*) AS number FROM mails WHERE failed_at IS NOT NULL"), 1);
}
