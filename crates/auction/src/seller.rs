//! The seller's hand: selling at once, cancelling, moving the end, lowering the reserve (rules §3, §4). An admin's hand in
//! cancelling too.

use ledger::{MemberId, Money};

use crate::auction::{Auction, Leader, Outcome, ReserveStatus};
use crate::bidder::Bidder;
use crate::closing::sell;
use crate::command::Hand;
use crate::decide::{Effects, Standing, is_running, only_seller, takes_bids};
use crate::event::{EventKind, ExtensionCause};
use crate::increment::Increments;
use crate::order::{Mark, MarkKind};
use crate::reason::readable;
use crate::refusal::Refusal;
use crate::time::{Span, Time};

/// A seller cancels an auction that has had bids only with more than this left to the listed end.
pub const CANCEL_LEFT_MIN: Span = Span::hours(12);

/// A seller moves the end only when no more than this is left …
pub const EXTENSION_LAST: Span = Span::hours(1);

/// … but more than this.
pub const EXTENSION_LEFT_MIN: Span = Span::minutes(10);

/// By how many hours a seller may move the end.
pub const EXTENSION_HOURS: [i64; 5] = [1, 3, 6, 12, 24];

/// How often a seller may.
pub const SELLER_EXTENSIONS_MAX: i64 = 2;

pub(crate) fn decide_sell_now(
    standing: &Standing<'_>,
    seller: MemberId,
    now: Time,
) -> Result<Effects, Refusal> {
    let auction = standing.auction;
    only_seller(auction, seller)?;
    takes_bids(auction, now)?;
    let leader = auction.leader.ok_or(Refusal::NoLeader)?;
    if auction.reserve_status() == ReserveStatus::NotMet {
        return Err(Refusal::ReserveNotMet);
    }
    if now < auction.starts_at.plus(auction.minimum_duration) {
        return Err(Refusal::TooEarly);
    }
    if auction.in_soft_close(now) {
        return Err(Refusal::TooLate);
    }
    Ok(sell(standing, leader, now))
}

pub(crate) fn decide_cancel(
    standing: &Standing<'_>,
    by: Hand,
    reason: Option<&str>,
    now: Time,
) -> Result<Effects, Refusal> {
    let auction = standing.auction;
    let reason = readable(reason)?;
    let is_free = !auction.ever_had_bids();
    match by {
        Hand::Seller(seller) => {
            only_seller(auction, seller)?;
            is_running(auction, now)?;
            if !is_free && auction.listed_end.since(now) <= CANCEL_LEFT_MIN {
                return Err(Refusal::TooLate);
            }
            if !is_free && reason.is_none() {
                return Err(Refusal::ReasonMissing);
            }
        }
        Hand::Admin(admin) => {
            is_running(auction, now)?;
            if reason.is_none() {
                return Err(Refusal::ReasonMissing);
            }
            standing.admin_without_a_part(admin)?;
        }
        Hand::House => is_running(auction, now)?,
    }
    let mut effects = Effects::on(auction);
    effects.end(Outcome::Cancelled);
    standing.release_leader(&mut effects);
    match by {
        Hand::Seller(_) if !is_free => effects.mark_seller(MarkKind::CancelledWithBids, now),
        Hand::Seller(_) | Hand::Admin(_) | Hand::House => {}
    }
    effects.tell(EventKind::Cancelled, now, |event| {
        event.reason = reason;
        // The seller hears of what he did not do himself.
        event.aside = Some(auction.seller).filter(|_| !matches!(by, Hand::Seller(_)));
    });
    Ok(effects)
}

pub(crate) fn decide_extend(
    auction: &Auction,
    seller: MemberId,
    hours: i64,
    now: Time,
) -> Result<Effects, Refusal> {
    only_seller(auction, seller)?;
    takes_bids(auction, now)?;
    if now < auction.ends_at.minus(EXTENSION_LAST) {
        return Err(Refusal::TooEarly);
    }
    if now >= auction.ends_at.minus(EXTENSION_LEFT_MIN) {
        return Err(Refusal::TooLate);
    }
    if auction.seller_extensions >= SELLER_EXTENSIONS_MAX {
        return Err(Refusal::ExtendedTwice);
    }
    if !EXTENSION_HOURS.contains(&hours) {
        return Err(Refusal::HoursInvalid);
    }
    let mut effects = Effects::on(auction);
    effects.auction.seller_extensions = auction.seller_extensions.saturating_add(1);
    effects.auction.move_end(auction.ends_at.plus(Span::hours(hours)));
    effects.tell(EventKind::Extended, now, |event| event.cause = Some(ExtensionCause::Seller));
    Ok(effects)
}

pub(crate) fn decide_lower_reserve(
    standing: &Standing<'_>,
    seller: MemberId,
    reserve: i64,
    now: Time,
) -> Result<Effects, Refusal> {
    let auction = standing.auction;
    only_seller(auction, seller)?;
    is_running(auction, now)?;
    let lower = Money::new(reserve).filter(|lower| auction.may_lower_to(*lower));
    let lower = lower.ok_or(Refusal::ReserveInvalid)?;
    let mut effects = Effects::on(auction);
    effects.auction.reserve = Some(lower);
    let reached = auction.leader.filter(|leader| leader.commitment >= lower);
    if let Some(leader) = reached {
        cut(standing, leader, lower.minus_or_zero(auction.reserve_step()), &mut effects);
    }
    effects.tell(EventKind::ReserveLowered, now, |event| {
        event.aside = reached.map(|leader| leader.member);
    });
    Ok(effects)
}

/// The leader's maximum is cut, so that a lowered reserve never sells to him before he has bid again.
fn cut(standing: &Standing<'_>, leader: Leader, commitment: Money, effects: &mut Effects) {
    let mut draft = standing.book.draft();
    draft
        .release(leader.member, leader.commitment.minus_or_zero(commitment), standing.auction.id)
        .expect("the leader's commitment is held");
    effects.posted = draft.finish();
    effects.auction.leader = Some(Leader { commitment, ..leader });
    let row = standing.bidder(leader.member).expect("a round reads the leader's row");
    effects.bidders.push(Bidder { commitment, hold: commitment, ..row.clone() });
}

impl Auction {
    /// Whether the reserve, while it is not met, may be lowered to this: above the visible price, on the grid.
    fn may_lower_to(&self, lower: Money) -> bool {
        self.reserve_status() == ReserveStatus::NotMet
            && lower > self.price
            && self.reserve.is_some_and(|present| lower < present)
            && self.increments.off_grid(self.start, lower).is_none()
    }

    /// The least by which a commitment stays below a reserve.
    fn reserve_step(&self) -> Money {
        match &self.increments {
            Increments::Unit(unit) => *unit,
            Increments::Ladder(_) => Money::WON,
        }
    }
}

impl Effects {
    /// Writes on the seller's record.
    pub(crate) fn mark_seller(&mut self, kind: MarkKind, at: Time) {
        let (member, auction) = (self.auction.seller, self.auction.id);
        self.marks.push(Mark { member, kind, auction, order: None, at });
    }
}
