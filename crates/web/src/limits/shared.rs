//! The shared count: what several equal nodes count of clients, together, in a Redis.
//!
//! Redis holds nothing that must not be lost. Whatever it does not say in time this node decides by what it counted itself,
//! and so does whoever comes while it is away: nobody is locked out because of it, and nobody hangs. What came to be known
//! of a client through Redis is kept here too, so falling back forgets nothing.
//!
//! - *Requests* cost no round trip. Each second ([`EXCHANGE_EVERY`]) a node writes down what it counted of each client in the
//!   window, in a field of its own, and reads what the others wrote. Until it has, it lets in what its own count allows: so
//!   much may come in excess of a limit, and no more.
//! - *Attempts to sign in* are judged at once, by the rule in `rule`: it is applied to what Redis has, and the outcome is
//!   written if that is what Redis still has.
//!
//! Every key begins with [`PREFIX`], carries no name and no address but a salted hash, and expires. Whoever may write to that
//! Redis can lift a limit, but no wait that is read from it is longer than the rule's own.

use std::io;
use std::sync::Mutex;
use std::time::Duration;

use auction::{Span, Time};
use data_encoding::BASE64URL_NOPAD;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Pipeline, RedisError, RedisResult};
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use super::lock;
use super::rule::{FORGOTTEN, Known, Tried};
use super::window::{CountHere, CountOfAll, Windows};

/// How often nodes tell each other what they counted of requests: the slack of a limit on them.
pub const EXCHANGE_EVERY: Duration = Duration::from_secs(1);

/// How long an attempt to sign in waits for Redis before this node decides by itself.
pub const JUDGED_WITHIN: Duration = Duration::from_millis(250);

/// How long connecting, or one batch of an exchange, may take before Redis counts as away.
const EXCHANGED_WITHIN: Duration = Duration::from_secs(1);

/// The most clients in one batch of an exchange: four commands each.
const BATCH_CLIENTS_MAX: usize = 1_000;

/// The most batches of one kind in one exchange; the clients beyond are told of in the next one.
const BATCHES_MAX: usize = 20;

/// How often an attempt is judged because another was written in between, before this node decides by itself.
const CHANGES_MAX: usize = 32;

/// How far another node's clock may be ahead; what is further ahead is a wrong clock's, and forgotten.
const CLOCKS_APART_MAX: Span = Span::seconds(10);

/// Of every key; the number changes with what is written.
const PREFIX: &str = "neighborbid:limits:2";

/// How many lengths of a window its count is kept after it was last told: the next window still asks for it.
const WINDOWS_KEPT: i64 = 3;

/// The bytes of a hash in a key.
const HASH_BYTES: usize = 16;

/// The most that any node is believed to have counted of one client in a window.
const COUNT_MAX: u32 = 1_000_000_000;

/// How long what is written to see whether Redis takes it is kept, if it was not deleted at once.
const PROBE_KEPT: Span = Span::seconds(5);

/// Writes values if Redis has what was expected, an empty text for nothing; says what it has if it is not. What is as it was
/// is not written again, so that it expires.
const CHANGE: &str = "
local found, expected = {}, true
for place, key in ipairs(KEYS) do
    found[place] = redis.call('GET', key) or ''
    expected = expected and found[place] == ARGV[place]
end
if not expected then return found end
for place, key in ipairs(KEYS) do
    local value = ARGV[#KEYS + place]
    if value == '' and found[place] ~= '' then
        redis.call('DEL', key)
    elseif value ~= found[place] then
        redis.call('SET', key, value, 'PX', ARGV[2 * #KEYS + 1])
    end
end
return {}";

/// What tells one run of a node from all others.
pub(crate) type NodeName = [u8; 16];

/// A count that this node shares with others of its market.
pub struct SharedCount {
    client: Client,
    salt: [u8; 32],
    /// This node's field in what is counted.
    node: String,
    judged_within: Duration,
    exchanged_within: Duration,
    line: Mutex<Opened>,
    /// One exchange at a time, so that whoever asked for one knows that all that was counted before has been told.
    turn: tokio::sync::Mutex<()>,
}

/// The connection to Redis.
#[derive(Default)]
struct Opened {
    /// How many there were, so that who gives one up gives up no newer one.
    number: u64,
    open: Option<MultiplexedConnection>,
    /// Whether limits were last said to count together.
    together: Option<bool>,
}

/// One who tries to sign in, as Redis knows him.
pub(super) struct Who([String; 3]);

impl SharedCount {
    /// The count of `market` in the Redis at `url`, as `redis://host:6379`; nothing is connected to yet.
    ///
    /// # Errors
    /// If `url` is none of a Redis.
    pub fn new(url: &str, market: &str) -> Result<SharedCount, RedisError> {
        Ok(SharedCount::over(Client::open(url)?, market))
    }

    /// The count of `market` in that Redis. Nodes count together that were given the same market and a Redis with the same
    /// password.
    pub fn over(client: Client, market: &str) -> SharedCount {
        let password = client.get_connection_info().redis_settings().password().unwrap_or_default();
        let salt = Sha256::digest(format!("{market}\n{password}")).into();
        SharedCount {
            client,
            salt,
            node: String::new(),
            judged_within: JUDGED_WITHIN,
            exchanged_within: EXCHANGED_WITHIN,
            line: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// The same, which waits so long for Redis before this node decides by itself: for a test on a machine that may stand
    /// still.
    pub fn patient(self, patience: Duration) -> SharedCount {
        SharedCount { judged_within: patience, exchanged_within: patience, ..self }
    }

    /// The same, for the node of that name, which no other node has or had.
    pub(crate) fn of_node(self, name: NodeName) -> SharedCount {
        SharedCount { node: BASE64URL_NOPAD.encode(&name), ..self }
    }

    /// Whoever tries to sign in as `username` from `address`.
    pub(super) fn who(&self, username: &str, address: u128) -> Who {
        let (name, from) = (username.as_bytes(), &address.to_be_bytes()[..]);
        Who([self.key("pair", &[from, name]), self.key("member", &[name]), self.key("address", &[from])])
    }

    /// What is known of him after a rule was applied to it, and what the rule says; nothing if Redis is away or slow.
    pub(super) async fn change<T>(
        &self,
        who: &Who,
        here: Known,
        now: Time,
        rule: fn(&mut Known, Time) -> T,
    ) -> Option<(Known, T)> {
        let (number, open) = self.open()?;
        let changed = self.within(self.judged_within, number, changed(open, who, here, now, rule)).await;
        changed
            .inspect_err(|error| tracing::debug!(%error, "an attempt is judged by this node alone"))
            .ok()?
    }

    /// Tells the other nodes what was counted since they were last told, and hears what they counted. Connects first if it
    /// must; it happens only here, so nobody else waits for it. Whether all that was exchanged.
    pub(super) async fn exchange(&self, kinds: &[(&str, &Windows)]) -> bool {
        let _turn = self.turn.lock().await;
        let exchanged = self.exchange_all(kinds).await;
        self.say(exchanged.as_ref().copied());
        if exchanged.is_err() {
            kinds.iter().for_each(|(_, windows)| windows.tell_nobody());
        }
        exchanged.is_ok()
    }

    async fn exchange_all(&self, kinds: &[(&str, &Windows)]) -> RedisResult<()> {
        let (number, open) = self.writing().await?;
        for (kind, windows) in kinds {
            for _ in 0..BATCHES_MAX {
                let told = windows.untold(BATCH_CLIENTS_MAX);
                if told.is_empty() {
                    break;
                }
                let batch = self.batch(kind, windows.length(), &told);
                let mut open = open.clone();
                let heard = batch.query_async::<Vec<Vec<Vec<u8>>>>(&mut open);
                let heard = self.within(self.exchanged_within, number, heard).await?;
                for (tally, heard) in told.iter().zip(heard.chunks_exact(2)) {
                    windows.hear(*tally, CountOfAll { count: sum(&heard[0]), before: sum(&heard[1]) });
                }
            }
        }
        Ok(())
    }

    /// The commands that tell of each client and ask for what all nodes told, in this window and the one before.
    fn batch(&self, kind: &str, length: Span, told: &[CountHere]) -> Pipeline {
        let mut batch = redis::pipe();
        for tally in told {
            let client = self.key(kind, &[&tally.client.to_be_bytes()]);
            let number = tally.began.0.div_euclid(length.0);
            let [count, before] = [number, number - 1].map(|number| format!("{client}:{number}"));
            batch.cmd("HSET").arg(&count).arg(&self.node).arg(tally.here).ignore();
            batch.cmd("PEXPIRE").arg(&count).arg(millis(length) * WINDOWS_KEPT).ignore();
            batch.cmd("HVALS").arg(count).cmd("HVALS").arg(before);
        }
        batch
    }

    /// The line that is open, if Redis takes what is written on it, or else a new one: it may lead to another Redis.
    async fn writing(&self) -> RedisResult<(u64, MultiplexedConnection)> {
        if let Some((number, mut open)) = self.open() {
            if self.within(self.exchanged_within, number, self.probe(&mut open)).await.is_ok() {
                return Ok((number, open));
            }
            self.give_up(number);
        }
        let limits = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.exchanged_within))
            .set_response_timeout(Some(self.exchanged_within));
        let connected = async {
            let mut open = self.client.get_multiplexed_async_connection_with_config(&limits).await?;
            self.probe(&mut open).await?;
            RedisResult::Ok(open)
        };
        let open = timeout(self.exchanged_within, connected).await.unwrap_or_else(|_| Err(too_late()))?;
        let mut line = lock(&self.line);
        line.number += 1;
        line.open = Some(open.clone());
        Ok((line.number, open))
    }

    /// Does all that is ever done there, with nobody's keys: a Redis may answer and yet be full, read-only, or not let this
    /// user write.
    async fn probe(&self, open: &mut MultiplexedConnection) -> RedisResult<()> {
        let nobody = CountHere { client: 0, began: Time(0), here: 0 };
        let mut probe = self.batch("probe", PROBE_KEPT, &[nobody]);
        let key = format!("{PREFIX}:probe");
        probe.cmd("SET").arg(&key).arg("1").arg("PX").arg(millis(PROBE_KEPT)).ignore();
        probe.cmd("EVAL").arg(CHANGE).arg(1).arg(&key).arg("1").arg("").arg(millis(PROBE_KEPT)).ignore();
        probe.exec_async(open).await
    }

    fn open(&self) -> Option<(u64, MultiplexedConnection)> {
        let line = lock(&self.line);
        line.open.clone().map(|open| (line.number, open))
    }

    /// What Redis says on a line, in time. A line on which it does not is given up, so that nobody waits there again; if it
    /// only refuses, the line is as good as any.
    async fn within<T>(
        &self,
        limit: Duration,
        number: u64,
        asked: impl Future<Output = RedisResult<T>>,
    ) -> RedisResult<T> {
        let answer = timeout(limit, asked).await.unwrap_or_else(|_| Err(too_late()));
        if let Err(error) = &answer
            && (error.is_io_error() || error.is_unrecoverable_error())
        {
            self.give_up(number);
            self.say(Err(error));
        }
        answer
    }

    fn give_up(&self, number: u64) {
        let mut line = lock(&self.line);
        if line.number == number {
            line.open = None;
        }
    }

    /// Says it once when limits begin to count together, and once, and why, when they no longer do.
    fn say(&self, together: Result<(), &RedisError>) {
        if lock(&self.line).together.replace(together.is_ok()) == Some(together.is_ok()) {
            return;
        }
        match together {
            Ok(()) => tracing::info!("limits on clients count over all nodes"),
            Err(error) => tracing::warn!(%error, "limits on clients count on this node alone"),
        }
    }

    /// The key of a client, a pseudonym: who knows the salt can find an address again by trying all of them.
    fn key(&self, kind: &str, parts: &[&[u8]]) -> String {
        let mut hash = Sha256::new();
        hash.update(self.salt);
        hash.update(kind);
        parts.iter().for_each(|part| hash.update(part));
        format!("{PREFIX}:{kind}:{}", BASE64URL_NOPAD.encode(&hash.finalize()[..HASH_BYTES]))
    }
}

/// No answer in time.
fn too_late() -> RedisError {
    RedisError::from(io::Error::new(io::ErrorKind::TimedOut, "no answer in time"))
}

/// Applies a rule to what Redis has and this node knows, and writes the outcome. What is refused changes nothing, so few
/// attempts get in each other's way; nothing, if too many did.
async fn changed<T>(
    mut open: MultiplexedConnection,
    who: &Who,
    here: Known,
    now: Time,
    rule: fn(&mut Known, Time) -> T,
) -> RedisResult<Option<(Known, T)>> {
    // Most often Redis has what this node knew last.
    let mut found = written(here, now);
    for _ in 0..CHANGES_MAX {
        let before = here.joined(read(&found, now));
        let mut known = before;
        let answer = rule(&mut known, now);
        let kept = if known == before { found.clone() } else { written(known, now) };
        let mut change = redis::cmd("EVAL");
        change.arg(CHANGE).arg(who.0.len()).arg(&who.0[..]).arg(&found[..]);
        change.arg(&kept[..]).arg(millis(FORGOTTEN));
        match <[String; 3]>::try_from(change.query_async::<Vec<String>>(&mut open).await?) {
            Ok(other) => found = other,
            Err(_) => return Ok(Some((known, answer))),
        }
    }
    Ok(None)
}

/// What is known, as Redis keeps it; an empty text for what is not worth a key.
fn written(known: Known, now: Time) -> [String; 3] {
    let written = |tried: Option<Tried>| tried.filter(|tried| !tried.is_nothing(now)).map(text);
    [known.pair, known.member, known.address].map(|tried| written(tried).unwrap_or_default())
}

fn text(tried: Tried) -> String {
    let Tried { failures, last, next, lowered, trusted } = tried;
    format!("{failures} {} {} {} {}", last.0, next.0, lowered.0, u8::from(trusted))
}

/// What Redis keeps, as far as it is known at that time. What cannot be read is nothing.
fn read(found: &[String; 3], now: Time) -> Known {
    let [pair, member, address] = found.each_ref().map(|text| tried(text, now));
    Known { pair, member, address }.bounded(now)
}

/// What another node wrote a moment ago by a clock that is a little ahead happened now; or else it would be forgotten.
fn tried(text: &str, now: Time) -> Option<Tried> {
    let mut parts = text.split(' ');
    let mut number = || parts.next()?.parse::<i64>().ok();
    let failures = u32::try_from(number()?).ok()?;
    let (last, next, lowered) = (Time(number()?), Time(number()?), Time(number()?));
    let trusted = number()? != 0;
    let ahead = last.since(now);
    let written = Tried { failures, last, next, lowered, trusted };
    if (Span(1)..=CLOCKS_APART_MAX).contains(&ahead) {
        return Some(Tried { last: now, next: next.minus(ahead), lowered: lowered.minus(ahead), ..written });
    }
    Some(written)
}

/// What all nodes counted. What is no number, or none that a node could have counted, spoils nothing else.
fn sum(counts: &[Vec<u8>]) -> u32 {
    let count = |text: &Vec<u8>| str::from_utf8(text).ok()?.parse::<u32>().ok();
    counts.iter().fold(0, |sum, text| sum.saturating_add(count(text).unwrap_or_default().min(COUNT_MAX)))
}

fn millis(span: Span) -> i64 {
    span.0 / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::rule::NEVER;

    const NOW: Time = Time(1_800_000_000_000_000);

    fn at(seconds: i64) -> Time {
        NOW.plus(Span::seconds(seconds))
    }

    #[test]
    fn what_is_written_is_read_again() {
        let tried = Tried { failures: 7, last: at(-3), next: at(5), lowered: at(-4), trusted: true };
        assert_eq!(text(tried), "7 1799999997000000 1800000005000000 1799999996000000 1");
        let known = Known {
            pair: Some(tried),
            member: None,
            address: Some(Tried { failures: 1, ..Tried::never(NOW) }),
        };
        assert_eq!(read(&written(known, NOW), NOW), known);
    }

    #[test]
    fn what_says_nothing_has_no_key_but_a_knock_and_trust_have() {
        let never = Tried::never(NOW);
        for (tried, kept) in [
            (never, false),
            (Tried { lowered: NOW, ..never }, false),
            (Tried { next: at(5), ..never }, true),
            (Tried { trusted: true, ..never }, true),
            (Tried { failures: 1, ..never }, true),
        ] {
            let [pair, ..] = written(Known { pair: Some(tried), ..Known::default() }, NOW);
            assert_eq!(!pair.is_empty(), kept, "{tried:?}");
        }
    }

    #[test]
    fn a_count_that_no_node_wrote_spoils_no_other() {
        for (values, counted) in [
            (&["3", "4"][..], 7),
            (&["3", "many", "", "-1", "\u{fffd}", "4294967296", "4"], 7),
            (&["4294967295"], COUNT_MAX),
            (&[], 0),
        ] {
            let values: Vec<Vec<u8>> = values.iter().map(|value| value.as_bytes().to_vec()).collect();
            assert_eq!(sum(&values), counted, "{values:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_or_is_forgotten_is_nothing() {
        let long_ago =
            text(Tried { failures: 3, last: at(-900), next: at(-900), lowered: NEVER, trusted: false });
        for found in [
            "",
            "1",
            "1 2 3",
            "-1 2 3 4 0",
            "a b c d e",
            "1  2 3 4 0",
            "7 1799999997000000 1799999997000000 1",
            &long_ago,
        ] {
            assert_eq!(
                read(&[found.to_owned(), String::new(), String::new()], NOW),
                Known::default(),
                "{found}"
            );
        }
    }

    #[test]
    fn a_clock_a_little_ahead_makes_nobody_forgotten_and_nobody_wait_longer() {
        for (ahead, known) in [(0, Some((0, 30))), (10, Some((0, 30))), (11, None)] {
            let lowered = at(ahead - 1);
            let by_another =
                Tried { failures: 9, last: at(ahead), next: at(ahead + 30), lowered, trusted: false };
            let expected = known.map(|(last, next)| Tried {
                last: at(last),
                next: at(next),
                lowered: at(last - 1),
                ..by_another
            });
            let found = [text(by_another), String::new(), String::new()];
            assert_eq!(read(&found, NOW).pair, expected, "{ahead} seconds ahead");
        }
    }

    #[test]
    fn a_key_names_nobody_and_differs_between_markets_and_passwords() {
        let key = |url, market| {
            let count = SharedCount::new(url, market).expect("a URL");
            let [pair, member, address] = count.who("mira", 7).0;
            assert_ne!(pair.rsplit(':').next(), address.rsplit(':').next());
            assert!(!member.contains("mira"), "{member}");
            pair
        };
        let one = key("redis://a:6379", "one");
        assert!(one.starts_with("neighborbid:limits:2:pair:"), "{one}");
        assert_eq!(one.len(), "neighborbid:limits:2:pair:".len() + 22);
        assert_eq!(one, key("redis://b:6379", "one"), "nodes may reach one Redis by several names");
        assert_ne!(one, key("redis://a:6379", "two"));
        assert_ne!(one, key("redis://:secret@a:6379", "one"));
    }
}
