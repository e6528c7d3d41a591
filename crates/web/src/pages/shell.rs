//! What every page stands in: who looks, in which language, at what time, and the short words templates ask it for.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{State, assets, icons, picture};
use crate::words::{self, Amount, Language};

/// The frame of every page.
#[derive(Clone, Debug)]
pub struct Shell {
    /// The language of the page.
    pub language: Language,
    /// The server's clock when the page was made.
    pub now: Timestamp,
    /// The time zone in which days and hours are said.
    pub zone: TimeZone,
    /// Where people reach the house, without a slash at its end.
    pub origin: String,
    /// The path and query of this page, without `lang`; where the language switch and the sign-in come back to.
    pub address: String,
    /// Which place of the navigation this page is.
    pub section: Section,
    /// The neighbourhood that is chosen, by its name.
    pub place: Option<String>,
    /// Where its name leads.
    pub place_way: Option<String>,
    /// Who is signed in.
    pub visitor: Option<Visitor>,
    /// What the last form brought.
    pub answer: Option<Answer>,
}

/// The places of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// The market.
    Home,
    /// The market with a search.
    Search,
    /// Selling.
    Sell,
    /// The member's own auctions.
    Mine,
    /// The notices.
    Notices,
    /// The wallet.
    Wallet,
    /// The member's orders.
    Orders,
    /// The admins' desk.
    Admin,
    /// Anything else.
    Elsewhere,
}

/// The member who looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// The member's id.
    pub id: i64,
    /// The nickname.
    pub nickname: String,
    /// Unread notices.
    pub unread: i64,
    /// The money that can be used now, in won.
    pub available: i64,
    /// Whether he is one of those who decide where the rules cannot.
    pub is_admin: bool,
    /// How many notices could not be delivered, which an admin is told on every page.
    pub failed: i64,
}

/// What a form brought, said once at the top of the page that follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// How it is meant.
    pub tone: Tone,
    /// The sentence, already in the reader's language.
    pub text: String,
}

/// How an answer is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It worked.
    Good,
    /// It did not work, and the person can do something about it.
    Warn,
    /// It did not work.
    Bad,
}

impl Tone {
    /// The word used in `data-tone`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }

    /// The icon beside it.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Good => "check",
            Self::Warn => "info",
            Self::Bad => "alert",
        }
    }
}

impl Shell {
    /// The text of a key.
    pub fn t(&self, key: impl AsRef<str>) -> String {
        self.language.text(key.as_ref())
    }

    /// The text of a key with one piece of text in it.
    pub fn t1(&self, key: impl AsRef<str>, name: &'static str, value: impl AsRef<str>) -> String {
        self.language.text_with(key.as_ref(), &[(name, value.as_ref().into())])
    }

    /// The text of a key with two pieces of text in it.
    pub fn t2(
        &self,
        key: impl AsRef<str>,
        name: &'static str,
        value: impl AsRef<str>,
        other: &'static str,
        other_value: impl AsRef<str>,
    ) -> String {
        let figures = [(name, value.as_ref().into()), (other, other_value.as_ref().into())];
        self.language.text_with(key.as_ref(), &figures)
    }

    /// The text of a key with a whole number in it, which may choose between singular and plural.
    pub fn count(&self, key: impl AsRef<str>, count: impl Amount) -> String {
        self.language.text_with(key.as_ref(), &[("count", count.won().into())])
    }

    /// An amount of money.
    pub fn won(&self, amount: impl Amount) -> String {
        words::money(self.language, amount)
    }

    /// A number with its thousands apart.
    pub fn number(&self, number: impl Amount) -> String {
        words::digits(number.won())
    }

    /// An amount as plain digits for a script, nothing for none.
    pub fn or_nothing(&self, amount: &Option<i64>) -> String {
        amount.map(|amount| amount.to_string()).unwrap_or_default()
    }

    /// The time left in a few words.
    pub fn left(&self, end: &Timestamp) -> String {
        words::left(self.language, self.now, *end)
    }

    /// The time left in two units.
    pub fn left_long(&self, end: &Timestamp) -> String {
        words::left_long(self.language, self.now, *end)
    }

    /// How long ago.
    pub fn ago(&self, then: &Timestamp) -> String {
        words::ago(self.language, self.now, *then, &self.zone)
    }

    /// A day and a time of day.
    pub fn moment(&self, then: &Timestamp) -> String {
        words::moment(self.language, self.now, *then, &self.zone)
    }

    /// A day.
    pub fn day(&self, then: &Timestamp) -> String {
        words::day(self.language, self.now, *then, &self.zone)
    }

    /// A line icon as SVG, hidden from screen readers; print it with `|safe`.
    pub fn icon(&self, name: &str) -> String {
        icons::icon(name)
    }

    /// The icon of every state, for scripts that change one.
    pub fn state_icons(&self) -> Vec<(&'static str, String)> {
        State::ALL.iter().map(|state| (state.code(), icons::icon(state.icon()))).collect()
    }

    /// The seal of the house; print it with `|safe`.
    pub fn seal(&self) -> &'static str {
        icons::seal()
    }

    /// The stamp of a sale; print it with `|safe`.
    pub fn stamp(&self) -> &'static str {
        icons::stamp()
    }

    /// A drawing for an empty place; print it with `|safe`.
    pub fn drawing(&self, category: &str, variant: i64) -> String {
        picture::drawing(category, variant)
    }

    /// Nothing wrong, for a part that is shown before anything was typed.
    pub fn no_fault(&self) -> Option<String> {
        None
    }

    /// Two words as one key.
    pub fn join(&self, first: impl AsRef<str>, second: impl AsRef<str>) -> String {
        format!("{}{}", first.as_ref(), second.as_ref())
    }

    /// The time zone's name, for scripts.
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// The address of a static file.
    pub fn asset(&self, path: &str) -> String {
        assets::asset(path)
    }

    /// The words that scripts need.
    pub fn script_words(&self) -> Vec<(&'static str, String)> {
        words::for_scripts(self.language)
    }

    /// This page in another language.
    pub fn in_language(&self, code: &str) -> String {
        let joint = if self.address.contains('?') { '&' } else { '?' };
        format!("{}{joint}lang={code}", self.address)
    }

    /// `page` when the navigation stands at this place, as `aria-current` wants it.
    pub fn current(&self, place: &str) -> &'static str {
        let here = match self.section {
            Section::Home => "home",
            Section::Search => "search",
            Section::Sell => "sell",
            Section::Mine => "mine",
            Section::Notices => "notices",
            Section::Wallet => "wallet",
            Section::Orders => "orders",
            Section::Admin => "admin",
            Section::Elsewhere => "",
        };
        if here == place { "page" } else { "false" }
    }

    /// The unread count as the bell shows it: nothing for none, `99+` above ninety-nine.
    pub fn unread(&self) -> String {
        badge(self.visitor.as_ref().map_or(0, |visitor| visitor.unread))
    }

    /// How many notices could not be delivered, in the same way; nothing for who is no admin.
    pub fn failed(&self) -> String {
        badge(self.visitor.as_ref().map_or(0, |visitor| visitor.failed))
    }
}

/// A count in a small place.
fn badge(count: i64) -> String {
    match count {
        ..=0 => String::new(),
        count @ 1..=99 => count.to_string(),
        _ => "99+".to_owned(),
    }
}
