//! One conversation with a mail server, step by step, so that it is known whom a refusal means: until a receiver is named,
//! it is the house that is refused; from then on it is the receiver or the letter.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use lettre::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, Tls, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use percent_encoding::percent_decode_str;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::time::timeout;
use url::Url;

use crate::email::MailerInvalid;
use crate::{Fault, SENT_WITHIN};

/// What a server answers whom it does not let in, at whichever step it says so: authentication is required, too weak,
/// wrong, or wants encryption (RFC 4954).
const NOT_LET_IN: [u16; 4] = [530, 534, 535, 538];

/// How long the farewell is waited for.
const FAREWELL_WITHIN: Duration = Duration::from_secs(1);

/// A mail server, and how the house is known there.
pub(crate) struct Server {
    host: String,
    port: u16,
    tls: Tls,
    name: ClientId,
    credentials: Option<Credentials>,
}

impl Server {
    /// The server of an address: `smtps://user:password@host:port/name`, or `smtp://` with `?tls=required`, or without it
    /// on this machine; the name is what the house greets with.
    ///
    /// # Errors
    /// If the address cannot be read, or the password would go over the network in the open.
    pub(crate) fn new(address: &str, pem: Option<&[u8]>) -> Result<Server, MailerInvalid> {
        let url = Url::parse(address).map_err(|_| MailerInvalid::Server)?;
        let host = url.host_str().ok_or(MailerInvalid::Server)?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let parameters = || parameters(bare, pem);
        let (tls, port) = match (url.scheme(), url.query()) {
            ("smtps", _) => (Tls::Wrapper(parameters()?), 465),
            ("smtp", Some("tls=required")) => (Tls::Required(parameters()?), 587),
            ("smtp", Some("tls=opportunistic")) => (Tls::Opportunistic(parameters()?), 587),
            ("smtp", None) => (Tls::None, 25),
            _ => return Err(MailerInvalid::Server),
        };
        let is_safe = matches!(tls, Tls::Wrapper(_) | Tls::Required(_));
        let is_here =
            bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        if !is_safe && !is_here {
            return Err(MailerInvalid::Plain);
        }
        let decoded = |text| percent_decode_str(text).decode_utf8().map_err(|_| MailerInvalid::Server);
        let credentials = match url.password() {
            Some(password) => {
                Some(Credentials::new(decoded(url.username())?.into(), decoded(password)?.into()))
            }
            None => None,
        };
        let name = match url.path().trim_matches('/') {
            "" => ClientId::default(),
            name => ClientId::Domain(name.to_owned()),
        };
        Ok(Server { host: bare.to_owned(), port: url.port().unwrap_or(port), tls, name, credentials })
    }

    /// Has the server take a letter.
    ///
    /// # Errors
    /// [`Fault::House`] if it lets the house not in, [`Fault::Never`] if it refuses the receiver or the letter for good,
    /// else [`Fault::Again`].
    pub(crate) async fn take(&self, letter: &Message) -> Result<(), Fault> {
        let mut line = self.enter().await.map_err(|error| of_the_house(&error))?;
        let taken = hand_over(&mut line, letter).await;
        // What was taken is on its way, however the farewell goes.
        let _ = timeout(FAREWELL_WITHIN, line.abort()).await;
        taken
    }

    /// Connects, encrypts and says who the house is.
    async fn enter(&self) -> Result<AsyncSmtpConnection, Error> {
        let at_once = match &self.tls {
            Tls::Wrapper(parameters) => Some(parameters.clone()),
            Tls::None | Tls::Opportunistic(_) | Tls::Required(_) => None,
        };
        let server = (self.host.as_str(), self.port);
        let within = Some(SENT_WITHIN / 2);
        let mut line = AsyncSmtpConnection::connect_tokio1(server, within, &self.name, at_once, None).await?;
        match &self.tls {
            Tls::Required(parameters) => line.starttls(parameters.clone(), &self.name).await?,
            Tls::Opportunistic(parameters) if line.can_starttls() => {
                line.starttls(parameters.clone(), &self.name).await?;
            }
            Tls::None | Tls::Opportunistic(_) | Tls::Wrapper(_) => {}
        }
        if let Some(credentials) = &self.credentials {
            line.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(line)
    }
}

/// Names sender and receiver and gives the letter away.
async fn hand_over(line: &mut AsyncSmtpConnection, letter: &Message) -> Result<(), Fault> {
    let envelope = letter.envelope();
    let from = Mail::new(envelope.from().cloned(), Vec::new());
    line.command(from).await.map_err(|error| of_the_house(&error))?;
    for to in envelope.to() {
        line.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(|error| of_the_letter(&error))?;
    }
    line.command(Data).await.map_err(|error| of_the_letter(&error))?;
    line.message(&letter.formatted()).await.map_err(|error| of_the_letter(&error))?;
    Ok(())
}

/// What a fault means before a receiver is named.
fn of_the_house(error: &Error) -> Fault {
    if error.is_permanent() { Fault::house(error) } else { Fault::again(error) }
}

/// What a fault means from there on.
fn of_the_letter(error: &Error) -> Fault {
    let is_of_the_house = error.status().is_some_and(|code| NOT_LET_IN.contains(&u16::from(code)));
    match error.is_permanent() {
        true if is_of_the_house => Fault::house(error),
        true => Fault::never(error),
        false => Fault::again(error),
    }
}

/// How TLS is spoken with that server: by its name, and believing the authorities of the machine and of `pem`.
fn parameters(host: &str, pem: Option<&[u8]>) -> Result<TlsParameters, MailerInvalid> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(pem) = pem {
        let authorities: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let authorities = authorities.ok().filter(|found| !found.is_empty());
        for authority in authorities.ok_or(MailerInvalid::Authorities)? {
            let authority =
                Certificate::from_der(authority.to_vec()).map_err(|_| MailerInvalid::Authorities)?;
            builder = builder.add_root_certificate(authority);
        }
    }
    builder.build_rustls().map_err(|_| MailerInvalid::Authorities)
}

impl fmt::Debug for Server {
    /// Without the password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Server")
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}
