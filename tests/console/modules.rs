//! Modules beside the plan: what they cost is seen before the click and is what is invoiced; permissions of the product open and
//! close with them, for people and for keys.

use std::sync::{Arc, Barrier};

use chrono::TimeDelta;
use roster::access::policy::Starter;
use roster::billing::actions::operator;
use roster::config::{Config, Plans, ProductPermissions};
use serde_json::{Value, json};

use crate::billing::{PLANS, change, days_later, give_address, look_after, preview};
use crate::harness::{Browser, Client, Console, Organization, Page, run};

const MODULES: &str = r#"
[[modules]]
key = "reports"
name = "Reports"
sentence = "Numbers for those who decide."
per_member = true
permissions = ["reports.read", "reports.write"]
plans = ["team"]
prices.EUR = { month = 300, year = 3000 }

[[modules]]
key = "storage"
name = "Storage"
sentence = "Room for everything."
permissions = ["storage.use"]
prices.EUR = { month = 700, year = 7000 }

[[modules]]
key = "archive"
name = "Archive"
sentence = "What was, for ever."
permissions = ["archive.read"]
prices.EUR = { month = 400 }
"#;

const PRODUCT: &str = r#"
[[groups]]
name = "Product"
permissions = [
    { key = "data.read", sentence = "Read data.", roles = ["writer", "viewer"] },
    { key = "reports.read", sentence = "Read reports.", roles = ["writer"] },
    { key = "reports.write", sentence = "Write reports." },
    { key = "storage.use", sentence = "Store things.", roles = ["writer"] },
    { key = "archive.read", sentence = "Look into the archive." },
]
"#;

/// The plans of the other tests, of which Business includes Reports, and three modules.
fn plans() -> String {
    let business = "sentence = \"For companies.\"";
    format!("{}{MODULES}", PLANS.replacen(business, &format!("{business}\nmodules = [\"reports\"]"), 1))
}

fn with(config: &mut Config, plans: &str) {
    let plans = Plans::parse(plans).unwrap();
    let product = ProductPermissions::parse(PRODUCT).unwrap().opened_by(&plans).unwrap();
    (config.plans, config.product_permissions) = (Arc::new(plans), Arc::new(product));
}

pub fn with_modules(config: &mut Config) {
    with(config, &plans());
}

/// Adds a module as the page offers it.
fn add(browser: &Browser, acme: &Organization<'_>, name: &str) -> Page {
    let page = browser.click(&browser.open(&acme.path("billing")), &format!("Add {name}"));
    browser.submit(&page, &format!("Add {name}"), &[])
}

/// An organization on Team by the month, with a billing address.
fn on_team<'a>(console: &'a Console) -> (Organization<'a>, Browser) {
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "team", "month");
    (acme, ann)
}

/// What the key of somebody is told that is asked for an ability.
fn verdict(client: &Client, key: &str, ability: &str) -> String {
    let verdict = client.post("keys/verify", &json!({ "key": key, "ability": ability })).json();
    verdict["reason"].as_str().unwrap_or("valid").to_owned()
}

fn access(client: &Client, user: &str, permission: &str) -> Value {
    client.post("access/check", &json!({ "user": user, "permission": permission })).json()
}

/// Lines of the newest invoice: description and amount.
fn newest(console: &Console) -> String {
    console.text(
        "SELECT string_agg(l.description || ' ' || l.amount, '; ' ORDER BY l.position) FROM invoice_lines l
        JOIN invoices i ON i.organization_id = l.organization_id AND i.id = l.invoice_id
        WHERE i.number = (SELECT max(number) FROM invoices)",
    )
}

fn pay_all(console: &Console) {
    console.execute("UPDATE invoices SET status = 'paid', paid_at = now(), reminder_at = NULL WHERE status <> 'paid'");
}

#[test]
fn a_module_is_added_at_the_price_that_was_shown_and_is_renewed_with_the_plan() {
    let console = Console::start_with(with_modules);
    let (acme, ann) = on_team(&console);
    let page = ann.open("/o/acme/billing");
    assert!(page.says("Numbers for those who decide.") && page.says("€3.00 per member a month"), "{}", page.text());
    assert!(page.says("€7.00 a month, without VAT."), "{}", page.text());
    acme.member("Bob Smith", Starter::Member);
    let page = ann.click(&page, "Add Reports");
    assert_eq!(page.heading(), "Add Reports?");
    assert!(page.says("€6.00 a month for 2 members, plus VAT 19 %, on the invoice of Team"), "{}", page.text());
    assert_eq!(page.all(".change.gained span"), ["Read reports. (reports.read)", "Write reports. (reports.write)"]);
    let sums = page.all(".sums dd");
    assert_eq!(sums, ["€6.00", "€1.14", "€7.14"], "the period has just begun");
    let page = ann.submit(&page, "Add Reports", &[]);
    assert!(page.flash().contains("Reports is open now.") && page.says("€7.14"), "{}", page.text());
    assert!(page.offers("Cancel Reports") && !page.offers("Add Reports"), "{:?}", page.buttons());
    assert_eq!(newest(&console), "Reports, 2 members 600");
    let log = ann.open("/o/acme/activity");
    assert!(log.says("added the module Reports to the plan Team, paid by the month"), "{}", log.text());
    assert!(console.mail_to("finance@acme.example").text.contains("added the module Reports"));
    pay_all(&console);
    days_later(&console, &acme, 32);
    assert_eq!(newest(&console), "Team, 2 members 2000; Reports, 2 members 600");
    // In the midst of the next period only its rest is paid.
    pay_all(&console);
    let ann = days_later(&console, &acme, 14);
    let page = ann.click(&ann.open("/o/acme/billing"), "Add Storage");
    let (net, due) = (page.all(".sums dd")[0].clone(), page.all(".sums .strong dd").join(""));
    assert!(net.starts_with("€3."), "about half of €7.00: {net}");
    let page = ann.submit(&page, "Add Storage", &[]);
    assert!(page.says("R-000004") && page.says(&due), "{due}: {}", page.text());
    // What somebody pays for stays in the file.
    let missing = |known: &[&str]| {
        roster::organizations::queries::modules_besides(&mut console.superuser(), known).unwrap().map(|(module, _)| module)
    };
    assert_eq!((missing(&["reports", "storage"]), missing(&["reports"])), (None, Some("storage".to_owned())));
}

#[test]
fn a_module_that_is_cancelled_ends_with_the_period_and_can_be_kept_until_then() {
    let console = Console::start_with(with_modules);
    let (acme, ann) = on_team(&console);
    let (_, backend) = acme.key("Backend", &acme.owner, &["keys.verify"]);
    add(&ann, &acme, "Reports");
    pay_all(&console);
    let will = acme.member("Will Writer", Starter::Writer);
    let without_keys = ann.open("/o/acme/billing/modules/reports/cancel");
    assert!(without_keys.says("4 roles have what closes: until it opens again it allows them nothing."), "no key has it yet");
    let (id, key) = acme.key("Of Ann", &acme.owner, &["reports.read", "data.read"]);
    let client = Client::new(&console, &backend);
    assert_eq!([verdict(&client, &key, "reports.read"), verdict(&client, &key, "reports.write")], ["valid", "ability_missing"]);
    assert_eq!(access(&client, &will.email, "reports.read")["allowed"], true);
    let confirm = ann.click(&ann.open("/o/acme/billing"), "Cancel Reports");
    assert!(confirm.says("Read reports. (reports.read)"), "{}", confirm.text());
    assert!(confirm.says("4 roles and 1 key have what closes"), "Owner, Admin, Co-Admin and Writer: {}", confirm.text());
    let page = ann.submit(&confirm, "Cancel Reports", &[]);
    assert!(page.flash().contains("Reports ends on") && page.says("Ends on"), "{}", page.text());
    let page = ann.submit(&page, "Keep Reports", &[]);
    assert!(page.flash().contains("Reports goes on."), "{}", page.text());
    ann.submit(&ann.open("/o/acme/billing/modules/reports/cancel"), "Cancel Reports", &[]);
    assert_eq!(verdict(&client, &key, "reports.read"), "valid", "what is paid stays");
    let ann = days_later(&console, &acme, 32);
    assert_eq!(newest(&console), "Team, 2 members 2000");
    let asked = client.post("keys/verify", &json!({ "key": key, "ability": "reports.read" })).json();
    assert_eq!((asked["reason"].as_str(), &asked["key"]["abilities"]), (Some("module_missing"), &json!(["data.read"])));
    let lines = ann.open(&format!("/o/acme/keys/{id}")).all(".why-line");
    assert!(lines.iter().any(|line| line.ends_with("reports.read Opens with the module Reports.")), "{lines:?}");
    let told = access(&client, &will.email, "reports.read");
    assert_eq!(told["allowed"], false);
    let reason =
        "Will Writer is Writer, and Writer has reports.read, but Acme does not have its module. Opens with the module Reports.";
    assert_eq!(told["reason"], reason);
    let log = ann.open("/o/acme/activity");
    for words in ["cancelled the module Reports: it ends on", "kept the module Reports after all", "ended the module Reports"] {
        assert!(log.says(words), "{words}: {}", log.text());
    }
    // It is there again with the module.
    add(&ann, &acme, "Reports");
    assert_eq!(verdict(&client, &key, "reports.read"), "valid");
    assert_eq!(access(&client, &will.email, "reports.read")["allowed"], true);
}

#[test]
fn what_a_plan_costs_from_then_on_names_no_module_that_ends_before() {
    let console = Console::start_with(with_modules);
    let (acme, ann) = on_team(&console);
    let page = add(&ann, &acme, "Storage");
    let up = preview(&ann, &acme, "business", "month");
    assert!(up.says("with Storage €7.00 a month"), "{}", up.text());
    ann.submit(&ann.click(&page, "Cancel Storage"), "Cancel Storage", &[]);
    let up = preview(&ann, &acme, "business", "month");
    assert!(up.says("From then on") && !up.says("with Storage"), "{}", up.text());
}

#[test]
fn what_a_role_holds_is_kept_while_its_module_is_closed() {
    let console = Console::start_with(with_modules);
    let (acme, ann) = on_team(&console);
    let role = format!("/o/acme/roles/{}", acme.role(Starter::Writer));
    let page = ann.open(&role);
    assert_eq!(page.all("#permission-reports-read-help"), ["Opens with the module Reports."]);
    assert!(page.html().contains("id=\"permission-reports-read\" name=\"permissions\" value=\"reports.read\" checked disabled"));
    assert!(page.html().contains("id=\"permission-archive-read\" name=\"permissions\" value=\"archive.read\" disabled"));
    assert!(!page.html().contains("value=\"data.read\" checked disabled"));
    // An edit of something else leaves what is closed as it is.
    let page = ann.submit(&page, "Save", &[("Description", "Writes")]);
    assert!(page.says("Writes") || page.flash().contains("saved"), "{}", page.text());
    let member = format!("/o/acme/members/{}", acme.member_id(&acme.member("Will Writer", Starter::Writer).email));
    let why = |page: &Page, key: &str| page.all(".why-line").into_iter().find(|line| line.contains(key)).unwrap();
    let line = why(&ann.open(&member), "reports.read");
    assert!(line.ends_with("role Writer has it; opens with the module Reports"), "{line}");
    let line = why(&ann.open(&member), "archive.read");
    assert!(line.ends_with("opens with the module Archive") && !line.contains("has it"), "{line}");
    let page = ann.open("/o/acme/permissions/reports.read");
    assert!(page.says("Opens with the module Reports.") && page.says("None at the moment."), "{}", page.text());
    add(&ann, &acme, "Reports");
    assert!(ann.open(&role).html().contains("value=\"reports.read\" checked>"));
    assert!(why(&ann.open(&member), "reports.read").contains("from role Writer"));
    // Who posts what is closed is refused.
    let form = ann.open("/o/acme/roles/new").form("Create role", &[("Name", "Auditor"), ("Level", "5")]);
    let mut fields: Vec<(&str, &str)> = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.push(("permissions", "archive.read"));
    let told = "archive.read opens with the module Archive. No role gets it before: it is left out below.".to_owned();
    let refused = Page::new(ann.post(&form.action, &fields));
    assert_eq!((refused.status, refused.errors()), (422, vec![told.clone()]));
    assert!(refused.html().contains("value=\"archive.read\" disabled"), "left out: {}", refused.text());
    let form = ann.open(&role).form("Save", &[]);
    let mut fields: Vec<(&str, &str)> = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.push(("permissions", "archive.read"));
    let refused = Page::new(ann.post(&form.action, &fields));
    assert_eq!((refused.status, refused.errors()), (422, vec![told]));
    assert_eq!(console.number("SELECT count(*) AS number FROM roles WHERE starter IS NULL"), 0);
}

#[test]
fn a_key_gets_nothing_that_is_closed_and_the_form_says_what_opens_it() {
    let console = Console::start_with(with_modules);
    let (acme, ann) = on_team(&console);
    let form = ann.open("/o/acme/keys/new");
    assert_eq!(form.all("#permission-reports-read-help"), ["Opens with the module Reports."]);
    assert!(form.html().contains("value=\"reports.read\" disabled") && !form.html().contains("value=\"data.read\" disabled"));
    // Select all leaves it out.
    let all = ann.submit(&form, "Select all of Product", &[]);
    assert!(all.html().contains("value=\"data.read\" checked>") && all.html().contains("value=\"reports.read\" disabled"));
    // So does who sends it all the same, or had the form open while the module ended.
    let filled = form.form("Generate API key", &[("Name", "Deploy")]);
    let mut fields: Vec<(&str, &str)> = filled.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend([("abilities", "data.read"), ("abilities", "reports.read")]);
    let refused = Page::new(ann.post(&filled.action, &fields));
    let told = "reports.read opens with the module Reports. No key gets it before: it is left out below.";
    assert_eq!((refused.status, refused.errors().as_slice()), (422, [told.to_owned()].as_slice()));
    assert!(refused.html().contains("value=\"data.read\" checked>"), "what was ticked stays so");
    assert!(refused.html().contains("value=\"reports.read\" disabled"), "{}", refused.text());
    assert_eq!(console.number("SELECT count(*) AS number FROM keys"), 0);
    add(&ann, &acme, "Reports");
    let open = ann.post(&filled.action, &fields);
    assert_eq!((open.status, console.number("SELECT count(*) AS number FROM keys")), (201, 1));
}

/// A role that holds something closed is given by nobody who does not hold it: it comes back with the module.
#[test]
fn what_is_closed_is_given_by_nobody_who_does_not_hold_it() {
    let console = Console::start_with(with_modules);
    let (acme, ann) = on_team(&console);
    let keeper = "INSERT INTO roles (organization_id, id, name, name_key, level, permissions, created_at, changed_at) VALUES ";
    let insert = |name: &str, level: i16, permissions: &str| {
        let id = uuid::Uuid::new_v4();
        let row = format!("('{}', '{id}', '{name}', lower('{name}'), {level}, '{{{permissions}}}', now(), now())", acme.id);
        acme.execute(&format!("{keeper}{row}"));
        id
    };
    let giver = insert("Giver", 50, "members.view,members.assign_role,roles.view");
    let holder = insert("Holder", 40, "archive.read");
    let plain = insert("Plain", 40, "members.view");
    let gil = acme.member("Gil Giver", Starter::Member);
    let bob = acme.member("Bob Smith", Starter::Member);
    acme.execute(&format!("UPDATE members SET role_id = '{giver}' WHERE email = '{}'", gil.email));
    let gils = console.signed_in(&gil);
    let member = acme.path(&format!("members/{}/role", acme.member_id(&bob.email)));
    let give = |role: uuid::Uuid| {
        gils.post(&member, &[("role", &role.to_string())]);
        console.text(&format!("SELECT role_id::text FROM members WHERE email = '{}'", bob.email)) == role.to_string()
    };
    assert!(!give(holder), "Gil does not hold what comes back with the module");
    assert!(give(plain));
    drop(ann);
}

#[test]
fn a_module_within_a_trial_is_free_until_it_ends() {
    let trial = plans().replacen("member_slots = 20", "member_slots = 20\ntrial_days = 14", 1);
    let console = Console::start_with(|config| with(config, &trial));
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    change(&ann, &acme, "team", "month");
    let page = ann.click(&ann.open("/o/acme/billing"), "Add Reports");
    assert!(page.says("it shares the trial of Team") && page.says("Nothing is to be paid today."), "{}", page.text());
    let page = ann.submit(&page, "Add Reports", &[]);
    assert!(page.says("Costs nothing until"), "{}", page.text());
    assert_eq!(console.number("SELECT count(*) AS number FROM invoices"), 0);
    give_address(&ann, &acme);
    days_later(&console, &acme, 15);
    assert_eq!(newest(&console), "Team, 1 member 1000; Reports, 1 member 300");
    assert_eq!(console.number("SELECT vat_basis_points::bigint AS number FROM subscription_modules"), 1_900);
}

#[test]
fn a_module_goes_with_a_change_of_plan_as_the_page_before_it_says() {
    let console = Console::start_with(with_modules);
    let (acme, ann) = on_team(&console);
    for name in ["Reports", "Storage", "Archive"] {
        add(&ann, &acme, name);
    }
    pay_all(&console);
    // Another cycle: what has a price for it goes on, what has none ends.
    let page = ann.open("/o/acme/billing/plans/team?cycle=year&currency=EUR");
    assert!(page.says("The module Archive.") && page.says("Look into the archive. (archive.read)"), "{}", page.text());
    assert!(page.says("with Reports €30.00 a year for 1 member, with Storage €70.00 a year"), "{}", page.text());
    let due = page.all(".sums .strong dd").join("");
    let page = ann.submit(&page, "Change to yearly payment now", &[]);
    assert!(
        page.says(&due) && !page.offers("Add Archive") && page.says("Not to be had") || page.says("Archive"),
        "{}",
        page.text()
    );
    assert_eq!(
        newest(&console).replace("-999", "-1000").replace("-299", "-300").replace("-699", "-700").replace("-399", "-400"),
        "Unused: Team, 1 member -1000; Unused: Reports, 1 member -300; Unused: Storage -700; Unused: Archive -400; \
         Team, 1 member 10000; Reports, 1 member 3000; Storage 7000"
    );
    pay_all(&console);
    // A plan that includes Reports: it is not paid any more, and what is unused is given back.
    let page = ann.open("/o/acme/billing/plans/business?cycle=year&currency=EUR");
    assert!(page.says("Reports is within the price: it is not paid apart any more."), "{}", page.text());
    let page = ann.submit(&page, "Change to Business now", &[]);
    assert!(page.says("Within the price of Business."), "{}", page.text());
    assert_eq!(console.text("SELECT string_agg(module, ' ') FROM subscription_modules"), "storage");
    assert_eq!(console.text("SELECT array_to_string(modules, ' ') FROM organizations"), "storage");
    assert!(ann.open("/o/acme/billing/modules/reports").flash().contains("cannot be added"));
    // Back to Team with the next period: Reports is closed by then.
    let page = ann.open("/o/acme/billing/plans/team?cycle=year&currency=EUR");
    assert!(page.says("The module Reports.") && page.says("Read reports. (reports.read)"), "{}", page.text());
    let page = ann.open("/o/acme/billing/cancel");
    assert!(page.says("The module Storage.") && page.says("Store things. (storage.use)"), "{}", page.text());
    assert!(page.says("The module Reports."), "{}", page.text());
}

#[test]
fn a_module_that_the_next_plan_does_not_allow_ends_when_that_begins() {
    let file = plans().replacen("key = \"storage\"", "key = \"storage\"\nplans = [\"business\"]", 1);
    let console = Console::start_with(|config| with(config, &file));
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    change(&ann, &acme, "business", "month");
    add(&ann, &acme, "Storage");
    add(&ann, &acme, "Archive");
    pay_all(&console);
    let page = ann.open("/o/acme/billing/plans/team?cycle=month&currency=EUR");
    assert!(page.says("The module Storage.") && page.says("with Archive €4.00 a month"), "{}", page.text());
    let button = page.buttons().into_iter().find(|button| button.starts_with("Change to Team on ")).unwrap();
    ann.submit(&page, &button, &[]);
    assert_eq!(console.number("SELECT count(*) AS number FROM subscription_modules"), 2, "until then they go on");
    let ann = days_later(&console, &acme, 32);
    assert_eq!(newest(&console), "Team, 1 member 1000; Archive 400");
    let page = ann.open("/o/acme/billing");
    assert!(page.says("Can be added to Business."), "{}", page.text());
    // The plan ends, and the modules with it.
    pay_all(&console);
    ann.submit(&ann.open("/o/acme/billing/cancel"), "Cancel Team", &[]);
    let ann = days_later(&console, &acme, 32);
    assert!(ann.open("/o/acme/activity").says("ended the module Archive"));
    assert_eq!(console.text("SELECT array_to_string(modules, ' ') FROM organizations"), "");
    assert_eq!(console.number("SELECT count(*) AS number FROM subscription_modules"), 0);
    assert!(!ann.open("/o/acme/billing").offers("Add Archive"));
}

#[test]
fn who_joins_pays_for_the_modules_too() {
    let console = Console::start_with(with_modules);
    let (acme, ann) = on_team(&console);
    add(&ann, &acme, "Reports");
    let form = ann.open("/o/acme/invites/new");
    assert!(form.says("Each new member costs €13.00 until") && form.says("€13.00 a month after that"), "{}", form.text());
    let dana = console.person("Dana Smith");
    let link = crate::invites::copied_link(&console, &crate::invites::invite(&ann, &acme, &dana.email), &dana.email);
    let danas = console.signed_in(&dana);
    danas.submit(&danas.open(&link), "Join Acme", &[]);
    assert_eq!(console.number("SELECT count(*) AS number FROM pending_charges"), 2);
    assert_eq!(console.number("SELECT seats::bigint AS number FROM subscription_modules"), 2);
    console.travel(TimeDelta::days(32));
    look_after(&console);
    let lines = newest(&console);
    assert!(lines.contains("Reports, joined within the period") && lines.ends_with("Reports, 2 members 600"), "{lines}");
}

#[test]
fn a_module_is_added_once_however_often_the_form_is_sent() {
    let console = Console::start_with(with_modules);
    let (acme, ann) = on_team(&console);
    let form = ann.open("/o/acme/billing/modules/reports").form("Add Reports", &[]);
    let stale = ann.open("/o/acme/billing/modules/storage").form("Add Storage", &[]);
    let browsers: Vec<Browser> = (0..6).map(|_| console.signed_in(&acme.owner)).collect();
    let barrier = Barrier::new(browsers.len());
    std::thread::scope(|scope| {
        for browser in &browsers {
            scope.spawn(|| {
                barrier.wait();
                assert_eq!(browser.send_form(&form).status, 303);
            });
        }
    });
    assert_eq!(console.number("SELECT count(*) AS number FROM invoices"), 2);
    assert_eq!(console.number("SELECT count(*) AS number FROM events WHERE kind = 'module_added'"), 1);
    // What was shown of another module before that is shown again.
    assert_eq!(ann.send_form(&stale).status, 422);
    let wrong = [("price", "x"), ("at", "0"), ("version", "0")];
    let form = ann.open("/o/acme/billing/modules/storage").form("Add Storage", &[]);
    for (name, value) in wrong {
        let field =
            |(field, known): &(String, String)| (field.clone(), if field == name { value.to_owned() } else { known.clone() });
        let fields: Vec<(String, String)> = form.fields.iter().map(field).collect();
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(ann.post(&form.action, &fields).status, 422, "{name} = {value}");
    }
    assert_eq!(console.number("SELECT count(*) AS number FROM subscription_modules"), 1);
    acme.execute("DELETE FROM billing_accounts");
    let page = ann.open("/o/acme/billing/modules/storage");
    assert!(page.offers("Add billing address") && !page.offers("Add Storage"), "{}", page.text());
}

#[test]
fn modules_of_one_organization_open_nothing_in_another() {
    let console = Console::start_with(with_modules);
    let (acme, ann) = on_team(&console);
    add(&ann, &acme, "Reports");
    let globex = console.organization("Globex", "Gus Owner");
    let (_, backend) = globex.key("Backend", &globex.owner, &["keys.verify"]);
    let client = Client::new(&console, &backend);
    assert_eq!(access(&client, &globex.owner.email, "reports.read")["allowed"], false);
    assert_eq!(access(&client, &globex.owner.email, "data.read")["allowed"], true);
    let gus = console.signed_in(&globex.owner);
    let page = gus.open("/o/globex/billing");
    assert!(page.says("Within Business; can be added to Team."), "{}", page.text());
    assert!(gus.open("/o/globex/billing/modules/nothing").flash().contains("cannot be added"));
    assert!(gus.open("/o/globex/billing/modules/reports").flash().contains("cannot be added"));
    assert!(gus.open("/o/globex/billing/modules/reports/cancel").flash().contains("do not have that module"));
    // A role without what costs money sees the modules, and changes nothing.
    acme.execute("UPDATE roles SET permissions = ARRAY['billing.view'] WHERE starter = 'viewer'");
    let viewer = console.signed_in(&acme.member("Vic Viewer", Starter::Viewer));
    let page = viewer.open("/o/acme/billing");
    assert!(page.says("Reports") && !page.offers("Cancel Reports") && !page.offers("Add Storage"), "{}", page.text());
    assert_eq!(viewer.get("/o/acme/billing/modules/storage").status, 403);
}

#[test]
fn the_operator_moves_modules_along_to_what_was_agreed() {
    use roster::billing::actions::operator;
    let console = Console::start_with(with_modules);
    let (acme, ann) = on_team(&console);
    add(&ann, &acme, "Reports");
    add(&ann, &acme, "Storage");
    pay_all(&console);
    let euro = roster::money::Currency::from_code("EUR").unwrap();
    let agreed = operator::Agreed { amount: 5_000, currency: euro, cycle: roster::config::Cycle::Year };
    run(operator::set_plan(&console.db(), acme.id, "business", Some(agreed))).unwrap();
    let lines = newest(&console);
    assert!(lines.starts_with("Unused: Team, 1 member -") && lines.contains("Unused: Reports, 1 member -"), "{lines}");
    assert!(lines.ends_with("Business 5000; Storage 7000"), "{lines}");
    assert_eq!(console.text("SELECT array_to_string(modules, ' ') FROM organizations"), "storage");
    run(operator::set_plan(&console.db(), acme.id, "team", None)).unwrap();
    assert_eq!(console.text("SELECT array_to_string(modules, ' ') FROM organizations"), "", "nothing is paid any more");
}

#[test]
fn what_is_given_back_of_a_module_has_the_vat_that_it_was_paid_with() {
    let console = Console::start_with(with_modules);
    let (acme, ann) = on_team(&console);
    ann.submit(&ann.open("/o/acme/billing/details"), "Save", &[("Country", "United States")]);
    add(&ann, &acme, "Reports");
    pay_all(&console);
    ann.submit(&ann.open("/o/acme/billing/details"), "Save", &[("Country", "Germany")]);
    change(&ann, &acme, "business", "month");
    let rates = console.text(
        "SELECT string_agg(l.description || ' ' || l.vat_basis_points, '; ' ORDER BY l.position) FROM invoice_lines l
        JOIN invoices i ON i.organization_id = l.organization_id AND i.id = l.invoice_id
        WHERE i.number = (SELECT max(number) FROM invoices)",
    );
    assert_eq!(rates, "Unused: Team, 1 member 1900; Unused: Reports, 1 member 0; Business, 1 member 1900");
}

/// Who is invited gets the default role when the sender has gone, if the sender could have given it: also where a part of what
/// they held has closed since.
#[test]
fn an_invitation_outlives_a_module() {
    let console = Console::start_with(with_modules);
    let (acme, ann) = on_team(&console);
    add(&ann, &acme, "Reports");
    acme.execute(&format!("UPDATE organizations SET default_role_id = '{}'", acme.role(Starter::Writer)));
    let ada = acme.member("Ada Admin", Starter::Admin);
    let adas = console.signed_in(&ada);
    let dana = console.person("Dana Smith");
    let form = adas.open("/o/acme/invites/new");
    let sent = adas.submit(&form, "Send invitation", &[("Email addresses", &dana.email), ("Role", "Viewer")]);
    let link = crate::invites::copied_link(&console, &sent, &dana.email);
    ann.post(&acme.path(&format!("members/{}/deactivate", acme.member_id(&ada.email))), &[]);
    console.execute("DELETE FROM subscription_modules; UPDATE organizations SET modules = '{}'");
    let danas = console.signed_in(&dana);
    danas.submit(&danas.open(&link), "Join Acme", &[]);
    let role = "SELECT r.name FROM members m JOIN roles r ON r.organization_id = m.organization_id AND r.id = m.role_id";
    assert_eq!(console.text(&format!("{role} WHERE m.email = '{}'", dana.email)), "Writer");
}

#[test]
fn files_that_do_not_fit_together_stop_the_start() {
    let folder = crate::harness::Folder::new();
    let write = |name: &str, text: &str| {
        let path = folder.0.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (permissions, other) =
        (write("permissions.toml", PRODUCT), write("other.toml", "[[groups]]\nname = 'Nothing'\npermissions = []\n"));
    let plans = write("plans.toml", &plans());
    let read = |permissions: &str| {
        let settings =
            [("PLANS_FILE", plans.as_str()), ("PERMISSIONS_FILE", permissions), ("DATA_DIR", folder.0.to_str().unwrap())];
        Config::read(|name| settings.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    };
    let config = read(&permissions).unwrap();
    assert_eq!(config.product_permissions.all().filter(|one| one.opened_by.is_empty()).count(), 1);
    let mistake = read(&other).unwrap_err().to_string();
    assert!(
        mistake.contains("PLANS_FILE") && mistake.contains("reports.read") && mistake.contains("PERMISSIONS_FILE"),
        "{mistake}"
    );
}

#[test]
fn the_invite_form_tells_seats_that_only_the_plan_has_free_from_those_that_the_module_has_too() {
    let console = Console::start_with(with_modules);
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    give_address(&ann, &acme);
    let bob = acme.member("Bob Smith", Starter::Member);
    change(&ann, &acme, "team", "month");
    let of_bob = acme.path(&format!("members/{}", acme.member_id(&bob.email)));
    ann.post(&format!("{of_bob}/deactivate"), &[]);
    ann.submit(&ann.click(&ann.open("/o/acme/billing"), "Add Reports"), "Add Reports", &[]);
    let form = ann.open("/o/acme/invites/new");
    let words = "The next member costs €3.00, and each member beyond costs €13.00 until";
    assert!(form.says(words), "{}", form.text());
    ann.post(&format!("{of_bob}/activate"), &[]);
    assert_eq!(console.number("SELECT sum(amount)::bigint AS number FROM pending_charges"), 300);
    assert!(ann.open("/o/acme/invites/new").says("Each new member costs €13.00 until"));
}

#[test]
fn nothing_is_sold_or_cancelled_between_the_end_of_a_period_and_the_next_one() {
    let console = Console::start_with(with_modules);
    let (acme, ann) = on_team(&console);
    add(&ann, &acme, "Reports");
    run(operator::mark_paid(&console.db(), acme.id, "R-000001", None, "")).unwrap();
    run(operator::mark_paid(&console.db(), acme.id, "R-000002", None, "")).unwrap();
    console.travel(TimeDelta::days(32));
    let ann = console.signed_in(&acme.owner);
    let just_over = "The period is just over, and what follows begins within a minute.";
    for page in ["plans/business?cycle=month&currency=EUR", "plans/team?cycle=year&currency=EUR", "modules/storage"] {
        let told = ann.open(&acme.path(&format!("billing/{page}")));
        assert!(told.flash().starts_with(just_over), "{page}: {}", told.text());
    }
    for (page, button) in [("cancel", "Cancel Team"), ("modules/reports/cancel", "Cancel Reports")] {
        let told = ann.submit(&ann.open(&acme.path(&format!("billing/{page}"))), button, &[]);
        assert!(told.flash().starts_with(just_over), "{page}: {}", told.text());
    }
    look_after(&console);
    assert_eq!(console.number("SELECT count(*) AS number FROM invoices"), 3, "the renewal alone");
    let page = preview(&ann, &acme, "business", "month");
    assert!(page.says("Change to Business now"), "{}", page.text());
}
