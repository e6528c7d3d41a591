//! Connections: where the database is, how the way to it is guarded, and how each connection is set up.

mod place;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{self, CryptoProvider};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, RootCertStore, SignatureScheme};
use store::{Failure, Result};
use tokio::task::AbortHandle;
use tokio_postgres::config::{Config, Host, LoadBalanceHosts, SslMode, TargetSessionAttrs};
use tokio_postgres::{Client, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::failure::{Fault, before_commit};
use crate::flight::Asking;

/// How long a connection may take to be made, logged in and set up, whichever of the hosts takes it.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// How long sent bytes may stay unconfirmed before a connection counts as lost.
const CONFIRMED_WITHIN: Duration = Duration::from_secs(10);

/// When a silent connection is first asked whether the other side is still there, how often then, and how many times.
const SILENT_FOR: Duration = Duration::from_secs(10);
const ASKED_EVERY: Duration = Duration::from_secs(3);
const ASKED_TIMES: u32 = 3;

/// The longest a statement of a lane or of a reader may take, in milliseconds, waiting for locks included.
pub const STATEMENT_MS_MAX: u64 = 10_000;

/// The longest a statement waits for a lock, in milliseconds.
pub const LOCK_WAIT_MS_MAX: u64 = 3_000;

/// The longest a transaction may stand open with nothing asked of it, in milliseconds; then its connection ends.
pub const IDLE_IN_TRANSACTION_MS_MAX: u64 = 5_000;

/// The longest that anyone here waits for an answer, in milliseconds; then the connection is let go. Somewhat longer than
/// the server lets a statement take, so that it ends a connection only where the server's own limits did not.
pub const ANSWER_MS_MAX: u64 = STATEMENT_MS_MAX + 5_000;

/// How long the work of a lane's or a reader's connection may take, in milliseconds; the defaults are the constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A statement's wait for a lock.
    pub lock_wait_ms_max: u64,
    /// A statement, waiting included.
    pub statement_ms_max: u64,
    /// A transaction of which nothing is asked.
    pub idle_in_transaction_ms_max: u64,
    /// An answer, from when it was asked for, whatever became of the server; the making of a connection, too.
    pub answer_ms_max: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            lock_wait_ms_max: LOCK_WAIT_MS_MAX,
            statement_ms_max: STATEMENT_MS_MAX,
            idle_in_transaction_ms_max: IDLE_IN_TRANSACTION_MS_MAX,
            answer_ms_max: ANSWER_MS_MAX,
        }
    }
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A lane's rounds.
    Lane,
    /// Whatever `Records` asks, also what it writes.
    Reading,
    /// Bringing the schema up to date, however long that takes.
    Migrating,
    /// Reading every row once or writing every row of an import, however long that takes.
    Copying,
}

/// Where a PostgreSQL is, who logs in, and how the way there is guarded.
#[derive(Clone)]
pub struct Target {
    /// All there is in the address, and each of its hosts alone, in the order in which they are named.
    config: Config,
    hosts: Vec<Config>,
    guard: Guard,
    limits: Limits,
}

impl fmt::Debug for Target {
    /// Where it is, and nothing that may be secret.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hosts, database) = (self.config.get_hosts(), self.config.get_dbname());
        out.debug_struct("Target").field("hosts", &hosts).field("database", &database).finish_non_exhaustive()
    }
}

/// What TLS must prove.
#[derive(Clone)]
enum Guard {
    /// No TLS.
    Plain,
    /// TLS by this configuration; whether the connection may do without it stands in `Config`.
    Tls(Arc<ClientConfig>),
}

impl Target {
    /// Reads `postgres://user:password@host:port/database?sslmode=…`. Several hosts may be named; the first of
    /// them that takes writes is used, so that all who read the same address use the same one. `sslmode` is one of
    /// - `disable`: no TLS;
    /// - `prefer`, the default: TLS if the server has it, whoever the server is;
    /// - `require`: TLS, whoever the server is;
    /// - `verify-full`: TLS with a certificate for that host, signed by an authority that this machine trusts.
    ///
    /// # Errors
    /// `Rejected`, without the address in its words, as that may hold a password.
    pub fn parse(address: &str) -> Result<Target> {
        let doing = "reading the database's address";
        let rejected = |words: &str| Failure::Rejected { doing, source: words.into() };
        if !["postgres://", "postgresql://"].iter().any(|scheme| address.starts_with(scheme)) {
            return Err(rejected("it does not begin with postgres://"));
        }
        let (place, asked) = address.split_once('?').unwrap_or((address, ""));
        let (modes, others): (Vec<&str>, Vec<&str>) =
            asked.split('&').filter(|one| !one.is_empty()).partition(|one| one.starts_with("sslmode="));
        let mut config =
            Config::from_str(&format!("{place}?{}", others.join("&"))).map_err(before_commit(doing))?;
        let mode = modes.last().and_then(|mode| mode.split_once('=')).map_or("prefer", |(_, value)| value);
        let (mode, guard) = match mode {
            "disable" => (SslMode::Disable, Guard::Plain),
            "prefer" => (SslMode::Prefer, Guard::Tls(anyone()?)),
            "require" => (SslMode::Require, Guard::Tls(anyone()?)),
            "verify-full" => (SslMode::Require, Guard::Tls(verified()?)),
            _ => return Err(rejected("sslmode is none of disable, prefer, require, verify-full")),
        };
        config.ssl_mode(mode);
        let hosts = config.get_hosts().len().max(config.get_hostaddrs().len()).max(1);
        let hosts = (0..hosts).map(|at| alone(&config, at)).collect();
        Ok(Target { config, hosts, guard, limits: Limits::default() })
    }

    /// The same with other limits; for tests that cannot wait so long.
    pub fn limited(self, limits: Limits) -> Target {
        Target { limits, ..self }
    }

    /// Makes a connection and sets it up for its purpose. It ends when its client is dropped and no answer is owed.
    ///
    /// # Errors
    /// `Unavailable` while nobody answers there, or nobody who takes writes.
    pub async fn connect(&self, purpose: Purpose) -> Result<Client> {
        self.ask(purpose).await.map(Asking::without_limit)
    }

    /// The same with an end to waiting for each of its answers.
    pub(crate) async fn ask(&self, purpose: Purpose) -> Result<Asking> {
        let doing = "connecting to the database";
        // A host that takes a connection and says nothing must not keep us from the others: each has its share of the time.
        let shares = u32::try_from(self.hosts.len()).unwrap_or(u32::MAX);
        let within = CONNECT_WITHIN.min(self.limits.answer_max()) / shares;
        let mut failure = Failure::Unavailable { doing, source: "no host is named".into() };
        for host in &self.hosts {
            failure = match tokio::time::timeout(within, self.set_up(host, purpose)).await {
                Ok(Ok(asking)) => return Ok(asking),
                // Whatever is wrong on the way there, no data of a round is.
                Ok(Err(fault)) => Failure::Unavailable { doing, source: Box::new(fault) },
                Err(_) => Failure::Unavailable { doing, source: "it took too long".into() },
            };
        }
        Err(failure)
    }

    async fn set_up(&self, host: &Config, purpose: Purpose) -> std::result::Result<Asking, Fault> {
        let mut config = host.clone();
        config.application_name(purpose.name());
        let (client, carrier) = match &self.guard {
            Guard::Plain => {
                let (client, connection) = config.connect(NoTls).await?;
                (client, keep_going(connection))
            }
            Guard::Tls(tls) => {
                let tls = MakeRustlsConnect::new(ClientConfig::clone(tls));
                let (client, connection) = config.connect(tls).await?;
                (client, keep_going(connection))
            }
        };
        let asking = Asking::new(client, carrier, self.limits.answer_max());
        asking.batch(&purpose.settings(&self.limits)).await?;
        Ok(asking)
    }
}

impl Purpose {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Purpose::Lane => "neighborbid lane",
            Purpose::Reading => "neighborbid records",
            Purpose::Migrating => "neighborbid migration",
            Purpose::Copying => "neighborbid copy",
        }
    }

    /// What every connection is told first. A plan made while tables are empty must be the one for full tables, so a
    /// lane's may only use indexes, whatever is in the tables when it is made.
    fn settings(self, limits: &Limits) -> String {
        let durable = "SET default_transaction_isolation = 'read committed'; SET synchronous_commit = on; SET jit = off";
        match self {
            Purpose::Lane => format!(
                "{durable}; SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
                 SET enable_bitmapscan = off; SET plan_cache_mode = force_generic_plan; {}",
                limits.settings()
            ),
            Purpose::Reading => format!("{durable}; {}", limits.settings()),
            Purpose::Migrating => {
                format!("{durable}; SET lock_timeout = 0; SET statement_timeout = 0")
            }
            // Between two batches the other side may write for as long as its disk needs.
            Purpose::Copying => format!(
                "{durable}; SET lock_timeout = {LOCK_WAIT_MS_MAX}; SET statement_timeout = 0; \
                 SET idle_in_transaction_session_timeout = 0"
            ),
        }
    }
}

impl Limits {
    /// What the server is told. It looks after its end of a connection as we do after ours, for one that stands in a send
    /// to a node that is frozen or cut off is ended by no limit of statements, and holds its rows' locks.
    fn settings(&self) -> String {
        let Limits { lock_wait_ms_max, statement_ms_max, idle_in_transaction_ms_max, .. } = self;
        format!(
            "SET lock_timeout = {lock_wait_ms_max}; SET statement_timeout = {statement_ms_max}; \
             SET idle_in_transaction_session_timeout = {idle_in_transaction_ms_max}; \
             SET tcp_user_timeout = {}; SET tcp_keepalives_idle = {}; SET tcp_keepalives_interval = {}; \
             SET tcp_keepalives_count = {ASKED_TIMES}",
            CONFIRMED_WITHIN.as_millis(),
            SILENT_FOR.as_secs(),
            ASKED_EVERY.as_secs()
        )
    }

    pub(crate) fn answer_max(&self) -> Duration {
        Duration::from_millis(self.answer_ms_max)
    }
}

/// The same with one host only, the one that is named so many places behind the first.
fn alone(all: &Config, at: usize) -> Config {
    let mut one = Config::new();
    match all.get_hosts().get(at) {
        Some(Host::Tcp(name)) => _ = one.host(name),
        #[cfg(unix)]
        Some(Host::Unix(path)) => _ = one.host_path(path),
        None => {}
    }
    if let Some(address) = all.get_hostaddrs().get(at) {
        one.hostaddr(*address);
    }
    // One port alone is that of all hosts.
    let ports = all.get_ports();
    if let Some(port) = ports.get(at).or(ports.first()) {
        one.port(*port);
    }
    if let Some(user) = all.get_user() {
        one.user(user);
    }
    if let Some(password) = all.get_password() {
        one.password(password);
    }
    if let Some(name) = all.get_dbname() {
        one.dbname(name);
    }
    if let Some(options) = all.get_options() {
        one.options(options);
    }
    one.ssl_mode(all.get_ssl_mode())
        .ssl_negotiation(all.get_ssl_negotiation())
        .channel_binding(all.get_channel_binding())
        .load_balance_hosts(LoadBalanceHosts::Disable)
        .tcp_user_timeout(CONFIRMED_WITHIN)
        .keepalives(true)
        .keepalives_idle(SILENT_FOR)
        .keepalives_interval(ASKED_EVERY)
        .keepalives_retries(ASKED_TIMES)
        .target_session_attrs(TargetSessionAttrs::ReadWrite);
    one
}

/// Lets a connection do its work beside whoever holds its client.
fn keep_going<S, T>(connection: tokio_postgres::Connection<S, T>) -> AbortHandle
where
    tokio_postgres::Connection<S, T>: Future<Output = std::result::Result<(), tokio_postgres::Error>>,
    S: Send + 'static,
    T: Send + 'static,
{
    let work = async move {
        if let Err(error) = connection.await {
            tracing::warn!(error = %Fault::from(error), "a connection to the database was lost");
        }
    };
    #[expect(clippy::disallowed_methods, reason = "its owner is the client: the task ends with it")]
    tokio::spawn(work).abort_handle()
}

/// TLS that proves who the server is.
fn verified() -> Result<Arc<ClientConfig>> {
    let doing = "reading the certificates this machine trusts";
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (taken, _) = roots.add_parsable_certificates(found.certs);
    if taken == 0 {
        let words = "none was found, and sslmode=verify-full needs one";
        return Err(Failure::Unavailable { doing, source: words.into() });
    }
    let config = protocol()?.with_root_certificates(roots).with_no_client_auth();
    Ok(Arc::new(config))
}

/// TLS against listeners only: it takes any certificate.
fn anyone() -> Result<Arc<ClientConfig>> {
    let verifier = Arc::new(Anyone(Arc::new(crypto::ring::default_provider())));
    let config = protocol()?.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
    Ok(Arc::new(config))
}

fn protocol() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>> {
    let builder = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()));
    builder
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::Unavailable { doing: "setting up TLS", source: Box::new(error) })
}

/// Takes any certificate, but only from whoever holds its key.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        crypto::verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        crypto::verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    #[track_caller]
    fn check(address: &str, expected: std::result::Result<(SslMode, bool), &str>) {
        let read = Target::parse(address)
            .map(|target| (target.config.get_ssl_mode(), matches!(target.guard, Guard::Tls(_))));
        let read = read.map_err(|failure| {
            let (mut words, mut cause) = (String::new(), failure.source());
            while let Some(one) = cause {
                words += &one.to_string();
                cause = one.source();
            }
            words
        });
        match (read, expected) {
            (Ok(read), Ok(expected)) => assert_eq!(read, expected, "{address}"),
            (Err(words), Err(part)) => assert!(words.contains(part), "{words}"),
            (read, _) => panic!("{address}: {read:?}"),
        }
    }

    #[test]
    fn addresses_say_how_the_way_is_guarded() {
        for scheme in ["postgres", "postgresql"] {
            check(&format!("{scheme}://me:secret@db/market"), Ok((SslMode::Prefer, true)));
        }
        check("postgres://me@db/market?sslmode=disable", Ok((SslMode::Disable, false)));
        check("postgres://me@db/market?sslmode=prefer", Ok((SslMode::Prefer, true)));
        check("postgres://me@db,other:5433/market?sslmode=require", Ok((SslMode::Require, true)));
        check(
            "postgres://me@db/market?options=-c%20jit%3Doff&sslmode=disable",
            Ok((SslMode::Disable, false)),
        );
        check("postgres://me@db/market?sslmode=allow", Err("sslmode is none of"));
        check("postgres://me@db/market?sslmode=", Err("sslmode is none of"));
        check("mysql://me@db/market", Err("does not begin with postgres://"));
        check("postgres://me:secret@db/market?nonsense=1", Err("nonsense"));
    }

    #[test]
    fn what_is_wrong_with_an_address_is_said_without_its_password() {
        for address in ["postgres://me:secret@db:no/x", "my://me:secret@db", "postgres://me:secret@db?a=b"] {
            let failure = Target::parse(address).err().unwrap();
            assert!(!format!("{failure:?}").contains("secret"), "{failure:?}");
        }
    }
}
