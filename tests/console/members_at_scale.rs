//! The list of members in a large organization: every order, filter, page and search is served by an index, under the
//! row-level security of the console's own database role, and is right.

use diesel::RunQueryDsl;
use roster::access::Role;
use roster::access::policy::Starter;
use roster::access::{Actor, write_as};
use roster::members::list_query::ListQuery;
use roster::members::listing::{Listing, Sort};
use roster::members::member::{Status, searched_words};
use roster::web::pagination::{Cursor, Page};

use crate::harness::{Console, Explain, Organization, rows_read, run};

/// Fills an organization with `count` members: eight roles, one in fifty inactive, one in a hundred invited, names of
/// 200 first and 500 last names, most of them with the terms that the console would have written.
fn fill(console: &Console, acme: &Organization<'_>, count: i64) {
    let role = |starter| acme.role(starter);
    console.execute(&format!(
        "SET session_replication_role = replica;
        CREATE TEMPORARY TABLE people AS
            SELECT n, gen_random_uuid() AS id, chr(97 + (n * 7 % 26)::int) || 'an' || n % 200 AS first, 'sm' || chr(97 + (n * 11 % 26)::int) || n % 500 AS last,
                now() - n * interval '1 minute' AS at
            FROM generate_series(1, {count}) n;
        INSERT INTO accounts (id, email, name, password_hash, password_changed_at, created_at)
            SELECT id, id || '@x.example', first, '', now(), now() FROM people;
        INSERT INTO members (organization_id, id, account_id, email, name, name_key, role_id, role_since, status, invitation_id,
                invitation_expires_at, joined_at, last_sign_in_at, created_at)
            SELECT '{org}', id, CASE WHEN n % 100 <> 7 THEN id END, first || '.' || last || '.' || n || '@corp.example', first || ' ' || last,
                first || ' ' || last,
                CASE WHEN n % 1000 = 1 THEN '{admin}'::uuid WHEN n % 50 = 2 THEN '{manager}' WHEN n % 3 = 0 THEN '{viewer}' ELSE '{member}' END,
                at, CASE n % 100 WHEN 7 THEN 'invited' WHEN 8 THEN 'inactive' WHEN 9 THEN 'inactive' ELSE 'active' END,
                CASE WHEN n % 100 = 7 THEN id END, CASE WHEN n % 100 = 7 THEN now() + interval '1 day' END,
                CASE WHEN n % 100 <> 7 THEN at END, CASE WHEN n % 100 <> 7 AND n % 10 <> 3 THEN at END, at
            FROM people;
        INSERT INTO member_terms (organization_id, member_id, term, name_key)
            SELECT '{org}', id, term, first || ' ' || last FROM people, LATERAL (VALUES (first), (last), (first || '.' || last || '.' || n || '@corp.example'),
                (last || '.' || n || '@corp.example'), (n || '@corp.example'), ('corp.example'), ('example')) t (term);
        UPDATE organizations SET member_limit = {count} + 100, active_members = {count} + 1 WHERE id = '{org}';
        SET session_replication_role = DEFAULT",
        org = acme.id,
        admin = role(Starter::Admin),
        manager = role(Starter::Manager),
        viewer = role(Starter::Viewer),
        member = role(Starter::Member),
    ));
    console.execute("VACUUM ANALYZE members");
    console.execute("VACUUM ANALYZE member_terms");
}

/// A view of the list, by name.
fn listing(sort: Sort, descending: bool) -> Listing {
    Listing { words: Vec::new(), role_ids: Vec::new(), status: None, sort, descending, cursor: Cursor::First }
}

fn searched(text: &str) -> Listing {
    Listing { words: searched_words(text), ..listing(Sort::Name, false) }
}

/// What the console's own role reads in the organization's scope.
fn inside<T: Send + 'static>(
    console: &Console,
    acme: &Organization<'_>,
    work: impl Fn(&mut roster::access::OrgTx<'_>, &[Role]) -> T + Send + 'static,
) -> T {
    let db = console.db();
    run(write_as(&db, acme.id, Actor::operator(), move |tx| {
        let organization = tx.organization.clone();
        let roles = tx.roles(&organization)?;
        Ok::<T, roster::error::AppError>(work(tx, &roles))
    }))
    .unwrap()
}

/// The plan of a page, and the place of its last row.
fn explained(console: &Console, acme: &Organization<'_>, view: &Listing) -> (String, Option<Cursor>) {
    let view = view.clone();
    inside(console, acme, move |tx, roles| {
        let query = ListQuery::new(tx, &view, roles);
        let plan: Vec<String> = Explain(query.clone()).load(tx.connection()).unwrap();
        let rows = query.rows(tx.connection()).unwrap();
        let page = Page::from_rows(rows, &view.cursor);
        let last = page.rows.last().filter(|_| page.has_next).map(|row| Cursor::After(view.place_of(row)));
        (plan.join("\n"), last)
    })
}

fn check(what: &str, plan: &str, most: u64) {
    let read = rows_read(plan);
    let whole = plan.lines().find(|line| line.contains("Seq Scan on member") && !line.contains("never executed"));
    assert!(whole.is_none() && read <= most, "{what} reads {read} rows:\n{plan}");
}

#[test]
fn every_order_filter_page_and_search_of_many_members_reads_little() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    fill(&console, &acme, 50_000);
    let manager = acme.role(Starter::Manager);
    for sort in Sort::ALL {
        for (descending, role_id, status) in [
            (false, None, None),
            (true, None, None),
            (false, Some(manager), None),
            (true, None, Some(Status::Inactive)),
            (false, Some(manager), Some(Status::Invited)),
        ] {
            let mut view = Listing { role_ids: role_id.into_iter().collect(), status, ..listing(sort, descending) };
            for page in 0..3 {
                let (plan, next) = explained(&console, &acme, &view);
                check(&format!("{view:?}, page {page}"), &plan, 1_500);
                let Some(next) = next else { break };
                view.cursor = next;
            }
            let Cursor::After(key) = view.cursor.clone() else { continue };
            view.cursor = Cursor::Before(key);
            check(&format!("{view:?}, back"), &explained(&console, &acme, &view).0, 1_500);
        }
        // Found by few, sorted as asked; and by many, in the order of the word.
        for (text, role_id, status) in [
            ("ian9", None, None),
            ("corp", None, None),
            ("a", None, None),
            ("aan0 smw", None, None),
            ("example corp", None, None),
            ("nobody", None, None),
            ("ian9", Some(manager), None),
            ("corp", Some(manager), Some(Status::Invited)),
            ("corp", Some(acme.role(Starter::Viewer)), None),
        ] {
            let mut view = Listing { sort, role_ids: role_id.into_iter().collect(), status, ..searched(text) };
            let (plan, next) = explained(&console, &acme, &view);
            check(&format!("{view:?}"), &plan, 16_000);
            if let Some(next) = next {
                view.cursor = next;
                check(&format!("{view:?}, page 2"), &explained(&console, &acme, &view).0, 16_000);
            }
        }
    }
}

/// The emails that a view shows, page after page, forwards to its end and back to its beginning.
fn walked(console: &Console, acme: &Organization<'_>, view: &Listing) -> (Vec<String>, Vec<String>) {
    let first = view.clone();
    inside(console, acme, move |tx, roles| {
        let mut view = first.clone();
        let (mut forwards, mut backwards) = (Vec::new(), Vec::new());
        loop {
            let page = Page::from_rows(ListQuery::new(tx, &view, roles).rows(tx.connection()).unwrap(), &view.cursor);
            let emails = page.rows.iter().map(|row| row.email.clone());
            if view.cursor.is_backwards() {
                backwards.splice(0..0, emails.collect::<Vec<_>>());
            } else {
                forwards.extend(emails);
            }
            let place = |row| view.place_of(row);
            view.cursor = match (view.cursor.is_backwards(), page.has_next, page.has_previous) {
                (false, true, _) => Cursor::After(page.rows.last().map(place).unwrap()),
                // Past the end: the way back begins after the last row.
                (false, false, true) => {
                    backwards = page.rows.iter().map(|row| row.email.clone()).collect();
                    Cursor::Before(page.rows.first().map(place).unwrap())
                }
                (true, _, true) => Cursor::Before(page.rows.first().map(place).unwrap()),
                _ => break,
            };
        }
        (forwards, backwards)
    })
}

#[test]
fn every_order_is_right_forwards_and_backwards_with_ties_and_nothing_in_them() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    fill(&console, &acme, 400);
    // Ties in every column.
    console.execute(&format!(
        "BEGIN; SET LOCAL app.organization_id = '{}';
        UPDATE members SET name_key = left(name_key, 3), last_sign_in_at = date_trunc('hour', last_sign_in_at),
            joined_at = date_trunc('hour', joined_at);
        UPDATE member_terms SET name_key = left(name_key, 3); COMMIT",
        acme.id
    ));
    let epoch = |column: &str| format!("coalesce({column}, 'epoch')");
    let by_time = [epoch("m.last_sign_in_at"), epoch("m.joined_at")];
    let [signed_in, joined] = &by_time;
    let orders = [
        (Sort::Name, "m.name_key, m.id"),
        (Sort::Email, "m.email, m.id"),
        (Sort::Role, "r.level, r.name_key, m.name_key, m.id"),
        (Sort::Status, "m.status, m.name_key, m.id"),
        (Sort::LastSignIn, &format!("{signed_in}, m.id")),
        (Sort::Joined, &format!("{joined}, m.id")),
    ];
    let (manager, inactive) = (acme.role(Starter::Manager), Status::Inactive);
    for (sort, order) in orders {
        for (descending, role_id, status, search) in [
            (false, None, None, ""),
            (true, None, None, ""),
            (true, Some(manager), None, ""),
            (false, None, Some(inactive), ""),
            (true, Some(acme.role(Starter::Viewer)), Some(Status::Active), ""),
            (false, None, None, "corp"),
            (true, Some(manager), None, "corp.ex"),
        ] {
            let words = searched_words(search);
            let view = Listing { words, role_ids: role_id.into_iter().collect(), status, ..listing(sort, descending) };
            let direction = if descending { "DESC" } else { "ASC" };
            let order = order.replace(", ", &format!(" {direction}, "));
            // A comma inside coalesce is none between columns.
            let order = order.replace(&format!(" {direction}, 'epoch'"), ", 'epoch'");
            let role = role_id.map_or("true".to_owned(), |id| format!("m.role_id = '{id}'"));
            let status = status.map_or("true".to_owned(), |status| format!("m.status = '{}'", status.key()));
            let found = if search.is_empty() { "true" } else { "m.email LIKE '%corp.example'" };
            let expected = console.text(&format!(
                "SELECT string_agg(email, ' ') FROM (SELECT m.email FROM members m
                    JOIN roles r ON r.organization_id = m.organization_id AND r.id = m.role_id
                    WHERE {role} AND {status} AND {found} ORDER BY {order} {direction}) o"
            ));
            let expected: Vec<&str> = expected.split(' ').collect();
            let (forwards, backwards) = walked(&console, &acme, &view);
            assert_eq!(forwards, expected, "{view:?}");
            assert!(backwards.is_empty() || backwards == expected, "{view:?} backwards");
        }
    }
}

#[test]
fn what_too_many_match_is_listed_whole_in_the_order_of_the_word_and_says_so() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    fill(&console, &acme, 1_300);
    let unique = |emails: &[String]| emails.iter().collect::<std::collections::BTreeSet<_>>().len();
    // With "sm" begins the last name and, again, a part of the address: each member is listed once all the same.
    for (search, found) in [("corp", 1_300), ("sm", 1_300), ("e", 1_301), ("example corp", 1_300)] {
        let (forwards, backwards) = walked(&console, &acme, &searched(search));
        assert_eq!((forwards.len(), unique(&forwards)), (found, found), "{search}");
        assert_eq!(backwards, forwards, "{search} backwards");
    }
    let ann = console.signed_in(&acme.owner);
    let page = ann.open("/o/acme/members?search=corp");
    assert!(page.says("Too many match to be sorted."));
    assert!(page.all("th[aria-sort]").is_empty() && page.all("th a").is_empty());
    assert_eq!(page.all("td.cell-primary a").len(), 50);
    let next = ann.click(&page, "Next");
    assert!(next.says("Too many match") && next.path.contains("search=corp"));
    let back = ann.click(&next, "Previous");
    assert_eq!(back.all("td.cell-primary a"), page.all("td.cell-primary a"));
    // With a filter too, as long as it is.
    let managers = Listing { role_ids: vec![acme.role(Starter::Manager)], ..searched("corp") };
    let (forwards, _) = walked(&console, &acme, &managers);
    assert_eq!(
        forwards.len() as i64,
        console.number(&format!("SELECT count(*) AS number FROM members WHERE role_id = '{}'", acme.role(Starter::Manager)))
    );
}

#[test]
fn people_are_found_by_the_beginning_of_any_word_of_name_or_address() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    acme.set_limit(20);
    acme.add(&console.person_at("Zoë O'Neil-Müller", "z.oneil@mail.example.com"), Starter::Member);
    acme.add(&console.person_at("Anna-Lena Smith", "lena@smith.example"), Starter::Member);
    acme.add(&console.person_at("Bob Smithson", "bob@elsewhere.example"), Starter::Member);
    let ann = console.signed_in(&acme.owner);
    let found = |text: &str| -> Vec<String> {
        let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        ann.open(&format!("/o/acme/members?search={encoded}")).all("td.cell-primary a")
    };
    let (zoe, lena, bob) = ("Zoë O'Neil-Müller", "Anna-Lena Smith", "Bob Smithson");
    assert_eq!(found("smi"), [lena, bob]);
    assert_eq!(found("SMITH"), [lena, bob]);
    assert_eq!(found("smith, anna"), [lena]);
    assert_eq!(found("anna-l"), [lena]);
    assert_eq!(found("lena"), [lena]);
    assert_eq!(found("lena@smith.example"), [lena]);
    assert_eq!(found("zoe"), [zoe]);
    assert_eq!(found("MULLER"), [zoe]);
    assert_eq!(found("müller o'neil"), [zoe]);
    assert_eq!(found("mail.exa"), [zoe]);
    assert_eq!(found("bob zoe"), Vec::<String>::new());
    assert_eq!(found("mith"), Vec::<String>::new());
    assert_eq!(found("ann"), ["Ann Owner", lena]);
    // Sorted as any list.
    let page = ann.open("/o/acme/members?search=smi&sort=name&direction=desc");
    assert_eq!(page.all("td.cell-primary a"), [bob, lena]);
    assert_eq!(page.all("th[aria-sort=descending]"), ["Name"]);
}

#[test]
fn two_words_that_each_find_many_find_those_that_have_both() {
    let console = Console::start();
    let acme = console.organization("Acme", "Ann Owner");
    fill(&console, &acme, 3_000);
    for (search, order) in [("corp sma", Sort::Name), ("sma corp", Sort::Email), ("example corp sma", Sort::Name)] {
        let column = if order == Sort::Name { "name_key" } else { "email" };
        let expected = console.text(&format!(
            "SELECT string_agg(email, ' ' ORDER BY {column}, id) FROM members WHERE name_key LIKE '% sma%' AND email LIKE '%@corp.example'"
        ));
        let expected: Vec<&str> = expected.split(' ').collect();
        assert!((51..500).contains(&expected.len()), "more than a page, and few enough to be sorted: {}", expected.len());
        let (forwards, backwards) = walked(&console, &acme, &Listing { sort: order, ..searched(search) });
        assert_eq!(forwards, expected, "{search}");
        assert!(backwards.is_empty() || backwards == expected, "{search} backwards");
    }
}
