//! What mails say, how they travel, and the mailbox of a machine without a mail server.

use mail_parser::{MessageParser, MimeHeaders};
use roster::access::policy::Starter;
use roster::config::SmtpServer as Server;
use roster::mail::{self, Letter, Message, Rendered};
use scraper::{Html, Selector};
use uuid::Uuid;

use crate::harness::{Arrived, Console, SmtpServer, run};
use crate::outbox::{enqueue, invite};

/// The mail as it would go out now.
fn rendered(console: &Console, id: Uuid) -> Rendered {
    let row = mail::queries::by_id(&mut console.superuser(), id).unwrap();
    run(async { mail::render(&console.db(), &console.config, &row).await.unwrap() })
}

fn letter(console: &Console, id: Uuid) -> Letter {
    let rendered = rendered(console, id);
    assert_eq!(rendered.unwanted, None);
    rendered.letter.unwrap()
}

/// A link of an account, as asking for it makes one.
fn account_link(console: &Console, account_id: Uuid, kind: &str, email: &str) -> Uuid {
    let id = Uuid::new_v4();
    console.execute(&format!(
        "INSERT INTO account_links (id, account_id, kind, email, created_at, expires_at)
         VALUES ('{id}', '{account_id}', '{kind}', '{email}', now(), now() + interval '1 day')"
    ));
    id
}

fn links(html: &str) -> Vec<String> {
    let links = Selector::parse("a[href]").unwrap();
    Html::parse_document(html).select(&links).map(|link| link.attr("href").unwrap().to_owned()).collect()
}

#[test]
fn an_invitation_says_who_what_as_what_until_when_and_what_to_do_if_it_was_not_expected() {
    let console = Console::start();
    let acme = console.organization("Acme & Söhne", "Ann Owner");
    let invitation = invite(&console, &acme, "dana@example.com");
    console.execute("UPDATE invitations SET message = E'Come in!\\n<b>See you</b>', expires_at = '2099-03-04 05:06:00Z'");
    let mail = console.uuid("SELECT id AS uuid FROM mails");
    let letter = letter(&console, mail);
    assert_eq!(letter.subject, "Ann Owner invited you to Acme & Söhne");
    for words in
        ["Ann Owner", "Acme & Söhne", "Member", "4 March 2099, 05:06 UTC", "did not expect this", "> Come in!\n> <b>See you</b>"]
    {
        assert!(letter.text.contains(words), "{words:?} in {}", letter.text);
    }
    for words in ["Acme &#38; Söhne", "&#60;b&#62;See you&#60;/b&#62;", "4 March 2099"] {
        assert!(letter.html.contains(words), "{words:?} in {}", letter.html);
    }
    let link = links(&letter.html).remove(0);
    assert!(letter.text.contains(&link), "both parts have the same link");
    let token = link.strip_prefix(&console.config.link("/invitations/")).unwrap();
    let signed = console.config.secret_keys.verify(token).unwrap();
    assert_eq!((signed.owner, signed.id, signed.generation), (acme.id, invitation, 1));
    assert_eq!(signed.kind, roster::secret::LinkKind::InvitationMailed);
}

#[test]
fn a_mail_to_another_address_than_the_invited_one_proves_no_mailbox() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let invitation_id = invite(&console, &acme, "dana@example.com");
    let message = Message::Invitation { organization_id: acme.id, invitation_id, generation: 1 };
    let letter = letter(&console, enqueue(&console, "assistant@example.com", message));
    let link = links(&letter.html).remove(0);
    let signed = console.config.secret_keys.verify(link.rsplit('/').next().unwrap()).unwrap();
    assert_eq!(signed.kind, roster::secret::LinkKind::InvitationCopied);
}

#[test]
fn a_mail_is_rendered_from_what_is_true_when_it_goes_out() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    invite(&console, &acme, "dana@example.com");
    let mail = console.uuid("SELECT id AS uuid FROM mails");
    console.execute("UPDATE organizations SET name = 'Apex'; UPDATE accounts SET name = 'Ann Archer'");
    assert_eq!(letter(&console, mail).subject, "Ann Archer invited you to Apex");
}

#[test]
fn every_mail_of_an_account_says_what_happened_and_what_to_do_if_it_was_not_you() {
    let console = Console::start();
    let dana = console.person("Dana Smith");
    let account_id = dana.account_id;
    let confirm = account_link(&console, account_id, "email_confirmation", &dana.email);
    let change = account_link(&console, account_id, "email_confirmation", "new@example.com");
    let reset = account_link(&console, account_id, "password_reset", &dana.email);
    let to = "new@example.com".to_owned();
    let cases = [
        (
            &dana.email,
            Message::EmailConfirmation { account_id, link_id: confirm },
            "Confirm your address for Roster",
            "/email/confirm/",
        ),
        (
            &to,
            Message::EmailConfirmation { account_id, link_id: change },
            "Confirm your new address for Roster",
            "/email/confirm/",
        ),
        (&dana.email, Message::PasswordReset { account_id, link_id: reset }, "Set a new password for Roster", "/password/reset/"),
        (&dana.email, Message::PasswordChanged { account_id }, "Your password for Roster was changed", "/password/forgot"),
        (&dana.email, Message::EmailChanged { account_id, to: to.clone() }, "Your address for Roster was changed", ""),
    ];
    for (recipient, message, subject, path) in cases {
        let letter = letter(&console, enqueue(&console, recipient, message));
        assert_eq!(letter.subject, subject);
        for part in [&letter.text, &letter.html] {
            assert!(part.contains("Dana Smith"), "{part}");
            assert!(part.contains("not you?") || part.contains("not ask for this?"), "{part}");
        }
        let links = links(&letter.html);
        assert_eq!(links.is_empty(), path.is_empty());
        for link in links {
            assert!(link.starts_with(&console.config.link(path)), "{link}");
            assert!(letter.text.contains(&link), "{}", letter.text);
        }
    }
}

#[test]
fn a_used_or_expired_or_replaced_link_is_not_sent() {
    let console = Console::start();
    let dana = console.person("Dana Smith");
    let link_id = account_link(&console, dana.account_id, "password_reset", &dana.email);
    let mail = enqueue(&console, &dana.email, Message::PasswordReset { account_id: dana.account_id, link_id });
    assert_eq!(rendered(&console, mail).unwanted, None);
    let states = [
        ("UPDATE account_links SET expires_at = now() - interval '1 minute'", "The link has expired."),
        ("UPDATE account_links SET used_at = now()", "The link has been used."),
        ("DELETE FROM account_links", "A newer link has taken its place."),
    ];
    for (change, reason) in states {
        console.execute(change);
        assert_eq!(rendered(&console, mail).unwanted, Some(reason));
    }
}

#[test]
fn who_may_invite_hears_of_a_wish_for_a_new_invitation_and_nobody_else() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let bob = acme.member("Bob Viewer", Starter::Viewer);
    let invitation_id = invite(&console, &acme, "dana@example.com");
    console.execute("UPDATE invitations SET status = 'expired', ended_at = now()");
    let wanted = || Message::InvitationWanted { organization_id: acme.id, invitation_id };
    let to_owner = enqueue(&console, &acme.owner.email, wanted());
    let letter = letter(&console, to_owner);
    assert_eq!(letter.subject, "dana@example.com asks for a new invitation to Acme");
    assert!(letter.text.contains(&console.config.link("/o/acme/invites")), "{}", letter.text);
    let to_viewer = enqueue(&console, &bob.email, wanted());
    assert_eq!(rendered(&console, to_viewer).unwanted, Some("The recipient may not invite any more."));
    invite(&console, &acme, "dana@example.com");
    assert_eq!(rendered(&console, to_owner).unwanted, Some("The person has a new invitation."));
}

/// The invitation of Dana as a mail server gets it.
fn arrived() -> Arrived {
    let server = SmtpServer::start([]);
    let console = Console::start_with(|config| {
        config.smtp_url = Some(Server::parse(&server.url()).unwrap());
        config.mail_from = "Röster <console@mail.example>".parse().unwrap();
    });
    let acme = console.organization("Käse \"Quote\" =?utf-8?q?x?=", "Ann Owner");
    invite(&console, &acme, "dana@example.com");
    server.wait_for(1).remove(0)
}

#[test]
fn a_mail_travels_with_the_headers_that_mail_programs_sort_and_answer_by() {
    let mail = arrived();
    assert_eq!((mail.sender.as_str(), mail.recipient.as_str()), ("console@mail.example", "dana@example.com"));
    assert_eq!(mail.header("Subject"), "Ann Owner invited you to Käse \"Quote\" = ?utf-8?q?x?=");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert_eq!(mail.header("List-Id"), "<kase-quote-utf-8-q-x.localhost>");
    assert!(mail.header("Message-ID").ends_with("@mail.example"), "{}", mail.header("Message-ID"));
    assert!(mail.header("Date").ends_with("+0000"), "{}", mail.header("Date"));
    let parsed = MessageParser::default().parse(&mail.source).unwrap();
    let from = parsed.from().unwrap().first().unwrap();
    assert_eq!((from.name(), from.address()), (Some("Röster"), Some("console@mail.example")));
    let to: Vec<_> = parsed.to().unwrap().iter().filter_map(|address| address.address()).collect();
    assert_eq!(to, ["dana@example.com"]);
    assert!(parsed.cc().is_none() && parsed.bcc().is_none());
    assert!(mail.source.is_ascii() && mail.source.split(|byte| *byte == b'\n').all(|line| line.len() <= 998));
}

#[test]
fn a_mail_has_text_and_html_as_alternatives_and_needs_no_pictures() {
    let mail = arrived();
    let parsed = MessageParser::default().parse(&mail.source).unwrap();
    let root = parsed.content_type().unwrap();
    assert_eq!((root.ctype(), root.subtype()), ("multipart", Some("alternative")));
    let kinds: Vec<_> =
        parsed.parts.iter().skip(1).map(|part| part.content_type().unwrap().subtype().unwrap().to_owned()).collect();
    assert_eq!(kinds, ["plain", "html"], "the best last");
    assert!(mail.text().contains("Ann Owner invited you to join Käse"));
    let html = mail.html();
    assert!(html.contains("prefers-color-scheme: dark"));
    for outside in ["<img", "<script", "<link", "url(", "@import"] {
        assert!(!html.contains(outside), "{outside}");
    }
}

#[test]
fn the_mailbox_lists_mails_newest_first_and_finds_those_to_somebody() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    for number in 0..60 {
        invite(&console, &acme, &format!("person{number}@example.com"));
    }
    let browser = console.browser();
    let first = browser.open("/mailbox");
    assert!(first.text().contains("person59@example.com"));
    assert!(browser.click(&first, "Invitation").text().contains("Waiting in the mailbox"));
    assert!(!first.text().contains("person9@example.com"));
    let older = browser.click(&first, "Older mails");
    assert!(older.text().contains("person9@example.com") && older.text().contains("person0@example.com"));
    assert!(!older.text().contains("person10@example.com") && !older.offers("Older mails"));
    let found = browser.submit(&first, "Filter", &[("Recipient", " Person7@example.com ")]);
    assert!(found.text().contains("person7@example.com") && !found.text().contains("person8@example.com"));
    for odd in ["%00", "%ff%fe", "%0d%0a", "%3Cb%3E", "x&to=y", "&before=nonsense", &"x".repeat(10_000)] {
        assert_eq!(browser.get(&format!("/mailbox?to={odd}")).status, 200, "{odd}");
    }
}

#[test]
fn a_mail_in_the_mailbox_shows_its_links_and_its_html_by_itself() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    console.execute("UPDATE accounts SET name = '<b>Ann</b>'");
    invite(&console, &acme, "dana@example.com");
    let mail = console.mail_to("dana@example.com");
    assert_eq!(mail.subject, "<b>Ann</b> invited you to Acme");
    assert!(mail.link("/invitations/").len() > 70);
    let id = console.uuid("SELECT id AS uuid FROM mails");
    let html = console.browser().get(&format!("/mailbox/{id}/html"));
    assert!(html.body.contains("&#60;b&#62;Ann&#60;/b&#62; invited you to Acme"));
    let policy = html.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'unsafe-inline'; "), "{policy}");
    console.execute("UPDATE invitations SET status = 'revoked', ended_at = now()");
    let page = console.browser().open(&format!("/mailbox/{id}"));
    assert!(page.text().contains("This mail would not be sent any more. The invitation is revoked."));
    for unknown in [Uuid::new_v4().to_string(), "nonsense".to_owned(), "%00".to_owned()] {
        for path in [format!("/mailbox/{unknown}"), format!("/mailbox/{unknown}/html")] {
            assert_eq!(console.browser().get(&path).status, 404, "{path}");
        }
    }
}

#[test]
fn where_mail_is_sent_or_the_world_can_look_there_is_no_mailbox() {
    let sends = Console::start_with(|config| config.smtp_url = Some(Server::parse("smtp://127.0.0.1:9?tls=none").unwrap()));
    assert_eq!(sends.browser().get("/mailbox").status, 404);
    let id = enqueue(&sends, "dana@example.com", Message::PasswordChanged { account_id: sends.person("Dana").account_id });
    assert_eq!(sends.browser().get(&format!("/mailbox/{id}")).status, 404);
    assert_eq!(sends.browser().get(&format!("/mailbox/{id}/html")).status, 404);
    let public = Console::start_with(|config| config.public_url = "https://console.example.com".parse().unwrap());
    assert_eq!(public.browser().get("/mailbox").status, 404);
}
