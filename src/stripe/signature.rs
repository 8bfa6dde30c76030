//! Whether a webhook comes from Stripe: its header `Stripe-Signature` holds the time of sending and HMAC-SHA256 over
//! `time.body`, once for each secret while one replaces another. See <https://docs.stripe.com/webhooks>.

use crate::clock::Moment;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use thiserror::Error;

/// How many seconds the time of sending may be before or after now, so that an old request cannot be sent again later.
const TOLERANCE: i64 = 300;

/// Why a webhook is not believed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum SignatureError {
    /// The header cannot be read.
    #[error("the signature cannot be read")]
    Malformed,
    /// It was sent too long ago, or is from the future.
    #[error("the signature is too old, or from the future")]
    Stale,
    /// No signature in it fits the body.
    #[error("the signature is wrong")]
    Wrong,
}

/// Checks the header of a webhook against the raw bytes of its body. Any of several signatures may fit.
pub fn verify(payload: &[u8], header: &str, secret: &str, now: Moment) -> Result<(), SignatureError> {
    let (time, signatures) = read(header)?;
    let seconds: i64 = time.parse().map_err(|_| SignatureError::Malformed)?;
    // An empty key is one that everybody has.
    if secret.is_empty() {
        return Err(SignatureError::Wrong);
    }
    let mut hash = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|_| SignatureError::Wrong)?;
    hash.update(time.as_bytes());
    hash.update(b".");
    hash.update(payload);
    // `verify_slice` takes as long for a wrong byte at the beginning as for one at the end.
    let fits = |signature: &Vec<u8>| hash.clone().verify_slice(signature).is_ok();
    if !signatures.iter().any(fits) {
        return Err(SignatureError::Wrong);
    }
    let is_near = now.timestamp().abs_diff(seconds) <= TOLERANCE.unsigned_abs();
    if is_near { Ok(()) } else { Err(SignatureError::Stale) }
}

/// The time as it stands there, and the signatures of version 1.
fn read(header: &str) -> Result<(&str, Vec<Vec<u8>>), SignatureError> {
    let mut time = None;
    let mut signatures = vec![];
    for part in header.split(',') {
        let (name, value) = part.trim().split_once('=').ok_or(SignatureError::Malformed)?;
        match name {
            "t" if time.is_none() && !value.is_empty() && value.bytes().all(|digit| digit.is_ascii_digit()) => time = Some(value),
            "t" => return Err(SignatureError::Malformed),
            "v1" => signatures.push(bytes(value).ok_or(SignatureError::Malformed)?),
            _ => {}
        }
    }
    let time = time.filter(|_| !signatures.is_empty()).ok_or(SignatureError::Malformed)?;
    Ok((time, signatures))
}

/// The bytes of hexadecimal digits.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| <[u8; 2]>::try_from(pair).ok().and_then(byte)).collect()
}

fn byte(pair: [u8; 2]) -> Option<u8> {
    let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? * 16 + low?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_test";
    const BODY: &[u8] = b"{\"id\": \"evt_1\"}";

    fn signed(time: i64, body: &[u8], secret: &str) -> String {
        let mut hash = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        hash.update(format!("{time}.").as_bytes());
        hash.update(body);
        hash.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn at(seconds: i64) -> Moment {
        Moment::from_timestamp(seconds, 0).unwrap()
    }

    fn check(header: &str, now: i64) -> Result<(), SignatureError> {
        verify(BODY, header, SECRET, at(now))
    }

    #[test]
    fn a_known_answer() {
        // By `printf '1700000000.{}' | openssl dgst -sha256 -hmac whsec_test`.
        let known = "35495024f4ef3f94e5a93e22221544c4b75e9a42300cd965ab81cb85cd994e91";
        assert_eq!(verify(b"{}", &format!("t=1700000000,v1={known}"), SECRET, at(1_700_000_000)), Ok(()));
    }

    #[test]
    fn good_forged_and_rotated() {
        let (good, other) = (signed(1000, BODY, SECRET), signed(1000, BODY, "whsec_other"));
        assert_eq!(check(&format!("t=1000,v1={good},v0=abc"), 1000), Ok(()));
        assert_eq!(check(&format!("t=1000,v1={other},v1={good}"), 1000), Ok(()));
        assert_eq!(check(&format!("t=1000,v1={other}"), 1000), Err(SignatureError::Wrong));
        assert_eq!(check(&format!("t=1001,v1={good}"), 1000), Err(SignatureError::Wrong));
        assert_eq!(check(&format!("t=1000,v1={}", &good[..62]), 1000), Err(SignatureError::Wrong));
        assert_eq!(check(&format!("t=1000,v0={good}"), 1000), Err(SignatureError::Malformed));
        assert_eq!(verify(b"other", &format!("t=1000,v1={good}"), SECRET, at(1000)), Err(SignatureError::Wrong));
        let empty = format!("t=1000,v1={}", signed(1000, BODY, ""));
        assert_eq!(verify(BODY, &empty, "", at(1000)), Err(SignatureError::Wrong));
    }

    #[test]
    fn stale_to_either_side() {
        let header = format!("t=1000,v1={}", signed(1000, BODY, SECRET));
        assert_eq!((check(&header, 1300), check(&header, 700)), (Ok(()), Ok(())));
        assert_eq!((check(&header, 1301), check(&header, 699)), (Err(SignatureError::Stale), Err(SignatureError::Stale)));
    }

    #[test]
    fn malformed_headers() {
        for header in [
            "",
            "t",
            "t=1000",
            "v1=ab",
            "t=,v1=ab",
            "t=-5,v1=ab",
            "t=1,t=2,v1=ab",
            "t=1,v1=xy",
            "t=1,v1=abc",
            "t=9999999999999999999999,v1=ab",
        ] {
            assert_eq!(check(header, 1000), Err(SignatureError::Malformed), "{header}");
        }
    }
}
