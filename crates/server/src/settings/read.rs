//! Reading single values: each takes a text and says in words what it should look like.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use auction::Span;
use live::BusAddress;
use web::settings::Mailer;

/// More lanes only wait for each other.
const LANES_MAX: usize = 16;

/// `90s`, `10m`, `2h`, `30d`.
pub(super) fn duration(text: &str) -> Result<Span> {
    let (number, unit) = text.trim().split_at(text.trim().len().saturating_sub(1));
    let number: i64 = number.parse().context("a length of time looks like 90s, 10m, 2h or 30d")?;
    if !(1..=100_000).contains(&number) {
        bail!("a length of time is 1 to 100000 of its unit");
    }
    match unit {
        "s" => Ok(Span::seconds(number)),
        "m" => Ok(Span::minutes(number)),
        "h" => Ok(Span::hours(number)),
        "d" => Ok(Span::days(number)),
        _ => bail!("a length of time ends in s, m, h or d"),
    }
}

/// How many lanes.
pub(super) fn lanes(text: &str) -> Result<usize> {
    let lanes = text.trim().parse().context("it is a number of lanes")?;
    if !(1..=LANES_MAX).contains(&lanes) {
        bail!("there are 1 to {LANES_MAX} lanes");
    }
    Ok(lanes)
}

/// The bus, if there is one.
pub(super) fn bus(address: &str) -> Result<Option<BusAddress>> {
    Ok(if address.is_empty() { None } else { Some(BusAddress::parse(address)?) })
}

/// `on` or `off`.
pub(super) fn on_or_off(text: &str) -> Result<bool> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => bail!("it is on or off"),
    }
}

/// An address with a port, or none.
pub(super) fn optional_address(text: &str) -> Result<Option<SocketAddr>> {
    if text.is_empty() { Ok(None) } else { Ok(Some(text.parse()?)) }
}

/// Addresses and networks, separated by commas.
pub(super) fn networks(text: &str) -> Result<Vec<ipnet::IpNet>> {
    let network = |part: &str| {
        let part = part.trim();
        let alone = part.parse::<std::net::IpAddr>().map(ipnet::IpNet::from);
        alone
            .or_else(|_| part.parse())
            .with_context(|| format!("{part:?} is neither an address nor a network"))
    };
    text.split(',').filter(|part| !part.trim().is_empty()).map(network).collect()
}

/// The way to the mail server, if there is one; its address is never said again, for it may hold a password.
pub(super) fn mailer(server: &str, from: &str, authorities: &str) -> Result<Option<Arc<Mailer>>> {
    if server.is_empty() {
        return Ok(None);
    }
    let read = |file| std::fs::read(file).with_context(|| format!("mail_ca = {file:?} cannot be read"));
    let pem = Some(authorities).filter(|file| !file.is_empty()).map(read).transpose()?;
    Ok(Some(Arc::new(Mailer::new(server, from, pem.as_deref())?)))
}
