//! What moves when a market moves to another store, table by table: everything but what the new store must make itself.
//!
//! - `regions`, `categories`: a new store has this release's own; the old one's move and take their place, as members and
//!   items name them by number.
//! - `members`, `sessions`, `blocks`: as they are, with the hashes of passwords and of the sessions' tokens, so that
//!   everybody stays signed in. That makes the file a secret.
//! - `wallets`: those that a transfer ever touched. PostgreSQL has an empty one for every member, SQLite none; an import
//!   makes what its store wants.
//! - `items`, `auctions`, `item_history`, `bidders`, `events`, `orders`, `order_steps`, `offers`, `transfers`, `withdrawals`: as they are, with
//!   their numbers. Those of what comes later begin behind the largest.
//! - `pictures`, `uploads`, `item_pictures`, `old_pictures`: as they are; what is being taken away stays so. The bytes move on
//!   their own, for they lie beside the store.
//! - `marks`, `reviews`, `acts`: as they are; nothing is struck off a record by moving.
//! - `removals`: who is still to be told that his bids were taken back is told in the new store, once.
//! - `questions`, `reports`: as they are, what is hidden too.
//! - `chores`: what the house still has to do stays to be done, once.
//! - `keys`: a command sent again after the move hears its first answer.
//! - `deadlines`: what is due stays due.
//! - `listings`: as they are, for what members were told stands there and nowhere else. Their words are made anew from
//!   their titles, by the same function as following makes them, and once more with their descriptions when the new store
//!   is served.
//! - `orders_told`: as they are, so that no step of an order is told twice.
//! - `watching`: as they are.
//! - `endings_told`: as they are, so that nobody is told twice that an auction ends soon.
//! - `saved_searches`, `arrivals`: as they are, so that what has come is told once, and what comes meanwhile is not missed.
//! - `unread_notices`, `read_notices`: as they are, with their numbers.
//! - `reach`, `confirmations`, `subscriptions`: as they are, so that everybody is reached as before.
//! - `deliveries`: as they are; what waits is sent by the new store, and what was claimed when the old one stopped is tried again.
//! - `secrets`: as they are, so that browsers know the house again and addresses for unsubscribing stay good. They make
//!   the file a secret too.
//! - `rounds`: those that nobody has followed yet, without their numbers; the new store follows them from the first. What
//!   was followed in truth although the cursor did not say so is told nobody twice, as `listings` and `orders_told` say.
//! - `followers`: the number of the newest notice. The cursor begins anew before the first round.
//! - `heartbeat`: as it was, so that the time until the new store's first start is an outage, and no auction ends in it.
//! - `nature`: play money stays play money.
//!
//! What is left out: the version of the schema, the sequences of PostgreSQL (set behind the largest numbers), the
//! transactions and wallets of its rounds (for nodes that listen, of which there are none), and the places that SQLite
//! keeps of transfers from several lanes (made anew).

/// A table that moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Its name, the same in every store.
    pub name: &'static str,
    /// By which of its columns its rows are ordered: parents come before children.
    pub order: &'static str,
    /// Its columns, in the order of a row's values.
    pub columns: Vec<Column>,
}

/// A column that moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What stands in it.
    pub kind: Kind,
    /// Whether nothing may stand in it.
    pub may_be_null: bool,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Whole numbers.
    Number,
    /// 1 or 0.
    Truth,
    /// Any number.
    Real,
    /// Words.
    Text,
    /// Bytes.
    Bytes,
}

/// Name, order, and columns: `n` number, `b` truth, `r` real, `t` text, `x` bytes; `?` may be nothing.
const TABLES: [(&str, &str, &str); 47] = [
    ("regions", "id", "id:n last:n parent:n? level:n name:t code:t? latitude:r? longitude:r?"),
    ("categories", "id", "id:n parent:n? slug:t"),
    (
        "members",
        "id",
        "id:n username:t nickname:t skeleton:t password_hash:t region:n? suspended:b created_at:n is_admin:b \
         marks_lifted_at:n? about:t? picture:x? left_at:n?",
    ),
    ("sessions", "token", "token:x member:n created_at:n seen_at:n expires_at:n"),
    ("blocks", "seller, member", "seller:n member:n at:n"),
    ("wallets", "member", "member:n available:n held:n version:n last_transfer:n"),
    (
        "items",
        "id",
        "id:n seller:n title:t description:t category:n? condition:n? shipping_payer:n? region:n? nationwide:b \
         created_at:n",
    ),
    (
        "auctions",
        "id",
        "id:n item:n seller:n seq:n terms:n status:n outcome:n? start_price:n bid_unit:n? ladder:t? buy_now:n? \
         fee_rate:n minimum_duration:n soft_close:n starts_at:n listed_end:n ends_at:n latest:n extensions:n outage:n? \
         price:n leader:n? leader_number:n? commitment:n? bid_count:n bidders:n newest:n \
         reserve:n? seller_extensions:n leader_since:n afresh:n seller_took_back:b followed_by:n? notes:n",
    ),
    (
        "item_history",
        "auction",
        "auction:n title:t description:t category:n? condition:n? shipping_payer:n? region:n? nationwide:b",
    ),
    ("pictures", "address", "address:x width:n height:n colour:n sizes:n bytes:n at:n going:n?"),
    ("uploads", "address, member", "address:x member:n at:n"),
    ("item_pictures", "item, place", "item:n place:n address:x member:n alt:t"),
    ("old_pictures", "auction, place", "auction:n place:n address:x member:n alt:t"),
    (
        "bidders",
        "auction, member",
        "auction:n member:n number:n commitment:n hold:n since:n named:n is_out:b vain:x?",
    ),
    (
        "events",
        "auction, seq",
        "auction:n seq:n kind:n at:n actor:n? actor_number:n? amount:n? price:n minimum:n? bid_count:n leader:n? \
         leader_number:n? ends_at:n outcome:n? reason:t? cause:n? reserve:n rule:n? terms:n? aside:n?",
    ),
    (
        "orders",
        "id",
        "id:n auction:n buyer:n seller:n price:n at:n fee_rate:n number:n is_second_chance:b state:n seq:n newest:n due:n? \
         receipt_code:n meeting_code:n tries:n tries_in_all:n locked_until:n? carrier:t? tracking:t? shipped_at:n? \
         met_at:n? delivered_at:n? asked:n wants_cancel:n? disputed_at:n? disputed_by:n? refund:n? fee:n? fault:n? \
         buyer_evidence:n seller_evidence:n ended_at:n? outage:n?",
    ),
    (
        "order_steps",
        "order_id, seq",
        "order_id:n seq:n kind:n at:n by_member:n? state:n due:n? text:t? amount:n?",
    ),
    ("offers", "auction, number", "auction:n number:n member:n price:n at:n until:n state:n"),
    ("marks", "id", "id:n member:n kind:n auction:n order_id:n? at:n"),
    ("reviews", "order_id, side", "order_id:n side:n author:n about:n stars:n text:t at:n"),
    (
        "questions",
        "id",
        "id:n auction:n asker:n text:t asked_at:n edited_at:n? answer:t? answered_at:n? answer_edited_at:n? pinned:b \
         hidden_at:n? reported_at:n?",
    ),
    ("reports", "question, reporter", "question:n reporter:n reason:t at:n"),
    (
        "withdrawals",
        "id",
        "id:n member:n amount:n destination:t at:n state:n decided_by:n? decided_at:n? reason:t?",
    ),
    ("debts", "deposit", "deposit:n member:n amount:n missing:n admin:n at:n reason:t"),
    ("acts", "id", "id:n admin:n? kind:n member:n? auction:n? order_id:n? withdrawal:n? reason:t at:n"),
    ("removals", "auction, member", "auction:n member:n at:n"),
    ("chores", "id", "id:n auction:n member:n? seller:n? reason:t?"),
    (
        "transfers",
        "id",
        "id:n from_account:n to_account:n member:n? amount:n reason:n auction:n? order_id:n? at:n previous:n?",
    ),
    (
        "keys",
        "key, member",
        "key:t member:n fingerprint:n auction:n? seq:n? order_id:n? transfer:n? at:n kind:n step:n? maximum:n? \
         withdrawal:n? taken:n? missing:n?",
    ),
    ("deadlines", "auction", "auction:n at:n"),
    (
        "listings",
        "auction",
        "auction:n seq:n title:t seller:n category:n? region:n? nationwide:b condition:n? status:n outcome:n? price:n \
         buy_now:n? bid_count:n starts_at:n ends_at:n told:n picture:x? picture_alt:t? picture_width:n? picture_height:n? \
         picture_colour:n? below_reserve:b",
    ),
    ("orders_told", "order_id", "order_id:n seq:n"),
    ("watching", "member, auction", "member:n auction:n at:n"),
    ("endings_told", "auction", "auction:n member:n"),
    (
        "saved_searches",
        "id",
        "id:n member:n name:t query:t created_at:n seen:n fresh:n unsent:n newest:n? told:n? told_at:n told_count:n",
    ),
    ("arrivals", "number", "number:n auction:n"),
    ("unread_notices", "member, auction, kind", "member:n auction:n kind:n id:n amount:n? at:n"),
    ("read_notices", "member, id", "member:n id:n auction:n kind:n amount:n? at:n read_at:n"),
    ("reach", "member", "member:n wishes:n quiet_from:n? quiet_until:n? language:t email:t? email_at:n?"),
    ("confirmations", "member", "member:n email:t? token:x? at:n since:n asked:n"),
    ("subscriptions", "address", "address:x member:n endpoint:t key:x secret:x at:n"),
    (
        "deliveries",
        "member, auction, kind, channel",
        "member:n auction:n kind:n channel:n notice:n amount:n? at:n state:n next_try:n tries:n sent_at:n? settled_at:n? \
         reason:t?",
    ),
    ("secrets", "name", "name:t value:x"),
    ("rounds", "id", "at:n heads:x orders:x"),
    ("followers", "name", "name:t notice:n"),
    ("heartbeat", "id", "id:n at:n"),
    ("nature", "name", "name:t value:t"),
];

/// Those that a new store has rows in, which an import replaces; all others must be empty before one. Children come
/// before parents.
pub const FILLED_AT_FIRST: [&str; 3] = ["followers", "categories", "regions"];

/// The most rows that travel together.
pub const ROWS_TOGETHER_MAX: usize = 2_000;

/// Every table that moves, in the order in which they do: what a row names stands before it.
pub fn tables() -> Vec<Moved> {
    let table = |(name, order, columns): (&'static str, _, &'static str)| Moved {
        name,
        order,
        columns: columns.split_whitespace().map(column).collect(),
    };
    TABLES.into_iter().map(table).collect()
}

fn column(text: &'static str) -> Column {
    let (name, kind) = text.split_once(':').expect("each column says its kind");
    let kind_of = match kind.trim_end_matches('?') {
        "n" => Kind::Number,
        "b" => Kind::Truth,
        "r" => Kind::Real,
        "t" => Kind::Text,
        "x" => Kind::Bytes,
        other => unreachable!("there is no kind {other}"),
    };
    Column { name, kind: kind_of, may_be_null: kind.ends_with('?') }
}

impl Moved {
    /// The names of its columns, with commas between them, as statements take them.
    pub fn column_names(&self) -> String {
        self.columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
    }

    /// What is wrong with a row as one of this table, if anything.
    pub fn fault(&self, row: &[super::Value]) -> Option<String> {
        if row.len() != self.columns.len() {
            return Some(format!("{} values instead of {}", row.len(), self.columns.len()));
        }
        let wrong = self.columns.iter().zip(row).find(|(column, value)| !column.takes(value))?;
        Some(format!("{:?} does not belong in {}", wrong.1, wrong.0.name))
    }
}

impl Column {
    fn takes(&self, value: &super::Value) -> bool {
        use super::Value;
        match (self.kind, value) {
            (_, Value::Null) => self.may_be_null,
            (Kind::Truth, Value::Number(number)) => matches!(number, 0 | 1),
            (Kind::Number, Value::Number(_))
            | (Kind::Real, Value::Real(_))
            | (Kind::Text, Value::Text(_))
            | (Kind::Bytes, Value::Bytes(_)) => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Value;
    use super::*;

    #[test]
    fn every_table_can_be_read() {
        let tables = tables();
        assert!(tables.iter().all(|table| !table.columns.is_empty()));
        assert!(FILLED_AT_FIRST.iter().all(|name| tables.iter().any(|table| table.name == *name)));
    }

    #[test]
    fn a_row_that_does_not_belong_is_named() {
        let table = tables().into_iter().find(|table| table.name == "items").unwrap();
        let mut row = vec![Value::Number(1), Value::Number(2)];
        assert_eq!(table.fault(&row).unwrap(), "2 values instead of 10");
        row.extend([Value::Text(String::new()), Value::Text("의자".to_owned())]);
        row.extend([Value::Null, Value::Null, Value::Null, Value::Null, Value::Number(1), Value::Number(9)]);
        assert_eq!(table.fault(&row), None);
        for (at, value) in
            [(0, Value::Null), (2, Value::Number(3)), (8, Value::Number(2)), (9, Value::Real(9.0))]
        {
            let mut row = row.clone();
            row[at] = value;
            assert!(table.fault(&row).unwrap().ends_with(table.columns[at].name));
        }
    }
}
