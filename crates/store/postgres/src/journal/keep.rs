//! Keeping a round: mostly one statement for each table, its rows as arrays, each row that changes counted. They travel
//! together, and every answer is looked at before COMMIT leaves.

pub(super) mod after;
pub(super) mod auctions;
pub(super) mod pictures;

use std::collections::{BTreeMap, HashMap};

use auction::{AuctionId, EventKind, ExtensionCause, OrderId, Outcome, PriceRule, ReserveStatus, Seq, Time};
use ledger::{MemberId, Money, Reason};
use store::{AnswerKind, Nature, Round};

use self::auctions::Rare;
use super::line::{Line, Values};
use crate::failure::Fault;
use crate::rows::{account_number, number_of, times_bytes};

type Result<T> = std::result::Result<T, Fault>;

/// Writes one round.
pub(super) struct Writer<'a> {
    pub(super) line: &'a Line,
    pub(super) round: &'a Round,
    /// What few commands change, of each auction that was locked, as it stood then.
    pub(super) rare: &'a HashMap<AuctionId, Rare>,
}

pub(super) const BEAT: &str =
    "INSERT INTO heartbeat (id, at) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET at = excluded.at";

/// Writes the heartbeat.
pub(super) async fn beat(line: &Line, at: Time) -> Result<()> {
    line.change(BEAT, &[&at.0], 1, "the heartbeat").await
}

pub(super) const BIND: &str =
    "INSERT INTO nature (name, value) VALUES ('money', $1) ON CONFLICT (name) DO NOTHING";

pub(super) const BOUND: &str = "SELECT value FROM nature WHERE name = 'money'";

/// The first deposit binds a store to its kind of money for ever; it takes no other.
async fn bind_to(line: &Line, money: Nature) -> Result<()> {
    let name = money.name();
    let values: Values<'_> = &[&name];
    let (bound, found) = tokio::join!(biased; line.run(BIND, values), line.rows(BOUND, &[]));
    bound?;
    let held = found?.first().map(|row| row.try_get::<_, String>(0)).transpose()?;
    if held.as_deref() == Some(name) {
        Ok(())
    } else {
        Err(Fault::Row("the store holds another kind of money".to_owned()))
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
        binds: Option<Nature>,
    ) -> Result<()> {
        let previous = self.chain(last_transfers);
        let shared = async {
            let bind = async {
                match binds {
                    Some(money) => bind_to(self.line, money).await,
                    None => Ok(()),
                }
            };
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
            self.goods(),
            self.auctions(),
            self.after(),
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
        kept.10
    }

    /// Each transfer's predecessor in its member's chain.
    fn chain(&self, last_transfers: &mut HashMap<MemberId, i64>) -> Vec<Option<i64>> {
        column(&self.round.transfers, |new| {
            let member = new.transfer.from.member().or(new.transfer.to.member());
            member.and_then(|member| last_transfers.insert(member, new.id.0))
        })
    }

    async fn transfers(&self, previous: &Vec<Option<i64>>) -> Result<()> {
        let new = &self.round.transfers;
        if new.is_empty() {
            return Ok(());
        }
        let values: Values<'_> = &[
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
        let values: Values<'_> = &[
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
        let values: Values<'_> = &[
            &column(changed, |bidder| bidder.auction.0),
            &column(changed, |bidder| bidder.member.0),
            &column(changed, |bidder| bidder.number),
            &column(changed, |bidder| bidder.commitment.won()),
            &column(changed, |bidder| bidder.hold.won()),
            &column(changed, |bidder| bidder.since.0),
            &column(changed, |bidder| bidder.named.won()),
            &column(changed, |bidder| bidder.is_out),
            &column(changed, |bidder| times_bytes(&bidder.vain)),
        ];
        self.line.change(BIDDERS, values, changed.len(), "a bidder's row").await
    }

    async fn events(&self) -> Result<()> {
        let new = &self.round.events;
        if new.is_empty() {
            return Ok(());
        }
        let values: Values<'_> = &[
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
            &column(new, |event| event.cause.map(|one| number_of(&ExtensionCause::ALL, &one))),
            &column(new, |event| number_of(&ReserveStatus::ALL, &event.reserve)),
            &column(new, |event| event.rule.map(|one| number_of(&PriceRule::ALL, &one))),
            &column(new, |event| event.terms),
            &column(new, |event| event.aside.map(|member| member.0)),
        ];
        self.line.change(EVENTS, values, new.len(), "a new event").await
    }

    async fn keys(&self) -> Result<()> {
        let new = &self.round.keys;
        if new.is_empty() {
            return Ok(());
        }
        let values: Values<'_> = &[
            &column(new, |new| &*new.key.text),
            &column(new, |new| new.key.member.0),
            &column(new, |new| new.fingerprint),
            &column(new, |new| new.event.map(|(auction, _)| auction.0)),
            &column(new, |new| new.event.map(|(_, seq)| seq.0)),
            &column(new, |new| new.order.map(|order| order.0)),
            &column(new, |new| new.transfer.map(|transfer| transfer.0)),
            &column(new, |new| new.at.0),
            &column(new, |new| number_of(&AnswerKind::ALL, &new.kind)),
            &column(new, |new| new.step),
            &column(new, |new| new.maximum.map(Money::won)),
            &column(new, |new| new.withdrawal.map(|withdrawal| withdrawal.0)),
            &column(new, |new| new.taken.map(Money::won)),
            &column(new, |new| new.missing.map(Money::won)),
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

    /// The row that followers go by: (auction, seq before, seq after), (member, available, held, version) and (order, seq
    /// before, seq after), little-endian. What nobody can see is none of their business.
    async fn heads(&self) -> Result<()> {
        let listed = self.round.listed.iter().map(|(_, _, auction)| (auction.id, Seq(0), auction.seq));
        let relisted = self.round.relisted.iter().map(|auction| (auction.id, Seq(0), auction.seq));
        let changed = self.round.auctions.iter().map(|(before, auction)| (auction.id, *before, auction.seq));
        let heads: Vec<u8> = listed
            .chain(relisted)
            .chain(changed)
            .filter(|(_, before, after)| before != after)
            .flat_map(|(auction, before, after)| [auction.0, before.0, after.0])
            .flat_map(i64::to_le_bytes)
            .collect();
        let orders = self.round.orders.iter();
        let orders: Vec<u8> = orders
            .map(|(before, order)| (order.id, before.unwrap_or_default(), order.seq))
            .filter(|(_, before, after)| before != after)
            .flat_map(|(OrderId(order), before, after)| [order, before, after])
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
        if heads.is_empty() && wallets.is_empty() && orders.is_empty() {
            return Ok(());
        }
        self.line.change(HEADS, &[&self.round.now.0, &heads, &wallets, &orders], 1, "a round").await
    }
}

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

pub(super) const BIDDERS: &str = "INSERT INTO bidders (auction, member, number, commitment, hold, since, named, \
     is_out, vain) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], \
     $6::bigint[], $7::bigint[], $8::boolean[], $9::bytea[]) \
     ON CONFLICT (auction, member) DO UPDATE SET commitment = excluded.commitment, hold = excluded.hold, \
     since = excluded.since, named = excluded.named, is_out = excluded.is_out, vain = excluded.vain";

pub(super) const EVENTS: &str = "INSERT INTO events (auction, seq, kind, at, actor, actor_number, amount, price, \
     minimum, bid_count, leader, leader_number, ends_at, outcome, reason, cause, reserve, rule, terms, aside) \
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], \
     $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], \
     $14::bigint[], $15::text[], $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[], $20::bigint[])";

pub(super) const KEYS: &str = "INSERT INTO keys (key, member, fingerprint, auction, seq, order_id, transfer, at, kind, \
     step, maximum, withdrawal, taken, missing) SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], \
     $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], \
     $12::bigint[], $13::bigint[], $14::bigint[])";

pub(super) const ARM: &str = "INSERT INTO deadlines (auction, at) SELECT * FROM unnest($1::bigint[], $2::bigint[]) \
     ON CONFLICT (auction) DO UPDATE SET at = excluded.at";

pub(super) const DISARM: &str = "DELETE FROM deadlines WHERE auction = ANY($1)";

pub(super) const HEADS: &str = "INSERT INTO rounds (at, heads, wallets, orders) VALUES ($1, $2, $3, $4)";

/// One column of these rows, as the array that a statement unnests.
fn column<'a, R, T>(rows: &'a [R], value: impl FnMut(&'a R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}
