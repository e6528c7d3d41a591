//! Pictures over the API: uploaded, refused, listed in their order, shown for ever, taken away when nobody uses them.

use std::io::Cursor;

use auction::Span;
use data_encoding::HEXLOWER;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::records::{CLAIMED_FOR, NewPicture, PictureRow, UPLOADS_KEPT, UPLOADS_UNUSED_MAX};
use web::darkroom::sweep::SweptBytes;
use web::darkroom::workers::{PER_MEMBER_MAX, WAITING_MAX};

use crate::ask::{Answer, refused};
use crate::house::House;

/// A picture that differs from every other of another number.
pub fn painted(number: u8, width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| Rgb([number, (x % 251) as u8, (y % 241) as u8]));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(picture).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

async fn upload(house: &House, token: &str, bytes: Vec<u8>) -> Answer {
    let ask = house.ask("POST", "/api/v1/pictures").by(token).header("content-type", "image/jpeg");
    ask.bytes(bytes).send().await
}

/// The address of a new picture.
pub async fn uploaded(house: &House, token: &str, number: u8) -> String {
    let answer = upload(house, token, painted(number, 400, 300, ImageFormat::Png)).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.body["address"].as_str().unwrap().to_owned()
}

fn alts(auction: &Value) -> Vec<&str> {
    auction["pictures"].as_array().unwrap().iter().map(|one| one["alt"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_upload_becomes_sizes_that_are_kept_for_ever() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let made = upload(&house, &seller, painted(200, 800, 600, ImageFormat::Jpeg)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!((&made.body["width"], &made.body["height"]), (&json!(800), &json!(600)));
    let sizes = made.body["sizes"].as_array().unwrap();
    let widths: Vec<_> = sizes.iter().map(|size| size["width"].as_i64().unwrap()).collect();
    assert_eq!(widths, [320, 640, 800]);
    for size in sizes {
        for (encoding, kind, begin) in
            [("webp", "image/webp", &b"RIFF"[..]), ("jpeg", "image/jpeg", &[0xff, 0xd8])]
        {
            let path = size[encoding].as_str().unwrap();
            let shown = raw(&house, path, &[]).await;
            assert!(shown.starts_with(b"HTTP/1.1 200"), "{path}");
            let (head, body) = split(&shown);
            assert!(body.starts_with(begin), "{path}");
            for line in [
                &format!("content-type: {kind}"),
                "cache-control: public, max-age=31536000, immutable",
                "x-content-type-options: nosniff",
                "content-security-policy: default-src 'none'; sandbox; frame-ancestors 'none'",
            ] {
                assert!(head.lines().any(|said| said == line), "{line} of {path} in\n{head}");
            }
            let etag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
            let again = raw(&house, path, &[("if-none-match", etag)]).await;
            assert!(again.starts_with(b"HTTP/1.1 304") && split(&again).1.is_empty(), "{path}");
        }
    }
    let same = upload(&house, &seller, painted(200, 800, 600, ImageFormat::Jpeg)).await;
    assert_eq!((same.status, &same.body), (201, &made.body));
}

/// What a house answers to a GET, to the byte: pictures are no text.
pub async fn raw(house: &House, path: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut said = format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", house.address);
    headers.iter().for_each(|(name, value)| said += &format!("{name}: {value}\r\n"));
    let mut stream = tokio::net::TcpStream::connect(house.address).await.unwrap();
    stream.write_all((said + "\r\n").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    answer
}

pub fn split(answer: &[u8]) -> (String, &[u8]) {
    let at = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    (String::from_utf8(answer[..at].to_vec()).unwrap(), &answer[at + 4..])
}

#[tokio::test]
async fn what_is_no_picture_is_refused_by_its_content() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let png = painted(1, 400, 300, ImageFormat::Png);
    let too_many = {
        // The header of a PNG of 60,000 × 60,000; nothing behind it is looked at.
        let mut bomb = png.clone();
        bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
        let crc = crc32(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&crc.to_be_bytes());
        bomb
    };
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec();
    for (name, bytes, status, code) in [
        ("nothing", Vec::new(), 422, "not_a_picture"),
        ("SVG", svg, 422, "not_a_picture"),
        ("GIF", b"GIF89a\x01\x00\x01\x00".to_vec(), 422, "not_a_picture"),
        ("cut off", png[..png.len() / 2].to_vec(), 422, "damaged"),
        ("tiny", painted(2, 31, 40, ImageFormat::Png), 422, "too_small"),
        ("a bomb", too_many, 422, "too_many_pixels"),
        ("too long", vec![0; 12 * 1024 * 1024 + 1], 413, "too_large_bytes"),
    ] {
        let answer = upload(&house, &seller, bytes).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{name}: {}", answer.text);
        refused(&answer, status, code);
    }
    let form = house.ask("POST", "/api/v1/pictures").by(&seller).json(json!({})).send().await;
    refused(&form, 422, "invalid");
    let finished = json!({"upload": "0".repeat(64)});
    let finished = house.ask("POST", "/api/v1/pictures").by(&seller).json(finished).send().await;
    refused(&finished, 409, "uploads_off");
    let wanted = json!({"bytes": 100, "content_type": "image/png", "sha256": "0".repeat(64)});
    let prepared = house.ask("POST", "/api/v1/pictures/uploads").by(&seller).json(wanted).send().await;
    refused(&prepared, 409, "uploads_off");
    refused(&house.ask("POST", "/api/v1/pictures").bytes(png).send().await, 401, "unauthenticated");
    for path in ["/pictures/x/320.webp", &format!("/pictures/{}/320.webp", "0".repeat(64))] {
        assert_eq!(house.ask("GET", path).send().await.status, 404, "{path}");
    }
}

/// As PNG has it.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 },
        )
    })
}

#[tokio::test]
async fn nothing_of_a_polyglot_is_ever_shown() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let payload = b"<html><script>alert(document.cookie)</script></html>";
    let mut jpeg = painted(3, 400, 300, ImageFormat::Jpeg);
    let comment = [&[0xff, 0xfe, 0, (payload.len() + 2) as u8], &payload[..]].concat();
    jpeg.splice(2..2, comment);
    jpeg.extend_from_slice(payload);
    let made = upload(&house, &seller, jpeg).await;
    assert_eq!(made.status, 201, "{}", made.text);
    for size in made.body["sizes"].as_array().unwrap() {
        for encoding in ["webp", "jpeg"] {
            let shown = raw(&house, size[encoding].as_str().unwrap(), &[]).await;
            let (_, body) = split(&shown);
            assert!(!body.windows(7).any(|some| some == b"<script"), "{size}");
        }
    }
}

#[tokio::test]
async fn pictures_are_listed_in_their_order_and_changed_as_a_whole() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let one = uploaded(&house, &seller, 10).await;
    let two = uploaded(&house, &seller, 11).await;
    let three = uploaded(&house, &seller, 12).await;
    let id = house
        .auction(&seller, json!({"pictures": [{"address": two, "alt": "앞"}, {"address": one, "alt": "옆"}]}))
        .await;
    let path = format!("/api/v1/auctions/{id}");
    let shown = house.ask("GET", &path).send().await.body;
    assert_eq!(alts(&shown), ["앞", "옆"]);
    assert_eq!(shown["pictures"][0]["address"], json!(two));
    house.follow().await;
    let list = house.ask("GET", "/api/v1/auctions").send().await.body;
    assert_eq!(list["items"][0]["picture"]["address"], json!(two));

    let patch = |body: Value| house.ask("PATCH", &path).by(&seller).key(&house.state.new_key()).json(body);
    let turned = json!({"terms": 1, "pictures": [{"address": one, "alt": "옆"}, {"address": two}]});
    let answer = patch(turned).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(alts(&house.ask("GET", &path).send().await.body), ["옆", ""]);

    let (_, mira) = house.rich_member("mira", 100_000).await;
    let bid = house.order(&format!("{path}/bids"), &mira, json!({"amount": 5_000, "terms": 2})).send().await;
    assert_eq!(bid.status, 201, "{}", bid.text);
    refused(&patch(json!({"terms": 2, "pictures": []})).send().await, 409, "too_late");
    let added = patch(json!({"terms": 2, "add_pictures": [{"address": three, "alt": "흠집"}]})).send().await;
    assert_eq!(added.status, 200, "{}", added.text);
    assert_eq!(alts(&house.ask("GET", &path).send().await.body), ["옆", "", "흠집"]);
}

#[tokio::test]
async fn nobody_lists_a_picture_that_another_has_uploaded() {
    let house = House::new().await;
    let (_, owner) = house.member("owner").await;
    let (_, thief) = house.member("thief").await;
    let address = uploaded(&house, &owner, 20).await;
    let listing = json!({
        "title": "의자", "description": "", "start_price": 5_000, "ends_at": house.ahead(Span::hours(1)),
        "pictures": [{"address": address}],
    });
    let answer = house.order("/api/v1/auctions", &thief, listing.clone()).send().await;
    refused(&answer, 404, "picture_not_found");
    assert_eq!(answer.body["index"], 0);
    assert_eq!(house.order("/api/v1/auctions", &owner, listing).send().await.status, 201);
}

#[tokio::test]
async fn a_full_queue_is_an_answer() {
    let house = House::new().await;
    let (id, seller) = house.member("seller").await;
    let workers = house.state.darkroom.workers();
    let own: Vec<_> =
        (0..PER_MEMBER_MAX).map(|_| workers.enter(ledger::MemberId(id), None).unwrap()).collect();
    let busy = upload(&house, &seller, painted(30, 400, 300, ImageFormat::Png)).await;
    refused(&busy, 503, "busy");
    assert_eq!(busy.header("retry-after"), "1");
    drop(own);
    let others: Vec<_> = (0..=WAITING_MAX as i64)
        .map(|at| workers.enter(ledger::MemberId(1_000 + at), None).unwrap())
        .collect();
    refused(&upload(&house, &seller, painted(30, 400, 300, ImageFormat::Png)).await, 503, "busy");
    drop(others);
    uploaded(&house, &seller, 30).await;
}

#[tokio::test]
async fn what_nobody_uses_is_swept_away_with_its_bytes() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let used = uploaded(&house, &seller, 40).await;
    let unused = uploaded(&house, &seller, 41).await;
    house.auction(&seller, json!({"pictures": [{"address": used}]})).await;
    let darkroom = &house.state.darkroom;
    house.pass(UPLOADS_KEPT);
    assert_eq!(darkroom.sweep(&|| house.now()).await.unwrap().pictures, 0, "not a moment too early");
    house.pass(Span::seconds(1));
    let swept = darkroom.sweep(&|| house.now()).await.unwrap();
    assert_eq!((swept.uploads, swept.pictures), (1, 1));
    for (address, status) in [(&used, "HTTP/1.1 200"), (&unused, "HTTP/1.1 404")] {
        let shown = raw(&house, &format!("/pictures/{address}/320.webp"), &[]).await;
        assert!(shown.starts_with(status.as_bytes()), "{address}");
    }
    assert_eq!(uploaded(&house, &seller, 41).await, unused, "it may come again");
}

/// Where the house keeps one rendition.
fn file(house: &House, address: &str, form: &str) -> std::path::PathBuf {
    house.pictures().join(&address[..2]).join(&address[2..4]).join(format!("{address}.{form}"))
}

#[tokio::test]
async fn what_cannot_be_removed_does_not_hold_up_the_rest() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let stuck = uploaded(&house, &seller, 80).await;
    let other = uploaded(&house, &seller, 81).await;
    // A folder in its place is no file that could be removed.
    let place = file(&house, &stuck, "320.webp");
    std::fs::remove_file(&place).unwrap();
    std::fs::create_dir(&place).unwrap();
    house.pass(Span(UPLOADS_KEPT.0 + 1));
    let swept = house.state.darkroom.sweep(&|| house.now()).await.unwrap();
    assert_eq!((swept.uploads, swept.pictures, swept.failed), (2, 1, 1));
    assert!(!file(&house, &other, "320.webp").exists() && !file(&house, &stuck, "320.jpg").exists());
    std::fs::remove_dir(&place).unwrap();
    let again = house.state.darkroom.sweep(&|| house.now()).await.unwrap();
    assert_eq!((again.pictures, again.failed), (0, 0), "it is claimed for a while");
    house.pass(CLAIMED_FOR);
    let last = house.state.darkroom.sweep(&|| house.now()).await.unwrap();
    assert_eq!((last.pictures, last.failed), (1, 0));
}

#[tokio::test]
async fn a_storage_that_does_not_answer_ends_the_sweep() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let mut places = Vec::new();
    for number in [82, 83] {
        let address = uploaded(&house, &seller, number).await;
        // A file in the place of the folder: nothing below it can be looked at.
        let folder = file(&house, &address, "320.webp").parent().unwrap().to_owned();
        std::fs::remove_dir_all(&folder).unwrap();
        std::fs::write(&folder, b"").unwrap();
        places.push(folder);
    }
    house.pass(Span(UPLOADS_KEPT.0 + 1));
    let swept = house.state.darkroom.sweep(&|| house.now()).await.unwrap();
    assert_eq!((swept.uploads, swept.pictures, swept.failed), (2, 0, 1), "the second is not tried");
    for place in places {
        std::fs::remove_file(place).unwrap();
    }
    house.pass(CLAIMED_FOR);
    let last = house.state.darkroom.sweep(&|| house.now()).await.unwrap();
    assert_eq!((last.pictures, last.failed), (2, 0), "both were claimed, and are again");
}

#[tokio::test]
async fn what_is_too_much_leaves_no_bytes() {
    let house = House::new().await;
    let (id, seller) = house.member("seller").await;
    for number in 0..UPLOADS_UNUSED_MAX {
        let mut address = [7; 32];
        address[..8].copy_from_slice(&number.to_be_bytes());
        let picture = PictureRow { address, width: 1, height: 1, colour: 0, sizes: 0, bytes: 0 };
        let new = NewPicture { picture, member: ledger::MemberId(id), at: house.now() };
        assert_eq!(house.records.keep_picture(new).await.unwrap(), Ok(()));
    }
    let bytes = painted(84, 400, 300, ImageFormat::Png);
    let address = HEXLOWER.encode(&Sha256::digest(&bytes));
    refused(&upload(&house, &seller, bytes.clone()).await, 429, "too_many_uploads");
    assert!(!file(&house, &address, "320.webp").exists());
    let (_, other) = house.member("other").await;
    assert_eq!(upload(&house, &other, bytes.clone()).await.status, 201);
    refused(&upload(&house, &seller, bytes).await, 429, "too_many_uploads");
    assert!(file(&house, &address, "320.webp").exists(), "it is another's");
}

/// The house's time is far after that of the disk, so all that lies there is old.
#[tokio::test]
async fn bytes_that_are_being_swept_are_never_a_pictures() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let darkroom = &house.state.darkroom;
    let kept = uploaded(&house, &seller, 90).await;
    let bytes = painted(91, 400, 300, ImageFormat::Png);
    let stray: [u8; 32] = Sha256::digest(&bytes).into();
    let place = file(&house, &HEXLOWER.encode(&stray), "320.webp");
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    std::fs::write(&place, b"what an upload left that broke off").unwrap();

    // Another sweep has claimed them and goes on to remove them: whoever uploads the same must wait for its end.
    assert_eq!(house.records.claim_strays(&[stray], house.now()).await.unwrap(), [stray]);
    refused(&upload(&house, &seller, bytes.clone()).await, 503, "busy");
    assert_eq!(
        darkroom.sweep_bytes(&|| house.now()).await.unwrap(),
        SweptBytes::default(),
        "they are another's"
    );
    assert!(house.records.forget_picture(stray, house.now()).await.unwrap());
    let swept = darkroom.sweep_bytes(&|| house.now()).await.unwrap();
    assert!(swept.strays > 0 && swept.failed == 0, "{swept:?}");
    assert!(!place.exists());

    // Once it is kept no sweep can claim it any more.
    assert_eq!(upload(&house, &seller, bytes).await.status, 201);
    assert_eq!(house.records.claim_strays(&[stray], house.now()).await.unwrap(), [[0; 32]; 0]);
    assert_eq!(darkroom.sweep_bytes(&|| house.now()).await.unwrap(), SweptBytes::default());
    assert!(place.exists() && file(&house, &kept, "320.webp").exists());
}
