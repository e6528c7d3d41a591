//! Times on the wire: RFC 3339 in UTC, always six digits and Z.

use auction::Time;

const SECONDS_PER_DAY: i64 = 86_400;
const MICROS_PER_SECOND: i64 = 1_000_000;

/// 0000-01-01T00:00:00.000000Z and 9999-12-31T23:59:59.999999Z: what four digits of a year can say.
const MICROS_MIN: i64 = -62_167_219_200_000_000;
const MICROS_MAX: i64 = 253_402_300_799_999_999;

/// Days of 400 years, after which the calendar repeats itself.
const DAYS_PER_ERA: i64 = 146_097;

/// From 0000-03-01, where the years counted here begin, to 1970-01-01.
const DAYS_TO_1970: i64 = 719_468;

/// The moment as text; what lies outside the years 0000 to 9999 is held at their ends.
pub fn time(time: Time) -> String {
    let mut text = String::with_capacity(27);
    write_time(&mut text, time);
    text
}

/// Appends the moment as text.
pub(crate) fn write_time(out: &mut String, Time(micros): Time) {
    let micros = micros.clamp(MICROS_MIN, MICROS_MAX);
    let (seconds, fraction) = (micros.div_euclid(MICROS_PER_SECOND), micros.rem_euclid(MICROS_PER_SECOND));
    let (days, second) = (seconds.div_euclid(SECONDS_PER_DAY), seconds.rem_euclid(SECONDS_PER_DAY));
    let (year, month, day) = date(days);

    let mut digits = *b"0000-00-00T00:00:00.000000Z";
    put(&mut digits[0..4], year);
    put(&mut digits[5..7], month);
    put(&mut digits[8..10], day);
    put(&mut digits[11..13], second / 3_600);
    put(&mut digits[14..16], second / 60 % 60);
    put(&mut digits[17..19], second % 60);
    put(&mut digits[20..26], fraction);
    out.push_str(std::str::from_utf8(&digits).expect("digits are text"));
}

/// Writes `number` into all of `digits`, the last one last.
fn put(digits: &mut [u8], mut number: i64) {
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).expect("a digit is below 10");
        number /= 10;
    }
}

/// Year, month and day of a day counted from 1970-01-01. Years begin in March here, so that the leap day is the last.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + DAYS_TO_1970;
    let (era, day_of_era) = (days.div_euclid(DAYS_PER_ERA), days.rem_euclid(DAYS_PER_ERA));
    let leap_days = day_of_era / 1_460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Months from March alternate 31 and 30 days with two 31 in a row: 153 days in each five.
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = 400 * era + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments() {
        for (micros, text) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
            (951_782_399_999_999, "2000-02-28T23:59:59.999999Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (1_793_620_800_000_042, "2026-11-02T12:00:00.000042Z"),
            (4_107_542_399_000_000, "2100-02-28T23:59:59.000000Z"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
            (MICROS_MAX, "9999-12-31T23:59:59.999999Z"),
            (i64::MAX, "9999-12-31T23:59:59.999999Z"),
            (MICROS_MIN, "0000-01-01T00:00:00.000000Z"),
            (i64::MIN, "0000-01-01T00:00:00.000000Z"),
        ] {
            assert_eq!(time(Time(micros)), text);
        }
    }

    #[test]
    fn the_calendar_is_the_one_everybody_uses() {
        let mut micros = MICROS_MIN;
        let last = jiff::Timestamp::MAX.as_microsecond();
        while micros <= last {
            let theirs = jiff::Timestamp::from_microsecond(micros).expect("within the years 0000 to 9999");
            assert_eq!(time(Time(micros)), format!("{theirs:.6}"));
            // A little less than twelve days, so that every time of day and every month comes by.
            micros += 1_034_923_456_789;
        }
    }
}
