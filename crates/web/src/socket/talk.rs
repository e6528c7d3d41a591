//! One connection's task: from `hello` to farewell it does whatever comes next, one thing at a time.
//!
//! It writes before it reads on, so a client that takes nothing is asked for nothing and costs nothing more.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use auction::{AuctionId, Seq};
use axum::extract::Extension;
use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use engine::Answer;
use futures_util::SinkExt;
use live::frame;
use live::{Connection, Frame, Subscribed};
use store::records::Session;
use tokio::time::{Instant, Sleep, sleep_until, timeout};
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::api::key;
use crate::caller::{self, SignedIn};
use crate::failure::{Code, Problem};
use crate::limits::Entered;
use crate::serve::Place;
use crate::socket::farewell::{self, End};
use crate::socket::message::{Invalid, Misunderstood, Order, Said, understand};
use crate::socket::orders::{Orders, refused};
use crate::socket::pulse::{Beat, Budget, PING_EVERY, PONG_WITHIN, Pulse};
use crate::state::WebState;
use crate::words::Language;

/// How much is gathered for a connection before it is written.
const WRITE_BYTES: usize = 16 * 1024;

/// How long a line may take nothing before the connection is given up: as long as a silent one.
const STALLED_MAX: Duration = PING_EVERY.saturating_add(PONG_WITHIN);

/// How many events are replayed from the store before anything else may come in between.
const REPLAYED_AT_ONCE: usize = 64;

/// How many missed events are replayed at the most; whoever missed more gets a snapshot.
const REPLAYED_MAX: i64 = 2_000;

/// One connection.
struct Talk {
    state: Arc<WebState>,
    socket: WebSocket,
    connection: Connection,
    language: Language,
    /// The session by which its member signed in.
    session: Option<Box<Session>>,
    /// Its session is over: commands hear so.
    has_lapsed: bool,
    orders: Orders,
    /// The auctions whose past comes from the store, each with the last event the client has.
    replays: Vec<(AuctionId, Seq)>,
    /// There is more to collect than was written at once.
    has_more: bool,
    pulse: Pulse,
    /// None where limits of rate are lifted.
    budget: Option<Budget>,
    began: Instant,
    /// Its place among its address's sockets, and among the tasks the server waits for; free when it ends.
    _places: Places,
}

/// What a connection takes up while it is there: its place among its address's sockets, if there was one, and among the
/// tasks that the server waits for, and that of its connection.
pub(super) type Places = (Option<Entered<u128>>, TaskTrackerToken, Option<Extension<Place>>);

/// What comes next.
enum Next {
    Alarm,
    Woken,
    More,
    Answers(Vec<(u64, Answer)>),
    Heard(Option<Result<Message, axum::Error>>),
}

/// Talks with a client until one of both has had enough. The future is kept small, as there are many of it that do
/// nothing but wait: what happens between two waits is in boxes that live only as long as it takes.
pub(super) fn talk(
    state: Arc<WebState>,
    socket: WebSocket,
    who: Option<Box<SignedIn>>,
    language: Language,
    places: Places,
) -> impl Future<Output = ()> + Send {
    let has_place = places.0.is_some();
    let mut talk = Talk::new(state, socket, language, places);
    async move {
        let end = if has_place { talk.go_on(who).await } else { End::Closed(farewell::TOO_MANY_OF_ADDRESS) };
        Box::pin(talk.part(end)).await;
    }
}

impl Talk {
    #[expect(
        clippy::disallowed_methods,
        reason = "a connection's deadlines are kept here, on the runtime's steady clock"
    )]
    fn new(state: Arc<WebState>, socket: WebSocket, language: Language, places: Places) -> Talk {
        Talk {
            connection: state.hub.connect(),
            budget: state.settings.rate_limits.then(|| Budget::new(state.settings.messages_per_second)),
            state,
            socket,
            language,
            session: None,
            has_lapsed: false,
            orders: Orders::default(),
            replays: Vec::new(),
            has_more: false,
            pulse: Pulse::new(),
            began: Instant::now(),
            _places: places,
        }
    }

    /// How long ago the connection began.
    #[expect(
        clippy::disallowed_methods,
        reason = "a connection's deadlines are kept here, on the runtime's steady clock"
    )]
    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Greets, and then does whatever comes next, until the end.
    async fn go_on(&mut self, who: Option<Box<SignedIn>>) -> End {
        if let Err(end) = Box::pin(self.greet(who)).await {
            return end;
        }
        let mut alarm = pin!(sleep_until(self.began + self.due()));
        loop {
            let is_idle = !self.has_more && self.replays.is_empty();
            let listens = self.orders.has_room();
            let Talk { socket, connection, orders, .. } = self;
            let next = tokio::select! {
                () = &mut alarm => Next::Alarm,
                () = connection.woken() => Next::Woken,
                () = std::future::ready(()), if !is_idle => Next::More,
                answers = orders.answered() => Next::Answers(answers),
                message = socket.recv(), if listens => Next::Heard(message),
            };
            let rang = matches!(next, Next::Alarm);
            if let Err(end) = Box::pin(self.do_next(next)).await {
                return end;
            }
            let due = self.began + self.due();
            if rang || due < alarm.deadline() {
                Sleep::reset(alarm.as_mut(), due);
            }
        }
    }

    async fn greet(&mut self, who: Option<Box<SignedIn>>) -> Result<(), End> {
        match who {
            Some(who) => self.sign_in(*who).await,
            None => self.say(vec![frame::hello(self.state.now(), None)]).await,
        }
    }

    /// Leaves everything it watched, and says farewell.
    async fn part(self, end: End) {
        let Talk { socket, connection, _places, .. } = self;
        drop(connection);
        farewell::part(socket, end).await;
    }

    async fn do_next(&mut self, next: Next) -> Result<(), End> {
        match next {
            Next::Alarm => self.beat().await,
            Next::Woken => {
                if self.connection.is_stopped() {
                    return Err(End::Closed(farewell::STOPPING));
                }
                if self.connection.must_check_session() {
                    self.check_session().await?;
                }
                self.deliver().await
            }
            Next::More => {
                if let Some((auction, after)) = self.replays.pop() {
                    self.replay(auction, after).await?;
                }
                self.deliver().await
            }
            Next::Answers(answers) => {
                let (frames, raised) = self.orders.frames(answers, self.language);
                self.say(frames).await?;
                // How it stands now, not as it was when the answer was first given.
                for auction in raised {
                    self.say_mine(auction).await?;
                }
                Ok(())
            }
            Next::Heard(None) => Err(End::Left),
            Next::Heard(Some(Err(failure))) => Err(End::of(failure)),
            Next::Heard(Some(Ok(message))) => self.hear(message).await,
        }
    }

    // Writing.

    /// Writes what lies behind the cursors, as far as it goes at once.
    async fn deliver(&mut self) -> Result<(), End> {
        let mut frames = Vec::new();
        self.has_more = self.connection.collect(WRITE_BYTES, &mut frames);
        self.say(frames).await
    }

    async fn say(&mut self, frames: Vec<Frame>) -> Result<(), End> {
        if frames.is_empty() {
            return Ok(());
        }
        self.write(frames.into_iter().map(text)).await
    }

    /// Writes all of it in one flush; a line that takes nothing for too long is given up.
    async fn write(&mut self, messages: impl Iterator<Item = Message>) -> Result<(), End> {
        let socket = &mut self.socket;
        let writing = async {
            for message in messages {
                socket.feed(message).await?;
            }
            socket.flush().await
        };
        tokio::select! {
            biased;
            written = timeout(STALLED_MAX, writing) => match written {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) | Err(_) => Err(End::Left),
            },
            () = self.state.stopping.cancelled() => Err(End::Left),
        }
    }

    // Deadlines.

    /// When the next deadline is, counted from the beginning.
    fn due(&self) -> Duration {
        let beat = self.pulse.due();
        self.orders.due().map_or(beat, |answer| answer.min(beat))
    }

    async fn beat(&mut self) -> Result<(), End> {
        let now = self.now();
        let given_up = self.orders.give_up(now, self.language);
        self.say(given_up).await?;
        match self.pulse.beat(now, self.orders.has_room()) {
            Beat::Rest => Ok(()),
            Beat::Silent => Err(End::Closed(farewell::SILENT)),
            Beat::Ping => {
                self.write(std::iter::once(Message::Ping(bytes::Bytes::new()))).await?;
                self.check_session().await
            }
        }
    }

    // Reading.

    async fn hear(&mut self, message: Message) -> Result<(), End> {
        self.pulse.heard();
        let now = self.now();
        if self.budget.as_mut().is_some_and(|budget| !budget.take(now)) {
            return Err(End::Closed(farewell::TOO_FAST));
        }
        match message {
            Message::Text(text) => self.obey(text.as_str(), now).await,
            Message::Binary(_) => Err(End::Closed(farewell::BINARY)),
            Message::Close(_) => Err(End::Left),
            Message::Ping(_) | Message::Pong(_) => Ok(()),
        }
    }

    async fn obey(&mut self, text: &str, now: Duration) -> Result<(), End> {
        match understand(text) {
            Ok(Said::Order { auction, key, order }) => self.order(auction, key, order, now).await,
            Ok(Said::Subscribe { auction, since }) => self.subscribe(auction, since).await,
            Ok(Said::Unsubscribe { auction }) => {
                self.unsubscribe(auction);
                Ok(())
            }
            Ok(Said::Authenticate { token }) => self.authenticate(&token).await,
            Ok(Said::Ping { at }) => self.say(vec![frame::pong(at, self.state.now())]).await,
            Err(Misunderstood::Malformed) => {
                self.say(vec![frame::error(Code::Malformed.name(), None, None)]).await
            }
            Err(Misunderstood::Invalid(invalid)) => {
                self.say(vec![invalid_frame(&invalid, self.language)]).await
            }
        }
    }

    /// Sends a command on its way, or says why not.
    async fn order(
        &mut self,
        auction: AuctionId,
        key: Option<Box<str>>,
        order: Order,
        now: Duration,
    ) -> Result<(), End> {
        let Err(problem) = self.send(auction, key.as_deref(), order, now) else { return Ok(()) };
        let field = problem.errors().first().map(|fault| fault.field.as_str());
        let title = problem.sentence(self.language);
        self.say(vec![refused(key.as_deref(), Some(auction), &problem, field, &title)]).await
    }

    fn send(
        &mut self,
        auction: AuctionId,
        text: Option<&str>,
        order: Order,
        now: Duration,
    ) -> Result<(), Problem> {
        if self.session.as_ref().is_some_and(|session| self.state.now() >= session.expires_at) {
            self.lapse();
        }
        let member = self.connection.member().ok_or(Problem::new(if self.has_lapsed {
            Code::SessionExpired
        } else {
            Code::Unauthenticated
        }))?;
        let text = text.ok_or(Problem::new(Code::KeyRequired))?;
        let key = key(text, member).ok_or(Problem::invalid_field("key", "invalid"))?;
        self.orders.send(&self.state.engine, auction, order, key, now)
    }

    // Sessions.

    /// Speaks for a member from now on, and says so.
    async fn sign_in(&mut self, who: SignedIn) -> Result<(), End> {
        let member = who.id();
        if !self.connection.sign_in(member, self.state.limits.sockets_per_member()) {
            return Err(End::Closed(farewell::TOO_MANY_OF_MEMBER));
        }
        self.session = Some(Box::new(who.session));
        self.has_lapsed = false;
        self.say(vec![frame::hello(self.state.now(), Some(member))]).await?;
        // A session that ended before the hub knew of this connection was told to nobody here.
        self.check_session().await?;
        if self.session.is_none() {
            return Ok(());
        }
        let (wallet, unread) =
            tokio::join!(self.state.records.wallet(member), self.state.records.unread(member));
        match (wallet, unread) {
            (Ok(page), Ok(count)) => {
                self.connection.show_wallet(page.wallet);
                self.connection.show_unread(count);
            }
            // The next change tells both; until then the page shows what it was made with.
            (Err(failure), _) | (_, Err(failure)) => tracing::debug!(%failure, "a wallet was not shown"),
        }
        Ok(())
    }

    async fn authenticate(&mut self, token: &str) -> Result<(), End> {
        match caller::authenticate(&self.state, token).await {
            Ok(who) => self.sign_in(who).await,
            Err(problem) => self.say(vec![frame::error(problem.code().name(), None, None)]).await,
        }
    }

    /// Looks whether the session still holds; if not, falls silent for its member.
    async fn check_session(&mut self) -> Result<(), End> {
        let Some(session) = &self.session else { return Ok(()) };
        match caller::renew(&self.state, session.token).await {
            Ok(who) => {
                self.session = Some(Box::new(who.session));
                Ok(())
            }
            Err(problem) if problem.code().status() == 401 => {
                self.lapse();
                self.say(vec![frame::error(Code::SessionExpired.name(), None, None)]).await
            }
            // Not known now; the next ping asks again.
            Err(_) => Ok(()),
        }
    }

    fn lapse(&mut self) {
        self.session = None;
        self.has_lapsed = true;
        self.connection.sign_out();
    }

    // Watching.

    async fn subscribe(&mut self, auction: AuctionId, since: Option<Seq>) -> Result<(), End> {
        let settings = &self.state.settings;
        let is_full = self.connection.subscriptions() >= settings.subscriptions_per_socket;
        if settings.rate_limits && is_full && !self.connection.watches(auction) {
            return Err(End::Closed(farewell::TOO_MANY_SUBSCRIPTIONS));
        }
        self.replays.retain(|(replayed, _)| *replayed != auction);
        let mut subscribed = self.connection.subscribe(auction, since);
        if let Subscribed::NeedsState { known } = subscribed {
            if let Err(problem) = self.bring_state(auction, known).await {
                self.connection.unsubscribe(auction);
                return self.say(vec![frame::error(problem.code().name(), Some(auction), None)]).await;
            }
            subscribed = self.connection.subscribe(auction, since);
        }
        if let Subscribed::NeedsEvents { after } = subscribed
            && self.has_missed_too_much(auction, after).await
        {
            subscribed = self.connection.subscribe(auction, None);
        }
        self.follow(auction, subscribed);
        self.say_mine(auction).await
    }

    /// Brings the hub an auction's state, and what leads there from what its ring knows: others may follow it already.
    async fn bring_state(&mut self, auction: AuctionId, known: Seq) -> Result<(), Problem> {
        let row = self.state.records.auction(auction).await?.ok_or(Problem::new(Code::AuctionNotFound))?;
        let events = if known > Seq(0) && known < row.auction.seq {
            self.state.records.events(auction, known, live::RING_FRAMES).await.unwrap_or_default()
        } else {
            Vec::new()
        };
        self.state.hub.resync(row.auction, events);
        Ok(())
    }

    /// Whether more happened after that event than is replayed. Only the store is sure to know.
    async fn has_missed_too_much(&mut self, auction: AuctionId, after: Seq) -> bool {
        let row = self.state.records.auction(auction).await.ok().flatten();
        row.is_some_and(|row| row.auction.seq.0.saturating_sub(after.0) > REPLAYED_MAX)
    }

    /// Goes on as the hub asks.
    fn follow(&mut self, auction: AuctionId, subscribed: Subscribed) {
        match subscribed {
            Subscribed::NeedsEvents { after } => self.replays.insert(0, (auction, after)),
            Subscribed::Following | Subscribed::NeedsState { .. } => self.has_more = true,
        }
    }

    /// Tells a member his own part in an auction, if he has one.
    async fn say_mine(&mut self, auction: AuctionId) -> Result<(), End> {
        let Some(member) = self.connection.member() else { return Ok(()) };
        match self.state.records.part(auction, member).await {
            Ok(Some(part)) => self.say(vec![frame::mine(auction, part.number, part.hold)]).await,
            Ok(None) => Ok(()),
            Err(failure) => {
                tracing::debug!(%failure, "a member's part was not shown");
                Ok(())
            }
        }
    }

    fn unsubscribe(&mut self, auction: AuctionId) {
        self.replays.retain(|(replayed, _)| *replayed != auction);
        self.connection.unsubscribe(auction);
    }

    /// Sends a few events from the store; when the ring can follow on, it does.
    async fn replay(&mut self, auction: AuctionId, after: Seq) -> Result<(), End> {
        let events = match self.state.records.events(auction, after, REPLAYED_AT_ONCE).await {
            Ok(events) => events,
            Err(failure) => {
                let problem = Problem::from(failure);
                self.say(vec![frame::error(problem.code().name(), Some(auction), None)]).await?;
                Vec::new()
            }
        };
        let Some(last) = events.last().map(|event| event.seq) else {
            // What was missed cannot be had: a snapshot says where the auction stands.
            let subscribed = self.connection.subscribe(auction, None);
            self.follow(auction, subscribed);
            return Ok(());
        };
        self.say(events.iter().map(frame::event).collect()).await?;
        let subscribed = self.connection.replayed(auction, last);
        self.follow(auction, subscribed);
        Ok(())
    }
}

fn text(frame: Frame) -> Message {
    Message::Text(Utf8Bytes::try_from(frame.into_bytes()).expect("a frame is made from text"))
}

fn invalid_frame(invalid: &Invalid, language: Language) -> Frame {
    let field = invalid.field.as_deref();
    if invalid.is_order {
        let problem = Problem::new(Code::Invalid);
        refused(invalid.key.as_deref(), invalid.auction, &problem, field, &problem.sentence(language))
    } else {
        frame::error(Code::Invalid.name(), invalid.auction, field)
    }
}
