//! `/design`: every component in every state that it can be in, with made-up neighbours, for whoever works on the look of
//! the house. What is shown leads nowhere and changes nothing.

use askama::Template;
use jiff::{SignedDuration, Timestamp};

use super::{Card, Chart, DeliveryLine, Heart, NoticeLine, Person, Picture, Shell, State, Tone};

/// `/design`
#[derive(Template)]
#[template(path = "design.html")]
pub struct DesignPage {
    /// The frame.
    pub shell: Shell,
    /// A card in each state.
    pub cards: Vec<Card>,
    /// A notice that was not read, and one that was.
    pub notices: Vec<NoticeLine>,
    /// A delivery that is tried again, one that was given up, and one that is the house's own fault.
    pub deliveries: Vec<DeliveryLine>,
    /// A price that rose.
    pub chart: Chart,
}

/// The shapes of what comes later.
const SHAPES: usize = 4;

impl DesignPage {
    /// The page, by the clock of its frame.
    pub fn new(shell: Shell) -> DesignPage {
        let now = shell.now;
        let cards = (0..).zip(State::ALL).map(|(place, state)| card(&shell, place, state)).collect();
        let notice = |kind: &str, unread| NoticeLine {
            id: 0,
            kind: kind.to_owned(),
            href: "#notices".to_owned(),
            title: shell.t("design-title"),
            amount: Some(16_000),
            count: (kind == "search_match").then_some(3),
            at: ago(now, 90),
            unread,
        };
        let delivery = |channel, minutes, is_of_the_house, key| DeliveryLine {
            notice: 0,
            channel,
            kind: "outbid",
            member: Person { id: 0, name: shell.t("design-neighbour") },
            auction_id: 0,
            tries: 3,
            at: ago(now, minutes),
            is_of_the_house,
            reason: shell.t(key),
        };
        DesignPage {
            cards,
            notices: vec![notice("outbid", true), notice("question", true), notice("won", false)],
            deliveries: vec![
                delivery("email", -8, true, "design-fault-house"),
                delivery("push", 30, true, "design-fault-push"),
                delivery("email", 60, false, "design-fault-mailbox"),
            ],
            chart: Chart { prices: vec![10_000, 12_000, 12_000, 24_000, 30_000, 48_000] },
            shell,
        }
    }

    /// Every tone of an answer, with its icon.
    pub fn tones(&self) -> [Tone; 3] {
        [Tone::Good, Tone::Warn, Tone::Bad]
    }

    /// The hearts that there are: of nobody, of some, on the reader's list, of very many.
    pub fn hearts(&self) -> [Heart; 4] {
        [(0, false), (12, false), (13, true), (500, true)]
            .map(|(count, is_watched)| Heart { count, is_watched })
    }

    /// The views of one thing.
    pub fn views(&self) -> [Picture; 3] {
        [3, 8, 13].map(|variant| Picture { category: "furniture".to_owned(), variant })
    }

    /// A number for each shape of a card that comes later.
    pub fn shapes(&self) -> std::ops::Range<usize> {
        0..SHAPES
    }
}

/// So many minutes before; negative is later.
fn ago(now: Timestamp, minutes: i64) -> Timestamp {
    now.checked_sub(SignedDuration::from_mins(minutes)).unwrap_or(now)
}

/// A card that no script follows: its number is no auction's.
fn card(shell: &Shell, place: i64, state: State) -> Card {
    const CATEGORIES: [&str; 6] = ["furniture", "digital", "kitchen", "sports", "books", "plants"];
    let category = CATEGORIES.iter().cycle().nth(usize::try_from(place).unwrap_or_default());
    let minutes = if state == State::Ending { -2 } else { -150 };
    Card {
        id: 0,
        seq: 0,
        title: shell.t("design-title"),
        photo: None,
        picture: Picture {
            category: category.map_or("other", |category| category).to_owned(),
            variant: place * 5 + 1,
        },
        place: Some(shell.t("design-place")),
        state,
        number: None,
        price: 15_000 + 1_000 * place,
        bid_count: place,
        starts_at: ago(shell.now, if state == State::Scheduled { -600 } else { 600 }),
        ends_at: ago(shell.now, if state.is_over() { 60 } else { minutes }),
        ended_at: None,
        buy_now_price: None,
        heart: Some(Heart { count: place * 9, is_watched: place % 3 == 1 }),
    }
}
