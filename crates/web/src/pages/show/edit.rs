//! `/auctions/{id}/edit`: what a seller can still change in an auction of his own.

use std::sync::Arc;

use auction::{AuctionId, DURATION_MAX, EDITED_END_AHEAD_MIN, Span};
use axum::extract::State as Held;
use axum::response::Response;
use store::records::AuctionRow;

use super::controls::edit;
use super::photos::{self, look_up};
use super::places;
use super::sell::{as_listed, field_minute, whole_minute};
use crate::api::sent::Id;
use crate::failure::{Code, Problem};
use crate::pages::{Edit, EditPage, Field, MemberReader, Section, SellForm};
use crate::state::WebState;

/// How long a form may lie open and its earliest end still be taken.
const FILLED_IN_WITHIN: Span = Span::minutes(1);

/// `GET /auctions/{id}/edit`
pub async fn show(
    Held(web): Held<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
) -> Result<Response, Problem> {
    let row = own_auction(&web, &own, id).await?;
    if edit(&row.auction, web.now()) == Edit::Nothing {
        return Err(Problem::new(Code::Closed));
    }
    let mut form = SellForm { key: web.new_key(), ..as_listed(&web, &row) };
    if edit(&row.auction, web.now()) == Edit::Notes {
        // What is there stays; what the form brings comes behind it.
        form.pictures.clear();
    }
    let filled = Filled { reserve: form.reserve_price.value.clone(), end: form.ends_at.value.clone() };
    own.answer(200, &page(&web, &own, row, form, filled, Field::default()).await?)
}

/// What the form was first filled with, of what changes also by other ways than this form. Whoever leaves it as it was
/// does not take back what has happened since.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// The reserve.
    pub reserve: String,
    /// The end.
    pub end: String,
}

/// An auction of the reader's own.
///
/// # Errors
/// `auction_not_found`, `not_seller`, or what the store says.
pub async fn own_auction(web: &WebState, own: &MemberReader, id: i64) -> Result<AuctionRow, Problem> {
    let row = web.records.auction(AuctionId(id)).await?.ok_or(Problem::new(Code::AuctionNotFound))?;
    if row.auction.seller == own.member.id() { Ok(row) } else { Err(Problem::new(Code::NotSeller)) }
}

/// The page with this form on it.
///
/// # Errors
/// What the store says.
pub async fn page(
    web: &WebState,
    own: &MemberReader,
    row: AuctionRow,
    mut form: SellForm,
    filled: Filled,
    note: Field,
) -> Result<EditPage, Problem> {
    look_up(web, &mut form).await?;
    let known = web.places.known(&*web.records).await?;
    let (language, now) = (own.reader.language, web.now());
    let auction = &row.auction;
    let edit = edit(auction, now);
    let (least, from) = match edit {
        Edit::All => (now.max(auction.starts_at).plus(auction.minimum_duration), now.max(auction.starts_at)),
        _ => (now.plus(EDITED_END_AHEAD_MIN), auction.starts_at),
    };
    let chosen = form.region_id.value.parse().ok();
    Ok(EditPage {
        shell: own.reader.shell(web, Section::Elsewhere).await?,
        id: auction.id.0,
        kept: if edit == Edit::Notes { photos::all(&row.item.pictures, &row.pictures) } else { Vec::new() },
        name: row.item.title,
        terms: auction.terms,
        edit,
        categories: places::categories(&known, language),
        regions: places::regions(&known, language, &[chosen, row.item.region]),
        ends_min: field_minute(web, whole_minute(least.plus(FILLED_IN_WITHIN))),
        ends_max: field_minute(web, from.plus(DURATION_MAX)),
        form,
        reserve_was: filled.reserve,
        end_was: filled.end,
        note,
    })
}
