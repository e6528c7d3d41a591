//! Orders: the commands a connection has on their way to the engine, and the frames that answer them.
//!
//! At most [`IN_FLIGHT_MAX`] are on their way; at that number the connection is no longer read, so neither commands nor
//! answers can pile up. A command whose answer does not come in time is told `outcome_unknown` and runs on; its place is
//! free again only when the engine has answered.

use std::collections::VecDeque;
use std::time::Duration;

use auction::{AuctionId, Bid, Command, Seq};
use engine::{Accepted, Answer, AnswerSender, Call, Engine, Reply};
use ledger::MemberId;
use live::Frame;
use live::frame::{self, Figure, Refused};
use store::Key;
use tokio::sync::mpsc::Receiver;

use crate::api::ANSWER_WITHIN;
use crate::failure::{Code, Problem};
use crate::socket::message::Order;
use crate::words::Language;

/// How many commands of one connection may be on their way.
pub(super) const IN_FLIGHT_MAX: usize = 64;

/// A connection's commands on their way; costs nothing until the first one.
#[derive(Default)]
pub(super) struct Orders {
    desk: Option<Box<Desk>>,
}

struct Desk {
    sender: AnswerSender,
    answers: Receiver<Vec<(u64, Answer)>>,
    /// By rising tag, and so by when they were sent.
    pending: VecDeque<Pending>,
    next_tag: u64,
    last_title: Option<(Problem, String)>,
}

struct Pending {
    tag: u64,
    key: Box<str>,
    auction: AuctionId,
    sent_at: Duration,
    /// It was told that its outcome is unknown.
    given_up: bool,
}

impl Orders {
    /// Whether there is room for another command.
    pub(super) fn has_room(&self) -> bool {
        self.desk.as_ref().is_none_or(|desk| desk.pending.len() < IN_FLIGHT_MAX)
    }

    /// Sends a command on its way, `now` after the connection began.
    ///
    /// # Errors
    /// `busy`, when the engine has no room.
    pub(super) fn send(
        &mut self,
        engine: &Engine,
        auction: AuctionId,
        order: Order,
        key: Key,
        now: Duration,
    ) -> Result<(), Problem> {
        let desk = self.desk.get_or_insert_with(|| Box::new(Desk::new()));
        let pending =
            Pending { tag: desk.next_tag, key: key.text.clone(), auction, sent_at: now, given_up: false };
        let call = Call::Auction { auction, command: command(order, key.member) };
        let reply = Reply::Many { to: desk.sender.clone(), tag: desk.next_tag };
        engine.submit(call, key, reply).map_err(|engine::Busy| Problem::new(Code::Busy))?;
        desk.next_tag += 1;
        desk.pending.push_back(pending);
        Ok(())
    }

    /// The engine's next answers, those of one round together. Dropping the future loses nothing.
    pub(super) async fn answered(&mut self) -> Vec<(u64, Answer)> {
        if let Some(desk) = &mut self.desk
            && let Some(answers) = desk.answers.recv().await
        {
            return answers;
        }
        // Nothing was ever sent; the sender kept here keeps the way back open.
        std::future::pending().await
    }

    /// The frames for some answers, and the auctions where the member's part changed without an event.
    pub(super) fn frames(
        &mut self,
        answers: Vec<(u64, Answer)>,
        language: Language,
    ) -> (Vec<Frame>, Vec<AuctionId>) {
        let Some(desk) = &mut self.desk else { return (Vec::new(), Vec::new()) };
        let mut frames = Vec::with_capacity(answers.len());
        let mut raised = Vec::new();
        for (tag, answer) in answers {
            let Some(pending) = desk.settle(tag).filter(|pending| !pending.given_up) else { continue };
            let (key, auction) = (&*pending.key, pending.auction);
            frames.push(match judged(answer) {
                Ok(Done::Told(seq)) => frame::accepted(key, auction, Some(seq), false),
                Ok(Done::Silent) => {
                    raised.push(auction);
                    frame::accepted(key, auction, None, true)
                }
                Err(problem) => {
                    let title = desk.title_of(&problem, language);
                    refused(Some(key), Some(auction), &problem, None, title)
                }
            });
        }
        (frames, raised)
    }

    /// When the next command has waited for too long.
    pub(super) fn due(&self) -> Option<Duration> {
        let mut waiting = self.desk.as_ref()?.pending.iter().filter(|pending| !pending.given_up);
        waiting.next().map(|oldest| oldest.sent_at + ANSWER_WITHIN)
    }

    /// The frames for commands that have waited for too long.
    pub(super) fn give_up(&mut self, now: Duration, language: Language) -> Vec<Frame> {
        let Some(desk) = &mut self.desk else { return Vec::new() };
        let late = desk.pending.iter_mut().take_while(|pending| pending.sent_at + ANSWER_WITHIN <= now);
        let late = late.filter(|pending| !pending.given_up);
        let unknown = Problem::new(Code::OutcomeUnknown);
        late.map(|pending| {
            pending.given_up = true;
            refused(Some(&pending.key), Some(pending.auction), &unknown, None, &unknown.sentence(language))
        })
        .collect()
    }
}

impl Desk {
    fn new() -> Desk {
        let (sender, answers) = engine::answers(IN_FLIGHT_MAX);
        Desk { sender, answers, pending: VecDeque::new(), next_tag: 0, last_title: None }
    }

    /// The sentence for a refusal. The losers of a storm hear the same one over and over, and making it costs more than
    /// deciding the bid did.
    fn title_of(&mut self, problem: &Problem, language: Language) -> &str {
        let last = self.last_title.take().filter(|(said, _)| said == problem);
        let (_, title) =
            self.last_title.insert(last.unwrap_or_else(|| (problem.clone(), problem.sentence(language))));
        title
    }

    fn settle(&mut self, tag: u64) -> Option<Pending> {
        let index = self.pending.binary_search_by_key(&tag, |pending| pending.tag).ok()?;
        self.pending.remove(index)
    }
}

/// A bid without an amount is judged by the rules, like one of nothing.
fn command(order: Order, member: MemberId) -> Command {
    match order {
        Order::Bid { amount, maximum, terms } => Command::Bid(Bid { bidder: member, amount, maximum, terms }),
        Order::BuyNow { terms } => Command::BuyNow { buyer: member, terms },
    }
}

/// What a command has done.
enum Done {
    /// The event of that number.
    Told(Seq),
    /// A leader's maximum was raised, of which nobody else hears.
    Silent,
}

/// What a command has done, or why it has not.
fn judged(answer: Answer) -> Result<Done, Problem> {
    Err(match answer {
        Answer::Accepted(Accepted::Auction { event, .. }) => return Ok(Done::Told(event.seq)),
        Answer::Accepted(Accepted::Silent { .. }) => return Ok(Done::Silent),
        Answer::Accepted(_) => {
            tracing::error!("the engine answered a bid with what no bid is answered");
            Problem::new(Code::Internal)
        }
        Answer::Refused(refusal) => refusal.into(),
        Answer::KeyReused => Problem::new(Code::KeyReused),
        Answer::Busy => Problem::new(Code::Busy),
        Answer::Internal => Problem::new(Code::Internal),
    })
}

/// The frame of a command that was not done; `field` names what was wrong with its shape.
pub(super) fn refused(
    key: Option<&str>,
    auction: Option<AuctionId>,
    problem: &Problem,
    field: Option<&str>,
    title: &str,
) -> Frame {
    let mut figures: Vec<(&'static str, Figure<'_>)> = problem.figures().to_vec();
    figures.extend(field.map(|field| ("field", Figure::Text(field))));
    frame::refused(&Refused { key, auction, code: problem.code().name(), figures: &figures, title })
}
