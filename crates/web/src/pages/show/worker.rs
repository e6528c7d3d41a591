//! `/sw.js`: the service worker, at the root because it may only serve pages below its own address. Browsers ask for it again
//! and again, and are never to keep an old one.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::failure::{Code, Problem};
use crate::pages::asset_file;

/// `GET /sw.js`
pub async fn show() -> Result<Response, Problem> {
    let file = asset_file("js/sw.js").ok_or(Problem::new(Code::NotFound))?;
    Ok(([(CONTENT_TYPE, file.media_type), (CACHE_CONTROL, "no-cache")], file.bytes.into_owned())
        .into_response())
}
