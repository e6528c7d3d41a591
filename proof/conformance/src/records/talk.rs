//! Talk as the web's door keeps it: questions and answers in their order, what is refused, and what is reported.

use auction::{AuctionId, Span, Time};
use ledger::MemberId;
use store::ActKind;
use store::records::{
    NewQuestion, NoticeKind, QUESTIONS_MAX, QuestionId, QuestionRow, Remark, Says, TalkRefused, Talked,
    UNANSWERED_MAX, Verdict,
};

use super::{House, NOW, all};

type Said = Result<Talked, TalkRefused>;

async fn ask_at(house: &House<'_>, auction: AuctionId, asker: MemberId, text: &str, at: Time) -> Said {
    let question = NewQuestion { auction, asker, text: text.to_owned(), at };
    house.records.ask(question).await.unwrap()
}

async fn ask(house: &House<'_>, auction: AuctionId, asker: MemberId, text: &str) -> QuestionId {
    ask_at(house, auction, asker, text, NOW).await.unwrap().question.id
}

async fn remark(house: &House<'_>, question: QuestionId, by: MemberId, says: Says, at: Time) -> Said {
    house.records.remark(Remark { question, by, says, at }).await.unwrap()
}

async fn does(house: &House<'_>, question: QuestionId, by: MemberId, says: Says, at: Time) -> QuestionRow {
    remark(house, question, by, says, at).await.unwrap().question
}

async fn numbers(house: &House<'_>, auction: AuctionId, limit: usize) -> Vec<QuestionId> {
    let rows = all(limit, async |page| house.records.questions(auction, page).await.unwrap()).await;
    rows.iter().map(|row| row.id).collect()
}

async fn unread(house: &House<'_>, member: MemberId) -> Vec<(NoticeKind, AuctionId, Time)> {
    let rows = all(9, async |page| house.records.notices(member, page).await.unwrap()).await;
    let of_talk = |kind| matches!(kind, NoticeKind::Question | NoticeKind::Answer);
    let rows = rows.iter().filter(|row| !row.read && of_talk(row.kind));
    rows.map(|row| (row.kind, row.auction, row.at)).collect()
}

/// Questions are asked, worded anew, answered and put first; who should know is told once for each auction.
pub async fn questions(house: &House<'_>) {
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    let sora = house.member("sora").await;
    let (chair, desk) = (house.list(mina, "의자", None).await, house.list(mina, "책상", None).await);
    let first = ask(house, chair, joon, "흠집이 있나요?").await;
    let again = ask_at(house, chair, joon, "흠집이 있나요?", NOW.plus(Span(1))).await.unwrap();
    assert_eq!((again.question.id, again.notices.len()), (first, 0), "the same words are the same question");
    let second = ask(house, chair, sora, "오늘 볼 수 있나요?").await;
    let third = ask_at(house, chair, joon, "높이는요?", NOW.plus(Span(9))).await.unwrap().question.id;
    let other = ask(house, desk, joon, "폭은요?").await;
    assert_eq!(
        unread(house, mina).await,
        [(NoticeKind::Question, desk, NOW), (NoticeKind::Question, chair, NOW.plus(Span(9)))]
    );

    let edited =
        does(house, first, joon, Says::Question("긁힌 데가 있나요?".to_owned()), NOW.plus(Span(2))).await;
    assert_eq!((edited.text.as_str(), edited.edited_at), ("긁힌 데가 있나요?", Some(NOW.plus(Span(2)))));
    let same =
        does(house, first, joon, Says::Question("긁힌 데가 있나요?".to_owned()), NOW.plus(Span(3))).await;
    assert_eq!(same, edited, "the same words leave no mark");

    let answered = does(house, first, mina, Says::Answer("조금요.".to_owned()), NOW.plus(Span(4))).await;
    let answer = answered.answer.unwrap();
    assert_eq!((answer.text.as_str(), answer.at, answer.edited_at), ("조금요.", NOW.plus(Span(4)), None));
    let reworded = does(house, first, mina, Says::Answer("없어요.".to_owned()), NOW.plus(Span(5))).await;
    let answer = reworded.answer.clone().unwrap();
    assert_eq!((answer.text.as_str(), answer.edited_at), ("없어요.", Some(NOW.plus(Span(5)))));
    let same = does(house, first, mina, Says::Answer("없어요.".to_owned()), NOW.plus(Span(6))).await;
    assert_eq!(same, reworded);
    assert_eq!(unread(house, joon).await, [(NoticeKind::Answer, chair, NOW.plus(Span(4)))], "told once");
    assert_eq!(unread(house, sora).await, []);

    for limit in [1, 2, 9] {
        assert_eq!(numbers(house, chair, limit).await, [third, second, first], "the newest first");
    }
    assert!(does(house, first, mina, Says::Pin(true), NOW).await.is_pinned);
    does(house, second, mina, Says::Answer("네.".to_owned()), NOW).await;
    does(house, second, mina, Says::Pin(true), NOW).await;
    for limit in [1, 2, 9] {
        assert_eq!(numbers(house, chair, limit).await, [second, first, third], "what was put first");
    }
    assert!(!does(house, second, mina, Says::Pin(false), NOW).await.is_pinned);
    assert_eq!(numbers(house, chair, 1).await, [first, third, second]);
    assert_eq!(numbers(house, desk, 9).await, [other]);
    let counts = (
        house.records.question_count(chair).await.unwrap(),
        house.records.question_count(desk).await.unwrap(),
    );
    assert_eq!(counts, (3, 1));
    let row = house.records.question(other).await.unwrap().unwrap();
    assert_eq!((row.title.as_str(), row.seller, row.asker_name.as_str()), ("책상", mina, "JOON"));
    assert_eq!(house.records.question(QuestionId(i64::MAX)).await.unwrap(), None);
}

/// What is refused is refused by what stands in the store.
pub async fn refusals(house: &House<'_>) {
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    let sora = house.member("sora").await;
    let chair = house.list(mina, "의자", Some(9_000)).await;
    let asks = async |asker, at| ask_at(house, chair, asker, "아직 있나요?", at).await.map(|_| ());
    assert_eq!(
        ask_at(house, AuctionId(i64::MAX), joon, "어디요?", NOW).await,
        Err(TalkRefused::AuctionNotFound)
    );
    assert_eq!(asks(mina, NOW).await, Err(TalkRefused::OwnAuction));
    house.records.block(mina, joon, None, NOW).await.unwrap().unwrap();
    assert_eq!(asks(joon, NOW).await, Err(TalkRefused::Blocked));
    house.records.unblock(mina, joon).await.unwrap();
    let suspended = crate::journal::deed::Deed::Suspend(sora);
    assert!(suspended.perform(house.records, NOW).await.unwrap());
    assert_eq!(asks(sora, NOW).await, Err(TalkRefused::Suspended));
    assert_eq!(asks(joon, NOW.plus(Span::days(1))).await, Err(TalkRefused::Closed), "its end has come");
    assert_eq!(asks(joon, NOW.plus(Span::days(1)).minus(Span(1))).await, Ok(()));

    let question = ask(house, chair, joon, "색은요?").await;
    let words = || "네.".to_owned();
    for (by, says, refused) in [
        (mina, Says::Question(words()), TalkRefused::NotAsker),
        (joon, Says::Answer(words()), TalkRefused::NotSeller),
        (mina, Says::Pin(true), TalkRefused::Unanswered),
        (sora, Says::Report(words()), TalkRefused::Suspended),
    ] {
        assert_eq!(remark(house, question, by, says, NOW).await, Err(refused));
    }
    assert_eq!(
        remark(house, QuestionId(i64::MAX), mina, Says::Pin(true), NOW).await,
        Err(TalkRefused::QuestionNotFound)
    );
    let kang = house.rich_member("kang").await;
    house.buy_now(kang, chair).await;
    assert_eq!(ask_at(house, chair, kang, "언제 와요?", NOW).await, Err(TalkRefused::Closed), "it is sold");
    does(house, question, mina, Says::Answer(words()), NOW).await;
    let late = remark(house, question, joon, Says::Question(words()), NOW).await;
    assert_eq!(late, Err(TalkRefused::Answered));
}

/// So many questions within an hour over all auctions, and so many that wait under one.
pub async fn limits(house: &House<'_>) {
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    let (chair, sora) = (house.list(mina, "의자", None).await, house.member("sora").await);
    let mut asked = Vec::new();
    for number in 0..UNANSWERED_MAX {
        asked.push(ask(house, chair, joon, &format!("질문 {number}")).await);
    }
    let one_more = ask_at(house, chair, joon, "하나 더요", NOW).await;
    assert_eq!(one_more, Err(TalkRefused::TooManyUnanswered));
    assert!(ask_at(house, chair, sora, "저도요", NOW).await.is_ok(), "others may");
    does(house, asked[0], mina, Says::Answer("네.".to_owned()), NOW).await;
    assert!(ask_at(house, chair, joon, "하나 더요", NOW).await.is_ok(), "one was answered");

    let mut left = QUESTIONS_MAX - UNANSWERED_MAX - 1;
    for title in ["책상", "장롱", "거울"] {
        let auction = house.list(mina, title, None).await;
        for number in 0..left.min(UNANSWERED_MAX) {
            let at = NOW.plus(Span::minutes(10));
            assert!(ask_at(house, auction, joon, &format!("질문 {number}"), at).await.is_ok());
            left -= 1;
        }
    }
    let desk = house.list(mina, "침대", None).await;
    let later = NOW.plus(Span::minutes(20));
    let wait = TalkRefused::TooManyQuestions { retry_after: Span::minutes(40) };
    assert_eq!(ask_at(house, desk, joon, "마지막이에요", later).await, Err(wait));
    assert!(ask_at(house, desk, sora, "저도요", later).await.is_ok(), "each is counted by himself");
    let just_before = NOW.plus(Span::hours(1)).minus(Span(1));
    let wait = TalkRefused::TooManyQuestions { retry_after: Span(1) };
    assert_eq!(ask_at(house, desk, joon, "마지막이에요", just_before).await, Err(wait));
    assert!(ask_at(house, desk, joon, "마지막이에요", NOW.plus(Span::hours(1))).await.is_ok());
}

/// A report waits until an admin has hidden the question or shown it; what he did stands on the record of all who wrote.
pub async fn reports(house: &House<'_>) {
    let records = house.records;
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    let (sora, admin) = (house.member("sora").await, house.member("admin").await);
    let chair = house.list(mina, "의자", None).await;
    let (rude, fine) = (ask(house, chair, joon, "나쁜 말").await, ask(house, chair, joon, "좋은 말").await);
    does(house, fine, mina, Says::Answer("고마워요".to_owned()), NOW).await;
    let report = |reason: &str| Says::Report(reason.to_owned());
    let reported = async |limit| {
        let rows = all(limit, async |page| records.questions_reported(page).await.unwrap()).await;
        let reasons = |row: store::records::ReportedRow| {
            let reports = row.reports.into_iter().map(|report| (report.reporter_name, report.reason));
            (row.question.id, reports.collect::<Vec<_>>())
        };
        rows.into_iter().map(reasons).collect::<Vec<_>>()
    };
    for (question, by, at) in [(fine, sora, 1), (rude, sora, 2), (rude, mina, 3)] {
        assert!(does(house, question, by, report("싫어요"), NOW.plus(Span(at))).await.reported_at.is_some());
    }
    let again = remark(house, rude, sora, report("또 싫어요"), NOW).await;
    assert_eq!(again, Err(TalkRefused::AlreadyReported));
    let by = |name: &str| (name.to_owned(), "싫어요".to_owned());
    for limit in [1, 9] {
        let expected = [(fine, vec![by("SORA")]), (rude, vec![by("MINA"), by("SORA")])];
        assert_eq!(reported(limit).await, expected, "the oldest first");
    }

    let verdict = |question, is_hidden| {
        let reason = if is_hidden { "욕설이에요" } else { "괜찮아요" }.to_owned();
        Verdict { question, is_hidden, admin, reason, at: NOW }
    };
    for (question, is_hidden, expected) in [
        (QuestionId(i64::MAX), true, None),
        (fine, false, Some(true)),
        (fine, false, Some(false)),
        (rude, true, Some(true)),
        (rude, true, Some(false)),
    ] {
        assert_eq!(records.judge_question(verdict(question, is_hidden)).await.unwrap(), expected);
    }
    assert_eq!(reported(9).await, [], "nothing waits");
    let row = records.question(rude).await.unwrap().unwrap();
    assert_eq!((row.hidden_at, row.text.as_str()), (Some(NOW), "나쁜 말"), "the text is kept");
    assert_eq!(numbers(house, chair, 9).await, [fine, rude], "its place is kept too");
    let edit = remark(house, rude, joon, Says::Question("고운 말".to_owned()), NOW).await;
    assert_eq!(edit, Err(TalkRefused::Hidden));
    assert_eq!(records.judge_question(verdict(rude, false)).await.unwrap(), Some(true));
    assert_eq!(records.question(rude).await.unwrap().unwrap().hidden_at, None);

    let acts_of = async |member| {
        let acts = all(9, async |page| records.acts(Some(member), page).await.unwrap()).await;
        acts.into_iter().map(|act| (act.kind, act.reason)).collect::<Vec<_>>()
    };
    let shown = || (ActKind::QuestionShown, "괜찮아요".to_owned());
    let hidden = || (ActKind::QuestionHidden, "욕설이에요".to_owned());
    assert_eq!(acts_of(joon).await, [shown(), hidden(), shown()]);
    assert_eq!(acts_of(mina).await, [shown()], "of what she answered");
    assert_eq!(acts_of(sora).await, []);
}
