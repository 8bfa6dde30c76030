//! Subscriptions: begun (`create`), changed (`update`), continued (`renewal`), ended (`cancel`). Their items (`items`), terms
//! (`terms`), periods (`periods`), what a change within a period costs (`proration`), how they are billed at once (`billing`), and
//! changes that wait for their payment (`pending_updates`).

pub mod billing;
pub mod cancel;
pub mod create;
pub mod items;
pub mod pending_updates;
pub mod periods;
pub mod proration;
pub mod renewal;
pub mod terms;
pub mod update;

use crate::allowed::check;
use crate::error::Answer;
use crate::json::text;
use crate::lists;
use crate::params::Params;
use crate::world::World;

/// `GET /v1/subscriptions`: without `status` all that are not canceled, with `all` every one.
pub fn list(world: &World, params: &Params) -> Answer {
    check(params, &format!("{} customer price status collection_method", lists::PAGING))?;
    let mut found = lists::matching(world.all("subscription"), params, &["customer", "collection_method"])?;
    match params.given("status")?.as_deref() {
        None => found.retain(|one| text(one, "status") != "canceled"),
        Some("all") => {}
        Some("ended") => found.retain(cancel::ended),
        Some(status) => found.retain(|one| text(one, "status") == status),
    }
    if let Some(price) = params.given("price")? {
        found.retain(|one| crate::json::data(one, "items").iter().any(|item| text(&item["price"], "id") == price));
    }
    lists::page(found, params, "/v1/subscriptions")
}

/// `GET /v1/subscription_items?subscription=`
pub fn list_items(world: &World, params: &Params) -> Answer {
    check(params, &format!("{} subscription", lists::PAGING))?;
    let id = params.required("subscription")?;
    let subscription = world.fetch("subscription", &id).map_err(|error| error.in_param("subscription"))?;
    lists::page(crate::json::data(&subscription, "items").to_vec(), params, "/v1/subscription_items")
}
