//! One bid as one transaction in separate statements, in the four flights of a round: BEGIN with the auction's lock, the
//! other locks and reads, the writes, COMMIT. The statements and rules are those of the house; only the gathering is not.

use anyhow::{Context, Result};
use auction::{AuctionId, Bid, Bidder, Caller, Command, Effects, Standing, decide};
use engine::Call;
use ledger::{Book, MemberId, OrderId, TransferId};
use store::{Journal, Key, Loaded, NewKey, NewTransfer, Round, Wanted};
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
    };
    let loaded = journal.begin(&wanted).await?;
    if loaded.keys.contains_key(&key) {
        journal.abandon().await;
        return Ok(Verdict::Accepted);
    }
    let stood = loaded.auctions.get(&auction).context("an auction that was listed is gone")?;
    let amount = stood.minimum().map_or(0, ledger::Money::won);
    let command = Command::Bid(Bid { bidder, amount, terms: Some(stood.terms) });
    let book = Book::of(loaded.members.iter().map(|(id, standing)| (*id, standing.wallet)));
    let caller = Caller {
        suspended: loaded.members.get(&bidder).is_some_and(|standing| standing.suspended),
        blocked: loaded.blocked.contains(&(auction, bidder)),
        number: loaded.bidders.get(&(auction, bidder)).map(|bidder| bidder.number),
    };
    let standing = Standing { auction: stood, book: &book, caller, next_order: OrderId(loaded.next.order) };
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
    let highest = |bidder: Bidder| {
        let old = loaded.bidders.get(&(bidder.auction, bidder.member));
        let commitment = old.map_or(bidder.commitment, |old| old.commitment.max(bidder.commitment));
        Bidder { commitment, ..bidder }
    };
    let event = Some((auction.id, auction.seq));
    Round {
        now: at,
        auctions: vec![(before, auction)],
        events,
        wallets: posted.wallets,
        bidders: bidders.into_iter().map(highest).collect(),
        transfers: posted.transfers.into_iter().zip(loaded.next.transfer..).map(number).collect(),
        keys: vec![NewKey { key, fingerprint, event, order: None, transfer: None, at }],
        ..Round::default()
    }
}
