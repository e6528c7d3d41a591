//! Regions and categories, for choosing and filtering.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use store::records::{PAGE_ROWS_MAX, Page};
use utoipa::ToSchema;

use super::fields::{Fields, plain_integer};
use super::pages::{List, page};
use super::sent::{Asked, Wire};
use crate::failure::Problem;
use crate::state::WebState;

/// A neighbourhood, or what holds neighbourhoods.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegionView {
    /// Its number.
    pub id: i64,
    /// Its own name.
    pub name: String,
    /// 1: 시/도, 2: 시/군/구, 3: 읍/면/동.
    pub level: i64,
    /// What holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<i64>,
}

/// A kind of thing.
#[derive(Debug, Serialize, ToSchema)]
pub struct CategoryView {
    /// Its number.
    pub id: i64,
    /// Its stable name.
    pub slug: String,
    /// The kind above it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<i64>,
}

/// Which regions or categories.
pub struct Which {
    parent: Option<i64>,
    level: Option<i64>,
    after: Option<i64>,
    limit: usize,
}

impl Wire for Which {
    fn read(fields: &mut Fields) -> Which {
        let (parent, level) = (fields.integer("parent"), fields.integer("level"));
        let Page { cursor, limit } = page(fields);
        let after = cursor.as_deref().map(plain_integer);
        if after == Some(None) {
            fields.fault("cursor", "invalid");
        }
        Which { parent, level, after: after.flatten(), limit: limit.min(PAGE_ROWS_MAX) }
    }
}

impl Which {
    /// The page of what matches, in order of numbers; what lies before the cursor was seen.
    fn of<'a, R, T>(
        &self,
        rows: &'a [R],
        place: impl Fn(&'a R) -> (i64, Option<i64>, Option<i64>),
        show: impl Fn(&'a R) -> T,
    ) -> List<T> {
        let matches = |row: &&'a R| {
            let (id, parent, level) = place(row);
            self.after.is_none_or(|after| id > after)
                && (self.parent.is_none() || parent == self.parent)
                && (self.level.is_none() || level == self.level)
        };
        let mut found = rows.iter().filter(matches);
        let page: Vec<&R> = found.by_ref().take(self.limit).collect();
        let last = page.last().map(|row| place(row).0.to_string());
        let next = last.filter(|_| found.next().is_some());
        List { items: page.into_iter().map(show).collect(), next }
    }
}

/// `GET /regions`: all, or those right below one, or those of one level.
pub async fn regions(
    State(state): State<Arc<WebState>>,
    Asked(which): Asked<Which>,
) -> Result<Json<List<RegionView>>, Problem> {
    let known = state.places.known(&*state.records).await?;
    let list = which.of(
        &known.regions,
        |region| (region.id, region.parent, Some(region.level)),
        |region| RegionView {
            id: region.id,
            name: region.name.clone(),
            level: region.level,
            parent: region.parent,
        },
    );
    Ok(Json(list))
}

/// `GET /categories`: all, or those right below one, or those of one level.
pub async fn categories(
    State(state): State<Arc<WebState>>,
    Asked(which): Asked<Which>,
) -> Result<Json<List<CategoryView>>, Problem> {
    let known = state.places.known(&*state.records).await?;
    let list = which.of(
        &known.categories,
        |category| (category.id, category.parent, Some(if category.parent.is_some() { 2 } else { 1 })),
        |category| CategoryView { id: category.id, slug: category.slug.clone(), parent: category.parent },
    );
    Ok(Json(list))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_one_another_without_a_gap() {
        let rows: Vec<(i64, Option<i64>)> = (1..=25).map(|id| (id, (id > 5).then_some(id % 5 + 1))).collect();
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let which = Which { parent: None, level: None, after, limit: 10 };
            let page = which.of(&rows, |row| (row.0, row.1, None), |row| row.0);
            seen.extend(page.items);
            match page.next {
                Some(next) => after = plain_integer(&next),
                None => break,
            }
        }
        assert_eq!(seen, (1..=25).collect::<Vec<_>>());
        let below = Which { parent: Some(2), level: None, after: None, limit: 10 };
        let page = below.of(&rows, |row| (row.0, row.1, None), |row| row.0);
        assert_eq!((page.items, page.next), (vec![6, 11, 16, 21], None));
    }
}
