//! Money that comes from outside and goes there: deposits, what is taken back of them, withdrawals and fees, judged by the
//! provider and by whose they are.

use auction::{FieldCode, FieldInvalid, Lines, Refusal, text_fault};
use ledger::{Account, MemberId, Money, Posted, Reason, Transfer, TransferId, WithdrawalId};
use store::{
    Act, ActKind, Debt, FirstAnswer, KeptDeposit, KeptFees, KeptReversal, KeptWithdrawal, Reference,
    Withdrawal, WithdrawalState,
};

use super::{Decision, Desk};

/// The most characters of where a withdrawal goes, of what money is known by outside, and of why some was taken back.
const WORDS_CHARS_MAX: usize = 200;

/// Money that moved in or out.
pub(super) struct Moved {
    posted: Posted,
    what: What,
    act: Option<Act>,
}

/// What it was that moved.
enum What {
    /// So much came in.
    Deposit(Money),
    /// Money is to go out, is out, or is back.
    Withdrawal(Withdrawal),
    /// So much was taken back of a deposit, which leaves this debt.
    Reversal { taken: Money, debt: Debt },
    /// So much of the fees went out.
    Fees(Money),
}

impl Desk<'_> {
    /// A member pays in by himself.
    pub(super) fn decide_deposit(&self, member: MemberId, amount: i64) -> Result<Decision, Refusal> {
        // Nothing comes to whoever has left: nobody could ever take it out again.
        if self.standing_of(member).has_left {
            return Err(Refusal::Suspended);
        }
        let provider = self.settings.deposits.provider();
        let amount = provider.deposit(amount)?;
        Ok(self.paid_in(member, amount, None))
    }

    /// An admin enters what came in; never for himself.
    pub(super) fn decide_entered(
        &self,
        admin: MemberId,
        member: MemberId,
        amount: i64,
        reference: &str,
    ) -> Result<Decision, Refusal> {
        self.only_admin(admin)?;
        if member == admin {
            return Err(Refusal::NotAdmin);
        }
        let provider = self.settings.deposits.provider();
        let amount = provider.entered(amount)?;
        let mut errors = words_fault("reference", reference);
        if !self.book.knows(member) || self.standing_of(member).has_left {
            errors.push(FieldInvalid { field: "member", code: FieldCode::Invalid });
        }
        if !errors.is_empty() {
            return Err(Refusal::Invalid { errors });
        }
        if self.references.contains(&Reference::Deposit(reference.to_owned())) {
            return Err(Refusal::ReferenceUsed);
        }
        let act = self.act(admin, ActKind::Deposited, Some(member), None, reference);
        Ok(self.paid_in(member, amount, Some(act)))
    }

    fn paid_in(&self, member: MemberId, amount: Money, act: Option<Act>) -> Decision {
        let (from, to) = (Account::Cash, Account::Available(member));
        let mut draft = self.book.draft();
        let posted = draft.post(Transfer { from, to, amount, reason: Reason::Deposit, auction: None });
        posted.expect("cash has no lower bound");
        Decision::Moved(Box::new(Moved { posted: draft.finish(), what: What::Deposit(amount), act }))
    }

    /// A member wants money out.
    pub(super) fn decide_withdrawal(
        &self,
        member: MemberId,
        amount: i64,
        destination: &str,
    ) -> Result<Decision, Refusal> {
        if self.standing_of(member).suspended {
            return Err(Refusal::Suspended);
        }
        let amount = self.settings.deposits.provider().withdrawal(amount)?;
        let errors = words_fault("destination", destination);
        if !errors.is_empty() {
            return Err(Refusal::Invalid { errors });
        }
        self.owes_nothing(member)?;
        let available = self.book.wallet(member).available;
        if available < amount {
            return Err(Refusal::InsufficientFunds { required: amount, available });
        }
        let (from, to) = (Account::Available(member), Account::Payable);
        let reason = Reason::WithdrawalRequested;
        let withdrawal = Withdrawal {
            id: WithdrawalId(self.next.withdrawal),
            member,
            amount,
            destination: destination.to_owned(),
            at: self.now,
            state: WithdrawalState::Requested,
            decided_by: None,
            decided_at: None,
            reason: None,
        };
        Ok(self.paid_out(Transfer { from, to, amount, reason, auction: None }, withdrawal, None))
    }

    /// Nothing goes out to whoever lacks something of what came in.
    fn owes_nothing(&self, member: MemberId) -> Result<(), Refusal> {
        match self.owed.get(&member).copied().filter(|owed| !owed.is_zero()) {
            Some(missing) => Err(Refusal::InDebt { missing }),
            None => Ok(()),
        }
    }

    /// An admin has paid a withdrawal out, or gives it back.
    pub(super) fn decide_settlement(
        &self,
        admin: MemberId,
        id: WithdrawalId,
        is_done: bool,
        reason: &str,
    ) -> Result<Decision, Refusal> {
        self.only_admin(admin)?;
        let withdrawal = self.withdrawals.get(&id).ok_or(Refusal::WithdrawalNotFound)?;
        if withdrawal.member == admin {
            return Err(Refusal::NotAdmin);
        }
        if withdrawal.state != WithdrawalState::Requested {
            return Err(Refusal::WithdrawalOver);
        }
        let has_reason = text_fault(reason, 1, WORDS_CHARS_MAX, Lines::Any).is_none();
        if !(has_reason || is_done && reason.is_empty()) {
            return Err(Refusal::ReasonMissing);
        }
        if is_done {
            self.owes_nothing(withdrawal.member)?;
        }
        let (to, why, state, kind) = if is_done {
            (Account::Cash, Reason::WithdrawalDone, WithdrawalState::Done, ActKind::WithdrawalDone)
        } else {
            let to = Account::Available(withdrawal.member);
            (to, Reason::WithdrawalReversed, WithdrawalState::Reversed, ActKind::WithdrawalReversed)
        };
        let (from, amount) = (Account::Payable, withdrawal.amount);
        let settled = Withdrawal {
            state,
            decided_by: Some(admin),
            // Never before it was asked for, also by a clock that was set back since.
            decided_at: Some(self.now.max(withdrawal.at)),
            reason: Some(reason.to_owned()).filter(|reason| !reason.is_empty()),
            ..withdrawal.clone()
        };
        let act = self.act(admin, kind, Some(withdrawal.member), Some(id), reason);
        let transfer = Transfer { from, to, amount, reason: why, auction: None };
        Ok(self.paid_out(transfer, settled, Some(act)))
    }

    fn paid_out(&self, transfer: Transfer, withdrawal: Withdrawal, act: Option<Act>) -> Decision {
        let mut draft = self.book.draft();
        draft.post(transfer).expect("funds were checked before, and what is payable is there");
        let what = What::Withdrawal(withdrawal);
        Decision::Moved(Box::new(Moved { posted: draft.finish(), what, act }))
    }

    /// An admin takes back of a deposit what is there, never his own; what is missing stays a debt. What bids hold is not
    /// touched. Also where nobody pays in any more: a bank calls back when it likes.
    pub(super) fn decide_reversal(
        &self,
        admin: MemberId,
        id: TransferId,
        reason: &str,
    ) -> Result<Decision, Refusal> {
        self.only_admin(admin)?;
        let deposited = self.deposits.get(&id).ok_or(Refusal::DepositNotFound)?;
        let (member, amount) = (deposited.member, deposited.amount);
        if member == admin {
            return Err(Refusal::NotAdmin);
        }
        if text_fault(reason, 1, WORDS_CHARS_MAX, Lines::Any).is_some() {
            return Err(Refusal::ReasonMissing);
        }
        let due = deposited.left();
        if due.is_zero() {
            return Err(Refusal::NothingMissing);
        }
        let available = self.book.wallet(member).available;
        let taken = available.min(due);
        // The first time there is a debt to write down; after that, nothing would be done.
        if taken.is_zero() && deposited.debt.is_some() {
            return Err(Refusal::InsufficientFunds { required: due, available });
        }
        let mut draft = self.book.draft();
        let (from, to, why) = (Account::Available(member), Account::Cash, Reason::DepositReversed);
        let posted = draft.post(Transfer { from, to, amount: taken, reason: why, auction: None });
        posted.expect("no more is taken than is there");
        let (missing, at, words) = (due.minus_or_zero(taken), self.now, reason.to_owned());
        let debt = Debt { deposit: id, member, amount, missing, admin, at, reason: words };
        let act = Some(self.act(admin, ActKind::DepositReversed, Some(member), None, reason));
        let what = What::Reversal { taken, debt };
        Ok(Decision::Moved(Box::new(Moved { posted: draft.finish(), what, act })))
    }

    /// An admin takes out what the house earned, never more than there is, and once for what it is known by outside.
    pub(super) fn decide_fees(
        &self,
        admin: MemberId,
        amount: i64,
        reference: &str,
    ) -> Result<Decision, Refusal> {
        self.only_admin(admin)?;
        let amount = self.settings.deposits.provider().withdrawal(amount)?;
        let errors = words_fault("reference", reference);
        if !errors.is_empty() {
            return Err(Refusal::Invalid { errors });
        }
        if self.references.contains(&Reference::Fees(reference.to_owned())) {
            return Err(Refusal::ReferenceUsed);
        }
        if self.fees < amount {
            return Err(Refusal::InsufficientFees { fees: self.fees });
        }
        let mut draft = self.book.draft();
        let (from, to, reason) = (Account::Fees, Account::Cash, Reason::FeeWithdrawal);
        let posted = draft.post(Transfer { from, to, amount, reason, auction: None });
        posted.expect("the house's accounts have no bound in a draft");
        let act = Some(self.act(admin, ActKind::FeesWithdrawn, None, None, reference));
        Ok(Decision::Moved(Box::new(Moved { posted: draft.finish(), what: What::Fees(amount), act })))
    }

    /// Takes money that moved onto the desk, and says what is answered.
    pub(super) fn take_moved(&mut self, moved: Moved) -> FirstAnswer {
        let transfer = self.post(&moved.posted, None);
        self.references.extend(moved.act.iter().filter_map(Act::reference));
        self.round.acts.extend(moved.act);
        // Also what goes out is of the kind that the store holds.
        self.round.money = self.settings.deposits.provider().money();
        match moved.what {
            What::Deposit(amount) => FirstAnswer::Deposit(KeptDeposit { id: transfer, amount, at: self.now }),
            What::Withdrawal(withdrawal) => self.take_withdrawal(withdrawal),
            What::Reversal { taken, debt } => self.take_debt(taken, debt),
            What::Fees(amount) => FirstAnswer::Fees(KeptFees { id: transfer, amount, at: self.now }),
        }
    }

    fn take_withdrawal(&mut self, withdrawal: Withdrawal) -> FirstAnswer {
        let Withdrawal { id, amount, at, .. } = withdrawal;
        if id == WithdrawalId(self.next.withdrawal) {
            self.next.withdrawal += 1;
        }
        self.changed_withdrawals.insert(id);
        self.withdrawals.insert(id, withdrawal);
        FirstAnswer::Withdrawal(KeptWithdrawal { id, amount, at })
    }

    fn take_debt(&mut self, taken: Money, debt: Debt) -> FirstAnswer {
        let Debt { deposit, member, missing, at, .. } = debt;
        let deposited = self.deposits.get_mut(&deposit).expect("what was taken back was read before");
        // What was never taken back before was no debt yet.
        let before = deposited.debt.as_ref().map_or(Money::ZERO, |old| old.missing);
        deposited.debt = Some(debt);
        self.changed_debts.insert(deposit);
        let owed = self.owed.entry(member).or_default();
        let others = owed.minus_or_zero(before);
        *owed = others.plus(missing).expect("debts are part of what came in");
        FirstAnswer::Reversal(KeptReversal { deposit, taken, missing, at })
    }

    fn only_admin(&self, member: MemberId) -> Result<(), Refusal> {
        if self.standing_of(member).acts_as_admin() { Ok(()) } else { Err(Refusal::NotAdmin) }
    }

    fn act(
        &self,
        admin: MemberId,
        kind: ActKind,
        member: Option<MemberId>,
        withdrawal: Option<WithdrawalId>,
        reason: &str,
    ) -> Act {
        let (admin, reason) = (Some(admin), reason.to_owned());
        Act { admin, kind, member, auction: None, order: None, withdrawal, reason, at: self.now }
    }
}

/// What is wrong with words that somebody has to go by.
fn words_fault(field: &'static str, text: &str) -> Vec<FieldInvalid> {
    let fault = text_fault(text, 1, WORDS_CHARS_MAX, Lines::One);
    fault.map(|code| FieldInvalid { field, code }).into_iter().collect()
}
