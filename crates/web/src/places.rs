//! Regions and categories: read from the store once, as no running server changes them.

use std::sync::Arc;

use store::records::{Category, Region};
use store::{Records, Result};
use tokio::sync::OnceCell;

/// Every region and category, once they were needed.
#[derive(Default)]
pub struct Places {
    known: OnceCell<Arc<Known>>,
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
