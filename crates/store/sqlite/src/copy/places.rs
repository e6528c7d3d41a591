//! Places: in which order transfers and orders came, where numbers do not say.
//!
//! Each lane gives out numbers of its own, and times may be alike. What is certain is what each transfer names as the
//! one before it of its member, and that the transfers of one order and one time were kept together: its price, and later
//! what became of it. So they are gone through by time, one order's at once, and whatever comes before its predecessor waits for it. What waits for nothing that ever
//! comes gets its place nevertheless: the audit then says what is wrong with it. Fees that were taken out are in nobody's chain;
//! nobody takes more than there are, so they wait until there are as many.
//!
//! The last place is the largest number there is, so that whatever a single lane adds later, as in a store that was
//! imported, has its place by its own number.
//!
//! Memory: about 40 bytes for each member with money, and what waits, of which there is little in a sound store.

use std::collections::{BTreeMap, HashMap, VecDeque};

use rusqlite::{Connection, Result, Row, Transaction};

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
    /// How it changes what the house's account of fees holds.
    fees: i64,
}

/// One transfer, or all of one order and one time.
type Group = Vec<Step>;

/// How far the transfers have got their places.
struct Queue<'a> {
    connection: &'a Connection,
    /// The newest transfer of each member that has its place.
    newest: HashMap<i64, i64>,
    /// What waits, by when it came.
    waiting: BTreeMap<u64, Group>,
    /// Who waits for a transfer.
    waits_for: HashMap<i64, Vec<u64>>,
    /// In which of what waits each transfer is.
    waiting_in: HashMap<i64, u64>,
    came: u64,
    /// What the house's account of fees holds.
    fees: i64,
    /// Fees that were taken out before there were as many.
    unearned: VecDeque<Step>,
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
    connection.query_row(sql, [], |row| row.get(0))
}

fn give(transaction: &Transaction<'_>) -> Result<()> {
    let mut queue = Queue {
        connection: transaction,
        newest: HashMap::new(),
        waiting: BTreeMap::new(),
        waits_for: HashMap::new(),
        waiting_in: HashMap::new(),
        came: 0,
        fees: 0,
        unearned: VecDeque::new(),
    };
    let sql = "SELECT id, at, order_id, member, coalesce(previous, 0), \
               CASE WHEN to_account = 3 THEN amount WHEN from_account = 3 THEN -amount ELSE 0 END \
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
    while let Some(step) = queue.unearned.pop_front() {
        queue.write(&step)?;
    }
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
            fees: row.get(5)?,
        })
    }
}

impl Queue<'_> {
    /// Gives a group its place, or lets it wait.
    fn offer(&mut self, mut group: Group) -> Result<()> {
        let is_unearned = |step: &mut Step| step.fees.saturating_add(self.fees) < 0;
        self.unearned.extend(group.pop_if(|step| step.order.is_none() && is_unearned(step)));
        let awaited = self.awaited(&group).next();
        if let Some(previous) = awaited {
            self.came += 1;
            self.waits_for.entry(previous).or_default().push(self.came);
            self.waiting_in.extend(group.iter().map(|step| (step.id, self.came)));
            self.waiting.insert(self.came, group);
            if self.waiting.len() > WAITING_MAX {
                self.force_one()?;
            }
            return Ok(());
        }
        self.place(group)
    }

    /// The transfers that must come before this group and have not.
    fn awaited(&self, group: &[Step]) -> impl Iterator<Item = i64> {
        group.iter().enumerate().filter_map(|(at, step)| {
            let member = step.member?;
            let is_first = group.iter().take(at).all(|earlier| earlier.member != Some(member));
            let newest = self.newest.get(&member).copied().unwrap_or_default();
            (is_first && step.previous != newest).then_some(step.previous)
        })
    }

    /// Gives a group its place, and then whoever waited for it.
    fn place(&mut self, group: Group) -> Result<()> {
        let mut due = vec![group];
        while let Some(group) = due.pop() {
            for step in &group {
                self.write(step)?;
            }
            for step in &group {
                for came in self.waits_for.remove(&step.id).unwrap_or_default() {
                    let Some(waited) = self.waiting.get(&came) else { continue };
                    let other = self.awaited(waited).next();
                    match other {
                        Some(other) => self.waits_for.entry(other).or_default().push(came),
                        None => due.extend(self.waiting.remove(&came)),
                    }
                }
            }
        }
        Ok(())
    }

    /// Lets one wait no longer, if any waits: one that awaits nothing that waits itself, so that what is wrong with one
    /// chain is not told of others.
    fn force_one(&mut self) -> Result<bool> {
        let Some(mut came) = self.waiting.keys().next().copied() else { return Ok(false) };
        // Where they wait for each other in a circle, any will do.
        for _ in 0..self.waiting.len() {
            let group = self.waiting.get(&came).map(Vec::as_slice).unwrap_or_default();
            let Some(earlier) = self.awaited(group).find_map(|id| self.waiting_in.get(&id)) else { break };
            came = *earlier;
        }
        let group = self.waiting.remove(&came).unwrap_or_default();
        self.place(group)?;
        Ok(true)
    }

    fn write(&mut self, step: &Step) -> Result<()> {
        self.waiting_in.remove(&step.id);
        let sql = "INSERT INTO transfer_places (id) VALUES (?1)";
        self.connection.prepare_cached(sql)?.execute([step.id])?;
        if let Some(order) = step.order {
            let sql = "INSERT OR IGNORE INTO order_places (id) VALUES (?1)";
            self.connection.prepare_cached(sql)?.execute([order])?;
        }
        if let Some(member) = step.member {
            self.newest.insert(member, step.id);
        }
        self.fees = self.fees.saturating_add(step.fees);
        if step.fees > 0 {
            self.write_earned()?;
        }
        Ok(())
    }

    /// Gives the fees their places that were taken out and of which there are as many now, the oldest first.
    fn write_earned(&mut self) -> Result<()> {
        while let Some(step) = self.unearned.pop_front_if(|step| step.fees.saturating_add(self.fees) >= 0) {
            self.write(&step)?;
        }
        Ok(())
    }
}
