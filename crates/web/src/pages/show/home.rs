//! `/`: the market. Two reads of the listing table whatever is asked, one of the hearts, one more for a member's own
//! standing; names of places come from memory.

use std::sync::Arc;

use auction::{AuctionId, Condition, Span, Status, Time};
use axum::extract::State;
use axum::response::Response;
use ledger::Money;
use store::records::{Centre, Count, ListingRow, Page, Paged, Search, Sort};

use super::places;
use super::standing::{Cards, Hearts, Parts};
use crate::api::listing::sort_named;
use crate::api::pages::judged;
use crate::failure::Problem;
use crate::pages::typed::Typed;
use crate::pages::{Choice, Filters, HomePage, Reader, Section};
use crate::places::{Around, Known, USUAL_RADIUS};
use crate::state::WebState;
use crate::words::{Language, amount_typed};

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
    let own = reader.signed_in.as_ref().and_then(|member| member.member.region);
    let filters = filters(&mut typed, &known, own);
    let is_plain = !filters.any() && filters.sort == "newest" && cursor.is_none();
    let now = state.now();
    let page = Page { cursor, limit: CARDS };
    let member = reader.signed_in.as_ref().map(crate::caller::SignedIn::id);
    let (listed, soon, parts) = tokio::join!(
        state.records.find(search(&filters, &known, own, now), page.clone()),
        ending_soon(&state, is_plain, now),
        Parts::read(&*state.records, member),
    );
    let (listed, count) = match listed {
        Ok(found) => (Ok(found.page), found.count),
        Err(failure) => (Err(failure), None),
    };
    let (listed, soon, parts) = (judged(listed, &page)?, soon?, parts?);
    let shown: Vec<AuctionId> = soon.iter().chain(&listed.items).map(|row| row.auction).collect();
    let hearts = Hearts::read(&*state.records, &shown, member).await?;
    let cards = Cards { language: reader.language, known: &known, now, parts: &parts, hearts: &hearts };
    let is_search = !filters.q.is_empty() || reader.address != "/";
    let mut shell = reader.shell(&state, if is_search { Section::Search } else { Section::Home }).await?;
    let region = filters.region.parse().ok().and_then(|region| known.region(region));
    let home = shell.place.take().filter(|_| filters.region.is_empty() && filters.near.is_empty());
    let home = home.zip(own).map(|(name, own)| Choice::of(format!("/?region={own}{}", filters.all()), name));
    shell.place = region.map(|region| region.name.clone());
    let active = active(&filters, &known, reader.language);
    let page = HomePage {
        top_category: places::top_of(&known, &filters.category),
        kinds: places::kinds(&known, reader.language),
        wider: if listed.items.is_empty() { wider(&filters, &active, reader.language) } else { Vec::new() },
        active,
        count: count.filter(|_| filters.any()).map(|count| counted(reader.language, count)),
        has_home: own.is_some(),
        home,
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

/// How many, as it is said: beyond what is counted, with a plus.
pub(super) fn counted(language: Language, count: Count) -> String {
    let number = crate::words::digits(i64::try_from(count.least).unwrap_or_default());
    let more = if count.has_more { "+" } else { "" };
    language.text_with("found-count", &[("count", format!("{number}{more}").into())])
}

/// The filters that are on, each with the market's address without it.
fn active(filters: &Filters, known: &Known, language: Language) -> Vec<Choice> {
    let mut active = Vec::new();
    let mut on = |left_out: &[&str], label: Option<String>| {
        active.extend(label.map(|label| Choice::of(filters.address_without(left_out), label)));
    };
    let number = |text: &str| text.parse::<i64>().ok();
    let with = |key: &str, name: &'static str, value: &str| language.text_with(key, &[(name, value.into())]);
    let region = number(&filters.region).and_then(|region| known.region(region));
    on(&["region"], region.map(|region| places::full_name(known, region)));
    let radius = if filters.radius.is_empty() { USUAL_RADIUS.to_string() } else { filters.radius.clone() };
    let near = (!filters.near.is_empty()).then(|| with("near-within", "radius", &radius));
    on(&["near", "radius"], near);
    let kind = number(&filters.category).and_then(|kind| places::category_name(known, language, kind));
    on(&["category"], kind);
    let price = match (filters.min_price.as_str(), filters.max_price.as_str()) {
        ("", "") => None,
        (least, most) => Some(format!("{least} – {most}").trim().to_owned()),
    };
    on(&["min_price", "max_price"], price);
    for (name, value) in filters.values() {
        let label = match name {
            _ if value.is_empty() => None,
            "condition" => Some(language.text(&format!("condition-{value}"))),
            "ends_within" => Some(with("ends-within", "hours", value)),
            "status" => Some(language.text(&format!("status-{value}"))),
            flag if Filters::FLAGS.contains(&flag) => Some(language.text(&format!("only-{flag}"))),
            _ => None,
        };
        on(&[name], label);
    }
    active
}

/// A search as it is kept, as it stands in the address, and what it is called, in parts: without its order and its page, with
/// the place that was meant, and only for what is open, which is all that can be new. Nothing if it looks for nothing in
/// particular.
pub(crate) fn kept_filters(
    typed: &mut Typed,
    known: &Known,
    home: Option<i64>,
    language: Language,
) -> (String, Vec<String>) {
    let mut filters = filters(typed, known, home);
    filters.sort = filters.sorts()[0].to_owned();
    filters.status.clear();
    for price in [&mut filters.min_price, &mut filters.max_price] {
        *price = amount_typed(price).map(|won| won.to_string()).unwrap_or_default();
    }
    let around = Around::named(&filters.near);
    if let Some(centre) = around.and_then(|around| around.centre(known, home)) {
        filters.near = centre_text(centre);
        filters.radius = if filters.radius.is_empty() { USUAL_RADIUS.to_string() } else { filters.radius };
    }
    let mut words: Vec<String> =
        Some(filters.q.clone()).filter(|words| !words.is_empty()).into_iter().collect();
    words.extend(active(&filters, known, language).into_iter().map(|choice| choice.label));
    (filters.all().trim_start_matches('&').to_owned(), words)
}

/// What an address looks for, for whoever has no neighbourhood.
pub(crate) fn search_of(typed: &mut Typed, known: &Known, now: Time) -> Search {
    search(&filters(typed, known, None), known, None, now)
}

/// A place on the map as it stands in an address: to the hundredth of a degree.
fn centre_text(centre: Centre) -> String {
    let degrees = |millionths: i64| format!("{:.2}", millionths as f64 / 1e6);
    format!("{},{}", degrees(centre.latitude), degrees(centre.longitude))
}

/// What may find something: the search without each of its filters, the whole country, each of its words alone.
fn wider(filters: &Filters, active: &[Choice], language: Language) -> Vec<Choice> {
    let without = |choice: &Choice| {
        let label = language.text_with("wider-without", &[("name", choice.label.as_str().into())]);
        Choice::of(choice.value.clone(), label)
    };
    let mut wider: Vec<Choice> = active.iter().map(without).collect();
    if !filters.region.is_empty() || !filters.near.is_empty() {
        let address = filters.address_without(&["region", "near", "radius"]);
        wider.insert(0, Choice::of(address, language.text("wider-nationwide")));
    }
    if filters.q.contains(char::is_whitespace) {
        let alone = |word: &str| Filters { q: word.to_owned(), ..filters.clone() };
        let words = filters.q.split_whitespace().take(WORDS_ALONE);
        wider.extend(words.map(|word| {
            let label = language.text_with("wider-word", &[("words", word.into())]);
            Choice::of(alone(word).address_without(&[]), label)
        }));
    }
    wider
}

/// How many words of a search that found nothing are offered alone.
const WORDS_ALONE: usize = 5;

/// The filters of an address. What makes no sense is passed over: an address is no form, nobody is there to mend it.
fn filters(typed: &mut Typed, known: &Known, home: Option<i64>) -> Filters {
    let region = typed.number("region").filter(|region| known.region(*region).is_some());
    let category = typed.number("category").filter(|category| known.category(*category).is_some());
    let mut price = |name: &str| {
        let text = typed.text(name);
        amount_typed(&text).and(Some(text)).unwrap_or_default()
    };
    let (min_price, max_price) = (price("min_price"), price("max_price"));
    let one_of =
        |text: String, known: &[&str]| if known.contains(&text.as_str()) { text } else { String::new() };
    let near = Some(typed.text("near"))
        .filter(|near| Around::named(near).is_some_and(|around| around.centre(known, home).is_some()));
    let is_near = near.is_some();
    let mut filters = Filters {
        q: typed.text("q").trim().chars().take(WORDS_CHARS_MAX).collect(),
        region: region.filter(|_| !is_near).map(|region| region.to_string()).unwrap_or_default(),
        category: category.map(|category| category.to_string()).unwrap_or_default(),
        min_price,
        max_price,
        condition: one_of(typed.text("condition"), &Filters::CONDITIONS),
        near: near.unwrap_or_default(),
        radius: one_of(typed.text("radius"), if is_near { &Filters::RADII } else { &[] }),
        ends_within: one_of(typed.text("ends_within"), &Filters::HOURS),
        reserve_met: one_of(typed.text("reserve_met"), &["1"]),
        buy_now: one_of(typed.text("buy_now"), &["1"]),
        pictured: one_of(typed.text("pictured"), &["1"]),
        sort: String::new(),
        status: one_of(typed.text("status"), &Filters::STATUSES),
    };
    let sorts = filters.sorts();
    let sort = one_of(typed.text("sort"), &sorts);
    filters.sort = if sort.is_empty() { sorts[0].to_owned() } else { sort };
    filters
}

/// The search that the filters mean.
fn search(filters: &Filters, known: &Known, home: Option<i64>, now: Time) -> Search {
    let price = |text: &str| amount_typed(text).and_then(Money::new);
    let centre = Around::named(&filters.near).and_then(|around| around.centre(known, home));
    let radius = filters.radius.parse().unwrap_or(USUAL_RADIUS);
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
        condition: Condition::named(&filters.condition),
        near: centre.map(|centre| known.near(centre, radius)),
        ends_by: filters.ends_within.parse().ok().map(|hours| now.plus(Span::hours(hours))),
        reserve_met: !filters.reserve_met.is_empty(),
        buy_now: !filters.buy_now.is_empty(),
        pictured: !filters.pictured.is_empty(),
        sort: sort_named(&filters.sort).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(0);

    #[test]
    fn an_address_that_makes_no_sense_is_the_market() {
        let known = Known { regions: Vec::new(), categories: Vec::new() };
        for query in [
            "",
            "region=9&category=x",
            "min_price=-1&max_price=a",
            "sort=best&status=closed",
            "status=open",
            "near=home&radius=5&sort=nearest",
            "near=x",
            "condition=z&ends_within=2&reserve_met=yes&buy_now=0&pictured=",
        ] {
            let filters = filters(&mut Typed::of(query), &known, None);
            assert!(!filters.any(), "{query}");
            let expected = Search { status: Some(Status::Open), ..Search::default() };
            assert_eq!(search(&filters, &known, None, NOW), expected, "{query}");
            assert_eq!(filters.address_without(&[]), "/", "{query}");
        }
    }

    #[test]
    fn filters_become_a_search_and_an_address_again() {
        let regions = store::places::regions().into_iter().map(|place| place.region).collect();
        let known = Known { regions, categories: Vec::new() };
        for query in [
            "q=+%EC%9D%98%EC%9E%90&min_price=1%2C000&max_price=%EF%BC%95%EF%BC%90%EF%BC%90%EF%BC%90&sort=bids&status=any",
            "near=37.56,126.91&radius=3&condition=a&ends_within=6",
            "near=home&reserve_met=1&buy_now=1&pictured=1&sort=ending",
            "q=x&near=home",
            "q=x&region=1000000&sort=newest",
        ] {
            let filters = filters(&mut Typed::of(query), &known, Some(1_001_001));
            let found = search(&filters, &known, Some(1_001_001), NOW);
            let again = super::filters(&mut Typed::of(&filters.all()), &known, Some(1_001_001));
            assert_eq!(search(&again, &known, Some(1_001_001), NOW), found, "{query}");
        }
        let filters = filters(&mut Typed::of("q=의자&near=37.56,126.91&radius=3&buy_now=1"), &known, None);
        let found = search(&filters, &known, None, NOW);
        assert_eq!((found.words.as_str(), found.sort, found.buy_now), ("의자", Sort::Best, true));
        assert!(found.near.is_some_and(|near| !near.regions.is_empty()));
        let labels: Vec<String> =
            active(&filters, &known, Language::En).into_iter().map(|choice| choice.value).collect();
        let expected =
            ["/?q=%EC%9D%98%EC%9E%90&buy_now=1", "/?q=%EC%9D%98%EC%9E%90&near=37.56%2C126.91&radius=3"];
        assert_eq!(labels, expected);
    }
}
