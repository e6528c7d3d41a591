//! Reads frames without parsing them: the type by its prefix, single fields by their name. A watcher's thousands of
//! frames a second cost a few comparisons each. It rests on the API's promise that `type` comes first, and on JSON:
//! `"seq":` cannot occur inside a text, because a quotation mark there stands behind a backslash.

use memchr::memmem::{self, Finder};

/// What a frame says, as far as a generator has to tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An own command was accepted.
    Accepted,
    /// An own command was refused, or heard `busy`.
    Refused,
    /// A snapshot.
    Auction,
    /// A bid was made.
    Bid,
    /// The auction has ended and is settled.
    Closed,
    /// Any other event of an auction: listed, opened, extended, edited, reserve_lowered, cancelled.
    OtherEvent,
    /// The first message of a connection, and the answer to signing in.
    Hello,
    /// The answer to a ping.
    Pong,
    /// Something that the connection did wrong.
    Error,
    /// Private news: notice, unread, wallet.
    Private,
    /// Not a frame that the API describes.
    Unknown,
}

impl Kind {
    /// Whether the frame is an event of an auction, with a sequence number of its own.
    pub fn is_event(self) -> bool {
        matches!(self, Kind::Bid | Kind::Closed | Kind::OtherEvent)
    }
}

/// How every frame begins.
pub const PREFIX: &[u8] = br#"{"type":""#;

/// The kind of a frame.
pub fn kind(frame: &[u8]) -> Kind {
    let Some(rest) = frame.strip_prefix(PREFIX) else {
        return Kind::Unknown;
    };
    let Some(end) = memchr::memchr(b'"', rest) else {
        return Kind::Unknown;
    };
    match &rest[..end] {
        b"accepted" => Kind::Accepted,
        b"refused" => Kind::Refused,
        b"auction" => Kind::Auction,
        b"bid" => Kind::Bid,
        b"closed" => Kind::Closed,
        b"listed" | b"opened" | b"extended" | b"edited" | b"reserve_lowered" | b"cancelled" => {
            Kind::OtherEvent
        }
        b"hello" => Kind::Hello,
        b"pong" => Kind::Pong,
        b"error" => Kind::Error,
        b"notice" | b"unread" | b"wallet" => Kind::Private,
        _ => Kind::Unknown,
    }
}

/// Finders of fields by their names as they stand in a frame, with what comes before the value. Made once: making one
/// takes longer than searching a frame with it.
pub mod field {
    use std::sync::LazyLock;

    use memchr::memmem::Finder;

    /// Finds one field.
    pub type Field = LazyLock<Finder<'static>>;

    pub static ID: Field = LazyLock::new(|| Finder::new(r#""id":"#));
    pub static SEQ: Field = LazyLock::new(|| Finder::new(r#""seq":"#));
    pub static AMOUNT: Field = LazyLock::new(|| Finder::new(r#""amount":"#));
    pub static MINIMUM: Field = LazyLock::new(|| Finder::new(r#""minimum":"#));
    pub static MEMBER: Field = LazyLock::new(|| Finder::new(r#""member":"#));
    pub static KEY: Field = LazyLock::new(|| Finder::new(r#""key":""#));
    pub static CODE: Field = LazyLock::new(|| Finder::new(r#""code":""#));
    pub static KIND: Field = LazyLock::new(|| Finder::new(r#""kind":""#));
    pub static AT: Field = LazyLock::new(|| Finder::new(r#""at":""#));
    pub static NOW: Field = LazyLock::new(|| Finder::new(r#""now":""#));
    pub static OUTCOME: Field = LazyLock::new(|| Finder::new(r#""outcome":""#));
}

/// What follows the first occurrence of a field's name.
fn after<'frame>(frame: &'frame [u8], field: &Finder<'_>) -> Option<&'frame [u8]> {
    field.find(frame).map(|at| &frame[at + field.needle().len()..])
}

/// The whole number in a field such as [`field::SEQ`].
pub fn number(frame: &[u8], field: &Finder<'_>) -> Option<i64> {
    let rest = after(frame, field)?;
    let (negative, digits) = rest.strip_prefix(b"-").map_or((false, rest), |digits| (true, digits));
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let text = std::str::from_utf8(&digits[..length]).ok()?;
    let value = text.parse::<i64>().ok()?;
    Some(if negative { -value } else { value })
}

/// The text in a field such as [`field::CODE`], as far as its next quotation mark: for codes, keys and times.
pub fn text<'frame>(frame: &'frame [u8], field: &Finder<'_>) -> Option<&'frame [u8]> {
    let rest = after(frame, field)?;
    memchr::memchr(b'"', rest).map(|end| &rest[..end])
}

/// The time in a field such as [`field::AT`], in microseconds since 1970.
pub fn time(frame: &[u8], field: &Finder<'_>) -> Option<i64> {
    crate::clock::from_wire(after(frame, field)?)
}

/// Cuts a page of the events call into its frames, whatever envelope they lie in.
pub fn frames(page: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut starts = memmem::find_iter(page, PREFIX).peekable();
    std::iter::from_fn(move || {
        let start = starts.next()?;
        let end = starts.peek().copied().unwrap_or(page.len());
        Some(&page[start..end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BID: &[u8] = br#"{"type":"bid","id":1,"seq":42,"kind":"bid","amount":15000,"price":15000,"minimum":16000,"bid_count":3,"leader":2,"bidder":2,"reserve":"met","ends_at":"2026-11-22T22:35:00.000000Z","at":"2026-11-21T22:35:00.000042Z"}"#;

    #[test]
    fn kinds_are_known_by_their_prefix() {
        for (frame, expected) in [
            (&br#"{"type":"accepted","key":"k","id":1,"seq":42}"#[..], Kind::Accepted),
            (br#"{"type":"refused","key":"k","id":1,"code":"busy","title":"x"}"#, Kind::Refused),
            (br#"{"type":"auction","id":1,"seq":41}"#, Kind::Auction),
            (BID, Kind::Bid),
            (br#"{"type":"closed","id":1,"seq":43}"#, Kind::Closed),
            (br#"{"type":"reserve_lowered","id":1,"seq":43}"#, Kind::OtherEvent),
            (br#"{"type":"wallet","version":9}"#, Kind::Private),
            (br#"{"type":"pong","at":123}"#, Kind::Pong),
            (br#"{"type":"novelty"}"#, Kind::Unknown),
            (br#"{"id":1}"#, Kind::Unknown),
            (br#"{"type":"bid"#, Kind::Unknown),
            (b"", Kind::Unknown),
        ] {
            assert_eq!(kind(frame), expected, "{}", String::from_utf8_lossy(frame));
        }
        assert!(Kind::Bid.is_event() && Kind::OtherEvent.is_event() && !Kind::Auction.is_event());
    }

    #[test]
    fn fields_are_found_by_name() {
        assert_eq!(number(BID, &field::ID), Some(1));
        assert_eq!(number(BID, &field::SEQ), Some(42));
        assert_eq!(number(BID, &field::MINIMUM), Some(16_000));
        assert_eq!(number(BID, &field::AMOUNT), Some(15_000));
        assert_eq!(text(BID, &field::KIND), Some(&b"bid"[..]));
        assert_eq!(time(BID, &field::AT), Some(1_795_300_500_000_042));
        assert_eq!(time(BID, &field::NOW), None);
    }

    #[test]
    fn what_is_not_a_number_is_none() {
        assert_eq!(number(br#"{"minimum":null}"#, &field::MINIMUM), None);
        assert_eq!(number(br#"{"seq":-7}"#, &field::SEQ), Some(-7));
        assert_eq!(number(br#"{"seq":99999999999999999999}"#, &field::SEQ), None);
        assert_eq!(number(br"{}", &field::SEQ), None);
    }

    #[test]
    fn a_members_words_are_not_taken_for_fields() {
        let frame = br#"{"type":"auction","title":"a \"seq\":9 and \"id\":8","id":1,"seq":41}"#;
        assert_eq!(number(frame, &field::SEQ), Some(41));
        assert_eq!(number(frame, &field::ID), Some(1));
    }

    #[test]
    fn pages_are_cut_into_frames() {
        let page =
            br#"{"items":[{"type":"listed","id":1,"seq":1},{"type":"bid","id":1,"seq":2}],"next":"x"}"#;
        let seqs: Vec<_> = frames(page).filter_map(|frame| number(frame, &field::SEQ)).collect();
        assert_eq!(seqs, [1, 2]);
        assert_eq!(frames(br#"{"items":[]}"#).count(), 0);
    }
}
