//! Pictures of an item, by tables: what a list of them may be, and what may be changed about it when.

use auction::{
    ALT_CHARS_MAX, AuctionId, Command, FieldCode, FieldInvalid, ItemId, Listing, ListingStanding, NOTES_MAX,
    PICTURES_MAX, Picture, Refusal, Revision, Span,
};

use crate::world::{ANNA, NOON, SELLER, World, limits, listing};

/// Pictures whose addresses repeat these numbers.
fn pictures(numbers: &[u8]) -> Vec<Picture> {
    numbers.iter().map(|number| Picture { address: [*number; 32], alt: format!("사진 {number}") }).collect()
}

fn worded(number: u8, alt: &str) -> Picture {
    Picture { address: [number; 32], alt: alt.to_owned() }
}

/// One line: the pictures, and all that is wrong with them.
#[test]
fn a_list_of_pictures_is_judged() {
    use FieldCode::{Invalid, TooLong};
    let check = |pictures: Vec<Picture>, wrong: &[(&'static str, FieldCode)]| {
        let mut listing = listing();
        listing.item.pictures = pictures;
        let wrong: Vec<FieldInvalid> =
            wrong.iter().map(|(field, code)| FieldInvalid { field, code: *code }).collect();
        assert_eq!(listing.errors(&limits(), NOON), wrong, "{:?}", listing.item.pictures);
    };
    let long = "가".repeat(ALT_CHARS_MAX);
    check(pictures(&[]), &[]);
    check(pictures(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), &[]);
    check(pictures(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), &[("pictures", TooLong)]);
    check(pictures(&[1, 2, 1]), &[("pictures", Invalid)]);
    check(vec![worded(1, "")], &[]);
    check(vec![worded(1, "  ")], &[]);
    check(vec![worded(1, &long)], &[]);
    check(vec![worded(1, &format!("{long}가"))], &[("pictures[0].alt", TooLong)]);
    check(vec![worded(1, ""), worded(2, "앞\n뒤")], &[("pictures[1].alt", Invalid)]);
    check(
        vec![worded(1, "숨\u{200B}김"), worded(1, "")],
        &[("pictures", Invalid), ("pictures[0].alt", Invalid)],
    );
    assert_eq!(PICTURES_MAX, 10);
}

/// One line: who has uploaded which, what is listed, and the answer.
#[test]
fn a_listed_picture_was_uploaded_by_its_seller() {
    for (uploaded, listed, missing) in [
        (vec![], vec![], None),
        (vec![(SELLER, 1)], vec![1], None),
        (vec![(SELLER, 1), (SELLER, 2)], vec![2, 1], None),
        (vec![(SELLER, 1)], vec![1, 2], Some(1)),
        (vec![(ANNA, 1)], vec![1], Some(0)),
        (vec![], vec![1], Some(0)),
    ] {
        let mut uploaded: Vec<_> = uploaded.iter().map(|(member, number)| (*member, [*number; 32])).collect();
        uploaded.sort();
        let listing =
            Listing { item: auction::Item { pictures: pictures(&listed), ..listing().item }, ..listing() };
        let limits = limits();
        let standing = ListingStanding {
            suspended: false,
            barred: false,
            limits: &limits,
            again: None,
            pictures: &uploaded,
        };
        let made = listing.decide(AuctionId(1), ItemId(1), &standing, NOON);
        let expected = missing.map(|index| Refusal::PictureNotFound { index });
        assert_eq!(made.err(), expected, "{uploaded:?} {listed:?}");
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    BeforeTheStart,
    Open,
    WithBids,
    Afresh,
    Ended,
}

/// A chair with the pictures 0 and 1.
fn world(at: At) -> (World, Listing) {
    let mut listing = listing();
    if at == At::BeforeTheStart {
        listing.starts_at = Some(NOON.plus(Span::hours(2)));
    }
    let mut world = World::of(&listing, &limits(), 1_000_000);
    listing.starts_at = Some(world.auction.starts_at);
    listing.item.pictures = pictures(&[0, 1]);
    world.item.pictures.clone_from(&listing.item.pictures);
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

fn edit(
    world: &mut World,
    listing: Option<Listing>,
    note: Option<&str>,
    added: Vec<Picture>,
) -> &'static str {
    let revision = Revision { terms: None, listing, note: note.map(str::to_owned), added };
    let terms = world.auction.terms;
    let result = world.ask(&Command::Edit { seller: SELLER, revision: Box::new(revision) });
    let said = result.as_ref().map_or_else(Refusal::code, |_| "accepted");
    assert_eq!(world.auction.terms, terms + i64::from(said == "accepted"), "every edit raises the terms");
    said
}

/// One line: when, which pictures the listing shall have, the answer, and those that it has then.
#[test]
fn pictures_are_changed_until_the_first_bid() {
    use At::{Afresh, BeforeTheStart, Ended, Open, WithBids};
    for (at, wished, answer, then) in [
        (BeforeTheStart, vec![1, 0], "accepted", vec![1, 0]),
        (BeforeTheStart, vec![], "accepted", vec![]),
        (Open, vec![1, 0], "accepted", vec![1, 0]),
        (Open, vec![1], "accepted", vec![1]),
        (Open, vec![5, 0, 1], "accepted", vec![5, 0, 1]),
        (Open, vec![0, 1, 99], "picture_not_found", vec![0, 1]),
        (Open, vec![0, 0], "invalid", vec![0, 1]),
        (WithBids, vec![1, 0], "too_late", vec![0, 1]),
        (WithBids, vec![0, 1, 2], "too_late", vec![0, 1]),
        (Afresh, vec![1], "too_late", vec![0, 1]),
        (Ended, vec![1], "closed", vec![0, 1]),
    ] {
        let (mut world, mut listing) = world(at);
        listing.item.pictures = pictures(&wished);
        assert_eq!(edit(&mut world, Some(listing), None, Vec::new()), answer, "{at:?} {wished:?}");
        assert_eq!(world.item.pictures, pictures(&then), "{at:?} {wished:?}");
    }
}

/// One line: when, the note, what is appended, the answer, and the pictures then.
#[test]
fn pictures_are_appended_as_long_as_it_runs() {
    use At::{Afresh, BeforeTheStart, Ended, Open, WithBids};
    let note = Some("뒷면도 찍었어요");
    for (at, note, added, answer, then) in [
        (BeforeTheStart, None, vec![2], "accepted", vec![0, 1, 2]),
        (Open, note, vec![2, 3], "accepted", vec![0, 1, 2, 3]),
        (WithBids, None, vec![2], "accepted", vec![0, 1, 2]),
        (WithBids, note, vec![3, 2], "accepted", vec![0, 1, 3, 2]),
        (WithBids, note, vec![], "accepted", vec![0, 1]),
        (WithBids, None, vec![], "invalid", vec![0, 1]),
        (WithBids, Some(" "), vec![2], "invalid", vec![0, 1]),
        (WithBids, None, vec![2, 3, 4, 5, 6, 7, 8, 9], "accepted", vec![0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (WithBids, None, vec![2, 3, 4, 5, 6, 7, 8, 9, 10], "invalid", vec![0, 1]),
        (WithBids, None, vec![1], "invalid", vec![0, 1]),
        (WithBids, None, vec![2, 2], "invalid", vec![0, 1]),
        (WithBids, None, vec![99], "picture_not_found", vec![0, 1]),
        (Afresh, None, vec![2], "accepted", vec![0, 1, 2]),
        (Ended, None, vec![2], "closed", vec![0, 1]),
    ] {
        let (mut world, _) = world(at);
        assert_eq!(edit(&mut world, None, note, pictures(&added)), answer, "{at:?} {note:?} {added:?}");
        assert_eq!(world.item.pictures, pictures(&then), "{at:?} {note:?} {added:?}");
    }
}

/// Behind those of the listing that is sent with them; and a note too many lets no picture in.
#[test]
fn what_is_appended_comes_last() {
    let (mut open, mut listing) = world(At::Open);
    listing.item.pictures = pictures(&[4]);
    assert_eq!(edit(&mut open, Some(listing.clone()), None, pictures(&[1])), "accepted");
    assert_eq!(open.item.pictures, pictures(&[4, 1]));
    assert_eq!(edit(&mut open, Some(listing), None, pictures(&[4])), "invalid", "twice in one list");
    let (mut full, _) = world(At::WithBids);
    full.auction.notes = NOTES_MAX;
    assert_eq!(edit(&mut full, None, Some("왜"), pictures(&[2])), "too_many_notes");
    assert_eq!(edit(&mut full, None, None, pictures(&[2])), "accepted");
}

#[test]
fn faults_of_what_is_appended_are_named_by_their_places() {
    let (mut world, _) = world(At::WithBids);
    let added = vec![worded(2, ""), worded(3, "앞\n뒤")];
    let revision = Revision { terms: None, listing: None, note: None, added };
    let refusal = world.ask(&Command::Edit { seller: SELLER, revision: Box::new(revision) }).unwrap_err();
    let errors = vec![FieldInvalid { field: "add_pictures[1].alt", code: FieldCode::Invalid }];
    assert_eq!(refusal, Refusal::Invalid { errors });
}
