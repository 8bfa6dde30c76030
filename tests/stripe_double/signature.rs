//! The `Stripe-Signature` header: `t=…,v1=…`, HMAC-SHA256 of `t.body` under the endpoint's secret, in hexadecimal.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The header for a body, with one `v1` for each secret.
pub fn header(time: i64, body: &str, secrets: &[&str]) -> String {
    let signatures = secrets.iter().map(|secret| format!(",v1={}", sign(time, body, secret)));
    format!("t={time}{}", signatures.collect::<String>())
}

fn sign(time: i64, body: &str, secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(format!("{time}.{body}").as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with `printf '1492774577.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_test`.
    #[test]
    fn the_signature_is_that_of_openssl() {
        let expected = include_str!("tests/signature.txt").trim();
        assert_eq!(header(1_492_774_577, "{\"id\":\"evt_1\"}", &["whsec_test"]), format!("t=1492774577,v1={expected}"));
    }

    #[test]
    fn two_secrets_make_two_signatures() {
        let both = header(1, "{}", &["a", "b"]);
        assert_eq!(both.matches(",v1=").count(), 2);
    }
}
