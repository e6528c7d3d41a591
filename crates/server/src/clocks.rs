//! Time and chance: read from the machine here, handed to everyone else.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use auction::{Span, Time};
use rustix::time::{ClockId, clock_gettime};
use tokio_util::sync::CancellationToken;
use web::darkroom::Darkroom;
use web::darkroom::sweep::{Swept, SweptBytes};

/// The wall clock.
#[expect(clippy::disallowed_methods, reason = "the server reads the clock so that nobody else must")]
pub fn wall() -> store::Clock {
    Arc::new(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Time(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    })
}

/// The clock that nobody sets and that goes on while the machine sleeps: a sleep is an outage, not a jump.
#[cfg(target_os = "linux")]
const STEADY: ClockId = ClockId::Boottime;
/// Elsewhere the system's steady clock has to do; on macOS it goes on in sleep too.
#[cfg(not(target_os = "linux"))]
const STEADY: ClockId = ClockId::Monotonic;

/// A clock that only goes forward.
#[expect(clippy::disallowed_methods, reason = "the server reads the clock so that nobody else must")]
pub fn steady() -> engine::Steady {
    Arc::new(|| {
        let now = clock_gettime(STEADY);
        Span(Span::seconds(now.tv_sec).0.saturating_add(now.tv_nsec / 1_000))
    })
}

/// The system's chance.
#[expect(clippy::disallowed_methods, reason = "the server draws chance so that nobody else must")]
pub fn chance() -> web::Chance {
    Arc::new(|bytes| {
        // Without chance no token may be made: the process ends rather than hand out one that can be guessed.
        getrandom::fill(bytes).expect("the system gives random bytes");
    })
}

/// A number by chance.
pub fn number() -> u64 {
    let mut bytes = [0; 8];
    chance()(&mut bytes);
    u64::from_le_bytes(bytes)
}

/// How often uploads that nobody uses are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(600);

/// At the first of these looks, and then after so many of them, also bytes are looked for that belong to no picture: about
/// twice a day, and once in a house that is started every day anew.
const SWEEPS_BETWEEN_BYTES: u32 = 72;

/// Takes away what was uploaded and is used for nothing, until the house stops. What fails is tried again the next time.
pub async fn sweep_pictures(darkroom: Arc<Darkroom>, clock: store::Clock, stopping: CancellationToken) {
    let sweeping = async {
        for look in 1_u32.. {
            tokio::time::sleep(SWEEP_EVERY).await;
            match darkroom.sweep(&*clock).await {
                Ok(swept) if swept == Swept::default() => {}
                Ok(Swept { uploads, pictures, failed }) => {
                    tracing::info!(uploads, pictures, failed, "unused pictures were removed")
                }
                Err(error) => tracing::warn!(%error, "unused pictures could not be removed"),
            }
            if (look - 1).is_multiple_of(SWEEPS_BETWEEN_BYTES) {
                match darkroom.sweep_bytes(&*clock).await {
                    Ok(swept) if swept == SweptBytes::default() => {}
                    Ok(SweptBytes { strays, unfinished, failed }) => {
                        tracing::info!(
                            strays,
                            unfinished,
                            failed,
                            "bytes that belong to no picture were removed"
                        )
                    }
                    Err(error) => tracing::warn!(%error, "the bytes of pictures could not be looked through"),
                }
            }
        }
    };
    stopping.run_until_cancelled(sweeping).await;
}

/// What this process costs, as the system tells it.
pub fn process() -> web::Process {
    Arc::new(|| {
        let resident_pages = first_number("/proc/self/statm", 1).unwrap_or_default();
        let ticks = first_number("/proc/self/stat", 13).unwrap_or_default()
            + first_number("/proc/self/stat", 14).unwrap_or_default();
        web::ProcessFigures {
            resident_memory_bytes: resident_pages.saturating_mul(PAGE_BYTES),
            cpu_seconds: ticks as f64 / TICKS_PER_SECOND,
        }
    })
}

/// A page of memory on the machines we build for.
const PAGE_BYTES: u64 = 4_096;

/// What Linux counts processor time in.
const TICKS_PER_SECOND: f64 = 100.0;

fn first_number(path: &str, at: usize) -> Option<u64> {
    let text = std::fs::read_to_string(path).ok()?;
    text.split_whitespace().nth(at)?.parse().ok()
}
