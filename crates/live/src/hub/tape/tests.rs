//! The tape by its numbers: what is taken in, what can be read of it, and that it never grows.

use super::*;
use crate::example::{START, events, shorts, state, told_auction};

const FRAMES_MAX: usize = 4;
const BURST_MAX: usize = 4;

/// A tape that knows events 1 to 3.
fn tape() -> Tape {
    let mut tape = Tape::new(FRAMES_MAX, BURST_MAX);
    assert_eq!(tape.take(told_auction(1, 1, 3), Gap::Wait), Taken::News);
    tape
}

/// What a reader at this cursor finds.
fn after(tape: &Tape, cursor: i64) -> String {
    match tape.frames_after(Seq(cursor)) {
        Some(frames) => shorts(&frames.cloned().collect::<Vec<_>>()),
        None => "fell off".to_owned(),
    }
}

fn length(tape: &Tape) -> usize {
    tape.frames.len() + tape.told.len() + tape.ahead.as_ref().map_or(0, |ahead| ahead.events.len())
}

#[test]
fn what_follows_on_is_read_when_the_tape_is_opened() {
    let mut tape = tape();
    assert_eq!(tape.take(told_auction(1, 4, 4), Gap::Wait), Taken::News);
    assert_eq!((tape.head(), tape.has_after(Seq(3))), (Seq(4), false));
    tape.open();
    assert!(tape.has_after(Seq(3)));
    assert_eq!(after(&tape, 3), "4");
    assert_eq!(after(&tape, 0), "1 2 3 4");
    assert!(!tape.has_after(Seq(4)));
}

#[test]
fn repeats_are_ignored_whole_and_in_part() {
    let mut tape = tape();
    for (first, last) in [(1, 3), (2, 3), (3, 3), (1, 1)] {
        assert_eq!(tape.take(told_auction(1, first, last), Gap::Wait), Taken::Repeat, "{first}..={last}");
    }
    assert_eq!(tape.take(told_auction(1, 2, 5), Gap::Wait), Taken::News);
    tape.open();
    assert_eq!(after(&tape, 1), "2 3 4 5");
}

#[test]
fn a_cursor_that_fell_off_finds_nothing_to_follow_on() {
    let mut tape = tape();
    tape.take(told_auction(1, 4, 6), Gap::Wait);
    tape.open();
    assert_eq!(after(&tape, 1), "fell off");
    assert_eq!(after(&tape, 2), "3 4 5 6");
    tape.take(told_auction(1, 7, 100), Gap::Wait);
    assert!(length(&tape) <= FRAMES_MAX);
    tape.open();
    assert_eq!(after(&tape, 6), "fell off");
    assert_eq!(after(&tape, 96), "97 98 99 100");
    assert_eq!(tape.snapshot(1, START).map(|frame| shorts(&[frame])), Some("=100".to_owned()));
}

#[test]
fn what_was_outrun_before_anyone_could_read_it_is_never_encoded() {
    let mut tape = tape();
    for seq in 4..=1_000 {
        tape.take(told_auction(1, seq, seq), Gap::Wait);
    }
    assert_eq!((tape.frames.len(), tape.told.len()), (0, FRAMES_MAX));
}

#[test]
fn a_burst_is_told_by_the_snapshot_alone() {
    for (burst, found) in [(3, "4 5 6"), (4, "fell off")] {
        let mut tape = Tape::new(256, 3);
        tape.take(told_auction(1, 1, 3), Gap::Wait);
        tape.take(told_auction(1, 4, 3 + burst), Gap::Wait);
        tape.open();
        assert_eq!((tape.has_after(Seq(3)), after(&tape, 3)), (true, found.to_owned()), "{burst} at once");
        tape.take(told_auction(1, 4 + burst, 4 + burst), Gap::Wait);
        tape.open();
        assert_eq!(after(&tape, 3 + burst), (4 + burst).to_string());
    }
}

#[test]
fn a_gap_waits_until_what_is_missing_comes() {
    let mut tape = tape();
    assert_eq!(tape.take(told_auction(1, 6, 7), Gap::Wait), Taken::Behind);
    assert_eq!(tape.take(told_auction(1, 6, 7), Gap::Wait), Taken::Behind);
    assert!(tape.is_behind());
    assert_eq!(tape.head(), Seq(3));
    assert_eq!(tape.take(told_auction(1, 4, 5), Gap::Wait), Taken::News);
    assert!(!tape.is_behind());
    tape.open();
    assert_eq!(after(&tape, 3), "4 5 6 7");
}

#[test]
fn a_state_without_all_its_events_is_a_gap() {
    for events in [Vec::new(), events(1, 4, 5), events(1, 5, 6)] {
        let mut tape = tape();
        assert_eq!(tape.take(ToldAuction { auction: state(1, 6), events }, Gap::Wait), Taken::Behind);
        assert_eq!(tape.head(), Seq(3));
    }
}

#[test]
fn several_gaps_close_in_any_order() {
    let mut tape = tape();
    for (first, last, taken) in
        [(7, 7, Taken::Behind), (5, 5, Taken::Behind), (4, 4, Taken::News), (6, 6, Taken::News)]
    {
        assert_eq!(tape.take(told_auction(1, first, last), Gap::Wait), taken, "{first}..={last}");
    }
    assert!(!tape.is_behind());
    tape.open();
    assert_eq!(after(&tape, 3), "4 5 6 7");
}

#[test]
fn the_owner_bridges_a_gap_with_events_or_leaps_with_the_state_alone() {
    for (events, found) in
        [(events(1, 4, 6), "4 5 6"), (events(1, 5, 6), "fell off"), (Vec::new(), "fell off")]
    {
        let mut tape = tape();
        tape.take(told_auction(1, 5, 5), Gap::Wait);
        assert_eq!(tape.take(ToldAuction { auction: state(1, 6), events }, Gap::Leap), Taken::News);
        assert!(!tape.is_behind());
        tape.open();
        assert_eq!((tape.head(), after(&tape, 3)), (Seq(6), found.to_owned()));
    }
}

#[test]
fn a_bridge_to_the_gap_joins_what_was_put_aside() {
    let mut tape = tape();
    tape.take(told_auction(1, 6, 7), Gap::Wait);
    assert_eq!(tape.take(told_auction(1, 4, 5), Gap::Leap), Taken::News);
    tape.open();
    assert_eq!(after(&tape, 3), "4 5 6 7");
    assert!(!tape.is_behind());
}

#[test]
fn a_state_older_than_the_tape_changes_nothing() {
    let mut tape = tape();
    let read_before = ToldAuction { auction: state(1, 2), events: events(1, 1, 2) };
    assert_eq!(tape.take(read_before, Gap::Leap), Taken::Repeat);
    assert_eq!(tape.head(), Seq(3));
}

#[test]
fn events_that_end_before_or_after_the_state_never_make_a_hole() {
    for (to, found) in [(5, "fell off"), (9, "4 5 6 7")] {
        let mut tape = tape();
        let read = ToldAuction { auction: state(1, 7), events: events(1, 4, to) };
        assert_eq!(tape.take(read, Gap::Leap), Taken::News);
        tape.open();
        assert_eq!((tape.head(), after(&tape, 3)), (Seq(7), found.to_owned()));
    }
}

#[test]
fn a_gap_that_nobody_fills_ends_in_a_leap_and_never_grows() {
    let mut tape = tape();
    for seq in 5..=100 {
        tape.take(told_auction(1, seq, seq), Gap::Wait);
        assert!(length(&tape) <= 2 * FRAMES_MAX + 1, "at {seq}");
    }
    tape.open();
    assert_eq!(tape.head(), Seq(100));
    assert_eq!(after(&tape, 96), "97 98 99 100");
}

#[test]
fn a_new_reader_starts_where_the_tape_can_follow_on() {
    let mut tape = Tape::new(FRAMES_MAX, BURST_MAX);
    assert_eq!(tape.start(None), Start::Unknown);
    assert_eq!(tape.start(Some(Seq(0))), Start::Unknown);
    tape.take(told_auction(1, 1, 5), Gap::Wait);
    tape.take(told_auction(1, 6, 6), Gap::Wait);
    for (since, start) in [
        (None, Start::Snapshot),
        (Some(7), Start::Beyond),
        (Some(6), Start::After(Seq(6))),
        (Some(2), Start::After(Seq(2))),
        (Some(1), Start::Older { until: Seq(6) }),
        (Some(0), Start::Older { until: Seq(6) }),
        (Some(-5), Start::Older { until: Seq(6) }),
    ] {
        assert_eq!(tape.start(since.map(Seq)), start, "since {since:?}");
    }
}

#[test]
fn a_snapshot_is_encoded_once_and_again_when_it_is_old() {
    let mut tape = tape();
    let mut made = |watchers, millis: i64| {
        let now = START.plus(Span(millis * 1_000));
        let frame = tape.snapshot(watchers, now).expect("the state is known");
        crate::example::figure(&frame, "watchers")
    };
    assert_eq!(made(1, 5_000), 1);
    assert_eq!(made(2, 6_000), 1);
    assert_eq!(made(3, 6_001), 3);
    assert_eq!(made(4, 0), 4, "a clock that runs back keeps nothing old alive");
    tape.take(told_auction(1, 4, 4), Gap::Wait);
    assert_eq!(tape.snapshot(5, START).map(|frame| shorts(&[frame])), Some("=4".to_owned()));
}
