//! A picture on its way to a browser: handed on piece by piece, at a least pace. Whoever takes it more slowly loses it, so
//! that neither a way nor the memory of a picture is held by somebody who does not read.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::task::JoinSet;
use tokio::time::sleep_until;

use super::pace::Pace;
use super::ways::Way;

/// How many bytes are handed on at once, each time in memory of their own: what waits in a connection is no more than two
/// pieces, for a connection buffers no more than one (`HEADERS_BYTES_MAX` in `serve.rs`), and what the system holds of it.
const PIECE_BYTES: usize = 16 * 1024;

/// The fewest bytes in a second that a browser takes, after ten seconds of grace: a sixth of a mobile line that is out of
/// its fast data.
pub const TAKEN_PER_SECOND_MIN: u64 = 8 * 1024;

/// How long it may take for all of a picture, however long that is.
pub const TAKEN_WITHIN: Duration = Duration::from_secs(120);

/// The body of an answer. It has an error instead of its next piece once it was taken too slowly.
pub struct Showing {
    left: Arc<Mutex<Left>>,
    length: u64,
    /// Ends with it.
    _watching: JoinSet<()>,
}

/// What was not handed on yet.
struct Left {
    pace: Pace,
    held: Option<(Bytes, Way)>,
}

impl Showing {
    /// All of these bytes, on that way; it is free again when the last of them are handed on, or it took too long.
    pub(super) fn new(bytes: Bytes, way: Way) -> Showing {
        let length = bytes.len() as u64;
        let pace = Pace::at_least(TAKEN_PER_SECOND_MIN, TAKEN_WITHIN);
        let left = Arc::new(Mutex::new(Left { pace, held: Some((bytes, way)) }));
        // Whoever does not read asks for no piece either, so somebody else has to look.
        let mut watching = JoinSet::new();
        watching.spawn(watch(Arc::downgrade(&left)));
        Showing { left, length, _watching: watching }
    }
}

fn locked(left: &Mutex<Left>) -> MutexGuard<'_, Left> {
    left.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes it away once nothing was taken of it until the time that had been earned was over.
async fn watch(left: Weak<Mutex<Left>>) {
    let mut waited_until = None;
    while let Some(left) = left.upgrade() {
        let deadline = {
            let mut left = locked(&left);
            let deadline = left.pace.deadline();
            if waited_until == Some(deadline) {
                left.held = None;
            }
            if left.held.is_none() {
                return;
            }
            deadline
        };
        drop(left);
        sleep_until(deadline).await;
        waited_until = Some(deadline);
    }
}

impl Body for Showing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.length == 0 {
            return Poll::Ready(None);
        }
        let piece = {
            let mut left = locked(&self.left);
            let Some((bytes, _)) = &mut left.held else {
                return Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into())));
            };
            let piece = bytes.split_to(PIECE_BYTES.min(bytes.len()));
            let is_last = bytes.is_empty();
            left.pace.come(piece.len());
            if is_last {
                left.held = None;
            }
            Bytes::copy_from_slice(&piece)
        };
        self.length = self.length.saturating_sub(piece.len() as u64);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.length == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use tokio::time::sleep;

    use super::super::pace::STRIDE_WITHIN;
    use super::super::ways::{SHOWN_MAX, SHOWN_PER_ADDRESS_MAX, Ways};
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    async fn shown(ways: &Ways, address: u128, bytes: usize) -> Option<Showing> {
        Some(Showing::new(Bytes::from(vec![7; bytes]), ways.enter(address).await?))
    }

    /// The next piece of it: how many bytes it has; none at the end or once it is lost.
    async fn taken(showing: &mut Showing) -> Option<usize> {
        let frame = showing.frame().await?.ok()?;
        Some(frame.into_data().expect("nothing but data").len())
    }

    #[tokio::test(start_paused = true)]
    async fn addresses_that_read_nothing_keep_no_other_from_its_picture() {
        let ways = Ways::new();
        let mut held = Vec::new();
        for address in 0..(SHOWN_MAX / SHOWN_PER_ADDRESS_MAX) as u128 {
            for number in 0..SHOWN_PER_ADDRESS_MAX {
                let mut showing = shown(&ways, address, 300_000).await.expect("it is free");
                // Some have taken a little, which earns them a little.
                for _ in 0..number % 3 {
                    assert_eq!(taken(&mut showing).await, Some(PIECE_BYTES));
                }
                held.push(showing);
            }
        }
        assert_eq!(held.len(), SHOWN_MAX);
        assert!(shown(&ways, 1_000, 1).await.is_none(), "all ways are taken");
        sleep(STRIDE_WITHIN + 5 * SECOND).await;
        let mut ninth = shown(&ways, 1_000, 300_000).await.expect("they have lost theirs");
        assert_eq!(taken(&mut ninth).await, Some(PIECE_BYTES));
        for showing in &mut held {
            assert!(locked(&showing.left).held.is_none(), "nor is anything kept for them");
            assert!(showing.frame().await.expect("there was more").is_err());
            assert!(!showing.is_end_stream());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_takes_it_at_the_least_pace_gets_all_of_it() {
        // How long before each piece, how many bytes there are; how many are taken.
        for (every, bytes, expected) in [
            (Duration::ZERO, 0, 0),
            (Duration::ZERO, 1, 1),
            (Duration::ZERO, PIECE_BYTES, PIECE_BYTES),
            (SECOND, 600_000, 600_000),
            (2 * SECOND, 600_000, 600_000),
            (4 * SECOND, 600_000, 3 * PIECE_BYTES),
            (2 * SECOND, 2_000_000, 59 * PIECE_BYTES),
        ] {
            let ways = Ways::new();
            let mut showing = shown(&ways, 1, bytes).await.expect("it is free");
            assert_eq!(showing.size_hint().exact(), Some(bytes as u64));
            let mut all = 0;
            loop {
                sleep(every + Duration::from_millis(1)).await;
                let Some(piece) = taken(&mut showing).await else { break };
                all += piece;
            }
            assert_eq!(all, expected, "{bytes} bytes, a piece each {every:?}");
            assert_eq!(showing.is_end_stream(), all == bytes);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_way_is_free_once_the_last_piece_is_handed_on_or_nobody_wants_it() {
        let ways = Ways::new();
        let mut held = Vec::new();
        for _ in 0..SHOWN_PER_ADDRESS_MAX {
            held.push(shown(&ways, 1, PIECE_BYTES + 1).await.expect("it is free"));
        }
        let mut first = held.pop().expect("there are some");
        assert_eq!(taken(&mut first).await, Some(PIECE_BYTES));
        assert!(ways.enter(1).await.is_none(), "there is more of it");
        assert_eq!(taken(&mut first).await, Some(1));
        let _again = ways.enter(1).await.expect("that was all");
        assert_eq!(taken(&mut first).await, None);
        assert!(ways.enter(1).await.is_none());
        drop(held.pop());
        assert!(ways.enter(1).await.is_some(), "one broke off");
    }
}
