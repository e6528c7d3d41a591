//! Plans: a lane's statements use indexes, whatever was in the tables when they were planned.

use store_postgres::{LANE_STATEMENTS, Purpose, migrate};
use tokio_postgres::{Client, SimpleQueryMessage};

use super::store::target;

/// What a plan for tables of any size never has.
const WHOLE_TABLES: [&str; 4] = ["Seq Scan", "Hash Join", "Merge Join", "Bitmap"];

/// PostgreSQL keeps a plan for as long as its connection lives, and a plan made on an empty table may well read it whole:
/// it ran the same round at a twelfth of the speed.
#[tokio::test]
async fn plan_on_empty_database() {
    let target = target(&private_postgres::server().database());
    migrate(&target).await.unwrap();
    let client = target.connect(Purpose::Lane).await.unwrap();
    let (mut probes, mut newest) = (0, 0);
    for (number, sql) in LANE_STATEMENTS.iter().enumerate() {
        let plan = generic_plan(&client, number, sql).await;
        let found: Vec<_> = WHOLE_TABLES.iter().filter(|node| plan.contains(**node)).collect();
        assert!(found.is_empty(), "{found:?} in the plan of {sql}\n{plan}");
        // What looks for the newest version of a busy row walks its index backwards, or it walks all the old ones first.
        let backwards = plan.matches("Index Scan Backward").count();
        assert_eq!(backwards, sql.matches("DESC LIMIT 1").count(), "the plan of {sql}\n{plan}");
        newest += backwards;
        probes += plan.matches("Index Scan").count() + plan.matches("Index Only Scan").count();
    }
    assert!(probes >= 12, "only {probes} look-ups were planned: these are not the statements of a round");
    assert_eq!(
        newest, 8,
        "auctions, wallets, bidders, orders and marks are read, auctions and wallets written"
    );
}

/// The plan as a lane has it, for values that are not known yet.
async fn generic_plan(client: &Client, number: usize, sql: &str) -> String {
    let values = client.prepare(sql).await.unwrap().params().len();
    let values = vec!["NULL"; values].join(", ");
    let values = if values.is_empty() { values } else { format!("({values})") };
    let ask = format!("PREPARE s{number} AS {sql}; EXPLAIN EXECUTE s{number}{values}");
    let said = client.simple_query(&ask).await.unwrap();
    let line = |message: &SimpleQueryMessage| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    };
    said.iter().filter_map(line).collect::<Vec<_>>().join("\n")
}
