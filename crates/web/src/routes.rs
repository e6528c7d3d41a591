//! Routes: every address of the house on one screen, and what each request passes before it gets there.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, patch, post};
use tower_http::catch_panic::CatchPanicLayer;

use crate::api::{
    acts, admin, auctions, bids, blocks, debts, deliveries, editing, events, export, fees, leaving, listing,
    me, members, notes, notices, offers, openapi, order_commands, orders, pictures, places, preferences,
    profile, questions, reviews, saved, seller, sessions, statement, suggest, uploads, wallet, watching,
    withdrawals,
};
use crate::failure::{self, Code, Problem};
use crate::state::WebState;
use crate::{compression, health, pages, security};

/// Where the API lives.
pub const API: &str = "/api/v1";

/// The calls of the API, below [`API`].
fn api() -> Router<Arc<WebState>> {
    Router::new()
        .route("/members", post(members::sign_up))
        .route("/members/{id}", get(members::show))
        .route("/members/{id}/block", post(blocks::block).delete(blocks::unblock))
        .route("/members/{id}/reviews", get(reviews::of_member))
        .route("/members/{id}/auctions", get(profile::shelf))
        .route("/sessions", post(sessions::sign_in).delete(sessions::sign_out_everywhere))
        .route("/sessions/current", delete(sessions::sign_out))
        .route("/me", get(me::show).patch(me::change).delete(leaving::leave))
        .route("/me/export", get(export::show))
        .route("/me/password", post(me::change_password))
        .route("/me/bids", get(me::bids))
        .route("/me/auctions", get(me::auctions))
        .route("/me/watching", get(watching::list))
        .route("/me/searches", get(saved::list).post(saved::save))
        .route("/me/searches/{id}", delete(saved::remove))
        .route("/me/acts", get(acts::mine))
        .route("/wallet", get(wallet::show))
        .route("/wallet/transfers", get(wallet::transfers))
        .route("/wallet/statement", get(statement::show))
        .route("/wallet/deposits", post(wallet::deposit))
        .route("/wallet/withdrawals", get(withdrawals::list).post(withdrawals::request))
        .route("/auctions", get(listing::search).post(listing::create))
        .route("/auctions/{id}", get(auctions::show).patch(editing::edit))
        .route("/auctions/{id}/bids", get(bids::history).post(bids::place))
        .route("/auctions/{id}/buy-now", post(bids::buy_now))
        .route("/auctions/{id}/sell-now", post(seller::sell_now))
        .route("/auctions/{id}/cancel", post(seller::cancel))
        .route("/auctions/{id}/extend", post(seller::extend))
        .route("/auctions/{id}/reserve", post(seller::lower_reserve))
        .route("/auctions/{id}/events", get(events::list))
        .route("/auctions/{id}/watch", post(watching::watch).delete(watching::unwatch))
        .route("/auctions/{id}/notes", get(notes::list))
        .route("/auctions/{id}/offer", get(offers::show).post(offers::make))
        .route("/auctions/{id}/offer/accept", post(offers::accept))
        .route("/auctions/{id}/offer/decline", post(offers::decline))
        .merge(after_the_hammer())
        .merge(talk())
        .merge(delivery())
        .route("/pictures", post(pictures::upload))
        .route("/pictures/uploads", post(uploads::prepare))
        .merge(admins())
        .route("/regions", get(places::regions))
        .route("/categories", get(places::categories))
        .route("/suggest", get(suggest::suggestions))
        .route("/notices", get(notices::list))
        .route("/notices/read", post(notices::read))
        .route("/openapi.json", get(openapi::show))
        .fallback(failure::not_found)
}

/// What follows a sale, below [`API`].
fn after_the_hammer() -> Router<Arc<WebState>> {
    Router::new()
        .route("/orders", get(orders::list))
        .route("/orders/{id}", get(orders::show))
        .route("/orders/{id}/ship", post(order_commands::ship))
        .route("/orders/{id}/receive", post(order_commands::receive))
        .route("/orders/{id}/receipt-code", post(order_commands::receipt_code))
        .route("/orders/{id}/meeting-code", post(order_commands::meeting_code))
        .route("/orders/{id}/cancel", post(order_commands::cancel))
        .route("/orders/{id}/keep-on", post(order_commands::keep_on))
        .route("/orders/{id}/dispute", post(order_commands::dispute))
        .route("/orders/{id}/evidence", post(order_commands::evidence))
        .route("/orders/{id}/decide", post(order_commands::decide))
        .route("/orders/{id}/review", post(reviews::write))
}

/// Questions and answers, below [`API`].
fn talk() -> Router<Arc<WebState>> {
    Router::new()
        .route("/auctions/{id}/questions", get(questions::list).post(questions::ask))
        .route("/questions/{id}", patch(questions::edit))
        .route("/questions/{id}/answer", post(questions::answer))
        .route("/questions/{id}/pin", post(questions::pin))
        .route("/questions/{id}/unpin", post(questions::unpin))
        .route("/questions/{id}/report", post(questions::report))
        .route("/questions/{id}/hide", post(questions::hide))
        .route("/questions/{id}/show", post(questions::show))
}

/// How notices leave the house, below [`API`].
fn delivery() -> Router<Arc<WebState>> {
    Router::new()
        .route("/me/notice-preferences", get(preferences::show).patch(preferences::change))
        .route("/me/email", post(preferences::ask_confirmation).delete(preferences::remove_address))
        .route("/me/email/confirm", post(preferences::confirm))
        .route("/me/push-subscriptions", post(preferences::subscribe).delete(preferences::unsubscribe))
        .route("/admin/deliveries", get(deliveries::failed))
        .route("/admin/deliveries/{id}/retry", post(deliveries::retry))
}

/// What admins decide, below [`API`].
fn admins() -> Router<Arc<WebState>> {
    Router::new()
        .route("/admin/disputes", get(admin::disputes))
        .route("/admin/withdrawals", get(admin::withdrawals))
        .route("/admin/withdrawals/{id}", post(admin::settle))
        .route("/admin/deposits", post(admin::deposit))
        .route("/admin/deposits/{id}/reverse", post(debts::reverse))
        .route("/admin/debts", get(debts::list))
        .route("/admin/fees", get(fees::show))
        .route("/admin/fees/withdrawals", post(fees::withdraw))
        .route("/admin/members/{id}/deposits", get(debts::deposits))
        .route("/admin/members/{id}/suspend", post(admin::suspend))
        .route("/admin/members/{id}/restore", post(admin::restore))
        .route("/admin/members/{id}/lift-marks", post(admin::lift_marks))
        .route("/admin/auctions/{id}/take-back", post(admin::take_back))
        .route("/admin/questions", get(questions::reported))
        .route("/admin/acts", get(acts::all))
}

/// The public listener: API, pages, socket and health.
pub fn routes(state: &Arc<WebState>) -> Router {
    let served = Router::new()
        .nest(API, api())
        .merge(crate::socket::route())
        .merge(pages::routes())
        .fallback(failure::not_found)
        .layer(DefaultBodyLimit::max(security::BODY_BYTES_MAX))
        .layer(CatchPanicLayer::custom(caught))
        .layer(from_fn_with_state(Arc::clone(state), pages::switch_language))
        .layer(from_fn_with_state(Arc::clone(state), security::guard))
        .layer(from_fn_with_state(Arc::clone(state), pages::problem_pages))
        // Once more, for the pages that problems become.
        .layer(CatchPanicLayer::custom(caught));
    served
        .merge(health())
        .layer(from_fn(failure::render))
        .layer(compression::layer())
        .layer(from_fn_with_state(Arc::clone(state), compression::where_it_is_safe))
        .layer(from_fn_with_state(Arc::clone(state), security::headers))
        .layer(from_fn_with_state(Arc::clone(state), health::count))
        .with_state(Arc::clone(state))
}

/// Health is asked by machines of the house's own, and not counted against any address.
fn health() -> Router<Arc<WebState>> {
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics_by_token))
}

/// The listener for figures alone, which only the house's own machines reach.
pub fn metrics_routes(state: &Arc<WebState>) -> Router {
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .fallback(failure::not_found)
        .layer(from_fn(failure::render))
        .with_state(Arc::clone(state))
}

/// A bug in a handler costs one answer. The panic itself was logged where it happened.
fn caught(_panic: Box<dyn std::any::Any + Send>) -> Response {
    Problem::new(Code::Internal).into_response()
}
