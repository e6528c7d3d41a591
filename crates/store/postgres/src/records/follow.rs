//! Following: what rounds have changed becomes listings and notices, each event once, whoever follows.
//!
//! Rounds are followed by visibility: the cursor is what was seen when the last window was read, and the next window is
//! what has become visible since. One call reads, on a connection of its own, which auctions the next rounds touched, how
//! each now stands and the events that its members were not told of; then it writes what follows from them in one short
//! transaction. How far an auction's members were told stands in its listing, and a listing is written only if it still
//! stands where it was read: a call that was repeated, or made on two nodes at once, changes nothing. The cursor moves
//! when all auctions of its rounds are done. An auction's many rounds since the last call are thereby one write.
//!
//! Who left an auction without an event is told beside the rounds, and deleted from those who wait with the same write.
//!
//! The steps of orders are told when the auctions of their rounds are done; up to which its sides were told stands beside
//! each order, and is moved on in the same way.

pub(super) mod endings;
pub(super) mod hearing;
mod listed;
pub(super) mod news;
pub(super) mod removals;
mod snapshot;
pub(super) mod steps;
pub(super) mod window;
pub(super) mod wording;

use std::collections::HashMap;

use auction::{AuctionId, Seq, Span, Status, Time};
use ledger::{MemberId, Money};
use store::Pace;
use store::records::{Followed, ListingRow, NoticeKind, NoticeRow};
use tokio_postgres::Row;

use self::news::{EVENTS_READ_MAX, News};
use self::window::Window;
use super::auctions::standing_columns;
use super::listings::{LISTING_WIDTH, listing};
use super::{delivery, leaving, saved};
use crate::pool::{Connection, Value};
use crate::rows::{Result, history, number_of, pictures, word};

/// How many notices one call writes at most, but for those of a single auction.
const NOTICES_TOGETHER_MAX: usize = 1_000;

/// How long a round is kept after it was followed, for nodes that go by rounds themselves.
const ROUND_KEPT: Span = Span::minutes(60);

/// How many of the oldest rounds one call looks at to remove them.
const ROUNDS_REMOVED_MAX: i64 = 2_000;

/// What one call is going to write.
pub(super) struct Found {
    /// None if no round waits.
    window: Option<Window>,
    changes: Vec<Changed>,
    /// What the window's steps of orders mean, if nothing but them is left of it.
    steps: Vec<steps::Told>,
    /// Whose bids were taken back where no event tells it.
    removals: Vec<Notice>,
    /// Where the next call begins, if something else follows from the window.
    pub(super) rest: Option<AuctionId>,
}

/// An auction of which something has to be written.
struct Changed {
    /// The listing as it shall be.
    row: ListingRow,
    /// Up to where its members were told; `None` if it is not listed yet.
    told: Option<Seq>,
    /// Whether more has changed of it than bids and time change.
    is_edited: bool,
    /// Whether it is open now, and was not listed as that.
    has_opened: bool,
    news: News,
}

/// A notice before it has a number.
pub(super) struct Notice {
    pub(super) member: MemberId,
    pub(super) kind: NoticeKind,
    pub(super) auction: AuctionId,
    pub(super) title: String,
    pub(super) amount: Option<Money>,
    pub(super) at: Time,
}

/// Reads the next rounds and what follows from them, for as many auctions as the pace takes, from its place on and then
/// from the first; `None` if nothing waits.
pub(super) async fn find(store: &Connection, pace: Pace) -> Result<Option<Found>> {
    let Pace { auctions_max, from } = pace;
    let removals = removals::waiting(store).await?;
    let Some(window) = window::next(store).await? else {
        let (changes, steps) = (Vec::new(), Vec::new());
        return Ok((!removals.is_empty()).then_some(Found {
            window: None,
            changes,
            steps,
            removals,
            rest: None,
        }));
    };
    let heads = window.heads.range(from..).chain(window.heads.range(..from));
    let heads: Vec<(AuctionId, Seq)> = heads.map(|(auction, seq)| (*auction, *seq)).collect();
    let (mut changes, mut notices, mut events, mut rest) = (Vec::new(), 0, 0, None);
    'heads: for heads in heads.chunks(auctions_max.max(1)) {
        let room = auctions_max.saturating_sub(changes.len());
        let (waiting, cut) = waiting(store, heads, room, &mut events).await?;
        let asked: Vec<(&ListingRow, Seq)> =
            waiting.iter().map(|one| (&one.present.row, one.present.told.unwrap_or_default())).collect();
        let news = news::of(store, &asked).await?;
        for (Waiting { present, seq }, news) in waiting.into_iter().zip(news) {
            let Present { row, told, is_edited, has_opened } = present;
            if notices >= NOTICES_TOGETHER_MAX {
                rest = Some(row.auction);
                break 'heads;
            }
            notices += news.notices.len();
            if news.told < seq {
                rest = rest.or(Some(row.auction));
            }
            // An edit may have changed words that are not listed, but found.
            let is_edited = is_edited || news.is_edited;
            changes.push(Changed { row, told, is_edited, has_opened, news });
        }
        if cut.is_some() {
            rest = rest.or(cut);
            break;
        }
    }
    let steps = match rest {
        None => steps::of(store, &window.orders).await?,
        Some(_) => Vec::new(),
    };
    Ok(Some(Found { window: Some(window), changes, steps, removals, rest }))
}

/// An auction as it stands, with what is listed of it.
struct Present {
    row: ListingRow,
    /// Up to where its members were told.
    told: Option<Seq>,
    is_edited: bool,
    has_opened: bool,
}

/// One whose members were not told up to `seq`.
struct Waiting {
    present: Present,
    seq: Seq,
}

/// Those of the auctions whose members were not told up to their heads, as many as there is room for and whose events
/// are read together; and the first one that this left out.
async fn waiting(
    store: &Connection,
    heads: &[(AuctionId, Seq)],
    room: usize,
    events: &mut usize,
) -> Result<(Vec<Waiting>, Option<AuctionId>)> {
    let mut present = present(store, heads).await?;
    let mut waiting = Vec::new();
    for (auction, seq) in heads {
        let Some(present) = present.remove(auction) else {
            tracing::error!(auction = auction.0, "a round names an auction that does not exist");
            continue;
        };
        let known = present.told.unwrap_or_default();
        if known >= *seq {
            continue;
        }
        if waiting.len() >= room || *events >= EVENTS_READ_MAX {
            return Ok((waiting, Some(*auction)));
        }
        *events += usize::try_from(present.row.seq.0 - known.0).unwrap_or_default();
        waiting.push(Waiting { present, seq: *seq });
    }
    Ok((waiting, None))
}

/// The auctions as they stand.
async fn present(store: &Connection, heads: &[(AuctionId, Seq)]) -> Result<HashMap<AuctionId, Present>> {
    let ids: Vec<i64> = heads.iter().map(|(auction, _)| auction.0).collect();
    let open = number_of(&Status::ALL, &Status::Open);
    let found = |row: &Row| -> Result<(AuctionId, Present)> {
        let (told, is_edited) =
            (row.try_get::<_, Option<i64>>(LISTING_WIDTH)?.map(Seq), row.try_get(LISTING_WIDTH + 1)?);
        let was_open = row.try_get::<_, Option<i64>>(LISTING_WIDTH + 2)? == Some(open);
        let row = listing(row)?;
        let has_opened = row.status == Status::Open && !was_open;
        Ok((row.auction, Present { row, told, is_edited, has_opened }))
    };
    store.query(PRESENT, &[&ids]).await?.iter().map(found).collect()
}

/// Auctions as they stand, as listings, with what is listed of them.
pub(super) const PRESENT: &str = concat!(
    "SELECT ",
    standing_columns!(),
    ", l.told, (l.title, l.category, l.region, l.nationwide, l.condition, l.picture, l.picture_alt, l.buy_now, \
     l.starts_at) IS DISTINCT FROM (",
    word!("title"),
    ", ",
    word!("category"),
    ", ",
    word!("region"),
    ", ",
    word!("nationwide"),
    ", ",
    word!("condition"),
    ", p.address, ",
    pictures::first_alt!(),
    ", a.buy_now, a.starts_at), l.status FROM unnest($1::bigint[]) AS wanted (auction) JOIN auctions a ON a.id = wanted.auction \
     JOIN items i ON i.id = a.item",
    history!(),
    pictures::first!(),
    "LEFT JOIN listings l ON l.auction = a.id"
);

/// Waits until no other call writes what follows from rounds or from time: the first lock of each is that of the cursor's
/// row.
pub(super) async fn take_turn(store: &Connection) -> Result<()> {
    let sql = "SELECT notice FROM followers WHERE name = 'market' FOR UPDATE";
    store.query_one(sql, &[]).await.map(|_| ())
}

/// Writes what was found, but for auctions where another call was first, and moves the cursor if all is done. Calls take
/// turns.
pub(super) async fn keep(store: &Connection, found: Found) -> Result<Followed> {
    take_turn(store).await?;
    let written = listed::keep(store, &found.changes).await?;
    let arrived = found.changes.iter().filter(|changed| changed.has_opened);
    let arrived = arrived.map(|changed| changed.row.auction.0).filter(|auction| written.contains(auction));
    saved::arrive(store, &arrived.collect::<Vec<i64>>()).await?;
    let mut notices: Vec<Notice> = found
        .changes
        .into_iter()
        .filter(|changed| written.contains(&changed.row.auction.0))
        .flat_map(|changed| changed.news.notices)
        .collect();
    notices.extend(steps::keep(store, found.steps).await?);
    let may_wait = found.removals.len() >= removals::TOGETHER_MAX;
    notices.extend(removals::take(store, found.removals).await?);
    notices.sort_by_key(|notice| notice.at);
    let notices = keep_notices(store, notices).await?;
    let has_more = may_wait || found.window.as_ref().is_some_and(|window| window.has_more);
    if let Some(window) = found.window.filter(|_| found.rest.is_none()) {
        move_cursor(store, &window).await?;
    }
    Ok(Followed { notices, more: has_more || found.rest.is_some() })
}

/// Moves the cursor, if it still stands where it was read, and removes some of the rounds that are old and were seen.
async fn move_cursor(store: &Connection, window: &Window) -> Result<()> {
    let next = window.next.to_string();
    let sql = "UPDATE followers SET snapshot = $1 WHERE name = 'market' AND snapshot = $2";
    store.execute(sql, &[&next, &window.cursor]).await?;
    let sql = "DELETE FROM rounds r USING (SELECT id, xid, at FROM rounds ORDER BY xid LIMIT $1) oldest \
               WHERE r.id = oldest.id AND oldest.at < $2 AND pg_visible_in_snapshot(oldest.xid, $3::text::pg_snapshot)";
    let before = window.newest.minus(ROUND_KEPT).0;
    store.execute(sql, &[&ROUNDS_REMOVED_MAX, &before, &next]).await.map(|_| ())
}

/// Writes each notice over the unread one of its kind, if there is one. It gets a fresh number all the same: it is the
/// newest now, and whoever marks as read what he saw before must not mark this.
pub(super) async fn keep_notices(
    store: &Connection,
    notices: Vec<Notice>,
) -> Result<Vec<(MemberId, NoticeRow)>> {
    if notices.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "UPDATE followers SET notice = notice + $1 WHERE name = 'market' RETURNING notice - $1";
    let newest: i64 = store.query_one(sql, &[&(notices.len() as i64)]).await?.try_get(0)?;
    let notices = leaving::without_left(store, notices).await?;
    let numbered: Vec<(i64, Notice)> = (newest + 1..).zip(notices).collect();

    // In the order in which their members mark them as read, so that the two never wait for each other.
    let mut rows: Vec<&(i64, Notice)> = numbered.iter().collect();
    rows.sort_by_key(|(_, notice)| (notice.member, notice.auction, notice.kind));
    let column = |column: fn(&(i64, Notice)) -> i64| rows.iter().map(|row| column(row)).collect::<Vec<i64>>();
    let amounts: Vec<Option<i64>> = rows.iter().map(|(_, notice)| notice.amount.map(Money::won)).collect();
    let sql = "INSERT INTO unread_notices (member, auction, kind, id, amount, at) \
               SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[]) \
               ON CONFLICT (member, auction, kind) \
               DO UPDATE SET id = excluded.id, amount = excluded.amount, at = excluded.at";
    let values: [Value<'_>; 6] = [
        &column(|(_, notice)| notice.member.0),
        &column(|(_, notice)| notice.auction.0),
        &column(|(_, notice)| number_of(&NoticeKind::ALL, &notice.kind)),
        &column(|(id, _)| *id),
        &amounts,
        &column(|(_, notice)| notice.at.0),
    ];
    store.execute(sql, &values).await?;
    let told = |(id, notice): (i64, Notice)| {
        let Notice { member, kind, auction, title, amount, at } = notice;
        (member, NoticeRow { id, kind, auction, title, amount, at, read: false, search: None })
    };
    let kept: Vec<(MemberId, NoticeRow)> = numbered.into_iter().map(told).collect();
    delivery::enqueue(store, &kept).await?;
    Ok(kept)
}
