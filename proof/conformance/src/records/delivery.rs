//! How members are reached, what waits to be sent, and that each is one sender's at a time.

use auction::{AuctionId, Span, Time};
use ledger::MemberId;
use store::records::{
    CONFIRMATION_VALID, CONFIRMATIONS_MAX, Channel, Delivery, DeliveryCounts, EMAIL_GAP, FAILED_KEPT,
    Judgement, LEASE, NewAddress, NoticeGroup, NoticeKind, QuietHours, Reach, ReachChange, SETTLED_KEPT,
    SUBSCRIPTIONS_MAX, Secret, Settled, SettledAs, Subscription, Wish, Wishes,
};

use super::{House, NOW, all};

/// What is typed as an address in these checks.
const EMAIL: &str = "mina@market.example";

fn browser(number: u8) -> Subscription {
    Subscription {
        address: [number; 32],
        endpoint: format!("https://push.example/{number}"),
        key: vec![number; 65],
        secret: vec![number; 16],
    }
}

fn new_address(member: MemberId, number: u8, at: Time) -> NewAddress {
    NewAddress { member, email: EMAIL.to_owned(), token: [number; 32], at }
}

/// How a claim of these checks ends, at once.
fn settled(delivery: &Delivery, end: SettledAs) -> Settled {
    let Delivery { notice, channel, claimed_until, .. } = *delivery;
    Settled { notice, channel, claimed_until, end, by_email: false, at: NOW }
}

impl House<'_> {
    async fn subscribe(&self, member: MemberId, number: u8) {
        self.records.subscribe(member, browser(number), NOW).await.unwrap().unwrap();
    }

    async fn confirm(&self, member: MemberId, number: u8) {
        assert!(self.records.ask_confirmation(new_address(member, number, NOW)).await.unwrap().unwrap());
        let confirmed = self.records.confirm_address([number; 32], NOW).await.unwrap();
        assert_eq!(confirmed, Some((member, EMAIL.to_owned())));
    }

    async fn wish(&self, member: MemberId, group: NoticeGroup, wish: Wish) {
        let wishes = self.records.reach(member).await.unwrap().wishes.with(group, wish);
        let change = ReachChange { wishes: Some(wishes), ..ReachChange::default() };
        self.records.change_reach(member, change).await.unwrap().unwrap();
    }

    async fn claim(&self, now: Time) -> Vec<Delivery> {
        self.records.claim_deliveries(now, 100).await.unwrap()
    }

    async fn settle(&self, delivery: &Delivery, end: SettledAs) -> bool {
        self.records.settle_delivery(settled(delivery, end)).await.unwrap()
    }

    /// A chair on which joon has bid and mina was outbid, of which nobody was told yet.
    async fn outbid(&self) -> (MemberId, MemberId, AuctionId) {
        let seller = self.member("seller").await;
        let (mina, joon) = (self.rich_member("mina").await, self.rich_member("joon").await);
        let chair = self.list(seller, "의자", None).await;
        self.bid(mina, chair, 10_000).await;
        self.bid(joon, chair, 11_000).await;
        (mina, seller, chair)
    }
}

fn sent_to(deliveries: &[Delivery]) -> Vec<(MemberId, NoticeKind, Channel)> {
    deliveries.iter().map(|delivery| (delivery.member, delivery.kind, delivery.channel)).collect()
}

/// What a member wants is kept; an address counts once it is confirmed, once and in time.
pub async fn wishes_and_addresses(house: &House<'_>) {
    let records = house.records;
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    assert_eq!(records.reach(mina).await.unwrap(), Reach::default());

    let wishes = Wishes::default().with(NoticeGroup::Money, Wish::Both);
    let quiet = QuietHours::new(22 * 60, 8 * 60);
    let language = Some("ko".to_owned());
    let change = ReachChange { wishes: Some(wishes), quiet: Some(quiet), language };
    records.change_reach(mina, change).await.unwrap().unwrap();
    records.change_reach(mina, ReachChange::default()).await.unwrap().unwrap();
    let known = Reach { wishes, quiet, language: "ko".to_owned(), ..Reach::default() };
    assert_eq!(records.reach(mina).await.unwrap(), known);
    let change = ReachChange { quiet: Some(None), ..ReachChange::default() };
    records.change_reach(mina, change).await.unwrap().unwrap();
    assert_eq!(records.reach(mina).await.unwrap(), Reach { quiet: None, ..known.clone() });
    assert_eq!(records.reach(joon).await.unwrap(), Reach::default());

    assert!(records.ask_confirmation(new_address(mina, 1, NOW)).await.unwrap().unwrap());
    let waiting = records.reach(mina).await.unwrap();
    assert_eq!((waiting.email, waiting.unconfirmed.as_deref()), (None, Some(EMAIL)));
    let late = NOW.plus(CONFIRMATION_VALID);
    for (token, now) in [([2; 32], NOW), ([1; 32], late)] {
        assert_eq!(records.confirm_address(token, now).await.unwrap(), None, "unknown or too late");
    }
    assert!(records.confirm_address([1; 32], Time(late.0 - 1)).await.unwrap().is_some());
    assert_eq!(records.confirm_address([1; 32], NOW).await.unwrap(), None, "once");
    let reached = records.reach(mina).await.unwrap();
    assert_eq!((reached.email.as_deref(), reached.unconfirmed), (Some(EMAIL), None));

    for number in 2..=5 {
        assert!(records.ask_confirmation(new_address(mina, number, NOW)).await.unwrap().unwrap(), "{number}");
    }
    assert_eq!(CONFIRMATIONS_MAX, 5);
    assert!(!records.ask_confirmation(new_address(mina, 6, NOW)).await.unwrap().unwrap(), "once too often");
    assert_eq!(records.confirm_address([4; 32], NOW).await.unwrap(), None, "only the newest counts");
    assert!(records.confirm_address([5; 32], NOW).await.unwrap().is_some());
    assert!(records.ask_confirmation(new_address(mina, 7, late)).await.unwrap().unwrap(), "the next day");
    records.remove_address(mina).await.unwrap();
    assert_eq!(records.reach(mina).await.unwrap(), Reach { quiet: None, ..known });
    assert_eq!(records.confirm_address([7; 32], late).await.unwrap(), None);
}

/// A browser is one member's; he has so many at the most.
pub async fn browsers(house: &House<'_>) {
    let records = house.records;
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    let most = u8::try_from(SUBSCRIPTIONS_MAX).unwrap();
    for number in 1..=most {
        house.subscribe(mina, number).await;
    }
    assert!(records.subscribe(mina, browser(most + 1), NOW).await.unwrap().is_err());
    house.subscribe(mina, most).await;
    let browsers = async |member| records.reach(member).await.unwrap().browsers;
    assert_eq!(browsers(mina).await, 10);
    house.subscribe(joon, 1).await;
    assert_eq!((browsers(mina).await, browsers(joon).await), (9, 1), "who signs in there takes it over");
    for (address, of, is_ended) in [
        ([1; 32], Some(mina), false),
        ([1; 32], Some(joon), true),
        ([1; 32], None, false),
        ([2; 32], None, true),
    ] {
        assert_eq!(records.end_subscription(address, of).await.unwrap(), is_ended, "{} {of:?}", address[0]);
    }
    assert_eq!((browsers(mina).await, browsers(joon).await), (8, 0));
}

/// The first who asks makes a secret, and everybody after him hears the same.
pub async fn house_secrets(house: &House<'_>) {
    let records = house.records;
    assert_eq!(records.secret(Secret::Vapid, [1; 32]).await.unwrap(), [1; 32]);
    assert_eq!(records.secret(Secret::Vapid, [2; 32]).await.unwrap(), [1; 32]);
    assert_eq!(records.secret(Secret::Unsubscribing, [3; 32]).await.unwrap(), [3; 32]);
}

/// A notice is sent by the ways its member wants, to whom can be reached at all, with what it says.
pub async fn deliveries(house: &House<'_>) {
    let (mina, seller, chair) = house.outbid().await;
    assert_eq!(house.claim(NOW).await, [], "nothing was told yet");
    house.subscribe(mina, 1).await;
    house.confirm(mina, 2).await;
    house.wish(mina, NoticeGroup::Bidding, Wish::Both).await;
    house.confirm(seller, 3).await;
    house.follow().await;
    assert_eq!(house.records.delivery_counts().await.unwrap(), DeliveryCounts { waiting: 3, failed: 0 });

    let claimed = house.claim(NOW).await;
    let mut sent = sent_to(&claimed);
    sent.sort();
    let both = [Channel::Push, Channel::Email].map(|channel| (mina, NoticeKind::Outbid, channel));
    let mut expected = [both[0], both[1], (seller, NoticeKind::NewBid, Channel::Email)];
    expected.sort();
    assert_eq!(sent, expected, "joon can be reached nowhere, and so is told in the house alone");
    let push = claimed.iter().find(|delivery| delivery.channel == Channel::Push).unwrap();
    assert_eq!((push.title.as_str(), push.auction, push.at, push.tries), ("의자", chair, NOW, 1));
    assert_eq!(push.amount.map(ledger::Money::won), Some(11_000));
    assert_eq!(push.browsers, [browser(1)]);
    assert_eq!((push.is_seen, push.is_over, push.claimed_until), (false, false, NOW.plus(LEASE)));
    assert_eq!(push.reach.email.as_deref(), Some(EMAIL));
    assert_eq!(push.judge(NOW), Judgement::Send);
    assert_eq!(house.claim(NOW).await, [], "what is claimed is nobody else's");
    for delivery in &claimed {
        assert!(house.settle(delivery, SettledAs::Sent).await);
        assert!(!house.settle(delivery, SettledAs::Sent).await, "once");
    }
    assert_eq!(house.claim(NOW.plus(Span::days(1))).await, [], "what was sent is not sent again");

    let outlived = NOW.plus(SETTLED_KEPT);
    assert!(!house.records.sweep_deliveries(Time(outlived.0 - 1)).await.unwrap());
    assert!(!house.settle(push, SettledAs::Sent).await);
    assert!(!house.records.sweep_deliveries(outlived).await.unwrap(), "nothing is left");
    assert_eq!(house.records.delivery_counts().await.unwrap(), DeliveryCounts::default());
}

/// Who claims and dies leaves the delivery to others, in a while; if he was only slow, what he says counts no more.
pub async fn claims_run_out(house: &House<'_>) {
    let (mina, _, _) = house.outbid().await;
    house.subscribe(mina, 1).await;
    house.follow().await;
    let first = house.claim(NOW).await.remove(0);
    let later = NOW.plus(LEASE);
    assert_eq!(house.claim(Time(later.0 - 1)).await, []);
    let second = house.claim(later).await.remove(0);
    assert_eq!((second.notice, second.tries), (first.notice, 2), "the same, tried once more");
    assert!(!house.settle(&first, SettledAs::Failed("slow".to_owned())).await);

    let hour = later.plus(Span::hours(1));
    assert!(house.settle(&second, SettledAs::Put(hour)).await);
    assert_eq!(house.claim(Time(hour.0 - 1)).await, []);
    let third = house.claim(hour).await.remove(0);
    assert_eq!(third.tries, 2, "waiting was no try");
    let then = hour.plus(Span::minutes(1));
    assert!(house.settle(&third, SettledAs::Again(then, "503".to_owned())).await);
    let fourth = house.claim(then).await.remove(0);
    assert_eq!(fourth.tries, 3);

    house.records.read_notices(mina, i64::MAX, NOW).await.unwrap();
    assert!(house.settle(&fourth, SettledAs::Put(then)).await);
    let seen = house.claim(then).await.remove(0);
    assert_eq!(seen.judge(then), Judgement::Drop("seen"));
    assert!(house.settle(&seen, SettledAs::Dropped("seen".to_owned())).await);
    assert_eq!(house.claim(then.plus(Span::days(9))).await, []);
}

/// What happens again replaces what waits; e-mail about the same comes after a while.
pub async fn renewed_deliveries(house: &House<'_>) {
    let (mina, _, chair) = house.outbid().await;
    house.subscribe(mina, 1).await;
    house.confirm(mina, 1).await;
    house.wish(mina, NoticeGroup::Bidding, Wish::Both).await;
    house.follow().await;
    let first = house.claim(NOW).await;
    let joon = house.records.credentials("joon").await.unwrap().unwrap().0.id;
    house.bid(mina, chair, 12_000).await;
    house.bid(joon, chair, 13_000).await;
    house.follow().await;
    for old in &first {
        assert!(!house.settle(old, SettledAs::Failed("late".to_owned())).await, "there is a newer one");
    }
    let push = house.claim(NOW).await;
    assert_eq!(ways(&push), [Channel::Push], "the first letter may still arrive");
    let later = NOW.plus(EMAIL_GAP);
    assert_eq!(ways(&house.claim(Time(later.0 - 1)).await), [Channel::Push], "the push was not settled");
    house.bid(mina, chair, 14_000).await;
    house.bid(joon, chair, 15_000).await;
    house.follow().await;
    assert_eq!(ways(&house.claim(Time(later.0 - 1)).await), [Channel::Push], "nor by a third");
    let letter = house.claim(later).await.remove(0);
    assert_eq!((letter.channel, letter.tries), (Channel::Email, 1));
    assert_eq!(letter.amount.map(ledger::Money::won), Some(15_000));
    assert!(push.iter().all(|delivery| delivery.tries == 1 && delivery.notice > first[0].notice));
    let sent = Settled { at: later, ..settled(&letter, SettledAs::Sent) };
    assert!(house.records.settle_delivery(sent).await.unwrap());
    house.bid(mina, chair, 16_000).await;
    house.bid(joon, chair, 17_000).await;
    house.follow().await;
    let latest = later.plus(EMAIL_GAP);
    assert_eq!(ways(&house.claim(Time(latest.0 - 1)).await), [Channel::Push]);
    assert!(ways(&house.claim(latest).await).contains(&Channel::Email));
}

fn ways(deliveries: &[Delivery]) -> Vec<Channel> {
    deliveries.iter().map(|delivery| delivery.channel).collect()
}

/// An e-mail takes the place of a push once, and not of a newer one; what is tried again is shown until it is over.
pub async fn deliveries_by_another_way(house: &House<'_>) {
    let records = house.records;
    let (mina, _, chair) = house.outbid().await;
    house.subscribe(mina, 1).await;
    house.confirm(mina, 1).await;
    house.follow().await;
    let push = house.claim(NOW).await.remove(0);
    assert!(push.falls_to_email() && records.troubled_deliveries().await.unwrap().is_empty());
    let then = NOW.plus(Span::minutes(1));
    assert!(house.settle(&push, SettledAs::Again(then, "house: 403".to_owned())).await);
    let troubled = records.troubled_deliveries().await.unwrap();
    assert_eq!(troubled.len(), 1);
    let row = &troubled[0];
    assert_eq!((row.notice, row.channel, row.member, row.tries), (push.notice, Channel::Push, mina, 1));
    assert_eq!((row.failed_at, row.reason.as_str()), (then, "house: 403"));

    let push = house.claim(then).await.remove(0);
    let failed = settled(&push, SettledAs::Failed("house: 403".to_owned()));
    let failed = Settled { by_email: true, at: then, ..failed };
    assert!(records.settle_delivery(failed.clone()).await.unwrap());
    assert!(!records.settle_delivery(failed).await.unwrap(), "once");
    assert!(records.troubled_deliveries().await.unwrap().is_empty());
    let letter = house.claim(then).await.remove(0);
    assert_eq!((letter.channel, letter.notice, letter.tries), (Channel::Email, push.notice, 1));
    assert_eq!((letter.amount, letter.at, letter.judge(then)), (push.amount, push.at, Judgement::Send));
    assert!(house.settle(&letter, SettledAs::Sent).await);

    assert!(records.retry_delivery(push.notice, Channel::Push, then).await.unwrap());
    let push = house.claim(then).await.remove(0);
    let dropped = settled(&push, SettledAs::Dropped("nobody_there".to_owned()));
    assert!(records.settle_delivery(Settled { by_email: true, ..dropped }).await.unwrap());
    assert_eq!(house.claim(NOW.plus(Span::days(1))).await, [], "he was told already");

    let joon = records.credentials("joon").await.unwrap().unwrap().0.id;
    house.bid(mina, chair, 12_000).await;
    house.bid(joon, chair, 13_000).await;
    house.follow().await;
    let push = house.claim(then).await.remove(0);
    let gone = settled(&push, SettledAs::Dropped("nobody_there".to_owned()));
    assert!(records.settle_delivery(Settled { by_email: true, at: then, ..gone }).await.unwrap());
    assert_eq!(house.claim(then).await, [], "he got a letter a moment ago");
    assert_eq!(ways(&house.claim(then.plus(EMAIL_GAP)).await), [Channel::Email]);
}

/// What has failed is shown with its reason, newest first, and is tried again when an admin says so.
pub async fn failed_deliveries(house: &House<'_>) {
    let records = house.records;
    let (mina, seller, chair) = house.outbid().await;
    house.subscribe(mina, 1).await;
    house.confirm(seller, 1).await;
    house.follow().await;
    let claimed = house.claim(NOW).await;
    for delivery in &claimed {
        assert!(house.settle(delivery, SettledAs::Failed(format!("refused {}", delivery.notice))).await);
    }
    assert_eq!(records.delivery_counts().await.unwrap(), DeliveryCounts { waiting: 0, failed: 2 });
    for limit in [1, 2, 100] {
        let rows = all(limit, async |page| records.failed_deliveries(page).await.unwrap()).await;
        let shown: Vec<_> = rows.iter().map(|row| (row.notice, row.channel, row.member)).collect();
        let newest =
            claimed.iter().rev().map(|delivery| (delivery.notice, delivery.channel, delivery.member));
        assert_eq!(shown, newest.collect::<Vec<_>>());
        assert!(rows.iter().all(|row| (row.auction, row.tries, row.failed_at) == (chair, 1, NOW)));
        assert!(rows.iter().all(|row| row.reason == format!("refused {}", row.notice)));
    }
    let (notice, channel) = (claimed[0].notice, claimed[0].channel);
    let other = if channel == Channel::Push { Channel::Email } else { Channel::Push };
    assert!(!records.retry_delivery(notice, other, NOW).await.unwrap());
    assert!(records.retry_delivery(notice, channel, NOW).await.unwrap());
    assert!(!records.retry_delivery(notice, channel, NOW).await.unwrap(), "it waits now");
    let again = house.claim(NOW).await;
    assert_eq!((again.len(), again[0].notice, again[0].tries), (1, notice, 1));

    for (now, failed) in
        [(NOW.plus(SETTLED_KEPT), 1), (Time(NOW.plus(FAILED_KEPT).0 - 1), 1), (NOW.plus(FAILED_KEPT), 0)]
    {
        assert!(!records.sweep_deliveries(now).await.unwrap());
        assert_eq!(records.delivery_counts().await.unwrap().failed, failed);
    }
}
