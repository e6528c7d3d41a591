//! Keeping a round: one statement for each table, its rows as arrays, each row that changes counted. They travel
//! together, and every answer is looked at before COMMIT leaves.

use std::collections::{BTreeMap, HashMap};

use auction::{
    Auction, AuctionId, Condition, EventKind, ExtensionCause, Increments, Outcome, Seq, ShippingPayer,
    Status, Time,
};
use ledger::{MemberId, Money, Reason};
use store::Round;

use super::line::Line;
use crate::failure::Fault;
use crate::rows::{account_number, number_of};

type Result<T> = std::result::Result<T, Fault>;

/// Writes one round.
pub(super) struct Writer<'a> {
    pub(super) line: &'a Line,
    pub(super) round: &'a Round,
}

pub(super) const BEAT: &str =
    "INSERT INTO heartbeat (id, at) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET at = excluded.at";

/// Writes the heartbeat.
pub(super) async fn beat(line: &Line, at: Time) -> Result<()> {
    line.change(BEAT, &[&at.0], 1, "the heartbeat").await
}

pub(super) const BIND: &str =
    "INSERT INTO nature (name, value) VALUES ('money', 'demo') ON CONFLICT (name) DO NOTHING";

pub(super) const BOUND: &str = "SELECT value FROM nature WHERE name = 'money'";

/// Play money binds a store for ever; one that holds real money takes none.
async fn bind_to_demo_money(line: &Line) -> Result<()> {
    let (bound, found) = tokio::join!(biased; line.run(BIND, &[]), line.rows(BOUND, &[]));
    bound?;
    let money = found?.first().map(|row| row.try_get::<_, String>(0)).transpose()?;
    if money.as_deref() == Some("demo") {
        Ok(())
    } else {
        Err(Fault::Row("a demo deposit is not for a store that holds real money".to_owned()))
    }
}

/// For members who were made without one.
pub(super) const MISSING_WALLETS: &str = "INSERT INTO wallets (member, available, held, version, last_transfer) \
     SELECT member, 0, 0, 0, 0 FROM unnest($1::bigint[]) AS missing (member) ON CONFLICT (member) DO NOTHING";

impl Writer<'_> {
    /// Everything in the round, in the order of the locks; the rows that all lanes share come last, as whoever has
    /// written them makes the others wait until his commit.
    pub(super) async fn all(
        &self,
        last_transfers: &mut HashMap<MemberId, i64>,
        binds_to_demo_money: bool,
    ) -> Result<()> {
        let previous = self.chain(last_transfers);
        let shared = async {
            let bind =
                async { if binds_to_demo_money { bind_to_demo_money(self.line).await } else { Ok(()) } };
            let beat = async {
                match self.round.heartbeat {
                    Some(at) => beat(self.line, at).await,
                    None => Ok(()),
                }
            };
            let (bind, beat) = tokio::join!(biased; bind, beat);
            bind.and(beat)
        };
        let kept = tokio::join!(
            biased;
            self.items(),
            self.listed(),
            self.auctions(),
            self.orders(),
            self.transfers(&previous),
            self.wallets(last_transfers),
            self.bidders(),
            self.events(),
            self.keys(),
            self.deadlines(),
            self.heads(),
            shared
        );
        // The first that failed says why; those behind it only say that it did.
        kept.0?;
        kept.1?;
        kept.2?;
        kept.3?;
        kept.4?;
        kept.5?;
        kept.6?;
        kept.7?;
        kept.8?;
        kept.9?;
        kept.10?;
        kept.11
    }

    /// Each transfer's predecessor in its member's chain.
    fn chain(&self, last_transfers: &mut HashMap<MemberId, i64>) -> Vec<Option<i64>> {
        column(&self.round.transfers, |new| {
            let member = new.transfer.from.member().or(new.transfer.to.member());
            member.and_then(|member| last_transfers.insert(member, new.id.0))
        })
    }

    async fn items(&self) -> Result<()> {
        let new = &self.round.listed;
        if new.is_empty() {
            return Ok(());
        }
        let at = column(new, |_| self.round.now.0);
        let values: super::line::Values<'_> = &[
            &column(new, |(id, _, _)| id.0),
            &column(new, |(_, item, _)| item.seller.0),
            &column(new, |(_, item, _)| item.title.as_str()),
            &column(new, |(_, item, _)| item.description.as_str()),
            &column(new, |(_, item, _)| item.category),
            &column(new, |(_, item, _)| item.condition.map(|one| number_of(&Condition::ALL, &one))),
            &column(new, |(_, item, _)| item.shipping_payer.map(|one| number_of(&ShippingPayer::ALL, &one))),
            &column(new, |(_, item, _)| item.region),
            &column(new, |(_, item, _)| item.nationwide),
            &at,
        ];
        self.line.change(ITEMS, values, new.len(), "a new item").await
    }

    async fn listed(&self) -> Result<()> {
        let new: Vec<&Auction> = self.round.listed.iter().map(|(_, _, auction)| auction).collect();
        if new.is_empty() {
            return Ok(());
        }
        let values: super::line::Values<'_> = &[
            &column(&new, |auction| auction.id.0),
            &column(&new, |auction| auction.item.0),
            &column(&new, |auction| auction.seller.0),
            &column(&new, |auction| auction.seq.0),
            &column(&new, |auction| auction.terms),
            &column(&new, |auction| number_of(&Status::ALL, &auction.status)),
            &column(&new, |auction| auction.start.won()),
            &column(&new, |auction| match &auction.increments {
                Increments::Unit(unit) => Some(unit.won()),
                Increments::Ladder(_) => None,
            }),
            &column(&new, |auction| match &auction.increments {
                Increments::Unit(_) => None,
                Increments::Ladder(ladder) => Some(ladder.to_string()),
            }),
            &column(&new, |auction| auction.buy_now.map(Money::won)),
            &column(&new, |auction| auction.fee_rate.parts()),
            &column(&new, |auction| auction.minimum_duration.0),
            &column(&new, |auction| auction.soft_close.0),
            &column(&new, |auction| auction.starts_at.0),
            &column(&new, |auction| auction.listed_end.0),
            &column(&new, |auction| auction.ends_at.0),
            &column(&new, |auction| auction.latest.0),
            &column(&new, |auction| auction.price.won()),
            &column(&new, |auction| auction.newest.0),
        ];
        self.line.change(LISTED, values, new.len(), "a new auction").await
    }

    async fn auctions(&self) -> Result<()> {
        let changed = &self.round.auctions;
        if changed.is_empty() {
            return Ok(());
        }
        let leaders = column(changed, |(_, auction)| auction.leader);
        let values: super::line::Values<'_> = &[
            &column(changed, |(_, auction)| auction.id.0),
            &column(changed, |(Seq(before), _)| *before),
            &column(changed, |(_, auction)| auction.seq.0),
            &column(changed, |(_, auction)| number_of(&Status::ALL, &auction.status)),
            &column(changed, |(_, auction)| auction.outcome.map(|one| number_of(&Outcome::ALL, &one))),
            &column(changed, |(_, auction)| auction.ends_at.0),
            &column(changed, |(_, auction)| auction.latest.0),
            &column(changed, |(_, auction)| auction.extensions),
            &column(changed, |(_, auction)| auction.outage.map(|at| at.0)),
            &column(changed, |(_, auction)| auction.price.won()),
            &column(&leaders, |leader| leader.map(|leader| leader.member.0)),
            &column(&leaders, |leader| leader.map(|leader| leader.number)),
            &column(&leaders, |leader| leader.map(|leader| leader.commitment.won())),
            &column(changed, |(_, auction)| auction.bid_count),
            &column(changed, |(_, auction)| auction.bidders),
            &column(changed, |(_, auction)| auction.newest.0),
        ];
        self.line.change(AUCTIONS, values, changed.len(), "an auction as it was locked").await
    }

    async fn orders(&self) -> Result<()> {
        let new = &self.round.orders;
        if new.is_empty() {
            return Ok(());
        }
        let values: super::line::Values<'_> = &[
            &column(new, |new| new.order.id.0),
            &column(new, |new| new.auction.0),
            &column(new, |new| new.order.buyer.0),
            &column(new, |new| new.seller.0),
            &column(new, |new| new.order.price.won()),
            &column(new, |new| new.at.0),
        ];
        self.line.change(ORDERS, values, new.len(), "a new order").await
    }

    async fn transfers(&self, previous: &Vec<Option<i64>>) -> Result<()> {
        let new = &self.round.transfers;
        if new.is_empty() {
            return Ok(());
        }
        let values: super::line::Values<'_> = &[
            &column(new, |new| new.id.0),
            &column(new, |new| account_number(new.transfer.from)),
            &column(new, |new| account_number(new.transfer.to)),
            &column(new, |new| new.transfer.from.member().or(new.transfer.to.member()).map(|id| id.0)),
            &column(new, |new| new.transfer.amount.won()),
            &column(new, |new| number_of(&Reason::ALL, &new.transfer.reason)),
            &column(new, |new| new.transfer.auction.map(|auction| auction.0)),
            &column(new, |new| new.order.map(|order| order.0)),
            &column(new, |new| new.at.0),
            previous,
        ];
        self.line.change(TRANSFERS, values, new.len(), "a new transfer").await
    }

    async fn wallets(&self, last_transfers: &HashMap<MemberId, i64>) -> Result<()> {
        let changed = &self.round.wallets;
        if changed.is_empty() {
            return Ok(());
        }
        let values: super::line::Values<'_> = &[
            &column(changed, |(member, _)| member.0),
            &column(changed, |(_, wallet)| wallet.available.won()),
            &column(changed, |(_, wallet)| wallet.held.won()),
            &column(changed, |(_, wallet)| wallet.version),
            &column(changed, |(member, _)| last_transfers.get(member).copied().unwrap_or_default()),
        ];
        self.line.change(WALLETS, values, changed.len(), "a wallet as it was locked").await
    }

    async fn bidders(&self) -> Result<()> {
        let changed = &self.round.bidders;
        if changed.is_empty() {
            return Ok(());
        }
        let values: super::line::Values<'_> = &[
            &column(changed, |bidder| bidder.auction.0),
            &column(changed, |bidder| bidder.member.0),
            &column(changed, |bidder| bidder.number),
            &column(changed, |bidder| bidder.commitment.won()),
            &column(changed, |bidder| bidder.hold.won()),
        ];
        self.line.change(BIDDERS, values, changed.len(), "a bidder's row").await
    }

    async fn events(&self) -> Result<()> {
        let new = &self.round.events;
        if new.is_empty() {
            return Ok(());
        }
        let values: super::line::Values<'_> = &[
            &column(new, |event| event.auction.0),
            &column(new, |event| event.seq.0),
            &column(new, |event| number_of(&EventKind::ALL, &event.kind)),
            &column(new, |event| event.at.0),
            &column(new, |event| event.actor.map(|actor| actor.member.0)),
            &column(new, |event| event.actor.map(|actor| actor.number)),
            &column(new, |event| event.amount.map(Money::won)),
            &column(new, |event| event.price.won()),
            &column(new, |event| event.minimum.map(Money::won)),
            &column(new, |event| event.bid_count),
            &column(new, |event| event.leader.map(|leader| leader.member.0)),
            &column(new, |event| event.leader.map(|leader| leader.number)),
            &column(new, |event| event.ends_at.0),
            &column(new, |event| event.outcome.map(|one| number_of(&Outcome::ALL, &one))),
            &column(new, |event| event.reason.as_deref()),
            &column(new, |event| event.cause.map(cause_number)),
        ];
        self.line.change(EVENTS, values, new.len(), "a new event").await
    }

    async fn keys(&self) -> Result<()> {
        let new = &self.round.keys;
        if new.is_empty() {
            return Ok(());
        }
        let values: super::line::Values<'_> = &[
            &column(new, |new| &*new.key.text),
            &column(new, |new| new.key.member.0),
            &column(new, |new| new.fingerprint),
            &column(new, |new| new.event.map(|(auction, _)| auction.0)),
            &column(new, |new| new.event.map(|(_, seq)| seq.0)),
            &column(new, |new| new.order.map(|order| order.0)),
            &column(new, |new| new.transfer.map(|transfer| transfer.0)),
            &column(new, |new| new.at.0),
        ];
        self.line.change(KEYS, values, new.len(), "a new key").await
    }

    /// A round may move a deadline more than once; the last word counts.
    async fn deadlines(&self) -> Result<()> {
        let last: BTreeMap<AuctionId, Option<Time>> = self.round.deadlines.iter().copied().collect();
        let armed: (Vec<i64>, Vec<i64>) =
            last.iter().filter_map(|(auction, at)| Some((auction.0, (*at)?.0))).unzip();
        let over = last.iter().filter(|(_, at)| at.is_none());
        let over: Vec<i64> = over.map(|(auction, _)| auction.0).collect();
        let arm = async {
            match armed.0.len() {
                0 => Ok(()),
                count => self.line.change(ARM, &[&armed.0, &armed.1], count, "a deadline").await,
            }
        };
        let disarm = async { if over.is_empty() { Ok(()) } else { self.line.run(DISARM, &[&over]).await } };
        let (armed, disarmed) = tokio::join!(biased; arm, disarm);
        armed.and(disarmed)
    }

    /// The row that followers go by: (auction, seq before, seq after) and (member, available, held, version),
    /// little-endian.
    async fn heads(&self) -> Result<()> {
        let listed = self.round.listed.iter().map(|(_, _, auction)| (auction.id, Seq(0), auction.seq));
        let changed = self.round.auctions.iter().map(|(before, auction)| (auction.id, *before, auction.seq));
        let heads: Vec<u8> = listed
            .chain(changed)
            .flat_map(|(auction, before, after)| [auction.0, before.0, after.0])
            .flat_map(i64::to_le_bytes)
            .collect();
        let wallets: Vec<u8> = self
            .round
            .wallets
            .iter()
            .flat_map(|(member, wallet)| {
                [member.0, wallet.available.won(), wallet.held.won(), wallet.version]
            })
            .flat_map(i64::to_le_bytes)
            .collect();
        if heads.is_empty() && wallets.is_empty() {
            return Ok(());
        }
        self.line.change(HEADS, &[&self.round.now.0, &heads, &wallets], 1, "a round").await
    }
}

pub(super) const ITEMS: &str = "INSERT INTO items (id, seller, title, description, category, condition, \
     shipping_payer, region, nationwide, created_at) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], \
     $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::boolean[], $10::bigint[])";

pub(super) const LISTED: &str = "INSERT INTO auctions (id, item, seller, seq, terms, status, start_price, bid_unit, \
     ladder, buy_now, fee_rate, minimum_duration, soft_close, starts_at, listed_end, ends_at, latest, price, newest, \
     extensions, bid_count, bidders) SELECT new.*, 0, 0, 0 FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], \
     $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::text[], $10::bigint[], $11::bigint[], \
     $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[], \
     $19::bigint[]) AS new";

// Auctions and wallets are found as they were locked, newest version first (load.rs), and then taken by their place: it is
// ours until the end, as the row is locked.
pub(super) const AUCTIONS: &str = "UPDATE auctions AS a SET seq = new.seq, status = new.status, \
     outcome = new.outcome, ends_at = new.ends_at, latest = new.latest, extensions = new.extensions, \
     outage = new.outage, price = new.price, leader = new.leader, leader_number = new.leader_number, \
     commitment = new.commitment, bid_count = new.bid_count, bidders = new.bidders, newest = new.newest \
     FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], \
     $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], \
     $15::bigint[], $16::bigint[]) AS new (id, before, seq, status, outcome, ends_at, latest, extensions, outage, \
     price, leader, leader_number, commitment, bid_count, bidders, newest) CROSS JOIN LATERAL (SELECT ctid AS place \
     FROM auctions WHERE id >= new.id AND id <= new.id ORDER BY id DESC LIMIT 1) AS found \
     WHERE a.ctid = found.place AND a.id = new.id AND a.seq = new.before";

pub(super) const ORDERS: &str = "INSERT INTO orders (id, auction, buyer, seller, price, at) \
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])";

pub(super) const TRANSFERS: &str = "INSERT INTO transfers (id, from_account, to_account, member, amount, reason, \
     auction, order_id, at, previous) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], \
     $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[])";

pub(super) const WALLETS: &str = "UPDATE wallets AS w SET available = new.available, held = new.held, \
     version = new.version, last_transfer = new.last_transfer \
     FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) \
     AS new (member, available, held, version, last_transfer) \
     CROSS JOIN LATERAL (SELECT ctid AS place FROM wallets WHERE member >= new.member AND member <= new.member \
     ORDER BY member DESC LIMIT 1) AS found \
     WHERE w.ctid = found.place AND w.member = new.member AND w.version < new.version";

pub(super) const BIDDERS: &str = "INSERT INTO bidders (auction, member, number, commitment, hold) \
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) \
     ON CONFLICT (auction, member) DO UPDATE SET commitment = excluded.commitment, hold = excluded.hold";

pub(super) const EVENTS: &str = "INSERT INTO events (auction, seq, kind, at, actor, actor_number, amount, price, \
     minimum, bid_count, leader, leader_number, ends_at, outcome, reason, cause) \
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], \
     $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], \
     $14::bigint[], $15::text[], $16::bigint[])";

pub(super) const KEYS: &str = "INSERT INTO keys (key, member, fingerprint, auction, seq, order_id, transfer, at) \
     SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], \
     $7::bigint[], $8::bigint[])";

pub(super) const ARM: &str = "INSERT INTO deadlines (auction, at) SELECT * FROM unnest($1::bigint[], $2::bigint[]) \
     ON CONFLICT (auction) DO UPDATE SET at = excluded.at";

pub(super) const DISARM: &str = "DELETE FROM deadlines WHERE auction = ANY($1)";

pub(super) const HEADS: &str = "INSERT INTO rounds (at, heads, wallets) VALUES ($1, $2, $3)";

/// One column of these rows, as the array that a statement unnests.
fn column<'a, R, T>(rows: &'a [R], value: impl FnMut(&'a R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

fn cause_number(cause: ExtensionCause) -> i64 {
    match cause {
        ExtensionCause::Outage => 0,
    }
}
