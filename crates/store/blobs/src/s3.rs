//! Blobs in a bucket of S3-compatible storage: each call is a signed address, asked over one pool of connections.
//!
//! Every call here may be made again, as a name means the same bytes; so one that failed for a moment is, twice at most.

mod line;

use std::fmt;
use std::time::Duration;

use auction::Time;
use bytes::Bytes;
use hyper::{Method, StatusCode};
use jiff::Timestamp;
use rusty_s3::actions::ListObjectsV2;
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use sha2::{Digest, Sha256};
use store::{Clock, Failure, Result};
use url::Url;

use crate::failure::{Fault, refused};
use crate::s3::line::{Answer, Line};
use crate::upload::{CHECKSUM, checksum};
use crate::{BLOB_BYTES_MAX, BlobName, Limits, Listed, PresignedUpload, S3Settings, Upload};

/// How often a call is made at most, the first time among them.
const TRIES_MAX: u32 = 3;
/// By how much longer each next try is waited for.
const PAUSE_GROWS: u64 = 4;
/// How long the house's own signatures hold: as far as a service lets clocks differ.
const SIGNED_FOR: Duration = Duration::from_secs(15 * 60);
/// How many pages of strangers' objects are passed over for one page of blobs.
const STRANGE_PAGES_MAX: usize = 100;
/// How many bytes a list of a thousand names, or the words about an error, have at most.
const WORDS_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Said of what the house writes itself; who serves it knows better.
const CONTENT_TYPE: &str = "application/octet-stream";

/// An open bucket.
pub struct S3 {
    bucket: Bucket,
    credentials: Credentials,
    /// Empty, or ends with `/`.
    prefix: String,
    clock: Clock,
    limits: Limits,
    line: Line,
}

impl S3 {
    pub fn open(settings: &S3Settings, limits: Limits, clock: Clock) -> Result<S3> {
        let doing = "reading the settings of the storage";
        let endpoint = Url::parse(&settings.endpoint).map_err(|_| refused(doing, "its address is none"))?;
        let bare = endpoint.username().is_empty()
            && endpoint.password().is_none()
            && endpoint.query().is_none()
            && endpoint.fragment().is_none();
        let whole = [&settings.region, &settings.bucket, &settings.key_id].iter().all(|word| is_word(word));
        if !bare {
            return Err(refused(doing, "its address has more than a host, a port and a path"));
        }
        if !whole || settings.secret.reveal().is_empty() {
            return Err(refused(doing, "the region, the bucket, the key or its secret is missing"));
        }
        let prefix = settings.prefix.trim_end_matches('/');
        if !prefix.is_empty() && !prefix.split('/').all(is_word) {
            return Err(refused(doing, "the prefix is not words with `/` between them"));
        }
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        let style = if settings.path_style { UrlStyle::Path } else { UrlStyle::VirtualHost };
        let line = Line::to(&endpoint, limits)?;
        let bucket = Bucket::new(endpoint, style, settings.bucket.clone(), settings.region.clone())
            .map_err(|error| Failure::Rejected { doing, source: Box::new(error) })?;
        let credentials = Credentials::new(settings.key_id.as_str(), settings.secret.reveal());
        Ok(S3 { bucket, credentials, prefix, clock, limits, line })
    }

    pub async fn put(&self, name: &BlobName, bytes: Bytes, doing: &'static str) -> Result<()> {
        let key = self.key(name);
        let mut action = self.bucket.put_object(Some(&self.credentials), &key);
        let headers = vec![
            ("content-length", bytes.len().to_string()),
            ("content-type", CONTENT_TYPE.to_owned()),
            (CHECKSUM, checksum(&Sha256::digest(&bytes).into())),
        ];
        bind(&mut action, &headers);
        let url = action.sign_with_time(SIGNED_FOR, &self.now(doing)?);
        let answer = self.ask(Method::PUT, &url, &headers, bytes, WORDS_BYTES_MAX, doing).await?;
        answer.succeeded().map_err(|fault| fault.failure(doing))
    }

    pub async fn get(&self, name: &BlobName, doing: &'static str) -> Result<Option<Bytes>> {
        let key = self.key(name);
        let action = self.bucket.get_object(Some(&self.credentials), &key);
        let url = action.sign_with_time(SIGNED_FOR, &self.now(doing)?);
        let answer = self.ask(Method::GET, &url, &[], Bytes::new(), BLOB_BYTES_MAX, doing).await?;
        if answer.is_no_such_key() {
            return Ok(None);
        }
        answer.succeeded().map_err(|fault| fault.failure(doing))?;
        Ok(Some(answer.body))
    }

    pub async fn remove(&self, name: &BlobName, doing: &'static str) -> Result<()> {
        let key = self.key(name);
        let action = self.bucket.delete_object(Some(&self.credentials), &key);
        let url = action.sign_with_time(SIGNED_FOR, &self.now(doing)?);
        let answer = self.ask(Method::DELETE, &url, &[], Bytes::new(), WORDS_BYTES_MAX, doing).await?;
        if answer.is_no_such_key() {
            return Ok(());
        }
        answer.succeeded().map_err(|fault| fault.failure(doing))
    }

    pub async fn list(
        &self,
        after: Option<&BlobName>,
        limit: usize,
        doing: &'static str,
    ) -> Result<Vec<Listed>> {
        let after = after.map(|name| self.key(name));
        let mut token: Option<String> = None;
        for _ in 0..STRANGE_PAGES_MAX {
            let mut action = self.bucket.list_objects_v2(Some(&self.credentials));
            action.with_prefix(self.prefix.as_str());
            action.with_max_keys(limit);
            match (&token, &after) {
                (Some(token), _) => action.with_continuation_token(token.as_str()),
                (None, Some(after)) => action.with_start_after(after.as_str()),
                (None, None) => {}
            }
            let url = action.sign_with_time(SIGNED_FOR, &self.now(doing)?);
            let answer = self.ask(Method::GET, &url, &[], Bytes::new(), WORDS_BYTES_MAX, doing).await?;
            answer.succeeded().map_err(|fault| fault.failure(doing))?;
            let (names, next) = self.read_list(&answer.body).map_err(|fault| fault.failure(doing))?;
            token = next;
            if !names.is_empty() || token.is_none() {
                return Ok(names);
            }
        }
        Err(refused(doing, "there is far too much else under its prefix"))
    }

    pub fn presigned_upload(&self, upload: &Upload<'_>) -> Result<PresignedUpload> {
        let headers = upload.headers()?;
        let key = self.key(upload.name);
        let mut action = self.bucket.put_object(Some(&self.credentials), &key);
        bind(&mut action, &headers);
        let now = self.now("presigning an upload")?;
        let url = action.sign_with_time(upload.valid_for, &now).into();
        Ok(PresignedUpload { url, headers })
    }

    /// Asks, and asks again while what went wrong may pass.
    async fn ask(
        &self,
        method: Method,
        url: &Url,
        headers: &[(&'static str, String)],
        body: Bytes,
        bytes_max: u64,
        doing: &'static str,
    ) -> Result<Answer> {
        let mut pause_ms = self.limits.pause_ms;
        for tried in 1.. {
            let answer = self.line.ask(&method, url, headers, body.clone(), bytes_max).await;
            let fault = match answer.map(|answer| (answer.passing_fault(), answer)) {
                Ok((None, answer)) => return Ok(answer),
                Ok((Some(fault), _)) | Err(fault) => fault,
            };
            if tried >= TRIES_MAX || !fault.passes() {
                return Err(fault.failure(doing));
            }
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
            pause_ms = pause_ms.saturating_mul(PAUSE_GROWS);
        }
        Err(refused(doing, "it was tried without end"))
    }

    /// The blobs of one page of a list, and where the next begins.
    fn read_list(&self, body: &[u8]) -> std::result::Result<(Vec<Listed>, Option<String>), Fault> {
        let text = std::str::from_utf8(body).map_err(|_| Fault::Unreadable("a list that is no text"))?;
        let list = ListObjectsV2::parse_response(text)
            .map_err(|_| Fault::Unreadable("a list that is not what S3 calls one"))?;
        let mut names = Vec::new();
        for object in &list.contents {
            let name = object.key.strip_prefix(self.prefix.as_str()).and_then(BlobName::parse);
            let Some(name) = name else { continue };
            let written = object.last_modified.as_deref().and_then(|text| text.parse::<Timestamp>().ok());
            let written = written.ok_or(Fault::Unreadable("a list without times"))?;
            names.push(Listed { name, written: Time(written.as_microsecond()) });
        }
        Ok((names, list.next_continuation_token))
    }

    fn key(&self, name: &BlobName) -> String {
        format!("{}{name}", self.prefix)
    }

    fn now(&self, doing: &'static str) -> Result<Timestamp> {
        let Time(microseconds) = (self.clock)();
        Timestamp::from_microsecond(microseconds)
            .map_err(|error| Failure::Unavailable { doing, source: Box::new(error) })
    }
}

impl fmt::Debug for S3 {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.bucket.base_url().as_str();
        out.debug_struct("S3").field("bucket", &address).field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// Signs these headers too: whoever sends others is refused.
fn bind<'a>(action: &mut impl S3Action<'a>, headers: &[(&'static str, String)]) {
    for (name, value) in headers {
        action.headers_mut().insert(*name, value.clone());
    }
}

/// Letters, digits and what stands between them in names; it begins with a letter or a digit.
fn is_word(text: &str) -> bool {
    let allowed = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'.' | b'_' | b'-');
    text.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric()) && text.bytes().all(allowed)
}

impl Answer {
    /// What is wrong with it that may pass, so that asking again is worth it.
    fn passing_fault(&self) -> Option<Fault> {
        self.succeeded().err().filter(Fault::passes)
    }

    fn succeeded(&self) -> std::result::Result<(), Fault> {
        if self.status.is_success() {
            return Ok(());
        }
        Err(Fault::Status { status: self.status, code: self.code().unwrap_or("-").to_owned() })
    }

    /// There is no such object; that there is no such bucket is something else, and an error.
    fn is_no_such_key(&self) -> bool {
        self.status == StatusCode::NOT_FOUND && self.code() == Some("NoSuchKey")
    }

    /// The word in `<Code>`. Nothing else of an error is looked at: the rest repeats what was signed.
    fn code(&self) -> Option<&str> {
        let text = std::str::from_utf8(&self.body).ok()?;
        let (_, rest) = text.split_once("<Code>")?;
        let (code, _) = rest.split_once("</Code>")?;
        let plain = code.len() <= 64 && code.bytes().all(|letter| letter.is_ascii_alphanumeric());
        plain.then_some(code)
    }
}
