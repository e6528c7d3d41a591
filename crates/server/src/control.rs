//! Control: commands that change a running house speak to it over a Unix socket in its folder; without a running house
//! they take the folder's lock and do the same to the store at rest.
//!
//! One request a connection: a line of JSON in, a line of JSON out. Whoever may open the folder may use it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use ledger::MemberId;
use live::Hub;
use serde::{Deserialize, Serialize};
use store::records::Member;
use store::{Act, ActKind, Clock, Records};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use web::password::{Change, Passwords};

use crate::folder::control_socket;

/// The longest request, in bytes.
const REQUEST_BYTES_MAX: u64 = 16_384;

/// How long a request may take, from its first byte to its answer.
const REQUEST_WITHIN: Duration = Duration::from_secs(10);

/// How long to rest after a request that failed, so that a broken socket does not keep a processor busy.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(100);

/// Why something was done, where the operator does not say: pages say so in the reader's language.
pub const NO_REASON: &str = "";

/// What may be asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// What the house knows of a member.
    Show {
        /// Who.
        username: String,
    },
    /// A new password; every session of the member ends.
    Password {
        /// Who.
        username: String,
        /// The new one.
        password: String,
    },
    /// Suspends, or lifts it.
    Suspend {
        /// Who.
        username: String,
        /// Suspended from now on, or no longer.
        suspended: bool,
        /// Why; the member may read it.
        reason: String,
    },
    /// Makes a member an admin, or none any more.
    Admin {
        /// Who.
        username: String,
        /// An admin from now on, or no longer.
        granted: bool,
    },
}

/// What became of it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Response {
    /// Whether it was done.
    pub done: bool,
    /// What to show.
    pub words: String,
}

/// What carries requests out.
#[derive(Clone)]
pub struct Control {
    /// The store.
    pub records: Arc<dyn Records>,
    /// Where passwords are hashed.
    pub passwords: Arc<Passwords>,
    /// Whose sockets must hear that a session has ended; none for a store at rest.
    pub hub: Option<Arc<Hub>>,
    /// When things are done.
    pub clock: Clock,
}

impl Control {
    /// Carries out one request.
    pub async fn carry_out(&self, request: Request) -> Response {
        let said = match request {
            Request::Show { username } => self.show(&username).await,
            Request::Password { username, password } => self.set_password(&username, password).await,
            Request::Suspend { username, suspended, reason } => {
                self.suspend(&username, suspended, reason).await
            }
            Request::Admin { username, granted } => self.set_admin(&username, granted).await,
        };
        match said {
            Ok(words) => Response { done: true, words },
            Err(error) => Response { done: false, words: format!("{error:#}") },
        }
    }

    async fn member(&self, username: &str) -> Result<Member> {
        let found = self.records.credentials(username).await?;
        Ok(found.with_context(|| format!("there is no member {username:?}"))?.0)
    }

    async fn show(&self, username: &str) -> Result<String> {
        let member = self.member(username).await?;
        let wallet = self.records.wallet(member.id).await?.wallet;
        Ok(format!(
            "member {} {:?} ({}), {}, {} won in the wallet",
            member.id.0,
            member.nickname,
            member.username,
            standing(&member),
            // How it is divided would tell how high he bids at most, which is nobody's but his.
            wallet.available.won() + wallet.held.won()
        ))
    }

    async fn set_password(&self, username: &str, password: String) -> Result<String> {
        let member = self.member(username).await?;
        if let Some(fault) = web::password::fault(&password, username) {
            anyhow::bail!("the password is {}", fault.replace('_', " "));
        }
        let hash = self.passwords.hash(&password).await;
        let hash = hash.map_err(|_| anyhow::anyhow!("the password could not be hashed"))?;
        let change = Change { member: member.id, hash, known: None, keep: None };
        anyhow::ensure!(
            change.make(&*self.records, self.hub.as_deref()).await?,
            "there is no member {username:?} any more"
        );
        Ok(format!("{username} has a new password and is signed out everywhere"))
    }

    async fn suspend(&self, username: &str, suspended: bool, reason: String) -> Result<String> {
        let member = self.member(username).await?;
        if suspended {
            self.records.suspend(member.id, self.act(ActKind::Suspended, member.id, reason)).await?;
        } else {
            self.records.restore(member.id, self.act(ActKind::Restored, member.id, reason)).await?;
        }
        let now = if suspended { "is suspended" } else { "is in good standing" };
        Ok(format!("{username} {now}"))
    }

    async fn set_admin(&self, username: &str, granted: bool) -> Result<String> {
        let member = self.member(username).await?;
        let kind = if granted { ActKind::Granted } else { ActKind::Revoked };
        let act = self.act(kind, member.id, NO_REASON.to_owned());
        self.records.set_admin(member.id, granted, act).await?;
        Ok(format!("{username} is {} admin", if granted { "an" } else { "no" }))
    }

    /// What the operator does himself.
    fn act(&self, kind: ActKind, member: MemberId, reason: String) -> Act {
        let at = (self.clock)();
        Act {
            admin: None,
            kind,
            member: Some(member),
            auction: None,
            order: None,
            withdrawal: None,
            reason,
            at,
        }
    }

    /// Listens until `stopping`, and says in the log if it cannot.
    pub async fn listen_in(self, folder: PathBuf, stopping: CancellationToken) {
        if let Err(error) = self.listen(&folder, stopping).await {
            tracing::error!(
                error = format!("{error:#}"),
                "no control socket: commands need the house to stop first"
            );
        }
    }

    /// One request at a time is plenty.
    async fn listen(self, folder: &Path, stopping: CancellationToken) -> Result<()> {
        let path = control_socket(folder);
        // The folder's lock is ours, so whatever lies there is left from a process that has ended.
        let _ = std::fs::remove_file(&path);
        let listener =
            UnixListener::bind(&path).with_context(|| format!("listening on {}", path.display()))?;
        while let Some(accepted) = stopping.run_until_cancelled(listener.accept()).await {
            let served = async { timeout(REQUEST_WITHIN, self.serve(accepted?.0)).await? };
            if let Some(Err(error)) = stopping.run_until_cancelled(served).await {
                tracing::warn!(error = format!("{error:#}"), "a control request failed");
                tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
            }
        }
        let _ = std::fs::remove_file(&path);
        Ok(())
    }

    async fn serve(&self, stream: UnixStream) -> Result<()> {
        let (reader, mut writer) = stream.into_split();
        let mut line = String::new();
        BufReader::new(reader.take(REQUEST_BYTES_MAX)).read_line(&mut line).await?;
        let response = match serde_json::from_str(&line) {
            Ok(request) => self.carry_out(request).await,
            Err(error) => Response { done: false, words: format!("not understood: {error}") },
        };
        let mut answer = serde_json::to_string(&response)?;
        answer.push('\n');
        writer.write_all(answer.as_bytes()).await?;
        Ok(())
    }
}

fn standing(member: &Member) -> &'static str {
    match (member.suspended, member.is_admin) {
        (true, _) => "suspended",
        (false, true) => "in good standing, an admin",
        (false, false) => "in good standing",
    }
}

/// Asks the house that runs on the folder; `None` if none does.
///
/// # Errors
/// If it runs but does not answer.
pub async fn ask(folder: &Path, request: &Request) -> Result<Option<Response>> {
    let Ok(mut stream) = UnixStream::connect(control_socket(folder)).await else { return Ok(None) };
    let mut line = serde_json::to_string(request)?;
    line.push('\n');
    stream.write_all(line.as_bytes()).await?;
    let mut answer = String::new();
    let mut reader = BufReader::new(stream.take(REQUEST_BYTES_MAX));
    timeout(2 * REQUEST_WITHIN, reader.read_line(&mut answer))
        .await
        .context("the running house does not answer")??;
    Ok(Some(serde_json::from_str(&answer).context("reading the running house's answer")?))
}
