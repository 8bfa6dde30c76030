//! One request to Stripe with its tries. What fails on the way, or because Stripe is busy, is tried again a little later: that
//! is safe, as reading and deleting twice is the same as once, and every other request carries an idempotency key.

use super::error::{Answer, StripeError};
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Client, Method, Response};
use serde_json::Value;
use std::time::{Duration, Instant};

/// How often a request is sent at most.
const TRIES: u32 = 3;
/// How long one try may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long all tries may take together.
const ALL_PATIENCE: Duration = Duration::from_secs(25);
/// The wait before the second try; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// A longer `Retry-After` is not waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// The largest answer that is read, in bytes.
const LARGEST: usize = 8 * 1024 * 1024;

/// What is sent.
pub struct Request<'a> {
    /// The address of the API.
    pub base: &'a str,
    /// The path, which begins with a slash.
    pub path: &'a str,
    /// The encoded parameters.
    pub params: &'a str,
    /// The idempotency key of a POST.
    pub key: Option<&'a str>,
    /// GET, POST or DELETE.
    pub method: Method,
}

/// How a try ended that did not bring the object.
struct Failure {
    error: StripeError,
    /// Whether it may be tried again, and after how long if Stripe says so.
    again: Option<Option<Duration>>,
    /// Whether it may have been carried out all the same.
    is_unsure: bool,
    /// Stripe's `Request-Id`, empty if it did not answer.
    id: String,
}

impl Failure {
    fn for_good(error: StripeError) -> Self {
        Self { error, again: None, is_unsure: false, id: String::new() }
    }

    fn on_the_way(error: &reqwest::Error) -> Self {
        let what = match () {
            () if error.is_timeout() => "it does not answer in time",
            () if error.is_connect() => "it cannot be connected to",
            () => "the connection broke",
        };
        let (is_unsure, error) = (!error.is_connect(), StripeError::Away(what.to_owned()));
        Self { error, again: Some(None), is_unsure, id: String::new() }
    }
}

/// Sends a request until it is answered, three times at most.
pub async fn send(http: &Client, request: &Request<'_>) -> Answer<Value> {
    let begin = Instant::now();
    let mut wait = FIRST_WAIT;
    let mut tries = 1;
    let mut is_unsure = false;
    loop {
        let left = ALL_PATIENCE.saturating_sub(begin.elapsed());
        let failure = match attempt(http, request, left.min(PATIENCE)).await {
            Ok(value) => return Ok(value),
            Err(failure) => failure,
        };
        is_unsure |= failure.is_unsure && request.method != Method::GET;
        let pause = failure.again.map(|asked| asked.unwrap_or_else(|| wait.mul_f64(rand::random_range(0.75..1.25))));
        // What could not even begin in time is not tried.
        let in_time = pause.filter(|pause| tries < TRIES && begin.elapsed() + *pause + FIRST_WAIT < ALL_PATIENCE);
        let Some(pause) = in_time else {
            complain(request, &failure);
            return Err(if is_unsure { failure.error.unsure() } else { failure.error });
        };
        tokio::time::sleep(pause).await;
        wait *= 2;
        tries += 1;
    }
}

async fn attempt(http: &Client, request: &Request<'_>, patience: Duration) -> Result<Value, Failure> {
    let begin = Instant::now();
    let (mut id, mut status) = (String::new(), 0);
    let outcome = match prepare(http, request).timeout(patience).send().await {
        Ok(response) => {
            header(response.headers(), "request-id").clone_into(&mut id);
            status = response.status().as_u16();
            judge(response).await
        }
        Err(error) => Err(Failure::on_the_way(&error)),
    };
    let milliseconds = begin.elapsed().as_millis();
    tracing::debug!(request_id = id, method = %request.method, path = request.path, status, milliseconds, "asked Stripe");
    outcome.map_err(|failure| Failure { id, ..failure })
}

/// Tells the log what Stripe did not do, without the parameters and without Stripe's words, which may quote them.
fn complain(request: &Request<'_>, failure: &Failure) {
    // What is missing is often just what the console wants to know.
    if failure.error == StripeError::Missing {
        return;
    }
    let code = failure.error.word();
    tracing::warn!(request_id = failure.id, method = %request.method, path = request.path, code, "Stripe did not do it");
}

fn prepare(http: &Client, request: &Request<'_>) -> reqwest::RequestBuilder {
    let address = format!("{}{}", request.base, request.path);
    if let Some(key) = request.key {
        let form = http.post(address).header(CONTENT_TYPE, "application/x-www-form-urlencoded").header("Idempotency-Key", key);
        return form.body(request.params.to_owned());
    }
    let query = if request.params.is_empty() { String::new() } else { format!("?{}", request.params) };
    http.request(request.method.clone(), address + &query)
}

async fn judge(response: Response) -> Result<Value, Failure> {
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let body = read(response).await?;
    let value = serde_json::from_slice::<Value>(&body);
    match status {
        200..=299 => value.map_err(|_| Failure::for_good(StripeError::Malformed("an answer that is not JSON".to_owned()))),
        409 | 429 | 500..=599 => {
            let error = StripeError::Away(format!("it answers with status {status}"));
            let refused = header(&headers, "stripe-should-retry") == "false";
            let again = Some(asked_wait(&headers)).filter(|_| !refused);
            // Busy is said before anything is done, and so is out of service.
            let is_unsure = status >= 500 && status != 503;
            Err(Failure { again, is_unsure, ..Failure::for_good(error) })
        }
        400..=499 => {
            let error = StripeError::of_answer(status, &value.unwrap_or_default());
            let wanted = header(&headers, "stripe-should-retry") == "true";
            Err(Failure { again: Some(asked_wait(&headers)).filter(|_| wanted), ..Failure::for_good(error) })
        }
        _ => Err(Failure::for_good(StripeError::Malformed(format!("an answer with status {status}")))),
    }
}

/// Reads the body, as far as it is not too large.
async fn read(mut response: Response) -> Result<Vec<u8>, Failure> {
    let too_large = || Failure::for_good(StripeError::Malformed("an answer of more than 8 MB".to_owned()));
    let announced = response.content_length().unwrap_or_default();
    if usize::try_from(announced).map_or(true, |length| length > LARGEST) {
        return Err(too_large());
    }
    let mut body = vec![];
    while let Some(chunk) = response.chunk().await.map_err(|error| Failure::on_the_way(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > LARGEST {
            return Err(too_large());
        }
    }
    Ok(body)
}

/// The wait that `Retry-After` asks for, if it is short enough.
fn asked_wait(headers: &HeaderMap) -> Option<Duration> {
    let seconds = header(headers, "retry-after").parse().ok().map(Duration::from_secs);
    seconds.filter(|wait| *wait <= LONGEST_WAIT)
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_waits_are_honoured() {
        let asked = |value: &'static str| {
            asked_wait(&HeaderMap::from_iter([(reqwest::header::RETRY_AFTER, reqwest::header::HeaderValue::from_static(value))]))
        };
        assert_eq!((asked("2"), asked("5")), (Some(Duration::from_secs(2)), Some(Duration::from_secs(5))));
        assert_eq!((asked("6"), asked("soon"), asked_wait(&HeaderMap::new())), (None, None, None));
    }
}
