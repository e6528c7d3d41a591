//! `/pictures/{address}/{edge}.{webp|jpg}`: one rendition. Its address means these bytes for ever, so whoever has them need
//! never ask again.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State as Held};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use pictures::{Address, EDGES, Encoding};

use crate::caller;
use crate::failure::{Code, Problem};
use crate::state::WebState;

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// `GET /pictures/{address}/{file}`
pub async fn show(
    Held(web): Held<Arc<WebState>>,
    Path((address, file)): Path<(String, String)>,
    to: caller::Address,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (address, (edge, encoding)) =
        Address::parse(&address).zip(of_name(&file)).ok_or(Problem::new(Code::NotFound))?;
    let etag = format!("\"{}-{file}\"", &address.to_string()[..16]);
    let known = headers.get(IF_NONE_MATCH).and_then(|known| known.to_str().ok()).unwrap_or_default();
    let is_known = known.split(',').any(|one| one.trim().trim_start_matches("W/") == etag);
    let etag = HeaderValue::from_str(&etag).map_err(|_| Problem::new(Code::Internal))?;
    let caching = [(CACHE_CONTROL, FOR_EVER), (ETAG, etag)];
    if is_known {
        return Ok((StatusCode::NOT_MODIFIED, caching).into_response());
    }
    let shown = web.darkroom.show(address, edge, encoding, to).await?.ok_or(Problem::new(Code::NotFound))?;
    Ok(([(CONTENT_TYPE, encoding.media_type())], caching, Body::new(shown)).into_response())
}

/// The edge and the encoding of a file's name, if there can be such a file.
fn of_name(file: &str) -> Option<(u32, Encoding)> {
    EDGES.into_iter().find_map(|edge| {
        let encoding =
            Encoding::ALL.into_iter().find(|encoding| file == format!("{edge}.{}", encoding.extension()));
        Some((edge, encoding?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_there_is_looked_for() {
        assert_eq!(of_name("320.webp"), Some((320, Encoding::Webp)));
        assert_eq!(of_name("1280.jpg"), Some((1280, Encoding::Jpeg)));
        for other in ["", "320", "320.jpeg", "321.webp", "0320.webp", "1280.jpg/", "../1280.jpg"] {
            assert_eq!(of_name(other), None, "{other}");
        }
    }
}
