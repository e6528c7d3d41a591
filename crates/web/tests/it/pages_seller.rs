//! The seller's hand by forms without scripts: moving the end, cancelling with a reason, blocking a bidder.

use auction::Span;

use crate::browser::Browser;
use crate::house::House;
use crate::pages_forms::{bid, deposit, listed, minute};

#[tokio::test]
async fn the_end_is_moved_in_the_last_hour_twice() {
    let house = House::new().await;
    let mut seller = Browser::of_member(&house, "seller").await;
    let auction = listed(&mut seller, &house, &[]).await;
    let action = format!("{auction}/extend");
    seller.open(&auction).await.says("끝나기 한 시간 전부터 10분 전까지");
    let early = seller.send(&action, &[("key", "k1"), ("hours", "1")]).await;
    assert_eq!(early.status, 409);
    for left in [2, 1] {
        house.pass_until_left(&auction, Span::minutes(30)).await;
        let page = seller.open(&auction).await;
        page.says("마감 늦추기").says(&format!("이번까지 {left}번 남았어요."));
        let key = page.field(&action, "key");
        let wrong = seller.send(&action, &[("key", &key), ("hours", "2")]).await;
        assert_eq!(wrong.status, 422);
        wrong.says("1, 3, 6, 12, 24시간 중에서 골라 주세요.");
        seller.send(&action, &[("key", &key), ("hours", "1")]).await.says("마감을 1시간 늦췄어요.");
    }
    house.pass_until_left(&auction, Span::minutes(30)).await;
    let page = seller.open(&auction).await;
    page.says("마감을 이미 두 번 늦췄어요.").says("판매자가 늦춘 마감").says("2번");
    let third = seller.send(&action, &[("key", "k3"), ("hours", "1")]).await;
    assert_eq!(third.status, 409);
    third.says("이미 두 번 늘렸어요.");
}

#[tokio::test]
async fn cancelling_after_a_bid_needs_a_reason_and_time() {
    let house = House::new().await;
    let mut seller = Browser::of_member(&house, "seller").await;
    let mut mira = Browser::of_member(&house, "mira").await;
    deposit(&mut mira, "100,000").await;
    let end = minute(&house, Span::hours(24));
    let auction = listed(&mut seller, &house, &[("ends_at", &end)]).await;
    seller.open(&auction).await.says("자유롭게 취소할 수 있어요.");
    bid(&mut mira, &auction, "2,000").await;
    let page = seller.open(&auction).await;
    page.says("내 기록에 열두 달 동안 남아요.");
    let action = format!("{auction}/cancel");
    let key = page.field(&action, "key");
    let silent = seller.send(&action, &[("key", &key), ("reason", " ")]).await;
    assert_eq!(silent.status, 422);
    silent.says("이유를 적어 주세요.");
    let sent = [("key", key.as_str()), ("reason", "깨졌어요")];
    seller.send(&action, &sent).await.says("경매를 취소했어요.").says("\u{2068}깨졌어요\u{2069}");
    mira.open("/wallet").await.says("data-wallet-held=\"0\"");

    let late = listed(&mut seller, &house, &[]).await;
    bid(&mut mira, &late, "2,000").await;
    let page = seller.open(&late).await;
    page.says("12시간이 남지 않아서 취소할 수 없어요.");
    assert!(!page.html.contains(&format!("action=\"{late}/cancel\"")));
    let refused = seller.send(&format!("{late}/cancel"), &[("key", "late"), ("reason", "변심")]).await;
    assert_eq!(refused.status, 409);
}

#[tokio::test]
async fn a_bidder_is_blocked_from_the_history_and_what_follows_is_said() {
    let house = House::new().await;
    let mut seller = Browser::of_member(&house, "seller").await;
    let (mut mira, mut rude) =
        (Browser::of_member(&house, "mira").await, Browser::of_member(&house, "rude").await);
    for browser in [&mut mira, &mut rude] {
        deposit(browser, "100,000").await;
    }
    let end = minute(&house, Span::hours(24));
    let auction = listed(&mut seller, &house, &[("ends_at", &end)]).await;
    bid(&mut mira, &auction, "1,000").await;
    bid(&mut rude, &auction, "3,000").await;
    let action = format!("{auction}/block");
    let page = seller.open(&auction).await;
    page.says("입찰한 이웃").says("지금 1등인 이웃이에요.").says("가격이 내려갈 수 있어요.");
    assert!(!mira.open(&auction).await.html.contains("id=\"bidders\""));
    assert_eq!(mira.send(&action, &[("bidder", "2")]).await.status, 403);
    assert_eq!(seller.send(&action, &[("bidder", "9")]).await.status, 404);
    let silent = seller.send(&action, &[("bidder", "2"), ("reason", "")]).await;
    assert_eq!(silent.status, 422);
    silent.says("이유를 적어 주세요.");
    let long = "가".repeat(501);
    let long = seller.send(&action, &[("bidder", "1"), ("reason", &long)]).await;
    let is_filled = |number: i64| {
        let form = long.html.split(&format!("id=\"block-{number}\"")).nth(1).unwrap();
        form.split('>').nth(1).unwrap().starts_with('가')
    };
    assert_eq!(
        (long.status, is_filled(1), is_filled(2)),
        (422, true, false),
        "only the form that was sent is filled"
    );
    let blocked = seller.send(&action, &[("bidder", "2"), ("reason", "약속을 어겼어요")]).await;
    blocked.says("차단했어요.").says("차단함");
    let refused = bid(&mut rude, &auction, "9,000").await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn what_ended_before_its_time_says_when_it_did() {
    let house = House::new().await;
    let mut seller = Browser::of_member(&house, "seller").await;
    let mut mira = Browser::of_member(&house, "mira").await;
    deposit(&mut mira, "100,000").await;
    let end = minute(&house, Span::hours(72));
    let bought = listed(&mut seller, &house, &[("ends_at", &end), ("buy_now_price", "9,000")]).await;
    let cancelled = listed(&mut seller, &house, &[("ends_at", &end)]).await;
    bid(&mut mira, &cancelled, "2,000").await;
    let key = mira.open(&bought).await.field(&format!("{bought}/buy-now"), "key");
    let terms = mira.open(&bought).await.field(&format!("{bought}/buy-now"), "terms");
    mira.send(&format!("{bought}/buy-now"), &[("key", &key), ("terms", &terms)]).await.says("샀어요!");
    let sent = [("key", "cancel-it"), ("reason", "깨졌어요")];
    seller.send(&format!("{cancelled}/cancel"), &sent).await.says("경매를 취소했어요.");
    house.pass(Span::hours(5));
    for auction in [&bought, &cancelled] {
        mira.open(auction).await.says("5시간 전");
    }
    let mine = mira.open("/me/auctions").await;
    let planned = mira.open(&bought).await.html.matches("1월 18일").count();
    assert_eq!(planned, 0, "the end that it never reached is said no more");
    mine.says("<small>오늘</small>");
    assert!(!mine.html.contains("1월 18일"), "{}", mine.html);
}
