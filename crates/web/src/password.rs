//! Passwords: argon2id on blocking threads, behind a semaphore, so that signing in never takes the engine's processors.
//!
//! A password is normalised (NFKC) first: the same keys give the same password on every system. Checking against no
//! member costs the same as checking against one.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use ledger::MemberId;
use live::Hub;
use store::Records;
use store::records::TokenHash;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use unicode_normalization::UnicodeNormalization;

use crate::failure::{Code, Problem};
use crate::settings::PasswordCost;
use crate::state::Chance;

/// The fewest characters of a password.
pub const PASSWORD_CHARS_MIN: usize = 8;

/// The most characters of a password.
pub const PASSWORD_CHARS_MAX: usize = 128;

/// The most passwords that wait for a thread.
const WAITING_MAX: usize = 256;

/// The longest that a password waits for a thread.
const WAIT: Duration = Duration::from_secs(5);

/// As long as RFC 9106 recommends.
const SALT_BYTES: usize = 16;

/// Where passwords are hashed.
pub struct Passwords {
    cost: PasswordCost,
    chance: Chance,
    threads: Arc<Semaphore>,
    places: Arc<Semaphore>,
    nobody: Arc<OnceLock<String>>,
}

impl Passwords {
    /// At most `threads` at once.
    pub fn new(cost: PasswordCost, threads: usize, chance: Chance) -> Passwords {
        let threads = threads.max(1);
        Passwords {
            cost,
            chance,
            threads: Arc::new(Semaphore::new(threads)),
            places: Arc::new(Semaphore::new(threads + WAITING_MAX)),
            nobody: Arc::default(),
        }
    }

    /// The hash of a new password, with a salt of its own.
    ///
    /// # Errors
    /// `busy` if too many wait.
    pub async fn hash(&self, password: &str) -> Result<String, Problem> {
        let (password, salt) = (normalised(password), self.salt());
        let cost = self.cost;
        self.work(move || hash(cost, &password, &salt)).await?
    }

    /// Whether it is the password of that hash; with no hash it never is, at the same cost.
    ///
    /// # Errors
    /// `busy` if too many wait.
    pub async fn is_right(&self, password: &str, known: Option<String>) -> Result<bool, Problem> {
        let (password, salt) = (normalised(password), self.salt());
        let (cost, nobody) = (self.cost, Arc::clone(&self.nobody));
        self.work(move || {
            let is_known = known.is_some();
            let known = match known {
                Some(known) => known,
                None => nobodys(&nobody, cost, &salt)?,
            };
            let matches = argon2(cost)?.verify_password(password.as_bytes(), known.as_str()).is_ok();
            Ok(is_known && matches)
        })
        .await?
    }

    fn salt(&self) -> [u8; SALT_BYTES] {
        let mut salt = [0; SALT_BYTES];
        (self.chance)(&mut salt);
        salt
    }

    /// Runs on a blocking thread; whoever leaves meanwhile does not stop it, so the permit goes along.
    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Problem::new(Code::Busy))?;
        let thread = timeout(WAIT, Arc::clone(&self.threads).acquire_owned()).await;
        let thread = thread.ok().and_then(Result::ok).ok_or(Problem::new(Code::Busy))?;
        let permits: (OwnedSemaphorePermit, OwnedSemaphorePermit) = (place, thread);
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(permits);
            done
        });
        done.await.map_err(|failure| {
            tracing::error!(%failure, "a password could not be hashed");
            Problem::new(Code::Internal)
        })
    }
}

/// The hash that stands for a member who does not exist, made once.
fn nobodys(nobody: &OnceLock<String>, cost: PasswordCost, salt: &[u8]) -> Result<String, Problem> {
    if let Some(hash) = nobody.get() {
        return Ok(hash.clone());
    }
    let made = hash(cost, "a password that nobody has", salt)?;
    Ok(nobody.get_or_init(|| made).clone())
}

fn hash(cost: PasswordCost, password: &str, salt: &[u8]) -> Result<String, Problem> {
    let hash = argon2(cost)?.hash_password_with_salt(password.as_bytes(), salt).map_err(broken)?;
    Ok(hash.to_string())
}

fn argon2(cost: PasswordCost) -> Result<Argon2<'static>, Problem> {
    let params = Params::new(cost.memory_kib, cost.passes, 1, None).map_err(broken)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn broken(failure: impl std::fmt::Display) -> Problem {
    tracing::error!(%failure, "a password could not be hashed");
    Problem::new(Code::Internal)
}

/// The password as it is hashed.
fn normalised(password: &str) -> String {
    password.nfkc().collect()
}

/// A new password on its way into the store.
pub struct Change {
    /// Whose.
    pub member: MemberId,
    /// Of the new one.
    pub hash: String,
    /// The hash that the password until now was judged by; none for an operator, who need not know it.
    pub known: Option<String>,
    /// The session that goes on.
    pub keep: Option<TokenHash>,
}

impl Change {
    /// Makes the change: every other session ends, and the sockets that live by one fall silent. False, and nothing has
    /// happened, if the password until now is another than the one judged.
    ///
    /// # Errors
    /// What the store says.
    pub async fn make(self, records: &dyn Records, hub: Option<&Hub>) -> store::Result<bool> {
        let is_made = records.set_password(self.member, self.hash, self.known, self.keep).await?;
        if is_made && let Some(hub) = hub {
            hub.sessions_changed(self.member);
        }
        Ok(is_made)
    }
}

/// What is wrong with a new password, if anything.
pub fn fault(password: &str, username: &str) -> Option<&'static str> {
    let chars = normalised(password).chars().count();
    if chars < PASSWORD_CHARS_MIN {
        return Some("too_short");
    }
    if chars > PASSWORD_CHARS_MAX {
        return Some("too_long");
    }
    let is_username = password.eq_ignore_ascii_case(username);
    let is_one_character = password.chars().all(|c| password.starts_with(c));
    (is_username || is_one_character).then_some("too_easy")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passwords() -> Passwords {
        let cost = PasswordCost { memory_kib: 8, passes: 1 };
        Passwords::new(cost, 1, Arc::new(|bytes: &mut [u8]| bytes.fill(7)))
    }

    #[tokio::test]
    async fn a_password_is_known_by_its_hash() {
        let passwords = passwords();
        let hash = passwords.hash("correct horse").await.expect("hashed");
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        assert!(passwords.is_right("correct horse", Some(hash.clone())).await.expect("checked"));
        assert!(!passwords.is_right("wrong horse", Some(hash)).await.expect("checked"));
        assert!(!passwords.is_right("a password that nobody has", None).await.expect("checked"));
        assert!(!passwords.is_right("x", Some("no hash".to_owned())).await.expect("checked"));
    }

    #[tokio::test]
    async fn the_same_keys_give_the_same_password_everywhere() {
        let passwords = passwords();
        let composed = "비밀번호열두글자입니다";
        let decomposed: String = composed.nfd().collect();
        assert_ne!(composed, decomposed);
        let hash = passwords.hash(&decomposed).await.expect("hashed");
        assert!(passwords.is_right(composed, Some(hash)).await.expect("checked"));
    }

    #[test]
    fn a_password_has_8_to_128_characters() {
        for (password, wrong) in [
            ("1234567".to_owned(), Some("too_short")),
            ("12345678".to_owned(), None),
            ("가나다라마바사아".to_owned(), None),
            ("ab".repeat(64), None),
            (format!("{}c", "ab".repeat(64)), Some("too_long")),
            ("aaaaaaaaaa".to_owned(), Some("too_easy")),
            ("Mira_The_1st".to_owned(), Some("too_easy")),
        ] {
            assert_eq!(fault(&password, "mira_the_1st"), wrong, "{password}");
        }
    }
}
