//! Refusals over HTTP: which code each has, and the figures that it carries.

use auction::{FieldInvalid, Refusal, Span};
use live::frame::Figure;

use super::{Code, FieldFault, Problem, RETRY_SECONDS};

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
            Refusal::TooManyNotes { .. } => Code::TooManyNotes,
            Refusal::ReasonMissing => Code::ReasonMissing,
            Refusal::HoursInvalid => Code::HoursInvalid,
            Refusal::ReserveInvalid => Code::ReserveInvalid,
            Refusal::ItemNotFree => Code::ItemNotFree,
            Refusal::ListingBarred => Code::ListingBarred,
            Refusal::PictureNotFound { .. } => Code::PictureNotFound,
            Refusal::OrderNotFound => Code::OrderNotFound,
            Refusal::NotBuyer => Code::NotBuyer,
            Refusal::NotAdmin => Code::NotAdmin,
            Refusal::OrderState { .. } => Code::OrderState,
            Refusal::CodeLocked { .. } => Code::CodeLocked,
            Refusal::RefundInvalid { .. } => Code::RefundInvalid,
            Refusal::NoBidderLeft => Code::NoBidderLeft,
            Refusal::NoOffer => Code::NoOffer,
            Refusal::WithdrawalsOff => Code::WithdrawalsOff,
            Refusal::ReferenceUsed => Code::ReferenceUsed,
            Refusal::WithdrawalNotFound => Code::WithdrawalNotFound,
            Refusal::WithdrawalOver => Code::WithdrawalOver,
            Refusal::DepositNotFound => Code::DepositNotFound,
            Refusal::NothingMissing => Code::NothingMissing,
            Refusal::InDebt { .. } => Code::InDebt,
            Refusal::InsufficientFees { .. } => Code::InsufficientFees,
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
        Refusal::InDebt { missing } => vec![("missing", Figure::Number(missing.won()))],
        Refusal::InsufficientFees { fees } => vec![("fees", Figure::Number(fees.won()))],
        Refusal::OrderState { state } => vec![("state", Figure::Text(state.name()))],
        Refusal::CodeLocked { until } => vec![("until", Figure::Time(*until))],
        Refusal::RefundInvalid { limit } => vec![("limit", Figure::Number(limit.won()))],
        Refusal::PictureNotFound { index } => vec![("index", Figure::Number(*index))],
        Refusal::TooManyNotes { limit } => vec![("limit", Figure::Number(*limit))],
        _ => Vec::new(),
    }
}

/// Whole seconds to wait, never none: whoever comes back then is not turned away for being early.
pub(super) fn seconds_of(span: Span) -> u64 {
    let seconds = span.0.saturating_add(Span::seconds(1).0 - 1) / Span::seconds(1).0;
    u64::try_from(seconds).unwrap_or_default().max(RETRY_SECONDS)
}

fn field_fault(invalid: &FieldInvalid) -> FieldFault {
    FieldFault { field: invalid.field.to_owned(), code: invalid.code.name() }
}

#[cfg(test)]
mod tests {
    use auction::{FieldCode, OrderState, Outcome, Time};
    use ledger::Money;
    use serde_json::{Map, json};

    use super::*;
    use crate::words::Language;

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
            (Refusal::TooManyNotes { limit: 20 }, 409, json!({"limit": 20})),
            (Refusal::ReasonMissing, 422, json!({})),
            (Refusal::HoursInvalid, 422, json!({})),
            (Refusal::ReserveInvalid, 422, json!({})),
            (Refusal::ItemNotFree, 409, json!({})),
            (Refusal::ListingBarred, 403, json!({})),
            (Refusal::PictureNotFound { index: 2 }, 404, json!({"index": 2})),
            (Refusal::OrderNotFound, 404, json!({})),
            (Refusal::NotBuyer, 403, json!({})),
            (Refusal::NotAdmin, 403, json!({})),
            (Refusal::OrderState { state: OrderState::Disputed }, 409, json!({"state": "disputed"})),
            (Refusal::CodeLocked { until: Time(0) }, 429, json!({"until": "1970-01-01T00:00:00.000000Z"})),
            (Refusal::RefundInvalid { limit: won(9) }, 422, json!({"limit": 9})),
            (Refusal::NoBidderLeft, 409, json!({})),
            (Refusal::NoOffer, 409, json!({})),
            (Refusal::WithdrawalsOff, 409, json!({})),
            (Refusal::ReferenceUsed, 409, json!({})),
            (Refusal::WithdrawalNotFound, 404, json!({})),
            (Refusal::WithdrawalOver, 409, json!({})),
            (Refusal::DepositNotFound, 404, json!({})),
            (Refusal::NothingMissing, 409, json!({})),
            (Refusal::InDebt { missing: won(7) }, 409, json!({"missing": 7})),
            (Refusal::InsufficientFees { fees: won(3) }, 409, json!({"fees": 3})),
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
}
