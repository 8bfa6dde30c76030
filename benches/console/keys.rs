//! Keys to be verified. Ids and secrets follow from a number, here as in keys.sql.

use std::net::SocketAddr;
use std::sync::Arc;

use roster::secret::{self, KeyText};

use super::load::Question;

/// Keys of the ordinary run.
pub const KEYS: u64 = 100_000;

/// The text of the nth key.
pub fn text(n: u64) -> String {
    let id = &secret::hash(format!("key {n}").as_bytes())[..16];
    let mut secret = secret::hash(format!("secret {n}").as_bytes()).to_vec();
    let checksum = crc32fast::hash(&[id, &secret].concat());
    secret.extend_from_slice(&checksum.to_be_bytes());
    let text = format!("oat_{}.{}", secret::encode(id), secret::encode(&secret));
    assert!(KeyText::parse(&text).is_some());
    text
}

/// Verifications of one key after the other, in no order, asked for with the first. Of so many keys as the ordinary run has,
/// spread over all that there are.
pub fn verifications(address: SocketAddr, host: &str, path: &str, keys: u64) -> Question {
    // Made beforehand, so that the load's own work stays small.
    let bodies: Vec<String> = (0..keys.min(KEYS)).map(|n| format!(r#"{{"key":"{}"}}"#, text(spread(n, keys)))).collect();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n",
        text(0)
    );
    let request = move |n: u64| {
        let body = &bodies[n as usize % bodies.len()];
        format!("{head}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
    };
    Question { address, request: Arc::new(request), status: 200 }
}

/// Numbers far apart for neighbours.
fn spread(n: u64, keys: u64) -> u64 {
    n.wrapping_mul(2_654_435_761) % keys
}
