//! Commits whose outcome is unknown, because the connection is cut at COMMIT.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use ledger::{Account, MemberId, Money, Reason, Transfer, TransferId};
use store::{Failure, FirstAnswer, Journal, Key, Loaded, NewKey, NewTransfer, Round, Wanted};
use store_postgres::{PostgresJournal, PostgresRecords};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::node::Node;
use super::store::{add_member, client, still, target};
use crate::journal::NOON;

/// What the way to the database does with the next COMMIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// Lets it through.
    Never = 0,
    /// Ends before it arrives.
    Before = 1,
    /// Lets it arrive and be done, and ends before the answer.
    After = 2,
}

/// A way to the database that can be cut once.
struct Way {
    port: u16,
    next: Arc<AtomicU8>,
}

impl Way {
    async fn to(port: u16) -> Way {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let way = Way { port: listener.local_addr().unwrap().port(), next: Arc::default() };
        let next = Arc::clone(&way.next);
        let serve = async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
                drop(tokio::spawn(carry(near, far, Arc::clone(&next))));
            }
        };
        #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
        drop(tokio::spawn(serve));
        way
    }

    fn cut(&self, cut: Cut) {
        self.next.store(cut as u8, Ordering::SeqCst);
    }

    fn is_cut(&self) -> bool {
        self.next.load(Ordering::SeqCst) == Cut::Never as u8
    }
}

/// Carries bytes both ways until one side ends, or a COMMIT comes by that is to be cut.
async fn carry(mut near: TcpStream, mut far: TcpStream, next: Arc<AtomicU8>) {
    let (mut sent, mut answered) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            read = near.read(&mut sent) => {
                let Some(bytes) = read.ok().filter(|count| *count > 0).map(|count| &sent[..count]) else { return };
                let is_commit = bytes.windows(6).any(|word| word == b"COMMIT");
                let cut = if is_commit { next.swap(Cut::Never as u8, Ordering::SeqCst) } else { 0 };
                if cut == Cut::Before as u8 {
                    return;
                }
                far.write_all(bytes).await.unwrap();
                if cut == Cut::After as u8 {
                    assert!(far.read(&mut answered).await.unwrap() > 0, "the database answers");
                    return;
                }
            }
            read = far.read(&mut answered) => {
                let Some(count) = read.ok().filter(|count| *count > 0) else { return };
                if near.write_all(&answered[..count]).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// A database with one member, the way to it, and a journal that takes that way.
struct Scene {
    way: Way,
    address: String,
    cut_address: String,
    member: MemberId,
    _records: PostgresRecords,
}

impl Scene {
    async fn new() -> Scene {
        let server = private_postgres::server();
        let address = server.database();
        let (_, records) = store_postgres::open(&target(&address), still()).await.unwrap();
        let member = add_member(&records, 1, NOON).await;
        let way = Way::to(server.port()).await;
        let cut_address = address.replace(&format!(":{}/", server.port()), &format!(":{}/", way.port));
        Scene { way, address, cut_address, member, _records: records }
    }

    fn wanted(&self) -> Wanted {
        Wanted { members: vec![self.member], keys: vec![self.key()], ..Wanted::default() }
    }

    fn key(&self) -> Key {
        Key { text: "a deposit".into(), member: self.member }
    }

    /// A deposit of 7,000 won.
    fn round(&self, loaded: &Loaded) -> Round {
        let amount = Money::new(7_000).unwrap();
        let mut wallet = loaded.members[&self.member].wallet;
        wallet.available = Money::new(wallet.available.won() + amount.won()).unwrap();
        wallet.version += 1;
        let (id, at) = (TransferId(loaded.next.transfer), loaded.now);
        let (from, to) = (Account::Cash, Account::Available(self.member));
        let transfer = Transfer { from, to, amount, reason: Reason::Deposit, auction: None };
        let key =
            NewKey { key: self.key(), fingerprint: 1, event: None, order: None, transfer: Some(id), at };
        Round {
            now: loaded.now,
            wallets: vec![(self.member, wallet)],
            transfers: vec![NewTransfer { id, transfer, order: None, at }],
            keys: vec![key],
            ..Round::default()
        }
    }

    async fn balance(&self) -> (i64, i64) {
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
