//! Every page and every form at its address.

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use super::{act, show};
use crate::state::WebState;

/// The pages, their forms and the static files.
pub fn routes() -> Router<Arc<WebState>> {
    Router::new()
        .route("/", get(show::home::show))
        .route("/auctions/{id}", get(show::auction::show))
        .route("/auctions/{id}/bids", post(act::auction::bid))
        .route("/auctions/{id}/buy-now", post(act::auction::buy_now))
        .route("/auctions/{id}/sell-now", post(act::seller::sell_now))
        .route("/auctions/{id}/cancel", post(act::seller::cancel))
        .route("/auctions/{id}/extend", post(act::seller::extend))
        .route("/auctions/{id}/reserve", post(act::seller::lower_reserve))
        .route("/auctions/{id}/block", post(act::seller::block))
        .route("/auctions/{id}/edit", get(show::edit::show).post(act::edit::save))
        .route("/auctions/{id}/again", get(show::sell::again))
        .route("/sell", get(show::sell::show).post(act::sell::list))
        .route("/wallet", get(show::wallet::show))
        .route("/wallet/deposits", post(act::wallet::deposit))
        .route("/me", get(show::settings::show).post(act::settings::save))
        .route("/me/password", post(act::settings::password))
        .route("/me/auctions", get(show::mine::show))
        .route("/notices", get(show::notices::show))
        .route("/notices/read", post(act::notices::read))
        .route("/members/{id}", get(show::member::show))
        .route("/members/{id}/block", post(act::member::block))
        .route("/members/{id}/unblock", post(act::member::unblock))
        .route("/orders/{id}", get(show::order::show))
        .route("/rules", get(show::rules::show))
        .route("/sign-up", get(show::door::sign_up).post(act::door::sign_up))
        .route("/sign-in", get(show::door::sign_in).post(act::door::sign_in))
        .route("/sign-out", post(act::door::sign_out))
        .route("/sign-out-everywhere", post(act::door::sign_out_everywhere))
        .route("/static/{*path}", get(show::still::show))
}
