//! Reviews: what the two sides of an order write about each other, once each, and shown when both did or the time is over.

use std::sync::Arc;

use auction::{FieldCode, Lines, Side, text_fault};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use ledger::MemberId;
use live::frame::Figure;
use serde::Serialize;
use store::records::{NewReview, ReviewRefused, ReviewRow};
use utoipa::ToSchema;

use super::fields::Fields;
use super::me::WhichPage;
use super::members::MemberName;
use super::moment;
use super::orders::find;
use super::pages::{List, judged};
use super::sent::{Asked, Id, Sent, Wire};
use crate::caller::SignedIn;
use crate::failure::{Code, Problem};
use crate::state::WebState;

/// The most characters of a review.
pub const REVIEW_CHARS_MAX: usize = 1_000;

/// The stars that can be given.
const STARS: std::ops::RangeInclusive<i64> = 1..=5;

/// What one side writes about the other.
#[derive(Debug, ToSchema)]
pub struct NewReviewSent {
    /// 1 to 5.
    #[schema(minimum = 1, maximum = 5)]
    pub stars: i64,
    /// In his words, up to 1,000 characters; may be left out.
    #[schema(max_length = 1000, required = false)]
    pub text: String,
}

impl Wire for NewReviewSent {
    fn read(fields: &mut Fields) -> NewReviewSent {
        let judged = |fields: &mut Fields, name: &str| {
            let stars = fields.integer(name)?;
            if let Some(code) = stars_fault(stars) {
                fields.fault(name, code);
            }
            Some(stars)
        };
        let stars = fields.required("stars", judged);
        let text = fields.text("text").unwrap_or_default().trim().to_owned();
        if let Some(code) = review_fault(&text) {
            fields.fault("text", code);
        }
        NewReviewSent { stars, text }
    }
}

/// What is wrong with a number of stars, if anything.
pub fn stars_fault(stars: i64) -> Option<&'static str> {
    if stars < *STARS.start() {
        return Some("too_low");
    }
    (stars > *STARS.end()).then_some("too_high")
}

/// What is wrong with the words of a review, if anything.
pub fn review_fault(text: &str) -> Option<&'static str> {
    text_fault(text, 0, REVIEW_CHARS_MAX, Lines::Any).map(FieldCode::name)
}

/// A review.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewView {
    /// Of which order.
    pub order_id: i64,
    /// What was sold.
    pub title: String,
    /// By which side: `buyer`, `seller`.
    pub by: &'static str,
    /// Who wrote it.
    pub author: MemberName,
    /// 1 to 5.
    pub stars: i64,
    /// In his words; may be empty.
    pub text: String,
    /// When.
    pub at: String,
}

impl From<&ReviewRow> for ReviewView {
    fn from(row: &ReviewRow) -> ReviewView {
        ReviewView {
            order_id: row.order.0,
            title: row.title.clone(),
            by: row.by.name(),
            author: MemberName { id: row.author.0, nickname: row.author_name.clone() },
            stars: row.stars,
            text: row.text.clone(),
            at: moment::text(row.at),
        }
    }
}

/// `POST /orders/{id}/review`: writes a review.
pub async fn write(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    Sent(review): Sent<NewReviewSent>,
) -> Result<StatusCode, Problem> {
    review_order(&state, &caller, id, review).await?;
    Ok(StatusCode::CREATED)
}

/// Writes what one side thinks of the other.
///
/// # Errors
/// `not_found` unless the caller is a side, `order_state` before the order is over, `already_reviewed`, `too_late`, or what
/// the store says.
pub async fn review_order(
    state: &WebState,
    caller: &SignedIn,
    id: i64,
    review: NewReviewSent,
) -> Result<(), Problem> {
    let (page, side) = find(state, caller, id).await?;
    let by: Side = side.ok_or(Problem::new(Code::NotFound))?;
    let NewReviewSent { stars, text } = review;
    let review = NewReview { order: page.order.id, by, stars, text, at: state.now() };
    let written = state.records.write_review(review).await?;
    written.map_err(|refused| match refused {
        ReviewRefused::NotOver => {
            let figure = ("state", Figure::Text(page.order.state.name()));
            Problem::new(Code::OrderState).with(figure)
        }
        ReviewRefused::Written => Problem::new(Code::AlreadyReviewed),
        ReviewRefused::TooLate => Problem::new(Code::TooLate),
        ReviewRefused::Left => Problem::new(Code::Unauthenticated),
    })
}

/// `GET /members/{id}/reviews`: what others wrote about a member, newest first.
pub async fn of_member(
    State(state): State<Arc<WebState>>,
    Id(id): Id,
    Asked(WhichPage(page)): Asked<WhichPage>,
) -> Result<Json<List<ReviewView>>, Problem> {
    let member = state.records.member(MemberId(id)).await?.ok_or(Problem::new(Code::NotFound))?;
    let rows = state.records.reviews(member.id, state.now(), page.clone()).await;
    Ok(Json(List::of(judged(rows, &page)?, |row| ReviewView::from(&row))))
}
