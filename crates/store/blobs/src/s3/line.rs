//! The line to a service: a pool of connections with TLS where the address says so, an end to every wait and every answer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{Method, Request, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioTimer;
use rustls::{ClientConfig, RootCertStore, crypto};
use store::{Failure, Result};
use tokio::task::JoinSet;
use tokio::time::timeout;
use url::Url;

use crate::Limits;
use crate::failure::Fault;

/// How long a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(30);

/// A pool of connections to one service.
pub struct Line {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    try_ms_max: u64,
}

/// What a service answered, whole.
pub struct Answer {
    pub status: StatusCode,
    pub body: Bytes,
}

impl Line {
    /// A line to this address; it connects when it is first used.
    pub fn to(endpoint: &Url, limits: Limits) -> Result<Line> {
        let roots = if endpoint.scheme() == "https" { trusted()? } else { RootCertStore::empty() };
        let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| Failure::Unavailable { doing: "setting up TLS", source: Box::new(error) })?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_nodelay(true);
        let tls = HttpsConnectorBuilder::new().with_tls_config(config);
        // Never plain where TLS was asked for.
        let tls = if endpoint.scheme() == "https" { tls.https_only() } else { tls.https_or_http() };
        let client = Client::builder(Drivers::default())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(limits.calls_max)
            .build(tls.enable_http1().wrap_connector(connector));
        Ok(Line { client, try_ms_max: limits.try_ms_max })
    }

    /// Asks once and reads the answer, which is an error beyond `bytes_max`.
    pub async fn ask(
        &self,
        method: &Method,
        url: &Url,
        headers: &[(&'static str, String)],
        body: Bytes,
        bytes_max: u64,
    ) -> std::result::Result<Answer, Fault> {
        let mut request = Request::builder().method(method).uri(url.as_str());
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(body)).map_err(|error| Fault::Line(Box::new(error)))?;
        let whole = async {
            let answer = self.client.request(request).await.map_err(|error| Fault::Line(Box::new(error)))?;
            let status = answer.status();
            let bytes_max = usize::try_from(bytes_max).unwrap_or(usize::MAX);
            let body = Limited::new(answer.into_body(), bytes_max).collect().await.map_err(|error| {
                if error.is::<http_body_util::LengthLimitError>() {
                    Fault::Unreadable("more than anything kept here")
                } else {
                    Fault::Line(error)
                }
            })?;
            Ok(Answer { status, body: body.to_bytes() })
        };
        let answer = timeout(Duration::from_millis(self.try_ms_max), whole).await;
        answer.unwrap_or(Err(Fault::Silent { ms: self.try_ms_max }))
    }
}

/// The authorities this machine trusts.
fn trusted() -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let (taken, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if taken == 0 {
        let doing = "reading the certificates this machine trusts";
        return Err(Failure::Unavailable { doing, source: "none was found, and https needs one".into() });
    }
    Ok(roots)
}

/// Owns what drives the connections: all of it ends when the line is dropped.
#[derive(Clone, Default)]
struct Drivers(Arc<Mutex<JoinSet<()>>>);

impl<F: Future<Output = ()> + Send + 'static> hyper::rt::Executor<F> for Drivers {
    fn execute(&self, driver: F) {
        let mut drivers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while drivers.try_join_next().is_some() {}
        drivers.spawn(driver);
    }
}
