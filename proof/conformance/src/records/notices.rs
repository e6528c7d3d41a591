//! Notices: who hears of what, once, and what stays unread.

use auction::{Command, Hand, OrderCommand, Revision};
use ledger::{MemberId, Money};
use store::records::NoticeKind::{
    Afresh, CancelWanted, Cancelled, CodeLocked, Decided, Delivered, Disputed, Done, Edited, Evidence,
    MaximumCut, Met, NewBid, OfferAnswered, Offered, Outbid, Refunded, Shipped, Sold, TakenBack, Won,
};
use store::records::{NOTICED_OF_A_MEMBER_MAX, NoticeKind, NoticeRow};

use super::{House, NOW, all};
use crate::journal::deed::Deed;

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

/// Whose bids are taken back hears that, the others that all begins afresh; nobody is outbid by what counts no more.
pub async fn of_bids_taken_back(house: &House<'_>) {
    let mina = house.member("mina").await;
    let (joon, sora) = (house.rich_member("joon").await, house.rich_member("sora").await);
    let chair = house.list(mina, "의자", None).await;
    house.maximum(joon, chair, 9_000).await;
    house.follow().await;
    house.bid(sora, chair, 4_000).await;
    assert_eq!(told(&house.follow().await), [(mina, NewBid, 4_000), (sora, Outbid, 4_000)]);
    let back =
        |member| Command::TakeBack { member, by: Hand::Seller(mina), reason: Some("약속".to_owned()) };
    house.command(chair, back(joon)).await;
    assert_eq!(told(&house.follow().await), [(joon, TakenBack, 0), (sora, Afresh, 0)]);
    house.bid(sora, chair, 2_000).await;
    assert_eq!(told(&house.follow().await), [(mina, NewBid, 2_000)]);
    let cancel = Command::Cancel { by: Hand::Seller(mina), reason: Some("고장".to_owned()) };
    house.command(chair, cancel).await;
    assert_eq!(told(&house.follow().await), [(joon, Cancelled, 0), (sora, Cancelled, 0)]);
    assert_eq!(told(&house.follow().await), [], "each once");
}

/// A beaten bidder who goes without moving the price hears it once, though no event tells it.
pub async fn of_bids_taken_back_in_silence(house: &House<'_>) {
    let mina = house.member("mina").await;
    let (joon, sora) = (house.rich_member("joon").await, house.rich_member("sora").await);
    let chair = house.list(mina, "의자", None).await;
    house.bid(joon, chair, 1_000).await;
    house.bid(sora, chair, 4_000).await;
    house.follow().await;
    let head = house.records.heads(&[chair]).await.unwrap();
    let back = |member| Command::TakeBack { member, by: Hand::Seller(mina), reason: None };
    house.command(chair, back(joon)).await;
    assert_eq!(house.records.heads(&[chair]).await.unwrap(), head, "nothing that others could see");
    let notices = house.follow().await;
    assert_eq!(told(&notices), [(joon, TakenBack, 0)]);
    assert_eq!((&*notices[0].1.title, notices[0].1.auction), ("의자", chair));
    assert_eq!(told(&house.follow().await), [], "once");
    assert_eq!(house.records.unread(joon).await.unwrap(), 2, "beside the one that he was outbid");
    // He bids again and is taken back again, with a bid that others see in between: the one notice is renewed.
    house.bid(joon, chair, 5_000).await;
    house.bid(sora, chair, 6_000).await;
    house.command(chair, back(joon)).await;
    let last = told(&house.follow().await);
    assert_eq!(last.iter().filter(|(_, kind, _)| *kind == TakenBack).count(), 1, "{last:?}");
    assert_eq!(house.records.unread(joon).await.unwrap(), 2);
    assert_eq!(told(&house.follow().await), []);
}

/// Who took part hears of a note, who led below a lowered reserve that his maximum was cut, nobody else of a figure.
pub async fn of_reserves_and_terms(house: &House<'_>) {
    let mina = house.member("mina").await;
    let (joon, sora) = (house.rich_member("joon").await, house.rich_member("sora").await);
    let chair = house.list_reserved(mina, "의자", 30_000).await;
    house.bid(joon, chair, 2_000).await;
    house.maximum(sora, chair, 20_000).await;
    house.follow().await;
    let revision =
        Revision {
            terms: None, listing: None, note: Some("다리가 흔들려요".to_owned()), added: Vec::new()
        };
    house.command(chair, Command::Edit { seller: mina, revision: Box::new(revision) }).await;
    assert_eq!(told(&house.follow().await), [(joon, Edited, 0), (sora, Edited, 0)]);
    house.command(chair, Command::LowerReserve { seller: mina, reserve: 25_000 }).await;
    assert_eq!(told(&house.follow().await), []);
    house.command(chair, Command::LowerReserve { seller: mina, reserve: 15_000 }).await;
    assert_eq!(told(&house.follow().await), [(sora, MaximumCut, 0)]);
    // Raising in silence is nobody's news.
    let desk = house.list(mina, "책상", None).await;
    house.maximum(sora, desk, 20_000).await;
    house.follow().await;
    house.maximum(sora, desk, 30_000).await;
    assert_eq!(told(&house.follow().await), []);
}

/// Each step of an order is told to whom it concerns, once.
pub async fn of_orders(house: &House<'_>) {
    let mina = house.member("mina").await;
    let joon = house.rich_member("joon").await;
    let chair = house.list(mina, "의자", Some(9_000)).await;
    house.buy_now(joon, chair).await;
    house.follow().await;
    let (carrier, tracking) = ("이웃택배".to_owned(), "123".to_owned());
    let cases = [
        (OrderCommand::Cancel { member: joon }, vec![(mina, CancelWanted)]),
        (OrderCommand::KeepOn { member: joon }, vec![]),
        (OrderCommand::Ship { member: mina, carrier, tracking }, vec![(joon, Shipped)]),
        (
            OrderCommand::EnterMeetingCode { member: joon, code: "000000".to_owned() },
            vec![(mina, Met), (joon, Met)],
        ),
        (OrderCommand::Receive { member: joon }, vec![(mina, Delivered)]),
        (
            OrderCommand::EnterReceiptCode { member: mina, code: "000000".to_owned() },
            vec![(mina, Done), (joon, Done)],
        ),
    ];
    for (command, must) in cases {
        house.step(chair, command.clone()).await;
        assert_eq!(kinds(&house.follow().await), must, "{command:?}");
        assert_eq!(told(&house.follow().await), [], "{command:?} once");
    }
    assert_eq!(house.records.health().await.unwrap().rounds_behind, 0);
}

/// An offer is told to whom it is made, and what became of it to the seller.
pub async fn of_offers(house: &House<'_>) {
    let mina = house.member("mina").await;
    let (joon, sora) = (house.rich_member("joon").await, house.rich_member("sora").await);
    let kang = house.rich_member("kang").await;
    let chair = house.list(mina, "의자", Some(9_000)).await;
    house.bid(joon, chair, 2_000).await;
    house.bid(sora, chair, 4_000).await;
    house.buy_now(kang, chair).await;
    house.follow().await;
    house.fall_through(chair).await;
    assert_eq!(kinds(&house.follow().await), [(mina, Refunded), (mina, CancelWanted), (kang, Refunded)]);
    house.command(chair, Command::Offer { seller: mina }).await;
    assert_eq!(kinds(&house.follow().await), [(sora, Offered)]);
    house.command(chair, Command::DeclineOffer { member: sora }).await;
    assert_eq!(kinds(&house.follow().await), [(mina, OfferAnswered)]);
    house.command(chair, Command::Offer { seller: mina }).await;
    assert_eq!(kinds(&house.follow().await), [(joon, Offered)]);
    house.command(chair, Command::AcceptOffer { member: joon }).await;
    assert_eq!(kinds(&house.follow().await), [(mina, OfferAnswered)]);
}

/// Codes typed wrong too often, a dispute, what is added to it and what is decided.
pub async fn of_codes_and_disputes(house: &House<'_>) {
    let (mina, admin) = (house.member("mina").await, house.member("admin").await);
    let joon = house.rich_member("joon").await;
    assert!(Deed::SetAdmin(admin, true).perform(house.records, NOW).await.unwrap());
    let chair = house.list(mina, "의자", Some(9_000)).await;
    house.buy_now(joon, chair).await;
    house.follow().await;
    for _ in 0..auction::TRIES_BEFORE_LOCK {
        house.step(chair, OrderCommand::EnterReceiptCode { member: mina, code: "999999".to_owned() }).await;
    }
    assert_eq!(kinds(&house.follow().await), [(mina, CodeLocked), (joon, CodeLocked)]);
    house.step(chair, OrderCommand::Dispute { member: joon, text: "비어 있었어요".to_owned() }).await;
    assert_eq!(kinds(&house.follow().await), [(mina, Disputed), (joon, Disputed)]);
    house.step(chair, OrderCommand::Evidence { member: mina, text: "사진".to_owned() }).await;
    assert_eq!(kinds(&house.follow().await), [(joon, Evidence)]);
    let reason = "사진을 보았어요".to_owned();
    house.step(chair, OrderCommand::Decide { admin, refund: 9_000, fault: None, reason }).await;
    assert_eq!(kinds(&house.follow().await), [(mina, Decided), (joon, Decided)]);
}

/// Who hears what, in the order of the members and of the kinds' own.
fn kinds(notices: &[(MemberId, NoticeRow)]) -> Vec<(MemberId, NoticeKind)> {
    let mut told: Vec<_> = notices.iter().map(|(member, row)| (*member, row.kind)).collect();
    told.sort();
    told
}
