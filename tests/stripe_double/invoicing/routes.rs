//! What a client can ask of invoices.

use super::drafting::{self, Draft};
use super::lines::Line;
use super::{collecting, pending, settling};
use crate::allowed::check;
use crate::error::{Answer, ApiError};
use crate::fields;
use crate::json::{data_mut, flag, number, text};
use crate::lists;
use crate::params::Params;
use crate::payment_methods;
use crate::tax_rates;
use crate::world::World;
use serde_json::{Value, json};

const EDITABLE: &str = "auto_advance description metadata* default_payment_method default_tax_rates[] collection_method days_until_due \
    due_date footer";

/// `POST /v1/invoices`: a draft of what waits (`pending_invoice_items_behavior=include`), or an empty one.
pub fn create(world: &mut World, params: &Params) -> Answer {
    check(params, &format!("{EDITABLE} customer subscription currency pending_invoice_items_behavior automatic_tax[enabled]"))?;
    let customer = params.required("customer")?;
    let owner = world.fetch("customer", &customer).map_err(|error| error.in_param("customer"))?;
    let subscription = params.given("subscription")?;
    let subscription =
        subscription.map(|id| world.fetch("subscription", &id).map_err(|error| error.in_param("subscription"))).transpose()?;
    let currency =
        params.given("currency")?.or(owner["currency"].as_str().map(str::to_owned)).unwrap_or_else(|| "usd".to_owned());
    let usual = if subscription.is_some() { "include" } else { "exclude" };
    let behavior = params.one_of("pending_invoice_items_behavior", &["include", "exclude"])?.unwrap_or_else(|| usual.to_owned());
    let lines: Vec<Line> = match behavior.as_str() {
        "include" => pending::lines_for(world, &customer, subscription.as_ref().map(|value| text(value, "id")), &currency),
        _ => vec![],
    };
    let period = (world.now, world.now);
    let draft = Draft { customer, subscription, reason: "manual", lines, period, currency, fields: json!({}) };
    let mut invoice = drafting::draft(world, draft);
    change(world, params, &mut invoice)?;
    world.save(invoice.clone());
    world.emit("invoice.created", &invoice, None);
    Ok(invoice)
}

/// `POST /v1/invoices/{id}`
pub fn update(world: &mut World, id: &str, params: &Params) -> Answer {
    check(params, EDITABLE)?;
    let mut invoice = world.fetch("invoice", id)?;
    change(world, params, &mut invoice)?;
    Ok(world.update(invoice, "invoice.updated"))
}

fn change(world: &World, params: &Params, invoice: &mut Value) -> Result<(), ApiError> {
    fields::texts(params, invoice, &["description", "footer"])?;
    fields::flags(params, invoice, &["auto_advance"])?;
    fields::metadata(params, invoice);
    if let Some(method) = params.given("default_payment_method")? {
        payment_methods::owned(world, &method, text(invoice, "customer"), "default_payment_method")?;
        invoice["default_payment_method"] = json!(method);
    }
    if let Some(collection) = params.one_of("collection_method", &["charge_automatically", "send_invoice"])? {
        invoice["collection_method"] = json!(collection);
    }
    if let Some(days) = params.integer("days_until_due")? {
        invoice["due_date"] = json!(world.now + days * crate::calendar::DAY);
    }
    if let Some(moment) = params.integer("due_date")? {
        invoice["due_date"] = json!(moment);
    }
    if let Some(rates) = tax_rates::named(world, params, "default_tax_rates")? {
        if text(invoice, "status") != "draft" {
            return Err(not_editable());
        }
        invoice["default_tax_rates"] = json!(rates);
        let exempt = text(invoice, "customer_tax_exempt").to_owned();
        for line in data_mut(invoice, "lines") {
            line["taxes"] = tax_rates::taxes(number(line, "amount"), &rates, &exempt);
        }
        drafting::total_up(world, invoice);
    }
    let waits = text(invoice, "status") == "draft" && flag(invoice, "auto_advance");
    if waits && invoice["automatically_finalizes_at"].is_null() {
        invoice["automatically_finalizes_at"] = json!(world.now + world.rules.draft_seconds);
    }
    Ok(())
}

/// `GET /v1/invoices`
pub fn list(world: &World, params: &Params) -> Answer {
    check(params, &format!("{} customer subscription status collection_method due_date", lists::PAGING))?;
    let mut found = lists::matching(world.all("invoice"), params, &["customer", "status", "collection_method", "due_date"])?;
    if let Some(wanted) = params.given("subscription")? {
        found.retain(|invoice| settling::subscription_of(invoice).as_deref() == Some(&wanted));
    }
    lists::page(found, params, "/v1/invoices")
}

/// `GET /v1/invoices/{id}/lines`
pub fn lines(world: &World, id: &str, params: &Params) -> Answer {
    check(params, lists::PAGING)?;
    let invoice = world.kept_preview(id).map_or_else(|| world.fetch("invoice", id), Ok)?;
    lists::page(crate::json::data(&invoice, "lines").to_vec(), params, &format!("/v1/invoices/{id}/lines"))
}

/// `POST /v1/invoices/{id}/finalize`, and `/send` for invoices that are sent.
pub fn finalize(world: &mut World, id: &str, params: &Params) -> Answer {
    check(params, "auto_advance")?;
    let mut invoice = world.fetch("invoice", id)?;
    if text(&invoice, "status") != "draft" {
        return Err(ApiError::refused(
            "invoice_not_editable",
            "This invoice is already finalized, you can't re-finalize a non-draft invoice.",
        ));
    }
    if flag(&invoice, "auto_advance") && text(&invoice, "collection_method") == "charge_automatically" {
        invoice["next_payment_attempt"] = json!(world.now + 3600);
        world.save(invoice);
    }
    Ok(settling::finalize(world, id))
}

/// `POST /v1/invoices/{id}/pay`
pub fn pay(world: &mut World, id: &str, params: &Params) -> Answer {
    check(params, "payment_method paid_out_of_band off_session forgive")?;
    let mut invoice = world.fetch("invoice", id)?;
    let method = params.given("payment_method")?;
    if let Some(method) = &method {
        payment_methods::owned(world, method, text(&invoice, "customer"), "payment_method")?;
    }
    if text(&invoice, "status") == "draft" {
        invoice = settling::finalize(world, id);
    }
    match text(&invoice, "status") {
        "open" | "uncollectible" => {}
        "paid" if flag(&world.own("invoice", id), "attempted") && number(&invoice, "amount_due") == 0 => return Ok(invoice),
        "paid" => return Err(ApiError::refused("invoice_already_paid", "Invoice is already paid")),
        _ => return Err(ApiError::refused("invoice_not_editable", "This invoice can no longer be paid.")),
    }
    if params.boolean("paid_out_of_band")? == Some(true) {
        crate::payments::cancel(world, id);
        return Ok(settling::paid(world, id, number(&invoice, "amount_due")));
    }
    if method.is_none() && collecting::method_for(world, &invoice).is_none() {
        return Err(collecting::no_method());
    }
    collecting::collect(world, id, method.as_deref())
}

/// `DELETE /v1/invoices/{id}`: drafts only; what it took in waits again.
pub fn delete(world: &mut World, id: &str) -> Answer {
    let invoice = world.fetch("invoice", id)?;
    if text(&invoice, "status") != "draft" || settling::subscription_of(&invoice).is_some() {
        return Err(ApiError::refused("invoice_not_editable", "You can only delete draft invoices that no subscription made."));
    }
    for mut item in world.all("invoiceitem") {
        if text(&item, "invoice") == id {
            item["invoice"] = Value::Null;
            world.save(item);
        }
    }
    Ok(world.delete(&invoice, Some("invoice.deleted")))
}

/// Puts an invoice item onto a draft at once; answers the item.
pub fn add_line(world: &mut World, id: &str, item: &Value) -> Answer {
    let mut invoice = world.fetch("invoice", id).map_err(|error| error.in_param("invoice"))?;
    if text(&invoice, "status") != "draft" {
        return Err(not_editable());
    }
    let mut item = item.clone();
    item["invoice"] = json!(id);
    world.save(item.clone());
    let line = pending::line(world, &item);
    let rates = if line.rates.is_empty() { crate::json::array(&invoice, "default_tax_rates").to_vec() } else { line.rates };
    let mut value = line.value;
    value["id"] = json!(world.new_id("il"));
    value["invoice"] = json!(id);
    value["taxes"] = tax_rates::taxes(number(&value, "amount"), &rates, text(&invoice, "customer_tax_exempt"));
    data_mut(&mut invoice, "lines").push(value);
    drafting::total_up(world, &mut invoice);
    world.update(invoice, "invoice.updated");
    Ok(item)
}

/// Takes an invoice item's line off a draft.
pub fn remove_line(world: &mut World, id: &str, item: &str) -> Result<(), ApiError> {
    let mut invoice = world.fetch("invoice", id)?;
    if text(&invoice, "status") != "draft" {
        return Err(not_editable());
    }
    let names = |line: &Value, details: &str| line["parent"][details]["invoice_item"].as_str() == Some(item);
    data_mut(&mut invoice, "lines")
        .retain(|line| !names(line, "invoice_item_details") && !names(line, "subscription_item_details"));
    drafting::total_up(world, &mut invoice);
    world.update(invoice, "invoice.updated");
    Ok(())
}

fn not_editable() -> ApiError {
    ApiError::refused("invoice_not_editable", "This invoice is no longer editable")
}
