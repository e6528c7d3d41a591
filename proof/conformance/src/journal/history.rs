//! History: all that a store keeps besides what stands, read back whole.

use auction::{AuctionId, Event, Item, Mark, Offer, Order, OrderId, OrderStep, Seq};
use ledger::MemberId;
use store::memory::Market;
use store::records::{EVENTS_MAX, Page, Paged};
use store::{Act, Debt, NewTransfer, Records, Result, Withdrawal};

/// What a store has kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// By auction and number.
    pub events: Vec<Event>,
    /// By number.
    pub transfers: Vec<NewTransfer>,
    /// Of each auction, what is sold.
    pub items: Vec<(AuctionId, Item)>,
    /// By number.
    pub orders: Vec<Order>,
    /// By order and number.
    pub steps: Vec<OrderStep>,
    /// By auction and number.
    pub offers: Vec<Offer>,
    /// In order.
    pub marks: Vec<Mark>,
    /// By number.
    pub withdrawals: Vec<Withdrawal>,
    /// Those of which something is missing, by the numbers of their deposits.
    pub debts: Vec<Debt>,
    /// In order.
    pub acts: Vec<Act>,
}

impl History {
    /// What the memory model keeps.
    pub fn of(market: &Market) -> History {
        History {
            events: market.events.values().cloned().collect(),
            transfers: market.transfers.values().copied().collect(),
            items: market
                .auctions
                .values()
                .filter_map(|one| Some((one.id, market.item_of(one)?.clone())))
                .collect(),
            orders: market.orders.values().cloned().collect(),
            steps: market.steps.values().cloned().collect(),
            offers: market.offers.values().copied().collect(),
            marks: market.marks.clone(),
            withdrawals: market.withdrawals.values().cloned().collect(),
            debts: market.debts.values().filter(|debt| !debt.missing.is_zero()).cloned().collect(),
            acts: market.acts.clone(),
        }
    }

    /// What a store shows by the web's door; transfers and marks, which no list there shows whole, are read by the caller.
    ///
    /// # Errors
    /// As the store says.
    pub async fn shown(
        records: &dyn Records,
        transfers: Vec<NewTransfer>,
        marks: Vec<Mark>,
        numbers: Numbers,
    ) -> Result<History> {
        let mut history = History { transfers, marks, ..History::default() };
        for auction in numbers.auctions {
            let Some(row) = records.auction(auction).await? else { continue };
            history.items.push((auction, row.item));
            let mut since = Seq(0);
            while since < row.auction.seq {
                history.events.extend(records.events(auction, since, EVENTS_MAX).await?);
                since = history.events.last().map_or(row.auction.seq, |event| event.seq);
            }
            history.offers.extend(records.aftermath(auction).await?.offers);
        }
        for order in numbers.orders {
            let Some(page) = records.order(order).await? else { continue };
            history.orders.push(page.order);
            history.steps.extend(page.steps);
        }
        for member in (1..=numbers.members).map(MemberId) {
            history.withdrawals.extend(all(async |page| records.withdrawals(member, page).await).await?);
        }
        history.withdrawals.sort_by_key(|withdrawal| withdrawal.id);
        history.debts = all(async |page| records.debts(page).await).await?;
        history.acts = all(async |page| records.acts(None, page).await).await?;
        history.acts.reverse();
        Ok(history)
    }
}

/// Which rows there are.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    /// Every auction.
    pub auctions: Vec<AuctionId>,
    /// Every order.
    pub orders: Vec<OrderId>,
    /// How many members.
    pub members: i64,
}

/// All rows of a list.
async fn all<T>(list: impl AsyncFn(Page) -> Result<Paged<T>>) -> Result<Vec<T>> {
    let (mut rows, mut cursor) = (Vec::new(), None);
    loop {
        let page = list(Page { cursor, limit: 100 }).await?;
        rows.extend(page.items);
        match page.next {
            Some(next) => cursor = Some(next),
            None => return Ok(rows),
        }
    }
}
