//! Regions and categories: read from the store once, as no running server changes them.

mod near;
mod path;
mod tally;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use auction::Time;
use store::records::{Category, Count, PAGE_ROWS_MAX, Region};
use store::{Records, Result};
use tokio::sync::OnceCell;

use self::tally::Tally;

pub use near::{Around, RADII, USUAL_RADIUS};
pub use path::part;

/// Every region and category, once they were needed, and how much stands in some regions.
#[derive(Default)]
pub struct Places {
    known: OnceCell<Arc<Known>>,
    counts: Mutex<HashMap<Option<i64>, Arc<Tally>>>,
}

/// Every region and category, parents before children.
#[derive(Debug)]
pub struct Known {
    /// By their numbers.
    pub regions: Vec<Region>,
    /// By their numbers.
    pub categories: Vec<Category>,
}

impl Places {
    /// All of them.
    ///
    /// # Errors
    /// What the store says, when they are read for the first time.
    pub async fn known(&self, records: &dyn Records) -> Result<Arc<Known>> {
        let read = async || {
            let (mut regions, mut categories) = (records.regions().await?, records.categories().await?);
            regions.sort_by_key(|region| region.id);
            categories.sort_by_key(|category| category.id);
            Ok(Arc::new(Known { regions, categories }))
        };
        self.known.get_or_try_init(read).await.cloned()
    }

    /// How many open auctions stand in each region right below one, in their order, some seconds old; without one, in the
    /// provinces. There are some hundred regions to ask for, and each is counted once in a while, once for all who ask.
    ///
    /// # Errors
    /// What the store says.
    pub async fn counts_below(
        &self,
        records: &dyn Records,
        region: Option<i64>,
        now: Time,
    ) -> Result<Arc<Vec<Count>>> {
        let known = self.known(records).await?;
        let tally =
            Arc::clone(self.counts.lock().unwrap_or_else(PoisonError::into_inner).entry(region).or_default());
        let counting = async {
            let ranges: Vec<(i64, i64)> = known.right_below(region).map(|one| (one.id, one.last)).collect();
            let mut counts = Vec::with_capacity(ranges.len());
            for ranges in ranges.chunks(PAGE_ROWS_MAX) {
                counts.extend(records.open_within(ranges).await?);
            }
            Ok(counts)
        };
        tally.ask(now, counting).await
    }
}

impl Known {
    /// The region of that number.
    pub fn region(&self, id: i64) -> Option<&Region> {
        self.regions.binary_search_by_key(&id, |region| region.id).ok().map(|at| &self.regions[at])
    }

    /// The category of that number.
    pub fn category(&self, id: i64) -> Option<&Category> {
        self.categories.binary_search_by_key(&id, |category| category.id).ok().map(|at| &self.categories[at])
    }
}
