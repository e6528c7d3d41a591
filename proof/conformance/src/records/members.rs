//! Members, sessions and blocks, as the web's door keeps them.

use auction::{Span, Time};
use ledger::MemberId;
use store::records::{MemberChange, NewMember, PAGE_ROWS_MAX, Session, Taken};

use super::{House, NOW, new_member};

/// Names are unique, whether asked for at once or later; what a member changes is his alone.
pub async fn names(house: &House<'_>) {
    let records = house.records;
    let mina = records.create_member(new_member("mina")).await.unwrap().unwrap();
    assert_eq!((mina.username.as_str(), mina.nickname.as_str(), mina.created_at), ("mina", "MINA", NOW));
    assert_eq!(records.member(mina.id).await.unwrap(), Some(mina.clone()));
    let (found, hash) = records.credentials("mina").await.unwrap().unwrap();
    assert_eq!((found, hash.as_str()), (mina.clone(), "hash of mina"));
    assert!(records.credentials("MINA").await.unwrap().is_none());

    assert_eq!(records.create_member(new_member("mina")).await.unwrap(), Err(Taken::Username));
    let alike = NewMember { username: "other".to_owned(), ..new_member("mina") };
    assert_eq!(records.create_member(alike).await.unwrap(), Err(Taken::Nickname));
    let joon = house.member("joon").await;
    assert!(joon > mina.id, "numbers rise");

    let named = |name: &str, skeleton: &str| MemberChange {
        nickname: Some((name.to_owned(), skeleton.to_owned())),
        ..MemberChange::default()
    };
    assert_eq!(records.change_member(joon, named("Mina", "mina")).await.unwrap(), Err(Taken::Nickname));
    let changed = records.change_member(mina.id, named("Mina!", "mina")).await.unwrap().unwrap();
    assert_eq!((changed.nickname.as_str(), changed.region), ("Mina!", None));
    let region = records.regions().await.unwrap()[0].id;
    let moved = MemberChange { region: Some(Some(region)), ..MemberChange::default() };
    assert_eq!(records.change_member(joon, moved).await.unwrap().unwrap().region, Some(region));
}

/// A session is found by its token until it is ended, also when it has expired.
pub async fn sessions(house: &House<'_>) {
    let records = house.records;
    let mina = house.member("mina").await;
    let session = |token: u8, expires_at: Time| Session {
        token: [token; 32],
        member: mina,
        created_at: NOW,
        seen_at: NOW,
        expires_at,
    };
    let tomorrow = NOW.plus(Span::days(1));
    for (token, ends) in [(1, tomorrow), (2, NOW.minus(Span::days(1))), (3, NOW.minus(Span::days(30)))] {
        assert!(records.create_session(session(token, ends), "hash of mina".to_owned()).await.unwrap());
    }
    let (found, member) = records.session([2; 32]).await.unwrap().unwrap();
    assert_eq!((found, member.id), (session(2, NOW.minus(Span::days(1))), mina));
    records.touch_session([1; 32], NOW.plus(Span::minutes(1))).await.unwrap();
    assert_eq!(records.session([1; 32]).await.unwrap().unwrap().0.seen_at, NOW.plus(Span::minutes(1)));

    while records.sweep(NOW).await.unwrap() {}
    assert!(records.session([3; 32]).await.unwrap().is_none(), "what expired long ago is swept");
    assert!(records.session([2; 32]).await.unwrap().is_some());
    assert!(records.set_password(mina, "new".to_owned(), None, Some([1; 32])).await.unwrap());
    assert!(records.session([2; 32]).await.unwrap().is_none());
    records.end_session([1; 32]).await.unwrap();
    assert!(records.session([1; 32]).await.unwrap().is_none());
    assert!(records.create_session(session(4, tomorrow), "new".to_owned()).await.unwrap());
    records.end_sessions(mina).await.unwrap();
    assert!(records.session([4; 32]).await.unwrap().is_none());
}

/// What was judged by a password that is changed meanwhile comes to nothing: neither a sign-in nor another change.
pub async fn passwords(house: &House<'_>) {
    let records = house.records;
    let mina = house.member("mina").await;
    let session = |token: u8, member: MemberId| Session {
        token: [token; 32],
        member,
        created_at: NOW,
        seen_at: NOW,
        expires_at: NOW.plus(Span::days(1)),
    };
    let (_, judged_by) = records.credentials("mina").await.unwrap().unwrap();
    assert!(records.create_session(session(1, mina), judged_by.clone()).await.unwrap());
    let changed =
        records.set_password(mina, "new".to_owned(), Some(judged_by.clone()), Some([1; 32])).await.unwrap();
    assert!(changed);

    assert!(!records.create_session(session(2, mina), judged_by.clone()).await.unwrap());
    assert!(records.session([2; 32]).await.unwrap().is_none());
    let late = records.set_password(mina, "late".to_owned(), Some(judged_by.clone()), None).await.unwrap();
    assert!(!late);
    assert_eq!(records.credentials("mina").await.unwrap().unwrap().1, "new");
    assert!(records.session([1; 32]).await.unwrap().is_some(), "what comes to nothing ends no session");

    let nobody = MemberId(mina.0 + 1);
    assert!(!records.create_session(session(3, nobody), "new".to_owned()).await.unwrap());
    assert!(!records.set_password(nobody, "any".to_owned(), None, None).await.unwrap());
    assert!(records.create_session(session(3, mina), "new".to_owned()).await.unwrap());
    assert!(records.set_password(mina, "newest".to_owned(), None, None).await.unwrap());
    assert!(
        records.session([3; 32]).await.unwrap().is_none(),
        "an operator needs no password and keeps no session"
    );
}

/// Several members are read at once, those who exist.
pub async fn many(house: &House<'_>) {
    let records = house.records;
    let (mina, joon, nobody) = (house.member("mina").await, house.member("joon").await, MemberId(i64::MAX));
    let found = async |ids: &[MemberId]| {
        let mut found = records.members(ids).await.unwrap();
        found.sort_by_key(|member| member.id);
        found.into_iter().map(|member| (member.id, member.username)).collect::<Vec<_>>()
    };
    let (of_mina, of_joon) = ((mina, "mina".to_owned()), (joon, "joon".to_owned()));
    assert_eq!(found(&[joon, nobody, mina]).await, [of_mina, of_joon.clone()]);
    assert_eq!(found(&[]).await, []);
    let at_the_end = |before: usize| [vec![nobody; before], vec![joon]].concat();
    assert_eq!(found(&at_the_end(PAGE_ROWS_MAX - 1)).await, [of_joon]);
    assert_eq!(found(&at_the_end(PAGE_ROWS_MAX)).await, [], "no more are looked at");
}

/// A block stands from when it is set until it is lifted, in one direction.
pub async fn blocks(house: &House<'_>) {
    let records = house.records;
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    records.block(mina, joon, None, NOW).await.unwrap().unwrap();
    records.block(mina, joon, None, NOW).await.unwrap().unwrap();
    assert!(records.is_blocked(mina, joon).await.unwrap());
    assert!(!records.is_blocked(joon, mina).await.unwrap());
    let (sora, nobody) = (house.member("sora").await, MemberId(i64::MAX));
    let blocked = async |seller, members: &[MemberId]| records.blocked(seller, members).await.unwrap();
    assert_eq!(blocked(mina, &[sora, joon, nobody]).await, [joon]);
    assert_eq!(blocked(joon, &[mina, sora]).await, []);
    assert_eq!(blocked(mina, &[]).await, []);
    let at_the_end = |before: usize| [vec![sora; before], vec![joon]].concat();
    assert_eq!(blocked(mina, &at_the_end(PAGE_ROWS_MAX - 1)).await, [joon]);
    assert_eq!(blocked(mina, &at_the_end(PAGE_ROWS_MAX)).await, [], "no more are looked at");
    records.unblock(mina, joon).await.unwrap();
    assert!(!records.is_blocked(mina, joon).await.unwrap());
    assert_eq!(blocked(mina, &[joon]).await, []);
}

/// Regions and categories come parents first, and a region's numbers hold all that lies below it.
pub async fn places(house: &House<'_>) {
    let regions = house.records.regions().await.unwrap();
    assert!(regions.len() > 5_000);
    for (at, region) in regions.iter().enumerate() {
        let parent = region.parent.map(|id| regions[..at].iter().find(|one| one.id == id).unwrap());
        assert!(parent.is_none_or(|parent| parent.id < region.id && region.last <= parent.last));
        assert_eq!(parent.is_none(), region.level == 1, "{region:?}");
    }
    let categories = house.records.categories().await.unwrap();
    for (at, category) in categories.iter().enumerate() {
        let is_known = |id| categories[..at].iter().any(|one| one.id == id && one.parent.is_none());
        assert!(category.parent.is_none_or(is_known), "{category:?}");
    }
}
