//! Talk by forms without scripts: what was typed is kept, what is written is text, and a contact is asked about once more.

use auction::Span;

use crate::browser::Browser;
use crate::house::House;
use crate::pages_forms::{listed, minute};
use crate::pages_order::signed_in;

/// The number of the newest question of an auction's page.
fn newest(html: &str) -> String {
    html.split("id=\"question-").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_question_is_asked_answered_and_put_first_by_forms() {
    let house = House::new().await;
    let mut seller = Browser::of_member(&house, "seller").await;
    let mut mira = Browser::of_member(&house, "mira").await;
    let end = minute(&house, Span::hours(24));
    let auction = listed(&mut seller, &house, &[("ends_at", &end)]).await;
    let mut guest = Browser::new(&house);
    let empty = guest.open(&auction).await;
    empty.says("아직 질문이 없어요.").says("로그인하고 물어보기").says("href=\"#questions\"");
    seller.open(&auction).await.says("질문이 오면 알려 드려요.");
    let action = format!("{auction}/questions");
    let short = mira.send(&action, &[("text", "네")]).await;
    assert_eq!(short.status, 422);
    short.says(">네</textarea>");
    let asked = mira.send(&action, &[("text", "흠집이 있나요?")]).await;
    asked.says("질문을 남겼어요.").says("흠집이 있나요?").says("질문 고치기").says(">mira</a>");
    let id = newest(&asked.html);
    let edit = format!("/questions/{id}/edit");
    assert!(asked.form(&format!("{edit}#question-{id}")).contains(">흠집이 있나요?</textarea>"));
    mira.send(&edit, &[("text", "긁힌 데가 있나요?")]).await.says("질문을 고쳤어요.").says("· 고침");
    seller.open("/notices").await.says("질문이 왔어요.").says("#questions\"");

    let page = seller.open(&auction).await;
    page.says("대답하기");
    let answered = seller.send(&format!("/questions/{id}/answer"), &[("text", "조금요.")]).await;
    answered.says("대답을 남겼어요.").says("대답 고치기").says("맨 위에 두기");
    let pinned = seller.send(&format!("/questions/{id}/pin"), &[]).await;
    pinned.says("판매자가 올려 둠").says("맨 위에서 내리기");
    seller.send(&format!("/questions/{id}/unpin"), &[]).await.says("맨 위에서 내렸어요.");
    let late = mira.send(&edit, &[("text", "정말요? 정말로요?")]).await;
    assert_eq!(late.status, 409);
    late.says("이미 대답이 있어서").says(">정말요? 정말로요?</textarea>");
    mira.open("/notices").await.says("판매자가 대답했어요.");
    let shown = guest.open(&format!("/questions/{id}")).await;
    shown.says("긁힌 데가 있나요?").says("조금요.").says("질문 <span class=\"number\">1</span>");
    assert!(!shown.html.contains(&format!("/questions/{id}/report")), "guests report nothing");
    assert_eq!(guest.once("POST", &action, "text=hello").await.status, 303);
    house.pass(Span::hours(25));
    mira.open(&auction).await.says("끝난 경매라 새로 물어볼 수 없어요.");
    let closed = mira.send(&action, &[("text", "아직 있나요?")]).await;
    assert_eq!(closed.status, 409);
    closed.says(">아직 있나요?</textarea>");
    seller
        .send(&format!("/questions/{id}/answer"), &[("text", "늦은 대답이에요.")])
        .await
        .says("늦은 대답이에요.");
}

#[tokio::test]
async fn what_is_asked_and_answered_is_text() {
    let house = House::new().await;
    let mut seller = Browser::of_member(&house, "seller").await;
    let mut mira = Browser::of_member(&house, "mira").await;
    let auction = listed(&mut seller, &house, &[]).await;
    house.admin("warden").await;
    let mut warden = signed_in(&house, "warden").await;
    for payload in [
        "<script>alert(1)</script>",
        "</textarea><img src=x onerror=alert(1)>",
        "\"><svg onload=alert(1)>",
        "'-alert(1)-' <a href=\"javascript:alert(1)\">x</a>",
        "http://evil.example/?a=1&b=<2>",
    ] {
        let asked = mira.send(&format!("{auction}/questions"), &[("text", payload)]).await;
        assert_eq!(asked.status, 200, "{}", asked.html);
        let id = newest(&asked.html);
        let answered = seller.send(&format!("/questions/{id}/answer"), &[("text", payload)]).await;
        mira.send(&format!("/questions/{id}/report"), &[("reason", payload)]).await;
        let reported = warden.send(&format!("/questions/{id}/report"), &[("reason", payload)]).await;
        let desk = warden.open("/admin/questions").await;
        for page in [&asked, &answered, &reported, &desk, &mira.open(&auction).await] {
            let html = &page.html;
            assert!(!html.contains(payload), "{} shows {payload}", page.path);
            for part in
                ["<script>alert", "<img src=x", "<svg onload", "href=\"javascript", "href=\"http://evil"]
            {
                assert!(!html.contains(part), "{} has {part}", page.path);
            }
        }
        assert!(answered.html.matches("alert(1)").count() >= 2 || payload.starts_with("http"), "it is shown");
    }
}

#[tokio::test]
async fn a_contact_is_asked_about_once_more() {
    let house = House::new().await;
    let mut seller = Browser::of_member(&house, "seller").await;
    let mut mira = Browser::of_member(&house, "mira").await;
    let auction = listed(&mut seller, &house, &[]).await;
    let action = format!("{auction}/questions");
    let text = "010-1234-5678로 연락 주세요";
    let warned = mira.send(&action, &[("text", text)]).await;
    assert_eq!(warned.status, 200);
    warned.says("연락처를 적으면 누구나 볼 수 있어요.").says("아직 질문이 없어요.");
    let form = format!("{action}#questions");
    assert!(warned.form(&form).contains(&format!(">{text}</textarea>")));
    let confirmed = warned.field(&form, "confirmed");
    let asked = mira.send(&action, &[("text", text), ("confirmed", &confirmed)]).await;
    asked.says("질문을 남겼어요.").says(text);
    let id = newest(&asked.html);
    let answer = format!("/questions/{id}/answer");
    let warned = seller.send(&answer, &[("text", "a@example.com")]).await;
    warned.says("연락처를 적으면");
    let form = format!("{answer}#question-{id}");
    assert!(warned.form(&form).contains(">a@example.com</textarea>"));
    let confirmed = warned.field(&form, "confirmed");
    let fields = [("text", "a@example.com"), ("confirmed", confirmed.as_str())];
    seller.send(&answer, &fields).await.says("대답을 남겼어요.");
}

#[tokio::test]
async fn a_report_is_judged_by_an_admin() {
    let house = House::new().await;
    let mut seller = Browser::of_member(&house, "seller").await;
    let mut mira = Browser::of_member(&house, "mira").await;
    let mut sora = Browser::of_member(&house, "sora").await;
    house.admin("warden").await;
    let mut warden = signed_in(&house, "warden").await;
    let auction = listed(&mut seller, &house, &[]).await;
    let asked = mira.send(&format!("{auction}/questions"), &[("text", "아주 나쁜 말")]).await;
    let id = newest(&asked.html);
    assert!(!asked.html.contains(&format!("/questions/{id}/report")), "nobody reports himself");
    let report = format!("/questions/{id}/report");
    let empty = sora.send(&report, &[("reason", " ")]).await;
    assert_eq!(empty.status, 422);
    empty.says("꼭 적어 주세요.");
    sora.send(&report, &[("reason", "욕이에요")]).await.says("신고했어요.");
    let again = sora.send(&report, &[("reason", "정말이에요")]).await;
    assert_eq!(again.status, 409);
    again.says("이미 신고한 질문이에요.").says(">정말이에요</textarea>");

    assert_eq!(mira.open("/admin/questions").await.status, 404);
    assert_eq!(mira.post(&format!("/admin/questions/{id}/hide"), &[("reason", "no")]).await.status, 404);
    warden.open("/admin").await.says("기다리는 신고가 있어요");
    warden.open("/admin/questions").await.says("아주 나쁜 말").says("욕이에요").says(">sora</a>");
    let hide = format!("/admin/questions/{id}/hide");
    let silent = warden.send(&hide, &[("reason", "")]).await;
    assert_eq!(silent.status, 422);
    silent.says("꼭 적어 주세요.");
    let hidden = warden.send(&hide, &[("reason", "욕설이에요")]).await;
    hidden.says("질문을 가렸어요.").says("기다리는 신고가 없어요.");
    let seen = sora.open(&auction).await;
    seen.says("관리자가 가린 글이에요.");
    assert!(!seen.html.contains("아주 나쁜 말"));
    mira.open(&auction).await.says("아주 나쁜 말").says("쓴 사람과 관리자만");
    mira.open("/record").await.says("질문을 가렸어요").says("욕설이에요");
    let page = warden.open(&auction).await;
    page.says(&format!("/admin/questions?question={id}"));
    warden.open(&format!("/admin/questions?question={id}")).await.says("다시 보이기").says("가려짐");
    let shown = warden.send(&format!("/admin/questions/{id}/show"), &[("reason", "오해였어요")]).await;
    shown.says("질문을 보이게 했어요.");
    sora.open(&auction).await.says("아주 나쁜 말");
}
