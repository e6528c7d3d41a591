//! `/regions`: the country, its provinces, districts and neighbourhoods, each at an address one can read. One bounded read
//! of the listing table; counts are some seconds old.

use std::sync::Arc;

use auction::Status;
use axum::extract::{Path, State};
use axum::response::Response;
use store::records::{Page, Region, Search};

use super::home::counted;
use super::standing::{Cards, Hearts, Parts};
use crate::failure::Problem;
use crate::pages::way::path_escaped as encoded;
use crate::pages::{Choice, Reader, RegionPage, Section};
use crate::places::{Known, part};
use crate::state::WebState;

/// How many cards are shown.
const CARDS: usize = 24;

/// How many regions are offered in place of one that does not exist.
const OFFERED: usize = 10;

/// `GET /regions`
pub async fn all(State(state): State<Arc<WebState>>, reader: Reader) -> Result<Response, Problem> {
    let known = state.places.known(&*state.records).await?;
    show(&state, &reader, &known, None).await
}

/// `GET /regions/{path}`
pub async fn one(
    State(state): State<Arc<WebState>>,
    reader: Reader,
    Path(path): Path<String>,
) -> Result<Response, Problem> {
    let known = state.places.known(&*state.records).await?;
    match known.at_path(&path) {
        Some(region) => show(&state, &reader, &known, Some(region)).await,
        None => missing(&state, &reader, &known, &path).await,
    }
}

async fn show(
    state: &WebState,
    reader: &Reader,
    known: &Known,
    region: Option<&Region>,
) -> Result<Response, Problem> {
    let (language, now) = (reader.language, state.now());
    let number = region.map(|region| region.id);
    let search = Search { region: number, status: Some(Status::Open), ..Search::default() };
    let listed = state.records.listings(search, Page { cursor: None, limit: CARDS }).await?;
    let counts = state.places.counts_below(&*state.records, number, now).await?;
    let member = reader.signed_in.as_ref().map(crate::caller::SignedIn::id);
    let parts = Parts::read(&*state.records, member).await?;
    let hearts = Hearts::of_rows(&*state.records, &listed.items, member).await?;
    let cards = Cards { language, known, now, parts: &parts, hearts: &hearts };
    let line = region.map(|region| known.line(region)).unwrap_or_default();
    let country = Choice::of("/regions", language.text("regions-all"));
    let crumb = |one: &&Region| Choice::of(encoded(&known.path_of(one)), part(one).replace('-', " "));
    let names: Vec<&str> = line.iter().map(|one| one.name.as_str()).collect();
    let below = known.right_below(number).zip(counts.iter());
    let page = RegionPage {
        shell: reader.shell(state, Section::Elsewhere).await?,
        name: Some(if names.is_empty() { language.text("regions-country") } else { names.join(" ") }),
        address: region.map_or_else(|| "/regions".to_owned(), |region| encoded(&known.path_of(region))),
        below: below
            .map(|(one, count)| {
                (Choice::of(encoded(&known.path_of(one)), one.name.clone()), counted(language, *count))
            })
            .collect(),
        crumbs: std::iter::once(country).chain(line.iter().map(crumb)).collect(),
        search: number.map_or_else(|| "/".to_owned(), |number| format!("/?region={number}")),
        cards: listed.items.into_iter().map(|row| cards.of(row)).collect(),
    };
    reader.answer(200, &page)
}

/// There is no such region; what may have been meant.
async fn missing(state: &WebState, reader: &Reader, known: &Known, path: &str) -> Result<Response, Problem> {
    let offered = known.like_path(path, OFFERED).into_iter().map(|one| {
        let whole = known.line(one).iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(" ");
        (Choice::of(encoded(&known.path_of(one)), whole), String::new())
    });
    let page = RegionPage {
        shell: reader.shell(state, Section::Elsewhere).await?,
        name: None,
        address: "/regions".to_owned(),
        crumbs: vec![Choice::of("/regions", reader.language.text("regions-all"))],
        below: offered.collect(),
        search: "/".to_owned(),
        cards: Vec::new(),
    };
    reader.answer(404, &page)
}
