//! The calls of questions and answers, as a part of the table.

use super::{Call, PAGE, get, patch, post};
use crate::failure::Code;

use Code::{
    AlreadyReported, Answered, AuctionNotFound, Blocked, Closed, NotAsker, NotFound, NotSeller, OwnAuction,
    QuestionHidden, QuestionNotFound, SessionExpired, Suspended, TooManyQuestions, TooManyUnanswered,
    Unanswered, Unauthenticated,
};

/// What the seller may be told.
const ANSWERING: &[Code] = &[QuestionNotFound, NotSeller, Suspended, QuestionHidden, Unanswered, NotFound];

pub(in crate::api::openapi) const TALK: &[Call] = &[
    get(
        "/auctions/{id}/questions",
        "The questions under an auction: what the seller put first, then the newest",
    )
    .asks(PAGE)
    .list("QuestionView")
    .refuses(&[AuctionNotFound, Unauthenticated, SessionExpired, NotFound]),
    post("/auctions/{id}/questions", "A member asks, up to 20 questions an hour, of which 5 may wait here")
        .members()
        .sends("Words")
        .one(201, "TalkedView")
        .refuses(&[
            AuctionNotFound,
            Closed,
            OwnAuction,
            Suspended,
            Blocked,
            TooManyQuestions,
            TooManyUnanswered,
            NotFound,
        ]),
    patch("/questions/{id}", "The asker words his question anew, while there is no answer")
        .members()
        .sends("Words")
        .one(200, "TalkedView")
        .refuses(&[QuestionNotFound, NotAsker, Suspended, Blocked, Answered, QuestionHidden, NotFound]),
    post("/questions/{id}/answer", "The seller answers; again words his answer anew")
        .members()
        .sends("Words")
        .one(200, "TalkedView")
        .refuses(ANSWERING),
    post("/questions/{id}/pin", "The seller puts an answered question first")
        .members()
        .one(200, "TalkedView")
        .refuses(ANSWERING),
    post("/questions/{id}/unpin", "The seller puts it back in its place")
        .members()
        .one(200, "TalkedView")
        .refuses(ANSWERING),
    post("/questions/{id}/report", "A member reports a question with its answer, once")
        .members()
        .sends("WhyReported")
        .refuses(&[QuestionNotFound, Suspended, QuestionHidden, AlreadyReported, NotFound]),
    post("/questions/{id}/hide", "An admin hides a question with its answer; who wrote there may read why")
        .admins()
        .sends("AdminReason")
        .refuses(&[QuestionNotFound, NotFound]),
    post("/questions/{id}/show", "An admin shows it, again or in spite of its reports")
        .admins()
        .sends("AdminReason")
        .refuses(&[QuestionNotFound, NotFound]),
    get("/admin/questions", "The questions whose reports wait for an admin, oldest report first")
        .admins()
        .asks(PAGE)
        .list("ReportedView"),
];
