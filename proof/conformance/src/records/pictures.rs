//! Pictures, as the web's door keeps and shows them.

use auction::{AuctionId, Command, Hand, Item, Listing, Picture, PictureAddress, Revision, Span, Time};
use engine::Call;
use ledger::MemberId;
use store::records::{
    CLAIMED_FOR, CardPicture, ListingRow, NewPicture, Page, PictureRefused, PictureRow, Search,
    UPLOADS_COUNTED_FOR, UPLOADS_UNUSED_MAX, Upload,
};

use super::{House, NOW, all, listing, plain};
use crate::journal::deed::{address, picture};

/// After every upload of a check.
const LATER: Time = NOW.plus(Span::days(3));

impl House<'_> {
    async fn upload(&self, member: MemberId, number: u8) -> Result<(), PictureRefused> {
        self.upload_at(member, picture(number), NOW).await
    }

    async fn upload_at(&self, member: MemberId, picture: PictureRow, at: Time) -> Result<(), PictureRefused> {
        self.records.keep_picture(NewPicture { picture, member, at }).await.unwrap()
    }

    async fn edit_pictures(&self, auction: AuctionId, listed: Option<&[Picture]>, added: &[Picture]) {
        let row = self.records.auction(auction).await.unwrap().unwrap();
        let listing = listed.map(|pictures| Listing {
            starts_at: Some(row.auction.starts_at),
            ..listing(Item { pictures: pictures.to_vec(), ..row.item.clone() })
        });
        let revision = Revision { terms: None, listing, note: None, added: added.to_vec() };
        let seller = row.seller.id;
        self.command(auction, Command::Edit { seller, revision: Box::new(revision) }).await;
    }

    async fn unused(&self, before: Time, limit: usize) -> Vec<Upload> {
        all(limit, async |page| self.records.unused_pictures(before, page).await.unwrap()).await
    }
}

fn pictures(numbers: &[u8]) -> Vec<Picture> {
    numbers
        .iter()
        .map(|number| Picture { address: address(*number), alt: format!("사진 {number}") })
        .collect()
}

fn card(number: u8) -> Option<CardPicture> {
    let PictureRow { address, width, height, colour, .. } = picture(number);
    Some(CardPicture { address, alt: format!("사진 {number}"), width, height, colour })
}

fn numbers(rows: &[PictureRow]) -> Vec<u8> {
    let mut numbers: Vec<u8> = rows.iter().map(|row| row.address[0]).collect();
    numbers.sort_unstable();
    numbers
}

fn with(seller: MemberId, title: &str, pictures: Vec<Picture>) -> Listing {
    listing(Item { title: title.to_owned(), pictures, ..plain(seller) })
}

/// The picture of a number with more digits than a byte.
fn one_of_many(number: u64) -> PictureRow {
    let mut address: PictureAddress = [7; 32];
    address[..8].copy_from_slice(&number.to_be_bytes());
    PictureRow { address, ..picture(7) }
}

/// What was uploaded is known, once for all who have the same file; and a member uploads only so many for nothing.
pub async fn uploads(house: &House<'_>) {
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    for (member, number) in [(mina, 1), (mina, 1), (joon, 1), (mina, 2)] {
        assert_eq!(house.upload(member, number).await, Ok(()));
    }
    let known = house.records.pictures(&[address(1), address(2), address(3)]).await.unwrap();
    assert_eq!(numbers(&known), [1, 2]);
    assert!(known.contains(&picture(1)) && known.contains(&picture(2)));
    // What is known of a picture stays, whatever the next one says.
    let other = PictureRow { width: 1, ..picture(1) };
    assert_eq!(house.upload_at(mina, other, NOW).await, Ok(()));
    assert_eq!(house.records.pictures(&[address(1)]).await.unwrap(), [picture(1)]);
    assert_eq!(house.records.pictures(&[]).await.unwrap(), []);
    for (member, number, is_his) in [(mina, 1, true), (joon, 1, true), (joon, 2, false), (joon, 3, false)] {
        let his = house.records.uploaded_picture(Upload { address: address(number), member }).await.unwrap();
        assert_eq!(his, is_his.then(|| picture(number)), "{member:?} {number}");
    }

    for number in 2..UPLOADS_UNUSED_MAX as u64 {
        let may_upload = house.records.may_upload(mina, NOW).await.unwrap();
        assert_eq!(may_upload, Ok(()));
        assert_eq!(house.upload_at(mina, one_of_many(number), NOW).await, Ok(()));
    }
    for (member, at, expected) in [
        (mina, NOW, Err(PictureRefused::TooMany)),
        (mina, NOW.plus(UPLOADS_COUNTED_FOR), Ok(())),
        (joon, NOW, Ok(())),
        (MemberId(i64::MAX), NOW, Err(PictureRefused::Left)),
    ] {
        let may_upload = house.records.may_upload(member, at).await.unwrap();
        assert_eq!(may_upload, expected, "{member:?} at {at:?}");
    }
    assert_eq!(house.upload(mina, 3).await, Err(PictureRefused::TooMany));
    assert_eq!(
        house.records.pictures(&[address(3)]).await.unwrap(),
        [],
        "nothing is kept of what is refused"
    );
    assert_eq!(house.upload(mina, 2).await, Ok(()), "it was kept before");
    assert_eq!(house.upload(joon, 3).await, Ok(()));
    house.list_as(with(mina, "원목 의자", pictures(&[1]))).await;
    assert_eq!(house.upload(mina, 3).await, Ok(()), "what is used does not count");
    assert_eq!(house.upload(mina, 4).await, Err(PictureRefused::TooMany));
    let tomorrow = NOW.plus(UPLOADS_COUNTED_FOR);
    assert_eq!(house.upload_at(mina, picture(4), tomorrow).await, Ok(()));
}

/// An auction shows all pictures, a list the first, each as its seller said last; an old auction those that it had.
pub async fn shown(house: &House<'_>) {
    let records = house.records;
    let (mina, joon) = (house.member("mina").await, house.rich_member("joon").await);
    assert_eq!(house.upload(joon, 1).await, Ok(()));
    let chair = with(mina, "원목 의자", pictures(&[1, 2]));
    let refused = async |listing: &Listing| house.refused(mina, Call::List(Box::new(listing.clone()))).await;
    assert_eq!(refused(&chair).await, "picture_not_found", "only another has it");
    for number in [1, 2, 3] {
        assert_eq!(house.upload(mina, number).await, Ok(()));
    }
    let id = house.list_as(chair).await;
    let plain = house.list(mina, "책상", None).await;
    let row = records.auction(id).await.unwrap().unwrap();
    assert_eq!((row.item.pictures, row.pictures), (pictures(&[1, 2]), vec![picture(1), picture(2)]));
    assert_eq!(records.auction(plain).await.unwrap().unwrap().pictures, []);

    let page = || Page { cursor: None, limit: 9 };
    let cards = |rows: Vec<ListingRow>| -> Vec<_> {
        rows.into_iter().map(|row| (row.auction, row.picture)).collect()
    };
    let listed = async || cards(records.listings(Search::default(), page()).await.unwrap().items);
    house.follow().await;
    assert_eq!(listed().await, [(plain, None), (id, card(1))]);
    assert_eq!(cards(records.selling(mina, page()).await.unwrap().items), [(plain, None), (id, card(1))]);

    house.edit_pictures(id, Some(&pictures(&[2, 1])), &[]).await;
    house.follow().await;
    assert_eq!(listed().await, [(plain, None), (id, card(2))]);
    let renamed = Picture { alt: "새 글".to_owned(), ..pictures(&[2]).remove(0) };
    house.edit_pictures(id, Some(&[renamed]), &[]).await;
    house.follow().await;
    let worded = CardPicture { alt: "새 글".to_owned(), ..card(2).unwrap() };
    assert_eq!(listed().await, [(plain, None), (id, Some(worded.clone()))]);

    house.bid(joon, id, 1_000).await;
    house.edit_pictures(id, None, &pictures(&[3])).await;
    house.follow().await;
    let row = records.auction(id).await.unwrap().unwrap();
    assert_eq!(numbers(&row.pictures), [2, 3]);
    assert_eq!(listed().await[1].1, Some(worded.clone()));
    let bidding = records.bidding(joon, page()).await.unwrap().items;
    assert_eq!(bidding[0].picture, Some(worded.clone()));

    let cancel = Command::Cancel { by: Hand::Seller(mina), reason: Some("다시 올려요".to_owned()) };
    house.command(id, cancel).await;
    let again = Listing { again: Some(id), ..with(mina, "원목 의자", pictures(&[3])) };
    let next = house.list_as(again).await;
    house.edit_pictures(next, Some(&[]), &[]).await;
    house.follow().await;
    let old = records.auction(id).await.unwrap().unwrap();
    assert_eq!((numbers(&old.pictures), old.item.pictures[0].alt.as_str()), (vec![2, 3], "새 글"));
    assert_eq!(listed().await, [(next, None), (plain, None), (id, Some(worded.clone()))]);
    let of_item = records.auctions_of(old.auction.item, page()).await.unwrap().items;
    assert_eq!(cards(of_item), [(next, None), (id, Some(worded))]);
}

/// An upload goes once its member uses it no more, and the picture once nobody has it; until its bytes are gone it cannot come.
pub async fn sweeping(house: &House<'_>) {
    let records = house.records;
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    for (member, number) in [(mina, 1), (mina, 2), (mina, 3), (joon, 3), (mina, 4)] {
        assert_eq!(house.upload(member, number).await, Ok(()));
    }
    let chair = house.list_as(with(mina, "원목 의자", pictures(&[1, 3]))).await;
    let upload = |number, member| Upload { address: address(number), member };
    let unused = [upload(2, mina), upload(3, joon), upload(4, mina)];
    for limit in [1, 2, 100] {
        assert_eq!(house.unused(LATER, limit).await, unused, "pages of {limit}");
    }
    assert_eq!(house.unused(NOW, 9).await, [], "none is from before");
    let torn = Page { cursor: Some("가.1".to_owned()), limit: 9 };
    assert_eq!(records.unused_pictures(LATER, torn).await.unwrap().items, []);

    let remove =
        async |number, member, before| records.remove_picture(upload(number, member), before).await.unwrap();
    assert!(!remove(1, mina, LATER).await, "it is shown");
    assert!(!remove(2, mina, NOW).await, "it is not old enough");
    assert!(!remove(2, joon, LATER).await, "he has none");
    assert!(remove(3, joon, LATER).await && remove(2, mina, LATER).await);
    assert!(!remove(2, mina, LATER).await, "it is gone");
    for (number, member, is_there) in [(2, mina, false), (3, joon, false), (3, mina, true)] {
        let his = records.uploaded_picture(upload(number, member)).await.unwrap();
        assert_eq!(his.is_some(), is_there, "{number} {member:?}");
    }
    assert_eq!(
        numbers(&records.pictures(&[1, 2, 3].map(address)).await.unwrap()),
        [1, 3],
        "mina has it still"
    );
    assert_eq!(house.upload(joon, 2).await, Err(PictureRefused::Going));

    let claim = async |now| records.claim_pictures(now, 9).await.unwrap();
    let again = LATER.plus(CLAIMED_FOR);
    assert_eq!(claim(LATER).await, [address(2)]);
    assert_eq!(claim(LATER.plus(Span(CLAIMED_FOR.0 - 1))).await, [[0; 32]; 0], "another is at it");
    assert_eq!(claim(again).await, [address(2)]);
    let forget = async |number, at| records.forget_picture(address(number), at).await.unwrap();
    assert!(!forget(2, LATER).await, "claimed by another since");
    assert!(!forget(1, again).await, "never claimed");
    assert_eq!(house.upload(joon, 2).await, Err(PictureRefused::Going));
    assert!(forget(2, again).await);
    assert_eq!(house.upload(joon, 2).await, Ok(()));
    assert_eq!(numbers(&records.pictures(&[address(2)]).await.unwrap()), [2]);

    // Bytes that no picture is known of are claimed in the same way, and never those of one that there is.
    let strays =
        async |now| records.claim_strays(&[address(2), address(90), address(91)], now).await.unwrap();
    let mut claimed = strays(LATER).await;
    claimed.sort_unstable();
    assert_eq!(claimed, [address(90), address(91)]);
    assert_eq!(strays(LATER).await, [[0; 32]; 0], "another is at it");
    assert_eq!(house.upload(joon, 90).await, Err(PictureRefused::Going));
    assert!(forget(90, LATER).await);
    assert_eq!(house.upload(joon, 90).await, Ok(()));
    assert_eq!(claim(again).await, [address(91)], "whoever never returned is followed by another");
    assert!(forget(91, again).await);
    assert!(remove(90, joon, LATER).await);
    assert_eq!(claim(LATER).await, [address(90)]);
    assert!(forget(90, LATER).await);

    // What only an old auction shows stays; what an edit took out goes.
    let cancel = Command::Cancel { by: Hand::Seller(mina), reason: None };
    house.command(chair, cancel).await;
    let again = Listing { again: Some(chair), ..with(mina, "원목 의자", pictures(&[4])) };
    let next = house.list_as(again).await;
    assert_eq!(house.unused(LATER, 9).await, [upload(2, joon)]);
    assert!(!remove(1, mina, LATER).await);
    house.edit_pictures(next, Some(&[]), &[]).await;
    assert_eq!(house.unused(LATER, 9).await, [upload(2, joon), upload(4, mina)]);
    // Uploaded once more it is young again.
    assert_eq!(house.upload_at(mina, picture(4), LATER).await, Ok(()));
    assert!(!remove(4, mina, LATER).await);
}
