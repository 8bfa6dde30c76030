//! People and organizations that a test begins with, put into the database by the console's own functions.

use std::net::SocketAddr;

use diesel::RunQueryDsl;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use roster::access::policy::Starter;
use roster::access::{Actor, Basis, write_as};
use roster::accounts::password::{NewPassword, Passwords};
use roster::accounts::queries::{self as accounts, NewAccount};
use roster::billing::actions::operator::{self, Agreed};
use roster::config::Cycle;
use roster::db::Scope;
use roster::db::types::{EmailAddress, OrganizationName, fold};
use roster::error::AppError;
use roster::members::{self, NewMember};
use roster::money::Currency;
use roster::organizations::actions::{self as organizations, Founder};
use uuid::Uuid;

use super::browser::Browser;
use super::console::Console;

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery staple";

/// Somebody with an account, the address confirmed.
#[derive(Clone, Debug)]
pub struct Person {
    pub account_id: Uuid,
    pub name: String,
    pub email: String,
}

/// An organization and the way to fill it.
pub struct Organization<'a> {
    console: &'a Console,
    pub id: Uuid,
    pub slug: String,
    pub owner: Person,
}

#[derive(diesel::QueryableByName)]
struct RoleId {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

impl Console {
    /// An account with a confirmed address, in no organization: "Bob Smith" has bob.smith@example.com.
    pub fn person(&self, name: &str) -> Person {
        let local: Vec<String> = fold(name).split_whitespace().map(str::to_owned).collect();
        self.person_at(name, &format!("{}@example.com", local.join(".")))
    }

    pub fn person_at(&self, name: &str, email: &str) -> Person {
        let (account_id, db, hashing) = (Uuid::now_v7(), self.db(), self.config.hashing);
        let new = move |password_hash| NewAccount {
            id: account_id,
            email: EmailAddress::parse(email).unwrap(),
            name: name.to_owned(),
            password_hash,
            confirmed: true,
        };
        run(async {
            let password = NewPassword::parse(PASSWORD, &[]).unwrap();
            let hash = Passwords::new(hashing, 1).unwrap().hash(password).await.unwrap();
            let (new, now) = (new(hash), db.now());
            db.write(Scope::Nobody, move |connection| Ok::<_, AppError>(accounts::insert(connection, &new, now)?)).await.unwrap()
        });
        Person { account_id, name: name.to_owned(), email: email.to_owned() }
    }

    /// An organization with `owner` as its Owner: "Acme" is at /o/acme.
    pub fn organization(&self, name: &str, owner: &str) -> Organization<'_> {
        let owner = self.person(owner);
        self.organization_of(name, &owner)
    }

    pub fn organization_of(&self, name: &str, owner: &Person) -> Organization<'_> {
        let (id, db, owner) = (Uuid::new_v4(), self.db(), owner.clone());
        let name = OrganizationName::parse(name).unwrap();
        let founder = Founder { account_id: owner.account_id, name: owner.name.clone(), email: owner.email.clone() };
        let slug = run(async {
            let basis = Basis::of(&db);
            let work = move |connection: &mut _| organizations::create(connection, id, &name, &founder, &basis);
            db.write(Scope::Organization(id), work).await
        });
        Organization { console: self, id, slug: slug.unwrap(), owner }
    }

    /// A browser in which somebody signed in through the page.
    pub fn signed_in(&self, person: &Person) -> Browser {
        sign_in(self.browser(), person)
    }

    /// The same in a browser that asks one node.
    pub fn signed_in_at(&self, node: SocketAddr, person: &Person) -> Browser {
        sign_in(self.browser_at(node), person)
    }
}

fn sign_in(browser: Browser, person: &Person) -> Browser {
    let page = browser.open("/sign-in");
    let reply = browser.press(&page, "Sign in", &[("Email", &person.email), ("Password", PASSWORD)]);
    assert_eq!(reply.status, 303, "{} could not sign in", person.email);
    browser
}

impl Organization<'_> {
    pub(super) fn console(&self) -> &Console {
        self.console
    }

    /// A new person as a member.
    pub fn member(&self, name: &str, role: Starter) -> Person {
        let person = self.console.person(name);
        self.add(&person, role);
        person
    }

    /// A known person as a member. Returns the member's id.
    pub fn add(&self, person: &Person, role: Starter) -> Uuid {
        let id = Uuid::now_v7();
        let new = NewMember {
            id,
            account_id: Some(person.account_id),
            email: person.email.clone(),
            name: person.name.clone(),
            role_id: self.role(role),
            invitation: None,
            invited_by: self.owner.name.clone(),
        };
        let db = self.console.db();
        run(async { write_as(&db, self.id, Actor::operator(), move |tx| members::queries::insert(tx, &new)).await.unwrap() });
        id
    }

    /// The id of a starter role.
    pub fn role(&self, role: Starter) -> Uuid {
        let query = diesel::sql_query("SELECT id FROM roles WHERE organization_id = $1 AND starter = $2");
        let query = query.bind::<SqlUuid, _>(self.id).bind::<Text, _>(role.key());
        query.get_result::<RoleId>(&mut self.console.superuser()).unwrap().id
    }

    /// The id of the member with an address.
    pub fn member_id(&self, email: &str) -> Uuid {
        let query = diesel::sql_query("SELECT id FROM members WHERE organization_id = $1 AND email = $2");
        let query = query.bind::<SqlUuid, _>(self.id).bind::<Text, _>(email);
        query.get_result::<RoleId>(&mut self.console.superuser()).unwrap().id
    }

    /// A path of the organization: `acme.path("members")`.
    pub fn path(&self, rest: &str) -> String {
        format!("/o/{}/{rest}", self.slug)
    }

    /// Runs statements as inside this organization.
    pub fn execute(&self, statements: &str) {
        self.console.execute(&format!("BEGIN; SET LOCAL app.organization_id = '{}'; {statements}; COMMIT", self.id));
    }

    /// Puts the organization on an agreed plan, which is invoiced at once.
    pub fn invoiced(&self) {
        self.execute(&format!(
            "INSERT INTO billing_accounts (organization_id, name, line1, city, country) VALUES ('{}', 'Acme', 'Hauptstraße 1', 'Berlin', 'DE')
                ON CONFLICT DO NOTHING",
            self.id
        ));
        let agreed = Agreed { amount: 120_000, currency: Currency::from_code("EUR").unwrap(), cycle: Cycle::Year };
        run(operator::set_plan(&self.console.db(), self.id, "enterprise", Some(agreed))).unwrap();
    }

    /// Sets the number of member slots.
    pub fn set_limit(&self, limit: i32) {
        self.console.execute(&format!("UPDATE organizations SET member_limit = {limit} WHERE id = '{}'", self.id));
    }
}

/// Runs something async to its end, from an ordinary test.
pub fn run<T>(work: impl Future<Output = T>) -> T {
    actix_web::rt::System::new().block_on(work)
}
