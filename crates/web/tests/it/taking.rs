//! Money that admins take: deposits that are taken back with the debts that stay, and the house's fees; by API and by forms.

use auction::Span;
use engine::Deposits;
use serde_json::{Value, json};

use crate::ask::{Answer, refused};
use crate::house::{House, Wishes};
use crate::pages_order::signed_in;

/// A house of real money that earns a tenth, with its admin's token.
async fn bank() -> (House, String) {
    let mut wishes = Wishes { deposits: Deposits::Manual, fee_rate: 100_000, ..Wishes::default() };
    wishes.web.deposits = Deposits::Manual;
    let house = House::wishing(wishes).await;
    let (_, admin) = house.admin("warden").await;
    (house, admin)
}

async fn post(house: &House, token: &str, path: &str, key: &str, body: Value) -> Answer {
    house.ask("POST", &format!("/api/v1/{path}")).by(token).key(key).json(body).send().await
}

async fn get(house: &House, token: &str, path: &str) -> Value {
    house.ask("GET", &format!("/api/v1/{path}")).by(token).send().await.body
}

/// Money comes in; its transfer.
async fn enter(house: &House, admin: &str, member: i64, amount: i64) -> i64 {
    let reference = format!("bank {member} {amount}");
    let body = json!({"member_id": member, "amount": amount, "reference": reference});
    let entered = house.order("/api/v1/admin/deposits", admin, body).send().await;
    assert_eq!(entered.status, 201, "{}", entered.text);
    entered.body["transfer"]["id"].as_i64().unwrap()
}

/// Something is sold for so much, and handed over.
async fn sell(house: &House, seller: &str, buyer: &str, price: i64) {
    let auction = house.auction(seller, json!({"buy_now_price": price})).await;
    let bought = house.order(&format!("/api/v1/auctions/{auction}/buy-now"), buyer, json!({})).send().await;
    assert_eq!(bought.status, 201, "{}", bought.text);
    let order = bought.body["order"]["id"].as_i64().unwrap();
    let shown = get(house, buyer, &format!("orders/{order}")).await;
    let code = shown["receipt_code"].clone();
    let path = format!("/api/v1/orders/{order}/receipt-code");
    let paid = house.order(&path, seller, json!({"code": code})).send().await;
    assert_eq!(paid.status, 200, "{} {shown}", paid.text);
}

#[tokio::test]
async fn a_deposit_is_taken_back_and_what_is_missing_is_owed() {
    let (house, admin) = bank().await;
    let (_, seller) = house.member("seller").await;
    let (mira_id, mira) = house.member("mira").await;
    let deposit = enter(&house, &admin, mira_id, 50_000).await;
    let auction = house.auction(&seller, json!({})).await;
    let bid = house.order(&format!("/api/v1/auctions/{auction}/bids"), &mira, json!({"amount": 20_000}));
    assert_eq!(bid.send().await.status, 201);
    let path = format!("admin/deposits/{deposit}/reverse");
    let why = json!({"reason": "은행이 되돌렸어요"});
    refused(&post(&house, &mira, &path, "m", why.clone()).await, 403, "not_admin");
    refused(
        &post(&house, &admin, "admin/deposits/99999/reverse", "n", why.clone()).await,
        404,
        "deposit_not_found",
    );
    refused(&post(&house, &admin, &path, "r", json!({"reason": " "})).await, 422, "reason_missing");
    let first = post(&house, &admin, &path, "a", why.clone()).await;
    assert_eq!(first.status, 200, "{}", first.text);
    let figures = |answer: &Answer| (answer.body["taken"].clone(), answer.body["missing"].clone());
    assert_eq!(figures(&first), (json!(30_000), json!(20_000)), "what a bid holds stays");
    house.pass(Span::seconds(2));
    assert_eq!(post(&house, &admin, &path, "a", why.clone()).await.text, first.text, "the same again");
    refused(&post(&house, &admin, &path, "b", why.clone()).await, 402, "insufficient_funds");
    let wallet = get(&house, &mira, "wallet").await;
    assert_eq!(
        (&wallet["available"], &wallet["held"], &wallet["debt"]),
        (&json!(0), &json!(20_000), &json!(20_000))
    );
    let debts = get(&house, &admin, "admin/debts").await;
    let debt = &debts["items"][0];
    assert_eq!((&debt["transfer_id"], &debt["member_id"]), (&json!(deposit), &json!(mira_id)));
    assert_eq!((&debt["amount"], &debt["missing"]), (&json!(50_000), &json!(20_000)));
    enter(&house, &admin, mira_id, 25_000).await;
    let out = json!({"amount": 1_000, "destination": "국민 123-45"});
    let kept = post(&house, &mira, "wallet/withdrawals", "w", out.clone()).await;
    refused(&kept, 409, "in_debt");
    assert_eq!(kept.body["missing"], 20_000);
    let rest = post(&house, &admin, &path, "c", why.clone()).await;
    assert_eq!(figures(&rest), (json!(20_000), json!(0)));
    refused(&post(&house, &admin, &path, "d", why).await, 409, "nothing_missing");
    assert_eq!(post(&house, &mira, "wallet/withdrawals", "x", out).await.status, 201);
    assert_eq!(get(&house, &admin, "admin/debts").await["items"], json!([]));
    assert!(get(&house, &mira, "wallet").await.get("debt").is_none());
    let acts = get(&house, &mira, "me/acts").await;
    let kinds: Vec<_> = acts["items"].as_array().unwrap().iter().map(|act| act["kind"].clone()).collect();
    assert_eq!(kinds, ["deposit_reversed", "deposited", "deposit_reversed", "deposited"]);
    assert_eq!(acts["items"][0]["reason"], "은행이 되돌렸어요");
    let moved = get(&house, &mira, "wallet/transfers?reason=deposit_reversed").await;
    assert_eq!(moved["items"][0]["amount"], 20_000);
}

#[tokio::test]
async fn fees_go_out_once_and_never_more_than_there_are() {
    let (house, admin) = bank().await;
    let (_, seller) = house.member("seller").await;
    let (mira_id, mira) = house.member("mira").await;
    enter(&house, &admin, mira_id, 50_000).await;
    assert_eq!(get(&house, &admin, "admin/fees").await, json!({"fees": 0}));
    sell(&house, &seller, &mira, 50_000).await;
    assert_eq!(get(&house, &admin, "admin/fees").await, json!({"fees": 5_000}));
    let path = "admin/fees/withdrawals";
    let fees = |amount: i64| json!({"amount": amount, "reference": "7월"});
    refused(&post(&house, &mira, path, "m", fees(1)).await, 403, "not_admin");
    refused(&house.ask("GET", "/api/v1/admin/fees").by(&mira).send().await, 403, "not_admin");
    let much = post(&house, &admin, path, "a", fees(5_001)).await;
    refused(&much, 409, "insufficient_fees");
    assert_eq!(much.body["fees"], 5_000);
    refused(&post(&house, &admin, path, "b", fees(0)).await, 422, "amount_invalid");
    let nameless = post(&house, &admin, path, "c", json!({"amount": 1, "reference": " "})).await;
    assert_eq!(nameless.faults(), [("reference", "required")]);
    let taken = post(&house, &admin, path, "d", fees(4_000)).await;
    assert_eq!((taken.status, &taken.body["amount"]), (201, &json!(4_000)), "{}", taken.text);
    assert_eq!(post(&house, &admin, path, "d", fees(4_000)).await.text, taken.text);
    refused(&post(&house, &admin, path, "d", fees(4_001)).await, 409, "key_reused");
    refused(&post(&house, &admin, path, "e", fees(1_000)).await, 409, "reference_used");
    assert_eq!(get(&house, &admin, "admin/fees").await, json!({"fees": 1_000}));
    let acts = get(&house, &admin, "admin/acts").await;
    assert_eq!(
        (&acts["items"][0]["kind"], &acts["items"][0]["reason"]),
        (&json!("fees_withdrawn"), &json!("7월"))
    );
}

#[tokio::test]
async fn play_money_is_taken_back_and_never_taken_out() {
    let house = House::new().await;
    let (_, admin) = house.admin("warden").await;
    let (_, mira) = house.rich_member("mira", 5_000).await;
    let out =
        post(&house, &admin, "admin/fees/withdrawals", "f", json!({"amount": 1, "reference": "x"})).await;
    refused(&out, 409, "withdrawals_off");
    let deposit = get(&house, &mira, "wallet/transfers").await["items"][0]["id"].clone();
    let back =
        post(&house, &admin, &format!("admin/deposits/{deposit}/reverse"), "r", json!({"reason": "연습"}))
            .await;
    assert_eq!(back.body["taken"], 5_000, "{}", back.text);
    let mut warden = signed_in(&house, "warden").await;
    warden.open("/admin").await.says("여기서는 수수료를 꺼낼 수 없어요.");
    assert_eq!(warden.send("/admin/fees", &[("amount", "1"), ("reference", "x")]).await.status, 409);
}

#[tokio::test]
async fn an_admins_forms_take_what_is_there() {
    let (house, admin) = bank().await;
    let (_, seller) = house.member("seller").await;
    let (mira_id, mira) = house.member("mira").await;
    let deposit = enter(&house, &admin, mira_id, 50_000).await;
    sell(&house, &seller, &mira, 20_000).await;
    let mut warden = signed_in(&house, "warden").await;
    let (his, action) = (format!("/admin/members/{mira_id}"), format!("/admin/deposits/{deposit}/reverse"));
    let key = warden.open(&his).await.field(&action, "key");
    let member = mira_id.to_string();
    let form =
        |reason: &str| [("key", key.clone()), ("member", member.clone()), ("reason", reason.to_owned())];
    let sent = |fields: &[(&'static str, String); 3]| fields.clone();
    let fields = sent(&form(""));
    let empty = warden.send(&action, &fields.each_ref().map(|(name, text)| (*name, text.as_str()))).await;
    assert_eq!(empty.status, 422);
    let fields = sent(&form("은행이 되돌렸어요"));
    let done = warden.send(&action, &fields.each_ref().map(|(name, text)| (*name, text.as_str()))).await;
    assert_eq!(done.path, his);
    done.says("30,000원을 되돌렸어요.").says("모자란 돈").says("20,000원");
    let mut own = signed_in(&house, "mira").await;
    own.open("/wallet").await.says("data-wallet-debt=\"20000\"");
    own.open("/record").await.says("충전을 되돌렸어요").says("은행이 되돌렸어요");
    let desk = warden.open("/admin").await;
    desk.says("data-fees=\"2000\"").says("되돌린 충전의 모자란 돈");
    let key = desk.field(&action, "key");
    let again = warden.send(&action, &[("key", &key), ("reason", "다시")]).await;
    assert_eq!(again.status, 402);
    let key = warden.open("/admin").await.field("/admin/fees", "key");
    for (amount, status) in [("", 422), ("2,001", 409)] {
        let fields = [("key", key.as_str()), ("amount", amount), ("reference", "7월")];
        let refused = warden.send("/admin/fees", &fields).await;
        assert_eq!(refused.status, status);
        refused.says("value=\"7월\"");
    }
    let fields = [("key", key.as_str()), ("amount", "2,000"), ("reference", "7월")];
    warden
        .send("/admin/fees", &fields)
        .await
        .says("data-fees=\"0\"")
        .says("수수료 2,000원을 꺼냈다고 남겼어요.");
    let key = warden.open("/admin").await.field("/admin/fees", "key");
    let fields = [("key", key.as_str()), ("amount", "1"), ("reference", "7월")];
    let again = warden.send("/admin/fees", &fields).await;
    assert_eq!(again.status, 409);
    again.says("그 번호는 이미 썼어요.");
}

/// However many deposits there are, every one is found, and one that is wholly taken back is not offered again.
#[tokio::test]
async fn every_deposit_is_found_to_be_taken_back() {
    let (house, admin) = bank().await;
    let (_, seller) = house.member("seller").await;
    let (mira_id, mira) = house.member("mira").await;
    let mut deposits = Vec::new();
    for number in 1..=12 {
        deposits.push(enter(&house, &admin, mira_id, 1_000 * number).await);
    }
    let auction = house.auction(&seller, json!({})).await;
    let bid = house.order(&format!("/api/v1/auctions/{auction}/bids"), &mira, json!({"amount": 70_000}));
    assert_eq!(bid.send().await.status, 201);
    for (deposit, key) in [(deposits[0], "a"), (deposits[11], "b")] {
        let path = format!("admin/deposits/{deposit}/reverse");
        assert_eq!(post(&house, &admin, &path, key, json!({"reason": "취소"})).await.status, 200);
    }
    let path = format!("admin/members/{mira_id}/deposits");
    let first = get(&house, &admin, &format!("{path}?limit=11")).await;
    let next = first["next"].as_str().unwrap();
    let rest = get(&house, &admin, &format!("{path}?limit=11&cursor={next}")).await;
    assert!(rest.get("next").is_none());
    let rows = [&first, &rest].map(|page| page["items"].as_array().unwrap().clone()).concat();
    let seen: Vec<_> = rows.iter().map(|row| row["transfer_id"].as_i64().unwrap()).collect();
    assert_eq!(seen, deposits.iter().rev().copied().collect::<Vec<_>>());
    assert_eq!((&rows[0]["amount"], &rows[0]["missing"]), (&json!(12_000), &json!(5_000)));
    assert!(rows[1].get("missing").is_none() && rows[1].get("at").is_some(), "{}", rows[1]);
    assert_eq!(rows[11]["missing"], 0);
    let market = &house;
    let asked = |path: String, token: String| async move { market.ask("GET", &path).by(&token).send().await };
    refused(&asked(format!("/api/v1/{path}"), mira).await, 403, "not_admin");
    let nobody = "/api/v1/admin/members/999999/deposits".to_owned();
    refused(&asked(nobody, admin.clone()).await, 404, "not_found");
    let foreign = asked(format!("/api/v1/{path}?cursor=x"), admin).await;
    assert_eq!((foreign.status, &foreign.body["items"]), (200, &json!([])));
    let mut warden = signed_in(&house, "warden").await;
    let his = format!("/admin/members/{mira_id}");
    let page = warden.open(&his).await;
    page.says("더 가져오기").says(&format!("{his}?deposits={}#deposits", deposits[2]));
    let page = warden.open(&format!("{his}?deposits={}", deposits[2])).await;
    page.says("모두 되돌렸어요.").says(&format!("/admin/deposits/{}/reverse", deposits[1]));
    assert!(
        !page.html.contains(&format!("/admin/deposits/{}/reverse", deposits[0])),
        "nothing is left of it"
    );
}

/// Whoever pays a withdrawal out reads before that its member owes money.
#[tokio::test]
async fn a_withdrawal_of_a_debtor_shows_what_he_owes() {
    let (house, admin) = bank().await;
    let (mira_id, mira) = house.member("mira").await;
    let deposit = enter(&house, &admin, mira_id, 50_000).await;
    let out = json!({"amount": 30_000, "destination": "국민 123-45"});
    assert_eq!(post(&house, &mira, "wallet/withdrawals", "w", out).await.status, 201);
    let mut warden = signed_in(&house, "warden").await;
    let debt = "data-debt=\"30000\"";
    assert!(!warden.open("/admin").await.html.contains(debt));
    let path = format!("admin/deposits/{deposit}/reverse");
    assert_eq!(post(&house, &admin, &path, "a", json!({"reason": "취소"})).await.body["missing"], 30_000);
    warden.open("/admin").await.says(debt).says("모자란 돈이 남아 있는 동안에는 내보낼 수 없어요.");
}
