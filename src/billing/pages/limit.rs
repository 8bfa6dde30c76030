//! `/o/{slug}/billing/usage/{item}`: what is to be spent on a metered item a month at most.

use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::super::actions::usage;
use super::super::usage::{SpendingLimit, is_priced};
use super::usage::{currency, read, usage_page};
use crate::access::{Permit, rights};
use crate::config::{Item, Plan};
use crate::error::{AppError, Result};
use crate::money::Currency;
use crate::web::forms::{Form, FormErrors};
use crate::web::{flash, form_again, see_other};

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitForm {
    pub(super) amount: String,
    pub(super) stops: String,
}

/// Id of the field with the limit of an item: the page has one for each.
pub(super) fn amount_field(item: &Item) -> String {
    format!("amount-{}", item.key)
}

/// `POST /o/{slug}/billing/usage/{item}`
pub async fn save(mut permit: Permit<rights::ManageBilling>, request: HttpRequest, form: Form) -> Result<HttpResponse> {
    let plans = permit.db().plans().clone();
    let item = request.match_info().get("item").and_then(|key| plans.item(key)).ok_or(AppError::NotFound)?.clone();
    let form: LimitForm = form.open()?;
    let read = read(&mut permit).await?;
    let limit = match form.parse((&item, plans.of(&permit.organization.plan)), currency(&permit, &read.1)) {
        Ok(limit) => limit,
        Err(words) => {
            let errors = FormErrors::one(amount_field(&item), words);
            return form_again(&usage_page(&permit, &read, Some((&item.key, &form, errors))));
        }
    };
    let (wanted, name) = (limit.clone(), item.name.clone());
    permit.write(move |tx| usage::set_limit(tx, &item, wanted.as_ref())).await?;
    flash::tell(&permit.session, done(&name, limit.as_ref()))?;
    Ok(see_other(&permit.path_to("billing/usage")))
}

/// What is said once a limit is saved, or taken away.
fn done(name: &str, limit: Option<&SpendingLimit>) -> String {
    match limit.and_then(|limit| Some(Currency::from_code(&limit.currency)?.money(limit.amount))) {
        Some(_) if limit.is_some_and(|limit| limit.amount == 0) => {
            format!("Nothing is to be spent on {name} beyond what is included from now on.")
        }
        Some(amount) => format!("{name} is limited to {amount} a month from now on."),
        None => format!("{name} has no spending limit any more."),
    }
}

impl LimitForm {
    /// The limit; none where it is taken away.
    fn parse(
        &self,
        (item, plan): (&Item, &Plan),
        currency: Option<Currency>,
    ) -> std::result::Result<Option<SpendingLimit>, String> {
        if self.amount.trim().is_empty() {
            return if self.stops.is_empty() {
                Ok(None)
            } else {
                Err("Enter the amount at which it stops; 0 for nothing beyond what is included.".to_owned())
            };
        }
        let priced = is_priced(plan, item, currency);
        let currency = currency.ok_or("Nothing is priced here, so there is nothing to limit.")?;
        let amount = currency.parse(&self.amount).ok_or("Enter an amount such as 1250 or 1,250.00.")?;
        if amount > 0 && !priced {
            return Err(format!(
                "{} beyond what is included costs nothing on the plan {}, so this amount is never reached. Enter 0 for nothing beyond what is included, or leave it empty.",
                item.name, plan.name
            ));
        }
        let (item, currency) = (item.key.clone(), currency.code().to_owned());
        Ok(Some(SpendingLimit { item, amount, currency, stops: !self.stops.is_empty() }))
    }
}
