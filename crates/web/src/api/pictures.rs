//! Pictures: uploading them, and how listings name and show them.

use std::sync::Arc;

use ::pictures::{Address, Encoding};
use auction::{PICTURES_MAX, Picture, PictureAddress};
use axum::Json;
use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use store::records::{CardPicture, PictureRow};
use utoipa::ToSchema;

use super::fields::Fields;
use super::sent::is_json;
use super::uploads;
use crate::caller::{self, SignedIn};
use crate::darkroom::sizes::{self, sizes};
use crate::darkroom::{self, pace, workers::Place};
use crate::failure::{Code, Problem};
use crate::security;
use crate::state::WebState;

/// An upload that was made into pictures; the same whenever the same bytes are sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct UploadedView {
    /// Its name in listings: 64 hexadecimal digits.
    pub address: String,
    /// How wide it is, in pixels.
    pub width: i64,
    /// How high it is, in pixels.
    pub height: i64,
    /// What it looks like before it is there: `#rrggbb`.
    pub colour: String,
    /// Where it lies, smallest size first.
    pub sizes: Vec<SizeView>,
}

/// A picture of what is sold.
#[derive(Debug, Serialize, ToSchema)]
pub struct PictureView {
    /// Its name: 64 hexadecimal digits.
    pub address: String,
    /// The seller's words for it; may be empty.
    pub alt: String,
    /// How wide it is, in pixels.
    pub width: i64,
    /// How high it is, in pixels.
    pub height: i64,
    /// What it looks like before it is there: `#rrggbb`.
    pub colour: String,
    /// Where it lies, smallest size first.
    pub sizes: Vec<SizeView>,
}

/// One size of a picture; what lies at its addresses never changes.
#[derive(Debug, Serialize, ToSchema)]
pub struct SizeView {
    /// In pixels.
    pub width: i64,
    /// In pixels.
    pub height: i64,
    /// Where it lies as WebP.
    pub webp: String,
    /// Where it lies as JPEG.
    pub jpeg: String,
}

/// A picture in a listing, as its seller sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PictureSent {
    /// What its upload answered: 64 hexadecimal digits.
    #[schema(min_length = 64, max_length = 64)]
    pub address: String,
    /// What can be seen on it, for those who do not see it: one line, up to 200 characters.
    #[schema(max_length = 200)]
    pub alt: Option<String>,
}

/// `POST /pictures`: makes pictures of the bytes of one file, or of what was sent into the storage.
pub async fn upload(State(state): State<Arc<WebState>>, request: Request) -> Result<Response, Problem> {
    if is_json(request.headers()) {
        return uploads::finish(&state, request).await;
    }
    let (mut parts, body) = request.into_parts();
    let entered = async {
        let caller = SignedIn::from_request_parts(&mut parts, &state).await?;
        says_it_is_a_picture(&parts.headers)?;
        let from = caller::Address::from_request_parts(&mut parts, &state).await?;
        Ok((state.darkroom.workers().enter(caller.id(), Some(from))?, caller))
    };
    let (place, caller) = match entered.await {
        Ok(entered) => entered,
        Err(problem) => {
            security::drain(body, darkroom::BYTES_MAX).await;
            return Err(problem);
        }
    };
    let made = take(&state, place, &caller, body).await?;
    Ok(created(&made))
}

/// The answer to whoever has uploaded it.
pub fn created(made: &PictureRow) -> Response {
    let view = UploadedView::from(made);
    let location = view.sizes.last().map(|size| size.jpeg.clone()).unwrap_or_default();
    (StatusCode::CREATED, [(LOCATION, location)], Json(view)).into_response()
}

async fn take(state: &WebState, place: Place, caller: &SignedIn, body: Body) -> Result<PictureRow, Problem> {
    let bytes = pace::read(body).await?;
    state.darkroom.take(place, caller.id(), state.now(), bytes).await
}

/// The type that a file is sent with is not believed, but whoever sends a form or JSON has mistaken the call.
fn says_it_is_a_picture(headers: &HeaderMap) -> Result<(), Problem> {
    let Some(kind) = headers.get(CONTENT_TYPE) else { return Ok(()) };
    let kind = kind.to_str().unwrap_or_default().trim().to_ascii_lowercase();
    let is_one = kind.starts_with("image/") || kind.starts_with("application/octet-stream");
    if is_one { Ok(()) } else { Err(Problem::new(Code::MediaType)) }
}

/// The pictures that a call names, in their order; none if it names no list of them.
pub fn pictures(fields: &mut Fields, name: &str) -> Option<Vec<Picture>> {
    let Value::Array(sent) = fields.take(name)? else {
        fields.fault(name, "wrong_type");
        return None;
    };
    if sent.len() > PICTURES_MAX {
        fields.fault(name, "too_long");
        return None;
    }
    Some(
        sent.into_iter()
            .enumerate()
            .filter_map(|(at, one)| picture(fields, &format!("{name}[{at}]"), one))
            .collect(),
    )
}

fn picture(fields: &mut Fields, at: &str, sent: Value) -> Option<Picture> {
    let Value::Object(mut sent) = sent else {
        fields.fault(at, "wrong_type");
        return None;
    };
    let mut text = |name: &str| match sent.remove(name) {
        None => None,
        Some(Value::String(text)) => Some(Ok(text)),
        Some(_) => Some(Err("wrong_type")),
    };
    let alt = text("alt").unwrap_or_else(|| Ok(String::new()));
    let address = text("address").unwrap_or(Err("required"));
    let address = address.and_then(|text| Address::parse(&text).ok_or("invalid"));
    for name in sent.keys() {
        fields.fault(&format!("{at}.{name}"), "unknown");
    }
    let mut sound = |name: &str, code: &'static str| fields.fault(&format!("{at}.{name}"), code);
    let alt = alt.map_err(|code| sound("alt", code)).ok()?;
    let address = address.map_err(|code| sound("address", code)).ok()?;
    Some(Picture { address: *address.as_bytes(), alt })
}

/// The list as a key is bound to it.
pub fn as_sent(pictures: &[Picture]) -> Vec<PictureSent> {
    let sent = |one: &Picture| PictureSent { address: digits(&one.address), alt: Some(one.alt.clone()) };
    pictures.iter().map(sent).collect()
}

/// The pictures that a list was sent as.
pub fn of_sent(sent: &[PictureSent]) -> Vec<Picture> {
    let picture = |one: &PictureSent| {
        let address = *Address::parse(&one.address)?.as_bytes();
        Some(Picture { address, alt: one.alt.clone().unwrap_or_default() })
    };
    sent.iter().filter_map(picture).collect()
}

/// Pictures as everyone sees them, from what is known of each; one that nothing is known of is left out.
pub fn views(pictures: &[Picture], known: &[PictureRow]) -> Vec<PictureView> {
    let view = |one: &Picture| {
        let row = known.iter().find(|row| row.address == one.address)?;
        Some(PictureView::of(row, &one.alt))
    };
    pictures.iter().filter_map(view).collect()
}

/// The digits of an address.
pub fn digits(address: &PictureAddress) -> String {
    Address::from_bytes(*address).to_string()
}

/// A colour as it is written.
pub fn colour(colour: i64) -> String {
    format!("#{:06x}", colour & 0xff_ffff)
}

fn size_views(digits: &str, width: i64, height: i64) -> Vec<SizeView> {
    let view = |size: sizes::Size| SizeView {
        width: size.width,
        height: size.height,
        webp: sizes::address(digits, size, Encoding::Webp),
        jpeg: sizes::address(digits, size, Encoding::Jpeg),
    };
    sizes(width, height).into_iter().map(view).collect()
}

impl From<&PictureRow> for UploadedView {
    fn from(row: &PictureRow) -> UploadedView {
        let address = digits(&row.address);
        let sizes = size_views(&address, row.width, row.height);
        UploadedView { address, width: row.width, height: row.height, colour: colour(row.colour), sizes }
    }
}

impl PictureView {
    fn of(row: &PictureRow, alt: &str) -> PictureView {
        let UploadedView { address, width, height, colour, sizes } = UploadedView::from(row);
        PictureView { address, alt: alt.to_owned(), width, height, colour, sizes }
    }
}

impl From<CardPicture> for PictureView {
    fn from(card: CardPicture) -> PictureView {
        let address = digits(&card.address);
        let sizes = size_views(&address, card.width, card.height);
        PictureView {
            address,
            alt: card.alt,
            width: card.width,
            height: card.height,
            colour: colour(card.colour),
            sizes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with a list of pictures, or how many there are.
    fn read_list(list: &str) -> Result<usize, Vec<(String, &'static str)>> {
        let mut fields = Fields::of_json(format!("{{\"pictures\":{list}}}").as_bytes()).expect("JSON");
        let found = pictures(&mut fields, "pictures").map_or(0, |list| list.len());
        match fields.finish() {
            Ok(()) => Ok(found),
            Err(problem) => {
                Err(problem.errors().iter().map(|fault| (fault.field.clone(), fault.code)).collect())
            }
        }
    }

    #[test]
    fn a_list_names_pictures_and_their_words() {
        let good = "ab".repeat(32);
        let one = format!(r#"{{"address":"{good}","alt":"앞모습"}}"#);
        let fault = |field: &str, code| Err(vec![(field.to_owned(), code)]);
        for (list, expected) in [
            ("[]".to_owned(), Ok(0)),
            (format!("[{one}]"), Ok(1)),
            (format!(r#"[{{"address":"{good}"}}]"#), Ok(1)),
            (format!("[{}]", vec![one.clone(); 11].join(",")), fault("pictures", "too_long")),
            ("{}".to_owned(), fault("pictures", "wrong_type")),
            ("[1]".to_owned(), fault("pictures[0]", "wrong_type")),
            (format!(r#"[{one},{{"alt":"x"}}]"#), fault("pictures[1].address", "required")),
            (r#"[{"address":"../x"}]"#.to_owned(), fault("pictures[0].address", "invalid")),
            (
                format!(r#"[{{"address":"{}"}}]"#, good.to_uppercase()),
                fault("pictures[0].address", "invalid"),
            ),
            (format!(r#"[{{"address":"{good}","alt":1}}]"#), fault("pictures[0].alt", "wrong_type")),
            (format!(r#"[{{"address":"{good}","url":"x"}}]"#), fault("pictures[0].url", "unknown")),
        ] {
            assert_eq!(read_list(&list), expected, "{list}");
        }
    }

    #[test]
    fn what_was_sent_comes_back() {
        let list = [Picture { address: [0xab; 32], alt: "옆모습".to_owned() }];
        assert_eq!(of_sent(&as_sent(&list)), list);
    }
}
