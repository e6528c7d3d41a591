//! Questions and answers by the API: who may say what, every refusal, warnings, reports and what admins make of them.

use auction::Span;
use serde_json::{Value, json};

use crate::ask::{Answer, refused};
use crate::house::House;

async fn post(house: &House, by: &str, path: &str, body: Value) -> Answer {
    house.ask("POST", &format!("/api/v1{path}")).by(by).json(body).send().await
}

async fn ask(house: &House, by: &str, auction: i64, text: &str) -> Answer {
    post(house, by, &format!("/auctions/{auction}/questions"), json!({"text": text})).await
}

async fn asked(house: &House, by: &str, auction: i64, text: &str) -> i64 {
    let asked = ask(house, by, auction, text).await;
    assert_eq!(asked.status, 201, "{}", asked.text);
    asked.body["question"]["id"].as_i64().unwrap()
}

async fn list(house: &House, by: Option<&str>, auction: i64, query: &str) -> Answer {
    let ask = house.ask("GET", &format!("/api/v1/auctions/{auction}/questions{query}"));
    match by {
        Some(by) => ask.by(by).send().await,
        None => ask.send().await,
    }
}

#[tokio::test]
async fn a_question_is_asked_answered_put_first_and_read_by_anyone() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (mira_id, mira) = house.member("mira").await;
    let auction = house.auction(&seller, json!({})).await;
    let asked_now = ask(&house, &mira, auction, "  흠집이 있나요?\r\n").await;
    let question = &asked_now.body["question"];
    assert_eq!((asked_now.status, &question["text"]), (201, &json!("흠집이 있나요?")));
    assert_eq!(question["asker"], json!({"id": mira_id, "nickname": "mira"}));
    assert!(asked_now.body.get("warnings").is_none());
    let id = question["id"].as_i64().unwrap();
    let path = format!("/api/v1/questions/{id}");
    let edited = house.ask("PATCH", &path).by(&mira).json(json!({"text": "긁힌 데가 있나요?"})).send().await;
    assert_eq!((edited.status, &edited.body["question"]["text"]), (200, &json!("긁힌 데가 있나요?")));
    assert!(edited.body["question"]["edited_at"].is_string());

    let second = asked(&house, &mira, auction, "높이는요?").await;
    let answered =
        post(&house, &seller, &format!("/questions/{id}/answer"), json!({"text": "없어요."})).await;
    assert_eq!((answered.status, &answered.body["question"]["answer"]["text"]), (200, &json!("없어요.")));
    assert!(answered.body["question"]["answer"].get("edited_at").is_none());
    let again = post(&house, &seller, &format!("/questions/{id}/answer"), json!({"text": "조금요."})).await;
    assert!(again.body["question"]["answer"]["edited_at"].is_string());

    let shown = async |query: &str| {
        let shown = list(&house, None, auction, query).await;
        assert_eq!(shown.status, 200);
        let ids = shown.body["items"].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap());
        (ids.collect::<Vec<_>>(), shown.body["next"].as_str().map(str::to_owned))
    };
    assert_eq!(shown("").await.0, [second, id], "the newest first");
    assert_eq!(post(&house, &seller, &format!("/questions/{id}/pin"), json!({})).await.status, 200);
    let (first, next) = shown("?limit=1").await;
    assert_eq!(first, [id]);
    assert_eq!(shown(&format!("?cursor={}", next.unwrap())).await, (vec![second], None));
    assert_eq!(post(&house, &seller, &format!("/questions/{id}/unpin"), json!({})).await.status, 200);
    assert_eq!(shown("").await.0, [second, id]);
    for (by, kind) in [(&seller, "question"), (&mira, "answer")] {
        let notices = house.ask("GET", "/api/v1/notices").by(by).send().await;
        assert_eq!((&notices.body["unread"], &notices.body["items"][0]["kind"]), (&json!(1), &json!(kind)));
        assert_eq!(notices.body["items"][0]["auction_id"], auction);
    }
}

#[tokio::test]
async fn who_may_not_ask_is_told_why() {
    let house = House::new().await;
    let (seller_id, seller) = house.member("seller").await;
    let (mira_id, mira) = house.member("mira").await;
    let (_, warden) = house.admin("warden").await;
    let auction = house.auction(&seller, json!({})).await;
    let nobody = house.ask("POST", &format!("/api/v1/auctions/{auction}/questions"));
    refused(&nobody.json(json!({"text": "누구게요?"})).send().await, 401, "unauthenticated");
    refused(&ask(&house, &mira, 999, "어디요?").await, 404, "auction_not_found");
    refused(&list(&house, None, 999, "").await, 404, "auction_not_found");
    refused(&ask(&house, &seller, auction, "살까요?").await, 409, "own_auction");
    let block = format!("/api/v1/members/{mira_id}/block");
    house.ask("POST", &block).by(&seller).json(json!({})).send().await;
    refused(&ask(&house, &mira, auction, "왜요?").await, 403, "blocked");
    house.ask("DELETE", &block).by(&seller).send().await;
    for (text, code) in [
        (json!({}), "required"),
        (json!({"text": " \n"}), "required"),
        (json!({"text": "네"}), "too_short"),
        (json!({"text": "가".repeat(1_001)}), "too_long"),
        (json!({"text": "a\u{202e}b"}), "invalid"),
        (json!({"text": 1}), "wrong_type"),
    ] {
        let answer = post(&house, &mira, &format!("/auctions/{auction}/questions"), text).await;
        refused(&answer, 422, "invalid");
        assert_eq!(answer.faults(), [("text", code)]);
    }
    assert_eq!(ask(&house, &mira, auction, &"가".repeat(1_000)).await.status, 201);
    let suspend = format!("/admin/members/{mira_id}/suspend");
    post(&house, &warden, &suspend, json!({"reason": "시험이에요"})).await;
    refused(&ask(&house, &mira, auction, "저예요").await, 403, "suspended");
    post(&house, &warden, &format!("/admin/members/{mira_id}/restore"), json!({"reason": "끝"})).await;
    house.pass(Span::hours(2));
    refused(&ask(&house, &mira, auction, "아직 있나요?").await, 409, "closed");
    assert_ne!(seller_id, mira_id);
}

#[tokio::test]
async fn questions_are_counted() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, mira) = house.member("mira").await;
    let mut auctions = Vec::new();
    for _ in 0..5 {
        auctions.push(house.auction(&seller, json!({"ends_at": house.ahead(Span::hours(9))})).await);
    }
    for auction in &auctions[..4] {
        for number in 0..5 {
            asked(&house, &mira, *auction, &format!("질문 {number}")).await;
        }
    }
    let often = ask(&house, &mira, auctions[4], "하나 더요").await;
    refused(&often, 429, "too_many_questions");
    assert_eq!((often.header("retry-after"), &often.body["retry_after"]), ("3600", &json!(3_600)));
    house.pass(Span::hours(1));
    assert_eq!(ask(&house, &mira, auctions[4], "하나 더요").await.status, 201);
    refused(&ask(&house, &mira, auctions[0], "하나 더요").await, 409, "too_many_unanswered");
    assert_eq!(ask(&house, &mira, auctions[0], "질문 0").await.status, 201, "the same is asked once");
}

#[tokio::test]
async fn only_whose_it_is_may_change_it() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let ((_, mira), (_, sora)) = (house.member("mira").await, house.member("sora").await);
    let auction = house.auction(&seller, json!({})).await;
    let id = asked(&house, &mira, auction, "아직 있나요?").await;
    let words = || json!({"text": "고친 말이에요"});
    let patch = async |by: &str| {
        house.ask("PATCH", &format!("/api/v1/questions/{id}")).by(by).json(words()).send().await
    };
    let does = async |by: &str, what: &str, body: Value| {
        post(&house, by, &format!("/questions/{id}/{what}"), body).await
    };
    refused(&patch(&seller).await, 403, "not_asker");
    refused(&does(&mira, "answer", words()).await, 403, "not_seller");
    refused(&does(&sora, "pin", json!({})).await, 403, "not_seller");
    refused(&does(&seller, "pin", json!({})).await, 409, "unanswered");
    assert_eq!(does(&seller, "answer", words()).await.status, 200);
    refused(&patch(&mira).await, 409, "answered");
    for what in ["answer", "pin", "unpin", "report"] {
        let body = match what {
            "answer" => words(),
            "report" => json!({"reason": "싫어요"}),
            _ => json!({}),
        };
        refused(
            &post(&house, &sora, &format!("/questions/999/{what}"), body).await,
            404,
            "question_not_found",
        );
    }
    assert_eq!(does(&sora, "report", json!({"reason": " "})).await.faults(), [("reason", "required")]);
    assert_eq!(does(&sora, "report", json!({"reason": "싫어요"})).await.status, 204);
    refused(&does(&sora, "report", json!({"reason": "또 싫어요"})).await, 409, "already_reported");
}

#[tokio::test]
async fn what_is_hidden_is_read_by_whoever_wrote_it_and_admins() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let ((_, mira), (_, sora)) = (house.member("mira").await, house.member("sora").await);
    let (_, warden) = house.admin("warden").await;
    let auction = house.auction(&seller, json!({})).await;
    let id = asked(&house, &mira, auction, "나쁜 말이에요").await;
    post(&house, &seller, &format!("/questions/{id}/answer"), json!({"text": "더 나쁜 말이에요"})).await;
    post(&house, &sora, &format!("/questions/{id}/report"), json!({"reason": "욕이에요"})).await;
    let waiting = || house.ask("GET", "/api/v1/admin/questions").by(&warden).send();
    let told = waiting().await;
    assert_eq!(told.body["items"][0]["reports"][0]["reason"], "욕이에요");
    assert_eq!(told.body["items"][0]["reports"][0]["by"]["nickname"], "sora");
    let judge = async |by: &str, id: i64, what: &str| {
        post(&house, by, &format!("/questions/{id}/{what}"), json!({"reason": "욕설이에요"})).await
    };
    refused(&judge(&sora, id, "hide").await, 403, "not_admin");
    refused(&house.ask("GET", "/api/v1/admin/questions").by(&sora).send().await, 403, "not_admin");
    refused(&judge(&warden, 999, "hide").await, 404, "question_not_found");
    for _ in 0..2 {
        assert_eq!(judge(&warden, id, "hide").await.status, 204, "again is the same");
    }
    assert_eq!(waiting().await.body["items"], json!([]));
    for (by, sees_question, sees_answer) in [
        (None, false, false),
        (Some(&sora), false, false),
        (Some(&mira), true, false),
        (Some(&seller), false, true),
        (Some(&warden), true, true),
    ] {
        let shown = list(&house, by.map(String::as_str), auction, "").await;
        let question = &shown.body["items"][0];
        assert_eq!(question["hidden"], true);
        let seen = (question.get("text").is_some(), question["answer"].get("text").is_some());
        assert_eq!(seen, (sees_question, sees_answer), "{}", shown.text);
        assert_eq!(shown.text.contains("나쁜 말"), sees_question || sees_answer);
    }
    let words = json!({"text": "고운 말이에요"});
    let answer = post(&house, &seller, &format!("/questions/{id}/answer"), words.clone()).await;
    refused(&answer, 409, "question_hidden");
    let edit = house.ask("PATCH", &format!("/api/v1/questions/{id}")).by(&mira).json(words).send().await;
    refused(&edit, 409, "question_hidden");
    for by in [&mira, &seller] {
        let acts = house.ask("GET", "/api/v1/me/acts").by(by).send().await;
        let act = &acts.body["items"][0];
        assert_eq!((&act["kind"], &act["reason"]), (&json!("question_hidden"), &json!("욕설이에요")));
        assert!(act.get("admin_id").is_none());
    }
    assert_eq!(judge(&warden, id, "show").await.status, 204);
    assert!(list(&house, None, auction, "").await.text.contains("더 나쁜 말이에요"));
}

#[tokio::test]
async fn contact_is_warned_about_and_kept() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, mira) = house.member("mira").await;
    let auction = house.auction(&seller, json!({})).await;
    let asked = ask(&house, &mira, auction, "010-1234-5678로 주세요").await;
    assert_eq!((asked.status, &asked.body["warnings"]), (201, &json!(["contact"])));
    let id = asked.body["question"]["id"].as_i64().unwrap();
    let answered =
        post(&house, &seller, &format!("/questions/{id}/answer"), json!({"text": "a@example.com"})).await;
    assert_eq!(answered.body["warnings"], json!(["contact"]));
    let price =
        post(&house, &seller, &format!("/questions/{id}/answer"), json!({"text": "1,000,000원"})).await;
    assert!(price.body.get("warnings").is_none());
}
