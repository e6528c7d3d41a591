//! Settings: what the house's owner decides. A flag beats the environment, which beats the file, which beats the default.
//!
//! Every setting is one line of a table ([`all`]): its name is the key in the file, `NEIGHBORBID_` and its name in capitals the
//! variable, and its name with dashes the flag. An unknown key or a value that cannot be read stops the start with its
//! origin in the message.

mod pictures;
mod read;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use auction::{DEFAULT_LADDER, Ladder, ListingLimits};
use engine::Deposits;
use ledger::PartsPerMillion;
use live::BusAddress;
use store_postgres::Target;
use web::WebSettings;
use web::settings::PublicUrl;

use self::read::{bus, duration, lanes, mailer, networks, on_or_off, optional_address};

/// One setting: name, default, and what it is.
pub struct Setting {
    /// The key.
    pub name: &'static str,
    /// What holds if nobody says otherwise.
    pub default: &'static str,
    /// One line for `--help`.
    pub help: &'static str,
}

const fn setting(name: &'static str, default: &'static str, help: &'static str) -> Setting {
    Setting { name, default, help }
}

/// The settings that have no topic of their own.
pub const TABLE: [Setting; 30] = [
    setting("listen", "127.0.0.1:3000", "address and port to listen on"),
    setting("data_dir", "./data", "folder of the store"),
    setting(
        "database_url",
        "",
        "postgres://user:password@host/database for several nodes; empty: the store is in data_dir",
    ),
    setting(
        "bus_url",
        "",
        "redis://user:password@host or rediss://… tells nodes sooner of each other's bids; empty: none",
    ),
    setting("lanes", "2", "how many rounds run side by side in this process, on a database"),
    setting(
        "public_url",
        "",
        "where people reach the house, such as https://market.example; empty: the listener",
    ),
    setting("trusted_proxies", "", "networks whose X-Forwarded-For is believed, separated by commas"),
    setting("time_zone", "Asia/Seoul", "in which pages say days and hours"),
    setting(
        "deposits",
        "demo",
        "demo: play money, at once; manual: real money, entered and paid out by admins; off: none",
    ),
    setting("session_idle", "30d", "a session that was not used for so long is over"),
    setting("session_life", "90d", "a session is over after so long, used or not"),
    setting("minimum_duration", "10m", "the shortest an auction may last"),
    setting("ladder", DEFAULT_LADDER, "increments by price, PRICE:INCREMENT,…,*:INCREMENT"),
    setting("fee_rate", "0", "what the house keeps of a price, in parts per million"),
    setting("bidder_names", "numbers", "numbers: Bidder 1, 2, …; names: nicknames, to everyone"),
    setting("requests_per_minute", "10000", "HTTP requests in a minute from one address"),
    setting("password_calls_per_minute", "300", "sign-ups and sign-ins in a minute from one address"),
    setting("sockets_per_member", "10", "WebSocket connections of one member"),
    setting("sockets_per_address", "50", "WebSocket connections of one address"),
    setting("subscriptions_per_socket", "200", "auctions that one WebSocket connection may watch"),
    setting("messages_per_second", "20", "messages a second on one WebSocket connection"),
    setting(
        "rate_limits",
        "on",
        "off lifts every limit of rate and count on clients; only on a loopback listener",
    ),
    setting("hashing_threads", "1", "how many passwords are hashed at once"),
    setting("smtp_url", "", "smtps://user:password@host or smtp://…?tls=required sends e-mail; empty: none"),
    setting("mail_from", "", "in whose name e-mail is sent: NeighborBid <notices@market.example>"),
    setting(
        "mail_ca",
        "",
        "file of certificates (PEM) that are believed of the mail server beside the machine's own",
    ),
    setting("metrics_listen", "", "address and port for /metrics alone; empty: none"),
    setting("metrics_token", "", "who sends it as a bearer token may read /metrics on the public listener"),
    setting("log", "info", "what is logged, as RUST_LOG"),
    setting("log_format", "text", "text or json"),
];

/// The settings whose values are nobody's business.
pub const SECRET: [&str; 5] = ["metrics_token", "database_url", "bus_url", "smtp_url", "s3_secret"];

/// Every setting there is, of every topic.
pub fn all() -> impl Iterator<Item = &'static Setting> {
    TABLE.iter().chain(&pictures::TABLE)
}

/// The file that is read if none is named.
pub const DEFAULT_FILE: &str = "neighborbid.toml";

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The command line.
    Flag,
    /// The environment.
    Environment,
    /// The settings file.
    File(PathBuf),
    /// Nobody said otherwise.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag => formatter.write_str("flag"),
            Origin::Environment => formatter.write_str("environment"),
            Origin::File(path) => write!(formatter, "{}", path.display()),
            Origin::Default => formatter.write_str("default"),
        }
    }
}

/// Every setting's value as text, with its origin.
#[derive(Clone, Debug)]
pub struct Values(BTreeMap<&'static str, (String, Origin)>);

impl Values {
    /// Gathers the values: `flags` and `environment` answer by a setting's name and variable.
    ///
    /// # Errors
    /// If the file cannot be read, is no TOML, or has a key that is no setting.
    pub fn gather(
        flags: impl Fn(&str) -> Option<String>,
        environment: impl Fn(&str) -> Option<String>,
        file: Option<PathBuf>,
    ) -> Result<Values> {
        let (path, from_file) = match file {
            Some(path) => (path.clone(), read_file(&path)?),
            None if PathBuf::from(DEFAULT_FILE).exists() => {
                (DEFAULT_FILE.into(), read_file(&DEFAULT_FILE.into())?)
            }
            None => (PathBuf::new(), BTreeMap::new()),
        };
        let value = |setting: &Setting| {
            let name = setting.name;
            let found = flags(name).map(|value| (value, Origin::Flag));
            let found =
                found.or_else(|| environment(&variable(name)).map(|value| (value, Origin::Environment)));
            let found = found.or_else(|| Some((from_file.get(name)?.clone(), Origin::File(path.clone()))));
            (name, found.unwrap_or_else(|| (setting.default.to_owned(), Origin::Default)))
        };
        Ok(Values(all().map(value).collect()))
    }

    /// Each setting with its value and origin, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str, &Origin)> {
        self.0.iter().map(|(name, (value, origin))| (*name, value.as_str(), origin))
    }

    fn is_default(&self, name: &str) -> bool {
        self.0.get(name).is_none_or(|(_, origin)| *origin == Origin::Default)
    }

    fn is_flag(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|(_, origin)| *origin == Origin::Flag)
    }

    fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |(value, _)| value)
    }

    fn read<T>(&self, name: &str, read: impl FnOnce(&str) -> Result<T>) -> Result<T> {
        let (value, origin) = self.0.get(name).with_context(|| format!("{name} is not in the table"))?;
        read(value).with_context(|| format!("{name} = {value:?} (from: {origin})"))
    }

    /// As `read`, but never says the value, which may hold a password.
    fn read_secret<T>(&self, name: &str, read: impl FnOnce(&str) -> Result<T>) -> Result<T> {
        let (value, origin) = self.0.get(name).with_context(|| format!("{name} is not in the table"))?;
        read(value).with_context(|| format!("{name} (from: {origin})"))
    }

    fn parsed<T: FromStr>(&self, name: &str) -> Result<T>
    where
        T::Err: Into<anyhow::Error>,
    {
        self.read(name, |value| value.trim().parse::<T>().map_err(Into::into))
    }
}

/// The variable of a setting.
pub fn variable(name: &str) -> String {
    format!("NEIGHBORBID_{}", name.to_ascii_uppercase())
}

/// What the server starts with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The store's folder.
    pub data_dir: PathBuf,
    /// The database that is the store, if it is not in the folder.
    pub database: Option<Target>,
    /// The bus between the nodes on a database, if there is one.
    pub bus: Option<BusAddress>,
    /// How many lanes work on a database.
    pub lanes: usize,
    /// Where the bytes of pictures are kept.
    pub blobs: store_blobs::Settings,
    /// How many pictures are made at once.
    pub picture_workers: usize,
    /// Where `/metrics` alone is served, if anywhere.
    pub metrics_listen: Option<SocketAddr>,
    /// What is copied to auctions.
    pub listing: ListingLimits,
    /// Where deposits come from.
    pub deposits: Deposits,
    /// Whether `data_dir` was set; if not, the demo takes a folder of its own.
    pub has_data_dir: bool,
    /// Whether it was set on the command line.
    pub has_data_dir_flag: bool,
    /// Whether `public_url` was set; if not, it follows the listener.
    pub has_public_url: bool,
    /// What the web must know.
    pub web: WebSettings,
    /// What is logged.
    pub log: String,
    /// Whether the log is JSON.
    pub log_is_json: bool,
}

impl Settings {
    /// Reads the values.
    ///
    /// # Errors
    /// The first value that cannot be read, with its name and origin.
    pub fn read(values: &Values) -> Result<Settings> {
        let listen: SocketAddr = values.parsed("listen")?;
        let minimum_duration = values.read("minimum_duration", duration)?;
        let deposits = values.read("deposits", |value| match value {
            "demo" => Ok(Deposits::Demo),
            "manual" => Ok(Deposits::Manual),
            "off" => Ok(Deposits::Off),
            _ => bail!("it is demo, manual or off"),
        })?;
        let rate_limits = values.read("rate_limits", on_or_off)?;
        if !rate_limits && !listen.ip().is_loopback() {
            bail!("rate_limits = off is only for a loopback listener, and this one is {listen}");
        }
        let public_url = match values.text("public_url") {
            "" => None,
            _ => Some(values.parsed::<PublicUrl>("public_url")?),
        };
        if public_url.is_none() && !listen.ip().is_loopback() {
            bail!("listen = {listen} is beyond this machine: set public_url to the address that people type");
        }
        let web = WebSettings {
            public_url: public_url.clone().unwrap_or_else(|| PublicUrl::loopback(listen.port())),
            trusted_proxies: values.read("trusted_proxies", networks)?,
            session_idle: values.read("session_idle", duration)?,
            session_life: values.read("session_life", duration)?,
            rate_limits,
            requests_per_minute: values.parsed("requests_per_minute")?,
            password_calls_per_minute: values.parsed("password_calls_per_minute")?,
            sockets_per_member: values.parsed("sockets_per_member")?,
            sockets_per_address: values.parsed("sockets_per_address")?,
            subscriptions_per_socket: values.parsed("subscriptions_per_socket")?,
            messages_per_second: values.parsed("messages_per_second")?,
            deposits,
            bidder_names: values.parsed("bidder_names")?,
            minimum_duration,
            metrics_token: Some(values.text("metrics_token").to_owned()).filter(|token| !token.is_empty()),
            time_zone: values.read("time_zone", |name| Ok(jiff::tz::TimeZone::get(name)?))?,
            hashing_threads: values.parsed::<usize>("hashing_threads")?.clamp(1, 64),
            mailer: values.read_secret("smtp_url", |server| {
                mailer(server, values.text("mail_from"), values.text("mail_ca"))
            })?,
            ..WebSettings::default()
        };
        let database = values.read_secret("database_url", |address| {
            (!address.is_empty()).then(|| Target::parse(address)).transpose().map_err(Into::into)
        })?;
        let ladder = |text: &str| Ladder::parse(text).map_err(|why| anyhow::anyhow!("no ladder: {why:?}"));
        let fee_rate = |text: &str| PartsPerMillion::new(text.parse()?).context("it is 0 to 1000000");
        Ok(Settings {
            listen,
            data_dir: values.text("data_dir").into(),
            bus: values.read_secret("bus_url", bus)?,
            database,
            lanes: values.read("lanes", lanes)?,
            blobs: pictures::blobs(values)?,
            picture_workers: values.read("picture_workers", pictures::workers)?,
            metrics_listen: values.read("metrics_listen", optional_address)?,
            listing: ListingLimits {
                minimum_duration,
                ladder: values.read("ladder", ladder)?,
                fee_rate: values.read("fee_rate", fee_rate)?,
            },
            deposits,
            has_data_dir: !values.is_default("data_dir"),
            has_data_dir_flag: values.is_flag("data_dir"),
            has_public_url: public_url.is_some(),
            web,
            log: values.text("log").to_owned(),
            log_is_json: values.text("log_format") == "json",
        })
    }

    /// Puts the store, and the pictures that lie in its folder, into another folder.
    pub fn move_to(&mut self, folder: PathBuf) {
        if let store_blobs::Settings::Folder(pictures) = &mut self.blobs
            && let Ok(within) = pictures.strip_prefix(&self.data_dir)
        {
            *pictures = folder.join(within);
        }
        self.data_dir = folder;
    }

    /// Where the store is, for people who move one.
    ///
    /// # Errors
    /// If the folder is named on the command line and the store is in a database: whoever moves a market must mean one.
    pub fn store(&self) -> Result<String> {
        match &self.database {
            None => Ok(self.data_dir.join(store_sqlite::FILE_NAME).display().to_string()),
            Some(_) if self.has_data_dir_flag => bail!(
                "data_dir and database_url are both set: say which store is meant; --database-url '' is for the folder"
            ),
            Some(target) => Ok(format!("the database {target}")),
        }
    }

    /// Refuses a bus where there is only one node to be reached.
    ///
    /// # Errors
    /// If there is a bus and the store is in the folder.
    pub fn refuse_lonely_bus(&self) -> Result<()> {
        if self.bus.is_some() && self.database.is_none() {
            bail!(
                "bus_url: a bus is between several nodes, and a store in data_dir has one: set database_url too"
            );
        }
        Ok(())
    }
}

fn read_file(path: &PathBuf) -> Result<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let table: toml::Table = text.parse().with_context(|| format!("reading {}", path.display()))?;
    let mut values = BTreeMap::new();
    for (name, value) in table {
        if !all().any(|setting| setting.name == name) {
            bail!("{}: there is no setting {name:?}; `neighborbid settings` lists them", path.display());
        }
        let text = match value {
            toml::Value::String(text) => text,
            toml::Value::Integer(number) => number.to_string(),
            toml::Value::Boolean(is_on) => if is_on { "on" } else { "off" }.to_owned(),
            other => bail!("{}: {name} = {other} is neither text nor number", path.display()),
        };
        values.insert(name, text);
    }
    Ok(values)
}

#[cfg(test)]
mod tests;
