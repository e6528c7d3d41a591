//! The second chance: to whom a thing is offered after the sale fell through by the buyer, and for how much (rules §5).

use std::cmp::Reverse;

use ledger::{MemberId, Money};

use crate::auction::Auction;
use crate::bidder::Bidder;

/// To whom it is offered next, and for how much: the highest remaining commitment (of equal ones the earlier) at the price
/// that the next remaining one forces from it, the start price at least, and the reserve if he reaches it. Amounts that he
/// named himself do not count. `out` are those who defaulted, declined, let it lapse or were blocked since: they are out of
/// the sum too, like every row that does not count in the auction. `None` if nobody remains.
#[cfg_attr(not(test), expect(dead_code, reason = "asked by offers, which are built next"))]
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        AuctionId, Item, ItemId, Ladder, Listing, ListingLimits, ListingStanding, Seq, Span, Time,
        increment::DEFAULT_LADDER,
    };
    use ledger::PartsPerMillion;

    const ANNA: MemberId = MemberId(1);
    const BORA: MemberId = MemberId(2);
    const DAON: MemberId = MemberId(4);

    fn won(amount: i64) -> Money {
        Money::new(amount).expect("a test amount is not negative")
    }

    fn auction(ladder: &str, reserve: Option<i64>) -> Auction {
        let item = Item {
            seller: MemberId(100),
            title: "원목 의자".to_owned(),
            description: String::new(),
            category: None,
            condition: None,
            shipping_payer: None,
            region: None,
            nationwide: false,
        };
        let listing = Listing {
            item,
            start_price: 5_000,
            bid_unit: None,
            reserve_price: reserve,
            buy_now_price: None,
            starts_at: None,
            ends_at: Time(0).plus(Span::days(1)),
            soft_close_minutes: 3,
            again: None,
        };
        let ladder = Ladder::parse(ladder).expect("a ladder");
        let limits = ListingLimits {
            minimum_duration: Span::minutes(10),
            ladder,
            fee_rate: PartsPerMillion::default(),
        };
        let standing = ListingStanding { suspended: false, barred: false, limits: &limits, again: None };
        let listed = listing.decide(AuctionId(1), ItemId(1), &standing, Time(0)).expect("it is sound");
        listed.effects.auction
    }

    fn row(member: MemberId, commitment: i64, since: i64) -> Bidder {
        Bidder {
            auction: AuctionId(1),
            member,
            number: member.0,
            commitment: won(commitment),
            since: Seq(since),
            named: won(commitment),
            hold: Money::ZERO,
            is_out: false,
            vain: Vec::new(),
        }
    }

    /// One line: who is left with which commitment since when, the reserve, who is out, and to whom it goes for how much.
    #[track_caller]
    fn check(
        rows: &[(MemberId, i64, i64)],
        reserve: Option<i64>,
        out: &[MemberId],
        to: Option<(MemberId, i64)>,
    ) {
        let auction = auction("10000:500,20000:1000,*:2500", reserve);
        let rows: Vec<Bidder> = rows.iter().map(|(who, most, since)| row(*who, *most, *since)).collect();
        let mut rows: Vec<&Bidder> = rows.iter().collect();
        let to = to.map(|(member, price)| (member, won(price)));
        assert_eq!(second_chance_price(&auction, &rows, out), to);
        rows.reverse();
        assert_eq!(second_chance_price(&auction, &rows, out), to, "in no order");
    }

    #[test]
    fn it_is_offered_in_turn_for_what_the_next_one_forces() {
        // Case 30 of the worked ones.
        let rows = [(ANNA, 20_000, 2), (BORA, 16_000, 3), (DAON, 50_000, 5)];
        check(&rows, None, &[DAON], Some((ANNA, 16_000)));
        check(&rows, None, &[DAON, ANNA], Some((BORA, 5_000)));
        check(&rows, None, &[DAON, ANNA, BORA], None);
        check(&rows, None, &[DAON, BORA], Some((ANNA, 5_000)));
        // The later one pays a step over the earlier, as far as he goes.
        check(&[(ANNA, 16_000, 3), (BORA, 20_000, 5)], None, &[], Some((BORA, 17_000)));
        check(&[(ANNA, 16_000, 3), (BORA, 16_400, 5)], None, &[], Some((BORA, 16_400)));
        // Of equal ones the earlier, at the same amount.
        check(&[(ANNA, 16_000, 5), (BORA, 16_000, 3)], None, &[], Some((BORA, 16_000)));
        // The reserve, if he reaches it.
        check(&rows, Some(18_000), &[DAON], Some((ANNA, 18_000)));
        check(&rows, Some(20_001), &[DAON], Some((ANNA, 16_000)));
        check(&rows, Some(12_000), &[DAON], Some((ANNA, 16_000)));
    }

    #[test]
    fn what_no_longer_counts_is_out_of_the_sum() {
        let mut auction = auction(DEFAULT_LADDER, None);
        let (anna, mut bora) = (row(ANNA, 20_000, 7), row(BORA, 16_000, 8));
        assert_eq!(second_chance_price(&auction, &[&anna, &bora], &[]), Some((ANNA, won(16_000))));
        bora.is_out = true;
        assert_eq!(second_chance_price(&auction, &[&anna, &bora], &[]), Some((ANNA, won(5_000))));
        auction.afresh = Seq(7);
        bora.is_out = false;
        assert_eq!(second_chance_price(&auction, &[&anna, &bora], &[]), Some((BORA, won(5_000))));
    }
}
