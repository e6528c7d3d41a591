//! `/`: the market. Two reads of the listing table whatever is asked, one of the hearts, one more for a member's own
//! standing; names of places come from memory.

use std::sync::Arc;

use auction::{AuctionId, Span, Status, Time};
use axum::extract::State;
use axum::response::Response;
use ledger::Money;
use store::records::{ListingRow, Page, Paged, Search, Sort};

use super::places;
use super::standing::{Cards, Hearts, Parts};
use crate::api::listing::sort_named;
use crate::api::pages::judged;
use crate::failure::Problem;
use crate::pages::typed::Typed;
use crate::pages::{Filters, HomePage, Reader, Section};
use crate::places::Known;
use crate::state::WebState;
use crate::words::amount_typed;

/// How many cards a page of the list has.
const CARDS: usize = 24;

/// How many cards end soonest.
const RAIL: usize = 10;

/// What ends sooner would be over before it is seen.
const TOO_SOON: Span = Span::seconds(2);

/// The most characters of a search; the rest is passed over.
const WORDS_CHARS_MAX: usize = 100;

/// `GET /`
pub async fn show(State(state): State<Arc<WebState>>, reader: Reader) -> Result<Response, Problem> {
    let known = state.places.known(&*state.records).await?;
    let mut typed = Typed::of(reader.query());
    let cursor = Some(typed.text("cursor")).filter(|cursor| !cursor.is_empty());
    let filters = filters(&mut typed, &known);
    let is_plain = !filters.any() && filters.sort == Filters::SORTS[0] && cursor.is_none();
    let now = state.now();
    let page = Page { cursor, limit: CARDS };
    let member = reader.signed_in.as_ref().map(crate::caller::SignedIn::id);
    let (listed, soon, parts) = tokio::join!(
        state.records.listings(search(&filters), page.clone()),
        ending_soon(&state, is_plain, now),
        Parts::read(&*state.records, member),
    );
    let (listed, soon, parts) = (judged(listed, &page)?, soon?, parts?);
    let shown: Vec<AuctionId> = soon.iter().chain(&listed.items).map(|row| row.auction).collect();
    let hearts = Hearts::read(&*state.records, &shown, member).await?;
    let cards = Cards { language: reader.language, known: &known, now, parts: &parts, hearts: &hearts };
    let is_search = !filters.q.is_empty() || reader.address != "/";
    let mut shell = reader.shell(&state, if is_search { Section::Search } else { Section::Home }).await?;
    let region = filters.region.parse().ok().and_then(|region| known.region(region));
    shell.place = region.map(|region| region.name.clone());
    let own = reader.signed_in.as_ref().and_then(|member| member.member.region);
    let page = HomePage {
        categories: places::top_categories(&known, reader.language),
        regions: places::regions(&known, reader.language, &[filters.region.parse().ok(), own]),
        ending_soon: soon.into_iter().map(|row| cards.of(row)).collect(),
        next: listed
            .next
            .map(|cursor| format!("/?cursor={}{}", crate::pages::way::escaped(&cursor), filters.all())),
        cards: listed.items.into_iter().map(|row| cards.of(row)).collect(),
        shows_seen: is_plain,
        filters,
        shell,
    };
    reader.answer(200, &page)
}

/// What ends soonest, on the market's front alone.
async fn ending_soon(state: &WebState, is_shown: bool, now: Time) -> store::Result<Vec<ListingRow>> {
    if !is_shown {
        return Ok(Vec::new());
    }
    let search = Search { status: Some(Status::Open), sort: Sort::Ending, ..Search::default() };
    // Those of the last two seconds may still stand first; they do not crowd out the rest.
    let Paged { mut items, .. } =
        state.records.listings(search, Page { cursor: None, limit: 2 * RAIL }).await?;
    items.retain(|row| row.ends_at > now.plus(TOO_SOON));
    items.truncate(RAIL);
    Ok(items)
}

/// The filters of an address. What makes no sense is passed over: an address is no form, nobody is there to mend it.
fn filters(typed: &mut Typed, known: &Known) -> Filters {
    let region = typed.number("region").filter(|region| known.region(*region).is_some());
    let category = typed.number("category").filter(|category| known.category(*category).is_some());
    let mut price = |name: &str| {
        let text = typed.text(name);
        amount_typed(&text).and(Some(text)).unwrap_or_default()
    };
    let (min_price, max_price) = (price("min_price"), price("max_price"));
    let one_of =
        |text: String, known: &[&str]| if known.contains(&text.as_str()) { text } else { String::new() };
    let sort = one_of(typed.text("sort"), &Filters::SORTS);
    Filters {
        q: typed.text("q").trim().chars().take(WORDS_CHARS_MAX).collect(),
        region: region.map(|region| region.to_string()).unwrap_or_default(),
        category: category.map(|category| category.to_string()).unwrap_or_default(),
        min_price,
        max_price,
        sort: if sort.is_empty() { Filters::SORTS[0].to_owned() } else { sort },
        status: one_of(typed.text("status"), &Filters::STATUSES),
    }
}

/// The search that the filters mean.
fn search(filters: &Filters) -> Search {
    let price = |text: &str| amount_typed(text).and_then(Money::new);
    Search {
        words: filters.q.clone(),
        region: filters.region.parse().ok(),
        category: filters.category.parse().ok(),
        status: match filters.status.as_str() {
            "any" => None,
            "scheduled" => Some(Status::Scheduled),
            "ended" => Some(Status::Ended),
            _ => Some(Status::Open),
        },
        min_price: price(&filters.min_price),
        max_price: price(&filters.max_price),
        sort: sort_named(&filters.sort).unwrap_or_default(),
        ..Search::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_makes_no_sense_is_the_market() {
        let known = Known { regions: Vec::new(), categories: Vec::new() };
        for query in
            ["", "region=9&category=x", "min_price=-1&max_price=a", "sort=best&status=closed", "status=open"]
        {
            let filters = filters(&mut Typed::of(query), &known);
            assert!(!filters.any(), "{query}");
            let expected = Search { status: Some(Status::Open), ..Search::default() };
            assert_eq!(search(&filters), expected, "{query}");
        }
    }

    #[test]
    fn filters_become_a_search_and_an_address_again() {
        let known = Known { regions: Vec::new(), categories: Vec::new() };
        let query = "q=+%EC%9D%98%EC%9E%90&min_price=1%2C000&max_price=%EF%BC%95%EF%BC%90%EF%BC%90%EF%BC%90&sort=bids&status=any";
        let filters = filters(&mut Typed::of(query), &known);
        let found = search(&filters);
        assert_eq!((found.words.as_str(), found.status, found.sort), ("의자", None, Sort::Bids));
        assert_eq!((found.min_price, found.max_price), (Money::new(1_000), Money::new(5_000)));
        let again = filters.all();
        let again = super::filters(&mut Typed::of(&again), &known);
        assert_eq!(search(&again), found);
    }
}
