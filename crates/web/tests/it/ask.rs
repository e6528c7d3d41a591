//! One request and its answer.

use std::io::Read;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HOST};
use axum::http::{HeaderMap, Request};
use flate2::read::GzDecoder;
use http_body_util::BodyExt;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::described::Described;

/// A request that is being made.
pub struct Ask {
    address: SocketAddr,
    described: Option<Arc<Described>>,
    method: &'static str,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// The body's length on the line.
    pub bytes_sent: usize,
    /// The body, unpacked if it was compressed.
    pub text: String,
    /// Null if it is no JSON.
    pub body: Value,
}

impl Ask {
    pub fn new(
        address: SocketAddr,
        described: Option<Arc<Described>>,
        method: &'static str,
        path: &str,
    ) -> Ask {
        Ask { address, described, method, path: path.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    pub fn header(mut self, name: &str, value: &str) -> Ask {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn by(self, token: &str) -> Ask {
        self.header(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    pub fn key(self, key: &str) -> Ask {
        self.header("idempotency-key", key)
    }

    pub fn json(self, body: Value) -> Ask {
        self.header(CONTENT_TYPE.as_str(), "application/json").bytes(body.to_string())
    }

    pub fn bytes(mut self, body: impl Into<Vec<u8>>) -> Ask {
        self.body = body.into();
        self
    }

    pub async fn send(self) -> Answer {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        let mut request =
            Request::builder().method(self.method).uri(&self.path).header(HOST, self.address.to_string());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(self.body)).unwrap();
        let exchange = async {
            let response = sender.send_request(request).await.unwrap();
            let (parts, body) = response.into_parts();
            (parts, body.collect().await.unwrap().to_bytes())
        };
        let (parts, bytes) = tokio::select! {
            answered = exchange => answered,
            Err(failure) = connection => panic!("the connection broke: {failure}"),
        };
        let text = unpacked(&parts.headers, &bytes);
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        let (status, bytes_sent) = (parts.status.as_u16(), bytes.len());
        let answer = Answer { status, headers: parts.headers, bytes_sent, text, body };
        if let Some(described) = &self.described {
            described.check(self.method, &self.path, &answer);
        }
        answer
    }
}

fn unpacked(headers: &HeaderMap, sent: &[u8]) -> String {
    if headers.get(CONTENT_ENCODING).is_none_or(|encoding| encoding != "gzip") {
        return String::from_utf8(sent.to_vec()).unwrap();
    }
    let mut text = String::new();
    GzDecoder::new(sent).read_to_string(&mut text).unwrap();
    text
}

impl Answer {
    /// The stable code of a problem; empty if it is none.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The fields that a problem names, with what is wrong.
    pub fn faults(&self) -> Vec<(&str, &str)> {
        let errors = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        errors
            .iter()
            .map(|fault| (fault["field"].as_str().unwrap(), fault["code"].as_str().unwrap()))
            .collect()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// Holds an answer against a status and a code.
#[track_caller]
pub fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.code()), (status, code), "{}", answer.text);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.body["status"], status);
    for word in ["type", "title", "detail"] {
        assert!(answer.body[word].as_str().is_some_and(|word| !word.is_empty()), "{word} of {code}");
    }
}
