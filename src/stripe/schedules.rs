//! Schedules: what a subscription becomes at the end of its period. A schedule repeats the phase that the subscription is in,
//! adds one more, and then lets the subscription go on by itself. How many, VAT and how it is paid are those of the
//! subscription, as the caller has it: what the schedule copied of them earlier is not repeated.

use super::client::{Stripe, key_of_step};
use super::error::{Answer, StripeError};
use super::inputs::NextItem;
use super::objects::{Schedule, SchedulePhase, Subscription};
use super::params::Params;
use crate::clock::Moment;

const PATH: &str = "subscription_schedules";

impl Stripe {
    /// Lets a subscription go on with other items when its current period ends. The new phase lasts one interval of their
    /// prices; nothing is prorated. What was scheduled before is replaced.
    pub async fn schedule_next_items(
        &self,
        subscription: &Subscription,
        next: &[NextItem],
        tax_rates: &[String],
        key: &str,
    ) -> Answer<()> {
        let schedule = self.schedule_of(subscription, key).await?;
        let missing = |what: &str| StripeError::Malformed(format!("a schedule without {what}"));
        let current = schedule.current().ok_or_else(|| missing("a current phase"))?;
        let ends = subscription.items.iter().map(|item| item.period_ends_at).max().ok_or_else(|| missing("items"))?;
        let params = with_current(Params::new(), current, (subscription, ends), tax_rates);
        let params = with_next(params, next, tax_rates).with("end_behavior", "release").with("proration_behavior", "none");
        let params = with_settings(params, &schedule, subscription);
        self.post(&[PATH, &schedule.id], &params, &key_of_step(key, "phases")).await
    }

    /// The schedule of a subscription as long as it is active, else a new one of a phase for the current period.
    async fn schedule_of(&self, subscription: &Subscription, key: &str) -> Answer<Schedule> {
        if let Some(id) = &subscription.schedule {
            let found: Schedule = self.get(&[PATH, id], &Params::new()).await?;
            if found.status == "active" {
                return Ok(found);
            }
        }
        let from = Params::new().with("from_subscription", &subscription.id);
        self.post(&[PATH], &from, &key_of_step(key, "schedule")).await
    }

    /// Lets a subscription go on as it is. A schedule that is over already is fine.
    pub async fn release_schedule(&self, schedule: &str, key: &str) -> Answer<()> {
        match self.post(&[PATH, schedule, "release"], &Params::new(), key).await {
            Err(StripeError::Missing) => Ok(()),
            // Stripe gives no code for a schedule that is over, so its state has to tell.
            Err(error @ StripeError::Refused { .. }) => {
                let found: Schedule = self.get(&[PATH, schedule], &Params::new()).await?;
                let is_over = ["released", "completed", "canceled"].contains(&found.status.as_str());
                if is_over { Ok(()) } else { Err(error) }
            }
            outcome => outcome,
        }
    }
}

/// Repeats the current phase up to its new end, as Stripe drops what an update does not repeat.
fn with_current(
    mut params: Params,
    phase: &SchedulePhase,
    (subscription, ends): (&Subscription, Moment),
    tax_rates: &[String],
) -> Params {
    // Those of the subscription: the phase does not tell of an item that was paid at the bank since.
    for (position, item) in subscription.items.iter().enumerate() {
        let item_name = format!("phases[0][items][{position}]");
        params =
            params.with(&format!("{item_name}[price]"), &item.price.id).with(&format!("{item_name}[quantity]"), item.quantity);
        params = with_rates(params, &format!("{item_name}[tax_rates]"), &item.tax_rates);
    }
    let params = params
        .with_moment("phases[0][start_date]", Some(phase.starts_at))
        .with_moment("phases[0][end_date]", Some(ends))
        .with_moment("phases[0][trial_end]", phase.trial_ends_at)
        .with_some("phases[0][default_payment_method]", subscription.default_payment_method.as_ref())
        .with("phases[0][proration_behavior]", "none")
        .with_map("phases[0][metadata]", &phase.metadata);
    with_rates(params, "phases[0][default_tax_rates]", tax_rates)
}

/// Phases are paid by these settings where they do not say how themselves.
fn with_settings(params: Params, schedule: &Schedule, subscription: &Subscription) -> Params {
    let (collection, method) = (&subscription.collection_method, subscription.default_payment_method.as_deref());
    let is_other = schedule.default_payment_method.is_some() && schedule.default_payment_method.as_deref() != method;
    params
        .with_some("default_settings[collection_method]", Some(collection).filter(|one| **one != schedule.collection_method))
        .with_some("default_settings[default_payment_method]", is_other.then(|| method.unwrap_or_default()))
}

fn with_next(mut params: Params, next: &[NextItem], tax_rates: &[String]) -> Params {
    for (position, item) in next.iter().enumerate() {
        params = params
            .with(&format!("phases[1][items][{position}][price]"), &item.price)
            .with(&format!("phases[1][items][{position}][quantity]"), item.quantity);
    }
    let params = params.with("phases[1][iterations]", 1).with("phases[1][proration_behavior]", "none");
    with_rates(params, "phases[1][default_tax_rates]", tax_rates)
}

fn with_rates(params: Params, name: &str, rates: &[String]) -> Params {
    if rates.is_empty() { params } else { params.with_list(name, rates) }
}
