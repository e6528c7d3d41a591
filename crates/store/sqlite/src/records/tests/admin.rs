//! Suspensions, blocks and admins, with what follows from each.

use auction::{AuctionId, OrderId, Outcome, Time};
use ledger::MemberId;
use store::records::{Paged, ProfileRecords, Removal};
use store::{Act, ActKind, Records};

use super::{House, after, bid, first};

fn act(kind: ActKind, member: Option<MemberId>, at: i64) -> Act {
    let (auction, order, withdrawal) = (None, None, None);
    Act { admin: None, kind, member, auction, order, withdrawal, reason: "spam".to_owned(), at: Time(at) }
}

/// What is to be done: auction, whose bids, on whose behalf, why.
type Chore = (i64, Option<i64>, Option<i64>, Option<String>);

fn chores(house: &House) -> Vec<Chore> {
    let writer = house.writer.borrow();
    let mut statement =
        writer.0.prepare("SELECT auction, member, seller, reason FROM chores ORDER BY id").unwrap();
    let chore = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    statement.query_map([], chore).unwrap().map(Result::unwrap).collect()
}

/// Mina sells four auctions and Joon one; Joon bid on three of Mina's, of which one is over and one started afresh, and
/// on one of Sora's, where his bid was taken back already.
fn market() -> (House, [MemberId; 3], [AuctionId; 6]) {
    let house = House::open();
    let [mina, joon, sora] = ["mina", "joon", "sora"].map(|name| house.member(name));
    let [led, over, afresh, untouched] = [(); 4].map(|()| house.list(mina, "의자", 50));
    let own = house.list(joon, "책상", 50);
    let other = house.list(sora, "책", 50);
    for auction in [led, over, afresh, other] {
        house.bids(auction, &[bid(joon, 2_000)]);
    }
    house.close(over, Outcome::Sold);
    house.write("UPDATE auctions SET afresh = 2 WHERE id = ?1", [afresh.0]);
    house.write("UPDATE bidders SET is_out = 1 WHERE auction = ?1", [other.0]);
    house.write("UPDATE bidders SET since = 2 WHERE is_out = 0", []);
    (house, [mina, joon, sora], [led, over, afresh, untouched, own, other])
}

#[test]
fn a_suspension_names_where_bids_are_taken_back_and_what_is_cancelled() {
    let (house, [_, joon, _], [led, _, _, _, own, _]) = market();
    let suspend = |id| house.ask(house.records.suspend(id, act(ActKind::Suspended, Some(id), 5)));
    assert!(!suspend(MemberId(99)));
    assert_eq!((suspend(joon), suspend(joon)), (true, false));
    assert!(house.ask(house.records.member(joon)).unwrap().suspended);
    // The reason of a suspension is between him and the house.
    let why: Option<String> = None;
    assert_eq!(chores(&house), [(led.0, Some(joon.0), None, why.clone()), (own.0, None, None, why)]);

    let restore = || house.ask(house.records.restore(joon, act(ActKind::Restored, Some(joon), 6)));
    assert_eq!((restore(), restore()), (true, false));
    assert!(!house.ask(house.records.member(joon)).unwrap().suspended);
    assert_eq!(chores(&house).len(), 2);
    let kinds: Vec<_> = acts(&house, None).iter().map(|act| act.kind).collect();
    assert_eq!(kinds, [ActKind::Restored, ActKind::Suspended], "each with what it did, and nothing else");
}

#[test]
fn a_block_names_the_sellers_own_auctions_alone() {
    let (house, [mina, joon, sora], [led, ..]) = market();
    let block = |seller, reason: Option<&str>, at| {
        house.ask(house.records.block(seller, joon, reason.map(str::to_owned), Time(at))).unwrap();
    };
    block(sora, None, 1);
    assert_eq!(chores(&house), []);
    block(mina, Some("no show"), 1);
    let expected = [(led.0, Some(joon.0), Some(mina.0), Some("no show".to_owned()))];
    assert_eq!(chores(&house), expected);
    block(mina, None, 2);
    assert_eq!(chores(&house), expected, "he was blocked already");
    block(mina, Some("still no show"), 3);
    assert_eq!(chores(&house), expected, "one with a reason waits already");
    house.write("DELETE FROM chores", []);
    block(mina, None, 4);
    assert_eq!(chores(&house), [], "without a reason nothing more is due");
    block(mina, Some("no show"), 5);
    assert_eq!(chores(&house), expected, "the lead that could not be taken back without a reason");
    assert_eq!(house.number("SELECT at FROM blocks WHERE seller = ?1", [mina.0]), 1);
    assert!(house.ask(house.records.is_blocked(mina, joon)));
    assert_eq!(acts(&house, None), [], "no admin did it");
}

/// As whoever is suspended: his bids are taken back where something could still be offered to him.
#[test]
fn nothing_is_offered_to_whoever_has_left() {
    let (house, [_, joon, _], [led, _, _, _, own, _]) = market();
    house.close(own, Outcome::Unsold);
    let known = house.ask(house.records.credentials("joon")).unwrap().1;
    let removal = Removal { member: joon, known, nickname: "탈퇴한 이웃".to_owned(), at: Time(5) };
    assert_eq!(house.ask(house.records.remove_member(removal)), Ok(()));
    assert_eq!(chores(&house), [(led.0, Some(joon.0), None, None)]);
}

#[test]
fn admins_are_made_and_marks_lifted() {
    let house = House::open();
    let mina = house.member("mina");
    let grant =
        |is_admin| house.ask(house.records.set_admin(mina, is_admin, act(ActKind::Granted, Some(mina), 1)));
    let is_admin = || house.ask(house.records.member(mina)).unwrap().is_admin;
    assert_eq!((grant(false), is_admin()), (false, false));
    assert_eq!((grant(true), is_admin()), (true, true));
    assert_eq!((grant(true), is_admin()), (false, true));
    assert_eq!((grant(false), is_admin()), (true, false));
    let lift = |id, at| house.ask(house.records.lift_marks(id, act(ActKind::MarksLifted, Some(id), at)));
    let lifted = || house.number("SELECT marks_lifted_at FROM members WHERE id = ?1", [mina.0]);
    assert_eq!((lift(mina, 9), lifted()), (true, 9));
    assert_eq!((lift(mina, 8), lifted()), (true, 9), "what is lifted stays so");
    assert!(!lift(MemberId(99), 9));
    assert_eq!(acts(&house, None).len(), 4);
}

/// Where an order stands, and what follows it: its state, its fault, its refund of 10,000 won, when it ended.
type Stands = (i64, Option<i64>, Option<i64>, Option<i64>);

/// After the hammer a chore follows as long as the thing may still be offered. One line: the orders one after another, whether
/// an offer is open, and whether a chore follows a deed at the end of the fourteenth day.
#[test]
fn chores_follow_to_what_may_still_be_offered() {
    const END: i64 = 14 * 86_400_000_000;
    let whole = Some(10_000);
    let (fallen, late): (Stands, Stands) = ((3, Some(0), whole, Some(1)), (3, Some(0), whole, Some(0)));
    let lines: [(&[Stands], bool, bool); 13] = [
        (&[], false, false),
        (&[(0, None, None, None)], false, true),
        (&[(1, None, None, None)], false, true),
        (&[(4, None, None, None)], false, true),
        (&[(2, None, Some(0), Some(1))], false, false),
        (&[fallen], false, true),
        (&[late], false, false),
        (&[late], true, true),
        (&[(3, Some(1), whole, Some(1))], false, false),
        (&[(5, Some(0), whole, Some(1))], false, true),
        (&[(5, Some(0), Some(9_999), Some(1))], false, false),
        (&[fallen, (0, None, None, None)], false, true),
        (&[fallen, (2, None, Some(0), Some(1))], false, false),
    ];
    for (number, (orders, is_offered, follows)) in lines.into_iter().enumerate() {
        for is_block in [false, true] {
            let house = House::open();
            let [mina, joon, sora] = ["mina", "joon", "sora"].map(|name| house.member(name));
            let auction = house.list(mina, "의자", 50);
            house.bids(auction, &[bid(joon, 2_000), bid(sora, 3_000)]);
            house.close(auction, Outcome::Sold);
            for (state, fault, refund, ended) in orders {
                let order = house.order(auction, sora, mina);
                let sql =
                    "UPDATE orders SET state = ?2, fault = ?3, refund = ?4, ended_at = ?5 WHERE id = ?1";
                house.write(sql, (order.0, state, fault, refund, ended));
            }
            if is_offered {
                let sql = "INSERT INTO offers (auction, number, member, price, at, until, state) \
                           VALUES (?1, 1, ?2, 2000, 0, 1, 0)";
                house.write(sql, (auction.0, sora.0));
            }
            if is_block {
                house.ask(house.records.block(mina, joon, None, Time(END))).unwrap();
            } else {
                assert!(house.ask(house.records.suspend(joon, act(ActKind::Suspended, Some(joon), END))));
            }
            let seller = is_block.then_some(mina.0);
            let expected = follows.then_some((auction.0, Some(joon.0), seller, None));
            assert_eq!(chores(&house), expected.into_iter().collect::<Vec<_>>(), "line {number}");
        }
    }
}

fn acts(house: &House, concerning: Option<MemberId>) -> Vec<Act> {
    house.ask(house.records.acts(concerning, first(9))).items
}

#[test]
fn acts_are_shown_to_whom_they_concern() {
    let house = House::open();
    let [mina, joon, sora] = ["mina", "joon", "sora"].map(|name| house.member(name));
    let order = house.order(house.list(mina, "의자", 1), joon, mina);
    let keep = |act: &Act| crate::rows::people::keep_act(&house.writer.borrow().0, act).unwrap();
    let of_order = Act { order: Some(order), admin: Some(sora), ..act(ActKind::Decided, None, 2) };
    let of_nobody = Act { order: Some(OrderId(9)), ..act(ActKind::Decided, None, 4) };
    // One that names a side as well comes once.
    let of_both = Act { order: Some(order), ..act(ActKind::Decided, Some(joon), 3) };
    let all = [act(ActKind::Deposited, Some(mina), 1), of_order.clone(), of_both.clone(), of_nobody.clone()];
    all.iter().for_each(keep);
    assert_eq!(acts(&house, None), [of_nobody, of_both.clone(), of_order.clone(), all[0].clone()]);
    assert_eq!(acts(&house, Some(mina)), [of_both.clone(), of_order.clone(), all[0].clone()]);
    assert_eq!(acts(&house, Some(joon)), [of_both.clone(), of_order.clone()]);
    assert_eq!(acts(&house, Some(sora)), [], "he decided, and is no side");
    let Paged { items, next } = house.ask(house.records.acts(Some(mina), first(2)));
    assert_eq!(items, [of_both, of_order]);
    let Paged { items, next } = house.ask(house.records.acts(Some(mina), after(next, 2)));
    assert_eq!((items, next), (vec![all[0].clone()], None));
}
