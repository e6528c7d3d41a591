//! Looks at the database, the nodes and their processes at even distances from the window's opening to its end. A look
//! that fails is left out, and counted; the next one connects anew.

use std::time::Duration;

use anyhow::Result;
use store_postgres::Target;
use tokio::time::sleep_until;

use super::database::{Observer, Standing, Tables};
use super::family::Families;
use crate::bidder::Window;
use crate::clock;
use crate::meter::Reading;
use crate::play::Ground;

/// What one look showed; counters are since ever.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// Seconds since the window opened.
    pub at_s: f64,
    /// The tables.
    pub tables: Tables,
    /// The database.
    pub standing: Standing,
    /// What all nodes cost.
    pub nodes: Reading,
    /// What the database costs.
    pub database: Reading,
}

/// What all looks showed.
#[derive(Debug, Default)]
pub struct Observed {
    /// One behind the other.
    pub looks: Vec<Look>,
    /// Those that failed, and why the last one did.
    pub failed: (u64, Option<String>),
}

/// Looks until the window closes.
pub async fn observe(
    ground: &Ground<'_>,
    target: &Target,
    families: &Families,
    window: Window,
    every: Duration,
) -> Observed {
    let mut observed = Observed::default();
    let mut connection = None;
    let mut due = window.open;
    loop {
        sleep_until(due.into()).await;
        let looked = match connection.take() {
            Some(observer) => look(ground, observer, families, window).await,
            None => match Observer::connect(target).await {
                Ok(observer) => look(ground, observer, families, window).await,
                Err(error) => Err(error),
            },
        };
        match looked {
            Ok((look, observer)) => {
                observed.looks.push(look);
                connection = Some(observer);
            }
            Err(error) => observed.failed = (observed.failed.0 + 1, Some(format!("{error:#}"))),
        }
        if due >= window.stop {
            return observed;
        }
        // After a look that took longer than the distance, those that were missed are left out.
        while due <= clock::monotonic() {
            due += every;
        }
        due = due.min(window.stop);
    }
}

async fn look(
    ground: &Ground<'_>,
    observer: Observer,
    families: &Families,
    window: Window,
) -> Result<(Look, Observer)> {
    let standing = observer.standing().await?;
    let tables = observer.tables().await?;
    let look = Look {
        at_s: clock::monotonic().saturating_duration_since(window.open).as_secs_f64(),
        tables,
        standing,
        nodes: families.nodes(&ground.api, &ground.meter).await,
        database: families.database(&ground.api).await,
    };
    Ok((look, observer))
}
