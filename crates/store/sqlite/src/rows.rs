//! Rows: how auctions, bidders and events stand in their columns, for both doors; orders, and what people
//! decide, in files of their own.

pub(crate) mod orders;
pub(crate) mod people;
pub(crate) mod pictures;

use auction::{
    Auction, AuctionId, Bidder, Condition, Event, EventKind, ExtensionCause, Increments, Item, ItemId,
    Ladder, Leader, Outcome, Participant, PriceRule, ReserveStatus, Seq, ShippingPayer, Span, Status, Time,
};
use ledger::{Account, MemberId, Money, PartsPerMillion, Reason};
use rusqlite::types::{FromSqlError, Type};
use rusqlite::{Error, Result, Row};

/// An auction's columns, in the order in which [`auction`] reads them.
pub(crate) const AUCTION_COLUMNS: &str = "id, item, seller, seq, terms, status, outcome, start_price, bid_unit, ladder, \
     buy_now, fee_rate, minimum_duration, soft_close, starts_at, listed_end, ends_at, latest, extensions, outage, price, \
     leader, leader_number, commitment, leader_since, bid_count, bidders, newest, reserve, seller_extensions, afresh, \
     seller_took_back, followed_by, notes";

/// How many they are; what is selected behind them begins there.
pub(crate) const AUCTION_WIDTH: usize = 34;

/// An event's columns, in the order in which [`event`] reads them.
pub(crate) const EVENT_COLUMNS: &str = "auction, seq, kind, at, actor, actor_number, amount, price, minimum, bid_count, \
     leader, leader_number, ends_at, outcome, reason, cause, reserve, rule, terms, aside";

/// A bidder's columns, in the order in which [`bidder`] reads them.
pub(crate) const BIDDER_COLUMNS: &str =
    "auction, member, number, commitment, since, named, hold, is_out, vain";

/// A word of what an auction `a` sells: of its item `i`, or as it stood in [`HISTORY`] `h` until it was auctioned again.
macro_rules! word {
    ($column:literal) => {
        concat!("CASE WHEN h.auction IS NULL THEN i.", $column, " ELSE h.", $column, " END")
    };
}
pub(crate) use word;

/// The title of what an auction sells, where its item and [`HISTORY`] are joined.
pub(crate) const TITLE: &str = word!("title");

/// All the words of what an auction sells, in the order in which [`item`] reads them.
pub(crate) const WORDS: &str = concat!(
    "i.seller, ",
    word!("title"),
    ", ",
    word!("description"),
    ", ",
    word!("category"),
    ", ",
    word!("condition"),
    ", ",
    word!("shipping_payer"),
    ", ",
    word!("region"),
    ", ",
    word!("nationwide"),
    ", ",
    pictures::all_columns!()
);

/// How many columns they are.
pub(crate) const ITEM_WIDTH: usize = 9;

/// The words of an auction `a` whose item was auctioned again, to be joined behind its item.
pub(crate) const HISTORY: &str = "LEFT JOIN item_history h ON h.auction = a.id";

/// Reads an auction whose first column is number `at`.
pub(crate) fn auction(row: &Row<'_>, at: usize) -> Result<Auction> {
    let number = |offset: usize| row.get::<_, i64>(at + offset);
    let optional = |offset: usize| row.get::<_, Option<i64>>(at + offset);
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
        fee_rate: PartsPerMillion::new(number(11)?).ok_or_else(|| out_of_range(at + 11, number(11)))?,
        minimum_duration: Span(number(12)?),
        soft_close: Span(number(13)?),
        starts_at: Time(number(14)?),
        listed_end: Time(number(15)?),
        ends_at: Time(number(16)?),
        latest: Time(number(17)?),
        extensions: number(18)?,
        outage: optional(19)?.map(Time),
        price: money(number(20)?, at + 20)?,
        leader: leader(row, at + 21)?,
        bid_count: number(25)?,
        bidders: number(26)?,
        newest: Time(number(27)?),
        reserve: optional(28)?.map(|value| money(value, at + 28)).transpose()?,
        seller_extensions: number(29)?,
        afresh: Seq(number(30)?),
        seller_took_back: row.get(at + 31)?,
        followed_by: optional(32)?.map(AuctionId),
        notes: number(33)?,
    })
}

/// Reads a bidder whose first column is number `at`.
pub(crate) fn bidder(row: &Row<'_>, at: usize) -> Result<Bidder> {
    let number = |offset: usize| row.get::<_, i64>(at + offset);
    let amount = |offset: usize| money(number(offset)?, at + offset);
    let vain = row.get_ref(at + 8)?.as_blob_or_null()?;
    Ok(Bidder {
        auction: AuctionId(number(0)?),
        member: MemberId(number(1)?),
        number: number(2)?,
        commitment: amount(3)?,
        since: Seq(number(4)?),
        named: amount(5)?,
        hold: amount(6)?,
        is_out: row.get(at + 7)?,
        vain: vain.map(|bytes| times(bytes, at + 8)).transpose()?.unwrap_or_default(),
    })
}

fn times(bytes: &[u8], at: usize) -> Result<Vec<Time>> {
    let (whole, rest) = bytes.as_chunks::<8>();
    if rest.is_empty() {
        return Ok(whole.iter().map(|bytes| Time(i64::from_le_bytes(*bytes))).collect());
    }
    Err(Error::FromSqlConversionFailure(at, Type::Blob, "not made of whole times".into()))
}

/// How the times of vain bids stand in their column: nothing if there are none.
pub(crate) fn vain(times: &[Time]) -> Option<Vec<u8>> {
    (!times.is_empty()).then(|| times.iter().flat_map(|time| time.0.to_le_bytes()).collect())
}

/// Reads an event whose first column is number `at`.
pub(crate) fn event(row: &Row<'_>, at: usize) -> Result<Event> {
    let number = |offset: usize| row.get::<_, i64>(at + offset);
    let optional = |offset: usize| row.get::<_, Option<i64>>(at + offset);
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
        reason: row.get(at + 14)?,
        cause: optional(15)?.map(|value| one_of(&ExtensionCause::ALL, value, at + 15)).transpose()?,
        reserve: one_of(&ReserveStatus::ALL, number(16)?, at + 16)?,
        rule: optional(17)?.map(|value| one_of(&PriceRule::ALL, value, at + 17)).transpose()?,
        terms: optional(18)?,
        aside: optional(19)?.map(MemberId),
    })
}

/// Reads an item whose first column is number `at`.
pub(crate) fn item(row: &Row<'_>, at: usize) -> Result<Item> {
    let optional = |offset: usize| row.get::<_, Option<i64>>(at + offset);
    Ok(Item {
        seller: MemberId(row.get(at)?),
        title: row.get(at + 1)?,
        description: row.get(at + 2)?,
        category: optional(3)?,
        condition: optional(4)?.map(|value| one_of(&Condition::ALL, value, at + 4)).transpose()?,
        shipping_payer: optional(5)?.map(|value| one_of(&ShippingPayer::ALL, value, at + 5)).transpose()?,
        region: optional(6)?,
        nationwide: row.get(at + 7)?,
        pictures: pictures::all(row, at + 8)?,
    })
}

fn increments(unit: Option<i64>, row: &Row<'_>, ladder_at: usize) -> Result<Increments> {
    if let Some(unit) = unit {
        return Ok(Increments::Unit(money(unit, ladder_at - 1)?));
    }
    let ladder = Ladder::parse(row.get_ref(ladder_at)?.as_str()?);
    let invalid = |_| Error::FromSqlConversionFailure(ladder_at, Type::Text, "not a ladder".into());
    ladder.map(Increments::Ladder).map_err(invalid)
}

fn leader(row: &Row<'_>, at: usize) -> Result<Option<Leader>> {
    let Some(member) = row.get::<_, Option<i64>>(at)? else { return Ok(None) };
    let commitment = money(row.get(at + 2)?, at + 2)?;
    let (number, since) = (row.get(at + 1)?, Seq(row.get(at + 3)?));
    Ok(Some(Leader { member: MemberId(member), number, commitment, since }))
}

fn participant(member: Option<i64>, number: Option<i64>) -> Option<Participant> {
    Some(Participant { member: MemberId(member?), number: number? })
}

/// Reads an amount from column `at`.
pub(crate) fn money(won: i64, at: usize) -> Result<Money> {
    Money::new(won).ok_or_else(|| out_of_range(at, Ok(won)))
}

/// The variant that stands under `number` in column `at`.
pub(crate) fn one_of<T: Copy>(all: &[T], number: i64, at: usize) -> Result<T> {
    let found = usize::try_from(number).ok().and_then(|index| all.get(index));
    found.copied().ok_or_else(|| out_of_range(at, Ok(number)))
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
    found.ok_or_else(|| out_of_range(at, Ok(number)))
}

/// The reason that stands under `number` in column `at`.
pub(crate) fn reason(number: i64, at: usize) -> Result<Reason> {
    one_of(&Reason::ALL, number, at)
}

fn out_of_range(at: usize, value: Result<i64>) -> Error {
    let value = value.unwrap_or_default();
    Error::FromSqlConversionFailure(at, Type::Integer, Box::new(FromSqlError::OutOfRange(value)))
}
