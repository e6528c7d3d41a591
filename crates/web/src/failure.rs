//! Failures: every way in which the house says no over HTTP, as RFC 9457 problems with stable codes.
//!
//! A handler returns a [`Problem`]; its body is written by [`render`], once, in the caller's language. A code keeps its
//! name and status for ever: other people's programs rely on them.

mod refusal;
mod talk;

use auction::Time;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{ACCEPT, ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use live::frame::{self, Figure};
use serde_json::{Map, Value, json};

pub use self::refusal::figures_of;
use self::refusal::seconds_of;
use crate::caller;
use crate::words::{self, Language};

/// What a client waits at the least before asking again.
const RETRY_SECONDS: u64 = 1;

macro_rules! codes {
    ($($code:ident $name:literal $status:literal,)*) => {
        /// The stable codes.
        #[expect(missing_docs, reason = "a code is its own name; what each means stands in docs/api.md")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($code,)* }

        impl Code {
            /// Every code.
            pub const ALL: &[Code] = &[$(Code::$code,)*];

            /// The stable name, as clients see it.
            pub const fn name(self) -> &'static str {
                match self { $(Code::$code => $name,)* }
            }

            /// The HTTP status that goes with it.
            pub const fn status(self) -> u16 {
                match self { $(Code::$code => $status,)* }
            }
        }
    };
}

codes! {
    Malformed "malformed" 400,
    KeyRequired "key_required" 400,
    Unauthenticated "unauthenticated" 401,
    SessionExpired "session_expired" 401,
    CredentialsWrong "credentials_wrong" 401,
    InsufficientFunds "insufficient_funds" 402,
    ForeignOrigin "foreign_origin" 403,
    NotSeller "not_seller" 403,
    Blocked "blocked" 403,
    Suspended "suspended" 403,
    ListingBarred "listing_barred" 403,
    NotBuyer "not_buyer" 403,
    NotAdmin "not_admin" 403,
    NotAsker "not_asker" 403,
    NotFound "not_found" 404,
    AuctionNotFound "auction_not_found" 404,
    PictureNotFound "picture_not_found" 404,
    UploadNotFound "upload_not_found" 404,
    OrderNotFound "order_not_found" 404,
    WithdrawalNotFound "withdrawal_not_found" 404,
    DepositNotFound "deposit_not_found" 404,
    QuestionNotFound "question_not_found" 404,
    ConfirmationNotFound "confirmation_not_found" 404,
    DeliveryNotFound "delivery_not_found" 404,
    MethodNotAllowed "method_not_allowed" 405,
    UsernameTaken "username_taken" 409,
    NicknameTaken "nickname_taken" 409,
    DepositsOff "deposits_off" 409,
    KeyReused "key_reused" 409,
    Closed "closed" 409,
    NotStarted "not_started" 409,
    OwnAuction "own_auction" 409,
    NoBuyNow "no_buy_now" 409,
    TermsChanged "terms_changed" 409,
    BelowMinimum "below_minimum" 409,
    NoLeader "no_leader" 409,
    TooEarly "too_early" 409,
    TooLate "too_late" 409,
    MaximumNotHigher "maximum_not_higher" 409,
    ReserveNotMet "reserve_not_met" 409,
    ExtendedTwice "extended_twice" 409,
    TooManyNotes "too_many_notes" 409,
    ItemNotFree "item_not_free" 409,
    OrderState "order_state" 409,
    AlreadyReviewed "already_reviewed" 409,
    NoBidderLeft "no_bidder_left" 409,
    NoOffer "no_offer" 409,
    WithdrawalsOff "withdrawals_off" 409,
    ReferenceUsed "reference_used" 409,
    WithdrawalOver "withdrawal_over" 409,
    NothingMissing "nothing_missing" 409,
    InDebt "in_debt" 409,
    InsufficientFees "insufficient_fees" 409,
    Answered "answered" 409,
    Unanswered "unanswered" 409,
    QuestionHidden "question_hidden" 409,
    AlreadyReported "already_reported" 409,
    TooManyUnanswered "too_many_unanswered" 409,
    WatchlistFull "watchlist_full" 409,
    SearchesFull "searches_full" 409,
    EmailOff "email_off" 409,
    UploadsOff "uploads_off" 409,
    TooManyBrowsers "too_many_browsers" 409,
    MoneyLeft "money_left" 409,
    AuctionsOpen "auctions_open" 409,
    OrdersOpen "orders_open" 409,
    LastAdmin "last_admin" 409,
    TooLarge "too_large" 413,
    TooLargeBytes "too_large_bytes" 413,
    MediaType "media_type" 415,
    Invalid "invalid" 422,
    AmountInvalid "amount_invalid" 422,
    OffStep "off_step" 422,
    ReasonMissing "reason_missing" 422,
    HoursInvalid "hours_invalid" 422,
    ReserveInvalid "reserve_invalid" 422,
    RefundInvalid "refund_invalid" 422,
    CodeWrong "code_wrong" 422,
    NotAPicture "not_a_picture" 422,
    Damaged "damaged" 422,
    Animated "animated" 422,
    TooSmall "too_small" 422,
    TooManyPixels "too_many_pixels" 422,
    TooCostly "too_costly" 422,
    RateLimited "rate_limited" 429,
    TooManyUploads "too_many_uploads" 429,
    TooManyBids "too_many_bids" 429,
    TooManyQuestions "too_many_questions" 429,
    TooManyConfirmations "too_many_confirmations" 429,
    CodeLocked "code_locked" 429,
    Internal "internal" 500,
    Busy "busy" 503,
    Unavailable "unavailable" 503,
    OutcomeUnknown "outcome_unknown" 503,
}

/// A field that cannot stay as it is: its name as sent, and a stable code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFault {
    /// Its name.
    pub field: String,
    /// What is wrong with it.
    pub code: &'static str,
}

/// Why the house says no.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    code: Code,
    detail: Option<String>,
    figures: Vec<(&'static str, Figure<'static>)>,
    errors: Vec<FieldFault>,
    retry_after: Option<u64>,
}

impl Problem {
    /// A problem of that code.
    pub const fn new(code: Code) -> Problem {
        let retry_after = match code {
            Code::Busy | Code::Unavailable | Code::OutcomeUnknown | Code::RateLimited => Some(RETRY_SECONDS),
            _ => None,
        };
        Problem { code, detail: None, figures: Vec::new(), errors: Vec::new(), retry_after }
    }

    /// Fields that cannot stay as they are.
    pub fn invalid(errors: Vec<FieldFault>) -> Problem {
        Problem { errors, ..Problem::new(Code::Invalid) }
    }

    /// One field that cannot stay as it is.
    pub fn invalid_field(field: &str, code: &'static str) -> Problem {
        Problem::invalid(vec![FieldFault { field: field.to_owned(), code }])
    }

    /// Not JSON, or not the JSON of an object; the detail is for programmers.
    pub fn malformed(detail: impl Into<String>) -> Problem {
        Problem { detail: Some(detail.into()), ..Problem::new(Code::Malformed) }
    }

    /// Too much in too short a time: worth trying again after so many seconds.
    pub fn rate_limited(seconds: u64) -> Problem {
        let seconds = seconds.max(RETRY_SECONDS);
        let figure = Figure::Number(i64::try_from(seconds).unwrap_or(i64::MAX));
        Problem {
            figures: vec![("retry_after", figure)],
            retry_after: Some(seconds),
            ..Problem::new(Code::RateLimited)
        }
    }

    /// A wrong code of an order, and how many more may be typed before none is taken for an hour.
    pub fn code_wrong(tries_left: i64) -> Problem {
        Problem::new(Code::CodeWrong).with(("tries_left", Figure::Number(tries_left)))
    }

    /// With one more figure.
    #[must_use]
    pub fn with(mut self, figure: (&'static str, Figure<'static>)) -> Problem {
        self.figures.push(figure);
        self
    }

    /// Says by this clock when it is worth trying again, where that moment is among the figures.
    #[must_use]
    pub fn by_clock(mut self, now: Time) -> Problem {
        if let Some((_, Figure::Time(until))) = self.figures.iter().find(|(name, _)| *name == "until") {
            self.retry_after = Some(seconds_of(until.since(now)));
        }
        self
    }

    /// The stable code.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// What the code carries, in this order.
    pub fn figures(&self) -> &[(&'static str, Figure<'static>)] {
        &self.figures
    }

    /// The fields that cannot stay as they are.
    pub fn errors(&self) -> &[FieldFault] {
        &self.errors
    }

    /// The sentence for people, with the figures it carries.
    pub fn sentence(&self, language: Language) -> String {
        words::refusal(language, self.code.name(), &spoken(&self.figures))
    }

    /// The JSON of RFC 9457, in that language.
    pub fn body(&self, language: Language) -> Value {
        let mut body = Map::new();
        body.insert("type".into(), format!("urn:neighborbid:problem:{}", self.code.name()).into());
        body.insert(
            "title".into(),
            words::refusal(language, self.code.name(), &words::Figures::default()).into(),
        );
        body.insert("status".into(), self.code.status().into());
        body.insert("code".into(), self.code.name().into());
        let detail = self.detail.clone().unwrap_or_else(|| self.sentence(language));
        body.insert("detail".into(), detail.into());
        for (name, figure) in &self.figures {
            body.insert((*name).into(), json_of(figure));
        }
        if !self.errors.is_empty() {
            let errors = self.errors.iter().map(|fault| json!({"field": fault.field, "code": fault.code}));
            body.insert("errors".into(), errors.collect());
        }
        Value::Object(body)
    }
}

impl From<store::records::Left> for Problem {
    /// Whoever has left is signed in nowhere.
    fn from(_: store::records::Left) -> Problem {
        Problem::new(Code::Unauthenticated)
    }
}

impl From<store::Failure> for Problem {
    /// Logged here, once, as the handler goes no further; only what a full mailbox says is no news.
    fn from(failure: store::Failure) -> Problem {
        let source = std::error::Error::source(&failure).map(ToString::to_string).unwrap_or_default();
        match &failure {
            store::Failure::Busy => return Problem::new(Code::Busy),
            store::Failure::Unavailable { .. } => {
                tracing::warn!(source, "{failure}");
                return Problem::new(Code::Unavailable);
            }
            store::Failure::Unknown { .. } => {
                tracing::error!(source, "{failure}");
                return Problem::new(Code::OutcomeUnknown);
            }
            store::Failure::Rejected { .. } => tracing::error!(source, "{failure}"),
        }
        Problem::new(Code::Internal)
    }
}

fn json_of(figure: &Figure<'static>) -> Value {
    match *figure {
        Figure::Number(number) => number.into(),
        Figure::Null => Value::Null,
        Figure::Text(text) => text.into(),
        Figure::Time(time) => frame::time(time).into(),
    }
}

/// The figures as sentences know them.
fn spoken(figures: &[(&'static str, Figure<'static>)]) -> words::Figures {
    let mut spoken = words::Figures::default();
    for (name, figure) in figures {
        match (*name, figure) {
            ("maximum", Figure::Number(won)) => spoken.maximum = Some(*won),
            ("tries_left", Figure::Number(tries)) => spoken.tries_left = Some(*tries),
            ("minimum", Figure::Number(won)) => spoken.minimum = Some(*won),
            ("required", Figure::Number(won)) => spoken.required = Some(*won),
            ("available", Figure::Number(won)) => spoken.available = Some(*won),
            ("missing", Figure::Number(won)) => spoken.missing = Some(*won),
            ("fees", Figure::Number(won)) => spoken.fees = Some(*won),
            ("limit", Figure::Number(won)) => spoken.limit = Some(*won),
            ("below", Figure::Number(won)) => spoken.below = Some(*won),
            ("above", Figure::Number(won)) => spoken.above = Some(*won),
            ("retry_after", Figure::Number(seconds)) => spoken.retry_after = Some(*seconds),
            ("outcome", Figure::Text(outcome)) => spoken.outcome = Some((*outcome).to_owned()),
            _ => {}
        }
    }
    spoken
}

impl IntoResponse for Problem {
    /// Status and headers; the body follows in [`render`].
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).expect("codes carry real statuses");
        let mut response = status.into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the body of a problem in the caller's language; leaves every other answer as it is.
pub async fn render(request: Request, next: Next) -> Response {
    let language = caller::language(request.headers());
    let mut response = next.run(request).await;
    if response.extensions().get::<Problem>().is_none() && has_no_words(&response) {
        let allow = response.headers().get(ALLOW).cloned();
        response = Problem::new(Code::MethodNotAllowed).into_response();
        response.headers_mut().extend(allow.map(|allow| (ALLOW, allow)));
    }
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    *response.body_mut() = Body::from(problem.body(language).to_string());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// Whether the router itself refused a method: it knows no problems.
pub(crate) fn has_no_words(response: &Response) -> bool {
    response.status() == StatusCode::METHOD_NOT_ALLOWED && !response.headers().contains_key(CONTENT_TYPE)
}

/// Whether whoever asked wants a page rather than JSON.
pub fn wants_page(request: &Request) -> bool {
    let accept = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    !request.uri().path().starts_with("/api/") && accept.contains("text/html")
}

/// What no route knows.
pub async fn not_found() -> Problem {
    Problem::new(Code::NotFound)
}

#[cfg(test)]
mod tests {
    use auction::{Refusal, Span};

    use super::*;

    #[test]
    fn every_code_has_a_sentence_in_both_languages() {
        for code in Code::ALL {
            assert!(words::keys::ERRORS.contains(&code.name()), "{}", code.name());
            let (ko, en) =
                (Problem::new(*code).sentence(Language::Ko), Problem::new(*code).sentence(Language::En));
            assert!(!ko.is_empty() && !en.is_empty() && ko != en, "{}", code.name());
        }
    }

    #[test]
    fn what_may_be_tried_again_says_when() {
        for code in [Code::Busy, Code::OutcomeUnknown, Code::Unavailable] {
            assert_eq!(Problem::new(code).into_response().headers()[RETRY_AFTER], "1");
        }
        let often = Problem::from(Refusal::TooManyBids { retry_after: Span::seconds(90) });
        assert_eq!(often.into_response().headers()[RETRY_AFTER], "90");
        let locked = Problem::from(Refusal::CodeLocked { until: Time(Span::hours(1).0) });
        let locked = locked.by_clock(Time(Span::minutes(59).0 - 1));
        assert_eq!(locked.into_response().headers()[RETRY_AFTER], "61");
        assert_eq!(Problem::rate_limited(42).into_response().headers()[RETRY_AFTER], "42");
        assert_eq!(Problem::new(Code::Unauthenticated).into_response().headers()[WWW_AUTHENTICATE], "Bearer");
    }
}
