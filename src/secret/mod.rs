//! Secrets: random bytes, hashes of them, and signed links. A link is not stored anywhere: it is a MAC over what it
//! refers to, under a key derived from `SECRET_KEY`, so it can be shown and copied at any time while the database holds
//! nothing that opens a door. Nothing here is printable.

mod key_text;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use rand::RngExt;
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub use key_text::{KeyText, PATTERN as KEY_PATTERN};

/// Bytes of a MAC that stand in a link: 128 bits.
const MAC_LENGTH: usize = 16;
const PAYLOAD_LENGTH: usize = 1 + 16 + 16 + 4;

/// Random bytes from the operating system's generator.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill(&mut bytes);
    bytes
}

/// SHA-256, for looking up secrets that are themselves random.
pub fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Base64 for addresses and cookies, without padding.
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What a link lets its holder do. The kind is part of the MAC: a link of one kind is never valid as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// In a mail to the invited address: proves that its holder reads the mailbox.
    InvitationMailed,
    /// Shown to the admin to be passed on by other means: proves no mailbox.
    InvitationCopied,
    /// Confirms an account's address.
    EmailConfirmation,
    /// Sets a new password.
    PasswordReset,
}

impl LinkKind {
    fn code(self) -> u8 {
        match self {
            LinkKind::InvitationMailed => 1,
            LinkKind::InvitationCopied => 2,
            LinkKind::EmailConfirmation => 3,
            LinkKind::PasswordReset => 4,
        }
    }

    fn from_code(code: u8) -> Option<LinkKind> {
        match code {
            1 => Some(LinkKind::InvitationMailed),
            2 => Some(LinkKind::InvitationCopied),
            3 => Some(LinkKind::EmailConfirmation),
            4 => Some(LinkKind::PasswordReset),
            _ => None,
        }
    }
}

/// What a signed link refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    pub kind: LinkKind,
    /// The organization (invitations) or account (confirmation, reset) that `id` belongs to.
    pub owner: Uuid,
    pub id: Uuid,
    /// Raised when earlier links of the same row must die; 0 where that does not apply.
    pub generation: u32,
}

impl Link {
    fn payload(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(PAYLOAD_LENGTH);
        bytes.push(self.kind.code());
        bytes.extend_from_slice(self.owner.as_bytes());
        bytes.extend_from_slice(self.id.as_bytes());
        bytes.extend_from_slice(&self.generation.to_be_bytes());
        bytes
    }

    fn from_payload(bytes: &[u8]) -> Option<Link> {
        let (kind, rest) = bytes.split_first()?;
        let (owner, rest) = rest.split_at_checked(16)?;
        let (id, generation) = rest.split_at_checked(16)?;
        Some(Link {
            kind: LinkKind::from_code(*kind)?,
            owner: Uuid::from_slice(owner).ok()?,
            id: Uuid::from_slice(id).ok()?,
            generation: u32::from_be_bytes(generation.try_into().ok()?),
        })
    }
}

/// The deployment's secret and, during a rotation, the one before it.
#[derive(Clone)]
pub struct SecretKeys {
    current: [u8; 32],
    previous: Option<[u8; 32]>,
}

impl std::fmt::Debug for SecretKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SecretKeys")
    }
}

impl SecretKeys {
    /// Keys from the settings' text, of any length; the settings check that it is long enough.
    pub fn new(current: &str, previous: Option<&str>) -> SecretKeys {
        SecretKeys { current: hash(current.as_bytes()), previous: previous.map(|text| hash(text.as_bytes())) }
    }

    /// 64 bytes for the cookies' signature.
    pub fn cookie_key(&self) -> [u8; 64] {
        derive(&self.current, b"roster session cookie")
    }

    /// A stable, unguessable digest of something that must not be kept in clear (a rate limit's bucket).
    pub fn digest(&self, what: &[u8]) -> [u8; 32] {
        mac_of(&derive::<32>(&self.current, b"roster digest"), what).finalize().into_bytes().into()
    }

    /// An id that follows from `what` and that nobody without the key can choose.
    pub fn id_for(&self, what: &[u8]) -> Uuid {
        let [.., a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = self.digest(what);
        uuid::Builder::from_random_bytes([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]).into_uuid()
    }

    /// The text of a link, 71 characters of base64url.
    pub fn sign(&self, link: &Link) -> String {
        let mut bytes = link.payload();
        let mac = mac_of(&link_key(&self.current), &bytes).finalize().into_bytes();
        bytes.extend(mac.iter().take(MAC_LENGTH));
        encode(&bytes)
    }

    /// The link behind a text, if it was signed with the current or the previous key.
    pub fn verify(&self, text: &str) -> Option<Link> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (payload, mac) = bytes.split_at_checked(PAYLOAD_LENGTH)?;
        if mac.len() != MAC_LENGTH {
            return None;
        }
        let signed_with = |key: &[u8; 32]| mac_of(&link_key(key), payload).verify_truncated_left(mac).is_ok();
        let genuine = signed_with(&self.current) || self.previous.as_ref().is_some_and(signed_with);
        genuine.then(|| Link::from_payload(payload)).flatten()
    }
}

fn link_key(secret: &[u8; 32]) -> [u8; 32] {
    derive(secret, b"roster links")
}

fn derive<const N: usize>(secret: &[u8; 32], purpose: &[u8]) -> [u8; N] {
    let mut key = [0; N];
    // Fails only past 255 hashes of output; ours are one or two.
    if Hkdf::<Sha256>::new(None, secret).expand(purpose, &mut key).is_err() {
        unreachable!("a derived key is at most 64 bytes")
    }
    key
}

fn mac_of(key: &[u8; 32], message: &[u8]) -> Hmac<Sha256> {
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(key) else { unreachable!("HMAC takes keys of every length") };
    mac.update(message);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> Link {
        Link { kind: LinkKind::InvitationMailed, owner: Uuid::from_u128(7), id: Uuid::from_u128(9), generation: 3 }
    }

    #[test]
    fn a_link_reads_back_as_it_was_signed() {
        let keys = SecretKeys::new("one", None);
        assert_eq!(keys.verify(&keys.sign(&link())), Some(link()));
    }

    #[test]
    fn no_bit_of_a_link_can_be_changed_nor_its_end_cut() {
        let keys = SecretKeys::new("one", None);
        let text = keys.sign(&link());
        let bytes = URL_SAFE_NO_PAD.decode(&text).unwrap();
        for position in 0..bytes.len() * 8 {
            let mut forged = bytes.clone();
            forged[position / 8] ^= 1 << (position % 8);
            assert_eq!(keys.verify(&encode(&forged)), None, "bit {position}");
        }
        for length in 0..text.len() {
            assert_eq!(keys.verify(&text[..length]), None, "{length} characters");
        }
    }

    #[test]
    fn the_previous_key_still_verifies_and_a_third_does_not() {
        let text = SecretKeys::new("one", None).sign(&link());
        assert_eq!(SecretKeys::new("two", Some("one")).verify(&text), Some(link()));
        assert_eq!(SecretKeys::new("two", None).verify(&text), None);
    }
}
