//! The demo's talk: neighbours ask about what is for sale and sellers answer, so that a newcomer sees both, and is answered
//! himself.

use anyhow::Result;
use auction::{AuctionId, Status};
use ledger::MemberId;
use store::records::{NewQuestion, Page, QuestionRow, Remark, Says, Search, Sort};

use super::Demo;
use super::chance::Chance;

/// How many auctions a neighbour looks at, and how many of the newest questions there.
const LOOKS_AT: usize = 12;

/// No more questions are asked under one auction than this.
const QUESTIONS: i64 = 5;

/// One answer in so many stands first.
const PINNED_EVERY: u64 = 4;

/// What neighbours ask, and what sellers say to it.
const TALKS: [(&str, &str); 8] = [
    ("아직 있나요?", "네, 있어요. 경매가 끝날 때까지 입찰할 수 있어요."),
    ("얼마나 쓰셨어요?", "두 해쯤 썼어요. 아껴 써서 상태가 좋아요."),
    ("흠집이나 고장 난 데가 있나요?", "눈에 띄는 흠집은 없어요. 자세히 보면 생활 기스가 조금 있어요."),
    ("평일 저녁에도 직거래할 수 있나요?", "네, 일곱 시 이후면 언제든 괜찮아요."),
    ("택배로도 보내 주실 수 있나요?", "네, 꼼꼼히 싸서 다음 날 보낼게요."),
    ("반려동물이나 담배 냄새는 없나요?", "없어요. 둘 다 없는 집이에요."),
    ("크기가 어떻게 되나요?", "들고 가기에 크지 않아요. 설명에 적은 그대로예요."),
    ("구성품이 다 있나요?", "네, 처음 샀을 때 들어 있던 건 모두 있어요."),
];

/// What is said to a question that nobody here asks.
const OTHERWISE: &str = "물어봐 주셔서 고마워요. 설명을 한 번 더 살펴보고 자세히 적어 둘게요.";

impl Demo {
    /// Somebody asks under an auction that goes on, or its seller answers.
    pub(super) async fn talk(&self, neighbours: &[MemberId], chance: &mut Chance) -> Result<()> {
        let search = Search { status: Some(Status::Open), sort: Sort::Ending, ..Search::default() };
        let page = self.records.listings(search, Page { cursor: None, limit: LOOKS_AT }).await?;
        if page.items.is_empty() {
            return Ok(());
        }
        let row = &page.items[chance.index(page.items.len())];
        let questions = self.records.questions(row.auction, Page { cursor: None, limit: LOOKS_AT }).await?;
        if let Some(waiting) = questions.items.iter().find(|question| question.answer.is_none()) {
            return self.answer(waiting, neighbours, chance).await;
        }
        if self.records.question_count(row.auction).await? >= QUESTIONS {
            return Ok(());
        }
        self.wonder(row.auction, neighbours[chance.index(neighbours.len())], chance).await
    }

    async fn wonder(&self, auction: AuctionId, asker: MemberId, chance: &mut Chance) -> Result<()> {
        let text = TALKS[chance.index(TALKS.len())].0.to_owned();
        let question = NewQuestion { auction, asker, text, at: (self.clock)() };
        // It may be his own, or just over; then he does not ask.
        self.records.ask(question).await.map(drop).map_err(Into::into)
    }

    /// A seller who lives here answers; others answer themselves.
    async fn answer(
        &self,
        question: &QuestionRow,
        neighbours: &[MemberId],
        chance: &mut Chance,
    ) -> Result<()> {
        if !neighbours.contains(&question.seller) {
            return Ok(());
        }
        let known = TALKS.iter().find(|(asked, _)| *asked == question.text);
        let text = known.map_or(OTHERWISE, |(_, answer)| answer).to_owned();
        let remark = |says| Remark { question: question.id, by: question.seller, says, at: (self.clock)() };
        // It may be hidden meanwhile; then it stays as it is.
        if self.records.remark(remark(Says::Answer(text))).await?.is_ok() && chance.below(PINNED_EVERY) == 0 {
            self.records.remark(remark(Says::Pin(true))).await?.ok();
        }
        Ok(())
    }
}
