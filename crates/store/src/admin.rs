//! What people decide where the rules cannot: withdrawals, what admins did and why, and the chores that follow.

use auction::{AuctionId, Hand, OrderId, Time};
use ledger::{MemberId, Money, WithdrawalId};

/// A wish to take money out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// Its number.
    pub id: WithdrawalId,
    /// Whose money.
    pub member: MemberId,
    /// How much.
    pub amount: Money,
    /// Where it should go, in the member's words.
    pub destination: String,
    /// When it was requested.
    pub at: Time,
    /// What became of it.
    pub state: WithdrawalState,
    /// Who did or reversed it.
    pub decided_by: Option<MemberId>,
    /// When.
    pub decided_at: Option<Time>,
    /// Why, if it was reversed.
    pub reason: Option<String>,
}

/// requested → done, or reversed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WithdrawalState {
    /// It waits for an admin or a provider.
    Requested,
    /// The money is out.
    Done,
    /// The member has it back.
    Reversed,
}

impl WithdrawalState {
    /// Every state, in the order of their numbers in a store.
    pub const ALL: [WithdrawalState; 3] =
        [WithdrawalState::Requested, WithdrawalState::Done, WithdrawalState::Reversed];

    /// The stable name, as clients see it.
    pub const fn name(self) -> &'static str {
        match self {
            WithdrawalState::Requested => "requested",
            WithdrawalState::Done => "done",
            WithdrawalState::Reversed => "reversed",
        }
    }
}

/// What an admin did, kept for ever; the members concerned may read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Who; none for the operator himself, on the command line.
    pub admin: Option<MemberId>,
    /// What.
    pub kind: ActKind,
    /// Whom it concerns, if one member.
    pub member: Option<MemberId>,
    /// Which auction.
    pub auction: Option<AuctionId>,
    /// Which order; it concerns both sides.
    pub order: Option<OrderId>,
    /// Which withdrawal.
    pub withdrawal: Option<WithdrawalId>,
    /// Why; empty if the operator did not say.
    pub reason: String,
    /// When.
    pub at: Time,
}

impl Act {
    /// What the money is known by outside that was entered or taken out, if any was.
    pub fn reference(&self) -> Option<Reference> {
        match self.kind {
            ActKind::Deposited => Some(Reference::Deposit(self.reason.clone())),
            ActKind::FeesWithdrawn => Some(Reference::Fees(self.reason.clone())),
            _ => None,
        }
    }
}

/// What a payment is known by outside, as an admin notes it; it is used once for each way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// Money came in.
    Deposit(String),
    /// Fees went out.
    Fees(String),
}

/// What admins do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActKind {
    /// A member may do nothing any more.
    Suspended,
    /// He may again.
    Restored,
    /// His marks no longer keep him from listing.
    MarksLifted,
    /// An auction was cancelled.
    Cancelled,
    /// Bids were taken back.
    TookBack,
    /// A dispute was decided.
    Decided,
    /// A withdrawal was paid out.
    WithdrawalDone,
    /// A withdrawal was reversed.
    WithdrawalReversed,
    /// Money that came in was entered.
    Deposited,
    /// A member became an admin.
    Granted,
    /// He is none any more.
    Revoked,
    /// Money that had come in was taken back.
    DepositReversed,
    /// What the house earned was taken out.
    FeesWithdrawn,
    /// A question was hidden, with its answer.
    QuestionHidden,
    /// A question is shown, again or in spite of its reports.
    QuestionShown,
}

impl ActKind {
    /// Every kind, in the order of their numbers in a store.
    pub const ALL: [ActKind; 15] = [
        ActKind::Suspended,
        ActKind::Restored,
        ActKind::MarksLifted,
        ActKind::Cancelled,
        ActKind::TookBack,
        ActKind::Decided,
        ActKind::WithdrawalDone,
        ActKind::WithdrawalReversed,
        ActKind::Deposited,
        ActKind::Granted,
        ActKind::Revoked,
        ActKind::DepositReversed,
        ActKind::FeesWithdrawn,
        ActKind::QuestionHidden,
        ActKind::QuestionShown,
    ];

    /// The stable name, as clients see it.
    pub const fn name(self) -> &'static str {
        match self {
            ActKind::Suspended => "suspended",
            ActKind::Restored => "restored",
            ActKind::MarksLifted => "marks_lifted",
            ActKind::Cancelled => "cancelled",
            ActKind::TookBack => "took_back",
            ActKind::Decided => "decided",
            ActKind::WithdrawalDone => "withdrawal_done",
            ActKind::WithdrawalReversed => "withdrawal_reversed",
            ActKind::Deposited => "deposited",
            ActKind::Granted => "granted",
            ActKind::Revoked => "revoked",
            ActKind::DepositReversed => "deposit_reversed",
            ActKind::FeesWithdrawn => "fees_withdrawn",
            ActKind::QuestionHidden => "question_hidden",
            ActKind::QuestionShown => "question_shown",
        }
    }
}

/// A chore's own number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChoreId(pub i64);

/// Something the house still has to do with one auction because a member was blocked or suspended: one command, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chore {
    /// Its number.
    pub id: ChoreId,
    /// With which auction.
    pub auction: AuctionId,
    /// Whose bids are taken back; none if the auction is cancelled.
    pub member: Option<MemberId>,
    /// On whose behalf.
    pub by: Hand,
    /// Why.
    pub reason: Option<String>,
}

/// How many marks keep a seller from listing.
pub const MARKS_TO_BAR: usize = 3;

/// For how long a mark counts towards that.
pub const MARKS_COUNT_FOR: auction::Span = auction::Span::days(90);
