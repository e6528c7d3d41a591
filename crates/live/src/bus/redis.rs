//! The bus of several nodes: carries hints over a channel of Redis, and knows from its own beats whether it does.
//!
//! One task, one connection. What waits is gathered into few messages; what comes is looked at where it comes in and never
//! queued. When a second's beat does not come back for [`SILENCE_MAX`], whether Redis is gone, stands still or is cut off,
//! hints are said to be down, and the connection is made again at growing, spread-out intervals, for ever.

use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, IntoConnectionInfo, ProtocolVersion, PushInfo, PushKind, RedisError, Value,
};
use tokio::sync::{Notify, mpsc};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use crate::bus::hint::Hint;
use crate::bus::hints::Hints;
use crate::hub::Hub;
use crate::lock::lock;

/// How often a node sends a beat.
const BEAT_EVERY: Duration = Duration::from_secs(1);

/// When no beat came back for so long, hints are down.
const SILENCE_MAX: Duration = Duration::from_millis(2_500);

/// A connection on which so many beats in a row did not come back is made again.
const BEATS_MISSED_MAX: u64 = 4;

/// How long a connection may take to be made, and how long an answer may take on it.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);

/// The shortest and the longest pause before a connection is made again.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(3)];

/// How much is published together at most, but for what a single round hints at.
const HINTED_TOGETHER_MAX: usize = 4_096;

/// Where the bus is: `redis://user:password@host:port/number`, or `rediss://` for TLS.
#[derive(Clone)]
pub struct BusAddress {
    client: Client,
    channel: String,
}

/// Why an address is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoBusAddress {
    /// It does not begin with a scheme that is known.
    Scheme,
    /// The rest of it cannot be read.
    Form,
}

impl fmt::Display for NoBusAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            NoBusAddress::Scheme => "a bus is at redis://host or, with TLS, rediss://host",
            NoBusAddress::Form => "the address of a bus looks like redis://user:password@host:6379/0",
        })
    }
}

impl std::error::Error for NoBusAddress {}

impl BusAddress {
    /// Reads an address. Pub/Sub knows no databases, so the number in it becomes part of the channel's name: markets that
    /// share a Redis do not hear each other.
    ///
    /// # Errors
    /// If it is no address of a Redis.
    pub fn parse(text: &str) -> Result<BusAddress, NoBusAddress> {
        if !["redis://", "rediss://"].iter().any(|scheme| text.starts_with(scheme)) {
            return Err(NoBusAddress::Scheme);
        }
        let info = text.into_connection_info().map_err(|_| NoBusAddress::Form)?;
        // What is pushed stands beside answers only in the third protocol.
        let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        let channel = format!("neighborbid:{}", settings.db());
        // The number is not selected: whoever may only publish and subscribe needs no right to it.
        let info = info.set_redis_settings(settings.set_db(0));
        Ok(BusAddress { client: Client::open(info).map_err(|_| NoBusAddress::Form)?, channel })
    }

    /// The Redis there, for whatever else the nodes count together; nothing is connected yet.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The channel's name. It differs between markets that share a Redis by the number in their addresses.
    pub fn channel(&self) -> &str {
        &self.channel
    }
}

impl fmt::Debug for BusAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("BusAddress").field("channel", &self.channel).finish_non_exhaustive()
    }
}

/// The bus, until it runs.
#[derive(Debug)]
pub struct RedisBus {
    carrier: Carrier,
    waiting: mpsc::Receiver<Hint>,
}

/// What carries hints.
#[derive(Debug)]
struct Carrier {
    address: BusAddress,
    hints: Hints,
    /// What the newest connection ended with.
    ended: Mutex<Option<Broken>>,
}

/// Why a connection is of no use any more.
#[derive(Debug)]
enum Broken {
    Redis(RedisError),
    Closed,
    Deaf,
}

impl fmt::Display for Broken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Broken::Redis(error) => error.fmt(out),
            Broken::Closed => out.write_str("the connection was closed"),
            Broken::Deaf => out.write_str("what is sent does not come back"),
        }
    }
}

impl From<RedisError> for Broken {
    fn from(error: RedisError) -> Broken {
        Broken::Redis(error)
    }
}

impl RedisBus {
    /// A bus at that address for the node of that number, drawn by chance; nothing is connected yet.
    pub fn new(address: BusAddress, node: u64) -> RedisBus {
        let (hints, waiting) = Hints::new(node);
        RedisBus { carrier: Carrier { address, hints, ended: Mutex::default() }, waiting }
    }

    /// The way of its hints.
    pub fn hints(&self) -> Hints {
        self.carrier.hints.clone()
    }

    /// Carries hints, for ever, and wakes whoever they matter to in this hub. Whoever starts this future owns it and drops
    /// it in the end, and the connection with it.
    pub async fn run(self, hub: Arc<Hub>) {
        let RedisBus { carrier, mut waiting } = self;
        tokio::join!(carrier.mind_beats(), carrier.carry(&mut waiting, &hub));
    }
}

impl Carrier {
    /// Says whether hints are up, and once in the log when that changes.
    async fn mind_beats(&self) {
        loop {
            if timeout(SILENCE_MAX, self.hints.beaten()).await.is_err() {
                let error = lock(&self.ended).take().map(|broken| broken.to_string());
                tracing::warn!(
                    error,
                    "the bus is silent; this node asks the database instead until it is back"
                );
                self.hints.set_up(false);
                self.hints.beaten().await;
            }
            if !self.hints.is_up() {
                tracing::info!("the bus carries hints");
                self.hints.set_up(true);
            }
        }
    }

    async fn carry(&self, waiting: &mut mpsc::Receiver<Hint>, hub: &Arc<Hub>) {
        let mut tries = 0;
        loop {
            let known = self.hints.newest_beat();
            let broken = match self.connected(waiting, hub).await {
                Ok(never) => match never {},
                Err(broken) => broken,
            };
            tracing::debug!(error = %broken, "a connection to the bus has ended");
            *lock(&self.ended) = Some(broken);
            tries = if self.hints.newest_beat() > known { 0 } else { tries + 1 };
            sleep(pause(self.hints.node(), tries)).await;
        }
    }

    /// Carries hints over one connection, as long as it is of use.
    async fn connected(
        &self,
        waiting: &mut mpsc::Receiver<Hint>,
        hub: &Arc<Hub>,
    ) -> Result<Infallible, Broken> {
        let closed = Arc::new(Notify::new());
        let hearing = hearing(self.hints.clone(), Arc::clone(hub), Arc::clone(&closed));
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(ANSWER_WITHIN))
            .set_response_timeout(Some(ANSWER_WITHIN))
            .set_push_sender(hearing);
        let mut line = self.address.client.get_multiplexed_async_connection_with_config(&config).await?;
        line.subscribe(&self.address.channel).await?;
        let mut beats = interval(BEAT_EVERY);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut before = None;
        loop {
            let mut hint = Hint::default();
            let beat = tokio::select! {
                biased;
                () = closed.notified() => return Err(Broken::Closed),
                _ = beats.tick() => self.hints.next_beat(),
                Some(first) = waiting.recv() => {
                    hint.join(first);
                    0
                }
            };
            if beat > 0 {
                let heard = self.hints.newest_beat().max(*before.get_or_insert(beat - 1));
                if beat - heard > BEATS_MISSED_MAX {
                    return Err(Broken::Deaf);
                }
            }
            while hint.len() < HINTED_TOGETHER_MAX
                && let Ok(next) = waiting.try_recv()
            {
                hint.join(next);
            }
            self.publish(&mut line, hint.messages(self.hints.node(), beat)).await?;
        }
    }

    async fn publish(
        &self,
        line: &mut MultiplexedConnection,
        messages: Vec<Vec<u8>>,
    ) -> Result<(), RedisError> {
        let mut pipeline = redis::pipe();
        for message in messages {
            pipeline.cmd("PUBLISH").arg(&self.address.channel).arg(message).ignore();
        }
        pipeline.exec_async(line).await
    }
}

/// What is done with everything that a connection brings without having been asked: it is looked at and forgotten.
fn hearing(
    hints: Hints,
    hub: Arc<Hub>,
    closed: Arc<Notify>,
) -> impl Fn(PushInfo) -> Result<(), Infallible> + Send + Sync + 'static {
    move |push| {
        match (push.kind, push.data.last()) {
            (PushKind::Message, Some(Value::BulkString(message))) => hints.hear(message, &hub),
            (PushKind::Disconnection, _) => closed.notify_one(),
            _ => {}
        }
        Ok(())
    }
}

/// How long to rest before connection number `tries`: twice as long each time up to a limit, of which each node takes
/// another part, so that a thousand do not come back at once.
fn pause(node: u64, tries: u32) -> Duration {
    let [shortest, longest] = PAUSES;
    let whole = shortest.saturating_mul(2_u32.saturating_pow(tries)).min(longest);
    let drawn = (node ^ u64::from(tries)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56;
    whole / 2 + whole.saturating_mul(u32::try_from(drawn).unwrap_or_default()) / 512
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_of_redis_and_names_its_channel() {
        for (text, channel) in [
            ("redis://localhost", "neighborbid:0"),
            ("redis://:secret@10.0.0.1:6380/7", "neighborbid:7"),
            ("rediss://bus:secret@bus.example:6379/0", "neighborbid:0"),
        ] {
            let address = BusAddress::parse(text).unwrap();
            assert_eq!(address.channel(), channel);
            assert!(!format!("{address:?}").contains("secret"));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "localhost", "nats://bus", "unix:///run/redis.sock", "redis+unix:///run/redis.sock"]
        {
            assert_eq!(BusAddress::parse(text).unwrap_err(), NoBusAddress::Scheme, "{text}");
        }
        for text in ["redis://", "redis://bus:port", "redis://bus/seven"] {
            assert_eq!(BusAddress::parse(text).unwrap_err(), NoBusAddress::Form, "{text}");
        }
    }

    #[test]
    fn pauses_grow_are_bounded_and_differ_between_nodes() {
        for tries in 0..100 {
            let pauses: Vec<Duration> = (1..=20).map(|node| pause(node, tries)).collect();
            let whole = Duration::from_millis(100).saturating_mul(2_u32.saturating_pow(tries)).min(PAUSES[1]);
            assert!(pauses.iter().all(|pause| (whole / 2..whole).contains(pause)), "{tries}: {pauses:?}");
            assert!(pauses.iter().any(|pause| *pause != pauses[0]), "{tries}: {pauses:?}");
        }
    }
}
