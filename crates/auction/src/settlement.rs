//! Settlement: the hammer price moves held → escrow → seller, once, with the house's fee taken on the way.

use ledger::{Account, Draft, MemberId, Money, Reason, Transfer};

use crate::auction::{Auction, Leader};

/// The leader wins at the price: his hold pays it and the rest of the hold is released.
pub(crate) fn win(auction: &Auction, leader: Leader, draft: &mut Draft<'_>) {
    let posted = pay(auction, Account::Held(leader.member), auction.price, draft);
    let rest = leader.commitment.minus_or_zero(auction.price);
    posted
        .and_then(|()| draft.release(leader.member, rest, auction.id))
        .expect("the leader's hold covers the price");
}

/// A member buys at `price` with available money; the caller has released his own hold and checked his funds.
pub(crate) fn buy(auction: &Auction, buyer: MemberId, price: Money, draft: &mut Draft<'_>) {
    pay(auction, Account::Available(buyer), price, draft).expect("funds were checked before");
}

/// The price into escrow and out of it again: what the fee leaves to the seller, the fee to the house.
fn pay(
    auction: &Auction,
    payer: Account,
    price: Money,
    draft: &mut Draft<'_>,
) -> Result<(), ledger::Overdraft> {
    let fee = auction.fee_rate.of(price);
    let payout = price.minus_or_zero(fee);
    let seller = Account::Available(auction.seller);
    for (from, to, amount, reason) in [
        (payer, Account::Escrow, price, Reason::Purchase),
        (Account::Escrow, seller, payout, Reason::Payout),
        (Account::Escrow, Account::Fees, fee, Reason::Fee),
    ] {
        draft.post(Transfer { from, to, amount, reason, auction: Some(auction.id) })?;
    }
    Ok(())
}
