//! The watchlist: over the API, by the heart's form, and on the pages.

use auction::Span;
use serde_json::json;

use crate::ask::refused;
use crate::browser::Browser;
use crate::house::House;

#[tokio::test]
async fn a_watchlist_is_kept_counted_and_listed() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, anna) = house.member("anna").await;
    let (_, bora) = house.member("bora").await;
    let late = house.auction(&seller, json!({"ends_at": house.ahead(Span::hours(9))})).await;
    let soon = house.auction(&seller, json!({})).await;
    let watch = |id: i64, by: &str| house.ask("POST", &format!("/api/v1/auctions/{id}/watch")).by(by);
    for (id, by, watchlists) in [(late, &anna, 1), (soon, &anna, 1), (soon, &anna, 1), (soon, &bora, 2)] {
        let answer = watch(id, by).json(json!({})).send().await;
        let expected = json!({"auction_id": id, "watched": true, "watchlists": watchlists});
        assert_eq!((answer.status, answer.body), (200, expected));
    }
    let path = format!("/api/v1/auctions/{soon}");
    for (by, watched) in [(Some(&anna), json!(true)), (Some(&seller), json!(false)), (None, json!(null))] {
        let ask = house.ask("GET", &path);
        let seen = by.map_or_else(|| house.ask("GET", &path), |by| ask.by(by)).send().await;
        assert_eq!((&seen.body["watchlists"], &seen.body["watched"]), (&json!(2), &watched));
    }
    let list = || house.ask("GET", "/api/v1/me/watching?limit=1").by(&anna).send();
    let first = list().await;
    assert_eq!(first.body["items"][0]["id"], json!(soon), "{}", first.text);
    let next = format!("/api/v1/me/watching?cursor={}", first.body["next"].as_str().unwrap());
    let second = house.ask("GET", &next).by(&anna).send().await;
    assert_eq!((&second.body["items"][0]["id"], second.body.get("next")), (&json!(late), None));
    for watchlists in [1, 1] {
        let gone = house.ask("DELETE", &format!("/api/v1/auctions/{soon}/watch")).by(&anna).send().await;
        let expected = json!({"auction_id": soon, "watched": false, "watchlists": watchlists});
        assert_eq!((gone.status, gone.body), (200, expected));
    }
    assert_eq!(list().await.body["items"][0]["id"], json!(late));
    refused(&watch(999_999, &anna).send().await, 404, "auction_not_found");
    refused(&watch(late, &anna).json(json!({"why": 1})).send().await, 422, "invalid");
    let stranger = house.ask("POST", &format!("/api/v1/auctions/{late}/watch")).send().await;
    refused(&stranger, 401, "unauthenticated");
    refused(&house.ask("GET", "/api/v1/me/watching").send().await, 401, "unauthenticated");
}

#[tokio::test]
async fn a_heart_works_without_scripts() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let id = house.auction(&seller, json!({})).await;
    house.follow().await;
    let (page, form) = (format!("/auctions/{id}"), format!("/auctions/{id}/watch"));
    let mut guest = Browser::speaking(&house, "en");
    guest.open(&page).await.says(&format!("href=\"/sign-in?next=%2Fauctions%2F{id}\""));
    let sent = guest.post(&form, &[("watched", "1")]).await;
    let sign_in = format!("/sign-in?next=%2Fauctions%2F{id}");
    assert_eq!((sent.status, sent.header("location")), (303, sign_in.as_str()));

    let mut anna = Browser::of_member(&house, "anna").await;
    let pressed = |html: &str| html.matches("aria-pressed=\"true\"").count();
    let home = anna.open("/").await;
    assert_eq!((home.html.matches("data-heart=").count(), pressed(&home.html)), (2, 0), "in rail and grid");
    for next in ["/", page.as_str()] {
        let sent = anna.post(&form, &[("watched", "1"), ("next", next)]).await;
        assert_eq!((sent.status, sent.header("location")), (303, next));
    }
    let outside = anna.post(&form, &[("watched", "1"), ("next", "//evil.example")]).await;
    assert_eq!(outside.header("location"), "/");
    assert_eq!(pressed(&anna.open("/").await.html), 2);
    assert_eq!(pressed(&anna.open(&page).await.html), 1);
    anna.post(&form, &[("watched", "0")]).await;
    assert_eq!(pressed(&anna.open(&page).await.html), 0);
    let missing = anna.post("/auctions/999999/watch", &[("watched", "1")]).await;
    assert_eq!(missing.status, 404);
}

/// What a member bids on, watches and sells stands on one page, each once and where it belongs.
#[tokio::test]
async fn my_auctions_at_a_glance() {
    let house = House::new().await;
    let (_, seller) = house.rich_member("seller", 900_000).await;
    let (_, bora) = house.rich_member("bora", 900_000).await;
    let mut anna = Browser::of_member(&house, "anna").await;
    let token = house.token("anna").await;
    house.order("/api/v1/wallet/deposits", &token, json!({"amount": 900_000})).send().await;
    anna.open("/me/auctions").await.says("class=\"empty\"");
    let (hour, day) = (house.ahead(Span::hours(1)), house.ahead(Span::hours(20)));
    let mut made = Vec::new();
    for (title, end) in
        [("밀린 것", &hour), ("1등인 것", &hour), ("보는 것", &day), ("산 것", &day), ("놓친 것", &day)]
    {
        made.push(
            house.auction(&seller, json!({"title": title, "ends_at": end, "buy_now_price": 90_000})).await,
        );
    }
    let sold = house.auction(&token, json!({"title": "파는 것"})).await;
    let bid = async |id: i64, by: &str, amount: i64| {
        let answer = house.order(&format!("/api/v1/auctions/{id}/bids"), by, json!({"amount": amount}));
        assert_eq!(answer.send().await.status, 201);
    };
    bid(made[0], &token, 5_000).await;
    bid(made[0], &bora, 6_000).await;
    bid(made[1], &token, 5_000).await;
    bid(made[4], &token, 5_000).await;
    for (id, by) in [(made[3], &token), (made[4], &bora)] {
        house.order(&format!("/api/v1/auctions/{id}/buy-now"), by, json!({})).send().await;
    }
    for id in [made[0], made[2]] {
        house.ask("POST", &format!("/api/v1/auctions/{id}/watch")).by(&token).send().await;
    }
    let page = anna.open("/me/auctions").await;
    for (group, ids) in [
        ("needs_you", vec![made[0]]),
        ("leading", vec![made[1]]),
        ("watching", vec![made[2]]),
        ("selling", vec![sold]),
        ("won", vec![made[3]]),
        ("past", vec![made[4]]),
    ] {
        let section = page.html.split(&format!("data-group=\"{group}\"")).nth(1).unwrap();
        let section = section.split("</section>").next().unwrap();
        for id in [made.clone(), vec![sold]].concat() {
            let stands = section.contains(&format!("data-auction=\"{id}\""));
            assert_eq!(stands, ids.contains(&id), "{id} in {group}");
        }
        let glance = page.html.split(&format!("data-glance=\"{group}\"")).nth(1).unwrap();
        assert!(glance.split("</a>").next().unwrap().contains("<b data-number>1</b>"), "{group}");
    }
    // The buyer may have to act on his order, the seller has: it needs her first.
    let mut other = Browser::new(&house);
    let fields = [("username", "seller"), ("password", crate::house::PASSWORD), ("next", "/")];
    assert_eq!(other.post("/sign-in", &fields).await.status, 303);
    let page = other.open("/me/auctions").await;
    let needs =
        page.html.split("data-group=\"needs_you\"").nth(1).unwrap().split("</section>").next().unwrap();
    for id in [made[3], made[4]] {
        assert!(needs.contains(&format!("data-auction=\"{id}\"")), "{id} waits to be handed over");
    }
}

/// What a browser has seen comes as cards, in its order; nothing else can be asked for so.
#[tokio::test]
async fn cards_come_by_their_numbers() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let first = house.auction(&seller, json!({})).await;
    let second = house.auction(&seller, json!({})).await;
    house.follow().await;
    let mut guest = Browser::new(&house);
    let shown = guest.once("GET", &format!("/cards?ids={second}.999999.{first}.{second}.x"), "").await;
    let numbers: Vec<&str> =
        shown.text.split("data-auction=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!((shown.status, numbers), (200, vec![&*second.to_string(), &*first.to_string()]));
    assert!(!shown.text.contains("<html") && shown.text.contains("/sign-in?next=%2F\""));
    let nothing = guest.once("GET", "/cards", "").await;
    assert_eq!((nothing.status, nothing.text.trim()), (200, ""));
    guest.open("/").await.says("data-seen hidden");
}

/// The notice comes once, is told as every other, and leads to its auction.
#[tokio::test]
async fn who_watches_hears_that_it_ends_soon() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let mut anna = Browser::of_member(&house, "anna").await;
    let token = house.token("anna").await;
    let id = house.auction(&seller, json!({"ends_at": house.ahead(Span::minutes(5))})).await;
    house.ask("POST", &format!("/api/v1/auctions/{id}/watch")).by(&token).send().await;
    house.follow().await;
    for _ in 0..2 {
        house.records.tell_endings().await.unwrap();
    }
    let told = house.ask("GET", "/api/v1/notices").by(&token).send().await;
    let kinds: Vec<_> = told.body["items"].as_array().unwrap().iter().map(|item| &item["kind"]).collect();
    assert_eq!((kinds, &told.body["unread"]), (vec![&json!("ending_soon")], &json!(1)));
    anna.open("/notices").await.says("곧 끝나요").says(&format!("href=\"/auctions/{id}\""));
}
