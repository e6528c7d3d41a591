//! The second chance: to whom a thing is offered after the sale fell through by the buyer, and for how much (rules §5).

use std::cmp::Reverse;

use ledger::{MemberId, Money};

use crate::auction::Auction;
use crate::bidder::Bidder;

/// To whom it is offered next, and for how much: the highest remaining commitment (of equal ones the earlier) at the price
/// that the next remaining one forces from it, the start price at least, and the reserve if he reaches it. Amounts that he
/// named himself do not count. `out` are those who defaulted, declined, let it lapse or were blocked since: they are out of
/// the sum too, like every row that does not count in the auction. `None` if nobody remains.
#[cfg_attr(not(test), expect(dead_code, reason = "offers, which ask for it, are the next to be built"))]
pub(crate) fn second_chance_price(
    auction: &Auction,
    bidders: &[&Bidder],
    out: &[MemberId],
) -> Option<(MemberId, Money)> {
    let remains = |row: &&Bidder| row.counts_in(auction) && !out.contains(&row.member);
    let mut remaining: Vec<&Bidder> = bidders.iter().copied().filter(remains).collect();
    remaining.sort_by_key(|row| (Reverse(row.commitment), row.since));
    let mut in_turn = remaining.into_iter();
    let next = in_turn.next()?;
    let forced = in_turn.next().map(|rival| auction.over(rival, next.commitment, next.since));
    let plain = auction.start.max(forced.unwrap_or(auction.start));
    Some((next.member, auction.floor(plain, next.commitment)))
}
