//! What came up in stories, and how often. Stories in which something never came up have not shown it.

use std::collections::BTreeMap;

use auction::{
    Command, EventKind, MarkKind, Offer, OfferState, OrderCommand, OrderState, OrderStep, Outcome, PriceRule,
    ReserveStatus, Status, StepKind,
};
use engine::{Accepted, Answer, Call};
use store::memory::Market;
use store::{ActKind, Key, WithdrawalState};

/// How often each thing came up, by a word for what it is and its own name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen(BTreeMap<String, u64>);

/// Every command.
const CALLS: [&str; 30] = [
    "bid",
    "maximum",
    "buy_now",
    "sell_now",
    "cancel",
    "extend",
    "lower_reserve",
    "edit",
    "take_back",
    "offer",
    "accept_offer",
    "decline_offer",
    "ship",
    "receive",
    "receipt_code",
    "meeting_code",
    "cancel_order",
    "keep_on",
    "dispute",
    "evidence",
    "decide",
    "list",
    "list_again",
    "deposit",
    "enter_deposit",
    "withdraw",
    "pay_out",
    "reverse_withdrawal",
    "reverse_deposit",
    "withdraw_fees",
];

/// Every refusal that a member can hear.
const REFUSALS: [&str; 44] = [
    "invalid",
    "auction_not_found",
    "not_seller",
    "closed",
    "not_started",
    "own_auction",
    "suspended",
    "blocked",
    "no_buy_now",
    "terms_changed",
    "amount_invalid",
    "maximum_not_higher",
    "below_minimum",
    "off_step",
    "insufficient_funds",
    "too_many_bids",
    "no_leader",
    "reserve_not_met",
    "too_early",
    "too_late",
    "extended_twice",
    "reason_missing",
    "hours_invalid",
    "reserve_invalid",
    "item_not_free",
    "listing_barred",
    "picture_not_found",
    "order_not_found",
    "not_buyer",
    "not_admin",
    "order_state",
    "code_locked",
    "refund_invalid",
    "no_bidder_left",
    "no_offer",
    "withdrawals_off",
    "withdrawal_not_found",
    "withdrawal_over",
    "deposit_not_found",
    "nothing_missing",
    "in_debt",
    "insufficient_fees",
    "deposits_off",
    "key_reused",
];

/// What is done to questions, which no story asks: the suite of every store's records has them.
const OF_TALK: [ActKind; 2] = [ActKind::QuestionHidden, ActKind::QuestionShown];

/// Everything that must come up at least once, if stories are many.
pub fn must_be_seen() -> Vec<String> {
    let calls = CALLS.iter().map(|name| format!("accepted {name}"));
    let refusals = REFUSALS.iter().map(|name| format!("refused {name}"));
    let answers = ["auction", "silent", "quiet", "order", "deposit", "withdrawal", "reversal", "fees"];
    let of = |what: &str, names: Vec<&str>| -> Vec<String> {
        names.into_iter().map(|name| format!("{what} {name}")).collect()
    };
    calls
        .chain(refusals)
        .chain(of("answer", answers.to_vec()))
        .chain(of("event", EventKind::ALL.map(EventKind::name).to_vec()))
        .chain(of("rule", PriceRule::ALL.map(PriceRule::name).to_vec()))
        .chain(of("reserve", ReserveStatus::ALL.map(ReserveStatus::name).to_vec()))
        .chain(of("outcome", Outcome::ALL.map(Outcome::name).to_vec()))
        .chain(of("status", Status::ALL.map(Status::name).to_vec()))
        .chain(of("step", StepKind::ALL.map(StepKind::name).to_vec()))
        .chain(of("order", OrderState::ALL.map(OrderState::name).to_vec()))
        .chain(of("offer", OfferState::ALL.map(OfferState::name).to_vec()))
        .chain(["offer withdrawn".to_owned()])
        .chain(of("mark", MarkKind::ALL.map(MarkKind::name).to_vec()))
        .chain(of("withdrawal", WithdrawalState::ALL.map(WithdrawalState::name).to_vec()))
        .chain(of("debt", vec!["open", "paid"]))
        .chain(of(
            "act",
            ActKind::ALL.into_iter().filter(|kind| !OF_TALK.contains(kind)).map(ActKind::name).collect(),
        ))
        .collect()
}

impl Seen {
    /// Adds what came up elsewhere.
    pub fn add(&mut self, other: &Seen) {
        other.0.iter().for_each(|(name, times)| *self.0.entry(name.clone()).or_default() += times);
    }

    /// Those of these names that never came up.
    pub fn missing(&self, names: &[String]) -> Vec<String> {
        names.iter().filter(|name| !self.0.contains_key(*name)).cloned().collect()
    }

    /// How often that came up.
    pub fn times(&self, name: &str) -> u64 {
        self.0.get(name).copied().unwrap_or_default()
    }

    /// All that came up, in order.
    pub fn all(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(name, times)| (name.as_str(), *times))
    }

    fn one(&mut self, what: &str, name: &str) {
        *self.0.entry(format!("{what} {name}")).or_default() += 1;
    }

    /// What became of calls.
    pub(super) fn note(&mut self, calls: &[(Call, Key)], answers: &[Option<Answer>]) {
        for ((call, _), answer) in calls.iter().zip(answers) {
            match answer {
                None => self.one("wrong", "unanswered"),
                Some(Answer::Accepted(accepted)) => {
                    self.one("accepted", name(call));
                    self.one("answer", kind(accepted));
                }
                Some(Answer::Refused(refusal)) => self.one("refused", refusal.code()),
                Some(Answer::KeyReused) => self.one("refused", "key_reused"),
                Some(Answer::Busy) => self.one("wrong", "busy"),
                Some(Answer::Internal) => self.one("wrong", "internal"),
            }
        }
    }

    /// What is there in the end.
    pub(super) fn see(&mut self, market: &Market) {
        for event in market.events.values() {
            self.one("event", event.kind.name());
            event.outcome.iter().for_each(|outcome| self.one("outcome", outcome.name()));
            event.rule.iter().for_each(|rule| self.one("rule", rule.name()));
            self.one("reserve", event.reserve.name());
        }
        market.auctions.values().for_each(|one| self.one("status", one.status.name()));
        market.steps.values().for_each(|step| self.one("step", step.kind.name()));
        market.steps.values().for_each(|step| self.one("order", step.state.name()));
        market.offers.values().for_each(|offer| self.one("offer", offer.state.name()));
        market
            .offers
            .values()
            .filter(|offer| was_withdrawn(market, offer))
            .for_each(|_| self.one("offer", "withdrawn"));
        market.marks.iter().for_each(|mark| self.one("mark", mark.kind.name()));
        market.withdrawals.values().for_each(|one| self.one("withdrawal", one.state.name()));
        let state = |debt: &store::Debt| if debt.missing.is_zero() { "paid" } else { "open" };
        market.debts.values().for_each(|debt| self.one("debt", state(debt)));
        market.acts.iter().for_each(|act| self.one("act", act.kind.name()));
    }
}

/// Whether it ended before its time, because its member was blocked or suspended: nobody is offered one thing twice.
fn was_withdrawn(market: &Market, offer: &Offer) -> bool {
    let is_of_it = |step: &&OrderStep| {
        let auction = market.orders.get(&step.order).map(|order| order.auction);
        step.kind == StepKind::OfferLapsed && step.by == Some(offer.member) && auction == Some(offer.auction)
    };
    market.steps.values().filter(is_of_it).any(|step| step.at < offer.until)
}

fn kind(accepted: &Accepted) -> &'static str {
    match accepted {
        Accepted::Auction { .. } => "auction",
        Accepted::Silent { .. } => "silent",
        Accepted::Quiet(_) => "quiet",
        Accepted::Order(_) => "order",
        Accepted::Deposit(_) => "deposit",
        Accepted::Withdrawal(_) => "withdrawal",
        Accepted::Reversal(_) => "reversal",
        Accepted::Fees(_) => "fees",
    }
}

fn name(call: &Call) -> &'static str {
    match call {
        Call::Auction { command, .. } => command_name(command),
        Call::List(listing) if listing.again.is_some() => "list_again",
        Call::List(_) => "list",
        Call::EnterDeposit { .. } => "enter_deposit",
        Call::Withdraw { .. } => "withdraw",
        Call::SettleWithdrawal { is_done: true, .. } => "pay_out",
        Call::SettleWithdrawal { .. } => "reverse_withdrawal",
        Call::ReverseDeposit { .. } => "reverse_deposit",
        Call::WithdrawFees { .. } => "withdraw_fees",
        Call::Deposit { .. } => "deposit",
    }
}

fn command_name(command: &Command) -> &'static str {
    match command {
        Command::Bid(bid) if bid.maximum.is_some() => "maximum",
        Command::Bid(_) => "bid",
        Command::BuyNow { .. } => "buy_now",
        Command::SellNow { .. } => "sell_now",
        Command::Cancel { .. } => "cancel",
        Command::Extend { .. } => "extend",
        Command::LowerReserve { .. } => "lower_reserve",
        Command::Edit { .. } => "edit",
        Command::TakeBack { .. } => "take_back",
        Command::Offer { .. } => "offer",
        Command::AcceptOffer { .. } => "accept_offer",
        Command::DeclineOffer { .. } => "decline_offer",
        Command::Order { command, .. } => match &**command {
            OrderCommand::Cancel { .. } => "cancel_order",
            other => other.name(),
        },
        Command::Close | Command::ExtendForOutage(_) => "house",
    }
}
