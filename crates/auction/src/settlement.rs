//! Settlement: the hammer price moves into escrow, once; what becomes of it there is the order's matter.

use ledger::{Account, Draft, MemberId, Money, Overdraft, Reason, Transfer};

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

/// The price into escrow.
fn pay(auction: &Auction, from: Account, amount: Money, draft: &mut Draft<'_>) -> Result<(), Overdraft> {
    let (to, reason) = (Account::Escrow, Reason::Purchase);
    draft.post(Transfer { from, to, amount, reason, auction: Some(auction.id) })
}
