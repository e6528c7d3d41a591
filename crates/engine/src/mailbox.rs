//! The mailbox: the only way to change an auction or move money is to put a call in here.

use std::sync::Arc;

use ledger::MemberId;
use store::{ChoreId, Key, Portion};
use tokio::sync::{mpsc, oneshot, watch};

use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::figures::Figures;
use crate::lane::Steady;

/// How many commands may wait for one lane.
pub const COMMANDS_WAITING_MAX: usize = 4_096;

/// The mailbox is full, or the engine is stopping: come back in a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy;

/// A call on its way, with when it came.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) call: Call,
    /// None for the house's own commands, which may be repeated without harm.
    pub(crate) key: Option<Key>,
    /// The chore that it does.
    pub(crate) chore: Option<ChoreId>,
    pub(crate) fingerprint: i64,
    pub(crate) reply: Reply,
    /// On the steady clock.
    pub(crate) at: auction::Span,
}

/// The way to the engine; cheap to clone.
#[derive(Clone)]
pub struct Engine {
    /// One for each lane.
    lanes: Arc<[mpsc::Sender<Asked>]>,
    stop: Arc<watch::Sender<bool>>,
    steady: Steady,
    figures: Arc<Figures>,
}

/// The engine's end of the mailbox.
pub(crate) struct Mailbox {
    pub(crate) commands: mpsc::Receiver<Asked>,
    pub(crate) stopping: watch::Receiver<bool>,
}

/// New mailboxes for so many lanes.
pub(crate) fn mailboxes(lanes: usize, steady: Steady, figures: Arc<Figures>) -> (Engine, Vec<Mailbox>) {
    let (stop, stopping) = watch::channel(false);
    let (senders, mailboxes): (Vec<_>, Vec<_>) = (0..lanes)
        .map(|_| {
            let (sender, commands) = mpsc::channel(COMMANDS_WAITING_MAX);
            (sender, Mailbox { commands, stopping: stopping.clone() })
        })
        .unzip();
    (Engine { lanes: senders.into(), stop: Arc::new(stop), steady, figures }, mailboxes)
}

impl Engine {
    /// Puts a call into the mailbox; the answer comes by `reply` once its round is kept. The call is carried out even
    /// if whoever asked has left by then.
    ///
    /// # Errors
    /// [`Busy`] when the mailbox is full or the engine is stopping; then nothing was asked.
    pub fn submit(&self, call: Call, key: Key, reply: Reply) -> Result<(), Busy> {
        let fingerprint = call.fingerprint();
        self.put(call, key, fingerprint, reply)
    }

    fn put(&self, call: Call, key: Key, fingerprint: i64, reply: Reply) -> Result<(), Busy> {
        let lane = &self.lanes[lane_of(&call, self.lanes.len())];
        let asked = Asked { call, key: Some(key), chore: None, fingerprint, reply, at: (self.steady)() };
        lane.try_send(asked).map_err(|_| {
            self.figures.turned_away();
            Busy
        })
    }

    /// Asks and waits for the answer; `None` if the engine ended without one, so that the outcome is unknown.
    pub async fn ask(&self, call: Call, key: Key) -> Option<Answer> {
        let (sender, answer) = oneshot::channel();
        match self.submit(call, key, Reply::One(sender)) {
            Ok(()) => answer.await.ok(),
            Err(Busy) => Some(Answer::Busy),
        }
    }

    /// Asks like [`Engine::ask`], with a key that is bound to what was sent ([`crate::fingerprint_of_sent`]) instead of the
    /// call: for calls that are completed from what stands, which is something else by the time they are asked again.
    pub async fn ask_as_sent(&self, call: Call, key: Key, sent: i64) -> Option<Answer> {
        let (sender, answer) = oneshot::channel();
        match self.put(call, key, sent, Reply::One(sender)) {
            Ok(()) => answer.await.ok(),
            Err(Busy) => Some(Answer::Busy),
        }
    }

    /// Tells every lane to finish what waits and to end.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// What the engine has done so far.
    pub fn figures(&self) -> crate::FiguresNow {
        let waiting = self.lanes.iter().map(|lane| COMMANDS_WAITING_MAX - lane.capacity()).sum();
        self.figures.now(waiting)
    }
}

/// Which lane a call goes to: all of an auction go to one, so that none of this process waits for another's lock on it.
fn lane_of(call: &Call, lanes: usize) -> usize {
    let number = call.auction().map(|auction| auction.0).or(call.caller().map(|member| member.0));
    Portion::index_of(number.unwrap_or_default(), lanes)
}

impl Asked {
    /// A command of the house itself.
    pub(crate) fn by_the_house(call: Call, at: auction::Span) -> Asked {
        Asked { call, key: None, chore: None, fingerprint: 0, reply: Reply::Nobody, at }
    }

    pub(crate) fn member(&self) -> Option<MemberId> {
        self.call.caller()
    }
}
