//! Saved searches: kept by the API and by a form, and told of when something new fits.

use auction::Span;
use serde_json::json;

use crate::browser::Browser;
use crate::house::House;

#[tokio::test]
async fn a_search_is_kept_once_listed_and_forgotten() {
    let house = House::new().await;
    let (_, token) = house.member("anna").await;
    let (_, other) = house.member("bert").await;
    let save = async |query: &str, token: &str| {
        house.ask("POST", "/api/v1/me/searches").by(token).json(json!({"query": query})).send().await
    };
    let kept = save("q=%EC%9D%98%EC%9E%90&buy_now=true&sort=price_asc&status=ended", &token).await;
    assert_eq!((kept.status, &kept.body["new_count"]), (200, &json!(0)), "{}", kept.text);
    assert_eq!(kept.body["query"], "q=%EC%9D%98%EC%9E%90&buy_now=true");
    let id = kept.body["id"].as_i64().unwrap();
    let again = save("?buy_now=true&q=%EC%9D%98%EC%9E%90", &token).await;
    assert_eq!(again.body, kept.body, "the same search, whatever its order");
    for (query, fault) in
        [("", "query"), ("sort=newest", "query"), ("near=home", "near"), ("ends_within=23", "ends_within")]
    {
        let refused = save(query, &token).await;
        let field = refused.body["errors"][0]["field"].clone();
        assert_eq!((refused.status, field), (422, json!(fault)), "{query}: {}", refused.text);
    }
    for at in 1..20 {
        assert_eq!(save(&format!("min_price={at}000"), &token).await.status, 200);
    }
    let full = save("q=one+more", &token).await;
    assert_eq!((full.status, full.code()), (409, "searches_full"));
    let listed = house.ask("GET", "/api/v1/me/searches").by(&token).send().await;
    let items = listed.body["items"].as_array().unwrap();
    assert_eq!((items.len(), &items[19]), (20, &kept.body), "newest first");
    let export = house.ask("GET", "/api/v1/me/export").by(&token).send().await;
    assert_eq!(export.body["saved_searches"].as_array().unwrap().len(), 20);

    let one = format!("/api/v1/me/searches/{id}");
    assert_eq!(house.ask("DELETE", &one).by(&other).send().await.status, 404, "another's is not there");
    assert_eq!(house.ask("DELETE", &one).by(&token).send().await.status, 204);
    assert_eq!(house.ask("DELETE", &one).by(&token).send().await.status, 404);
    assert_eq!(house.ask("GET", "/api/v1/me/searches").send().await.status, 401);
}

/// By forms alone: kept on the page of results, told by the clock, opened where the newest stand first.
#[tokio::test]
async fn who_keeps_a_search_hears_of_what_is_new() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let mut anna = Browser::of_member(&house, "anna").await;
    let token = house.token("anna").await;
    let results = anna.open("/?q=%EC%B1%85%EC%83%81&status=any&sort=bids").await;
    results.says("이 검색 저장");
    let saved = anna.post("/me/searches", &[("query", "&q=%EC%B1%85%EC%83%81&sort=bids&status=any")]).await;
    assert_eq!((saved.status, saved.header("location")), (303, "/me/searches"));
    anna.open("/me/searches").await.says("검색을 저장했어요").says("책상");

    house.auction(&seller, json!({"title": "원목 의자"})).await;
    let desk = house.auction(&seller, json!({"title": "원목 책상을 팔아요"})).await;
    house.follow().await;
    for _ in 0..2 {
        web::saved::turn(&house.state).await.unwrap();
    }
    let told = house.ask("GET", "/api/v1/notices").by(&token).send().await;
    let items = told.body["items"].as_array().unwrap();
    assert_eq!((items.len(), &told.body["unread"]), (1, &json!(1)), "{}", told.text);
    assert_eq!((&items[0]["kind"], &items[0]["title"]), (&json!("search_match"), &json!("책상")));
    assert_eq!((&items[0]["auction_id"], &items[0]["count"]), (&json!(desk), &json!(1)));
    let id = items[0]["search_id"].as_i64().unwrap();
    let way = format!("/me/searches/{id}");
    anna.open("/notices").await.says("새 물건 1개").says(&format!("href=\"{way}\""));
    anna.open("/me/searches").await.says("새 물건 1개");

    // Within the hour nothing is told, and it is counted all the same; after it, all together.
    for title in ["책상 둘", "책상 셋"] {
        house.auction(&seller, json!({"title": title})).await;
    }
    house.follow().await;
    web::saved::turn(&house.state).await.unwrap();
    let counted = async || {
        let told = house.ask("GET", "/api/v1/notices").by(&token).send().await;
        let items = told.body["items"].as_array().unwrap();
        (items.len(), items[0]["count"].clone())
    };
    assert_eq!(counted().await, (1, json!(1)));
    house.pass(Span::hours(1));
    web::saved::turn(&house.state).await.unwrap();
    assert_eq!(counted().await, (1, json!(2)), "one unread notice of a search, with what is new in it");

    let opened = anna.once("GET", &way, "").await;
    assert_eq!((opened.status, opened.header("location")), (303, "/?q=%EC%B1%85%EC%83%81&sort=newest"));
    let page = anna.open("/me/searches").await;
    assert!(!page.html.contains("새 물건"), "it was opened");
    assert_eq!(anna.post(&format!("{way}/remove"), &[]).await.status, 303);
    anna.open("/me/searches").await.says("저장한 검색이 없어요");
    anna.open("/notices").await.says("찾던 물건이 나왔어요");
    assert_eq!(anna.once("GET", &way, "").await.status, 404);
}
