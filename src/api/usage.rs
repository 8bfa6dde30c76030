//! `POST /api/v1/usage`: what the product reports of metered use.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::{Time, json};
use crate::access::key::KeyPermit;
use crate::access::{OrgConn, count_in, rights};
use crate::billing::actions::usage::{self, Reported};
use crate::billing::queries::usage::NewReport;
use crate::db::{Db, Scope};
use crate::error::{AppError, Result};
use crate::members::queries as members;
use crate::web::json::invalid;
use crate::web::{Console, Json};
use crate::{keys, organizations, secret};

type ReportPermit = KeyPermit<rights::VerifyKeys>;

/// Most units of one report.
const MOST: i64 = 1_000_000_000;
/// Longest name of a report.
const LONGEST_NAME: usize = 255;

/// Use of a metered item.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UsageReport {
    /// The key of the item.
    item: String,
    /// How much was used.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    quantity: i64,
    /// What you call this report, which counts once: under the same name for the same item it is not counted again within 60 days.
    /// The same name for another item is another report.
    #[schema(min_length = 1, max_length = 255, pattern = r"^[^\x00]*$")]
    idempotency_key: String,
    /// The slug of the organization that used it, where the key is one of the operator's own.
    #[schema(pattern = r"^[^\x00]*$")]
    organization: Option<String>,
    /// The id of the key that it was used by.
    key: Option<Uuid>,
    /// Who used it: the id of the member or of their account, or their address.
    #[schema(pattern = r"^[^\x00]*$")]
    user: Option<String>,
}

/// The month in which the use is counted.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageMonth {
    starts_at: Time,
    ends_at: Time,
}

/// What became of a report.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageCounted {
    item: String,
    /// False where it was counted before.
    counted: bool,
    /// Use of the item in this month, this report included.
    used: i64,
    /// How many of it a month the organization's plan includes.
    included: i64,
    month: UsageMonth,
}

/// Report use
///
/// For the product's backend: how much of a metered item was used. What goes beyond the included amount is invoiced when the month
/// is over. The organization is that of the key; keys of the operator's own organization may name another one.
#[utoipa::path(post, path = "/api/v1/usage", tag = "Usage", operation_id = "report_usage", request_body = UsageReport,
    security(("key" = ["keys.verify"])), responses((status = 200, body = UsageCounted, description = "It is counted, now or before.")))]
pub async fn report(permit: ReportPermit, console: web::Data<Console>, body: Json) -> Result<HttpResponse> {
    let (report, once) = body.open::<UsageReport>()?;
    report.check(&console.db)?;
    let (organization_id, plan) = whose(&permit, &console, report.organization.as_deref()).await?;
    if let Some(once) = once {
        permit.note_once(once, None).await?;
    }
    let Reported { counted, starts_at, ends_at, .. } = counted_for(&console.db, organization_id, &report).await?;
    json(&UsageCounted {
        counted: counted.is_new,
        used: counted.used,
        included: console.db.plans().of(&plan).included(&report.item),
        month: UsageMonth { starts_at: starts_at.into(), ends_at: ends_at.into() },
        item: report.item,
    })
}

/// Counts a report, and warns where a limit comes near.
async fn counted_for(db: &Db, organization_id: Uuid, report: &UsageReport) -> Result<Reported> {
    let wanted = report.clone();
    let reported = count_in(db, organization_id, move |org| {
        let new = wanted.new_report(org)?;
        usage::report(org, &new)
    });
    let reported = reported.await?;
    if reported.is_warning_due
        && let Err(error) = usage::warn(db, organization_id).await
    {
        // It is counted, and the next report finds the warning still due.
        tracing::warn!(%organization_id, %error, "nobody could be warned that a spending limit comes near");
    }
    if reported.counted.quantity != report.quantity {
        let words = "Another quantity was reported under this idempotency_key before. Give each report a name of its own.";
        return Err(AppError::Conflict(words.to_owned()));
    }
    Ok(reported)
}

/// Id and plan of the organization that used it: that of the key, or the one that the operator's key names.
async fn whose(permit: &ReportPermit, console: &Console, named: Option<&str>) -> Result<(Uuid, String)> {
    let own = &permit.key.organization;
    let Some(slug) = named.filter(|slug| *slug != own.slug) else { return Ok((own.id, own.plan.clone())) };
    if console.config.operator_organization.as_deref() != Some(own.slug.as_str()) {
        return Err(invalid("organization", "This key reports for its own organization only. Leave it out."));
    }
    let slug = slug.to_owned();
    let found = console.db.read(Scope::Nobody, move |connection| organizations::queries::id_and_plan(connection, &slug)).await?;
    found.ok_or_else(|| invalid("organization", "There is no organization of that slug."))
}

impl UsageReport {
    fn check(&self, db: &Db) -> Result<()> {
        if db.plans().item(&self.item).is_none() {
            let known: Vec<&str> = db.plans().items.iter().map(|item| item.key.as_str()).collect();
            return Err(invalid("item", &format!("There is no such item. The plans have: {}.", known.join(", "))));
        }
        if !(1..=MOST).contains(&self.quantity) {
            return Err(invalid("quantity", "Send a whole number from 1 to 1,000,000,000."));
        }
        if self.idempotency_key.is_empty() || self.idempotency_key.chars().count() > LONGEST_NAME {
            return Err(invalid("idempotency_key", "Send 1 to 255 characters."));
        }
        Ok(())
    }

    /// The report with the ids of who used it.
    fn new_report(&self, org: &mut OrgConn<'_>) -> Result<NewReport> {
        let key_id = match self.key {
            Some(id) => match keys::queries::by_id(org, id) {
                Err(AppError::NotFound) => return Err(invalid("key", "The organization has no key of that id.")),
                key => key?.id,
            },
            None => Uuid::nil(),
        };
        let member_id = match &self.user {
            Some(user) => {
                members::of_user(org, user)?
                    .ok_or_else(|| invalid("user", "Nobody in the organization has that id or address."))?
                    .id
            }
            None => Uuid::nil(),
        };
        Ok(NewReport {
            item: self.item.clone(),
            quantity: self.quantity,
            idempotency_hash: secret::hash(self.idempotency_key.as_bytes()),
            key_id,
            member_id,
        })
    }
}
