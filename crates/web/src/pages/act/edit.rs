//! Changing what is listed by a form: everything before the first bid, afterwards only a dated note.

use std::sync::Arc;

use auction::{Auction, Command, Item, Listing, Revision};
use axum::extract::{Request, State};
use axum::response::Response;
use ledger::Money;
use store::records::AuctionRow;

use super::files::brought;
use super::listing::{lines, read, refused, understood};
use super::sent::Sent;
use crate::api::listing::place_faults;
use crate::api::sent::Id;
use crate::failure::Problem;
use crate::pages::show::controls::edit;
use crate::pages::show::edit::{Filled, own_auction, page};
use crate::pages::{Edit, Field, MemberReader, PictureField, SellForm, Told};
use crate::state::WebState;
use crate::words::field_fault;

/// `POST /auctions/{id}/edit`
pub async fn save(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    request: Request,
) -> Result<Response, Problem> {
    let row = own_auction(&web, &own, id).await?;
    let mut brought = brought(&web, &own.member, request).await?;
    let typed = &mut brought.typed;
    let sent = Sent::of(web, own, id, typed);
    let mut form = read(typed);
    let note = Field::of(lines(&typed.text("note")));
    let filled = Filled { reserve: typed.text("reserve_was"), end: typed.text("end_was") };
    let has_pictures = !typed.text("with_pictures").is_empty();
    let (web, language) = (Arc::clone(&sent.web), sent.own.reader.language);
    if brought.arrange(&mut form.pictures) {
        form.fault = brought.problem.as_ref().map(|problem| problem.sentence(language));
        let status = brought.problem.map_or(200, |problem| problem.code().status());
        return sent.own.answer(status, &page(&web, &sent.own, row, form, filled, note).await?);
    }
    // A form of an earlier release brings none, and means no change of them.
    if !has_pictures && has_form(&row, &web) {
        form.pictures = row.item.pictures.iter().map(PictureField::of).collect();
    }
    let problem = match change(&sent, &row, &form, &filled, &note).await {
        Ok(()) => return Ok(sent.done(Told::Edited)),
        Err(problem) => problem,
    };
    let mut form = refused(&web, language, form, &problem);
    if form.title.value.is_empty() {
        form.title.value.clone_from(&row.item.title);
    }
    let fault = problem.errors().iter().find(|fault| fault.field == "note");
    let fault = fault.map(|fault| {
        field_fault(language, if fault.code == "invalid" { "bad_characters" } else { fault.code })
    });
    let shown = page(&web, &sent.own, row, form, filled, Field { fault, ..note }).await?;
    sent.own.answer(problem.code().status(), &shown)
}

/// Whether the whole listing is on the form, pictures among it.
fn has_form(row: &AuctionRow, web: &WebState) -> bool {
    matches!(edit(&row.auction, web.now()), Edit::All | Edit::Most)
}

/// The reserve may have been lowered and the end moved since the form was filled: what was left as it was stays as it is.
fn keep_what_was_left(listing: &mut Listing, auction: &Auction, form: &SellForm, filled: &Filled) {
    // Every form has an end; one that lost what it was filled with is taken at its word.
    if filled.end.is_empty() {
        return;
    }
    if form.reserve_price.value.trim() == filled.reserve {
        listing.reserve_price = auction.reserve.map(Money::won);
    }
    if form.ends_at.value.trim() == filled.end {
        listing.ends_at = auction.ends_at;
    }
}

/// Asks the engine for what the form says, as far as it can still be changed.
async fn change(
    sent: &Sent,
    row: &AuctionRow,
    form: &SellForm,
    filled: &Filled,
    note: &Field,
) -> Result<(), Problem> {
    let auction = &row.auction;
    let edit = edit(auction, sent.web.now());
    let listing = match edit {
        Edit::All | Edit::Most => {
            let mut listing =
                understood(&sent.web, sent.member(), form, &[auction.starts_at, auction.ends_at])?;
            listing.again = None;
            keep_what_was_left(&mut listing, auction, form, filled);
            if edit == Edit::Most {
                // What the thing is, and when it began, is not in the form any more.
                let Item { title, category, .. } = row.item.clone();
                listing.item = Item { title, category, ..listing.item };
                listing.starts_at = None;
            }
            let faults = place_faults(&sent.web, &listing.item).await?;
            if !faults.is_empty() {
                return Err(Problem::invalid(faults));
            }
            Some(listing)
        }
        Edit::Notes | Edit::Nothing => None,
    };
    let note = Some(note.value.clone()).filter(|note| !note.is_empty());
    // Where only notes are left, the form brings what is to come behind the pictures that are there.
    let added = match listing {
        Some(_) => Vec::new(),
        None => form.pictures.iter().filter_map(PictureField::picture).collect(),
    };
    let revision = Box::new(Revision { terms: sent.terms, listing, note, added });
    sent.ask(Command::Edit { seller: sent.member(), revision }).await.map(|_| ())
}
