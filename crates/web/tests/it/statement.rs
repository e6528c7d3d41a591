//! /wallet/statement: a period of the wallet as a file, explained row by row.

use auction::Span;
use serde_json::json;

use crate::ask::refused;
use crate::house::House;

/// The cells of each row; titles here hold neither commas nor quotes.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let text = text.strip_prefix('\u{feff}').expect("what a spreadsheet knows UTF-8 by");
    text.strip_suffix("\r\n").unwrap().split("\r\n").map(|row| row.split(',').collect()).collect()
}

#[tokio::test]
async fn opening_and_rows_make_closing_which_is_the_ledgers() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, anna) = house.rich_member("anna", 50_000).await;
    let (_, bora) = house.rich_member("bora", 50_000).await;
    house.pass(Span::seconds(5));
    let middle = live::frame::time(house.now());
    let id = house.auction(&seller, json!({"title": "=의자", "buy_now_price": 30_000})).await;
    let path = format!("/api/v1/auctions/{id}");
    house.order(&format!("{path}/bids"), &anna, json!({"maximum": 20_000})).send().await;
    house.order(&format!("{path}/bids"), &bora, json!({"amount": 21_000})).send().await;
    house.order(&format!("{path}/buy-now"), &anna, json!({})).send().await;
    house.pass(Span::seconds(5));
    for token in [&anna, &bora, &seller] {
        let wallet = house.ask("GET", "/api/v1/wallet").by(token).send().await.body;
        for query in [String::new(), format!("?from={middle}"), format!("?to={middle}")] {
            let file = house.ask("GET", &format!("/api/v1/wallet/statement{query}")).by(token).send().await;
            assert_eq!(file.status, 200, "{}", file.text);
            assert_eq!(file.header("content-disposition"), "attachment; filename=\"statement.csv\"");
            let rows = rows(&file.text);
            assert_eq!(rows[0].join(","), "at,id,reason,auction,title,in,out,available,held");
            let number = |cell: &str| cell.parse::<i64>().unwrap();
            let balance = |row: &[&str]| (number(row[7]), number(row[8]));
            let (first, last) = (&rows[1], &rows[rows.len() - 1]);
            assert_eq!((first[2], last[2]), ("opening", "closing"));
            let moved: i64 = rows[2..rows.len() - 1].iter().map(|row| number(row[5]) - number(row[6])).sum();
            let (opened, closed) = (balance(first), balance(last));
            assert_eq!(opened.0 + opened.1 + moved, closed.0 + closed.1, "{}", file.text);
            if !query.starts_with("?to") {
                let now = (wallet["available"].as_i64().unwrap(), wallet["held"].as_i64().unwrap());
                assert_eq!(closed, now, "{}", file.text);
            }
        }
    }
    let now = live::frame::time(house.now());
    let until = async |to: &str| {
        house.ask("GET", &format!("/api/v1/wallet/statement?to={to}")).by(&anna).send().await.text
    };
    assert_eq!(until("2099-01-01T00:00:00Z").await, until(&now).await, "what is to come is not stated");
    let file = house.ask("GET", "/api/v1/wallet/statement").by(&anna).send().await;
    let reasons: Vec<_> = rows(&file.text).iter().map(|row| (row[2].to_owned(), row[4].to_owned())).collect();
    let expected = [
        ("reason", "title"),
        ("opening", ""),
        ("deposit", ""),
        ("bid_hold", "'=의자"),
        ("bid_release", "'=의자"),
        ("purchase", "'=의자"),
        ("closing", ""),
    ];
    assert_eq!(reasons, expected.map(|(reason, title)| (reason.to_owned(), title.to_owned())));
}

#[tokio::test]
async fn a_statement_without_a_beginning_opens_a_year_before_its_end() {
    let house = House::new().await;
    house.rich_member("mira", 50_000).await;
    house.pass(Span::days(366));
    let whole = house.ask("GET", "/api/v1/wallet/statement").by(&house.token("mira").await).send().await;
    assert_eq!(rows(&whole.text).len(), 4, "its first moment is counted in: {}", whole.text);
    house.pass(Span::seconds(1));
    let token = house.token("mira").await;
    let later = house.ask("GET", "/api/v1/wallet/statement").by(&token).send().await;
    let balances: Vec<_> =
        rows(&later.text)[1..].iter().map(|row| (row[2].to_owned(), row[7].to_owned())).collect();
    let expected = ["opening", "closing"].map(|what| (what.to_owned(), "50000".to_owned()));
    assert_eq!(balances, expected, "what was before stands in the opening balance");
}

#[tokio::test]
async fn a_statement_is_ones_own_and_of_a_time() {
    let house = House::new().await;
    let (_, mira) = house.member("mira").await;
    let ask = |query: &str| house.ask("GET", &format!("/api/v1/wallet/statement{query}"));
    refused(&ask("").send().await, 401, "unauthenticated");
    for (query, fault) in [
        ("?from=2027-01-02T00:00:00Z&to=2027-01-01T00:00:00Z", ("to", "too_early")),
        ("?from=yesterday", ("from", "invalid")),
        ("?limit=5", ("limit", "unknown")),
    ] {
        assert_eq!(ask(query).by(&mira).send().await.faults(), [fault], "{query}");
    }
    // A leap year is stated whole, and no more than one.
    for (query, status) in [
        ("?from=2025-01-14T00:00:00Z&to=2026-01-15T00:00:00Z", 200),
        ("?from=2025-01-13T23:59:59Z&to=2026-01-15T00:00:00Z", 422),
        ("?from=2026-01-14T00:00:01Z", 200),
        ("?from=2026-01-13T00:00:00Z", 422),
        ("?from=1970-01-01T00:00:00Z&to=2099-01-01T00:00:00Z", 422),
        ("?to=2026-01-15T00:00:00Z", 200),
    ] {
        let answer = ask(query).by(&mira).send().await;
        assert_eq!(answer.status, status, "{query}: {}", answer.text);
        if status == 422 {
            assert_eq!(answer.faults(), [("from", "too_early")], "{query}");
        }
    }
    let empty = ask("").by(&mira).send().await;
    assert_eq!(rows(&empty.text).len(), 3, "opening and closing: {}", empty.text);
}
