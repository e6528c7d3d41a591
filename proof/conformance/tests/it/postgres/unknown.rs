//! Commits whose outcome is unknown, because the connection is cut at COMMIT.

use ledger::{Account, MemberId, Money, Reason, Transfer, TransferId};
use store::{AnswerKind, Failure, FirstAnswer, Journal, Key, Loaded, NewKey, NewTransfer, Round, Wanted};
use store_postgres::{PostgresJournal, PostgresRecords};

use super::node::Node;
use super::store::{add_member, client, still, target};
use super::way::{Cut, Way};
use crate::journal::NOON;

/// A database with one member, the way to it, and a journal that takes that way.
pub struct Scene {
    pub way: Way,
    pub address: String,
    pub cut_address: String,
    pub member: MemberId,
    _records: PostgresRecords,
}

impl Scene {
    pub async fn new() -> Scene {
        let server = private_postgres::server();
        let address = server.database();
        let (_, records) = store_postgres::open(&target(&address), still()).await.unwrap();
        let member = add_member(&records, 1, NOON).await;
        let way = Way::to(server.port()).await;
        let cut_address = way.instead_of(server.port(), &address);
        Scene { way, address, cut_address, member, _records: records }
    }

    pub fn wanted(&self) -> Wanted {
        Wanted { members: vec![self.member], keys: vec![self.key()], ..Wanted::default() }
    }

    fn key(&self) -> Key {
        Key { text: "a deposit".into(), member: self.member }
    }

    /// A deposit of 7,000 won.
    pub fn round(&self, loaded: &Loaded) -> Round {
        let amount = Money::new(7_000).unwrap();
        let mut wallet = loaded.members[&self.member].wallet;
        wallet.available = Money::new(wallet.available.won() + amount.won()).unwrap();
        wallet.version += 1;
        let (id, at) = (TransferId(loaded.next.transfer), loaded.now);
        let (from, to) = (Account::Cash, Account::Available(self.member));
        let transfer = Transfer { from, to, amount, reason: Reason::Deposit, auction: None };
        let key = NewKey {
            key: self.key(),
            fingerprint: 1,
            event: None,
            order: None,
            transfer: Some(id),
            kind: AnswerKind::Deposit,
            step: None,
            maximum: None,
            withdrawal: None,
            taken: None,
            missing: None,
            at,
        };
        Round {
            now: loaded.now,
            wallets: vec![(self.member, wallet)],
            transfers: vec![NewTransfer { id, transfer, order: None, at }],
            keys: vec![key],
            ..Round::default()
        }
    }

    pub async fn balance(&self) -> (i64, i64) {
        let sql = "SELECT available, (SELECT count(*) FROM transfers) FROM wallets";
        let row = client(&self.address).await.query_one(sql, &[]).await.unwrap();
        (row.get(0), row.get(1))
    }
}

/// Nobody knows whether it was kept, so nobody is told; begun again, the round finds its key if it was, or is kept now.
#[tokio::test]
async fn commit_unknown() {
    for (cut, was_kept) in [(Cut::Before, false), (Cut::After, true)] {
        let scene = Scene::new().await;
        let mut journal = PostgresJournal::new(target(&scene.cut_address), still());
        let loaded = journal.begin(&scene.wanted()).await.unwrap();
        scene.way.cut(cut);
        let kept = journal.keep(&scene.round(&loaded)).await;
        assert!(matches!(kept, Err(Failure::Unknown { .. })), "{cut:?}: {kept:?}");
        let again = journal.begin(&scene.wanted()).await.unwrap();
        let found = again.keys.get(&scene.key()).map(|kept| &kept.first);
        if was_kept {
            let Some(FirstAnswer::Deposit(first)) = found else { panic!("{cut:?}: {found:?}") };
            assert_eq!((first.id.0, first.amount.won()), (loaded.next.transfer, 7_000));
            journal.abandon().await;
        } else {
            assert_eq!(found, None);
            journal.keep(&scene.round(&again)).await.unwrap();
        }
        assert!(again.next.transfer > loaded.next.transfer, "numbers in limbo are not given out again");
        assert_eq!(scene.balance().await, (7_000, 1), "{cut:?}");
    }
}

/// A lane runs the round again, and its caller hears of one deposit.
#[tokio::test]
async fn commit_unknown_is_answered_once() {
    for cut in [Cut::Before, Cut::After] {
        let scene = Scene::new().await;
        let mut node = Node::over(&scene.cut_address, "one").await;
        scene.way.cut(cut);
        node.deposit(scene.member, 7_000).await;
        assert!(scene.way.is_cut());
        assert_eq!(scene.balance().await, (7_000, 1), "{cut:?}");
    }
}
