//! `/cards`: some cards by their numbers and nothing else, for the page of a browser that remembers what it has shown.

use std::sync::Arc;

use auction::AuctionId;
use axum::extract::State;
use axum::response::Response;

use super::standing::{Cards, Hearts, Parts};
use crate::api::fields::plain_integer;
use crate::failure::Problem;
use crate::pages::typed::Typed;
use crate::pages::{CardsPart, Reader, Section};
use crate::state::WebState;

/// How many cards are given at the most.
const CARDS_MAX: usize = 20;

/// `GET /cards?ids=7.3.12`: in this order, without those that are not listed.
pub async fn show(State(state): State<Arc<WebState>>, reader: Reader) -> Result<Response, Problem> {
    let known = state.places.known(&*state.records).await?;
    let ids = ids(&Typed::of(reader.query()).text("ids"));
    let member = reader.signed_in.as_ref().map(crate::caller::SignedIn::id);
    let (mut rows, parts) =
        tokio::try_join!(state.records.listed(&ids), Parts::read(&*state.records, member))?;
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.auction));
    let hearts = Hearts::of_rows(&*state.records, &rows, member).await?;
    let cards =
        Cards { language: reader.language, known: &known, now: state.now(), parts: &parts, hearts: &hearts };
    // What is done with a card leads back to the market, on which it stands.
    let mut shell = reader.shell(&state, Section::Home).await?;
    "/".clone_into(&mut shell.address);
    let cards = rows.into_iter().map(|row| cards.of(row)).collect();
    reader.answer(200, &CardsPart { shell, cards })
}

fn ids(text: &str) -> Vec<AuctionId> {
    let mut ids = Vec::new();
    for id in text.split('.').filter_map(plain_integer).map(AuctionId) {
        if ids.len() < CARDS_MAX && !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_taken_once_each_and_not_too_many() {
        for (text, expected) in [("", vec![]), ("7.3.7", vec![7, 3]), ("x.4..-1", vec![4, -1])] {
            let expected: Vec<AuctionId> = expected.into_iter().map(AuctionId).collect();
            assert_eq!(ids(text), expected, "{text}");
        }
        let many: Vec<String> = (1..=50).map(|id: i64| id.to_string()).collect();
        assert_eq!(ids(&many.join(".")).len(), CARDS_MAX);
    }
}
