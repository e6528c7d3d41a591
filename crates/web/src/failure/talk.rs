//! Refusals of talk over HTTP: which code each has.

use live::frame::Figure;
use store::records::TalkRefused;

use super::refusal::seconds_of;
use super::{Code, Problem};

impl From<TalkRefused> for Problem {
    fn from(refused: TalkRefused) -> Problem {
        let code = match refused {
            TalkRefused::AuctionNotFound => Code::AuctionNotFound,
            TalkRefused::QuestionNotFound => Code::QuestionNotFound,
            TalkRefused::Closed => Code::Closed,
            TalkRefused::OwnAuction => Code::OwnAuction,
            TalkRefused::Suspended => Code::Suspended,
            TalkRefused::Blocked => Code::Blocked,
            TalkRefused::NotSeller => Code::NotSeller,
            TalkRefused::NotAsker => Code::NotAsker,
            TalkRefused::Answered => Code::Answered,
            TalkRefused::Unanswered => Code::Unanswered,
            TalkRefused::Hidden => Code::QuestionHidden,
            TalkRefused::AlreadyReported => Code::AlreadyReported,
            TalkRefused::TooManyUnanswered => Code::TooManyUnanswered,
            TalkRefused::TooManyQuestions { retry_after } => {
                let seconds = seconds_of(retry_after);
                let figure = Figure::Number(i64::try_from(seconds).unwrap_or(i64::MAX));
                let problem = Problem::new(Code::TooManyQuestions).with(("retry_after", figure));
                return Problem { retry_after: Some(seconds), ..problem };
            }
        };
        Problem::new(code)
    }
}

#[cfg(test)]
mod tests {
    use auction::Span;

    use super::*;
    use crate::words::Language;

    #[test]
    fn whoever_asks_too_often_is_told_when_to_come_back() {
        let often = Problem::from(TalkRefused::TooManyQuestions { retry_after: Span(61_000_001) });
        assert_eq!((often.code().status(), often.retry_after), (429, Some(62)));
        assert_eq!(often.body(Language::En)["retry_after"], 62);
    }
}
