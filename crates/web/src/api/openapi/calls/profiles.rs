//! The calls of profiles, as a part of the table.

use super::{Asks, CURSOR, Call, LIMIT, delete, get, patch};
use crate::failure::Code;

use Code::{
    AuctionsOpen, CredentialsWrong, InDebt, Invalid, LastAdmin, Malformed, MediaType, MoneyLeft,
    NicknameTaken, NotFound, OrdersOpen, PictureNotFound, Suspended,
};

const SHELF: &[Asks] =
    &[("status", "string", "Only those that are `scheduled`, `open` or `ended`"), LIMIT, CURSOR];

pub(in crate::api::openapi) const PROFILES: &[Call] = &[
    get("/members/{id}/auctions", "What a member sells and has sold, as it stands, newest first")
        .asks(SHELF)
        .list("ListingView")
        .refuses(&[NotFound]),
    patch("/me", "Another nickname, region, picture or word about oneself")
        .members()
        .sends("MeChange")
        .one(200, "OwnView")
        .refuses(&[NicknameTaken, PictureNotFound]),
    get("/me/export", "Everything the house keeps about the member, once a minute")
        .members()
        .one(200, "ExportView"),
    delete("/me", "The member leaves for good: what is personal is erased, the books stay whole")
        .members()
        .sends("Leaving")
        .refuses(&[
            CredentialsWrong,
            Suspended,
            LastAdmin,
            OrdersOpen,
            AuctionsOpen,
            InDebt,
            MoneyLeft,
            Malformed,
            MediaType,
            Invalid,
        ]),
];
