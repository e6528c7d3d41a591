//! The line to push services, whose addresses strangers choose: it never leads into the house's own network. Names are
//! judged where they are resolved, so that a name which says one thing when it is checked and another when it is used leads
//! nowhere, and redirections are not followed.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioTimer;
use rustls::{ClientConfig, RootCertStore, crypto};
use tokio::task::JoinSet;
use tower::Service;

/// How long a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(30);

/// How many idle connections are kept to one service.
const IDLE_MAX: usize = 4;

/// A pool of connections to push services.
pub(crate) type Line = Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>;

/// A line; to plain `http` and to this machine too, if tests ask for it.
pub(crate) fn line(is_for_tests: bool) -> Line {
    let mut roots = RootCertStore::empty();
    // Without any, no service can be believed, and each send says so.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring speaks the versions of TLS that rustls holds safe")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut connector = HttpConnector::new_with_resolver(Resolver { is_for_tests });
    connector.enforce_http(false);
    connector.set_nodelay(true);
    let tls = HttpsConnectorBuilder::new().with_tls_config(config);
    let tls = if is_for_tests { tls.https_or_http() } else { tls.https_only() };
    Client::builder(Drivers::default())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(IDLE_MAX)
        .build(tls.enable_http1().wrap_connector(connector))
}

/// Looks names up and forgets every address that is not public.
#[derive(Clone)]
pub(crate) struct Resolver {
    is_for_tests: bool,
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, io::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let is_for_tests = self.is_for_tests;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> =
                found.filter(|address| is_for_tests || is_public(address.ip())).collect();
            if found.is_empty() {
                return Err(io::Error::other("the name has no public address"));
            }
            Ok(found.into_iter())
        })
    }
}

/// Whether an address is one of the public network: not this machine's, not a private one, not one set aside, and none that
/// carries such a one inside.
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => {
            let parts = address.segments();
            let carried = match parts {
                // 6to4 and NAT64 carry an address of version 4.
                [0x2002, high, low, ..] => Some([high, low]),
                [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some([high, low]),
                _ => None,
            };
            let carried = carried.map(|[high, low]| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
            // What is given out to anybody begins with 001; Teredo and the examples in books do too.
            let is_given_out = parts[0] & 0xe000 == 0x2000 || carried.is_some();
            let is_set_aside =
                parts[0] == 0x2001 && (parts[1] < 0x200 || parts[1] == 0xdb8) || parts[0] == 0x3fff;
            is_given_out && !is_set_aside && carried.is_none_or(is_public_v4)
        }
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let parts = address.octets();
    let is_set_aside = match parts {
        [0, ..] | [192, 0, 0, _] | [192, 88, 99, _] | [240..=255, ..] => true,
        [100, second, ..] => second & 0xc0 == 64,
        [198, second, ..] => second & 0xfe == 18,
        _ => false,
    };
    !(is_set_aside
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation())
}

/// Owns what drives the connections: all of it ends when the line is dropped. The line to S3 has one just like it: a leaf
/// knows no other leaf, and ten lines are no reason for a crate that both would stand on.
#[derive(Clone, Default)]
struct Drivers(Arc<Mutex<JoinSet<()>>>);

impl<F: Future<Output = ()> + Send + 'static> hyper::rt::Executor<F> for Drivers {
    fn execute(&self, driver: F) {
        let mut drivers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while drivers.try_join_next().is_some() {}
        drivers.spawn(driver);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_public() {
        for (address, public) in [
            ("8.8.8.8", true),
            ("142.250.66.36", true),
            ("0.0.0.0", false),
            ("10.1.2.3", false),
            ("100.64.0.1", false),
            ("100.128.0.1", true),
            ("127.0.0.1", false),
            ("169.254.169.254", false),
            ("172.16.0.1", false),
            ("172.32.0.1", true),
            ("192.0.0.1", false),
            ("192.168.0.1", false),
            ("198.18.0.1", false),
            ("203.0.113.9", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("2a00:1450:4001:830::200e", true),
            ("::", false),
            ("::1", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:8.8.8.8", true),
            ("::127.0.0.1", false),
            ("64:ff9b::7f00:1", false),
            ("64:ff9b::808:808", true),
            ("2002:7f00:1::", false),
            ("2001:0:1::", false),
            ("2001:db8::1", false),
            ("fc00::1", false),
            ("fd12::1", false),
            ("fe80::1", false),
            ("fec0::1", false),
            ("ff02::1", false),
        ] {
            assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
        }
    }

    #[tokio::test]
    async fn a_name_of_this_machine_leads_nowhere() {
        let name = "localhost".parse::<Name>().unwrap();
        assert!(Resolver { is_for_tests: false }.call(name.clone()).await.is_err());
        assert!(Resolver { is_for_tests: true }.call(name).await.is_ok());
    }
}
