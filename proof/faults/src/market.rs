//! A market of several nodes on one database, behind a load balancer.

use std::net::TcpListener;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::house::{Binaries, House};
use crate::spread::{self, Gate};

/// How often to look for what is waited for, ten times a second.
const LOOKS_MAX: u32 = 600;

/// Nodes that serve one market.
pub struct Market<'a> {
    /// Each node.
    pub houses: Vec<House<'a>>,
    /// Where the balancer is.
    pub url: String,
}

impl<'a> Market<'a> {
    /// Starts a node for each of these addresses of one database, with these settings, and a balancer before them.
    pub fn start(
        binaries: &'a Binaries,
        databases: &[String],
        settings: &[(&'static str, &str)],
    ) -> Result<Market<'a>> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let mut houses = Vec::with_capacity(databases.len());
        for database in databases {
            let house = House::new(binaries)?.set("NEIGHBORBID_DATABASE_URL", database);
            let house = house.set("NEIGHBORBID_PUBLIC_URL", &url);
            houses.push(settings.iter().fold(house, |house, (name, value)| house.set(name, value)));
        }
        houses.iter_mut().try_for_each(House::start)?;
        let ports = houses.iter().map(House::port).collect();
        spread::before(ports, listener, Gate::default())?;
        Ok(Market { houses, url })
    }

    /// Waits until each node says that it is ready, or each that it is not.
    pub fn wait_until_ready(&mut self, ready: bool) -> Result<()> {
        let status = if ready { 200 } else { 503 };
        for house in &mut self.houses {
            wait(&format!("a node says {status}"), || {
                house.must_live()?;
                Ok(house.status("/readyz") == status)
            })?;
        }
        Ok(())
    }

    /// Waits until each node shows more bids than there are now.
    pub fn wait_for_more_bids(&self) -> Result<()> {
        let before = self.houses[0].bid_count().context("no count of bids")?;
        self.houses
            .iter()
            .try_for_each(|house| wait("bids are kept", || Ok(house.bid_count() > Some(before))))
    }

    /// What all nodes count of this since each was started.
    pub fn figure(&self, name: &str) -> Result<u64> {
        self.houses.iter().map(|house| house.figure(name)).sum()
    }

    /// Ends every node, each of which must have lived until now, and audits what they leave.
    pub fn close(mut self) -> Result<()> {
        self.houses.iter_mut().try_for_each(House::must_live)?;
        self.houses.iter_mut().try_for_each(House::kill)?;
        self.houses[0].audit()
    }
}

/// Looks again and again until it is so.
pub fn wait(what: &str, mut is_so: impl FnMut() -> Result<bool>) -> Result<()> {
    for _ in 0..LOOKS_MAX {
        if is_so()? {
            return Ok(());
        }
        sleep(Duration::from_millis(100));
    }
    bail!("waited in vain until {what}")
}

/// Fails if a database's log speaks of a deadlock.
pub fn no_deadlock<'a>(said: impl IntoIterator<Item = &'a str>) -> Result<()> {
    match said.into_iter().find(|line| line.contains("deadlock")) {
        Some(line) => bail!("the database saw a deadlock: {line}"),
        None => Ok(()),
    }
}
