//! Notices on their way out of the house: what is sent, how often, and what happens when it cannot be.

use std::sync::Arc;

use auction::{Span, Time};
use ledger::MemberId;
use serde_json::json;
use store::records::{CLAIMED_TOGETHER_MAX, LEASE};
use web::WebSettings;
use web::delivery::sender;
use web::settings::Mailer;

use crate::ask::refused;
use crate::browser::Browser;
use crate::house::{House, PASSWORD, Wishes};
use crate::outside::{MailServer, PushBrowser, PushService, header};

/// A house that sends, a member who can be outbid, and where he is reached.
pub struct Town {
    pub house: House,
    pub mail: MailServer,
    pub push: PushService,
    pub browser: PushBrowser,
    pub anna: String,
    pub member: MemberId,
    rival: String,
    pub chair: i64,
    price: i64,
}

impl Town {
    pub async fn new() -> Town {
        let mail = MailServer::open().await;
        let mailer = mail.mailer();
        Town::writing(mail, mailer).await
    }

    /// The same, where letters go another way to that server.
    pub async fn writing(mail: MailServer, mailer: Arc<Mailer>) -> Town {
        let push = PushService::open().await;
        let mut wishes = Wishes::default();
        wishes.web = WebSettings { mailer: Some(mailer), pushes_anywhere: true, ..wishes.web };
        let house = House::wishing(wishes).await;
        let (_, seller) = house.member("seller").await;
        let (member, anna) = house.rich_member("anna", 900_000).await;
        let (_, rival) = house.rich_member("rival", 900_000).await;
        let chair = house.auction(&seller, json!({"ends_at": house.ahead(Span::days(2))})).await;
        let browser = PushBrowser::new(&push, 1);
        Town { house, mail, push, browser, anna, member: MemberId(member), rival, chair, price: 5_000 }
    }

    /// Anna bids and is outbid, and the notice is written.
    pub async fn outbid(&mut self) {
        for bidder in [&self.anna, &self.rival] {
            let path = format!("/api/v1/auctions/{}/bids", self.chair);
            let bid = self.house.order(&path, bidder, json!({"amount": self.price})).send().await;
            assert_eq!(bid.status, 201, "{}", bid.text);
            self.price += 1_000;
        }
        self.house.follow().await;
    }

    pub async fn subscribe(&self, browser: &PushBrowser) {
        let ask = self.house.ask("POST", "/api/v1/me/push-subscriptions").by(&self.anna);
        let kept = ask.header("accept-language", "en").json(browser.subscription()).send().await;
        assert_eq!(kept.status, 204, "{}", kept.text);
    }

    /// Anna says an address is hers, and follows the link that comes there.
    pub async fn confirm(&self) {
        let ask = self.house.ask("POST", "/api/v1/me/email").by(&self.anna).header("accept-language", "en");
        let asked = ask.json(json!({"email": "anna@market.example"})).send().await;
        assert_eq!(asked.status, 204, "{}", asked.text);
        let token = link_in(self.mail.letters().last().unwrap());
        let confirmed = self.house.ask("POST", "/api/v1/me/email/confirm").json(json!({"token": token}));
        assert_eq!(confirmed.send().await.status, 204);
    }

    pub async fn turn(&self) -> usize {
        sender::turn(&self.house.state).await.unwrap()
    }
}

/// A Korean browser in which a member has signed in who is there already.
pub async fn signed_in<'a>(house: &'a House, username: &str) -> Browser<'a> {
    let mut browser = Browser::new(house);
    let fields = [("username", username), ("password", PASSWORD), ("next", "/")];
    assert_eq!(browser.send("/sign-in", &fields).await.path, "/");
    browser
}

/// The end of the link in a letter that asks for a confirmation.
fn link_in(letter: &str) -> String {
    let letter = letter.replace("=\r\n", "").replace("=3D", "=");
    let (_, rest) = letter.split_once("/me/notices/confirm?token=").expect("there is a link");
    rest.split(|one: char| !(one.is_ascii_alphanumeric() || one == '-' || one == '_'))
        .next()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_push_reaches_the_browser_encrypted_and_once() {
    let mut town = Town::new().await;
    town.subscribe(&town.browser).await;
    town.outbid().await;
    assert_eq!((town.turn().await, town.turn().await), (1, 0));
    let pushed = town.push.pushed();
    assert_eq!(pushed.len(), 1);
    let told = town.browser.read(&pushed[0]);
    assert_eq!(told["url"], json!(format!("/auctions/{}", town.chair)));
    assert_eq!(told["lang"], json!("en"));
    assert!(told["body"].as_str().unwrap().contains("원목 의자"), "{told}");
    let headers = &pushed[0].headers;
    let topic = format!("outbid-{}", town.chair);
    for (name, value) in
        [("topic", topic.as_str()), ("urgency", "high"), ("content-encoding", "aes128gcm"), ("ttl", "86400")]
    {
        assert_eq!(headers[name], value, "{name}");
    }
    let preferences = town.house.ask("GET", "/api/v1/me/notice-preferences").by(&town.anna).send().await;
    let key = preferences.body["push_key"].as_str().unwrap();
    assert!(headers["authorization"].ends_with(&format!(", k={key}")), "{}", headers["authorization"]);
    assert!(!String::from_utf8_lossy(&pushed[0].body).contains("outbid"));

    town.outbid().await;
    assert_eq!(town.turn().await, 1, "what happens again is told again");
    town.outbid().await;
    let read = town.house.ask("POST", "/api/v1/notices/read").by(&town.anna);
    assert_eq!(read.json(json!({"up_to": i64::MAX})).send().await.status, 200);
    assert_eq!((town.turn().await, town.push.pushed().len()), (1, 2), "what was read meanwhile is dropped");
}

#[tokio::test]
async fn a_letter_reaches_a_confirmed_address_and_ends_with_one_click() {
    let mut town = Town::new().await;
    town.confirm().await;
    town.outbid().await;
    assert_eq!((town.turn().await, town.turn().await), (1, 0));
    let letters = town.mail.letters();
    assert_eq!(letters.len(), 2, "the link, and the notice");
    assert_eq!(header(&letters[0], "List-Unsubscribe"), None);
    let letter = &letters[1];
    assert_eq!(header(letter, "To"), Some("anna@market.example"));
    assert!(header(letter, "Message-ID").unwrap().starts_with("<notice-"), "{letter}");
    assert_eq!(header(letter, "List-Unsubscribe-Post"), Some("List-Unsubscribe=One-Click"));
    let leave = header(letter, "List-Unsubscribe").unwrap().trim_matches(['<', '>']);
    let path = leave.strip_prefix(&format!("http://127.0.0.1:{}", town.house.address.port())).unwrap();
    assert!(letter.contains("text/plain") && letter.contains("text/html"));

    let one_click = town.house.ask("POST", path).header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(one_click.bytes("List-Unsubscribe=One-Click").send().await.status, 200);
    town.house.pass(Span::hours(1));
    town.outbid().await;
    assert_eq!((town.turn().await, town.mail.letters().len()), (0, 2));

    let mut stranger = Browser::speaking(&town.house, "en");
    stranger.open(path).await.says("Shall we stop sending you e-mail?");
    stranger.send(path, &[]).await.says("We send you no more e-mail.");
    let mut korean = Browser::new(&town.house);
    korean.open(path).await.says("이메일을 그만 보낼까요?");
    assert_eq!(korean.open(&format!("{path}x")).await.status, 404, "a token that nobody signed");
}

#[tokio::test]
async fn a_link_is_followed_once_and_in_time() {
    let town = Town::new().await;
    let mut anna = signed_in(&town.house, "anna").await;
    anna.send("/me/notices/email", &[("email", "not an address")]).await.says("not an address");
    anna.send("/me/notices/email", &[("email", "anna@market.example")]).await.says("anna@market.example");
    let letters = town.mail.letters();
    assert_eq!(letters.len(), 1);
    let asked = town.house.ask("POST", "/api/v1/me/email").by(&town.anna).header("accept-language", "en");
    assert_eq!(asked.json(json!({"email": "anna@market.example"})).send().await.status, 204);
    let token = link_in(&town.mail.letters()[1]);
    let mut stranger = Browser::speaking(&town.house, "en");
    stranger.open(&format!("/me/notices/confirm?token={token}")).await.says(&token);
    stranger
        .send("/me/notices/confirm", &[("token", &token)])
        .await
        .says("Notices come to this address now.");
    assert_eq!(stranger.send("/me/notices/confirm", &[("token", &token)]).await.status, 404);
    for number in 3..=6 {
        let ask = town.house.ask("POST", "/api/v1/me/email").by(&town.anna);
        let answer = ask.json(json!({"email": "other@market.example"})).send().await;
        match number {
            6 => refused(&answer, 429, "too_many_confirmations"),
            _ => assert_eq!(answer.status, 204),
        }
    }
    let preferences = || town.house.ask("GET", "/api/v1/me/notice-preferences").by(&town.anna).send();
    let known = preferences().await.body;
    assert_eq!(
        (&known["email"], &known["unconfirmed_email"]),
        (&json!("anna@market.example"), &json!("other@market.example"))
    );
    assert_eq!(town.house.ask("DELETE", "/api/v1/me/email").by(&town.anna).send().await.status, 204);
    assert_eq!(preferences().await.body.get("email"), None);
}

#[tokio::test]
async fn who_dies_between_claim_and_settling_is_replaced_and_the_repeat_is_known() {
    let mut town = Town::new().await;
    town.confirm().await;
    town.outbid().await;
    let lost = town.house.records.claim_deliveries(town.house.now(), CLAIMED_TOGETHER_MAX).await.unwrap();
    assert_eq!((lost.len(), town.turn().await), (1, 0), "nobody else sends what is claimed");
    town.house.pass(LEASE);
    assert_eq!(town.turn().await, 1);
    let letters = town.mail.letters();
    let name = format!("<notice-{}@market.example>", lost[0].notice);
    assert_eq!(
        header(&letters[1], "Message-ID"),
        Some(name.as_str()),
        "the name that the first would have had"
    );
    town.house.pass(LEASE);
    assert_eq!(town.turn().await, 0);
}

#[tokio::test]
async fn what_a_service_refuses_for_now_comes_later() {
    let mut town = Town::new().await;
    town.subscribe(&town.browser).await;
    town.outbid().await;
    // What the service answers, after how many seconds nothing is tried yet, and after how many it is.
    for (answer, too_early, late_enough) in
        [("500 Oh", 20, 40), ("429 Slowly\r\nRetry-After: 3600", 3_500, 110), ("503 Busy", 300, 400)]
    {
        town.push.answer(answer);
        assert_eq!(town.turn().await, 1, "{answer}");
        town.house.pass(Span::seconds(too_early));
        assert_eq!(town.turn().await, 0, "{answer}");
        town.house.pass(Span::seconds(late_enough));
    }
    assert_eq!(town.turn().await, 1);
    assert_eq!(town.push.pushed().len(), 4);
    town.house.pass(Span::hours(9));
    assert_eq!(town.turn().await, 0, "it was taken at last");
}

#[tokio::test]
async fn a_browser_that_is_gone_is_forgotten() {
    let mut town = Town::new().await;
    let other = PushBrowser::new(&town.push, 2);
    town.subscribe(&town.browser).await;
    town.subscribe(&other).await;
    town.outbid().await;
    town.push.answer("410 Gone");
    assert_eq!(town.turn().await, 1);
    town.outbid().await;
    assert_eq!(town.turn().await, 1);
    let paths: Vec<String> = town.push.pushed().into_iter().map(|pushed| pushed.path).collect();
    assert_eq!(paths.len(), 3);
    assert_eq!(paths.iter().filter(|path| **path == paths[0]).count(), 1, "{paths:?}");
    town.push.answer("404 Not Found");
    town.outbid().await;
    assert_eq!(town.turn().await, 1);
    town.outbid().await;
    assert_eq!(town.turn().await, 0, "nobody is there any more");
}

#[tokio::test]
async fn what_has_failed_is_shown_to_admins_and_tried_again() {
    let mut town = Town::new().await;
    town.confirm().await;
    town.outbid().await;
    town.mail.refuse("550 5.1.1 <script>no such mailbox</script>");
    assert_eq!((town.turn().await, town.turn().await), (1, 0));
    let (_, admin) = town.house.admin("admin").await;
    let failed = || town.house.ask("GET", "/api/v1/admin/deliveries").by(&admin).send();
    let row = failed().await.body["items"][0].clone();
    assert_eq!(
        (&row["channel"], &row["kind"], &row["tries"]),
        (&json!("email"), &json!("outbid"), &json!(1))
    );
    assert!(row["reason"].as_str().unwrap().contains("no such mailbox"), "{row}");
    let path = format!("/admin/deliveries/{}/retry", row["notice_id"]);
    let api = format!("/api/v1{path}");
    let retry = |by: &str, body| town.house.ask("POST", &api).by(by).json(body);
    refused(&retry(&admin, json!({"channel": "push"})).send().await, 404, "delivery_not_found");
    refused(&retry(&admin, json!({"channel": "fax"})).send().await, 422, "invalid");
    refused(&retry(&town.anna, json!({"channel": "email"})).send().await, 403, "not_admin");
    let mut page = signed_in(&town.house, "admin").await;
    let shown = page.open("/admin/deliveries").await;
    assert!(shown.says("no such mailbox").html.contains("&#60;script&#62;"), "{}", shown.html);
    page.send(&path, &[("channel", "email")]).await;
    assert_eq!(failed().await.body["items"], json!([]));
    assert_eq!((town.turn().await, town.mail.letters().len()), (1, 2));
}

#[tokio::test]
async fn quiet_hours_end_before_anything_is_sent() {
    let mut town = Town::new().await;
    town.subscribe(&town.browser).await;
    // The clock of tests begins at nine in the morning in Korea.
    let quiet = json!({"quiet_from": "08:00", "quiet_until": "10:30"});
    let change = town.house.ask("PATCH", "/api/v1/me/notice-preferences").by(&town.anna).json(quiet);
    assert_eq!(change.send().await.body["quiet_until"], json!("10:30"));
    town.outbid().await;
    let began: Time = town.house.now();
    assert_eq!((town.turn().await, town.turn().await), (1, 0), "it was put off");
    town.house.pass(Span::minutes(89));
    assert_eq!(town.turn().await, 0);
    town.house.pass(Span::minutes(1));
    assert_eq!((town.turn().await, town.push.pushed().len()), (1, 1));
    assert_eq!(town.house.now().since(began), Span::minutes(90));

    town.house.pass(Span::hours(23));
    town.outbid().await;
    assert_eq!((town.turn().await, town.push.pushed().len()), (1, 1), "quiet again");
    town.house.pass(Span::days(2));
    assert_eq!((town.turn().await, town.push.pushed().len()), (1, 1), "the auction is over: nobody needs it");
}
