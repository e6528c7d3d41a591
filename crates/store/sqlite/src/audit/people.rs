//! What people decided, and what stands on their records: each row against what it speaks of, a range at a time.

use rusqlite::{Connection, Result};

use super::checks::{Check, Findings};
use super::money::Money;
use super::{Reading, Steps};

/// One table: its check, what a row is called, and a statement that gives the rows behind a number, so many at the most,
/// each with what is wrong with it.
struct Table {
    check: Check,
    row: &'static str,
    sql: &'static str,
}

/// Every table. What a row speaks of is kept with it, so that one read sees both.
const TABLES: [Table; 9] = [
    Table { check: Check::Withdrawals, row: "withdrawal", sql: WITHDRAWALS },
    Table { check: Check::Debts, row: "debt of deposit", sql: DEBTS },
    Table { check: Check::Marks, row: "mark", sql: MARKS },
    Table { check: Check::Reviews, row: "review of order", sql: REVIEWS },
    Table { check: Check::Acts, row: "act", sql: ACTS },
    Table { check: Check::Acts, row: "transfer", sql: FEES },
    Table { check: Check::Chores, row: "chore", sql: CHORES },
    Table { check: Check::Uploads, row: "member", sql: FACES },
    Table { check: Check::NoStrays, row: "member", sql: LEFT },
];

/// Decisions are written down as acts: done 6, reversed 7.
const WITHDRAWALS: &str = "SELECT w.id, CASE \
    WHEN NOT EXISTS (SELECT 1 FROM members m WHERE m.id = w.member) THEN 'there is no such member' \
    WHEN (SELECT value FROM nature WHERE name = 'money') = 'demo' THEN 'play money never leaves' \
    WHEN w.state = 0 AND (w.decided_by IS NOT NULL OR w.decided_at IS NOT NULL) THEN 'it waits, and was decided' \
    WHEN w.state <> 0 AND (w.decided_at IS NULL OR w.decided_at < w.at) THEN 'it was decided at no time' \
    WHEN w.decided_by IS w.member THEN 'its own member decided it' \
    WHEN w.decided_by IS NOT NULL AND 1 <> (SELECT count(*) FROM acts a INDEXED BY acts_by_member \
        WHERE a.member = w.member AND a.withdrawal = w.id AND a.kind = w.state + 5 AND a.admin = w.decided_by) \
        THEN 'not exactly one act says who decided it' \
    END FROM withdrawals w WHERE w.id > ?1 ORDER BY w.id LIMIT ?2";

/// Taking back is written down as an act: 11. Reason 0 of a transfer is a deposit.
const DEBTS: &str = "SELECT d.deposit, CASE \
    WHEN t.id IS NULL OR t.reason <> 0 THEN 'there is no such deposit' \
    WHEN t.member IS NOT d.member THEN 'the deposit is another member''s' \
    WHEN t.amount <> d.amount THEN 'the deposit was another amount' \
    WHEN d.missing NOT BETWEEN 0 AND d.amount THEN 'it lacks more than came in, or less than nothing' \
    WHEN d.admin = d.member THEN 'its own member took it back' \
    WHEN NOT EXISTS (SELECT 1 FROM acts a INDEXED BY acts_by_member \
        WHERE a.member = d.member AND a.kind = 11 AND a.admin = d.admin AND a.at = d.at) \
        THEN 'no act says who took it back' \
    END FROM debts d LEFT JOIN transfers t ON t.id = d.deposit WHERE d.deposit > ?1 ORDER BY d.deposit LIMIT ?2";

/// Kinds: 0 seller's default, 1 buyer's default, 2 cancelled with bids, 3 took a lead back.
const MARKS: &str = "SELECT m.id, CASE \
    WHEN a.id IS NULL THEN 'there is no such auction' \
    WHEN m.kind IN (0, 1) AND (o.id IS NULL OR o.auction <> m.auction) THEN 'it is for no order of the auction' \
    WHEN m.kind = 0 AND NOT (o.seller = m.member AND o.fault IS 1) THEN 'no order fell through by this seller' \
    WHEN m.kind = 1 AND NOT (o.buyer = m.member AND o.fault IS 0) THEN 'no order fell through by this buyer' \
    WHEN m.kind IN (0, 1) AND o.ended_at IS NOT m.at THEN 'the order ended at another time' \
    WHEN m.kind IN (2, 3) AND (m.order_id IS NOT NULL OR m.member <> a.seller) THEN 'it is not the seller''s' \
    WHEN m.kind = 2 AND NOT (a.outcome IS 3 AND a.bidders > 0 AND a.newest = m.at) \
        THEN 'the auction was not cancelled with bids then' \
    WHEN m.kind = 3 AND a.seller_took_back = 0 THEN 'no lead was taken back in the auction' \
    WHEN m.kind NOT BETWEEN 0 AND 3 THEN 'its kind stands for nothing' \
    END FROM marks m LEFT JOIN auctions a ON a.id = m.auction LEFT JOIN orders o ON o.id = m.order_id \
    WHERE m.id > ?1 ORDER BY m.id LIMIT ?2";

/// Sides: 0 the buyer's about the seller, 1 the seller's about the buyer; within 14 days. Both of an order in one read.
const REVIEWS: &str = "SELECT r.order_id, CASE \
    WHEN o.id IS NULL THEN 'there is no such order' \
    WHEN r.side = 0 AND NOT (r.author = o.buyer AND r.about = o.seller) THEN 'it is not the buyer''s about the seller' \
    WHEN r.side = 1 AND NOT (r.author = o.seller AND r.about = o.buyer) THEN 'it is not the seller''s about the buyer' \
    WHEN o.state IN (0, 1, 4) THEN 'the order is not over' \
    WHEN r.at < coalesce(o.ended_at, o.at) OR r.at >= coalesce(o.ended_at, o.at) + 1209600000000 \
        THEN 'it was written before the order was over, or too late' \
    END FROM reviews r LEFT JOIN orders o ON o.id = r.order_id WHERE r.order_id > ?1 AND r.order_id <= \
        (SELECT max(order_id) FROM (SELECT DISTINCT order_id FROM reviews WHERE order_id > ?1 \
         ORDER BY order_id LIMIT ?2)) ORDER BY r.order_id";

/// Kinds: 0 suspended, 1 restored, 2 marks lifted, 3 cancelled, 4 took back, 5 decided, 6 withdrawal done, 7 withdrawal
/// reversed, 8 deposited, 9 granted, 10 revoked, 11 deposit reversed, 12 fees withdrawn (a transfer for reason 10), 13 question
/// hidden, 14 question shown.
const ACTS: &str = "SELECT c.id, CASE \
    WHEN c.kind NOT BETWEEN 0 AND 14 THEN 'its kind stands for nothing' \
    WHEN c.admin IS NOT NULL AND NOT EXISTS (SELECT 1 FROM members m WHERE m.id = c.admin) THEN 'nobody did it' \
    WHEN c.kind IN (0, 1, 2, 4, 6, 7, 8, 9, 10, 11, 13, 14) AND NOT EXISTS (SELECT 1 FROM members m WHERE m.id = c.member) \
        THEN 'it concerns no member' \
    WHEN c.kind = 3 AND NOT EXISTS (SELECT 1 FROM auctions a WHERE a.id = c.auction AND a.outcome = 3) \
        THEN 'no auction was cancelled' \
    WHEN c.kind = 4 AND NOT EXISTS (SELECT 1 FROM bidders b WHERE b.auction = c.auction AND b.member = c.member) \
        THEN 'he never bid' \
    WHEN c.kind = 5 AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = c.order_id AND o.auction = c.auction \
        AND o.state = 5) THEN 'no order was divided' \
    WHEN c.kind IN (6, 7) AND NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.id = c.withdrawal \
        AND w.member = c.member AND w.state = c.kind - 5) THEN 'no withdrawal was decided so' \
    WHEN c.kind = 11 AND NOT EXISTS (SELECT 1 FROM debts d INDEXED BY debts_by_member \
        WHERE d.member = c.member) THEN 'no deposit of his was taken back' \
    WHEN c.kind = 12 AND (c.member IS NOT NULL OR NOT EXISTS (SELECT 1 FROM transfers t INDEXED BY transfers_of_fees \
        WHERE t.reason IN (5, 10) AND t.reason = 10 AND t.at = c.at)) THEN 'no fees were taken out' \
    WHEN c.kind IN (13, 14) AND NOT EXISTS (SELECT 1 FROM questions q WHERE q.auction = c.auction) \
        THEN 'nobody asked there' \
    END FROM acts c WHERE c.id > ?1 ORDER BY c.id LIMIT ?2";

/// Every taking out of fees (reason 10) is written down as an act: 12, of the same moment.
const FEES: &str = "SELECT t.id, CASE WHEN \
    (SELECT count(*) FROM acts a INDEXED BY acts_of_fees WHERE a.kind = 12 AND a.at = t.at) <> \
    (SELECT count(*) FROM transfers o INDEXED BY transfers_of_fees \
        WHERE o.reason IN (5, 10) AND o.reason = 10 AND o.at = t.at) THEN 'not exactly one act says who took fees out' \
    END FROM transfers t INDEXED BY transfers_of_fees \
    WHERE t.reason IN (5, 10) AND t.reason = 10 AND t.id > ?1 ORDER BY t.id LIMIT ?2";

const CHORES: &str = "SELECT c.id, CASE \
    WHEN a.id IS NULL THEN 'there is no such auction' \
    WHEN c.seller IS NOT NULL AND c.seller <> a.seller THEN 'it is not on behalf of the auction''s seller' \
    WHEN c.member IS NOT NULL AND NOT EXISTS (SELECT 1 FROM bidders b WHERE b.auction = c.auction \
        AND b.member = c.member) THEN 'he never bid there' \
    END FROM chores c LEFT JOIN auctions a ON a.id = c.auction WHERE c.id > ?1 ORDER BY c.id LIMIT ?2";

/// A member shows a picture that he has uploaded himself.
const FACES: &str = "SELECT m.id, CASE WHEN NOT EXISTS (SELECT 1 FROM uploads u JOIN pictures p ON p.address = u.address \
        WHERE u.address = m.picture AND u.member = m.id AND p.going IS NULL) THEN 'his picture is no upload of his' \
    END FROM members m WHERE m.picture IS NOT NULL AND m.id > ?1 ORDER BY m.id LIMIT ?2";

/// Who has left owns nothing, owes nothing that is under way, and can do nothing. Of orders 0, 1 and 4 are under way.
const LEFT: &str = "SELECT m.id, CASE \
    WHEN m.suspended = 0 OR m.is_admin = 1 OR m.password_hash <> '' THEN 'he has left, and may still do something' \
    WHEN m.about IS NOT NULL OR m.region IS NOT NULL OR m.picture IS NOT NULL THEN 'he has left, and something tells who he was' \
    WHEN m.username <> 'left:' || m.id OR m.skeleton <> char(1) || m.id THEN 'he has left, and keeps a name' \
    WHEN EXISTS (SELECT 1 FROM sessions s WHERE s.member = m.id) THEN 'he has left, and is signed in' \
    WHEN EXISTS (SELECT 1 FROM reach r WHERE r.member = m.id) OR EXISTS (SELECT 1 FROM confirmations c WHERE c.member = m.id) \
        OR EXISTS (SELECT 1 FROM subscriptions s WHERE s.member = m.id) THEN 'he has left, and can be reached' \
    WHEN EXISTS (SELECT 1 FROM watching w WHERE w.member = m.id) OR EXISTS (SELECT 1 FROM blocks b WHERE b.seller = m.id) \
        OR EXISTS (SELECT 1 FROM saved_searches s WHERE s.member = m.id) THEN 'he has left, and has a list' \
    WHEN EXISTS (SELECT 1 FROM unread_notices n WHERE n.member = m.id) OR EXISTS (SELECT 1 FROM read_notices n \
        WHERE n.member = m.id) OR EXISTS (SELECT 1 FROM deliveries d WHERE d.member = m.id) THEN 'he has left, and is told of things' \
    WHEN EXISTS (SELECT 1 FROM wallets w WHERE w.member = m.id AND (w.held > 0 OR w.available > 0 \
        AND (SELECT value FROM nature WHERE name = 'money') IS NOT 'demo')) THEN 'he has left, and has money' \
    WHEN EXISTS (SELECT 1 FROM withdrawals w WHERE w.member = m.id AND w.state = 0) THEN 'he has left, and is to be paid out' \
    WHEN EXISTS (SELECT 1 FROM auctions a WHERE a.seller = m.id AND a.outcome IS NULL) THEN 'he has left, and sells' \
    WHEN EXISTS (SELECT 1 FROM orders o WHERE o.buyer = m.id AND o.state IN (0, 1, 4)) THEN 'he has left, and is buying' \
    WHEN EXISTS (SELECT 1 FROM orders o WHERE o.seller = m.id AND o.state IN (0, 1, 4)) THEN 'he has left, and is to hand over' \
    END FROM members m WHERE m.left_at IS NOT NULL AND m.id > ?1 ORDER BY m.id LIMIT ?2";

/// Looks at every row of them, and at what is on its way out.
pub(super) fn check(
    reading: &Reading<'_>,
    steps: &Steps,
    money: &mut Money,
    findings: &mut Findings,
) -> Result<()> {
    for table in TABLES {
        let mut after = Some(i64::MIN);
        while let Some(from) = after {
            after =
                reading.once(|connection| table.some(connection, from, steps.orders_per_read, findings))?;
        }
    }
    while !reading.once(|connection| payable(connection, money, findings))? {}
    Ok(())
}

impl Table {
    /// Looks at the next rows; where to go on, if there may be more.
    fn some(
        &self,
        connection: &Connection,
        after: i64,
        limit: usize,
        findings: &mut Findings,
    ) -> Result<Option<i64>> {
        let mut statement = connection.prepare_cached(self.sql)?;
        let mut rows = statement.query((after, limit as i64))?;
        let mut last = None;
        while let Some(row) = rows.next()? {
            let (id, fault): (i64, Option<String>) = (row.get(0)?, row.get(1)?);
            findings.expect(self.check, fault.is_none(), || {
                format!("{} {id}: {}", self.row, fault.unwrap_or_default())
            });
            last = Some(id);
        }
        Ok(last)
    }
}

/// What is on its way out is what waits to be paid out; false if the transfers do not fit in this read.
fn payable(connection: &Connection, money: &mut Money, findings: &mut Findings) -> Result<bool> {
    if !money.catch_up(connection, findings)? {
        return Ok(false);
    }
    let sql =
        "SELECT coalesce(sum(amount), 0) FROM withdrawals INDEXED BY withdrawals_waiting WHERE state = 0";
    let waiting: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    let payable = money.payable();
    findings.expect(Check::PayableIsWithdrawals, payable == i128::from(waiting), || {
        format!("{payable} is payable, withdrawals of {waiting} wait")
    });
    Ok(true)
}
