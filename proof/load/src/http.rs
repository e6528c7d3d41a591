//! The HTTP half of the public API: calls with a bearer token, an idempotency key on every POST, and patience with
//! `busy`. Plain http only. One pool of connections is shared by all that hold a clone.

use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use hyper::{Method, Request, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use crate::chance::Key;

/// How long one call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// How often a command that heard `busy` or `outcome_unknown` is sent again, with the same key.
const ATTEMPTS: u32 = 20;
/// The longest wait between two attempts.
const PAUSE_LIMIT: Duration = Duration::from_secs(2);

/// Speaks HTTP to one server.
#[derive(Clone, Debug)]
pub struct Api {
    client: Client<HttpConnector, Full<Bytes>>,
    /// `http://host:port`, without a slash at the end.
    base: String,
}

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    /// The status of HTTP.
    pub status: StatusCode,
    /// Seconds that the server asks to wait, if it says so.
    pub retry_after: Option<u64>,
    /// The whole body.
    pub body: Bytes,
}

impl Answer {
    /// The stable code of a problem, or an empty text.
    pub fn code(&self) -> String {
        let problem: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        problem["code"].as_str().unwrap_or("").to_owned()
    }

    fn worth_another_try(&self) -> bool {
        matches!(self.status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS)
    }
}

impl Api {
    /// For a server at `url`, such as `http://127.0.0.1:3000`; a path behind the address is refused.
    pub fn new(url: &str) -> Result<Self> {
        let base = url.trim_end_matches('/').to_owned();
        let uri: Uri = base.parse().with_context(|| format!("{url} is not an address"))?;
        if uri.scheme_str() != Some("http") || uri.authority().is_none() || uri.path() != "/" {
            bail!("{url}: an address such as http://127.0.0.1:3000 is needed, plain http and without a path");
        }
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(256).build(connector);
        Ok(Self { client, base })
    }

    /// `http://host:port`
    pub fn base(&self) -> &str {
        &self.base
    }

    /// `host:port`
    pub fn authority(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    /// Reads any page of this server, with whatever status.
    pub async fn read(&self, path: &str) -> Result<Answer> {
        self.read_at(&format!("{}{path}", self.base), None).await
    }

    /// Reads a page as browsers do, who take it packed.
    pub async fn read_packed(&self, path: &str) -> Result<Answer> {
        let url = format!("{}{path}", self.base);
        let request = Request::builder().method(Method::GET).uri(&url).header(ACCEPT_ENCODING, "gzip");
        let request = request.body(Full::default()).with_context(|| format!("GET {url}"))?;
        self.exchange(request).await.with_context(|| format!("GET {url}"))
    }

    /// Reads any address.
    pub async fn read_at(&self, url: &str, token: Option<&str>) -> Result<Answer> {
        let mut request = Request::builder().method(Method::GET).uri(url);
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Full::default()).with_context(|| format!("GET {url}"))?;
        self.exchange(request).await.with_context(|| format!("GET {url}"))
    }

    /// Reads a document of the API; tries again while the server is busy.
    pub async fn get(&self, path: &str) -> Result<Bytes> {
        for attempt in 0..ATTEMPTS {
            let answer = self.read(path).await?;
            if answer.status.is_success() {
                return Ok(answer.body);
            }
            if !answer.worth_another_try() {
                bail!("GET {path}: {} {}", answer.status, answer.code());
            }
            pause(attempt, answer.retry_after).await;
        }
        bail!("GET {path}: still busy after {ATTEMPTS} attempts")
    }

    /// Sends a command, again with the same key while the server is busy; a refusal is an error that names its code.
    pub async fn post(&self, path: &str, token: Option<&str>, key: Key, body: &Value) -> Result<Value> {
        let answer = self.post_once_accepted(path, token, key, body).await?;
        if !answer.status.is_success() {
            let detail = String::from_utf8_lossy(&answer.body).into_owned();
            return Err(anyhow!(detail)).context(format!("POST {path}: {} {}", answer.status, answer.code()));
        }
        if answer.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&answer.body).with_context(|| format!("POST {path}: the answer is not JSON"))
    }

    /// Sends a command until it is decided, and gives the decision.
    pub async fn post_once_accepted(
        &self,
        path: &str,
        token: Option<&str>,
        key: Key,
        body: &Value,
    ) -> Result<Answer> {
        let bytes = Bytes::from(serde_json::to_vec(body).context("writing a request")?);
        for attempt in 0..ATTEMPTS {
            let mut request = Request::builder()
                .method(Method::POST)
                .uri(format!("{}/api/v1{path}", self.base))
                .header(CONTENT_TYPE, "application/json")
                .header("idempotency-key", key.as_str());
            if let Some(token) = token {
                request = request.header(AUTHORIZATION, format!("Bearer {token}"));
            }
            let request = request.body(Full::new(bytes.clone())).with_context(|| format!("POST {path}"))?;
            let answer = self.exchange(request).await.with_context(|| format!("POST {path}"))?;
            if !answer.worth_another_try() {
                return Ok(answer);
            }
            pause(attempt, answer.retry_after).await;
        }
        bail!("POST {path}: still busy after {ATTEMPTS} attempts")
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Answer> {
        let whole = async {
            let response = self.client.request(request).await.context("no answer")?;
            let status = response.status();
            let retry_after =
                response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
            let body = response.into_body().collect().await.context("the answer broke off")?.to_bytes();
            Ok(Answer { status, retry_after, body })
        };
        tokio::time::timeout(CALL_TIMEOUT, whole).await.context("no answer within 30 s")?
    }
}

/// Waits before the next attempt: what the server asks for, else a little more each time.
async fn pause(attempt: u32, retry_after: Option<u64>) {
    let own = Duration::from_millis(20) * (attempt + 1);
    tokio::time::sleep(retry_after.map_or(own, Duration::from_secs).min(PAUSE_LIMIT)).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_addresses_are_taken() {
        assert!(Api::new("http://127.0.0.1:3000").is_ok());
        assert_eq!(Api::new("http://127.0.0.1:3000/").unwrap().authority(), "127.0.0.1:3000");
        for url in ["https://a.example", "127.0.0.1:3000", "http://a.example/shop", ""] {
            assert!(Api::new(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_problem_tells_its_code() {
        let answer = |body: &'static str| Answer {
            status: StatusCode::CONFLICT,
            retry_after: None,
            body: Bytes::from_static(body.as_bytes()),
        };
        assert_eq!(answer(r#"{"code":"closed","status":409}"#).code(), "closed");
        assert_eq!(answer("no JSON").code(), "");
    }
}
