//! /sessions: signing in and out, by cookie and by token.

use std::net::{IpAddr, Ipv4Addr};

use auction::Span;
use axum::http::HeaderMap;
use serde_json::json;
use web::api::sessions::{begin, recognise};
use web::caller::Address;
use web::failure::Code;

use crate::ask::refused;
use crate::browser::Browser;
use crate::house::{House, PASSWORD, Wishes};

#[tokio::test]
async fn a_sign_in_gives_a_cookie_or_a_token_never_both() {
    let house = House::new().await;
    house.member("mira").await;
    let sign_in = |body| house.ask("POST", "/api/v1/sessions").json(body).send();
    let by_cookie = sign_in(json!({"username": "mira", "password": PASSWORD})).await;
    assert_eq!(by_cookie.status, 201);
    assert!(by_cookie.body.get("token").is_none());
    let line = by_cookie.header("set-cookie");
    assert!(line.starts_with("session=") && line.ends_with("; HttpOnly; SameSite=Lax"), "{line}");
    let cookie = line.split(';').next().unwrap();
    let me = house.ask("GET", "/api/v1/me").header("cookie", cookie).send().await;
    assert_eq!(me.body["username"], "mira");

    let by_token = sign_in(json!({"username": "mira", "password": PASSWORD, "token": true})).await;
    assert_eq!(by_token.header("set-cookie"), "");
    assert_eq!(by_token.body["token"].as_str().unwrap().len(), 43);
}

#[tokio::test]
async fn nobody_learns_whether_a_member_exists() {
    let house = House::new().await;
    house.member("mira").await;
    let mut said = Vec::new();
    for (username, password) in
        [("mira", "wrong password"), ("nobody", PASSWORD), ("No Body", PASSWORD), ("", "")]
    {
        let sign_in = json!({"username": username, "password": password});
        let answer = house.ask("POST", "/api/v1/sessions").json(sign_in).send().await;
        refused(&answer, 401, "credentials_wrong");
        said.push(answer.text);
    }
    assert!(said.iter().all(|text| *text == said[0]));
}

#[tokio::test]
async fn signing_out_ends_one_session_or_all() {
    let house = House::new().await;
    let (_, first) = house.member("mira").await;
    let (second, third) = (house.token("mira").await, house.token("mira").await);
    let (_, other) = house.member("noru").await;
    let out = house.ask("DELETE", "/api/v1/sessions/current").by(&first).send().await;
    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie").starts_with("session=; "), "the cookie goes too");
    refused(&house.ask("GET", "/api/v1/me").by(&first).send().await, 401, "unauthenticated");
    assert_eq!(house.ask("GET", "/api/v1/me").by(&second).send().await.status, 200);
    assert_eq!(house.ask("DELETE", "/api/v1/sessions").by(&second).send().await.status, 204);
    for token in [&second, &third] {
        refused(&house.ask("GET", "/api/v1/me").by(token).send().await, 401, "unauthenticated");
    }
    assert_eq!(house.ask("GET", "/api/v1/me").by(&other).send().await.status, 200);
}

#[tokio::test]
async fn a_browser_that_signs_in_again_leaves_no_session_behind() {
    let house = House::new().await;
    house.member("mira").await;
    let sign_in = json!({"username": "mira", "password": PASSWORD});
    let first = house.ask("POST", "/api/v1/sessions").json(sign_in.clone()).send().await;
    let cookie = first.header("set-cookie").split(';').next().unwrap().to_owned();
    let again = house.ask("POST", "/api/v1/sessions").header("cookie", &cookie).json(sign_in).send().await;
    assert_eq!(again.status, 201);
    refused(&house.ask("GET", "/api/v1/me").header("cookie", &cookie).send().await, 401, "unauthenticated");
}

#[tokio::test]
async fn who_ends_sessions_on_the_pages_or_by_the_api_tells_the_sockets() {
    let house = House::new().await;
    let (id, token) = house.member("mira").await;
    let mut browser = Browser::new(&house);
    let sign_in = [("username", "mira"), ("password", PASSWORD)];
    assert_eq!(browser.post("/sign-in", &sign_in).await.status, 303);
    let mut socket = house.state.hub.connect();
    assert!(socket.sign_in(ledger::MemberId(id), 10));
    assert!(!socket.must_check_session());

    assert_eq!(browser.post("/sign-in", &sign_in).await.status, 303);
    assert!(socket.must_check_session(), "the session that this browser had before is over");
    let change = [("current_password", PASSWORD), ("new_password", PASSWORD)];
    assert_eq!(browser.post("/me/password", &change).await.status, 303);
    assert!(socket.must_check_session(), "the password was changed");
    assert_eq!(browser.post("/sign-out", &[]).await.status, 303);
    assert!(socket.must_check_session(), "signed out on a page");
    assert_eq!(browser.post("/sign-in", &sign_in).await.status, 303);
    assert!(!socket.must_check_session(), "one session more ends none");
    assert_eq!(browser.post("/sign-out-everywhere", &[]).await.status, 303);
    assert!(socket.must_check_session(), "signed out everywhere on a page");

    refused(&house.ask("GET", "/api/v1/me").by(&token).send().await, 401, "unauthenticated");
    let token = house.token("mira").await;
    let change = json!({"current_password": PASSWORD, "new_password": PASSWORD});
    let changed = house.ask("POST", "/api/v1/me/password").by(&token).json(change).send().await;
    assert_eq!(changed.status, 204);
    assert!(socket.must_check_session(), "the password was changed by the API");
    assert_eq!(house.ask("DELETE", "/api/v1/sessions/current").by(&token).send().await.status, 204);
    assert!(socket.must_check_session(), "signed out by the API");
}

#[tokio::test]
async fn a_sign_in_under_way_does_not_outlive_the_password_it_was_judged_by() {
    let house = House::new().await;
    let (_, token) = house.member("mira").await;
    let address = Address(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let recognise = |password| recognise(&house.state, address, "mira", password);
    let (late, first) = (recognise(PASSWORD).await.unwrap(), recognise(PASSWORD).await.unwrap());
    assert!(begin(&house.state, first, &HeaderMap::new()).await.is_ok());

    let change = json!({"current_password": PASSWORD, "new_password": "sun over the river"});
    let changed = house.ask("POST", "/api/v1/me/password").by(&token).json(change).send().await;
    assert_eq!(changed.status, 204);
    let refused = begin(&house.state, late, &HeaderMap::new()).await.err();
    assert_eq!(refused.map(|problem| problem.code()), Some(Code::CredentialsWrong));
    let again = recognise("sun over the river").await.unwrap();
    assert!(begin(&house.state, again, &HeaderMap::new()).await.is_ok());
}

#[tokio::test]
async fn a_session_expires_by_idleness_and_lives_on_by_use() {
    let house = House::new().await;
    let (_, used) = house.member("mira").await;
    let idle = house.token("mira").await;
    let me = |token: &str| house.ask("GET", "/api/v1/me").by(token).send();
    house.pass(Span::days(20));
    assert_eq!(me(&used).await.status, 200);
    house.pass(Span::days(20));
    refused(&me(&idle).await, 401, "session_expired");
    assert_eq!(me(&used).await.status, 200);
    for _ in 0..2 {
        house.pass(Span::days(24));
        assert_eq!(me(&used).await.status, 200);
    }
    house.pass(Span::days(2));
    refused(&me(&used).await, 401, "session_expired");
}

#[tokio::test]
async fn an_expired_cookie_makes_a_stranger_where_strangers_may_look() {
    let house = House::new().await;
    let (_, token) = house.member("mira").await;
    let auction = house.auction(&token, json!({})).await;
    house.pass(Span::days(40));
    let path = format!("/api/v1/auctions/{auction}");
    let cookie = format!("session={token}");
    assert_eq!(house.ask("GET", &path).header("cookie", &cookie).send().await.status, 200);
    refused(&house.ask("GET", &path).by(&token).send().await, 401, "session_expired");
    refused(&house.ask("GET", "/api/v1/me").header("cookie", &cookie).send().await, 401, "session_expired");
}

#[tokio::test]
async fn what_is_no_credential_is_refused() {
    let house = House::new().await;
    let (_, token) = house.member("mira").await;
    for line in
        ["Basic bWlyYTpwYXNz", "Bearer", "Bearer ", "Bearer short", &format!("Bearer {token}x"), &token]
    {
        let answer = house.ask("GET", "/api/v1/me").header("authorization", line).send().await;
        refused(&answer, 401, "unauthenticated");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
}

#[tokio::test]
async fn guessing_gets_slow_and_only_for_the_one_who_guesses() {
    let mut wishes = Wishes::default();
    wishes.web.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let house = House::wishing(wishes).await;
    house.member("mira").await;
    let try_from = |address: &'static str, password: &str| {
        let sign_in = json!({"username": "mira", "password": password});
        house.ask("POST", "/api/v1/sessions").header("x-forwarded-for", address).json(sign_in).send()
    };
    for _ in 0..5 {
        refused(&try_from("203.0.113.1", "guess guess").await, 401, "credentials_wrong");
    }
    let waits = try_from("203.0.113.1", PASSWORD).await;
    refused(&waits, 429, "rate_limited");
    assert_eq!(waits.header("retry-after"), "1");
    assert_eq!(try_from("203.0.113.2", PASSWORD).await.status, 201, "the member himself, from elsewhere");
    house.pass(Span::seconds(1));
    assert_eq!(try_from("203.0.113.1", PASSWORD).await.status, 201, "nobody is locked out");
}
