//! Places: in which order transfers and orders came, where numbers do not say.
//!
//! Each lane gives out numbers of its own, and times may be alike, or fall back with a clock that was set back. What is
//! certain is what each transfer names as the one before it of its member, that the transfers of one order and one time
//! were kept together, and that nobody takes from escrow, fees and payable what is not there. So they are gone through by
//! time, one order's at once, and whatever comes too early waits: for its member's transfer before it, for its order to be
//! paid, or for the house to have as much. Fees that were taken out and withdrawals that were paid out are in nobody's
//! chain, so that nothing else says what came before them. What waits for nothing that ever comes gets its place
//! nevertheless: the audit then says what is wrong with it.
//!
//! The last place is the largest number there is, so that whatever a single lane adds later, as in a store that was
//! imported, has its place by its own number.
//!
//! Memory: about 40 bytes for each member with money and for each open order, and what waits, of which there is little in
//! a sound store.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use ledger::Account;
use rusqlite::{Connection, Result, Row, Transaction};

use crate::rows::account_number;

/// How much may wait; beyond that something waits no longer.
const WAITING_MAX: usize = 1_000_000;

const TABLES: &str = "DROP TABLE IF EXISTS transfer_places; DROP TABLE IF EXISTS order_places; \
     CREATE TABLE transfer_places (place INTEGER PRIMARY KEY, id INTEGER NOT NULL) STRICT; \
     CREATE TABLE order_places (place INTEGER PRIMARY KEY, id INTEGER NOT NULL UNIQUE) STRICT";

/// A transfer, as far as its place depends on it.
struct Step {
    id: i64,
    at: i64,
    order: Option<i64>,
    member: Option<i64>,
    previous: i64,
    from: i64,
    to: i64,
    amount: i64,
}

/// One transfer, or all of one order and one time.
type Group = Vec<Step>;

/// What a group may wait for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Awaited {
    /// The transfer of this number, the one before in its member's chain.
    Transfer(i64),
    /// That this order is paid.
    Order(i64),
    /// That fees were earned.
    Fees,
    /// That a member asked for money to be paid out.
    Payable,
}

/// What waits, by whether it waits for the house, and then by when it came.
type Ticket = (bool, u64);

/// How far the transfers have got their places.
struct Queue<'a> {
    connection: &'a Connection,
    /// The newest transfer of each member that has its place.
    newest: HashMap<i64, i64>,
    /// What escrow holds for each order, where it holds anything.
    escrow: HashMap<i64, i64>,
    fees: i64,
    payable: i64,
    waiting: BTreeMap<Ticket, Group>,
    /// Who waits for what, in the order in which they came.
    waits_for: HashMap<Awaited, Vec<Ticket>>,
    /// In which of what waits each transfer is.
    waiting_in: HashMap<i64, Ticket>,
    came: u64,
}

/// Gives every transfer and every order its place.
pub(super) fn fill(connection: &mut Connection) -> Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    give(&transaction)?;
    let rest = "INSERT INTO order_places (id) SELECT id FROM orders \
                WHERE id NOT IN (SELECT id FROM order_places) ORDER BY id";
    transaction.execute(rest, [])?;
    for (places, rows) in [("transfer_places", "transfers"), ("order_places", "orders")] {
        let sql = format!(
            "UPDATE {places} SET place = (SELECT max(id) FROM {rows}) WHERE place = (SELECT max(place) FROM {places}) \
             AND place < (SELECT max(id) FROM {rows})"
        );
        transaction.execute(&sql, [])?;
    }
    transaction.commit()
}

/// Whether the numbers do not say in which order transfers and orders came.
pub(super) fn are_needed(connection: &Connection) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM transfers WHERE previous > id) OR EXISTS (SELECT 1 FROM ( \
               SELECT first, lag(first) OVER (ORDER BY order_id) AS before FROM ( \
               SELECT order_id, min(id) AS first FROM transfers WHERE order_id IS NOT NULL GROUP BY order_id)) \
               WHERE first < before)";
    Ok(connection.query_row(sql, [], |row| row.get(0))? || house_falls_by_number(connection)?)
}

/// Whether the house, by the numbers, gave what it had not, and those are numbers of several lanes: they leap, or times
/// fall. Numbers of one lane do say what came first, so that there the house is at fault and the audit must say so.
fn house_falls_by_number(connection: &Connection) -> Result<bool> {
    let mut statement =
        connection.prepare("SELECT id, at, from_account, to_account, amount FROM transfers ORDER BY id")?;
    let mut rows = statement.query([])?;
    let house = [Account::Cash, Account::Escrow, Account::Fees, Account::Payable].map(account_number);
    let (mut balances, mut last) = ([0_i128; 4], None);
    let (mut are_of_lanes, mut falls) = (false, false);
    while let Some(row) = rows.next()? {
        let (id, at): (i64, i64) = (row.get(0)?, row.get(1)?);
        let (from, to, amount): (i64, i64, i64) = (row.get(2)?, row.get(3)?, row.get(4)?);
        are_of_lanes |= last.is_some_and(|(before, then)| id > before + 1 || at < then);
        last = Some((id, at));
        for (account, balance) in house.iter().zip(&mut balances) {
            *balance += i128::from(amount) * (i128::from(to == *account) - i128::from(from == *account));
        }
        let [cash, rest @ ..] = balances;
        falls |= cash > 0 || rest.iter().any(|balance| *balance < 0);
        if are_of_lanes && falls {
            return Ok(true);
        }
    }
    Ok(false)
}

fn give(transaction: &Transaction<'_>) -> Result<()> {
    let mut queue = Queue {
        connection: transaction,
        newest: HashMap::new(),
        escrow: HashMap::new(),
        fees: 0,
        payable: 0,
        waiting: BTreeMap::new(),
        waits_for: HashMap::new(),
        waiting_in: HashMap::new(),
        came: 0,
    };
    let sql = "SELECT id, at, order_id, member, coalesce(previous, 0), from_account, to_account, amount \
               FROM transfers ORDER BY at, order_id, id";
    let mut statement = transaction.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut group = Group::new();
    while let Some(row) = rows.next()? {
        let step = Step::read(row)?;
        let goes_on = group
            .last()
            .is_some_and(|last| step.order.is_some() && (last.order, last.at) == (step.order, step.at));
        if !goes_on {
            queue.offer(std::mem::take(&mut group))?;
        }
        group.push(step);
    }
    queue.offer(group)?;
    while queue.force_one()? {}
    Ok(())
}

impl Step {
    fn read(row: &Row<'_>) -> Result<Step> {
        Ok(Step {
            id: row.get(0)?,
            at: row.get(1)?,
            order: row.get(2)?,
            member: row.get(3)?,
            previous: row.get(4)?,
            from: row.get(5)?,
            to: row.get(6)?,
            amount: row.get(7)?,
        })
    }

    /// By how much it changes what this account of the house holds.
    fn change(&self, account: Account) -> i64 {
        let account = account_number(account);
        match (self.from == account, self.to == account) {
            (true, false) => self.amount.saturating_neg(),
            (false, true) => self.amount,
            _ => 0,
        }
    }
}

impl Awaited {
    fn is_of_the_house(self) -> bool {
        matches!(self, Awaited::Fees | Awaited::Payable)
    }
}

impl Queue<'_> {
    /// Gives a group its place, and then whoever waited for it; or lets it wait.
    fn offer(&mut self, group: Group) -> Result<()> {
        match self.awaited(&group) {
            None => self.place(group)?,
            Some(awaited) => self.let_wait(group, awaited),
        }
        if self.waiting.len() > WAITING_MAX {
            self.force_one()?;
        }
        Ok(())
    }

    fn let_wait(&mut self, group: Group, awaited: Awaited) {
        self.came += 1;
        let ticket = (awaited.is_of_the_house(), self.came);
        self.waits_for.entry(awaited).or_default().push(ticket);
        self.waiting_in.extend(group.iter().map(|step| (step.id, ticket)));
        self.waiting.insert(ticket, group);
    }

    /// What must come before this group and has not, if anything.
    fn awaited(&self, group: &[Step]) -> Option<Awaited> {
        let falls = |held: i64, account: Account| {
            let change = group.iter().fold(0_i64, |sum, step| sum.saturating_add(step.change(account)));
            change < 0 && held.saturating_add(change) < 0
        };
        let order = group.first().and_then(|step| step.order);
        let unpaid = || {
            let order = order?;
            let held = self.escrow.get(&order).copied().unwrap_or_default();
            falls(held, Account::Escrow).then_some(Awaited::Order(order))
        };
        let transfer = self.awaited_transfers(group).next().map(Awaited::Transfer);
        transfer
            .or_else(unpaid)
            .or_else(|| falls(self.fees, Account::Fees).then_some(Awaited::Fees))
            .or_else(|| falls(self.payable, Account::Payable).then_some(Awaited::Payable))
    }

    /// The transfers that must come before this group and have not.
    fn awaited_transfers(&self, group: &[Step]) -> impl Iterator<Item = i64> {
        group.iter().enumerate().filter_map(|(at, step)| {
            let member = step.member?;
            let is_first = group.iter().take(at).all(|earlier| earlier.member != Some(member));
            let newest = self.newest.get(&member).copied().unwrap_or_default();
            (is_first && step.previous != newest).then_some(step.previous)
        })
    }

    /// Gives a group its place, and then whoever waited for it.
    fn place(&mut self, group: Group) -> Result<()> {
        let mut come = self.write(&group)?;
        while let Some(awaited) = come.pop() {
            let tickets = self.waits_for.remove(&awaited).unwrap_or_default();
            for ticket in tickets {
                let Some(group) = self.waiting.remove(&ticket) else { continue };
                match self.awaited(&group) {
                    None => come.extend(self.write(&group)?),
                    Some(other) if other.is_of_the_house() == ticket.0 => {
                        self.waits_for.entry(other).or_default().push(ticket);
                        self.waiting.insert(ticket, group);
                    }
                    Some(other) => self.let_wait(group, other),
                }
            }
        }
        Ok(())
    }

    /// Lets one wait no longer, if any waits: one that awaits nothing that waits itself, so that what is wrong with one
    /// chain is not told of others; and what waits for the house last, as any of the others may bring it.
    fn force_one(&mut self) -> Result<bool> {
        let Some(mut ticket) = self.waiting.keys().next().copied() else { return Ok(false) };
        // Where they wait for each other in a circle, any will do.
        for _ in 0..self.waiting.len() {
            let group = self.waiting.get(&ticket).map(Vec::as_slice).unwrap_or_default();
            let Some(earlier) = self.awaited_transfers(group).find_map(|id| self.waiting_in.get(&id)) else {
                break;
            };
            ticket = *earlier;
        }
        let group = self.waiting.remove(&ticket).unwrap_or_default();
        self.place(group)?;
        Ok(true)
    }

    /// Writes down the next places; what has come with them.
    fn write(&mut self, group: &[Step]) -> Result<Vec<Awaited>> {
        let mut come = Vec::new();
        for step in group {
            self.waiting_in.remove(&step.id);
            let sql = "INSERT INTO transfer_places (id) VALUES (?1)";
            self.connection.prepare_cached(sql)?.execute([step.id])?;
            if let Some(order) = step.order {
                let sql = "INSERT OR IGNORE INTO order_places (id) VALUES (?1)";
                self.connection.prepare_cached(sql)?.execute([order])?;
                let held = self.escrow.remove(&order).unwrap_or_default();
                let held = held.saturating_add(step.change(Account::Escrow));
                if held != 0 {
                    self.escrow.insert(order, held);
                }
            }
            if let Some(member) = step.member {
                self.newest.insert(member, step.id);
            }
            let (fees, payable) = (step.change(Account::Fees), step.change(Account::Payable));
            self.fees = self.fees.saturating_add(fees);
            self.payable = self.payable.saturating_add(payable);
            let order = step.order.filter(|_| step.change(Account::Escrow) > 0);
            come.push(Awaited::Transfer(step.id));
            come.extend(order.map(Awaited::Order));
            come.extend((fees > 0).then_some(Awaited::Fees));
            come.extend((payable > 0).then_some(Awaited::Payable));
        }
        Ok(come)
    }
}
