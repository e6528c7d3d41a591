//! Messages: what a client may say on the socket, one JSON object each, every field known and of its type.

use auction::{AuctionId, Seq};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// What a client said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Watch an auction, from a snapshot or from the event after `since`.
    Subscribe { auction: AuctionId, since: Option<Seq> },
    /// Stop watching it.
    Unsubscribe { auction: AuctionId },
    /// A command to an auction.
    Order { auction: AuctionId, key: Option<Box<str>>, order: Order },
    /// Speak for whoever holds this token.
    Authenticate { token: Box<str> },
    /// Say what time it is.
    Ping { at: Option<i64> },
}

/// A command, with what it carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Bid { amount: Option<i64>, maximum: Option<i64>, terms: Option<i64> },
    BuyNow { terms: Option<i64> },
}

/// A message that says nothing a client may say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Misunderstood {
    /// Not JSON, or not a JSON object.
    Malformed,
    /// A field that is unknown, missing or of the wrong type.
    Invalid(Invalid),
}

/// What is known of a message with a wrong field, so that its sender learns which one it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Invalid {
    /// The first field that is wrong.
    pub(super) field: Option<String>,
    /// Whether it was meant as a command.
    pub(super) is_order: bool,
    /// Its key, if it has one.
    pub(super) key: Option<String>,
    /// The auction it names, if it names one.
    pub(super) auction: Option<AuctionId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Subscribe,
    Unsubscribe,
    Bid,
    BuyNow,
    Authenticate,
    Ping,
}

/// Every field there is; which of them go with which type is said in [`understand`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(rename = "type")]
    kind: Kind,
    #[serde(default, deserialize_with = "there")]
    id: Option<i64>,
    #[serde(default, deserialize_with = "there")]
    since: Option<i64>,
    #[serde(default, deserialize_with = "there")]
    amount: Option<i64>,
    #[serde(default, deserialize_with = "there")]
    maximum: Option<i64>,
    #[serde(default, deserialize_with = "there")]
    terms: Option<i64>,
    #[serde(default, deserialize_with = "there")]
    key: Option<Box<str>>,
    #[serde(default, deserialize_with = "there")]
    token: Option<Box<str>>,
    #[serde(default, deserialize_with = "there")]
    at: Option<i64>,
}

/// A field that is there has a value: absent means absent, never null.
fn there<'de, D: Deserializer<'de>, T: Deserialize<'de>>(field: D) -> Result<Option<T>, D::Error> {
    T::deserialize(field).map(Some)
}

/// Reads a message.
pub(super) fn understand(text: &str) -> Result<Said, Misunderstood> {
    match serde_json::from_str(text) {
        Ok(fields) => said(fields).ok_or_else(|| misunderstood(text)),
        Err(_) => Err(misunderstood(text)),
    }
}

/// What the fields say, if exactly those are there that go with the type.
fn said(fields: Fields) -> Option<Said> {
    let Fields { kind, id, since, amount, maximum, terms, key, token, at } = fields;
    let auction = id.map(AuctionId);
    let (of_orders, of_bids) = (terms.is_some() || key.is_some(), amount.is_some() || maximum.is_some());
    let (of_watching, of_others) = (since.is_some(), token.is_some() || at.is_some());
    match kind {
        Kind::Subscribe if !of_orders && !of_bids && !of_others && since.is_none_or(|since| since >= 0) => {
            Some(Said::Subscribe { auction: auction?, since: since.map(Seq) })
        }
        Kind::Unsubscribe if !of_orders && !of_bids && !of_others && !of_watching => {
            Some(Said::Unsubscribe { auction: auction? })
        }
        Kind::Bid if !of_watching && !of_others => {
            Some(Said::Order { auction: auction?, key, order: Order::Bid { amount, maximum, terms } })
        }
        Kind::BuyNow if !of_watching && !of_others && !of_bids => {
            Some(Said::Order { auction: auction?, key, order: Order::BuyNow { terms } })
        }
        Kind::Authenticate if !of_orders && !of_bids && !of_watching && id.is_none() && at.is_none() => {
            Some(Said::Authenticate { token: token? })
        }
        Kind::Ping if !of_orders && !of_bids && !of_watching && id.is_none() && token.is_none() => {
            Some(Said::Ping { at })
        }
        _ => None,
    }
}

/// What a field must be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Whole,
    /// A whole number from 0 on.
    Count,
    Text,
}

/// The fields of a type, those it cannot do without first; none for a type there is not.
fn shapes(kind: &str) -> Option<(usize, &'static [(&'static str, Shape)])> {
    use Shape::{Count, Text, Whole};
    Some(match kind {
        "subscribe" => (1, &[("id", Whole), ("since", Count)]),
        "unsubscribe" => (1, &[("id", Whole)]),
        "bid" => {
            (1, &[("id", Whole), ("amount", Whole), ("maximum", Whole), ("terms", Whole), ("key", Text)])
        }
        "buy_now" => (1, &[("id", Whole), ("terms", Whole), ("key", Text)]),
        "authenticate" => (1, &[("token", Text)]),
        "ping" => (0, &[("at", Whole)]),
        _ => return None,
    })
}

/// Why a message was not understood: looked into only when it was not.
fn misunderstood(text: &str) -> Misunderstood {
    let object = match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(object)) => object,
        // A number that no number of ours can hold is one in all the same.
        Err(error) if error.to_string().starts_with("number out of range") => {
            return Misunderstood::Invalid(Invalid::default());
        }
        Ok(_) | Err(_) => return Misunderstood::Malformed,
    };
    let kind = object.get("type").and_then(Value::as_str).unwrap_or_default();
    Misunderstood::Invalid(Invalid {
        field: wrong_field(&object, kind),
        is_order: matches!(kind, "bid" | "buy_now"),
        key: object.get("key").and_then(Value::as_str).map(str::to_owned),
        auction: object.get("id").and_then(Value::as_i64).map(AuctionId),
    })
}

/// The first field that is missing, of the wrong type, or unknown; none if a field is there twice.
fn wrong_field(object: &Map<String, Value>, kind: &str) -> Option<String> {
    let Some((needed, shapes)) = shapes(kind) else { return Some("type".to_owned()) };
    let fits = |value: &Value, shape| match shape {
        Shape::Whole => value.is_i64(),
        Shape::Count => value.as_i64().is_some_and(|count| count >= 0),
        Shape::Text => value.is_string(),
    };
    let wrong = shapes.iter().enumerate().find(|(index, (name, shape))| {
        object.get(*name).map_or(*index < needed, |value| !fits(value, *shape))
    });
    if let Some((_, (name, _))) = wrong {
        return Some((*name).to_owned());
    }
    let is_known = |name: &str| name == "type" || shapes.iter().any(|(known, _)| *known == name);
    object.keys().find(|name| !is_known(name)).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAIR: AuctionId = AuctionId(1);

    #[test]
    fn what_a_client_may_say() {
        let bid = |amount, terms, key: Option<&str>| Said::Order {
            auction: CHAIR,
            key: key.map(Box::from),
            order: Order::Bid { amount, maximum: None, terms },
        };
        let maximum = |amount, maximum| Said::Order {
            auction: CHAIR,
            key: Some("k".into()),
            order: Order::Bid { amount, maximum: Some(maximum), terms: None },
        };
        let buy = |terms, key: Option<&str>| Said::Order {
            auction: CHAIR,
            key: key.map(Box::from),
            order: Order::BuyNow { terms },
        };
        for (text, said) in [
            (r#"{"type":"subscribe","id":1}"#, Said::Subscribe { auction: CHAIR, since: None }),
            (
                r#"{"type":"subscribe","id":1,"since":41}"#,
                Said::Subscribe { auction: CHAIR, since: Some(Seq(41)) },
            ),
            (r#"{"type":"unsubscribe","id":1}"#, Said::Unsubscribe { auction: CHAIR }),
            (
                r#"{"type":"bid","id":1,"amount":15000,"terms":1,"key":"k"}"#,
                bid(Some(15_000), Some(1), Some("k")),
            ),
            (
                r#" { "key" : "\u006b", "amount" : -5, "id" : 1, "type" : "bid" } "#,
                bid(Some(-5), None, Some("k")),
            ),
            (r#"{"type":"bid","id":1,"maximum":20000,"key":"k"}"#, maximum(None, 20_000)),
            (r#"{"type":"bid","id":1,"amount":1,"maximum":-2,"key":"k"}"#, maximum(Some(1), -2)),
            (r#"{"type":"bid","id":1}"#, bid(None, None, None)),
            (r#"{"type":"buy_now","id":1,"terms":1,"key":"k"}"#, buy(Some(1), Some("k"))),
            (r#"{"type":"authenticate","token":"t"}"#, Said::Authenticate { token: "t".into() }),
            (r#"{"type":"ping","at":123}"#, Said::Ping { at: Some(123) }),
            (r#"{"type":"ping"}"#, Said::Ping { at: None }),
        ] {
            assert_eq!(understand(text), Ok(said), "{text}");
        }
    }

    #[test]
    fn what_is_not_an_object_is_malformed() {
        for text in [
            "",
            " ",
            "bid",
            "{",
            "[]",
            "[{\"type\":\"ping\"}]",
            "7",
            "null",
            "{\"type\":\"ping\"} {}",
            "\"ping\"",
        ] {
            assert_eq!(understand(text), Err(Misunderstood::Malformed), "{text}");
        }
        let deep = "[".repeat(4_000);
        assert_eq!(understand(&deep), Err(Misunderstood::Malformed));
    }

    #[test]
    fn what_has_a_wrong_field_is_invalid_and_says_which() {
        for (text, field) in [
            (r#"{}"#, "type"),
            (r#"{"type":7}"#, "type"),
            (r#"{"type":"sing","id":1}"#, "type"),
            (r#"{"type":"subscribe"}"#, "id"),
            (r#"{"type":"subscribe","id":"1"}"#, "id"),
            (r#"{"type":"subscribe","id":1.0}"#, "id"),
            (r#"{"type":"subscribe","id":null}"#, "id"),
            (r#"{"type":"subscribe","id":1,"since":null}"#, "since"),
            (r#"{"type":"subscribe","id":1,"since":-1}"#, "since"),
            (r#"{"type":"subscribe","id":1,"key":"k"}"#, "key"),
            (r#"{"type":"subscribe","id":1,"at":1}"#, "at"),
            (r#"{"type":"unsubscribe","id":1,"since":1}"#, "since"),
            (r#"{"type":"bid","id":1,"amount":"15000","key":"k"}"#, "amount"),
            (r#"{"type":"bid","id":1,"amount":"１５０００","key":"k"}"#, "amount"),
            (r#"{"type":"bid","id":1,"amount":15000.5,"key":"k"}"#, "amount"),
            (r#"{"type":"bid","id":1,"amount":1e3,"key":"k"}"#, "amount"),
            (r#"{"type":"bid","id":1,"amount":99999999999999999999,"key":"k"}"#, "amount"),
            (r#"{"type":"bid","id":1,"amount":9223372036854775808,"key":"k"}"#, "amount"),
            (r#"{"type":"bid","id":1,"amount":true,"key":"k"}"#, "amount"),
            (r#"{"type":"bid","id":1,"maximum":"2","key":"k"}"#, "maximum"),
            (r#"{"type":"bid","id":1,"maximum":null,"key":"k"}"#, "maximum"),
            (r#"{"type":"buy_now","id":1,"maximum":2,"key":"k"}"#, "maximum"),
            (r#"{"type":"bid","id":1,"reserve":2,"key":"k"}"#, "reserve"),
            (r#"{"type":"bid","id":1,"amount":1,"key":7}"#, "key"),
            (r#"{"type":"buy_now","id":1,"amount":1,"key":"k"}"#, "amount"),
            (r#"{"type":"authenticate"}"#, "token"),
            (r#"{"type":"authenticate","token":7}"#, "token"),
            (r#"{"type":"ping","at":"now"}"#, "at"),
            (r#"{"type":"ping","id":1}"#, "id"),
        ] {
            let Err(Misunderstood::Invalid(invalid)) = understand(text) else {
                panic!("{text} was understood")
            };
            assert_eq!(invalid.field.as_deref(), Some(field), "{text}");
        }
    }

    #[test]
    fn a_field_that_is_there_twice_or_beyond_all_numbers_is_invalid() {
        for text in [r#"{"type":"ping","at":1,"at":2}"#, r#"{"type":"bid","id":1,"amount":1e999,"key":"k"}"#]
        {
            assert!(matches!(understand(text), Err(Misunderstood::Invalid(_))), "{text}");
        }
    }

    #[test]
    fn a_command_with_a_wrong_field_can_be_answered_by_its_key() {
        let text = r#"{"type":"bid","id":1,"amount":"15000","key":"k"}"#;
        let invalid = Invalid {
            field: Some("amount".to_owned()),
            is_order: true,
            key: Some("k".to_owned()),
            auction: Some(CHAIR),
        };
        assert_eq!(understand(text), Err(Misunderstood::Invalid(invalid)));
    }
}
