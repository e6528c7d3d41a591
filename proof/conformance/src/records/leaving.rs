//! That nothing is kept for whoever has left, however it was asked for and at whatever moment.

use auction::{AuctionId, OrderCommand, Side, Span};
use ledger::MemberId;
use store::records::{
    Channel, Left, NewAddress, NewPicture, NewQuestion, NewReview, NewSearch, Page, PictureRefused, Reach,
    ReachChange, Remark, Removal, RemovalRefused, ReviewRefused, SaveRefused, Says, Session,
    SubscribeRefused, Subscription, TalkRefused, Ties, WatchRefused,
};
use store::{Act, ActKind};

use super::{House, NOW};
use crate::journal::deed::{Deed, picture};

/// What is written for a member outside of rounds.
const WRITES: [Write; 7] = [
    Write::Wishes,
    Write::Address,
    Write::Browser,
    Write::Watchlist,
    Write::Picture,
    Write::Block,
    Write::Search,
];

/// One of them.
#[derive(Clone, Copy, Debug)]
enum Write {
    Wishes,
    Address,
    Browser,
    Watchlist,
    Picture,
    Block,
    Search,
}

fn removal(name: &str, member: MemberId) -> Removal {
    let nickname = format!("탈퇴한 이웃 {}", member.0);
    Removal { member, known: format!("hash of {name}"), nickname, at: NOW }
}

fn browser(member: MemberId) -> Subscription {
    let number = member.0 as u8;
    let endpoint = format!("https://push.example/{number}");
    Subscription { address: [number; 32], endpoint, key: vec![number; 65], secret: vec![number; 16] }
}

impl House<'_> {
    async fn leaves(&self, name: &str, member: MemberId) {
        assert_eq!(self.records.remove_member(removal(name, member)).await.unwrap(), Ok(()));
    }

    /// Writes it, on that auction if it is about one; whether it was kept.
    async fn writes(&self, write: Write, member: MemberId, auction: AuctionId) -> bool {
        let records = self.records;
        match write {
            Write::Wishes => {
                let wishes = records.reach(member).await.unwrap().wishes.without_email();
                let change = ReachChange { wishes: Some(wishes), ..ReachChange::default() };
                kept(records.change_reach(member, change).await.unwrap(), Left)
            }
            Write::Address => {
                let email = "joon@market.example".to_owned();
                let new = NewAddress { member, email, token: [member.0 as u8; 32], at: NOW };
                kept(records.ask_confirmation(new).await.unwrap().map(drop), Left)
            }
            Write::Browser => {
                let subscribed = records.subscribe(member, browser(member), NOW).await.unwrap();
                kept(subscribed, SubscribeRefused::Left)
            }
            Write::Watchlist => kept(records.watch(member, auction, NOW).await.unwrap(), WatchRefused::Left),
            Write::Picture => {
                let new = NewPicture { picture: picture(1), member, at: NOW };
                kept(records.keep_picture(new).await.unwrap(), PictureRefused::Left)
            }
            Write::Block => {
                let seller = records.auction(auction).await.unwrap().unwrap().auction.seller;
                kept(records.block(member, seller, None, NOW).await.unwrap(), Left)
            }
            Write::Search => {
                let (name, query) = ("의자".to_owned(), "q=의자".to_owned());
                let new = NewSearch { member, name, query, at: NOW };
                kept(records.save_search(new).await.unwrap().map(drop), SaveRefused::Left)
            }
        }
    }

    /// Nothing of what is his alone is there.
    async fn assert_nothing_of(&self, member: MemberId, after: &str) {
        let records = self.records;
        let page = Page { cursor: None, limit: 9 };
        assert_eq!(records.reach(member).await.unwrap(), Reach::default(), "{after}");
        assert_eq!(records.watched(member, page.clone()).await.unwrap().items, [], "{after}");
        assert_eq!(records.own_blocks(member, page.clone()).await.unwrap().items, [], "{after}");
        assert_eq!(records.saved_searches(member).await.unwrap(), [], "{after}");
        assert_eq!(records.notices(member, page).await.unwrap().items, [], "{after}");
        assert!(records.confirm_address([member.0 as u8; 32], NOW).await.unwrap().is_none(), "{after}");
    }
}

/// Whether it was kept; if not, because the member has left.
fn kept<E: PartialEq + std::fmt::Debug>(said: Result<(), E>, left: E) -> bool {
    said.inspect_err(|refused| assert_eq!(*refused, left)).is_ok()
}

/// Whatever is written for a member is kept while he is there, goes with him, and is refused afterwards.
pub async fn nothing_is_written_afterwards(house: &House<'_>) {
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    let chair = house.list(mina, "의자", None).await;
    for write in WRITES {
        assert!(house.writes(write, joon, chair).await, "{write:?}");
    }
    assert_eq!(house.records.reach(joon).await.unwrap().browsers, 1);
    house.leaves("joon", joon).await;
    house.assert_nothing_of(joon, "he has left").await;
    for write in WRITES {
        assert!(!house.writes(write, joon, chair).await, "{write:?}");
        house.assert_nothing_of(joon, &format!("{write:?}")).await;
    }
    let nobody = MemberId(i64::MAX);
    assert!(!house.writes(Write::Wishes, nobody, chair).await, "there is no such member");
    let act = Act {
        admin: None,
        kind: ActKind::MarksLifted,
        member: Some(joon),
        auction: None,
        order: None,
        withdrawal: None,
        reason: "다시 오래요".to_owned(),
        at: NOW,
    };
    assert!(!house.records.lift_marks(joon, act).await.unwrap());
}

/// Whoever has left neither says anything more nor is told anything, whatever others do where he was.
pub async fn nothing_is_told_afterwards(house: &House<'_>) {
    let records = house.records;
    let (mina, joon) = (house.member("mina").await, house.rich_member("joon").await);
    let (chair, desk) = (house.list(mina, "의자", Some(9_000)).await, house.list(mina, "책상", None).await);
    house.buy_now(joon, chair).await;
    let code = "000000".to_owned();
    house.step(chair, OrderCommand::EnterReceiptCode { member: mina, code }).await;
    let text = "아직 있나요?".to_owned();
    let question = NewQuestion { auction: desk, asker: joon, text, at: NOW };
    let question = records.ask(question).await.unwrap().unwrap().question.id;
    house.follow().await;
    house.leaves("joon", joon).await;

    let order = house.order(chair).await.id;
    let review = |by| NewReview { order, by, stars: 5, text: "고마워요".to_owned(), at: NOW };
    assert_eq!(records.write_review(review(Side::Buyer)).await.unwrap(), Err(ReviewRefused::Left));
    assert_eq!(records.write_review(review(Side::Seller)).await.unwrap(), Ok(()));
    let remark = |by, says| Remark { question, by, says, at: NOW };
    let edited = remark(joon, Says::Question("얼마예요?".to_owned()));
    assert_eq!(records.remark(edited).await.unwrap().unwrap_err(), TalkRefused::Suspended);
    let answered = remark(mina, Says::Answer("네".to_owned()));
    assert_eq!(records.remark(answered).await.unwrap().unwrap().notices, []);
    house.follow().await;
    house.assert_nothing_of(joon, "others spoke to him").await;
}

/// The last admin stays until there is another, and whoever is suspended until he is not. Two last ones do not go at once.
pub async fn admins_and_suspended_stay(house: &House<'_>) {
    let records = house.records;
    let mut admins = Vec::new();
    for name in ["mina", "joon", "sora"] {
        let admin = house.member(name).await;
        assert!(Deed::SetAdmin(admin, true).perform(records, NOW).await.unwrap());
        admins.push(admin);
    }
    let [mina, joon, sora] = admins[..] else { unreachable!("three were made") };
    assert!(Deed::Suspend(sora).perform(records, NOW).await.unwrap());
    let suspended = Ties { is_suspended: true, ..Ties::default() };
    let refused = records.remove_member(removal("sora", sora)).await.unwrap();
    assert_eq!(refused, Err(RemovalRefused::Tied(suspended)));
    assert!(records.ties(mina).await.unwrap().are_none(), "joon stays");
    let (one, other) = tokio::join!(
        records.remove_member(removal("mina", mina)),
        records.remove_member(removal("joon", joon))
    );
    let last = Err(RemovalRefused::Tied(Ties { is_last_admin: true, ..Ties::default() }));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert!((one == Ok(()) && other == last) || (one == last && other == Ok(())), "{one:?} and {other:?}");
    assert!(Deed::Restore(sora).perform(records, NOW).await.unwrap());
    let (name, stayed) = if one == last { ("mina", mina) } else { ("joon", joon) };
    house.leaves(name, stayed).await;
    assert!(records.ties(sora).await.unwrap().is_last_admin);
    assert!(!records.ties(stayed).await.unwrap().is_suspended, "he has left");
}

/// Whatever is written while a member leaves is there before and goes with him, or comes too late and is refused.
pub async fn leaving_beside_writes(house: &House<'_>) {
    let mina = house.member("mina").await;
    let chair = house.list(mina, "의자", None).await;
    for (turn, write) in [WRITES; 4].concat().into_iter().enumerate() {
        let name = format!("joon{turn}");
        let joon = house.member(&name).await;
        if turn % 2 == 0 {
            tokio::join!(biased; house.writes(write, joon, chair), house.leaves(&name, joon));
        } else {
            tokio::join!(biased; house.leaves(&name, joon), house.writes(write, joon, chair));
        }
        house.assert_nothing_of(joon, &format!("{write:?}")).await;
    }
}

/// Notices are written, read and erased at once, and neither waits for another without end.
pub async fn leaving_beside_notices(house: &House<'_>) {
    let (mina, sora) = (house.member("mina").await, house.rich_member("sora").await);
    for turn in 0..8 {
        let name = format!("joon{turn}");
        let joon = house.rich_member(&name).await;
        let mut auctions = Vec::new();
        for title in ["의자", "책상", "장롱", "거울", "전등"] {
            let auction = house.list(mina, title, None).await;
            house.bid(joon, auction, 1_000).await;
            house.bid(sora, auction, 2_000).await;
            auctions.push(auction);
        }
        // In another order than that of their numbers.
        auctions.reverse();
        house.follow().await;
        for auction in auctions {
            house.bid(joon, auction, 3_000).await;
            house.bid(sora, auction, 4_000).await;
        }
        let reads = async { house.records.read_notices(joon, i64::MAX, NOW).await.unwrap() };
        tokio::join!(house.follow(), house.leaves(&name, joon), reads);
        house.follow().await;
        house.assert_nothing_of(joon, "others bid").await;
    }
}

/// With the last of a member's sessions, and with a new password, every browser is forgotten that he is pushed to: one of them
/// may be a stranger's.
pub async fn browsers_end_with_sessions(house: &House<'_>) {
    let records = house.records;
    let (mina, joon) = (house.member("mina").await, house.rich_member("joon").await);
    let sora = house.rich_member("sora").await;
    let chair = house.list(mina, "의자", None).await;
    let session = Session {
        token: [1; 32],
        member: joon,
        created_at: NOW,
        seen_at: NOW,
        expires_at: NOW.plus(Span::days(3)),
    };
    assert!(records.create_session(session, "hash of joon".to_owned()).await.unwrap());
    let reached =
        async || (records.reach(joon).await.unwrap().browsers, records.reach(sora).await.unwrap().browsers);
    for member in [joon, sora] {
        records.subscribe(member, browser(member), NOW).await.unwrap().unwrap();
    }
    assert!(!records.set_password(joon, "x".to_owned(), Some("another".to_owned()), None).await.unwrap());
    assert_eq!(reached().await, (1, 1), "his password was another");
    let known = Some("hash of joon".to_owned());
    assert!(records.set_password(joon, "new".to_owned(), known, Some([1; 32])).await.unwrap());
    assert_eq!(
        reached().await,
        (0, 1),
        "even where he stays signed in, for nobody knows which browser that is"
    );
    records.subscribe(joon, browser(joon), NOW).await.unwrap().unwrap();
    records.end_session([1; 32]).await.unwrap();
    assert_eq!(reached().await, (1, 1), "one session is not all of them");
    records.end_sessions(joon).await.unwrap();
    assert_eq!(reached().await, (0, 1));
    house.bid(joon, chair, 1_000).await;
    house.bid(sora, chair, 2_000).await;
    house.follow().await;
    let pushed = records.claim_deliveries(NOW, 9).await.unwrap();
    assert!(pushed.iter().all(|delivery| delivery.member != joon || delivery.channel != Channel::Push));
}
