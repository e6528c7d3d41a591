//! Every page, for strangers and members, in both languages; what is kept by browsers, and where redirects never lead.

use auction::Span;
use serde_json::json;
use web::settings::BidderNames;

use crate::browser::{Browser, encoded};
use crate::house::{House, Wishes};

/// What no page may hold.
#[track_caller]
fn check(path: &str, html: &str, language: &str) {
    assert!(html.starts_with("<!doctype html>"), "{path}");
    assert!(html.contains(&format!("<html lang=\"{language}\"")), "{path} in {language}");
    for one in ["Unknown localization", "style=\"", "javascript:", "{$"] {
        assert!(!html.contains(one), "{path} in {language} holds {one}");
    }
    assert_eq!(html.matches("<h1").count(), 1, "{path} in {language}");
    assert_eq!(html.matches("<script").count(), 1, "{path} in {language}");
}

#[tokio::test]
async fn every_page_is_there_in_both_languages() {
    let house = House::new().await;
    let (seller, token) = house.member("seller").await;
    let auction = house.auction(&token, json!({"category_id": 301, "region_id": 1_001_000})).await;
    house.follow().await;
    for language in ["ko", "en"] {
        let mut guest = Browser::speaking(&house, language);
        let open = [
            "/",
            "/?q=%EC%9D%98%EC%9E%90&sort=bids&region=1000000&category=300&status=any",
            "/?near=37.56,126.91&radius=3&condition=a&ends_within=6&reserve_met=1&buy_now=1&pictured=1",
            "/regions",
            "/regions/%EC%84%9C%EC%9A%B8",
            "/sign-up",
            "/sign-in",
            "/rules",
        ];
        let own = [format!("/auctions/{auction}"), format!("/members/{seller}")];
        for path in open.into_iter().chain(own.iter().map(String::as_str)) {
            let shown = guest.open(path).await;
            assert_eq!((shown.status, shown.path.as_str()), (200, path));
            check(path, &shown.html, language);
            assert_eq!(shown.answer.header("vary"), "Cookie, Accept-Language", "{path}");
            assert_eq!(shown.answer.header("cache-control"), "private, no-cache", "{path}");
            assert!(shown.answer.header("content-security-policy").starts_with("default-src 'none'"));
        }
    }
    let mut member = Browser::of_member(&house, "member").await;
    let paths = [
        "/",
        "/wallet",
        "/wallet?reason=deposit&from=2026-01-01",
        "/sell",
        "/me",
        "/me/auctions",
        "/notices",
    ];
    for language in ["ko", "en"] {
        for path in paths {
            let joint = if path.contains('?') { '&' } else { '?' };
            let shown = member.open(&format!("{path}{joint}lang={language}")).await;
            assert_eq!((shown.status, shown.path.as_str()), (200, path));
            check(path, &shown.html, language);
            assert_eq!(shown.answer.header("cache-control"), "no-store", "{path}");
        }
    }
}

#[tokio::test]
async fn a_category_of_the_store_has_a_name_in_both_languages() {
    let house = House::new().await;
    let known = house.state.places.known(&*house.state.records).await.unwrap();
    assert!(known.categories.len() > 50);
    for category in &known.categories {
        for language in [web::words::Language::Ko, web::words::Language::En] {
            assert!(language.has(&format!("category-{}", category.slug)), "{}", category.slug);
        }
    }
}

#[tokio::test]
async fn what_is_a_members_own_asks_for_the_sign_in_first() {
    let house = House::new().await;
    let mut guest = Browser::new(&house);
    for path in [
        "/wallet",
        "/sell",
        "/me",
        "/me/auctions",
        "/notices",
        "/orders/1",
        "/wallet?reason=deposit",
        "/auctions/7/edit",
        "/auctions/7/again",
    ] {
        let answer = guest.once("GET", path, "").await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, format!("/sign-in?next={}", next(path)).as_str())
        );
    }
    for (path, page) in [
        ("/auctions/7/bids", "/auctions/7"),
        ("/auctions/7/extend", "/auctions/7"),
        ("/auctions/7/edit", "/auctions/7/edit"),
        ("/wallet/deposits", "/wallet"),
        ("/notices/read", "/notices"),
        ("/sell", "/sell"),
        ("/me/password", "/me"),
        ("/members/1/block", "/members/1"),
    ] {
        let answer = guest.post(path, &[("amount", "1000")]).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, format!("/sign-in?next={}", next(page)).as_str())
        );
    }
}

fn next(path: &str) -> String {
    path.bytes()
        .map(|byte| match byte {
            b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            byte => encoded(std::str::from_utf8(&[byte]).unwrap()),
        })
        .collect()
}

#[tokio::test]
async fn the_way_back_never_leads_out_of_the_house() {
    let house = House::new().await;
    let mut browser = Browser::of_member(&house, "mira").await;
    let outside =
        ["//evil.example", "/\\evil.example", "https://evil.example/", "javascript:alert(1)", "\\\\evil", ""];
    for next in outside {
        let shown = browser.once("GET", &format!("/sign-in?next={}", encoded(next)), "").await;
        assert_eq!((shown.status, shown.header("location")), (303, "/"), "{next}");
        let fields = [("username", "mira"), ("password", crate::house::PASSWORD), ("next", next)];
        let sent = browser.post("/sign-in", &fields).await;
        assert_eq!((sent.status, sent.header("location")), (303, "/"), "{next}");
    }
    let fields = [("username", "mira"), ("password", crate::house::PASSWORD), ("next", "/wallet?reason=fee")];
    assert_eq!(browser.post("/sign-in", &fields).await.header("location"), "/wallet?reason=fee");
    for path in ["//evil.example/?lang=en", "//evil.example?lang=en", "/\\evil.example/?lang=en"] {
        let answer = house.ask("GET", path).header("accept", "text/html").send().await;
        let location = answer.header("location");
        assert!(location.is_empty() || location == "/", "{path} leads to {location}");
    }
}

#[tokio::test]
async fn a_language_is_chosen_on_any_page_and_kept() {
    let house = House::new().await;
    let mut browser = Browser::new(&house);
    let answer = browser.once("GET", "/rules?lang=en", "").await;
    assert_eq!((answer.status, answer.header("location")), (303, "/rules"));
    assert!(
        answer.header("set-cookie").starts_with("lang=en; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax")
    );
    check("/rules", &browser.open("/rules").await.html, "en");
    let shown = browser.open("/?q=chair&lang=ko&sort=bids").await;
    assert_eq!(shown.path, "/?q=chair&sort=bids");
    check("/", &shown.html, "ko");
    let missing = browser.open("/nowhere?lang=en").await;
    assert_eq!(missing.status, 404);
    check("/nowhere", &missing.html, "en");
    assert_eq!(browser.once("GET", "/rules?lang=fr", "").await.status, 200);
    assert_eq!(house.ask("GET", "/api/v1/auctions?lang=en").send().await.status, 422);
}

#[tokio::test]
async fn static_files_are_kept_as_long_as_their_version() {
    let house = House::new().await;
    let mut browser = Browser::new(&house);
    let home = browser.open("/").await;
    let sheet = home.html.split("href=\"/static/css/base.css").nth(1).unwrap().split('"').next().unwrap();
    let versioned = browser.once("GET", &format!("/static/css/base.css{sheet}"), "").await;
    assert_eq!(versioned.status, 200);
    assert_eq!(versioned.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(versioned.header("content-type"), "text/css; charset=utf-8");
    for path in ["/static/css/base.css", "/static/css/base.css?v=000000000000"] {
        let plain = browser.once("GET", path, "").await;
        assert_eq!((plain.status, plain.header("cache-control")), (200, "no-cache"), "{path}");
        let known = plain.header("etag").to_owned();
        for (sent, status) in [(known.as_str(), 304), ("\"other\", *", 200), ("\"other\"", 200)] {
            let again = house.ask("GET", path).header("if-none-match", sent).send().await;
            assert_eq!(again.status, status, "{sent}");
        }
    }
    for path in ["/static/css/none.css", "/static/../Cargo.toml", "/static/%2e%2e/Cargo.toml", "/static/"] {
        assert_eq!(house.ask("GET", path).send().await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn problems_are_pages_for_people_and_json_for_programs() {
    let house = House::new().await;
    let mut browser = Browser::new(&house);
    for path in ["/nowhere", "/auctions/99", "/auctions/x", "/members/99", "/static/none.css"] {
        let shown = browser.open(path).await;
        assert_eq!(
            (shown.status, shown.answer.header("content-type")),
            (404, "text/html; charset=utf-8"),
            "{path}"
        );
        check(path, &shown.html, "ko");
        let program = house.ask("GET", path).send().await;
        assert_eq!(
            (program.status, program.header("content-type")),
            (404, "application/problem+json"),
            "{path}"
        );
    }
    let api = house.ask("GET", "/api/v1/nowhere").header("accept", "text/html").send().await;
    assert_eq!(api.header("content-type"), "application/problem+json");
    let method = browser.post("/rules", &[]).await;
    assert_eq!((method.status, method.header("content-type")), (405, "text/html; charset=utf-8"));
    assert_eq!(method.header("allow"), "GET,HEAD");
    let foreign =
        house.ask("POST", "/sign-out").header("accept", "text/html").header("origin", "https://evil.example");
    let foreign = foreign.send().await;
    assert_eq!((foreign.status, foreign.header("content-type")), (403, "text/html; charset=utf-8"));
    check("/sign-out", &foreign.text, "ko");
    let json = house.ask("POST", "/sign-in").header("accept", "text/html").json(json!({})).send().await;
    assert_eq!((json.status, json.header("content-type")), (415, "text/html; charset=utf-8"));
}

#[tokio::test]
async fn too_many_requests_get_a_page_of_their_own() {
    let mut wishes = Wishes::default();
    wishes.web.requests_per_minute = 4;
    let house = House::wishing(wishes).await;
    let mut browser = Browser::new(&house);
    let mut last = browser.open("/rules").await;
    for _ in 0..4 {
        last = browser.open("/rules").await;
    }
    assert_eq!(last.status, 429);
    check("/rules", &last.html, "ko");
    assert!(!last.answer.header("retry-after").is_empty());
}

/// The page of rules says what this house does, not what the usual one does.
#[tokio::test]
async fn the_rules_say_how_this_house_shows_bidders() {
    for names in [BidderNames::Numbers, BidderNames::Names] {
        let mut wishes = Wishes::default();
        wishes.web.bidder_names = names;
        let house = House::wishing(wishes).await;
        for (language, by_number, by_name) in [
            ("ko", "판매자와 본인만 누구인지 알 수 있어요.", "모두가 별명으로 볼 수 있어요."),
            ("en", "Only the seller and the bidder know who it is.", "Everyone can see the nicknames"),
        ] {
            let page = Browser::speaking(&house, language).open("/rules").await;
            let (said, unsaid) =
                if names == BidderNames::Names { (by_name, by_number) } else { (by_number, by_name) };
            page.says(said);
            assert!(!page.html.contains(unsaid), "{language}, {names:?}");
        }
    }
}

#[tokio::test]
async fn what_members_write_is_text() {
    let house = House::new().await;
    let nasty = "</textarea><script>alert(1)</script>\"'><img src=x onerror=alert(2)>";
    let (seller, token) = house.member("nasty").await;
    let renamed =
        house.ask("PATCH", "/api/v1/me").by(&token).json(json!({"nickname": "<i>'\"&x"})).send().await;
    assert_eq!(renamed.status, 200, "{}", renamed.text);
    let auction = house.auction(&token, json!({"title": nasty, "description": nasty})).await;
    house.follow().await;
    let mut browser = Browser::of_member(&house, "reader").await;
    let mut shown = vec![
        browser.open("/").await,
        browser.open(&format!("/auctions/{auction}")).await,
        browser.open(&format!("/members/{seller}")).await,
        browser.open(&format!("/?q={}", encoded(nasty))).await,
        browser.open(&format!("/sign-in?next={}", encoded(nasty))).await,
    ];
    let typed = [
        ("title", nasty),
        ("description", nasty),
        ("start_price", nasty),
        ("ends_at", nasty),
        ("bid_unit", nasty),
    ];
    shown.push(browser.send("/sell", &typed).await);
    shown.push(browser.send("/wallet/deposits", &[("amount", nasty), ("key", nasty)]).await);
    shown
        .push(browser.send(&format!("/auctions/{auction}/bids"), &[("amount", nasty), ("key", nasty)]).await);
    for page in shown {
        for one in ["<script>alert", "<img", "<i>", "</textarea><script"] {
            assert!(!page.html.contains(one), "{} holds {one}", page.path);
        }
        assert_eq!(page.html.matches("<script").count(), 1, "{}", page.path);
    }
}

#[tokio::test]
async fn the_market_is_filtered_sorted_and_paged() {
    let house = House::new().await;
    let (_, token) = house.member("seller").await;
    for n in 0..30 {
        let end = house.ahead(Span::hours(2 + n));
        house
            .auction(
                &token,
                json!({"title": format!("의자 {n:02}"), "start_price": 1_000 * (n + 1), "ends_at": end}),
            )
            .await;
    }
    house.auction(&token, json!({"title": "책상", "category_id": 302, "region_id": 1_001_000})).await;
    house.follow().await;
    let mut guest = Browser::new(&house);
    let home = guest.open("/").await;
    home.says("id=\"soon\"").says("책상");
    assert_eq!(home.html.matches("<article").count(), 10 + 24);
    let next = home.html.split("href=\"/?cursor=").nth(1).unwrap().split('"').next().unwrap();
    let second = guest.open(&format!("/?cursor={next}")).await;
    assert_eq!(second.html.matches("<article").count(), 7);
    let desks = guest.open("/?category=300&region=1000000").await;
    assert_eq!(desks.html.matches("<article").count(), 1);
    desks.says("책상");
    let cheap = guest.open("/?max_price=%EF%BC%93%2C000&sort=price_asc").await;
    assert_eq!(cheap.html.matches("<article").count(), 3);
    assert_eq!(guest.open("/?status=ended").await.html.matches("<article").count(), 0);
    guest.open("/?q=nothing").await.says("찾는 물건이 아직 없어요");
}
