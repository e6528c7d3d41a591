//! What admins do by forms: withdrawals, suspensions, deposits; for everyone else there is no such page.

use auction::Span;
use engine::Deposits;
use ledger::MemberId;
use serde_json::json;
use store::{Act, ActKind};

use crate::browser::Browser;
use crate::house::{House, PASSWORD, Wishes};
use crate::pages_order::signed_in;

async fn house(deposits: Deposits) -> House {
    let mut wishes = Wishes { deposits, ..Wishes::default() };
    wishes.web.deposits = deposits;
    let house = House::wishing(wishes).await;
    house.admin("warden").await;
    house
}

#[tokio::test]
async fn only_admins_find_the_desk() {
    let house = house(Deposits::Demo).await;
    let (member, _) = house.member("mira").await;
    let mut mira = signed_in(&house, "mira").await;
    for path in ["/admin", "/admin/acts", "/admin/members?member=mira", &format!("/admin/members/{member}")] {
        assert_eq!(mira.open(path).await.status, 404, "{path}");
        assert_eq!(Browser::new(&house).once("GET", path, "").await.status, 303, "{path}");
    }
    for path in ["suspend", "restore", "lift-marks", "deposits"] {
        let path = format!("/admin/members/{member}/{path}");
        assert_eq!(mira.post(&path, &[("reason", "mine")]).await.status, 404, "{path}");
    }
    let (_, seller) = house.member("seller").await;
    let auction = house.auction(&seller, json!({})).await;
    for path in ["cancel", "take-back"] {
        let path = format!("/admin/auctions/{auction}/{path}");
        assert_eq!(mira.post(&path, &[("reason", "mine"), ("bidder", "1")]).await.status, 404, "{path}");
        assert!(!mira.open(&format!("/auctions/{auction}")).await.html.contains(&path));
    }
    assert!(!mira.open("/me").await.html.contains("href=\"/admin\""));
    let mut warden = signed_in(&house, "warden").await;
    warden.open("/me").await.says("href=\"/admin\"");
    assert_eq!(warden.open("/admin/members?member=MIRA").await.path, format!("/admin/members/{member}"));
    assert_eq!(warden.open(&format!("/admin/members?member={member}")).await.status, 200);
    assert_eq!(warden.open("/admin/members?member=nobody").await.status, 404);
}

#[tokio::test]
async fn a_member_is_suspended_and_restored_and_may_read_why() {
    let house = house(Deposits::Demo).await;
    let (member, _) = house.member("mira").await;
    let mut mira = signed_in(&house, "mira").await;
    let mut warden = signed_in(&house, "warden").await;
    let path = format!("/admin/members/{member}");
    let empty = warden.send(&format!("{path}/suspend"), &[("reason", " ")]).await;
    assert_eq!(empty.status, 422);
    empty.says("꼭 적어 주세요.");
    let done = warden.send(&format!("{path}/suspend"), &[("reason", "거짓 물건을 올렸어요")]).await;
    done.says("이용을 정지했어요.").says("정지 풀기");
    let record = mira.open("/record").await;
    record.says("거짓 물건을 올렸어요").says("<span class=\"who\">관리자</span>");
    assert!(!record.html.contains("warden"), "who it was is not for members");
    let done = warden.send(&format!("{path}/restore"), &[("reason", "오해였어요")]).await;
    done.says("정지를 풀었어요.").says("이용 정지하기");
    warden
        .send(&format!("{path}/lift-marks"), &[("reason", "다시 시작해요")])
        .await
        .says("기록 제한을 풀었어요.");
    warden.open("/admin/acts").await.says("거짓 물건을 올렸어요").says("다시 시작해요");
    let own = warden.open("/admin/members?member=warden").await.path;
    assert_eq!(warden.send(&format!("{own}/suspend"), &[("reason", "me")]).await.status, 403);
}

#[tokio::test]
async fn money_is_entered_and_goes_out_by_an_admins_hand() {
    let house = house(Deposits::Manual).await;
    let (member, _) = house.member("mira").await;
    let mut mira = signed_in(&house, "mira").await;
    let mut warden = signed_in(&house, "warden").await;
    let path = format!("/admin/members/{member}/deposits");
    let key = warden.open(&format!("/admin/members/{member}")).await.field(&path, "key");
    let fields = [("key", key.as_str()), ("amount", "50,000"), ("reference", "bank 17")];
    warden.send(&path, &fields).await.says("50,000원을 지갑에 넣었어요.");
    warden.send(&path, &fields).await;
    let wallet = mira.open("/wallet").await;
    wallet.says("data-wallet-available=\"50000\"").says("출금 신청하기");
    let key = wallet.field("/wallet/withdrawals", "key");
    let much = [("key", key.as_str()), ("amount", "60,000"), ("destination", "우리은행 1")];
    let refused = mira.send("/wallet/withdrawals", &much).await;
    assert_eq!(refused.status, 402);
    refused.says("value=\"60,000\"").says("value=\"우리은행 1\"");
    for amount in ["20,000", "10,000"] {
        let key = mira.open("/wallet").await.field("/wallet/withdrawals", "key");
        let fields = [("key", key.as_str()), ("amount", amount), ("destination", "우리은행 1")];
        mira.send("/wallet/withdrawals", &fields).await.says("출금을 신청했어요.").says("확인을 기다려요");
    }
    mira.open("/wallet").await.says("data-wallet-available=\"20000\"").says("출금 신청");
    let desk = warden.open("/admin").await;
    let action = |n: usize, what: &str| {
        let part = desk.html.split("action=\"/admin/withdrawals/").nth(n).unwrap();
        format!("/admin/withdrawals/{}/{what}", part.split('/').next().unwrap())
    };
    let (first, second) = (action(1, "done"), action(3, "reverse"));
    let key = desk.field(&first, "key");
    warden.send(&first, &[("key", &key)]).await.says("출금을 보냈다고 남겼어요.");
    let key = desk.field(&second, "key");
    assert_eq!(warden.send(&second, &[("key", &key), ("reason", "")]).await.status, 422);
    warden
        .send(&second, &[("key", &key), ("reason", "예금주가 달라요")])
        .await
        .says("지갑으로 돌려주었어요.");
    mira.open("/wallet")
        .await
        .says("data-wallet-available=\"30000\"")
        .says("예금주가 달라요")
        .says("보냈어요");
}

#[tokio::test]
async fn a_deposit_that_was_not_answered_is_asked_again_by_the_same_key() {
    let mut house = house(Deposits::Manual).await;
    let (member, _) = house.member("mira").await;
    let session = house.token("warden").await;
    house.stop_engine();
    let path = format!("/admin/members/{member}/deposits");
    let form = house.form(&path, &session, "key=0197-deposit&amount=50000&reference=bank").await;
    assert_eq!(form.status, 503, "{}", form.text);
    for kept in ["name=\"key\" value=\"0197-deposit\"", "value=\"50000\"", "value=\"bank\"", "fold\" open"] {
        assert!(form.text.contains(kept), "{kept} is lost: {}", form.text);
    }
}

#[tokio::test]
async fn an_admin_cannot_see_how_high_a_member_bids() {
    let house = house(Deposits::Demo).await;
    let (_, seller) = house.member("seller").await;
    let (member, mira) = house.rich_member("mira", 50_000).await;
    let auction = house.auction(&seller, json!({})).await;
    let bid = json!({"maximum": 20_000});
    let placed = house.order(&format!("/api/v1/auctions/{auction}/bids"), &mira, bid).send().await;
    assert_eq!(placed.status, 201, "{}", placed.text);
    let page = signed_in(&house, "warden").await.open(&format!("/admin/members/{member}")).await;
    page.says("50,000원");
    for hidden in ["20,000", "30,000"] {
        assert!(!page.html.contains(hidden), "{hidden} tells the maximum");
    }
}

#[tokio::test]
async fn play_money_stays_and_a_statement_is_given() {
    let house = house(Deposits::Demo).await;
    house.rich_member("mira", 5_000).await;
    house.pass(Span::seconds(1));
    let mut mira = signed_in(&house, "mira").await;
    let wallet = mira.open("/wallet").await;
    wallet.says("연습용 돈이라 출금할 수 없어요.");
    assert!(!wallet.html.contains("action=\"/wallet/withdrawals\""));
    let refused = mira.send("/wallet/withdrawals", &[("amount", "1,000"), ("destination", "은행")]).await;
    assert_eq!(refused.status, 409);
    let led = mira.once("GET", "/wallet/statement?from=2027-01-14&to=2027-01-15", "").await;
    assert_eq!(led.status, 303);
    let statement = mira.open(led.header("location")).await;
    assert_eq!((statement.status, statement.answer.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert!(statement.html.contains("5000"), "{}", statement.html);
    let long = mira.open("/wallet/statement?from=2025-12-01&to=2027-01-15").await;
    assert_eq!(long.status, 422);
    long.says("내역서는 한 번에 1년까지").says("value=\"2025-12-01\"");
    let year = mira.once("GET", "/wallet/statement?from=2026-01-15&to=2027-01-15", "").await;
    assert_eq!(mira.open(year.header("location")).await.status, 200);
}

#[tokio::test]
async fn an_admin_takes_a_bidders_bids_back_by_a_form() {
    let house = house(Deposits::Demo).await;
    let (_, seller) = house.member("seller").await;
    let (_, anna) = house.rich_member("anna", 50_000).await;
    let (_, bora) = house.rich_member("bora", 50_000).await;
    let auction = house.auction(&seller, json!({})).await;
    for (token, amount) in [(&anna, 5_000), (&bora, 9_000)] {
        let bid = json!({"amount": amount});
        house.order(&format!("/api/v1/auctions/{auction}/bids"), token, bid).send().await;
    }
    let mut warden = signed_in(&house, "warden").await;
    let (path, action) = (format!("/auctions/{auction}"), format!("/admin/auctions/{auction}/take-back"));
    let page = warden.open(&path).await;
    assert!(page.form(&action).contains("입찰자 2 · bora (지금 1등)"), "{}", page.form(&action));
    assert!(!page.html.contains("id=\"bidders\""), "the history keeps its numbers");
    let key = page.field(&action, "key");
    let sent = |bidder: &'static str, reason: &'static str| {
        [("key", key.clone()), ("bidder", bidder.to_owned()), ("reason", reason.to_owned())]
    };
    let send = async |warden: &mut Browser<'_>, bidder: &'static str, reason: &'static str| {
        let fields = sent(bidder, reason);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        warden.send(&action, &fields).await
    };
    let silent = send(&mut warden, "2", " ").await;
    assert_eq!(silent.status, 422);
    assert!(silent.form(&action).contains("꼭 적어 주세요."));
    assert!(silent.form(&action).contains("value=\"2\" selected"), "it stays as it was chosen");
    assert_eq!(send(&mut warden, "9", "속임수").await.status, 404);
    send(&mut warden, "2", "자기 물건을 올려 샀어요")
        .await
        .says("입찰을 거뒀고")
        .says("자기 물건을 올려 샀어요");
    send(&mut warden, "2", "자기 물건을 올려 샀어요").await.says("입찰을 거뒀고");
    let key = warden.open(&path).await.field(&action, "key");
    let again = [("key", key.as_str()), ("bidder", "2"), ("reason", "다시")];
    let again = warden.send(&action, &again).await;
    assert_eq!(again.status, 409);
    again.says("이미 거두어졌어요");
    let mut speaking = Browser::speaking(&house, "en");
    let login = [("username", "warden"), ("password", PASSWORD)];
    speaking.send("/sign-in", &login).await;
    speaking.open(&path).await.says("Take a bidder&#39;s bids back");
    warden.open("/admin/acts").await.says("입찰을 거두었어요").says("자기 물건을 올려 샀어요");
    signed_in(&house, "bora").await.open("/record").await.says("자기 물건을 올려 샀어요");
}

#[tokio::test]
async fn an_admin_cancels_an_auction_in_which_he_has_no_part() {
    let house = house(Deposits::Demo).await;
    let (_, seller) = house.member("seller").await;
    let (_, mira) = house.rich_member("mira", 50_000).await;
    let auction = house.auction(&seller, json!({})).await;
    let bid = json!({"amount": 5_000});
    house.order(&format!("/api/v1/auctions/{auction}/bids"), &mira, bid).send().await;
    let mut warden = signed_in(&house, "warden").await;
    let (path, action) = (format!("/auctions/{auction}"), format!("/admin/auctions/{auction}/cancel"));
    let page = warden.open(&path).await;
    assert!(page.form(&action).contains("<textarea") && page.form(&action).contains("required"));
    let key = page.field(&action, "key");
    assert_eq!(warden.send(&action, &[("key", &key), ("reason", "")]).await.status, 422);
    let sent = [("key", key.as_str()), ("reason", "팔 수 없는 물건이에요")];
    let done = warden.send(&action, &sent).await;
    done.says("경매를 취소했어요.").says("이유: \u{2068}팔 수 없는 물건이에요\u{2069}").says("끝난 경매라");
    let late = warden.send(&action, &[("key", "another-cancel"), ("reason", "다시")]).await;
    assert_eq!(late.status, 409);
    warden.open("/admin/acts").await.says("팔 수 없는 물건이에요").says(&format!("href=\"{path}\""));
    signed_in(&house, "mira").await.open("/wallet").await.says("data-wallet-held=\"0\"");

    let own = house.auction(&house.token("warden").await, json!({})).await;
    let own = warden.open(&format!("/auctions/{own}")).await;
    assert!(!own.html.contains("/admin/auctions/"), "his own he takes back as its seller");
    let bids_on = house.auction(&seller, json!({})).await;
    house
        .order("/api/v1/wallet/deposits", &house.token("warden").await, json!({"amount": 9_000}))
        .send()
        .await;
    let bid = json!({"amount": 5_000});
    house.order(&format!("/api/v1/auctions/{bids_on}/bids"), &house.token("warden").await, bid).send().await;
    assert!(!warden.open(&format!("/auctions/{bids_on}")).await.html.contains("/admin/auctions/"));
    let action = format!("/admin/auctions/{bids_on}/cancel");
    let refused = warden.send(&action, &[("key", "part-cancel"), ("reason", "이기고 싶어요")]).await;
    assert_eq!(refused.status, 403);
    refused.says("이 일과 관계없는 관리자만 할 수 있어요.");
}

#[tokio::test]
async fn an_operator_who_says_no_reason_is_not_quoted() {
    let house = house(Deposits::Demo).await;
    let (member, _) = house.member("mira").await;
    let act = |reason: &str| Act {
        admin: None,
        kind: ActKind::Suspended,
        member: Some(MemberId(member)),
        auction: None,
        order: None,
        withdrawal: None,
        reason: reason.to_owned(),
        at: house.now(),
    };
    assert!(house.records.suspend(MemberId(member), act("")).await.unwrap());
    signed_in(&house, "mira").await.open("/record").await.says("이유를 적지 않았어요").says("운영자");
    let mut english = Browser::speaking(&house, "en");
    english.send("/sign-in", &[("username", "mira"), ("password", PASSWORD)]).await;
    english.open("/record").await.says("No reason given").says("the operator");
    let restored = Act { kind: ActKind::Restored, ..act("오해였어요") };
    assert!(house.records.restore(MemberId(member), restored).await.unwrap());
    english.open("/record").await.says("오해였어요");
}
