//! A stateful double of Stripe's HTTP API, for tests: customers, prices, subscriptions, invoices, cards with 3-D Secure, tax ids,
//! webhooks. It listens on 127.0.0.1 only, keeps everything in memory, and does the same thing in every run.
//!
//! ```text
//! stripe-double --port 0 [--webhook-url URL --webhook-secret whsec_...] [--now UNIX]
//! ```
//! It prints `stripe-double listens on http://127.0.0.1:PORT`. Point a Stripe client there (its API base) with any key that begins with
//! `sk_test_`, as a bearer token or as the user of basic authentication. **The clock stands still** where it starts (`--now`, else the
//! wall clock) and moves by `/_double/advance` only. Ids count up: `cus_1`, `sub_1`, `evt_1`.
//!
//! # What it speaks
//! Form encoding with brackets, `expand[]`, `Idempotency-Key`, `Request-Id`, Stripe's error objects, lists with `limit`,
//! `starting_after`, `ending_before`, `created[…]`. Objects are those of 2025-03-31.basil and later (periods on items, invoices'
//! `parent`, `create_preview`) whatever `Stripe-Version` says, with the keys of the official fixtures (`shapes.json`, see `shapes`).
//! Where the fixture shows only the least of a union it is filled as Stripe does: `pricing.price_details`, `payment.payment_intent`,
//! `next_action.redirect_to_url`, the members of `last_payment_error`. Unknown parameters are refused, also those that only Stripe knows.
//!
//! | below `/v1` | |
//! |---|---|
//! | `customers` | create, get, update, list, delete; `…/tax_ids` create, get, list, delete; `…/payment_methods` list, get |
//! | `products`, `prices`, `tax_rates` | create, get, update, list; prices by `lookup_keys[]`, `transfer_lookup_key`; exclusive rates |
//! | `payment_methods` | create, get, list, update, attach, detach |
//! | `setup_intents`, `payment_intents` | create, get, list, confirm, cancel; payment intents: get |
//! | `checkout/sessions` | create (`mode=setup`), get, list, expire; `billing_portal/sessions`: create |
//! | `subscriptions` | create, get, list, update, `DELETE`; `subscription_items` list; not coupons, tiers, meters |
//! | `subscription_schedules` | create (`from_subscription`), get, list, update (`phases`), release, cancel |
//! | `invoices` | create, get, list, update, delete, `lines`, finalize, pay, void, mark_uncollectible, `create_preview` |
//! | `invoiceitems`, `invoice_payments`, `events` | create, get, list, delete; list; get, list |
//!
//! Renewals and trials' ends draft an invoice that is finalized and collected an hour later. A failed payment is tried again 1, 3, 5 and
//! 7 days after the first failure, then the subscription is canceled. A first payment may wait 23 hours. `cancel_at` within a period ends
//! without proration. A preview does the change to a copy of the account, so it is the invoice that follows.
//!
//! A subscription's update with `payment_behavior=pending_if_incomplete` takes `items` (`id`, `price`, `quantity`, `deleted`),
//! `proration_behavior`, `proration_date`, `billing_cycle_anchor`, `trial_end`, `off_session` and `expand`. If it makes an invoice that is
//! not paid at once the subscription stays as it is with a `pending_update`, for 23 hours or until its period ends. The invoice stays open
//! and is not tried again by itself. Paying it applies the update. Voiding it drops the update, and so does the lack of time, another
//! change of items, cycle or trial, a schedule's next phase and the subscription's end, which void it; credit that it used comes back.
//!
//! A schedule's phase names items (`price`, `quantity`, `tax_rates`), `default_tax_rates`, `default_payment_method` and `trial_end` (within
//! the phase, or `now`). `from_subscription` takes them from the subscription, `trial_end` only while the trial goes on. When a phase
//! begins, or is sent for the present, the subscription gets what it names; it keeps what the phase does not name. Tax rates sent as an
//! empty text are taken away. Changing a subscription itself does not change the phase that it is in.
//!
//! `tax_exempt` of a customer (`none`, `exempt`, `reverse`; empty: `none`) is `customer_tax_exempt` of its invoices: drafts follow it, an
//! invoice that is finalized keeps it. With `exempt` and `reverse` tax rates stand on the lines with an amount of 0.
//!
//! # Cards
//! | number, or test id to attach | |
//! |---|---|
//! | 4242424242424242 `pm_card_visa`, 5555555555554444 `pm_card_mastercard` | works |
//! | 4000000000000002 `pm_card_chargeDeclined` | declined, already when it is attached (402), as Stripe does |
//! | 4000000000009995 `…chargeDeclinedInsufficientFunds`, 4000000000000069 `…chargeDeclinedExpiredCard` | declined so |
//! | 4000000000000341 `pm_card_chargeCustomerFail` | attaches; every charge fails |
//! | 4000002500003155 `pm_card_authenticationRequiredOnSetup` | authentication at setup, later charges work |
//! | 4000002760003184 `pm_card_authenticationRequired` | authentication at setup and at every charge |
//!
//! A checkout session's `url` is a form (Card number, Expiry MM / YY, CVC, Save card, Cancel), then perhaps a page with Complete
//! authentication and Fail authentication. `hosted_invoice_url` pays and authenticates, `invoice_pdf` is a PDF.
//!
//! # Controls
//! Parameters as a form or as JSON, answers as JSON, no key needed.
//!
//! | below `/_double` | |
//! |---|---|
//! | `POST advance` | `seconds=` or `to=`: does all that falls due, in order |
//! | `POST switches`, `GET switches` | sets those that are named; shows all |
//! | `POST deliver`, `POST settle` | sends what is held back; waits until all is delivered (10 s at most) |
//! | `POST replay` | `event=evt_1`: delivers it again |
//! | `POST verify` | decides pending tax ids now: all or `id=`, as usual or as `status=` |
//! | `GET state` | clock, counts, log of requests (method, path, params, key, status, replayed), deliveries |
//! | `POST reset` | an empty account and usual switches; `now=`; `ids=keep` for clients that remember event ids |
//!
//! | switch | |
//! |---|---|
//! | `delay_ms`, `duplicate`, `hold`, `lose=all` or `lose=invoice.paid,customer.*` | of webhooks |
//! | `reorder=n`, `seed=` | keeps back n events, delivers them reversed (seed 0) or shuffled |
//! | `second_secret`, `wrong_secret`, `signature_time` | two `v1` for rotation; forged; stale (else the wall clock) |
//! | `webhook_retries` (3), `webhook_retry_ms` (50) | tries after an answer that is not 2xx |
//! | `unavailable`, `hang_ms`, `rate_limited=n`, `conflict=n` | 503; wait before each answer; the next n: 429; the next n POSTs: 409 |
//! | `fail_after_execution=n`, `failure=drop` or `500` | the next n POSTs are done and kept, the answer is lost |
//! | `decline[pm_1]=insufficient_funds` | charges fail from now on (`authentication_required`: 3-D Secure; empty: works again) |
//! | `retry_days=1,3,5,7`, `after_retries=cancel`, `unpaid` or `past_due`, `draft_seconds` (3600) | of collecting |
//! | `tax_id_outcome=verified`, `unverified` or `pending`, `tax_id_delay` (60) | of `eu_vat`, `gb_vat`, `au_abn`; numbers all 0, 1, 2 decide themselves |

mod agenda;
mod allowed;
mod balances;
mod calendar;
mod cards;
mod catalog;
mod checkout;
mod control;
mod customers;
mod double;
mod error;
mod expand;
mod fields;
mod idempotency;
mod invoicing;
mod json;
mod lists;
mod money;
mod pages;
mod params;
mod payment_methods;
mod payments;
mod pdf;
mod phases;
mod routes;
mod rules;
mod schedules;
mod server;
mod setup_intents;
mod shapes;
mod signature;
mod subscriptions;
mod switches;
mod tax_ids;
mod tax_rates;
mod webhooks;
mod world;

#[cfg(test)]
mod tests;

use clap::Parser;
use std::time::{SystemTime, UNIX_EPOCH};

/// The version of Stripe's API that the objects are of; requests may name another, and get the same.
pub const API_VERSION: &str = "2025-03-31.basil";

/// A stateful double of Stripe's HTTP API, for tests.
#[derive(Parser)]
struct Arguments {
    /// The port on 127.0.0.1; 0 lets the system choose.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Where events are delivered.
    #[arg(long, requires = "webhook_secret")]
    webhook_url: Option<String>,
    /// The secret that signs them, whsec_…
    #[arg(long)]
    webhook_secret: Option<String>,
    /// The clock's beginning in seconds since 1970; the wall clock if absent. It moves by /_double/advance only.
    #[arg(long)]
    now: Option<i64>,
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let target = arguments.webhook_url.zip(arguments.webhook_secret).map(|(url, secret)| webhooks::Target { url, secret });
    let now = arguments.now.unwrap_or(i64::try_from(wall).expect("the wall clock fits"));
    let (server, base) = server::start(server::Setup { port: arguments.port, now, target })?;
    println!("stripe-double listens on {base}");
    let handle = server.handle();
    actix_web::rt::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            handle.stop(false).await;
        }
    });
    server.await
}
