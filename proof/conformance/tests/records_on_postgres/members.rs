//! Members, sessions, blocks, and what the store says of itself.

use auction::Time;
use conformance::journal::deed::Deed;
use store::records::{MemberChange, NewMember, Session, Taken};
use store::{Failure, Records};

use crate::house::{House, member, new_member};

fn session(token: u8, member: ledger::MemberId) -> Session {
    Session { token: [token; 32], member, created_at: Time(1), seen_at: Time(1), expires_at: Time(100) }
}

#[tokio::test]
async fn a_member_is_made_once_and_found() {
    let house = House::open().await;
    let mina = house.member("mina").await;
    assert_eq!(house.records.member(mina).await.unwrap(), Some(member(mina, "mina")));
    let credentials = house.records.credentials("mina").await.unwrap();
    assert_eq!(credentials, Some((member(mina, "mina"), "hash of mina".to_owned())));
    assert_eq!(house.records.credentials("Mina").await.unwrap(), None);
    assert_eq!(house.records.create_member(new_member("mina")).await.unwrap(), Err(Taken::Username));
    let alike = NewMember { username: "other".to_owned(), ..new_member("mina") };
    assert_eq!(house.records.create_member(alike).await.unwrap(), Err(Taken::Nickname));
    assert_eq!(house.number("SELECT count(*) FROM members", &[]).await, 1);
    assert_eq!(house.number("SELECT count(*) FROM wallets", &[]).await, 1, "a round finds a row to lock");
    assert_eq!(house.member("joon").await.0, mina.0 + 1, "names that are taken use up no number");
    let stray = NewMember { region: Some(1), ..new_member("sora") };
    let refused = house.records.create_member(stray).await;
    assert!(matches!(refused, Err(Failure::Rejected { .. })), "{refused:?}");
}

/// The name is asked for and seen to be free by all of them; one gets it.
#[tokio::test]
async fn a_name_that_many_want_at_once_is_given_once() {
    let house = House::open().await;
    for round in 0..20 {
        let names = [format!("mina{round}"), format!("mina{round}"), format!("other{round}")];
        let skeletons = [format!("mina{round}"), format!("own{round}"), format!("mina{round}")];
        let asked = names.into_iter().zip(skeletons).map(|(username, skeleton)| {
            let new = NewMember { username, skeleton, ..new_member("any") };
            house.records.create_member(new)
        });
        let mut asked = asked.collect::<Vec<_>>().into_iter();
        let (Some(one), Some(two), Some(three), None) =
            (asked.next(), asked.next(), asked.next(), asked.next())
        else {
            unreachable!("three were asked for")
        };
        let (one, two, three) = tokio::join!(one, two, three);
        let all = [one.unwrap(), two.unwrap(), three.unwrap()];
        let made = all.iter().filter(|one| one.is_ok()).count();
        // The second and the third have nothing in common; both are made if the first was too late.
        assert!(made == 1 && all[0].is_ok() || made == 2 && all[0].is_err(), "{all:?}");
    }
}

#[tokio::test]
async fn a_member_changes_what_is_his() {
    let house = House::open().await;
    let (mina, _joon) = (house.member("mina").await, house.member("joon").await);
    let change = async |nickname: Option<(&str, &str)>, region| {
        let nickname = nickname.map(|(name, skeleton)| (name.to_owned(), skeleton.to_owned()));
        let change = MemberChange { nickname, region, ..MemberChange::default() };
        house.records.change_member(mina, change).await.unwrap()
    };
    assert_eq!(change(None, Some(Some(1_000_000))).await.unwrap().region, Some(1_000_000));
    assert_eq!(change(Some(("JOON", "joon")), Some(None)).await, Err(Taken::Nickname));
    let changed = change(Some(("Minah", "mina")), None).await.unwrap();
    assert_eq!((changed.nickname.as_str(), changed.region), ("Minah", Some(1_000_000)));
    assert_eq!(change(None, Some(None)).await.unwrap().region, None);

    let nobody = ledger::MemberId(99);
    let refused = house.records.change_member(nobody, MemberChange::default()).await;
    assert!(matches!(refused, Err(Failure::Rejected { .. })), "{refused:?}");
    assert!(Deed::Suspend(mina).perform(&house.records, Time(1)).await.unwrap());
    assert!(house.records.member(mina).await.unwrap().unwrap().suspended);
    assert!(!Deed::Suspend(nobody).perform(&house.records, Time(1)).await.unwrap());
}

#[tokio::test]
async fn sessions_begin_are_used_and_end() {
    let house = House::open().await;
    let records = &house.records;
    let mina = house.member("mina").await;
    let begin = async |token: u8, known: &str| {
        records.create_session(session(token, mina), known.to_owned()).await.unwrap()
    };
    for token in 1..=4 {
        assert!(begin(token, "hash of mina").await);
    }
    let found = records.session([1; 32]).await.unwrap();
    assert_eq!(found, Some((session(1, mina), member(mina, "mina"))));
    records.touch_session([1; 32], Time(60)).await.unwrap();
    records.touch_session([1; 32], Time(50)).await.unwrap();
    assert_eq!(records.session([1; 32]).await.unwrap().unwrap().0.seen_at, Time(60));

    let is_there = async |token: u8| records.session([token; 32]).await.unwrap().is_some();
    records.end_session([1; 32]).await.unwrap();
    assert!(!is_there(1).await && is_there(2).await);
    let set = async |hash: &str, known: Option<&str>, keep| {
        records.set_password(mina, hash.to_owned(), known.map(str::to_owned), keep).await.unwrap()
    };
    assert!(set("new", Some("hash of mina"), Some([2; 32])).await);
    assert!(is_there(2).await && !is_there(3).await && !is_there(4).await);
    assert!(!set("late", Some("hash of mina"), None).await);
    assert!(is_there(2).await);
    assert!(set("newer", None, None).await);
    assert!(!is_there(2).await);
    assert!(!begin(5, "new").await && !is_there(5).await);
    assert!(begin(5, "newer").await && is_there(5).await);
    records.end_sessions(mina).await.unwrap();
    assert!(!is_there(5).await);
}

/// A sign-in and a change of the password at once: whichever comes first, no session of the old password is left.
#[tokio::test]
async fn a_sign_in_in_flight_does_not_outlive_its_password() {
    let house = House::open().await;
    let mina = house.member("mina").await;
    let mut known = "hash of mina".to_owned();
    for round in 0..50_u8 {
        let new = format!("hash {round}");
        let change = house.records.set_password(mina, new.clone(), Some(known.clone()), None);
        let begin = house.records.create_session(session(round, mina), known.clone());
        let (changed, _) = tokio::join!(change, begin);
        assert!(changed.unwrap());
        assert_eq!(house.number("SELECT count(*) FROM sessions", &[]).await, 0, "in round {round}");
        known = new;
    }
}

#[tokio::test]
async fn a_block_stands_until_it_is_lifted() {
    let house = House::open().await;
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    for at in [1, 2] {
        house.records.block(mina, joon, None, Time(at)).await.unwrap().unwrap();
    }
    assert!(house.records.is_blocked(mina, joon).await.unwrap());
    assert!(!house.records.is_blocked(joon, mina).await.unwrap());
    assert_eq!(house.number("SELECT at FROM blocks", &[]).await, 1, "a block that stands keeps its time");
    house.records.unblock(mina, joon).await.unwrap();
    assert!(!house.records.is_blocked(mina, joon).await.unwrap());
}

#[tokio::test]
async fn the_store_says_how_it_is() {
    let house = House::open().await;
    let health = house.records.health().await.unwrap();
    assert_eq!(
        (health.schema, health.heartbeat, health.rounds_behind),
        (store_postgres::SCHEMA_VERSION, None, 0)
    );
    house.write("INSERT INTO heartbeat (id, at) VALUES (1, 9)", &[]).await;
    let seller = house.member("mina").await;
    house.list(seller, "의자", 1).await;
    house.list(seller, "책상", 1).await;
    let health = house.records.health().await.unwrap();
    assert_eq!((health.heartbeat, health.rounds_behind), (Some(Time(9)), 2));
    house.follow().await;
    assert_eq!(house.records.health().await.unwrap().rounds_behind, 0);
}
