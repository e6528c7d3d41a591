//! What lies between the contents of a form's parts, counted: boundaries, headers and whatever else a client writes there.
//! Nothing else bounds it, for all of it is held until a content begins.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use axum::BoxError;
use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures_util::Stream;

/// How many bytes a form may have beside what its fields and files contain; also how far it is read ahead at most.
pub const BETWEEN_BYTES_MAX: u64 = 128 * 1024;

/// How many bytes are handed on together, so that little is read ahead of what was taken.
const PIECE_BYTES: usize = 16 * 1024;

/// The bytes of one form, as they come and as they are taken out of it.
#[derive(Clone, Default)]
pub struct Between(Arc<Counted>);

#[derive(Default)]
struct Counted {
    come: AtomicU64,
    taken: AtomicU64,
}

/// A body that ends with an error once too much came that was no content.
struct Watched {
    body: BodyDataStream,
    /// What came and was not handed on yet.
    rest: Bytes,
    /// Whether a piece was handed on, and nobody looked for one since.
    is_resting: bool,
    counted: Between,
}

impl Between {
    /// A body whose bytes are counted here.
    pub fn watch(&self, body: Body) -> Body {
        let body = body.into_data_stream();
        Body::from_stream(Watched { body, rest: Bytes::new(), is_resting: false, counted: self.clone() })
    }

    /// So many bytes were content, and whoever took them has bounded them.
    pub fn taken(&self, bytes: usize) {
        self.0.taken.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Whether more came than a form may have beside its contents.
    pub fn is_over(&self) -> bool {
        let taken = self.0.taken.load(Ordering::Relaxed);
        self.0.come.load(Ordering::Relaxed).saturating_sub(taken) > BETWEEN_BYTES_MAX
    }
}

impl Stream for Watched {
    type Item = Result<Bytes, BoxError>;

    /// One piece, and then a pause in which it can be taken: whoever reads on and on would hold all that has come.
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.is_resting) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_next(context)) {
                Some(Ok(come)) => self.rest = come,
                Some(Err(broken)) => return Poll::Ready(Some(Err(broken.into()))),
                None => return Poll::Ready(None),
            }
        }
        let length = self.rest.len().min(PIECE_BYTES);
        let piece = self.rest.split_to(length);
        self.counted.0.come.fetch_add(length as u64, Ordering::Relaxed);
        if self.counted.is_over() {
            return Poll::Ready(Some(Err("too much of the form is no content".into())));
        }
        self.is_resting = true;
        Poll::Ready(Some(Ok(piece)))
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    /// How many bytes of so many pieces come through, of which each is taken as content or not.
    async fn through(pieces: usize, are_taken: bool) -> u64 {
        let between = Between::default();
        let piece = || Ok::<_, BoxError>(Bytes::from(vec![0; 3 * PIECE_BYTES]));
        let body = Body::from_stream(futures_util::stream::iter((0..pieces).map(move |_| piece())));
        let mut body = between.watch(body);
        let mut read = 0;
        while let Some(Ok(frame)) = body.frame().await {
            let length = frame.data_ref().map_or(0, Bytes::len);
            assert!(length <= PIECE_BYTES, "little is read ahead");
            read += length as u64;
            if are_taken {
                between.taken(length);
            }
        }
        assert_eq!(between.is_over(), read < (pieces * 3 * PIECE_BYTES) as u64);
        read
    }

    #[tokio::test]
    async fn content_passes_and_what_is_none_is_bounded() {
        for (pieces, are_taken, expected) in [
            (0, false, 0),
            (2, false, 6 * PIECE_BYTES as u64),
            (100, true, 300 * PIECE_BYTES as u64),
            (100, false, BETWEEN_BYTES_MAX),
        ] {
            assert_eq!(through(pieces, are_taken).await, expected, "{pieces} pieces, taken: {are_taken}");
        }
    }
}
