//! Editing a listing and auctioning an item again, by tables.

use auction::{
    Aftermath, AuctionId, Command, Event, EventKind, FieldCode, FieldInvalid, Increments, ItemId, Listed,
    Listing, ListingStanding, NOTES_MAX, Offer, OfferState, OrderState, Outcome, Refusal, Revision, Span,
    Status,
};

use crate::world::{ANNA, NOON, SELLER, World, limits, listing, won};

#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    BeforeTheStart,
    Open,
    WithBids,
    Afresh,
    Ended,
}

fn world(at: At) -> (World, Listing) {
    let mut listing = listing();
    if at == At::BeforeTheStart {
        listing.starts_at = Some(NOON.plus(Span::hours(2)));
    }
    let mut world = World::of(&listing, &limits(), 1_000_000);
    listing.starts_at = Some(world.auction.starts_at);
    world.now = NOON.plus(Span::hours(1));
    if matches!(at, At::WithBids | At::Afresh) {
        world.bid(ANNA, 5_000).unwrap();
    }
    if at == At::Afresh {
        world.take_back(ANNA).unwrap();
    }
    if at == At::Ended {
        world.now = world.auction.ends_at;
    }
    (world, listing)
}

fn edit(world: &mut World, revision: Revision) -> Result<Vec<Event>, Refusal> {
    world.ask(&Command::Edit { seller: SELLER, revision: Box::new(revision) })
}

fn with_listing(listing: Listing) -> Revision {
    Revision { terms: Some(1), listing: Some(listing), note: None, added: Vec::new() }
}

fn with_note(note: &str) -> Revision {
    Revision { terms: None, listing: None, note: Some(note.to_owned()), added: Vec::new() }
}

/// One line: when, what is changed in the listing, and what is wrong with it then; `Err` is another refusal.
#[test]
fn what_may_be_changed_depends_on_when() {
    use At::{Afresh, BeforeTheStart, Ended, Open, WithBids};
    use FieldCode::{Invalid, TooEarly, TooHigh, TooLate, TooLow};
    type Wrong = Result<&'static [(&'static str, FieldCode)], &'static str>;
    let minutes = Span::minutes;
    let now = NOON.plus(Span::hours(1));
    let check = |at: At, change: &dyn Fn(&mut Listing), wrong: Wrong| {
        let (mut world, mut listing) = world(at);
        change(&mut listing);
        let before = world.auction.clone();
        let result = edit(&mut world, with_listing(listing.clone()));
        let expected = match wrong {
            Err(code) => Err(code.to_owned()),
            Ok([]) => Ok(()),
            Ok(wrong) => {
                let errors = wrong.iter().map(|(field, code)| FieldInvalid { field, code: *code });
                Err(format!("{:?}", Refusal::Invalid { errors: errors.collect() }))
            }
        };
        let said = result.as_ref().map(|_| ()).map_err(|refusal| match refusal.code() {
            "invalid" => format!("{refusal:?}"),
            code => code.to_owned(),
        });
        assert_eq!(said, expected, "{at:?}: {listing:?}");
        if said.is_ok() {
            assert_eq!(world.item, listing.item);
            assert_eq!((world.auction.terms, world.auction.price), (2, won(listing.start_price)));
            assert_eq!(world.auction.ends_at, listing.ends_at);
        } else {
            assert_eq!(world.auction, before);
        }
    };
    check(BeforeTheStart, &|listing| listing.item.title = "소파".to_owned(), Ok(&[]));
    check(BeforeTheStart, &|listing| listing.item.category = Some(3), Ok(&[]));
    check(BeforeTheStart, &|listing| listing.starts_at = Some(now.plus(minutes(5))), Ok(&[]));
    check(BeforeTheStart, &|listing| listing.starts_at = None, Ok(&[]));
    check(BeforeTheStart, &|listing| listing.starts_at = Some(NOON), Ok(&[("starts_at", TooEarly)]));
    check(BeforeTheStart, &|listing| listing.start_price = 0, Ok(&[("start_price", TooLow)]));
    check(
        BeforeTheStart,
        &|listing| listing.ends_at = listing.starts_at.unwrap().plus(minutes(9)),
        Ok(&[("ends_at", TooEarly)]),
    );
    check(Open, &|listing| listing.start_price = 7_000, Ok(&[]));
    check(Open, &|listing| listing.item.description = "튼튼해요".to_owned(), Ok(&[]));
    check(Open, &|listing| listing.starts_at = None, Ok(&[]));
    check(Open, &|listing| listing.item.title = "소파".to_owned(), Ok(&[("title", Invalid)]));
    check(Open, &|listing| listing.item.title = " ".to_owned(), Ok(&[("title", Invalid)]));
    check(Open, &|listing| listing.item.category = Some(3), Ok(&[("category_id", Invalid)]));
    check(Open, &|listing| listing.starts_at = Some(now), Ok(&[("starts_at", Invalid)]));
    check(Open, &|listing| listing.ends_at = now.plus(minutes(10)), Ok(&[]));
    check(Open, &|listing| listing.ends_at = now.plus(Span(minutes(10).0 - 1)), Ok(&[("ends_at", TooEarly)]));
    check(Open, &|listing| listing.ends_at = NOON.plus(Span::days(30)), Ok(&[]));
    check(
        Open,
        &|listing| listing.ends_at = NOON.plus(Span(Span::days(30).0 + 1)),
        Ok(&[("ends_at", TooLate)]),
    );
    check(
        Open,
        &|listing| (listing.reserve_price, listing.buy_now_price) = (Some(9_000), Some(8_000)),
        Ok(&[("reserve_price", TooHigh)]),
    );
    check(WithBids, &|_| {}, Err("too_late"));
    check(WithBids, &|listing| listing.start_price = 0, Err("too_late"));
    check(Afresh, &|_| {}, Err("too_late"));
    check(Ended, &|_| {}, Err("closed"));
}

#[test]
fn an_edit_says_itself_and_keeps_what_was_listed() {
    let (mut world, mut changed) = world(At::Open);
    let old = world.auction.clone();
    (changed.bid_unit, changed.soft_close_minutes) = (None, 10);
    (changed.reserve_price, changed.buy_now_price) = (Some(8_000), Some(30_000));
    changed.ends_at = NOON.plus(Span::days(2));
    let note = Some("사진을 바꿨어요".to_owned());
    let revision = Revision { terms: Some(1), listing: Some(changed), note: note.clone(), added: Vec::new() };
    let events = edit(&mut world, revision).unwrap();
    assert_eq!((events.len(), events[0].kind), (1, EventKind::Edited));
    assert_eq!((events[0].terms, &events[0].reason), (Some(2), &note));
    let expected = auction::Auction {
        terms: 2,
        notes: 1,
        seq: old.seq.next(),
        increments: Increments::Ladder(limits().ladder),
        reserve: Some(won(8_000)),
        buy_now: Some(won(30_000)),
        soft_close: Span::minutes(10),
        listed_end: NOON.plus(Span::days(2)),
        ends_at: NOON.plus(Span::days(2)),
        latest: NOON.plus(Span::days(2)).plus(Span::minutes(60)),
        newest: world.now,
        ..old
    };
    assert_eq!(world.auction, expected);
}

#[test]
fn an_edit_that_moves_the_start_to_now_opens() {
    let (mut world, mut changed) = world(At::BeforeTheStart);
    changed.starts_at = None;
    let events = edit(&mut world, with_listing(changed)).unwrap();
    let kinds: Vec<EventKind> = events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Edited, EventKind::Opened]);
    assert_eq!((world.auction.status, world.auction.starts_at), (Status::Open, world.now));
}

#[test]
fn a_note_may_always_be_added() {
    for (at, answer) in [
        (At::BeforeTheStart, "accepted"),
        (At::Open, "accepted"),
        (At::WithBids, "accepted"),
        (At::Ended, "closed"),
    ] {
        let (mut world, _) = world(at);
        let before = world.item.clone();
        let result = edit(&mut world, with_note("다리에 흠집이 있어요"));
        let said = result.as_ref().map_or_else(Refusal::code, |_| "accepted");
        assert_eq!(said, answer, "{at:?}");
        assert_eq!(world.auction.terms, if answer == "accepted" { 2 } else { 1 });
        assert_eq!(world.item, before);
    }
}

/// One line: how many notes there are, what an edit brings, and the answer.
#[test]
fn notes_are_counted() {
    let of_listing = |listing: &Listing, note: Option<&str>| Revision {
        terms: None,
        listing: Some(listing.clone()),
        note: note.map(str::to_owned),
        added: Vec::new(),
    };
    for (at, notes, is_listing, note, answer) in [
        (At::WithBids, 0, false, Some("왜"), "accepted"),
        (At::WithBids, NOTES_MAX - 1, false, Some("왜"), "accepted"),
        (At::WithBids, NOTES_MAX, false, Some("왜"), "too_many_notes"),
        (At::Open, NOTES_MAX, false, Some("왜"), "too_many_notes"),
        (At::Open, NOTES_MAX - 1, true, Some("왜"), "accepted"),
        (At::Open, NOTES_MAX, true, Some("왜"), "too_many_notes"),
        (At::Open, NOTES_MAX, true, None, "accepted"),
        (At::WithBids, NOTES_MAX, true, Some("왜"), "too_late"),
    ] {
        let (mut world, listing) = world(at);
        world.auction.notes = notes;
        let revision = if is_listing { of_listing(&listing, note) } else { with_note("왜") };
        let result = edit(&mut world, revision);
        let said = result.as_ref().map_or_else(Refusal::code, |_| "accepted");
        assert_eq!(said, answer, "{at:?} {notes} {is_listing} {note:?}");
        let added = i64::from(note.is_some() && answer == "accepted");
        assert_eq!(world.auction.notes, notes + added);
    }
}

#[test]
fn a_note_is_a_text() {
    let long = |length| "가".repeat(length);
    for (note, wrong) in [
        (Some(long(1_000)), None),
        (Some(long(1_001)), Some(FieldCode::TooLong)),
        (Some(" ".to_owned()), Some(FieldCode::Required)),
        (Some("숨\u{200B}김".to_owned()), Some(FieldCode::Invalid)),
        (None, Some(FieldCode::Required)),
    ] {
        let (mut world, _) = world(At::WithBids);
        let result = edit(&mut world, Revision { terms: None, listing: None, note, added: Vec::new() });
        let errors = wrong.map(|code| vec![FieldInvalid { field: "note", code }]);
        assert_eq!(result.err(), errors.map(|errors| Refusal::Invalid { errors }));
    }
}

#[test]
fn edits_are_refused_in_the_published_order() {
    let (mut world, listing) = world(At::WithBids);
    world.auction.terms = 2;
    world.now = world.auction.ends_at;
    let revision = |terms, note: &str| Revision {
        terms: Some(terms),
        listing: Some(listing.clone()),
        note: Some(note.to_owned()),
        added: Vec::new(),
    };
    let by = |world: &mut World, seller, revision| {
        let result = world.ask(&Command::Edit { seller, revision: Box::new(revision) });
        result.unwrap_err().code()
    };
    assert_eq!(by(&mut world, ANNA, revision(1, "")), "invalid");
    assert_eq!(by(&mut world, ANNA, revision(1, "왜")), "not_seller");
    assert_eq!(by(&mut world, SELLER, revision(1, "왜")), "closed");
    world.now = NOON.plus(Span::hours(1));
    assert_eq!(by(&mut world, SELLER, revision(1, "왜")), "terms_changed");
    assert_eq!(by(&mut world, SELLER, revision(2, "왜")), "too_late");
}

/// What the old auction came to.
fn ended(outcome: Outcome) -> auction::Auction {
    let mut world = World::simple();
    world.auction.status = Status::Ended;
    world.auction.outcome = Some(outcome);
    world.auction
}

fn again(
    old: &auction::Auction,
    aftermath: &Aftermath,
    change: impl Fn(&mut Listing),
) -> Result<Listed, Refusal> {
    let mut listing = listing();
    listing.again = Some(AuctionId(1));
    change(&mut listing);
    let limits = limits();
    let standing = ListingStanding {
        suspended: false,
        barred: false,
        limits: &limits,
        again: Some((old, aftermath)),
        pictures: &[],
    };
    listing.decide(AuctionId(2), ItemId(7), &standing, NOON)
}

#[test]
fn an_item_is_auctioned_again_once_it_is_free() {
    let mut world = World::simple();
    world.bid(ANNA, 5_000).unwrap();
    world.close().unwrap();
    let (order, sold) = (world.orders[0].clone(), world.auction);
    let offer = |state| Offer {
        auction: AuctionId(1),
        number: 1,
        member: ANNA,
        price: won(5_000),
        at: NOON,
        until: NOON,
        state,
    };
    let check = |old: &auction::Auction, aftermath: &Aftermath, is_free: bool| {
        let listed = again(old, aftermath, |_| {});
        assert_eq!(listed.is_ok(), is_free, "{:?} {aftermath:?}", old.outcome);
        match listed {
            Err(refusal) => assert_eq!(refusal, Refusal::ItemNotFree),
            Ok(listed) => {
                assert_eq!(listed.effects.auction.item, ItemId(1), "the item keeps its number");
                let expected = auction::Auction { followed_by: Some(AuctionId(2)), ..old.clone() };
                assert_eq!(listed.old, Some(expected));
            }
        }
    };
    let nothing = Aftermath::default();
    for outcome in [Outcome::Unsold, Outcome::Cancelled, Outcome::ReserveNotMet] {
        check(&ended(outcome), &nothing, true);
    }
    check(&World::simple().auction, &nothing, false);
    let followed = auction::Auction { followed_by: Some(AuctionId(9)), ..ended(Outcome::Unsold) };
    check(&followed, &nothing, false);
    for (state, refund, is_free) in [
        (OrderState::ToHandOver, None, false),
        (OrderState::Delivered, None, false),
        (OrderState::Disputed, None, false),
        (OrderState::Done, Some(0), false),
        (OrderState::Split, Some(4_999), false),
        (OrderState::Split, Some(5_000), true),
        (OrderState::Refunded, Some(5_000), true),
    ] {
        let order = auction::Order { state, refund: refund.map(won), ..order.clone() };
        check(&sold, &Aftermath { order: Some(order), offers: vec![] }, is_free);
    }
    let refunded = auction::Order { state: OrderState::Refunded, ..order };
    for (state, is_free) in
        [(OfferState::Open, false), (OfferState::Declined, true), (OfferState::Lapsed, true)]
    {
        check(&sold, &Aftermath { order: Some(refunded.clone()), offers: vec![offer(state)] }, is_free);
    }
}

#[test]
fn listing_is_refused_in_the_published_order() {
    let limits = limits();
    let mut old = ended(Outcome::Unsold);
    (old.seller, old.followed_by) = (ANNA, Some(AuctionId(9)));
    let nothing = Aftermath::default();
    let mut listing = listing();
    (listing.again, listing.start_price) = (Some(AuctionId(1)), 0);
    let mut standing =
        ListingStanding { suspended: true, barred: true, limits: &limits, again: None, pictures: &[] };
    let said = |listing: &Listing, standing: &ListingStanding<'_>| {
        let listed = listing.decide(AuctionId(2), ItemId(7), standing, NOON);
        listed.map_or_else(|refusal| refusal.code(), |_| "accepted")
    };
    assert_eq!(said(&listing, &standing), "invalid");
    listing.start_price = 5_000;
    assert_eq!(said(&listing, &standing), "auction_not_found");
    assert_eq!(said(&listing, &ListingStanding { again: Some((&old, &nothing)), ..standing }), "not_seller");
    let mut own = old.clone();
    own.seller = SELLER;
    standing.again = Some((&own, &nothing));
    assert_eq!(said(&listing, &standing), "suspended");
    standing.suspended = false;
    assert_eq!(said(&listing, &standing), "item_not_free");
    let free = auction::Auction { followed_by: None, ..own.clone() };
    standing.again = Some((&free, &nothing));
    assert_eq!(said(&listing, &standing), "listing_barred");
    standing.barred = false;
    assert_eq!(said(&listing, &standing), "accepted");
}
