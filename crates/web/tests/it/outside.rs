//! What lies outside the house, as tests need it: a mail server that keeps its letters, and a push service with a browser
//! that reads what was encrypted for it.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use data_encoding::BASE64URL_NOPAD;
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::{PublicKey, SecretKey};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, split};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{ServerConfig, crypto};

use crate::authority::Authority;

/// A mail server on this machine.
pub struct MailServer {
    pub address: SocketAddr,
    desk: Arc<Desk>,
    _tasks: JoinSet<()>,
}

/// When a mail server speaks TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encrypted {
    Never,
    /// When it is asked to.
    Asked,
    AtOnce,
}

/// What a mail server keeps and says.
struct Desk {
    letters: Mutex<Vec<String>>,
    /// What it answers the next time somebody says that word.
    refusals: Mutex<VecDeque<(&'static str, &'static str)>>,
    encrypted: Encrypted,
    acceptor: Option<TlsAcceptor>,
}

impl MailServer {
    pub async fn open() -> MailServer {
        MailServer::with(Encrypted::Never, None).await
    }

    /// A server that proves to be the host of that name by what the authority says.
    pub async fn encrypted(encrypted: Encrypted, authority: &Authority, name: &str) -> MailServer {
        let (certificate, key) = authority.server(name);
        let config = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let config = config.with_single_cert(vec![certificate], key).unwrap();
        MailServer::with(encrypted, Some(TlsAcceptor::from(Arc::new(config)))).await
    }

    async fn with(encrypted: Encrypted, acceptor: Option<TlsAcceptor>) -> MailServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (letters, refusals) = (Mutex::default(), Mutex::default());
        let desk = Arc::new(Desk { letters, refusals, encrypted, acceptor });
        let serving = Arc::clone(&desk);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut lines = JoinSet::new();
            loop {
                let (line, _) = listener.accept().await.unwrap();
                lines.spawn(serve(line, Arc::clone(&serving)));
            }
        });
        MailServer { address, desk, _tasks: tasks }
    }

    pub fn mailer(&self) -> Arc<web::settings::Mailer> {
        self.mailer_at(&format!("smtp://{}", self.address), None)
    }

    /// The way to an address of this server, believing these authorities.
    pub fn mailer_at(&self, server: &str, pem: Option<&str>) -> Arc<web::settings::Mailer> {
        let from = "NeighborBid <notices@market.example>";
        Arc::new(web::settings::Mailer::new(server, from, pem.map(str::as_bytes)).unwrap())
    }

    /// What came, with folded headers on one line.
    pub fn letters(&self) -> Vec<String> {
        self.desk.letters.lock().unwrap().iter().map(|letter| letter.replace("\r\n ", " ")).collect()
    }

    /// Refuses the next receiver with these words.
    pub fn refuse(&self, words: &'static str) {
        self.answer("RCPT", words);
    }

    /// Answers the next time somebody says this word of four letters with these words.
    pub fn answer(&self, said: &'static str, words: &'static str) {
        self.desk.refusals.lock().unwrap().push_back((said, words));
    }
}

impl Desk {
    /// What is answered to a word, if not what is usual.
    fn refusal(&self, said: &str) -> Option<&'static str> {
        let mut refusals = self.refusals.lock().unwrap();
        let at = refusals.iter().position(|(word, _)| *word == said)?;
        refusals.remove(at).map(|(_, words)| words)
    }
}

async fn serve(line: TcpStream, desk: Arc<Desk>) {
    let acceptor = desk.acceptor.clone();
    // Who does not believe the server hangs up, and that is all there is to it.
    match (desk.encrypted, acceptor) {
        (Encrypted::AtOnce, Some(acceptor)) => {
            let Ok(line) = acceptor.accept(line).await else { return };
            receive(line, &desk, true).await;
        }
        (_, acceptor) => {
            let Some(line) = receive(line, &desk, false).await else { return };
            let Ok(line) = acceptor.expect("it was asked to encrypt").accept(line).await else { return };
            receive(line, &desk, true).await;
        }
    }
}

/// Speaks until the end, or until it is asked to encrypt the line, which it gives back then. After that nobody is greeted.
async fn receive<L: AsyncRead + AsyncWrite + Unpin>(line: L, desk: &Desk, is_encrypted: bool) -> Option<L> {
    let (reading, mut writing) = split(line);
    let mut reading = BufReader::new(reading);
    if !is_encrypted || desk.encrypted == Encrypted::AtOnce {
        let greeting = desk.refusal("HELO").unwrap_or("220 here");
        writing.write_all(format!("{greeting}\r\n").as_bytes()).await.unwrap();
    }
    let mut said = String::new();
    while {
        said.clear();
        reading.read_line(&mut said).await.unwrap_or(0) > 0
    } {
        let word = said.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer = match (desk.refusal(&word), word.as_str()) {
            (Some(refusal), _) => refusal,
            (None, "EHLO") if desk.encrypted == Encrypted::Asked && !is_encrypted => {
                "250-here\r\n250 STARTTLS"
            }
            (None, "EHLO") => "250-here\r\n250 AUTH PLAIN",
            (None, "STAR") => {
                writing.write_all(b"220 go on\r\n").await.unwrap();
                return Some(reading.into_inner().unsplit(writing));
            }
            (None, "AUTH") => "235 welcome",
            (None, "DATA") => {
                writing.write_all(b"354 go on\r\n").await.unwrap();
                let mut letter = String::new();
                while !letter.ends_with("\r\n.\r\n") {
                    assert!(reading.read_line(&mut letter).await.unwrap() > 0, "a letter ends");
                }
                desk.letters.lock().unwrap().push(letter);
                desk.refusal("KEPT").unwrap_or("250 kept")
            }
            (None, "QUIT") => "221 bye",
            (None, _) => "250 ok",
        };
        if writing.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
            return None;
        }
    }
    None
}

/// A header of a letter.
pub fn header<'a>(letter: &'a str, name: &str) -> Option<&'a str> {
    let head = letter.split("\r\n\r\n").next().unwrap();
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// What a push service was sent.
#[derive(Clone, Debug)]
pub struct Pushed {
    pub path: String,
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

/// A push service on this machine.
pub struct PushService {
    pub address: SocketAddr,
    pushed: Arc<Mutex<Vec<Pushed>>>,
    answers: Arc<Mutex<VecDeque<&'static str>>>,
    _tasks: JoinSet<()>,
}

impl PushService {
    pub async fn open() -> PushService {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (pushed, answers) = (Arc::default(), Arc::<Mutex<VecDeque<&'static str>>>::default());
        let (kept, answering) = (Arc::clone(&pushed), Arc::clone(&answers));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut lines = JoinSet::new();
            loop {
                let (line, _) = listener.accept().await.unwrap();
                lines.spawn(take(line, Arc::clone(&kept), Arc::clone(&answering)));
            }
        });
        PushService { address, pushed, answers, _tasks: tasks }
    }

    pub fn pushed(&self) -> Vec<Pushed> {
        self.pushed.lock().unwrap().clone()
    }

    /// Answers the next push like this: a status, and perhaps a header on a line of its own.
    pub fn answer(&self, answer: &'static str) {
        self.answers.lock().unwrap().push_back(answer);
    }
}

async fn take(line: TcpStream, pushed: Arc<Mutex<Vec<Pushed>>>, answers: Arc<Mutex<VecDeque<&'static str>>>) {
    let (reading, mut writing) = line.into_split();
    let mut reading = BufReader::new(reading);
    let mut said = String::new();
    while {
        said.clear();
        reading.read_line(&mut said).await.unwrap_or(0) > 0
    } {
        let path = said.split(' ').nth(1).unwrap().to_owned();
        let mut headers = HashMap::new();
        loop {
            let mut header = String::new();
            reading.read_line(&mut header).await.unwrap();
            let Some((name, value)) = header.trim_end().split_once(": ") else { break };
            headers.insert(name.to_ascii_lowercase(), value.to_owned());
        }
        let mut body = vec![0; headers["content-length"].parse().unwrap()];
        reading.read_exact(&mut body).await.unwrap();
        pushed.lock().unwrap().push(Pushed { path, headers, body });
        let answer = answers.lock().unwrap().pop_front().unwrap_or("201 Created");
        let answer = format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n");
        writing.write_all(answer.as_bytes()).await.unwrap();
    }
}

/// A browser that has keys.
pub struct PushBrowser {
    private: SecretKey,
    secret: [u8; 16],
    pub endpoint: String,
}

fn uncompressed(key: &PublicKey) -> Vec<u8> {
    key.to_sec1_point(false).as_bytes().to_vec()
}

/// So many bytes of HKDF.
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn derive(salt: &[u8], key: &[u8], info: &[&[u8]], length: usize) -> Vec<u8> {
    let mut derived = vec![0; length];
    Salt::new(HKDF_SHA256, salt)
        .extract(key)
        .expand(info, Length(length))
        .unwrap()
        .fill(&mut derived)
        .unwrap();
    derived
}

impl PushBrowser {
    pub fn new(service: &PushService, number: u8) -> PushBrowser {
        let endpoint = format!("http://{}/send/{number}", service.address);
        PushBrowser { private: SecretKey::from_slice(&[number; 32]).unwrap(), secret: [number; 16], endpoint }
    }

    /// The subscription, as a browser says it.
    pub fn subscription(&self) -> Value {
        let encode = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        let keys = json!({
            "p256dh": encode(&uncompressed(&self.private.public_key())), "auth": encode(&self.secret),
        });
        json!({"endpoint": self.endpoint, "expirationTime": null, "keys": keys})
    }

    /// What a push says, decrypted.
    pub fn read(&self, pushed: &Pushed) -> Value {
        let (salt, rest) = pushed.body.split_at(16);
        assert_eq!((u32::from_be_bytes(rest[..4].try_into().unwrap()), rest[4]), (4_096, 65));
        let (theirs, record) = rest[5..].split_at(65);
        let shared = self.private.diffie_hellman(&PublicKey::from_sec1_bytes(theirs).unwrap());
        let shared: &[u8] = shared.raw_secret_bytes();
        let ours = uncompressed(&self.private.public_key());
        let material = derive(&self.secret, shared, &[b"WebPush: info\0", &ours, theirs], 32);
        let key = derive(salt, &material, &[b"Content-Encoding: aes128gcm\0"], 16);
        let nonce = derive(salt, &material, &[b"Content-Encoding: nonce\0"], 12);
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).unwrap());
        let nonce = Nonce::try_assume_unique_for_key(&nonce).unwrap();
        let mut record = record.to_vec();
        let text = key.open_in_place(nonce, Aad::empty(), &mut record).unwrap();
        let (last, text) = text.split_last().unwrap();
        assert_eq!(*last, 2, "one record, and that the last");
        serde_json::from_slice(text).unwrap()
    }
}
