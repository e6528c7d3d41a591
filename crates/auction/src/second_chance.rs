//! To whom the thing is offered when an order fell through by the buyer, and for how much (rules §5).

use ledger::{MemberId, Money};

use crate::auction::Auction;
use crate::bidder::Bidder;

/// The next of the remaining bidders, and the price for him.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SecondChance {
    /// To whom.
    pub(crate) member: MemberId,
    /// For how much: never above what he committed himself to.
    pub(crate) price: Money,
}

/// Whose turn it is among those whose commitment still counts: the highest, of equal ones the earlier. He pays what the
/// next of them forces him to as if the two had been alone, no less than the start, and the reserve if he reaches it.
pub(crate) fn second_chance(auction: &Auction, bidders: &[&Bidder]) -> Option<SecondChance> {
    let mut remaining: Vec<&Bidder> =
        bidders.iter().copied().filter(|bidder| bidder.counts_in(auction)).collect();
    remaining.sort_by_key(|bidder| (std::cmp::Reverse(bidder.commitment), bidder.since));
    let mut turns = remaining.into_iter();
    let first = turns.next()?;
    let forced = turns.next().map_or(auction.start, |next| over(auction, first, next).max(auction.start));
    let reserve = auction.reserve.filter(|reserve| first.commitment >= *reserve);
    let price = reserve.map_or(forced, |reserve| forced.max(reserve));
    Some(SecondChance { member: first.member, price })
}

/// What the rival's commitment forces: that amount if the other was committed before him, else one increment above it,
/// never more than the other's own commitment.
fn over(auction: &Auction, bidder: &Bidder, rival: &Bidder) -> Money {
    if bidder.since < rival.since {
        return rival.commitment;
    }
    let above = rival.commitment.plus(auction.increments.at(rival.commitment));
    above.map_or(bidder.commitment, |above| above.min(bidder.commitment))
}
