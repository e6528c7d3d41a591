//! What a member alone hears: his wallet, his notices, the end of a session; and everyone's farewell.

use super::*;

#[test]
fn wallets_are_told_to_every_connection_of_the_member_and_only_if_newer() {
    let house = House::new();
    let (mut one, mut two, mut stranger) = (house.hub.connect(), house.hub.connect(), house.hub.connect());
    assert!(one.sign_in(ANNA, 2) && two.sign_in(ANNA, 2));
    assert!(!stranger.sign_in(ANNA, 2), "two are allowed here");
    assert_eq!(stranger.member(), None);
    let mut round = told(CHAIR.0, 1, 1);
    round.wallets = vec![(ANNA, wallet(5)), (ANNA, wallet(6)), (bidder(1), wallet(9))];
    house.hub.publish(round);
    assert!(is_woken(&one) && is_woken(&two) && !is_woken(&stranger));
    let mut frames = Vec::new();
    one.collect(usize::MAX, &mut frames);
    assert_eq!(frames, [frame::wallet(wallet(6))]);
    one.show_wallet(wallet(6));
    one.show_wallet(wallet(5));
    assert_eq!(collected(&mut one), "");
    assert_eq!(collected(&mut two), "wallet");
    assert_eq!(collected(&mut stranger), "");
}

#[test]
fn the_very_first_wallet_is_shown() {
    let house = House::new();
    let mut connection = house.hub.connect();
    connection.show_wallet(wallet(0));
    assert_eq!(collected(&mut connection), "wallet");
}

#[test]
fn notices_that_nobody_reads_collapse_to_their_count() {
    let house = House::new();
    let mut reader = house.hub.connect();
    assert!(reader.sign_in(ANNA, 1));
    let notice = Frame::from(r#"{"type":"notice"}"#.to_owned());
    house.hub.notice(ANNA, &notice, 1);
    house.hub.notice(ANNA, &notice, 2);
    assert_eq!(collected(&mut reader), "notice notice unread");
    for count in 1..=1_000 {
        house.hub.notice(ANNA, &notice, count);
    }
    house.hub.unread(ANNA, 7);
    reader.show_unread(3);
    let mut frames = Vec::new();
    reader.collect(usize::MAX, &mut frames);
    assert!(frames.len() <= Settings::default().notices_max + 1);
    assert_eq!(frames.last(), Some(&frame::unread(7)));
}

#[test]
fn another_member_on_the_same_connection_hears_nothing_of_the_first() {
    let house = House::new();
    let mut connection = house.hub.connect();
    assert!(connection.sign_in(ANNA, 1));
    house.pay(ANNA, 3);
    assert!(connection.sign_in(MemberId(8), 1));
    house.pay(ANNA, 4);
    assert_eq!(collected(&mut connection), "");
    assert_eq!((house.hub.connections_of(ANNA), house.hub.connections_of(MemberId(8))), (0, 1));
    house.pay(MemberId(8), 1);
    connection.sign_out();
    assert_eq!(collected(&mut connection), "");
    assert_eq!(house.hub.connections_of(MemberId(8)), 0);
}

#[test]
fn a_member_whose_sessions_ended_makes_his_connections_look_once() {
    let house = House::new();
    let (mut one, stranger) = (house.hub.connect(), house.hub.connect());
    assert!(one.sign_in(ANNA, 1));
    assert!(!one.must_check_session());
    house.hub.sessions_changed(ANNA);
    assert!(is_woken(&one) && !is_woken(&stranger));
    assert!(one.must_check_session() && !stranger.must_check_session());
    assert!(!one.must_check_session());
}

#[test]
fn stopping_asks_everyone_to_leave_and_whoever_comes_after() {
    let house = House::new();
    let one = house.hub.connect();
    let two = house.hub.connect();
    assert!(!one.is_stopped());
    house.hub.stop();
    let late = house.hub.connect();
    for connection in [one, two, late] {
        assert!(is_woken(&connection) && connection.is_stopped());
    }
    assert_eq!(house.hub.connections(), 0);
}
