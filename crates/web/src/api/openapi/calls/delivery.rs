//! The calls of notices on their way out of the house, as a part of the table.

use super::{Call, PAGE, delete, get, patch, post};
use crate::failure::Code;

use Code::{
    ConfirmationNotFound, DeliveryNotFound, EmailOff, NotFound, TooManyBrowsers, TooManyConfirmations,
};

pub(in crate::api::openapi) const DELIVERY: &[Call] = &[
    get("/me/notice-preferences", "How the member wants to be reached, and how he can be")
        .members()
        .one(200, "PreferencesView"),
    patch("/me/notice-preferences", "Changes what the member wants; what is absent stays")
        .members()
        .sends("PreferencesChange")
        .one(200, "PreferencesView"),
    post("/me/email", "Sends a link to an address, which counts once somebody follows the link")
        .members()
        .sends("NewAddress")
        .refuses(&[EmailOff, TooManyConfirmations]),
    delete("/me/email", "Forgets the member's address").members(),
    post("/me/email/confirm", "Confirms the address to which this token was sent, within a day, once")
        .sends("Token")
        .refuses(&[ConfirmationNotFound]),
    post("/me/push-subscriptions", "Subscribes a browser, 10 at the most; again takes its new keys")
        .members()
        .sends("NewBrowser")
        .refuses(&[TooManyBrowsers]),
    delete("/me/push-subscriptions", "Ends the subscription of one of the member's browsers")
        .members()
        .sends("BrowserGone"),
    get("/admin/deliveries", "The deliveries that have failed, newest first")
        .admins()
        .asks(PAGE)
        .list("FailedView"),
    post("/admin/deliveries/{id}/retry", "An admin has a failed delivery of that notice tried again")
        .admins()
        .sends("Retry")
        .refuses(&[DeliveryNotFound, NotFound]),
];
