//! A lock in Redis, as it is usually built: SET NX PX with a token, waiting with jitter, released by a script that compares
//! the token first.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use redis::aio::MultiplexedConnection;

use crate::chance::Chance;

/// How long a lock lives whose owner does not release it.
const LEASE_MS: u64 = 10_000;

/// How often one bid asks for its lock.
const TRIES_MAX: usize = 20_000;

/// The longest wait between two tries, in milliseconds; the average is half of it.
const WAIT_MS_MAX: usize = 4;

/// Deletes the lock if the token is still its owner's.
const RELEASE: &str =
    "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end";

/// Connects to a Redis.
pub async fn connect(address: &str) -> Result<MultiplexedConnection> {
    let client = redis::Client::open(address).context("reading the address of Redis")?;
    client.get_multiplexed_async_connection().await.context("connecting to Redis")
}

/// Waits until the lock of this name is ours; gives how often it was somebody else's.
pub async fn acquire(
    redis: &mut MultiplexedConnection,
    name: &str,
    token: &str,
    chance: &mut Chance,
) -> Result<u64> {
    for waits in 0..TRIES_MAX {
        let mut ask = redis::cmd("SET");
        ask.arg(name).arg(token).arg("NX").arg("PX").arg(LEASE_MS);
        let granted: Option<String> = ask.query_async(redis).await.context("asking for a lock")?;
        if granted.is_some() {
            return Ok(waits as u64);
        }
        tokio::time::sleep(Duration::from_millis(1 + chance.below(WAIT_MS_MAX) as u64)).await;
    }
    bail!("a lock was not to be had in {TRIES_MAX} tries")
}

/// Gives the lock back, if it is still ours.
pub async fn release(redis: &mut MultiplexedConnection, name: &str, token: &str) -> Result<()> {
    let mut script = redis::cmd("EVAL");
    script.arg(RELEASE).arg(1).arg(name).arg(token);
    let _released: i64 = script.query_async(redis).await.context("releasing a lock")?;
    Ok(())
}
