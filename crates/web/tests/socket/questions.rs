//! Questions on the socket: whoever is here hears at once that he was asked, or answered.

use serde_json::json;
use store::records::Says;
use web::api::questions::{ask_in, remark};
use web::caller::authenticate;

use crate::house::House;

#[tokio::test(flavor = "multi_thread")]
async fn a_question_and_its_answer_are_told_live() {
    let house = House::open().await;
    let (seller, noru) = (house.person("seller", 0).await, house.person("noru", 0).await);
    let auction = house.auction(&seller, None).await;
    let (mut at_sellers, mut at_norus) = (house.socket_of(&seller).await, house.socket_of(&noru).await);
    let (selling, asking) =
        tokio::join!(authenticate(&house.state, &seller.token), authenticate(&house.state, &noru.token));
    let (selling, asking) = (selling.expect("a member"), asking.expect("a member"));
    let asked = ask_in(&house.state, &asking, auction, "아직 있나요?".to_owned()).await.expect("he may ask");
    let notice = at_sellers.until("notice").await;
    assert_eq!((&notice["kind"], &notice["auction_id"]), (&json!("question"), &json!(auction.0)));
    assert_eq!(at_sellers.until("unread").await["count"], 1);
    let says = Says::Answer("네, 있어요.".to_owned());
    remark(&house.state, &selling, asked.id.0, says).await.expect("she may answer");
    assert_eq!(at_norus.until("notice").await["kind"], "answer");
    assert_eq!(at_norus.until("unread").await["count"], 1);
}
