//! Limits on clients: how often an address may ask, how fast passwords may be tried, how many sockets may be open.
//!
//! All of it lives in bounded memory, in this process; with a [`SharedCount`], requests and sign-ins count over all nodes of
//! a market, and sockets on each by itself. `rate_limits = off` lifts every limit here; limits of size are elsewhere and
//! always hold.

mod entered;
mod rule;
mod shared;
mod sign_in;
mod window;

use std::sync::{Mutex, MutexGuard, PoisonError};

use auction::{Span, Time};
use rule::Known;
use sha2::{Digest, Sha256};
use store::records::{UPLOADS_COUNTED_FOR, UPLOADS_UNUSED_MAX};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

pub use entered::{Entered, Entries};
pub(crate) use shared::NodeName;
pub use shared::{EXCHANGE_EVERY, JUDGED_WITHIN, SharedCount};
pub use sign_in::SignInDelays;
pub use window::Windows;

use crate::caller::Address;
use crate::failure::{Code, Problem};
use crate::settings::WebSettings;

/// The most clients that are remembered by any one limit.
const CLIENTS_MAX: usize = 100_000;

/// How many uploads a member may prepare within [`UPLOADS_COUNTED_FOR`]: as many as he may upload and not use.
pub const PREPARED_UPLOADS_MAX: u32 = UPLOADS_UNUSED_MAX as u32;
/// How many exports are made at once, of all members: each is some thousand reads.
pub const EXPORTS_AT_ONCE_MAX: usize = 2;
/// How many letters that ask for a confirmation go to one address in a day, whoever asks for them: nobody's mailbox is filled
/// by strangers with many names.
pub const CONFIRMATIONS_TO_ONE_ADDRESS_MAX: u32 = 5;

/// Every limit on clients.
pub struct Limits {
    on: bool,
    requests: Windows,
    password_calls: Windows,
    exports: Windows,
    prepared_uploads: Windows,
    exporting: Semaphore,
    confirmations: Windows,
    sign_ins: SignInDelays,
    shared: Option<SharedCount>,
    sockets_per_member: u32,
    address_sockets: Entries<u128>,
}

impl Limits {
    /// The limits that the settings ask for, counted with other nodes if there is a `shared` count.
    pub fn new(settings: &WebSettings, shared: Option<SharedCount>) -> Limits {
        let minute = Span::minutes(1);
        let shared = shared.filter(|_| settings.rate_limits);
        let windows = |limit| Windows::new(limit, minute, CLIENTS_MAX).together(shared.is_some());
        let sockets = |limit| if settings.rate_limits { limit } else { u32::MAX };
        Limits {
            on: settings.rate_limits,
            requests: windows(settings.requests_per_minute),
            password_calls: windows(settings.password_calls_per_minute),
            exports: Windows::new(1, minute, CLIENTS_MAX),
            prepared_uploads: Windows::new(PREPARED_UPLOADS_MAX, UPLOADS_COUNTED_FOR, CLIENTS_MAX),
            exporting: Semaphore::new(EXPORTS_AT_ONCE_MAX),
            confirmations: Windows::new(CONFIRMATIONS_TO_ONE_ADDRESS_MAX, Span::days(1), CLIENTS_MAX)
                .together(shared.is_some()),
            sign_ins: SignInDelays::new(CLIENTS_MAX),
            shared,
            sockets_per_member: sockets(settings.sockets_per_member),
            address_sockets: Entries::new(sockets(settings.sockets_per_address)),
        }
    }

    /// Lets a request in.
    ///
    /// # Errors
    /// `rate_limited` beyond the address's share of the minute.
    pub fn request(&self, address: Address, now: Time) -> Result<(), Problem> {
        self.admit(&self.requests, address, now)
    }

    /// Lets a call in that costs a password's hash.
    ///
    /// # Errors
    /// `rate_limited` beyond the address's share of the minute.
    pub fn password_call(&self, address: Address, now: Time) -> Result<(), Problem> {
        self.admit(&self.password_calls, address, now)
    }

    /// Lets a member take along what is his, once a minute on each node.
    ///
    /// # Errors
    /// `busy` while as many are made as may be at once, which does not count; `rate_limited` within a minute of the last time.
    pub fn export(&self, member: ledger::MemberId, now: Time) -> Result<SemaphorePermit<'_>, Problem> {
        let turn = self.exporting.try_acquire().map_err(|_| Problem::new(Code::Busy))?;
        let client = u128::from(member.0.unsigned_abs());
        if self.on {
            self.exports.admit(client, now).map_err(Problem::rate_limited)?;
        }
        Ok(turn)
    }

    /// Lets a member prepare an upload straight into the storage, as often in a day as he may upload, on each node.
    ///
    /// # Errors
    /// `rate_limited` beyond that.
    pub fn prepared_upload(&self, member: ledger::MemberId, now: Time) -> Result<(), Problem> {
        let client = u128::from(member.0.unsigned_abs());
        if self.on { self.prepared_uploads.admit(client, now).map_err(Problem::rate_limited) } else { Ok(()) }
    }

    /// Lets a letter to an address of e-mail go that asks whether it is a member's own.
    ///
    /// # Errors
    /// `too_many_confirmations` beyond [`CONFIRMATIONS_TO_ONE_ADDRESS_MAX`] a day.
    pub fn confirmation(&self, to: &str, now: Time) -> Result<(), Problem> {
        if !self.on {
            return Ok(());
        }
        // The same mailbox however it is spelled; what is remembered is no address.
        let hash: [u8; 32] = Sha256::digest(mailbox(to)).into();
        let client = hash.iter().take(16).fold(0, |client: u128, byte| client << 8 | u128::from(*byte));
        let admitted = self.confirmations.admit(client, now);
        admitted.map_err(|_| Problem::new(Code::TooManyConfirmations))
    }

    /// Lets an attempt to sign in begin; it counts as failed until [`Limits::signed_in`]. Costs at most
    /// [`JUDGED_WITHIN`], and nothing without a shared count.
    ///
    /// # Errors
    /// `rate_limited` while this address must wait. No other address waits for it, so nobody is locked out.
    pub async fn sign_in(&self, username: &str, address: Address, now: Time) -> Result<(), Problem> {
        if !self.on {
            return Ok(());
        }
        self.change(username, address, now, Known::attempt).await.map_err(Problem::rate_limited)
    }

    /// The attempt was the member himself.
    pub async fn signed_in(&self, username: &str, address: Address, now: Time) {
        if self.on {
            self.change(username, address, now, Known::succeeded).await;
        }
    }

    /// The attempt came to no verdict, so it does not count.
    pub async fn sign_in_not_judged(&self, username: &str, address: Address, now: Time) {
        if self.on {
            self.change(username, address, now, Known::not_judged).await;
        }
    }

    /// Applies a rule to what all nodes know of an attempt, or, if that cannot be had in time, to what this one knows.
    async fn change<T>(
        &self,
        username: &str,
        address: Address,
        now: Time,
        rule: fn(&mut Known, Time) -> T,
    ) -> T {
        let address = address.group();
        if let Some(shared) = &self.shared {
            let who = shared.who(username, address);
            let here = self.sign_ins.known(username, address, now);
            if let Some((known, answer)) = shared.change(&who, here, now, rule).await {
                self.sign_ins.keep(username, address, known, now);
                return answer;
            }
        }
        self.sign_ins.change(username, address, now, rule)
    }

    /// Counts with the other nodes, if there is a shared count, until the server stops.
    pub async fn share(&self, stopping: &CancellationToken) {
        if self.shared.is_none() {
            return;
        }
        let mut turns = interval(EXCHANGE_EVERY);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let exchanging = async {
            loop {
                turns.tick().await;
                self.exchange().await;
            }
        };
        // An exchange that is left half-way is made good by whoever asks next: telling twice does no harm.
        stopping.run_until_cancelled(exchanging).await;
    }

    /// Tells the other nodes what was counted here and hears what they counted. Whether the shared count could be had.
    pub async fn exchange(&self) -> bool {
        let Some(shared) = &self.shared else { return false };
        let counted = [
            ("requests", &self.requests),
            ("passwords", &self.password_calls),
            ("confirmations", &self.confirmations),
        ];
        shared.exchange(&counted).await
    }

    /// How many sockets a member may have; the hub counts them.
    pub fn sockets_per_member(&self) -> usize {
        usize::try_from(self.sockets_per_member).unwrap_or(usize::MAX)
    }

    /// A place for an address's socket, until it is dropped; none beyond the limit.
    pub fn address_socket(&self, address: Address) -> Option<Entered<u128>> {
        self.address_sockets.enter(address.group())
    }

    fn admit(&self, windows: &Windows, address: Address, now: Time) -> Result<(), Problem> {
        if self.on { windows.admit(address.group(), now).map_err(Problem::rate_limited) } else { Ok(()) }
    }
}

/// The mailbox that an address of e-mail leads to with most providers: in lower case, and without what follows a `+` before
/// the `@`, which everybody may choose as he likes.
fn mailbox(address: &str) -> String {
    let address = address.to_ascii_lowercase();
    match address.rsplit_once('@') {
        Some((local, domain)) => {
            let (box_of, _) = local.split_once('+').unwrap_or((local, ""));
            // Before a `+` at the very beginning nothing is named: then all of it is the name.
            format!("{}@{domain}", if box_of.is_empty() { local } else { box_of })
        }
        None => address,
    }
}

/// What is counted stays usable after a panic elsewhere: a count is never half written.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whole seconds of a span, rounded up, at least one.
fn seconds_up(span: Span) -> u64 {
    u64::try_from(span.0).unwrap_or_default().div_ceil(1_000_000).max(1)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[test]
    fn few_exports_are_made_at_once_and_one_a_minute_of_a_member() {
        let limits = Limits::new(&WebSettings::default(), None);
        let export = |member| limits.export(ledger::MemberId(member), Time(0));
        let code =
            |refused: Result<SemaphorePermit<'_>, Problem>| refused.err().map(|problem| problem.code());
        let turns: Vec<_> = (1..=2).map(|member| export(member).expect("there is room")).collect();
        assert_eq!(code(export(3)), Some(Code::Busy));
        drop(turns);
        assert_eq!(code(export(1)), Some(Code::RateLimited));
        assert_eq!(code(export(3)), None, "being full did not count");
    }

    #[test]
    fn a_mailbox_has_many_spellings() {
        for (address, expected) in [
            ("mina@example.net", "mina@example.net"),
            ("Mina@Example.NET", "mina@example.net"),
            ("mina+1@example.net", "mina@example.net"),
            ("mina+1+2@example.net", "mina@example.net"),
            ("mina@exam+ple.net", "mina@exam+ple.net"),
            ("+1@example.net", "+1@example.net"),
            ("mina", "mina"),
        ] {
            assert_eq!(mailbox(address), expected, "{address}");
        }
        let limits = Limits::new(&WebSettings::default(), None);
        for number in 0..CONFIRMATIONS_TO_ONE_ADDRESS_MAX {
            limits.confirmation(&format!("mina+{number}@example.net"), Time(0)).expect("not too many yet");
        }
        let refused = limits.confirmation("mina@example.net", Time(0)).expect_err("too many");
        assert_eq!(refused.code(), Code::TooManyConfirmations);
        limits.confirmation("joon@example.net", Time(0)).expect("another's");
    }

    #[tokio::test]
    async fn off_lifts_them_all() {
        let off = WebSettings {
            rate_limits: false,
            requests_per_minute: 1,
            sockets_per_address: 1,
            ..WebSettings::default()
        };
        let shared = SharedCount::new("redis://127.0.0.1:1", "market").expect("a URL");
        let limits = Limits::new(&off, Some(shared));
        assert!(limits.shared.is_none(), "what limits nothing counts nothing");
        let address = Address(IpAddr::from([127, 0, 0, 1]));
        let _sockets: Vec<_> = (0..5).map(|_| limits.address_socket(address).expect("lifted")).collect();
        for _ in 0..50 {
            limits.request(address, Time(0)).expect("lifted");
            limits.sign_in("someone", address, Time(0)).await.expect("lifted");
        }
    }
}
