//! An API key as text: `oat_`, the key's id, a dot, its secret with a checksum. The checksum tells a key from a slip of the
//! pen without asking the database, and lets secret scanners recognise one with certainty.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{encode, random_bytes};

/// What every key begins with.
const PREFIX: &str = "oat_";
const SECRET_LENGTH: usize = 32;
/// 22 characters for the 16 bytes of the id.
const ID_CHARACTERS: usize = 22;
/// 48 characters for the 32 bytes of the secret and the 4 of the checksum.
const SECRET_CHARACTERS: usize = 48;
/// Characters of the id that lists show.
const SHOWN: usize = 8;

/// The regular expression by which secret scanners find keys.
pub const PATTERN: &str = r"oat_[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{48}";

/// A key whose form and checksum are right; whether there is such a key is another question.
pub struct KeyText {
    id: Uuid,
    secret: [u8; SECRET_LENGTH],
}

impl std::fmt::Debug for KeyText {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("KeyText")
    }
}

impl KeyText {
    /// A new secret for the key of an id.
    pub fn generate(id: Uuid) -> KeyText {
        KeyText { id, secret: random_bytes() }
    }

    /// Takes a text apart; `None` where its form or its checksum is wrong.
    pub fn parse(text: &str) -> Option<KeyText> {
        let (id, secret) = text.strip_prefix(PREFIX)?.split_once('.')?;
        if id.len() != ID_CHARACTERS || secret.len() != SECRET_CHARACTERS {
            return None;
        }
        let id = Uuid::from_slice(&URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
        let bytes = URL_SAFE_NO_PAD.decode(secret).ok()?;
        let (secret, checksum) = bytes.split_at_checked(SECRET_LENGTH)?;
        let key = KeyText { id, secret: secret.try_into().ok()? };
        (checksum == key.checksum()).then_some(key)
    }

    pub fn id(&self) -> Uuid {
        self.id
    }

    /// The text, for the one response that shows it.
    pub fn reveal(&self) -> String {
        let mut bytes = self.secret.to_vec();
        bytes.extend_from_slice(&self.checksum());
        format!("{PREFIX}{}.{}", encode(self.id.as_bytes()), encode(&bytes))
    }

    /// SHA-256 of id and secret, as it is stored.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::new().chain_update(self.id.as_bytes()).chain_update(self.secret).finalize().into()
    }

    /// Whether this is the key of a stored hash.
    pub fn has_hash(&self, stored: &[u8]) -> bool {
        let own = self.hash();
        // Every byte is looked at, wherever they differ.
        own.len() == stored.len() && own.iter().zip(stored).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
    }

    /// What lists show of a key: `oat_` and the beginning of its id.
    pub fn prefix(id: Uuid) -> String {
        format!("{PREFIX}{}", encode(id.as_bytes()).chars().take(SHOWN).collect::<String>())
    }

    /// CRC-32, as of zlib, of id and secret, the highest byte first.
    fn checksum(&self) -> [u8; 4] {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(self.id.as_bytes());
        hasher.update(&self.secret);
        hasher.finalize().to_be_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_and_no_character_of_it_can_be_changed() {
        let key = KeyText::generate(Uuid::new_v4());
        let text = key.reveal();
        let again = KeyText::parse(&text).unwrap();
        assert_eq!((text.len(), again.id()), (75, key.id()));
        assert!(again.has_hash(&key.hash()) && text.starts_with(&KeyText::prefix(key.id())));
        for place in 0..text.len() {
            for other in ['A', 'b', '-', '.', ' ', '\u{e4}'] {
                let changed: String = text.chars().enumerate().map(|(at, c)| if at == place { other } else { c }).collect();
                assert!(changed == text || KeyText::parse(&changed).is_none(), "{other:?} at {place}");
            }
            assert!(KeyText::parse(&text[..place]).is_none());
        }
        assert!(KeyText::parse(&format!("{text}=")).is_none() && KeyText::parse(&format!(" {text}")).is_none());
    }

    #[test]
    fn the_form_is_the_one_that_scanners_are_told() {
        // By hand: base64 of the bytes 0 to 15; of 32 times 7, and of the checksum that zlib gives for all of them.
        let key = KeyText { id: Uuid::from_bytes(std::array::from_fn(|place| place as u8)), secret: [7; 32] };
        assert_eq!(key.reveal(), "oat_AAECAwQFBgcICQoLDA0ODw.BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBweddPv6");
    }

    #[test]
    fn another_secret_or_another_id_is_another_key() {
        let key = KeyText::generate(Uuid::new_v4());
        assert!(!KeyText::generate(key.id()).has_hash(&key.hash()));
        assert!(!KeyText { id: Uuid::new_v4(), secret: key.secret }.has_hash(&key.hash()));
        assert!(!key.has_hash(&[]));
    }
}
