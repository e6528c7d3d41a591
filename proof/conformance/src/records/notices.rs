//! Notices: who hears of what, once, and what stays unread.

use ledger::{MemberId, Money};
use store::records::NoticeKind::{NewBid, Outbid, Sold, Won};
use store::records::{NOTICED_OF_A_MEMBER_MAX, NoticeKind, NoticeRow};

use super::{House, NOW, all};

fn told(notices: &[(MemberId, NoticeRow)]) -> Vec<(MemberId, NoticeKind, i64)> {
    let amount = |row: &NoticeRow| row.amount.map_or(0, Money::won);
    let mut told: Vec<_> = notices.iter().map(|(member, row)| (*member, row.kind, amount(row))).collect();
    told.sort();
    told
}

/// Leaders hear that they were outbid, the seller of bids and the sale, the winner that he won; each round once.
pub async fn who_hears_what(house: &House<'_>) {
    let mina = house.member("mina").await;
    let (joon, sora) = (house.rich_member("joon").await, house.rich_member("sora").await);
    let chair = house.list(mina, "원목 의자", Some(9_000)).await;
    assert_eq!(told(&house.follow().await), []);
    house.bid(joon, chair, 1_000).await;
    assert_eq!(told(&house.follow().await), [(mina, NewBid, 1_000)]);
    house.bid(sora, chair, 2_000).await;
    house.bid(joon, chair, 3_000).await;
    house.bid(sora, chair, 4_000).await;
    let notices = house.follow().await;
    assert_eq!(told(&notices), [(mina, NewBid, 4_000), (joon, Outbid, 4_000)]);
    assert!(notices.iter().all(|(_, row)| row.auction == chair && row.title == "원목 의자" && !row.read));
    house.buy_now(joon, chair).await;
    let sale = [(mina, Sold, 9_000), (joon, Won, 9_000), (sora, Outbid, 9_000)];
    assert_eq!(told(&house.follow().await), sale);
    assert_eq!(told(&house.follow().await), [], "a round is followed once");
    assert_eq!(house.records.health().await.unwrap().rounds_behind, 0);
}

/// There is one unread notice of each kind and auction; what came after a look stays unread.
pub async fn unread(house: &House<'_>) {
    let records = house.records;
    let mina = house.member("mina").await;
    let (joon, sora) = (house.rich_member("joon").await, house.rich_member("sora").await);
    let chair = house.list(mina, "원목 의자", None).await;
    let desk = house.list(mina, "책상", None).await;
    house.bid(joon, chair, 1_000).await;
    house.bid(joon, desk, 1_000).await;
    house.follow().await;
    assert_eq!(records.unread(mina).await.unwrap(), 2);
    let seen = all(1, async |page| records.notices(mina, page).await.unwrap()).await;
    assert_eq!(seen.len(), 2);
    house.bid(sora, desk, 2_000).await;
    house.follow().await;
    assert_eq!(records.unread(mina).await.unwrap(), 2, "renewed in its place");

    records.read_notices(mina, seen[0].id, NOW).await.unwrap();
    assert_eq!(records.unread(mina).await.unwrap(), 1, "what came later was not seen");
    let rows = all(1, async |page| records.notices(mina, page).await.unwrap()).await;
    let rows: Vec<_> = rows.iter().map(|row| (row.auction, row.amount.map(Money::won), row.read)).collect();
    assert_eq!(rows, [(desk, Some(2_000), false), (chair, Some(1_000), true)]);
    assert_eq!(records.unread(sora).await.unwrap(), 0);
    assert_eq!(records.unread(joon).await.unwrap(), 1);
}

/// Where several processes may write notices, each learns by their numbers what was written for its members; where only
/// one may, nobody is told so.
pub async fn noticed(house: &House<'_>) {
    let records = house.records;
    let mina = house.member("mina").await;
    let (joon, sora) = (house.rich_member("joon").await, house.rich_member("sora").await);
    let chair = house.list(mina, "원목 의자", None).await;
    house.bid(joon, chair, 1_000).await;
    house.follow().await;
    let first = records.noticed(None, &[mina, joon, sora]).await.unwrap();
    assert_eq!(first.notices, [], "what was written before the first question is not new");
    house.bid(sora, chair, 2_000).await;
    let written = house.follow().await;
    let Some(newest) = first.newest else {
        assert_eq!(records.noticed(Some(0), &[mina, joon]).await.unwrap(), first);
        return;
    };
    let second = records.noticed(Some(newest), &[mina, joon, sora]).await.unwrap();
    assert_eq!(second.notices, written);
    assert_eq!(second.newest, written.last().map(|(_, notice)| notice.id));
    let of_joon = records.noticed(Some(newest), &[joon]).await.unwrap();
    assert_eq!(told(&of_joon.notices), [(joon, Outbid, 2_000)]);
    let third = records.noticed(second.newest, &[mina, joon, sora]).await.unwrap();
    assert_eq!((third.newest, third.notices), (second.newest, vec![]));
    records.read_notices(joon, i64::MAX, NOW).await.unwrap();
    assert_eq!(records.noticed(Some(newest), &[joon]).await.unwrap().notices, [], "what was read is not new");
}

/// Of a member with many new notices the newest are told, oldest first.
pub async fn many_noticed(house: &House<'_>) {
    let mina = house.member("mina").await;
    let joon = house.rich_member("joon").await;
    let Some(newest) = house.records.noticed(None, &[]).await.unwrap().newest else { return };
    let mut written = Vec::new();
    for at in 0..=NOTICED_OF_A_MEMBER_MAX {
        let auction = house.list(mina, &format!("물건 {at}"), None).await;
        house.bid(joon, auction, 1_000).await;
        written.extend(house.follow().await);
    }
    assert_eq!(written.len(), NOTICED_OF_A_MEMBER_MAX + 1);
    let told = house.records.noticed(Some(newest), &[mina]).await.unwrap();
    assert_eq!(told.notices, written[1..]);
}
