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
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// A mail server on this machine.
pub struct MailServer {
    pub address: SocketAddr,
    letters: Arc<Mutex<Vec<String>>>,
    refusals: Arc<Mutex<VecDeque<&'static str>>>,
    _tasks: JoinSet<()>,
}

impl MailServer {
    pub async fn open() -> MailServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (letters, refusals) = (Arc::default(), Arc::<Mutex<VecDeque<&'static str>>>::default());
        let (kept, refusing) = (Arc::clone(&letters), Arc::clone(&refusals));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut lines = JoinSet::new();
            loop {
                let (line, _) = listener.accept().await.unwrap();
                lines.spawn(receive(line, Arc::clone(&kept), Arc::clone(&refusing)));
            }
        });
        MailServer { address, letters, refusals, _tasks: tasks }
    }

    pub fn mailer(&self) -> Arc<web::settings::Mailer> {
        let server = format!("smtp://{}", self.address);
        Arc::new(web::settings::Mailer::new(&server, "NeighborBid <notices@market.example>").unwrap())
    }

    /// What came, with folded headers on one line.
    pub fn letters(&self) -> Vec<String> {
        self.letters.lock().unwrap().iter().map(|letter| letter.replace("\r\n ", " ")).collect()
    }

    /// Refuses the next receiver with these words.
    pub fn refuse(&self, words: &'static str) {
        self.refusals.lock().unwrap().push_back(words);
    }
}

async fn receive(
    line: TcpStream,
    letters: Arc<Mutex<Vec<String>>>,
    refusals: Arc<Mutex<VecDeque<&'static str>>>,
) {
    let (reading, mut writing) = line.into_split();
    let mut reading = BufReader::new(reading);
    writing.write_all(b"220 here\r\n").await.unwrap();
    let mut said = String::new();
    while {
        said.clear();
        reading.read_line(&mut said).await.unwrap_or(0) > 0
    } {
        let word = said.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer = match word.as_str() {
            "RCPT" => refusals.lock().unwrap().pop_front().unwrap_or("250 ok"),
            "DATA" => {
                writing.write_all(b"354 go on\r\n").await.unwrap();
                let mut letter = String::new();
                while !letter.ends_with("\r\n.\r\n") {
                    assert!(reading.read_line(&mut letter).await.unwrap() > 0, "a letter ends");
                }
                letters.lock().unwrap().push(letter);
                "250 kept"
            }
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        writing.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
    }
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
