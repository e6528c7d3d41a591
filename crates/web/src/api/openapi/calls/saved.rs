//! The calls of saved searches, as a part of the table.

use super::{Call, delete, get, post};
use crate::failure::Code::{NotFound, SearchesFull};

pub(in crate::api::openapi) const SAVED: &[Call] = &[
    get("/me/searches", "The member's saved searches, newest first; at most 20")
        .members()
        .list("SavedSearchView"),
    post(
        "/me/searches",
        "Keeps a search, of which the member hears when something new fits; again is the same",
    )
    .members()
    .sends("SearchToSave")
    .one(200, "SavedSearchView")
    .refuses(&[SearchesFull]),
    delete("/me/searches/{id}", "Forgets a saved search").members().refuses(&[NotFound]),
];
