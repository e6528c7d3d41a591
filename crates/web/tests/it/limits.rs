//! Limits on clients: the request after the last allowed one, and what switches them off.

use auction::Span;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::ask::refused;
use crate::house::{House, Wishes};

#[tokio::test]
async fn the_request_after_the_last_of_a_minute_is_refused() {
    let mut wishes = Wishes::default();
    // One is spent on reading the document when the house starts.
    wishes.web.requests_per_minute = 101;
    let house = House::wishing(wishes).await;
    for _ in 0..100 {
        assert_eq!(house.ask("GET", "/api/v1/categories").send().await.status, 200);
    }
    let over = house.ask("GET", "/api/v1/categories").send().await;
    refused(&over, 429, "rate_limited");
    assert_eq!(over.header("retry-after"), "60");
    assert_eq!(over.body["retry_after"], 60);
    assert_eq!(house.ask("GET", "/healthz").send().await.status, 200, "health is not counted");
    house.pass(Span::minutes(2));
    assert_eq!(house.ask("GET", "/api/v1/categories").send().await.status, 200);
}

/// As it is set for everyone who sets nothing: 10,000 requests in a minute, over one connection.
#[tokio::test]
async fn the_10_001st_request_of_a_minute_is_refused() {
    let house = House::new().await;
    let stream = TcpStream::connect(house.address).await.unwrap();
    let (mut heard, mut said) = stream.into_split();
    // One was spent on reading the document when the house started.
    let request = "GET /api/v1/nothing HTTP/1.1\r\nHost: a\r\n\r\n";
    let last = request.replace("Host: a", "Host: a\r\nConnection: close");
    let ask = async {
        for _ in 0..99 {
            said.write_all(request.repeat(101).as_bytes()).await.unwrap();
        }
        said.write_all(last.as_bytes()).await.unwrap();
    };
    let hear = async {
        let mut answers = Vec::new();
        heard.read_to_end(&mut answers).await.unwrap();
        String::from_utf8(answers).unwrap()
    };
    let ((), answers) = tokio::join!(ask, hear);
    assert_eq!(answers.matches("HTTP/1.1 404").count(), 9_999);
    assert_eq!(answers.matches("HTTP/1.1 429").count(), 1);
    let last = answers.rsplit("HTTP/1.1 ").next().unwrap();
    assert!(last.starts_with("429") && last.contains("\"code\":\"rate_limited\""), "{last}");
}

#[tokio::test]
async fn addresses_are_told_apart_behind_trusted_proxies_only() {
    for (trusted, status) in [(true, 200), (false, 429)] {
        let mut wishes = Wishes::default();
        wishes.web.requests_per_minute = 1;
        if trusted {
            wishes.web.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
        }
        let house = House::wishing(wishes).await;
        let from = |address| house.ask("GET", "/api/v1/categories").header("x-forwarded-for", address).send();
        assert_eq!(from("203.0.113.1").await.status, status);
        assert_eq!(from("203.0.113.2").await.status, status);
        assert_eq!(from("203.0.113.2").await.status, 429);
    }
}

#[tokio::test]
async fn limits_can_be_lifted() {
    let mut wishes = Wishes::default();
    wishes.web.requests_per_minute = 1;
    wishes.web.rate_limits = false;
    let house = House::wishing(wishes).await;
    for _ in 0..20 {
        assert_eq!(house.ask("GET", "/api/v1/categories").send().await.status, 200);
    }
}

#[tokio::test]
async fn passwords_are_hashed_so_often_in_a_minute_and_no_more() {
    let mut wishes = Wishes::default();
    wishes.web.password_calls_per_minute = 3;
    let house = House::wishing(wishes).await;
    house.member("mira").await;
    let sign_in = serde_json::json!({"username": "mira", "password": "a wrong one"});
    let try_it = || house.ask("POST", "/api/v1/sessions").json(sign_in.clone()).send();
    refused(&try_it().await, 401, "credentials_wrong");
    refused(&try_it().await, 429, "rate_limited");
}
