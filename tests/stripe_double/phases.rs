//! A phase of a subscription schedule: the subscription's items and terms for a time. It is taken from the subscription when the
//! schedule is made, read from a request when the schedule is changed, and becomes the subscription's state when it begins. What a
//! phase does not name, the subscription keeps as it is.

use crate::calendar::Interval;
use crate::catalog::usable_price;
use crate::error::ApiError;
use crate::fields;
use crate::json::{array, data, number, text};
use crate::params::Params;
use crate::payment_methods;
use crate::shapes;
use crate::subscriptions::{periods, terms, update as change_subscription};
use crate::tax_rates;
use crate::world::World;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const KIND: &str = "subscription_schedule";

/// The parameters of phases, for [`crate::allowed::check`].
pub const KNOWN: &str = "phases[][items][][price] phases[][items][][quantity] phases[][items][][tax_rates][] phases[][start_date] \
    phases[][end_date] phases[][iterations] phases[][duration][interval] phases[][duration][interval_count] \
    phases[][proration_behavior] phases[][default_payment_method] phases[][default_tax_rates][] phases[][trial_end] \
    phases[][metadata]*";

/// The phases of a request.
#[derive(Default)]
pub struct Sent {
    /// The phases as the schedule shows them, in order.
    pub phases: Vec<Value>,
    /// The places (see [`World::emptied`]) whose tax rates were sent as an empty text: a phase shows `[]` for these and for tax rates
    /// that it does not name, but only these take the subscription's rates away.
    pub emptied: BTreeSet<String>,
}

/// The phase of a subscription as it is, for its current period. A trial that is over is not part of it.
pub fn of_subscription(subscription: &Value) -> Value {
    let (start, end) = periods::period_of(subscription);
    let trialing = text(subscription, "status") == "trialing";
    let items = data(subscription, "items").iter();
    let items: Value = items.map(|item| phase_item(&item["price"]["id"], &item["quantity"], &item["tax_rates"])).collect();
    let given = json!({
        "items": items, "start_date": start, "end_date": end, "currency": subscription["currency"],
        "proration_behavior": "create_prorations", "default_tax_rates": subscription["default_tax_rates"],
        "default_payment_method": subscription["default_payment_method"],
        "trial_end": if trialing { subscription["trial_end"].clone() } else { Value::Null },
    });
    shapes::fill_part(KIND, "/phases/0", given)
}

fn phase_item(price: &Value, quantity: &Value, rates: &Value) -> Value {
    shapes::fill_part(KIND, "/phases/0/items/0", json!({ "price": price, "quantity": quantity, "tax_rates": rates }))
}

/// Reads `phases[…]`. The first begins where the schedule does, each further one where the one before it ends.
pub fn read(world: &World, schedule: &Value, params: &Params) -> Result<Sent, ApiError> {
    let mut start = number(&array(schedule, "phases")[0], "start_date");
    let mut sent = Sent::default();
    for (position, phase) in params.elements("phases").iter().enumerate() {
        let reading = Reading { world, schedule, sent: phase, name: format!("phases[{position}]") };
        let made = reading.phase(start, &mut sent.emptied)?;
        start = number(&made, "end_date");
        sent.phases.push(made);
    }
    Ok(sent)
}

/// One phase of a request on its way to becoming a phase of the schedule.
struct Reading<'a> {
    world: &'a World,
    schedule: &'a Value,
    sent: &'a Params,
    /// `phases[0]`, for errors.
    name: String,
}

impl Reading<'_> {
    fn phase(&self, usual_start: i64, emptied: &mut BTreeSet<String>) -> Result<Value, ApiError> {
        let start = self.sent.integer("start_date").ok().flatten().unwrap_or(usual_start);
        let place = place_of(text(self.schedule, "id"), start);
        let (items, prices) = self.items(&place, emptied)?;
        let first = prices
            .first()
            .ok_or_else(|| ApiError::parameter("parameter_missing", "phases[items]", "Missing items".to_owned()))?;
        let end = phase_end(self.sent, start, &periods::interval_of(&prices))?;
        if end <= start {
            return Err(ApiError::invalid("A phase has to end after it starts.").with("param", json!("phases[end_date]")));
        }
        let given = json!({
            "items": items, "start_date": start, "end_date": end, "currency": first["price"]["currency"],
            "proration_behavior": terms::proration_behavior(self.sent)?, "trial_end": self.trial_end((start, end))?,
            "default_tax_rates": self.rates(self.sent, "default_tax_rates", &self.name, place, emptied)?,
            "default_payment_method": self.payment_method()?,
        });
        let mut phase = shapes::fill_part(KIND, "/phases/0", given);
        fields::metadata(self.sent, &mut phase);
        Ok(phase)
    }

    /// The items as the phase shows them, and their prices in the form of a subscription's items.
    fn items(&self, place: &str, emptied: &mut BTreeSet<String>) -> Result<(Vec<Value>, Vec<Value>), ApiError> {
        let (mut items, mut prices) = (vec![], vec![]);
        for (position, item) in self.sent.elements("items").iter().enumerate() {
            let price = usable_price(self.world, &item.required("price")?, "phases[items][price]")?;
            let (name, place) = (format!("{}[items][{position}]", self.name), place_of_item(place, &price["id"]));
            let rates = self.rates(item, "tax_rates", &name, place, emptied)?;
            items.push(phase_item(&price["id"], &json!(item.integer("quantity")?.unwrap_or(1)), &json!(rates)));
            prices.push(json!({ "price": price }));
        }
        Ok((items, prices))
    }

    fn rates(
        &self,
        sent: &Params,
        parameter: &str,
        name: &str,
        place: String,
        emptied: &mut BTreeSet<String>,
    ) -> Result<Vec<Value>, ApiError> {
        let rates =
            tax_rates::named(self.world, sent, parameter).map_err(|error| error.in_param(&format!("{name}[{parameter}]")))?;
        if rates.as_ref().is_some_and(Vec::is_empty) {
            emptied.insert(place);
        }
        Ok(rates.unwrap_or_default())
    }

    /// `trial_end` may lie in the past of a phase that has begun, so that a client can repeat a phase as it reads it.
    fn trial_end(&self, phase: (i64, i64)) -> Result<Option<i64>, ApiError> {
        let end = match self.not_empty("trial_end")?.as_deref() {
            None => return Ok(None),
            Some("now") => Some(self.world.now),
            Some(_) => self.sent.integer("trial_end")?,
        };
        if end.is_none_or(|end| (phase.0..=phase.1).contains(&end)) {
            return Ok(end);
        }
        let message = "The trial of a phase has to end within the phase.";
        Err(ApiError::invalid(message).with("param", json!(format!("{}[trial_end]", self.name))))
    }

    fn payment_method(&self) -> Result<Option<String>, ApiError> {
        let Some(method) = self.not_empty("default_payment_method")? else { return Ok(None) };
        let name = format!("{}[default_payment_method]", self.name);
        payment_methods::owned(self.world, &method, text(self.schedule, "customer"), &name)?;
        Ok(Some(method))
    }

    /// A parameter that Stripe does not let a client unset by an empty text.
    fn not_empty(&self, parameter: &str) -> Result<Option<String>, ApiError> {
        let sent = self.sent.text(parameter)?;
        if sent.as_deref() != Some("") {
            return Ok(sent);
        }
        let name = format!("{}[{parameter}]", self.name);
        let message = format!("You passed an empty string for '{name}', but '{parameter}' cannot be unset.");
        Err(ApiError::parameter("parameter_invalid_empty", &name, message))
    }
}

fn phase_end(sent: &Params, start: i64, usual: &Interval) -> Result<i64, ApiError> {
    if let Some(end) = sent.integer("end_date")? {
        return Ok(end);
    }
    let count = sent.integer("duration.interval_count")?.unwrap_or(1);
    let length = match sent.given("duration.interval")? {
        Some(unit) => Interval { unit, count },
        None => Interval { unit: usual.unit.clone(), count: usual.count * sent.integer("iterations")?.unwrap_or(1) },
    };
    Ok(length.next(start, start))
}

/// Changes the subscription to what a phase of its schedule names, as `POST /v1/subscriptions/{id}` does.
pub fn enter(world: &mut World, schedule: &str, subscription: &str, phase: &Value) -> Result<(), ApiError> {
    let now = world.own("subscription", subscription);
    let place = place_of(schedule, number(phase, "start_date"));
    let mut sent = json!({ "items": item_edits(world, &now, phase, &place), "proration_behavior": phase["proration_behavior"] });
    if let Some(rates) = rates_to_send(world, &phase["default_tax_rates"], &place) {
        sent["default_tax_rates"] = rates;
    }
    match phase["trial_end"].as_i64() {
        Some(end) if end > world.now => sent["trial_end"] = json!(end.to_string()),
        Some(_) if text(&now, "status") == "trialing" => sent["trial_end"] = json!("now"),
        _ => {}
    }
    let settings = world.own(KIND, schedule)["default_settings"].clone();
    sent["collection_method"] = settings["collection_method"].clone();
    if let Some(days) = settings["invoice_settings"]["days_until_due"].as_i64() {
        sent["days_until_due"] = json!(days.to_string());
    }
    // A card that was detached meanwhile does not keep the rest of the phase from happening.
    let method = phase["default_payment_method"].as_str().or_else(|| settings["default_payment_method"].as_str());
    let method = method.filter(|method| payment_methods::owned(world, method, text(&now, "customer"), "").is_ok());
    if let Some(method) = method {
        sent["default_payment_method"] = json!(method);
    }
    change_subscription::update(world, subscription, &Params::from_tree(sent)).map(drop)
}

/// What `items` of a subscription's update has to be, so that its items are those of a phase.
fn item_edits(world: &World, now: &Value, phase: &Value, place: &str) -> Vec<Value> {
    let (items, wanted) = (data(now, "items"), array(phase, "items"));
    let gone = items.iter().filter(|item| !wanted.iter().any(|other| other["price"] == item["price"]["id"]));
    let mut edits: Vec<Value> = gone.map(|item| json!({ "id": item["id"], "deleted": "true" })).collect();
    for other in wanted {
        let kept = items.iter().find(|item| item["price"]["id"] == other["price"]);
        let mut edit = match kept {
            Some(item) => json!({ "id": item["id"], "quantity": other["quantity"].to_string() }),
            None => json!({ "price": other["price"], "quantity": other["quantity"].to_string() }),
        };
        if let Some(rates) = rates_to_send(world, &other["tax_rates"], &place_of_item(place, &other["price"])) {
            edit["tax_rates"] = rates;
        }
        edits.push(edit);
    }
    edits
}

/// The ids of tax rates; `None` if the phase does not name any and so leaves them as they are.
fn rates_to_send(world: &World, rates: &Value, place: &str) -> Option<Value> {
    let ids: Vec<&Value> = rates.as_array()?.iter().map(|rate| &rate["id"]).collect();
    (!ids.is_empty() || world.emptied.contains(place)).then(|| json!(ids))
}

/// Where a phase's tax rates stand: a schedule has one phase for each beginning.
fn place_of(schedule: &str, start: i64) -> String {
    format!("{schedule}/{start}")
}

fn place_of_item(phase: &str, price: &Value) -> String {
    format!("{phase}/{}", price.as_str().unwrap_or_default())
}
