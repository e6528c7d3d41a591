//! What one connection knows of its bids: which are under way, which were acknowledged, refused or left open. Answers
//! find their bids by key, in whatever order they come.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use crate::aim::{Aim, Bid, Board};
use crate::chance::Key;
use crate::clock;
use crate::scan::{self, Kind, field};
use crate::socket::Closes;
use crate::tally::{Counts, Tally};

/// An acknowledged bid: the receipt that is later held against what the server stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Receipt {
    /// Place of the auction among those of this run.
    pub auction: u32,
    /// The event that it became.
    pub seq: u32,
    /// The amount.
    pub amount: i64,
}

/// What a bidder brings home.
#[derive(Debug, Default)]
pub struct Takings {
    /// Every acknowledgement.
    pub receipts: Vec<Receipt>,
    /// Refusals by their code.
    pub refusals: BTreeMap<String, u64>,
    /// Bids that were never answered.
    pub unanswered: u64,
    /// Answers to nothing that was asked.
    pub strays: u64,
    /// Times that the connection was renewed.
    pub reconnections: u64,
    /// Times that the server closed it.
    pub closes: Closes,
    /// Why it ended early, if it did.
    pub trouble: Option<String>,
}

/// A bid that is under way.
#[derive(Clone, Copy)]
pub struct Pending {
    /// Its key, which it keeps however often it is sent.
    pub key: Key,
    /// When it was sent, or was to be sent.
    pub since: Instant,
    /// What it is.
    pub bid: Bid,
    /// Whether it was sent before, to somebody who may have kept it and could not say so any more.
    pub in_doubt: bool,
}

/// What is known about the bids of one connection.
pub struct Book {
    number: usize,
    /// What is bid on.
    pub aim: Aim,
    board: Arc<Board>,
    pending: VecDeque<Pending>,
    /// Bids of unknown outcome, to be asked for again.
    unknown: Vec<Pending>,
    /// What was brought home so far.
    pub takings: Takings,
    counts: Counts,
    latencies: Vec<u64>,
}

impl Book {
    /// Of the connection with this number, before its first bid.
    pub fn new(number: usize, aim: Aim, board: Arc<Board>) -> Self {
        Self {
            number,
            aim,
            board,
            pending: VecDeque::new(),
            unknown: Vec::new(),
            takings: Takings::default(),
            counts: Counts::default(),
            latencies: Vec::new(),
        }
    }

    /// Bids under way.
    pub fn under_way(&self) -> usize {
        self.pending.len()
    }

    /// Bids without an answer that ends them.
    pub fn open(&self) -> usize {
        self.pending.len() + self.unknown.len()
    }

    /// Whether some bids are to be asked for again.
    pub fn has_unknown(&self) -> bool {
        !self.unknown.is_empty()
    }

    /// Notes a bid that is being sent for the first time.
    pub fn sent(&mut self, pending: Pending) {
        self.pending.push_back(pending);
        self.counts.sent += 1;
    }

    /// Notes that bids of unknown outcome are being asked for again; gives them.
    pub fn ask_unknown_again(&mut self) -> Vec<Pending> {
        let again = std::mem::take(&mut self.unknown);
        self.pending.extend(&again);
        again
    }

    /// After the line broke: all that is open has to be asked for again.
    pub fn line_broke(&mut self) {
        self.unknown.extend(self.pending.drain(..).map(|pending| Pending { in_doubt: true, ..pending }));
    }

    /// Takes one frame that arrived at `now`; whatever is not an answer is passed over.
    pub fn take(&mut self, frame: &[u8], now: Instant) {
        let kind = scan::kind(frame);
        if !matches!(kind, Kind::Accepted | Kind::Refused) {
            return;
        }
        let Some(pending) = self.asked(frame) else {
            self.takings.strays += 1;
            return;
        };
        let bid = pending.bid;
        if kind == Kind::Accepted {
            let seq = scan::number(frame, &field::SEQ).unwrap_or(0);
            self.counts.accepted += 1;
            self.board.accepted(bid.auction, bid.amount, seq);
            let seq = u32::try_from(seq).unwrap_or(u32::MAX);
            self.takings.receipts.push(Receipt { auction: bid.auction, seq, amount: bid.amount });
        } else if !self.refused(pending, frame) {
            return;
        }
        self.latencies.push(clock::micros_between(pending.since, now));
    }

    /// The bid that an answer belongs to; answers come nearly in order, so the search ends at once.
    fn asked(&mut self, frame: &[u8]) -> Option<Pending> {
        let key = scan::text(frame, &field::KEY)?;
        let at = self.pending.iter().position(|pending| pending.key.0 == key)?;
        self.pending.remove(at)
    }

    /// Counts a refusal; false if the outcome is still open.
    fn refused(&mut self, pending: Pending, frame: &[u8]) -> bool {
        let code = scan::text(frame, &field::CODE).unwrap_or(b"?");
        let code = std::str::from_utf8(code).unwrap_or("?");
        match self.takings.refusals.get_mut(code) {
            Some(count) => *count += 1,
            None => {
                self.takings.refusals.insert(code.to_owned(), 1);
            }
        }
        match code {
            // Who is busy has not looked, and says nothing of what became of the first sending.
            "busy" | "unavailable" if pending.in_doubt => {
                self.unknown.push(pending);
                return false;
            }
            "outcome_unknown" => {
                self.unknown.push(Pending { in_doubt: true, ..pending });
                return false;
            }
            "busy" => {
                self.counts.busy += 1;
                self.aim.was_busy(pending.bid);
            }
            _ => {
                self.counts.refused += 1;
                if let Some(minimum) = scan::number(frame, &field::MINIMUM) {
                    self.board.minimum_heard(pending.bid.auction, minimum);
                }
            }
        }
        true
    }

    /// Gives what was counted to the shared tally.
    pub fn hand_over(&mut self, tally: &Tally) {
        tally.add(&std::mem::take(&mut self.counts));
        if !self.latencies.is_empty() {
            tally.answers.record(self.number, self.latencies.drain(..));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicI64;

    use super::*;
    use crate::chance::{Chance, KeyMaker};
    use crate::stage::Lot;

    fn book() -> Book {
        let lot = Lot { index: 0, id: 7, start: 1, unit: 1 };
        let aim = Aim::Counter { lot, counter: Arc::new(AtomicI64::new(0)) };
        Book::new(0, aim, Arc::new(Board::new(&[lot])))
    }

    fn ask(book: &mut Book, keys: &mut KeyMaker) -> Key {
        let (key, since) = (keys.make(1_795_300_500_000_000), clock::monotonic());
        let bid = book.aim.next().unwrap();
        book.sent(Pending { key, since, bid, in_doubt: false });
        key
    }

    #[test]
    fn answers_find_their_bids_by_key_in_any_order() {
        let (mut book, mut keys) = (book(), KeyMaker::new(Chance::new(1, 1)));
        let [first, second] = [ask(&mut book, &mut keys), ask(&mut book, &mut keys)];
        book.take(
            format!(r#"{{"type":"accepted","key":"{}","id":7,"seq":2}}"#, second.as_str()).as_bytes(),
            clock::monotonic(),
        );
        let refusal = format!(
            r#"{{"type":"refused","key":"{}","id":7,"code":"below_minimum","minimum":9,"title":"x"}}"#,
            first.as_str()
        );
        book.take(refusal.as_bytes(), clock::monotonic());
        assert_eq!(book.takings.receipts, [Receipt { auction: 0, seq: 2, amount: 2 }]);
        assert_eq!((book.counts.accepted, book.counts.refused, book.latencies.len()), (1, 1, 2));
        assert_eq!((book.board.minimum(0), book.board.seq(0)), (9, 2));
        assert!(book.pending.is_empty());
    }

    #[test]
    fn a_second_answer_to_one_key_is_a_stray() {
        let (mut book, mut keys) = (book(), KeyMaker::new(Chance::new(1, 1)));
        let key = ask(&mut book, &mut keys);
        let answer = format!(r#"{{"type":"accepted","key":"{}","id":7,"seq":2}}"#, key.as_str());
        book.take(answer.as_bytes(), clock::monotonic());
        book.take(answer.as_bytes(), clock::monotonic());
        assert_eq!((book.takings.strays, book.takings.receipts.len()), (1, 1));
    }

    #[test]
    fn an_unknown_outcome_is_kept_and_busy_is_neither_refused_nor_accepted() {
        let (mut book, mut keys) = (book(), KeyMaker::new(Chance::new(1, 1)));
        for code in ["outcome_unknown", "busy"] {
            let key = ask(&mut book, &mut keys);
            let answer = format!(r#"{{"type":"refused","key":"{}","id":7,"code":"{code}"}}"#, key.as_str());
            book.take(answer.as_bytes(), clock::monotonic());
        }
        assert_eq!((book.unknown.len(), book.counts.busy, book.counts.refused), (1, 1, 0));
        assert_eq!(book.latencies.len(), 1);
    }
    #[test]
    fn after_the_line_broke_everything_open_is_asked_for_again_with_its_key() {
        let (mut book, mut keys) = (book(), KeyMaker::new(Chance::new(1, 1)));
        let asked = [ask(&mut book, &mut keys), ask(&mut book, &mut keys)];
        book.line_broke();
        assert!(book.has_unknown() && book.under_way() == 0 && book.open() == 2);
        let again: Vec<_> = book.ask_unknown_again().into_iter().map(|pending| pending.key).collect();
        assert!(again == asked && book.under_way() == 2 && book.open() == 2);
    }

    #[test]
    fn busy_does_not_end_a_bid_that_was_sent_before() {
        let (mut book, mut keys) = (book(), KeyMaker::new(Chance::new(1, 1)));
        let key = ask(&mut book, &mut keys);
        book.line_broke();
        for (code, open) in [("busy", 1), ("unavailable", 1), ("below_minimum", 0)] {
            assert_eq!(book.ask_unknown_again().len(), 1);
            let answer = format!(r#"{{"type":"refused","key":"{}","id":7,"code":"{code}"}}"#, key.as_str());
            book.take(answer.as_bytes(), clock::monotonic());
            assert_eq!(book.open(), open, "{code}");
        }
    }
}
