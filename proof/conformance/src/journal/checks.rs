//! What the engine's door promises, one by one. Each check is given a new, empty store.

mod bids;
mod people;
mod pictures;
mod sales;
mod taking;

use auction::{AuctionId, Bid, Command, Hand, ItemId, Order, OrderId, Outage, Outcome, Seq, Span, Time};
use ledger::MemberId;
use store::{Due, FirstAnswer, Journal, Key, Portion, Round, Wanted};

use super::acts::{Act, chair};
use super::deed::Deed;
use super::house::House;
use super::snapshot::{Extent, Snapshot};
use super::{HandClock, UnderTest};

pub use bids::{
    a_bidders_row_is_read_back, a_silent_raise_is_kept, an_edit_is_read_back, an_item_is_auctioned_again,
    rivals_are_the_highest_that_count,
};
pub use people::{
    acts_are_kept, chores_are_done_once, chores_come_in_portions, chores_end_with_the_fortnight,
    chores_follow_after_the_hammer, marks_bar_from_listing, money_is_of_one_kind,
    withdrawals_are_settled_once,
};
pub use pictures::{old_auctions_keep_their_pictures, pictures_are_read_back, uploads_are_their_members};
pub use sales::{
    a_stale_order_is_rejected, an_order_is_read_back, offers_are_read_back, one_order_is_open,
    what_follows_a_sale_comes_in_pages,
};
pub use taking::{deposits_are_taken_back_once, fees_are_taken_out};

const SELLER: MemberId = MemberId(1);
const ANNA: MemberId = MemberId(2);
const BERT: MemberId = MemberId(3);
const CHAIR: AuctionId = AuctionId(1);

fn key(text: &str, member: MemberId) -> Key {
    Key { text: text.into(), member }
}

fn bid(bidder: MemberId, amount: i64) -> Act {
    Act::Command(CHAIR, Command::Bid(Bid { bidder, amount: Some(amount), maximum: None, terms: None }))
}

fn list(clock: &HandClock) -> Act {
    Act::List(Box::new(chair(SELLER, clock.now())))
}

/// A seller and two bidders with 100,000 won each, and a chair for sale.
async fn market<S: UnderTest>(store: S, clock: &HandClock) -> House<S> {
    let mut house = House::with_members(store, 3, 100_000).await;
    house.act(list(clock), Some(key("list", SELLER))).await;
    house
}

/// A new store is empty, and gives out the numbers from 1 on.
pub async fn a_new_store_is_empty<S: UnderTest>(store: S, _clock: HandClock) {
    let mut house = House::open(store).await;
    house.keys.insert(key("none", SELLER));
    house.stands_for_good().await;
}

/// Auctions, wallets, parts, keys and deadlines are read back as they were kept, also by a store opened again.
pub async fn what_is_kept_is_read_back<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    house.act(Act::Deposit(ANNA, 7_000), Some(key("deposit", ANNA))).await;
    clock.pass(Span::seconds(5));
    house.act(bid(ANNA, 10_000), Some(key("first", ANNA))).await;
    house.act(bid(BERT, 20_000), Some(key("second", BERT))).await;
    house.act(bid(ANNA, 30_000), Some(key("third", ANNA))).await;
    let mut later = chair(SELLER, clock.now());
    (later.bid_unit, later.buy_now_price) = (None, None);
    later.starts_at = Some(clock.now().plus(Span::hours(1)));
    house.act(Act::List(Box::new(later)), None).await;
    house.stands_for_good().await;
    clock.pass(Span::seconds(5));
    let buy = Command::BuyNow { buyer: BERT, terms: None };
    house.act(Act::Command(CHAIR, buy), Some(key("buy", BERT))).await;
    let cancel = Command::Cancel { by: Hand::Seller(SELLER), reason: Some("잃어버렸어요".to_owned()) };
    house.act(Act::Command(AuctionId(2), cancel), Some(key("cancel", SELLER))).await;
    house.stands_for_good().await;
}

/// An auction that ends by itself: sold to the leader, moved by an outage before.
pub async fn an_end_is_read_back<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    house.act(bid(ANNA, 10_000), Some(key("first", ANNA))).await;
    let heartbeat = clock.now();
    clock.pass(Span::hours(30));
    let outage = Outage { heartbeat, back: clock.now() };
    house.act(Act::Command(CHAIR, Command::ExtendForOutage(outage)), None).await;
    house.stands_for_good().await;
    clock.pass(Span::hours(48));
    let round = house.act(Act::Command(CHAIR, Command::Close), None).await;
    assert_eq!(round.auctions.first().and_then(|(_, auction)| auction.outcome), Some(Outcome::Sold));
    house.stands_for_good().await;
}

/// What was appended can be read in full: every event, transfer and order.
pub async fn history_is_kept<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    let buy = Command::BuyNow { buyer: BERT, terms: None };
    let rounds = [house.act(bid(ANNA, 10_000), None).await, house.act(Act::Command(CHAIR, buy), None).await];
    let (store, journal) = house.parts();
    let history = store.history(journal).await;
    let steps = rounds[1].steps.clone();
    let events = rounds.iter().flat_map(|round| round.events.clone());
    assert!(history.events.iter().skip(2).cloned().eq(events), "{:?}", history.events);
    let transfers = rounds.iter().flat_map(|round| round.transfers.clone());
    assert!(history.transfers.iter().skip(3).copied().eq(transfers), "{:?}", history.transfers);
    let orders: Vec<Order> = rounds[1].orders.iter().map(|(_, order)| order.clone()).collect();
    assert_eq!((history.orders, history.steps), (orders, steps));
}

/// Numbers go on where they were, whatever became of the rounds between.
pub async fn numbers_go_on<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    house.act(bid(ANNA, 10_000), None).await;
    let deposit = Act::Deposit(ANNA, 1);
    house.begin(&deposit, None).await;
    house.journal().abandon().await;
    house.stands("after an abandoned round").await;
    let loaded = house.begin(&bid(BERT, 20_000), None).await;
    let mut stale = bid(BERT, 20_000).round(&loaded, None);
    stale.auctions[0].0 = Seq(0);
    house.keep_rejected(&stale).await;
    house.act(bid(BERT, 20_000), None).await;
    house.act(list(&clock), None).await;
    assert_eq!(house.must.next.auction, 3);
    house.stands_for_good().await;
}

/// A round that is abandoned leaves nothing.
pub async fn an_abandoned_round_leaves_nothing<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    let act = bid(ANNA, 10_000);
    let loaded = house.begin(&act, Some(&key("first", ANNA))).await;
    act.round(&loaded, Some(key("first", ANNA)));
    house.journal().abandon().await;
    house.stands_for_good().await;
}

/// A round on an auction that is no longer as it was locked is rejected whole.
pub async fn a_stale_auction_is_rejected<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    let act = bid(ANNA, 10_000);
    let stale = house.begin(&act, None).await;
    house.journal().abandon().await;
    house.act(bid(BERT, 20_000), None).await;
    let new = house.begin(&act, Some(&key("late", ANNA))).await;
    let mut round = act.round(&stale, Some(key("late", ANNA)));
    round.transfers.iter_mut().zip(new.next.transfer..).for_each(|(new, id)| new.id.0 = id);
    house.keep_rejected(&round).await;
    house.stands_for_good().await;
}

/// An event's number is given once: a round that gives it again is rejected whole.
pub async fn an_event_is_kept_once<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    house.act(bid(ANNA, 10_000), None).await;
    let act = bid(BERT, 20_000);
    let loaded = house.begin(&act, None).await;
    let mut round = act.round(&loaded, None);
    round.events[0].seq = Seq(3);
    house.keep_rejected(&round).await;
    house.stands_for_good().await;
}

/// A key is kept once: a round that brings it again is rejected whole.
pub async fn a_key_is_kept_once<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    house.act(bid(ANNA, 10_000), Some(key("mine", ANNA))).await;
    let act = bid(ANNA, 20_000);
    let loaded = house.begin(&act, Some(&key("mine", ANNA))).await;
    assert!(loaded.keys.contains_key(&key("mine", ANNA)));
    house.keep_rejected(&act.round(&loaded, Some(key("mine", ANNA)))).await;
    house.stands_for_good().await;
}

/// The same text is another key for another member.
pub async fn a_key_speaks_for_its_member_only<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    house.act(bid(ANNA, 10_000), Some(key("same", ANNA))).await;
    let loaded = house.begin(&bid(BERT, 20_000), Some(&key("same", BERT))).await;
    assert_eq!(loaded.keys.len(), 0, "BERT never used it");
    house.journal().abandon().await;
    house.act(bid(BERT, 20_000), Some(key("same", BERT))).await;
    let loaded = house.begin(&bid(ANNA, 30_000), Some(&key("same", ANNA))).await;
    house.journal().abandon().await;
    let first = loaded.keys.get(&key("same", ANNA)).map(|kept| kept.first.clone());
    assert!(matches!(first, Some(FirstAnswer::Auction { event, order: None }) if event.seq == Seq(3)));
    house.stands_for_good().await;
}

/// An auction is settled once: a second order for it is rejected.
pub async fn an_auction_is_settled_once<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    let buy = Act::Command(CHAIR, Command::BuyNow { buyer: ANNA, terms: None });
    let bought = house.act(buy, None).await;
    let act = Act::Deposit(BERT, 5_000);
    let loaded = house.begin(&act, None).await;
    let mut round = act.round(&loaded, None);
    let sale = Order { id: OrderId(loaded.next.order), ..bought.orders[0].1.clone() };
    round.orders.push((None, sale));
    house.keep_rejected(&round).await;
    house.stands_for_good().await;
}

/// Suspensions, admins and blocks are reported from the next round on, blocks for the seller's auctions only.
pub async fn suspensions_and_blocks_are_reported<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    let mut other = chair(ANNA, clock.now());
    other.item.seller = ANNA;
    house.act(Act::List(Box::new(other)), None).await;
    let block = Deed::Block { seller: SELLER, member: BERT, reason: None };
    for deed in [Deed::Suspend(BERT), Deed::SetAdmin(ANNA, true), block.clone(), block] {
        assert!(house.perform(&deed).await, "{deed:?}");
    }
    for deed in [Deed::Suspend(BERT), Deed::SetAdmin(ANNA, true), Deed::Restore(ANNA)] {
        assert!(!house.perform(&deed).await, "{deed:?}: it is so already");
    }
    house.must.members.entry(BERT).or_default().suspended = true;
    house.must.members.entry(ANNA).or_default().is_admin = true;
    house.must.blocked.insert((CHAIR, BERT));
    house.stands_for_good().await;
    let unblock = Deed::Unblock { seller: SELLER, member: BERT };
    for deed in [Deed::Restore(BERT), Deed::SetAdmin(ANNA, false), unblock] {
        assert!(house.perform(&deed).await, "{deed:?}");
    }
    house.must.members.entry(BERT).or_default().suspended = false;
    house.must.members.entry(ANNA).or_default().is_admin = false;
    house.must.blocked.clear();
    house.stands_for_good().await;
}

/// The wallets of leader and seller, and the leader's part, are read without being asked for.
pub async fn leaders_and_sellers_are_read_unasked<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    house.act(bid(ANNA, 10_000), None).await;
    let loaded = house.begin(&bid(BERT, 20_000), None).await;
    house.journal().abandon().await;
    assert!(loaded.members.keys().copied().eq([SELLER, ANNA, BERT]), "{:?}", loaded.members);
    assert!(loaded.bidders.keys().copied().eq([(CHAIR, ANNA)]), "{:?}", loaded.bidders);
}

/// What does not exist is not loaded, and is no failure.
pub async fn what_is_not_there_is_not_loaded<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    let nobody = MemberId(77);
    let act = Act::Command(
        AuctionId(66),
        Command::Bid(Bid { bidder: nobody, amount: Some(1), maximum: None, terms: None }),
    );
    let loaded = house.begin(&act, Some(&key("none", nobody))).await;
    house.journal().abandon().await;
    assert_eq!((loaded.auctions.len(), loaded.members.len(), loaded.keys.len()), (0, 0, 0));
    house.stands_for_good().await;
}

/// The time of a round is what the clock shows once everything is locked.
pub async fn the_time_of_a_round_is_the_clocks<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    for span in [Span::seconds(1), Span::hours(1), Span(-Span::minutes(10).0)] {
        clock.jump(span);
        let loaded = house.begin(&bid(ANNA, 1_000), None).await;
        house.journal().abandon().await;
        assert_eq!(loaded.now, clock.now());
    }
}

/// What is due comes soonest first, in pages, each behind the last row of the one before.
pub async fn what_is_due_comes_in_pages<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = House::with_members(store, 1, 1).await;
    for minutes in [50, 20, 20, 90, 20, 30] {
        let mut listing = chair(SELLER, clock.now());
        listing.ends_at = clock.now().plus(Span::minutes(minutes));
        house.act(Act::List(Box::new(listing)), None).await;
    }
    let at = |minutes| clock.now().plus(Span::minutes(minutes));
    let due = |minutes, auction| Due { at: at(minutes), auction: AuctionId(auction) };
    let all = [due(20, 2), due(20, 3), due(20, 5), due(30, 6), due(50, 1), due(90, 4)];
    let journal = house.journal();
    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let page = journal.due(Portion::WHOLE, after, at(50), 2).await.expect("a page");
        assert!(page.len() <= 2);
        let Some(last) = page.last().copied() else { break };
        pages.extend(page);
        after = Some(last);
    }
    assert_eq!(pages, all[..5], "up to the moment asked for, and with it");
    assert_eq!(journal.due(Portion::WHOLE, None, at(19), 9).await.expect("a page"), []);
    let rest = journal.due(Portion::WHOLE, Some(due(20, 3)), Time(i64::MAX), 9).await;
    assert_eq!(rest.expect("a page"), all[2..]);
    house.stands_for_good().await;
}

/// Each portion hears of its own auctions, and of all of them, whatever their numbers and however much is due before them
/// in other portions.
pub async fn what_is_due_comes_in_portions<S: UnderTest>(store: S, _clock: HandClock) {
    let mut house = House::open(store).await;
    let numbers = [i64::MIN, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, i64::MAX];
    let armed = numbers.map(|number| (AuctionId(number), Some(Time(number.abs_diff(-7).min(99) as i64))));
    let loaded = house.journal().begin(&Wanted::default()).await.expect("a round begins");
    let round = Round { now: loaded.now, deadlines: armed.to_vec(), ..Round::default() };
    house.keep(&round).await.expect("a round is kept");
    let journal = house.journal();
    let all = journal.due(Portion::WHOLE, None, Time(i64::MAX), 99).await.expect("all");
    assert_eq!(all.len(), numbers.len());
    for portions in [1, 2, 3, 5, 64] {
        for index in 0..portions {
            let portion = Portion::of(index, portions);
            let mine = |due: &Due| Portion::index_of(due.auction.0, portions) == index;
            let mine: Vec<Due> = all.iter().copied().filter(mine).collect();
            assert!(mine.iter().all(|due| portion.holds(due.auction)), "{portion:?}");
            let said = journal.due(portion, None, Time(i64::MAX), mine.len()).await.expect("a portion");
            assert_eq!(said, mine, "{portion:?}: others take no room");
        }
    }
    house.stands_for_good().await;
}

/// A deadline is armed, moved and disarmed by rounds that do nothing else.
pub async fn deadlines_move<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    for deadline in [Some(Time(5)), Some(Time(3)), None, None, Some(Time(9))] {
        let wanted = Wanted { auctions: vec![CHAIR], ..Wanted::default() };
        let loaded = house.journal().begin(&wanted).await.expect("a round begins");
        let round = Round { now: loaded.now, deadlines: vec![(CHAIR, deadline)], ..Round::default() };
        house.keep(&round).await.expect("a round is kept");
        house.stands("moved").await;
    }
    house.stands_for_good().await;
}

/// The heartbeat is kept by itself and with a round, and is still known when the store is opened again.
pub async fn a_heartbeat_is_kept<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    clock.pass(Span::seconds(1));
    let beat = house.journal().beat().await.expect("a beat");
    assert_eq!(beat, clock.now());
    house.must.heartbeat = Some(beat);
    house.stands_for_good().await;
    clock.pass(Span::seconds(1));
    let act = bid(ANNA, 10_000);
    let loaded = house.begin(&act, None).await;
    let mut round = act.round(&loaded, None);
    round.heartbeat = Some(loaded.now);
    house.keep(&round).await.expect("a round is kept");
    assert_eq!(house.must.heartbeat, Some(clock.now()));
    house.stands_for_good().await;
}

/// One round may hold many commands: a listing with bids on it, two sales, deposits.
pub async fn a_round_holds_many_commands<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    house.act(list(&clock), None).await;
    let acts = [Act::Deposit(SELLER, 10), Act::Deposit(ANNA, 20), Act::Deposit(SELLER, 30)];
    let wanted = Wanted { members: vec![SELLER, ANNA], ..Wanted::default() };
    let mut loaded = house.journal().begin(&wanted).await.expect("a round begins");
    let mut whole = Round { now: loaded.now, ..Round::default() };
    for (number, act) in acts.iter().enumerate() {
        let round = act.round(&loaded, None);
        loaded.next.transfer += round.transfers.len() as i64;
        for (member, wallet) in &round.wallets {
            loaded.members.entry(*member).or_default().wallet = *wallet;
            whole.wallets.retain(|(known, _)| known != member);
        }
        assert_eq!(round.transfers.len(), 1, "deposit {number}");
        whole.wallets.extend(round.wallets);
        whole.transfers.extend(round.transfers);
    }
    house.keep(&whole).await.expect("a round is kept");
    house.stands_for_good().await;
    assert_eq!(house.must.next.item, ItemId(3).0);
    let extent = Extent { auctions: 0, members: 2, withdrawals: 0 };
    let says = Snapshot::of(house.journal(), extent, &[].into(), [].into()).await;
    assert_eq!(says.members[&SELLER].wallet.version, 3);
}
