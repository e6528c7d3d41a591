//! Forms without scripts, as a person goes through them: signing up, depositing, listing, bidding, being refused with
//! figures, buying; and the same form sent twice.

use auction::Span;
use serde_json::json;

use crate::browser::{Browser, Shown};
use crate::house::{House, PASSWORD, Wishes};

/// A moment as the form's field says it; the houses of tests live in UTC.
pub fn minute(house: &House, ahead: Span) -> String {
    house.ahead(ahead)[..16].to_owned()
}

/// Lists a chair; the address of its page.
pub async fn listed(browser: &mut Browser<'_>, house: &House, more: &[(&str, &str)]) -> String {
    let form = browser.open("/sell").await;
    let (key, end) = (form.field("/sell", "key"), minute(house, Span::hours(5)));
    let mut fields = vec![
        ("key", key.as_str()),
        ("title", "원목 의자"),
        ("description", "두 해 썼어요"),
        ("start_price", "1,000"),
        ("bid_unit", "１，０００"),
        ("ends_at", end.as_str()),
        ("soft_close_minutes", "3"),
        ("category_id", "301"),
        ("condition", "a"),
        ("shipping_payer", "buyer"),
        ("region_id", ""),
        ("buy_now_price", ""),
    ];
    fields.retain(|(name, _)| more.iter().all(|(other, _)| name != other));
    fields.extend(more);
    let shown = browser.send("/sell", &fields).await;
    assert_eq!(shown.status, 200, "{}", shown.html);
    shown.says("물건을 올렸어요.");
    assert_eq!(shown.box_state(), "own");
    shown.path
}

pub async fn deposit(browser: &mut Browser<'_>, amount: &str) -> Shown {
    let key = browser.open("/wallet").await.field("/wallet/deposits", "key");
    browser.send("/wallet/deposits", &[("key", &key), ("amount", amount)]).await
}

pub async fn bid(browser: &mut Browser<'_>, auction: &str, amount: &str) -> Shown {
    let action = format!("{auction}/bids");
    let page = browser.open(auction).await;
    let (key, terms) = (page.field(&action, "key"), page.field(&action, "terms"));
    browser.send(&action, &[("key", &key), ("terms", &terms), ("amount", amount)]).await
}

#[tokio::test]
async fn a_hidden_character_is_told_under_its_field() {
    let house = House::new().await;
    let mut seller = Browser::of_member(&house, "seller").await;
    let form = seller.open("/sell").await;
    let (key, end) = (form.field("/sell", "key"), minute(&house, Span::hours(5)));
    let fields = [
        ("key", key.as_str()),
        ("title", "원목\u{202E} 의자"),
        ("description", "두 해\r\n썼어요"),
        ("start_price", "1,000"),
        ("bid_unit", "1000"),
        ("ends_at", end.as_str()),
        ("soft_close_minutes", "3"),
    ];
    let refused = seller.send("/sell", &fields).await;
    assert_eq!(refused.status, 422);
    refused.says("쓸 수 없는 글자가 있어요. 보이지 않는 글자일 수 있으니 다시 적어 주세요.");
}

#[tokio::test]
async fn a_story_without_scripts() {
    let house = House::new().await;
    let mut seller = Browser::of_member(&house, "seller").await;
    let mut mira = Browser::of_member(&house, "mira").await;
    let mut plain = Browser::of_member(&house, "plain").await;
    deposit(&mut mira, "100,000")
        .await
        .says("100,000원을 충전했어요.")
        .says("data-wallet-available=\"100000\"");
    deposit(&mut plain, "5만").await.says("aria-invalid").says("value=\"5만\"");
    deposit(&mut plain, "５０，０００원").await.says("50,000원을 충전했어요.");
    assert_eq!(mira.cookie("answer"), None, "said once");

    let auction = listed(&mut seller, &house, &[]).await;
    let shown = mira.open(&auction).await;
    assert_eq!(shown.box_state(), "open");
    shown.says("가구 › 의자·소파").says("A급").says("두 해 썼어요");
    let shown = bid(&mut mira, &auction, "2,000").await;
    shown.says("2,000원에 입찰했어요.").says("data-price=\"2000\"");
    assert_eq!((shown.status, shown.box_state()), (200, "leading"));
    assert_eq!(bid(&mut plain, &auction, "5000").await.box_state(), "leading");
    assert_eq!(mira.open(&auction).await.box_state(), "outbid");

    let refused = bid(&mut mira, &auction, "5000").await;
    assert_eq!((refused.status, refused.box_state()), (409, "outbid"));
    refused.says("지금은 6,000원부터 입찰할 수 있어요.");
    assert_eq!(refused.field(&format!("{auction}/bids"), "amount"), "5,000", "what was typed stays");
    let poor = bid(&mut plain, &auction, "60000").await;
    assert_eq!(poor.status, 200);
    poor.says("세 배가 넘어요");
    let action = format!("{auction}/bids");
    let (key, confirmed) = (poor.field(&action, "key"), poor.field(&action, "confirmed"));
    let fields =
        [("key", key.as_str()), ("terms", "1"), ("amount", "60000"), ("confirmed", confirmed.as_str())];
    let poor = plain.send(&action, &fields).await;
    assert_eq!(poor.status, 402);
    poor.says("10,000원이 모자라요.");
    assert_eq!(bid(&mut mira, &auction, "6,500").await.status, 422);
    bid(&mut mira, &auction, "6,500").await.says("6,000원 또는 7,000원");
    bid(&mut mira, &auction, "많이").await.says("금액을 숫자로 적어 주세요.").says("value=\"많이\"");

    let own = seller.open(&auction).await;
    own.says(">plain<").says(">mira<").says("5,000원");
    assert!(!own.html.contains("name=\"amount\""));
    let guest = Browser::new(&house).open(&auction).await;
    guest.says("입찰자 2").says("로그인하고 입찰");
    assert!(!guest.html.contains(">plain<"), "numbers, not names");

    house.follow().await;
    mira.open("/notices").await.says("5,000원이 되며 밀렸어요").says("data-kind=\"outbid\"");
    let read = mira.send("/notices/read", &[("up_to", "99")]).await;
    read.says("모두 읽었어요.");
    assert!(
        !read.html.contains(" data-unread>밀") && !read.html.contains("data-kind=\"outbid\" data-unread")
    );
    mira.open("/me/auctions").await.says("먼저 볼 것").says("6,000원 입찰하기");
    seller.open("/me/auctions").await.says("팔고 있어요");
    let wallet = plain.open("/wallet").await;
    wallet
        .says("data-wallet-held=\"5000\"")
        .says("−5,000원")
        .says("남은 돈 45,000원")
        .says("남은 돈 50,000원");
}

#[tokio::test]
async fn the_same_form_sent_twice_is_one_bid() {
    let house = House::new().await;
    let mut seller = Browser::of_member(&house, "seller").await;
    let mut mira = Browser::of_member(&house, "mira").await;
    let key = mira.open("/wallet").await.field("/wallet/deposits", "key");
    for _ in 0..2 {
        let sent = mira.send("/wallet/deposits", &[("key", &key), ("amount", "10000")]).await;
        sent.says("data-wallet-available=\"10000\"");
    }
    let form = seller.open("/sell").await;
    let (key, end) = (form.field("/sell", "key"), minute(&house, Span::hours(5)));
    let listing = [
        ("key", key.as_str()),
        ("title", "의자"),
        ("start_price", "1000"),
        ("bid_unit", "1000"),
        ("ends_at", end.as_str()),
    ];
    let first = seller.send("/sell", &listing).await.path;
    assert_eq!(seller.send("/sell", &listing).await.path, first);

    let action = format!("{first}/bids");
    let key = mira.open(&first).await.field(&action, "key");
    for _ in 0..2 {
        let sent = mira.send(&action, &[("key", &key), ("terms", "1"), ("amount", "3000")]).await;
        assert_eq!((sent.status, sent.box_state()), (200, "leading"));
        sent.says("입찰 1");
    }
    let reused = mira.send(&action, &[("key", &key), ("terms", "1"), ("amount", "4000")]).await;
    assert_eq!(reused.status, 409);
    reused.says("새로고침하고 다시 해 주세요");
    assert_ne!(reused.field(&action, "key"), key, "the form has another key now");
}

#[tokio::test]
async fn buying_selling_and_taking_back() {
    let house = House::new().await;
    let mut seller = Browser::of_member(&house, "seller").await;
    let mut mira = Browser::of_member(&house, "mira").await;
    deposit(&mut mira, "100000").await;

    let bought = listed(&mut seller, &house, &[("buy_now_price", "30,000")]).await;
    let asked = bid(&mut mira, &bought, "30,000").await;
    asked.says("30,000원에 바로 사는 거예요").says("30,000원에 사기");
    assert_eq!(asked.box_state(), "open");
    let page = mira.open(&bought).await;
    let action = format!("{bought}/buy-now");
    let (key, terms) = (page.field(&action, "key"), page.field(&action, "terms"));
    let shown = mira.send(&action, &[("key", &key), ("terms", &terms)]).await;
    shown.says("샀어요! 낸 돈은 물건을 받을 때까지 저희가 맡아 두어요.");
    assert_eq!(shown.box_state(), "won");
    let order = shown.html.split("href=\"/orders/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    mira.open(&format!("/orders/{order}")).await.says("에스크로에 있어요").says("30,000원").says("seller");
    seller.open(&format!("/orders/{order}")).await.says("판 사람이 받을 돈").says("mira");
    let mut stranger = Browser::of_member(&house, "stranger").await;
    assert_eq!(stranger.open(&format!("/orders/{order}")).await.status, 404);
    mira.open("/me/auctions").await.says("지난 경매").says(&format!("/orders/{order}"));

    let sold = listed(&mut seller, &house, &[]).await;
    bid(&mut mira, &sold, "2000").await;
    house.pass(Span::minutes(1));
    let page = seller.open(&sold).await;
    page.says("지금 1등인 \u{2068}mira\u{2069}님에게");
    let key = page.field(&format!("{sold}/sell-now"), "key");
    seller.send(&format!("{sold}/sell-now"), &[("key", &key)]).await.says("팔았어요!");
    assert_eq!(mira.open(&sold).await.box_state(), "won");

    let cancelled = listed(&mut seller, &house, &[]).await;
    let action = format!("{cancelled}/cancel");
    let key = seller.open(&cancelled).await.field(&action, "key");
    let long = "가".repeat(501);
    let refused = seller.send(&action, &[("key", &key), ("reason", &long)]).await;
    assert_eq!(refused.status, 422);
    refused.says("너무 길어요");
    seller
        .send(&action, &[("key", &key), ("reason", "가족이 쓰기로 했어요")])
        .await
        .says("경매를 취소했어요.");
    mira.open(&cancelled).await.says("이유: \u{2068}가족이 쓰기로 했어요\u{2069}");
    let late = bid_on_closed(&mut mira, &cancelled).await;
    assert_eq!(late.status, 409);
    late.says("취소된 경매예요.");
    let other = mira.send(&format!("{sold}/cancel"), &[("key", "k"), ("reason", "")]).await;
    assert_eq!(other.status, 403);
}

async fn bid_on_closed(browser: &mut Browser<'_>, auction: &str) -> Shown {
    browser.send(&format!("{auction}/bids"), &[("key", "late"), ("terms", "1"), ("amount", "1000")]).await
}

#[tokio::test]
async fn the_earliest_end_on_offer_is_taken() {
    let mut wishes = Wishes::default();
    wishes.web.minimum_duration = Span::minutes(10);
    let house = House::wishing(wishes).await;
    let mut seller = Browser::of_member(&house, "seller").await;
    for seconds in [0, 31, 59] {
        house.pass(Span::seconds(seconds));
        let form = seller.open("/sell").await;
        let field = form.html.split("name=\"ends_at\"").nth(1).unwrap().split('>').next().unwrap();
        let earliest = field.split("min=\"").nth(1).unwrap().split('"').next().unwrap();
        house.pass(Span::minutes(1));
        listed(&mut seller, &house, &[("ends_at", earliest)]).await;
    }
}

#[tokio::test]
async fn a_listing_that_cannot_stay_comes_back_as_it_was_typed() {
    let house = House::new().await;
    let mut seller = Browser::of_member(&house, "seller").await;
    let end = minute(&house, Span::days(40));
    let fields = [
        ("title", " "),
        ("description", "첫 줄\r\n둘째 줄"),
        ("start_price", "10,000"),
        ("bid_unit", "1,000"),
        ("buy_now_price", "9,000"),
        ("ends_at", end.as_str()),
        ("soft_close_minutes", "4"),
        ("category_id", "301"),
        ("nationwide", "true"),
    ];
    let shown = seller.send("/sell", &fields).await;
    assert_eq!(shown.status, 422);
    shown.says("몇 군데를 고쳐 주세요").says("id=\"title-fault\"").says("id=\"ends_at-fault\"");
    shown
        .says("시작가보다 낮을 수 없어요.")
        .says("id=\"soft_close_minutes-fault\"")
        .says("첫 줄")
        .says("value=\"10,000\"");
    shown.says("value=\"301\" selected").says("name=\"nationwide\" value=\"true\" checked");
    let fields = [
        ("title", "의자"),
        ("start_price", "싸게"),
        ("bid_unit", ""),
        ("ends_at", "내일"),
        ("region_id", "77"),
    ];
    let shown = seller.send("/sell", &fields).await;
    shown
        .says("id=\"start_price-fault\"")
        .says("id=\"bid_unit-fault\"")
        .says("id=\"ends_at-fault\"")
        .says("value=\"싸게\"");
}

#[tokio::test]
async fn the_door_says_what_is_wrong() {
    let house = House::new().await;
    let mut guest = Browser::new(&house);
    let shown = guest
        .send("/sign-up", &[("username", "Mi"), ("password", "short"), ("nickname", "x"), ("region_id", "9")])
        .await;
    assert_eq!(shown.status, 422);
    for id in ["username-fault", "password-fault", "nickname-fault", "region_id-fault"] {
        shown.says(&format!("id=\"{id}\""));
    }
    assert!(!shown.html.contains("value=\"short\""), "a password is never filled in again");
    let fields = [
        ("username", "mira"),
        ("password", PASSWORD),
        ("nickname", "미라"),
        ("region_id", "1001000"),
        ("next", "/wallet"),
    ];
    let shown = guest.send("/sign-up", &fields).await;
    assert_eq!((shown.status, shown.path.as_str()), (200, "/wallet"));
    shown.says("반가워요!");
    assert!(guest.cookie("session").is_some());

    let mut other = Browser::new(&house);
    let taken = other.send("/sign-up", &fields).await;
    assert_eq!(taken.status, 409);
    taken.says("이미 쓰고 있는 아이디예요.");
    let wrong = other
        .send("/sign-in", &[("username", "mira"), ("password", "no such thing"), ("next", "/sell")])
        .await;
    assert_eq!(wrong.status, 401);
    wrong.says("아이디나 비밀번호가 맞지 않아요.").says("value=\"mira\"").says("value=\"/sell\"");
    let inside =
        other.send("/sign-in", &[("username", "mira"), ("password", PASSWORD), ("next", "/sell")]).await;
    assert_eq!((inside.status, inside.path.as_str()), (200, "/sell"));
    inside.says("value=\"1001000\" selected");
    other.send("/sign-out", &[]).await.says("로그아웃했어요.");
    assert!(other.cookie("session").is_none());
    assert_eq!(other.open("/wallet").await.path, "/sign-in?next=%2Fwallet");
    guest.send("/sign-out-everywhere", &[]).await.says("로그아웃했어요.");
}

#[tokio::test]
async fn settings_are_kept() {
    let house = House::new().await;
    house.member("taken").await;
    let mut mira = Browser::of_member(&house, "mira").await;
    let saved = mira.send("/me", &[("nickname", "달빛"), ("region_id", "1001000"), ("language", "en")]).await;
    saved.says("Saved").says("value=\"달빛\"").says("value=\"1001000\" selected").says("<html lang=\"en\"");
    let refused = mira.send("/me", &[("nickname", "Taken"), ("region_id", ""), ("language", "ko")]).await;
    assert_eq!(refused.status, 409);
    refused.says("id=\"nickname-fault\"");
    let wrong = mira
        .send("/me/password", &[("current_password", "not it"), ("new_password", "a new long one")])
        .await;
    assert_eq!(wrong.status, 422);
    wrong.says("id=\"current_password-fault\"");
    let short = mira.send("/me/password", &[("current_password", PASSWORD), ("new_password", "short")]).await;
    short.says("id=\"new_password-fault\"");
    let changed = [("current_password", PASSWORD), ("new_password", "a new long one")];
    assert_eq!(mira.send("/me/password", &changed).await.path, "/me");
    let mut again = Browser::new(&house);
    let inside = again.send("/sign-in", &[("username", "mira"), ("password", "a new long one")]).await;
    assert_eq!((inside.status, inside.path.as_str()), (200, "/"));
}

#[tokio::test]
async fn a_blocked_member_hears_it_in_words() {
    let house = House::new().await;
    let (seller, token) = house.member("seller").await;
    let auction = format!("/auctions/{}", house.auction(&token, json!({})).await);
    let (id, _) = house.rich_member("rude", 50_000).await;
    let mut own = Browser::new(&house);
    own.send("/sign-in", &[("username", "seller"), ("password", PASSWORD)]).await;
    own.open(&format!("/members/{id}")).await.says("차단하기");
    own.send(&format!("/members/{id}/block"), &[]).await.says("차단 풀기");
    let mut rude = Browser::new(&house);
    rude.send("/sign-in", &[("username", "rude"), ("password", PASSWORD)]).await;
    let refused = bid(&mut rude, &auction, "5000").await;
    assert_eq!(refused.status, 403);
    refused.says("이 판매자의 물건에는 입찰하거나 물어볼 수 없어요.");
    own.send(&format!("/members/{id}/unblock"), &[]).await.says("차단을 풀었어요.");
    assert_eq!(bid(&mut rude, &auction, "5000").await.box_state(), "leading");
    let own_page = own.open(&format!("/members/{seller}")).await;
    assert!(!own_page.html.contains("차단하기"));
    let own_bid = own.send(&format!("{auction}/bids"), &[("amount", "6000")]).await;
    assert_eq!(own_bid.status, 409);
    own_bid.says("내가 올린 물건에는 입찰하거나 물어볼 수 없어요.");
}
