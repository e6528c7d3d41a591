//! One bid as one transaction in separate statements, in the four flights of a round: BEGIN with the auction's lock, the
//! other locks and reads, the writes, COMMIT. The statements and rules are those of the house; only the gathering is not.

use anyhow::{Context, Result};
use auction::{AuctionId, Bid, Bidder, Caller, Command, Effects, NextOrder, Standing, decide};
use engine::Call;
use ledger::{Book, MemberId, OrderId, TransferId};
use store::{AnswerKind, Journal, Key, Loaded, NewKey, NewTransfer, Round, Wanted};
use store_postgres::PostgresJournal;

use super::door::Verdict;

/// Places the least bid that is accepted.
pub async fn bid(
    journal: &mut PostgresJournal,
    auction: AuctionId,
    bidder: MemberId,
    key: Key,
) -> Result<Verdict> {
    let wanted = Wanted {
        auctions: vec![auction],
        members: vec![bidder],
        callers: vec![(auction, bidder)],
        keys: vec![key.clone()],
        ..Wanted::default()
    };
    let loaded = journal.begin(&wanted).await?;
    if loaded.keys.contains_key(&key) {
        journal.abandon().await;
        return Ok(Verdict::Accepted);
    }
    let stood = loaded.auctions.get(&auction).context("an auction that was listed is gone")?;
    let amount = stood.minimum().map_or(0, ledger::Money::won);
    let command = Command::Bid(Bid { bidder, amount: Some(amount), maximum: None, terms: Some(stood.terms) });
    let book = Book::of(loaded.members.iter().map(|(id, standing)| (*id, standing.wallet)));
    let caller = Caller {
        suspended: loaded.members.get(&bidder).is_some_and(|standing| standing.suspended),
        blocked: loaded.blocked.contains(&(auction, bidder)),
        is_admin: false,
    };
    let bidders: Vec<&Bidder> = loaded.bidders.values().collect();
    // A plain bid below the buy-now price opens no order.
    let next_order = NextOrder { id: OrderId(loaded.next.order), receipt_code: 0, meeting_code: 0 };
    let (item, aftermath) = (None, None);
    let limits = &super::house::limits()?;
    let standing = Standing {
        auction: stood,
        book: &book,
        caller,
        bidders: &bidders,
        item,
        pictures: &[],
        aftermath,
        next_order,
        limits,
    };
    let Ok(effects) = decide(&standing, &command, stood.at_or_after_newest(loaded.now)) else {
        journal.abandon().await;
        return Ok(Verdict::Refused);
    };
    let fingerprint = Call::Auction { auction, command }.fingerprint();
    journal.keep(&round(&loaded, stood.seq, effects, key, fingerprint)).await?;
    Ok(Verdict::Accepted)
}

/// What a bid that was accepted leaves to be kept.
fn round(loaded: &Loaded, before: auction::Seq, effects: Effects, key: Key, fingerprint: i64) -> Round {
    let Effects { auction, events, posted, bidders, .. } = effects;
    let at = loaded.now;
    let number = |(transfer, id)| NewTransfer { id: TransferId(id), transfer, order: None, at };
    let new_key = NewKey {
        key,
        fingerprint,
        event: Some((auction.id, auction.seq)),
        order: None,
        transfer: None,
        kind: AnswerKind::Auction,
        step: None,
        maximum: None,
        withdrawal: None,
        taken: None,
        missing: None,
        at,
    };
    Round {
        now: at,
        auctions: vec![(before, auction)],
        events,
        wallets: posted.wallets,
        bidders,
        transfers: posted.transfers.into_iter().zip(loaded.next.transfer..).map(number).collect(),
        keys: vec![new_key],
        ..Round::default()
    }
}
