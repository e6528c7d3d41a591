//! Money that comes from outside and goes there: deposits and withdrawals, judged by the provider and by whose they are.

use auction::{FieldCode, FieldInvalid, Lines, Refusal, text_fault};
use ledger::{Account, MemberId, Money, Posted, Reason, Transfer, WithdrawalId};
use store::{Act, ActKind, FirstAnswer, KeptDeposit, KeptWithdrawal, Withdrawal, WithdrawalState};

use super::{Decision, Desk};

/// The most characters of where a withdrawal goes, of what a deposit is known by, and of why one was reversed.
const WORDS_CHARS_MAX: usize = 200;

/// Money that moved in or out.
pub(super) struct Moved {
    posted: Posted,
    /// How much came in.
    deposit: Option<Money>,
    withdrawal: Option<Withdrawal>,
    act: Option<Act>,
}

impl Desk<'_> {
    /// A member pays in by himself.
    pub(super) fn decide_deposit(&self, member: MemberId, amount: i64) -> Result<Decision, Refusal> {
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
        if !self.book.knows(member) {
            errors.push(FieldInvalid { field: "member", code: FieldCode::Invalid });
        }
        if !errors.is_empty() {
            return Err(Refusal::Invalid { errors });
        }
        if self.references.contains(reference) {
            return Err(Refusal::ReferenceUsed);
        }
        let act = self.act(admin, ActKind::Deposited, member, None, reference);
        Ok(self.paid_in(member, amount, Some(act)))
    }

    fn paid_in(&self, member: MemberId, amount: Money, act: Option<Act>) -> Decision {
        let (from, to) = (Account::Cash, Account::Available(member));
        let mut draft = self.book.draft();
        let posted = draft.post(Transfer { from, to, amount, reason: Reason::Deposit, auction: None });
        posted.expect("cash has no lower bound");
        let deposit = Some(amount);
        Decision::Moved(Box::new(Moved { posted: draft.finish(), deposit, withdrawal: None, act }))
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
            decided_at: Some(self.now),
            reason: Some(reason.to_owned()).filter(|reason| !reason.is_empty()),
            ..withdrawal.clone()
        };
        let act = self.act(admin, kind, withdrawal.member, Some(id), reason);
        let transfer = Transfer { from, to, amount, reason: why, auction: None };
        Ok(self.paid_out(transfer, settled, Some(act)))
    }

    fn paid_out(&self, transfer: Transfer, withdrawal: Withdrawal, act: Option<Act>) -> Decision {
        let mut draft = self.book.draft();
        draft.post(transfer).expect("funds were checked before, and what is payable is there");
        let withdrawal = Some(withdrawal);
        Decision::Moved(Box::new(Moved { posted: draft.finish(), deposit: None, withdrawal, act }))
    }

    /// Takes money that moved onto the desk, and says what is answered.
    pub(super) fn take_moved(&mut self, moved: Moved) -> FirstAnswer {
        let transfer = self.post(&moved.posted, None);
        let entered = moved.act.iter().filter(|act| act.kind == ActKind::Deposited);
        self.references.extend(entered.map(|act| act.reason.clone()));
        self.round.acts.extend(moved.act);
        // Also what goes out is of the kind that the store holds.
        self.round.money = self.settings.deposits.provider().money();
        if let Some(amount) = moved.deposit {
            return FirstAnswer::Deposit(KeptDeposit { id: transfer, amount, at: self.now });
        }
        let withdrawal = moved.withdrawal.expect("money that did not come in goes out");
        let Withdrawal { id, amount, at, .. } = withdrawal;
        if id == WithdrawalId(self.next.withdrawal) {
            self.next.withdrawal += 1;
        }
        self.changed_withdrawals.insert(id);
        self.withdrawals.insert(id, withdrawal);
        FirstAnswer::Withdrawal(KeptWithdrawal { id, amount, at })
    }

    fn only_admin(&self, member: MemberId) -> Result<(), Refusal> {
        if self.standing_of(member).acts_as_admin() { Ok(()) } else { Err(Refusal::NotAdmin) }
    }

    fn act(
        &self,
        admin: MemberId,
        kind: ActKind,
        member: MemberId,
        withdrawal: Option<WithdrawalId>,
        reason: &str,
    ) -> Act {
        let (admin, member, reason) = (Some(admin), Some(member), reason.to_owned());
        Act { admin, kind, member, auction: None, order: None, withdrawal, reason, at: self.now }
    }
}

/// What is wrong with words that somebody has to go by.
fn words_fault(field: &'static str, text: &str) -> Vec<FieldInvalid> {
    let fault = text_fault(text, 1, WORDS_CHARS_MAX, Lines::One);
    fault.map(|code| FieldInvalid { field, code }).into_iter().collect()
}
