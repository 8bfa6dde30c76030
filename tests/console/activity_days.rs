//! Plans that show the last days of the activity log.

use std::sync::Arc;

use roster::access::policy::Starter;
use roster::config::{Config, Plans};
use roster::web::pagination::Key;
use uuid::Uuid;

use crate::billing::{PLANS, change, give_address};
use crate::harness::{Browser, Client, Console, Organization, Page};
use crate::keys::generate;

/// The plans of billing, of which Free shows 30 days and Team 90.
pub fn with_days(config: &mut Config) {
    let plans = PLANS.replace("member_slots = 5\n", "member_slots = 5\nactivity_days = 30\n");
    let plans = plans.replace("member_slots = 20\n", "member_slots = 20\nactivity_days = 90\n");
    config.plans = Arc::new(Plans::parse(&plans).unwrap());
}

/// 120 changes of a name, one each twelve hours back from now. Those of the last thirty days are by the owner, of whom
/// there are 59, the older ones by an account that did nothing since.
fn rename_often(console: &Console, acme: &Organization<'_>) -> Uuid {
    let old = Uuid::from_u128(7);
    console.execute(&format!(
        "INSERT INTO events (organization_id, id, at, kind, actor_account_id, actor_name, subject_id, data)
         SELECT '{}', md5(n::text)::uuid, now() - interval '1 minute' - n * interval '12 hours', 'organization_renamed',
             CASE WHEN n < 60 THEN '{}'::uuid ELSE '{old}' END, CASE WHEN n < 60 THEN 'Ann Owner' ELSE 'Olga Old' END,
             '{}', jsonb_build_object('from', 'Acme', 'to', 'Name ' || n)
         FROM generate_series(1, 120) n",
        acme.id,
        acme.owner.account_id,
        acme.member_id(&acme.owner.email),
    ));
    old
}

/// The place of the change so many half days ago.
fn place(console: &Console, number: i64) -> String {
    let micros = console.number(&format!(
        "SELECT (extract(epoch FROM at) * 1000000)::bigint AS number FROM events WHERE id = md5('{number}')::uuid"
    ));
    let id = console.uuid(&format!("SELECT md5('{number}')::uuid AS uuid"));
    Key { value: micros.to_string(), id }.encode()
}

/// All sentences from a page on.
fn walk(browser: &Browser, mut page: Page) -> Vec<String> {
    let mut all = page.all(".story-item p");
    while page.offers("Next") {
        page = browser.click(&page, "Next");
        all.extend(page.all(".story-item p"));
    }
    all
}

#[test]
fn the_page_shows_the_days_of_the_plan_and_says_so() {
    let console = Console::start_with(with_days);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let page = ann.open("/o/acme/activity");
    assert!(!page.says("Your plan shows"), "nothing is older: {}", page.text());
    let old = rename_often(&console, &acme);
    let page = ann.open("/o/acme/activity");
    assert!(page.says("Your plan shows the last 30 days. Change plan"), "{}", page.text());
    assert_eq!(ann.click(&page, "Change plan").heading(), "Change plan");
    assert_eq!(page.options_of("Person"), ["Everybody", "Ann Owner", "Without an account"]);
    let all = walk(&ann, page);
    assert_eq!((all.len(), all.iter().any(|line| line.contains("Olga"))), (60, false));
    assert!(all[59].contains("Name 59"), "{}", all[59]);
    for filter in [format!("person={old}"), format!("person={old}&kind=organization_renamed")] {
        let page = ann.open(&format!("/o/acme/activity?{filter}"));
        assert!(page.all(".story-item").is_empty() && page.says("Nothing like that in the last 30 days"), "{}", page.text());
    }
    // Who may not change the plan is told as much, without the link.
    let mia = console.signed_in(&acme.member("Mia Admin", Starter::CoAdmin));
    let page = mia.open("/o/acme/activity");
    assert!(page.says("Your plan shows the last 30 days.") && !page.offers("Change plan"), "{}", page.text());
}

#[test]
fn a_cursor_does_not_reach_what_the_plan_hides() {
    let console = Console::start_with(with_days);
    let acme = console.organization("Acme", "Ann Owner");
    rename_often(&console, &acme);
    let ann = console.signed_in(&acme.owner);
    let hidden = place(&console, 80);
    for filter in ["", "&kind=organization_renamed", "&person=nobody"] {
        let page = ann.open(&format!("/o/acme/activity?after={hidden}{filter}"));
        assert!(page.all(".story-item").is_empty() && page.says("Nothing more here"), "{filter}: {}", page.text());
    }
    let back = ann.open(&format!("/o/acme/activity?before={hidden}"));
    let shown = back.all(".story-item p");
    assert!(shown.len() == 50 && shown[49].contains("Name 59"), "{shown:?}");
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    assert_eq!(client.get(&format!("activity?cursor=ea{hidden}")).json()["data"], serde_json::json!([]));
    let before = client.get(&format!("activity?limit=2&cursor=eb{hidden}")).json();
    let sentences = before["data"].as_array().unwrap().iter().map(|event| event["sentence"].as_str().unwrap());
    assert!(sentences.zip([58, 59]).all(|(line, number)| line.ends_with(&format!("Name {number}"))), "{before}");
}

#[test]
fn the_api_lists_the_days_of_the_plan() {
    let console = Console::start_with(with_days);
    let acme = console.organization("Acme", "Ann Owner");
    rename_often(&console, &acme);
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    let count = || {
        let (mut cursor, mut count) = (String::new(), 0);
        loop {
            let page = client.get(&format!("activity?kind=organization_renamed&limit=25{cursor}")).json();
            count += page["data"].as_array().unwrap().len();
            let Some(next) = page["next_cursor"].as_str() else { return count };
            cursor = format!("&cursor={next}");
        }
    };
    assert_eq!(count(), 59);
    console.execute("UPDATE organizations SET plan = 'team'");
    assert_eq!(count(), 120);
    console.execute("UPDATE organizations SET plan = ''");
    assert_eq!(count(), 59);
}

#[test]
fn an_upgrade_shows_the_rest_again() {
    let console = Console::start_with(with_days);
    let acme = console.organization("Acme", "Ann Owner");
    let old = rename_often(&console, &acme);
    let ann = console.signed_in(&acme.owner);
    let hidden = place(&console, 80);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    let page = ann.open("/o/acme/activity?kind=organization_renamed");
    assert!(!page.says("Your plan shows") && page.options_of("Person").contains(&"Olga Old".to_owned()), "{}", page.text());
    assert_eq!(walk(&ann, page).len(), 120);
    assert_eq!(walk(&ann, ann.open(&format!("/o/acme/activity?person={old}"))).len(), 61);
    assert_eq!(walk(&ann, ann.open(&format!("/o/acme/activity?after={hidden}"))).len(), 40);
}

#[test]
fn the_latest_activity_of_a_member_a_key_and_the_organization_keeps_to_it() {
    let console = Console::start_with(with_days);
    let acme = console.organization("Acme", "Ann Owner");
    let bob = acme.member("Bob Smith", Starter::Member);
    let ann = console.signed_in(&acme.owner);
    let key = generate(&ann, &acme, "Deploy", &[]).0;
    console.execute(&format!(
        "INSERT INTO events (organization_id, id, at, kind, actor_account_id, actor_name, subject_id, data)
         SELECT '{}', gen_random_uuid(), now() - interval '40 days', 'member_deactivated', '{}', 'Ann Owner', subject::uuid,
             '{{\"member_id\": \"00000000-0000-0000-0000-000000000001\", \"name\": \"Forty Days\"}}'
         FROM unnest(ARRAY['{}', '{key}']) subject",
        acme.id,
        bob.account_id,
        acme.member_id(&bob.email),
    ));
    let member = acme.path(&format!("members/{}", acme.member_id(&bob.email)));
    let paths = [member, acme.path(&format!("keys/{key}")), "/o/acme".to_owned()];
    for path in &paths {
        let page = ann.open(path);
        assert!(!page.says("Forty Days"), "{path}: {}", page.text());
    }
    console.execute("UPDATE organizations SET plan = 'team'");
    for path in &paths {
        assert!(ann.open(path).says("Forty Days"), "{path}");
    }
}

#[test]
fn plans_and_changes_name_the_days() {
    let console = Console::start_with(with_days);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let cards = ann.open("/o/acme/billing/plans");
    assert!(cards.says("Activity of the last 30 days") && cards.says("All activity, however old"), "{}", cards.text());
    give_address(&ann, &acme);
    let up = ann.open("/o/acme/billing/plans/team?cycle=month&currency=EUR");
    assert!(up.says("Activity of the last 90 days"), "{}", up.text());
    change(&ann, &acme, "business", "month");
    let down = ann.open("/o/acme/billing/plans/team?cycle=month&currency=EUR");
    assert!(
        down.says("Activity of the last 90 days instead of all of it: what is older is hidden, not deleted."),
        "{}",
        down.text()
    );
    let cancel = ann.open("/o/acme/billing/cancel");
    assert!(cancel.says("Activity of the last 30 days instead of all of it"), "{}", cancel.text());
}
