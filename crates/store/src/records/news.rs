//! What is new: notices for members, and what other processes on the same store have kept.

use auction::{AuctionId, Seq, Time};
use ledger::{MemberId, Money, Wallet};

use super::SearchTold;

/// Something a member should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeRow {
    /// Its number; a notice that is renewed gets a new one, so that marking as read what was seen leaves it unread.
    pub id: i64,
    /// What it is about.
    pub kind: NoticeKind,
    /// On which auction.
    pub auction: AuctionId,
    /// Its title; of a search that is still kept, what that is called.
    pub title: String,
    /// The amount it speaks of, if any.
    pub amount: Option<Money>,
    /// When.
    pub at: Time,
    /// Whether it was read.
    pub read: bool,
    /// The search that it tells of, if it is still kept and this is the last of it.
    pub search: Option<SearchTold>,
}

/// What a notice is about; one unread row per member, auction and kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoticeKind {
    /// Someone bid more than the member.
    Outbid,
    /// A bid came in on the member's auction.
    NewBid,
    /// The member won.
    Won,
    /// The member's auction was sold.
    Sold,
    /// The member's auction ended without a bid.
    Unsold,
    /// The end of an auction the member leads or sells was moved by an outage, or of one he leads by its seller.
    Extended,
    /// An auction the member took part in was taken back.
    Cancelled,
    /// The member's auction, or one he led, ended below its reserve.
    ReserveNotMet,
    /// The member's bids were taken back.
    TakenBack,
    /// An auction the member took part in started afresh.
    Afresh,
    /// The reserve was lowered below the member's maximum, which was cut: he must bid again.
    MaximumCut,
    /// The terms of an auction the member took part in changed, or a note was added.
    Edited,
    /// What the member bought was sent.
    Shipped,
    /// Both were at the meeting, by the code.
    Met,
    /// What the member sold has come.
    Delivered,
    /// Has it come? The house asks the buyer.
    Asked,
    /// The order is done, and the seller paid.
    Done,
    /// The buyer has his money back.
    Refunded,
    /// The other side wants to cancel.
    CancelWanted,
    /// A person has to decide.
    Disputed,
    /// The other side added to a dispute.
    Evidence,
    /// An admin has divided the money.
    Decided,
    /// The thing is offered to the member.
    Offered,
    /// What became of the member's offer to another.
    OfferAnswered,
    /// The other side wrote a review, or it is shown now.
    Review,
    /// Codes were typed wrong too often.
    CodeLocked,
    /// Somebody asked a question under the member's auction.
    Question,
    /// The seller answered the member's question.
    Answer,
    /// An auction the member watches or has bid on ends within [`ENDING_SOON`](super::ENDING_SOON).
    EndingSoon,
    /// Something new fits a search that the member keeps.
    SearchMatch,
}

impl NoticeKind {
    /// Every kind, in the order of their numbers in a store.
    pub const ALL: [NoticeKind; 30] = [
        NoticeKind::Outbid,
        NoticeKind::NewBid,
        NoticeKind::Won,
        NoticeKind::Sold,
        NoticeKind::Unsold,
        NoticeKind::Extended,
        NoticeKind::Cancelled,
        NoticeKind::ReserveNotMet,
        NoticeKind::TakenBack,
        NoticeKind::Afresh,
        NoticeKind::MaximumCut,
        NoticeKind::Edited,
        NoticeKind::Shipped,
        NoticeKind::Met,
        NoticeKind::Delivered,
        NoticeKind::Asked,
        NoticeKind::Done,
        NoticeKind::Refunded,
        NoticeKind::CancelWanted,
        NoticeKind::Disputed,
        NoticeKind::Evidence,
        NoticeKind::Decided,
        NoticeKind::Offered,
        NoticeKind::OfferAnswered,
        NoticeKind::Review,
        NoticeKind::CodeLocked,
        NoticeKind::Question,
        NoticeKind::Answer,
        NoticeKind::EndingSoon,
        NoticeKind::SearchMatch,
    ];

    /// The stable name, as clients see it.
    pub const fn name(self) -> &'static str {
        match self {
            NoticeKind::Outbid => "outbid",
            NoticeKind::NewBid => "new_bid",
            NoticeKind::Won => "won",
            NoticeKind::Sold => "sold",
            NoticeKind::Unsold => "unsold",
            NoticeKind::Extended => "extended",
            NoticeKind::Cancelled => "cancelled",
            NoticeKind::ReserveNotMet => "reserve_not_met",
            NoticeKind::TakenBack => "taken_back",
            NoticeKind::Afresh => "afresh",
            NoticeKind::MaximumCut => "maximum_cut",
            NoticeKind::Edited => "edited",
            NoticeKind::Shipped => "shipped",
            NoticeKind::Met => "met",
            NoticeKind::Delivered => "delivered",
            NoticeKind::Asked => "asked",
            NoticeKind::Done => "done",
            NoticeKind::Refunded => "refunded",
            NoticeKind::CancelWanted => "cancel_wanted",
            NoticeKind::Disputed => "disputed",
            NoticeKind::Evidence => "evidence",
            NoticeKind::Decided => "decided",
            NoticeKind::Offered => "offered",
            NoticeKind::OfferAnswered => "offer_answered",
            NoticeKind::Review => "review",
            NoticeKind::CodeLocked => "code_locked",
            NoticeKind::Question => "question",
            NoticeKind::Answer => "answer",
            NoticeKind::EndingSoon => "ending_soon",
            NoticeKind::SearchMatch => "search_match",
        }
    }
}

/// What following has written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// The notices written or renewed, newest last.
    pub notices: Vec<(MemberId, NoticeRow)>,
    /// Whether more rounds wait.
    pub more: bool,
}

/// Up to where a process has heard; only the store that gave it can read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment(pub String);

/// What was kept since a moment, in no order. It may be told twice, never too little, unless the store began anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// From where to ask on; none where there is nothing to hear.
    pub moment: Option<Moment>,
    /// The auctions that changed, each with an event it has reached.
    pub heads: Vec<(AuctionId, Seq)>,
    /// The wallets that changed, as they stood after their rounds; the version says which is newest.
    pub wallets: Vec<(MemberId, Wallet)>,
    /// Whether more waits to be heard right away.
    pub more: bool,
}

/// The notices that were written since a number, whoever wrote them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Noticed {
    /// From which number to ask on; none where only one process writes notices, and tells them.
    pub newest: Option<i64>,
    /// Those that are unread, oldest first, of each member the newest [`NOTICED_OF_A_MEMBER_MAX`].
    pub notices: Vec<(MemberId, NoticeRow)>,
}

/// How many new notices of one member are read at the most; whoever has more unread ones wants their count.
pub const NOTICED_OF_A_MEMBER_MAX: usize = 32;
