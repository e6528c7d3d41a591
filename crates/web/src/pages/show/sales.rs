//! `/me/sales`: a seller's month, for himself.

use std::sync::Arc;

use auction::Time;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::failure::{Code, Problem};
use crate::pages::reader::moment;
use crate::pages::sales::SalesDay;
use crate::pages::typed::Typed;
use crate::pages::{MemberReader, SalesPage, Section};
use crate::state::WebState;

/// `GET /me/sales`: `month=2026-11`; this month without it.
pub async fn show(State(state): State<Arc<WebState>>, own: MemberReader) -> Result<Response, Problem> {
    let zone = &state.settings.time_zone;
    let today = zone.to_datetime(moment(state.now())).date();
    let asked = Typed::of(own.reader.query()).text("month");
    let this = (today.year(), today.month());
    let (year, month) = if asked.is_empty() { this } else { month_of(&asked).unwrap_or(this) };
    let missing = || Problem::new(Code::NotFound);
    let (after, before) = (next(year, month), last(year, month));
    let from = begin(zone, year, month).ok_or_else(missing)?;
    let until = begin(zone, after.0, after.1).ok_or_else(missing)?;
    let sold = state.records.sold(own.member.id(), from, until).await?;
    let day = |sold: store::records::SoldOn| SalesDay {
        day: sold.day + 1,
        count: sold.count,
        sum: sold.sum,
        start_sum: sold.start_sum,
    };
    let shell = own.reader.shell(&state, Section::Mine).await?;
    let name = shell.t(format!("month-{month}"));
    let page = SalesPage {
        month: shell.t2("sales-month", "year", year.to_string(), "month", name),
        before: address(before),
        after: (after <= this).then(|| address(after)),
        days_in_month: i64::from(Date::new(year, month, 1).map_or(31, Date::days_in_month)),
        days: sold.into_iter().map(day).collect(),
        shell,
    };
    own.answer(200, &page)
}

fn address((year, month): (i16, i8)) -> String {
    format!("/me/sales?month={year}-{month:02}")
}

fn next(year: i16, month: i8) -> (i16, i8) {
    if month == 12 { (year + 1, 1) } else { (year, month + 1) }
}

fn last(year: i16, month: i8) -> (i16, i8) {
    if month == 1 { (year - 1, 12) } else { (year, month - 1) }
}

/// A month as its address says it, of years in which there can be any sales.
fn month_of(text: &str) -> Option<(i16, i8)> {
    let (year, month) = text.split_once('-')?;
    let (year, month) = (year.parse().ok()?, month.parse().ok()?);
    ((2000..=2999).contains(&year) && (1..=12).contains(&month)).then_some((year, month))
}

/// When a month begins where the house is.
fn begin(zone: &TimeZone, year: i16, month: i8) -> Option<Time> {
    let date = Date::new(year, month, 1).ok()?;
    let begin = date.to_zoned(zone.clone()).ok()?;
    Some(Time(begin.timestamp().as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_follow_each_other() {
        for (text, month) in [
            ("2026-11", Some((2026, 11))),
            ("2026-1", Some((2026, 1))),
            ("2026-00", None),
            ("2026-13", None),
            ("1999-12", None),
            ("x-1", None),
            ("202611", None),
        ] {
            assert_eq!(month_of(text), month, "{text}");
        }
        assert_eq!((next(2026, 12), last(2026, 1)), ((2027, 1), (2025, 12)));
        assert_eq!(begin(&TimeZone::UTC, 1970, 2), Some(Time(31 * 24 * 3_600 * 1_000_000)));
    }
}
