//! E-mail: a letter in two forms over SMTP. What members have written stands in the subject and the body only, where it can
//! neither add a header nor a receiver.

use lettre::address::AddressError;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};
use tokio::time::timeout;

use crate::smtp::Server;
use crate::{Fault, SENT_WITHIN};

/// The most characters of a header's line; a subject is far shorter.
const LINE_CHARS_MAX: usize = 300;

/// A letter to one receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// To whom.
    pub to: String,
    /// What it is about, on one line.
    pub subject: String,
    /// What it says, as plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// Its own name, the same when it is sent again: letters, digits, dots and dashes.
    pub name: String,
    /// Where one request ends all such letters; none in a letter that was asked for.
    pub unsubscribe: Option<String>,
}

/// The way to a mail server.
pub struct Mailer {
    server: Server,
    from: Mailbox,
}

/// Why there is no way to that mail server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailerInvalid {
    /// The address of the server cannot be read.
    #[error("smtp_url looks like smtps://user:password@host or smtp://user:password@host?tls=required")]
    Server,
    /// The password would go over the network in the open.
    #[error("smtp_url is without TLS beyond this machine: say smtps:// or ?tls=required")]
    Plain,
    /// The authorities beside those of the machine cannot be read.
    #[error("mail_ca is a file of certificates in PEM")]
    Authorities,
    /// The sender's address cannot be read.
    #[error("mail_from looks like notices@market.example or NeighborBid <notices@market.example>")]
    From,
}

impl std::fmt::Debug for Mailer {
    /// Without the password.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Mailer").field("from", &self.from).finish_non_exhaustive()
    }
}

impl Mailer {
    /// The way to this server, in the name of this sender. It connects when it is first used. What the authorities of
    /// `pem` say of the server is believed as well as what those of the machine say.
    ///
    /// # Errors
    /// If one of them cannot be used.
    pub fn new(server: &str, from: &str, pem: Option<&[u8]>) -> Result<Mailer, MailerInvalid> {
        let server = Server::new(server, pem)?;
        let from: Mailbox = from.parse().map_err(|_| MailerInvalid::From)?;
        if !from.email.to_string().is_ascii() {
            return Err(MailerInvalid::From);
        }
        Ok(Mailer { server, from })
    }

    /// Sends a letter: once the server has taken it, it is on its way.
    ///
    /// # Errors
    /// [`Fault::Never`] if the receiver is no address or the server refuses him or the letter for good, [`Fault::House`] if
    /// it refuses the house, else [`Fault::Again`].
    pub async fn send(&self, letter: &Letter) -> Result<(), Fault> {
        let message = self.message(letter)?;
        match timeout(SENT_WITHIN, self.server.take(&message)).await {
            Ok(sent) => sent,
            Err(_) => Err(Fault::again("the mail server was silent")),
        }
    }

    fn message(&self, letter: &Letter) -> Result<Message, Fault> {
        let to: Address = letter.to.parse().map_err(|error: AddressError| Fault::never(error))?;
        let domain = self.from.email.domain();
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(on_one_line(&letter.subject))
            .message_id(Some(format!("<{}@{domain}>", plain(&letter.name))))
            .header(AutoSubmitted);
        if let Some(address) = &letter.unsubscribe {
            message = message.header(ListUnsubscribe(format!("<{}>", on_one_line(address)))).header(OneClick);
        }
        let both = MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone());
        message.multipart(both).map_err(Fault::never)
    }
}

impl Letter {
    /// Whether that is the address of one mailbox, and no more than 254 characters, as mail servers take it.
    pub fn is_address(text: &str) -> bool {
        text.len() <= 254
            && text.is_ascii()
            && text.parse::<Address>().is_ok_and(|address| address.domain().contains('.'))
    }
}

/// A line of a header: what would end it becomes a space.
fn on_one_line(text: &str) -> String {
    text.chars().take(LINE_CHARS_MAX).map(|one| if one.is_control() { ' ' } else { one }).collect()
}

/// Only what a name is made of.
fn plain(name: &str) -> String {
    name.chars().filter(|one| one.is_ascii_alphanumeric() || matches!(one, '.' | '-')).collect()
}

/// So that nobody's holiday answers it (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

/// Where to unsubscribe (RFC 2369).
#[derive(Clone)]
struct ListUnsubscribe(String);

/// That one request there does it (RFC 8058).
#[derive(Clone)]
struct OneClick;

type Parsed<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Parsed<Self> {
        Ok(AutoSubmitted)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl Header for ListUnsubscribe {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe")
    }

    fn parse(text: &str) -> Parsed<Self> {
        Ok(ListUnsubscribe(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

impl Header for OneClick {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe-Post")
    }

    fn parse(_: &str) -> Parsed<Self> {
        Ok(OneClick)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "List-Unsubscribe=One-Click".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: &str = "NeighborBid <notices@market.example>";

    fn letter(to: &str, subject: &str) -> Letter {
        Letter {
            to: to.to_owned(),
            subject: subject.to_owned(),
            text: "의자\n.\nQUIT".to_owned(),
            html: "<p>의자</p>".to_owned(),
            name: "notice-7\r\nX: y".to_owned(),
            unsubscribe: Some(
                "https://market.example/unsubscribe/1.a\r\nBcc: evil@market.example".to_owned(),
            ),
        }
    }

    #[test]
    fn nothing_that_is_written_adds_a_header() {
        let mailer = Mailer::new("smtp://127.0.0.1:2525", FROM, None).unwrap();
        for subject in [
            "의자\r\nBcc: evil@market.example",
            "a\nTo: x@y.example",
            "a\r\n\r\nbody",
            "\u{0}\u{1b}[2J",
            &"가".repeat(500),
        ] {
            let bytes = mailer.message(&letter("mina@market.example", subject)).unwrap().formatted();
            assert!(bytes.is_ascii(), "any server takes it");
            let text = String::from_utf8(bytes).unwrap();
            let (headers, _) = text.split_once("\r\n\r\n").unwrap();
            let names: Vec<&str> = headers
                .lines()
                .filter(|line| !line.starts_with([' ', '\t']))
                .map(|line| line.split(':').next().unwrap())
                .collect();
            let expected = [
                "From",
                "To",
                "Subject",
                "Message-ID",
                "Auto-Submitted",
                "List-Unsubscribe",
                "List-Unsubscribe-Post",
                "MIME-Version",
                "Date",
                "Content-Type",
            ];
            let mut names = names;
            names.sort_unstable();
            let mut expected = expected.to_vec();
            expected.sort_unstable();
            assert_eq!(names, expected, "{subject:?}");
            assert!(headers.contains("Message-ID: <notice-7Xy@market.example>"), "{headers}");
            assert!(headers.lines().all(|line| line.len() <= 998 && line.is_ascii()));
        }
    }

    #[test]
    fn an_address_is_one_mailbox() {
        let mailer = Mailer::new("smtp://127.0.0.1:2525", FROM, None).unwrap();
        for (address, is_one) in [
            ("mina@market.example", true),
            ("mina+notices@market.example", true),
            ("mina@localhost", false),
            ("mina", false),
            ("", false),
            ("a@b.example, c@d.example", false),
            ("a@b.example\r\nBcc: c@d.example", false),
            ("Mina <a@b.example>", false),
            ("미나@market.example", false),
        ] {
            assert_eq!(Letter::is_address(address), is_one, "{address:?}");
            assert!(!is_one || mailer.message(&letter(address, "a")).is_ok());
        }
        assert!(matches!(mailer.message(&letter("a@b.example\r\nX: y", "a")), Err(Fault::Never(_))));
    }

    #[test]
    fn a_password_never_goes_over_the_network_in_the_open() {
        for (server, from, invalid) in [
            ("smtps://a:b@mail.example", FROM, None),
            ("smtp://a:b@mail.example?tls=required", FROM, None),
            ("smtp://127.0.0.1:25", "notices@market.example", None),
            ("smtp://localhost:25", FROM, None),
            ("smtp://a:b@mail.example", FROM, Some(MailerInvalid::Plain)),
            ("smtp://a:b@mail.example?tls=opportunistic", FROM, Some(MailerInvalid::Plain)),
            ("smtp://10.0.0.1", FROM, Some(MailerInvalid::Plain)),
            ("mail.example", FROM, Some(MailerInvalid::Server)),
            ("ftps://127.0.0.1", FROM, Some(MailerInvalid::Server)),
            ("smtp://127.0.0.1?tls=perhaps", FROM, Some(MailerInvalid::Server)),
            ("smtps://mail.example", "nobody", Some(MailerInvalid::From)),
            ("smtps://mail.example", "미나@market.example", Some(MailerInvalid::From)),
        ] {
            assert_eq!(Mailer::new(server, from, None).err(), invalid, "{server}");
        }
    }
}
