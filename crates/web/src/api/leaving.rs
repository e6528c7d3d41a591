//! Leaving: a member is erased for good, if nothing ties him to the market any more.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use ledger::MemberId;
use live::frame::Figure;
use store::records::{Removal, RemovalRefused, Ties};
use utoipa::ToSchema;

use super::fields::Fields;
use super::sent::{Sent, Wire};
use super::sessions::recognise;
use crate::caller::{Address, SignedIn, forget_cookie, language};
use crate::failure::{Code, Problem};
use crate::state::WebState;
use crate::words::Language;

/// A member's wish to leave.
#[derive(Debug, ToSchema)]
pub struct Leaving {
    /// His password.
    #[schema(format = Password)]
    pub password: String,
    /// That he knows what it means: `true`.
    pub confirm: bool,
}

impl Wire for Leaving {
    fn read(fields: &mut Fields) -> Leaving {
        Leaving {
            password: fields.required("password", Fields::text),
            confirm: fields.required("confirm", Fields::flag),
        }
    }
}

/// `DELETE /me`: the member leaves, and every session of his ends.
pub async fn leave(
    State(state): State<Arc<WebState>>,
    address: Address,
    caller: SignedIn,
    headers: HeaderMap,
    Sent(leaving): Sent<Leaving>,
) -> Result<Response, Problem> {
    if !leaving.confirm {
        return Err(Problem::invalid_field("confirm", "required"));
    }
    remove(&state, &caller, address, &leaving.password, language(&headers)).await?;
    let cookie = [(SET_COOKIE, forget_cookie(&state.settings))];
    Ok((StatusCode::NO_CONTENT, cookie).into_response())
}

/// Lets a member leave who knows his password; his sockets close.
///
/// # Errors
/// As [`recognise`], what ties him, or what the store says.
pub async fn remove(
    state: &WebState,
    caller: &SignedIn,
    address: Address,
    password: &str,
    language: Language,
) -> Result<(), Problem> {
    let known = recognise(state, address, &caller.member.username, password).await?.known;
    let member = caller.id();
    let removal = Removal { member, known, nickname: former(language, member), at: state.now() };
    match state.records.remove_member(removal).await? {
        Ok(()) => {
            state.hub.sessions_changed(member);
            Ok(())
        }
        Err(RemovalRefused::Password) => Err(Problem::new(Code::CredentialsWrong)),
        Err(RemovalRefused::Tied(ties)) => Err(first_tie(ties)),
    }
}

/// What is left of his name: in the language in which he left.
pub fn former(language: Language, member: MemberId) -> String {
    language.text_with("former-neighbour", &[("number", member.0.to_string().into())])
}

/// The first thing that ties a member, in the order in which he gets rid of them.
fn first_tie(ties: Ties) -> Problem {
    let number = |name, number| (name, Figure::Number(number));
    if ties.is_suspended {
        return Problem::new(Code::Suspended);
    }
    if ties.is_last_admin {
        return Problem::new(Code::LastAdmin);
    }
    if ties.orders > 0 {
        return Problem::new(Code::OrdersOpen).with(number("orders", ties.orders));
    }
    if ties.auctions > 0 || ties.offers > 0 {
        let problem = Problem::new(Code::AuctionsOpen).with(number("auctions", ties.auctions));
        return problem.with(number("offers", ties.offers));
    }
    if !ties.owed.is_zero() {
        return Problem::new(Code::InDebt).with(number("missing", ties.owed.won()));
    }
    Problem::new(Code::MoneyLeft)
        .with(number("available", ties.available.won()))
        .with(number("held", ties.held.won()))
        .with(number("withdrawals", ties.withdrawals))
}

#[cfg(test)]
mod tests {
    use ledger::Money;

    use super::*;

    #[test]
    fn the_first_tie_is_named() {
        let won = Money::WON;
        for (ties, code, figures) in [
            (Ties { is_suspended: true, is_last_admin: true, ..Ties::default() }, Code::Suspended, vec![]),
            (Ties { is_last_admin: true, orders: 1, ..Ties::default() }, Code::LastAdmin, vec![]),
            (Ties { orders: 2, auctions: 1, held: won, ..Ties::default() }, Code::OrdersOpen, vec![2]),
            (Ties { auctions: 3, owed: won, ..Ties::default() }, Code::AuctionsOpen, vec![3, 0]),
            (Ties { offers: 1, available: won, ..Ties::default() }, Code::AuctionsOpen, vec![0, 1]),
            (Ties { owed: won, available: won, ..Ties::default() }, Code::InDebt, vec![1]),
            (Ties { held: won, withdrawals: 4, ..Ties::default() }, Code::MoneyLeft, vec![0, 1, 4]),
        ] {
            let problem = first_tie(ties);
            let found: Vec<_> = problem.figures().iter().map(|(_, figure)| *figure).collect();
            let expected: Vec<_> = figures.into_iter().map(Figure::Number).collect();
            assert_eq!((problem.code(), found), (code, expected), "{ties:?}");
        }
    }
}
