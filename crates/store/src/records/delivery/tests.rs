//! What is sent which way and when, one line a case.

use super::*;

/// Noon in Korea on the first day.
const NOON: Time = Time(Span::hours(3).0);

#[test]
fn a_notice_takes_the_ways_its_member_wants_and_never_two_unasked() {
    use Channel::{Email, Push};
    // What he wants, whether he has a browser, whether he has an address, what is sent.
    let table: [(Wish, bool, bool, &[Channel]); 17] = [
        (Wish::Usual, false, false, &[]),
        (Wish::Usual, true, false, &[Push]),
        (Wish::Usual, false, true, &[Email]),
        (Wish::Usual, true, true, &[Push]),
        (Wish::InHouse, true, true, &[]),
        (Wish::InHouse, false, false, &[]),
        (Wish::Push, false, true, &[]),
        (Wish::Push, true, false, &[Push]),
        (Wish::Push, true, true, &[Push]),
        (Wish::Email, true, false, &[]),
        (Wish::Email, false, true, &[Email]),
        (Wish::Email, true, true, &[Email]),
        (Wish::Email, false, false, &[]),
        (Wish::Both, false, false, &[]),
        (Wish::Both, true, false, &[Push]),
        (Wish::Both, false, true, &[Email]),
        (Wish::Both, true, true, &[Push, Email]),
    ];
    for (wish, has_push, has_email, sent) in table {
        let wishes = Wishes::default().with(NoticeGroup::Orders, wish);
        let channels = wishes.channels(NoticeKind::Shipped, has_push, has_email);
        assert_eq!(channels, sent, "{wish:?} {has_push} {has_email}");
    }
}

#[test]
fn wishes_stand_side_by_side() {
    let mut wishes = Wishes::default();
    for (group, wish) in NoticeGroup::ALL.into_iter().zip(Wish::ALL.into_iter().cycle()) {
        wishes = wishes.with(group, Wish::Both).with(group, wish);
    }
    for (group, wish) in NoticeGroup::ALL.into_iter().zip(Wish::ALL.into_iter().cycle()) {
        assert_eq!(wishes.of(group), wish, "{group:?}");
    }
    assert_eq!(Wishes(7).of(NoticeGroup::Bidding), Wish::Usual, "no release has written it");
    for (before, after) in [
        (Wish::Usual, Wish::Push),
        (Wish::InHouse, Wish::InHouse),
        (Wish::Push, Wish::Push),
        (Wish::Email, Wish::InHouse),
        (Wish::Both, Wish::Push),
    ] {
        let left = Wishes::default().with(NoticeGroup::Money, before).without_email();
        assert_eq!(left.of(NoticeGroup::Money), after, "{before:?}");
    }
}

#[test]
fn every_kind_and_word_has_its_place() {
    for group in NoticeGroup::ALL {
        assert!(NoticeKind::ALL.iter().any(|kind| NoticeGroup::of(*kind) == group), "{group:?} has no kind");
        assert_eq!(NoticeGroup::ALL[group as usize], group);
    }
    assert!(Wish::ALL.iter().all(|wish| Wish::named(wish.name()) == Some(*wish)));
    assert!(Channel::ALL.iter().all(|channel| Channel::named(channel.name()) == Some(*channel)));
}

#[test]
fn quiet_hours_end_in_the_morning() {
    let minute = |hour: i64, minute: i64| hour * 60 + minute;
    // From, until, now by a Korean clock; after how many minutes they are over, if it is quiet.
    for (from, until, now, over) in [
        (minute(22, 0), minute(8, 0), minute(21, 59), None),
        (minute(22, 0), minute(8, 0), minute(22, 0), Some(600)),
        (minute(22, 0), minute(8, 0), minute(23, 59), Some(481)),
        (minute(22, 0), minute(8, 0), minute(0, 0), Some(480)),
        (minute(22, 0), minute(8, 0), minute(7, 59), Some(1)),
        (minute(22, 0), minute(8, 0), minute(8, 0), None),
        (minute(22, 0), minute(0, 0), minute(23, 0), Some(60)),
        (minute(0, 0), minute(6, 30), minute(0, 0), Some(390)),
        (minute(13, 0), minute(14, 0), minute(13, 30), Some(30)),
        (minute(13, 0), minute(14, 0), minute(12, 59), None),
        (minute(13, 0), minute(14, 0), minute(14, 0), None),
    ] {
        let quiet = QuietHours::new(from, until).unwrap();
        for day in [-1, 0, 20_000] {
            let midnight = Time(Span::days(day).0 - Span::hours(9).0);
            let now = midnight.plus(Span::minutes(now));
            let expected = over.map(|minutes| now.plus(Span::minutes(minutes)));
            assert_eq!(quiet.over_at(now), expected, "{from}–{until} at {now:?}");
        }
    }
    for (from, until) in [(0, 0), (-1, 5), (0, 1_440), (1_440, 0)] {
        assert_eq!(QuietHours::new(from, until), None, "{from}–{until}");
    }
}

fn outbid() -> Delivery {
    Delivery {
        notice: 7,
        channel: Channel::Push,
        member: MemberId(1),
        kind: NoticeKind::Outbid,
        auction: AuctionId(1),
        title: "의자".to_owned(),
        amount: None,
        at: NOON,
        claimed_until: NOON.plus(LEASE),
        tries: 1,
        is_seen: false,
        is_over: false,
        search: None,
        reach: Reach { browsers: 1, email: Some("a@b.example".to_owned()), ..Reach::default() },
        browsers: Vec::new(),
    }
}

#[test]
fn what_nobody_needs_any_more_is_dropped_and_what_may_wait_waits() {
    let quiet = QuietHours::new(11 * 60, 13 * 60);
    let asleep = Reach { quiet, ..outbid().reach };
    let unwanted = Wishes::default().with(NoticeGroup::Bidding, Wish::InHouse);
    let table = [
        ("as it is", outbid(), Judgement::Send),
        ("read", Delivery { is_seen: true, ..outbid() }, Judgement::Drop("seen")),
        ("over", Delivery { is_over: true, ..outbid() }, Judgement::Drop("over")),
        ("won", Delivery { is_over: true, kind: NoticeKind::Won, ..outbid() }, Judgement::Send),
        (
            "asleep",
            Delivery { reach: asleep.clone(), ..outbid() },
            Judgement::Wait(NOON.plus(Span::hours(1))),
        ),
        ("over in sleep", Delivery { is_over: true, reach: asleep, ..outbid() }, Judgement::Drop("over")),
        ("in place of a push", Delivery { channel: Channel::Email, ..outbid() }, Judgement::Send),
        ("no browser", Delivery { reach: Reach::default(), ..outbid() }, Judgement::Drop("not_wanted")),
        (
            "changed his mind",
            Delivery { reach: Reach { wishes: unwanted, ..outbid().reach }, ..outbid() },
            Judgement::Drop("not_wanted"),
        ),
        ("last try", Delivery { tries: TRIES_MAX, ..outbid() }, Judgement::Send),
        ("kills senders", Delivery { tries: TRIES_MAX + 1, ..outbid() }, Judgement::Fail("never_settled")),
    ];
    for (name, delivery, judgement) in table {
        assert_eq!(delivery.judge(NOON), judgement, "{name}");
    }
}

#[test]
fn each_try_waits_longer() {
    // Tries; the shortest and the longest wait, in seconds.
    for (tries, least, most) in [
        (0, 22, 38),
        (1, 22, 38),
        (2, 90, 150),
        (3, 360, 600),
        (5, 5_760, 9_600),
        (6, 16_200, 27_000),
        (99, 16_200, 27_000),
    ] {
        for chance in [0, 128, 255] {
            let wait = try_again_at(NOON, tries, chance).since(NOON).0 / 1_000_000;
            assert!((least..=most).contains(&wait), "{tries}: {wait}");
        }
        assert!(try_again_at(NOON, tries, 0) < try_again_at(NOON, tries, 255));
    }
}

#[test]
fn an_e_mail_takes_the_place_of_a_push_only_where_the_house_has_the_choice() {
    use Channel::{Email, Push};
    for (wish, channel, has_email, falls) in [
        (Wish::Usual, Push, true, true),
        (Wish::Usual, Push, false, false),
        (Wish::Usual, Email, true, false),
        (Wish::InHouse, Push, true, false),
        (Wish::Push, Push, true, false),
        (Wish::Email, Push, true, false),
        (Wish::Both, Push, true, false),
    ] {
        let wishes = Wishes::default().with(NoticeGroup::Bidding, wish);
        let email = has_email.then(|| "a@b.example".to_owned());
        for browsers in [0, 1] {
            let reach = Reach { wishes, email: email.clone(), browsers, ..Reach::default() };
            let delivery = Delivery { channel, reach, ..outbid() };
            assert_eq!(delivery.falls_to_email(), falls, "{wish:?} {channel:?} {has_email} {browsers}");
        }
    }
}
