//! Rows: how auctions, bidders and events stand in their columns, for both doors.

pub(crate) mod orders;
pub(crate) mod people;
pub(crate) mod pictures;

use auction::{
    Auction, AuctionId, Bidder, Condition, Event, EventKind, ExtensionCause, Increments, Item, ItemId,
    Ladder, Leader, Outcome, Participant, PriceRule, ReserveStatus, Seq, ShippingPayer, Span, Status, Time,
};
use ledger::{Account, MemberId, Money, PartsPerMillion, Reason};
use tokio_postgres::Row;

use crate::failure::Fault;

/// A row read, or what is wrong with it.
pub(crate) type Result<T> = std::result::Result<T, Fault>;

/// [`AUCTION_COLUMNS`] as a literal, to stand in the middle of one.
macro_rules! auction_columns {
    () => {
        "id, item, seller, seq, terms, status, outcome, start_price, bid_unit, ladder, buy_now, fee_rate, \
         minimum_duration, soft_close, starts_at, listed_end, ends_at, latest, extensions, outage, price, leader, \
         leader_number, commitment, bid_count, bidders, newest, reserve, seller_extensions, leader_since, afresh, \
         seller_took_back, followed_by, notes"
    };
}
pub(crate) use auction_columns;

/// [`EVENT_COLUMNS`] as a literal, to stand in the middle of one.
macro_rules! event_columns {
    () => {
        "auction, seq, kind, at, actor, actor_number, amount, price, minimum, bid_count, leader, leader_number, \
         ends_at, outcome, reason, cause, reserve, rule, terms, aside"
    };
}
pub(crate) use event_columns;

/// A word of what an auction `a` sells: of its item `i`, or as it stood in [`history`] `h` until it was auctioned again.
macro_rules! word {
    ($column:literal) => {
        concat!("CASE WHEN h.auction IS NULL THEN i.", $column, " ELSE h.", $column, " END")
    };
}
pub(crate) use word;

/// The words of an auction `a` whose item was auctioned again, to be joined behind its item.
macro_rules! history {
    () => {
        " LEFT JOIN item_history h ON h.auction = a.id "
    };
}
pub(crate) use history;

/// All the words of what an auction sells, in the order in which [`item`] reads them, where its item and [`history`] are
/// joined.
macro_rules! words {
    () => {
        concat!(
            "i.seller, ",
            $crate::rows::word!("title"),
            ", ",
            $crate::rows::word!("description"),
            ", ",
            $crate::rows::word!("category"),
            ", ",
            $crate::rows::word!("condition"),
            ", ",
            $crate::rows::word!("shipping_payer"),
            ", ",
            $crate::rows::word!("region"),
            ", ",
            $crate::rows::word!("nationwide"),
            ", ",
            $crate::rows::pictures::all_columns!()
        )
    };
}
pub(crate) use words;

/// How many columns these are.
pub(crate) const ITEM_WIDTH: usize = 10;

/// A bidder's columns, in the order in which [`bidder`] reads them, but for his auction and himself, which come before them.
macro_rules! bidder_columns {
    () => {
        "number, commitment, hold, since, named, is_out, vain"
    };
}
pub(crate) use bidder_columns;

/// [`bidder_columns`] as a constant.
pub(crate) const BIDDER_COLUMNS: &str = bidder_columns!();

/// How many columns an auction has; what is selected behind it begins there.
pub(crate) const AUCTION_WIDTH: usize = 34;

/// An auction's columns, in the order in which [`auction`] reads them.
pub(crate) const AUCTION_COLUMNS: &str = auction_columns!();

/// An event's columns, in the order in which [`event`] reads them.
pub(crate) const EVENT_COLUMNS: &str = event_columns!();

/// Reads an auction whose first column is number `at`.
pub(crate) fn auction(row: &Row, at: usize) -> Result<Auction> {
    let number = |offset: usize| row.try_get::<_, i64>(at + offset);
    let optional = |offset: usize| row.try_get::<_, Option<i64>>(at + offset);
    Ok(Auction {
        id: AuctionId(number(0)?),
        item: ItemId(number(1)?),
        seller: MemberId(number(2)?),
        seq: Seq(number(3)?),
        terms: number(4)?,
        status: one_of(&Status::ALL, number(5)?, at + 5)?,
        outcome: optional(6)?.map(|value| one_of(&Outcome::ALL, value, at + 6)).transpose()?,
        start: money(number(7)?, at + 7)?,
        increments: increments(optional(8)?, row, at + 9)?,
        buy_now: optional(10)?.map(|value| money(value, at + 10)).transpose()?,
        fee_rate: fee_rate(number(11)?, at + 11)?,
        minimum_duration: Span(number(12)?),
        soft_close: Span(number(13)?),
        starts_at: Time(number(14)?),
        listed_end: Time(number(15)?),
        ends_at: Time(number(16)?),
        latest: Time(number(17)?),
        extensions: number(18)?,
        outage: optional(19)?.map(Time),
        price: money(number(20)?, at + 20)?,
        leader: leader(row, at)?,
        bid_count: number(24)?,
        bidders: number(25)?,
        newest: Time(number(26)?),
        reserve: optional(27)?.map(|value| money(value, at + 27)).transpose()?,
        seller_extensions: number(28)?,
        afresh: Seq(number(30)?),
        seller_took_back: row.try_get(at + 31)?,
        followed_by: optional(32)?.map(AuctionId),
        notes: number(33)?,
    })
}

/// Reads an event whose first column is number `at`.
pub(crate) fn event(row: &Row, at: usize) -> Result<Event> {
    let number = |offset: usize| row.try_get::<_, i64>(at + offset);
    let optional = |offset: usize| row.try_get::<_, Option<i64>>(at + offset);
    let amount = |offset: usize| optional(offset)?.map(|value| money(value, at + offset)).transpose();
    Ok(Event {
        auction: AuctionId(number(0)?),
        seq: Seq(number(1)?),
        kind: one_of(&EventKind::ALL, number(2)?, at + 2)?,
        at: Time(number(3)?),
        actor: participant(optional(4)?, optional(5)?),
        amount: amount(6)?,
        price: money(number(7)?, at + 7)?,
        minimum: amount(8)?,
        bid_count: number(9)?,
        leader: participant(optional(10)?, optional(11)?),
        ends_at: Time(number(12)?),
        outcome: optional(13)?.map(|value| one_of(&Outcome::ALL, value, at + 13)).transpose()?,
        reason: row.try_get(at + 14)?,
        cause: optional(15)?.map(|value| one_of(&ExtensionCause::ALL, value, at + 15)).transpose()?,
        reserve: one_of(&ReserveStatus::ALL, number(16)?, at + 16)?,
        rule: optional(17)?.map(|value| one_of(&PriceRule::ALL, value, at + 17)).transpose()?,
        terms: optional(18)?,
        aside: optional(19)?.map(MemberId),
    })
}

/// Reads a bidder whose number is column `at`.
pub(crate) fn bidder(row: &Row, at: usize, auction: AuctionId, member: MemberId) -> Result<Bidder> {
    let amount = |offset: usize| money(row.try_get(at + offset)?, at + offset);
    Ok(Bidder {
        auction,
        member,
        number: row.try_get(at)?,
        commitment: amount(1)?,
        hold: amount(2)?,
        since: Seq(row.try_get(at + 3)?),
        named: amount(4)?,
        is_out: row.try_get(at + 5)?,
        vain: times(row.try_get::<_, Option<&[u8]>>(at + 6)?.unwrap_or_default(), at + 6)?,
    })
}

/// Times as they stand in a column: little-endian numbers; nothing if there are none.
pub(crate) fn times_bytes(times: &[Time]) -> Option<Vec<u8>> {
    (!times.is_empty()).then(|| times.iter().flat_map(|time| time.0.to_le_bytes()).collect())
}

fn times(bytes: &[u8], at: usize) -> Result<Vec<Time>> {
    match bytes.as_chunks::<8>() {
        (times, []) => Ok(times.iter().map(|time| Time(i64::from_le_bytes(*time))).collect()),
        _ => Err(Fault::Row(format!("column {at} does not hold times"))),
    }
}

/// Reads an item whose first column is number `at`.
pub(crate) fn item(row: &Row, at: usize) -> Result<Item> {
    let optional = |offset: usize| row.try_get::<_, Option<i64>>(at + offset);
    Ok(Item {
        seller: MemberId(row.try_get(at)?),
        title: row.try_get(at + 1)?,
        description: row.try_get(at + 2)?,
        category: optional(3)?,
        condition: optional(4)?.map(|value| one_of(&Condition::ALL, value, at + 4)).transpose()?,
        shipping_payer: optional(5)?.map(|value| one_of(&ShippingPayer::ALL, value, at + 5)).transpose()?,
        region: optional(6)?,
        nationwide: row.try_get(at + 7)?,
        pictures: pictures::all(row, at + 8)?,
    })
}

fn increments(unit: Option<i64>, row: &Row, ladder_at: usize) -> Result<Increments> {
    if let Some(unit) = unit {
        return Ok(Increments::Unit(money(unit, ladder_at - 1)?));
    }
    let ladder = Ladder::parse(row.try_get::<_, &str>(ladder_at)?);
    let invalid = |_| Fault::Row(format!("column {ladder_at} is not a ladder"));
    ladder.map(Increments::Ladder).map_err(invalid)
}

pub(crate) fn fee_rate(parts: i64, at: usize) -> Result<PartsPerMillion> {
    PartsPerMillion::new(parts).ok_or_else(|| out_of_range(at, parts))
}

/// The leader of the auction whose first column is number `at`.
fn leader(row: &Row, at: usize) -> Result<Option<Leader>> {
    let Some(member) = row.try_get::<_, Option<i64>>(at + 21)? else { return Ok(None) };
    let commitment = money(row.try_get(at + 23)?, at + 23)?;
    let (member, number, since) = (MemberId(member), row.try_get(at + 22)?, Seq(row.try_get(at + 29)?));
    Ok(Some(Leader { member, number, commitment, since }))
}

fn participant(member: Option<i64>, number: Option<i64>) -> Option<Participant> {
    Some(Participant { member: MemberId(member?), number: number? })
}

/// Reads an amount from column `at`.
pub(crate) fn money(won: i64, at: usize) -> Result<Money> {
    Money::new(won).ok_or_else(|| out_of_range(at, won))
}

/// The variant that stands under `number` in column `at`.
pub(crate) fn one_of<T: Copy>(all: &[T], number: i64, at: usize) -> Result<T> {
    let found = usize::try_from(number).ok().and_then(|index| all.get(index));
    found.copied().ok_or_else(|| out_of_range(at, number))
}

/// The number under which a variant stands.
pub(crate) fn number_of<T: PartialEq>(all: &[T], value: &T) -> i64 {
    let index = all.iter().position(|one| one == value).expect("every variant is in its own list");
    index as i64
}

/// The number under which an account stands, apart from whose it is.
pub(crate) fn account_number(account: Account) -> i64 {
    match account {
        Account::Cash => 1,
        Account::Escrow => 2,
        Account::Fees => 3,
        Account::Payable => 4,
        Account::Available(_) => 5,
        Account::Held(_) => 6,
    }
}

/// The account under a number, of that member if it is a member's.
pub(crate) fn account(number: i64, member: Option<i64>, at: usize) -> Result<Account> {
    let of = |account: fn(MemberId) -> Account| member.map(|member| account(MemberId(member)));
    let found = match number {
        1 => Some(Account::Cash),
        2 => Some(Account::Escrow),
        3 => Some(Account::Fees),
        4 => Some(Account::Payable),
        5 => of(Account::Available),
        6 => of(Account::Held),
        _ => None,
    };
    found.ok_or_else(|| out_of_range(at, number))
}

/// The reason that stands under `number` in column `at`.
pub(crate) fn reason(number: i64, at: usize) -> Result<Reason> {
    one_of(&Reason::ALL, number, at)
}

fn out_of_range(at: usize, value: i64) -> Fault {
    Fault::Row(format!("{value} in column {at} is out of range"))
}
