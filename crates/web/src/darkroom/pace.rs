//! The least pace of an upload, or of what is shown: the time it may take grows with the bytes that came, so nobody holds a
//! place by trickling.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::{Instant, timeout_at};

use super::BYTES_MAX;
use crate::failure::{Code, Problem};

/// How long an upload may take to come: twelve megabytes at two megabits a second.
pub const UPLOAD_WITHIN: Duration = Duration::from_secs(60);

/// How long it may take to come into its stride.
pub const STRIDE_WITHIN: Duration = Duration::from_secs(10);

/// The fewest bytes in a second after that: a quarter of the pace at which the largest upload comes in time.
pub const BYTES_PER_SECOND_MIN: u64 = 48 * 1024;

/// How an upload comes, or how what is shown is taken.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    began: Instant,
    come: u64,
    bytes_per_second: u64,
    within: Duration,
}

impl Pace {
    /// That of an upload that begins now.
    pub fn begin() -> Pace {
        Pace::at_least(BYTES_PER_SECOND_MIN, UPLOAD_WITHIN)
    }

    /// One that begins now: so many bytes in each second after [`STRIDE_WITHIN`], and all of them within that time.
    #[expect(
        clippy::disallowed_methods,
        reason = "the runtime's own clock, held against its timers alone; tests stop it"
    )]
    pub fn at_least(bytes_per_second: u64, within: Duration) -> Pace {
        Pace { began: Instant::now(), come: 0, bytes_per_second, within }
    }

    /// So many bytes more came, or went.
    pub fn come(&mut self, bytes: usize) {
        self.come = self.come.saturating_add(bytes as u64);
    }

    /// When the next bytes must be there.
    pub fn deadline(&self) -> Instant {
        self.began + self.allowed()
    }

    fn allowed(&self) -> Duration {
        let earned = Duration::from_millis(self.come.saturating_mul(1_000) / self.bytes_per_second.max(1));
        STRIDE_WITHIN.saturating_add(earned).min(self.within)
    }
}

/// All of an upload, if it is not too long and comes at the least pace.
///
/// # Errors
/// `too_large_bytes`, or `malformed` if it broke off or came too slowly.
pub async fn read(body: Body) -> Result<Bytes, Problem> {
    let (mut body, mut pace, mut read) = (Limited::new(body, BYTES_MAX), Pace::begin(), BytesMut::new());
    loop {
        match timeout_at(pace.deadline(), body.frame()).await {
            Ok(None) => return Ok(read.freeze()),
            Ok(Some(Ok(frame))) => {
                let data = frame.into_data().unwrap_or_default();
                pace.come(data.len());
                read.extend_from_slice(&data);
            }
            Ok(Some(Err(failure))) if failure.is::<LengthLimitError>() => {
                return Err(Problem::new(Code::TooLargeBytes));
            }
            Ok(Some(Err(_))) => return Err(Problem::malformed("the body broke off")),
            Err(_) => return Err(Problem::malformed("the body did not come in time")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn time_is_earned_by_bytes() {
        for (come, seconds) in [(0, 10), (48, 11), (480, 20), (2_399, 59), (2_400, 60), (12 * 1024, 60)] {
            let mut pace = Pace::begin();
            pace.come(come * 1024);
            assert_eq!(pace.allowed().as_secs(), seconds, "{come} KiB");
        }
    }

    /// What becomes of an upload of so many pieces, with so long before each.
    async fn sent(pieces: usize, bytes: usize, every: Duration) -> Result<usize, Code> {
        let stream = futures_util::stream::unfold(0, move |at| async move {
            if at == pieces {
                return None;
            }
            sleep(every).await;
            Some((Ok::<_, Infallible>(Bytes::from(vec![0; bytes])), at + 1))
        });
        let answer = read(Body::from_stream(stream)).await;
        answer.map(|read| read.len()).map_err(|problem| problem.code())
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_trickles_loses_his_place() {
        let second = Duration::from_secs(1);
        for (pieces, bytes, every, expected) in [
            (5, 1, second, Ok(5)),
            (11, 1, second, Err(Code::Malformed)),
            (20, 48 * 1024, second, Ok(20 * 48 * 1024)),
            (20, 20 * 1024, second, Err(Code::Malformed)),
            (61, 64 * 1024, second, Err(Code::Malformed)),
            (13, 1024 * 1024, Duration::ZERO, Err(Code::TooLargeBytes)),
        ] {
            let answer = sent(pieces, bytes, every).await;
            assert_eq!(answer, expected, "{pieces} pieces of {bytes} bytes each {every:?}");
        }
    }
}
