//! Editing by forms without scripts: everything before the first bid, notes after it, and bids that have to see them.

use auction::Span;
use serde_json::json;

use crate::browser::Browser;
use crate::house::House;
use crate::pages_forms::{bid, deposit, listed};

/// The fields of the edit form as it stands, with some of them changed.
async fn edit(browser: &mut Browser<'_>, auction: &str, changed: &[(&str, &str)]) -> crate::browser::Shown {
    let action = format!("{auction}/edit");
    let page = browser.open(&action).await;
    assert_eq!(page.status, 200, "{}", page.html);
    let names = [
        "key",
        "terms",
        "start_price",
        "bid_unit",
        "buy_now_price",
        "reserve_price",
        "ends_at",
        "reserve_was",
        "end_was",
    ];
    let has_form = page.form(&action).contains("name=\"start_price\"");
    let kept: Vec<(&str, String)> = names
        .into_iter()
        .filter(|name| has_form || matches!(*name, "key" | "terms"))
        .filter(|name| changed.iter().all(|(other, _)| other != name))
        .map(|name| (name, page.field(&action, name)))
        .collect();
    let mut fields: Vec<(&str, &str)> = kept.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fields.push(("soft_close_minutes", "3"));
    fields.extend(changed);
    browser.send(&action, &fields).await
}

#[tokio::test]
async fn before_a_bid_all_but_the_thing_itself_is_changed() {
    let house = House::new().await;
    let mut seller = Browser::of_member(&house, "seller").await;
    let mut mira = Browser::of_member(&house, "mira").await;
    let auction = listed(&mut seller, &house, &[]).await;
    seller.open(&auction).await.says(&format!("href=\"{auction}/edit\"")).says("내용 고치기");
    assert_eq!(mira.open(&format!("{auction}/edit")).await.status, 403);
    let form = seller.open(&format!("{auction}/edit")).await;
    form.says("제목과 분류 말고는 모두 고칠 수 있어요.").says("readonly").says("두 해 썼어요");
    let changed = [
        ("title", "딴 물건"),
        ("description", "세 해 썼어요"),
        ("start_price", "3,000"),
        ("reserve_price", "9,000"),
    ];
    let shown = edit(&mut seller, &auction, &changed).await;
    assert_eq!((shown.status, shown.path.as_str()), (200, auction.as_str()));
    shown
        .says("저장했어요.")
        .says("세 해 썼어요")
        .says("원목 의자")
        .says("data-price=\"3000\"")
        .says("data-terms=\"2\"");
    assert!(!shown.html.contains("딴 물건"));
    let end = house.ahead(Span::minutes(5));
    let wrong = edit(&mut seller, &auction, &[("ends_at", &end[..16]), ("reserve_price", "2,000")]).await;
    assert_eq!(wrong.status, 422);
    wrong.says("id=\"ends_at-fault\"").says("id=\"reserve_price-fault\"").says("value=\"2,000\"");
    seller.open(&auction).await.says("data-terms=\"2\"");
}

#[tokio::test]
async fn what_has_not_begun_may_be_changed_altogether() {
    let house = House::new().await;
    let (_, token) = house.member("seller").await;
    let soon = house.ahead(Span::hours(2));
    let id = house.auction(&token, json!({"starts_at": soon, "ends_at": house.ahead(Span::hours(9))})).await;
    let auction = format!("/auctions/{id}");
    let mut seller = Browser::new(&house);
    seller.send("/sign-in", &[("username", "seller"), ("password", crate::house::PASSWORD)]).await;
    let form = seller.open(&format!("{auction}/edit")).await;
    form.says("무엇이든 고칠 수 있어요.").says(&format!("value=\"{}\"", &soon[..16]));
    let changed = [("title", "참나무 의자"), ("starts_at", &soon[..16]), ("increments", "ladder")];
    let shown = edit(&mut seller, &auction, &changed).await;
    assert_eq!(shown.box_state(), "own");
    shown.says("참나무 의자").says("가격에 따라").says("곧 시작해요");
}

#[tokio::test]
async fn after_a_bid_there_are_only_notes_which_have_to_be_seen() {
    let house = House::new().await;
    let mut seller = Browser::of_member(&house, "seller").await;
    let mut mira = Browser::of_member(&house, "mira").await;
    let mut plain = Browser::of_member(&house, "plain").await;
    for browser in [&mut mira, &mut plain] {
        deposit(browser, "100,000").await;
    }
    let auction = listed(&mut seller, &house, &[]).await;
    bid(&mut mira, &auction, "2,000").await;
    let stale = plain.open(&auction).await;
    seller.open(&auction).await.says("덧붙이기");
    let form = seller.open(&format!("{auction}/edit")).await;
    form.says("이미 적은 내용은 고칠 수 없어요.");
    assert!(!form.html.contains("name=\"start_price\""));
    let empty = edit(&mut seller, &auction, &[("note", " ")]).await;
    assert_eq!(empty.status, 422);
    empty.says("id=\"note-fault\"");
    let noted = edit(&mut seller, &auction, &[("note", "다리가 하나 흔들려요\r\n미안해요")]).await;
    noted.says("판매자가 덧붙인 말").says("다리가 하나 흔들려요\n미안해요");

    let action = format!("{auction}/bids");
    let (key, terms) = (stale.field(&action, "key"), stale.field(&action, "terms"));
    let fields = [("key", key.as_str()), ("terms", terms.as_str()), ("amount", "3,000")];
    let refused = plain.send(&action, &fields).await;
    assert_eq!((refused.status, refused.box_state()), (409, "open"));
    refused
        .says("판매자가 내용을 바꿨어요.")
        .says("입찰하기 전에 확인해 주세요")
        .says("다리가 하나 흔들려요");
    assert_eq!(refused.field(&action, "terms"), "2", "the form is for what was seen now");
    assert_eq!(refused.field(&action, "amount"), "3,000");
    let key = refused.field(&action, "key");
    let fields = [("key", key.as_str()), ("terms", "2"), ("amount", "3,000")];
    assert_eq!(plain.send(&action, &fields).await.box_state(), "leading");
    let fresh = Browser::new(&house).open(&auction).await;
    fresh.says("다리가 하나 흔들려요").says("data-changes hidden");
}

#[tokio::test]
async fn an_old_form_does_not_raise_a_reserve_that_was_lowered_meanwhile() {
    let house = House::new().await;
    let mut seller = Browser::of_member(&house, "seller").await;
    let auction = listed(&mut seller, &house, &[("reserve_price", "30,000")]).await;
    let (action, lower) = (format!("{auction}/edit"), format!("{auction}/reserve"));
    let old = seller.open(&action).await;
    let key = seller.open(&auction).await.field(&lower, "key");
    let fields = [("key", key.as_str()), ("reserve_price", "20,000")];
    seller.send(&lower, &fields).await.says("최저 판매가를 낮췄어요.");
    for (typed, own) in [("30,000", "20,000원"), ("25,000", "25,000원")] {
        let names = ["start_price", "bid_unit", "ends_at", "reserve_was", "end_was"];
        let kept = names.map(|name| (name, old.field(&action, name)));
        let terms = seller.open(&action).await.field(&action, "terms");
        let mut fields: Vec<(&str, &str)> =
            kept.iter().map(|(name, value)| (*name, value.as_str())).collect();
        fields.extend([("terms", terms.as_str()), ("soft_close_minutes", "3"), ("reserve_price", typed)]);
        fields.push(("description", typed));
        let shown = seller.send(&action, &fields).await;
        shown.says("저장했어요.").says(&format!("<b class=\"number\">{own}</b>"));
    }
}
