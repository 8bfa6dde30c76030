//! A look at everything that Stripe has about an organization: what differs is sent or written down.

use std::sync::Arc;

use super::super::notices;
use super::super::queries::{self, stripe as rows};
use super::super::refusal::Outcome;
use super::apply;
use super::drift::{self, Facts};
use super::left_open::with_left_open;
use super::others::in_words;
use super::push::push;
use super::snapshot::{self, Snapshot};
use super::talk::{Acting, Talk};
use crate::audit::BillingEvent;
use crate::error::AppError;
use crate::stripe::Stripe;

/// How often something that was sent is looked at again: what one look finds and sends, the next one sees.
const LOOKS: usize = 3;

/// Whose deed it is what a look finds of the plan and its modules, the payment methods and the tax ids.
#[derive(Clone, Copy)]
enum Doer {
    /// Who talks, and has just changed it.
    Acting,
    /// Nobody here: who only asks to look has done nothing.
    Console,
}

/// Compares everything and says what was different, in words; empty where nothing was.
///
/// # Errors
/// `Busy`, or `Away` where Stripe cannot be asked, which is noted.
pub async fn check(acting: &Acting, stripe: &Stripe) -> Outcome<Vec<String>> {
    Talk::hold(acting, stripe, async |talk| {
        let is_news = talk.acting.read(rows::has_news).await?;
        let events = look_for(talk, Doer::Console).await?;
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

/// Looks, sends what differs, and writes down what is there: who talks has changed it. Returns what was new.
pub(super) async fn look(talk: &Talk) -> Outcome<Vec<BillingEvent>> {
    look_for(talk, Doer::Acting).await
}

async fn look_for(talk: &Talk, doer: Doer) -> Outcome<Vec<BillingEvent>> {
    let plans = Arc::clone(talk.acting.db().plans());
    let mut found: Option<Facts> = None;
    for round in 1..=LOOKS {
        let billing = talk.billing().await?;
        let Some(customer) = billing.stripe.customer.clone() else { return Ok(Vec::new()) };
        let ticket = talk.acting.write(|tx| rows::next_ticket(tx)).await?;
        let known = billing.subscription.as_ref().and_then(|subscription| subscription.stripe_id.clone());
        let snapshot = snapshot::take(&talk.stripe, &customer, known.as_deref(), &plans).await?;
        let snapshot = with_left_open(talk, snapshot).await?;
        let facts = drift::facts(&snapshot);
        let found = found.get_or_insert_with(|| facts.clone());
        if round < LOOKS && !snapshot.customer.deleted && push(talk, &snapshot, &billing).await? {
            continue;
        }
        let set_back = drift::set_back(&billing.stripe.left_there, found, &facts);
        return write_down(talk, snapshot, (ticket, doer), (facts, set_back)).await;
    }
    Ok(Vec::new())
}

async fn write_down(
    talk: &Talk,
    snapshot: Snapshot,
    (ticket, doer): (i64, Doer),
    (facts, set_back): (Facts, Vec<String>),
) -> Outcome<Vec<BillingEvent>> {
    let snapshot = Arc::new(snapshot);
    let written = talk.acting.write(move |tx| {
        if !rows::apply_ticket(tx, ticket)? {
            return Ok(Vec::new());
        }
        let billing = queries::billing(tx)?;
        let mut events = match doer {
            Doer::Acting => apply::apply(tx, &billing, &snapshot)?,
            Doer::Console => tx.by_console(|tx| apply::apply(tx, &billing, &snapshot))?,
        };
        let beside = beside(&set_back, &billing.stripe.other_subscriptions, &snapshot.others);
        tx.by_console(|tx| beside.iter().try_for_each(|event| notices::changed(tx, event.clone())))?;
        events.extend(beside);
        rows::save_seen(tx, &facts, &snapshot.others, &snapshot.first_invoices)?;
        Ok::<_, AppError>(events)
    });
    let events = written.await?;
    talk.note_look();
    Ok(events)
}

/// What was set back, and what else is charged at Stripe and was not before.
fn beside(set_back: &[String], known: &[String], others: &[String]) -> Vec<BillingEvent> {
    let new: Vec<String> = others.iter().filter(|other| !known.contains(other)).map(|other| in_words(other)).collect();
    let set_back = (!set_back.is_empty()).then(|| BillingEvent::BillingSetBack { what: set_back.to_vec() });
    let charged = (!new.is_empty()).then_some(BillingEvent::BillingOtherCharged { what: new });
    set_back.into_iter().chain(charged).collect()
}
