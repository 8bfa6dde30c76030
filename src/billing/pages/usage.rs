//! `/o/{slug}/billing/usage`: metered use by day, by key and by member.

use std::collections::HashMap;

use actix_web::HttpResponse;
use askama::Template;
use chrono::{Days, NaiveDate, TimeDelta};

use super::super::account::Billing;
use super::super::queries;
use super::super::queries::settled::{self, InvoicedUse};
use super::super::queries::usage_days::{DayRow, UserRow, days_and_users};
use super::super::usage::{is_priced, month_of};
use super::limit::{LimitForm, amount_field};
use super::plans::currencies;
use super::usage_before;
use super::usage_summary::{Summary, summaries};
use super::usage_users::{UserView, both, user};
use crate::access::policy::Permission;
use crate::access::{Permit, Right, rights};
use crate::clock::Moment;
use crate::config::{Item, Plan};
use crate::error::Result;
use crate::money::Currency;
use crate::web::forms::{FormErrors, retyped};
use crate::web::frame::Frame;
use crate::web::page;
use crate::web::words::{day, grouped};

type ViewPermit = Permit<rights::ViewBilling>;

/// Keys and members of an item that are listed.
const MOST_USERS: i64 = 10;

#[derive(Template)]
#[template(path = "billing/usage.html")]
pub(super) struct UsagePage {
    frame: Frame,
    month: String,
    items: Vec<ItemView>,
    may_manage: bool,
    errors: FormErrors,
    /// Of the limits; empty where nothing has a price.
    currency: String,
    action: String,
    back: String,
}

struct ItemView {
    key: String,
    summary: Summary,
    /// What days and users show that does not count; mostly empty.
    before: String,
    /// The limit as it is typed; empty without one.
    limit: String,
    stops: bool,
    /// Id of its field.
    field: String,
    help: String,
    days: Vec<Bar>,
    /// Of the day with the most, for the height of the chart.
    most: String,
    users: Vec<UserView>,
    /// What stands with a key and with a member; mostly empty.
    both: String,
}

/// A day of the chart, whose height is 100 where most was used.
struct Bar {
    x: usize,
    y: i64,
    height: i64,
    label: String,
    quantity: String,
}

/// `GET /o/{slug}/billing/usage`
pub async fn show(mut permit: ViewPermit) -> Result<HttpResponse> {
    let read = read(&mut permit).await?;
    page(&usage_page(&permit, &read, None))
}

/// Use by day and by whom.
pub(super) struct Used {
    days: Vec<DayRow>,
    users: Vec<UserRow>,
    /// What is charged of the use before counting began.
    invoiced: Vec<InvoicedUse>,
}

/// What the page shows, and all else about billing.
pub(super) type Read = (Used, Billing);

pub(super) async fn read<P: Right>(permit: &mut Permit<P>) -> Result<Read> {
    let read = permit.read(|org| {
        let billing = queries::billing(org)?;
        let from = month_of(billing.running(), org.now()).0.date_naive();
        let (days, users) = days_and_users(org, from, MOST_USERS)?;
        let moments: Vec<Moment> = usage_before::all(&billing, &days, org.now()).iter().map(|before| before.at).collect();
        let invoiced = settled::invoiced_use(org, &moments)?;
        Ok((Used { days, users, invoiced }, billing))
    });
    read.await
}

/// `again` is what was typed for an item, and what is wrong about it.
pub(super) fn usage_page<P: Right>(
    permit: &Permit<P>,
    (used, billing): &Read,
    again: Option<(&str, &LimitForm, FormErrors)>,
) -> UsagePage {
    let month = month_of(billing.running(), permit.db().now());
    let plans = permit.db().plans().clone();
    let view = |(item, summary)| item_view(permit, item, summary, used, (billing, month));
    let mut items: Vec<ItemView> = plans.items.iter().zip(summaries(permit, billing)).map(view).collect();
    if let Some((key, form, _)) = &again
        && let Some(item) = items.iter_mut().find(|item| item.key == *key)
    {
        item.limit = retyped(&form.amount);
        item.stops = !form.stops.is_empty();
    }
    UsagePage {
        items,
        errors: again.map(|(_, _, errors)| errors).unwrap_or_default(),
        month: format!("{} – {}", day(month.0), day(last_of(month))),
        may_manage: permit.standing.permissions.contains(Permission::BillingManage),
        currency: currency(permit, billing).map(|currency| currency.code().to_owned()).unwrap_or_default(),
        action: permit.path_to("billing/usage"),
        frame: permit.frame(),
        back: permit.path_to("billing"),
    }
}

/// That of their invoices, or the first in which anything is priced.
pub(super) fn currency<P: Right>(permit: &Permit<P>, billing: &Billing) -> Option<Currency> {
    currencies(permit, billing).into_iter().next()
}

fn item_view<P: Right>(
    permit: &Permit<P>,
    item: &Item,
    summary: Summary,
    used: &Used,
    (billing, month): (&Billing, (Moment, Moment)),
) -> ItemView {
    let of_item: Vec<&DayRow> = used.days.iter().filter(|row| row.item == item.key).collect();
    let limit = billing.limit(&item.key).and_then(|limit| Some((limit, Currency::from_code(&limit.currency)?)));
    ItemView {
        key: item.key.clone(),
        summary,
        before: usage_before::words(item, (billing, &used.days), &used.invoiced, permit.db().now()),
        limit: limit.map(|(limit, currency)| currency.typed(limit.amount)).unwrap_or_default(),
        stops: limit.is_some_and(|(limit, _)| limit.stops),
        field: amount_field(item),
        help: help(item, permit.db().plans().of(&permit.organization.plan), currency(permit, billing)),
        most: grouped(of_item.iter().map(|row| row.quantity).max().unwrap_or_default()),
        days: bars(&of_item, (month.0.date_naive(), last_of(month).date_naive())),
        users: used.users.iter().filter(|row| row.item == item.key).filter_map(|row| user(permit, row)).collect(),
        both: both(used.users.iter().filter(|row| row.item == item.key)),
    }
}

/// What can be typed as a limit, and when somebody is told: nothing has no parts.
fn help(item: &Item, plan: &Plan, currency: Option<Currency>) -> String {
    let includes = plan.included(&item.key) > 0;
    let words = match currency.filter(|_| is_priced(plan, item, currency)).map(Currency::code) {
        Some(code) if includes => {
            format!("Beyond what is included, in {code} without VAT. You are told at 50, 80 and 100 %.")
        }
        Some(code) => format!("In {code} without VAT. You are told at 50, 80 and 100 %; with 0, at the first use."),
        None if includes => "Use beyond what is included costs nothing on your plan. Enter 0, and you are told at 50, 80 and 100 % of what is included.".to_owned(),
        None => "Nothing is included in your plan, and use costs nothing. Enter 0, and you are told at the first use.".to_owned(),
    };
    format!("{words} Left empty there is no limit.")
}

/// A moment of the last day of a month: one that ends at midnight has nothing of the next day.
fn last_of((_, ends_at): (Moment, Moment)) -> Moment {
    ends_at - TimeDelta::microseconds(1)
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
