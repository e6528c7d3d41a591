//! What the house says, in Korean and English: every text is looked up here by its key, and a key that exists in one
//! language exists in the other (proved by the tests below).

mod korean;
mod money;
mod scripts;
mod when;

use std::borrow::Cow;
use std::collections::HashMap;

use fluent_templates::fluent_bundle::{FluentArgs, FluentValue};
use fluent_templates::{Loader, static_loader};
use unic_langid::{LanguageIdentifier, langid};

pub use korean::particle;
pub use money::{Amount, amount_typed, digits, money};
pub use scripts::for_scripts;
pub use when::{ago, day, left, left_long, minute, moment};

static_loader! {
    static WORDS = {
        locales: "./locales",
        fallback_language: "en",
        customise: |bundle| {
            // Figures of ours need no marks around them; what members have written gets them in `text_with`.
            bundle.set_use_isolating(false);
            // Without this a refused name only costs the Korean particle; the test of the particles would tell.
            let _ = bundle.add_function("PARTICLE", particle_function);
        },
    };
}

static KO: LanguageIdentifier = langid!("ko");
static EN: LanguageIdentifier = langid!("en");

/// The languages the house speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// Korean, in short and warm 해요체.
    #[default]
    Ko,
    /// Plain English.
    En,
}

impl Language {
    /// The code used in `<html lang>`, in the cookie `lang` and in `?lang=`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ko => "ko",
            Self::En => "en",
        }
    }

    /// Reads a code as the cookie or the address carries it; anything else is none.
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "ko" => Some(Self::Ko),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The language an `Accept-Language` header prefers: the supported one of the highest weight, the earlier on equal
    /// weights, Korean when neither is named.
    pub fn from_accept(header: &str) -> Self {
        let mut best = (0, Self::Ko);
        for choice in header.split(',').take(32) {
            let mut parts = choice.split(';');
            let tag = parts.next().unwrap_or_default().trim();
            let primary = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
            let weight = parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(1000, permille);
            if let Some(language) = Self::from_code(&primary)
                && weight > best.0
            {
                best = (weight, language);
            }
        }
        best.1
    }

    fn identifier(self) -> &'static LanguageIdentifier {
        match self {
            Self::Ko => &KO,
            Self::En => &EN,
        }
    }

    /// The text of a key that needs no figures.
    pub fn text(self, key: &str) -> String {
        WORDS.lookup(self.identifier(), key)
    }

    /// The text of a key with its figures. What members have written stands apart in it: whichever way it is read,
    /// nothing of ours turns around with it.
    pub fn text_with(self, key: &str, figures: &[(&'static str, FluentValue<'_>)]) -> String {
        let figures: HashMap<Cow<'static, str>, FluentValue<'_>> =
            figures.iter().map(|(name, value)| (Cow::Borrowed(*name), apart(name, value))).collect();
        WORDS.lookup_with_args(self.identifier(), key, &figures)
    }

    /// Whether the key exists.
    pub fn has(self, key: &str) -> bool {
        WORDS.lookup_single_language::<&str>(self.identifier(), key, None).is_ok()
    }
}

/// The figures a refusal may carry; what is absent stays `None` and the text does without it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// The least amount accepted next; none also when nothing more can be bid.
    pub minimum: Option<i64>,
    /// The member's own maximum.
    pub maximum: Option<i64>,
    /// The whole commitment that was asked for.
    pub required: Option<i64>,
    /// What the member has for it, the own hold counted in.
    pub available: Option<i64>,
    /// The largest amount anyone may name.
    pub limit: Option<i64>,
    /// What a member owes.
    pub missing: Option<i64>,
    /// What the house's account of fees holds.
    pub fees: Option<i64>,
    /// The nearest allowed amount below.
    pub below: Option<i64>,
    /// The nearest allowed amount above.
    pub above: Option<i64>,
    /// Seconds until it is worth trying again.
    pub retry_after: Option<i64>,
    /// How often a code may still be typed.
    pub tries_left: Option<i64>,
    /// The start, already written for people.
    pub starts_at: Option<String>,
    /// The outcome code of an ended auction.
    pub outcome: Option<String>,
}

/// The sentence for a stable code of the API (`below_minimum`, `busy` …): what happened, that the money is safe, what to do.
/// An unknown code gets the sentence of `internal`.
pub fn refusal(language: Language, code: &str, figures: &Figures) -> String {
    let won =
        |amount: Option<i64>| amount.map_or_else(|| "none".into(), |amount| money(language, amount).into());
    let plain = |text: &Option<String>| FluentValue::from(text.clone().unwrap_or_else(|| "none".to_owned()));
    let short = match (figures.required, figures.available) {
        (Some(required), Some(available)) => Some(required.saturating_sub(available)),
        _ => None,
    };
    let values: [(&'static str, FluentValue<'_>); 14] = [
        ("minimum", won(figures.minimum)),
        ("maximum", won(figures.maximum)),
        ("required", won(figures.required)),
        ("available", won(figures.available)),
        ("short", won(short)),
        ("limit", won(figures.limit)),
        ("missing", won(figures.missing)),
        ("fees", won(figures.fees)),
        ("below", won(figures.below)),
        ("above", won(figures.above)),
        ("seconds", figures.retry_after.unwrap_or(1).into()),
        ("tries", figures.tries_left.map_or_else(|| "none".into(), FluentValue::from)),
        ("starts", plain(&figures.starts_at)),
        ("outcome", plain(&figures.outcome)),
    ];
    let key = format!("error-{code}");
    let known = WORDS.locales().count() > 0 && keys::ERRORS.contains(&code);
    language.text_with(if known { &key } else { "error-internal" }, &values)
}

/// The sentence under one field of a form, by the code of its fault; an unknown code says plainly that it does not fit.
pub fn field_fault(language: Language, code: &str) -> String {
    let key = format!("field-{code}");
    language.text(if language.has(&key) { &key } else { "field-invalid" })
}

pub mod keys {
    //! The stable codes that have a sentence.

    /// Every code of a field that cannot stay as it is; each has a `field-<code>` text.
    pub const FIELDS: [&str; 19] = [
        "invalid",
        "required",
        "too_short",
        "too_long",
        "too_low",
        "too_high",
        "too_early",
        "too_late",
        "too_easy",
        "too_many",
        "off_step",
        "wrong_type",
        "repeated",
        "unknown",
        "amount_invalid",
        "bad_characters",
        "below_start",
        "above_buy_now",
        "wrong_password",
    ];

    /// Every code of the API and of the order of refusals; each has an `error-<code>` text.
    pub const ERRORS: [&str; 94] = [
        "auction_not_found",
        "closed",
        "not_started",
        "own_auction",
        "suspended",
        "blocked",
        "no_buy_now",
        "terms_changed",
        "amount_invalid",
        "maximum_not_higher",
        "below_minimum",
        "off_step",
        "insufficient_funds",
        "too_many_bids",
        "busy",
        "outcome_unknown",
        "key_reused",
        "key_required",
        "username_taken",
        "nickname_taken",
        "deposits_off",
        "not_seller",
        "no_leader",
        "reserve_not_met",
        "too_early",
        "too_late",
        "extended_twice",
        "too_many_notes",
        "reason_missing",
        "hours_invalid",
        "reserve_invalid",
        "item_not_free",
        "listing_barred",
        "picture_not_found",
        "too_large_bytes",
        "not_a_picture",
        "damaged",
        "animated",
        "too_small",
        "too_many_pixels",
        "too_costly",
        "too_many_uploads",
        "upload_not_found",
        "uploads_off",
        "order_not_found",
        "not_buyer",
        "not_admin",
        "order_state",
        "code_wrong",
        "code_locked",
        "refund_invalid",
        "already_reviewed",
        "no_bidder_left",
        "no_offer",
        "withdrawals_off",
        "reference_used",
        "withdrawal_not_found",
        "withdrawal_over",
        "deposit_not_found",
        "nothing_missing",
        "in_debt",
        "insufficient_fees",
        "question_not_found",
        "not_asker",
        "answered",
        "unanswered",
        "question_hidden",
        "already_reported",
        "too_many_unanswered",
        "too_many_questions",
        "watchlist_full",
        "searches_full",
        "confirmation_not_found",
        "delivery_not_found",
        "email_off",
        "too_many_browsers",
        "too_many_confirmations",
        "money_left",
        "auctions_open",
        "orders_open",
        "last_admin",
        "malformed",
        "invalid",
        "unauthenticated",
        "session_expired",
        "credentials_wrong",
        "foreign_origin",
        "not_found",
        "method_not_allowed",
        "too_large",
        "media_type",
        "rate_limited",
        "unavailable",
        "internal",
    ];
}

/// The figures that members have written.
const WRITTEN: [&str; 3] = ["title", "name", "reason"];

/// A figure as it goes into a text: between the marks of isolation (FSI and PDI) if a member has written it.
fn apart<'a>(name: &str, value: &FluentValue<'a>) -> FluentValue<'a> {
    match value {
        FluentValue::String(text) if WRITTEN.contains(&name) => format!("\u{2068}{text}\u{2069}").into(),
        _ => value.clone(),
    }
}

fn permille(quality: &str) -> u32 {
    let (whole, fraction) = quality.trim().split_once('.').unwrap_or((quality.trim(), ""));
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    let whole: u32 = whole.parse().unwrap_or(0);
    whole.min(1) * 1000 + thousandths.parse::<u32>().unwrap_or(0)
}

fn particle_function<'a>(positional: &[FluentValue<'a>], _named: &FluentArgs) -> FluentValue<'a> {
    let word = match positional.first() {
        Some(FluentValue::String(word)) => word.to_string(),
        Some(FluentValue::Number(number)) => number.as_string().into_owned(),
        _ => return FluentValue::Error,
    };
    match positional.get(1) {
        Some(FluentValue::String(pair)) => format!("{word}{}", particle(&word, pair)).into(),
        _ => word.into(),
    }
}

#[cfg(test)]
mod tests;
