//! `/me/leave`: what leaving means, and what comes before it.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use store::records::Ties;

use crate::api::leaving::former;
use crate::failure::Problem;
use crate::pages::{Field, LeavePage, MemberReader, Section};
use crate::state::WebState;
use crate::words::{Language, money};

/// `GET /me/leave`
pub async fn show(State(state): State<Arc<WebState>>, own: MemberReader) -> Result<Response, Problem> {
    own.answer(200, &page(&state, &own).await?)
}

/// The page as things stand.
///
/// # Errors
/// What the store says.
pub async fn page(state: &WebState, own: &MemberReader) -> Result<LeavePage, Problem> {
    let ties = state.records.ties(own.member.id()).await?;
    let language = own.reader.language;
    Ok(LeavePage {
        shell: own.reader.shell(state, Section::Elsewhere).await?,
        username: own.member.member.username.clone(),
        former: former(language, own.member.id()),
        ties: said(language, ties),
        password: Field::default(),
        confirm: None,
    })
}

/// What ties a member, in the order in which he gets rid of it.
fn said(language: Language, ties: Ties) -> Vec<(String, &'static str)> {
    let count = |key: &str, count: i64| language.text_with(key, &[("count", count.into())]);
    let sum = |key: &str, sum: ledger::Money| {
        language.text_with(key, &[("amount", money(language, sum.won()).into())])
    };
    let lines = [
        (ties.is_suspended, language.text("leave-tie-suspended"), "/me"),
        (ties.is_last_admin, language.text("leave-tie-last-admin"), "/admin"),
        (ties.orders > 0, count("leave-tie-orders", ties.orders), "/orders"),
        (ties.auctions > 0, count("leave-tie-auctions", ties.auctions), "/me/auctions"),
        (ties.offers > 0, count("leave-tie-offers", ties.offers), "/orders"),
        (!ties.held.is_zero(), sum("leave-tie-held", ties.held), "/wallet"),
        (!ties.owed.is_zero(), sum("leave-tie-owed", ties.owed), "/wallet"),
        (!ties.available.is_zero(), sum("leave-tie-available", ties.available), "/wallet"),
        (ties.withdrawals > 0, count("leave-tie-withdrawals", ties.withdrawals), "/wallet"),
    ];
    lines.into_iter().filter(|(ties, _, _)| *ties).map(|(_, words, address)| (words, address)).collect()
}
