//! Money that comes from outside and goes there, whoever has it in hand.

use std::sync::Arc;

use auction::{Ladder, ListingLimits, Span, Time};
use engine::{Answer, Call, Deposits, Lane, Reply, Settings};
use ledger::{MemberId, Money, PartsPerMillion, WithdrawalId};
use live::{Hub, LocalBus};
use store::memory::MemoryJournal;
use store::{Clock, Key, MemberStanding, Nature, Withdrawal, WithdrawalState};
use tokio::sync::oneshot;

const ADMIN: MemberId = MemberId(1);
const MEMBER: MemberId = MemberId(2);

/// A store of real money in which one withdrawal waits, behind a lane with this provider.
fn house(deposits: Deposits) -> (engine::Engine, Lane<MemoryJournal>) {
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
