//! The door to the engine: everything that moves money or an auction is asked here, with a key, and answered after its
//! commit. The command runs to its end even when the client leaves.

use std::time::Duration;

use auction::{
    AuctionId, Bid, Command, Event, EventKind, OrderCommand, OrderId, OrderStep, StepKind, TRIES_BEFORE_LOCK,
};
use axum::http::{HeaderMap, HeaderName};
use engine::{Accepted, Answer, Call};
use ledger::{MemberId, Money};
use store::{KeptDeposit, KeptFees, KeptReversal, KeptWithdrawal, Key};
use tokio::time::timeout;

use crate::caller::SignedIn;
use crate::failure::{Code, Problem};
use crate::state::WebState;

/// How long an answer is waited for; after it the outcome is unknown, and the same key will tell.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// The most characters of a key.
const KEY_CHARS_MAX: usize = 64;

static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The key that a request brings.
///
/// # Errors
/// `key_required` if it brings none, `invalid` if it is not 1 to 64 visible ASCII characters.
pub fn key_of(headers: &HeaderMap, member: MemberId) -> Result<Key, Problem> {
    let mut sent = headers.get_all(&IDEMPOTENCY_KEY).iter();
    let text = sent.next().ok_or(Problem::new(Code::KeyRequired))?;
    let text = text.to_str().ok().filter(|_| sent.next().is_none());
    text.and_then(|text| key(text, member)).ok_or(Problem::invalid_field("Idempotency-Key", "invalid"))
}

/// A key in its member's scope; none if it is not 1 to 64 visible ASCII characters.
pub fn key(text: &str, member: MemberId) -> Option<Key> {
    let is_visible = text.bytes().all(|byte| byte.is_ascii_graphic());
    let is_sound = is_visible && (1..=KEY_CHARS_MAX).contains(&text.len());
    is_sound.then(|| Key { text: text.into(), member })
}

/// Asks for something and waits for the answer.
///
/// # Errors
/// A refusal with its figures, `key_reused`, `busy`, `internal`, or `outcome_unknown` if no answer came in time.
pub async fn order(state: &WebState, call: Call, key: Key) -> Result<Accepted, Problem> {
    let answered = in_time(state.engine.ask(call, key)).await;
    answered.map_err(|problem| problem.by_clock(state.now()))
}

/// What is answered in time; what comes later is done all the same, and the same key will tell.
async fn in_time(answer: impl Future<Output = Option<Answer>>) -> Result<Accepted, Problem> {
    match timeout(ANSWER_WITHIN, answer).await {
        Ok(Some(answer)) => judged(answer),
        Ok(None) | Err(_) => Err(Problem::new(Code::OutcomeUnknown)),
    }
}

fn judged(answer: Answer) -> Result<Accepted, Problem> {
    Err(match answer {
        Answer::Accepted(accepted) => return Ok(accepted),
        Answer::Refused(refusal) => refusal.into(),
        Answer::KeyReused => Problem::new(Code::KeyReused),
        Answer::Busy => Problem::new(Code::Busy),
        Answer::Internal => Problem::new(Code::Internal),
    })
}

/// Like [`order`], for a call that was completed from what stands: the key is bound to what was sent.
///
/// # Errors
/// As [`order`].
pub async fn order_as_sent(
    state: &WebState,
    call: Call,
    key: Key,
    sent: &[&str],
) -> Result<Accepted, Problem> {
    let sent = engine::fingerprint_of_sent(sent);
    in_time(state.engine.ask_as_sent(call, key, sent)).await
}

/// Asks an auction for something: its event, and the order that a sale opened for whoever asked. Of what nobody else can
/// see the event is as the auction stood.
///
/// # Errors
/// As [`order`].
pub async fn order_auction(
    state: &WebState,
    auction: AuctionId,
    command: Command,
    key: Key,
) -> Result<(Event, Option<OrderId>), Problem> {
    match order(state, Call::Auction { auction, command }, key).await? {
        Accepted::Auction { event, order } => {
            let order = order.filter(|_| !is_of_challenger(&event));
            Ok((*event, order))
        }
        Accepted::Silent { event, .. } | Accepted::Quiet(event) => Ok((*event, None)),
        Accepted::Order(_)
        | Accepted::Deposit(_)
        | Accepted::Withdrawal(_)
        | Accepted::Reversal(_)
        | Accepted::Fees(_) => Err(answered_wrongly()),
    }
}

/// What an accepted bid has done.
#[derive(Clone, Debug)]
pub enum Placed {
    /// A row of the history, and after it perhaps others; with the order if somebody bought by it.
    Row {
        /// The row: the bidder's own.
        event: Box<Event>,
        /// The order, which is the leader's.
        order: Option<OrderId>,
    },
    /// The leader raised his maximum, of which nobody else hears.
    Silent {
        /// How the auction stood.
        event: Box<Event>,
        /// His maximum from then on.
        maximum: Money,
    },
}

/// Bids.
///
/// # Errors
/// As [`order`].
pub async fn order_bid(state: &WebState, auction: AuctionId, bid: Bid, key: Key) -> Result<Placed, Problem> {
    let call = Call::Auction { auction, command: Command::Bid(bid) };
    match order(state, call, key).await? {
        Accepted::Auction { event, order } => Ok(Placed::Row { event, order }),
        Accepted::Silent { event, maximum } => Ok(Placed::Silent { event, maximum }),
        _ => Err(answered_wrongly()),
    }
}

/// Whether the first row of a command is one that a maximum answered at once: whoever bid it does not lead.
pub fn is_of_challenger(event: &Event) -> bool {
    event.kind == EventKind::Bid && event.actor != event.leader
}

/// Asks an order for something: the step that it took.
///
/// # Errors
/// `order_not_found` to all but its sides and admins, whatever they sent; `code_wrong` with the tries that are left, else
/// as [`order`].
pub async fn order_step(
    state: &WebState,
    caller: &SignedIn,
    id: OrderId,
    command: OrderCommand,
    key: Key,
) -> Result<OrderStep, Problem> {
    let found = state.records.order(id).await?.ok_or(Problem::new(Code::OrderNotFound))?;
    if found.order.side(caller.id()).is_none() && !caller.member.acts_as_admin() {
        return Err(Problem::new(Code::OrderNotFound));
    }
    let command = Command::Order { order: id, command: Box::new(command) };
    let step = order_offer(state, found.order.auction, command, key).await?;
    if step.kind != StepKind::WrongCode {
        return Ok(step);
    }
    // A wrong code is counted by a step, which tells nothing else; people are told that it was wrong.
    let found = state.records.order(id).await?.ok_or(Problem::new(Code::OrderNotFound))?;
    Err(Problem::code_wrong(tries_left(&found.steps, step.seq)))
}

/// Asks an auction that is over for something: the step that its order took.
///
/// # Errors
/// As [`order`].
pub async fn order_offer(
    state: &WebState,
    auction: AuctionId,
    command: Command,
    key: Key,
) -> Result<OrderStep, Problem> {
    match order(state, Call::Auction { auction, command }, key).await? {
        Accepted::Order(step) => Ok(*step),
        _ => Err(answered_wrongly()),
    }
}

/// How many more codes may be typed after the wrong one that was step `seq`: the same however late it is asked.
fn tries_left(steps: &[OrderStep], seq: i64) -> i64 {
    let until_then = steps.iter().filter(|step| step.seq <= seq);
    let wrong = until_then.fold(0, |wrong, step| match step.kind {
        StepKind::WrongCode => wrong + 1,
        StepKind::Locked => 0,
        _ => wrong,
    });
    (TRIES_BEFORE_LOCK - wrong).max(0)
}

/// Asks for a deposit by the member himself.
///
/// # Errors
/// As [`order`].
pub async fn order_deposit(
    state: &WebState,
    member: MemberId,
    amount: i64,
    key: Key,
) -> Result<KeptDeposit, Problem> {
    deposited(state, Call::Deposit { member, amount }, key).await
}

/// Asks for money to come in, by the member himself or entered by an admin.
///
/// # Errors
/// As [`order`].
pub async fn deposited(state: &WebState, call: Call, key: Key) -> Result<KeptDeposit, Problem> {
    match order(state, call, key).await? {
        Accepted::Deposit(deposit) => Ok(deposit),
        _ => Err(answered_wrongly()),
    }
}

/// Asks for money to go out, or settles that it did.
///
/// # Errors
/// As [`order`].
pub async fn order_withdrawal(state: &WebState, call: Call, key: Key) -> Result<KeptWithdrawal, Problem> {
    match order(state, call, key).await? {
        Accepted::Withdrawal(withdrawal) => Ok(withdrawal),
        _ => Err(answered_wrongly()),
    }
}

/// Asks for what is there to be taken back of a deposit.
///
/// # Errors
/// As [`order`].
pub async fn order_reversal(state: &WebState, call: Call, key: Key) -> Result<KeptReversal, Problem> {
    match order(state, call, key).await? {
        Accepted::Reversal(reversal) => Ok(reversal),
        _ => Err(answered_wrongly()),
    }
}

/// Asks for fees to go out.
///
/// # Errors
/// As [`order`].
pub async fn order_fees(state: &WebState, call: Call, key: Key) -> Result<KeptFees, Problem> {
    match order(state, call, key).await? {
        Accepted::Fees(fees) => Ok(fees),
        _ => Err(answered_wrongly()),
    }
}

/// A call was answered with what another call means: only a bug can do that.
pub fn answered_wrongly() -> Problem {
    tracing::error!("the engine answered a call with another kind of answer");
    Problem::new(Code::Internal)
}

#[cfg(test)]
mod tests {
    use auction::{OrderState, Refusal, Time};
    use axum::http::HeaderValue;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_does_not_come_in_time_is_unknown() {
        let code = async |answer: Option<Option<Answer>>| {
            let answer = async {
                match answer {
                    Some(answer) => answer,
                    None => std::future::pending().await,
                }
            };
            in_time(answer).await.err().map(|problem| problem.code())
        };
        assert_eq!(code(None).await, Some(Code::OutcomeUnknown));
        assert_eq!(code(Some(None)).await, Some(Code::OutcomeUnknown), "the engine ended without an answer");
        assert_eq!(code(Some(Some(Answer::Busy))).await, Some(Code::Busy));
        assert_eq!(code(Some(Some(Answer::KeyReused))).await, Some(Code::KeyReused));
        assert_eq!(code(Some(Some(Answer::Internal))).await, Some(Code::Internal));
        assert_eq!(code(Some(Some(Answer::Refused(Refusal::Blocked)))).await, Some(Code::Blocked));
    }

    #[test]
    fn what_is_left_of_five_tries() {
        let step = |(seq, kind): (i64, StepKind)| OrderStep {
            order: OrderId(1),
            seq,
            kind,
            at: Time(0),
            by: None,
            state: OrderState::ToHandOver,
            due: None,
            text: None,
            amount: None,
        };
        let wrong = StepKind::WrongCode;
        let kinds =
            [StepKind::Opened, wrong, StepKind::Shipped, wrong, wrong, wrong, wrong, StepKind::Locked, wrong];
        let steps: Vec<_> = (1..).zip(kinds).map(step).collect();
        for (seq, left) in [(2, 4), (4, 3), (7, 0), (9, 4)] {
            assert_eq!(tries_left(&steps, seq), left, "after step {seq}");
        }
    }

    #[test]
    fn a_key_is_1_to_64_visible_characters() {
        let long = "k".repeat(64);
        let too_long = "k".repeat(65);
        for (sent, code) in [
            (&[][..], Some(Code::KeyRequired)),
            (&["0197-a"][..], None),
            (&[long.as_str()][..], None),
            (&[too_long.as_str()][..], Some(Code::Invalid)),
            (&[""][..], Some(Code::Invalid)),
            (&["a b"][..], Some(Code::Invalid)),
            (&["ключ"][..], Some(Code::Invalid)),
            (&["one", "two"][..], Some(Code::Invalid)),
        ] {
            let mut headers = HeaderMap::new();
            for key in sent {
                headers.append(
                    IDEMPOTENCY_KEY.clone(),
                    HeaderValue::from_bytes(key.as_bytes()).expect("a value"),
                );
            }
            assert_eq!(key_of(&headers, MemberId(1)).err().map(|problem| problem.code()), code, "{sent:?}");
        }
    }
}
