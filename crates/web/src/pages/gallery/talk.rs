//! Talk in every situation, for the gallery: asked, answered, put first, hidden, reported, and forms that came back.

use askama::Template;

use super::sample::{Sample, at};
use crate::pages::{
    AnswerLine, Ask, AuctionPage, Field, Person, QuestionLine, ReportLine, ReportedLine, ReportedPage,
    Section, State, Talk, TalkForm, Viewer,
};

/// All pages with talk, by the name they are looked at under.
pub fn pages(sample: &Sample) -> Vec<(String, String)> {
    let mut empty = sample.auction(State::Open);
    empty.talk = Talk::default();
    let mut warned = sample.auction(State::Open);
    warned.talk.ask =
        Ask::Form(TalkForm { field: Field::of("010-1234-5678로 연락 주세요"), warns: true });
    let mut refused = sample.auction(State::Open);
    let fault = sample.refusal("too_many_questions");
    refused.talk.ask =
        Ask::Form(TalkForm { field: Field::faulty("다리에 흠집이 있나요?", fault), warns: false });
    let mut out: Vec<(String, String)> = [
        ("talk-none", empty),
        ("talk-warned", warned),
        ("talk-refused", refused),
        ("talk-guest", guest(sample)),
        ("talk-seller", seller(sample)),
    ]
    .into_iter()
    .map(|(name, page)| (name.to_owned(), page.render().unwrap()))
    .collect();
    out.push(("admin-questions".to_owned(), reported(sample).render().unwrap()));
    out
}

fn guest(sample: &Sample) -> AuctionPage {
    let mut page = sample.auction(State::Open);
    page.shell.visitor = None;
    page.viewer = Viewer::Guest;
    page.talk.ask = Ask::SignIn;
    for line in &mut page.talk.lines {
        (line.edit, line.report) = (None, None);
    }
    page
}

fn seller(sample: &Sample) -> AuctionPage {
    let mut page = sample.auction(State::Open);
    page.viewer = Viewer::Seller;
    page.talk.ask = Ask::No("talk-own");
    for line in page.talk.lines.iter_mut().filter(|line| !line.is_hidden) {
        line.edit = None;
        line.can_pin = line.answer.is_some();
        let said = line.answer.as_ref().and_then(|answer| answer.text.clone()).unwrap_or_default();
        line.reply = Some(TalkForm { field: Field::of(said), warns: false });
    }
    page
}

fn reported(sample: &Sample) -> ReportedPage {
    let report = |id, name: &str, reason: &str| ReportLine {
        by: Person { id, name: name.to_owned() },
        reason: reason.to_owned(),
        at: at(-id * 400),
    };
    let waiting = ReportedLine {
        id: 7,
        auction_id: 100,
        title: "원목 식탁 의자, 두 해 썼어요".to_owned(),
        asker: Person { id: 9, name: "바람난참새".to_owned() },
        text: "그 값이면 새것을 사지, 양심이 있나요?".to_owned(),
        at: at(-4_000),
        answer: Some("말씀이 지나치세요.".to_owned()),
        is_reported: true,
        reports: vec![report(3, "수리부엉이", "욕설에 가까워요"), report(4, "연남산책", "기분이 나빠요")],
        ..ReportedLine::default()
    };
    let hidden = ReportedLine {
        id: 8,
        is_hidden: true,
        refused: "show",
        typed: Field::faulty("", sample.text("field-required")),
        ..waiting.clone()
    };
    let lines = vec![waiting, hidden];
    ReportedPage {
        shell: sample.shell(Section::Admin, "/admin/questions"),
        lines,
        next: Some("/admin/questions?cursor=1.2".to_owned()),
    }
}

impl Sample {
    /// The questions under an auction, for a member who has asked one of them.
    pub fn talk(&self, state: State) -> Talk {
        let asker = |id, name: &str| Person { id, name: name.to_owned() };
        let answer = |text: &str, is_edited| AnswerLine {
            text: (!text.is_empty()).then(|| text.to_owned()),
            at: at(-3_000),
            is_edited,
        };
        let lines = vec![
            QuestionLine {
                id: 1,
                asker: asker(4, "연남산책"),
                text: Some("앉는 자리 높이가 얼마나 되나요?".to_owned()),
                at: at(-9_000),
                answer: Some(answer("45cm예요. 식탁 의자로 쓰기 좋아요.", true)),
                is_pinned: true,
                report: Some(Field::default()),
                ..QuestionLine::default()
            },
            QuestionLine {
                id: 4,
                asker: asker(9, "느린우체통"),
                text: Some("망원시장 앞에서 저녁 여덟 시에도 만날 수 있나요?\n차로 갈게요.".to_owned()),
                at: at(-600),
                is_edited: true,
                edit: Some(TalkForm { field: Field::of("망원시장 앞에서"), warns: false }),
                ..QuestionLine::default()
            },
            QuestionLine {
                id: 3,
                asker: asker(5, "바람난참새"),
                text: None,
                at: at(-4_000),
                answer: Some(answer("", false)),
                is_hidden: true,
                ..QuestionLine::default()
            },
        ];
        let ask = if state.is_over() { Ask::No("talk-closed") } else { Ask::Form(TalkForm::default()) };
        Talk { count: 3, lines, next: None, ask }
    }
}
