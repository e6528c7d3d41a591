//! Failures: every way in which the house says no over HTTP, as RFC 9457 problems with stable codes.
//!
//! A handler returns a [`Problem`]; its body is written by [`render`], once, in the caller's language. A code keeps its
//! name and status for ever: other people's programs rely on them.

use auction::{FieldInvalid, Refusal, Span, Time};
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{ACCEPT, ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use live::frame::{self, Figure};
use serde_json::{Map, Value, json};

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
    NotFound "not_found" 404,
    AuctionNotFound "auction_not_found" 404,
    OrderNotFound "order_not_found" 404,
    WithdrawalNotFound "withdrawal_not_found" 404,
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
    ItemNotFree "item_not_free" 409,
    OrderState "order_state" 409,
    AlreadyReviewed "already_reviewed" 409,
    NoBidderLeft "no_bidder_left" 409,
    NoOffer "no_offer" 409,
    WithdrawalsOff "withdrawals_off" 409,
    WithdrawalOver "withdrawal_over" 409,
    TooLarge "too_large" 413,
    MediaType "media_type" 415,
    Invalid "invalid" 422,
    AmountInvalid "amount_invalid" 422,
    OffStep "off_step" 422,
    ReasonMissing "reason_missing" 422,
    HoursInvalid "hours_invalid" 422,
    ReserveInvalid "reserve_invalid" 422,
    RefundInvalid "refund_invalid" 422,
    CodeWrong "code_wrong" 422,
    RateLimited "rate_limited" 429,
    TooManyBids "too_many_bids" 429,
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

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        let code = match &refusal {
            Refusal::Invalid { errors } => return Problem::invalid(errors.iter().map(field_fault).collect()),
            Refusal::AuctionNotFound => Code::AuctionNotFound,
            Refusal::NotSeller => Code::NotSeller,
            Refusal::Closed { .. } => Code::Closed,
            Refusal::NotStarted { .. } => Code::NotStarted,
            Refusal::OwnAuction => Code::OwnAuction,
            Refusal::Suspended => Code::Suspended,
            Refusal::Blocked => Code::Blocked,
            Refusal::NoBuyNow => Code::NoBuyNow,
            Refusal::TermsChanged { .. } => Code::TermsChanged,
            Refusal::AmountInvalid { .. } => Code::AmountInvalid,
            Refusal::BelowMinimum { .. } => Code::BelowMinimum,
            Refusal::OffStep { .. } => Code::OffStep,
            Refusal::InsufficientFunds { .. } => Code::InsufficientFunds,
            Refusal::NoLeader => Code::NoLeader,
            Refusal::TooEarly => Code::TooEarly,
            Refusal::TooLate => Code::TooLate,
            Refusal::DepositsOff => Code::DepositsOff,
            Refusal::MaximumNotHigher { .. } => Code::MaximumNotHigher,
            Refusal::TooManyBids { .. } => Code::TooManyBids,
            Refusal::ReserveNotMet => Code::ReserveNotMet,
            Refusal::ExtendedTwice => Code::ExtendedTwice,
            Refusal::ReasonMissing => Code::ReasonMissing,
            Refusal::HoursInvalid => Code::HoursInvalid,
            Refusal::ReserveInvalid => Code::ReserveInvalid,
            Refusal::ItemNotFree => Code::ItemNotFree,
            Refusal::ListingBarred => Code::ListingBarred,
            Refusal::OrderNotFound => Code::OrderNotFound,
            Refusal::NotBuyer => Code::NotBuyer,
            Refusal::NotAdmin => Code::NotAdmin,
            Refusal::OrderState { .. } => Code::OrderState,
            Refusal::CodeLocked { .. } => Code::CodeLocked,
            Refusal::RefundInvalid { .. } => Code::RefundInvalid,
            Refusal::NoBidderLeft => Code::NoBidderLeft,
            Refusal::NoOffer => Code::NoOffer,
            Refusal::WithdrawalsOff => Code::WithdrawalsOff,
            Refusal::WithdrawalNotFound => Code::WithdrawalNotFound,
            Refusal::WithdrawalOver => Code::WithdrawalOver,
            // Only the closer hears it, and the closer does not come by HTTP.
            Refusal::NotDue => Code::Internal,
        };
        let problem = Problem { figures: figures_of(&refusal), ..Problem::new(code) };
        match refusal {
            Refusal::TooManyBids { retry_after } => {
                Problem { retry_after: Some(seconds_of(retry_after)), ..problem }
            }
            _ => problem,
        }
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

/// The figures that a refusal carries, in the order of the contract.
pub fn figures_of(refusal: &Refusal) -> Vec<(&'static str, Figure<'static>)> {
    match refusal {
        Refusal::Closed { outcome } => {
            outcome.iter().map(|outcome| ("outcome", Figure::Text(outcome.name()))).collect()
        }
        Refusal::NotStarted { starts_at } => vec![("starts_at", Figure::Time(*starts_at))],
        Refusal::TermsChanged { terms } => vec![("terms", Figure::Number(*terms))],
        Refusal::AmountInvalid { limit } => vec![("limit", Figure::Number(limit.won()))],
        Refusal::BelowMinimum { minimum } => {
            vec![("minimum", minimum.map_or(Figure::Null, |minimum| Figure::Number(minimum.won())))]
        }
        Refusal::OffStep { field, below, above } => {
            let mut figures =
                vec![("field", Figure::Text(field.name())), ("below", Figure::Number(below.won()))];
            figures.extend(above.map(|above| ("above", Figure::Number(above.won()))));
            figures
        }
        Refusal::InsufficientFunds { required, available } => {
            vec![("required", Figure::Number(required.won())), ("available", Figure::Number(available.won()))]
        }
        Refusal::MaximumNotHigher { maximum } => vec![("maximum", Figure::Number(maximum.won()))],
        Refusal::TooManyBids { retry_after } => {
            let seconds = i64::try_from(seconds_of(*retry_after)).unwrap_or(i64::MAX);
            vec![("retry_after", Figure::Number(seconds))]
        }
        Refusal::OrderState { state } => vec![("state", Figure::Text(state.name()))],
        Refusal::CodeLocked { until } => vec![("until", Figure::Time(*until))],
        Refusal::RefundInvalid { limit } => vec![("limit", Figure::Number(limit.won()))],
        _ => Vec::new(),
    }
}

/// Whole seconds to wait, never none: whoever comes back then is not turned away for being early.
fn seconds_of(span: Span) -> u64 {
    let seconds = span.0.saturating_add(Span::seconds(1).0 - 1) / Span::seconds(1).0;
    u64::try_from(seconds).unwrap_or_default().max(RETRY_SECONDS)
}

fn field_fault(invalid: &FieldInvalid) -> FieldFault {
    FieldFault { field: invalid.field.to_owned(), code: invalid.code.name() }
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
    use auction::{FieldCode, OrderState, Outcome};
    use ledger::Money;

    use super::*;

    fn won(amount: i64) -> Money {
        Money::new(amount).expect("an amount of a test")
    }

    #[test]
    fn a_refusal_keeps_its_code_status_and_figures() {
        let refusals = [
            (Refusal::AuctionNotFound, 404, json!({})),
            (Refusal::Closed { outcome: None }, 409, json!({})),
            (Refusal::Closed { outcome: Some(Outcome::Sold) }, 409, json!({"outcome": "sold"})),
            (
                Refusal::NotStarted { starts_at: Time(0) },
                409,
                json!({"starts_at": "1970-01-01T00:00:00.000000Z"}),
            ),
            (Refusal::OwnAuction, 409, json!({})),
            (Refusal::Suspended, 403, json!({})),
            (Refusal::Blocked, 403, json!({})),
            (Refusal::NoBuyNow, 409, json!({})),
            (Refusal::TermsChanged { terms: 2 }, 409, json!({"terms": 2})),
            (Refusal::AmountInvalid { limit: won(9) }, 422, json!({"limit": 9})),
            (Refusal::BelowMinimum { minimum: Some(won(16_000)) }, 409, json!({"minimum": 16_000})),
            (Refusal::BelowMinimum { minimum: None }, 409, json!({"minimum": null})),
            (
                Refusal::InsufficientFunds { required: won(5), available: won(3) },
                402,
                json!({"required": 5, "available": 3}),
            ),
            (Refusal::NotSeller, 403, json!({})),
            (Refusal::DepositsOff, 409, json!({})),
            (Refusal::MaximumNotHigher { maximum: won(20_000) }, 409, json!({"maximum": 20_000})),
            (Refusal::TooManyBids { retry_after: Span(1_500_000) }, 429, json!({"retry_after": 2})),
            (Refusal::NoLeader, 409, json!({})),
            (Refusal::ReserveNotMet, 409, json!({})),
            (Refusal::TooEarly, 409, json!({})),
            (Refusal::TooLate, 409, json!({})),
            (Refusal::ExtendedTwice, 409, json!({})),
            (Refusal::ReasonMissing, 422, json!({})),
            (Refusal::HoursInvalid, 422, json!({})),
            (Refusal::ReserveInvalid, 422, json!({})),
            (Refusal::ItemNotFree, 409, json!({})),
            (Refusal::ListingBarred, 403, json!({})),
            (Refusal::OrderNotFound, 404, json!({})),
            (Refusal::NotBuyer, 403, json!({})),
            (Refusal::NotAdmin, 403, json!({})),
            (Refusal::OrderState { state: OrderState::Disputed }, 409, json!({"state": "disputed"})),
            (Refusal::CodeLocked { until: Time(0) }, 429, json!({"until": "1970-01-01T00:00:00.000000Z"})),
            (Refusal::RefundInvalid { limit: won(9) }, 422, json!({"limit": 9})),
            (Refusal::NoBidderLeft, 409, json!({})),
            (Refusal::NoOffer, 409, json!({})),
            (Refusal::WithdrawalsOff, 409, json!({})),
            (Refusal::WithdrawalNotFound, 404, json!({})),
            (Refusal::WithdrawalOver, 409, json!({})),
        ];
        for (refusal, status, figures) in refusals {
            let name = refusal.code();
            let body = Problem::from(refusal).body(Language::En);
            assert_eq!(body["code"], name);
            assert_eq!(body["status"], status, "{name}");
            for (figure, value) in figures.as_object().expect("figures are an object") {
                assert_eq!(&body[figure], value, "{figure} of {name}");
            }
            let known = ["type", "title", "status", "code", "detail"];
            let extra =
                body.as_object().expect("an object").keys().filter(|key| !known.contains(&key.as_str()));
            assert_eq!(extra.count(), figures.as_object().map_or(0, Map::len), "{name}");
        }
    }

    #[test]
    fn every_wrong_field_is_named() {
        let errors = vec![
            FieldInvalid { field: "title", code: FieldCode::Required },
            FieldInvalid { field: "ends_at", code: FieldCode::TooEarly },
        ];
        let body = Problem::from(Refusal::Invalid { errors }).body(Language::Ko);
        let expected =
            json!([{"field": "title", "code": "required"}, {"field": "ends_at", "code": "too_early"}]);
        assert_eq!(body["errors"], expected);
        assert_eq!(body["status"], 422);
    }

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
