//! What a member wants outside the house: which kinds by which way, and when nothing.

use auction::{Span, Time};

use crate::records::NoticeKind;

/// A way out of the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Web Push, to every browser that the member has subscribed with.
    Push,
    /// E-mail, to the address that the member has confirmed.
    Email,
}

impl Channel {
    /// Every channel, in the order of their numbers in a store.
    pub const ALL: [Channel; 2] = [Channel::Push, Channel::Email];

    /// The stable name, as clients see it.
    pub const fn name(self) -> &'static str {
        match self {
            Channel::Push => "push",
            Channel::Email => "email",
        }
    }

    /// The channel of that name.
    pub fn named(name: &str) -> Option<Channel> {
        Channel::ALL.into_iter().find(|channel| channel.name() == name)
    }
}

/// Kinds of notices that a member wants, or does not want, together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoticeGroup {
    /// The member's own bids: outbid, taken back, started afresh.
    Bidding,
    /// Bids on what the member sells.
    Selling,
    /// Auctions that end soon, or whose end or terms have changed.
    Ending,
    /// How an auction ended, and second chances.
    Results,
    /// Orders: sent, met, arrived, disputed, reviewed.
    Orders,
    /// Questions and answers.
    Questions,
    /// Money that has come.
    Money,
    /// What is new for a saved search.
    Searches,
}

impl NoticeGroup {
    /// Every group, in the order of their places among a member's wishes in a store.
    pub const ALL: [NoticeGroup; 8] = [
        NoticeGroup::Bidding,
        NoticeGroup::Selling,
        NoticeGroup::Ending,
        NoticeGroup::Results,
        NoticeGroup::Orders,
        NoticeGroup::Questions,
        NoticeGroup::Money,
        NoticeGroup::Searches,
    ];

    /// The stable name, as clients see it.
    pub const fn name(self) -> &'static str {
        match self {
            NoticeGroup::Bidding => "bidding",
            NoticeGroup::Selling => "selling",
            NoticeGroup::Ending => "ending",
            NoticeGroup::Results => "results",
            NoticeGroup::Orders => "orders",
            NoticeGroup::Questions => "questions",
            NoticeGroup::Money => "money",
            NoticeGroup::Searches => "searches",
        }
    }

    /// To which group a kind belongs.
    pub const fn of(kind: NoticeKind) -> NoticeGroup {
        match kind {
            NoticeKind::Outbid | NoticeKind::TakenBack | NoticeKind::Afresh | NoticeKind::MaximumCut => {
                NoticeGroup::Bidding
            }
            NoticeKind::NewBid => NoticeGroup::Selling,
            NoticeKind::EndingSoon | NoticeKind::Extended | NoticeKind::Edited | NoticeKind::Cancelled => {
                NoticeGroup::Ending
            }
            NoticeKind::Won
            | NoticeKind::Sold
            | NoticeKind::Unsold
            | NoticeKind::ReserveNotMet
            | NoticeKind::Offered
            | NoticeKind::OfferAnswered => NoticeGroup::Results,
            NoticeKind::Shipped
            | NoticeKind::Met
            | NoticeKind::Delivered
            | NoticeKind::Asked
            | NoticeKind::CancelWanted
            | NoticeKind::Disputed
            | NoticeKind::Evidence
            | NoticeKind::Decided
            | NoticeKind::Review
            | NoticeKind::CodeLocked => NoticeGroup::Orders,
            NoticeKind::Question | NoticeKind::Answer => NoticeGroup::Questions,
            NoticeKind::Done | NoticeKind::Refunded => NoticeGroup::Money,
            NoticeKind::SearchMatch => NoticeGroup::Searches,
        }
    }

    /// Where its four bits stand.
    const fn place(self) -> u32 {
        self as u32 * 4
    }
}

/// What a member wants of one group. What is stored in the house is shown there in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wish {
    /// Nothing said: push where he has subscribed with a browser, else e-mail where he has confirmed an address.
    #[default]
    Usual,
    /// Only in the house.
    InHouse,
    /// Push alone.
    Push,
    /// E-mail alone.
    Email,
    /// Both, for the same fact: only for who asks for it.
    Both,
}

impl Wish {
    /// Every wish.
    pub const ALL: [Wish; 5] = [Wish::Usual, Wish::InHouse, Wish::Push, Wish::Email, Wish::Both];

    /// The stable name, as clients see it.
    pub const fn name(self) -> &'static str {
        match self {
            Wish::Usual => "usual",
            Wish::InHouse => "in_house",
            Wish::Push => "push",
            Wish::Email => "email",
            Wish::Both => "both",
        }
    }

    /// The wish of that name.
    pub fn named(name: &str) -> Option<Wish> {
        Wish::ALL.into_iter().find(|wish| wish.name() == name)
    }

    const fn bits(self) -> i64 {
        match self {
            Wish::Usual => 0,
            Wish::InHouse => 8,
            Wish::Push => 9,
            Wish::Email => 10,
            Wish::Both => 11,
        }
    }
}

/// A member's wishes for all groups, as one number: four bits for each, `0` for nothing said, else `8`, and `1` for push
/// and `2` for e-mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wishes(pub i64);

impl Wishes {
    /// What he wants of that group; what no release has written counts as nothing said.
    pub fn of(self, group: NoticeGroup) -> Wish {
        let bits = self.0 >> group.place() & 15;
        Wish::ALL.into_iter().find(|wish| wish.bits() == bits).unwrap_or_default()
    }

    /// The same but for that group.
    #[must_use]
    pub const fn with(self, group: NoticeGroup, wish: Wish) -> Wishes {
        Wishes(self.0 & !(15 << group.place()) | wish.bits() << group.place())
    }

    /// The same without e-mail: what is left of each group when nobody may write any more.
    #[must_use]
    pub fn without_email(self) -> Wishes {
        NoticeGroup::ALL.into_iter().fold(self, |wishes, group| match wishes.of(group) {
            Wish::Usual | Wish::Push | Wish::Both => wishes.with(group, Wish::Push),
            Wish::InHouse | Wish::Email => wishes.with(group, Wish::InHouse),
        })
    }

    /// Which channels a notice of that kind takes, for a member who can be reached like this.
    pub fn channels(self, kind: NoticeKind, has_push: bool, has_email: bool) -> Vec<Channel> {
        let (push, email) = match self.of(NoticeGroup::of(kind)) {
            Wish::Usual => (true, !has_push),
            Wish::InHouse => (false, false),
            Wish::Push => (true, false),
            Wish::Email => (false, true),
            Wish::Both => (true, true),
        };
        let asked = [(Channel::Push, push && has_push), (Channel::Email, email && has_email)];
        asked.into_iter().filter_map(|(channel, is_asked)| is_asked.then_some(channel)).collect()
    }
}

/// How many minutes a day has.
pub const MINUTES_OF_A_DAY: i64 = 24 * 60;

/// Korea's clocks are ahead of UTC by so much, all year.
const KOREA: Span = Span::hours(9);

/// When nothing is sent: from one minute of the day to another, in Korean time, often over midnight. Never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    from: i64,
    until: i64,
}

impl QuietHours {
    /// From that minute of the day until before that one; none if a day has no such minutes, or they are the same.
    pub fn new(from: i64, until: i64) -> Option<QuietHours> {
        let of_a_day = 0..MINUTES_OF_A_DAY;
        (of_a_day.contains(&from) && of_a_day.contains(&until) && from != until)
            .then_some(QuietHours { from, until })
    }

    /// The first quiet minute of the day.
    pub const fn from(self) -> i64 {
        self.from
    }

    /// The first minute that is not quiet any more.
    pub const fn until(self) -> i64 {
        self.until
    }

    /// When the quiet hours are over in which that moment lies; none if it lies in none.
    pub fn over_at(self, now: Time) -> Option<Time> {
        let day = Span::days(1).0;
        let since_midnight = now.plus(KOREA).0.rem_euclid(day);
        let (from, until) = (Span::minutes(self.from).0, Span::minutes(self.until).0);
        let is_quiet = match from < until {
            true => (from..until).contains(&since_midnight),
            false => since_midnight >= from || since_midnight < until,
        };
        is_quiet.then(|| now.plus(Span((until - since_midnight).rem_euclid(day))))
    }
}
