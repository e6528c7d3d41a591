//! What bidders' forms do to an auction: bid an amount, a maximum or both, buy at once. The answer stands on the auction's
//! page: after a redirect when it worked, in the form as it was typed when it did not.

use std::sync::Arc;

use auction::{Bid, Command, Event, ReserveStatus};
use axum::extract::State;
use axum::response::Response;
use engine::Accepted;
use ledger::{MemberId, Money};

use super::sent::{Sent, Side};
use crate::api::engine_door::answered_wrongly;
use crate::api::sent::Id;
use crate::failure::{Code, Problem};
use crate::pages::form_key::is_open;
use crate::pages::typed::Typed;
use crate::pages::{Doubted, MemberReader, Told};
use crate::state::WebState;
use crate::words::amount_typed;

/// An amount above this many times the minimum is asked about once more.
const UNUSUAL_FACTOR: i64 = 3;

/// A maximum of this many times the minimum is asked about once more. It may well be far above, as it is only bid as far as
/// others force it; but who types one digit too many always gets at least so far.
const UNUSUAL_MAXIMUM_FACTOR: i64 = 10;

/// What was typed into the bid form.
struct Typing {
    amount: String,
    maximum: String,
}

/// The figures that were typed; a field that is left empty says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Figures {
    amount: Option<i64>,
    maximum: Option<i64>,
}

impl Typing {
    /// The figures, if what was typed are amounts, and at least one was.
    fn figures(&self) -> Option<Figures> {
        let figure = |text: &str| match text.trim() {
            "" => Some(None),
            text => amount_typed(text).map(Some),
        };
        let figures = Figures { amount: figure(&self.amount)?, maximum: figure(&self.maximum)? };
        figures.most().map(|_| figures)
    }
}

impl Figures {
    fn most(self) -> Option<i64> {
        self.maximum.or(self.amount)
    }
}

/// `POST /auctions/{id}/bids`
pub async fn bid(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let sent = Sent::of(web, own, id, &mut typed);
    let typing = Typing { amount: typed.text("amount"), maximum: typed.text("maximum") };
    let Some(figures) = typing.figures() else { return not_a_number(&sent, typing).await };
    let confirmed = Figures {
        amount: amount_typed(&typed.text("confirmed")),
        maximum: amount_typed(&typed.text("confirmed_maximum")),
    };
    if confirmed != figures
        && let Some(doubted) = doubt(&sent, figures).await?
    {
        let mut page = sent.page().await?;
        if page.has_form() {
            sent.key.as_str().clone_into(&mut page.form.key);
            page.form.confirm = Some(doubted);
            return sent.own.answer(200, &page);
        }
    }
    let Figures { amount, maximum } = figures;
    let command = Command::Bid(Bid { bidder: sent.member(), amount, maximum, terms: sent.terms });
    match sent.ask(command).await {
        Ok(accepted) => Ok(sent.done(told(&accepted, figures, sent.member())?)),
        Err(problem) => {
            let keeps_key = is_open(&problem);
            sent.refused(problem, Side::Bidder, |page, sentence| {
                page.form.fault = Some(sentence);
                page.form.amount = amount;
                page.form.maximum = typing.maximum;
                if keeps_key {
                    sent.key.as_str().clone_into(&mut page.form.key);
                }
            })
            .await
        }
    }
}

/// What an accepted bid has brought its bidder: the figures after it say who leads.
fn told(accepted: &Accepted, figures: Figures, member: MemberId) -> Result<Told, Problem> {
    let event: &Event = match accepted {
        Accepted::Silent { maximum, .. } => return Ok(Told::MaximumRaised(maximum.won())),
        Accepted::Auction { event, .. } => event,
        _ => return Err(answered_wrongly()),
    };
    let leads = event.leader.is_some_and(|leader| leader.member == member);
    let is_sold = matches!(accepted, Accepted::Auction { order: Some(_), .. });
    Ok(match (leads, is_sold, figures.maximum) {
        (true, true, _) => Told::Bought,
        (false, true, _) => Told::BeatenAndSold,
        (false, false, _) => event.minimum.map_or(Told::BeatenAndSold, |minimum| Told::Beaten(minimum.won())),
        (true, false, _) if event.reserve == ReserveStatus::NotMet => {
            Told::BidBelowReserve(event.price.won())
        }
        (true, false, Some(maximum)) if maximum > event.price.won() => Told::Maximum(maximum),
        (true, false, _) => Told::Bid(event.price.won()),
    })
}

async fn not_a_number(sent: &Sent, typing: Typing) -> Result<Response, Problem> {
    let sentence = sent.own.reader.language.text("bid-not-number");
    let refused = Problem::new(Code::AmountInvalid);
    sent.refused(refused, Side::Bidder, |page, _| {
        page.form.fault = Some(sentence);
        page.form.typed = Some(typing.amount);
        page.form.maximum = typing.maximum;
    })
    .await
}

/// A bid is doubted that is so far above what is needed that a slip of the finger is likely, or that would buy.
async fn doubt(sent: &Sent, figures: Figures) -> Result<Option<Doubted>, Problem> {
    let row = sent.web.records.auction(sent.id).await?.ok_or(Problem::new(Code::AuctionNotFound))?;
    let own = row.auction.leader.filter(|leader| leader.member == sent.member());
    let Some(minimum) = row.auction.minimum().map(Money::won) else { return Ok(None) };
    Ok(doubted(
        figures,
        minimum,
        row.auction.buy_now.map(Money::won),
        own.map(|leader| leader.commitment.won()),
    ))
}

/// As [`doubt`]; `own` is what the leader is bound to already, if it is he who bids.
fn doubted(figures: Figures, minimum: i64, buy_now: Option<i64>, own: Option<i64>) -> Option<Doubted> {
    let Figures { amount, maximum } = figures;
    // Who leads and names a maximum raises his own: an amount beside it shows nothing, unless it buys.
    let raised = own.filter(|_| maximum.is_some());
    let shown = match maximum {
        Some(_) if raised.is_none() => Some(amount.unwrap_or(minimum).max(minimum)),
        _ => amount,
    };
    let buys = buy_now.filter(|price| shown.is_some_and(|shown| shown >= *price));
    let far_amount =
        amount.filter(|amount| raised.is_none() && *amount > minimum.saturating_mul(UNUSUAL_FACTOR));
    let needed = minimum.max(raised.unwrap_or_default());
    let far_maximum = maximum.filter(|maximum| *maximum >= needed.saturating_mul(UNUSUAL_MAXIMUM_FACTOR));
    let is_doubted = buys.or(far_amount).or(far_maximum).is_some();
    is_doubted.then_some(Doubted { amount, maximum, buys })
}

/// `POST /auctions/{id}/buy-now`
pub async fn buy_now(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let sent = Sent::of(web, own, id, &mut typed);
    let command = Command::BuyNow { buyer: sent.member(), terms: sent.terms };
    match sent.ask(command).await {
        Ok(_) => Ok(sent.done(Told::Bought)),
        Err(problem) => {
            let keeps_key = is_open(&problem);
            sent.refused(problem, Side::Bidder, |page, sentence| {
                page.form.fault = Some(sentence);
                if keeps_key {
                    sent.key.as_str().clone_into(&mut page.form.buy_key);
                }
            })
            .await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn read(amount: &str, maximum: &str, expected: Option<(Option<i64>, Option<i64>)>) {
        let typing = Typing { amount: amount.to_owned(), maximum: maximum.to_owned() };
        let expected = expected.map(|(amount, maximum)| Figures { amount, maximum });
        assert_eq!(typing.figures(), expected, "{amount:?} {maximum:?}");
    }

    #[track_caller]
    fn check(amount: Option<i64>, maximum: Option<i64>, own: Option<i64>, expected: Option<Option<i64>>) {
        let found = doubted(Figures { amount, maximum }, 10_000, Some(60_000), own);
        assert_eq!(found.map(|doubted| doubted.buys), expected, "{amount:?} {maximum:?} {own:?}");
    }

    /// The minimum is 10,000, the buy-now price 60,000.
    #[test]
    fn a_slip_of_the_finger_and_what_buys_are_asked_about_once_more() {
        check(Some(30_000), None, None, None);
        check(Some(30_001), None, None, Some(None));
        check(Some(60_000), None, None, Some(Some(60_000)));
        check(Some(10_000), Some(59_000), None, None);
        check(None, Some(99_999), None, None);
        check(None, Some(100_000), None, Some(None));
        check(Some(60_000), Some(60_000), None, Some(Some(60_000)));
        check(Some(10_000), Some(200_000), Some(25_000), None);
        check(Some(10_000), Some(250_000), Some(25_000), Some(None));
        check(Some(40_000), Some(41_000), Some(25_000), None);
        check(Some(60_000), Some(70_000), Some(25_000), Some(Some(60_000)));
        let last = Figures { amount: None, maximum: Some(60_000) };
        assert_eq!(doubted(last, 60_000, Some(60_000), None).map(|doubted| doubted.buys), Some(Some(60_000)));
        assert_eq!(doubted(last, 60_000, Some(60_000), Some(59_000)), None, "it presses no button by itself");
    }

    #[test]
    fn an_amount_a_maximum_or_both_are_typed() {
        read("16,000", "", Some((Some(16_000), None)));
        read("16,000", "３０，０００원", Some((Some(16_000), Some(30_000))));
        read(" ", "30000", Some((None, Some(30_000))));
        read("", "", None);
        read("많이", "30000", None);
        read("16000", "끝까지", None);
    }
}
