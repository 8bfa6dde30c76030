//! The invitations of an organization, as those see them who may invite.

use chrono::TimeDelta;
use roster::access::policy::Starter;
use roster::config::SmtpServer;

use crate::harness::{Browser, Console, Organization, Page, run};

/// Sends the form with these addresses.
pub fn invite(browser: &Browser, organization: &Organization<'_>, addresses: &str) -> Page {
    let page = browser.open(&organization.path("invites/new"));
    browser.submit(&page, "Send invitation", &[("Email addresses", addresses)])
}

/// The path of the link that is shown to be copied.
pub fn copied_link(console: &Console, page: &Page, email: &str) -> String {
    let link = page.value_of(&format!("Invitation link of {email}"));
    link.strip_prefix(&console.config.origin()).unwrap().to_owned()
}

/// Rows of the table, cell by cell.
fn rows(page: &Page) -> Vec<String> {
    page.all("tbody tr")
}

fn pending(console: &Console) -> i64 {
    console.number("SELECT count(*) AS number FROM invitations WHERE status = 'pending'")
}

#[test]
fn several_addresses_are_invited_at_once_and_each_link_can_be_copied() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let page = ann.open("/o/acme/invites");
    assert!(page.says("Nobody has been invited yet"), "{}", page.text());
    let page = ann.click(&page, "Invite members");
    let typed = "dana@example.com, Bob Miller <Bob@Example.com>; eve@example.com\nfay@example.com gus@example.com";
    let page = ann.submit(&page, "Send invitation", &[("Email addresses", typed), ("Message", "Welcome!")]);
    assert_eq!((page.status, page.heading().as_str()), (200, "5 invitations created"));
    for name in ["dana", "bob", "eve", "fay", "gus"] {
        let email = format!("{name}@example.com");
        assert!(page.offers(&format!("Copy link of {email}")), "{name}");
        assert!(copied_link(&console, &page, &email).len() > 60);
        assert!(console.mail_to(&email).link("/invitations/").len() > 60);
    }
    assert_eq!(console.number("SELECT count(*) AS number FROM members WHERE status = 'invited'"), 5);
    assert_eq!(console.number("SELECT invited_members::bigint AS number FROM organizations"), 5);
    assert_eq!(console.number("SELECT count(*) AS number FROM members WHERE name = 'Bob Miller'"), 1);
    assert_eq!(console.number("SELECT count(*) AS number FROM events WHERE kind = 'invitation_sent'"), 5);
    assert_ne!(copied_link(&console, &page, "dana@example.com"), console.mail_to("dana@example.com").link("/invitations/"));
}

#[test]
fn each_address_is_judged_by_itself_and_only_the_good_ones_leave_the_form() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let inactive = acme.member("Ina Active", Starter::Member);
    acme.member("Mel Member", Starter::Member);
    console.execute(&format!(
        "SET app.organization_id = '{}'; UPDATE members SET status = 'inactive' WHERE email = '{}'",
        acme.id, inactive.email
    ));
    acme.set_limit(5);
    let ann = console.signed_in(&acme.owner);
    invite(&ann, &acme, "old@example.com");
    let typed = "good@example.com, nonsense, mel.member@example.com, ina.active@example.com, old@example.com, good@example.com, fine@example.com, late@example.com";
    let page = invite(&ann, &acme, typed);
    assert_eq!(page.status, 422);
    assert_eq!(
        page.value_of("Email addresses"),
        "nonsense\nmel.member@example.com\nina.active@example.com\nold@example.com\nlate@example.com"
    );
    for reason in ["not an email address", "already a member.", "deactivated", "already invited", "No member slot is left"] {
        assert!(page.says(reason), "{reason}: {}", page.text());
    }
    assert!(page.says("2 invitations created"));
    assert!(page.offers("Copy link of good@example.com") && page.offers("Copy link of fine@example.com"));
    assert!(page.offers("View member ina.active@example.com"));
    assert_eq!(page.errors().len(), 1);
    assert_eq!(pending(&console), 3);
    let page = ann.submit(&page, "Resend old@example.com", &[]);
    assert!(page.flash().contains("waits in the mailbox"), "{}", page.flash());
    assert_eq!(console.mails_to("old@example.com").len(), 2);
}

#[test]
fn a_repeated_address_is_invited_once_and_said() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let page = invite(&console.signed_in(&acme.owner), &acme, "dana@example.com, DANA@example.com");
    assert_eq!((page.status, page.heading().as_str()), (200, "1 invitation created"));
    assert!(page.flash().contains("invited once: DANA@example.com"), "{}", page.flash());
    assert_eq!(console.mails_to("dana@example.com").len(), 1);
}

#[test]
fn the_same_form_sent_twice_invites_once() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    for round in 0..50 {
        acme.set_limit(100);
        let email = format!("dana{round}@example.com");
        let page = ann.open("/o/acme/invites/new");
        let send = || ann.press(&page, "Send invitation", &[("Email addresses", email.as_str())]).status;
        let mut answers = std::thread::scope(|scope| {
            let (one, two) = (scope.spawn(send), scope.spawn(send));
            [one.join().unwrap(), two.join().unwrap()]
        });
        answers.sort_unstable();
        assert_eq!(answers, [303, 422], "round {round}");
    }
    assert_eq!(pending(&console), 50);
    assert_eq!(console.number("SELECT count(*) AS number FROM mails"), 50);
}

#[test]
fn who_may_not_assign_roles_invites_with_the_default_role_only() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let manager = acme.member("Max Manager", Starter::Manager);
    let max = console.signed_in(&manager);
    let page = max.open("/o/acme/invites/new");
    assert_eq!(page.options_of("Role"), ["Member"]);
    assert_eq!(page.options_of("Identity provider"), ["Any"]);
    let admin = acme.role(Starter::Admin).to_string();
    let page = max.submit(&page, "Send invitation", &[("Email addresses", "dana@example.com"), ("Role", &admin)]);
    assert_eq!((page.status, page.errors().len(), pending(&console)), (422, 1, 0));
    assert_eq!(page.value_of("Email addresses"), "dana@example.com");
    let globex = console.organization("Globex", "Gus Other");
    let foreign = globex.role(Starter::Member).to_string();
    let page = max.submit(&page, "Send invitation", &[("Role", &foreign)]);
    assert_eq!((page.status, pending(&console)), (422, 0));
    assert_eq!(invite(&max, &acme, "dana@example.com").status, 200);
}

#[test]
fn the_default_role_is_chosen_and_co_admins_see_only_what_they_may_give() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let page = console.signed_in(&acme.owner).open("/o/acme/invites/new");
    assert_eq!(page.value_of("Role"), acme.role(Starter::Member).to_string());
    assert_eq!(page.options_of("Role").len(), 9);
    let co_admin = acme.member("Cora Admin", Starter::CoAdmin);
    let offered = console.signed_in(&co_admin).open("/o/acme/invites/new").options_of("Role");
    assert!(!offered.iter().any(|role| role == "Admin" || role == "Owner" || role == "Co-Admin"), "{offered:?}");
    assert!(offered.iter().any(|role| role == "Manager"));
}

#[test]
fn a_name_goes_with_a_single_address() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let page = ann.open("/o/acme/invites/new");
    let fields = [("Email addresses", "dana@example.com eve@example.com"), ("Name", "Dana Smith")];
    let page = ann.submit(&page, "Send invitation", &fields);
    assert_eq!((page.status, page.errors().len()), (422, 1));
    assert_eq!((page.value_of("Name").as_str(), pending(&console)), ("Dana Smith", 0));
    let page = ann.submit(&page, "Send invitation", &[("Email addresses", "dana@example.com")]);
    assert_eq!(page.status, 200);
    assert_eq!(console.number("SELECT count(*) AS number FROM members WHERE name = 'Dana Smith'"), 1);
}

#[test]
fn five_hundred_people_are_invited_at_once_and_not_one_more() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.set_limit(1_000);
    let ann = console.signed_in(&acme.owner);
    let many =
        |number: usize| (0..number).map(|n| format!("person.number.{n}@mail{n}.example.com")).collect::<Vec<_>>().join(", ");
    let page = invite(&ann, &acme, &many(501));
    assert_eq!((page.status, pending(&console)), (422, 0));
    assert!(page.value_of("Email addresses").ends_with("person.number.500@mail500.example.com"));
    let page = invite(&ann, &acme, &many(500));
    assert_eq!((page.status, page.heading().as_str(), pending(&console)), (200, "500 invitations created", 500));
    assert_eq!(console.number("SELECT count(*) AS number FROM mails"), 500);
    let page = ann.open("/o/acme/invites");
    assert_eq!(rows(&page).len(), 50);
    let next = ann.click(&page, "Next");
    assert_eq!(rows(&next).len(), 50);
    let first = |page: &Page| rows(page).first().cloned().unwrap();
    assert_ne!(first(&page), first(&next));
    assert_eq!(first(&ann.click(&next, "Previous")), first(&page));
}

#[test]
fn an_organization_invites_a_limited_number_a_day() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let many = (0..500).map(|n| format!("p{n}@example.com")).collect::<Vec<_>>().join(" ");
    for _ in 0..4 {
        assert_eq!(invite(&ann, &acme, &many).status, 422);
    }
    assert_eq!(invite(&ann, &acme, "one@example.com").status, 429);
}

#[test]
fn who_has_not_confirmed_an_address_is_told_to_before_inviting() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    console.execute("UPDATE accounts SET email_confirmed_at = NULL");
    let ann = console.signed_in(&acme.owner);
    let page = ann.open("/o/acme/invites/new");
    assert!(page.says("Confirm your address") && !page.has_field("Email addresses"));
    assert!(page.offers("Send the confirmation again"));
    let reply = ann.post("/o/acme/invites/new", &[("emails", "dana@example.com")]);
    assert_eq!((reply.status, pending(&console)), (422, 0));
}

#[test]
fn tabs_tell_the_statuses_apart_by_time_even_before_the_upkeep_came_by() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    invite(&ann, &acme, "old@example.com");
    console.travel(TimeDelta::days(13));
    let ann = console.signed_in(&acme.owner);
    invite(&ann, &acme, "new@example.com, gone@example.com");
    let page = ann.open("/o/acme/invites");
    let page = ann.click(&page, "Revoke gone@example.com");
    assert!(page.says("Every link of this invitation stops working."));
    let page = ann.submit(&page, "Revoke invitation", &[]);
    assert!(page.flash().contains("gone@example.com revoked"), "{}", page.flash());
    console.travel(TimeDelta::days(2));
    let ann = console.signed_in(&acme.owner);
    let page = ann.open("/o/acme/invites");
    assert_eq!(page.all("nav.tabs a"), ["All 3", "Pending 1", "Accepted 0", "Expired 1", "Revoked 1"]);
    let shown = |status: &str| rows(&ann.open(&format!("/o/acme/invites?status={status}"))).join(" ");
    assert!(shown("pending").starts_with("new@example.com") && shown("pending").contains("Waiting in the mailbox"));
    assert!(shown("expired").starts_with("old@example.com Member Expired") && shown("revoked").starts_with("gone@example.com"));
    assert!(ann.open("/o/acme/invites?status=accepted").says("No invitation was accepted yet"));
    assert!(!ann.open("/o/acme/invites?status=expired").offers("Revoke old@example.com"));
}

#[test]
fn the_upkeep_ends_what_is_overdue_and_frees_its_slots() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    invite(&ann, &acme, "old@example.com older@example.com");
    console.travel(TimeDelta::days(7));
    invite(&console.signed_in(&acme.owner), &acme, "new@example.com");
    let db = console.db();
    let upkeep = || run(roster::invites::actions::expire_due_organizations(&db)).unwrap();
    assert_eq!(upkeep(), 0);
    console.travel(TimeDelta::days(8));
    assert_eq!((upkeep(), upkeep()), (2, 0));
    assert_eq!(console.number("SELECT count(*) AS number FROM members WHERE status = 'invited'"), 1);
    assert_eq!(console.number("SELECT invited_members::bigint AS number FROM organizations"), 1);
    let told = "SELECT count(*) AS number FROM events WHERE kind = 'invitation_expired' AND actor_name = 'The console'";
    assert_eq!(console.number(told), 2);
    let due = "SELECT count(*) AS number FROM organizations o JOIN invitations i ON i.expires_at = o.invitations_due_at WHERE i.email = 'new@example.com'";
    assert_eq!(console.number(due), 1);
}

#[test]
fn an_overdue_invitation_holds_no_slot_against_a_new_one() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.set_limit(2);
    invite(&console.signed_in(&acme.owner), &acme, "old@example.com");
    console.travel(TimeDelta::days(15));
    assert_eq!(invite(&console.signed_in(&acme.owner), &acme, "new@example.com").status, 200);
    assert_eq!(console.number("SELECT count(*) AS number FROM invitations WHERE status = 'expired'"), 1);
}

#[test]
fn resend_gives_fourteen_new_days_and_kills_every_older_link() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let page = invite(&console.signed_in(&acme.owner), &acme, "dana@example.com");
    let copied = copied_link(&console, &page, "dana@example.com");
    let mailed = console.mail_to("dana@example.com").link("/invitations/").to_owned();
    console.travel(TimeDelta::days(10));
    let ann = console.signed_in(&acme.owner);
    let list = ann.open("/o/acme/invites");
    let page = ann.submit(&list, "Resend dana@example.com", &[]);
    assert!(page.flash().contains("Earlier links have stopped working"), "{}", page.flash());
    let again = ann.submit(&list, "Resend dana@example.com", &[]);
    assert!(again.flash().contains("Nothing was sent twice"), "{}", again.flash());
    assert_eq!(console.mails_to("dana@example.com").len(), 2);
    console.travel(TimeDelta::days(10));
    for dead in [&copied, &mailed] {
        assert_eq!(console.browser().open(dead).heading(), "There is a newer invitation");
    }
    let fresh = console.mail_to("dana@example.com").link("/invitations/").to_owned();
    assert_eq!(console.browser().open(&fresh).heading(), "Join Acme");
}

#[test]
fn an_expired_invitation_is_sent_again_while_a_slot_is_left() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.set_limit(2);
    invite(&console.signed_in(&acme.owner), &acme, "dana@example.com");
    console.travel(TimeDelta::days(15));
    let ann = console.signed_in(&acme.owner);
    let list = ann.open("/o/acme/invites");
    acme.member("Bob Full", Starter::Member);
    let page = ann.submit(&list, "Resend dana@example.com", &[]);
    let way = "or change the plan: Team, Business and Enterprise have more slots. Then send it again.";
    assert!(page.flash().contains("No member slot is left") && page.flash().contains(way), "{}", page.flash());
    acme.set_limit(3);
    let page = ann.submit(&list, "Resend dana@example.com", &[]);
    assert!(page.flash().contains("waits in the mailbox"), "{}", page.flash());
    assert_eq!(console.number("SELECT count(*) AS number FROM members WHERE status = 'invited'"), 1);
}

#[test]
fn nobody_sends_an_invitation_again_whose_role_they_may_not_give() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let page = ann.open("/o/acme/invites/new");
    ann.submit(&page, "Send invitation", &[("Email addresses", "dana@example.com"), ("Role", "Admin")]);
    let max = console.signed_in(&acme.member("Max Manager", Starter::Manager));
    let list = max.open("/o/acme/invites");
    assert!(list.offers("Copy link of dana@example.com") && !list.offers("Resend dana@example.com"));
    let one = max.click(&list, "dana@example.com");
    assert!(!one.offers("Resend") && one.says("You cannot invite as Admin"), "{}", one.text());
    assert!(!max.open("/o/acme/members").offers("Resend invitation to dana@example.com"));
    let page = max.follow(max.post(&format!("{}/resend", one.path), &[]));
    assert!(page.flash().contains("cannot invite with the role"), "{}", page.flash());
    assert_eq!(console.mails_to("dana@example.com").len(), 1);
}

#[test]
fn revoking_kills_the_link_at_once_and_frees_the_slot() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.set_limit(2);
    let ann = console.signed_in(&acme.owner);
    invite(&ann, &acme, "dana@example.com");
    let link = console.mail_to("dana@example.com").link("/invitations/").to_owned();
    let page = ann.click(&ann.open("/o/acme/invites"), "Revoke dana@example.com");
    let again = ann.submit(&page, "Revoke invitation", &[]);
    assert_eq!(again.path, "/o/acme/invites");
    assert_eq!(console.browser().open(&link).heading(), "This invitation was taken back");
    let twice = ann.submit(&page, "Revoke invitation", &[]);
    assert!(twice.flash().contains("Nothing was revoked"), "{}", twice.flash());
    assert_eq!(invite(&ann, &acme, "eve@example.com").status, 200);
}

#[test]
fn nobody_revokes_an_invitation_that_they_could_not_have_sent() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let page = ann.open("/o/acme/invites/new");
    ann.submit(&page, "Send invitation", &[("Email addresses", "boss@example.com"), ("Role", "Admin")]);
    invite(&ann, &acme, "dana@example.com");
    let max = console.signed_in(&acme.member("Max Manager", Starter::Manager));
    let list = max.open("/o/acme/invites");
    assert!(!list.offers("Revoke boss@example.com") && !max.open("/o/acme/members").offers("Revoke boss@example.com"));
    let boss = max.click(&list, "boss@example.com");
    assert!(!boss.offers("Revoke") && boss.says("or revokes it"), "{}", boss.text());
    let refused = max.follow(max.post(&format!("{}/revoke", boss.path), &[]));
    assert!(refused.flash().contains("Nothing was revoked"), "{}", refused.flash());
    assert_eq!(console.number("SELECT count(*) AS number FROM invitations WHERE status = 'pending'"), 2);
    let revoked = max.submit(&max.click(&max.open("/o/acme/invites"), "Revoke dana@example.com"), "Revoke invitation", &[]);
    assert!(revoked.flash().contains("dana@example.com revoked"), "{}", revoked.flash());
    // What somebody sent themselves they take back even when its role is out of their reach by now.
    acme.execute("UPDATE invitations SET invited_by_account_id = (SELECT account_id FROM members WHERE name = 'Max Manager')");
    let list = max.open("/o/acme/invites");
    assert!(!list.offers("Resend boss@example.com"));
    let revoked = max.submit(&max.click(&list, "Revoke boss@example.com"), "Revoke invitation", &[]);
    assert!(revoked.flash().contains("boss@example.com revoked"), "{}", revoked.flash());
}

#[test]
fn an_invitation_has_a_page_with_its_link_and_its_story() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    invite(&ann, &acme, "dana@example.com");
    let page = ann.click(&ann.open("/o/acme/invites"), "dana@example.com");
    assert_eq!(page.heading(), "dana@example.com");
    assert!(page.value_of("Invitation link").contains("/invitations/") && page.offers("Copy link"));
    assert!(page.says("Created by Ann Owner as Member") && page.says("A mail to dana@example.com waits in the mailbox"));
    // The worker writes this line when a server asks for patience.
    console.execute(
        "INSERT INTO invitation_events (organization_id, id, invitation_id, at, kind, detail)
        SELECT organization_id, gen_random_uuid(), id, now(), 'mail_delayed', '450 try later' FROM invitations",
    );
    assert!(ann.open(&page.path).says("450 try later"));
    console.execute("UPDATE mails SET failed_at = now(), next_attempt_at = NULL, trouble = '550 no such user'");
    let page = ann.open(&page.path);
    assert!(page.says("The mail could not be delivered") && page.says("550 no such user"), "{}", page.text());
    assert!(ann.open("/o/acme/invites").says("Could not be delivered: 550 no such user"));
}

#[test]
fn with_a_mail_server_nothing_is_called_sent_before_it_took_the_mail() {
    let console = Console::start_with(|config| config.smtp_url = SmtpServer::parse("smtp://127.0.0.1:1?tls=none").ok());
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    assert_eq!(invite(&ann, &acme, "dana@example.com").heading(), "1 invitation sent");
    let page = ann.open("/o/acme/invites");
    assert!(page.says("Queued") || page.says("Delayed"), "{}", page.text());
    console.execute("UPDATE mails SET sent_at = now(), next_attempt_at = NULL");
    let page = ann.click(&ann.open("/o/acme/invites"), "dana@example.com");
    assert!(page.says("The mail server took the mail"), "{}", page.text());
}

#[test]
fn no_input_breaks_the_form_and_all_of_it_is_kept() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let long = "x".repeat(10_000);
    let inputs = ["", "   ", &long, "a\0b", "\u{202E}evil", "🦊", "<script>alert(1)</script>", "\"'`", "=1+1", "a\r\nBcc: b"];
    for field in ["emails", "role", "provider", "name", "message"] {
        for input in inputs {
            let mut fields = vec![("emails", "dana@"), ("role", ""), ("name", ""), ("message", ""), ("provider", "any")];
            fields.iter_mut().filter(|(name, _)| *name == field).for_each(|(_, value)| *value = input);
            let reply = ann.post("/o/acme/invites/new", &fields);
            assert_eq!(reply.status, 422, "{field} {input:?}");
            assert!(!reply.body.contains("<script>alert"), "{field}");
        }
        let body = format!("{field}=%ff%fe");
        let reply = ann.send("POST", "/o/acme/invites/new", &[("sec-fetch-site", "same-origin")], Some(body.as_bytes()));
        assert_eq!(reply.status, 422, "{field}");
    }
    assert_eq!(ann.post("/o/acme/invites/new", &[("surprise", "x")]).status, 400);
    for query in ["status=%ff", "status=a&status=b", "after=%00&before=x", "after=AAAAAAAAAAAAAAAAAAAAAAAAAAAA", "at=1"] {
        assert_eq!(ann.get(&format!("/o/acme/invites?{query}")).status, 200, "{query}");
        assert_eq!(ann.get(&format!("/o/acme/invites/sent?{query}")).status, 303, "{query}");
    }
    assert_eq!(ann.get(&format!("/o/acme/invites/sent?at={}", i64::MIN)).status, 303);
    assert_eq!(pending(&console), 0);
}

#[test]
fn the_mail_of_an_invitation_goes_to_another_address_where_its_link_proves_nothing() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let form = |addresses: &str, notified: &str| {
        let page = ann.open("/o/acme/invites/new");
        ann.submit(&page, "Send invitation", &[("Email addresses", addresses), ("Notification email", notified)])
    };
    let several = form("dana@example.com ben@example.com", "dana@home.example");
    assert!(several.status == 422 && several.says("A notification email goes with a single address"), "{}", several.text());
    assert_eq!(several.value_of("Notification email"), "dana@home.example");
    assert_eq!(form("dana@example.com", "dana").status, 422);
    assert_eq!(form("dana@example.com", "Dana@Home.example").status, 200);
    assert_eq!((console.mails_to("dana@example.com").len(), console.mails_to("dana@home.example").len()), (0, 1));
    let one = ann.click(&ann.open("/o/acme/invites"), "dana@example.com");
    assert!(one.says("A mail to dana@home.example waits in the mailbox") && one.says("Notification email"), "{}", one.text());
    let resent = ann.submit(&one, "Resend", &[]);
    assert!(resent.flash().contains("dana@home.example"), "{}", resent.flash());
    let mails = console.mails_to("dana@home.example");
    let dana = console.browser();
    let page = dana.click(&dana.open(mails[0].link("/invitations/")), "Create account");
    assert_eq!(page.value_of("Email"), "dana@example.com");
    let page = dana.submit(&page, "Create account", &[("Name", "Dana Smith"), ("Password", crate::harness::PASSWORD)]);
    assert_eq!(page.path, "/invitation");
    assert!(!page.offers("Join Acme"), "{}", page.text());
    let page = dana.open(console.mail_to("dana@example.com").link("/email/confirm/"));
    let page = dana.submit(&page, "Confirm email address", &[]);
    let page = dana.submit(&page, "Join Acme", &[]);
    assert_eq!(page.path, "/o/acme", "{}", page.text());
}

#[test]
fn an_invitation_is_sent_again_a_few_times_an_hour_and_no_more() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    invite(&ann, &acme, "dana@example.com");
    let resend = || ann.press(&ann.open("/o/acme/invites"), "Resend dana@example.com", &[]).status;
    assert_eq!((0..6).map(|_| resend()).collect::<Vec<_>>(), [303, 303, 303, 303, 303, 429]);
    assert_eq!(console.mails_to("dana@example.com").len(), 6);
    console.travel(TimeDelta::minutes(61));
    assert_eq!(resend(), 303);
}
