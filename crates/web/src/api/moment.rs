//! Moments on the wire: RFC 3339 with any offset coming in, UTC with six digits and Z going out.

use auction::Time;
use jiff::Timestamp;

pub use live::frame::time as text;

/// The moment that a text names; none if it names none, or names one without saying where on Earth.
pub fn parse(text: &str) -> Option<Time> {
    let shape = text.len() >= 20 && text.is_ascii() && matches!(text.as_bytes()[10], b'T' | b't');
    let moment: Timestamp = text.parse().ok().filter(|_| shape)?;
    Some(Time(moment.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_offset_comes_in_and_utc_goes_out() {
        for (sent, shown) in [
            ("2026-11-22T21:00:00+09:00", Some("2026-11-22T12:00:00.000000Z")),
            ("2026-11-22T12:00:00Z", Some("2026-11-22T12:00:00.000000Z")),
            ("2026-11-22T12:00:00.1234567Z", Some("2026-11-22T12:00:00.123456Z")),
            ("2026-11-22T12:00:00", None),
            ("2026-11-22", None),
            ("2026-13-22T12:00:00Z", None),
            ("1793620800", None),
            ("tomorrow", None),
            ("", None),
        ] {
            assert_eq!(parse(sent).map(text).as_deref(), shown, "{sent}");
        }
    }
}
