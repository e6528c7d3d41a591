//! Sales: the transfers of one order stand together, and pay its price in full.

use ledger::{Money, PartsPerMillion, Reason};
use rusqlite::{Connection, OptionalExtension, Result, Row};

use super::checks::{Check, Findings};
use super::money::{ESCROW, Moving};
use super::order;

/// Looks at the orders one after another, as their transfers come.
pub(super) struct Sales {
    order: order::Order,
    open: Option<Sale>,
    /// The place of the newest order that was looked at.
    last: i64,
    escrow: i128,
}

/// What the transfers of one order say.
#[derive(Default)]
struct Sale {
    order: i64,
    auction: Option<i64>,
    paid: Side,
    payout: Side,
    fee: Side,
    /// Whether it holds something that belongs to no sale.
    has_others: bool,
}

/// What moved for one reason.
#[derive(Default, PartialEq, Eq)]
struct Side {
    transfers: u32,
    member: Option<i64>,
    amount: i128,
}

/// An order as it stands in its row, with its auction's fee rate.
struct Order {
    auction: i64,
    buyer: i64,
    seller: i64,
    price: i64,
    fee_rate: Option<i64>,
}

impl Sales {
    /// Before the first transfer.
    pub(super) fn new(order: order::Order) -> Sales {
        Sales { order, open: None, last: 0, escrow: 0 }
    }

    /// Takes in the next transfer; if it begins something else, the order before it is complete.
    pub(super) fn take(
        &mut self,
        connection: &Connection,
        moving: &Moving,
        findings: &mut Findings,
    ) -> Result<()> {
        if self.open.as_ref().is_some_and(|sale| moving.order != Some(sale.order)) {
            self.close(connection, findings)?;
        }
        let escrow = i128::from(moving.to == ESCROW) - i128::from(moving.from == ESCROW);
        self.escrow += escrow * i128::from(moving.amount);
        if let Some(order) = moving.order {
            let sale = || Sale { order, auction: moving.auction, ..Sale::default() };
            self.open.get_or_insert_with(sale).take(moving);
        }
        Ok(())
    }

    /// Every transfer kept so far was taken in, and an order is kept whole: the last one is complete too.
    pub(super) fn finish(&mut self, connection: &Connection, findings: &mut Findings) -> Result<()> {
        if self.open.is_some() {
            self.close(connection, findings)?;
        }
        self.without_transfers(connection, i64::MAX, findings)
    }

    fn close(&mut self, connection: &Connection, findings: &mut Findings) -> Result<()> {
        let Some(sale) = self.open.take() else { return Ok(()) };
        let id = sale.order;
        findings.expect(Check::EscrowIsOpenOrders, self.escrow == 0, || {
            format!("escrow holds {} after order {id}, and no order is open", self.escrow)
        });
        // What is left once is said once.
        self.escrow = 0;
        let place = self.order.place_of_order(connection, id)?;
        if place <= self.last {
            findings.wrong(Check::SalesArePaidInFull, || format!("order {id}: its transfers stand apart"));
            return Ok(());
        }
        self.without_transfers(connection, place, findings)?;
        let fault = match Order::read(connection, id)? {
            Some(order) => sale.fault(&order),
            None => Some("there is no such order"),
        };
        findings.expect(Check::SalesArePaidInFull, fault.is_none(), || {
            format!("order {id}: {}", fault.unwrap_or_default())
        });
        Ok(())
    }

    /// Orders before this place that no transfer paid.
    fn without_transfers(
        &mut self,
        connection: &Connection,
        before: i64,
        findings: &mut Findings,
    ) -> Result<()> {
        let mut statement = connection.prepare_cached(self.order.orders())?;
        let mut rows = statement.query((self.last, before))?;
        while let Some(row) = rows.next()? {
            self.last = row.get(0)?;
            let id: i64 = row.get(1)?;
            findings.expect(Check::SalesArePaidInFull, false, || format!("order {id}: nobody paid"));
        }
        if before < i64::MAX {
            self.last = before;
        }
        Ok(())
    }
}

impl Sale {
    fn take(&mut self, moving: &Moving) {
        self.has_others |= moving.auction != self.auction;
        let side = if moving.is_for(Reason::Purchase) {
            &mut self.paid
        } else if moving.is_for(Reason::Payout) {
            &mut self.payout
        } else if moving.is_for(Reason::Fee) {
            &mut self.fee
        } else {
            self.has_others |= !moving.is_for(Reason::BidRelease);
            return;
        };
        side.transfers += 1;
        side.member = moving.member;
        side.amount += i128::from(moving.amount);
    }

    /// What is wrong with it, if anything.
    fn fault(&self, order: &Order) -> Option<&'static str> {
        let rate = order.fee_rate.and_then(PartsPerMillion::new);
        let Some((price, rate)) = Money::new(order.price).zip(rate) else {
            return Some("it has no price, or no auction with a fee rate");
        };
        let fee = i128::from(rate.of(price).won());
        let price = i128::from(price.won());
        if self.has_others || self.auction != Some(order.auction) {
            return Some("its transfers are not all for its auction");
        }
        if self.paid != Side::of(order.buyer, price) {
            return Some("its buyer did not pay its price, once");
        }
        if self.fee != (Side { member: None, ..Side::of(0, fee) }) {
            return Some("the fee is not what the listed rate makes of the price");
        }
        (self.payout != Side::of(order.seller, price - fee))
            .then_some("its seller was not paid the rest, once")
    }
}

impl Side {
    /// One transfer of this amount, or none at all of nothing.
    fn of(member: i64, amount: i128) -> Side {
        match amount {
            0 => Side::default(),
            _ => Side { transfers: 1, member: Some(member), amount },
        }
    }
}

impl Order {
    fn read(connection: &Connection, id: i64) -> Result<Option<Order>> {
        let sql = "SELECT o.auction, o.buyer, o.seller, o.price, a.fee_rate \
                   FROM orders o LEFT JOIN auctions a ON a.id = o.auction WHERE o.id = ?1";
        let order = |row: &Row<'_>| {
            Ok(Order {
                auction: row.get(0)?,
                buyer: row.get(1)?,
                seller: row.get(2)?,
                price: row.get(3)?,
                fee_rate: row.get(4)?,
            })
        };
        connection.prepare_cached(sql)?.query_row([id], order).optional()
    }
}
