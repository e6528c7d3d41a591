//! Maximums and reserves as forms without scripts bring them: what is answered, what stays hidden, and why a price is what
//! it is.

use auction::Span;
use serde_json::json;

use crate::browser::{Browser, Shown};
use crate::house::{House, PASSWORD};
use crate::pages_forms::{deposit, listed};

/// A member with money.
async fn rich<'a>(house: &'a House, name: &str) -> Browser<'a> {
    let mut browser = Browser::of_member(house, name).await;
    deposit(&mut browser, "1,000,000").await;
    browser
}

/// Sends the bid form as it stands, with this amount and this maximum.
async fn bid(browser: &mut Browser<'_>, auction: &str, amount: &str, maximum: &str) -> Shown {
    let action = format!("{auction}/bids");
    let page = browser.open(auction).await;
    let (key, terms) = (page.field(&action, "key"), page.field(&action, "terms"));
    browser.send(&action, &[("key", &key), ("terms", &terms), ("amount", amount), ("maximum", maximum)]).await
}

#[tokio::test]
async fn a_maximum_bids_for_its_member_and_is_seen_by_him_alone() {
    let house = House::new().await;
    let mut seller = Browser::of_member(&house, "seller").await;
    let (mut mira, mut plain) = (rich(&house, "mira").await, rich(&house, "plain").await);
    let auction = listed(&mut seller, &house, &[("start_price", "10,000")]).await;

    let shown = bid(&mut mira, &auction, "", "３０，０００원").await;
    assert_eq!((shown.status, shown.box_state()), (200, "leading"));
    shown.says("지금 1등이에요. 최대 30,000원까지 대신 입찰해요.").says("data-price=\"10000\"");
    shown.says("내 최대 30,000원, 나만 봐요.").says("30,000원이 묶여 있어요.").says("시작가에서 시작");
    shown.says("최대 금액 올리기");
    mira.open("/wallet").await.says("data-wallet-held=\"30000\"");
    for mut other in [Browser::new(&house), Browser::of_member(&house, "other").await] {
        let page = other.open(&auction).await;
        assert!(!page.html.contains("30,000") && !page.html.contains("30000"), "hidden from everyone else");
    }
    assert!(!seller.open(&auction).await.html.contains("30,000"), "from the seller too");

    let beaten = bid(&mut plain, &auction, "20,000", "").await;
    assert_eq!((beaten.status, beaten.box_state()), (200, "outbid"));
    beaten.says("밀렸어요. 다른 이웃이 먼저 걸어 둔 최대 금액을 넘지 못했어요. 21,000원부터");
    beaten.says("data-tone=\"warn\"").says("1등의 최대 금액을 넘지 못함");
    beaten.says("먼저 건 최대 금액이 같은 금액까지 맞섬").says("data-price=\"20000\"");
    assert!(!beaten.html.contains("30,000"), "what leads stays hidden");

    let raised = bid(&mut mira, &auction, "21,000", "50,000").await;
    raised.says("최대 금액을 올렸어요. 다른 사람에게는 보이지 않아요.").says("내 최대 50,000원");
    raised.says("data-price=\"20000\"").says("입찰 2");
    let lower = bid(&mut mira, &auction, "", "40,000").await;
    assert_eq!(lower.status, 409);
    lower.says("이미 최대 50,000원까지 걸어 두었어요.").says("value=\"40,000\"");

    let ahead = bid(&mut plain, &auction, "", "90,000").await;
    assert_eq!(ahead.box_state(), "leading");
    ahead.says("data-price=\"51000\"").says("앞선 최대 금액보다 한 단계 위").says("내 최대 90,000원");
    let outbid = mira.open(&auction).await;
    assert_eq!(outbid.box_state(), "outbid");
    assert!(!outbid.html.contains("90,000") && !outbid.html.contains("data-maximum=\"5"));
    mira.open("/wallet").await.says("data-wallet-held=\"0\"");
}

#[tokio::test]
async fn what_was_typed_stays_when_a_maximum_is_refused() {
    let house = House::new().await;
    let mut seller = Browser::of_member(&house, "seller").await;
    let mut mira = rich(&house, "mira").await;
    let auction = listed(&mut seller, &house, &[("start_price", "10,000")]).await;
    let none = bid(&mut mira, &auction, "", "").await;
    assert_eq!(none.status, 422);
    none.says("금액을 숫자로 적어 주세요.");
    let word = bid(&mut mira, &auction, "10,000", "끝까지").await;
    assert_eq!(word.status, 422);
    word.says("value=\"끝까지\"").says("<details class=\"maximum\" data-maximum-part open>");
    let under = bid(&mut mira, &auction, "20,000", "15,000").await;
    assert_eq!(under.status, 422, "a maximum below the amount makes no sense");
    let off = bid(&mut mira, &auction, "", "15,500").await;
    assert_eq!(off.status, 422);
    off.says("15,000원 또는 16,000원").says("value=\"15,500\"");

    let asked = bid(&mut mira, &auction, "", "200,000").await;
    assert_eq!((asked.status, asked.box_state()), (200, "open"));
    asked.says("최대 200,000원은 지금 필요한 금액의 열 배가 넘어요.");
    let action = format!("{auction}/bids");
    let key = asked.field(&action, "key");
    let fields =
        [("key", key.as_str()), ("terms", "1"), ("maximum", "200000"), ("confirmed_maximum", "200000")];
    assert_eq!(mira.send(&action, &fields).await.box_state(), "leading");
    let page = mira.open(&format!("{auction}?amount=12000&maximum=300000")).await;
    assert_eq!(page.field(&action, "maximum"), "300,000", "an address fills the form");
}

#[tokio::test]
async fn a_reserve_is_shown_as_met_or_not_and_never_as_a_figure() {
    let house = House::new().await;
    let mut seller = Browser::of_member(&house, "seller").await;
    let mut mira = rich(&house, "mira").await;
    let more = [("start_price", "10,000"), ("reserve_price", "70,000"), ("buy_now_price", "200,000")];
    let auction = listed(&mut seller, &house, &more).await;
    seller.open(&auction).await.says("70,000원").says("나만 봐요").says("11,000원부터 69,000원까지");
    let below = bid(&mut mira, &auction, "", "40,000").await;
    below
        .says("1등이지만 최저 판매가에는 아직 닿지 않았어요.")
        .says("최저 판매가 미달")
        .says("이 가격에 끝나면 팔리지 않아요.");
    assert!(!below.html.contains("70,000"));
    mira.open("/me/auctions").await.says("최저 판매가 미달");

    let action = format!("{auction}/reserve");
    let page = seller.open(&auction).await;
    assert!(!page.html.contains("sell-now"), "nothing is sold below the reserve");
    let key = page.field(&action, "key");
    for (typed, status) in [("80,000", 422), ("10,000", 422), ("60,500", 422), ("싸게", 422)] {
        let refused = seller.send(&action, &[("key", &key), ("reserve_price", typed)]).await;
        assert_eq!(refused.status, status, "{typed}");
        refused.says("최저 판매가는 지금 가격보다 높고").says(&format!("value=\"{typed}\""));
    }
    seller.send(&action, &[("key", &key), ("reserve_price", "35,000")]).await.says("최저 판매가를 낮췄어요.");
    let cut = mira.open(&auction).await;
    cut.says("최저 판매가 미달").says("내 최대 34,000원");
    let met = bid(&mut mira, &auction, "", "40,000").await;
    met.says("최저 판매가 도달").says("이 입찰로").says("data-price=\"35000\"");
    // Nothing is sold at once before it was open for a second.
    house.pass(Span::seconds(2));
    seller.open(&auction).await.says("sell-now");
}

/// The page once the house has closed the auction, which it does by itself.
async fn ended(browser: &mut Browser<'_>, auction: &str) -> Shown {
    const LOOKS: usize = 10_000;
    for _ in 0..LOOKS {
        let shown = browser.open(auction).await;
        if shown.html.contains("data-state=\"reserve_not_met\"") {
            return shown;
        }
        tokio::task::yield_now().await;
    }
    panic!("the auction was not closed");
}

#[tokio::test]
async fn what_ends_below_its_reserve_says_so_everywhere_and_can_be_auctioned_again() {
    let house = House::new().await;
    let (_, token) = house.member("seller").await;
    let mut mira = rich(&house, "mira").await;
    // Near enough that the end comes without an outage of the clock.
    let end = house.ahead(Span::seconds(25));
    let more =
        json!({"start_price": 1_000, "reserve_price": 70_000, "ends_at": end, "soft_close_minutes": 0});
    let auction = format!("/auctions/{}", house.auction(&token, more).await);
    bid(&mut mira, &auction, "2,000", "").await;
    house.pass(Span::seconds(25));
    let lost = ended(&mut mira, &auction).await;
    let mut seller = Browser::new(&house);
    seller.send("/sign-in", &[("username", "seller"), ("password", PASSWORD)]).await;
    lost.says("최저 판매가에 닿지 않아 팔리지 않았어요. 묶인 돈은 모두 풀렸어요.");
    assert_eq!(lost.box_state(), "ended");
    mira.open("/me/auctions").await.says("data-state=\"reserve_not_met\"");
    mira.open("/wallet").await.says("data-wallet-held=\"0\"");
    let own = seller.open(&auction).await;
    own.says("최저 판매가를 낮춰 다시 경매할 수 있어요.").says(&format!("href=\"{auction}/again\""));
    assert_eq!(mira.open(&format!("{auction}/again")).await.status, 403);

    let form = seller.open(&format!("{auction}/again")).await;
    form.says("지난번에 적은 내용을 채워 두었어요.").says("value=\"원목 의자\"").says("value=\"70,000\"");
    let again_of = form.field("/sell", "again_of");
    let again = listed(&mut seller, &house, &[("again_of", &again_of)]).await;
    assert_ne!(again, auction);
    mira.open(&auction).await.says("다시 경매 중이에요").says(&format!("href=\"{again}\""));
    mira.open(&again).await.says("이 물건의 지난 경매").says(&format!("href=\"{auction}\""));
    assert_eq!(seller.open(&format!("{auction}/again")).await.status, 409, "once at a time");
}
