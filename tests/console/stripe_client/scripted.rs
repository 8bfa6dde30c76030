//! Answers that the double never gives, from a server that reads a script.

use roster::stripe::{CustomerDetails, Stripe, StripeError};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tracing_subscriber::fmt::MakeWriter;
use url::Url;
use uuid::Uuid;

const OBJECT: &str = r#"{"id": "cus_1", "object": "customer"}"#;

/// Serves one answer for each request, and then tells the heads of the requests.
fn script(answers: Vec<String>) -> (Stripe, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || answers.iter().map(|answer| serve(listener.accept().unwrap().0, answer)).collect());
    (Stripe::new("sk_test_hidden", &Url::parse(&base).unwrap()).unwrap(), server)
}

fn serve(mut stream: TcpStream, answer: &str) -> String {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap() > 0 {}
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or_default()];
    reader.read_exact(&mut body).unwrap();
    // A client that has read enough may close the connection early.
    let _ = stream.write_all(answer.as_bytes());
    head
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nRequest-Id: req_1\r\n{headers}Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn every_request_says_who_asks() {
    let (stripe, server) = script(vec![answer("200 OK", "", OBJECT), answer("200 OK", "", OBJECT)]);
    stripe.customer("cus_1").await.unwrap();
    stripe.create_customer(&CustomerDetails::default(), Uuid::nil(), "key-1").await.unwrap();
    let heads = server.join().unwrap();
    for head in &heads {
        let head = head.to_lowercase();
        for line in ["authorization: bearer sk_test_hidden", "stripe-version: 2025-03-31.basil", "user-agent: roster/"] {
            assert!(head.contains(line), "{line} in {head}");
        }
    }
    assert!(heads[0].starts_with("GET /v1/customers/cus_1 HTTP/1.1"));
    let second = heads[1].to_lowercase();
    assert!(second.contains("idempotency-key: key-1") && second.contains("application/x-www-form-urlencoded"));
}

#[tokio::test]
async fn stripe_says_when_to_ask_again() {
    let soon = answer("503 Service Unavailable", "Retry-After: 1\r\n", "{}");
    let (stripe, server) = script(vec![soon, answer("200 OK", "", OBJECT)]);
    let begin = Instant::now();
    stripe.customer("cus_1").await.unwrap();
    assert!(begin.elapsed() >= Duration::from_secs(1) && server.join().unwrap().len() == 2);
    let (stripe, server) = script(vec![answer("409 Conflict", "Stripe-Should-Retry: false\r\n", "{}")]);
    assert_eq!(stripe.customer("cus_1").await, Err(StripeError::Away("it answers with status 409".to_owned())));
    assert_eq!(server.join().unwrap().len(), 1);
    let later = answer("429 Too Many Requests", "Retry-After: 60\r\n", "{}");
    let (stripe, server) = script(vec![later, answer("200 OK", "", OBJECT)]);
    stripe.customer("cus_1").await.unwrap();
    assert_eq!(server.join().unwrap().len(), 2);
}

#[tokio::test]
async fn answers_that_are_not_as_documented() {
    let elsewhere = answer("302 Found", "Location: http://127.0.0.1:1/\r\n", "");
    let large = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n\"{}\"", "x".repeat(8 * 1024 * 1024));
    let announced = "HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n".to_owned();
    let wrong = answer("200 OK", "", r#"{"id": "cus_1", "object": "customer", "balance": "much"}"#);
    for bad in [elsewhere, large, announced, answer("200 OK", "", "<html>"), answer("200 OK", "", "[]"), wrong] {
        let (stripe, server) = script(vec![bad]);
        let outcome = stripe.customer("cus_1").await;
        assert!(matches!(outcome, Err(StripeError::Malformed(_))), "{outcome:?}");
        assert_eq!(server.join().unwrap().len(), 1);
    }
}

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_log_tells_what_happened_and_no_secrets() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).with_max_level(tracing::Level::TRACE).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let error = r#"{"error": {"type": "card_error", "code": "card_declined", "decline_code": "lost_card", "message": "Ada"}}"#;
    let (stripe, server) = script(vec![answer("402 Payment Required", "", error)]);
    let details = CustomerDetails { name: "Ada".to_owned(), ..CustomerDetails::default() };
    stripe.create_customer(&details, Uuid::nil(), "key-1").await.unwrap_err();
    server.join().unwrap();
    let nobody = Stripe::new("sk_test_hidden", &Url::parse("http://127.0.0.1:1").unwrap()).unwrap();
    nobody.invoices("cus_hidden", 1).await.unwrap_err();
    let text = String::from_utf8(log.0.lock().unwrap_or_else(PoisonError::into_inner).clone()).unwrap();
    for told in ["req_1", "/v1/customers", "lost_card", "status", "402", "milliseconds", "WARN", "away"] {
        assert!(text.contains(told), "{told} in {text}");
    }
    for hidden in ["sk_test_hidden", "cus_hidden", "Ada"] {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
}
