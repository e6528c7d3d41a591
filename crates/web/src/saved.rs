//! Saved searches: how a search becomes one that is kept, what a kept one means, and the clock by which its member hears
//! that something new fits. What is told goes out of the house as every notice does.

use std::sync::Arc;
use std::time::Duration;

use auction::Time;
use store::records::{NewSearch, SEARCHES_TOGETHER_MAX, SaveRefused, SavedSearch, Search};
use tokio::time::Instant;

use crate::api::notices::tell;
use crate::caller::SignedIn;
use crate::failure::{Code, Problem};
use crate::pages::{Typed, kept_filters, search_of};
use crate::places::Known;
use crate::state::WebState;
use crate::words::Language;

/// How long the clock rests at least when nothing is left to look at.
const REST: Duration = Duration::from_secs(2);

/// How many times as long as a turn took the clock rests behind it. However many searches are kept, looking at them takes a
/// tenth of its time, so that it never stands in the way of bids; the more there are, the later their members hear.
const RESTS: u32 = 9;

/// How long the clock rests at most, however long it was kept waiting.
const REST_MAX: Duration = Duration::from_secs(60);

/// The most characters of a search's name.
const NAME_CHARS_MAX: usize = 100;

/// Keeps a search for a member; `query` is what stands in the market's address. The same search again is the one that is
/// kept already, whatever its order and its page.
///
/// # Errors
/// `invalid` if it looks for nothing in particular, `searches_full`, or what the store says.
pub async fn save(
    state: &WebState,
    caller: &SignedIn,
    language: Language,
    query: &str,
) -> Result<SavedSearch, Problem> {
    let known = state.places.known(&*state.records).await?;
    let (query, words) = kept_filters(&mut Typed::of(query), &known, caller.member.region, language);
    if query.is_empty() {
        return Err(Problem::invalid_field("query", "required"));
    }
    let name: String = words.join(" · ").chars().take(NAME_CHARS_MAX).collect();
    let new = NewSearch { member: caller.id(), name, query, at: state.now() };
    let refused = |refused| {
        Problem::new(match refused {
            SaveRefused::Full => Code::SearchesFull,
            SaveRefused::Left => Code::Unauthenticated,
        })
    };
    state.records.save_search(new).await?.map_err(refused)
}

/// What a kept search looks for: what is open, as the market finds it.
fn meaning(saved: &SavedSearch, known: &Known, now: Time) -> Search {
    search_of(&mut Typed::of(&saved.query), known, now)
}

/// Looks at what has come until the house stops.
#[expect(clippy::disallowed_methods, reason = "how long a turn takes says only how long the next may wait")]
pub async fn run(state: Arc<WebState>) {
    while !state.stopping.is_cancelled() {
        let began = Instant::now();
        let rest = match turn(&state).await {
            Ok(looked_at) => rest(looked_at, began.elapsed()),
            Err(failure) => {
                tracing::warn!(error = ?failure, "saved searches were not looked at");
                REST
            }
        };
        tokio::select! {
            () = state.stopping.cancelled() => {}
            () = tokio::time::sleep(rest) => {}
        }
    }
}

/// How long to rest behind a turn.
fn rest(looked_at: usize, took: Duration) -> Duration {
    let share = took.saturating_mul(RESTS).min(REST_MAX);
    if looked_at >= SEARCHES_TOGETHER_MAX { share } else { share.max(REST) }
}

/// Looks at some searches for which something may have come, and tells their members; how many searches these were.
///
/// # Errors
/// What the store says; what was not kept is looked at again.
pub async fn turn(state: &WebState) -> store::Result<usize> {
    let now = state.now();
    let behind = state.records.searches_behind(now).await?;
    if behind.is_empty() {
        return Ok(0);
    }
    let known = state.places.known(&*state.records).await?;
    let mut looks = Vec::with_capacity(behind.len());
    for saved in behind {
        let search = meaning(&saved, &known, now);
        looks.push(state.records.look(saved, search).await?);
    }
    let looked_at = looks.len();
    tell(state, &state.records.keep_looks(looks, now).await?.notices).await;
    Ok(looked_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_takes_a_tenth_of_the_time_however_much_there_is() {
        let took = Duration::from_millis(300);
        for (looked_at, expected) in
            [(0, 2_700), (SEARCHES_TOGETHER_MAX - 1, 2_700), (SEARCHES_TOGETHER_MAX, 2_700)]
        {
            assert_eq!(rest(looked_at, took), Duration::from_millis(expected), "{looked_at}");
        }
        assert_eq!(rest(SEARCHES_TOGETHER_MAX, Duration::from_millis(5)), Duration::from_millis(45));
        assert_eq!(rest(1, Duration::from_millis(5)), REST);
        assert_eq!(rest(1, Duration::from_secs(15)), REST_MAX);
    }
}
