//! Serving itself: slow headers, huge headers, what is no HTTP, and an orderly stop.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use web::ServeLimits;

use crate::ask::refused;
use crate::house::{House, Wishes};

#[tokio::test]
async fn slow_headers_are_cut() {
    assert_eq!(ServeLimits::default().headers_within, Duration::from_secs(10));
    let mut wishes = Wishes::default();
    wishes.serve.headers_within = Duration::from_millis(50);
    let house = House::wishing(wishes).await;
    for begin in ["", "GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: "] {
        let mut stream = TcpStream::connect(house.address).await.unwrap();
        stream.write_all(begin.as_bytes()).await.unwrap();
        let mut heard = Vec::new();
        stream.read_to_end(&mut heard).await.unwrap();
        let heard = String::from_utf8(heard).unwrap();
        assert!(heard.is_empty() || heard.starts_with("HTTP/1.1 408"), "{heard}");
    }
    assert_eq!(house.ask("GET", "/healthz").send().await.status, 200);
}

#[tokio::test]
async fn huge_headers_and_what_is_no_http_cost_one_connection() {
    let house = House::new().await;
    let huge = format!("GET / HTTP/1.1\r\nHost: a\r\nX-Huge: {}\r\n\r\n", "a".repeat(20_000));
    let many = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X-Many: a\r\n".repeat(100));
    for (sent, status) in
        [(huge.as_str(), "431"), (many.as_str(), "431"), ("\u{16}\u{3}\u{1}\r\n\r\n", "400")]
    {
        let mut stream = TcpStream::connect(house.address).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        let mut heard = Vec::new();
        // Whether the rest is cut or read, the answer comes first.
        let _ = stream.read_to_end(&mut heard).await;
        let heard = String::from_utf8_lossy(&heard);
        assert!(heard.starts_with(&format!("HTTP/1.1 {status}")), "{heard}");
    }
    assert_eq!(house.ask("GET", "/healthz").send().await.status, 200);
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_a_place() {
    let mut wishes = Wishes::default();
    wishes.serve.connections = 1;
    let house = House::wishing(wishes).await;
    let first = TcpStream::connect(house.address).await.unwrap();
    let waiting = house.ask("GET", "/healthz").send();
    let (answer, ()) = tokio::join!(waiting, async { drop(first) });
    assert_eq!(answer.status, 200);
}

/// A listener of a house with limits of its own, which nobody has connected to yet.
async fn listener_with(house: &House, limits: ServeLimits) -> (SocketAddr, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut tasks = JoinSet::new();
    let serving = web::serve(listener, web::routes(&house.state), limits, house.state.stopping.clone());
    tasks.spawn(async { serving.await.unwrap() });
    (address, tasks)
}

/// Asks over a connection of its own; the connection, and whether there was an answer.
async fn connect(address: SocketAddr) -> (TcpStream, bool) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // What is closed at once may take this or not.
    let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let is_answered = stream.read_exact(&mut [0; 12]).await.is_ok();
    (stream, is_answered)
}

#[tokio::test]
async fn an_address_has_so_many_connections_and_no_more() {
    let house = House::new().await;
    for is_trusted in [false, true] {
        let trusted_proxies = if is_trusted { vec!["127.0.0.1/32".parse().unwrap()] } else { Vec::new() };
        let limits = ServeLimits { connections_per_address: 2, trusted_proxies, ..ServeLimits::default() };
        let (address, _tasks) = listener_with(&house, limits).await;
        let mut open = Vec::new();
        for connection in 0..3 {
            let (stream, is_answered) = connect(address).await;
            assert_eq!(is_answered, connection < 2 || is_trusted, "connection {connection}");
            open.push(stream);
        }
    }
}

#[tokio::test]
async fn a_socket_keeps_the_place_of_its_connection() {
    let house = House::new().await;
    let limits = ServeLimits { connections_per_address: 1, ..ServeLimits::default() };
    let (address, _tasks) = listener_with(&house, limits).await;
    let mut socket = TcpStream::connect(address).await.unwrap();
    let upgrade = "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                   Accept-Encoding: gzip, deflate\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    socket.write_all(upgrade.as_bytes()).await.unwrap();
    let mut heard = String::new();
    while !heard.contains("hello") {
        let mut bytes = [0; 1_024];
        let count = socket.read(&mut bytes).await.unwrap();
        assert!(count > 0, "{heard}");
        heard.push_str(&String::from_utf8_lossy(&bytes[..count]));
    }
    let (_second, is_answered) = connect(address).await;
    assert!(!is_answered, "the socket has the only place");
}

#[tokio::test]
async fn a_stop_lets_requests_under_way_end() {
    let mut house = House::new().await;
    let (_, mira) = house.member("mira").await;
    let mut deposits = JoinSet::new();
    for _ in 0..20 {
        deposits.spawn(house.order("/api/v1/wallet/deposits", &mira, json!({"amount": 1_000})).send());
    }
    let answered = deposits.join_all().await;
    assert!(answered.iter().all(|answer| answer.status == 201));
    house.stop_serving().await;
    assert!(TcpStream::connect(house.address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_house_whose_engine_is_gone_is_busy() {
    let mut house = House::new().await;
    let (_, mira) = house.member("mira").await;
    house.stop_engine();
    let answer = house.order("/api/v1/wallet/deposits", &mira, json!({"amount": 1_000})).send().await;
    refused(&answer, 503, "busy");
    assert_eq!(answer.header("retry-after"), "1");
}
