//! Every path of the API, on one page.

use crate::allowed::check;
use crate::error::{Answer, ApiError};
use crate::invoicing::{pending, preview, routes as invoices, settling};
use crate::lists;
use crate::params::Params;
use crate::world::World;
use crate::{
    balances, catalog, checkout, customers, payment_methods, schedules, setup_intents, subscriptions, tax_ids, tax_rates,
};
use serde_json::json;

/// Answers a request below `/v1`; `path` is what follows it.
pub fn answer(world: &mut World, method: &str, path: &str, params: &Params) -> Answer {
    let steps: Vec<&str> = path.trim_matches('/').split('/').collect();
    let done = match (method, steps.first().copied()) {
        (_, Some("customers" | "payment_methods")) => of_customers(world, method, &steps, params),
        (_, Some("products" | "prices" | "tax_rates" | "events")) => of_catalog(world, method, &steps, params),
        (_, Some("subscriptions" | "subscription_items" | "subscription_schedules")) => {
            of_subscriptions(world, method, &steps, params)
        }
        (_, Some("invoices" | "invoiceitems" | "invoice_payments")) => of_invoices(world, method, &steps, params),
        _ => of_sessions(world, method, &steps, params),
    };
    done.unwrap_or_else(|| Err(unknown(method, path)))
}

fn of_customers(world: &mut World, method: &str, steps: &[&str], params: &Params) -> Option<Answer> {
    Some(match (method, steps) {
        ("POST", ["customers"]) => customers::create(world, params),
        ("GET", ["customers"]) => customers::list(world, params),
        ("GET", ["customers", id]) => plain(params).and_then(|()| customers::get(world, id)),
        ("POST", ["customers", id]) => customers::update(world, id, params),
        ("DELETE", ["customers", id]) => plain(params).and_then(|()| customers::delete(world, id)),
        ("GET", ["customers", id, "payment_methods"]) => payment_methods::list_of_customer(world, id, params),
        ("GET", ["customers", id, "payment_methods", other]) => {
            plain(params).and_then(|()| payment_methods::owned(world, other, id, "payment_method"))
        }
        ("POST", ["customers", id, "tax_ids"]) => tax_ids::create(world, id, params),
        ("GET", ["customers", id, "tax_ids"]) => tax_ids::list(world, id, params),
        ("GET", ["customers", id, "tax_ids", other]) => plain(params).and_then(|()| tax_ids::get(world, id, other)),
        ("DELETE", ["customers", id, "tax_ids", other]) => plain(params).and_then(|()| tax_ids::delete(world, id, other)),
        ("POST", ["customers", id, "balance_transactions"]) => balances::create(world, id, params),
        ("GET", ["customers", id, "balance_transactions"]) => balances::list(world, id, params),
        ("POST", ["payment_methods"]) => payment_methods::create(world, params),
        ("GET", ["payment_methods"]) => payment_methods::list(world, params),
        ("GET", ["payment_methods", id]) => one(world, "payment_method", id, params),
        ("POST", ["payment_methods", id]) => payment_methods::update(world, id, params),
        ("POST", ["payment_methods", id, "attach"]) => payment_methods::attach(world, id, params),
        ("POST", ["payment_methods", id, "detach"]) => payment_methods::detach(world, id, params),
        _ => return None,
    })
}

fn of_catalog(world: &mut World, method: &str, steps: &[&str], params: &Params) -> Option<Answer> {
    Some(match (method, steps) {
        ("POST", ["products"]) => catalog::create_product(world, params),
        ("GET", ["products"]) => catalog::list_products(world, params),
        ("GET", ["products", id]) => one(world, "product", id, params),
        ("POST", ["products", id]) => catalog::update_product(world, id, params),
        ("POST", ["prices"]) => catalog::create_price(world, params),
        ("GET", ["prices"]) => catalog::list_prices(world, params),
        ("GET", ["prices", id]) => one(world, "price", id, params),
        ("POST", ["prices", id]) => catalog::update_price(world, id, params),
        ("POST", ["tax_rates"]) => tax_rates::create(world, params),
        ("GET", ["tax_rates"]) => tax_rates::list(world, params),
        ("GET", ["tax_rates", id]) => one(world, "tax_rate", id, params),
        ("POST", ["tax_rates", id]) => tax_rates::update(world, id, params),
        ("GET", ["events"]) => list_events(world, params),
        ("GET", ["events", id]) => one(world, "event", id, params),
        _ => return None,
    })
}

fn of_subscriptions(world: &mut World, method: &str, steps: &[&str], params: &Params) -> Option<Answer> {
    Some(match (method, steps) {
        ("POST", ["subscriptions"]) => subscriptions::create::create(world, params),
        ("GET", ["subscriptions"]) => subscriptions::list(world, params),
        ("GET", ["subscriptions", id]) => one(world, "subscription", id, params),
        ("POST", ["subscriptions", id]) => subscriptions::update::update(world, id, params),
        ("DELETE", ["subscriptions", id]) => subscriptions::cancel::cancel(world, id, params),
        ("GET", ["subscription_items"]) => subscriptions::list_items(world, params),
        ("POST", ["subscription_schedules"]) => schedules::create(world, params),
        ("GET", ["subscription_schedules"]) => schedules::list(world, params),
        ("GET", ["subscription_schedules", id]) => one(world, "subscription_schedule", id, params),
        ("POST", ["subscription_schedules", id]) => schedules::update(world, id, params),
        ("POST", ["subscription_schedules", id, "release"]) => schedules::release(world, id, params),
        ("POST", ["subscription_schedules", id, "cancel"]) => schedules::cancel_now(world, id, params),
        _ => return None,
    })
}

fn of_invoices(world: &mut World, method: &str, steps: &[&str], params: &Params) -> Option<Answer> {
    Some(match (method, steps) {
        ("POST", ["invoiceitems"]) => pending::create(world, params),
        ("GET", ["invoiceitems"]) => pending::list(world, params),
        ("GET", ["invoiceitems", id]) => one(world, "invoiceitem", id, params),
        ("DELETE", ["invoiceitems", id]) => plain(params).and_then(|()| pending::delete(world, id)),
        ("POST", ["invoices", "create_preview"]) => preview::create(world, params),
        ("POST", ["invoices"]) => invoices::create(world, params),
        ("GET", ["invoices"]) => invoices::list(world, params),
        ("GET", ["invoices", id]) => one(world, "invoice", id, params),
        ("POST", ["invoices", id]) => invoices::update(world, id, params),
        ("DELETE", ["invoices", id]) => plain(params).and_then(|()| invoices::delete(world, id)),
        ("GET", ["invoices", id, "lines"]) => invoices::lines(world, id, params),
        ("POST", ["invoices", id, "finalize"]) => invoices::finalize(world, id, params),
        ("POST", ["invoices", id, "pay"]) => invoices::pay(world, id, params),
        ("POST", ["invoices", id, "void"]) => plain(params).and_then(|()| settling::void(world, id)),
        ("POST", ["invoices", id, "mark_uncollectible"]) => plain(params).and_then(|()| settling::mark_uncollectible(world, id)),
        ("GET", ["invoice_payments"]) => check(params, &format!("{} invoice status", lists::PAGING)).and_then(|()| {
            let found = lists::matching(world.all("invoice_payment"), params, &["invoice", "status"])?;
            lists::page(found, params, "/v1/invoice_payments")
        }),
        _ => return None,
    })
}

fn of_sessions(world: &mut World, method: &str, steps: &[&str], params: &Params) -> Option<Answer> {
    Some(match (method, steps) {
        ("POST", ["setup_intents"]) => setup_intents::create(world, params),
        ("GET", ["setup_intents"]) => setup_intents::list(world, params),
        ("GET", ["setup_intents", id]) => one(world, "setup_intent", id, params),
        ("POST", ["setup_intents", id, "confirm"]) => setup_intents::confirm(world, id, params),
        ("POST", ["setup_intents", id, "cancel"]) => setup_intents::cancel(world, id, params),
        ("GET", ["payment_intents", id]) => one(world, "payment_intent", id, params),
        ("POST", ["checkout", "sessions"]) => checkout::create(world, params),
        ("GET", ["checkout", "sessions"]) => checkout::list(world, params),
        ("GET", ["checkout", "sessions", id]) => one(world, "checkout.session", id, params),
        ("POST", ["checkout", "sessions", id, "expire"]) => checkout::expire(world, id, params),
        ("POST", ["billing_portal", "sessions"]) => checkout::create_portal(world, params),
        _ => return None,
    })
}

fn one(world: &World, kind: &str, id: &str, params: &Params) -> Answer {
    plain(params)?;
    world.fetch(kind, id)
}

/// Operations that know no parameters but `expand[]`.
fn plain(params: &Params) -> Result<(), ApiError> {
    check(params, "")
}

fn list_events(world: &World, params: &Params) -> Answer {
    check(params, &format!("{} type types[] delivery_success", lists::PAGING))?;
    let mut found = world.all("event");
    let mut types = params.texts("types");
    types.extend(params.given("type")?);
    let fits = |event: &str, wanted: &str| wanted.strip_suffix('*').map_or(event == wanted, |stem| event.starts_with(stem));
    found.retain(|event| types.is_empty() || types.iter().any(|wanted| fits(crate::json::text(event, "type"), wanted)));
    lists::page(found, params, "/v1/events")
}

fn unknown(method: &str, path: &str) -> ApiError {
    let message = format!(
        "Unrecognized request URL ({method}: /v1/{}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.",
        path.trim_matches('/')
    );
    ApiError { before_execution: true, ..ApiError::new(404, "invalid_request_error", json!({ "message": message })) }
}
