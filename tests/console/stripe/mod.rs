//! Payment by Stripe, against the stateful double: a whole life of a subscription, what goes wrong on the way, and what
//! events do and do not.

mod awaited;
mod beside;
mod by_hand;
mod clicks;
mod collecting;
mod credit;
mod details;
mod drift;
mod ended;
mod events;
mod giving_up;
mod gone;
mod letters;
mod life;
mod methods;
mod module_ends;
mod modules;
mod prices;
mod refused;
mod seats;
mod sent;
mod sequences;
mod stale;
mod trouble;
mod usage;
mod waiting;

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use roster::billing::stripe::{catalog, worker};
use roster::config::{Config, StripeSettings};
use roster::stripe::Stripe;
use url::Url;

use crate::billing::{change, give_address, with_plans};
use crate::harness::stripe::Double;
use crate::harness::{Browser, Console, Organization, Page, run};

pub const SECRET: &str = "whsec_of_the_tests";
pub const GOOD_CARD: &str = "4242424242424242";

/// A console and the Stripe that it talks to.
pub struct World {
    pub console: Console,
    pub double: Double,
}

impl World {
    pub fn start() -> World {
        World::start_with(|_| {})
    }

    pub fn start_with(also: impl FnOnce(&mut Config)) -> World {
        let mut double = None;
        let console = Console::start_with(|config| {
            with_plans(config);
            let url = format!("{}/api/stripe/events", config.origin());
            let started = Double::start_at(chrono::Utc::now().timestamp(), Some((&url, SECRET)));
            config.stripe = Some(StripeSettings {
                secret_key: "sk_test_console".to_owned(),
                webhook_secret: Some(SECRET.to_owned()),
                api_base: Url::parse(&started.base).unwrap(),
            });
            double = Some(started);
            also(config);
        });
        let double = double.unwrap();
        run(catalog::sync(&double.stripe, &console.config.plans)).unwrap();
        World { console, double }
    }

    pub fn stripe(&self) -> &Stripe {
        &self.double.stripe
    }

    /// Moves both clocks, and waits until what comes of it is written down.
    pub fn travel(&self, by: TimeDelta) {
        self.console.travel(by);
        let now = self.console.clock.now();
        self.double.switch("signature_time", &now.timestamp().to_string());
        self.double.advance(by.num_seconds());
        self.settle();
    }

    /// Waits until every event has arrived and every organization is compared.
    pub fn settle(&self) {
        self.double.control("settle", &[]);
        let begun = Instant::now();
        loop {
            run(worker::once(&self.console.db(), self.stripe())).unwrap();
            let now = self.console.clock.now().to_rfc3339();
            let due = self.console.number(&format!(
                "SELECT (SELECT count(*) FROM organizations WHERE stripe_due_at <= '{now}')
                    + (SELECT count(*) FROM stripe_accounts WHERE lease IS NOT NULL) AS number"
            ));
            if due == 0 {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "organizations are still to be compared");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Adds a card as the page offers it. Returns the page that it leads back to.
    pub fn add_card(&self, browser: &Browser, acme: &Organization<'_>, number: &str) -> Page {
        let page = browser.open(&acme.path("billing"));
        let form = browser.press(&page, "Add payment method", &[]);
        assert_eq!(form.status, 303, "{}", form.body);
        self.fill_in(browser, form.location(), number)
    }

    /// Fills in Stripe's form for a card, and the bank's.
    pub fn fill_in(&self, browser: &Browser, form: &str, number: &str) -> Page {
        assert!(form.starts_with(&self.double.base), "{form}");
        let card = [("card_number", number), ("expiry", "12 / 34"), ("cvc", "123"), ("action", "save")];
        let (status, next) = self.double.submit(form, &card);
        assert_eq!(status, 303);
        let mut next = next.unwrap();
        if next.ends_with("/authenticate") {
            next = self.double.submit(&next, &[("action", "complete")]).1.unwrap();
        }
        let path = next.strip_prefix(&self.console.config.origin()).unwrap_or_else(|| panic!("{next}"));
        browser.open(path)
    }

    /// An organization with a billing address, a good card, and its owner.
    pub fn with_card(&self) -> (Organization<'_>, Browser) {
        let acme = self.console.organization("Acme", "Ann Owner");
        let ann = self.console.signed_in(&acme.owner);
        give_address(&ann, &acme);
        let added = self.add_card(&ann, &acme, GOOD_CARD);
        assert_eq!(added.flash(), "Visa ending in 4242 is added.", "{}", added.text());
        (acme, ann)
    }

    /// An organization that pays for Team by the month.
    pub fn subscribed(&self) -> (Organization<'_>, Browser) {
        let (acme, ann) = self.with_card();
        let done = change(&ann, &acme, "team", "month");
        assert!(done.flash().starts_with("Team is your plan now."), "{}", done.text());
        (acme, ann)
    }

    /// An organization that pays for Team by the month, and whose card is refused, by this code, for as long as that. Returns its
    /// owner after it, and the card.
    pub fn declined(&self, code: &str, by: TimeDelta) -> (Organization<'_>, Browser, String) {
        let (acme, _) = self.subscribed();
        let method = self.console.text("SELECT stripe_id FROM payment_methods");
        self.double.switch(&format!("decline[{method}]"), code);
        self.travel(by);
        let ann = self.console.signed_in(&acme.owner);
        (acme, ann, method)
    }

    /// What the double has of a kind.
    pub fn there(&self, path: &str) -> serde_json::Value {
        let mut answer = ureq::get(&format!("{}/v1/{path}", self.double.base))
            .header("authorization", "Bearer sk_test_console")
            .call()
            .unwrap();
        serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
    }
}

/// Somebody joins, as by an invitation.
pub fn add_member(world: &World, acme: &Organization<'_>, name: &str) {
    acme.member(name, roster::access::policy::Starter::Member);
    let (db, actor) = (world.console.db(), roster::access::Actor::console());
    run(roster::access::write_as(&db, acme.id, actor, roster::billing::actions::seats::follow)).unwrap();
}
