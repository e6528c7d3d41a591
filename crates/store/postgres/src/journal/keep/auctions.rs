//! Keeping items and auctions. What a bid changes of an auction is written by a lean statement; the few commands that
//! change more have one of their own.

use auction::{Auction, AuctionId, Condition, Increments, Item, Outcome, Seq, ShippingPayer, Status};
use ledger::Money;

use super::{Result, Values, Writer, column};
use crate::rows::number_of;

/// What bids never change of an auction, as far as it says whether anything else of it has changed: every edit raises the
/// terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::journal) struct Rare {
    terms: i64,
    reserve: Option<Money>,
    seller_extensions: i64,
    afresh: Seq,
    seller_took_back: bool,
    followed_by: Option<AuctionId>,
}

impl Rare {
    pub(in crate::journal) fn of(auction: &Auction) -> Rare {
        let Auction { terms, reserve, seller_extensions, afresh, seller_took_back, followed_by, .. } =
            *auction;
        Rare { terms, reserve, seller_extensions, afresh, seller_took_back, followed_by }
    }
}

type Changed<'a> = (Seq, &'a Auction);

impl Writer<'_> {
    /// Items with their pictures, and auctions that are new.
    pub(super) async fn goods(&self) -> Result<()> {
        let round = self.round;
        if round.listed.is_empty() && round.relisted.is_empty() && round.items.is_empty() {
            return Ok(());
        }
        let (new, edited, history, listed, pictures) = tokio::join!(
            biased;
            self.items(),
            Box::pin(self.edited_items()),
            Box::pin(self.history()),
            Box::pin(self.listed()),
            Box::pin(self.pictures())
        );
        new?;
        edited?;
        history?;
        listed?;
        pictures
    }

    async fn items(&self) -> Result<()> {
        let new = column(&self.round.listed, |(id, item, _)| (*id, item));
        if new.is_empty() {
            return Ok(());
        }
        let at = column(&new, |_| self.round.now.0);
        let ids = column(&new, |(id, _)| id.0);
        let item = ItemColumns::of(new.iter().map(|(_, item)| *item));
        let sellers = column(&new, |(_, item)| item.seller.0);
        let values: Values<'_> = &[
            &ids,
            &sellers,
            &item.titles,
            &item.descriptions,
            &item.categories,
            &item.conditions,
            &item.shipping_payers,
            &item.regions,
            &item.nationwide,
            &at,
        ];
        self.line.change(ITEMS, values, new.len(), "a new item").await
    }

    async fn edited_items(&self) -> Result<()> {
        let edited = column(&self.round.items, |(id, item)| (*id, item));
        if edited.is_empty() {
            return Ok(());
        }
        let ids = column(&edited, |(id, _)| id.0);
        let item = ItemColumns::of(edited.iter().map(|(_, item)| *item));
        let values: Values<'_> = &[
            &ids,
            &item.titles,
            &item.descriptions,
            &item.categories,
            &item.conditions,
            &item.shipping_payers,
            &item.regions,
            &item.nationwide,
        ];
        self.line.change(EDITED_ITEMS, values, edited.len(), "an item that is there").await
    }

    /// The words that auctions keep whose items are auctioned again.
    async fn history(&self) -> Result<()> {
        let kept = &self.round.history;
        if kept.is_empty() {
            return Ok(());
        }
        let item = ItemColumns::of(kept.iter().map(|(_, words)| words));
        let values: Values<'_> = &[
            &column(kept, |(auction, _)| auction.0),
            &item.titles,
            &item.descriptions,
            &item.categories,
            &item.conditions,
            &item.shipping_payers,
            &item.regions,
            &item.nationwide,
        ];
        self.line.change(HISTORY, values, kept.len(), "the words of an auction").await
    }

    async fn listed(&self) -> Result<()> {
        let listed = self.round.listed.iter().map(|(_, _, auction)| auction);
        let new: Vec<&Auction> = listed.chain(&self.round.relisted).collect();
        if new.is_empty() {
            return Ok(());
        }
        let values: Values<'_> = &[
            &column(&new, |auction| auction.id.0),
            &column(&new, |auction| auction.item.0),
            &column(&new, |auction| auction.seller.0),
            &column(&new, |auction| auction.seq.0),
            &column(&new, |auction| auction.terms),
            &column(&new, |auction| number_of(&Status::ALL, &auction.status)),
            &column(&new, |auction| auction.start.won()),
            &column(&new, |auction| unit(auction)),
            &column(&new, |auction| ladder(auction)),
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
            &column(&new, |auction| auction.reserve.map(Money::won)),
        ];
        self.line.change(LISTED, values, new.len(), "a new auction").await
    }

    /// Auctions that were there before: of most only what bids change is written.
    pub(super) async fn auctions(&self) -> Result<()> {
        let is_rare = |(_, auction): &Changed<'_>| self.rare.get(&auction.id) != Some(&Rare::of(auction));
        let changed = self.round.auctions.iter().map(|(before, auction)| (*before, auction));
        let (edited, bid_on): (Vec<Changed<'_>>, Vec<Changed<'_>>) = changed.partition(is_rare);
        let edited = async {
            match edited.is_empty() {
                true => Ok(()),
                false => Box::pin(self.edited(&edited)).await,
            }
        };
        let (bid_on, edited) = tokio::join!(biased; self.bid_on(&bid_on), edited);
        bid_on.and(edited)
    }

    async fn bid_on(&self, changed: &[Changed<'_>]) -> Result<()> {
        if changed.is_empty() {
            return Ok(());
        }
        let leaders = column(changed, |(_, auction)| auction.leader);
        let values: Values<'_> = &[
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
            &column(&leaders, |leader| leader.map_or(0, |leader| leader.since.0)),
            &column(changed, |(_, auction)| auction.bid_count),
            &column(changed, |(_, auction)| auction.bidders),
            &column(changed, |(_, auction)| auction.newest.0),
        ];
        self.line.change(AUCTIONS, values, changed.len(), AS_LOCKED).await
    }

    /// All at once, for the price must fit the start price at every moment.
    async fn edited(&self, changed: &[Changed<'_>]) -> Result<()> {
        let leaders = column(changed, |(_, auction)| auction.leader);
        let values: Values<'_> = &[
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
            &column(&leaders, |leader| leader.map_or(0, |leader| leader.since.0)),
            &column(changed, |(_, auction)| auction.bid_count),
            &column(changed, |(_, auction)| auction.bidders),
            &column(changed, |(_, auction)| auction.newest.0),
            &column(changed, |(_, auction)| auction.terms),
            &column(changed, |(_, auction)| auction.start.won()),
            &column(changed, |(_, auction)| unit(auction)),
            &column(changed, |(_, auction)| ladder(auction)),
            &column(changed, |(_, auction)| auction.buy_now.map(Money::won)),
            &column(changed, |(_, auction)| auction.fee_rate.parts()),
            &column(changed, |(_, auction)| auction.minimum_duration.0),
            &column(changed, |(_, auction)| auction.soft_close.0),
            &column(changed, |(_, auction)| auction.starts_at.0),
            &column(changed, |(_, auction)| auction.listed_end.0),
            &column(changed, |(_, auction)| auction.reserve.map(Money::won)),
            &column(changed, |(_, auction)| auction.seller_extensions),
            &column(changed, |(_, auction)| auction.afresh.0),
            &column(changed, |(_, auction)| auction.seller_took_back),
            &column(changed, |(_, auction)| auction.followed_by.map(|next| next.0)),
            &column(changed, |(_, auction)| auction.notes),
        ];
        self.line.change(EDITED, values, changed.len(), AS_LOCKED).await
    }
}

const AS_LOCKED: &str = "an auction as it was locked";

/// Items as the columns in which statements take them.
struct ItemColumns<'a> {
    titles: Vec<&'a str>,
    descriptions: Vec<&'a str>,
    categories: Vec<Option<i64>>,
    conditions: Vec<Option<i64>>,
    shipping_payers: Vec<Option<i64>>,
    regions: Vec<Option<i64>>,
    nationwide: Vec<bool>,
}

impl<'a> ItemColumns<'a> {
    fn of(items: impl Iterator<Item = &'a Item> + Clone) -> ItemColumns<'a> {
        let condition = |item: &Item| item.condition.map(|one| number_of(&Condition::ALL, &one));
        let payer = |item: &Item| item.shipping_payer.map(|one| number_of(&ShippingPayer::ALL, &one));
        ItemColumns {
            titles: items.clone().map(|item| item.title.as_str()).collect(),
            descriptions: items.clone().map(|item| item.description.as_str()).collect(),
            categories: items.clone().map(|item| item.category).collect(),
            conditions: items.clone().map(condition).collect(),
            shipping_payers: items.clone().map(payer).collect(),
            regions: items.clone().map(|item| item.region).collect(),
            nationwide: items.map(|item| item.nationwide).collect(),
        }
    }
}

fn unit(auction: &Auction) -> Option<i64> {
    match &auction.increments {
        Increments::Unit(unit) => Some(unit.won()),
        Increments::Ladder(_) => None,
    }
}

fn ladder(auction: &Auction) -> Option<String> {
    match &auction.increments {
        Increments::Unit(_) => None,
        Increments::Ladder(ladder) => Some(ladder.to_string()),
    }
}

pub(in crate::journal) const ITEMS: &str = "INSERT INTO items (id, seller, title, description, category, condition, \
     shipping_payer, region, nationwide, created_at) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], \
     $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::boolean[], $10::bigint[])";

/// Whose they are, they stay.
pub(in crate::journal) const EDITED_ITEMS: &str = "UPDATE items AS i SET title = new.title, \
     description = new.description, category = new.category, condition = new.condition, \
     shipping_payer = new.shipping_payer, region = new.region, nationwide = new.nationwide \
     FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], \
     $8::boolean[]) AS new (id, title, description, category, condition, shipping_payer, region, nationwide) \
     WHERE i.id = new.id";

pub(in crate::journal) const HISTORY: &str = "INSERT INTO item_history (auction, title, description, category, \
     condition, shipping_payer, region, nationwide) SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], \
     $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::boolean[])";

pub(in crate::journal) const LISTED: &str = "INSERT INTO auctions (id, item, seller, seq, terms, status, start_price, \
     bid_unit, ladder, buy_now, fee_rate, minimum_duration, soft_close, starts_at, listed_end, ends_at, latest, price, \
     newest, reserve, extensions, bid_count, bidders) SELECT new.*, 0, 0, 0 FROM unnest($1::bigint[], $2::bigint[], \
     $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::text[], $10::bigint[], \
     $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], \
     $18::bigint[], $19::bigint[], $20::bigint[]) AS new";

// Auctions and wallets are found as they were locked, newest version first (load.rs), and then taken by their place: it is
// ours until the end, as the row is locked.
pub(in crate::journal) const AUCTIONS: &str = "UPDATE auctions AS a SET seq = new.seq, status = new.status, \
     outcome = new.outcome, ends_at = new.ends_at, latest = new.latest, extensions = new.extensions, \
     outage = new.outage, price = new.price, leader = new.leader, leader_number = new.leader_number, \
     commitment = new.commitment, leader_since = new.leader_since, bid_count = new.bid_count, \
     bidders = new.bidders, newest = new.newest \
     FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], \
     $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], \
     $15::bigint[], $16::bigint[], $17::bigint[]) AS new (id, before, seq, status, outcome, ends_at, latest, \
     extensions, outage, price, leader, leader_number, commitment, leader_since, bid_count, bidders, newest) \
     CROSS JOIN LATERAL (SELECT ctid AS place \
     FROM auctions WHERE id >= new.id AND id <= new.id ORDER BY id DESC LIMIT 1) AS found \
     WHERE a.ctid = found.place AND a.id = new.id AND a.seq = new.before";

/// The same with all that an edit or the seller's other commands change.
pub(in crate::journal) const EDITED: &str = "UPDATE auctions AS a SET seq = new.seq, status = new.status, \
     outcome = new.outcome, ends_at = new.ends_at, latest = new.latest, extensions = new.extensions, \
     outage = new.outage, price = new.price, leader = new.leader, leader_number = new.leader_number, \
     commitment = new.commitment, leader_since = new.leader_since, bid_count = new.bid_count, \
     bidders = new.bidders, newest = new.newest, terms = new.terms, start_price = new.start_price, \
     bid_unit = new.bid_unit, ladder = new.ladder, buy_now = new.buy_now, fee_rate = new.fee_rate, \
     minimum_duration = new.minimum_duration, soft_close = new.soft_close, starts_at = new.starts_at, \
     listed_end = new.listed_end, reserve = new.reserve, seller_extensions = new.seller_extensions, \
     afresh = new.afresh, seller_took_back = new.seller_took_back, followed_by = new.followed_by, notes = new.notes \
     FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], \
     $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], \
     $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[], $20::bigint[], $21::text[], \
     $22::bigint[], $23::bigint[], $24::bigint[], $25::bigint[], $26::bigint[], $27::bigint[], $28::bigint[], \
     $29::bigint[], $30::bigint[], $31::boolean[], $32::bigint[], $33::bigint[]) AS new (id, before, seq, status, outcome, ends_at, \
     latest, extensions, outage, price, leader, leader_number, commitment, leader_since, bid_count, bidders, newest, \
     terms, start_price, bid_unit, ladder, buy_now, fee_rate, minimum_duration, soft_close, starts_at, listed_end, \
     reserve, seller_extensions, afresh, seller_took_back, followed_by, notes) \
     CROSS JOIN LATERAL (SELECT ctid AS place \
     FROM auctions WHERE id >= new.id AND id <= new.id ORDER BY id DESC LIMIT 1) AS found \
     WHERE a.ctid = found.place AND a.id = new.id AND a.seq = new.before";
