//! The outbox against mail servers that are away, slow, or refuse; and against consoles that die.

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::sync::{Arc, Barrier};
use std::time::Duration;

use chrono::TimeDelta;
use diesel::prelude::*;
use roster::config::{Config, MailPace, SmtpServer as Server};
use roster::db::schema::mails;
use roster::mail::{Delivery, Mail, Message, Worker, queries};
use roster::web;
use uuid::Uuid;

use crate::harness::{Certificate, Console, Organization, Process, Script, SmtpServer, Stage, eventually, run};

use Script::{Accept, HangUp, Hold, Say, Silent};

/// A console that sends to `url`, without long waits.
fn sending_to(url: &str) -> Console {
    Console::start_with(|config| send_to(config, url))
}

fn send_to(config: &mut Config, url: &str) {
    config.smtp_url = Some(Server::parse(url).unwrap());
    config.mail_pace = MailPace {
        poll: Duration::from_millis(20),
        send_timeout: Duration::from_millis(700),
        last_mails: Duration::from_millis(200),
        ..MailPace::default()
    };
}

/// A pending invitation with its mail in the outbox.
pub fn invite(console: &Console, organization: &Organization<'_>, email: &str) -> Uuid {
    let (id, role, owner) = (Uuid::now_v7(), organization.role(roster::access::policy::Starter::Member), &organization.owner);
    console.execute(&format!(
        "INSERT INTO invitations (organization_id, id, email, role_id, invited_by_account_id, invited_by, created_at, sent_at, expires_at)
         VALUES ('{}', '{id}', '{email}', '{role}', '{}', '{}', now(), now(), now() + interval '14 days')",
        organization.id, owner.account_id, owner.name
    ));
    let message = Message::Invitation { organization_id: organization.id, invitation_id: id, generation: 1 };
    enqueue(console, email, message);
    id
}

pub fn enqueue(console: &Console, recipient: &str, message: Message) -> Uuid {
    let now = console.clock.now();
    let mail = Mail { recipient: recipient.to_owned(), message };
    roster::mail::enqueue(&mut console.superuser(), now, &mail).unwrap()
}

fn delivery(console: &Console, organization: &Organization<'_>, invitation: Uuid) -> Delivery {
    let progress = queries::latest_of_invitation(&mut console.superuser(), organization.id, invitation).unwrap().unwrap();
    progress.delivery(console.config.smtp_url.is_some())
}

fn wait_for_reason(console: &Console, organization: &Organization<'_>, invitation: Uuid) -> String {
    let reason = || match delivery(console, organization, invitation) {
        Delivery::Delayed { reason } => Some(reason),
        _ => None,
    };
    eventually("the mail is delayed", || reason().is_some());
    reason().unwrap()
}

fn wait_until_sent(console: &Console, organization: &Organization<'_>, invitation: Uuid) {
    eventually("the mail is sent", || matches!(delivery(console, organization, invitation), Delivery::Sent { .. }));
}

const TAKEN: &str = "The mail server took the mail";
const DELAYED: &str = "The mail could not be delivered yet, and is tried again";
const REFUSED: &str = "The mail could not be delivered";

/// What the page of an invitation tells of its mail, oldest first.
fn told(console: &Console, organization: &Organization<'_>, invitation: Uuid) -> Vec<&'static str> {
    let page = console.signed_in(&organization.owner).open(&organization.path(&format!("invites/{invitation}")));
    let story = page.all(".story li").into_iter().rev();
    story.filter_map(|line| [TAKEN, DELAYED, REFUSED].into_iter().find(|words| line.starts_with(words))).collect()
}

fn refusals(console: &Console) -> i32 {
    mails::table.select(mails::attempts).first(&mut console.superuser()).unwrap()
}

#[test]
fn a_mail_that_the_server_takes_is_sent_once_and_the_invitation_tells_so() {
    let server = SmtpServer::start([]);
    let console = sending_to(&server.url());
    let acme = console.organization("Acme", "Ann Owner");
    let invitation = invite(&console, &acme, "dana@example.com");
    wait_until_sent(&console, &acme, invitation);
    let arrived = server.arrived();
    assert_eq!(arrived.len(), 1);
    assert_eq!((arrived[0].sender.as_str(), arrived[0].recipient.as_str()), ("roster@localhost", "dana@example.com"));
    assert_eq!(told(&console, &acme, invitation), [TAKEN]);
}

#[test]
fn while_the_server_is_away_mail_waits_and_nothing_counts_against_it() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let console = sending_to(&format!("smtp://{address}?tls=none"));
    let acme = console.organization("Acme", "Ann Owner");
    let invitation = invite(&console, &acme, "dana@example.com");
    let reason = wait_for_reason(&console, &acme, invitation);
    assert!(reason.contains("refused"), "{reason}");
    for _ in 0..40 {
        console.travel(TimeDelta::hours(1));
    }
    assert_eq!(refusals(&console), 0);
    let server = SmtpServer::on(TcpListener::bind(address).unwrap(), [], None);
    console.travel(TimeDelta::minutes(10));
    wait_until_sent(&console, &acme, invitation);
    assert_eq!(server.arrived().len(), 1);
    assert_eq!(told(&console, &acme, invitation), [DELAYED, TAKEN], "the same delay again is no news");
}

#[test]
fn a_server_that_says_nothing_is_left_after_the_time_limit() {
    let server = SmtpServer::start([Silent]);
    let console = sending_to(&server.url());
    let acme = console.organization("Acme", "Ann Owner");
    let invitation = invite(&console, &acme, "dana@example.com");
    let reason = wait_for_reason(&console, &acme, invitation);
    assert!(reason.contains("did not answer"), "{reason}");
    assert_eq!(refusals(&console), 0);
    console.travel(TimeDelta::minutes(10));
    wait_until_sent(&console, &acme, invitation);
}

#[test]
fn greylisting_is_waited_out() {
    let later = Say(Stage::Recipient, "450 4.2.0 Greylisted, come back later");
    let server = SmtpServer::start([later.clone(), later]);
    let console = sending_to(&server.url());
    let acme = console.organization("Acme", "Ann Owner");
    let invitation = invite(&console, &acme, "dana@example.com");
    for refused in 1..=2 {
        eventually("the refusal is counted", || refusals(&console) == refused);
        assert_eq!(wait_for_reason(&console, &acme, invitation), "450 4.2.0 Greylisted, come back later");
        let next: chrono::DateTime<chrono::Utc> =
            mails::table.select(mails::next_attempt_at.assume_not_null()).first(&mut console.superuser()).unwrap();
        let wait = next - console.clock.now();
        assert!(wait > TimeDelta::seconds(285) && wait <= TimeDelta::seconds(365), "{wait}");
        console.travel(TimeDelta::minutes(7));
    }
    wait_until_sent(&console, &acme, invitation);
    assert_eq!(server.connections(), 3);
    assert_eq!(told(&console, &acme, invitation), [DELAYED, TAKEN]);
    let page = console.signed_in(&acme.owner).open(&acme.path(&format!("invites/{invitation}")));
    assert!(page.says("450 4.2.0 Greylisted, come back later"), "{}", page.text());
}

#[test]
fn after_a_day_of_refusals_a_mail_has_failed() {
    let server = SmtpServer::start(std::iter::repeat_n(Say(Stage::Recipient, "452 4.2.2 Mailbox full"), 20));
    let console = sending_to(&server.url());
    let acme = console.organization("Acme", "Ann Owner");
    let invitation = invite(&console, &acme, "dana@example.com");
    for refused in 1..=11 {
        eventually("the refusal is counted", || refusals(&console) == refused);
        console.travel(TimeDelta::hours(11));
    }
    eventually("the mail has failed", || matches!(delivery(&console, &acme, invitation), Delivery::Failed { .. }));
    let Delivery::Failed { reason, .. } = delivery(&console, &acme, invitation) else { unreachable!() };
    assert!(reason.ends_with("452 4.2.2 Mailbox full"), "{reason}");
    assert_eq!(told(&console, &acme, invitation), [DELAYED, REFUSED]);
    assert_eq!(server.connections(), 12);
}

#[test]
fn a_refusal_for_good_is_shown_with_the_servers_reason() {
    for stage in [Stage::Recipient, Stage::Content] {
        let server = SmtpServer::start([Say(stage, "550 5.1.1 No such mailbox")]);
        let console = sending_to(&server.url());
        let acme = console.organization("Acme", "Ann Owner");
        let invitation = invite(&console, &acme, "dana@example.com");
        eventually("the mail has failed", || matches!(delivery(&console, &acme, invitation), Delivery::Failed { .. }));
        assert_eq!(told(&console, &acme, invitation), [REFUSED]);
        let page = console.signed_in(&acme.owner).open(&acme.path(&format!("invites/{invitation}")));
        assert!(page.says("550 5.1.1 No such mailbox"), "{}", page.text());
        console.travel(TimeDelta::hours(1));
        let other = invite(&console, &acme, "eve@example.com");
        wait_until_sent(&console, &acme, other);
        assert_eq!(server.connections(), 2, "a mail that failed is not tried again");
    }
}

#[test]
fn wrong_settings_stop_the_queue_and_fail_no_mail() {
    let cases = [
        Say(Stage::Password, "535 5.7.8 Wrong password"),
        Say(Stage::Sender, "553 5.1.8 Sender not allowed"),
        Say(Stage::Recipient, "530 5.7.0 Authentication required"),
    ];
    for case in cases {
        let server = SmtpServer::start([case.clone(), case]);
        let console = sending_to(&server.url().replace("smtp://", "smtp://user:wrong@"));
        let acme = console.organization("Acme", "Ann Owner");
        let first = invite(&console, &acme, "dana@example.com");
        let reason = wait_for_reason(&console, &acme, first);
        assert!(reason.starts_with("53") || reason.starts_with("553"), "{reason}");
        let second = invite(&console, &acme, "eve@example.com");
        console.travel(TimeDelta::seconds(10));
        eventually("one mail feels the way ahead", || server.connections() == 2);
        console.travel(TimeDelta::minutes(10));
        wait_until_sent(&console, &acme, first);
        wait_until_sent(&console, &acme, second);
        assert_eq!((server.arrived().len(), refusals(&console)), (2, 0));
    }
}

#[test]
fn nothing_goes_in_clear_to_a_server_without_starttls() {
    let server = SmtpServer::start([]);
    let console = sending_to(&server.url().replace("?tls=none", ""));
    let acme = console.organization("Acme", "Ann Owner");
    let invitation = invite(&console, &acme, "dana@example.com");
    let reason = wait_for_reason(&console, &acme, invitation);
    assert!(reason.contains("STARTTLS"), "{reason}");
    assert!(server.arrived().is_empty());
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_not_spoken_to() {
    let server = SmtpServer::with_starttls(&Certificate::new());
    let console = sending_to(&format!("smtp://localhost:{}", server.address.port()));
    let acme = console.organization("Acme", "Ann Owner");
    let invitation = invite(&console, &acme, "dana@example.com");
    let reason = wait_for_reason(&console, &acme, invitation);
    assert!(reason.contains("certificate"), "{reason}");
    assert!(server.arrived().is_empty());
}

#[test]
fn mail_travels_encrypted_to_a_server_that_proves_its_name() {
    let certificate = Certificate::new();
    let server = SmtpServer::with_starttls(&certificate);
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    invite(&console, &acme, "dana@example.com");
    let trusted = std::env::temp_dir().join(format!("roster-{}.pem", Uuid::new_v4()));
    std::fs::write(&trusted, &certificate.pem).unwrap();
    let url = format!("smtp://user:secret@localhost:{}", server.address.port());
    let process = Process::start(&console, &[("SMTP_URL", &url), ("SSL_CERT_FILE", trusted.to_str().unwrap())]);
    assert!(server.wait_for(1)[0].encrypted);
    assert!(process.terminate().success());
    std::fs::remove_file(trusted).unwrap();
}

#[test]
fn a_connection_lost_behind_the_mail_sends_it_again_under_the_same_id() {
    let server = SmtpServer::start([HangUp(Stage::Content)]);
    let console = sending_to(&server.url());
    let acme = console.organization("Acme", "Ann Owner");
    let invitation = invite(&console, &acme, "dana@example.com");
    eventually("the loss is counted", || refusals(&console) == 1);
    console.travel(TimeDelta::minutes(2));
    wait_until_sent(&console, &acme, invitation);
    let ids: BTreeSet<String> = server.arrived().iter().map(|mail| mail.header("Message-ID")).collect();
    assert_eq!((server.arrived().len(), ids.len()), (2, 1));
}

#[test]
fn what_was_revoked_before_it_was_sent_is_not_sent() {
    let changes = [
        "UPDATE invitations SET status = 'revoked', ended_at = now()",
        "UPDATE invitations SET generation = 2",
        "UPDATE invitations SET expires_at = now()",
    ];
    for change in changes {
        let server = SmtpServer::start([Say(Stage::Greeting, "421 4.3.2 Not now")]);
        let console = sending_to(&server.url());
        let acme = console.organization("Acme", "Ann Owner");
        let invitation = invite(&console, &acme, "dana@example.com");
        wait_for_reason(&console, &acme, invitation);
        console.execute(change);
        console.travel(TimeDelta::minutes(10));
        eventually("the mail is dropped", || matches!(delivery(&console, &acme, invitation), Delivery::Dropped { .. }));
        assert_eq!((server.connections(), server.arrived().len()), (1, 0), "{change}");
    }
}

#[test]
fn two_workers_on_one_database_send_each_mail_once() {
    const MAILS: usize = 80;
    let server = SmtpServer::start([]);
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    for number in 0..MAILS {
        invite(&console, &acme, &format!("person{number}@example.com"));
    }
    let mut config = console.config.clone();
    send_to(&mut config, &server.url());
    let ready = Arc::new(Barrier::new(2));
    let all_sent = || console.number("SELECT count(*) AS number FROM mails WHERE sent_at IS NOT NULL") == MAILS as i64;
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let (config, db, ready) = (config.clone(), console.db(), Arc::clone(&ready));
            scope.spawn(move || {
                run(async {
                    ready.wait();
                    let worker = Worker::start(Arc::new(web::Console::new(config, db.clone(), None))).unwrap();
                    while !nothing_waits(&db).await {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    worker.stop().await;
                });
            });
        }
    });
    assert!(all_sent());
    let recipients: BTreeSet<String> = server.arrived().into_iter().map(|mail| mail.recipient).collect();
    assert_eq!((server.arrived().len(), recipients.len()), (MAILS, MAILS));
}

async fn nothing_waits(db: &roster::db::Db) -> bool {
    let waiting = db.read(roster::db::Scope::Nobody, |connection| {
        Ok(mails::table.filter(mails::next_attempt_at.is_not_null()).count().get_result::<i64>(connection)?)
    });
    waiting.await.unwrap() == 0
}

#[test]
fn a_console_that_stops_gives_its_leases_back() {
    let server = SmtpServer::start([Hold(Stage::Sender)]);
    let holds = server.holds();
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    invite(&console, &acme, "dana@example.com");
    let mut config = console.config.clone();
    send_to(&mut config, &server.url());
    config.mail_pace.send_timeout = Duration::from_secs(60);
    run(async {
        let worker = Worker::start(Arc::new(web::Console::new(config, console.db(), None))).unwrap();
        tokio::task::spawn_blocking(move || holds.recv().unwrap()).await.unwrap();
        assert_eq!(console.number("SELECT count(*) AS number FROM mails WHERE locked_until > now()"), 1);
        worker.stop().await;
    });
    let free = "SELECT count(*) AS number FROM mails WHERE locked_until IS NULL AND next_attempt_at IS NOT NULL";
    assert_eq!(console.number(free), 1);
}

/// Signs somebody up through the page: an account, an organization and the mail that confirms the address.
fn sign_up(process: &Process, number: usize) -> String {
    let email = format!("person{number}@example.com");
    let fields =
        [("name", "Dana Smith"), ("email", &email), ("password", crate::harness::PASSWORD), ("organization_name", "Acme")];
    let reply = process.browser().post("/sign-up", &fields);
    assert_eq!(reply.status, 303, "{}", reply.body);
    email
}

/// How many times the server said yes to a mail, by recipient.
fn taken(server: &SmtpServer) -> BTreeMap<String, usize> {
    let mut taken = BTreeMap::new();
    for mail in server.arrived().into_iter().filter(|mail| mail.acknowledged) {
        *taken.entry(mail.recipient).or_default() += 1;
    }
    taken
}

/// Ends the leases of mails that are not sent, and the limits. Waits for what a dead process' last transaction does to the
/// rows; one that comes later finds its lease gone. Returns the recipients.
fn released(console: &Console) -> BTreeSet<String> {
    console.execute("TRUNCATE rate_limits");
    diesel::update(mails::table.filter(mails::next_attempt_at.is_not_null()))
        .set(mails::locked_until.eq(None::<roster::clock::Moment>))
        .returning(mails::recipient)
        .get_results(&mut console.superuser())
        .unwrap()
        .into_iter()
        .collect()
}

#[test]
fn killed_between_a_change_and_its_mail_fifty_times_nothing_is_lost_and_only_the_one_in_flight_goes_twice() {
    const STAGES: [Stage; 4] = [Stage::Greeting, Stage::Sender, Stage::Recipient, Stage::Content];
    let server = SmtpServer::start([]);
    let holds = server.holds();
    let console = Console::start();
    let mut signed_up = Vec::new();
    // Mails that the server had taken when the process was killed, before the row knew of it.
    let mut unwritten: BTreeMap<String, usize> = BTreeMap::new();
    for round in 0..50 {
        // The mail of the round before is under way at this stage when the process is killed.
        let stage = STAGES[round % STAGES.len()];
        if round > 0 {
            server.then([Hold(stage)]);
        }
        let taken_before = taken(&server);
        let process = Process::start(&console, &[("SMTP_URL", &server.url())]);
        if round > 0 {
            assert_eq!(holds.recv_timeout(Duration::from_secs(30)), Ok(stage));
        }
        signed_up.push(sign_up(&process, round));
        process.kill();
        // The leases of the dead run out, and the limit of sign-ups with them. From here on nobody writes for the dead, so
        // what is not written down by now is sent once more.
        let waiting = released(&console);
        for (recipient, count) in taken(&server) {
            let before = taken_before.get(&recipient).copied().unwrap_or_default();
            if waiting.contains(&recipient) && count > before {
                *unwritten.entry(recipient).or_default() += count - before;
            }
        }
    }
    let process = Process::start(&console, &[("SMTP_URL", &server.url())]);
    eventually("every mail is sent", || console.number("SELECT count(*) AS number FROM mails WHERE sent_at IS NULL") == 0);
    assert!(process.terminate().success());

    let mut arrived: BTreeMap<String, Vec<(String, bool)>> = BTreeMap::new();
    for mail in server.arrived() {
        arrived.entry(mail.recipient.clone()).or_default().push((mail.header("Message-ID"), mail.acknowledged));
    }
    assert_eq!(arrived.keys().collect::<BTreeSet<_>>(), signed_up.iter().collect::<BTreeSet<_>>(), "nothing is lost");
    for (recipient, copies) in arrived {
        let ids: BTreeSet<&String> = copies.iter().map(|(id, _)| id).collect();
        assert_eq!(ids.len(), 1, "{recipient}: one Message-ID");
        let held = copies.iter().filter(|(_, acknowledged)| !acknowledged).count();
        let in_flight = held + unwritten.get(&recipient).copied().unwrap_or_default();
        assert_eq!(copies.len(), in_flight + 1, "{recipient}: only what was in flight goes twice");
    }
}

#[test]
fn without_a_mail_server_nothing_is_called_sent() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let invitation = invite(&console, &acme, "dana@example.com");
    console.travel(TimeDelta::hours(1));
    assert_eq!(delivery(&console, &acme, invitation), Delivery::Waiting);
    let server = SmtpServer::start([Accept]);
    let mut config = console.config.clone();
    send_to(&mut config, &server.url());
    run(async {
        let _worker = Worker::start(Arc::new(web::Console::new(config, console.db(), None))).unwrap();
        tokio::task::spawn_blocking(move || server.wait_for(1)).await.unwrap();
    });
}
