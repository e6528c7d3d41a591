//! The suite on a real S3-compatible service, and what binds an upload there. `./check s3` starts the service.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

mod sample;
mod suite;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use auction::{Span, Time};
use jiff::Timestamp;
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use sample::{bytes, clock, name};
use sha2::{Digest, Sha256};
use store::{Clock, Failure};
use store_blobs::{BlobName, Blobs, Limits, PresignedUpload, S3Settings, Secret, Settings, Upload};
use url::Url;

const BUCKET: &str = "pictures";
const REGION: &str = "us-east-1";

/// What the step says about its service. Without it there is nothing to test, and that is a failure.
fn said(word: &str) -> String {
    let name = format!("NEIGHBORBID_TEST_S3_{word}");
    std::env::var(&name).unwrap_or_else(|_| panic!("{name} is not set: run `./check s3`"))
}

fn settings(case: &str) -> S3Settings {
    S3Settings {
        endpoint: said("ENDPOINT"),
        region: REGION.into(),
        bucket: BUCKET.into(),
        key_id: said("KEY_ID"),
        secret: Secret::new(said("SECRET")),
        path_style: true,
        prefix: format!("tests/{case}"),
    }
}

fn open_with(settings: S3Settings, clock: Clock) -> Blobs {
    Blobs::open(&Settings::S3(settings), Limits::default(), clock).unwrap()
}

/// An empty place of its own in the bucket, which is made if it is not there.
async fn open(case: &str) -> (Blobs, ()) {
    let bucket = Bucket::new(Url::parse(&said("ENDPOINT")).unwrap(), UrlStyle::Path, BUCKET, REGION).unwrap();
    let credentials = Credentials::new(said("KEY_ID"), said("SECRET"));
    let now = Timestamp::from_microsecond(clock()().0).unwrap();
    let url = bucket.create_bucket(&credentials).sign_with_time(Duration::from_secs(60), &now);
    let status = send("PUT", url.as_str(), &[("content-length", "0")], b"");
    assert!([200, 409].contains(&status), "no bucket: {status}");
    (open_with(settings(case), clock()), ())
}

suite!(open);

/// Says exactly this to the service, whatever an honest client would say; answers its status.
fn send(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> u16 {
    let url = Url::parse(url).unwrap();
    let (host, port) = (url.host_str().unwrap(), url.port_or_known_default().unwrap());
    let query = url.query().unwrap_or_default();
    let mut said =
        format!("{method} {}?{query} HTTP/1.1\r\nhost: {host}:{port}\r\nconnection: close\r\n", url.path());
    for (name, value) in headers {
        said += &format!("{name}: {value}\r\n");
    }
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

const TYPE: &str = "image/jpeg";
const LENGTH: usize = 5_000;

fn presign(blobs: &Blobs, name: &BlobName, seconds: u64) -> PresignedUpload {
    let upload = Upload {
        name,
        length: LENGTH as u64,
        content_type: TYPE,
        sha256: Sha256::digest(bytes(7, LENGTH)).into(),
        valid_for: Duration::from_secs(seconds),
    };
    blobs.presigned_upload(&upload).unwrap().expect("a service takes uploads")
}

/// One try to use an upload otherwise than it was meant.
struct Try {
    what: &'static str,
    method: &'static str,
    url: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Try {
    fn of(what: &'static str, upload: &PresignedUpload) -> Try {
        let (url, headers) = (upload.url.clone(), upload.headers.clone());
        Try { what, method: "PUT", url, headers, body: bytes(7, LENGTH).to_vec() }
    }

    fn with(mut self, name: &'static str, value: &str) -> Try {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Try {
        self.headers.retain(|(other, _)| *other != name);
        self
    }

    fn at(mut self, change: impl FnOnce(&str) -> String) -> Try {
        let url = change(&self.url);
        assert_ne!(url, self.url, "{}", self.what);
        self.url = url;
        self
    }

    /// Sends `length` bytes, and says so.
    fn long(self, length: usize) -> Try {
        let try_ = self.with("content-length", &length.to_string());
        Try { body: bytes(7, length).to_vec(), ..try_ }
    }

    fn status(&self) -> u16 {
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        send(self.method, &self.url, &headers, &self.body)
    }
}

/// Another letter for the last of a signature.
fn forged(url: &str) -> String {
    let last = if url.ends_with('0') { "1" } else { "0" };
    format!("{}{last}", &url[..url.len() - 1])
}

#[tokio::test]
async fn an_upload_is_what_was_signed() {
    let (blobs, ()) = open("an_upload_is_what_was_signed").await;
    let name = name(1, "upload");
    let upload = presign(&blobs, &name, 60);
    for _ in 0..2 {
        assert_eq!(Try::of("as it was meant", &upload).status(), 200);
        assert_eq!(blobs.get(&name).await.unwrap(), Some(bytes(7, LENGTH)));
    }
}

#[tokio::test]
async fn an_upload_is_nothing_else() {
    let (blobs, ()) = open("an_upload_is_nothing_else").await;
    let name = name(1, "upload");
    let upload = presign(&blobs, &name, 60);
    let other = Sha256::digest(bytes(8, LENGTH));
    let other = data_encoding::BASE64.encode(&other);
    let elsewhere = |url: &str| url.replacen("/upload", "/card.webp", 1);
    let other_bytes = |attempt: Try| Try { body: bytes(8, LENGTH).to_vec(), ..attempt };
    let tries = [
        Try::of("a forged signature", &upload).at(forged),
        Try::of("a longer time", &upload).at(|url| url.replacen("X-Amz-Expires=60", "X-Amz-Expires=600", 1)),
        Try::of("another name", &upload).at(elsewhere),
        Try::of("another bucket", &upload).at(|url| url.replacen("/pictures/", "/others/", 1)),
        Try::of("shorter", &upload).long(LENGTH - 1),
        Try::of("longer", &upload).long(LENGTH + 1),
        Try::of("another type", &upload).with("content-type", "text/html"),
        Try::of("no type", &upload).without("content-type"),
        Try::of("another checksum", &upload).with("x-amz-checksum-sha256", &other),
        other_bytes(Try::of("another checksum and its bytes", &upload).with("x-amz-checksum-sha256", &other)),
        Try::of("no checksum", &upload).without("x-amz-checksum-sha256"),
        other_bytes(Try::of("other bytes", &upload)),
        other_bytes(Try::of("other bytes, said to be unsigned", &upload))
            .with("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
        Try::of("a header that was not signed", &upload).with("x-amz-acl", "public-read"),
        Try { method: "DELETE", ..Try::of("removing", &upload) },
        Try { method: "POST", ..Try::of("posting", &upload) },
    ];
    let taken: Vec<_> = tries
        .iter()
        .map(|one| (one.what, one.status()))
        .filter(|(_, status)| !(400..500).contains(status))
        .collect();
    assert_eq!(taken, [], "refused is only what the service calls the client's fault");
    assert_eq!(blobs.list(None, 10).await.unwrap(), [], "and nothing of it is there");
}

#[tokio::test]
async fn an_upload_has_its_time() {
    let (now, _) = open("an_upload_has_its_time").await;
    let earlier = |seconds: i64| -> Clock {
        let clock = clock();
        Arc::new(move || Time(clock().0).minus(Span::seconds(seconds)))
    };
    let name = name(1, "upload");
    for (ago, valid_for, taken) in [(61, 60, false), (3_599, 3_500, false), (30, 60, true)] {
        let blobs = open_with(settings("an_upload_has_its_time"), earlier(ago));
        let status = Try::of("late", &presign(&blobs, &name, valid_for)).status();
        assert_eq!(status == 200, taken, "made {ago} s ago for {valid_for} s: {status}");
        assert_eq!(now.get(&name).await.unwrap().is_some(), taken);
    }
}

#[tokio::test]
async fn who_has_no_right_gets_nothing() {
    let case = "who_has_no_right_gets_nothing";
    let (blobs, ()) = open(case).await;
    let name = name(1, "a");
    blobs.put(&name, bytes(1, 10)).await.unwrap();
    let old: Clock = Arc::new(|| Time(1_577_836_800_000_000));
    let strangers = [
        (
            "a wrong secret",
            open_with(S3Settings { secret: Secret::new("guessed"), ..settings(case) }, clock()),
        ),
        ("a wrong key", open_with(S3Settings { key_id: "nobody".into(), ..settings(case) }, clock())),
        ("a wrong time", open_with(settings(case), old)),
        ("no bucket", open_with(S3Settings { bucket: "nowhere".into(), ..settings(case) }, clock())),
    ];
    for (who, stranger) in strangers {
        let rejected = |answer: store::Result<()>, what: &str| {
            assert!(matches!(answer, Err(Failure::Rejected { .. })), "{who}, {what}: {answer:?}");
        };
        rejected(stranger.get(&name).await.map(drop), "get");
        rejected(stranger.put(&name, bytes(2, 10)).await, "put");
        rejected(stranger.list(None, 10).await.map(drop), "list");
        rejected(stranger.remove(&name).await, "remove");
    }
    assert_eq!(blobs.get(&name).await.unwrap(), Some(bytes(1, 10)));
}

/// Two houses in one bucket do not see each other, and neither sees what else is there.
#[tokio::test]
async fn a_prefix_is_a_place_of_its_own() {
    let (one, ()) = open("a_prefix").await;
    let (other, ()) = open("a_prefix/other").await;
    one.put(&name(1, "a"), bytes(1, 10)).await.unwrap();
    other.put(&name(2, "a"), bytes(2, 10)).await.unwrap();
    assert_eq!(one.list(None, 10).await.unwrap().len(), 1);
    assert_eq!(other.list(None, 10).await.unwrap().len(), 1);
    assert_eq!(one.get(&name(2, "a")).await.unwrap(), None);
}
