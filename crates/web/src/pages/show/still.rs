//! Still: the static files. An address with the version of its bytes is kept for ever; one without is asked about each
//! time, and answered with 304 while nothing has changed. The `ETag` is a weak one: on the way out a file may be
//! compressed, and its two forms are the same file in different bytes.

use axum::extract::{Path, RawQuery};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::failure::{Code, Problem};
use crate::pages::asset_file;

const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// `GET /static/{*path}`
pub async fn show(
    Path(path): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let file = asset_file(&path).ok_or(Problem::new(Code::NotFound))?;
    let version = query.as_deref().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("v="));
    let kept = if version == Some(file.version.as_str()) { FOR_EVER } else { "no-cache" };
    let etag = format!("\"{}\"", file.version);
    let known = headers.get(IF_NONE_MATCH).and_then(|known| known.to_str().ok()).unwrap_or_default();
    let weak = HeaderValue::from_str(&format!("W/{etag}")).map_err(|_| Problem::new(Code::Internal))?;
    let kept = HeaderValue::from_static(kept);
    let caching = [(CACHE_CONTROL, kept), (ETAG, weak), (VARY, ACCEPT_ENCODING.into())];
    if known.split(',').any(|one| one.trim().trim_start_matches("W/") == etag) {
        return Ok((StatusCode::NOT_MODIFIED, caching).into_response());
    }
    let media_type = [(CONTENT_TYPE, file.media_type)];
    if takes_gzip(&headers)
        && let Some(packed) = file.packed()
    {
        return Ok((media_type, caching, [(CONTENT_ENCODING, "gzip")], packed).into_response());
    }
    Ok((media_type, caching, file.bytes.into_owned()).into_response())
}

/// Whether whoever asks can unpack gzip and has not said that he does not want it.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|one| {
        let (coding, weight) = one.split_once(';').unwrap_or((one, ""));
        let is_unwanted = weight.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0));
        coding.trim().eq_ignore_ascii_case("gzip") && !is_unwanted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_whoever_takes_it() {
        for (accepted, takes) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("gzip; q=0.000", false),
            ("br, zstd", false),
            ("", false),
            ("gzipped", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(accepted));
            assert_eq!(takes_gzip(&headers), takes, "{accepted}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
