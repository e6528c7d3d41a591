//! Money in order: every transfer kept so far, taken in once for each pass, and what it leaves behind.
//!
//! A read that compares anything with transfers calls [`Money::catch_up`] first, so that both are of one moment.

use ledger::{Account, LIMIT, Reason};
use rusqlite::{Connection, Result, Row};

use super::checks::{Check, Findings};
use super::notebook::Notebook;
use super::window::Window;
use super::{Bounds, Steps};
use crate::rows::{account, account_number, number_of, reason};

/// The accounts by the numbers under which they stand.
const CASH: i64 = 1;
pub(super) const ESCROW: i64 = 2;
const FEES: i64 = 3;
const PAYABLE: i64 = 4;
pub(super) const AVAILABLE: i64 = 5;
pub(super) const HELD: i64 = 6;

/// A transfer as it stands in its row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moving {
    pub(super) id: i64,
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) member: Option<i64>,
    pub(super) amount: i64,
    pub(super) reason: i64,
    pub(super) auction: Option<i64>,
    pub(super) order: Option<i64>,
    previous: Option<i64>,
}

/// What a member's transfers leave him with.
#[derive(Clone, Debug, Default)]
pub(super) struct Chain {
    pub(super) available: i64,
    pub(super) held: i64,
    /// The newest of them, 0 before the first.
    pub(super) last: i64,
    /// Whether the first of them was kept before the audit began, so that there must be a wallet.
    pub(super) is_old: bool,
    /// Whether the wallet was compared.
    pub(super) is_compared: bool,
    /// What he asked to have paid out.
    pub(super) requested: i64,
    /// What he got back of that.
    pub(super) reversed: i64,
    /// What was taken back of what he had paid in.
    pub(super) taken_back: i64,
}

/// All holds and releases of one auction, in a form that does not depend on their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Moved {
    pub(super) transfers: u64,
    print: u64,
}

/// What the house has, by the numbers of its accounts.
#[derive(Default)]
struct House([i128; 5]);

/// Every transfer so far, as far as this pass follows it.
pub(super) struct Money {
    bounds: Bounds,
    per_read: usize,
    /// Whether this pass looks at the transfers themselves too, and at the house.
    pub(super) is_first: bool,
    position: i64,
    house: House,
    pub(super) notebook: Notebook,
    pub(super) members: Window<Chain>,
    pub(super) auctions: Window<Moved>,
    /// What this pass's accounts have together, by the transfers that were there when the audit began.
    total: i128,
    /// By how much its wallets differ from their transfers.
    pub(super) astray: i128,
}

impl Money {
    pub(super) fn new(
        bounds: Bounds,
        steps: &Steps,
        is_first: bool,
        members: Window<Chain>,
        auctions: Window<Moved>,
    ) -> Result<Money> {
        Ok(Money {
            bounds,
            per_read: steps.transfers_per_read,
            is_first,
            position: i64::MIN,
            house: House::default(),
            notebook: Notebook::open()?,
            members,
            auctions,
            total: 0,
            astray: 0,
        })
    }

    /// What is on its way out to members.
    pub(super) fn payable(&self) -> i128 {
        let [_, _, _, _, payable] = self.house.0;
        payable
    }

    /// What all accounts of this pass have together, by their wallets where they have one.
    pub(super) fn total(&self) -> i128 {
        self.total + self.astray
    }

    /// Whether a member or auction was there when the audit began.
    pub(super) fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// Takes in what was kept since the last call. False if there is more than one read should take: then the present
    /// read must end, and the next one try again.
    pub(super) fn catch_up(&mut self, connection: &Connection, findings: &mut Findings) -> Result<bool> {
        let mut statement = connection.prepare_cached(self.bounds.order.transfers())?;
        let mut rows = statement.query((self.position, self.per_read as i64))?;
        let mut taken = 0;
        while let Some(row) = rows.next()? {
            let moving = Moving::read(row)?;
            self.position = row.get(9)?;
            self.take(&moving, findings)?;
            taken += 1;
        }
        Ok(taken < self.per_read)
    }

    fn take(&mut self, moving: &Moving, findings: &mut Findings) -> Result<()> {
        if self.is_first {
            findings.expect(Check::TwoSides, moving.has_two_sides(), || {
                format!("transfer {}: {moving:?}", moving.id)
            });
            self.house.take(moving, findings);
            if let Some(order) = moving.order {
                self.notebook.note_order(moving, order, self.position)?;
            }
        }
        self.total += self.followed(moving);
        let is_old = moving.id <= self.bounds.transfer;
        if let Some(member) = moving.member.filter(|member| self.members.spans(*member)) {
            let chain = self.members.get_mut(member);
            findings.expect(Check::NoStrays, chain.is_some() || !is_old, || {
                format!("transfer {}: there is no member {member}", moving.id)
            });
            if let Some(chain) = chain {
                chain.take(moving, member, is_old, findings);
            }
        }
        if let Some(auction) = moving.auction.filter(|auction| self.auctions.spans(*auction)) {
            let moved = self.auctions.get_mut(auction);
            findings.expect(Check::NoStrays, moved.is_some() || !is_old, || {
                format!("transfer {}: there is no auction {auction}", moving.id)
            });
            if let Some(moved) = moved.filter(|_| moving.is_of_a_hold()) {
                moved.add(moving);
                self.notebook.note_hold(moving, self.position)?;
            }
        }
        Ok(())
    }

    /// By how much the transfer changes what this pass's accounts have together, if it counts.
    fn followed(&self, moving: &Moving) -> i128 {
        if moving.id > self.bounds.transfer {
            return 0;
        }
        let is_followed = |account: i64| match account {
            AVAILABLE | HELD => moving.member.is_some_and(|member| self.members.spans(member)),
            _ => self.is_first,
        };
        let amount = i128::from(moving.amount);
        amount * (i128::from(is_followed(moving.to)) - i128::from(is_followed(moving.from)))
    }
}

impl Moving {
    fn read(row: &Row<'_>) -> Result<Moving> {
        Ok(Moving {
            id: row.get(0)?,
            from: row.get(1)?,
            to: row.get(2)?,
            member: row.get(3)?,
            amount: row.get(4)?,
            reason: row.get(5)?,
            auction: row.get(6)?,
            order: row.get(7)?,
            previous: row.get(8)?,
        })
    }

    /// Whether it is for this reason.
    pub(super) fn is_for(&self, reason: Reason) -> bool {
        self.reason == number_of(&Reason::ALL, &reason)
    }

    /// Whether it changes what is held for an auction.
    fn is_of_a_hold(&self) -> bool {
        self.is_for(Reason::BidHold) || self.is_for(Reason::BidRelease) || self.is_from_held()
    }

    /// Whether it takes from what is held.
    pub(super) fn is_from_held(&self) -> bool {
        self.from == HELD
    }

    fn has_two_sides(&self) -> bool {
        let side = |number: i64| account(number, self.member, 0);
        let (Ok(from), Ok(to), Ok(reason)) = (side(self.from), side(self.to), reason(self.reason, 0)) else {
            return false;
        };
        let is_of_a_member = from.member().is_some() || to.member().is_some();
        let names = (self.auction.is_some(), self.order.is_some());
        let is_named = match reason {
            Reason::Deposit => names == (false, false),
            Reason::BidHold => names == (true, false),
            Reason::BidRelease => names.0,
            Reason::Purchase | Reason::Payout | Reason::Fee | Reason::Refund => names == (true, true),
            Reason::WithdrawalRequested
            | Reason::WithdrawalDone
            | Reason::WithdrawalReversed
            | Reason::FeeWithdrawal
            | Reason::DepositReversed => names == (false, false),
        };
        let is_within_limits = (1..=LIMIT.won()).contains(&self.amount);
        reason.joins(from, to) && is_of_a_member == self.member.is_some() && is_named && is_within_limits
    }
}

impl Chain {
    fn take(&mut self, moving: &Moving, member: i64, is_old: bool, findings: &mut Findings) {
        findings.expect(Check::ChainsAreWhole, moving.previous.unwrap_or_default() == self.last, || {
            let Moving { id, previous, .. } = moving;
            format!("transfer {id} of member {member}: says {previous:?} came before, it was {}", self.last)
        });
        if self.last == 0 {
            self.is_old = is_old;
        }
        self.last = moving.id;
        self.change(moving.from, moving.amount.saturating_neg());
        self.change(moving.to, moving.amount);
        if moving.is_for(Reason::WithdrawalRequested) {
            self.requested = self.requested.saturating_add(moving.amount);
        } else if moving.is_for(Reason::WithdrawalReversed) {
            self.reversed = self.reversed.saturating_add(moving.amount);
        } else if moving.is_for(Reason::DepositReversed) {
            self.taken_back = self.taken_back.saturating_add(moving.amount);
        }
        findings.expect(Check::MembersNeverBelowZero, self.available >= 0 && self.held >= 0, || {
            let Chain { available, held, .. } = self;
            format!("member {member} after transfer {}: available {available}, held {held}", moving.id)
        });
    }

    fn change(&mut self, account: i64, amount: i64) {
        match account {
            AVAILABLE => self.available = self.available.saturating_add(amount),
            HELD => self.held = self.held.saturating_add(amount),
            _ => {}
        }
    }
}

impl House {
    fn take(&mut self, moving: &Moving, findings: &mut Findings) {
        self.change(moving.from, -i128::from(moving.amount));
        self.change(moving.to, i128::from(moving.amount));
        let [_, cash, escrow, fees, payable] = self.0;
        let is_right = cash <= 0 && escrow >= 0 && fees >= 0 && payable >= 0;
        findings.expect(Check::HouseNeverBelowZero, is_right, || {
            format!(
                "after transfer {}: cash {cash}, escrow {escrow}, fees {fees}, payable {payable}",
                moving.id
            )
        });
    }

    fn change(&mut self, account: i64, amount: i128) {
        if let CASH | ESCROW | FEES | PAYABLE = account {
            self.0[account as usize] += amount;
        }
    }
}

impl Moved {
    fn add(&mut self, moving: &Moving) {
        let sides = [moving.from, moving.to, moving.reason, i64::from(moving.order.is_some())];
        self.add_print(sides, moving.member, moving.amount);
    }

    /// Adds what the rules say must move, if it changes what is held.
    pub(super) fn add_transfer(&mut self, transfer: &ledger::Transfer, has_order: bool) {
        let is_of_a_hold = [transfer.from, transfer.to].iter().any(|side| matches!(side, Account::Held(_)));
        if !is_of_a_hold {
            return;
        }
        let (from, to) = (account_number(transfer.from), account_number(transfer.to));
        let member = transfer.from.member().or(transfer.to.member()).map(|member| member.0);
        let sides = [from, to, number_of(&Reason::ALL, &transfer.reason), i64::from(has_order)];
        self.add_print(sides, member, transfer.amount.won());
    }

    fn add_print(&mut self, sides: [i64; 4], member: Option<i64>, amount: i64) {
        let of_sides = sides.into_iter().fold(0, mix);
        let print = mix(mix(of_sides, member.unwrap_or(-1)), amount);
        self.transfers += 1;
        self.print = self.print.wrapping_add(print);
    }
}

/// Stirs a number into a print, so that sums of prints tell different transfers apart (the finish of splitmix64).
fn mix(print: u64, number: i64) -> u64 {
    let mut mixed = (print ^ number.cast_unsigned()).wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
