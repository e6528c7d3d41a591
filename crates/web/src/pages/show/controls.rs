//! What the seller may do now; the rules judge it again when he does.

use auction::{
    Auction, CANCEL_LEFT_MIN, EXTENSION_LAST, EXTENSION_LEFT_MIN, ReserveStatus, SELLER_EXTENSIONS_MAX,
    Status, TAKE_BACK_LEFT_MIN, Time,
};
use ledger::Money;

use super::auction::Found;
use crate::pages::{AdminBidder, AdminControls, BidderLine, Cancel, Edit, Extend, Follows, SellerControls};
use crate::state::WebState;

/// How many bidders the seller can block from the page, the newest.
const BIDDERS: usize = 30;

/// The controls of an auction's page, with fresh keys in their forms.
pub fn controls(web: &WebState, found: &Found, now: Time) -> SellerControls {
    let auction = &found.row.auction;
    let runs = runs(auction, now);
    let leader =
        auction.leader.and_then(|leader| found.names.iter().find(|(number, _)| *number == leader.number));
    SellerControls {
        sell_key: web.new_key(),
        cancel_key: web.new_key(),
        extend_key: web.new_key(),
        reserve_key: web.new_key(),
        can_sell: can_sell(auction, now),
        leader: leader.map(|(_, member)| member.nickname.clone()),
        cancel: cancel(auction, now),
        extend: extend(auction, now),
        extensions_left: SELLER_EXTENSIONS_MAX - auction.seller_extensions,
        reserve: auction.reserve.map(Money::won),
        lower: lower(auction).filter(|_| runs),
        edit: edit(auction, now),
        can_auction_again: auction.item_is_free(&found.aftermath),
        bidders: bidders(found, now),
        ..SellerControls::default()
    }
}

/// What an admin without a part in it can do, with a fresh key. Any of the bidders may be chosen, not only the newest.
pub fn admin_controls(
    web: &WebState,
    auction: &Auction,
    bidders: &[(i64, store::records::Member)],
    now: Time,
) -> AdminControls {
    let line = |(number, member): &(i64, store::records::Member)| AdminBidder {
        number: *number,
        name: member.nickname.clone(),
        leads: auction.is_led_by(member.id),
    };
    AdminControls {
        key: web.new_key(),
        runs: runs(auction, now),
        bidders: bidders.iter().rev().map(line).collect(),
        ..AdminControls::default()
    }
}

fn runs(auction: &Auction, now: Time) -> bool {
    auction.status != Status::Ended && now < auction.ends_at
}

fn can_sell(auction: &Auction, now: Time) -> bool {
    let is_settled_in = now >= auction.starts_at.plus(auction.minimum_duration);
    let is_closing = now >= auction.ends_at.minus(auction.soft_close);
    let is_for_sale = auction.leader.is_some() && auction.reserve_status() != ReserveStatus::NotMet;
    runs(auction, now) && is_settled_in && !is_closing && is_for_sale
}

fn cancel(auction: &Auction, now: Time) -> Cancel {
    match runs(auction, now) {
        true if !auction.ever_had_bids() => Cancel::Free,
        true if auction.listed_end.since(now) > CANCEL_LEFT_MIN => Cancel::OnRecord,
        _ => Cancel::TooLate,
    }
}

fn extend(auction: &Auction, now: Time) -> Extend {
    if !runs(auction, now) || now >= auction.ends_at.minus(EXTENSION_LEFT_MIN) {
        Extend::TooLate
    } else if auction.seller_extensions >= SELLER_EXTENSIONS_MAX {
        Extend::Twice
    } else if now < auction.starts_at || now < auction.ends_at.minus(EXTENSION_LAST) {
        Extend::TooEarly
    } else {
        Extend::Now
    }
}

/// Between which amounts the reserve can be lowered: above the visible price and below what it is, on the grid.
fn lower(auction: &Auction) -> Option<(i64, i64)> {
    let reserve = auction.reserve.filter(|_| auction.reserve_status() == ReserveStatus::NotMet)?;
    let (above, below) = (auction.price.plus(Money::WON)?, reserve.minus_or_zero(Money::WON));
    let least = match auction.increments.off_grid(auction.start, above) {
        Some((_, next)) => next?,
        None => above,
    };
    let most = auction.increments.off_grid(auction.start, below).map_or(below, |(next, _)| next);
    (least <= most).then_some((least.won(), most.won()))
}

pub(crate) fn edit(auction: &Auction, now: Time) -> Edit {
    match auction.status {
        _ if !runs(auction, now) => Edit::Nothing,
        _ if auction.ever_had_bids() => Edit::Notes,
        Status::Scheduled if now < auction.starts_at => Edit::All,
        _ => Edit::Most,
    }
}

/// Those who bid, the newest first.
fn bidders(found: &Found, now: Time) -> Vec<BidderLine> {
    let auction = &found.row.auction;
    let newest = found.names.iter().rev().take(BIDDERS);
    let line = |(number, member): &(i64, store::records::Member)| BidderLine {
        number: *number,
        id: member.id.0,
        name: member.nickname.clone(),
        blocked: found.blocked.contains(&member.id),
        follows: follows(auction, member.id, now),
    };
    newest.map(line).collect()
}

/// What follows here from blocking a bidder.
pub(crate) fn follows(auction: &Auction, member: ledger::MemberId, now: Time) -> Follows {
    if !runs(auction, now) {
        Follows::Nothing
    } else if !auction.is_led_by(member) {
        Follows::PriceMayFall
    } else if !auction.seller_took_back && auction.listed_end.since(now) > TAKE_BACK_LEFT_MIN {
        Follows::Afresh
    } else {
        Follows::LeadStays
    }
}

#[cfg(test)]
mod tests {
    use auction::{AuctionId, Increments, ItemId, Leader, Seq, Span};
    use ledger::{MemberId, PartsPerMillion};

    use super::*;

    const START: Time = Time(1_000_000_000_000_000);

    fn won(amount: i64) -> Money {
        Money::new(amount).expect("an amount of a test")
    }

    /// Open for a day, from 1,000 by 1,000, with a reserve of 50,000; led at `price` up to `commitment`.
    fn auction(lead: Option<(i64, i64)>) -> Auction {
        let end = START.plus(Span::hours(24));
        let leader = lead.map(|(_, most)| Leader {
            member: MemberId(2),
            number: 1,
            commitment: won(most),
            since: Seq(3),
        });
        Auction {
            id: AuctionId(1),
            item: ItemId(1),
            seller: MemberId(1),
            seq: Seq(2),
            terms: 1,
            status: Status::Open,
            outcome: None,
            start: won(1_000),
            increments: Increments::Unit(won(1_000)),
            reserve: Some(won(50_000)),
            buy_now: None,
            fee_rate: PartsPerMillion::default(),
            minimum_duration: Span::minutes(10),
            soft_close: Span::minutes(3),
            starts_at: START,
            listed_end: end,
            ends_at: end,
            latest: end.plus(Span::hours(1)),
            extensions: 0,
            seller_extensions: 0,
            outage: None,
            price: won(lead.map_or(1_000, |(price, _)| price)),
            leader,
            bid_count: i64::from(lead.is_some()),
            afresh: Seq(0),
            seller_took_back: false,
            notes: 0,
            followed_by: None,
            bidders: i64::from(lead.is_some()),
            newest: START,
        }
    }

    #[test]
    fn what_may_be_done_follows_the_rules() {
        let (quiet, led, met) =
            (auction(None), auction(Some((9_000, 20_000))), auction(Some((50_000, 60_000))));
        for (hours, cancels, of_led, extends) in [
            (1, Cancel::Free, Cancel::OnRecord, Extend::TooEarly),
            (12, Cancel::Free, Cancel::TooLate, Extend::TooEarly),
            (23, Cancel::Free, Cancel::TooLate, Extend::Now),
            (24, Cancel::TooLate, Cancel::TooLate, Extend::TooLate),
        ] {
            let now = START.plus(Span::hours(hours));
            assert_eq!((cancel(&quiet, now), cancel(&led, now)), (cancels, of_led), "after {hours} h");
            assert_eq!(extend(&led, now), extends, "after {hours} h");
        }
        let late = START.plus(Span::hours(24)).minus(Span::minutes(10));
        assert_eq!(extend(&led, late), Extend::TooLate);
        let twice = Auction { seller_extensions: 2, ..led.clone() };
        assert_eq!(extend(&twice, START.plus(Span::hours(23))), Extend::Twice);
        let soon = START.plus(Span::hours(1));
        assert!(!can_sell(&led, soon) && can_sell(&met, soon) && !can_sell(&met, START));
        assert_eq!((edit(&quiet, soon), edit(&led, soon)), (Edit::Most, Edit::Notes));
        let coming = Auction { status: Status::Scheduled, starts_at: soon, ..quiet };
        assert_eq!((edit(&coming, START), edit(&coming, soon)), (Edit::All, Edit::Most));
    }

    #[test]
    fn a_reserve_is_lowered_between_the_price_and_itself_on_the_grid() {
        assert_eq!(lower(&auction(None)), Some((2_000, 49_000)));
        assert_eq!(lower(&auction(Some((9_000, 20_000)))), Some((10_000, 49_000)));
        assert_eq!(lower(&auction(Some((49_000, 49_000)))), None);
        assert_eq!(lower(&auction(Some((50_000, 60_000)))), None, "it is met");
        let none = Auction { reserve: None, ..auction(None) };
        assert_eq!(lower(&none), None);
    }

    #[test]
    fn what_follows_from_a_block_depends_on_who_leads() {
        let led = auction(Some((9_000, 20_000)));
        let (soon, late) = (START.plus(Span::hours(1)), START.plus(Span::hours(12)));
        assert_eq!(follows(&led, MemberId(3), soon), Follows::PriceMayFall);
        assert_eq!(follows(&led, MemberId(2), soon), Follows::Afresh);
        assert_eq!(follows(&led, MemberId(2), late), Follows::LeadStays);
        let once = Auction { seller_took_back: true, ..led.clone() };
        assert_eq!(follows(&once, MemberId(2), soon), Follows::LeadStays);
        assert_eq!(follows(&led, MemberId(2), START.plus(Span::hours(25))), Follows::Nothing);
    }
}
