//! Billing by hand of the operator.

use roster::app;
use roster::billing::actions::operator::{self, Agreed};
use roster::billing::stripe::catalog;
use roster::clock::Moment;
use roster::config::{Config, Cycle};
use roster::db::{Db, Scope};
use roster::error::{AppError, Result};
use roster::money::Currency;
use roster::organizations;
use uuid::Uuid;

use super::{Outcome, prepare};

/// Organizations that are looked up at once.
const AT_ONCE: i64 = 500;

/// Runs what the operator asked for on a ready database, and prints the words that it answers.
fn told(words: impl AsyncFnOnce(Db) -> Result<Vec<String>>) -> Outcome {
    let ready = prepare()?;
    let db = ready.db.clone();
    let answer = actix_web::rt::System::new().block_on(words(db));
    match answer {
        Ok(lines) => lines.iter().for_each(|line| println!("{line}")),
        Err(AppError::NotFound) => {
            return Err("not found: take the slug from the organization's address, and the number from the invoice".into());
        }
        Err(AppError::BadRequest(words)) => return Err(words.into()),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

async fn id_of(db: &Db, slug: &str) -> Result<Uuid> {
    let slug = slug.to_owned();
    db.read(Scope::Nobody, move |connection| organizations::queries::id_of_slug(connection, &slug)).await
}

pub fn invoices(organization: Option<&str>) -> Outcome {
    told(async |db| {
        let mut unpaid = Vec::new();
        let mut after = Uuid::nil();
        loop {
            let one = organization.map(str::to_owned);
            let page = db.read(Scope::Nobody, move |connection| match one {
                Some(slug) => Ok(vec![(organizations::queries::id_of_slug(connection, &slug)?, slug)]),
                None => organizations::queries::slugs_after(connection, after, AT_ONCE),
            });
            let page = page.await?;
            for (id, slug) in &page {
                unpaid.extend(operator::unpaid(&db, *id, slug).await?);
            }
            match page.last() {
                Some((last, _)) if organization.is_none() => after = *last,
                _ => break,
            }
        }
        // Whoever waits longest for their money looks at the first lines.
        unpaid.sort();
        let mut lines: Vec<String> = unpaid.into_iter().map(|(_, line)| line).collect();
        if lines.is_empty() {
            lines.push("Every invoice is paid.".to_owned());
        }
        Ok(lines)
    })
}

pub fn mark_paid(organization: &str, number: &str, on: Option<&str>, note: &str) -> Outcome {
    let at = match on {
        None => None,
        Some(day) => Some(
            format!("{day}T12:00:00Z")
                .parse::<Moment>()
                .map_err(|_| format!("expected a day such as 2026-11-22, found {day:?}"))?,
        ),
    };
    told(async |db| {
        let id = id_of(&db, organization).await?;
        Ok(vec![operator::mark_paid(&db, id, number, at, note).await?])
    })
}

pub fn set_plan(organization: &str, plan: &str, price: Option<(i64, &str, &str)>) -> Outcome {
    let agreed = match price {
        None => None,
        Some((amount, currency, cycle)) => Some(Agreed {
            amount,
            currency: Currency::from_code(currency).ok_or(format!("expected a currency such as EUR, found {currency:?}"))?,
            cycle: Cycle::from_key(cycle).ok_or(format!("expected month or year, found {cycle:?}"))?,
        }),
    };
    told(async |db| {
        let id = id_of(&db, organization).await?;
        Ok(vec![operator::set_plan(&db, id, plan, agreed).await?])
    })
}

/// Needs no database: the plans stand in the file.
pub fn stripe_sync() -> Outcome {
    let config = Config::from_environment()?;
    let stripe = app::stripe(&config)?.ok_or("STRIPE_SECRET_KEY: expected the key of the account that the prices are made in")?;
    let made = actix_web::rt::System::new().block_on(catalog::sync(&stripe, &config.plans))?;
    made.iter().for_each(|line| println!("{line}"));
    Ok(())
}
