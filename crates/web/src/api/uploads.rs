//! Uploads that go past the house, straight into its storage: prepared by one call, finished by another.

use std::sync::Arc;

use ::pictures::Address;
use auction::{PictureAddress, Span};
use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::fields::Fields;
use super::pictures::{created, digits};
use super::sent::{Sent, Wire};
use crate::caller::{self, SignedIn};
use crate::darkroom::prepared::{PREPARED_FOR, PREPARED_TYPES, Wanted};
use crate::failure::Problem;
use crate::state::WebState;

/// An upload to be prepared.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewUpload {
    /// How many bytes it has: 1 to 12 MiB.
    pub bytes: i64,
    /// `image/jpeg`, `image/png` or `image/webp`.
    pub content_type: String,
    /// The SHA-256 of its bytes: 64 hexadecimal digits.
    #[schema(min_length = 64, max_length = 64)]
    pub sha256: String,
}

/// How to send it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreparedView {
    /// What finishes it later.
    pub upload: String,
    /// `PUT`.
    pub method: &'static str,
    /// Where to; whoever has it needs no other key.
    pub url: String,
    /// The headers to send, with exactly these values.
    pub headers: Vec<HeaderView>,
    /// Until when it may begin.
    pub expires_at: String,
}

/// A header to send.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeaderView {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

/// A prepared upload that was sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct FinishedUpload {
    /// What its preparation answered.
    #[schema(min_length = 64, max_length = 64)]
    pub upload: String,
}

/// What is read of a [`NewUpload`].
pub struct ReadUpload(Wanted);

/// What is read of a [`FinishedUpload`].
pub struct ReadFinished(PictureAddress);

impl Wire for ReadUpload {
    fn read(fields: &mut Fields) -> ReadUpload {
        let bytes = fields.required("bytes", |fields, name| {
            let bytes = fields.integer(name)?;
            let bytes = u64::try_from(bytes).ok().filter(|bytes| *bytes > 0);
            sound(fields, name, bytes)
        });
        let content_type = fields.required("content_type", |fields, name| {
            let kind = fields.text(name)?;
            sound(fields, name, Some(kind).filter(|kind| PREPARED_TYPES.contains(&kind.as_str())))
        });
        ReadUpload(Wanted { address: address(fields, "sha256"), bytes, content_type })
    }
}

impl Wire for ReadFinished {
    fn read(fields: &mut Fields) -> ReadFinished {
        ReadFinished(address(fields, "upload"))
    }
}

/// 64 hexadecimal digits.
fn address(fields: &mut Fields, name: &str) -> PictureAddress {
    fields.required(name, |fields, name| {
        let address = Address::parse(&fields.text(name)?).map(|address| *address.as_bytes());
        sound(fields, name, address)
    })
}

/// What was read; if nothing could be, the field cannot stay.
fn sound<T>(fields: &mut Fields, name: &str, read: Option<T>) -> Option<T> {
    if read.is_none() {
        fields.fault(name, "invalid");
    }
    read
}

/// `POST /pictures/uploads`: prepares an upload straight into the storage, bound to these bytes.
pub async fn prepare(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Sent(ReadUpload(wanted)): Sent<ReadUpload>,
) -> Result<(StatusCode, Json<PreparedView>), Problem> {
    let now = state.now();
    let prepared = state.darkroom.prepare(caller.id(), &wanted)?;
    state.limits.prepared_upload(caller.id(), now)?;
    let valid_for = i64::try_from(PREPARED_FOR.as_secs()).map_or(Span(0), Span::seconds);
    let headers = prepared.headers.into_iter().map(|(name, value)| HeaderView { name, value });
    let view = PreparedView {
        upload: digits(&wanted.address),
        method: "PUT",
        url: prepared.url,
        headers: headers.collect(),
        expires_at: live::frame::time(now.plus(valid_for)),
    };
    Ok((StatusCode::CREATED, Json(view)))
}

/// `POST /pictures` with JSON: makes pictures of what was sent into the storage.
pub async fn finish(state: &Arc<WebState>, request: Request) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    let caller = SignedIn::from_request_parts(&mut parts, state).await?;
    let from = caller::Address::from_request_parts(&mut parts, state).await?;
    let request = Request::from_parts(parts, body);
    let Sent(ReadFinished(address)) = Sent::from_request(request, state).await?;
    let place = state.darkroom.workers().enter(caller.id(), Some(from))?;
    let made = state.darkroom.finish(place, caller.id(), state.now(), address).await?;
    Ok(created(&made))
}
