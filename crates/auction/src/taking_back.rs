//! Taking bids back: a member who is blocked or suspended leaves the auction as if he had not bid (rules §3).
//!
//! A beaten bidder goes silently, or the price falls to what the others force. With the leader everything starts afresh:
//! nobody is put back, for their money is free and their consent gone. After the hammer he is only out of the sum for second
//! chances (rules §5).

use ledger::{MemberId, Money};

use crate::auction::{Auction, Leader, Status};
use crate::bidder::Bidder;
use crate::command::Hand;
use crate::decide::{Effects, Standing, is_running, only_seller};
use crate::event::{EventKind, PriceRule};
use crate::order::{self, MarkKind};
use crate::reason::readable;
use crate::refusal::Refusal;
use crate::time::{Span, Time};

/// A seller takes a lead back only with more than this left to the listed end.
pub const TAKE_BACK_LEFT_MIN: Span = Span::hours(12);

/// An auction that starts afresh runs at least so long from then on.
pub const AFRESH_LEFT_MIN: Span = Span::hours(24);

pub(crate) fn decide_take_back(
    standing: &Standing<'_>,
    member: MemberId,
    by: Hand,
    reason: Option<&str>,
    now: Time,
) -> Result<Effects, Refusal> {
    let auction = standing.auction;
    let reason = readable(reason)?;
    let leader = auction.leader.filter(|leader| leader.member == member);
    match by {
        // What was sold stays sold; the house goes on to what may be offered after it.
        Hand::Seller(_) | Hand::House if auction.status == Status::Ended => {
            by.member().map_or(Ok(()), |seller| only_seller(auction, seller))?;
            return order::withdraw_from(standing, member, now);
        }
        Hand::Seller(seller) => {
            only_seller(auction, seller)?;
            is_running(auction, now)?;
            if leader.is_some() {
                seller_may_take_lead_back(auction, reason.as_deref(), now)?;
            }
        }
        Hand::Admin(admin) => {
            is_running(auction, now)?;
            standing.admin_without_a_part(admin)?;
        }
        Hand::House => is_running(auction, now)?,
    }
    let row = standing.bidder(member).filter(|row| row.counts_in(auction));
    let row = row.ok_or(Refusal::NoBidderLeft)?;
    Ok(match (leader, auction.leader) {
        (Some(leader), _) => start_afresh(standing, leader, by, reason, now),
        (None, Some(leader)) => without_beaten(standing, row, leader, now),
        (None, None) => Effects::without(auction, row),
    })
}

fn seller_may_take_lead_back(auction: &Auction, reason: Option<&str>, now: Time) -> Result<(), Refusal> {
    if auction.seller_took_back || auction.listed_end.since(now) <= TAKE_BACK_LEFT_MIN {
        return Err(Refusal::TooLate);
    }
    if reason.is_none() {
        return Err(Refusal::ReasonMissing);
    }
    Ok(())
}

/// The price falls to what the remaining ones force, if that is less; never below what the leader named himself. Only a
/// lead is taken back with a public reason: why he goes is between him and whoever sends him away.
fn without_beaten(standing: &Standing<'_>, row: &Bidder, leader: Leader, now: Time) -> Effects {
    let auction = standing.auction;
    let mut effects = Effects::without(auction, row);
    let price = price_without(standing, row.member, leader);
    if price == auction.price {
        return effects;
    }
    effects.auction.price = price;
    effects.auction.extend_for_late_bid(now);
    effects.tell(EventKind::Reset, now, |event| {
        event.actor = event.leader;
        event.amount = Some(price);
        event.rule = Some(PriceRule::TakenBack);
        event.aside = Some(row.member);
    });
    effects
}

fn price_without(standing: &Standing<'_>, member: MemberId, leader: Leader) -> Money {
    let auction = standing.auction;
    let named = standing.bidder(leader.member).map_or(Money::ZERO, |row| row.named);
    let remaining = standing
        .bidders
        .iter()
        .filter(|row| row.member != member && row.member != leader.member && row.counts_in(auction));
    // Of equal commitments the earlier comes first.
    let highest = remaining.max_by_key(|row| (row.commitment, std::cmp::Reverse(row.since)));
    let forced = highest.map(|row| auction.over(row, leader.commitment, leader.since));
    let plain = auction.start.max(named).max(forced.unwrap_or(Money::ZERO));
    auction.price.min(auction.floor(plain, leader.commitment))
}

/// The leader's hold is released and the auction starts again at the start price, with time for everyone to bid again.
fn start_afresh(
    standing: &Standing<'_>,
    leader: Leader,
    by: Hand,
    reason: Option<String>,
    now: Time,
) -> Effects {
    let mut effects = Effects::on(standing.auction);
    standing.release_leader(&mut effects);
    for row in &mut effects.bidders {
        row.is_out = true;
    }
    if let Hand::Seller(_) = by {
        effects.auction.seller_took_back = true;
        effects.mark_seller(MarkKind::TookLeadBack, now);
    }
    let auction = &mut effects.auction;
    let start = auction.start;
    auction.price = start;
    auction.leader = None;
    auction.bid_count = 0;
    auction.afresh = auction.seq.next();
    let again = now.plus(AFRESH_LEFT_MIN);
    if again > auction.ends_at {
        auction.move_end(again);
    }
    effects.tell(EventKind::Reset, now, |event| {
        event.actor = Some(leader.into());
        event.amount = Some(start);
        event.rule = Some(PriceRule::Afresh);
        event.reason = reason;
        event.aside = Some(leader.member);
    });
    effects
}

impl Auction {
    /// What a rival's commitment forces from a leader who committed himself to `own` with the event `since`: the same
    /// amount if the leader was earlier, else one step more, as far as he goes.
    pub(crate) fn over(&self, rival: &Bidder, own: Money, since: crate::Seq) -> Money {
        if since < rival.since { rival.commitment.min(own) } else { self.step_over(rival.commitment, own) }
    }
}

impl Effects {
    /// His commitment counts no more; nothing else has changed.
    pub(crate) fn without(auction: &Auction, row: &Bidder) -> Effects {
        let mut effects = Effects::on(auction);
        effects.bidders.push(Bidder { is_out: true, ..row.clone() });
        effects
    }
}
