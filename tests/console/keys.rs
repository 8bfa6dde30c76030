//! Keys: generating one, the list, and that a secret is shown once.

use chrono::TimeDelta;
use roster::access::policy::{Permission, Starter};
use roster::secret::KeyText;
use uuid::Uuid;

use crate::harness::{Browser, Console, Organization, Page};
use crate::roles::{events, label};

/// Fills in the form and generates a key: what it asks for besides the name.
pub fn generate_with(browser: &Browser, acme: &Organization<'_>, name: &str, fields: &[(&str, &str)]) -> Page {
    let page = browser.open(&acme.path("keys/new"));
    let mut all = vec![("Name", name)];
    all.extend(fields);
    browser.submit(&page, "Generate API key", &all)
}

/// Generates a Standard key with some abilities. Returns its id and its text.
pub fn generate(browser: &Browser, acme: &Organization<'_>, name: &str, abilities: &[Permission]) -> (Uuid, String) {
    let labels: Vec<String> = abilities.iter().map(|one| label(*one)).collect();
    let fields: Vec<(&str, &str)> = labels.iter().map(|label| (label.as_str(), "true")).collect();
    shown(&generate_with(browser, acme, name, &fields), name)
}

/// The id and the text of the key that a page shows.
pub fn shown(page: &Page, name: &str) -> (Uuid, String) {
    assert_eq!(page.status, 201, "{}", page.text());
    let text = page.value_of(&format!("API key {name}"));
    (KeyText::parse(&text).unwrap_or_else(|| panic!("no key: {text}")).id(), text)
}

/// The words of each row of the list.
pub fn rows(page: &Page) -> Vec<String> {
    page.all("tbody tr").iter().map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn a_key_is_generated_with_what_the_form_says_and_stands_in_the_list() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let page = ann.open(&acme.path("keys"));
    assert!(page.says("No keys yet") && page.offers("Generate API key"));
    let page = ann.click(&page, "Generate API key");
    assert!(page.says("It cannot be changed later."));
    assert_eq!(page.options_of("Type"), ["Standard", "AI agent"]);
    assert_eq!(page.options_of("Expiration"), ["Never", "30 days", "90 days", "1 year"]);
    let members = label(Permission::MembersView);
    let fields = [
        ("Name", "Deploy"),
        ("Type", "AI agent"),
        ("Requests a minute", "30"),
        ("Requests a day", "2000"),
        ("Expiration", "30 days"),
        ("Allowed networks", "10.1.2.3/8\n2001:db8::/32"),
        (members.as_str(), "true"),
    ];
    let page = ann.submit(&page, "Generate API key", &fields);
    let (id, text) = shown(&page, "Deploy");
    assert!(page.says("You will not see it again") && page.heading() == "Deploy is generated");
    assert!(page.all("code").iter().any(|code| code.contains("curl ") && code.contains(&text)), "a curl example");
    let page = ann.open(&acme.path("keys"));
    let heads = page.all("th");
    let named = ["Name", "Prefix", "Type", "Abilities", "Created", "Created by", "Last used", "Expires", "Status", "Actions"];
    assert_eq!(heads, named);
    let row = rows(&page).remove(0);
    let prefix = KeyText::prefix(id);
    let begins = format!("Deploy {prefix} AI agent 1 just now Ann Owner Never in 30 days Active");
    assert!(row.starts_with(&begins), "{row}");
    let page = ann.click(&page, "Deploy");
    assert_eq!(page.heading(), "Deploy");
    for words in ["30 requests a minute, 2,000 a day", "10.0.0.0/8", "2001:db8::/32", "members.view", "Ann Owner", "Owner"] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
    assert!(page.says("generated the key Deploy, which may members.view"));
    assert_eq!(events(&console, "key_created"), 1);
}

#[test]
fn the_secret_stands_in_one_response_and_nowhere_else() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let form = ann.open(&acme.path("keys/new")).form("Generate API key", &[("Name", "Deploy")]);
    let first = Page::new(ann.send_form(&form));
    let (id, text) = shown(&first, "Deploy");
    assert_eq!(first.reply.header("cache-control"), Some("no-store"));
    let secret = text.split_once('.').unwrap().1;
    // Reloading sends the form again; a second tab and the way back open the pages.
    let again = ann.send_form(&form);
    assert_eq!((again.status, again.location()), (303, acme.path(&format!("keys/{id}")).as_str()));
    let page = ann.follow(again);
    assert!(page.flash().contains("generated already"), "{}", page.flash());
    for path in ["keys", "keys/new", &format!("keys/{id}"), &format!("keys/{id}/rotate"), "activity"] {
        assert!(!ann.open(&acme.path(path)).html().contains(secret), "{path}");
    }
    let everything = console.dump() + console.text("SELECT string_agg(s::text, ' ') FROM sessions s").as_str();
    assert!(everything.contains("Deploy") && !everything.contains(secret));
    assert_eq!(console.number("SELECT count(*) AS number FROM keys"), 1);
    let stored = console.text("SELECT encode(secret_hash, 'hex') FROM keys");
    let hash: String = KeyText::parse(&text).unwrap().hash().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(stored, hash);
}

#[test]
fn a_form_with_mistakes_comes_back_with_each_beside_its_field() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    generate(&ann, &acme, "Deploy", &[]);
    console.travel(TimeDelta::hours(1));
    for (fields, mistake) in [
        (vec![("Name", "")], "Enter a name for the key."),
        (vec![("Name", "  dEPLOY ")], "There is, or was, a key Deploy already."),
        (vec![("Name", "X"), ("Type", "AI agent"), ("Requests a minute", "0")], "from 1 to 1,000,000"),
        (vec![("Name", "X"), ("Type", "AI agent"), ("Requests a day", "many")], "from 1 to 1,000,000,000"),
        (vec![("Name", "X"), ("Allowed networks", "10.0.0.0/8, here")], "“here” is no network."),
        (vec![("Name", "X"), ("Expiration", "tomorrow")], "Choose when the key expires."),
        (vec![("Name", "X"), ("Type", "Root")], "Choose one of the types."),
    ] {
        let page = ann.open(&acme.path("keys/new"));
        let again = ann.submit(&page, "Generate API key", &fields);
        assert_eq!(again.status, 422, "{fields:?}");
        assert!(again.errors().iter().any(|error| error.contains(mistake)), "{fields:?}: {:?}", again.errors());
        assert_eq!(again.value_of("Name"), fields[0].1, "kept as typed");
    }
    assert_eq!(console.number("SELECT count(*) AS number FROM keys"), 1);
}

#[test]
fn a_name_is_never_used_twice_not_even_after_the_key_is_revoked() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let globex = console.organization("Globex", "Gus Owner");
    let ann = console.signed_in(&acme.owner);
    let (id, _) = generate(&ann, &acme, "Deploy", &[]);
    let page = ann.open(&acme.path(&format!("keys/{id}/revoke")));
    let page = ann.submit(&page, "Revoke", &[]);
    assert_eq!(page.flash(), "Deploy is revoked: the next request with it is refused.");
    console.travel(TimeDelta::hours(1));
    let page = generate_with(&ann, &acme, "Deploy", &[]);
    assert!(page.errors()[0].contains("There is, or was, a key Deploy"), "{:?}", page.errors());
    // Another organization has names of its own.
    generate(&console.signed_in(&globex.owner), &globex, "Deploy", &[]);
}

#[test]
fn nobody_gives_a_key_what_they_do_not_hold() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let olaf = console.signed_in(&acme.member("Olaf Operator", Starter::Operator));
    let page = olaf.open(&acme.path("keys/new"));
    assert!(page.says("You do not hold this yourself"));
    let mut form = page.form("Generate API key", &[("Name", "Deploy"), (&label(Permission::MembersView), "true")]);
    form.fields.push(("abilities".to_owned(), "members.manage".to_owned()));
    let refused = Page::new(olaf.send_form(&form));
    assert_eq!(refused.status, 422);
    assert!(refused.errors()[0].contains("You do not hold members.manage yourself"), "{:?}", refused.errors());
    form.fields.last_mut().unwrap().1 = "nothing.known".to_owned();
    let refused = Page::new(olaf.send_form(&form));
    assert!(refused.errors()[0].contains("not offered any more"), "{:?}", refused.errors());
    form.fields.pop();
    assert_eq!(olaf.send_form(&form).status, 201);
    assert_eq!(console.text("SELECT abilities::text FROM keys"), "{members.view}");
}

#[test]
fn select_all_works_without_a_script() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    let page = ann.open(&acme.path("keys/new"));
    let ticked = ann.submit(&page, "Select all of Keys", &[("Name", "Deploy")]);
    assert_eq!((ticked.status, ticked.value_of("Name").as_str()), (200, "Deploy"));
    ann.submit(&ticked, "Generate API key", &[]);
    assert_eq!(console.text("SELECT abilities::text FROM keys"), "{keys.view,keys.create,keys.revoke,keys.verify}");
}

#[test]
fn the_list_is_filtered_searched_and_paged() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let olaf = acme.member("Olaf Operator", Starter::Operator);
    let (ann, olaf_browser) = (console.signed_in(&acme.owner), console.signed_in(&olaf));
    let (deploy, text) = generate(&ann, &acme, "Deploy prod", &[]);
    generate_with(&ann, &acme, "Robot", &[("Type", "AI agent"), ("Expiration", "30 days")]);
    generate_with(&olaf_browser, &acme, "Prod backup", &[("Expiration", "Never")]);
    let page = ann.open(&acme.path(&format!("keys/{deploy}")));
    ann.submit(&page, "Pause Deploy prod", &[]);
    let names = |query: &str| {
        let page = ann.open(&acme.path(&format!("keys?{query}")));
        page.all("td.cell-primary a")
    };
    assert_eq!(names(""), ["Prod backup", "Robot", "Deploy prod"]);
    assert_eq!(names("type=ai_agent"), ["Robot"]);
    assert_eq!(names("status=paused"), ["Deploy prod"]);
    assert_eq!(names("status=active"), ["Prod backup", "Robot"]);
    assert_eq!(names(&format!("creator={}", olaf.account_id)), ["Prod backup"]);
    assert_eq!(names(&format!("creator={}&status=active&type=standard", olaf.account_id)), ["Prod backup"]);
    assert_eq!(names(&format!("creator={}&status=paused", olaf.account_id)), Vec::<String>::new());
    assert_eq!(names("search=PROD"), ["Deploy prod", "Prod backup"]);
    assert_eq!(names("search=prod&status=paused"), ["Deploy prod"]);
    assert_eq!(names("search=deploy+pr"), ["Deploy prod"]);
    assert_eq!(names(&format!("search={}", KeyText::prefix(deploy))), ["Deploy prod"]);
    // A whole key that somebody pastes does not stay in the address.
    let pasted = ann.get(&acme.path(&format!("keys?search={text}")));
    assert_eq!(
        (pasted.status, pasted.location()),
        (303, acme.path(&format!("keys?search={}", KeyText::prefix(deploy))).as_str())
    );
    assert_eq!(names("search=nothing"), Vec::<String>::new());
    let creators = ann.open(&acme.path("keys")).options_of("Creator");
    assert_eq!(creators, ["All creators", "Ann Owner", "Olaf Operator"]);
    // What is over is expired, also before the upkeep comes by.
    console.travel(TimeDelta::days(31));
    let ann = console.signed_in(&acme.owner);
    let page = ann.open(&acme.path("keys?status=expired"));
    assert!(rows(&page)[0].starts_with("Robot") && rows(&page)[0].contains("Expired"), "{:?}", rows(&page));
    assert_eq!(rows(&ann.open(&acme.path("keys?status=active"))).len(), 1);
}

#[test]
fn pages_of_the_list_go_forward_and_back_whatever_the_filter() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let ann = console.signed_in(&acme.owner);
    generate(&ann, &acme, "Deploy", &[]);
    acme.execute(
        "INSERT INTO keys (organization_id, id, name, name_key, key_type, abilities, secret_hash, status, ended_at, role_id, owner_member_id, owner_name,
            created_by_account_id, created_by, created_at)
        SELECT organization_id, gen_random_uuid(), 'Bulk ' || n, 'bulk ' || n, key_type, abilities, secret_hash,
            CASE WHEN n % 2 = 0 THEN 'active' ELSE 'revoked' END, CASE WHEN n % 2 = 1 THEN now() END, role_id, owner_member_id, owner_name,
            created_by_account_id, created_by, created_at - n * interval '1 minute' FROM keys, generate_series(1, 240) n;
        INSERT INTO key_uses (organization_id, key_id, created_at, idle_since, has_unused_abilities)
        SELECT organization_id, id, created_at, created_at, false FROM keys WHERE name LIKE 'Bulk%';
        INSERT INTO key_terms (organization_id, key_id, term) SELECT organization_id, id, name_key FROM keys WHERE name LIKE 'Bulk%'",
    );
    for (query, expected) in [("", 241), ("?status=active", 121), ("?status=revoked&type=standard", 120), ("?search=bulk", 240)] {
        let (mut page, mut seen, mut pages) = (ann.open(&acme.path(&format!("keys{query}"))), Vec::new(), Vec::new());
        loop {
            let names = page.all("td.cell-primary a");
            pages.push(names.clone());
            seen.extend(names);
            if !page.offers("Next") {
                break;
            }
            page = ann.click(&page, "Next");
        }
        let once: std::collections::BTreeSet<&String> = seen.iter().collect();
        assert_eq!((seen.len(), once.len()), (expected, expected), "{query}");
        for earlier in pages.iter().rev().skip(1) {
            page = ann.click(&page, "Previous");
            assert_eq!(page.all("td.cell-primary a"), *earlier, "{query}");
        }
    }
}

#[test]
fn what_needs_attention_stands_above_the_list_with_the_reason() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    let olaf = acme.member("Olaf Operator", Starter::Operator);
    let ann = console.signed_in(&acme.owner);
    let old = |name: &str, use_of: &str| {
        acme.execute(&format!("UPDATE key_uses u SET {use_of} FROM keys k WHERE k.id = u.key_id AND k.name = '{name}'"))
    };
    generate_with(&ann, &acme, "Idle", &[("Expiration", "Never")]);
    old("Idle", "idle_since = now() - interval '91 days'");
    let both = [label(Permission::MembersView), label(Permission::RolesView)];
    generate_with(&ann, &acme, "Mighty", &[("Expiration", "Never"), (&both[0], "true"), (&both[1], "true")]);
    old("Mighty", "created_at = now() - interval '91 days', used_abilities = '{roles.view}', has_unused_abilities = true");
    generate_with(&ann, &acme, "Fine", &[("Expiration", "Never")]);
    generate_with(&ann, &acme, "Gone", &[("Expiration", "Never")]);
    acme.execute("UPDATE key_uses SET is_live = false, idle_since = now() - interval '1 year' FROM keys WHERE id = key_id AND name = 'Gone'");
    generate_with(&console.signed_in(&olaf), &acme, "Orphan", &[("Expiration", "Never")]);
    let page = ann.open(&acme.path(&format!("members/{}/remove", acme.member_id(&olaf.email))));
    ann.submit(&page, "Remove", &[]);
    generate_with(&ann, &acme, "Ending", &[("Expiration", "30 days")]);
    console.travel(TimeDelta::days(20));
    let ann = console.signed_in(&acme.owner);
    let page = ann.open(&acme.path("keys"));
    let shown = page.all(".attention-groups > div");
    let of = |title: &str| shown.iter().find(|group| group.starts_with(title)).cloned().unwrap_or_default();
    assert!(of("Expires soon").contains("Ending expires in 10 days"), "{shown:#?}");
    assert!(of("Creator gone").contains("Orphan Olaf Operator has left"), "{shown:#?}");
    assert!(of("Not used in 90 days").contains("Idle never used"), "{shown:#?}");
    assert!(of("Abilities never used").contains("Mighty never asked for members.view"), "{shown:#?}");
    assert!(!shown.concat().contains("Fine") && !shown.concat().contains("Gone "), "{shown:#?}");
    assert!(!ann.open(&acme.path("keys?status=active")).says("Needs attention"), "beside the whole list only");
}
