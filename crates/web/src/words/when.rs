//! Time as people say it, always by the clock that is handed in and in the time zone that is handed in.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::Language;

const MINUTE: i64 = 60;
const TEN_MINUTES: i64 = 10 * MINUTE;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The time left in a few words: `3일 남음`, `2시간 남음`, `42분 남음`, `3분 12초`, `42초`, and `끝났어요` when it is over.
pub fn left(language: Language, now: Timestamp, end: Timestamp) -> String {
    let seconds = whole_seconds(now, end);
    match seconds {
        ..=0 => language.text("left-none"),
        1..MINUTE => language.text_with("left-seconds", &[("seconds", seconds.into())]),
        MINUTE..TEN_MINUTES => minutes_and_seconds(language, seconds),
        TEN_MINUTES..HOUR => language.text_with("left-minutes", &[("minutes", (seconds / MINUTE).into())]),
        HOUR..DAY => language.text_with("left-hours", &[("hours", (seconds / HOUR).into())]),
        _ => language.text_with("left-days", &[("days", (seconds / DAY).into())]),
    }
}

/// The time left in two units, for the countdown: `3일 4시간`, `2시간 14분`, `42분 8초`, `42초`.
pub fn left_long(language: Language, now: Timestamp, end: Timestamp) -> String {
    let seconds = whole_seconds(now, end);
    match seconds {
        ..=0 => language.text("left-none"),
        1..MINUTE => language.text_with("left-seconds", &[("seconds", seconds.into())]),
        MINUTE..HOUR => minutes_and_seconds(language, seconds),
        HOUR..DAY => language.text_with(
            "left-hours-minutes",
            &[("hours", (seconds / HOUR).into()), ("minutes", (seconds % HOUR / MINUTE).into())],
        ),
        _ => language.text_with(
            "left-days-hours",
            &[("days", (seconds / DAY).into()), ("hours", (seconds % DAY / HOUR).into())],
        ),
    }
}

/// How long ago: `방금`, `3분 전`, `2시간 전`, then the day.
pub fn ago(language: Language, now: Timestamp, then: Timestamp, zone: &TimeZone) -> String {
    let seconds = whole_seconds(then, now);
    match seconds {
        ..MINUTE => language.text("ago-now"),
        MINUTE..HOUR => language.text_with("ago-minutes", &[("minutes", (seconds / MINUTE).into())]),
        HOUR..DAY => language.text_with("ago-hours", &[("hours", (seconds / HOUR).into())]),
        _ => moment(language, now, then, zone),
    }
}

/// A day and a time of day: `오늘 오후 9:00`, `내일 오전 8:30`, `7월 3일 오후 9:00`, with the year when it is another one.
pub fn moment(language: Language, now: Timestamp, then: Timestamp, zone: &TimeZone) -> String {
    let time = clock(language, zone.to_datetime(then));
    let day = day(language, now, then, zone);
    language.text_with("moment", &[("day", day.into()), ("time", time.into())])
}

/// The day alone: `오늘`, `내일`, `어제`, `7월 3일`, `2025년 7월 3일`.
pub fn day(language: Language, now: Timestamp, then: Timestamp, zone: &TimeZone) -> String {
    let (here, there) = (zone.to_datetime(now).date(), zone.to_datetime(then).date());
    let apart = here.until(there).map(|span| span.get_days()).unwrap_or(i32::MAX);
    let date: [(&'static str, _); 3] = [
        ("year", i64::from(there.year()).to_string().into()),
        ("month", month(language, there.month())),
        ("day", i64::from(there.day()).into()),
    ];
    match apart {
        0 => language.text("day-today"),
        1 => language.text("day-tomorrow"),
        -1 => language.text("day-yesterday"),
        _ if here.year() == there.year() => language.text_with("day-date", &date),
        _ => language.text_with("day-date-year", &date),
    }
}

/// The minute as `<input type=datetime-local>` writes it: `2026-07-03T21:00`.
pub fn minute(then: Timestamp, zone: &TimeZone) -> String {
    let at = zone.to_datetime(then);
    format!("{:04}-{:02}-{:02}T{:02}:{:02}", at.year(), at.month(), at.day(), at.hour(), at.minute())
}

fn clock(language: Language, at: DateTime) -> String {
    let key = if at.hour() < 12 { "clock-morning" } else { "clock-afternoon" };
    let hour = match at.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    let minutes = format!("{:02}", at.minute());
    language.text_with(key, &[("hour", i64::from(hour).into()), ("minutes", minutes.into())])
}

fn month(language: Language, number: i8) -> fluent_templates::fluent_bundle::FluentValue<'static> {
    match language {
        Language::Ko => i64::from(number).into(),
        Language::En => language.text(&format!("month-{number}")).into(),
    }
}

fn minutes_and_seconds(language: Language, seconds: i64) -> String {
    let figures = [("minutes", (seconds / MINUTE).into()), ("seconds", (seconds % MINUTE).into())];
    language.text_with("left-minutes-seconds", &figures)
}

/// Rounded up, so that a clock shows 1 until the very end.
fn whole_seconds(from: Timestamp, to: Timestamp) -> i64 {
    let micros = to.as_microsecond().saturating_sub(from.as_microsecond());
    micros.div_euclid(1_000_000) + i64::from(micros.rem_euclid(1_000_000) > 0)
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, tz::TimeZone};

    use super::{Language, ago, left, left_long, minute, moment};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_783_080_000 + second).unwrap()
    }

    fn seoul() -> TimeZone {
        TimeZone::get("Asia/Seoul").unwrap()
    }

    #[test]
    fn time_left_as_people_say_it() {
        let cases = [
            (-5, "끝났어요", "ended"),
            (1, "1초", "1s"),
            (42, "42초", "42s"),
            (192, "3분 12초", "3m 12s"),
            (2_520, "42분 남음", "42 min left"),
            (8_000, "2시간 남음", "2 h left"),
            (86_400, "1일 남음", "1 day left"),
            (260_000, "3일 남음", "3 days left"),
        ];
        // Held together by no-break spaces, it never stands on two lines.
        let whole = |text: &str| text.replace(' ', "\u{a0}");
        for (seconds, ko, en) in cases {
            assert_eq!(left(Language::Ko, at(0), at(seconds)), whole(ko));
            assert_eq!(left(Language::En, at(0), at(seconds)), whole(en));
        }
        for (seconds, ko, en) in
            [(8_040, "2시간 14분", "2h 14m"), (2_528, "42분 8초", "42m 8s"), (180_000, "2일 2시간", "2d 2h")]
        {
            assert_eq!(left_long(Language::Ko, at(0), at(seconds)), whole(ko));
            assert_eq!(left_long(Language::En, at(0), at(seconds)), whole(en));
        }
    }

    #[test]
    fn moments_as_people_say_them() {
        // 1,783,080,000 is 2026-07-03T12:00:00Z, nine in the evening in Seoul.
        let cases = [
            (0, "오늘 오후 9:00", "today, 9:00 pm"),
            (11 * 3_600 + 1_800, "내일 오전 8:30", "tomorrow, 8:30 am"),
            (-86_400, "어제 오후 9:00", "yesterday, 9:00 pm"),
            (5 * 86_400, "7월 8일 오후 9:00", "Jul 8, 9:00 pm"),
            (-300 * 86_400, "2025년 9월 6일 오후 9:00", "Sep 6, 2025, 9:00 pm"),
        ];
        for (seconds, ko, en) in cases {
            assert_eq!(moment(Language::Ko, at(0), at(seconds), &seoul()), ko);
            assert_eq!(moment(Language::En, at(0), at(seconds), &seoul()), en);
        }
        assert_eq!(ago(Language::Ko, at(0), at(-200), &seoul()), "3분 전");
        assert_eq!(minute(at(0), &seoul()), "2026-07-03T21:00");
    }
}
