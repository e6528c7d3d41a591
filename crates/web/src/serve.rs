//! Serving: connections are accepted, bounded in number and in the time they may take for their headers, and brought to
//! an orderly end. HTTP/1.1 with upgrades; TLS and HTTP/2 belong to the proxy in front.

mod line;

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
use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use self::line::Line;
use crate::caller::{Address, Peer};
use crate::limits::{Entered, Entries};
use crate::settings::{CONNECTIONS_MAX, CONNECTIONS_PER_ADDRESS_MAX, WebSettings};

/// How long a client may take for a request's headers, and how long a connection may rest between requests.
pub const HEADERS_WITHIN: Duration = Duration::from_secs(10);

/// How long a client may take none of what is written to it, sockets included.
pub const TAKES_WITHIN: Duration = Duration::from_secs(30);

/// The most bytes of a request's headers; also what a connection buffers of an answer. Were that more, a picture would be
/// taken from whoever shows it long before its reader has it, see `darkroom::showing`.
const HEADERS_BYTES_MAX: usize = 16 * 1024;

/// The most headers of a request.
const HEADERS_MAX: usize = 64;

/// How long to wait before accepting again when the system has no more descriptors.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(100);

/// What a listener grants its connections.
#[derive(Clone, Debug)]
pub struct ServeLimits {
    /// Open at once; the system's backlog keeps the rest waiting.
    pub connections: usize,
    /// Open at once from one address; one more is closed at once.
    pub connections_per_address: u32,
    /// Who may open as many as there are: they speak for many.
    pub trusted_proxies: Vec<IpNet>,
    /// For a request's headers, and between requests.
    pub headers_within: Duration,
    /// For taking something of what is written.
    pub takes_within: Duration,
    /// For requests under way when the server stops.
    pub drain_within: Duration,
}

impl ServeLimits {
    /// The limits that the settings ask for.
    pub fn of(settings: &WebSettings) -> ServeLimits {
        let usual = ServeLimits::default();
        ServeLimits {
            connections_per_address: if settings.rate_limits {
                usual.connections_per_address
            } else {
                u32::MAX
            },
            trusted_proxies: settings.trusted_proxies.clone(),
            ..usual
        }
    }
}

impl Default for ServeLimits {
    fn default() -> ServeLimits {
        ServeLimits {
            connections: CONNECTIONS_MAX,
            connections_per_address: CONNECTIONS_PER_ADDRESS_MAX,
            trusted_proxies: Vec::new(),
            headers_within: HEADERS_WITHIN,
            takes_within: TAKES_WITHIN,
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
    let places = Places::new(&limits);
    let drain_within = limits.drain_within;
    let limits = Arc::new(limits);
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = places.accept(&listener) => accepted,
            // What ended is let go of, so that the set holds only what is open.
            Some(_) = connections.join_next() => continue,
            () = stopping.cancelled() => break,
        };
        let Some((stream, peer, place)) = accepted else { break };
        connections.spawn(connection(
            stream,
            peer,
            place,
            router.clone(),
            Arc::clone(&limits),
            stopping.clone(),
        ));
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    if timeout(drain_within, ended).await.is_err() {
        tracing::warn!("requests under way did not end in time and were cut");
        connections.shutdown().await;
    }
    Ok(())
}

/// The place of a connection, put beside each of its requests; free when nobody holds it any more, so whoever goes on
/// after an upgrade holds it too.
#[derive(Clone)]
pub struct Place {
    _among_all: Arc<OwnedSemaphorePermit>,
    _among_its_address: Option<Arc<Entered<u128>>>,
}

/// Where connections find their places.
struct Places {
    all: Arc<Semaphore>,
    addresses: Entries<u128>,
    trusted_proxies: Vec<IpNet>,
}

impl Places {
    fn new(limits: &ServeLimits) -> Places {
        Places {
            all: Arc::new(Semaphore::new(limits.connections)),
            addresses: Entries::new(limits.connections_per_address),
            trusted_proxies: limits.trusted_proxies.clone(),
        }
    }

    /// The next connection for which there is a place; none if the listener is broken.
    async fn accept(&self, listener: &TcpListener) -> Option<(TcpStream, SocketAddr, Place)> {
        let permit = Arc::new(Arc::clone(&self.all).acquire_owned().await.ok()?);
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => match self.place(peer, &permit) {
                    Some(place) => return Some((stream, peer, place)),
                    // Closed unheard: whoever opens so many gets no answer to each.
                    None => drop(stream),
                },
                Err(failure) if is_of_one_connection(&failure) => {}
                Err(failure) => {
                    tracing::warn!(%failure, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_AGAIN_AFTER).await;
                }
            }
        }
    }

    /// The place of a connection from there; none if its address has too many.
    fn place(&self, peer: SocketAddr, permit: &Arc<OwnedSemaphorePermit>) -> Option<Place> {
        let address = peer.ip().to_canonical();
        let is_trusted = self.trusted_proxies.iter().any(|net| net.contains(&address));
        let among_its_address =
            if is_trusted { None } else { Some(Arc::new(self.addresses.enter(Address(address).group())?)) };
        Some(Place { _among_all: Arc::clone(permit), _among_its_address: among_its_address })
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
    place: Place,
    router: Router,
    limits: Arc<ServeLimits>,
    stopping: CancellationToken,
) {
    // Frames and answers are small and wanted at once. A socket that cannot do it still works.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (router, place) = (router.clone(), place.clone());
        async move {
            let mut request: Request = request.map(Body::new);
            request.extensions_mut().insert(Peer(peer));
            request.extensions_mut().insert(place);
            let answer: Result<_, Infallible> = router.oneshot(request).await;
            answer
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.headers_within)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEADERS_BYTES_MAX)
        .serve_connection(TokioIo::new(Line::new(stream, limits.takes_within)), service)
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
