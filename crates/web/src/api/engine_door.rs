//! The door to the engine: everything that moves money or an auction is asked here, with a key, and answered after its
//! commit. The command runs to its end even when the client leaves.

use std::time::Duration;

use auction::{AuctionId, Command, Event, OrderId};
use axum::http::{HeaderMap, HeaderName};
use engine::{Accepted, Answer, Call};
use ledger::MemberId;
use store::{KeptDeposit, Key};
use tokio::time::timeout;

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
    in_time(state.engine.ask(call, key)).await
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

/// Asks an auction for something: its event, and the order that a sale opened.
///
/// # Errors
/// As [`order`].
pub async fn order_auction(
    state: &WebState,
    auction: AuctionId,
    command: Command,
    key: Key,
) -> Result<(Event, Option<OrderId>), Problem> {
    let call = Call::Auction { auction, command };
    match order(state, call, key).await? {
        Accepted::Auction { event, order } => Ok((*event, order)),
        Accepted::Silent { event, .. } | Accepted::Quiet(event) => Ok((*event, None)),
        Accepted::Order(_) | Accepted::Deposit(_) | Accepted::Withdrawal(_) => Err(answered_wrongly()),
    }
}

/// Asks for a deposit.
///
/// # Errors
/// As [`order`].
pub async fn order_deposit(
    state: &WebState,
    member: MemberId,
    amount: i64,
    key: Key,
) -> Result<KeptDeposit, Problem> {
    match order(state, Call::Deposit { member, amount }, key).await? {
        Accepted::Deposit(deposit) => Ok(deposit),
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
    use auction::Refusal;
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
