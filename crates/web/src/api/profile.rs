//! Profiles: how members present themselves, and what they sell and have sold.

use std::sync::Arc;

use auction::{Lines, PictureAddress, text_fault};
use axum::Json;
use axum::extract::State;
use ledger::MemberId;
use serde::Serialize;
use store::records::{ABOUT_CHARS_MAX, Page, PictureRow, Shelf};
use utoipa::ToSchema;

use super::fields::Fields;
use super::listing::ListingView;
use super::pages::{List, judged, page};
use super::sent::{Asked, Id, Wire};
use crate::failure::{Code, Problem};
use crate::state::WebState;

/// A member's picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FaceView {
    /// Under which it lies: 64 hexadecimal digits.
    pub address: String,
    /// How wide it is, in pixels.
    pub width: i64,
    /// How high it is, in pixels.
    pub height: i64,
}

impl From<PictureRow> for FaceView {
    fn from(row: PictureRow) -> FaceView {
        FaceView { address: digits(&row.address), width: row.width, height: row.height }
    }
}

/// An address as it is written.
pub fn digits(address: &PictureAddress) -> String {
    address.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The address that is written so: 64 hexadecimal digits, small ones.
pub fn address_of(digits: &str) -> Option<PictureAddress> {
    let is_plain = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if digits.len() != 64 || !digits.bytes().all(is_plain) {
        return None;
    }
    let mut address = [0; 32];
    for (byte, digits) in address.iter_mut().zip(digits.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(address)
}

/// What a member says about himself, as it is kept: without spaces around it, and nothing if there is nothing in it.
///
/// # Errors
/// The code of what is wrong with it: `too_long` or `invalid`.
pub fn about(text: &str) -> Result<Option<String>, &'static str> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    match text_fault(text, 1, ABOUT_CHARS_MAX, Lines::Any) {
        Some(fault) => Err(fault.name()),
        None => Ok(Some(text.to_owned())),
    }
}

/// Which of a member's auctions, and which page of them.
pub struct WhichShelf {
    shelf: Option<Shelf>,
    page: Page,
}

impl Wire for WhichShelf {
    fn read(fields: &mut Fields) -> WhichShelf {
        let shelf = fields.word("status", |word| match word {
            "scheduled" => Some(Shelf::Scheduled),
            "open" => Some(Shelf::Open),
            "ended" => Some(Shelf::Ended),
            _ => None,
        });
        WhichShelf { shelf, page: page(fields) }
    }
}

/// `GET /members/{id}/auctions`: what a member sells and has sold, as it stands, newest first.
pub async fn shelf(
    State(state): State<Arc<WebState>>,
    Id(id): Id,
    Asked(WhichShelf { shelf, page }): Asked<WhichShelf>,
) -> Result<Json<List<ListingView>>, Problem> {
    let member = state.records.member(MemberId(id)).await?.ok_or(Problem::new(Code::NotFound))?;
    let rows = match shelf {
        Some(shelf) => state.records.shelf(member.id, shelf, page.clone()).await,
        None => state.records.selling(member.id, page.clone()).await,
    };
    Ok(Json(List::of(judged(rows, &page)?, ListingView::from)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_about_oneself_is_short_and_shows() {
        let long = "가".repeat(ABOUT_CHARS_MAX);
        for (text, kept) in [
            ("", Ok(None)),
            ("  \r\n ", Ok(None)),
            (" 의자를 고쳐요 ", Ok(Some("의자를 고쳐요".to_owned()))),
            ("한 줄\r\n두 줄", Ok(Some("한 줄\n두 줄".to_owned()))),
            (&long, Ok(Some(long.clone()))),
            (&format!("{long}가"), Err("too_long")),
            ("숨은\u{200b}글", Err("invalid")),
            ("뒤집힌\u{202e}글", Err("invalid")),
        ] {
            assert_eq!(about(text), kept, "{text:?}");
        }
    }

    #[test]
    fn an_address_is_written_in_one_way() {
        let written = "0a".repeat(32);
        assert_eq!(address_of(&written), Some([10; 32]));
        assert_eq!(digits(&[10; 32]), written);
        for wrong in [String::new(), "0A".repeat(32), "0a".repeat(31), "0a".repeat(33), "+1".repeat(32)] {
            assert_eq!(address_of(&wrong), None, "{wrong}");
        }
    }
}
