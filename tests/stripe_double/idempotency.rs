//! `Idempotency-Key`, as Stripe documents it: the answer of a POST is kept for 24 hours of the double's clock and given again to the
//! same request; another request with the same key is refused. What fails before it is executed is not kept.

use crate::calendar::DAY;
use crate::error::ApiError;
use crate::params::Params;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// An answer that is kept.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The path of its request.
    pub path: String,
    /// The parameters of its request.
    pub params: Value,
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: String,
    /// The id of its request.
    pub request: String,
}

/// All answers that are kept, with the moment at which each was.
#[derive(Debug, Clone, Default)]
pub struct Saved {
    answers: BTreeMap<String, (i64, Kept)>,
}

impl Saved {
    /// The answer for a key; an error if the key was used for something else.
    pub fn find(&mut self, key: &str, path: &str, params: &Params, now: i64) -> Result<Option<Kept>, ApiError> {
        if key.len() > 255 {
            return Err(refused("Idempotency keys can be at most 255 characters long.".to_owned()));
        }
        self.answers.retain(|_, (moment, _)| now - *moment < DAY);
        let Some((_, kept)) = self.answers.get(key) else { return Ok(None) };
        if kept.path != path {
            return Err(refused(format!(
                "Keys for idempotent requests can only be used for the same endpoint they were first used for ('/v1/{path}' vs '/v1/{}'). \
                Try using a key other than '{key}' if you meant to execute a different request.",
                kept.path
            )));
        }
        if kept.params != params.tree() {
            return Err(refused(format!(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other \
                than '{key}' if you meant to execute a different request."
            )));
        }
        Ok(Some(kept.clone()))
    }

    /// Keeps an answer.
    pub fn keep(&mut self, key: String, kept: Kept, now: i64) {
        self.answers.insert(key, (now, kept));
    }

    /// How many answers are kept.
    pub fn count(&self) -> usize {
        self.answers.len()
    }
}

fn refused(message: String) -> ApiError {
    ApiError::new(400, "idempotency_error", json!({ "message": message }))
}
