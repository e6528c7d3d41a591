//! Opening a store: new, by several nodes at once, newer than this release, or something else altogether.

use std::error::Error;

use store::Failure;
use store_postgres::{Purpose, SCHEMA_VERSION, migrate};
use tokio::net::TcpListener;
use tokio_postgres::Client;

use super::store::{client, quick, target};

async fn number(client: &Client, sql: &str) -> i64 {
    client.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn nodes_that_start_together_take_turns() {
    let address = private_postgres::server().database();
    let target = target(&address);
    let (one, two, three) = tokio::join!(migrate(&target), migrate(&target), migrate(&target));
    for done in [one, two, three] {
        done.unwrap();
    }
    migrate(&target).await.unwrap();
    let client = client(&address).await;
    assert_eq!(number(&client, "SELECT version FROM schema_version").await, SCHEMA_VERSION);
    let regions = store::places::regions().len();
    assert_eq!(number(&client, "SELECT count(*) FROM regions").await, regions as i64);
    assert_eq!(
        number(&client, "SELECT count(*) FROM regions WHERE latitude > 33 AND longitude > 124").await,
        { store::places::regions().iter().filter(|place| place.latitude.is_some()).count() as i64 }
    );
}

#[tokio::test]
async fn a_newer_store_is_refused_untouched() {
    let address = private_postgres::server().database();
    let target = target(&address);
    migrate(&target).await.unwrap();
    let client = client(&address).await;
    let newer = SCHEMA_VERSION + 1;
    client.execute("UPDATE schema_version SET version = $1", &[&newer]).await.unwrap();
    let failure = migrate(&target).await.unwrap_err();
    assert!(matches!(failure, Failure::Rejected { .. }), "{failure:?}");
    assert!(failure.source().unwrap().to_string().contains("this release knows up to"));
    assert_eq!(number(&client, "SELECT version FROM schema_version").await, newer);
}

#[tokio::test]
async fn what_is_no_store_of_ours_is_refused() {
    let address = private_postgres::server().database();
    let client = client(&address).await;
    client.batch_execute("CREATE TABLE wallets (colour TEXT)").await.unwrap();
    let failure = migrate(&target(&address)).await.unwrap_err();
    assert!(matches!(failure, Failure::Rejected { .. }), "{failure:?}");
    let tables =
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'";
    assert_eq!(number(&client, tables).await, 1);
    client.batch_execute("CREATE TABLE schema_version (version INT)").await.unwrap();
    assert!(migrate(&target(&address)).await.is_err(), "another program's table of that name");
}

#[tokio::test]
async fn nobody_there_is_unavailable() {
    let failure = migrate(&target("postgres://me@127.0.0.1:1/market?sslmode=disable")).await.unwrap_err();
    assert!(matches!(failure, Failure::Unavailable { .. }), "{failure:?}");
}

/// Each try reaches the second host, as often as the first keeps silent.
const CONNECTS: usize = 3;

/// Of two hosts the one named first takes connections and says nothing, as a frozen server does.
#[tokio::test]
async fn a_host_that_is_silent_does_not_keep_us_from_the_other() {
    let silent = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let address = private_postgres::server().database();
    let both = quick(&address.replacen("127.0.0.1:", &format!("127.0.0.1:{port},127.0.0.1:"), 1));
    migrate(&target(&address)).await.unwrap();
    for _ in 0..CONNECTS {
        both.connect(Purpose::Lane).await.unwrap();
    }
}

/// How often a test connects, so that chance would have taken it to the other.
const CONNECTS_TO_ONE: usize = 12;

/// Two hosts that both take writes: everybody uses the one that is named first.
#[tokio::test]
async fn of_hosts_that_take_writes_the_first_is_used() {
    let address = private_postgres::server().database();
    let other = private_postgres::Server::start();
    let ports = [private_postgres::server().port(), other.port()];
    let (before, name) = address.rsplit_once('/').unwrap();
    let name = name.split('?').next().unwrap();
    let elsewhere = other.database();
    let elsewhere = client(&elsewhere).await;
    elsewhere.batch_execute(&format!("CREATE DATABASE {name}")).await.ok();
    let both = quick(&address.replacen(before, &format!("{before},127.0.0.1:{}", ports[1]), 1));
    for _ in 0..CONNECTS_TO_ONE {
        let client = both.connect(Purpose::Lane).await.unwrap();
        assert_eq!(number(&client, "SELECT current_setting('port')::bigint").await, i64::from(ports[0]));
    }
}

/// A connection whose other end is frozen or cut off is ended by the server, with its rows' locks.
#[tokio::test]
async fn the_server_looks_after_its_end_of_a_connection() {
    let address = private_postgres::server().database();
    for purpose in [Purpose::Lane, Purpose::Reading] {
        let client = target(&address).connect(purpose).await.unwrap();
        let sql = "SELECT setting FROM pg_settings WHERE name LIKE 'tcp\\_%' ORDER BY name";
        let settings = client.query(sql, &[]).await.unwrap();
        let settings: Vec<String> = settings.iter().map(|row| row.get(0)).collect();
        assert_eq!(settings, ["3", "10", "3", "10000"]);
    }
}
