//! What a form brought, on its way to the page that follows: a word of a fixed list and a figure in a cookie that lives
//! for a minute and is read once. Never free text, so nobody can put words into the house's mouth.

use axum::http::{HeaderMap, HeaderValue};

use super::Tone;
use crate::caller::cookie;
use crate::settings::WebSettings;
use crate::words::{self, Language};

const COOKIE: &str = "answer";

/// What a form brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// The member is new here.
    SignedUp,
    /// The member has left.
    SignedOut,
    /// So much came in.
    Deposited(i64),
    /// A bid of so much leads.
    Bid(i64),
    /// A bid leads, at so much, and the house bids on for the member up to so much.
    Maximum(i64),
    /// The leader's maximum is so much now, and nobody else can see it.
    MaximumRaised(i64),
    /// A bid leads at so much, for which the seller would not sell.
    BidBelowReserve(i64),
    /// Another's maximum was not exceeded; the next bid is from so much.
    Beaten(i64),
    /// Another's maximum was not exceeded, and the thing is his now.
    BeatenAndSold,
    /// The end is so many hours later.
    Extended(i64),
    /// The reserve is lower.
    ReserveLowered,
    /// The listing is changed, or a note added.
    Edited,
    /// A bidder can no longer bid here, and his bids are being taken back.
    BidderBlocked,
    /// Bought at once.
    Bought,
    /// Sold at once.
    Sold,
    /// Put up for auction.
    Listed,
    /// Taken back.
    Cancelled,
    /// Settings are kept.
    Saved,
    /// The password is another one.
    Password,
    /// A member can no longer bid here.
    Blocked,
    /// A member can bid here again.
    Unblocked,
    /// All notices are read.
    Read,
    /// It was sent.
    Shipped,
    /// It has come.
    Received,
    /// Both were there.
    Met,
    /// The receipt code was right, and so much came in.
    PaidOut(i64),
    /// The other side hears that it shall be cancelled.
    CancelWanted,
    /// It shall not be cancelled after all.
    KeptOn,
    /// The sale is cancelled.
    CalledOff,
    /// A person will decide.
    Disputed,
    /// More was said in a dispute.
    Evidence,
    /// A dispute is decided, and so much went back.
    Decided(i64),
    /// A review is written.
    Reviewed,
    /// It is offered to the next for so much.
    Offered(i64),
    /// An offer was taken for so much.
    OfferTaken(i64),
    /// An offer was declined.
    OfferDeclined,
    /// So much shall go out.
    WithdrawalAsked(i64),
    /// A withdrawal is out.
    WithdrawalDone,
    /// A withdrawal came back.
    WithdrawalReversed,
    /// A member may do nothing any more.
    Suspended,
    /// He may again.
    Restored,
    /// His marks keep him from nothing any more.
    MarksLifted,
    /// An admin took a bidder's bids back.
    TookBack,
    /// So much was entered as come in.
    Entered(i64),
    /// So much of a deposit was taken back.
    DepositReversed(i64),
    /// So much of the fees was taken out.
    FeesWithdrawn(i64),
    /// A question is asked.
    QuestionAsked,
    /// A question is worded anew.
    QuestionEdited,
    /// A question is answered.
    QuestionAnswered,
    /// A question stands first.
    QuestionPinned,
    /// It is back in its place.
    QuestionUnpinned,
    /// A question is reported.
    QuestionReported,
    /// A question is hidden.
    QuestionHidden,
    /// A question is shown.
    QuestionShown,
    /// The watchlist has no room.
    WatchlistFull,
    /// A search is kept.
    SearchSaved,
    /// There is no room for another search.
    SearchesFull,
}

impl Told {
    /// What the request's cookie says; what is not on the list says nothing.
    pub fn of(headers: &HeaderMap) -> Option<Told> {
        let (code, figure) = cookie(headers, COOKIE)?.split_once('.')?;
        let figure: i64 = figure.parse().ok().filter(|figure| (0..=ledger::LIMIT.won()).contains(figure))?;
        Told::all(figure).into_iter().find(|told| told.code() == code)
    }

    fn all(figure: i64) -> [Told; 57] {
        [
            Told::SignedUp,
            Told::SignedOut,
            Told::Deposited(figure),
            Told::Bid(figure),
            Told::Maximum(figure),
            Told::MaximumRaised(figure),
            Told::BidBelowReserve(figure),
            Told::Beaten(figure),
            Told::BeatenAndSold,
            Told::Extended(figure),
            Told::ReserveLowered,
            Told::Edited,
            Told::BidderBlocked,
            Told::Bought,
            Told::Sold,
            Told::Listed,
            Told::Cancelled,
            Told::Saved,
            Told::Password,
            Told::Blocked,
            Told::Unblocked,
            Told::Read,
            Told::Shipped,
            Told::Received,
            Told::Met,
            Told::PaidOut(figure),
            Told::CancelWanted,
            Told::KeptOn,
            Told::CalledOff,
            Told::Disputed,
            Told::Evidence,
            Told::Decided(figure),
            Told::Reviewed,
            Told::Offered(figure),
            Told::OfferTaken(figure),
            Told::OfferDeclined,
            Told::WithdrawalAsked(figure),
            Told::WithdrawalDone,
            Told::WithdrawalReversed,
            Told::Suspended,
            Told::Restored,
            Told::MarksLifted,
            Told::TookBack,
            Told::Entered(figure),
            Told::DepositReversed(figure),
            Told::FeesWithdrawn(figure),
            Told::QuestionAsked,
            Told::QuestionEdited,
            Told::QuestionAnswered,
            Told::QuestionPinned,
            Told::QuestionUnpinned,
            Told::QuestionReported,
            Told::QuestionHidden,
            Told::QuestionShown,
            Told::WatchlistFull,
            Told::SearchSaved,
            Told::SearchesFull,
        ]
    }

    const fn code(self) -> &'static str {
        match self {
            Told::SignedUp => "signed-up",
            Told::SignedOut => "signed-out",
            Told::Deposited(_) => "deposited",
            Told::Bid(_) => "bid",
            Told::Maximum(_) => "maximum",
            Told::MaximumRaised(_) => "maximum-raised",
            Told::BidBelowReserve(_) => "bid-below-reserve",
            Told::Beaten(_) => "beaten",
            Told::BeatenAndSold => "beaten-and-sold",
            Told::Extended(_) => "extended",
            Told::ReserveLowered => "reserve-lowered",
            Told::Edited => "edited",
            Told::BidderBlocked => "bidder-blocked",
            Told::Bought => "bought",
            Told::Sold => "sold",
            Told::Listed => "listed",
            Told::Cancelled => "cancelled",
            Told::Saved => "saved",
            Told::Password => "password",
            Told::Blocked => "blocked",
            Told::Unblocked => "unblocked",
            Told::Read => "read",
            Told::Shipped => "shipped",
            Told::Received => "received",
            Told::Met => "met",
            Told::PaidOut(_) => "paid-out",
            Told::CancelWanted => "cancel-wanted",
            Told::KeptOn => "kept-on",
            Told::CalledOff => "called-off",
            Told::Disputed => "disputed",
            Told::Evidence => "evidence",
            Told::Decided(_) => "decided",
            Told::Reviewed => "reviewed",
            Told::Offered(_) => "offered",
            Told::OfferTaken(_) => "offer-taken",
            Told::OfferDeclined => "offer-declined",
            Told::WithdrawalAsked(_) => "withdrawal-asked",
            Told::WithdrawalDone => "withdrawal-done",
            Told::WithdrawalReversed => "withdrawal-reversed",
            Told::Suspended => "suspended",
            Told::Restored => "restored",
            Told::MarksLifted => "marks-lifted",
            Told::TookBack => "took-back",
            Told::Entered(_) => "entered",
            Told::DepositReversed(_) => "deposit-reversed",
            Told::FeesWithdrawn(_) => "fees-withdrawn",
            Told::QuestionAsked => "question-asked",
            Told::QuestionEdited => "question-edited",
            Told::QuestionAnswered => "question-answered",
            Told::QuestionPinned => "question-pinned",
            Told::QuestionUnpinned => "question-unpinned",
            Told::QuestionReported => "question-reported",
            Told::QuestionHidden => "question-hidden",
            Told::QuestionShown => "question-shown",
            Told::WatchlistFull => "watchlist-full",
            Told::SearchSaved => "search-saved",
            Told::SearchesFull => "searches-full",
        }
    }

    const fn figure(self) -> i64 {
        match self {
            Told::Deposited(figure)
            | Told::Bid(figure)
            | Told::PaidOut(figure)
            | Told::Decided(figure)
            | Told::Offered(figure)
            | Told::OfferTaken(figure)
            | Told::WithdrawalAsked(figure)
            | Told::Entered(figure)
            | Told::DepositReversed(figure)
            | Told::FeesWithdrawn(figure)
            | Told::Maximum(figure)
            | Told::MaximumRaised(figure)
            | Told::BidBelowReserve(figure)
            | Told::Beaten(figure)
            | Told::Extended(figure) => figure,
            _ => 0,
        }
    }

    /// The sentence.
    pub fn text(self, language: Language) -> String {
        let amount = words::money(language, self.figure());
        let figures = [("amount", amount.into()), ("hours", self.figure().into())];
        let nothing = if matches!(self, Told::Decided(0)) { "-none" } else { "" };
        language.text_with(&format!("answer-{}{nothing}", self.code()), &figures)
    }

    /// How it is meant: not everything that was done is what was wished for.
    pub const fn tone(self) -> Tone {
        match self {
            Told::Beaten(_)
            | Told::BeatenAndSold
            | Told::BidBelowReserve(_)
            | Told::WatchlistFull
            | Told::SearchesFull => Tone::Warn,
            _ => Tone::Good,
        }
    }

    /// The header that takes it along.
    pub fn set_cookie(self, settings: &WebSettings) -> HeaderValue {
        let secure = if settings.public_url.is_https() { "; Secure" } else { "" };
        let (code, figure) = (self.code(), self.figure());
        let line = format!("{COOKIE}={code}.{figure}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::from_str(&line).expect("codes and figures are plain text")
    }

    /// The header that ends it.
    pub const fn forget() -> HeaderValue {
        HeaderValue::from_static("answer=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE;

    use super::*;

    fn told(cookie: &str) -> Option<Told> {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_str(cookie).expect("a header"));
        Told::of(&headers)
    }

    #[test]
    fn what_was_told_arrives_and_nothing_else_does() {
        let settings = WebSettings::default();
        for sent in Told::all(16_000) {
            let line = sent.set_cookie(&settings);
            let pair = line.to_str().expect("text").split(';').next().expect("a pair").to_owned();
            assert_eq!(told(&pair), Some(sent));
            for language in [Language::Ko, Language::En] {
                let text = sent.text(language);
                assert!(!text.contains("Unknown") && !text.contains('{'), "{text}");
            }
        }
        let none = Told::Decided(0).text(Language::En);
        assert!(none.contains("to the seller") && !none.contains('0'), "{none}");
        for cookie in ["answer=hacked.1", "answer=bid.-1", "answer=bid.1e4", "answer=bid", "answer=", "a=b"] {
            assert_eq!(told(cookie), None, "{cookie}");
        }
    }
}
