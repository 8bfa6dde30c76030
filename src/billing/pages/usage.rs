//! `/o/{slug}/billing/usage`: metered use by day, by key and by member.

use std::collections::HashMap;

use actix_web::HttpResponse;
use askama::Template;
use chrono::{Days, NaiveDate};

use super::super::account::Billing;
use super::super::queries;
use super::super::queries::usage::{self as rows, DayRow, UserRow};
use super::super::usage::{Total, charge, month_of};
use crate::access::{Permit, rights};
use crate::clock::Moment;
use crate::config::{Item, Plan};
use crate::error::Result;
use crate::money::Currency;
use crate::web::frame::Frame;
use crate::web::page;
use crate::web::words::{day, grouped};

type ViewPermit = Permit<rights::ViewBilling>;

/// Keys and members of an item that are listed.
const MOST_USERS: i64 = 10;

#[derive(Template)]
#[template(path = "billing/usage.html")]
struct UsagePage {
    frame: Frame,
    month: String,
    items: Vec<ItemView>,
    back: String,
}

struct ItemView {
    summary: Summary,
    days: Vec<Bar>,
    /// Of the day with the most, for the height of the chart.
    most: String,
    users: Vec<UserView>,
}

/// A day of the chart, whose height is 100 where most was used.
struct Bar {
    x: usize,
    y: i64,
    height: i64,
    label: String,
    quantity: String,
}

struct UserView {
    kind: &'static str,
    name: String,
    href: String,
    quantity: String,
}

/// Use of an item against what is included.
pub(super) struct Summary {
    pub name: String,
    pub used: i64,
    pub included: i64,
    pub words: String,
    /// What is to be paid of it so far; empty where nothing is.
    pub cost: String,
    pub full: bool,
}

/// Use of each item in this month.
pub(super) fn summaries(permit: &ViewPermit, billing: &Billing) -> Vec<Summary> {
    let plans = permit.db().plans();
    let plan = plans.of(&permit.organization.plan);
    let paid = billing.running().filter(|current| !current.is_trial());
    let currency = paid.and_then(|current| Currency::from_code(&current.currency));
    let month = month_of(billing.running(), permit.db().now());
    plans.items.iter().map(|item| summary(item, plan, currency, &billing.usage, month)).collect()
}

fn summary(item: &Item, plan: &Plan, currency: Option<Currency>, usage: &[Total], month: (Moment, Moment)) -> Summary {
    let of_month = usage.iter().find(|total| total.item == item.key && total.starts_at == month.0);
    let (used, included) = (of_month.map_or(0, |total| total.quantity), plan.included(&item.key));
    let line = of_month.zip(currency).and_then(|(total, currency)| Some((charge(plan, item, currency, total)?, currency)));
    let price = currency.and_then(|currency| Some(currency.money(plan.price_of_use(&item.key, currency)?).to_string()));
    let beyond = price.map(|price| if item.per == 1 { price } else { format!("{price} for {}", grouped(item.per)) });
    Summary {
        name: item.name.clone(),
        used: used.min(included.max(1)),
        included: included.max(1),
        words: format!("{} of {} included", grouped(used), grouped(included)),
        cost: match (line, beyond) {
            (Some((line, currency)), _) => format!("{} beyond that so far, without VAT.", currency.money(line.amount)),
            (None, Some(price)) => format!("Beyond that {price}, without VAT."),
            (None, None) => String::new(),
        },
        full: used >= included,
    }
}

/// `GET /o/{slug}/billing/usage`
pub async fn show(mut permit: ViewPermit) -> Result<HttpResponse> {
    let read = permit.read(|org| {
        let billing = queries::billing(org)?;
        let from = month_of(billing.running(), org.now()).0.date_naive();
        Ok((rows::days_and_users(org, from, MOST_USERS)?, billing))
    });
    let ((days, users), billing) = read.await?;
    let (starts_at, ends_at) = month_of(billing.running(), permit.db().now());
    let plans = permit.db().plans().clone();
    let month = (starts_at.date_naive(), ends_at.date_naive());
    let items = plans.items.iter().zip(summaries(&permit, &billing));
    page(&UsagePage {
        items: items.map(|(item, summary)| item_view(&permit, item, summary, (&days, &users), month)).collect(),
        month: format!("{} – {}", day(starts_at), day(ends_at)),
        frame: permit.frame(),
        back: permit.path_to("billing"),
    })
}

fn item_view(
    permit: &ViewPermit,
    item: &Item,
    summary: Summary,
    (days, users): (&[DayRow], &[UserRow]),
    month: (NaiveDate, NaiveDate),
) -> ItemView {
    let of_item: Vec<&DayRow> = days.iter().filter(|row| row.item == item.key).collect();
    ItemView {
        summary,
        most: grouped(of_item.iter().map(|row| row.quantity).max().unwrap_or_default()),
        days: bars(&of_item, month),
        users: users.iter().filter(|row| row.item == item.key).map(|row| user(permit, row)).collect(),
    }
}

/// A bar for each day of a month, used or not.
fn bars(rows: &[&DayRow], (first, last): (NaiveDate, NaiveDate)) -> Vec<Bar> {
    let known: HashMap<NaiveDate, i64> = rows.iter().map(|row| (row.day, row.quantity)).collect();
    let most = known.values().copied().max().unwrap_or_default().max(1);
    let days = (0..=31).filter_map(|number| first.checked_add_days(Days::new(number))).take_while(|day| *day <= last);
    let bar = |(x, day): (usize, NaiveDate)| {
        let quantity = known.get(&day).copied().unwrap_or_default();
        let height = crate::money::share(100, quantity, most).max(i64::from(quantity > 0));
        Bar { x: x * 10, y: 100 - height, height, label: day.format("%-d %B").to_string(), quantity: grouped(quantity) }
    };
    days.enumerate().map(bar).collect()
}

fn user(permit: &ViewPermit, row: &UserRow) -> UserView {
    let (kind, section) = if row.is_key { ("Key", "keys") } else { ("Member", "members") };
    let is_there = !row.name.is_empty();
    UserView {
        kind,
        name: if is_there { row.name.clone() } else { "Somebody who has left".to_owned() },
        href: if is_there { permit.path_to(&format!("{section}/{}", row.id)) } else { String::new() },
        quantity: grouped(row.quantity),
    }
}
