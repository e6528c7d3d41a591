//! Serving: connections are accepted, bounded in number and in the time they may take for their headers, and brought to
//! an orderly end. HTTP/1.1 with upgrades; TLS and HTTP/2 belong to the proxy in front.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::caller::Peer;
use crate::settings::CONNECTIONS_MAX;

/// How long a client may take for a request's headers, and how long a connection may rest between requests.
pub const HEADERS_WITHIN: Duration = Duration::from_secs(10);

/// The most bytes of a request's headers; also what a connection buffers.
const HEADERS_BYTES_MAX: usize = 16 * 1024;

/// The most headers of a request.
const HEADERS_MAX: usize = 64;

/// How long to wait before accepting again when the system has no more descriptors.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(100);

/// What a listener grants its connections.
#[derive(Clone, Copy, Debug)]
pub struct ServeLimits {
    /// Open at once; the system's backlog keeps the rest waiting.
    pub connections: usize,
    /// For a request's headers, and between requests.
    pub headers_within: Duration,
    /// For requests under way when the server stops.
    pub drain_within: Duration,
}

impl Default for ServeLimits {
    fn default() -> ServeLimits {
        ServeLimits {
            connections: CONNECTIONS_MAX,
            headers_within: HEADERS_WITHIN,
            drain_within: Duration::from_secs(12),
        }
    }
}

/// Serves until `stopping` is cancelled, then lets requests under way end within their time.
///
/// # Errors
/// Never for what a client does; only when the listener itself is broken.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ServeLimits,
    stopping: CancellationToken,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(limits.connections));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            // What ended is let go of, so that the set holds only what is open.
            Some(_) = connections.join_next() => continue,
            () = stopping.cancelled() => break,
        };
        let Some((stream, peer, place)) = accepted else { break };
        let connection = connection(stream, peer, router.clone(), limits, stopping.clone());
        connections.spawn(async move {
            connection.await;
            drop(place);
        });
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    if timeout(limits.drain_within, ended).await.is_err() {
        tracing::warn!("requests under way did not end in time and were cut");
        connections.shutdown().await;
    }
    Ok(())
}

type Place = tokio::sync::OwnedSemaphorePermit;

/// The next connection once there is a place for it; none if the listener is broken.
async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> Option<(TcpStream, SocketAddr, Place)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return Some((stream, peer, place)),
            Err(failure) if is_of_one_connection(&failure) => {}
            Err(failure) => {
                tracing::warn!(%failure, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_AGAIN_AFTER).await;
            }
        }
    }
}

fn is_of_one_connection(failure: &io::Error) -> bool {
    matches!(
        failure.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

/// One connection until it ends or is upgraded. When the server stops, the request under way is the last.
async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: ServeLimits,
    stopping: CancellationToken,
) {
    // Frames and answers are small and wanted at once. A socket that cannot do it still works.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let router = router.clone();
        async move {
            let mut request: Request = request.map(Body::new);
            request.extensions_mut().insert(Peer(peer));
            let answer: Result<_, Infallible> = router.oneshot(request).await;
            answer
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.headers_within)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEADERS_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    // A client that breaks off or sends no HTTP is no news.
    if let Err(failure) = ended {
        tracing::debug!(%failure, "a connection ended early");
    }
}
