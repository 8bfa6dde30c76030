//! Every route against everybody. The list of routes comes from actix itself: a route without a row in `ACCESS` fails, and
//! so does a row without a route. Each is tried by nobody, by the Owner of another organization with real ids of this one,
//! by a member without the permission, and by one who has it.

use std::collections::BTreeSet;

use actix_web::introspection::IntrospectionTree;
use actix_web::test::{TestRequest, call_and_read_body, init_service};
use actix_web::{App, web};
use roster::access::policy::{Permission, Starter};
use roster::routes;
use uuid::Uuid;

use crate::harness::{Browser, Client, Console, Organization, Reply, run, unknown_key};

/// Who gets past the door of a route.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Access {
    /// Everybody, signed in or not.
    Everybody,
    /// Everybody who is signed in.
    SignedIn,
    /// Members of the organization.
    Member,
    /// Members with a permission.
    With(Permission),
    /// Keys that are valid, or those with an ability: the API.
    Key(Option<Permission>),
}

use Access::{Everybody, Key, Member, SignedIn, With};

/// Method, path and ability of every route that takes a key.
pub fn routes_by_key() -> Vec<(&'static str, &'static str, Option<Permission>)> {
    api_routes().collect()
}

/// The table: method, path, who. GET stands for HEAD too.
const ACCESS: &[(&str, &str, Access)] = &[
    ("GET", "/static/{name}", Everybody),
    ("GET", "/health/live", Everybody),
    ("GET", "/health/ready", Everybody),
    ("GET", "/metrics", Everybody),
    ("GET", "/mailbox", Everybody),
    ("GET", "/mailbox/{id}", Everybody),
    ("GET", "/mailbox/{id}/html", Everybody),
    ("GET", "/sign-up", Everybody),
    ("POST", "/sign-up", Everybody),
    ("GET", "/sign-in", Everybody),
    ("POST", "/sign-in", Everybody),
    ("POST", "/sign-out", Everybody),
    ("GET", "/", SignedIn),
    ("POST", "/email/confirm/send", SignedIn),
    ("POST", "/email/confirm/switch", Everybody),
    ("GET", "/email/confirm/{token}", Everybody),
    ("GET", "/email/confirm", SignedIn),
    ("POST", "/email/confirm", SignedIn),
    ("GET", "/password/forgot", Everybody),
    ("POST", "/password/forgot", Everybody),
    ("GET", "/password/reset/{token}", Everybody),
    ("GET", "/password/reset", Everybody),
    ("POST", "/password/reset", Everybody),
    ("GET", "/account", SignedIn),
    ("POST", "/account/name", SignedIn),
    ("POST", "/account/email", SignedIn),
    ("POST", "/account/password", SignedIn),
    ("POST", "/account/sessions/end-others", SignedIn),
    ("POST", "/account/sessions/{id}/end", SignedIn),
    ("GET", "/o/{slug}", Member),
    ("GET", "/o/{slug}/leave", Member),
    ("POST", "/o/{slug}/leave", Member),
    ("GET", "/organizations/new", SignedIn),
    ("POST", "/organizations/new", SignedIn),
    ("GET", "/o/{slug}/activity", With(Permission::ActivityView)),
    ("GET", "/o/{slug}/members", With(Permission::MembersView)),
    ("POST", "/o/{slug}/members/actions", With(Permission::MembersManage)),
    ("GET", "/o/{slug}/members/{id}", With(Permission::MembersView)),
    ("POST", "/o/{slug}/members/{id}/role", With(Permission::MembersAssignRole)),
    ("POST", "/o/{slug}/members/{id}/deactivate", With(Permission::MembersManage)),
    ("POST", "/o/{slug}/members/{id}/activate", With(Permission::MembersManage)),
    ("GET", "/o/{slug}/members/{id}/remove", With(Permission::MembersManage)),
    ("POST", "/o/{slug}/members/{id}/remove", With(Permission::MembersManage)),
    ("GET", "/o/{slug}/permissions/{key}", With(Permission::MembersView)),
    ("GET", "/o/{slug}/roles", With(Permission::RolesView)),
    ("GET", "/o/{slug}/roles/new", With(Permission::RolesManage)),
    ("POST", "/o/{slug}/roles/new", With(Permission::RolesManage)),
    ("POST", "/o/{slug}/roles/default", With(Permission::RolesManage)),
    ("GET", "/o/{slug}/roles/{id}", With(Permission::RolesView)),
    ("POST", "/o/{slug}/roles/{id}", With(Permission::RolesManage)),
    ("GET", "/o/{slug}/roles/{id}/delete", With(Permission::RolesManage)),
    ("POST", "/o/{slug}/roles/{id}/delete", With(Permission::RolesManage)),
    ("GET", "/o/{slug}/keys", With(Permission::KeysView)),
    ("GET", "/o/{slug}/keys/new", With(Permission::KeysCreate)),
    ("POST", "/o/{slug}/keys/new", With(Permission::KeysCreate)),
    ("GET", "/o/{slug}/keys/{id}", With(Permission::KeysView)),
    ("POST", "/o/{slug}/keys/{id}/pause", With(Permission::KeysRevoke)),
    ("POST", "/o/{slug}/keys/{id}/resume", With(Permission::KeysRevoke)),
    ("GET", "/o/{slug}/keys/{id}/rotate", With(Permission::KeysCreate)),
    ("POST", "/o/{slug}/keys/{id}/rotate", With(Permission::KeysCreate)),
    ("POST", "/o/{slug}/keys/{id}/end-old-secret", With(Permission::KeysRevoke)),
    ("GET", "/o/{slug}/keys/{id}/revoke", With(Permission::KeysRevoke)),
    ("POST", "/o/{slug}/keys/{id}/revoke", With(Permission::KeysRevoke)),
    ("GET", "/o/{slug}/billing", With(Permission::BillingView)),
    ("GET", "/o/{slug}/billing/plans", With(Permission::BillingManage)),
    ("GET", "/o/{slug}/billing/plans/{plan}", With(Permission::BillingManage)),
    ("POST", "/o/{slug}/billing/plans/{plan}", With(Permission::BillingManage)),
    ("GET", "/o/{slug}/billing/cancel", With(Permission::BillingManage)),
    ("POST", "/o/{slug}/billing/cancel", With(Permission::BillingManage)),
    ("POST", "/o/{slug}/billing/resume", With(Permission::BillingManage)),
    ("GET", "/o/{slug}/billing/modules/{module}", With(Permission::BillingManage)),
    ("POST", "/o/{slug}/billing/modules/{module}", With(Permission::BillingManage)),
    ("GET", "/o/{slug}/billing/modules/{module}/cancel", With(Permission::BillingManage)),
    ("POST", "/o/{slug}/billing/modules/{module}/cancel", With(Permission::BillingManage)),
    ("POST", "/o/{slug}/billing/modules/{module}/keep", With(Permission::BillingManage)),
    ("GET", "/o/{slug}/billing/invoices", With(Permission::BillingView)),
    ("GET", "/o/{slug}/billing/invoices/{id}.pdf", With(Permission::BillingView)),
    ("POST", "/o/{slug}/billing/invoices/{id}/pay", With(Permission::BillingManage)),
    ("GET", "/o/{slug}/billing/invoices/{id}/give-up", With(Permission::BillingManage)),
    ("POST", "/o/{slug}/billing/invoices/{id}/give-up", With(Permission::BillingManage)),
    ("POST", "/o/{slug}/billing/check", With(Permission::BillingManage)),
    ("POST", "/o/{slug}/billing/payment-methods/new", With(Permission::BillingManage)),
    ("GET", "/o/{slug}/billing/payment-methods/added", With(Permission::BillingManage)),
    ("POST", "/o/{slug}/billing/payment-methods/{id}/default", With(Permission::BillingManage)),
    ("GET", "/o/{slug}/billing/payment-methods/{id}/remove", With(Permission::BillingManage)),
    ("POST", "/o/{slug}/billing/payment-methods/{id}/remove", With(Permission::BillingManage)),
    ("GET", "/o/{slug}/billing/usage", With(Permission::BillingView)),
    ("POST", "/o/{slug}/billing/usage/{item}", With(Permission::BillingManage)),
    ("GET", "/o/{slug}/billing/details", With(Permission::BillingManage)),
    ("POST", "/o/{slug}/billing/details", With(Permission::BillingManage)),
    ("GET", "/o/{slug}/billing/tax-ids/new", With(Permission::BillingManage)),
    ("POST", "/o/{slug}/billing/tax-ids/new", With(Permission::BillingManage)),
    ("POST", "/o/{slug}/billing/tax-ids/{id}/remove", With(Permission::BillingManage)),
    ("GET", "/invitations", Everybody),
    ("GET", "/invitations/", Everybody),
    ("GET", "/invitations/{token}", Everybody),
    ("POST", "/invitations/waiting/{organization_id}/{invitation_id}/open", SignedIn),
    ("GET", "/invitation", Everybody),
    ("POST", "/invitation/join", Everybody),
    ("GET", "/invitation/decline", Everybody),
    ("POST", "/invitation/decline", Everybody),
    ("POST", "/invitation/switch-account", Everybody),
    ("POST", "/invitation/ask", Everybody),
    ("GET", "/o/{slug}/invites", With(Permission::MembersInvite)),
    ("GET", "/o/{slug}/invites/new", With(Permission::MembersInvite)),
    ("POST", "/o/{slug}/invites/new", With(Permission::MembersInvite)),
    ("GET", "/o/{slug}/invites/sent", With(Permission::MembersInvite)),
    ("GET", "/o/{slug}/invites/{id}", With(Permission::MembersInvite)),
    ("POST", "/o/{slug}/invites/{id}/role", With(Permission::MembersInvite)),
    ("POST", "/o/{slug}/invites/{id}/resend", With(Permission::MembersInvite)),
    ("GET", "/o/{slug}/invites/{id}/revoke", With(Permission::MembersInvite)),
    ("POST", "/o/{slug}/invites/{id}/revoke", With(Permission::MembersInvite)),
    ("POST", "/api/stripe/events", Everybody),
    ("GET", "/api/docs", Everybody),
    ("GET", "/api/openapi.json", Everybody),
    ("POST", "/api/v1/keys/leaked", Everybody),
    ("POST", "/api/v1/keys/verify", Key(Some(Permission::KeysVerify))),
    ("POST", "/api/v1/access/check", Key(Some(Permission::KeysVerify))),
    ("GET", "/api/v1/organization", Key(None)),
    ("GET", "/api/v1/members", Key(Some(Permission::MembersView))),
    ("GET", "/api/v1/members/{id}", Key(Some(Permission::MembersView))),
    ("POST", "/api/v1/members/{id}/role", Key(Some(Permission::MembersAssignRole))),
    ("POST", "/api/v1/members/{id}/activate", Key(Some(Permission::MembersManage))),
    ("POST", "/api/v1/members/{id}/deactivate", Key(Some(Permission::MembersManage))),
    ("DELETE", "/api/v1/members/{id}", Key(Some(Permission::MembersManage))),
    ("GET", "/api/v1/invitations", Key(Some(Permission::MembersInvite))),
    ("POST", "/api/v1/invitations", Key(Some(Permission::MembersInvite))),
    ("GET", "/api/v1/invitations/{id}", Key(Some(Permission::MembersInvite))),
    ("POST", "/api/v1/invitations/{id}/resend", Key(Some(Permission::MembersInvite))),
    ("POST", "/api/v1/invitations/{id}/revoke", Key(Some(Permission::MembersInvite))),
    ("GET", "/api/v1/roles", Key(Some(Permission::RolesView))),
    ("GET", "/api/v1/roles/{id}", Key(Some(Permission::RolesView))),
    ("GET", "/api/v1/keys", Key(Some(Permission::KeysView))),
    ("GET", "/api/v1/keys/{id}", Key(Some(Permission::KeysView))),
    ("POST", "/api/v1/keys/{id}/revoke", Key(Some(Permission::KeysRevoke))),
    ("POST", "/api/v1/usage", Key(Some(Permission::KeysVerify))),
    ("GET", "/api/v1/activity", Key(Some(Permission::ActivityView))),
];

#[derive(serde::Deserialize)]
struct Reported {
    full_path: String,
    methods: Vec<String>,
    resource_type: String,
}

/// Method and path of every route of the application; HEAD is left out where GET is there.
fn all_routes() -> BTreeSet<(String, String)> {
    let report = run(async {
        let report = web::resource("/report").to(|tree: web::Data<IntrospectionTree>| async move { tree.report_as_json() });
        let app = App::new().service(report).configure(routes::plain).configure(routes::api).configure(routes::console);
        let app = init_service(app).await;
        call_and_read_body(&app, TestRequest::get().uri("/report").to_request()).await
    });
    let reported: Vec<Reported> = serde_json::from_slice(&report).unwrap();
    let routes = reported.into_iter().filter(|item| item.resource_type == "resource" && item.full_path != "/report");
    let pairs = routes.flat_map(|item| {
        assert!(!item.methods.is_empty(), "{} takes every method", item.full_path);
        item.methods.into_iter().map(move |method| (method, item.full_path.clone()))
    });
    pairs.filter(|(method, _)| method != "HEAD").collect()
}

#[test]
fn the_table_names_every_route_and_no_other() {
    let known: BTreeSet<(String, String)> =
        ACCESS.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
    assert_eq!(known.len(), ACCESS.len(), "a route stands twice in the table");
    let routes = all_routes();
    let unknown: Vec<_> = routes.difference(&known).collect();
    let gone: Vec<_> = known.difference(&routes).collect();
    assert!(unknown.is_empty() && gone.is_empty(), "without a row: {unknown:#?}, without a route: {gone:#?}");
}

/// Real ids of one organization, to stand in a path.
#[derive(Clone, Debug)]
struct Ids {
    slug: String,
    member: Uuid,
    invitation: Uuid,
    role: Uuid,
    key: Uuid,
    invoice: Uuid,
    tax_id: Uuid,
    payment_method: Uuid,
}

impl Ids {
    fn of(console: &Console, organization: &Organization<'_>) -> Ids {
        let guest = format!("guest@{}.example", organization.slug);
        let owner = console.signed_in(&organization.owner);
        let page = owner.open(&organization.path("invites/new"));
        owner.submit(&page, "Send invitation", &[("Email addresses", &guest)]);
        organization.invoiced();
        let page = owner.open(&organization.path("billing/tax-ids/new"));
        owner.submit(&page, "Add tax ID", &[("Type", "US EIN (12-3456789)"), ("Number", "12-3456789")]);
        organization.execute(
            "INSERT INTO stripe_accounts (organization_id) SELECT id FROM organizations WHERE id = current_organization_id();
            INSERT INTO payment_methods (organization_id, id, stripe_id, brand, last_digits, is_default, added_at)
                SELECT id, gen_random_uuid(), 'pm_' || slug, 'Visa', '4242', true, now() FROM organizations WHERE id = current_organization_id()",
        );
        let of_billing =
            |table: &str| console.uuid(&format!("SELECT id AS uuid FROM {table} WHERE organization_id = '{}'", organization.id));
        Ids {
            slug: organization.slug.clone(),
            member: organization.member_id(&format!("bob.{}@example.com", organization.slug)),
            invitation: console.uuid(&format!("SELECT id AS uuid FROM invitations WHERE email = '{guest}'")),
            role: organization.role(Starter::Writer),
            key: organization.key("Deploy", &organization.owner, &[]).0,
            invoice: of_billing("invoices"),
            tax_id: of_billing("tax_ids"),
            payment_method: of_billing("payment_methods"),
        }
    }

    fn fill(&self, path: &str) -> String {
        let id = match path.split('/').nth(3) {
            Some("billing") if path.contains("invoices") => self.invoice,
            Some("billing") if path.contains("payment-methods") => self.payment_method,
            Some("billing") => self.tax_id,
            Some("members") => self.member,
            Some("roles") => self.role,
            Some("keys") => self.key,
            _ => self.invitation,
        };
        path.replace("{slug}", &self.slug)
            .replace("{id}", &id.to_string())
            .replace("{organization_id}", &self.member.to_string())
            .replace("{invitation_id}", &self.invitation.to_string())
            .replace("{key}", "members.view")
            .replace("{plan}", "team")
            .replace("{item}", "credits")
            .replace("{module}", "reports")
            .replace("{token}", "AAAA")
            .replace("{name}", "nothing.css")
    }
}

fn organization<'a>(console: &'a Console, name: &str) -> (Organization<'a>, Ids) {
    let organization = console.organization(name, &format!("Owner {name}"));
    organization.member(&format!("Bob {name}"), Starter::Member);
    let ids = Ids::of(console, &organization);
    (organization, ids)
}

fn ask(browser: &Browser, method: &str, path: &str) -> Reply {
    match method {
        "GET" => browser.get(path),
        _ => browser.send(method, path, &[("sec-fetch-site", "same-origin")], Some(b"")),
    }
}

fn leads_to_sign_in(reply: &Reply) -> bool {
    reply.status == 303 && reply.location().starts_with("/sign-in")
}

#[test]
fn nobody_gets_past_the_sign_in() {
    let console = Console::start();
    let (_acme, ids) = organization(&console, "Acme");
    for (method, path, access) in ACCESS {
        let reply = ask(&console.browser(), method, &ids.fill(path));
        assert!(reply.status < 500, "{method} {path}: {}", reply.status);
        if matches!(access, Key(_)) {
            assert_eq!(reply.status, 401, "{method} {path}");
            assert!(reply.header("www-authenticate").is_some_and(|value| value.starts_with("Bearer")), "{method} {path}");
            continue;
        }
        let closed = *access != Everybody;
        assert!(!closed || leads_to_sign_in(&reply), "{method} {path}: {} {}", reply.status, reply.location());
    }
}

#[test]
fn the_owner_of_another_organization_finds_nothing_here() {
    let console = Console::start();
    let (_acme, ids) = organization(&console, "Acme");
    let (globex, own) = organization(&console, "Globex");
    let stranger = console.signed_in(&globex.owner);
    let reference = stranger.get("/o/no-such-organization/members");
    for (method, path, _) in ACCESS.iter().filter(|(_, path, _)| path.contains("{slug}")) {
        let reply = ask(&stranger, method, &ids.fill(path));
        assert_eq!((reply.status, &reply.body), (404, &reference.body), "{method} {path}");
        for nonsense in ["%00", "a%00b", "%FF", "ACME", "-%27"] {
            let reply = ask(&stranger, method, &path.replace("{slug}", nonsense).replace("{id}", &ids.member.to_string()));
            assert_eq!((reply.status, &reply.body), (404, &reference.body), "{method} {path} with {nonsense}");
        }
        if !path.contains("{id}") {
            continue;
        }
        let foreign = Ids { slug: own.slug.clone(), ..ids.clone() }.fill(path);
        let random = path.replace("{slug}", &own.slug).replace("{id}", &Uuid::new_v4().to_string());
        let malformed = path.replace("{slug}", &own.slug).replace("{id}", "1%27--");
        for address in [foreign, random, malformed] {
            let reply = ask(&stranger, method, &address);
            assert_eq!((reply.status, &reply.body), (404, &reference.body), "{method} {address}");
        }
    }
}

#[test]
fn a_member_without_the_permission_is_told_which_and_who_can_grant_it() {
    let console = Console::start();
    let (acme, ids) = organization(&console, "Acme");
    let outsider = console.signed_in(&acme.member("Vic Nothing", Starter::Member));
    for (method, path, access) in ACCESS {
        let With(permission) = access else { continue };
        let reply = ask(&outsider, method, &ids.fill(path));
        assert_eq!(reply.status, 403, "{method} {path}");
        assert!(reply.body.contains(permission.key()), "{method} {path} does not name {}", permission.key());
        assert!(reply.body.contains("Owner Acme (Owner)"), "{method} {path} does not say who can grant it");
    }
}

#[test]
fn who_has_the_permission_gets_past_the_door() {
    for (method, path, access) in ACCESS.iter().filter(|(_, path, _)| path.contains("{slug}")) {
        // A world of its own for each, since some of them change it.
        let console = Console::start();
        let (acme, ids) = organization(&console, "Acme");
        let person = match access {
            Member => acme.member("Vic Nothing", Starter::Viewer),
            _ => acme.owner.clone(),
        };
        let reply = ask(&console.signed_in(&person), method, &ids.fill(path));
        let passed = matches!(reply.status, 200 | 201 | 303 | 400 | 409 | 422) && !leads_to_sign_in(&reply);
        assert!(passed, "{method} {path}: {} {}", reply.status, reply.location());
    }
}

/// A request of the API that every permit lets pass: what its body lacks is told after that.
fn ask_by_key(console: &Console, key: &str, method: &str, path: &str) -> Reply {
    Client::new(console, key).send(method, path, &[], (method == "POST").then_some(&serde_json::json!({})))
}

fn api_routes() -> impl Iterator<Item = (&'static str, &'static str, Option<Permission>)> {
    ACCESS.iter().filter_map(|(method, path, access)| match access {
        Key(ability) => Some((*method, *path, *ability)),
        _ => None,
    })
}

#[test]
fn a_key_that_lets_nobody_in_is_told_so_by_every_route() {
    let console = Console::start();
    let (_acme, ids) = organization(&console, "Acme");
    let (unknown, malformed) = (unknown_key(), unknown_key().replacen('.', "_", 1));
    for (method, path, _) in api_routes() {
        for (key, reason) in [("", "missing"), (malformed.as_str(), "malformed"), (unknown.as_str(), "unknown")] {
            let reply = ask_by_key(&console, key, method, &ids.fill(path));
            assert_eq!((reply.status, reply.problem().as_str()), (401, "unauthorized"), "{method} {path}");
            assert_eq!(reply.json()["reason"], reason, "{method} {path}");
        }
    }
}

#[test]
fn a_key_of_another_organization_finds_nothing_here() {
    let console = Console::start();
    let (_acme, ids) = organization(&console, "Acme");
    let (globex, own) = organization(&console, "Globex");
    let (_, key) = globex.key_of_everything();
    for (method, path, _) in api_routes().filter(|(_, path, _)| path.contains("{id}")) {
        // Past the body, which is judged before the id is looked for.
        let body = serde_json::json!({ "role": own.role });
        let client = Client::new(&console, &key);
        let ask = |path: &str| match (method, path.ends_with("/role")) {
            ("POST", true) => client.send(method, path, &[], Some(&body)),
            ("POST", false) => client.send(method, path, &[], Some(&serde_json::json!({}))),
            _ => client.send(method, path, &[], None),
        };
        let random = ask(&path.replace("{id}", &Uuid::new_v4().to_string()));
        assert_eq!((random.status, random.problem().as_str()), (404, "not-found"), "{method} {path}");
        for id in
            [ids.fill("/api/v1/members/{id}"), ids.fill("/api/v1/roles/{id}"), ids.fill("/api/v1/keys/{id}"), ids.fill("//{id}")]
        {
            let reply = ask(&path.replace("{id}", id.rsplit('/').next().unwrap()));
            assert_eq!((reply.status, &reply.body), (404, &random.body), "{method} {path}");
        }
        assert_eq!(ask(&path.replace("{id}", "1%27--")).body, random.body, "{method} {path}");
    }
}

#[test]
fn a_key_without_the_ability_is_told_which() {
    let console = Console::start();
    let (acme, ids) = organization(&console, "Acme");
    let (_, key) = acme.key("Nothing", &acme.owner, &[]);
    for (method, path, ability) in api_routes() {
        let reply = ask_by_key(&console, &key, method, &ids.fill(path));
        match ability {
            None => assert_eq!(reply.status, 200, "{method} {path}"),
            Some(ability) => {
                assert_eq!((reply.status, reply.problem().as_str()), (403, "lacks-ability"), "{method} {path}");
                assert_eq!(reply.json()["ability"], ability.key(), "{method} {path}");
            }
        }
    }
}

#[test]
fn a_key_with_just_the_ability_gets_past_the_door() {
    let console = Console::start();
    let (acme, ids) = organization(&console, "Acme");
    for (number, (method, path, ability)) in api_routes().enumerate() {
        let abilities: Vec<&str> = ability.iter().map(|ability| ability.key()).collect();
        let (_, key) = acme.key(&format!("Key {number}"), &acme.owner, &abilities);
        let reply = ask_by_key(&console, &key, method, &ids.fill(path));
        assert!(matches!(reply.status, 200 | 204 | 404 | 409 | 422), "{method} {path}: {} {}", reply.status, reply.body);
        let is_of_one = method == "GET" && path.contains("{id}") && !path.contains("members");
        assert!(!is_of_one || reply.status == 200, "{method} {path}: {}", reply.status);
    }
}

#[test]
fn head_answers_as_get_without_a_body() {
    let console = Console::start();
    let (acme, ids) = organization(&console, "Acme");
    let owner = console.signed_in(&acme.owner);
    for (_, path, _) in ACCESS.iter().filter(|(method, _, _)| *method == "GET") {
        let (get, head) = (owner.get(&ids.fill(path)), owner.send("HEAD", &ids.fill(path), &[], None));
        assert_eq!((head.status, head.body.as_str()), (get.status, ""), "{path}");
    }
}
