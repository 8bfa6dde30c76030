//! A look at everything that Stripe has about an organization: what differs is sent or written down.

use std::sync::Arc;

use super::super::notices;
use super::super::queries::{self, stripe as rows};
use super::super::refusal::Outcome;
use super::apply;
use super::drift::{self, Facts};
use super::push::push;
use super::snapshot::{self, Snapshot};
use super::talk::{Acting, Talk};
use crate::access::OrgTx;
use crate::audit::BillingEvent;
use crate::error::{AppError, Result};
use crate::stripe::Stripe;

/// How often something that was sent is looked at again: what one look finds and sends, the next one sees.
const LOOKS: usize = 3;

/// Compares everything and says what was different, in words; empty where nothing was.
///
/// # Errors
/// `Busy`, or `Away` where Stripe cannot be asked, which is noted.
pub async fn check(acting: &Acting, stripe: &Stripe) -> Outcome<Vec<String>> {
    Talk::hold(acting, stripe, async |talk| {
        let is_news = talk.acting.read(rows::has_news).await?;
        let events = look(talk).await?;
        let words: Vec<String> = events.iter().map(BillingEvent::sentence).collect();
        // What an event announced is no drift.
        if !words.is_empty() && !is_news {
            let repaired = words.clone();
            talk.acting.write(move |tx| rows::note_repaired(tx, &repaired)).await?;
        }
        Ok(words)
    })
    .await
}

/// Looks, sends what differs, and writes down what is there. Returns what was new.
pub(super) async fn look(talk: &Talk) -> Outcome<Vec<BillingEvent>> {
    let plans = Arc::clone(talk.acting.db().plans());
    let mut found: Option<Facts> = None;
    for round in 1..=LOOKS {
        let billing = talk.billing().await?;
        let Some(customer) = billing.stripe.customer.clone() else { return Ok(Vec::new()) };
        let ticket = talk.acting.write(|tx| rows::next_ticket(tx)).await?;
        let known = billing.subscription.as_ref().and_then(|subscription| subscription.stripe_id.clone());
        let snapshot = snapshot::take(&talk.stripe, &customer, known.as_deref(), &plans).await?;
        let facts = drift::facts(&snapshot);
        let found = found.get_or_insert_with(|| facts.clone());
        if round < LOOKS && !snapshot.customer.deleted && push(talk, &snapshot, &billing).await? {
            continue;
        }
        let set_back = drift::set_back(&billing.stripe.left_there, found, &facts);
        return write_down(talk, snapshot, ticket, (facts, set_back)).await;
    }
    Ok(Vec::new())
}

async fn write_down(
    talk: &Talk,
    snapshot: Snapshot,
    ticket: i64,
    (facts, set_back): (Facts, Vec<String>),
) -> Outcome<Vec<BillingEvent>> {
    let snapshot = Arc::new(snapshot);
    let written = talk.acting.write(move |tx| {
        if !rows::apply_ticket(tx, ticket)? {
            return Ok(Vec::new());
        }
        let billing = queries::billing(tx)?;
        let mut events = apply::apply(tx, &billing, &snapshot)?;
        events.extend(tell_set_back(tx, &set_back)?);
        rows::save_seen(tx, &facts, &snapshot.others)?;
        Ok::<_, AppError>(events)
    });
    let events = written.await?;
    talk.note_look();
    Ok(events)
}

fn tell_set_back(tx: &mut OrgTx<'_>, what: &[String]) -> Result<Option<BillingEvent>> {
    let event = (!what.is_empty()).then(|| BillingEvent::BillingSetBack { what: what.to_vec() });
    event.iter().try_for_each(|event| notices::changed(tx, event.clone()))?;
    Ok(event)
}
