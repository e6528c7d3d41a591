//! Pictures on pages, and forms that bring them as files, as a browser without scripts sends them.

use auction::Span;
use image::ImageFormat;
use serde_json::json;

use crate::browser::{Browser, Shown};
use crate::house::House;
use crate::pages_forms::minute;
use crate::pictures::{painted, uploaded};

const BOUNDARY: &str = "----a-boundary-of-a-test";

/// A form with files as a browser encodes it.
fn encoded(fields: &[(&str, &str)], files: &[&[u8]]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(
            format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                .bytes(),
        );
    }
    for (at, file) in files.iter().enumerate() {
        let head = format!(
            "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"photos\"; filename=\"{at}.jpg\"\r\ncontent-type: image/jpeg\r\n\r\n"
        );
        body.extend(head.bytes());
        body.extend_from_slice(file);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    body
}

async fn send(house: &House, token: &str, path: &str, fields: &[(&str, &str)], files: &[&[u8]]) -> Shown {
    let ask = house.ask("POST", path).header("accept", "text/html").header("accept-language", "ko");
    let ask = ask.header("content-type", &format!("multipart/form-data; boundary={BOUNDARY}"));
    let ask = ask
        .header("origin", &format!("http://{}", house.address))
        .header("cookie", &format!("session={token}"));
    let answer = ask.bytes(encoded(fields, files)).send().await;
    Shown { status: answer.status, path: path.to_owned(), html: answer.text.clone(), answer }
}

async fn open(house: &House, token: &str, path: &str) -> Shown {
    let ask = house.ask("GET", path).header("accept", "text/html").header("accept-language", "ko");
    let answer = ask.header("cookie", &format!("session={token}")).send().await;
    Shown { status: answer.status, path: path.to_owned(), html: answer.text.clone(), answer }
}

#[tokio::test]
async fn a_form_with_files_lists_without_scripts() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let end = minute(&house, Span::hours(5));
    let fields = |key: &str| {
        [
            ("key", key.to_owned()),
            ("title", "원목 의자".to_owned()),
            ("description", "두 해 썼어요".to_owned()),
            ("start_price", "1,000".to_owned()),
            ("bid_unit", "1000".to_owned()),
            ("ends_at", end.clone()),
            ("soft_close_minutes", "3".to_owned()),
            ("with_pictures", "1".to_owned()),
        ]
    };
    let own = fields(&open(&house, &seller, "/sell").await.field("/sell", "key"));
    let own: Vec<_> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let (one, two) = (painted(50, 400, 300, ImageFormat::Jpeg), painted(51, 400, 300, ImageFormat::Png));

    let broken = send(&house, &seller, "/sell", &own, &[&one, b"<svg/>", &two]).await;
    assert_eq!(broken.status, 422);
    broken.says("JPEG, PNG, WebP 사진만 올릴 수 있어요.").says("원목 의자");
    let first = broken.field("/sell", "picture_1");
    assert!(!broken.html.contains("name=\"picture_2\""), "what came behind it was not tried");

    let more = [&own[..], &[("picture_1", &first), ("alt_1", "앞모습"), ("do", "add")]].concat();
    let both = send(&house, &seller, "/sell", &more, &[&two]).await;
    assert_eq!(both.status, 200);
    let second = both.field("/sell", "picture_2");
    assert_eq!(both.field("/sell", "alt_1"), "앞모습");

    let turned = [
        &own[..],
        &[("picture_1", &first), ("alt_1", "앞모습"), ("picture_2", &second), ("do", "earlier_2")],
    ]
    .concat();
    let turned = send(&house, &seller, "/sell", &turned, &[]).await;
    assert_eq!(
        (turned.field("/sell", "picture_1"), turned.field("/sell", "alt_2")),
        (second.clone(), "앞모습".to_owned())
    );

    let sent =
        [&own[..], &[("picture_1", &second), ("alt_1", ""), ("picture_2", &first), ("alt_2", "앞모습")]]
            .concat();
    let listed = send(&house, &seller, "/sell", &sent, &[]).await;
    assert_eq!(listed.status, 303, "{}", listed.html);
    let page = listed.answer.header("location").split(['?', '#']).next().unwrap().to_owned();
    let shown = open(&house, &seller, &page).await;
    shown
        .says("<span data-place>1</span>/2")
        .says("alt=\"앞모습\"")
        .says(&format!("/pictures/{second}/320.webp 320w"));
    shown.says(
        &format!(
            "<meta property=\"og:image\" content=\"http://{}/pictures/{second}/640.jpg\">",
            house.address
        )
        .replace(&house.address.to_string(), &format!("127.0.0.1:{}", house.address.port())),
    );
    shown.says("원목 의자 · 1,000원");
    house.follow().await;
    open(&house, &seller, "/").await.says(&format!("/pictures/{second}/320.jpg"));
}

#[tokio::test]
async fn files_that_come_with_the_form_are_listed_with_it() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (key, end) =
        (open(&house, &seller, "/sell").await.field("/sell", "key"), minute(&house, Span::hours(5)));
    let fields = [
        ("key", key.as_str()),
        ("title", "자전거"),
        ("description", ""),
        ("start_price", "1000"),
        ("bid_unit", "1000"),
        ("ends_at", &end),
        ("soft_close_minutes", "3"),
    ];
    let listed = send(&house, &seller, "/sell", &fields, &[&painted(60, 400, 300, ImageFormat::Jpeg)]).await;
    assert_eq!(listed.status, 303, "{}", listed.html);
}

#[tokio::test]
async fn an_order_and_an_offer_show_the_first_picture() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, buyer) = house.rich_member("buyer", 100_000).await;
    let (_, second) = house.rich_member("second", 100_000).await;
    let one = uploaded(&house, &seller, 75).await;
    let two = uploaded(&house, &seller, 76).await;
    let pictures = json!([{"address": one, "alt": "다리가 곧은 의자"}, {"address": two, "alt": "뒷모습"}]);
    let id = house.auction(&seller, json!({"pictures": pictures})).await;
    let say = async |what: &str, token: &str, body| {
        house.order(&format!("/api/v1/auctions/{id}/{what}"), token, body).send().await
    };
    assert_eq!(say("bids", &second, json!({"amount": 15_000})).await.status, 201);
    assert_eq!(say("bids", &buyer, json!({"amount": 20_000})).await.status, 201);
    house.pass(Span::seconds(2));
    let sold = say("sell-now", &seller, json!({})).await;
    let order = sold.body["order"]["id"].as_i64().unwrap();
    for reader in [&seller, &buyer] {
        let shown = open(&house, reader, &format!("/orders/{order}")).await;
        shown.says(&format!("/pictures/{one}/320.webp 320w")).says("alt=\"다리가 곧은 의자\"");
        assert!(!shown.html.contains(&two), "the first one alone");
    }
    for token in [&buyer, &seller] {
        let path = format!("/api/v1/orders/{order}/cancel");
        assert_eq!(house.order(&path, token, json!({})).send().await.status, 200);
    }
    assert_eq!(say("offer", &seller, json!({})).await.status, 201);
    let shown = open(&house, &second, &format!("/auctions/{id}/offer")).await;
    shown.says(&format!("/pictures/{one}/320.webp 320w")).says("alt=\"다리가 곧은 의자\"");
}

#[tokio::test]
async fn an_edit_keeps_changes_and_adds_pictures() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let one = uploaded(&house, &seller, 70).await;
    let two = uploaded(&house, &seller, 71).await;
    let id = house.auction(&seller, json!({"pictures": [{"address": one, "alt": "앞"}]})).await;
    let edit = format!("/auctions/{id}/edit");
    let form = open(&house, &seller, &edit).await;
    assert_eq!((form.field(&edit, "picture_1"), form.field(&edit, "alt_1")), (one.clone(), "앞".to_owned()));
    let take = |name: &'static str| (name, form.field(&edit, name));
    let same = [
        take("key"),
        take("terms"),
        take("reserve_was"),
        take("end_was"),
        take("title"),
        take("start_price"),
        take("bid_unit"),
        take("ends_at"),
        ("soft_close_minutes", "3".to_owned()),
        ("description", "두 해 썼어요".to_owned()),
    ];
    let mut fields: Vec<(&str, &str)> = same.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fields.extend([
        ("with_pictures", "1"),
        ("picture_1", two.as_str()),
        ("alt_1", "뒤"),
        ("picture_2", one.as_str()),
        ("alt_2", "앞"),
    ]);
    let saved = send(&house, &seller, &edit, &fields, &[]).await;
    assert_eq!(saved.status, 303, "{}", saved.html);
    let shown = house.ask("GET", &format!("/api/v1/auctions/{id}")).send().await.body;
    assert_eq!((&shown["pictures"][0]["address"], &shown["pictures"][1]["alt"]), (&json!(two), &json!("앞")));

    let (_, mira) = house.rich_member("mira", 100_000).await;
    let bid = house
        .order(&format!("/api/v1/auctions/{id}/bids"), &mira, json!({"amount": 5_000, "terms": 2}))
        .send()
        .await;
    assert_eq!(bid.status, 201, "{}", bid.text);
    let form = open(&house, &seller, &edit).await;
    form.says("class=\"thumbs\"");
    let (key, terms) = (form.field(&edit, "key"), form.field(&edit, "terms"));
    let fields = [("key", key.as_str()), ("terms", terms.as_str()), ("note", ""), ("with_pictures", "1")];
    let added = send(&house, &seller, &edit, &fields, &[&painted(72, 400, 300, ImageFormat::Jpeg)]).await;
    assert_eq!(added.status, 303, "{}", added.html);
    let shown = house.ask("GET", &format!("/api/v1/auctions/{id}")).send().await.body;
    assert_eq!(shown["pictures"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_page_without_pictures_shows_the_drawing() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let id = house.auction(&seller, json!({})).await;
    let mut anyone = Browser::new(&house);
    let page = anyone.open(&format!("/auctions/{id}")).await;
    page.says("class=\"drawing").says("og:title");
    assert!(!page.html.contains("og:image") && !page.html.contains("<img class=\"photo\""));
}
