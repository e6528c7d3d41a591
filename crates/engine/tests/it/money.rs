//! Money that comes from outside and goes there, whoever has it in hand.

use std::sync::Arc;

use auction::{Ladder, ListingLimits, Span, Time};
use engine::{Accepted, Answer, Call, Deposits, Engine, Lane, Reply, Settings};
use ledger::{Account, MemberId, Money, PartsPerMillion, Reason, Transfer, TransferId, WithdrawalId};
use live::{Hub, LocalBus};
use store::memory::MemoryJournal;
use store::{Clock, Key, MemberStanding, Nature, NewTransfer, Withdrawal, WithdrawalState};
use tokio::sync::oneshot;

const ADMIN: MemberId = MemberId(1);
const MEMBER: MemberId = MemberId(2);

/// A store of real money in which one withdrawal waits, behind a lane with this provider.
fn house(deposits: Deposits) -> (Engine, Lane<MemoryJournal>) {
    let clock: Clock = Arc::new(|| Time(1_700_000_000_000_000));
    let mut journal = MemoryJournal::new(Arc::clone(&clock));
    journal.add_member(MEMBER);
    journal.market.members.insert(ADMIN, MemberStanding { is_admin: true, ..MemberStanding::default() });
    journal.market.nature = Some(Nature::Real);
    let withdrawal = Withdrawal {
        id: WithdrawalId(1),
        member: MEMBER,
        amount: Money::new(5_000).unwrap(),
        destination: "the bank".to_owned(),
        at: Time(1),
        state: WithdrawalState::Requested,
        decided_by: None,
        decided_at: None,
        reason: None,
    };
    journal.market.withdrawals.insert(withdrawal.id, withdrawal);
    let ladder = Ladder::parse(auction::DEFAULT_LADDER).unwrap();
    let fee_rate = PartsPerMillion::default();
    let settings = Settings {
        deposits,
        listing: ListingLimits { minimum_duration: Span::minutes(10), ladder, fee_rate },
        clock: Arc::clone(&clock),
        steady: Arc::new(|| Span(0)),
        chance: Arc::new(|| 0),
    };
    let hub = Arc::new(Hub::new(live::Settings::default(), clock));
    Lane::new(journal, settings, LocalBus::new(hub))
}

#[tokio::test]
async fn what_was_asked_for_is_settled_after_the_provider_was_turned_off() {
    for deposits in [Deposits::Manual, Deposits::Off] {
        let (engine, mut lane) = house(deposits);
        let reason = "the bank sent it back".to_owned();
        let call =
            Call::SettleWithdrawal { admin: ADMIN, withdrawal: WithdrawalId(1), is_done: false, reason };
        let (sender, mut answer) = oneshot::channel();
        engine.submit(call, Key { text: "one".into(), member: ADMIN }, Reply::One(sender)).unwrap();
        lane.step().await.unwrap();
        let answer = answer.try_recv().unwrap();
        assert!(matches!(answer, Answer::Accepted(_)), "{deposits:?}: {answer:?}");
        let market = &lane.journal().market;
        assert_eq!(market.withdrawals[&WithdrawalId(1)].state, WithdrawalState::Reversed);
        assert_eq!(market.members[&MEMBER].wallet.available.won(), 5_000);
    }
}

const BUYER: MemberId = MemberId(3);
const OTHER: MemberId = MemberId(4);

fn won(won: i64) -> Money {
    Money::new(won).unwrap()
}

/// Two admins; a member who paid in 1,000 and 500 and has 700 of it left; 90 of fees.
fn indebted(deposits: Deposits) -> (Engine, Lane<MemoryJournal>) {
    let (engine, mut lane) = house(deposits);
    let market = &mut lane.journal().market;
    market.withdrawals.clear();
    market.members.insert(OTHER, MemberStanding { is_admin: true, ..MemberStanding::default() });
    market.members.entry(BUYER).or_default().wallet.available = won(700);
    let buyers = Account::Available(BUYER);
    for (id, (from, to, amount, reason)) in (1..).zip([
        (Account::Cash, buyers, 1_000, Reason::Deposit),
        (buyers, Account::Escrow, 800, Reason::Purchase),
        (Account::Escrow, Account::Fees, 90, Reason::Fee),
        (Account::Cash, buyers, 500, Reason::Deposit),
        (Account::Cash, Account::Available(ADMIN), 300, Reason::Deposit),
    ]) {
        let transfer = Transfer { from, to, amount: won(amount), reason, auction: None };
        let new = NewTransfer { id: TransferId(id), transfer, order: None, at: Time(1) };
        market.transfers.insert(new.id, new);
    }
    (engine, lane)
}

/// What calls of one round are answered, in words.
async fn answers(engine: &Engine, lane: &mut Lane<MemoryJournal>, calls: Vec<(&str, Call)>) -> Vec<String> {
    let mut receivers = Vec::new();
    for (key, call) in calls {
        let (sender, receiver) = oneshot::channel();
        let member = call.caller().unwrap();
        engine.submit(call, Key { text: key.into(), member }, Reply::One(sender)).unwrap();
        receivers.push(receiver);
    }
    lane.step().await.unwrap();
    let words = |answer: Answer| match answer {
        Answer::Accepted(Accepted::Reversal(kept)) => {
            format!("took {}, lacks {}", kept.taken.won(), kept.missing.won())
        }
        Answer::Accepted(Accepted::Fees(kept)) => format!("out {}", kept.amount.won()),
        Answer::Accepted(other) => format!("{other:?}"),
        Answer::Refused(refusal) => refusal.code().to_owned(),
        other => format!("{other:?}"),
    };
    receivers.iter_mut().map(|receiver| words(receiver.try_recv().unwrap())).collect()
}

fn back(deposit: i64) -> Call {
    back_by(ADMIN, deposit, "called back")
}

fn back_by(admin: MemberId, deposit: i64, reason: &str) -> Call {
    Call::ReverseDeposit { admin, deposit: TransferId(deposit), reason: reason.to_owned() }
}

fn fees(amount: i64) -> Call {
    fees_as(ADMIN, amount, &format!("July {amount}"))
}

fn fees_as(admin: MemberId, amount: i64, reference: &str) -> Call {
    Call::WithdrawFees { admin, amount, reference: reference.to_owned() }
}

fn out(amount: i64) -> Call {
    Call::Withdraw { member: BUYER, amount, destination: "the bank".to_owned() }
}

/// Calls of one round by their keys, and what they are answered.
type Together = (Vec<(&'static str, Call)>, &'static [&'static str]);

/// One round after another, each against what the calls before have left, also within a round.
#[tokio::test]
async fn a_deposit_is_taken_back_as_far_as_it_is_there() {
    let (engine, mut lane) = indebted(Deposits::Manual);
    let rounds: [Together; 6] = [
        (
            vec![
                ("a", back_by(BUYER, 1, "mine")),
                ("b", back(5)),
                ("c", back(2)),
                ("d", back(9)),
                ("e", back_by(ADMIN, 1, "")),
                ("f", back_by(ADMIN, 1, &"x".repeat(201))),
            ],
            &[
                "not_admin",
                "not_admin",
                "deposit_not_found",
                "deposit_not_found",
                "reason_missing",
                "reason_missing",
            ],
        ),
        (
            vec![("g", back(4)), ("h", back(1)), ("i", out(1)), ("j", back(1)), ("k", back(4))],
            &["took 500, lacks 0", "took 200, lacks 800", "in_debt", "insufficient_funds", "nothing_missing"],
        ),
        (vec![("h", back(1)), ("l", back(2))], &["took 200, lacks 800", "deposit_not_found"]),
        (vec![("l2", back_by(OTHER, 5, "called back"))], &["took 0, lacks 300"]),
        (vec![("m", out(1)), ("n", back_by(OTHER, 1, "again"))], &["in_debt", "insufficient_funds"]),
        (vec![("h", back(4))], &["KeyReused"]),
    ];
    for (calls, expected) in rounds {
        assert_eq!(answers(&engine, &mut lane, calls).await, expected);
    }
    let market = &mut lane.journal().market;
    assert_eq!((market.debts.len(), market.acts.len()), (3, 3), "one act each time");
    market.members.entry(BUYER).or_default().wallet.available = won(2_000);
    let calls = vec![("o", back(1)), ("p", back(1)), ("q", out(1_200))];
    let said = answers(&engine, &mut lane, calls).await;
    assert_eq!(said[..2], ["took 800, lacks 0", "nothing_missing"], "paid in this very round");
    assert!(said[2].starts_with("Withdrawal"), "{said:?}");
    assert_eq!(lane.journal().market.members[&BUYER].wallet.available.won(), 0);
}

#[tokio::test]
async fn what_was_asked_for_before_does_not_go_out_while_something_is_missing() {
    let (engine, mut lane) = indebted(Deposits::Manual);
    assert!(answers(&engine, &mut lane, vec![("a", out(600))]).await[0].starts_with("Withdrawal"));
    let withdrawal = *lane.journal().market.withdrawals.keys().max().unwrap();
    let settle = |is_done, reason: &str| Call::SettleWithdrawal {
        admin: ADMIN,
        withdrawal,
        is_done,
        reason: reason.to_owned(),
    };
    let calls = vec![("b", back(1)), ("c", settle(true, ""))];
    assert_eq!(answers(&engine, &mut lane, calls).await, ["took 100, lacks 900", "in_debt"], "in one round");
    assert_eq!(answers(&engine, &mut lane, vec![("d", settle(true, ""))]).await, ["in_debt"]);
    let calls = vec![("e", settle(false, "called back")), ("f", back(1))];
    let said = answers(&engine, &mut lane, calls).await;
    assert!(said[0].starts_with("Withdrawal"), "{said:?}");
    assert_eq!(said[1], "took 600, lacks 300");
}

#[tokio::test]
async fn a_bank_calls_back_whatever_the_provider() {
    for deposits in [Deposits::Manual, Deposits::Off] {
        let (engine, mut lane) = indebted(deposits);
        assert_eq!(answers(&engine, &mut lane, vec![("a", back(4))]).await, ["took 500, lacks 0"]);
    }
}

#[tokio::test]
async fn fees_go_out_as_far_as_they_are_there() {
    let (engine, mut lane) = indebted(Deposits::Manual);
    let nameless = Call::WithdrawFees { admin: ADMIN, amount: 1, reference: String::new() };
    let calls = vec![
        ("a", Call::WithdrawFees { admin: BUYER, amount: 1, reference: "x".to_owned() }),
        ("b", fees(0)),
        ("c", nameless),
        ("d", fees(91)),
        ("e", fees(60)),
        ("f", fees(31)),
        ("g", fees(30)),
        ("h", fees(1)),
    ];
    let expected = [
        "not_admin",
        "amount_invalid",
        "invalid",
        "insufficient_fees",
        "out 60",
        "insufficient_fees",
        "out 30",
        "insufficient_fees",
    ];
    assert_eq!(answers(&engine, &mut lane, calls).await, expected);
    assert_eq!(answers(&engine, &mut lane, vec![("e", fees(60))]).await, ["out 60"], "the same key again");
    assert_eq!(lane.journal().market.acts.len(), 2);
    for deposits in [Deposits::Demo, Deposits::Off] {
        let (engine, mut lane) = indebted(deposits);
        assert_eq!(answers(&engine, &mut lane, vec![("a", fees(1))]).await, ["withdrawals_off"]);
    }
}

/// What a payment is known by is used once for each way: in the same round, in a later one, by another admin, with any key.
#[tokio::test]
async fn a_payment_is_noted_once() {
    let (engine, mut lane) = indebted(Deposits::Manual);
    let enter = |reference: &str| Call::EnterDeposit {
        admin: ADMIN,
        member: BUYER,
        amount: 40,
        reference: reference.to_owned(),
    };
    let rounds: [Together; 3] = [
        (
            vec![
                ("a", fees_as(ADMIN, 91, "bank 1")),
                ("b", fees_as(ADMIN, 20, "bank 1")),
                ("c", fees_as(OTHER, 20, "bank 1")),
                ("d", fees_as(ADMIN, 20, "bank 2")),
            ],
            &["insufficient_fees", "out 20", "reference_used", "out 20"],
        ),
        (
            vec![("b", fees_as(ADMIN, 20, "bank 1")), ("e", fees_as(OTHER, 20, "bank 2"))],
            &["out 20", "reference_used"],
        ),
        (vec![("f", fees_as(OTHER, 900, "bank 1"))], &["reference_used"]),
    ];
    for (calls, expected) in rounds {
        assert_eq!(answers(&engine, &mut lane, calls).await, expected);
    }
    let said = answers(&engine, &mut lane, vec![("g", enter("bank 1")), ("h", enter("bank 1"))]).await;
    assert!(said[0].starts_with("Deposit"), "money that comes in has names of its own: {said:?}");
    assert_eq!(said[1], "reference_used");
    assert_eq!(answers(&engine, &mut lane, vec![("i", fees_as(ADMIN, 50, "bank 3"))]).await, ["out 50"]);
    assert_eq!(lane.journal().market.acts.len(), 4);
}
