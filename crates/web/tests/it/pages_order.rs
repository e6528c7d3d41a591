//! What follows a sale as people walk it by forms without scripts: handing over, codes, cancelling, disputes, reviews; and
//! what each side is shown of it.

use auction::Span;
use serde_json::json;

use crate::browser::{Browser, Shown};
use crate::house::{House, PASSWORD, Wishes};

/// A house with a sale for 30,000 won.
struct Sale {
    house: House,
    page: String,
    auction: i64,
}

impl Sale {
    async fn new() -> Sale {
        let wishes = Wishes { fee_rate: 50_000, ..Wishes::default() };
        let house = House::wishing(wishes).await;
        let (_, seller) = house.member("seller").await;
        let (_, buyer) = house.rich_member("buyer", 100_000).await;
        house.member("stranger").await;
        house.admin("warden").await;
        let auction = house.auction(&seller, json!({"buy_now_price": 30_000})).await;
        let path = format!("/api/v1/auctions/{auction}/buy-now");
        let bought = house.order(&path, &buyer, json!({})).send().await;
        let page = format!("/orders/{}", bought.body["order"]["id"]);
        Sale { house, page, auction }
    }

    async fn open(&self, browser: &mut Browser<'_>) -> Shown {
        browser.open(&self.page).await
    }

    /// Sends one of the forms that the page shows, with the key it was given.
    async fn send(&self, browser: &mut Browser<'_>, form: &str, fields: &[(&str, &str)]) -> Shown {
        let action = format!("{}/{form}", self.page);
        let key = self.open(browser).await.field(&action, "key");
        let mut all = vec![("key", key.as_str())];
        all.extend(fields);
        browser.send(&action, &all).await
    }

    fn has(&self, shown: &Shown, form: &str) -> bool {
        shown.html.contains(&format!("action=\"{}/{form}\"", self.page))
    }
}

/// A browser in which a member of the house has signed in.
pub async fn signed_in<'a>(house: &'a House, username: &str) -> Browser<'a> {
    let mut browser = Browser::new(house);
    let shown = browser.send("/sign-in", &[("username", username), ("password", PASSWORD)]).await;
    assert_eq!(shown.status, 200, "{}", shown.html);
    browser
}

/// The code that a page shows large, if it shows one.
fn code(shown: &Shown, kind: &str) -> Option<String> {
    let part = shown.html.split(&format!("data-code=\"{kind}\"")).nth(1)?;
    Some(part.split("code-digits\">").nth(1)?.split('<').next()?.to_owned())
}

fn another(code: &str) -> String {
    let code: i64 = code.parse().unwrap();
    format!("{:06}", (code + 1) % 1_000_000)
}

#[tokio::test]
async fn each_side_sees_its_own_code_and_its_own_forms() {
    let sale = Sale::new().await;
    let mut buyer = signed_in(&sale.house, "buyer").await;
    let mut seller = signed_in(&sale.house, "seller").await;
    let mut admin = signed_in(&sale.house, "warden").await;
    let mut stranger = signed_in(&sale.house, "stranger").await;
    let (by_buyer, by_seller) = (sale.open(&mut buyer).await, sale.open(&mut seller).await);
    let by_admin = sale.open(&mut admin).await;
    let (receipt, meeting) = (code(&by_buyer, "receipt").unwrap(), code(&by_seller, "meeting").unwrap());
    assert_eq!((code(&by_buyer, "meeting"), code(&by_seller, "receipt")), (None, None));
    assert!(!by_seller.html.contains(&receipt) && !by_buyer.html.contains(&meeting));
    assert!(!by_admin.html.contains(&receipt) && !by_admin.html.contains(&meeting));
    for (form, of_buyer, of_seller) in [
        ("ship", false, true),
        ("receipt-code", false, true),
        ("meeting-code", true, false),
        ("receive", true, false),
        ("cancel", true, true),
        ("dispute", true, true),
        ("evidence", false, false),
        ("decide", false, false),
        ("review", false, false),
        ("offer", false, false),
    ] {
        let found = (sale.has(&by_buyer, form), sale.has(&by_seller, form), sale.has(&by_admin, form));
        assert_eq!(found, (of_buyer, of_seller, false), "{form}");
    }
    by_seller.says("지금 할 차례예요").says("28,500원");
    assert!(!by_buyer.html.contains("28,500"), "the fee is the seller's matter");
    assert_eq!(sale.open(&mut stranger).await.status, 404);
    for form in ["ship", "receive", "receipt-code", "cancel", "dispute", "decide", "review", "offer"] {
        let path = format!("{}/{form}", sale.page);
        assert_eq!(stranger.post(&path, &[("text", "a"), ("stars", "5")]).await.status, 404, "{form}");
    }
    assert_eq!(Browser::new(&sale.house).once("GET", &sale.page, "").await.status, 303);
}

#[tokio::test]
async fn sent_received_and_reviewed_without_a_script() {
    let sale = Sale::new().await;
    let mut buyer = signed_in(&sale.house, "buyer").await;
    let mut seller = signed_in(&sale.house, "seller").await;
    let bad = sale.send(&mut seller, "ship", &[("carrier", ""), ("tracking", "6092")]).await;
    assert_eq!(bad.status, 422);
    bad.says("꼭 적어 주세요.").says("value=\"6092\"");
    sale.send(&mut seller, "ship", &[("carrier", "우체국택배"), ("tracking", "6092")])
        .await
        .says("보냈다고 알렸어요.")
        .says("송장 고치기");
    sale.house.follow().await;
    let notices = buyer.open("/notices").await;
    notices.says("오면 알려 주세요").says(&format!("/auctions/{}/order", sale.auction));
    assert_eq!(buyer.open(&format!("/auctions/{}/order", sale.auction)).await.path, sale.page);
    buyer.open("/orders").await.says("먼저 볼 것").says("물건이 왔나요?");
    sale.send(&mut buyer, "receive", &[]).await.says("받았다고 알렸어요.").says("우체국택배");
    let waiting = sale.open(&mut seller).await;
    assert!(sale.has(&waiting, "receipt-code") && !sale.has(&waiting, "ship"));
    let receipt = code(&sale.open(&mut buyer).await, "receipt").unwrap();
    // As people type what is told to them in two halves.
    let spaced = format!("{} {}", &receipt[..3], &receipt[3..]);
    sale.send(&mut seller, "receipt-code", &[("code", &spaced)])
        .await
        .says("28,500원이 지갑에 들어왔어요.")
        .says("판 사람에게 갔어요");
    seller.open("/wallet").await.says("data-wallet-available=\"28500\"").says("판 돈");

    let none = buyer.send(&format!("{}/review", sale.page), &[("text", "a")]).await;
    assert_eq!(none.status, 422, "stars are asked for");
    let fields = [("stars", "5"), ("text", "고맙습니다")];
    buyer.send(&format!("{}/review", sale.page), &fields).await.says("후기를 남겼어요.").says("고맙습니다");
    let blind = sale.open(&mut seller).await;
    blind.says("이미 썼어요");
    assert!(!blind.html.contains("고맙습니다"), "double blind");
    let again = buyer.send(&format!("{}/review", sale.page), &fields).await;
    assert_eq!(again.status, 409);
    seller.send(&format!("{}/review", sale.page), &[("stars", "4"), ("text", "좋았어요")]).await;
    sale.open(&mut seller).await.says("고맙습니다").says("좋았어요");
    sale.open(&mut buyer).await.says("좋았어요");
    let seller_page = sale.open(&mut buyer).await;
    let profile = seller_page.html.split("class=\"who\" href=\"").nth(2).unwrap().split('"').next().unwrap();
    buyer
        .open(profile)
        .await
        .says("고맙습니다")
        .says("100점 만점에 100점")
        .says("지난 1년 동안 남은 기록이 없어요.");
    buyer.open(&format!("/auctions/{}", sale.auction)).await.says("이웃 점수 100 (1)").says("거래 1번");
}

#[tokio::test]
async fn a_decision_that_was_not_answered_can_be_sent_again_as_it_was() {
    let mut sale = Sale::new().await;
    let mut buyer = signed_in(&sale.house, "buyer").await;
    sale.send(&mut buyer, "dispute", &[("text", "다리가 부러졌어요")]).await;
    let session = sale.house.token("warden").await;
    sale.house.stop_engine();
    let path = format!("{}/decide", sale.page);
    let fields = "key=0197-a.decide&refund=10000&fault=seller&confirmed=yes&reason=half+and+half";
    let form = sale.house.form(&path, &session, fields).await;
    assert_eq!(form.status, 503, "{}", form.text);
    for kept in
        ["value=\"0197-a.decide\"", "half and half", "name=\"confirmed\"", "19,000", "value=\"seller\""]
    {
        assert!(form.text.contains(kept), "{kept} is lost: {}", form.text);
    }
}

#[tokio::test]
async fn a_wrong_code_is_told_and_locks() {
    let sale = Sale::new().await;
    let mut buyer = signed_in(&sale.house, "buyer").await;
    let mut seller = signed_in(&sale.house, "seller").await;
    let right = code(&sale.open(&mut buyer).await, "receipt").unwrap();
    let wrong = another(&right);
    let shapeless = sale.send(&mut seller, "receipt-code", &[("code", "12")]).await;
    assert_eq!(shapeless.status, 422);
    for left in [4, 3, 2, 1] {
        let told = sale.send(&mut seller, "receipt-code", &[("code", &wrong)]).await;
        assert_eq!(told.status, 422);
        told.says("번호가 맞지 않아요.").says(&format!("{left}번 더"));
    }
    let locked = sale.send(&mut seller, "receipt-code", &[("code", &wrong)]).await;
    locked.says("번호를 여러 번 틀려서");
    assert!(!sale.has(&locked, "receipt-code"));
    let refused = seller.send(&format!("{}/receipt-code", sale.page), &[("code", &right)]).await;
    assert_eq!(refused.status, 429, "the right one is not taken either");
}

#[tokio::test]
async fn both_together_cancel_and_either_may_think_again() {
    let sale = Sale::new().await;
    let mut buyer = signed_in(&sale.house, "buyer").await;
    let mut seller = signed_in(&sale.house, "seller").await;
    sale.send(&mut buyer, "cancel", &[]).await.says("취소하자고 말했어요.");
    assert!(sale.has(&sale.open(&mut buyer).await, "keep-on"));
    sale.send(&mut buyer, "keep-on", &[]).await.says("그대로 거래해요.");
    sale.send(&mut buyer, "cancel", &[]).await;
    sale.open(&mut seller).await.says("취소하고 싶어 해요").says("취소에 동의하기");
    sale.send(&mut seller, "cancel", &[]).await.says("거래를 취소했어요.").says("산 사람에게 돌아갔어요");
    buyer.open("/wallet").await.says("data-wallet-available=\"100000\"").says("돌려받음");
}

#[tokio::test]
async fn a_dispute_is_heard_and_decided() {
    let sale = Sale::new().await;
    let mut buyer = signed_in(&sale.house, "buyer").await;
    let mut seller = signed_in(&sale.house, "seller").await;
    let mut admin = signed_in(&sale.house, "warden").await;
    sale.send(&mut buyer, "dispute", &[("text", "다리가 부러졌어요\r\n<b>")]).await.says("도움을 청했어요");
    sale.open(&mut seller).await.says("다리가 부러졌어요").says("&#60;b&#62;");
    let second = seller.send(&format!("{}/dispute", sale.page), &[("text", "저도 할 말이 있어요")]).await;
    assert_eq!(second.status, 409, "the buyer was first");
    let more = second.form(&format!("{}/evidence", sale.page));
    assert!(more.contains("저도 할 말이 있어요"), "what was written is not lost: {more}");
    sale.send(&mut seller, "evidence", &[("text", "보낼 때는 멀쩡했어요")]).await.says("설명을 더했어요.");
    admin.open("/admin").await.says(&format!("href=\"{}\"", sale.page));
    let key = sale.open(&mut admin).await.field(&format!("{}/decide", sale.page), "key");
    let path = format!("{}/decide", sale.page);
    let bad = [("key", key.as_str()), ("refund", "30,001"), ("fault", "none"), ("reason", "")];
    assert_eq!(admin.send(&path, &bad).await.status, 422);
    let fields =
        [("key", key.as_str()), ("refund", "10,000"), ("fault", "seller"), ("reason", "반씩 나눠요")];
    let preview = admin.send(&path, &fields).await;
    preview.says("이렇게 나눠요").says("19,000원").says("1,000원");
    sale.open(&mut buyer).await.says("맡아");
    let mut sure = fields.to_vec();
    sure.push(("confirmed", "yes"));
    admin.send(&path, &sure).await.says("결정했어요. 10,000원을 돌려주었어요.");
    sale.open(&mut seller).await.says("반씩 나눠요").says("19,000원").says("관리자가 정했어요");
    seller.open("/record").await.says("분쟁을 결정했어요").says("반씩 나눠요");
    buyer.open("/wallet").await.says("data-wallet-available=\"80000\"");
    let not_admin = buyer.send(&path, &sure).await;
    assert_ne!(not_admin.status, 200);
}

#[tokio::test]
async fn a_decision_that_divides_nothing_tells_nobody_that_nothing_came() {
    for (refund, by_seller, by_buyer, by_admin, told) in [
        (
            "30,000",
            "\u{2069}님에게 돌아갔어요.",
            "30,000원이 모두 지갑에",
            "모두 산 사람에게 돌아갔어요.",
            "30,000원을 돌려주었어요.",
        ),
        (
            "0",
            "돌려준 돈 없이 28,500원이",
            "돌려받은 돈 없이",
            "모두 판 사람에게 갔어요.",
            "돈은 모두 판 사람에게 갔어요.",
        ),
    ] {
        let sale = Sale::new().await;
        let mut buyer = signed_in(&sale.house, "buyer").await;
        let mut seller = signed_in(&sale.house, "seller").await;
        let mut admin = signed_in(&sale.house, "warden").await;
        sale.send(&mut buyer, "dispute", &[("text", "다리가 부러졌어요")]).await;
        let path = format!("{}/decide", sale.page);
        let key = sale.open(&mut admin).await.field(&path, "key");
        let fields = [
            ("key", key.as_str()),
            ("refund", refund),
            ("fault", "none"),
            ("reason", "사진을 보고 정했어요"),
            ("confirmed", "yes"),
        ];
        admin.send(&path, &fields).await.says(told);
        let (seen_by_buyer, seen_by_seller) = (sale.open(&mut buyer).await, sale.open(&mut seller).await);
        seen_by_buyer.says(by_buyer);
        seen_by_seller.says(by_seller);
        sale.open(&mut admin).await.says(by_admin);
        for seen in [&seen_by_buyer, &seen_by_seller] {
            for nothing in ["<p>0원", "\u{2068}0원", " 0원이", " 0원을"] {
                assert!(!seen.html.contains(nothing), "{refund}: {nothing} stands in {}", seen.html);
            }
        }
    }
}

#[tokio::test]
async fn the_next_bidder_gets_a_chance_by_forms() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, anna) = house.rich_member("anna", 100_000).await;
    let (_, bora) = house.rich_member("bora", 15_000).await;
    let auction = house.auction(&seller, json!({})).await;
    for (token, amount) in [(&bora, 15_000), (&anna, 20_000)] {
        let path = format!("/api/v1/auctions/{auction}/bids");
        assert_eq!(house.order(&path, token, json!({"amount": amount})).send().await.status, 201);
    }
    house.pass(Span::seconds(2));
    let sold = house.order(&format!("/api/v1/auctions/{auction}/sell-now"), &seller, json!({})).send().await;
    let page = format!("/orders/{}", sold.body["order"]["id"]);
    for token in [&anna, &seller] {
        let path = format!("/api/v1{page}/cancel");
        assert_eq!(house.order(&path, token, json!({})).send().await.status, 200);
    }
    let mut seller = signed_in(&house, "seller").await;
    let (mut anna, mut bora) = (signed_in(&house, "anna").await, signed_in(&house, "bora").await);
    let action = format!("{page}/offer");
    let key = seller.open(&page).await.field(&action, "key");
    let offered = seller.send(&action, &[("key", &key)]).await;
    offered.says("다음 이웃에게 5,000원에 제안했어요.").says("대답을 기다려요");
    assert!(!offered.html.contains("bora"), "to whom is not said");
    let fallen = anna.open(&page).await;
    assert!(!fallen.html.contains("다음 이웃"), "the first buyer is told nothing of it");
    let offer = format!("/auctions/{auction}/offer");
    assert_eq!(anna.open(&offer).await.status, 404);
    house.follow().await;
    bora.open("/notices").await.says(&format!("href=\"{offer}\"")).says("5,000원에 살 수 있어요");
    let shown = bora.open(&offer).await;
    shown.says("5,000원").says("받아들이기");
    let accept = format!("{offer}/accept");
    let taken = bora.send(&accept, &[("key", &shown.field(&accept, "key"))]).await;
    taken.says("5,000원을 치렀어요").says("다음 이웃 제안으로 이어진 주문");
    assert_ne!(taken.path, page);
    anna.open(&page).await.says("거래가 취소");
    assert_eq!(anna.open(&format!("/auctions/{auction}/order")).await.path, page, "each is led to his own");
    bora.open(&offer).await.says("이 제안을 받아들였어요.");
}

#[tokio::test]
async fn what_follows_a_sale_is_there_in_both_languages() {
    let sale = Sale::new().await;
    for (language, words) in [("ko", "내 주문"), ("en", "My orders")] {
        for name in ["buyer", "seller", "warden"] {
            let mut browser = signed_in(&sale.house, name).await;
            let mut paths = vec![sale.page.as_str(), "/record", "/orders"];
            if name == "warden" {
                paths.extend(["/admin", "/admin/acts", "/admin/members/1"]);
            }
            for path in paths {
                let shown = browser.open(&format!("{path}?lang={language}")).await;
                assert_eq!((shown.status, shown.path.as_str()), (200, path), "{name}");
                for one in ["Unknown localization", "{$", "style=\""] {
                    assert!(!shown.html.contains(one), "{path} for {name} in {language} holds {one}");
                }
                assert_eq!(shown.html.matches("<h1").count(), 1, "{path}");
            }
            browser.open("/orders").await.says(words);
        }
    }
}
