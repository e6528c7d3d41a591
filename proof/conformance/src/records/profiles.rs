//! A member himself as the web's door keeps him: how he presents himself, what he sold, what is his, and that he leaves.

use auction::{AuctionId, Command, EventKind, Hand, Listing, OrderCommand, Side, Span, Time};
use engine::{Answer, Call};
use ledger::{MemberId, Money};
use store::records::{
    ANSWERS_COUNT_FOR, MemberChange, NewPicture, NewQuestion, NewReview, Page, Profile, Remark, Removal,
    RemovalRefused, Says, Session, Shelf, SoldOn, Taken, Ties, Upload,
};
use store::{Act, ActKind, Key};

use super::{House, NOW, all, listing, new_member, plain};
use crate::journal::deed::{Deed, address, picture};

/// The codes of every order, where chance always draws zero.
const CODE: &str = "000000";

const LATER: Time = NOW.plus(Span::days(3));

impl House<'_> {
    async fn profile(&self, member: MemberId) -> Profile {
        self.records.profile(member, NOW).await.unwrap().expect("there is such a member")
    }

    async fn change(&self, member: MemberId, change: MemberChange) -> Result<(), Taken> {
        self.records.change_member(member, change).await.unwrap().map(drop)
    }

    async fn leave(&self, name: &str, member: MemberId) -> Result<(), RemovalRefused> {
        self.records.remove_member(removal(name, member)).await.unwrap()
    }

    async fn ask_and_answer(&self, auction: AuctionId, asker: MemberId, minutes: i64, asked_at: Time) {
        let text = format!("{minutes}분 안에 답해 주나요?");
        let question = NewQuestion { auction, asker, text, at: asked_at };
        let question = self.records.ask(question).await.unwrap().unwrap().question;
        let says = Says::Answer("네, 그럼요".to_owned());
        let at = asked_at.plus(Span::minutes(minutes));
        let remark = Remark { question: question.id, by: question.seller, says, at };
        self.records.remark(remark).await.unwrap().unwrap();
    }

    async fn sign_in(&self, name: &str, member: MemberId) -> bool {
        let session =
            Session { token: [member.0 as u8; 32], member, created_at: NOW, seen_at: NOW, expires_at: LATER };
        self.records.create_session(session, format!("hash of {name}")).await.unwrap()
    }
}

fn removal(name: &str, member: MemberId) -> Removal {
    Removal {
        member,
        known: format!("hash of {name}"),
        nickname: format!("탈퇴한 이웃 {}", member.0),
        at: NOW,
    }
}

fn first(limit: usize) -> Page {
    Page { cursor: None, limit }
}

/// What a member says about himself and shows stays until he says another; a picture must be his own upload, and is used.
pub async fn presenting(house: &House<'_>) {
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    assert_eq!(house.profile(mina).await, Profile::default());
    assert_eq!(house.records.profile(MemberId(i64::MAX), NOW).await.unwrap(), None);
    for (member, number) in [(mina, 1), (joon, 2)] {
        let new = NewPicture { picture: picture(number), member, at: NOW };
        assert_eq!(house.records.keep_picture(new).await.unwrap(), Ok(()));
    }
    let about =
        |text: Option<&str>| MemberChange { about: Some(text.map(str::to_owned)), ..MemberChange::default() };
    let shows =
        |number: Option<u8>| MemberChange { picture: Some(number.map(address)), ..MemberChange::default() };
    assert_eq!(house.change(mina, about(Some("의자를 고쳐요"))).await, Ok(()));
    assert_eq!(house.change(mina, shows(Some(2))).await, Err(Taken::Picture), "it is another's");
    assert_eq!(house.change(mina, shows(Some(3))).await, Err(Taken::Picture), "there is none");
    let both = MemberChange { about: Some(None), ..shows(Some(2)) };
    assert_eq!(house.change(mina, both).await, Err(Taken::Picture), "all of it or nothing");
    assert_eq!(house.change(mina, shows(Some(1))).await, Ok(()));
    let shown =
        Profile {
            about: Some("의자를 고쳐요".to_owned()), picture: Some(picture(1)), ..Profile::default()
        };
    assert_eq!(house.profile(mina).await, shown);

    let unused = all(1, async |page| house.records.unused_pictures(LATER, page).await.unwrap()).await;
    assert_eq!(unused, [Upload { address: address(2), member: joon }]);
    let his = Upload { address: address(1), member: mina };
    assert!(!house.records.remove_picture(his, LATER).await.unwrap(), "it is used");
    assert_eq!(house.change(mina, shows(None)).await, Ok(()));
    assert_eq!(house.change(mina, about(None)).await, Ok(()));
    assert_eq!(house.profile(mina).await, Profile::default());
    assert!(house.records.remove_picture(his, LATER).await.unwrap());
    assert_eq!(house.change(mina, shows(Some(1))).await, Err(Taken::Picture), "it is gone");
}

/// A member's auctions by where they stand, in pages, newest first; nobody else's among them.
pub async fn shelves(house: &House<'_>) {
    let (mina, joon) = (house.member("mina").await, house.rich_member("joon").await);
    let old = house.list(mina, "거울", Some(5_000)).await;
    let chair = house.list(mina, "의자", None).await;
    let gone = house.list(mina, "화분", None).await;
    let item = auction::Item { title: "책상".to_owned(), ..plain(mina) };
    let soon = Some(NOW.plus(Span::hours(2)));
    let desk = house.list_as(Listing { starts_at: soon, ..listing(item) }).await;
    house.list(joon, "전등", None).await;
    house.buy_now(joon, old).await;
    house.command(gone, Command::Cancel { by: Hand::Seller(mina), reason: None }).await;
    for (shelf, expected) in [
        (Shelf::Live, vec![desk, chair]),
        (Shelf::Open, vec![chair]),
        (Shelf::Scheduled, vec![desk]),
        (Shelf::Ended, vec![gone, old]),
    ] {
        for limit in [1, 2, 9] {
            let rows = all(limit, async |page| house.records.shelf(mina, shelf, page).await.unwrap()).await;
            let ids: Vec<_> = rows.iter().map(|row| row.auction).collect();
            assert_eq!(ids, expected, "{shelf:?}");
        }
    }
    let nonsense = Page { cursor: Some("x".to_owned()), limit: 9 };
    assert_eq!(house.records.shelf(mina, Shelf::Live, nonsense).await.unwrap().items, []);
}

/// What was sold counts on its day, with its start price; what was given back does not.
pub async fn months(house: &House<'_>) {
    let (mina, joon) = (house.member("mina").await, house.rich_member("joon").await);
    let sold = async |from: Time, until: Time| house.records.sold(mina, from, until).await.unwrap();
    for (title, price) in [("의자", 9_000), ("책상", 7_000), ("거울", 4_000)] {
        let auction = house.list(mina, title, Some(price)).await;
        house.buy_now(joon, auction).await;
        if price == 4_000 {
            house.fall_through(auction).await;
        }
    }
    let (day, one) = (Span::days(1), Span(1));
    let on = |day| SoldOn { day, count: 2, sum: 16_000, start_sum: 2_000 };
    assert_eq!(sold(NOW, NOW.plus(day)).await, [on(0)]);
    assert_eq!(sold(NOW.minus(Span::days(3)), NOW.plus(one)).await, [on(3)]);
    assert_eq!(sold(NOW.minus(Span(Span::days(3).0 - 1)), NOW.plus(one)).await, [on(2)]);
    assert_eq!(sold(NOW.minus(day), NOW).await, []);
    assert_eq!(sold(NOW.plus(one), NOW.plus(day)).await, []);
    assert_eq!(house.records.sold(joon, NOW, NOW.plus(day)).await.unwrap(), []);
}

/// From three answers on it is known within what time half of them came; those of long ago and hidden ones do not count.
pub async fn answering(house: &House<'_>) {
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    let (chair, desk) = (house.list(mina, "의자", None).await, house.list(mina, "책상", None).await);
    let within = async || house.profile(mina).await.answers_within;
    house.ask_and_answer(chair, joon, 30, NOW).await;
    house.ask_and_answer(desk, joon, 10, NOW.plus(Span(1))).await;
    assert_eq!(within().await, None, "two answers say nothing");
    let before = NOW.minus(ANSWERS_COUNT_FOR).minus(Span::days(1));
    house.ask_and_answer(chair, joon, 1, before).await;
    assert_eq!(within().await, None, "that was long ago");
    house.ask_and_answer(chair, joon, 50, NOW.plus(Span(2))).await;
    assert_eq!(within().await, Some(Span::minutes(30)));
    house.ask_and_answer(desk, joon, 20, NOW.plus(Span(3))).await;
    assert_eq!(within().await, Some(Span::minutes(20)));
    assert_eq!(house.profile(joon).await.answers_within, None);
}

/// What is a member's to take along is all his, in pages, and nobody else's.
pub async fn belongings(house: &House<'_>) {
    let records = house.records;
    let (mina, joon) = (house.member("mina").await, house.rich_member("joon").await);
    let sora = house.rich_member("sora").await;
    let chair = house.list(mina, "의자", Some(9_000)).await;
    let desk = house.list(mina, "책상", None).await;
    house.bid(joon, chair, 1_000).await;
    house.bid(sora, chair, 2_000).await;
    house.bid(joon, desk, 3_000).await;
    house.maximum(joon, desk, 8_000).await;
    house.bid(sora, desk, 4_000).await;
    house.buy_now(joon, chair).await;
    for limit in [1, 2, 9] {
        let bids = all(limit, async |page| records.own_bids(joon, page).await.unwrap()).await;
        let bids: Vec<_> = bids.iter().map(|bid| (bid.auction, bid.kind, bid.amount.won())).collect();
        let expected = [
            (chair, EventKind::Bid, 1_000),
            (chair, EventKind::BuyNow, 9_000),
            (desk, EventKind::Bid, 3_000),
            (desk, EventKind::Auto, 4_000),
        ];
        assert_eq!(bids, expected);
    }
    house.ask_and_answer(desk, joon, 5, NOW).await;
    house.ask_and_answer(chair_of(house, mina).await, joon, 5, NOW.plus(Span(1))).await;
    for limit in [1, 9] {
        let asked = all(limit, async |page| records.own_questions(joon, page).await.unwrap()).await;
        let answered = all(limit, async |page| records.own_answers(mina, page).await.unwrap()).await;
        assert_eq!((asked.len(), &asked), (2, &answered));
        for (member, other) in [(mina, joon), (sora, sora)] {
            assert_eq!(records.own_questions(member, first(9)).await.unwrap().items, []);
            assert_eq!(records.own_answers(other, first(9)).await.unwrap().items, []);
        }
    }
    house.step(chair, OrderCommand::EnterReceiptCode { member: mina, code: CODE.to_owned() }).await;
    let order = house.order(chair).await.id;
    let review = NewReview { order, by: Side::Buyer, stars: 5, text: "고마워요".to_owned(), at: NOW };
    assert_eq!(records.write_review(review).await.unwrap(), Ok(()));
    let written = all(1, async |page| records.own_reviews(joon, page).await.unwrap()).await;
    assert_eq!(written.iter().map(|row| (row.about, row.stars)).collect::<Vec<_>>(), [(mina, 5)]);
    assert_eq!(records.own_reviews(mina, first(9)).await.unwrap().items, []);
    for member in [joon, sora] {
        records.block(mina, member, None, NOW).await.unwrap().unwrap();
    }
    let blocks = all(1, async |page| records.own_blocks(mina, page).await.unwrap()).await;
    assert_eq!(blocks, [(joon, NOW), (sora, NOW)]);
    assert!(house.sign_in("mina", mina).await);
    let sessions = records.own_sessions(mina).await.unwrap();
    assert_eq!(sessions.iter().map(|session| session.token).collect::<Vec<_>>(), [[mina.0 as u8; 32]]);
    assert_eq!(records.own_sessions(joon).await.unwrap(), []);
}

/// Another auction of the seller's.
async fn chair_of(house: &House<'_>, seller: MemberId) -> AuctionId {
    house.list(seller, "다른 의자", None).await
}

/// What ties a member is named, one by one, and when nothing does he may go.
pub async fn ties(house: &House<'_>) {
    let records = house.records;
    let admin = house.member("admin").await;
    assert!(Deed::SetAdmin(admin, true).perform(records, NOW).await.unwrap());
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    let enter = |reference: &str| Call::EnterDeposit {
        admin,
        member: joon,
        amount: 9_000,
        reference: reference.to_owned(),
    };
    let ties = async |member| records.ties(member).await.unwrap();
    let won = |amount| Money::new(amount).unwrap();
    assert!(ties(joon).await.are_none());
    house.accepted(admin, enter("1")).await;
    let rich = Ties { available: won(9_000), ..Ties::default() };
    assert_eq!((ties(joon).await, house.leave("joon", joon).await), (rich, Err(RemovalRefused::Tied(rich))));

    let chair = house.list(mina, "의자", Some(9_000)).await;
    assert_eq!(ties(mina).await, Ties { auctions: 1, ..Ties::default() });
    house.bid(joon, chair, 2_000).await;
    assert_eq!(ties(joon).await, Ties { available: won(7_000), held: won(2_000), ..Ties::default() });
    house.buy_now(joon, chair).await;
    let buying = Ties { orders: 1, ..Ties::default() };
    assert_eq!((ties(joon).await, ties(mina).await), (buying, buying));
    assert_eq!(house.leave("mina", mina).await, Err(RemovalRefused::Tied(buying)));
    house.step(chair, OrderCommand::EnterReceiptCode { member: mina, code: CODE.to_owned() }).await;
    assert!(ties(joon).await.are_none());
    assert_eq!(ties(mina).await, Ties { available: won(9_000), ..Ties::default() });

    let destination = "이웃은행 1".to_owned();
    house.accepted(mina, Call::Withdraw { member: mina, amount: 9_000, destination }).await;
    let waiting = Ties { withdrawals: 1, ..Ties::default() };
    assert_eq!(
        (ties(mina).await, house.leave("mina", mina).await),
        (waiting, Err(RemovalRefused::Tied(waiting)))
    );
    let deposit = records.deposits(joon, first(1)).await.unwrap().items[0].id;
    let reason = "은행이 되돌렸어요".to_owned();
    house.accepted(admin, Call::ReverseDeposit { admin, deposit, reason }).await;
    assert_eq!(ties(joon).await, Ties { owed: won(9_000), ..Ties::default() });
}

/// Who leaves takes his name, his sessions and his lists along, and can do nothing any more; what others saw of him stays,
/// under another name. Both of his names are free.
pub async fn leaving(house: &House<'_>) {
    let records = house.records;
    let (mina, joon) = (house.member("mina").await, house.rich_member("joon").await);
    let chair = house.list(mina, "의자", Some(9_000)).await;
    let desk = house.list(mina, "책상", None).await;
    house.bid(joon, desk, 1_000).await;
    let sora = house.rich_member("sora").await;
    house.bid(sora, desk, 2_000).await;
    house.buy_now(joon, chair).await;
    house.step(chair, OrderCommand::EnterReceiptCode { member: mina, code: CODE.to_owned() }).await;
    records.watch(joon, desk, NOW).await.unwrap().unwrap();
    records.block(joon, sora, None, NOW).await.unwrap().unwrap();
    house.follow().await;
    let change = MemberChange {
        about: Some(Some("안녕하세요".to_owned())),
        region: Some(Some(records.regions().await.unwrap()[0].id)),
        ..MemberChange::default()
    };
    assert_eq!(house.change(joon, change).await, Ok(()));
    assert!(house.sign_in("joon", joon).await);
    assert!(records.unread(joon).await.unwrap() > 0);

    assert_eq!(house.leave("nobody", joon).await, Err(RemovalRefused::Password));
    assert_eq!(house.leave("joon", joon).await, Ok(()));
    assert_eq!(house.leave("joon", joon).await, Err(RemovalRefused::Password), "he has left");
    let left = records.member(joon).await.unwrap().unwrap();
    assert_eq!((left.nickname, left.region, left.is_admin), (format!("탈퇴한 이웃 {}", joon.0), None, false));
    assert!(left.suspended);
    assert_eq!(house.profile(joon).await, Profile { left_at: Some(NOW), ..Profile::default() });
    for name in ["joon", left.username.as_str()] {
        assert_eq!(records.credentials(name).await.unwrap(), None);
    }
    assert!(!house.sign_in("joon", joon).await);
    assert_eq!(records.own_sessions(joon).await.unwrap(), []);
    assert_eq!(records.own_blocks(joon, first(9)).await.unwrap().items, []);
    assert_eq!(records.watched(joon, first(9)).await.unwrap().items, []);
    assert_eq!(records.notices(joon, first(9)).await.unwrap().items, []);

    let bid = auction::Bid { bidder: joon, amount: Some(5_000), maximum: None, terms: None };
    for call in [
        Call::Auction { auction: desk, command: Command::Bid(bid) },
        Call::Deposit { member: joon, amount: 1_000 },
        Call::List(Box::new(listing(auction::Item { title: "전등".to_owned(), ..plain(joon) }))),
        Call::Withdraw { member: joon, amount: 1, destination: "은행".to_owned() },
    ] {
        assert_eq!(house.refused(joon, call).await, "suspended");
    }
    let act = |kind| Act {
        admin: None,
        kind,
        member: Some(joon),
        auction: None,
        order: None,
        withdrawal: None,
        reason: "다시 오래요".to_owned(),
        at: NOW,
    };
    assert!(!records.restore(joon, act(ActKind::Restored)).await.unwrap());
    assert!(!records.set_admin(joon, true, act(ActKind::Granted)).await.unwrap());
    assert!(!records.set_password(joon, "x".to_owned(), None, None).await.unwrap());
    assert_eq!(
        house.change(joon, MemberChange { about: Some(None), ..MemberChange::default() }).await,
        Err(Taken::Left)
    );

    let page = records.order(house.order(chair).await.id).await.unwrap().unwrap();
    assert_eq!((page.buyer.id, page.buyer.nickname), (joon, format!("탈퇴한 이웃 {}", joon.0)));
    assert_eq!(records.bidders(desk).await.unwrap().len(), 2, "his bids stand");
    let newcomer = records.create_member(new_member("joon")).await.unwrap().unwrap();
    assert!(newcomer.id > joon);
}

/// Whoever bids, buys, lists or pays in while he leaves has done it before, and stays, or after, and nothing comes of it.
pub async fn leaving_beside_bids(house: &House<'_>) {
    const TURNS: usize = 24;
    let mina = house.member("mina").await;
    let (mut left, mut stayed) = (0, 0);
    for turn in 0..TURNS {
        let name = format!("joon{turn}");
        let joon = house.rich_member(&name).await;
        let auction = house.list(mina, "의자", Some(9_000)).await;
        let command = match turn % 3 {
            0 => Some(Command::Bid(auction::Bid {
                bidder: joon,
                amount: Some(1_000),
                maximum: None,
                terms: None,
            })),
            1 => Some(Command::BuyNow { buyer: joon, terms: None }),
            _ => None,
        };
        let call = match command {
            Some(command) => Call::Auction { auction, command },
            None => {
                Call::List(Box::new(listing(auction::Item { title: "책상".to_owned(), ..plain(joon) })))
            }
        };
        let key = Key { text: format!("beside-{turn}").into(), member: joon };
        let ask = async || house.engine.ask(call.clone(), key.clone()).await;
        let (answer, leaves) = if turn % 2 == 0 {
            let (answer, leaves) = tokio::join!(biased; ask(), house.leave(&name, joon));
            (answer, leaves)
        } else {
            let (leaves, answer) = tokio::join!(biased; house.leave(&name, joon), ask());
            (answer, leaves)
        };
        let ties = house.records.ties(joon).await.unwrap();
        match (answer, leaves) {
            (Some(Answer::Refused(refusal)), Ok(())) => {
                assert_eq!((refusal.code(), ties), ("suspended", Ties::default()));
                left += 1;
            }
            (Some(Answer::Accepted(_)), Err(RemovalRefused::Tied(seen))) => {
                assert!(!seen.are_none() && seen == ties, "{seen:?}");
                stayed += 1;
            }
            (answer, leaves) => panic!("turn {turn}: {answer:?} beside {leaves:?}"),
        }
    }
    assert_eq!(left + stayed, TURNS);
}

/// The same with money that is worth something.
pub async fn leaving_beside_deposits(house: &House<'_>) {
    let admin = house.member("admin").await;
    assert!(Deed::SetAdmin(admin, true).perform(house.records, NOW).await.unwrap());
    for turn in 0..16 {
        let name = format!("joon{turn}");
        let member = house.member(&name).await;
        let call = Call::EnterDeposit { admin, member, amount: 5_000, reference: format!("입금 {turn}") };
        let key = Key { text: format!("beside-{turn}").into(), member: admin };
        let ask = async || house.engine.ask(call.clone(), key.clone()).await;
        let (answer, leaves) = if turn % 2 == 0 {
            tokio::join!(biased; ask(), house.leave(&name, member))
        } else {
            let (leaves, answer) = tokio::join!(biased; house.leave(&name, member), ask());
            (answer, leaves)
        };
        let wallet = house.records.wallet(member).await.unwrap();
        match (answer, leaves) {
            (Some(Answer::Refused(refusal)), Ok(())) => {
                assert_eq!((refusal.code(), wallet.wallet.available.won()), ("invalid", 0));
            }
            (Some(Answer::Accepted(_)), Err(RemovalRefused::Tied(_))) => {
                assert_eq!(wallet.wallet.available.won(), 5_000);
            }
            (answer, leaves) => panic!("turn {turn}: {answer:?} beside {leaves:?}"),
        }
    }
}
