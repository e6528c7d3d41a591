//! A line to a client, given up when it takes nothing of what is written to it for too long. Only a write that waits is
//! timed: a client that is sent nothing may rest as long as others let it.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// A stream whose writes must get somewhere in time.
#[derive(Debug)]
pub(super) struct Line<S> {
    stream: S,
    within: Duration,
    /// When the write that waits is given up; in a box of its own, as most lines wait for nothing.
    given_up: Option<Pin<Box<Sleep>>>,
}

impl<S> Line<S> {
    /// A line whose every write gets somewhere within that time.
    pub(super) fn new(stream: S, within: Duration) -> Line<S> {
        Line { stream, within, given_up: None }
    }

    /// What became of a write: as the stream says, but it does not wait for ever.
    fn timed<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.given_up = None;
            return written;
        }
        let within = self.within;
        let given_up = self.given_up.get_or_insert_with(|| Box::pin(sleep(within)));
        given_up.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Line<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Line<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.timed(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.timed(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        if flushed.is_pending() { self.timed(context, flushed) } else { flushed }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::time::advance;

    use super::*;

    const WITHIN: Duration = Duration::from_secs(30);

    #[tokio::test(start_paused = true)]
    async fn a_line_that_takes_nothing_is_given_up() {
        let (near, far) = duplex(16);
        let mut line = Line::new(near, WITHIN);
        let failure = line.write_all(&[0; 17]).await.expect_err("nobody reads");
        assert_eq!(failure.kind(), io::ErrorKind::TimedOut);
        drop(far);
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_that_takes_a_little_now_and_then_is_not() {
        let (near, mut far) = duplex(16);
        let mut line = Line::new(near, WITHIN);
        let reading = async {
            for _ in 0..84 {
                advance(WITHIN - Duration::from_secs(1)).await;
                far.read_u8().await.expect("it is there");
            }
        };
        let (written, ()) = tokio::join!(line.write_all(&[0; 100]), reading);
        written.expect("it got everything");
        // Nothing waits to be written now, so nothing is timed.
        advance(WITHIN * 100).await;
        far.write_all(b"still here").await.expect("it is open");
        let mut heard = [0; 10];
        line.read_exact(&mut heard).await.expect("it is open");
    }
}
