//! Sent: the extractors of the API. A body is JSON and nothing else, bounded in size and in the time it takes to come;
//! an id of an address is a plain number; everything else that was sent must be known.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::timeout;

use super::fields::{Fields, plain_integer};
use crate::failure::{Code, Problem};
use crate::security::BODY_BYTES_MAX;

/// How long a body may take to come.
const BODY_WITHIN: Duration = Duration::from_secs(10);

/// What a call may be sent: read field by field.
pub trait Wire: Sized {
    /// Takes what it knows out of the fields; what is wrong with them they remember themselves.
    fn read(fields: &mut Fields) -> Self;
}

/// The JSON body of a request. A call that needs nothing may also be sent without one.
pub struct Sent<T>(pub T);

impl<T: Wire, S: Sync> FromRequest<S> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Sent<T>, Problem> {
        let kind = kind_of(request.headers());
        let body = body_of(request).await?;
        let mut fields = match kind {
            Kind::Json => Fields::of_json(&body)?,
            Kind::None if body.is_empty() => Fields::of_json(b"{}")?,
            Kind::None | Kind::Other => return Err(Problem::new(Code::MediaType)),
        };
        let wire = T::read(&mut fields);
        fields.finish().map(|()| Sent(wire))
    }
}

/// What stands behind the question mark.
pub struct Asked<T>(pub T);

impl<T: Wire, S: Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Asked<T>, Problem> {
        let mut fields = Fields::of_query(parts.uri.query().unwrap_or_default());
        let wire = T::read(&mut fields);
        fields.finish().map(|()| Asked(wire))
    }
}

/// A call that needs nothing.
pub struct Nothing;

impl Wire for Nothing {
    fn read(_fields: &mut Fields) -> Nothing {
        Nothing
    }
}

/// The number in the address. What is no number is the number of nothing.
pub struct Id(pub i64);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Id, Problem> {
        let params = RawPathParams::from_request_parts(parts, state).await;
        let id = params.ok().and_then(|params| params.iter().find_map(|(_, value)| plain_integer(value)));
        id.map(Id).ok_or(Problem::new(Code::NotFound))
    }
}

enum Kind {
    Json,
    Other,
    None,
}

/// Whether a request says that its body is JSON.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    matches!(kind_of(headers), Kind::Json)
}

fn kind_of(headers: &HeaderMap) -> Kind {
    let Some(kind) = headers.get(CONTENT_TYPE) else { return Kind::None };
    let kind = kind.to_str().unwrap_or_default().to_ascii_lowercase();
    let mut parts = kind.split(';').map(str::trim);
    let is_json = parts.next() == Some("application/json");
    let is_utf8 =
        parts.all(|part| part.strip_prefix("charset=").is_none_or(|set| set.trim_matches('"') == "utf-8"));
    if is_json && is_utf8 { Kind::Json } else { Kind::Other }
}

pub(crate) async fn body_of(request: Request) -> Result<Bytes, Problem> {
    let body = Limited::new(request.into_body(), BODY_BYTES_MAX);
    match timeout(BODY_WITHIN, body.collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(failure)) if failure.is::<LengthLimitError>() => Err(Problem::new(Code::TooLarge)),
        Ok(Err(_)) => Err(Problem::malformed("the body broke off")),
        Err(_) => Err(Problem::malformed("the body did not come in time")),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    struct Anything(Option<i64>);

    impl Wire for Anything {
        fn read(fields: &mut Fields) -> Anything {
            Anything(fields.integer("amount"))
        }
    }

    async fn code(kind: Option<&str>, body: impl Into<Body>) -> Result<Option<i64>, Code> {
        let mut request = Request::builder();
        if let Some(kind) = kind {
            request = request.header(CONTENT_TYPE, kind);
        }
        let request = request.body(body.into()).expect("a request");
        let sent = Sent::<Anything>::from_request(request, &()).await;
        sent.map(|sent| sent.0.0).map_err(|problem| problem.code())
    }

    #[tokio::test]
    async fn a_body_is_json_and_nothing_else() {
        let json = Some("application/json");
        assert_eq!(code(json, r#"{"amount":5}"#).await, Ok(Some(5)));
        assert_eq!(code(Some("Application/JSON; charset=UTF-8"), r#"{"amount":5}"#).await, Ok(Some(5)));
        assert_eq!(code(None, "").await, Ok(None));
        assert_eq!(code(json, "").await, Err(Code::Malformed));
        assert_eq!(code(None, r#"{"amount":5}"#).await, Err(Code::MediaType));
        assert_eq!(code(Some("text/plain"), r#"{"amount":5}"#).await, Err(Code::MediaType));
        assert_eq!(code(Some("application/x-www-form-urlencoded"), "amount=5").await, Err(Code::MediaType));
        assert_eq!(code(Some("application/json; charset=euc-kr"), "{}").await, Err(Code::MediaType));
        assert_eq!(code(json, r#"{"amount":5.5}"#).await, Err(Code::Invalid));
    }

    #[tokio::test]
    async fn a_body_ends_at_its_limit() {
        let json = Some("application/json");
        let padded =
            |length: usize| format!("{{\"amount\":5{}}}", " ".repeat(length - "{\"amount\":5}".len()));
        assert_eq!(code(json, padded(BODY_BYTES_MAX)).await, Ok(Some(5)));
        assert_eq!(code(json, padded(BODY_BYTES_MAX + 1)).await, Err(Code::TooLarge));
    }
}
