//! Bad input, each kind with its stable answer.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::ask::refused;
use crate::house::{House, Wishes};

#[tokio::test]
async fn amounts_are_whole_numbers_and_nothing_else() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, anna) = house.rich_member("anna", 50_000).await;
    let id = house.auction(&seller, json!({})).await;
    let bids = format!("/api/v1/auctions/{id}/bids");
    for (body, status, code, faults) in [
        (r#"{"amount": -5000}"#, 422, "amount_invalid", &[][..]),
        (r#"{"amount": 0}"#, 422, "amount_invalid", &[]),
        (r#"{"amount": 9223372036854775807}"#, 422, "amount_invalid", &[]),
        (r#"{"amount": 9223372036854775808}"#, 422, "invalid", &[("amount", "wrong_type")]),
        (r#"{"amount": 5000.5}"#, 422, "invalid", &[("amount", "wrong_type")]),
        (r#"{"amount": 5e3}"#, 422, "invalid", &[("amount", "wrong_type")]),
        (r#"{"amount": 1e999}"#, 422, "invalid", &[("amount", "wrong_type")]),
        (r#"{"amount": "5000"}"#, 422, "invalid", &[("amount", "wrong_type")]),
        (r#"{"amount": "５０００"}"#, 422, "invalid", &[("amount", "wrong_type")]),
        (r#"{"amount": ５０００}"#, 400, "malformed", &[]),
        (r#"{"amount": null}"#, 422, "invalid", &[("amount", "wrong_type")]),
        (r#"{"amount": 5000, "maximum": "9000"}"#, 422, "invalid", &[("maximum", "wrong_type")]),
        (r#"{"maximum": 5000.5}"#, 422, "invalid", &[("maximum", "wrong_type")]),
        (r#"{"maximum": -5000}"#, 422, "amount_invalid", &[]),
        (r#"{"amount": 5000, "reserve": 9000}"#, 422, "invalid", &[("reserve", "unknown")]),
        (r#"{"amount": 5000, "amount": 6000}"#, 422, "invalid", &[("amount", "repeated")]),
        (r"[5000]", 400, "malformed", &[]),
        (r"", 400, "malformed", &[]),
        ("{", 400, "malformed", &[]),
    ] {
        let ask = house.ask("POST", &bids).by(&anna).key("k").header("content-type", "application/json");
        let answer = ask.bytes(body).send().await;
        refused(&answer, status, code);
        assert_eq!(answer.faults(), faults, "{body}");
    }
    let events = format!("/api/v1/auctions/{id}/events?since=2");
    assert_eq!(house.ask("GET", &events).send().await.body["items"], json!([]), "nobody has bid");
}

#[tokio::test]
async fn amounts_of_deposits_and_listings_are_whole_numbers_too() {
    let house = House::new().await;
    let (_, anna) = house.member("anna").await;
    let ask = |path: &str, body: String| {
        let ask = house.ask("POST", path).by(&anna).key("k").header("content-type", "application/json");
        ask.bytes(body).send()
    };
    let end = house.ahead(auction::Span::hours(1));
    for (amount, deposit, price) in [
        ("-5000", "amount_invalid", "too_low"),
        ("0", "amount_invalid", "too_low"),
        ("9223372036854775807", "amount_invalid", "too_high"),
        ("9223372036854775808", "invalid", "wrong_type"),
        ("5000.5", "invalid", "wrong_type"),
        ("5e3", "invalid", "wrong_type"),
        ("\"5000\"", "invalid", "wrong_type"),
        ("\"５０００\"", "invalid", "wrong_type"),
    ] {
        let paid = ask("/api/v1/wallet/deposits", format!(r#"{{"amount":{amount}}}"#)).await;
        refused(&paid, 422, deposit);
        let listing =
            format!(r#"{{"title":"의자","description":"","start_price":{amount},"ends_at":"{end}"}}"#);
        let listed = ask("/api/v1/auctions", listing).await;
        refused(&listed, 422, "invalid");
        assert_eq!(listed.faults(), [("start_price", price)], "{amount}");
    }
    assert_eq!(house.ask("GET", "/api/v1/wallet").by(&anna).send().await.body["available"], 0);
}

#[tokio::test]
async fn a_body_is_json_and_says_so() {
    let house = House::new().await;
    let (_, anna) = house.member("anna").await;
    let deposit =
        || house.ask("POST", "/api/v1/wallet/deposits").by(&anna).key("k").bytes(r#"{"amount":5000}"#);
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=euc-kr", "json", ""]
    {
        refused(&deposit().header("content-type", kind).send().await, 415, "media_type");
    }
    refused(&deposit().send().await, 415, "media_type");
    for kind in ["application/json; charset=UTF-8", "Application/JSON"] {
        assert_eq!(deposit().header("content-type", kind).send().await.status, 201, "{kind}");
    }
}

/// A title that turns the page around, a reason that hides what it says: refused, wherever members write.
#[tokio::test]
async fn hidden_characters_are_refused_in_every_text() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let id = house.auction(&seller, json!({"title": "👩‍💻 원목 의자 ❤️", "description": "한 줄\n두 줄"})).await;
    let end = house.ahead(auction::Span::hours(1));
    for hidden in ["\u{202E}", "\u{2066}", "\u{200F}", "\u{200B}", "\u{2060}", "\u{FEFF}", "\u{AD}", "\u{0}"]
    {
        let text = format!("의{hidden}자");
        let listing = json!({"title": text, "description": text, "start_price": 1_000, "ends_at": end});
        let listed = house.order("/api/v1/auctions", &seller, listing).send().await;
        refused(&listed, 422, "invalid");
        assert_eq!(listed.faults(), [("title", "invalid"), ("description", "invalid")], "{text:?}");
        let cancel = format!("/api/v1/auctions/{id}/cancel");
        let cancelled = house.order(&cancel, &seller, json!({"reason": text})).send().await;
        refused(&cancelled, 422, "invalid");
        assert_eq!(cancelled.faults(), [("reason", "invalid")], "{text:?}");
        let named = house.ask("PATCH", "/api/v1/me").by(&seller).json(json!({"nickname": text})).send().await;
        refused(&named, 422, "invalid");
        assert_eq!(named.faults(), [("nickname", "invalid")], "{text:?}");
    }
    let lines = json!({"title": "의\n자", "description": "의\n자", "start_price": 1_000, "ends_at": end});
    let listed = house.order("/api/v1/auctions", &seller, lines).send().await;
    assert_eq!(listed.faults(), [("title", "invalid")], "a title is one line");
}

#[tokio::test]
async fn what_nobody_asks_for_is_said_to_be_unknown() {
    let house = House::new().await;
    let (seller_id, seller) = house.member("seller").await;
    let id = house.auction(&seller, json!({})).await;
    for path in
        ["/me", "/wallet", "/openapi.json", &format!("/auctions/{id}"), &format!("/members/{seller_id}")]
    {
        let asked = |query| house.ask("GET", &format!("/api/v1{path}{query}")).by(&seller).send();
        assert_eq!(asked("").await.status, 200, "{path}");
        let answer = asked("?x=1").await;
        refused(&answer, 422, "invalid");
        assert_eq!(answer.faults(), [("x", "unknown")], "{path}");
    }
}

#[tokio::test]
async fn what_moves_money_needs_a_key() {
    let house = House::new().await;
    let (_, anna) = house.member("anna").await;
    let deposit = || house.ask("POST", "/api/v1/wallet/deposits").by(&anna).json(json!({"amount": 5_000}));
    refused(&deposit().send().await, 400, "key_required");
    for key in ["", "a b", &"k".repeat(65)] {
        let answer = deposit().key(key).send().await;
        refused(&answer, 422, "invalid");
        assert_eq!(answer.faults(), [("Idempotency-Key", "invalid")]);
    }
    assert_eq!(deposit().key(&"k".repeat(64)).send().await.status, 201);
}

#[tokio::test]
async fn a_body_ends_at_64_kib() {
    let house = House::new().await;
    let padded = |length: usize| {
        let body = r#"{"username":"mira","password":"moon over the river","nickname":"mira"}"#;
        format!("{body}{}", " ".repeat(length - body.len()))
    };
    let sign_up = |body: String| {
        house.ask("POST", "/api/v1/members").header("content-type", "application/json").bytes(body).send()
    };
    refused(&sign_up(padded(64 * 1024 + 1)).await, 413, "too_large");
    refused(&sign_up(padded(900 * 1024)).await, 413, "too_large");
    assert_eq!(sign_up(padded(64 * 1024)).await.status, 201);
}

/// A body that does not say how large it is ends at the same byte.
#[tokio::test]
async fn a_body_in_pieces_ends_at_64_kib_too() {
    let house = House::new().await;
    for (bytes, status) in [(64 * 1024, "400"), (64 * 1024 + 1, "413")] {
        let mut stream = TcpStream::connect(house.address).await.unwrap();
        let head = "POST /api/v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\
                    Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
        let body = format!("{bytes:x}\r\n{}\r\n0\r\n\r\n", "x".repeat(bytes));
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        let mut heard = [0; 12];
        stream.read_exact(&mut heard).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&heard), format!("HTTP/1.1 {status}"), "{bytes} bytes");
    }
}

#[tokio::test]
async fn a_foreign_origin_changes_nothing() {
    let house = House::new().await;
    let (_, anna) = house.member("anna").await;
    let ours = format!("http://{}", house.address);
    let deposit = |header: &str, value: &str| {
        house.order("/api/v1/wallet/deposits", &anna, json!({"amount": 5_000})).header(header, value).send()
    };
    for (header, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://127.0.0.1:1"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        refused(&deposit(header, value).await, 403, "foreign_origin");
    }
    for (header, value) in
        [("origin", ours.as_str()), ("sec-fetch-site", "same-origin"), ("sec-fetch-site", "none")]
    {
        assert_eq!(deposit(header, value).await.status, 201, "{header}: {value}");
    }
    let looked =
        house.ask("GET", "/api/v1/me").by(&anna).header("origin", "https://evil.example").send().await;
    assert_eq!(looked.status, 200, "looking changes nothing");
    assert_eq!(looked.header("access-control-allow-origin"), "", "and its page sees nothing of it");
}

#[tokio::test]
async fn every_answer_ties_the_browsers_hands() {
    let mut wishes = Wishes::default();
    wishes.web.metrics_token = Some("token".to_owned());
    let house = House::wishing(wishes).await;
    for path in ["/api/v1/auctions", "/api/v1/nothing", "/healthz", "/nothing"] {
        let answer = house.ask("GET", path).send().await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
    }
}
