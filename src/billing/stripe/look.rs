//! A look at everything that Stripe has about an organization: what differs is sent or written down.

use std::sync::Arc;

use super::super::account::Billing;
use super::super::notices;
use super::super::queries::{self, stripe as rows};
use super::super::refusal::{Outcome, Refusal, refuse};
use super::apply;
use super::drift::{self, Facts};
use super::left_open::with_left_open;
use super::long_invoices::with_all_lines;
use super::others::{beside_invoices, in_words};
use super::preview::is_same;
use super::push::{leaves_terms, push};
use super::snapshot::{self, Snapshot};
use super::talk::{Acting, Talk};
use super::tax;
use super::terms::is_as_wished;
use crate::access::Organization;
use crate::audit::BillingEvent;
use crate::db::Db;
use crate::error::AppError;
use crate::stripe::Stripe;

/// How often something that was sent is looked at again: what one look finds and sends, the next one sees.
const LOOKS: usize = 3;

/// Whose deed it is what a look finds of the plan and its modules, the payment methods and the tax ids.
#[derive(Clone, Copy)]
enum Doer {
    /// Who talks, and has just changed it.
    Acting,
    /// Who talks has filled in Stripe's form for a payment method, and nothing else.
    Adding,
    /// Nobody here: who only asks to look has done nothing.
    Console,
}

impl Doer {
    /// Whether it is the deed of who talks.
    fn has_done(self, event: &BillingEvent) -> bool {
        match self {
            Doer::Acting => true,
            Doer::Adding => matches!(event, BillingEvent::PaymentMethodAdded { .. }),
            Doer::Console => false,
        }
    }
}

/// Compares everything and says what was different, in words; empty where nothing was.
///
/// # Errors
/// `Busy`, or `Away` where Stripe cannot be asked, which is noted.
pub async fn check(acting: &Acting, stripe: &Stripe) -> Outcome<Vec<String>> {
    Talk::hold(acting, stripe, async |talk| {
        let (is_news, at) = (talk.acting.read(rows::has_news).await?, talk.acting.db().now());
        let events = look_for(talk, Doer::Console).await?;
        // What an event announced, before or meanwhile, is no drift.
        let is_news = is_news || talk.acting.read(rows::has_news).await?;
        let repaired = events.iter().filter(|event| is_repair(event, is_news));
        let words: Vec<String> = repaired.map(BillingEvent::sentence).collect();
        if !words.is_empty() && !is_news {
            let repaired = words.clone();
            talk.acting.write(move |tx| rows::note_repaired(tx, &repaired, at)).await?;
        }
        Ok(words)
    })
    .await
}

/// Whether a look has put something right: set something back, or found what no event told of. That a card expires the console
/// finds out by itself.
fn is_repair(event: &BillingEvent, is_news: bool) -> bool {
    match event {
        BillingEvent::BillingSetBack { .. } => true,
        BillingEvent::PaymentMethodExpires { .. } => false,
        _ => !is_news,
    }
}

/// Looks where a subscription is not as it is to be, so that no price is calculated by what somebody set at Stripe by hand. Who
/// asks for the price waits no turn: whoever talks just then puts it right. Whether it was so.
///
/// # Errors
/// As `check`, and `Moved` where it is another one than it was.
pub async fn put_right(db: &Db, organization: &Organization, stripe: &Stripe, billing: &Billing) -> Outcome<bool> {
    let Some(current) = billing.running().filter(|current| current.is_at_stripe()) else { return Ok(false) };
    let plans = db.plans();
    let theirs = stripe.subscription(current.stripe_id.as_deref().unwrap_or_default()).await?;
    let rates = tax::rates(stripe, &billing.vat(&plans.issuer), billing).await?;
    let is_known = is_same(current, &theirs, plans);
    if is_known && is_as_wished(&theirs, billing, plans, (organization.active_members, db.now()), rates) {
        return Ok(false);
    }
    check(&Acting::Console(db.clone(), organization.id), stripe).await?;
    if is_known { Ok(true) } else { refuse(Refusal::Moved) }
}

/// Does something after a look: what became of the plan before is not the deed of who acts now, and what was set by hand at
/// Stripe is set back before anything is paid by it.
///
/// # Errors
/// `Busy`, `Away`, else what `work` answers.
pub(super) async fn deed<T>(acting: &Acting, stripe: &Stripe, work: impl AsyncFnOnce(&Talk) -> Outcome<T>) -> Outcome<T> {
    Talk::hold_after(acting, stripe, async |talk| look_for(talk, Doer::Console).await.map(drop), work).await
}

/// Looks when somebody comes back from Stripe's form for a payment method.
pub(super) async fn look_for_added(talk: &Talk) -> Outcome<()> {
    look_for(talk, Doer::Adding).await.map(drop)
}

/// Looks, sends what differs, and writes down what is there: who talks has changed it. Returns what was new.
pub(super) async fn look(talk: &Talk) -> Outcome<Vec<BillingEvent>> {
    look_for(talk, Doer::Acting).await
}

async fn look_for(talk: &Talk, doer: Doer) -> Outcome<Vec<BillingEvent>> {
    let (mut events, has_left) = look_once(talk, doer).await?;
    match doer {
        _ if !has_left => {}
        // What was left because of what is written down only now.
        Doer::Console => events.extend(look_once(talk, doer).await?.0),
        Doer::Acting | Doer::Adding => talk.ask_now().await?,
    }
    Ok(events)
}

/// Returns what was new, and whether something that was left can be sent from now on.
async fn look_once(talk: &Talk, doer: Doer) -> Outcome<(Vec<BillingEvent>, bool)> {
    let plans = Arc::clone(talk.acting.db().plans());
    let mut found: Option<Facts> = None;
    for round in 1..=LOOKS {
        let billing = talk.billing().await?;
        let Some(customer) = billing.stripe.customer.clone() else { break };
        let ticket = talk.acting.write(|tx| rows::next_ticket(tx)).await?;
        let known = billing.subscription.as_ref().and_then(|subscription| subscription.stripe_id.clone());
        let snapshot = snapshot::take(&talk.stripe, &customer, known.as_deref(), &plans).await?;
        let snapshot = with_left_open(talk, snapshot).await?;
        let facts = drift::facts(&snapshot);
        let found = found.get_or_insert_with(|| facts.clone());
        if round < LOOKS && !snapshot.customer.deleted && push(talk, &snapshot, &billing).await? {
            continue;
        }
        let snapshot = with_all_lines(talk, snapshot).await?;
        return write_down(talk, snapshot, (ticket, doer), (found.clone(), facts)).await;
    }
    Ok((Vec::new(), false))
}

async fn write_down(
    talk: &Talk,
    snapshot: Snapshot,
    (ticket, doer): (i64, Doer),
    (found, facts): (Facts, Facts),
) -> Outcome<(Vec<BillingEvent>, bool)> {
    let snapshot = Arc::new(snapshot);
    let written = talk.acting.write(move |tx| {
        if !rows::apply_ticket(tx, ticket)? {
            return Ok((Vec::new(), false));
        }
        let billing = queries::billing(tx)?;
        let has_done = |event: &BillingEvent| doer.has_done(event);
        let mut events = match doer {
            Doer::Acting | Doer::Adding => apply::apply(tx, &billing, &snapshot, has_done)?,
            Doer::Console => tx.by_console(|tx| apply::apply(tx, &billing, &snapshot, has_done))?,
        };
        let set_back = drift::set_back(&billing.stripe.left_there, &found, &facts);
        let others = beside_invoices(&billing, &snapshot);
        let beside = beside(&set_back, &billing.stripe.other_subscriptions, &others);
        tx.by_console(|tx| beside.iter().try_for_each(|event| notices::changed(tx, event.clone())))?;
        events.extend(beside);
        let is_left = leaves_terms(&snapshot, &billing, tx.plans());
        let left = &billing.stripe.left_there;
        let left_there =
            if is_left { drift::unsent(left, facts.clone()) } else { drift::remembered(left, &found, facts.clone()) };
        rows::save_seen(tx, &left_there, &snapshot.noted(), (&others, &snapshot.first_invoices))?;
        Ok::<_, AppError>((events, is_left && !leaves_terms(&snapshot, &queries::billing(tx)?, tx.plans())))
    });
    let written = written.await?;
    talk.note_look();
    Ok(written)
}

/// What was set back, and what else is charged at Stripe and was not before.
fn beside(set_back: &[String], known: &[String], others: &[String]) -> Vec<BillingEvent> {
    let new: Vec<String> = others.iter().filter(|other| !known.contains(other)).map(|other| in_words(other)).collect();
    let set_back = (!set_back.is_empty()).then(|| BillingEvent::BillingSetBack { what: set_back.to_vec() });
    let charged = (!new.is_empty()).then_some(BillingEvent::BillingOtherCharged { what: new });
    set_back.into_iter().chain(charged).collect()
}
