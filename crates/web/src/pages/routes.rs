//! Every page and every form at its address.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use super::{act, show};
use crate::security::FORM_BYTES_MAX;
use crate::state::WebState;

/// The pages, their forms and the static files.
pub fn routes() -> Router<Arc<WebState>> {
    market().merge(orders()).merge(talk()).merge(delivery()).merge(admin())
}

/// What follows a sale.
fn orders() -> Router<Arc<WebState>> {
    Router::new()
        .route("/orders", get(show::orders::show))
        .route("/orders/{id}", get(show::order::show))
        .route("/orders/{id}/ship", post(act::order::ship))
        .route("/orders/{id}/receive", post(act::order::receive))
        .route("/orders/{id}/receipt-code", post(act::order::receipt_code))
        .route("/orders/{id}/meeting-code", post(act::order::meeting_code))
        .route("/orders/{id}/cancel", post(act::order::cancel))
        .route("/orders/{id}/keep-on", post(act::order::keep_on))
        .route("/orders/{id}/dispute", post(act::order::dispute))
        .route("/orders/{id}/evidence", post(act::order::evidence))
        .route("/orders/{id}/decide", post(act::order::decide))
        .route("/orders/{id}/review", post(act::order::review))
        .route("/orders/{id}/offer", post(act::order::offer))
        .route("/auctions/{id}/order", get(show::order::of_auction))
        .route("/auctions/{id}/offer", get(show::orders::offer))
        .route("/auctions/{id}/offer/accept", post(act::offer::accept))
        .route("/auctions/{id}/offer/decline", post(act::offer::decline))
}

/// Questions and answers under auctions.
fn talk() -> Router<Arc<WebState>> {
    Router::new()
        .route("/auctions/{id}/questions", post(act::talk::ask))
        .route("/questions/{id}", get(show::talk::show))
        .route("/questions/{id}/edit", post(act::talk::edit))
        .route("/questions/{id}/answer", post(act::talk::answer))
        .route("/questions/{id}/pin", post(act::talk::pin))
        .route("/questions/{id}/unpin", post(act::talk::unpin))
        .route("/questions/{id}/report", post(act::talk::report))
}

/// How notices leave the house.
fn delivery() -> Router<Arc<WebState>> {
    Router::new()
        .route("/me/notices", get(show::notice_settings::show).post(act::notice_settings::save))
        .route("/me/notices/email", post(act::notice_settings::ask_confirmation))
        .route("/me/notices/email/remove", post(act::notice_settings::remove_address))
        .route("/me/notices/confirm", get(show::unsubscribe::confirm).post(act::unsubscribe::confirm))
        .route(
            "/unsubscribe/{token}",
            get(show::unsubscribe::unsubscribe).post(act::unsubscribe::unsubscribe),
        )
        .route("/admin/deliveries", get(show::deliveries::show))
        .route("/admin/deliveries/{id}/retry", post(act::deliveries::retry))
        .route("/sw.js", get(show::worker::show))
}

/// What people decide where the rules cannot.
fn admin() -> Router<Arc<WebState>> {
    Router::new()
        .route("/admin", get(show::admin::show))
        .route("/admin/acts", get(show::admin::acts))
        .route("/admin/members", get(show::admin::find))
        .route("/admin/members/{id}", get(show::admin::member))
        .route("/admin/members/{id}/suspend", post(act::admin::suspend))
        .route("/admin/members/{id}/restore", post(act::admin::restore))
        .route("/admin/members/{id}/lift-marks", post(act::admin::lift_marks))
        .route("/admin/members/{id}/deposits", post(act::admin::deposit))
        .route("/admin/auctions/{id}/cancel", post(act::admin_auction::cancel))
        .route("/admin/auctions/{id}/take-back", post(act::admin_auction::take_back))
        .route("/admin/deposits/{id}/reverse", post(act::taking::reverse))
        .route("/admin/fees", post(act::taking::fees))
        .route("/admin/questions", get(show::reported::show))
        .route("/admin/questions/{id}/hide", post(act::reported::hide))
        .route("/admin/questions/{id}/show", post(act::reported::show))
        .route("/admin/withdrawals/{id}/done", post(act::admin::withdrawal_done))
        .route("/admin/withdrawals/{id}/reverse", post(act::admin::withdrawal_reverse))
}

/// Forms that bring pictures are larger than others; each of their files is bounded on its own.
fn room_for_files() -> DefaultBodyLimit {
    DefaultBodyLimit::max(FORM_BYTES_MAX)
}

fn market() -> Router<Arc<WebState>> {
    Router::new()
        .route("/", get(show::home::show))
        .route("/regions", get(show::region::all))
        .route("/regions/{*path}", get(show::region::one))
        .route("/auctions/{id}", get(show::auction::show))
        .route("/auctions/{id}/bids", post(act::auction::bid))
        .route("/auctions/{id}/watch", post(act::watching::watch))
        .route("/cards", get(show::cards::show))
        .route("/auctions/{id}/buy-now", post(act::auction::buy_now))
        .route("/auctions/{id}/sell-now", post(act::seller::sell_now))
        .route("/auctions/{id}/cancel", post(act::seller::cancel))
        .route("/auctions/{id}/extend", post(act::seller::extend))
        .route("/auctions/{id}/reserve", post(act::seller::lower_reserve))
        .route("/auctions/{id}/block", post(act::seller::block))
        .route("/auctions/{id}/edit", get(show::edit::show).post(act::edit::save).layer(room_for_files()))
        .route("/auctions/{id}/again", get(show::sell::again))
        .route("/sell", get(show::sell::show).post(act::sell::list).layer(room_for_files()))
        .route("/wallet", get(show::wallet::show))
        .route("/wallet/deposits", post(act::wallet::deposit))
        .route("/wallet/withdrawals", post(act::wallet::withdraw))
        .route("/wallet/statement", get(show::wallet::statement))
        .route("/me", get(show::settings::show).post(act::settings::save))
        .route("/me/password", post(act::settings::password))
        .route("/me/auctions", get(show::mine::show))
        .route("/me/searches", get(show::saved::show).post(act::saved::save))
        .route("/me/searches/{id}", get(show::saved::open))
        .route("/me/searches/{id}/remove", post(act::saved::remove))
        .route("/me/sales", get(show::sales::show))
        .route("/me/leave", get(show::leave::show).post(act::leave::leave))
        .route("/notices", get(show::notices::show))
        .route("/notices/read", post(act::notices::read))
        .route("/members/{id}", get(show::member::show))
        .route("/members/{id}/block", post(act::member::block))
        .route("/members/{id}/unblock", post(act::member::unblock))
        .route("/record", get(show::admin::record))
        .route("/rules", get(show::rules::show))
        .route("/design", get(show::design::show))
        .route("/manifest.webmanifest", get(show::installed::manifest))
        .route("/offline", get(show::installed::offline))
        .route("/sign-up", get(show::door::sign_up).post(act::door::sign_up))
        .route("/sign-in", get(show::door::sign_in).post(act::door::sign_in))
        .route("/sign-out", post(act::door::sign_out))
        .route("/sign-out-everywhere", post(act::door::sign_out_everywhere))
        .route("/static/{*path}", get(show::still::show))
        .route("/pictures/{address}/{file}", get(show::pictures::show))
}
