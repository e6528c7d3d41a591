//! A way to the database that a test can cut or silence, as a proxy or a network in front of it might be.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the way does with the next COMMIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Lets it through.
    Never = 0,
    /// Ends before it arrives.
    Before = 1,
    /// Lets it arrive and be done, and ends before the answer.
    After = 2,
    /// Swallows it and all that comes behind it, and leaves both ends as they are, also when the near one has gone.
    SilentBefore = 3,
    /// Lets it arrive and be done, and swallows the answer and all that comes behind it.
    SilentAfter = 4,
}

/// A way to the database.
pub struct Way {
    port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    next: AtomicU8,
    /// Takes every byte and brings none of them anywhere, on connections that stand and on new ones.
    is_dark: AtomicBool,
    connections: AtomicUsize,
}

impl Way {
    /// To the server on that port of this machine.
    pub async fn to(port: u16) -> Way {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let way = Way { port: listener.local_addr().unwrap().port(), state: Arc::default() };
        let state = Arc::clone(&way.state);
        let serve = async move {
            while let Ok((near, _)) = listener.accept().await {
                state.connections.fetch_add(1, Ordering::SeqCst);
                let far = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
                drop(tokio::spawn(carry(near, far, Arc::clone(&state))));
            }
        };
        #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
        drop(tokio::spawn(serve));
        way
    }

    /// The same address by this way.
    pub fn instead_of(&self, port: u16, address: &str) -> String {
        address.replace(&format!(":{port}/"), &format!(":{}/", self.port))
    }

    /// What becomes of the next COMMIT.
    pub fn cut(&self, cut: Cut) {
        self.state.next.store(cut as u8, Ordering::SeqCst);
    }

    /// Whether the next COMMIT goes through.
    pub fn is_cut(&self) -> bool {
        self.state.next.load(Ordering::SeqCst) == Cut::Never as u8
    }

    /// How many connections have come this way.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// Swallows everything, or goes on with what comes on new connections.
    pub fn darken(&self, dark: bool) {
        self.state.is_dark.store(dark, Ordering::SeqCst);
    }
}

/// Carries bytes both ways until one side ends, or a COMMIT comes by that is to be cut. Whatever was once swallowed on a
/// connection, nothing comes through it any more.
async fn carry(mut near: TcpStream, mut far: TcpStream, state: Arc<State>) {
    let (mut sent, mut answered) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            read = near.read(&mut sent) => {
                let Some(bytes) = read.ok().filter(|count| *count > 0).map(|count| &sent[..count]) else { return };
                if state.is_dark.load(Ordering::SeqCst) {
                    return swallow(near).await;
                }
                let is_commit = bytes.windows(6).any(|word| word == b"COMMIT");
                let cut = if is_commit { state.next.swap(Cut::Never as u8, Ordering::SeqCst) } else { 0 };
                if cut == Cut::Before as u8 {
                    return;
                }
                if cut == Cut::SilentBefore as u8 {
                    swallow(near).await;
                    // Nobody tells the database that its client has gone.
                    return std::future::pending().await;
                }
                far.write_all(bytes).await.unwrap();
                if [Cut::After as u8, Cut::SilentAfter as u8].contains(&cut) {
                    assert!(far.read(&mut answered).await.unwrap() > 0, "the database answers");
                    if cut == Cut::SilentAfter as u8 {
                        swallow(near).await;
                    }
                    return;
                }
            }
            read = far.read(&mut answered) => {
                let Some(count) = read.ok().filter(|count| *count > 0) else { return };
                if state.is_dark.load(Ordering::SeqCst) {
                    return swallow(near).await;
                }
                if near.write_all(&answered[..count]).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Takes what comes until nobody sends any more.
async fn swallow(mut near: TcpStream) {
    let mut sent = [0; 4_096];
    while near.read(&mut sent).await.is_ok_and(|count| count > 0) {}
}
