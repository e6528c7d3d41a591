//! A round: lock and read, decide every command in order of arrival, keep. Nobody hears anything before it is kept.

use std::collections::BTreeSet;

use auction::{AuctionId, Command, Outage, Span};
use ledger::{MemberId, Wallet};
use live::{Told, ToldAuction};
use store::{Chore, Due, Failure, Journal, Loaded, Round};

use crate::answer::Answer;
use crate::call::Call;
use crate::desk::Desk;
use crate::lane::Settings;
use crate::mailbox::Asked;
use crate::wanted::wanted;

/// How often a round carries the heartbeat with it.
pub(crate) const HEARTBEAT_EVERY: Span = Span::seconds(1);

/// What became of a round.
pub(crate) enum Ran {
    /// It is kept: answer, then tell.
    Kept(Kept),
    /// The heartbeat has a gap: the outage must be made good before anyone is served. Nothing was changed.
    Outage(Outage),
}

/// A round that is kept, or had nothing to keep.
pub(crate) struct Kept {
    /// One for each command, in order.
    pub(crate) answers: Vec<Answer>,
    /// How far the store's clock is ahead of ours.
    pub(crate) ahead: Span,
    /// Whether there was anything to keep.
    pub(crate) changed: bool,
    /// What to tell, if anything happened.
    pub(crate) told: Option<Told>,
    /// What to look at, and when.
    pub(crate) due: Vec<Due>,
}

/// How a round treats the heartbeat.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heartbeat {
    /// A gap in it stops the round; else the round carries it.
    Minded,
    /// The round makes good an outage, and must leave the last heartbeat as it is.
    LeftAlone,
}

/// What the first run of a round left behind when the outcome of its commit was unknown.
#[derive(Default)]
pub(crate) struct Limbo {
    /// Whether it did: the next run must commit something, so that whatever is in limbo is overwritten or found.
    pub(crate) must_commit: bool,
    /// Whose wallets may have changed: they are told how these stand now, since nobody told them then.
    members: BTreeSet<MemberId>,
}

/// Runs one round.
///
/// # Errors
/// As the store says: `Rejected` and `Unavailable` kept nothing; after `Unknown` the same round must run again, with the
/// same limbo, before anyone is answered.
pub(crate) async fn run<J: Journal>(
    journal: &mut J,
    settings: &Settings,
    batch: &[Asked],
    heartbeat: Heartbeat,
    limbo: &mut Limbo,
) -> Result<Ran, Failure> {
    let loaded = journal.begin(&wanted(batch, &limbo.members)).await?;
    let ahead = Span(loaded.now.0.saturating_sub((settings.clock)().0));
    if heartbeat == Heartbeat::Minded
        && let Some(outage) = outage(&loaded)
    {
        journal.abandon().await;
        return Ok(Ran::Outage(outage));
    }
    let last_beat = loaded.heartbeat;
    let beats = heartbeat == Heartbeat::Minded && is_time_to_beat(&loaded);
    let in_doubt: Vec<(MemberId, Wallet)> =
        limbo.members.iter().filter_map(|id| Some((*id, loaded.members.get(id)?.wallet))).collect();
    let mut desk = Desk::new(settings, loaded);
    let answers = batch.iter().map(|asked| desk.judge(asked)).collect();
    let mut round = desk.finish();
    round.heartbeat = beats.then_some(round.now);
    if limbo.must_commit && round.is_empty() {
        // Something has to be written, or nothing in limbo is overwritten; a gap in the heartbeat stays where it is.
        round.heartbeat = last_beat.map(|last| last.plus(Span(1))).or(Some(round.now));
    }
    let changed = !round.is_empty();
    if changed {
        if let Err(failure) = journal.keep(&round).await {
            limbo.must_commit = matches!(failure, Failure::Unknown { .. });
            limbo.members.extend(round.wallets.iter().map(|(member, _)| *member));
            return Err(failure);
        }
    } else {
        journal.abandon().await;
    }
    // Those that this run changed come behind, for the newest is what stands.
    round.wallets.splice(0..0, in_doubt);
    let due = round
        .deadlines
        .iter()
        .filter_map(|(auction, at)| Some(Due { at: (*at)?, auction: *auction }))
        .collect();
    Ok(Ran::Kept(Kept { answers, ahead, changed, told: told(round), due }))
}

/// The house was away, or its clock jumped: the same rule for both.
fn outage(loaded: &Loaded) -> Option<Outage> {
    let heartbeat = loaded.heartbeat?;
    let is_gap = loaded.now.since(heartbeat) > auction::OUTAGE_GAP_MIN;
    is_gap.then_some(Outage { heartbeat, back: loaded.now })
}

fn is_time_to_beat(loaded: &Loaded) -> bool {
    let heartbeat = loaded.heartbeat;
    heartbeat.is_none_or(|last| loaded.now.since(last) >= HEARTBEAT_EVERY || loaded.now < last)
}

/// What everyone may hear of a kept round.
fn told(round: Round) -> Option<Told> {
    let states = round.listed.into_iter().map(|(_, _, auction)| auction).chain(round.relisted);
    // What changed in silence is told nobody.
    let told = round.auctions.into_iter().filter(|(before, auction)| auction.seq != *before);
    let states = states.chain(told.map(|(_, auction)| auction));
    let mut auctions: Vec<ToldAuction> =
        states.map(|auction| ToldAuction { auction, events: Vec::new() }).collect();
    auctions.sort_by_key(|told| told.auction.id);
    for event in round.events {
        if let Ok(at) = auctions.binary_search_by_key(&event.auction, |told| told.auction.id) {
            auctions[at].events.push(event);
        }
    }
    let is_silent = auctions.is_empty() && round.wallets.is_empty();
    (!is_silent).then_some(Told { at: round.now, auctions, wallets: round.wallets })
}

/// The house looks at an auction whose deadline has come.
pub(crate) fn close(auction: AuctionId, at: Span) -> Asked {
    Asked::by_the_house(Call::Auction { auction, command: Command::Close }, at)
}

/// The house does a chore.
pub(crate) fn chore(chore: Chore, at: Span) -> Asked {
    let Chore { id, auction, member, by, reason } = chore;
    let command = match member {
        Some(member) => Command::TakeBack { member, by, reason },
        None => Command::Cancel { by, reason },
    };
    Asked { chore: Some(id), ..Asked::by_the_house(Call::Auction { auction, command }, at) }
}

/// The house gives an auction back the time an outage took.
pub(crate) fn extend_for_outage(auction: AuctionId, outage: Outage, at: Span) -> Asked {
    Asked::by_the_house(Call::Auction { auction, command: Command::ExtendForOutage(outage) }, at)
}
