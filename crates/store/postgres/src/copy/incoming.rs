//! Coming in: a market taken into a new store, batch by batch.
//!
//! Each batch is one durable transaction that also writes down how far the import has come, so that it goes on there
//! whatever ends it, a lost connection too. As long as that is written in the store, nobody may serve it:
//! [`refuse_half`].

use std::collections::HashMap;

use store::copy::file::Mark;
use store::copy::moved::{self, Column, FILLED_AT_FIRST, Kind, Moved};
use store::copy::{Rows, Value};
use store::{Failure, Result};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, GenericClient, Statement, Transaction};

use crate::connection::{Purpose, Target};
use crate::failure::{Fault, at_commit, before_commit};
use crate::migrate::{SCHEMA_VERSION, take_steps, version};
use crate::records::kept_words;

const DOING: &str = "importing into the store";

/// How far an import has come; the table is gone when it is through.
const PROGRESS: &str = "CREATE TABLE import_progress (line BIGINT NOT NULL, digest TEXT NOT NULL, rows BIGINT NOT NULL); \
     INSERT INTO import_progress (line, digest, rows) VALUES (0, '', 0)";

/// Writes down how far it is, if it was where we left it.
const MOVE_ON: &str = "UPDATE import_progress SET line = $1, digest = $2, rows = $3 WHERE line = $4";

/// The words of new listings, as following makes them.
const WORDS: &str = "INSERT INTO listing_words (auction, words) \
     SELECT auction, array_to_tsvector(string_to_array(words, ' ')) \
     FROM unnest($1::bigint[], $2::text[]) AS w (auction, words)";

/// What a store makes by itself and an import makes for it: a wallet for each member, numbers behind the largest, and
/// what the database knows of its tables, or its first plans would be those for empty ones.
const SETTLE: [&str; 4] = [
    "INSERT INTO wallets (member, available, held, version, last_transfer) \
     SELECT id, 0, 0, 0, 0 FROM members ON CONFLICT (member) DO NOTHING",
    "SELECT setval('auction_numbers', (SELECT coalesce(max(id), 0) + 1 FROM auctions), false), \
     setval('item_numbers', (SELECT coalesce(max(id), 0) + 1 FROM items), false), \
     setval('order_numbers', (SELECT coalesce(max(id), 0) + 1 FROM orders), false), \
     setval('transfer_numbers', (SELECT coalesce(max(id), 0) + 1 FROM transfers), false), \
     setval('withdrawal_numbers', (SELECT coalesce(max(id), 0) + 1 FROM withdrawals), false), \
     setval(pg_get_serial_sequence('members', 'id'), (SELECT coalesce(max(id), 0) + 1 FROM members), false), \
     setval(pg_get_serial_sequence('marks', 'id'), (SELECT coalesce(max(id), 0) + 1 FROM marks), false), \
     setval(pg_get_serial_sequence('acts', 'id'), (SELECT coalesce(max(id), 0) + 1 FROM acts), false), \
     setval(pg_get_serial_sequence('chores', 'id'), (SELECT coalesce(max(id), 0) + 1 FROM chores), false), \
     setval(pg_get_serial_sequence('questions', 'id'), (SELECT coalesce(max(id), 0) + 1 FROM questions), false), \
     setval(pg_get_serial_sequence('saved_searches', 'id'), (SELECT coalesce(max(id), 0) + 1 FROM saved_searches), false)",
    "INSERT INTO unworded (auction) SELECT auction FROM listings ON CONFLICT DO NOTHING",
    "ANALYZE",
];

/// An import into one database, over a connection of its own.
pub struct Import {
    client: Client,
    progress: Option<Mark>,
    inserts: HashMap<&'static str, Statement>,
}

/// Refuses a store into which an import has begun and not ended.
pub(crate) async fn refuse_half(client: &impl GenericClient) -> Result<()> {
    if !is_half(client).await.map_err(before_commit(DOING))? {
        return Ok(());
    }
    let words =
        "an import into this store has not ended: import the same file again, or begin with a new database";
    Err(Failure::Rejected { doing: "opening the store", source: words.into() })
}

async fn is_half(client: &impl GenericClient) -> std::result::Result<bool, Fault> {
    let sql = "SELECT EXISTS (SELECT FROM pg_class WHERE relname = 'import_progress' \
               AND relnamespace = current_schema()::regnamespace)";
    Ok(client.query_one(sql, &[]).await?.try_get(0)?)
}

impl Import {
    /// Opens the store, and makes its schema in a database that has none.
    ///
    /// # Errors
    /// If it is neither new nor half imported, or of another release: then it is left as it was. If the database does
    /// not answer.
    pub async fn open(target: &Target) -> Result<Import> {
        let mut client = target.connect(Purpose::Copying).await?;
        if ![0, SCHEMA_VERSION].contains(&version(&client).await?) {
            let words = "its schema is older than this release: import into a new database";
            return Err(Failure::Rejected { doing: DOING, source: words.into() });
        }
        take_steps(&mut client).await?;
        let progress = match is_half(&client).await.map_err(before_commit(DOING))? {
            true => Some(progress(&client).await.map_err(before_commit(DOING))?),
            false => None,
        };
        if progress.is_none() {
            refuse_used(&client).await?;
        }
        Ok(Import { client, progress, inserts: HashMap::new() })
    }

    /// How far an earlier import has come, if one has begun.
    pub fn progress(&self) -> Option<&Mark> {
        self.progress.as_ref()
    }

    /// Takes rows of a table, up to this place of the file.
    ///
    /// # Errors
    /// If a row cannot stand in the store, or another import writes into it. If the database does not answer; whether
    /// these rows were kept, the next [`Import::open`] knows.
    pub async fn take(&mut self, table: &Moved, rows: Rows, mark: &Mark) -> Result<()> {
        let insert = self.insert(table).await.map_err(before_commit(DOING))?;
        let transaction = self.client.transaction().await.map_err(before_commit(DOING))?;
        if self.progress.is_none() {
            begin(&transaction).await?;
        }
        let known = self.progress.as_ref().map_or(0, |mark| mark.line as i64);
        write(&transaction, &insert, table, rows, mark, known).await.map_err(before_commit(DOING))?;
        transaction.commit().await.map_err(at_commit(DOING))?;
        self.progress = Some(mark.clone());
        Ok(())
    }

    /// All rows are there: makes what a store makes by itself, so that numbers go on behind the largest. May be done
    /// again.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn settle(&mut self) -> Result<()> {
        for sql in SETTLE {
            self.client.execute(sql, &[]).await.map_err(at_commit(DOING))?;
        }
        Ok(())
    }

    /// From here on the store may be served.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn finish(self) -> Result<()> {
        self.client.batch_execute("DROP TABLE import_progress").await.map_err(at_commit(DOING))
    }

    async fn insert(&mut self, table: &Moved) -> std::result::Result<Statement, Fault> {
        if let Some(statement) = self.inserts.get(table.name) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(&insert_sql(table)).await?;
        self.inserts.insert(table.name, statement.clone());
        Ok(statement)
    }
}

async fn progress(client: &Client) -> std::result::Result<Mark, Fault> {
    let row = client.query_one("SELECT line, digest, rows FROM import_progress", &[]).await?;
    let number = |at: usize| -> std::result::Result<u64, Fault> {
        u64::try_from(row.try_get::<_, i64>(at)?).map_err(|_| Fault::unlike("how far an import has come"))
    };
    Ok(Mark { line: number(0)?, digest: row.try_get(1)?, rows: number(2)? })
}

/// Refuses a store that has rows which a new one has not.
async fn refuse_used(client: &impl GenericClient) -> Result<()> {
    for table in moved::tables().iter().filter(|table| !FILLED_AT_FIRST.contains(&table.name)) {
        let sql = format!("SELECT FROM {} LIMIT 1", table.name);
        if client.query_opt(&sql, &[]).await.map_err(before_commit(DOING))?.is_some() {
            let words = format!("it is in use already: {} has rows; import into a new database", table.name);
            return Err(Failure::Rejected { doing: DOING, source: words.into() });
        }
    }
    Ok(())
}

async fn begin(transaction: &Transaction<'_>) -> Result<()> {
    refuse_used(transaction).await?;
    transaction.batch_execute(PROGRESS).await.map_err(before_commit(DOING))?;
    for table in FILLED_AT_FIRST {
        let sql = format!("DELETE FROM {table}");
        transaction.execute(&sql, &[]).await.map_err(before_commit(DOING))?;
    }
    Ok(())
}

async fn write(
    transaction: &Transaction<'_>,
    insert: &Statement,
    table: &Moved,
    rows: Rows,
    mark: &Mark,
    known: i64,
) -> std::result::Result<(), Fault> {
    if table.name == "listings" {
        let (auctions, words) = worded(table, &rows);
        transaction.execute(WORDS, &[&auctions, &words]).await?;
    }
    let arrays: Vec<Array> = arrays(table, rows);
    let values: Vec<&(dyn ToSql + Sync)> = arrays.iter().map(Array::as_value).collect();
    transaction.execute(insert, &values).await?;
    let (line, rows) = (mark.line as i64, mark.rows as i64);
    match transaction.execute(MOVE_ON, &[&line, &mark.digest, &rows, &known]).await? {
        1 => Ok(()),
        _ => Err(Fault::Row("another import writes into this store".to_owned())),
    }
}

/// The listings' numbers, and the words of their titles.
fn worded(table: &Moved, rows: &Rows) -> (Vec<i64>, Vec<String>) {
    let title = table.columns.iter().position(|column| column.name == "title");
    let title = title.expect("a listing has a title");
    let words = |row: &Vec<Value>| match (row.first(), row.get(title)) {
        (Some(Value::Number(auction)), Some(Value::Text(title))) => Some((*auction, kept_words(title, ""))),
        _ => None,
    };
    rows.iter().filter_map(words).unzip()
}

/// Adds rows. The followers' cursor says that nothing was seen; a round's transaction is the one that adds it.
fn insert_sql(table: &Moved) -> String {
    let names = table.column_names();
    let kinds: Vec<String> =
        (1..).zip(&table.columns).map(|(at, column)| format!("${at}::{}[]", kind(*column))).collect();
    let (more, constant) = match table.name {
        "followers" => (", snapshot", ", ''"),
        "rounds" => (", wallets", ", ''::bytea"),
        _ => ("", ""),
    };
    format!(
        "INSERT INTO {} ({names}{more}) SELECT {names}{constant} FROM unnest({}) AS moved ({names})",
        table.name,
        kinds.join(", ")
    )
}

fn kind(column: Column) -> &'static str {
    match column.kind {
        Kind::Number => "bigint",
        Kind::Truth => "boolean",
        Kind::Real => "double precision",
        Kind::Text => "text",
        Kind::Bytes => "bytea",
    }
}

/// One column of some rows, as a statement takes it.
enum Array {
    Numbers(Vec<Option<i64>>),
    Truths(Vec<Option<bool>>),
    Reals(Vec<Option<f64>>),
    Texts(Vec<Option<String>>),
    Bytes(Vec<Option<Vec<u8>>>),
}

/// Rows as columns. Every value is of its column's kind, as the file was read.
fn arrays(table: &Moved, rows: Rows) -> Vec<Array> {
    let mut arrays: Vec<Array> = table.columns.iter().map(|column| Array::of(column.kind)).collect();
    for row in rows {
        for (array, value) in arrays.iter_mut().zip(row) {
            array.push(value);
        }
    }
    arrays
}

impl Array {
    fn of(kind: Kind) -> Array {
        match kind {
            Kind::Number => Array::Numbers(Vec::new()),
            Kind::Truth => Array::Truths(Vec::new()),
            Kind::Real => Array::Reals(Vec::new()),
            Kind::Text => Array::Texts(Vec::new()),
            Kind::Bytes => Array::Bytes(Vec::new()),
        }
    }

    fn push(&mut self, value: Value) {
        match (self, value) {
            (Array::Numbers(array), Value::Number(number)) => array.push(Some(number)),
            (Array::Truths(array), Value::Number(number)) => array.push(Some(number != 0)),
            (Array::Reals(array), Value::Real(number)) => array.push(Some(number)),
            (Array::Texts(array), Value::Text(text)) => array.push(Some(text)),
            (Array::Bytes(array), Value::Bytes(bytes)) => array.push(Some(bytes)),
            (Array::Numbers(array), Value::Null) => array.push(None),
            (Array::Truths(array), Value::Null) => array.push(None),
            (Array::Reals(array), Value::Null) => array.push(None),
            (Array::Texts(array), Value::Null) => array.push(None),
            (Array::Bytes(array), Value::Null) => array.push(None),
            (_, value) => unreachable!("a reader hands on no {value:?} of another kind"),
        }
    }

    fn as_value(&self) -> &(dyn ToSql + Sync) {
        match self {
            Array::Numbers(array) => array,
            Array::Truths(array) => array,
            Array::Reals(array) => array,
            Array::Texts(array) => array,
            Array::Bytes(array) => array,
        }
    }
}
