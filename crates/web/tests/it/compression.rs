//! Compression: who gets gzip, of what, and where it would give something away.

use serde_json::json;

use crate::ask::{Answer, Ask};
use crate::house::{House, PASSWORD};

/// Whether an answer came compressed; each says what it depends on.
fn is_compressed(answer: &Answer) -> bool {
    let is_compressed = answer.header("content-encoding") == "gzip";
    let varies = answer.headers.get_all("vary").iter().any(|vary| vary == "accept-encoding");
    assert!(varies || !is_compressed);
    assert!(!is_compressed || answer.bytes_sent < answer.text.len());
    is_compressed
}

async fn get(house: &House, path: &str, more: impl Fn(Ask) -> Ask) -> Answer {
    let answer = more(house.ask("GET", path)).send().await;
    assert_eq!(answer.status, 200, "{path}");
    answer
}

#[tokio::test]
async fn long_text_is_compressed_for_who_accepts_it() {
    let house = House::new().await;
    for (path, is_long_text) in [
        ("/", true),
        ("/sign-in", true),
        ("/static/css/tokens.css", true),
        ("/static/js/main.js", true),
        ("/api/v1/openapi.json", true),
        ("/api/v1/regions", true),
        ("/api/v1/auctions", false),
        ("/healthz", false),
    ] {
        let plain = get(&house, path, |ask| ask).await;
        assert!(!is_compressed(&plain), "{path}");
        for accepted in ["gzip", "gzip, deflate, br, zstd"] {
            let answer = get(&house, path, |ask| ask.header("accept-encoding", accepted)).await;
            assert_eq!(is_compressed(&answer), is_long_text, "{path}");
            assert_eq!(answer.text.len(), plain.text.len(), "{path}");
        }
        for refused in ["br", "gzip;q=0", "identity"] {
            let answer = get(&house, path, |ask| ask.header("accept-encoding", refused)).await;
            assert!(!is_compressed(&answer), "{path} to {refused}");
        }
    }
}

#[tokio::test]
async fn a_file_has_one_weak_tag_in_both_forms() {
    let house = House::new().await;
    let path = "/static/css/base.css";
    let plain = get(&house, path, |ask| ask).await;
    let small = get(&house, path, |ask| ask.header("accept-encoding", "gzip")).await;
    assert!(is_compressed(&small) && !is_compressed(&plain));
    assert!(plain.header("etag").starts_with("W/\""));
    assert_eq!(plain.header("etag"), small.header("etag"));
    assert_eq!(plain.header("vary"), "accept-encoding");
    let known = house.ask("GET", path).header("if-none-match", plain.header("etag"));
    let unchanged = known.header("accept-encoding", "gzip").send().await;
    assert_eq!((unchanged.status, unchanged.text.as_str()), (304, ""));
    assert_eq!(unchanged.header("etag"), plain.header("etag"));
    assert_eq!(unchanged.header("vary"), "accept-encoding");
}

#[tokio::test]
async fn what_another_site_has_a_member_ask_for_is_not_compressed() {
    let house = House::new().await;
    let (_, token) = house.member("mira").await;
    let cookie = format!("session={token}");
    for (site, to_a_member) in
        [("same-origin", true), ("none", true), ("same-site", false), ("cross-site", false)]
    {
        let asked = |ask: Ask| ask.header("accept-encoding", "gzip").header("sec-fetch-site", site);
        let answer = get(&house, "/?q=guess", |ask| asked(ask).header("cookie", &cookie)).await;
        assert_eq!(is_compressed(&answer), to_a_member, "{site}");
        assert!(answer.text.contains("mira"), "the page knows whose it is");
        let answer = get(&house, "/?q=guess", asked).await;
        assert!(is_compressed(&answer), "a stranger from {site}");
    }
}

#[tokio::test]
async fn an_order_is_never_compressed_as_it_holds_a_code() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, buyer) = house.rich_member("buyer", 100_000).await;
    let auction = house.auction(&seller, json!({"buy_now_price": 30_000})).await;
    let path = format!("/api/v1/auctions/{auction}/buy-now");
    let order = house.order(&path, &buyer, json!({})).send().await.body["order"]["id"].clone();
    let cookie = format!("session={buyer}");
    for (path, is_compressed_as_ever) in [
        (format!("/orders/{order}"), false),
        (format!("/api/v1/orders/{order}"), false),
        ("/orders".to_owned(), true),
    ] {
        let asked = |ask: Ask| ask.header("accept-encoding", "gzip").header("cookie", &cookie);
        let answer = get(&house, &path, asked).await;
        assert_eq!(is_compressed(&answer), is_compressed_as_ever, "{path}");
    }
}

#[tokio::test]
async fn the_answer_to_a_change_is_never_compressed() {
    let house = House::new().await;
    house.member("mira").await;
    let form = house.ask("POST", "/sign-in").header("content-type", "application/x-www-form-urlencoded");
    let form = form.header("accept", "text/html").header("accept-encoding", "gzip");
    let wrong = form.bytes("username=mira&password=guess+guess").send().await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.text.len() > 1_024 && !is_compressed(&wrong));

    let sign_in = json!({"username": "mira", "password": PASSWORD});
    let asked = house.ask("POST", "/api/v1/sessions").header("accept-encoding", "*;q=0");
    let answer = asked.json(sign_in).send().await;
    assert_eq!(answer.status, 201, "what was done is not answered as not acceptable");
}
