//! Searching, as pages and programs do it: what is half typed, near, and at the addresses of regions.

use auction::Span;
use serde_json::{Value, json};

use crate::browser::{Browser, encoded};
use crate::house::House;

/// 청운동, its district and its province; and a district of the same name as others.
const CHEONGUN: i64 = 1_001_001;
const JONGNO: &str = "서울/종로구";

/// The titles that a search of the API finds, in order.
async fn titles(house: &House, query: &str) -> Vec<String> {
    let answer = house.ask("GET", &format!("/api/v1/auctions?{query}")).send().await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.body);
    let items = answer.body["items"].as_array().unwrap();
    items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

async fn market() -> House {
    let house = House::new().await;
    let (_, token) = house.member("seller").await;
    for more in [
        json!({"title": "원목의자", "region_id": CHEONGUN, "condition": "a", "buy_now_price": 90_000}),
        json!({"title": "의자 두 개", "region_id": CHEONGUN}),
        json!({"title": "가방", "nationwide": true, "ends_at": house.ahead(Span::hours(2))}),
    ] {
        house.auction(&token, more).await;
    }
    house.follow().await;
    house
}

#[tokio::test]
async fn programs_search_as_people_type() {
    let house = market().await;
    for (query, expected) in [
        (format!("q={}", encoded("의ㅈ")), vec!["의자 두 개", "원목의자"]),
        (format!("q={}", encoded("ㅇㅈ")), vec!["의자 두 개", "원목의자"]),
        (format!("q={}", encoded("의자를")), vec!["의자 두 개", "원목의자"]),
        (format!("q={}", encoded("가바")), vec!["가방"]),
        ("condition=a".to_owned(), vec!["원목의자"]),
        ("buy_now=true".to_owned(), vec!["원목의자"]),
        ("pictured=true".to_owned(), vec![]),
        ("ends_within=1".to_owned(), vec!["의자 두 개", "원목의자"]),
        ("near=37.59,126.97&radius=3".to_owned(), vec!["의자 두 개", "원목의자"]),
        ("near=35.16,129.16&radius=20".to_owned(), vec![]),
    ] {
        assert_eq!(titles(&house, &query).await, expected, "{query}");
    }
    let nowhere = house.ask("GET", "/api/v1/auctions?near=home").send().await;
    assert_eq!((nowhere.status, nowhere.faults()), (422, vec![("near", "invalid")]));
    let token = house.member("joon").await.1;
    let home = house.ask("PATCH", "/api/v1/me").by(&token).json(json!({"region_id": CHEONGUN}));
    assert_eq!(home.send().await.status, 200);
    let near = house.ask("GET", "/api/v1/auctions?near=home").by(&token).send().await;
    assert_eq!(near.body["items"].as_array().map(Vec::len), Some(2));

    let suggested = house.ask("GET", &format!("/api/v1/suggest?q={}", encoded("의ㅈ"))).send().await;
    let kinds = |item: &Value| item["category_id"].is_i64();
    let items = suggested.body["items"].as_array().unwrap();
    let titles: Vec<&Value> = items.iter().skip_while(|item| kinds(item)).collect();
    assert_eq!(titles, [&json!({"text": "의자 두 개"}), &json!({"text": "원목의자"})]);
    assert!(items[0]["text"].as_str().unwrap().contains("의자"), "{}", suggested.text);
    let blank = house.ask("GET", "/api/v1/suggest?q=").send().await;
    assert_eq!((blank.status, &blank.body["items"]), (200, &Value::Array(Vec::new())));
}

#[tokio::test]
async fn filters_are_seen_removed_and_widened() {
    let house = market().await;
    let mut guest = Browser::new(&house);
    let found = guest.open(&format!("/?q={}&buy_now=1&condition=a", encoded("의자"))).await;
    found.says("1개").says("즉시 구매할 수 있는 것").says("잘 맞는 순");
    found.says(&format!("href=\"/?q={}&#38;condition=a\"", encoded("의자")));
    let nothing = guest.open(&format!("/?q={}&pictured=1&region=1000000", encoded("의자 가방"))).await;
    nothing.says("찾는 물건이 아직 없어요").says("전국에서 찾기").says("‘").says("사진이 있는 것");
    let near = guest.open("/?near=37.59,126.97&radius=3").await;
    near.says("3 km 안").says("가까운 순").says("2개");
    assert_eq!(near.html.matches("<article").count(), 2);
}

#[tokio::test]
async fn regions_have_addresses_one_can_read() {
    let house = market().await;
    let mut guest = Browser::new(&house);
    let district = guest.open(&format!("/regions/{}", encoded(JONGNO).replace("%2F", "/"))).await;
    assert_eq!(district.status, 200);
    let canonical =
        format!("<link rel=\"canonical\" href=\"/regions/{}/{}\">", encoded("서울"), encoded("종로구"));
    district
        .says(&canonical)
        .says("서울특별시 종로구 경매")
        .says("청운동")
        .says("2개")
        .says("의자 두 개")
        .says("가방");
    let whole = format!("/regions/{}/{}/", encoded("서울특별시"), encoded("종로구"));
    guest.open(&whole).await.says(&canonical);
    guest.open("/regions").await.says("부산광역시").says("전국");
    let missing = guest.open(&format!("/regions/{}", encoded("청운동"))).await;
    assert_eq!(missing.status, 404);
    missing.says("그런 동네를 찾지 못했어요").says("서울특별시 종로구 청운동");
    let nowhere = guest.open("/regions/%3Cscript%3E").await;
    assert_eq!(nowhere.status, 404);
    assert!(!nowhere.html.contains("<script>"));
}

/// It leads to its page, from which any other is reached; the market itself offers it, and says where one looks.
#[tokio::test]
async fn a_members_neighbourhood_stands_above_every_page() {
    let house = market().await;
    let mut anna = Browser::of_member(&house, "anna").await;
    let token = house.token("anna").await;
    anna.open("/rules").await.says("<a class=\"place\" href=\"/regions\">").says("모든 동네");
    let home = store::places::regions().into_iter().find(|one| one.region.name == "청운동").unwrap().region;
    let change = json!({"region_id": home.id});
    assert_eq!(house.ask("PATCH", "/api/v1/me").by(&token).json(change).send().await.status, 200);
    let path = format!("/regions/{}/{}/{}", encoded("서울"), encoded("종로구"), encoded("청운동"));
    for page in ["/rules", "/wallet", "/me/searches"] {
        let shown = anna.open(page).await;
        shown.says(&format!("<a class=\"place\" href=\"{path}\">"));
        let place = shown.html.split("class=\"place\"").nth(1).unwrap();
        assert!(place.split("</a>").next().unwrap().contains("청운동"), "{page}");
    }
    let there = format!("href=\"/?region={}", home.id);
    let offered = "내 동네 \u{2068}청운동";
    anna.open("/").await.says(&there).says(offered).says("모든 동네");
    let chosen = anna.open(&format!("/?region={}", home.id)).await;
    assert!(!chosen.html.contains(offered), "it is chosen already");
}
