//! Bidding: amounts, maximums and buying, judged in the published order; then who leads, at which price (rules §2, §3).
//!
//! A maximum is answered with no more than others force. What a row and its rule say follows from figures that everyone
//! has, so that neither betrays what the leader keeps hidden.

use ledger::{LIMIT, MemberId, Money};

use crate::auction::{Auction, Leader, Outcome, ReserveStatus};
use crate::bidder::Bidder;
use crate::command::Bid;
use crate::decide::{Effects, Standing, takes_bids, terms_in_force};
use crate::event::{EventKind, Participant, PriceRule};
use crate::order::Order;
use crate::refusal::{Field, Refusal};
use crate::settlement;
use crate::time::Time;

/// The figures of a bid, once they make sense by themselves.
struct Figures {
    amount: Option<Money>,
    maximum: Option<Money>,
    /// The maximum, or the amount where there is none.
    most: Money,
}

/// A bid that was accepted, as it binds: nothing in it exceeds the buy-now price.
struct Accepted {
    bidder: MemberId,
    /// What he named himself.
    named: Option<Money>,
    /// The most he is bound to pay.
    commitment: Money,
}

/// Who leads after a bid, and how that shows.
struct Lead {
    commitment: Money,
    price: Money,
    /// The row that tells it; none if it is silent.
    row: Option<(EventKind, PriceRule)>,
}

pub(crate) fn decide_bid(standing: &Standing<'_>, bid: &Bid, now: Time) -> Result<Effects, Refusal> {
    let auction = standing.auction;
    may_buy(standing, bid.bidder, now)?;
    terms_in_force(auction, bid.terms)?;
    let figures = Figures::of(bid)?;
    let accepted = Accepted {
        bidder: bid.bidder,
        named: figures.amount.map(|amount| auction.capped(amount)),
        commitment: auction.capped(figures.most),
    };
    let buys = accepted.named.is_some() && accepted.named == auction.buy_now;
    let own = auction.leader.filter(|leader| leader.member == bid.bidder);
    let raised = own.filter(|_| figures.maximum.is_some() && !buys);
    match raised {
        Some(leader) if accepted.commitment <= leader.commitment => {
            return Err(Refusal::MaximumNotHigher { maximum: leader.commitment });
        }
        Some(_) => {}
        None => at_least_the_minimum(auction, figures.most)?,
    }
    on_the_grid(auction, &figures)?;
    funds_for(standing, bid.bidder, accepted.commitment)?;
    not_too_often(standing, bid.bidder, now)?;
    if buys {
        return Ok(purchase(standing, bid.bidder, None, now));
    }
    Ok(match auction.leader {
        Some(leader) if raised.is_some() => raise(standing, &accepted, leader, now),
        Some(leader) if own.is_some() => bid_over_oneself(standing, &accepted, leader, now),
        None => bid_first(standing, &accepted, now),
        Some(leader) if accepted.commitment > leader.commitment => overtake(standing, &accepted, leader, now),
        Some(leader) => answer(standing, &accepted, leader, now),
    })
}

pub(crate) fn decide_buy_now(
    standing: &Standing<'_>,
    buyer: MemberId,
    terms: Option<i64>,
    now: Time,
) -> Result<Effects, Refusal> {
    may_buy(standing, buyer, now)?;
    let price = standing.auction.buy_now.ok_or(Refusal::NoBuyNow)?;
    terms_in_force(standing.auction, terms)?;
    funds_for(standing, buyer, price)?;
    Ok(purchase(standing, buyer, None, now))
}

// Checks, in the published order.

fn may_buy(standing: &Standing<'_>, caller: MemberId, now: Time) -> Result<(), Refusal> {
    takes_bids(standing.auction, now)?;
    if standing.auction.seller == caller {
        return Err(Refusal::OwnAuction);
    }
    if standing.caller.suspended {
        return Err(Refusal::Suspended);
    }
    if standing.caller.blocked {
        return Err(Refusal::Blocked);
    }
    Ok(())
}

impl Figures {
    fn of(bid: &Bid) -> Result<Figures, Refusal> {
        let amount = bid.amount.map(sound).transpose()?;
        let maximum = bid.maximum.map(sound).transpose()?;
        let most = maximum.or(amount).ok_or(Refusal::amount_invalid())?;
        if amount.is_some_and(|amount| amount > most) {
            return Err(Refusal::amount_invalid());
        }
        Ok(Figures { amount, maximum, most })
    }
}

/// A figure between 1 and the limit.
fn sound(won: i64) -> Result<Money, Refusal> {
    let amount = Money::new(won).filter(|amount| !amount.is_zero() && *amount <= LIMIT);
    amount.ok_or(Refusal::amount_invalid())
}

fn at_least_the_minimum(auction: &Auction, most: Money) -> Result<(), Refusal> {
    let minimum = auction.minimum();
    if minimum.is_none_or(|minimum| most < minimum) {
        return Err(Refusal::BelowMinimum { minimum });
    }
    Ok(())
}

/// Beside a maximum an amount is only a wish, which may be stale; but it must be one that could be bid.
fn on_the_grid(auction: &Auction, figures: &Figures) -> Result<(), Refusal> {
    for (field, figure) in [(Field::Amount, figures.amount), (Field::Maximum, figures.maximum)] {
        if let Some((below, above)) =
            figure.and_then(|figure| auction.increments.off_grid(auction.start, figure))
        {
            return Err(Refusal::OffStep { field, below, above });
        }
    }
    Ok(())
}

/// The whole commitment must be there; what is already held for him here counts.
fn funds_for(standing: &Standing<'_>, member: MemberId, required: Money) -> Result<(), Refusal> {
    let own = standing.auction.leader.filter(|leader| leader.member == member);
    let own_hold = own.map_or(Money::ZERO, |leader| leader.commitment);
    let available =
        standing.book.wallet(member).available.plus(own_hold).expect("a wallet's sum fits in 63 bits");
    if available < required { Err(Refusal::InsufficientFunds { required, available }) } else { Ok(()) }
}

fn not_too_often(standing: &Standing<'_>, member: MemberId, now: Time) -> Result<(), Refusal> {
    let next = standing.bidder(member).and_then(|row| row.next_bid_after(now));
    next.map_or(Ok(()), |retry_after| Err(Refusal::TooManyBids { retry_after }))
}

// Prices.

impl Auction {
    /// Nothing beyond the buy-now price binds anyone.
    fn capped(&self, amount: Money) -> Money {
        self.buy_now.map_or(amount, |buy_now| amount.min(buy_now))
    }

    /// The price that a commitment makes of `price`: the reserve at least, once the commitment reaches it.
    pub(crate) fn floor(&self, price: Money, commitment: Money) -> Money {
        self.reserve.filter(|reserve| commitment >= *reserve).map_or(price, |reserve| price.max(reserve))
    }

    /// What leads over the commitment of another: one step above it, or all of the leader's own if that is less.
    pub(crate) fn step_over(&self, beaten: Money, own: Money) -> Money {
        beaten.plus(self.increments.at(beaten)).map_or(own, |above| above.min(own))
    }

    /// What the bid shows by itself: the amount that he named, at least the minimum.
    fn shown(&self, accepted: &Accepted) -> Money {
        let minimum = self.minimum().expect("a bid that takes the lead is at or above a minimum");
        accepted.named.map_or(minimum, |named| named.max(minimum))
    }

    /// Why `price` is above what `plain` would have made it, as far as everyone can see: either the reserve was reached
    /// with this bid, and whether the price is the reserve or was named stays hidden, or it was named.
    fn rule_of(&self, price: Money, commitment: Money, plain: (Money, PriceRule)) -> PriceRule {
        let reaches = self.reserve.is_some_and(|reserve| commitment >= reserve);
        if price <= plain.0 {
            plain.1
        } else if reaches && self.reserve_status() == ReserveStatus::NotMet {
            PriceRule::Reserve
        } else {
            PriceRule::Named
        }
    }
}

/// Nobody leads: his commitment is hidden as far as it lies above what he shows.
fn bid_first(standing: &Standing<'_>, accepted: &Accepted, now: Time) -> Effects {
    let auction = standing.auction;
    let commitment = accepted.commitment;
    let price = auction.floor(auction.shown(accepted), commitment);
    let rule = auction.rule_of(price, commitment, (auction.start, PriceRule::Start));
    lead(standing, accepted, &Lead { commitment, price, row: Some((EventKind::Bid, rule)) }, now)
}

/// A higher commitment than the leader's, which is public from now on.
fn overtake(standing: &Standing<'_>, accepted: &Accepted, beaten: Leader, now: Time) -> Effects {
    let auction = standing.auction;
    let commitment = accepted.commitment;
    let over = auction.step_over(beaten.commitment, commitment);
    let price = auction.floor(auction.shown(accepted).max(over), commitment);
    let rule = auction.rule_of(price, commitment, (over, PriceRule::Overtaken));
    lead(standing, accepted, &Lead { commitment, price, row: Some((EventKind::Bid, rule)) }, now)
}

/// The leader names a higher price; his maximum stays, or rises with it.
fn bid_over_oneself(standing: &Standing<'_>, accepted: &Accepted, leader: Leader, now: Time) -> Effects {
    let auction = standing.auction;
    let commitment = leader.commitment.max(accepted.commitment);
    let price = auction.floor(auction.shown(accepted), commitment);
    let row = Some((EventKind::Bid, PriceRule::Named));
    lead(standing, accepted, &Lead { commitment, price, row }, now)
}

/// The leader raises his maximum: nobody sees it, unless it reaches the reserve. An amount beside it shows nothing.
fn raise(standing: &Standing<'_>, accepted: &Accepted, leader: Leader, now: Time) -> Effects {
    let auction = standing.auction;
    let commitment = accepted.commitment.max(leader.commitment);
    let price = auction.floor(auction.price, commitment);
    let row = (price > auction.price).then_some((EventKind::Auto, PriceRule::Reserve));
    lead(standing, &Accepted { named: None, ..*accepted }, &Lead { commitment, price, row }, now)
}

/// The leader's commitment reaches the challenger's: the earlier has it at the same amount. No money moves.
fn answer(standing: &Standing<'_>, accepted: &Accepted, leader: Leader, now: Time) -> Effects {
    let auction = standing.auction;
    let mut effects = Effects::on(auction);
    let price = auction.floor(accepted.commitment, leader.commitment);
    let mut challenger = effects.part_of(standing, accepted.bidder);
    challenger.commit(accepted.commitment, auction.seq.next());
    challenger.name(accepted.named);
    challenger.bid_in_vain(now);
    if auction.buy_now.is_some_and(|buy_now| price >= buy_now) {
        return purchase(standing, leader.member, Some(challenger), now);
    }
    effects.auction.price = price;
    effects.auction.bid_count = effects.auction.bid_count.saturating_add(1);
    effects.auction.extend_for_late_bid(now);
    effects.tell_bid(&challenger, PriceRule::Matched, now);
    effects.bidders.push(challenger);
    effects.tell(EventKind::Auto, now, |event| {
        event.actor = event.leader;
        event.amount = Some(price);
        event.rule = Some(PriceRule::Matched);
    });
    effects
}

// Effects.

/// The bidder leads: what is held of his money becomes his commitment, and a beaten leader's hold is released.
fn lead(standing: &Standing<'_>, accepted: &Accepted, lead: &Lead, now: Time) -> Effects {
    let before = standing.auction;
    let bidder = accepted.bidder;
    if before.buy_now.is_some_and(|buy_now| lead.price >= buy_now) {
        return purchase(standing, bidder, None, now);
    }
    let mut effects = Effects::on(before);
    let mut part = effects.part_of(standing, bidder);
    let own = before.leader.filter(|leader| leader.member == bidder);
    let mut draft = standing.book.draft();
    if let Some(beaten) = before.leader.filter(|_| own.is_none()) {
        draft.release(beaten.member, beaten.commitment, before.id).expect("the leader's commitment is held");
        effects.bidders.push(standing.without_hold(beaten));
    }
    let more = lead.commitment.minus_or_zero(own.map_or(Money::ZERO, |leader| leader.commitment));
    draft.hold(bidder, more, before.id).expect("funds were checked before");
    effects.posted = draft.finish();

    let newest = lead.row.map_or(before.seq, |_| before.seq.next());
    part.commit(lead.commitment, newest);
    part.name(accepted.named);
    part.hold = lead.commitment;
    let auction = &mut effects.auction;
    auction.leader = Some(Leader {
        member: bidder,
        number: part.number,
        commitment: lead.commitment,
        since: own.map_or(newest, |leader| leader.since),
    });
    effects.bidders.push(part);
    let Some((kind, rule)) = lead.row else { return effects };
    auction.price = lead.price;
    if kind == EventKind::Bid {
        auction.bid_count = auction.bid_count.saturating_add(1);
    }
    auction.extend_for_late_bid(now);
    effects.tell(kind, now, |event| {
        event.actor = event.leader;
        event.amount = Some(lead.price);
        event.rule = Some(rule);
    });
    effects
}

/// Releases the leader's hold, then the buyer pays exactly the buy-now price, and the auction is over. If it was a
/// challenger who lifted the price so far that the leader buys, his row comes first.
fn purchase(standing: &Standing<'_>, buyer: MemberId, challenger: Option<Bidder>, now: Time) -> Effects {
    let before = standing.auction;
    let price = before.buy_now.expect("only what has a buy-now price is bought");
    let mut effects = Effects::on(before);
    let mut part = effects.part_of(standing, buyer);
    let own = before.leader.filter(|leader| leader.member == buyer);
    let mut draft = standing.book.draft();
    if let Some(leader) = before.leader {
        draft.release(leader.member, leader.commitment, before.id).expect("the leader's commitment is held");
        if own.is_none() {
            effects.bidders.push(standing.without_hold(leader));
        }
    }
    settlement::buy(before, buyer, price, &mut draft);
    effects.posted = draft.finish();

    let newest = before.seq.next();
    part.commit(price, newest);
    part.name(Some(price));
    part.hold = Money::ZERO;
    let since = own.map_or(newest, |leader| leader.since);
    effects.auction.leader = Some(Leader { member: buyer, number: part.number, commitment: price, since });
    effects.auction.price = price;
    effects.bidders.push(part);
    effects.end(Outcome::Bought);
    Order::open(standing, buyer, price, now, &mut effects);
    if let Some(challenger) = challenger {
        effects.auction.bidders = effects.auction.bidders.max(challenger.number);
        effects.auction.bid_count = effects.auction.bid_count.saturating_add(1);
        effects.tell_bid(&challenger, PriceRule::Matched, now);
        effects.bidders.push(challenger);
    }
    effects.tell(EventKind::BuyNow, now, |event| {
        event.actor = event.leader;
        event.amount = Some(price);
        event.rule = Some(PriceRule::BuyNow);
    });
    effects.tell(EventKind::Closed, now, |event| {
        event.actor = event.leader;
        event.amount = Some(price);
    });
    effects
}

impl Effects {
    /// The row of a challenger whose whole commitment is public.
    fn tell_bid(&mut self, challenger: &Bidder, rule: PriceRule, now: Time) {
        self.tell(EventKind::Bid, now, |event| {
            event.actor = Some(Participant { member: challenger.member, number: challenger.number });
            event.amount = Some(challenger.commitment);
            event.rule = Some(rule);
        });
    }

    /// The member's row as he comes to bid. One who has none yet gets the next number; what was taken back, or was made
    /// before the auction started afresh, counts no more.
    fn part_of(&mut self, standing: &Standing<'_>, member: MemberId) -> Bidder {
        let row = standing.bidder(member);
        let number = row.map_or_else(|| self.auction.bidders.saturating_add(1), |row| row.number);
        self.auction.bidders = self.auction.bidders.max(number);
        match row {
            Some(row) if row.counts_in(standing.auction) => row.clone(),
            Some(_) | None => Bidder {
                auction: standing.auction.id,
                member,
                number,
                commitment: Money::ZERO,
                since: standing.auction.afresh,
                named: Money::ZERO,
                hold: Money::ZERO,
                is_out: false,
                vain: row.map(|row| row.vain.clone()).unwrap_or_default(),
            },
        }
    }
}
