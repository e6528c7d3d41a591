//! What a service may answer, and what becomes of it: a service that is played, one answer a connection.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

mod sample;

use std::error::Error;
use std::fmt::Write;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use sample::{bytes, clock, name};
use store::{Failure, Result};
use store_blobs::{BLOB_BYTES_MAX, Blobs, Limits, S3Settings, Secret, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

const NO_SUCH_KEY: &str = "<Error><Code>NoSuchKey</Code></Error>";
const NO_SUCH_BUCKET: &str = "<Error><Code>NoSuchBucket</Code></Error>";

/// What a line begins with that begins with TLS.
const TLS: char = '\u{16}';

/// Plays a service: the answers one after another, then the last again.
struct Played {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

impl Played {
    async fn start(answers: Vec<Vec<u8>>) -> Played {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = JoinSet::new();
        let heard = Arc::clone(&asked);
        tasks.spawn(async move {
            let mut silent = Vec::new();
            for at in 0.. {
                let (mut stream, _) = listener.accept().await.unwrap();
                let text = hear(&mut stream).await;
                heard.lock().unwrap().push(text);
                let answer = &answers[answers.len().min(at + 1) - 1];
                if answer.is_empty() {
                    silent.push(stream);
                } else {
                    drop(stream.write_all(answer).await);
                    drop(stream.shutdown().await);
                }
            }
        });
        Played { port, asked, _tasks: tasks }
    }

    fn blobs(&self, limits: Limits) -> Blobs {
        Blobs::open(&Settings::S3(settings(&format!("http://127.0.0.1:{}", self.port))), limits, clock())
            .unwrap()
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

/// Reads one request with its body.
async fn hear(stream: &mut TcpStream) -> String {
    let mut heard = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&heard).to_lowercase();
        if text.starts_with(TLS) {
            return text;
        }
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.split_once("content-length: ").map_or("0", |(_, rest)| rest);
            let length: usize = length.lines().next().unwrap_or("0").parse().unwrap();
            if body.len() >= length {
                return text;
            }
        }
        let count = stream.read(&mut buffer).await.unwrap_or(0);
        if count == 0 {
            return text;
        }
        heard.extend_from_slice(&buffer[..count]);
    }
}

fn settings(endpoint: &str) -> S3Settings {
    S3Settings {
        endpoint: endpoint.into(),
        region: "here".into(),
        bucket: "pictures".into(),
        key_id: "house".into(),
        secret: Secret::new("open sesame"),
        path_style: true,
        prefix: "p".into(),
    }
}

fn quick() -> Limits {
    Limits { pause_ms: 1, ..Limits::default() }
}

fn answer(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

/// One word for what came of a call.
fn word<T>(result: &Result<T>) -> &'static str {
    match result {
        Ok(_) => "done",
        Err(Failure::Rejected { .. }) => "rejected",
        Err(Failure::Unavailable { .. }) => "unavailable",
        Err(Failure::Unknown { .. }) => "unknown",
        Err(Failure::Busy) => "busy",
    }
}

#[tokio::test]
async fn what_may_pass_is_asked_three_times_and_all_else_once() {
    let ok = || answer("200 OK", "x");
    let table: Vec<(Vec<Vec<u8>>, &str, usize)> = vec![
        (vec![ok()], "done", 1),
        (vec![answer("503 Slow Down", ""), ok()], "done", 2),
        (vec![answer("500 Error", ""), answer("429 Much", ""), ok()], "done", 3),
        (vec![answer("503 Slow Down", "")], "unavailable", 3),
        (vec![answer("408 Late", "")], "unavailable", 3),
        (vec![b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhal".to_vec()], "unavailable", 3),
        (vec![b"who are you".to_vec(), ok()], "done", 2),
        (vec![answer("400 Bad", "")], "rejected", 1),
        (vec![answer("403 No", "")], "rejected", 1),
        (vec![answer("301 Moved", "")], "rejected", 1),
    ];
    for (answers, expected, times) in table {
        let shown = String::from_utf8_lossy(&answers[0]).into_owned();
        for call in ["put", "get", "remove"] {
            let played = Played::start(answers.clone()).await;
            let blobs = played.blobs(quick());
            let came = match call {
                "put" => word(&blobs.put(&name(1, "a"), Bytes::from_static(b"x")).await),
                "get" => word(&blobs.get(&name(1, "a")).await),
                _ => word(&blobs.remove(&name(1, "a")).await),
            };
            assert_eq!((came, played.asked()), (expected, times), "{call}: {shown}");
        }
    }
}

#[tokio::test]
async fn no_object_is_an_answer_and_no_bucket_is_not() {
    for (body, expected) in [(NO_SUCH_KEY, true), (NO_SUCH_BUCKET, false), ("", false), ("<html>", false)] {
        let played = Played::start(vec![answer("404 Not Found", body)]).await;
        let blobs = played.blobs(quick());
        assert_eq!(matches!(blobs.get(&name(1, "a")).await, Ok(None)), expected, "{body}");
        assert_eq!(blobs.remove(&name(1, "a")).await.is_ok(), expected, "{body}");
        assert!(blobs.put(&name(1, "a"), bytes(1, 1)).await.is_err());
    }
}

#[tokio::test]
async fn an_answer_has_an_end() {
    for (over, expected) in [(0, "done"), (1, "rejected")] {
        let long = "x".repeat(usize::try_from(BLOB_BYTES_MAX).unwrap() + over);
        let played = Played::start(vec![answer("200 OK", &long)]).await;
        assert_eq!(word(&played.blobs(quick()).get(&name(1, "a")).await), expected);
        assert_eq!(played.asked(), 1);
    }
}

#[tokio::test]
async fn nobody_waits_without_end() {
    let played = Played::start(vec![Vec::new()]).await;
    let blobs = played.blobs(Limits { try_ms_max: 20, ..quick() });
    assert_eq!(word(&blobs.get(&name(1, "a")).await), "unavailable");

    let blobs = played.blobs(Limits { calls_max: 1, waiting_max: 0, ..quick() });
    let held = name(1, "a");
    let mut first = std::pin::pin!(blobs.get(&held));
    tokio::select! {
        biased;
        answer = &mut first => panic!("nobody answers: {answer:?}"),
        () = std::future::ready(()) => {}
    }
    assert_eq!(word(&blobs.get(&name(2, "a")).await), "busy");
}

#[tokio::test]
async fn nobody_there_is_unavailable() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let place = Settings::S3(settings(&format!("http://127.0.0.1:{port}")));
    let blobs = Blobs::open(&place, quick(), clock()).unwrap();
    assert_eq!(word(&blobs.get(&name(1, "a")).await), "unavailable");
}

/// Where TLS was asked for, nothing is said without it.
#[tokio::test]
async fn tls_is_never_left_out() {
    let played = Played::start(vec![answer("200 OK", "x")]).await;
    let place = Settings::S3(settings(&format!("https://127.0.0.1:{}", played.port)));
    let blobs = Blobs::open(&place, quick(), clock()).unwrap();
    assert_eq!(word(&blobs.get(&name(1, "a")).await), "unavailable");
    let asked = played.asked.lock().unwrap();
    assert!(asked.len() == 3 && asked.iter().all(|heard| heard.starts_with(TLS)), "{asked:?}");
}

#[tokio::test]
async fn no_failure_says_a_secret() {
    let refused = "<Error><Code>SignatureDoesNotMatch</Code><StringToSign>AWS4 X-Amz-Signature</StringToSign>\
        <AWSAccessKeyId>house</AWSAccessKeyId></Error>";
    for text in [answer("403 No", refused), answer("503 No", refused), b"junk".to_vec(), Vec::new()] {
        let played = Played::start(vec![text]).await;
        let blobs = played.blobs(Limits { try_ms_max: 200, ..quick() });
        let failure = blobs.get(&name(1, "a")).await.unwrap_err();
        let mut said = format!("{blobs:?} {failure:?}");
        let mut next: Option<&dyn Error> = Some(&failure);
        while let Some(error) = next {
            write!(said, " {error}").unwrap();
            next = error.source();
        }
        let secret =
            ["sesame", "Amz-Signature", "X-Amz", "AWS4", "house"].iter().find(|word| said.contains(*word));
        assert_eq!(secret, None, "{said}");
    }
}

const PAGE: &str =
    r#"<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">"#;

fn page(keys: &[(&str, &str)], next: Option<&str>) -> Vec<u8> {
    let mut body = PAGE.to_owned();
    for (key, time) in keys {
        write!(body, "<Contents><Key>{key}</Key>{time}<Size>1</Size></Contents>").unwrap();
    }
    write!(body, "<IsTruncated>{}</IsTruncated>", next.is_some()).unwrap();
    if let Some(next) = next {
        write!(body, "<NextContinuationToken>{next}</NextContinuationToken>").unwrap();
    }
    answer("200 OK", &(body + "</ListBucketResult>"))
}

#[tokio::test]
async fn a_list_passes_over_strangers_and_believes_nothing_else() {
    const TIME: &str = "<LastModified>2026-11-22T01:02:03.000Z</LastModified>";
    let key = format!("p/{}", name(1, "a"));
    let strangers = page(&[("p/README", TIME), ("q/x", TIME)], Some("on"));
    let table: Vec<(Vec<Vec<u8>>, &str, usize, usize)> = vec![
        (vec![page(&[], None)], "done", 0, 1),
        (vec![page(&[(&key, TIME), ("p/README", "")], None)], "done", 1, 1),
        (vec![strangers.clone(), page(&[(&key, TIME)], Some("more"))], "done", 1, 2),
        (vec![strangers.clone(), page(&[], None)], "done", 0, 2),
        (vec![strangers], "rejected", 0, 100),
        (vec![page(&[(&key, "")], None)], "rejected", 0, 1),
        (vec![page(&[(&key, "<LastModified>today</LastModified>")], None)], "rejected", 0, 1),
        (vec![answer("200 OK", "<html></html>")], "rejected", 0, 1),
        (vec![answer("200 OK", "")], "rejected", 0, 1),
    ];
    for (answers, expected, count, times) in table {
        let shown = String::from_utf8_lossy(&answers[0]).into_owned();
        let played = Played::start(answers).await;
        let list = played.blobs(quick()).list(None, 10).await;
        assert_eq!((word(&list), played.asked()), (expected, times), "{shown}");
        assert_eq!(list.map_or(0, |list| list.len()), count, "{shown}");
    }
}

#[tokio::test]
async fn settings_that_cannot_be_right_are_refused() {
    let good = || settings("https://storage.test/path");
    let table: Vec<(S3Settings, bool)> = vec![
        (good(), true),
        (S3Settings { prefix: String::new(), ..good() }, true),
        (S3Settings { prefix: "a/b.c/".into(), ..good() }, true),
        (S3Settings { prefix: "../a".into(), ..good() }, false),
        (S3Settings { prefix: "a//b".into(), ..good() }, false),
        (S3Settings { prefix: "/a".into(), ..good() }, false),
        (S3Settings { path_style: false, ..good() }, true),
        (S3Settings { path_style: false, ..settings("http://127.0.0.1:1") }, false),
        (settings("storage.test"), false),
        (settings("ftp://storage.test"), false),
        (settings("https://house:sesame@storage.test"), false),
        (settings("https://storage.test?a=b"), false),
        (settings("https://storage.test#a"), false),
        (settings(""), false),
        (S3Settings { region: String::new(), ..good() }, false),
        (S3Settings { bucket: String::new(), ..good() }, false),
        (S3Settings { bucket: "a/b".into(), ..good() }, false),
        (S3Settings { bucket: "..".into(), ..good() }, false),
        (S3Settings { key_id: String::new(), ..good() }, false),
        (S3Settings { secret: Secret::new(""), ..good() }, false),
    ];
    for (settings, taken) in table {
        let shown = format!("{settings:?}");
        let opened = Blobs::open(&Settings::S3(settings), quick(), clock());
        assert_eq!(word(&opened.map_err(no_secret)), if taken { "done" } else { "rejected" }, "{shown}");
    }
}

fn no_secret(failure: Failure) -> Failure {
    assert!(!format!("{failure:?}").contains("sesame"), "{failure:?}");
    failure
}
