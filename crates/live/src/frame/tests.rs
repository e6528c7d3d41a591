//! Yesterday's bytes: what a client has parsed once stays as it was.

use auction::{
    ExtensionCause, Increments, ItemId, Leader, Outcome, Participant, PriceRule, ReserveStatus, Seq, Span,
    Status,
};
use ledger::{AuctionId, LIMIT, MemberId, Money, PartsPerMillion, Wallet};

use super::*;

const NOON: Time = Time(1_793_620_800_000_042);

fn won(amount: i64) -> Money {
    Money::new(amount).expect("a test amount is not negative")
}

fn participant(number: i64) -> Participant {
    Participant { member: MemberId(9_000 + number), number }
}

fn fact(kind: EventKind) -> Event {
    Event {
        auction: AuctionId(1),
        seq: Seq(42),
        kind,
        at: NOON,
        actor: None,
        amount: None,
        price: won(15_000),
        minimum: Some(won(16_000)),
        bid_count: 3,
        leader: Some(participant(2)),
        ends_at: NOON.plus(Span::minutes(3)),
        outcome: None,
        reason: None,
        cause: None,
        reserve: ReserveStatus::None,
        rule: None,
        terms: None,
        aside: None,
    }
}

fn chair() -> Auction {
    Auction {
        id: AuctionId(1),
        item: ItemId(5),
        seller: MemberId(77),
        seq: Seq(41),
        terms: 1,
        status: Status::Open,
        outcome: None,
        start: won(10_000),
        reserve: None,
        increments: Increments::Unit(won(1_000)),
        buy_now: None,
        fee_rate: PartsPerMillion::default(),
        minimum_duration: Span::minutes(10),
        soft_close: Span::minutes(3),
        starts_at: NOON,
        listed_end: NOON.plus(Span::hours(1)),
        ends_at: NOON.plus(Span::hours(1)),
        latest: NOON.plus(Span::hours(2)),
        extensions: 0,
        seller_extensions: 0,
        outage: None,
        price: won(10_000),
        leader: None,
        bid_count: 0,
        afresh: Seq(0),
        seller_took_back: false,
        notes: 0,
        followed_by: None,
        bidders: 0,
        newest: NOON,
    }
}

#[test]
fn a_bid() {
    let bid = Event { actor: Some(participant(2)), amount: Some(won(15_000)), ..fact(EventKind::Bid) };
    assert_eq!(
        event(&bid).as_str(),
        r#"{"type":"bid","id":1,"seq":42,"kind":"bid","amount":15000,"price":15000,"minimum":16000,"bid_count":3,"leader":2,"bidder":2,"reserve":"none","ends_at":"2026-11-02T12:03:00.000042Z","at":"2026-11-02T12:00:00.000042Z"}"#
    );
}

#[test]
fn a_purchase_is_a_bid_of_its_own_kind_and_nothing_can_be_bid_after_it() {
    let bought = Event {
        actor: Some(participant(3)),
        leader: Some(participant(3)),
        amount: Some(won(90_000)),
        price: won(90_000),
        minimum: None,
        ..fact(EventKind::BuyNow)
    };
    assert_eq!(
        event(&bought).as_str(),
        r#"{"type":"bid","id":1,"seq":42,"kind":"buy_now","amount":90000,"price":90000,"minimum":null,"bid_count":3,"leader":3,"bidder":3,"reserve":"none","ends_at":"2026-11-02T12:03:00.000042Z","at":"2026-11-02T12:00:00.000042Z"}"#
    );
}

#[test]
fn the_turns_of_a_life() {
    let tail = r#""price":15000,"minimum":16000,"bid_count":3,"leader":2,"reserve":"none","ends_at":"2026-11-02T12:03:00.000042Z","at":"2026-11-02T12:00:00.000042Z"}"#;
    let plain = |kind| fact(kind);
    let sold = Event {
        actor: Some(participant(2)),
        amount: Some(won(15_000)),
        outcome: Some(Outcome::Sold),
        ..fact(EventKind::Closed)
    };
    let unsold = Event { outcome: Some(Outcome::Unsold), ..fact(EventKind::Closed) };
    let silent = Event { outcome: Some(Outcome::Cancelled), ..fact(EventKind::Cancelled) };
    let cancelled = Event { reason: Some("It \"broke\",\nsorry".to_owned()), ..silent.clone() };
    let edited = Event { terms: Some(2), ..fact(EventKind::Edited) };
    let noted = Event { reason: Some("One leg is loose".to_owned()), ..edited.clone() };
    let moved = Event { cause: Some(ExtensionCause::Outage), ..fact(EventKind::Extended) };
    for (fact, head) in [
        (plain(EventKind::Listed), r#"{"type":"listed","id":1,"seq":42,"#),
        (plain(EventKind::Opened), r#"{"type":"opened","id":1,"seq":42,"#),
        (moved, r#"{"type":"extended","id":1,"seq":42,"cause":"outage","#),
        (sold, r#"{"type":"closed","id":1,"seq":42,"outcome":"sold","amount":15000,"winner":2,"#),
        (unsold, r#"{"type":"closed","id":1,"seq":42,"outcome":"unsold","#),
        (plain(EventKind::ReserveLowered), r#"{"type":"reserve_lowered","id":1,"seq":42,"#),
        (edited, r#"{"type":"edited","id":1,"seq":42,"terms":2,"#),
        (noted, r#"{"type":"edited","id":1,"seq":42,"terms":2,"note":"One leg is loose","#),
        (silent, r#"{"type":"cancelled","id":1,"seq":42,"outcome":"cancelled","#),
        (
            cancelled,
            r#"{"type":"cancelled","id":1,"seq":42,"outcome":"cancelled","reason":"It \"broke\",\nsorry","#,
        ),
    ] {
        assert_eq!(event(&fact).as_str(), format!("{head}{tail}"));
    }
}

#[test]
fn a_row_says_which_rule_made_its_price() {
    let head = |kind: &str, leader: i64, bidder: i64, reserve: &str| {
        format!(
            r#"{{"type":"bid","id":1,"seq":42,"kind":"{kind}","amount":15000,"price":15000,"minimum":16000,"bid_count":3,"leader":{leader},"bidder":{bidder},"reserve":"{reserve}","ends_at":"2026-11-02T12:03:00.000042Z","at":"2026-11-02T12:00:00.000042Z""#
        )
    };
    let row =
        |kind, number| Event { actor: Some(participant(number)), amount: Some(won(15_000)), ..fact(kind) };
    let secret = Some(MemberId(9_002));
    let auto = Event { rule: Some(PriceRule::Matched), ..row(EventKind::Auto, 2) };
    let met = Event { rule: Some(PriceRule::Reserve), reserve: ReserveStatus::Met, ..row(EventKind::Bid, 2) };
    let reset = Event {
        rule: Some(PriceRule::TakenBack),
        reason: Some("blocked".to_owned()),
        aside: secret,
        ..row(EventKind::Reset, 2)
    };
    for (fact, expected) in [
        (auto, head("auto", 2, 2, "none") + r#","rule":"matched"}"#),
        (met, head("bid", 2, 2, "met") + r#","rule":"reserve"}"#),
        (reset, head("reset", 2, 2, "none") + r#","rule":"taken_back","reason":"blocked"}"#),
    ] {
        assert_eq!(event(&fact).as_str(), expected);
    }
}

#[test]
fn before_the_first_bid_nobody_leads() {
    let opened = Event { leader: None, bid_count: 0, ..fact(EventKind::Opened) };
    assert_eq!(
        event(&opened).as_str(),
        r#"{"type":"opened","id":1,"seq":42,"price":15000,"minimum":16000,"bid_count":0,"reserve":"none","ends_at":"2026-11-02T12:03:00.000042Z","at":"2026-11-02T12:00:00.000042Z"}"#
    );
}

#[test]
fn a_snapshot_before_the_first_bid() {
    assert_eq!(
        auction(&chair(), 1, NOON).as_str(),
        r#"{"type":"auction","id":1,"seq":41,"now":"2026-11-02T12:00:00.000042Z","terms":1,"status":"open","price":10000,"minimum":10000,"bid_count":0,"reserve":"none","starts_at":"2026-11-02T12:00:00.000042Z","ends_at":"2026-11-02T13:00:00.000042Z","latest":"2026-11-02T14:00:00.000042Z","extensions":0,"watchers":1}"#
    );
}

#[test]
fn a_snapshot_after_a_sale() {
    let leader = Leader { member: MemberId(9_002), number: 2, commitment: LIMIT, since: Seq(3) };
    let bought = Auction {
        status: Status::Ended,
        outcome: Some(Outcome::Bought),
        leader: Some(leader),
        price: LIMIT,
        buy_now: Some(LIMIT),
        bid_count: 12,
        bidders: 4,
        extensions: 1,
        ..chair()
    };
    assert_eq!(
        auction(&bought, 5_000, NOON).as_str(),
        r#"{"type":"auction","id":1,"seq":41,"now":"2026-11-02T12:00:00.000042Z","terms":1,"status":"ended","outcome":"bought","price":1000000000000,"minimum":null,"bid_count":12,"leader":2,"reserve":"none","buy_now_price":1000000000000,"starts_at":"2026-11-02T12:00:00.000042Z","ends_at":"2026-11-02T13:00:00.000042Z","latest":"2026-11-02T14:00:00.000042Z","extensions":1,"watchers":5000}"#
    );
}

#[test]
fn no_public_frame_says_who_a_member_is() {
    let leader = Leader { member: MemberId(9_002), number: 2, commitment: won(987_654), since: Seq(3) };
    let led = Auction { leader: Some(leader), ..chair() };
    let bid = Event { actor: Some(participant(2)), amount: Some(won(15_000)), ..fact(EventKind::Bid) };
    let closed = Event { actor: Some(participant(2)), ..fact(EventKind::Closed) };
    for frame in [auction(&led, 1, NOON), event(&bid), event(&closed)] {
        for secret in ["9002", "987654", "77"] {
            assert!(!frame.as_str().contains(secret), "{secret} in {frame:?}");
        }
    }
}

#[test]
fn private_frames() {
    let money = Wallet { available: won(70_000), held: won(15_000), version: 9 };
    let news = Notice {
        id: 12,
        kind: "outbid",
        auction: AuctionId(1),
        title: "원목 의자 \"둘\"",
        amount: Some(won(16_000)),
        search: None,
        at: NOON,
    };
    for (frame, bytes) in [
        (
            hello(NOON, Some(MemberId(7))),
            r#"{"type":"hello","now":"2026-11-02T12:00:00.000042Z","member":7}"#,
        ),
        (hello(NOON, None), r#"{"type":"hello","now":"2026-11-02T12:00:00.000042Z"}"#),
        (
            accepted("k", AuctionId(1), Some(Seq(42)), false),
            r#"{"type":"accepted","key":"k","id":1,"seq":42}"#,
        ),
        (accepted("k", AuctionId(1), None, true), r#"{"type":"accepted","key":"k","id":1,"silent":true}"#),
        (
            mine(AuctionId(1), 2, won(15_000)),
            r#"{"type":"mine","id":1,"bidder":2,"leading":true,"held":15000}"#,
        ),
        (mine(AuctionId(1), 2, Money::ZERO), r#"{"type":"mine","id":1,"bidder":2,"leading":false,"held":0}"#),
        (wallet(money), r#"{"type":"wallet","version":9,"available":70000,"held":15000}"#),
        (unread(5), r#"{"type":"unread","count":5}"#),
        (
            notice(&news),
            r#"{"type":"notice","id":12,"kind":"outbid","auction_id":1,"title":"원목 의자 \"둘\"","amount":16000,"at":"2026-11-02T12:00:00.000042Z"}"#,
        ),
        (
            notice(&Notice {
                kind: "search_match",
                title: "의자",
                amount: None,
                search: Some((4, 3)),
                ..news
            }),
            r#"{"type":"notice","id":12,"kind":"search_match","auction_id":1,"title":"의자","search_id":4,"count":3,"at":"2026-11-02T12:00:00.000042Z"}"#,
        ),
        (
            notice(&Notice { amount: None, ..news }),
            r#"{"type":"notice","id":12,"kind":"outbid","auction_id":1,"title":"원목 의자 \"둘\"","at":"2026-11-02T12:00:00.000042Z"}"#,
        ),
        (pong(Some(123), NOON), r#"{"type":"pong","at":123,"now":"2026-11-02T12:00:00.000042Z"}"#),
        (pong(None, NOON), r#"{"type":"pong","now":"2026-11-02T12:00:00.000042Z"}"#),
        (error("malformed", None, None), r#"{"type":"error","code":"malformed"}"#),
        (
            error("auction_not_found", Some(AuctionId(9)), None),
            r#"{"type":"error","code":"auction_not_found","id":9}"#,
        ),
        (error("invalid", None, Some("since")), r#"{"type":"error","code":"invalid","field":"since"}"#),
    ] {
        assert_eq!(frame.as_str(), bytes);
    }
}

#[test]
fn a_refusal_carries_its_figures_in_order() {
    let no = |figures| {
        let (key, auction) = (Some("018f"), Some(AuctionId(1)));
        refused(&Refused { key, auction, code: "below_minimum", figures, title: "더 높게" })
    };
    for (figures, middle) in [
        (&[][..], ""),
        (&[("minimum", Figure::Number(16_000))][..], r#""minimum":16000,"#),
        (&[("minimum", Figure::Null)][..], r#""minimum":null,"#),
        (
            &[("outcome", Figure::Text("sold")), ("starts_at", Figure::Time(NOON))][..],
            r#""outcome":"sold","starts_at":"2026-11-02T12:00:00.000042Z","#,
        ),
    ] {
        let expected = format!(
            r#"{{"type":"refused","key":"018f","id":1,"code":"below_minimum",{middle}"title":"더 높게"}}"#
        );
        assert_eq!(no(figures).as_str(), expected);
    }
    let bare = Refused { key: None, auction: None, code: "key_required", figures: &[], title: "t" };
    assert_eq!(refused(&bare).as_str(), r#"{"type":"refused","code":"key_required","title":"t"}"#);
}
