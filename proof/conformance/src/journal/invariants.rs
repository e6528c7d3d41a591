//! What holds in a market at rest, whatever happened in it, looked at in the memory model.
//!
//! [`violations`] names each promise that is broken and where; a test plants a violation of each.

use std::collections::BTreeMap;

use auction::{Auction, AuctionId, Bidder, EventKind, OfferState, Order, Outcome, aftermath_deadline};
use ledger::{Account, Money, OrderId, Reason, TransferId};
use store::memory::Market;
use store::{NewTransfer, WithdrawalState};

/// Panics if a promise is broken.
pub fn hold(market: &Market, seed: u64) {
    let broken = violations(market);
    assert!(broken.is_empty(), "seed {seed}: {broken:#?}");
}

/// Every promise that is broken, each with where.
pub fn violations(market: &Market) -> Vec<String> {
    let mut found = Vec::new();
    money(market, &mut found);
    for auction in market.auctions.values() {
        of_auction(market, auction, &mut found);
        history(market, auction, &mut found);
        aftermath(market, auction, &mut found);
    }
    market.orders.values().for_each(|order| of_order(market, order, &mut found));
    items(market, &mut found);
    found
}

/// Notes what does not hold.
fn must(holds: bool, found: &mut Vec<String>, what: impl FnOnce() -> String) {
    if !holds {
        found.push(what());
    }
}

fn balances<'a>(transfers: impl Iterator<Item = &'a NewTransfer>) -> BTreeMap<Account, i64> {
    let mut balances = BTreeMap::new();
    for NewTransfer { transfer, .. } in transfers {
        *balances.entry(transfer.from).or_default() -= transfer.amount.won();
        *balances.entry(transfer.to).or_default() += transfer.amount.won();
    }
    balances
}

fn money(market: &Market, found: &mut Vec<String>) {
    let balances = balances(market.transfers.values());
    let balance = |account: Account| balances.get(&account).copied().unwrap_or_default();
    let houses = [Account::Cash, Account::Escrow, Account::Fees, Account::Payable];
    let mut sum: i64 = houses.into_iter().map(balance).sum();
    for (member, standing) in &market.members {
        let (available, held) = (standing.wallet.available.won(), standing.wallet.held.won());
        sum += available + held;
        let moved = (balance(Account::Available(*member)), balance(Account::Held(*member)));
        must(moved == (available, held), found, || format!("wallet_is_its_transfers: {member:?} {moved:?}"));
        let parts = market.bidders.values().filter(|bidder| bidder.member == *member);
        let holds: i64 = parts.map(|bidder| bidder.hold.won()).sum();
        let taken_back = market.transfers.values().filter(|new| {
            new.transfer.reason == Reason::DepositReversed && new.transfer.from.member() == Some(*member)
        });
        let taken_back: i64 = taken_back.map(|new| new.transfer.amount.won()).sum();
        let debts = market.debts.values().filter(|debt| debt.member == *member);
        let said: i64 = debts.map(|debt| debt.amount.won() - debt.missing.won()).sum();
        must(said == taken_back, found, || format!("debts_are_what_lacks: {member:?} {said} {taken_back}"));
        must(holds == held, found, || format!("held_is_open_holds: {member:?} {holds} {held}"));
    }
    must(sum == 0, found, || format!("money_sums_to_zero: {sum}"));
    let numbers = market.transfers.keys().copied();
    must(numbers.eq((1..=market.transfers.len() as i64).map(TransferId)), found, || {
        "transfers_without_hole".to_owned()
    });
    let open = market.orders.values().filter(|order| order.state.is_open());
    let open: i64 = open.map(|order| order.price.won()).sum();
    let escrow = balance(Account::Escrow);
    must(open == escrow, found, || format!("escrow_is_open_orders: {open} {escrow}"));
    let waiting = market.withdrawals.values().filter(|one| one.state == WithdrawalState::Requested);
    let waiting: i64 = waiting.map(|one| one.amount.won()).sum();
    let payable = balance(Account::Payable);
    must(waiting == payable, found, || format!("payable_is_requested: {waiting} {payable}"));
    must(balance(Account::Fees) >= 0, found, || "fees_below_zero".to_owned());
}

fn parts(market: &Market, auction: AuctionId) -> impl Iterator<Item = &Bidder> {
    market.bidders.values().filter(move |bidder| bidder.auction == auction)
}

fn of_auction(market: &Market, auction: &Auction, found: &mut Vec<String>) {
    let id = auction.id;
    must(parts(market, id).all(|bidder| bidder.member != auction.seller), found, || {
        format!("seller_never_bids: {id:?}")
    });
    let leader = auction.leader.filter(|_| auction.outcome.is_none());
    for bidder in parts(market, id) {
        let own = leader.filter(|leader| leader.member == bidder.member);
        let held = own.map_or(Money::ZERO, |leader| leader.commitment);
        must(bidder.hold == held, found, || format!("leader_has_the_only_hold: {id:?} {bidder:?}"));
        let is_beaten = auction.leader.is_some_and(|leader| leader.member != bidder.member);
        let is_below = !bidder.counts_in(auction) || bidder.commitment <= auction.price;
        must(!is_beaten || is_below, found, || format!("beaten_below_price: {id:?} {bidder:?}"));
    }
    let numbers = parts(market, id).map(|bidder| bidder.number).max().unwrap_or_default();
    must(numbers == auction.bidders && parts(market, id).count() as i64 == numbers, found, || {
        format!("bidder_numbers: {id:?}")
    });
    let Some(leader) = leader else { return };
    let row = market.bidders.get(&(id, leader.member));
    must(row.is_some_and(|row| row.commitment == leader.commitment), found, || {
        format!("leader_has_his_row: {id:?}")
    });
    must(auction.price <= leader.commitment, found, || format!("price_within_maximum: {id:?}"));
    must(auction.buy_now.is_none_or(|buy_now| auction.price < buy_now), found, || {
        format!("price_below_buy_now: {id:?}")
    });
    let agrees = |reserve: Money| (auction.price >= reserve) == (leader.commitment >= reserve);
    must(auction.reserve.is_none_or(agrees), found, || format!("reserve_shows_in_price: {id:?}"));
}

fn history(market: &Market, auction: &Auction, found: &mut Vec<String>) {
    let id = auction.id;
    let events: Vec<_> = market.events.values().filter(|event| event.auction == id).collect();
    let numbers = events.iter().map(|event| event.seq.0);
    must(numbers.eq(1..=auction.seq.0), found, || format!("events_without_hole: {id:?}"));
    must(events.is_sorted_by_key(|event| event.at), found, || format!("time_never_falls: {id:?}"));
    let rows = events.iter().filter(|event| event.kind == EventKind::Bid && event.seq > auction.afresh);
    must(rows.count() as i64 == auction.bid_count, found, || format!("bid_count: {id:?}"));
    let newest = events.iter().rfind(|event| event.kind.is_row());
    must(newest.is_none_or(|row| row.amount == Some(auction.price)), found, || {
        format!("price_is_latest_row: {id:?}")
    });
    let is_last = |kind| matches!(kind, EventKind::Closed | EventKind::Cancelled);
    let endings = events.iter().filter(|event| is_last(event.kind)).count();
    let ends = events.last().is_some_and(|event| is_last(event.kind) && event.outcome == auction.outcome);
    let is_over = auction.outcome.is_some();
    must(endings == usize::from(is_over) && ends == is_over, found, || format!("one_ending: {id:?}"));
}

fn aftermath(market: &Market, auction: &Auction, found: &mut Vec<String>) {
    let id = auction.id;
    let orders: Vec<&Order> = market.orders.values().filter(|order| order.auction == id).collect();
    let offers = || market.offers.values().filter(|offer| offer.auction == id);
    let open_orders = orders.iter().filter(|order| order.state.is_open()).count();
    let open_offers = offers().filter(|offer| offer.state == OfferState::Open).count();
    must(open_orders + open_offers <= 1, found, || format!("one_order_or_offer: {id:?}"));
    let was_sold = matches!(auction.outcome, Some(Outcome::Sold | Outcome::Bought));
    let sales = orders.iter().filter(|order| !order.is_second_chance).count();
    must(sales == usize::from(was_sold), found, || format!("one_settlement: {id:?}"));
    let second: Vec<_> = orders.iter().filter(|order| order.is_second_chance).collect();
    let accepted = offers().filter(|offer| offer.state == OfferState::Accepted);
    let prices = second.iter().map(|order| (order.buyer, order.price));
    must(prices.eq(accepted.map(|offer| (offer.member, offer.price))), found, || {
        format!("second_chances: {id:?}")
    });
    let to_suspended = offers().filter(|offer| offer.state == OfferState::Open).find(|offer| {
        let is_suspended = market.members.get(&offer.member).is_some_and(|member| member.suspended);
        let is_his = |chore: &store::Chore| chore.auction == id && chore.member == Some(offer.member);
        is_suspended && !market.chores.values().any(is_his)
    });
    must(to_suspended.is_none(), found, || format!("suspended_are_offered_nothing: {id:?}"));
    let after = auction::Aftermath {
        order: orders.last().map(|order| (*order).clone()),
        offers: offers().copied().collect(),
    };
    let due = auction.deadline().or_else(|| aftermath_deadline(&after).filter(|_| auction.outcome.is_some()));
    let armed = market.deadlines.get(&id);
    must(due.is_none_or(|due| armed.is_some_and(|armed| *armed <= due)), found, || {
        format!("deadline_is_armed: {id:?} {due:?} {armed:?}")
    });
}

fn of_order(market: &Market, order: &Order, found: &mut Vec<String>) {
    let id = order.id;
    let steps = market.steps.values().filter(|step| step.order == id);
    must(steps.clone().map(|step| step.seq).eq(1..=order.seq), found, || {
        format!("steps_without_hole: {id:?}")
    });
    must(steps.map(|step| step.at).is_sorted(), found, || format!("time_never_falls: {id:?}"));
    let paid = |reason: Reason| paid(market, id, reason);
    must(paid(Reason::Purchase) == order.price.won(), found, || format!("purchase_is_price: {id:?}"));
    let out = [Reason::Payout, Reason::Fee, Reason::Refund].map(paid);
    let must_be_out = if order.state.is_open() { 0 } else { order.price.won() };
    must(out.iter().sum::<i64>() == must_be_out, found, || {
        format!("payout_and_fee_and_refund_are_price: {id:?}")
    });
    let said = (order.fee.unwrap_or_default().won(), order.refund.unwrap_or_default().won());
    must(said == (out[1], out[2]), found, || format!("order_says_what_was_paid: {id:?}"));
    let is_over = order.ended_at.is_some();
    must(is_over != order.state.is_open(), found, || format!("order_ends_once: {id:?}"));
}

fn paid(market: &Market, order: OrderId, reason: Reason) -> i64 {
    let of_order = market.transfers.values().filter(|new| new.order == Some(order));
    of_order.filter(|new| new.transfer.reason == reason).map(|new| new.transfer.amount.won()).sum()
}

/// Of an item at most one auction runs, and none while an order or offer of another is open.
fn items(market: &Market, found: &mut Vec<String>) {
    let mut under_way: BTreeMap<auction::ItemId, usize> = BTreeMap::new();
    for auction in market.auctions.values() {
        let id = auction.id;
        let has_order = market.orders.values().any(|order| order.auction == id && order.state.is_open());
        let is_offered =
            market.offers.values().any(|offer| offer.auction == id && offer.state == OfferState::Open);
        let counts = auction.outcome.is_none() || has_order || is_offered;
        *under_way.entry(auction.item).or_default() += usize::from(counts);
        let follower = auction.followed_by.and_then(|next| market.auctions.get(&next));
        let is_his = follower.is_some_and(|next| next.item == auction.item && next.id > id);
        must(auction.followed_by.is_none() || is_his, found, || format!("followed_by_its_own: {id:?}"));
    }
    for (item, sales) in under_way {
        must(sales <= 1, found, || format!("one_sale_of_an_item: {item:?}"));
    }
}
