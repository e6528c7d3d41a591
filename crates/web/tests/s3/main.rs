//! Uploads straight into S3-compatible storage, through the API and on a real service. `./check s3` starts the service.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]
#![expect(dead_code, reason = "the house is shared with tests that ask more of it")]

#[path = "../it/ask.rs"]
mod ask;
#[path = "../it/described.rs"]
mod described;
#[path = "../it/house.rs"]
mod house;

use std::io::{Cursor, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use auction::{Span, Time};
use data_encoding::HEXLOWER;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use ledger::MemberId;
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::Clock;
use store::records::{NewPicture, PictureRow, UPLOADS_COUNTED_FOR, UPLOADS_UNUSED_MAX, Upload};
use store_blobs::{Blobs, Limits, S3Settings, Secret, Settings};
use url::Url;
use web::darkroom::sweep::SweptBytes;
use web::darkroom::workers::PER_MEMBER_MAX;
use web::limits::PREPARED_UPLOADS_MAX;

use crate::ask::{Answer, refused};
use crate::house::{House, Wishes};

const BUCKET: &str = "houses";
const REGION: &str = "us-east-1";

/// What the step says about its service. Without it there is nothing to test, and that is a failure.
fn said(word: &str) -> String {
    let name = format!("NEIGHBORBID_TEST_S3_{word}");
    std::env::var(&name).unwrap_or_else(|_| panic!("{name} is not set: run `./check s3`"))
}

/// The time of the service, which signatures are held against; houses of tests have a time of their own.
fn clock() -> Clock {
    #[expect(clippy::disallowed_methods, reason = "a real service looks at the real time")]
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros();
    Arc::new(move || Time(i64::try_from(now()).unwrap()))
}

/// A place of its own in the bucket, which is made if it is not there.
fn blobs(case: &str) -> Blobs {
    let bucket = Bucket::new(Url::parse(&said("ENDPOINT")).unwrap(), UrlStyle::Path, BUCKET, REGION).unwrap();
    let credentials = Credentials::new(said("KEY_ID"), said("SECRET"));
    let url = bucket.create_bucket(&credentials).sign(Duration::from_secs(60));
    let status = send("PUT", url.as_str(), &[("content-length".to_owned(), "0".to_owned())], b"");
    assert!([200, 409].contains(&status), "no bucket: {status}");
    let settings = S3Settings {
        endpoint: said("ENDPOINT"),
        region: REGION.into(),
        bucket: BUCKET.into(),
        key_id: said("KEY_ID"),
        secret: Secret::new(said("SECRET")),
        path_style: true,
        prefix: format!("{case}-{}", std::process::id()),
    };
    Blobs::open(&Settings::S3(settings), Limits::default(), clock()).unwrap()
}

/// Says exactly this to the service; answers its status.
fn send(method: &str, url: &str, headers: &[(String, String)], body: &[u8]) -> u16 {
    let url = Url::parse(url).unwrap();
    let (host, port) = (url.host_str().unwrap(), url.port_or_known_default().unwrap());
    let query = url.query().unwrap_or_default();
    let mut said =
        format!("{method} {}?{query} HTTP/1.1\r\nhost: {host}:{port}\r\nconnection: close\r\n", url.path());
    headers.iter().for_each(|(name, value)| said += &format!("{name}: {value}\r\n"));
    let mut stream = TcpStream::connect((host, port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all((said + "\r\n").as_bytes()).unwrap();
    // A service that has refused already may have closed.
    drop(stream.write_all(body));
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer));
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.unwrap_or_else(|| panic!("no answer to {method}: {answer:?}"))
}

/// A picture that differs from every other of another number.
fn painted(number: u8) -> Vec<u8> {
    let picture = RgbImage::from_fn(700, 500, |x, y| Rgb([number, (x % 251) as u8, (y % 241) as u8]));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(picture).write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

/// A house whose pictures lie in the bucket.
struct Shop {
    house: House,
    blobs: Blobs,
}

impl Shop {
    async fn new(case: &str) -> Shop {
        let blobs = blobs(case);
        let house = House::wishing(Wishes { blobs: Some(blobs.clone()), ..Wishes::default() }).await;
        Shop { house, blobs }
    }

    async fn prepare(&self, token: &str, wanted: Value) -> Answer {
        self.house.ask("POST", "/api/v1/pictures/uploads").by(token).json(wanted).send().await
    }

    /// Prepares an upload of these bytes, sends them, and answers what finishes it.
    async fn sent(&self, token: &str, bytes: &[u8]) -> String {
        let prepared = self.prepare(token, wanted(bytes)).await;
        assert_eq!(prepared.status, 201, "{}", prepared.text);
        assert_eq!(put(&prepared.body, bytes), 200);
        prepared.body["upload"].as_str().unwrap().to_owned()
    }

    async fn finish(&self, token: &str, upload: &str) -> Answer {
        let upload = json!({ "upload": upload });
        self.house.ask("POST", "/api/v1/pictures").by(token).json(upload).send().await
    }

    /// How many blobs are renditions, and how many are uploads as they were sent.
    async fn lying(&self) -> (usize, usize) {
        let all = self.blobs.list(None, 1_000).await.unwrap();
        let sent = all.iter().filter(|listed| listed.name.parts().1.starts_with("upload.")).count();
        (all.len() - sent, sent)
    }
}

fn wanted(bytes: &[u8]) -> Value {
    json!({"bytes": bytes.len(), "content_type": "image/jpeg", "sha256": HEXLOWER.encode(&Sha256::digest(bytes))})
}

/// Sends these bytes as the answer says.
fn put(prepared: &Value, bytes: &[u8]) -> u16 {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let headers = prepared["headers"].as_array().unwrap().iter();
    let headers: Vec<_> = headers.map(|header| (text(&header["name"]), text(&header["value"]))).collect();
    send(&text(&prepared["method"]), &text(&prepared["url"]), &headers, bytes)
}

#[tokio::test]
async fn what_was_sent_into_the_storage_becomes_a_picture() {
    let shop = Shop::new("becomes").await;
    let (_, seller) = shop.house.member("seller").await;
    let (_, thief) = shop.house.member("thief").await;
    let bytes = painted(1);
    let prepared = shop.prepare(&seller, wanted(&bytes)).await;
    assert_eq!(prepared.status, 201, "{}", prepared.text);
    let upload = prepared.body["upload"].as_str().unwrap();
    refused(&shop.finish(&seller, upload).await, 404, "upload_not_found");
    let mut others = bytes.clone();
    others[40] ^= 1;
    assert!((400..500).contains(&put(&prepared.body, &others)), "other bytes were not signed");
    refused(&shop.finish(&seller, upload).await, 404, "upload_not_found");
    assert_eq!(put(&prepared.body, &bytes), 200);
    refused(&shop.finish(&thief, upload).await, 404, "upload_not_found");

    let made = shop.finish(&seller, upload).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.body["address"], upload);
    assert_eq!(made.body["width"], 700);
    let page = format!("http://{}{}", shop.house.address, made.body["sizes"][2]["jpeg"].as_str().unwrap());
    let shown = tokio::task::spawn_blocking(move || send("GET", &page, &[], b"")).await.unwrap();
    assert_eq!(shown, 200);
    assert_eq!(shop.lying().await, (6, 0), "nothing is left of the upload itself");
    shop.house.auction(&seller, json!({"pictures": [{"address": upload}]})).await;
}

#[tokio::test]
async fn whom_the_answer_did_not_reach_may_ask_again() {
    let shop = Shop::new("again").await;
    let (id, seller) = shop.house.member("seller").await;
    let (_, thief) = shop.house.member("thief").await;
    let bytes = painted(5);
    let upload = shop.sent(&seller, &bytes).await;
    let (made, other) = tokio::join!(shop.finish(&seller, &upload), shop.finish(&seller, &upload));
    for again in [other, shop.finish(&seller, &upload).await, shop.finish(&seller, &upload).await] {
        assert_eq!((again.status, &again.body), (201, &made.body), "{}", again.text);
        assert_eq!(again.headers["location"], made.headers["location"]);
    }
    assert_eq!(shop.lying().await, (6, 0));
    refused(&shop.finish(&thief, &upload).await, 404, "upload_not_found");
    // Sent once more, it is the same picture, and nothing is left of it.
    assert_eq!(shop.sent(&seller, &bytes).await, upload);
    assert_eq!(shop.finish(&seller, &upload).await.body, made.body);
    assert_eq!(shop.lying().await, (6, 0));

    let upload = Upload { address: Sha256::digest(&bytes).into(), member: MemberId(id) };
    assert!(shop.house.records.remove_picture(upload, shop.house.now().plus(Span::days(1))).await.unwrap());
    let again = shop.finish(&seller, made.body["address"].as_str().unwrap()).await;
    refused(&again, 404, "upload_not_found");
}

#[tokio::test]
async fn what_found_no_room_is_finished_later() {
    let shop = Shop::new("room").await;
    let (id, seller) = shop.house.member("seller").await;
    let (records, member, now) = (&shop.house.records, MemberId(id), shop.house.now());
    let bytes = painted(6);
    let upload = shop.sent(&seller, &bytes).await;

    // All of his places are taken.
    let workers = shop.house.state.darkroom.workers();
    let held: Vec<_> = (0..PER_MEMBER_MAX).map(|_| workers.enter(member, None)).collect();
    refused(&shop.finish(&seller, &upload).await, 503, "busy");
    assert_eq!(shop.lying().await, (0, 1));
    drop(held);

    // The same bytes are just being taken away.
    let address = Sha256::digest(&bytes).into();
    assert_eq!(records.claim_strays(&[address], now).await.unwrap(), [address]);
    refused(&shop.finish(&seller, &upload).await, 503, "busy");
    assert_eq!(shop.lying().await.1, 1);
    assert!(records.forget_picture(address, now).await.unwrap());

    // He has too many that he uses for nothing.
    for number in 0..UPLOADS_UNUSED_MAX {
        let address = Sha256::digest(number.to_le_bytes()).into();
        let picture = PictureRow { address, width: 1, height: 1, colour: 0, sizes: 1, bytes: 1 };
        assert_eq!(records.keep_picture(NewPicture { picture, member, at: now }).await.unwrap(), Ok(()));
    }
    refused(&shop.finish(&seller, &upload).await, 429, "too_many_uploads");
    assert_eq!(shop.lying().await.1, 1);

    shop.house.pass(UPLOADS_COUNTED_FOR);
    let made = shop.finish(&seller, &upload).await;
    assert_eq!((made.status, &made.body["address"]), (201, &json!(upload)), "{}", made.text);
    assert_eq!(shop.lying().await, (6, 0));
}

#[tokio::test]
async fn what_is_no_picture_is_refused_and_removed() {
    let shop = Shop::new("refused").await;
    let (_, seller) = shop.house.member("seller").await;
    let whole = painted(2);
    for (bytes, code) in [
        (&b"<html><script>alert(1)</script></html>"[..], "not_a_picture"),
        (&whole[..whole.len() / 2], "damaged"),
    ] {
        let upload = shop.sent(&seller, bytes).await;
        assert_eq!(shop.lying().await, (0, 1), "{code}");
        refused(&shop.finish(&seller, &upload).await, 422, code);
        assert_eq!(shop.lying().await, (0, 0), "{code}");
        refused(&shop.finish(&seller, &upload).await, 404, "upload_not_found");
    }
}

#[tokio::test]
async fn what_may_be_prepared_is_bounded() {
    let shop = Shop::new("bounded").await;
    let (_, seller) = shop.house.member("seller").await;
    let with = |name: &str, value: Value| {
        let mut wanted = wanted(b"x");
        wanted[name] = value;
        wanted
    };
    for (wanted, status, code) in [
        (with("bytes", json!(12 * 1024 * 1024 + 1)), 413, "too_large_bytes"),
        (with("bytes", json!(0)), 422, "invalid"),
        (with("content_type", json!("text/html")), 422, "invalid"),
        (with("content_type", json!("image/svg+xml")), 422, "invalid"),
        (with("sha256", json!("ab")), 422, "invalid"),
        (json!({}), 422, "invalid"),
    ] {
        refused(&shop.prepare(&seller, wanted).await, status, code);
    }
    let stranger = shop.house.ask("POST", "/api/v1/pictures/uploads").json(wanted(b"x")).send().await;
    refused(&stranger, 401, "unauthenticated");
    for number in 0..PREPARED_UPLOADS_MAX {
        let prepared = shop.prepare(&seller, wanted(&number.to_le_bytes())).await;
        assert_eq!(prepared.status, 201, "{number}: {}", prepared.text);
    }
    refused(&shop.prepare(&seller, wanted(b"x")).await, 429, "rate_limited");
}

/// The house's time is far after that of the service, so all that lies there is old.
#[tokio::test]
async fn what_nobody_finishes_is_swept_away() {
    let shop = Shop::new("swept").await;
    let (_, seller) = shop.house.member("seller").await;
    let kept = shop.sent(&seller, &painted(3)).await;
    assert_eq!(shop.finish(&seller, &kept).await.status, 201);
    let left = shop.sent(&seller, &painted(4)).await;
    // The same file as one that is kept: it is no picture's either.
    shop.sent(&seller, &painted(3)).await;
    assert_eq!(shop.lying().await, (6, 2));
    let swept = shop.house.state.darkroom.sweep_bytes(&|| shop.house.now()).await.unwrap();
    assert_eq!(swept, SweptBytes { strays: 0, unfinished: 2, failed: 0 });
    assert_eq!(shop.lying().await, (6, 0));
    refused(&shop.finish(&seller, &left).await, 404, "upload_not_found");
}
