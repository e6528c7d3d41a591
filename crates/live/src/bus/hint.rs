//! A hint: what other nodes may want to look at, as bytes. It holds no truth: numbers of auctions, events and members only,
//! and whoever hears one reads the store. What cannot be read is no hint, and harms nobody.
//!
//! A message is a head of [`HEAD_BYTES`] (`nb`, version, node, beat, three counts), then so many auctions with an event
//! each, members whose wallet changed, and members whose sessions ended; all numbers are little-endian.

use std::collections::{BTreeMap, BTreeSet};

use auction::{AuctionId, Seq};
use ledger::MemberId;

use crate::bus::Told;

/// How every message begins; another version would be another beginning.
const BEGINNING: [u8; 3] = *b"nb\x01";

/// What stands before the lists.
const HEAD_BYTES: usize = 25;

/// How long each list of a message is at most.
const ITEMS_MAX: usize = 256;

/// A longer message is not looked at.
const MESSAGE_BYTES_MAX: usize = HEAD_BYTES + ITEMS_MAX * (16 + 8 + 8);

/// What others may want to look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hint {
    /// The auctions that changed, each with its newest event.
    pub(crate) heads: BTreeMap<AuctionId, Seq>,
    /// Whose wallet changed.
    pub(crate) wallets: BTreeSet<MemberId>,
    /// Of whose sessions some have ended.
    pub(crate) sessions: BTreeSet<MemberId>,
}

/// What one node says to all, itself among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// Which node speaks; a number by chance.
    pub(crate) node: u64,
    /// Its how many-th beat this is; 0 is none.
    pub(crate) beat: u64,
    /// What it hints at.
    pub(crate) hint: Hint,
}

impl Hint {
    /// What a committed round hints at.
    pub(crate) fn of(told: &Told) -> Hint {
        Hint {
            heads: told.auctions.iter().map(|told| (told.auction.id, told.auction.seq)).collect(),
            wallets: told.wallets.iter().map(|(member, _)| *member).collect(),
            sessions: BTreeSet::new(),
        }
    }

    /// That some of a member's sessions have ended.
    pub(crate) fn of_sessions(member: MemberId) -> Hint {
        Hint { sessions: BTreeSet::from([member]), ..Hint::default() }
    }

    /// How much it hints at.
    pub(crate) fn len(&self) -> usize {
        self.heads.len() + self.wallets.len() + self.sessions.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes in another: of each auction the newest event, each member once.
    pub(crate) fn join(&mut self, other: Hint) {
        for (auction, seq) in other.heads {
            let known = self.heads.entry(auction).or_insert(seq);
            *known = seq.max(*known);
        }
        self.wallets.extend(other.wallets);
        self.sessions.extend(other.sessions);
    }

    /// The messages of that node that say all of it, the first of them with the beat; none if there is nothing to say.
    pub(crate) fn messages(self, node: u64, beat: u64) -> Vec<Vec<u8>> {
        let heads: Vec<(AuctionId, Seq)> = self.heads.into_iter().collect();
        let wallets: Vec<MemberId> = self.wallets.into_iter().collect();
        let sessions: Vec<MemberId> = self.sessions.into_iter().collect();
        let longest = heads.len().max(wallets.len()).max(sessions.len());
        let count = longest.div_ceil(ITEMS_MAX).max(usize::from(beat > 0));
        let message = |at: usize| {
            let (heads, wallets, sessions) = (part(&heads, at), part(&wallets, at), part(&sessions, at));
            let mut bytes = BEGINNING.to_vec();
            bytes.extend(node.to_le_bytes());
            bytes.extend(if at == 0 { beat } else { 0 }.to_le_bytes());
            for length in [heads.len(), wallets.len(), sessions.len()] {
                bytes.extend(u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes());
            }
            for (auction, seq) in heads {
                bytes.extend(auction.0.to_le_bytes());
                bytes.extend(seq.0.to_le_bytes());
            }
            wallets.iter().chain(sessions).for_each(|member| bytes.extend(member.0.to_le_bytes()));
            bytes
        };
        (0..count).map(message).collect()
    }
}

/// The part of a list that the message at this place takes.
fn part<T>(list: &[T], at: usize) -> &[T] {
    list.chunks(ITEMS_MAX).nth(at).unwrap_or_default()
}

impl Message {
    /// Reads a message; none if it is anything else, for anyone may write to a bus.
    pub(crate) fn read(bytes: &[u8]) -> Option<Message> {
        if bytes.len() > MESSAGE_BYTES_MAX {
            return None;
        }
        let bytes = bytes.strip_prefix(&BEGINNING)?;
        let (node, bytes) = bytes.split_first_chunk()?;
        let (beat, mut bytes) = bytes.split_first_chunk()?;
        let mut lengths = [0; 3];
        for length in &mut lengths {
            let (two, rest) = bytes.split_first_chunk()?;
            (*length, bytes) = (usize::from(u16::from_le_bytes(*two)), rest);
        }
        let [heads, wallets, sessions] = lengths;
        if heads.max(wallets).max(sessions) > ITEMS_MAX {
            return None;
        }
        let (numbers, rest) = bytes.as_chunks::<8>();
        if !rest.is_empty() || numbers.len() != 2 * heads + wallets + sessions {
            return None;
        }
        let numbers: Vec<i64> = numbers.iter().map(|number| i64::from_le_bytes(*number)).collect();
        if numbers.iter().any(|number| *number <= 0) {
            return None;
        }
        let (heads, members) = numbers.split_at(2 * heads);
        let (wallets, sessions) = members.split_at(wallets);
        let (heads, _) = heads.as_chunks::<2>();
        let hint = Hint {
            heads: heads.iter().map(|[auction, seq]| (AuctionId(*auction), Seq(*seq))).collect(),
            wallets: wallets.iter().copied().map(MemberId).collect(),
            sessions: sessions.iter().copied().map(MemberId).collect(),
        };
        Some(Message { node: u64::from_le_bytes(*node), beat: u64::from_le_bytes(*beat), hint })
    }
}

#[cfg(test)]
mod tests;
