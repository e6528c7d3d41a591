//! `/sell`: putting an item up, with defaults that suit most.

use std::sync::Arc;

use auction::{AuctionId, Condition, DURATION_MAX, Increments, ShippingPayer, Span, Time};
use axum::extract::State as Held;
use axum::response::Response;
use jiff::ToSpan;
use jiff::tz::TimeZone;
use ledger::Money;
use store::records::AuctionRow;

use super::edit::own_auction;
use super::photos::look_up;
use super::places;
use crate::api::sent::Id;
use crate::failure::{Code, Problem};
use crate::pages::reader::moment;
use crate::pages::{Card, Field, MemberReader, Picture, PictureField, Section, SellForm, SellPage, State};
use crate::state::WebState;
use crate::words;

/// How long a form may lie open and its earliest end still be taken.
const FILLED_IN_WITHIN: Span = Span::minutes(1);

/// The hour of the evening at which most auctions end.
const EVENING: i8 = 21;

/// `GET /sell`
pub async fn show(Held(web): Held<Arc<WebState>>, own: MemberReader) -> Result<Response, Problem> {
    let form = fresh(&web, own.member.member.region);
    own.answer(200, &page(&web, &own, form).await?)
}

/// `GET /auctions/{id}/again`: the form as the item was listed before, with a new end.
pub async fn again(
    Held(web): Held<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
) -> Result<Response, Problem> {
    let row = own_auction(&web, &own, id).await?;
    let aftermath = web.records.aftermath(AuctionId(id)).await?;
    if !row.auction.item_is_free(&aftermath) {
        return Err(Problem::new(Code::ItemNotFree));
    }
    let form = SellForm {
        key: web.new_key(),
        again_of: Some(id),
        starts_at: Field::default(),
        ends_at: Field::of(field_minute(&web, tomorrow_evening(&web))),
        ..as_listed(&web, &row)
    };
    own.answer(200, &page(&web, &own, form).await?)
}

/// The form as an auction is listed, without a key.
pub(crate) fn as_listed(web: &WebState, row: &AuctionRow) -> SellForm {
    let AuctionRow { auction, item, .. } = row;
    let number = |number: Option<i64>| Field::of(number.map(|number| number.to_string()).unwrap_or_default());
    let amount =
        |amount: Option<Money>| Field::of(amount.map(Money::won).map(words::digits).unwrap_or_default());
    let unit = match &auction.increments {
        Increments::Unit(unit) => Some(*unit),
        Increments::Ladder(_) => None,
    };
    SellForm {
        pictures: item.pictures.iter().map(PictureField::of).collect(),
        title: Field::of(item.title.clone()),
        description: Field::of(item.description.clone()),
        category_id: number(item.category),
        condition: Field::of(item.condition.map_or("", Condition::name)),
        shipping_payer: Field::of(item.shipping_payer.map_or("", ShippingPayer::name)),
        region_id: number(item.region),
        nationwide: item.nationwide,
        start_price: amount(Some(auction.start)),
        is_ladder: unit.is_none(),
        bid_unit: amount(unit),
        reserve_price: amount(auction.reserve),
        buy_now_price: amount(auction.buy_now),
        starts_at: Field::of(field_minute(web, auction.starts_at)),
        ends_at: Field::of(field_minute(web, auction.ends_at)),
        soft_close_minutes: number(Some(auction.soft_close.0 / Span::minutes(1).0)),
        ..SellForm::default()
    }
}

/// The form with its defaults: from 1,000 in steps of 1,000, until tomorrow evening, soft close of three minutes.
fn fresh(web: &WebState, region: Option<i64>) -> SellForm {
    SellForm {
        key: web.new_key(),
        condition: Field::of("a"),
        shipping_payer: Field::of("buyer"),
        region_id: Field::of(region.map(|region| region.to_string()).unwrap_or_default()),
        start_price: Field::of("1,000"),
        bid_unit: Field::of("1,000"),
        ends_at: Field::of(field_minute(web, tomorrow_evening(web))),
        soft_close_minutes: Field::of("3"),
        ..SellForm::default()
    }
}

/// Nine in the evening of the day after, in the market's own time zone.
fn tomorrow_evening(web: &WebState) -> Time {
    let zone: &TimeZone = &web.settings.time_zone;
    let now = moment(web.now());
    let evening = zone.to_datetime(now).date().checked_add(1.day()).ok();
    let evening = evening.and_then(|day| day.at(EVENING, 0, 0, 0).to_zoned(zone.clone()).ok());
    evening.map_or(web.now().plus(Span::days(1)), |at| Time(at.timestamp().as_microsecond()))
}

/// The page with this form on it.
///
/// # Errors
/// What the store says.
pub async fn page(web: &WebState, own: &MemberReader, mut form: SellForm) -> Result<SellPage, Problem> {
    look_up(web, &mut form).await?;
    let known = web.places.known(&*web.records).await?;
    let (language, now) = (own.reader.language, web.now());
    let chosen = form.region_id.value.parse().ok();
    let ends_at = minute(web, &form.ends_at.value).unwrap_or(tomorrow_evening(web));
    let preview = Card {
        id: 0,
        seq: 0,
        title: if form.title.value.is_empty() {
            language.text("sell-preview-title")
        } else {
            form.title.value.clone()
        },
        photo: form.pictures.iter().find_map(|one| one.photo.clone()),
        picture: Picture {
            category: places::drawing_of(&known, form.category_id.value.parse().ok()),
            variant: own.member.id().0,
        },
        place: places::place_of(&known, language, chosen, true),
        state: State::Open,
        number: None,
        price: words::amount_typed(&form.start_price.value).unwrap_or_default(),
        bid_count: 0,
        starts_at: moment(now),
        ends_at: moment(ends_at),
        ended_at: None,
        buy_now_price: None,
        heart: None,
    };
    Ok(SellPage {
        shell: own.reader.shell(web, Section::Sell).await?,
        categories: places::categories(&known, language),
        regions: places::regions(&known, language, &[chosen, own.member.member.region]),
        ends_min: field_minute(web, earliest_end(web, now)),
        ends_max: field_minute(web, now.plus(DURATION_MAX)),
        preview,
        form,
    })
}

/// The earliest end on offer. A form takes its time to be filled in, and its field knows whole minutes only: rounded down,
/// or counted from now, the rules would refuse what was offered.
fn earliest_end(web: &WebState, now: Time) -> Time {
    whole_minute(now.plus(FILLED_IN_WITHIN).plus(web.settings.minimum_duration))
}

/// The first whole minute that is not before this moment.
pub(crate) fn whole_minute(at: Time) -> Time {
    let past = at.0.rem_euclid(Span::minutes(1).0);
    if past == 0 { at } else { at.plus(Span(Span::minutes(1).0 - past)) }
}

/// A moment as a `datetime-local` field shows it, in the market's own time zone.
pub(crate) fn field_minute(web: &WebState, at: Time) -> String {
    words::minute(moment(at), &web.settings.time_zone)
}

/// The moment that was typed into such a field.
pub(crate) fn minute(web: &WebState, typed: &str) -> Option<Time> {
    said_minute(typed, &web.settings.time_zone)
}

fn said_minute(typed: &str, zone: &TimeZone) -> Option<Time> {
    let at: jiff::civil::DateTime = typed.trim().parse().ok()?;
    Some(Time(at.to_zoned(zone.clone()).ok()?.timestamp().as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_rounded_up_to_the_minute() {
        for (at, minute) in
            [(0, 0), (1, 60_000_000), (59_999_999, 60_000_000), (60_000_000, 60_000_000), (-1, 0)]
        {
            assert_eq!(whole_minute(Time(at)), Time(minute), "{at}");
        }
    }

    #[test]
    fn an_end_is_said_in_the_markets_own_time_zone() {
        let zone = TimeZone::get("Asia/Seoul").expect("a zone");
        for (typed, end) in [
            ("2026-07-03T21:00", Some(Time(1_783_080_000_000_000))),
            ("2026-07-03T21:00:00", Some(Time(1_783_080_000_000_000))),
            (" 2026-07-03T21:00 ", Some(Time(1_783_080_000_000_000))),
            ("2026-07-03T25:00", None),
            ("tomorrow", None),
            ("", None),
        ] {
            assert_eq!(said_minute(typed, &zone), end, "{typed}");
        }
    }
}
