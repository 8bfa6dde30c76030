//! Passwords: what is good enough, and how they are kept. Hashing takes as much time and memory as it should, so it runs
//! off the async threads and behind a queue of as many places as there are cores.

use std::sync::Arc;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::config::HashingCost;
use crate::db::types::Refused;
use crate::error::{AppError, Result};

/// Shortest password, in characters (requirements of the issue; no rules on composition).
const SHORTEST: usize = 12;
/// Longest one, so that nobody makes the server hash a book.
const LONGEST: usize = 256;
/// Bytes of a password that its strength is judged by; zxcvbn's time grows with the length.
const JUDGED: usize = 100;

/// A password that may be set.
pub struct NewPassword(String);

impl NewPassword {
    /// Judges a password; `about` are words that make it easy to guess (name, address, organization).
    ///
    /// # Errors
    /// Words for the reader.
    pub fn parse(text: &str, about: &[&str]) -> std::result::Result<NewPassword, Refused> {
        let length = text.chars().count();
        if length < SHORTEST {
            return Err("Use at least 12 characters. Four words that do not belong together are easy to remember.");
        }
        if length > LONGEST {
            return Err("That password is too long: 256 characters at most.");
        }
        if text.contains(['\0', '\u{FFFD}']) {
            return Err("That password has characters that cannot be read. Type it again without them.");
        }
        let judged: String = text.chars().take(JUDGED).collect();
        let parts = parts_of(about);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        if zxcvbn::zxcvbn(&judged, &parts).score() < zxcvbn::Score::Three {
            return Err("That password is easy to guess. Add a word or two that nobody would expect.");
        }
        Ok(NewPassword(text.to_owned()))
    }
}

/// Words about somebody, alone and run together: "Dana Smith" is in "danasmith2026" as well.
fn parts_of(about: &[&str]) -> Vec<String> {
    let separates = |c: char| !c.is_alphanumeric();
    let words = about.iter().flat_map(|text| text.split(separates)).filter(|word| word.chars().count() > 2).map(str::to_owned);
    let together = about.iter().map(|text| text.split(separates).collect::<String>());
    let whole = about.iter().map(ToString::to_string);
    words.chain(together).chain(whole).map(|part| part.chars().take(JUDGED).collect()).collect()
}

/// Hashes and verifies passwords. Shared by all workers of a server.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    queue: Arc<Semaphore>,
    /// Compared with when there is no account, so that both answers take the same time.
    nobody: Arc<str>,
}

impl Passwords {
    /// # Errors
    /// `Internal` for a cost that Argon2 does not know.
    pub fn new(cost: HashingCost, places: usize) -> Result<Passwords> {
        let params = Params::new(cost.memory_kib, cost.iterations, 1, None).map_err(internal)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = argon2.hash_password(&crate::secret::random_bytes::<16>()).map_err(internal)?.to_string();
        Ok(Passwords { argon2, queue: Arc::new(Semaphore::new(places.max(1))), nobody: nobody.into() })
    }

    /// The hash to be stored, in PHC form.
    pub async fn hash(&self, password: NewPassword) -> Result<String> {
        let argon2 = self.argon2.clone();
        self.run(move || argon2.hash_password(password.0.as_bytes()).map(|hash| hash.to_string()).map_err(internal)).await?
    }

    /// Whether the password is the one behind the hash. Takes the same time without a hash.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool> {
        let argon2 = self.argon2.clone();
        let known = hash.is_some();
        let stored = hash.unwrap_or(&self.nobody).to_owned();
        let password: String = password.chars().take(LONGEST + 1).collect();
        let matches = self.run(move || argon2.verify_password(password.as_bytes(), stored.as_str()).is_ok()).await?;
        Ok(matches && known)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let stopping = || AppError::Unavailable("the server is stopping".to_owned());
        let _place = self.queue.acquire().await.map_err(|_| stopping())?;
        actix_web::web::block(work).await.map_err(|_| stopping())
    }
}

fn internal(error: impl std::fmt::Display) -> AppError {
    AppError::Internal(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_and_surprise_decide_and_nothing_else() {
        let judged = |text| NewPassword::parse(text, &["Dana Smith", "dana@example.com"]).is_ok();
        assert!(judged("correct horse battery staple"));
        assert!(judged("kilo quiet umbrella 🦊"));
        for weak in ["short", "password1234", "aaaaaaaaaaaaaaaa", "danasmith2026", "dana@example.com", "qwertyuiop[]"] {
            assert!(!judged(weak), "{weak}");
        }
        assert!(!judged(&"x7".repeat(200)));
    }

    #[actix_web::test]
    async fn a_password_verifies_against_its_hash_only() {
        let passwords = Passwords::new(HashingCost { memory_kib: 8, iterations: 1 }, 1).unwrap();
        let new = NewPassword::parse("correct horse battery staple", &[]).ok().unwrap();
        let hash = passwords.hash(new).await.unwrap();
        assert!(passwords.verify("correct horse battery staple", Some(&hash)).await.unwrap());
        assert!(!passwords.verify("correct horse battery stable", Some(&hash)).await.unwrap());
        assert!(!passwords.verify("correct horse battery staple", None).await.unwrap());
    }
}
