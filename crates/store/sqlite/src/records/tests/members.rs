//! Members, sessions, blocks, places, and what the store says of itself.

use auction::Time;
use store::Records;
use store::records::{MemberChange, Session, Taken};

use super::{House, member, new_member};

#[test]
fn a_member_is_made_once_and_found() {
    let house = House::open();
    let mina = house.member("mina");
    assert_eq!(house.ask(house.records.member(mina)), Some(member(mina, "mina")));
    let credentials = house.ask(house.records.credentials("mina"));
    assert_eq!(credentials, Some((member(mina, "mina"), "hash of mina".to_owned())));
    assert_eq!(house.ask(house.records.credentials("Mina")), None);
    assert_eq!(house.ask(house.records.create_member(new_member("mina"))), Err(Taken::Username));
    let alike = store::records::NewMember { username: "other".to_owned(), ..new_member("mina") };
    assert_eq!(house.ask(house.records.create_member(alike)), Err(Taken::Nickname));
    assert_eq!(house.number("SELECT count(*) FROM members", []), 1);
}

#[test]
fn a_member_changes_what_is_his() {
    let house = House::open();
    let (mina, _joon) = (house.member("mina"), house.member("joon"));
    let change = |nickname: Option<(&str, &str)>, region| MemberChange {
        nickname: nickname.map(|(name, skeleton)| (name.to_owned(), skeleton.to_owned())),
        region,
        ..MemberChange::default()
    };
    let changed = house.ask(house.records.change_member(mina, change(None, Some(Some(1_000_000)))));
    assert_eq!(changed.unwrap().region, Some(1_000_000));
    let taken = house.ask(house.records.change_member(mina, change(Some(("JOON", "joon")), Some(None))));
    assert_eq!(taken, Err(Taken::Nickname));
    let changed =
        house.ask(house.records.change_member(mina, change(Some(("Minah", "mina")), None))).unwrap();
    assert_eq!((changed.nickname.as_str(), changed.region), ("Minah", Some(1_000_000)));
    assert_eq!(house.ask(house.records.change_member(mina, change(None, Some(None)))).unwrap().region, None);
}

#[test]
fn sessions_begin_are_used_and_end() {
    let house = House::open();
    let mina = house.member("mina");
    let session = |token: u8| Session {
        token: [token; 32],
        member: mina,
        created_at: Time(1),
        seen_at: Time(1),
        expires_at: Time(100),
    };
    let begin =
        |token: u8, known: &str| house.ask(house.records.create_session(session(token), known.to_owned()));
    assert!((1..=4).all(|token| begin(token, "hash of mina")));
    assert_eq!(house.ask(house.records.session([1; 32])), Some((session(1), member(mina, "mina"))));
    house.ask(house.records.touch_session([1; 32], Time(60)));
    house.ask(house.records.touch_session([1; 32], Time(50)));
    assert_eq!(house.ask(house.records.session([1; 32])).unwrap().0.seen_at, Time(60));

    let is_there = |token: u8| house.ask(house.records.session([token; 32])).is_some();
    house.ask(house.records.end_session([1; 32]));
    assert!(!is_there(1) && is_there(2));
    let set = |hash: &str, known: Option<&str>, keep| {
        house.ask(house.records.set_password(mina, hash.to_owned(), known.map(str::to_owned), keep))
    };
    assert!(set("new", Some("hash of mina"), Some([2; 32])));
    assert!(is_there(2) && !is_there(3) && !is_there(4));
    assert_eq!(house.ask(house.records.credentials("mina")).unwrap().1, "new");
    assert!(!set("late", Some("hash of mina"), None), "judged by a password that is no longer his");
    assert!(is_there(2));
    assert!(set("newer", None, None));
    assert!(!is_there(2));
    assert!(!begin(5, "new") && !is_there(5));
    assert!(begin(5, "newer") && is_there(5));
    house.ask(house.records.end_sessions(mina));
    assert!(!is_there(5));
}

#[test]
fn a_block_stands_until_it_is_lifted() {
    let house = House::open();
    let (mina, joon) = (house.member("mina"), house.member("joon"));
    for at in [1, 2] {
        house.ask(house.records.block(mina, joon, None, Time(at))).unwrap();
    }
    assert!(house.ask(house.records.is_blocked(mina, joon)));
    assert!(!house.ask(house.records.is_blocked(joon, mina)));
    house.ask(house.records.unblock(mina, joon));
    assert!(!house.ask(house.records.is_blocked(mina, joon)));
}

#[test]
fn places_kinds_and_health_are_read() {
    let house = House::open();
    let regions = house.ask(house.records.regions());
    assert_eq!(regions.iter().filter(|region| region.level == 1).count(), 17);
    let mut known = std::collections::BTreeMap::new();
    for region in &regions {
        let last = region.parent.map_or(i64::MAX, |parent| known[&parent]);
        assert!(region.last <= last && region.id <= region.last, "{region:?}");
        known.insert(region.id, region.last);
    }
    let categories = house.ask(house.records.categories());
    assert!(categories.iter().all(|one| one.parent.is_none_or(|parent| parent < one.id)));
    assert!(categories.iter().any(|one| one.slug == "furniture" && one.parent.is_none()));

    let health = house.ask(house.records.health());
    assert_eq!((health.schema, health.heartbeat, health.rounds_behind), (crate::SCHEMA_VERSION, None, 0));
    house.write("INSERT INTO heartbeat (id, at) VALUES (1, 9)", []);
    let seller = house.member("mina");
    house.list(seller, "의자", 1);
    house.list(seller, "책상", 1);
    let health = house.ask(house.records.health());
    assert_eq!((health.heartbeat, health.rounds_behind), (Some(Time(9)), 2));
    house.follow();
    assert_eq!(house.ask(house.records.health()).rounds_behind, 0);
}
