//! What the pages say of metered use: its price before it is bought, the limit, that it is stopped, and what does not count.

use roster::access::policy::Starter;
use serde_json::json;

use crate::billing::{change, give_address, preview, with_plans};
use crate::harness::{Client, Console, Page};

fn report(client: &Client, quantity: i64, name: &str) {
    let reply = client.post("usage", &json!({ "item": "credits", "quantity": quantity, "idempotency_key": name }));
    assert_eq!(reply.status, 200, "{}", reply.body);
}

#[test]
fn the_price_of_use_beyond_what_is_included_stands_on_the_cards_and_on_the_page_before_the_click() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let lines = |address: &str| ann.open(address).all(".plan .ticks li");
    let euro = lines("/o/acme/billing/plans?currency=EUR");
    assert!(euro.contains(&"1,000 credits a month, beyond that €5.00 for 1,000".to_owned()), "{euro:?}");
    assert!(euro.contains(&"100 credits a month".to_owned()), "Free has no price for more: {euro:?}");
    let dollar = lines("/o/acme/billing/plans?currency=USD");
    assert!(dollar.contains(&"1,000 credits a month".to_owned()), "no price in that currency: {dollar:?}");
    let sentence = "Credits beyond the 1,000 a month that are included: €5.00 for 1,000, without VAT.";
    let team = preview(&ann, &acme, "team", "month");
    assert!(team.says(sentence), "{}", team.text());
    let business = preview(&ann, &acme, "business", "month");
    assert!(!business.says("Credits beyond"), "{}", business.text());
}

fn badges(page: &Page) -> Vec<String> {
    page.all(".badge")
}

#[test]
fn that_use_is_stopped_stands_where_its_spending_does_with_the_way_to_raise_the_limit() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    let ann = console.signed_in(&acme.owner);
    acme.execute("UPDATE roles SET permissions = ARRAY['billing.view'] WHERE starter = 'viewer'");
    let vic = console.signed_in(&acme.member("Vic Viewer", Starter::Viewer));
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    let set = |amount: &str| {
        let fields = [("Spending limit of Credits a month", amount), ("Stop when it is reached", "true")];
        ann.submit(&ann.open("/o/acme/billing/usage"), "Save limit of Credits", &fields)
    };
    set("10");
    report(&client, 2_900, "nearly");
    let ends = "SELECT to_char(period_ends_at AT TIME ZONE 'UTC', 'FMDD FMMonth YYYY, HH24:MI') || ' UTC' FROM subscriptions";
    let refused = format!("Further use is refused until {}: the spending limit of €10.00 is reached.", console.text(ends));
    let limit = "Spending limit: €10.00 a month, at which it stops.";
    let pages = ["/o/acme/billing", "/o/acme/billing/usage"];
    for page in pages.map(|path| ann.open(path)) {
        assert!(page.says(limit) && page.says("€9.50 beyond that so far"), "{}", page.text());
        assert!(!badges(&page).contains(&"Stopped".to_owned()) && !page.says("is refused"), "{}", page.text());
    }
    report(&client, 200, "all");
    for path in pages {
        let page = ann.open(path);
        assert!(badges(&page).contains(&"Stopped".to_owned()) && page.says(&refused), "{}", page.text());
        assert_eq!(page.link("Raise the limit of Credits"), "/o/acme/billing/usage#amount-credits");
        let seen = vic.open(path);
        assert!(seen.says(&refused) && !seen.says("Raise the limit"), "who may not raise it: {}", seen.text());
    }
    let raised = set("20");
    assert!(!badges(&raised).contains(&"Stopped".to_owned()) && raised.says("Spending limit: €20.00"), "{}", raised.text());
    // A limit of nothing stops at the end of what is included.
    set("0");
    let page = ann.open("/o/acme/billing");
    assert!(page.says("what is included is used up, and the spending limit is nothing beyond it."), "{}", page.text());
}

#[test]
fn use_that_days_still_show_after_counting_began_anew_is_explained() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    let ann = console.signed_in(&acme.owner);
    let usage = || ann.open("/o/acme/billing/usage");
    give_address(&ann, &acme);
    report(&client, 40, "on Free");
    assert!(!usage().says("below also show"), "nothing to explain: {}", usage().text());
    change(&ann, &acme, "team", "month");
    let page = usage();
    let words = "Days and users below also show the 40 used before then, which do not count here.";
    assert!(page.says("This month began on") && page.says(words), "{}", page.text());
    report(&client, 3_500, "on Team");
    change(&ann, &acme, "flat", "month");
    let page = usage();
    let words = "Days and users below also show the 3,540 used before then; what of it is to be paid is on the next invoice.";
    assert!(page.says("0 of 0 included, since") && page.says("Counting began anew on"), "{}", page.text());
    assert!(page.says("with the change of plan.") && page.says(words), "{}", page.text());
}

#[test]
fn use_before_a_change_to_the_year_is_explained_with_the_invoice_that_charges_it() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    report(&Client::new(&console, &key), 3_500, "by the month");
    change(&ann, &acme, "team", "year");
    let charging =
        "SELECT i.number FROM invoices i JOIN invoice_lines l ON l.invoice_id = i.id WHERE l.description LIKE 'Credits%'";
    let words = format!(
        "Days and users below also show the 3,500 used before then; what of it is to be paid is on the invoice {}.",
        console.text(charging)
    );
    let page = ann.open("/o/acme/billing/usage");
    assert!(page.says("0 of 1,000 included") && page.says(&words), "{}", page.text());
}

#[test]
fn where_nothing_is_included_the_limit_of_nothing_is_told_at_the_first_use() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    let help = || ann.open("/o/acme/billing/usage").all("#amount-credits-help").join(" ");
    assert!(help().contains("Enter 0, and you are told at 50, 80 and 100 % of what is included."), "{}", help());
    change(&ann, &acme, "business", "month");
    let words = "Nothing is included in your plan, and use costs nothing. Enter 0, and you are told at the first use.";
    assert!(help().starts_with(words) && !help().contains("50, 80"), "{}", help());
    let fields = [("Spending limit of Credits a month", "0")];
    ann.submit(&ann.open("/o/acme/billing/usage"), "Save limit of Credits", &fields);
    let warned = || console.number("SELECT count(*) AS number FROM events WHERE kind = 'usage_warned'");
    assert_eq!(warned(), 0);
    report(&Client::new(&console, &key), 1, "the first");
    assert_eq!(warned(), 1);
}

#[test]
fn a_limit_that_no_amount_could_raise_is_removed() {
    let console = Console::start_with(with_plans);
    let acme = console.organization("Acme", "Ann Owner");
    let (_, key) = acme.key_of_everything();
    let client = Client::new(&console, &key);
    let ann = console.signed_in(&acme.owner);
    let fields = [("Spending limit of Credits a month", "0"), ("Stop when it is reached", "true")];
    ann.submit(&ann.open("/o/acme/billing/usage"), "Save limit of Credits", &fields);
    report(&client, 150, "beyond the 100 of Free, where more has no price");
    for path in ["/o/acme/billing", "/o/acme/billing/usage"] {
        let page = ann.open(path);
        assert!(badges(&page).contains(&"Stopped".to_owned()) && !page.says("Raise the limit"), "{}", page.text());
        assert_eq!(page.link("Remove the limit of Credits"), "/o/acme/billing/usage#amount-credits");
    }
    // Emptied it stops nothing any more.
    let page = ann.open("/o/acme/billing/usage");
    let emptied = [("Spending limit of Credits a month", ""), ("Stop when it is reached", "")];
    let removed = ann.submit(&page, "Save limit of Credits", &emptied);
    assert!(!badges(&removed).contains(&"Stopped".to_owned()), "{}", removed.text());
    let log = ann.open("/o/acme/activity");
    let words = "set the spending limit of Credits to nothing beyond what is included, at which it stops";
    assert!(log.says(words) && !log.says("€0.00"), "{}", log.text());
}
