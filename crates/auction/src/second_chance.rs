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
    let forced = turns.next().map(|rival| auction.over(rival, first.commitment, first.since));
    let plain = auction.start.max(forced.unwrap_or(auction.start));
    Some(SecondChance { member: first.member, price: auction.floor(plain, first.commitment) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Item, ItemId, Ladder, Listing, ListingLimits, ListingStanding, Seq, Span, Time};
    use ledger::{AuctionId, PartsPerMillion};

    fn won(amount: i64) -> Money {
        Money::new(amount).expect("a test amount is not negative")
    }

    /// An auction that begins at 5,000 won.
    fn auction() -> Auction {
        let item = Item {
            seller: MemberId(100),
            title: "원목 의자".to_owned(),
            description: String::new(),
            category: None,
            condition: None,
            shipping_payer: None,
            region: None,
            nationwide: false,
            pictures: Vec::new(),
        };
        let listing = Listing {
            item,
            start_price: 5_000,
            bid_unit: None,
            reserve_price: None,
            buy_now_price: None,
            starts_at: None,
            ends_at: Time(0).plus(Span::days(1)),
            soft_close_minutes: 3,
            again: None,
        };
        let ladder = Ladder::parse("10000:500,20000:1000,*:2500").expect("a ladder");
        let fee_rate = PartsPerMillion::default();
        let limits = ListingLimits { minimum_duration: Span::minutes(10), ladder, fee_rate };
        let standing =
            ListingStanding { suspended: false, barred: false, limits: &limits, again: None, pictures: &[] };
        let listed = listing.decide(AuctionId(1), ItemId(1), &standing, Time(0));
        listed.expect("the listing is a good one").effects.auction
    }

    /// Member, commitment, the event of it, whether he is out.
    type Row = (i64, i64, i64, bool);

    #[track_caller]
    fn check(reserve: Option<i64>, afresh: i64, rows: &[Row], expected: Option<(i64, i64)>) {
        let mut auction = auction();
        auction.reserve = reserve.map(won);
        auction.afresh = Seq(afresh);
        let bidders: Vec<Bidder> = rows
            .iter()
            .map(|(member, commitment, since, is_out)| Bidder {
                auction: AuctionId(1),
                member: MemberId(*member),
                number: *member,
                commitment: won(*commitment),
                since: Seq(*since),
                named: Money::ZERO,
                hold: Money::ZERO,
                is_out: *is_out,
                vain: Vec::new(),
            })
            .collect();
        let bidders: Vec<&Bidder> = bidders.iter().collect();
        let found = second_chance(&auction, &bidders).map(|next| (next.member.0, next.price.won()));
        assert_eq!(found, expected, "{rows:?}, reserve {reserve:?}");
    }

    #[test]
    fn the_next_bidder_pays_what_the_one_after_him_forces() {
        // The worked case: D has defaulted, then A is out too.
        check(
            None,
            0,
            &[(4, 50_000, 5, true), (1, 20_000, 2, false), (2, 16_000, 3, false)],
            Some((1, 16_000)),
        );
        check(
            None,
            0,
            &[(4, 50_000, 5, true), (1, 20_000, 2, true), (2, 16_000, 3, false)],
            Some((2, 5_000)),
        );
        // Committed after his rival: one increment above him, but no more than his own commitment.
        check(None, 0, &[(1, 20_000, 3, false), (2, 16_000, 2, false)], Some((1, 17_000)));
        check(None, 0, &[(1, 16_300, 3, false), (2, 16_000, 2, false)], Some((1, 16_300)));
        // Of two equal ones it is the earlier's turn, at the same amount.
        check(None, 0, &[(1, 16_000, 3, false), (2, 16_000, 2, false)], Some((2, 16_000)));
        // Never below the start.
        check(None, 0, &[(1, 5_000, 2, false)], Some((1, 5_000)));
        check(None, 0, &[(1, 9_000, 2, false), (2, 4_000, 3, false)], Some((1, 5_000)));
        // The third does not matter.
        check(
            None,
            0,
            &[(3, 6_000, 1, false), (1, 20_000, 2, false), (2, 9_000, 3, false)],
            Some((1, 9_000)),
        );
        // The reserve if he reaches it, else as if there were none.
        check(Some(18_000), 0, &[(1, 20_000, 2, false), (2, 16_000, 3, false)], Some((1, 18_000)));
        check(Some(20_000), 0, &[(1, 20_000, 2, false), (2, 16_000, 3, false)], Some((1, 20_000)));
        check(Some(20_001), 0, &[(1, 20_000, 2, false), (2, 16_000, 3, false)], Some((1, 16_000)));
        check(Some(15_000), 0, &[(1, 20_000, 2, false), (2, 16_000, 3, false)], Some((1, 16_000)));
        // What was bid before the auction started afresh counts no more.
        check(None, 3, &[(1, 20_000, 3, false), (2, 16_000, 4, false)], Some((2, 5_000)));
        // Nobody is left.
        check(None, 0, &[], None);
        check(None, 0, &[(1, 20_000, 2, true)], None);
    }
}
