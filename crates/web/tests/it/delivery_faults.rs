//! What cannot be sent: whose fault it is, by which other way a notice goes then, and what admins see of it.

use auction::Span;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::records::{CLAIMED_TOGETHER_MAX, EMAIL_GAP, LEASE, NewAddress, REFUSALS_MAX, TRIES_MAX};
use web::delivery::sender;
use web::limits::CONFIRMATIONS_TO_ONE_ADDRESS_MAX;

use crate::ask::refused;
use crate::authority::Authority;
use crate::delivery::{Town, signed_in};
use crate::outside::{Encrypted, MailServer, PushBrowser, header};

impl Town {
    /// What the API shows admins of what has failed.
    async fn failed(&self, admin: &str) -> Vec<Value> {
        let answer = self.house.ask("GET", "/api/v1/admin/deliveries").by(admin).send().await;
        answer.body["items"].as_array().unwrap().clone()
    }

    /// Anna's address is confirmed though no letter came through.
    async fn confirm_without_a_letter(&self) {
        let (token, at) = (Sha256::digest("token").into(), self.house.now());
        let new = NewAddress { member: self.member, email: "anna@market.example".to_owned(), token, at };
        assert!(self.house.records.ask_confirmation(new).await.unwrap().unwrap());
        assert!(self.house.records.confirm_address(token, at).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_server_that_refuses_the_house_gets_the_letter_later() {
    let mut town = Town::new().await;
    town.confirm().await;
    let (_, admin) = town.house.admin("admin").await;
    // At which word it refuses with which words; whether that is the end of the letter.
    for (said, words, is_over) in [
        ("HELO", "554 5.7.1 no service for you", false),
        ("EHLO", "550 5.7.1 not by that name", false),
        ("MAIL", "530 5.7.0 authentication required", false),
        ("MAIL", "550 5.7.1 sender not allowed", false),
        ("RCPT", "530 5.7.0 authentication required", false),
        ("RCPT", "451 4.3.0 later", false),
        ("RCPT", "550 5.1.1 no such mailbox", true),
        ("DATA", "554 5.5.1 no", true),
        ("KEPT", "554 5.6.0 not such a letter", true),
    ] {
        let before = town.failed(&admin).await.len();
        town.house.pass(Span::hours(1));
        town.outbid().await;
        town.mail.answer(said, words);
        assert_eq!(town.turn().await, 1, "{words}");
        assert_eq!(town.failed(&admin).await.len() - before, usize::from(is_over), "{said} {words}");
        town.house.pass(Span::minutes(1));
        assert_eq!(town.turn().await, usize::from(!is_over), "{said} {words}");
        assert_eq!(town.turn().await, 0);
        if is_over {
            let row = &town.failed(&admin).await[0];
            assert!(!row["reason"].as_str().unwrap().starts_with("house: "), "{row}");
            let path = format!("/api/v1/admin/deliveries/{}/retry", row["notice_id"]);
            let retry = town.house.ask("POST", &path).by(&admin).json(json!({"channel": "email"}));
            assert_eq!(retry.send().await.status, 204);
            assert_eq!(town.turn().await, 1);
        }
    }
}

#[tokio::test]
async fn a_wrong_password_is_the_houses_own_fault_and_shown_as_such() {
    let mail = MailServer::open().await;
    let mailer = mail.mailer_at(&format!("smtp://house:wrong%20one@{}", mail.address), None);
    let mut town = Town::writing(mail, mailer).await;
    town.confirm().await;
    town.outbid().await;
    let (_, admin) = town.house.admin("admin").await;
    let mut page = signed_in(&town.house, "admin").await;
    for number in 1..=TRIES_MAX {
        let is_last = number == TRIES_MAX;
        town.mail.answer("AUTH", "535 5.7.8 <b>wrong password</b>");
        assert_eq!(town.turn().await, 1, "{number}");
        let shown = page.open("/admin/deliveries").await;
        shown.says("wrong password").says("우리 쪽 설정이 잘못됐어요");
        assert_eq!(shown.html.contains("다시 보낼 거예요"), !is_last, "{}", shown.html);
        assert_eq!(shown.html.contains("data-undelivered=\"1\""), is_last, "admins see it on every page");
        assert_eq!(town.failed(&admin).await.len(), usize::from(is_last));
        town.house.pass(if number < 6 { Span::hours(3) } else { Span::hours(8) });
    }
    let row = &town.failed(&admin).await[0];
    assert!(row["reason"].as_str().unwrap().starts_with("house: "), "{row}");
    assert_eq!(town.turn().await, 0);
    assert!(!signed_in(&town.house, "anna").await.open("/").await.html.contains("data-undelivered"));
}

#[tokio::test]
async fn a_push_that_is_refused_goes_by_e_mail_and_its_browser_is_kept() {
    for refusal in ["401 Unauthorized", "403 Forbidden"] {
        let mut town = Town::new().await;
        town.confirm().await;
        town.subscribe(&town.browser).await;
        let (_, admin) = town.house.admin("admin").await;
        // Two notices in vain: however often the house is refused, it is the house that is refused.
        for notice in 1..=2 {
            town.house.pass(EMAIL_GAP);
            town.outbid().await;
            for number in 1..=REFUSALS_MAX {
                town.push.answer(refusal);
                assert_eq!((town.turn().await, town.mail.letters().len()), (1, notice), "{refusal} {number}");
                if number < REFUSALS_MAX {
                    assert_eq!(town.failed(&admin).await.len(), 0, "{refusal} {number}");
                    town.house.pass(Span::hours(1));
                }
            }
            assert_eq!(
                (town.turn().await, town.mail.letters().len()),
                (1, notice + 1),
                "the same, by e-mail"
            );
            let letter = town.mail.letters()[notice].clone();
            assert!(header(&letter, "Message-ID").unwrap().starts_with("<notice-"), "{letter}");
            let failed = town.failed(&admin).await;
            let row = &failed[0];
            assert_eq!((&row["channel"], &row["tries"]), (&json!("push"), &json!(REFUSALS_MAX)));
            assert!(row["reason"].as_str().unwrap().starts_with("house: "), "{row}");
            assert_eq!((failed.len(), town.turn().await), (1, 0));
        }
        town.house.pass(EMAIL_GAP);
        town.outbid().await;
        let refused = 2 * usize::try_from(REFUSALS_MAX).unwrap();
        assert_eq!((town.turn().await, town.push.pushed().len()), (1, refused + 1), "it is asked again");
        assert_eq!((town.turn().await, town.mail.letters().len()), (0, 3), "and takes it");
    }
}

#[tokio::test]
async fn a_refused_push_that_has_no_other_way_is_tried_as_often_as_a_letter() {
    for wish in ["usual", "push"] {
        let mut town = Town::new().await;
        town.subscribe(&town.browser).await;
        if wish == "push" {
            town.confirm().await;
        }
        let change = town.house.ask("PATCH", "/api/v1/me/notice-preferences").by(&town.anna);
        assert_eq!(change.json(json!({"bidding": wish})).send().await.status, 200);
        let letters = town.mail.letters().len();
        let (_, admin) = town.house.admin("admin").await;
        town.outbid().await;
        for number in 1..=TRIES_MAX {
            assert_eq!(town.failed(&admin).await.len(), 0, "{wish} {number}");
            town.push.answer("403 Forbidden");
            assert_eq!(town.turn().await, 1, "{wish} {number}");
            town.house.pass(if number < 6 { Span::hours(3) } else { Span::hours(8) });
        }
        let row = &town.failed(&admin).await[0];
        assert!(row["reason"].as_str().unwrap().starts_with("house: "), "{row}");
        let path = format!("/api/v1/admin/deliveries/{}/retry", row["notice_id"]);
        let retry = town.house.ask("POST", &path).by(&admin).json(json!({"channel": "push"}));
        assert_eq!(retry.send().await.status, 204);
        assert_eq!((town.turn().await, town.turn().await), (1, 0), "the browser is still there");
        let tried = usize::try_from(TRIES_MAX).unwrap() + 1;
        assert_eq!((town.push.pushed().len(), town.mail.letters().len()), (tried, letters), "{wish}");
        assert_eq!(town.failed(&admin).await.len(), 0, "{wish}");
    }
}

#[tokio::test]
async fn a_browser_that_is_refused_once_is_kept() {
    let mut town = Town::new().await;
    town.confirm().await;
    town.subscribe(&town.browser).await;
    town.outbid().await;
    for _ in 1..REFUSALS_MAX {
        town.push.answer("403 Forbidden");
        assert_eq!(town.turn().await, 1);
        town.house.pass(Span::hours(1));
    }
    assert_eq!((town.turn().await, town.turn().await), (1, 0));
    town.outbid().await;
    let pushed = usize::try_from(REFUSALS_MAX).unwrap() + 1;
    assert_eq!((town.turn().await, town.push.pushed().len()), (1, pushed));
    assert_eq!(town.mail.letters().len(), 1, "it was taken at last, and is told once");
}

#[tokio::test]
async fn what_the_last_browser_does_not_get_goes_by_e_mail_where_that_is_wished() {
    // What is wished, whether there is an address, what the service answers; how many letters come.
    for (wish, has_address, answer, letters) in [
        ("usual", true, "410 Gone", 1),
        ("usual", true, "404 Not Found", 1),
        ("usual", true, "413 Too Large", 1),
        ("usual", false, "410 Gone", 0),
        ("push", true, "410 Gone", 0),
        ("both", true, "410 Gone", 1),
    ] {
        let mut town = Town::new().await;
        if has_address {
            town.confirm().await;
        }
        town.subscribe(&town.browser).await;
        let wish = json!({"bidding": wish});
        let change =
            town.house.ask("PATCH", "/api/v1/me/notice-preferences").by(&town.anna).json(wish.clone());
        assert_eq!(change.send().await.status, 200);
        town.outbid().await;
        town.push.answer(answer);
        while town.turn().await > 0 {}
        let notices = town.mail.letters().len() - usize::from(has_address);
        assert_eq!((notices, town.push.pushed().len()), (letters, 1), "{wish} {answer}");
    }
    let mut town = Town::new().await;
    town.confirm().await;
    town.subscribe(&town.browser).await;
    town.subscribe(&PushBrowser::new(&town.push, 2)).await;
    town.outbid().await;
    town.push.answer("410 Gone");
    while town.turn().await > 0 {}
    assert_eq!((town.push.pushed().len(), town.mail.letters().len()), (2, 1), "the other browser heard it");
}

#[tokio::test]
async fn a_claim_that_is_about_to_run_out_is_left_to_others() {
    let mut town = Town::new().await;
    town.confirm().await;
    for (waited, letters) in
        [(LEASE.0 - sender::CLAIM_LEFT_MIN.0 - 1, 2), (LEASE.0 - sender::CLAIM_LEFT_MIN.0, 2), (LEASE.0, 2)]
    {
        town.house.pass(EMAIL_GAP);
        town.outbid().await;
        let began = town.mail.letters().len();
        let mut claimed =
            town.house.records.claim_deliveries(town.house.now(), CLAIMED_TOGETHER_MAX).await.unwrap();
        town.house.pass(Span(waited));
        sender::deliver(&town.house.state, claimed.remove(0)).await;
        let is_sent = town.mail.letters().len() > began;
        assert_eq!(is_sent, waited + sender::CLAIM_LEFT_MIN.0 < LEASE.0, "{waited}");
        town.house.pass(LEASE);
        assert_eq!(town.turn().await, usize::from(!is_sent), "it was not settled either");
        assert_eq!(town.mail.letters().len() + 1, began + letters, "once");
    }
}

#[tokio::test]
async fn nobodys_mailbox_is_filled_by_strangers() {
    let town = Town::new().await;
    let mut asked = 0;
    for number in 0..=CONFIRMATIONS_TO_ONE_ADDRESS_MAX {
        let (_, stranger) = town.house.member(&format!("stranger{number}")).await;
        // The same mailbox, however it is spelled.
        let email = if number % 2 == 0 { "victim@market.example" } else { "Victim@Market.example" };
        let ask = || town.house.ask("POST", "/api/v1/me/email").by(&stranger);
        let answer = ask().json(json!({"email": email})).send().await;
        if number < CONFIRMATIONS_TO_ONE_ADDRESS_MAX {
            assert_eq!(answer.status, 204, "{number}: {}", answer.text);
            asked += 1;
        } else {
            refused(&answer, 429, "too_many_confirmations");
            let other = ask().json(json!({"email": "other@market.example"})).send().await;
            assert_eq!(other.status, 204, "another address is not meant");
        }
    }
    assert_eq!(town.mail.letters().len(), asked + 1);
    town.house.pass(Span::days(2));
    let later = town.house.ask("POST", "/api/v1/me/email").by(&town.anna);
    assert_eq!(later.json(json!({"email": "victim@market.example"})).send().await.status, 204);
}

#[tokio::test]
async fn a_mail_server_is_believed_by_what_its_authority_says() {
    let (ours, others) = (Authority::new("ours"), Authority::new("others"));
    // When it encrypts, the address, whom the house believes, the name in the certificate; what it says if it will not.
    let table = [
        (Encrypted::AtOnce, "smtps://localhost", Some(&ours), "localhost", None),
        (Encrypted::Asked, "smtp://localhost?tls=required", Some(&ours), "localhost", None),
        (Encrypted::AtOnce, "smtps://localhost", Some(&ours), "mail.example", Some("not valid for name")),
        (
            Encrypted::Asked,
            "smtp://localhost?tls=required",
            Some(&ours),
            "mail.example",
            Some("not valid for name"),
        ),
        (Encrypted::AtOnce, "smtps://localhost", Some(&others), "localhost", Some("UnknownIssuer")),
        (
            Encrypted::Asked,
            "smtp://localhost?tls=required",
            Some(&others),
            "localhost",
            Some("UnknownIssuer"),
        ),
        (Encrypted::AtOnce, "smtps://localhost", None, "localhost", Some("UnknownIssuer")),
        (Encrypted::Never, "smtp://localhost?tls=required", Some(&ours), "localhost", Some("STARTTLS")),
    ];
    for (encrypted, address, believed, name, why) in table {
        let mail = MailServer::encrypted(encrypted, &ours, name).await;
        let at = address.replacen("localhost", &format!("house:secret@localhost:{}", mail.address.port()), 1);
        let pem = believed.map(Authority::pem);
        let mailer = mail.mailer_at(&at, pem.as_deref());
        let town = Town::writing(mail, mailer).await;
        let asked = town.house.ask("POST", "/api/v1/me/email").by(&town.anna);
        let asked = asked.json(json!({"email": "anna@market.example"})).send().await;
        let Some(why) = why else {
            assert_eq!((asked.status, town.mail.letters().len()), (204, 1), "{address}: {}", asked.text);
            continue;
        };
        refused(&asked, 503, "unavailable");
        // Nobody could confirm an address at such a server, so the delivery of one who did before is made up.
        assert_eq!(town.mail.letters(), Vec::<String>::new());
        let mut town = town;
        town.confirm_without_a_letter().await;
        town.outbid().await;
        assert_eq!((town.turn().await, town.mail.letters().len()), (1, 0), "{address} {name}");
        town.house.admin("admin").await;
        let mut page = signed_in(&town.house, "admin").await;
        page.open("/admin/deliveries").await.says(why).says("다시 보낼 거예요");
    }
}

#[test]
fn what_is_no_certificate_is_no_authority() {
    for (pem, is_one) in [
        (Authority::new("ours").pem(), true),
        (Authority::new("ours").pem().repeat(2), true),
        (String::new(), false),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned(), false),
    ] {
        let mailer = web::settings::Mailer::new("smtps://localhost", "a@b.example", Some(pem.as_bytes()));
        assert_eq!(mailer.is_ok(), is_one, "{pem}");
    }
}
