//! Talk: questions and answers under an auction, who may say what there, and what an admin makes of a report.
//!
//! What is refused is judged here, once for every store, by what the store knows inside the transaction that would keep it.

use async_trait::async_trait;
use auction::{AuctionId, Span, Time};
use ledger::MemberId;

use super::news::NoticeRow;
use super::{Page, Paged};
use crate::admin::{Act, ActKind};
use crate::failure::Result;

/// The fewest characters of a question or an answer.
pub const TALK_CHARS_MIN: usize = 2;

/// The most characters of a question or an answer.
pub const TALK_CHARS_MAX: usize = 1_000;

/// The most questions of one member in [`ASKED_WITHIN`], over all auctions.
pub const QUESTIONS_MAX: usize = 20;

/// The time in which questions are counted.
pub const ASKED_WITHIN: Span = Span::hours(1);

/// The most questions of one member under one auction that wait for an answer.
pub const UNANSWERED_MAX: usize = 5;

/// At how many questions under an auction the counting ends.
pub const QUESTIONS_COUNTED_MAX: i64 = 1_000;

/// The most reports of a question that are shown.
pub const REPORTS_SHOWN_MAX: usize = 10;

/// A question's own number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuestionId(pub i64);

/// A question to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewQuestion {
    /// Under which auction.
    pub auction: AuctionId,
    /// By whom.
    pub asker: MemberId,
    /// In his words.
    pub text: String,
    /// When.
    pub at: Time,
}

/// A question with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionRow {
    /// Its number.
    pub id: QuestionId,
    /// Under which auction.
    pub auction: AuctionId,
    /// What is sold there.
    pub title: String,
    /// By whom.
    pub seller: MemberId,
    /// Who asks.
    pub asker: MemberId,
    /// His nickname.
    pub asker_name: String,
    /// In his words.
    pub text: String,
    /// When.
    pub asked_at: Time,
    /// When he changed it last, if he did.
    pub edited_at: Option<Time>,
    /// What the seller says.
    pub answer: Option<AnswerRow>,
    /// Whether the seller wants it to stand first.
    pub is_pinned: bool,
    /// Since when an admin has hidden it, if one has.
    pub hidden_at: Option<Time>,
    /// Since when a report of it waits for an admin, if one does.
    pub reported_at: Option<Time>,
}

/// The seller's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerRow {
    /// In his words.
    pub text: String,
    /// When.
    pub at: Time,
    /// When he changed it last, if he did.
    pub edited_at: Option<Time>,
}

/// A question whose reports wait for an admin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedRow {
    /// Which.
    pub question: QuestionRow,
    /// Some of its reports, at most [`REPORTS_SHOWN_MAX`].
    pub reports: Vec<ReportRow>,
}

/// A member's report of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportRow {
    /// By whom.
    pub reporter: MemberId,
    /// His nickname.
    pub reporter_name: String,
    /// Why, in his words.
    pub reason: String,
    /// When.
    pub at: Time,
}

/// What a member does with a question that stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// To which.
    pub question: QuestionId,
    /// By whom.
    pub by: MemberId,
    /// What.
    pub says: Says,
    /// When.
    pub at: Time,
}

/// What can be done with a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// Its asker words it anew, as long as there is no answer.
    Question(String),
    /// The seller answers, or words his answer anew.
    Answer(String),
    /// The seller puts it first, or back in its place.
    Pin(bool),
    /// Anyone reports it, once, for this reason.
    Report(String),
}

/// What was kept of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Talked {
    /// The question as it stands now.
    pub question: QuestionRow,
    /// The notices that were written, for whoever asked to tell live; none where every node tells them by their numbers.
    pub notices: Vec<(MemberId, NoticeRow)>,
}

/// Why something was not said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TalkRefused {
    /// There is no such auction.
    AuctionNotFound,
    /// There is no such question.
    QuestionNotFound,
    /// The auction is over, so nobody asks any more.
    Closed,
    /// He sells the thing himself.
    OwnAuction,
    /// He may do nothing any more.
    Suspended,
    /// The seller blocks him.
    Blocked,
    /// It is not his auction.
    NotSeller,
    /// It is not his question.
    NotAsker,
    /// There is an answer, so the question stays as it is.
    Answered,
    /// There is no answer that could stand first.
    Unanswered,
    /// An admin has hidden it, and it stays as it is.
    Hidden,
    /// He has reported it already.
    AlreadyReported,
    /// He has asked [`QUESTIONS_MAX`] questions in [`ASKED_WITHIN`].
    TooManyQuestions {
        /// When the next may be asked.
        retry_after: Span,
    },
    /// [`UNANSWERED_MAX`] of his questions wait here.
    TooManyUnanswered,
}

/// What a store knows of whoever asks, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asking {
    /// Who sells there.
    pub seller: MemberId,
    /// How the auction ended, or that its end has come.
    pub is_over: bool,
    /// Whether whoever asks may do nothing any more.
    pub is_suspended: bool,
    /// Whether the seller blocks him.
    pub is_blocked: bool,
    /// How many of his questions wait there.
    pub unanswered: usize,
    /// When he asked the question before which he asked [`QUESTIONS_MAX`] less one, if it is within [`ASKED_WITHIN`].
    pub oldest_counted: Option<Time>,
}

impl NewQuestion {
    /// Why it is not asked, if it is not; in the order of the refusals of a bid, and the counts at the end.
    pub fn refused(&self, known: &Asking) -> Option<TalkRefused> {
        if known.is_over {
            return Some(TalkRefused::Closed);
        }
        if self.asker == known.seller {
            return Some(TalkRefused::OwnAuction);
        }
        if known.is_suspended {
            return Some(TalkRefused::Suspended);
        }
        if known.is_blocked {
            return Some(TalkRefused::Blocked);
        }
        if let Some(oldest) = known.oldest_counted {
            return Some(TalkRefused::TooManyQuestions {
                retry_after: oldest.plus(ASKED_WITHIN).since(self.at),
            });
        }
        (known.unanswered >= UNANSWERED_MAX).then_some(TalkRefused::TooManyUnanswered)
    }
}

impl Remark {
    /// Why it is not done, if it is not. That a member has reported already, the store sees when it keeps a report.
    pub fn refused(
        &self,
        question: &QuestionRow,
        is_suspended: bool,
        is_blocked: bool,
    ) -> Option<TalkRefused> {
        let is_answered = question.answer.is_some();
        let whose = match self.says {
            Says::Question(_) if self.by != question.asker => Some(TalkRefused::NotAsker),
            Says::Answer(_) | Says::Pin(_) if self.by != question.seller => Some(TalkRefused::NotSeller),
            _ => None,
        };
        if whose.is_some() {
            return whose;
        }
        if is_suspended {
            return Some(TalkRefused::Suspended);
        }
        if question.hidden_at.is_some() {
            return Some(TalkRefused::Hidden);
        }
        match self.says {
            Says::Question(_) if is_blocked => Some(TalkRefused::Blocked),
            Says::Question(_) if is_answered => Some(TalkRefused::Answered),
            Says::Pin(_) if !is_answered => Some(TalkRefused::Unanswered),
            _ => None,
        }
    }
}

/// What an admin makes of a question: it is hidden, or shown (again, or in spite of its reports).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Which question.
    pub question: QuestionId,
    /// Whether it is hidden from now on.
    pub is_hidden: bool,
    /// By whom.
    pub admin: MemberId,
    /// Why; whoever wrote there may read it.
    pub reason: String,
    /// When.
    pub at: Time,
}

impl Verdict {
    /// Whether it changes anything: a hidden question is not hidden again, and one that is shown and that no report waits
    /// for is not shown again.
    pub fn changes(&self, question: &QuestionRow) -> bool {
        match self.is_hidden {
            true => question.hidden_at.is_none(),
            false => question.hidden_at.is_some() || question.reported_at.is_some(),
        }
    }

    /// What is written down of it: one act for each who wrote there, that he may read it.
    pub fn acts(&self, question: &QuestionRow) -> Vec<Act> {
        let seller = question.answer.as_ref().map(|_| question.seller);
        let act = |member| Act {
            admin: Some(self.admin),
            kind: if self.is_hidden { ActKind::QuestionHidden } else { ActKind::QuestionShown },
            member: Some(member),
            auction: Some(question.auction),
            order: None,
            withdrawal: None,
            reason: self.reason.clone(),
            at: self.at,
        };
        [Some(question.asker), seller].into_iter().flatten().map(act).collect()
    }
}

/// The part of the web's door that is about talk under auctions.
#[async_trait]
pub trait TalkRecords: Send + Sync {
    /// Asks a question under an auction, and tells the seller.
    async fn ask(&self, question: NewQuestion) -> Result<std::result::Result<Talked, TalkRefused>>;
    /// Does something with a question: words it anew, answers, pins, reports.
    async fn remark(&self, said: Remark) -> Result<std::result::Result<Talked, TalkRefused>>;
    /// An admin hides a question or shows it, and his acts are kept with it; whether that changed anything, `None` if there
    /// is no such question.
    async fn judge_question(&self, verdict: Verdict) -> Result<Option<bool>>;
    /// The question of that number, hidden or not; who may read what of it is for the caller to judge.
    async fn question(&self, id: QuestionId) -> Result<Option<QuestionRow>>;
    /// The questions under an auction: what the seller has put first, then the newest.
    async fn questions(&self, auction: AuctionId, page: Page) -> Result<Paged<QuestionRow>>;
    /// How many questions are under an auction, counted up to [`QUESTIONS_COUNTED_MAX`].
    async fn question_count(&self, auction: AuctionId) -> Result<i64>;
    /// The questions whose reports wait for an admin, oldest report first.
    async fn questions_reported(&self, page: Page) -> Result<Paged<ReportedRow>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    const SELLER: MemberId = MemberId(1);
    const ASKER: MemberId = MemberId(2);
    const OTHER: MemberId = MemberId(3);
    const NOW: Time = Time(1_000_000_000_000);

    const FREE: Asking = Asking {
        seller: SELLER,
        is_over: false,
        is_suspended: false,
        is_blocked: false,
        unanswered: 0,
        oldest_counted: None,
    };

    #[track_caller]
    fn check(asker: MemberId, known: Asking, expected: Option<TalkRefused>) {
        let question =
            NewQuestion { auction: AuctionId(1), asker, text: "크기가 어때요?".to_owned(), at: NOW };
        assert_eq!(question.refused(&known), expected);
    }

    #[test]
    fn a_question_is_refused_in_this_order() {
        let often = Some(NOW.minus(Span::minutes(50)));
        let wait = TalkRefused::TooManyQuestions { retry_after: Span::minutes(10) };
        let all = Asking {
            is_over: true,
            is_suspended: true,
            is_blocked: true,
            unanswered: UNANSWERED_MAX,
            oldest_counted: often,
            ..FREE
        };
        check(ASKER, FREE, None);
        check(SELLER, all, Some(TalkRefused::Closed));
        check(SELLER, Asking { is_over: false, ..all }, Some(TalkRefused::OwnAuction));
        check(ASKER, Asking { is_over: false, ..all }, Some(TalkRefused::Suspended));
        let blocked = Asking { is_over: false, is_suspended: false, ..all };
        check(ASKER, blocked, Some(TalkRefused::Blocked));
        check(ASKER, Asking { is_blocked: false, ..blocked }, Some(wait));
        let waiting = |unanswered| Asking { unanswered, ..FREE };
        check(ASKER, waiting(UNANSWERED_MAX - 1), None);
        check(ASKER, waiting(UNANSWERED_MAX), Some(TalkRefused::TooManyUnanswered));
    }

    fn question(is_answered: bool, is_hidden: bool) -> QuestionRow {
        let answer = AnswerRow { text: "네".to_owned(), at: NOW, edited_at: None };
        QuestionRow {
            id: QuestionId(1),
            auction: AuctionId(1),
            title: "의자".to_owned(),
            seller: SELLER,
            asker: ASKER,
            asker_name: "미라".to_owned(),
            text: "아직 있나요?".to_owned(),
            asked_at: NOW,
            edited_at: None,
            answer: is_answered.then_some(answer),
            is_pinned: false,
            hidden_at: is_hidden.then_some(NOW),
            reported_at: None,
        }
    }

    #[test]
    fn a_remark_is_refused_by_whose_it_is_and_how_the_question_stands() {
        use TalkRefused::{Answered, Blocked, Hidden, NotAsker, NotSeller, Suspended, Unanswered};
        let text = || "색이 어때요?".to_owned();
        let (asked, answered, hidden) = (question(false, false), question(true, false), question(true, true));
        for (by, says, row, suspended, blocked, expected) in [
            (ASKER, Says::Question(text()), &asked, false, false, None),
            (ASKER, Says::Question(text()), &asked, false, true, Some(Blocked)),
            (ASKER, Says::Question(text()), &asked, true, true, Some(Suspended)),
            (ASKER, Says::Question(text()), &answered, false, false, Some(Answered)),
            (ASKER, Says::Question(text()), &hidden, false, false, Some(Hidden)),
            (OTHER, Says::Question(text()), &asked, false, false, Some(NotAsker)),
            (SELLER, Says::Question(text()), &asked, true, false, Some(NotAsker)),
            (SELLER, Says::Answer(text()), &asked, false, false, None),
            (SELLER, Says::Answer(text()), &answered, false, false, None),
            (SELLER, Says::Answer(text()), &hidden, false, false, Some(Hidden)),
            (SELLER, Says::Answer(text()), &asked, true, false, Some(Suspended)),
            (ASKER, Says::Answer(text()), &asked, true, false, Some(NotSeller)),
            (SELLER, Says::Pin(true), &asked, false, false, Some(Unanswered)),
            (SELLER, Says::Pin(true), &answered, false, false, None),
            (SELLER, Says::Pin(false), &hidden, false, false, Some(Hidden)),
            (OTHER, Says::Pin(true), &answered, false, false, Some(NotSeller)),
            (OTHER, Says::Report(text()), &asked, false, true, None),
            (SELLER, Says::Report(text()), &answered, false, false, None),
            (OTHER, Says::Report(text()), &asked, true, false, Some(Suspended)),
            (OTHER, Says::Report(text()), &hidden, false, false, Some(Hidden)),
        ] {
            let remark = Remark { question: QuestionId(1), by, says, at: NOW };
            assert_eq!(remark.refused(row, suspended, blocked), expected, "{remark:?}");
        }
    }

    #[test]
    fn a_verdict_changes_what_is_not_so_already_and_is_written_for_all_who_wrote() {
        let reported = QuestionRow { reported_at: Some(NOW), ..question(false, false) };
        for (row, is_hidden, changes) in [
            (question(false, false), true, true),
            (question(false, true), true, false),
            (question(false, false), false, false),
            (question(false, true), false, true),
            (reported, false, true),
        ] {
            let reason = "욕설이에요".to_owned();
            let verdict =
                Verdict { question: QuestionId(1), is_hidden, admin: OTHER, reason: reason.clone(), at: NOW };
            assert_eq!(verdict.changes(&row), changes, "{row:?} hidden: {is_hidden}");
            let told: Vec<_> = verdict
                .acts(&question(true, false))
                .into_iter()
                .map(|act| (act.member, act.reason))
                .collect();
            assert_eq!(told, [(Some(ASKER), reason.clone()), (Some(SELLER), reason)]);
            assert_eq!(verdict.acts(&row).len(), 1, "nobody answered");
        }
    }
}
