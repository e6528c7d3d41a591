//! Fields: what a client sent, in a body or behind the question mark, read one by one and judged all together.
//!
//! Every field that is missing, of the wrong kind, or unknown is named at once. Numbers are whole numbers that fit 64
//! bits and nothing else: no fractions, no exponents, no text. Nothing sent is absent, and `null` is not absent.

use std::fmt;

use auction::Time;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::moment;
use crate::failure::{FieldFault, Problem};

/// The most fields that are read of one request.
const FIELDS_MAX: usize = 64;

/// The most characters of an unknown field's name that are said back.
const NAME_CHARS_MAX: usize = 64;

/// What was sent, field by field; each is taken out as it is read.
pub struct Fields {
    sent: Vec<(String, Value)>,
    faults: Vec<FieldFault>,
    source: Source,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    /// Values have kinds of their own.
    Json,
    /// Everything is text.
    Query,
}

impl Fields {
    /// The fields of a JSON object.
    ///
    /// # Errors
    /// `malformed` if it is not the JSON of one object.
    pub fn of_json(bytes: &[u8]) -> Result<Fields, Problem> {
        let malformed = |failure: serde_json::Error| Problem::malformed(failure.to_string());
        let object: Object = serde_json::from_slice(bytes).map_err(malformed)?;
        let fields = object.0.into_iter().map(|(name, value)| Ok((name, value_of(&value)?)));
        Ok(Fields::new(fields.collect::<Result<_, _>>().map_err(malformed)?, Source::Json))
    }

    /// The fields behind the question mark.
    pub fn of_query(query: &str) -> Fields {
        let pairs = form_urlencoded(query).take(FIELDS_MAX + 1);
        Fields::new(pairs.map(|(name, value)| (name, Value::String(value))).collect(), Source::Query)
    }

    fn new(mut sent: Vec<(String, Value)>, source: Source) -> Fields {
        let mut faults = Vec::new();
        if sent.len() > FIELDS_MAX {
            sent.truncate(FIELDS_MAX);
            faults.push(FieldFault { field: String::new(), code: "too_many" });
        }
        let mut fields = Fields { sent, faults, source };
        fields.drop_repeated();
        fields
    }

    /// A field sent twice has no one value.
    fn drop_repeated(&mut self) {
        let mut at = 0;
        while at < self.sent.len() {
            let name = self.sent[at].0.clone();
            let before = self.sent.len();
            let mut seen = 0;
            self.sent.retain(|(other, _)| {
                seen += usize::from(*other == name);
                *other != name || seen == 1
            });
            if self.sent.len() < before {
                self.fault(&name, "repeated");
            }
            at += 1;
        }
    }

    /// What was sent under that name, whatever it is.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        let at = self.sent.iter().position(|(sent, _)| sent == name)?;
        Some(self.sent.swap_remove(at).1)
    }

    /// Says that a field cannot stay as it is.
    pub fn fault(&mut self, field: &str, code: &'static str) {
        self.faults.push(FieldFault { field: field.chars().take(NAME_CHARS_MAX).collect(), code });
    }

    fn wrong<T>(&mut self, field: &str) -> Option<T> {
        self.fault(field, "wrong_type");
        None
    }

    /// A whole number, if it was sent.
    pub fn integer(&mut self, name: &str) -> Option<i64> {
        match (self.take(name)?, self.source) {
            (Value::Number(number), Source::Json) => number.as_i64().or_else(|| self.wrong(name)),
            (Value::String(text), Source::Query) => plain_integer(&text).or_else(|| self.wrong(name)),
            _ => self.wrong(name),
        }
    }

    /// A text, if it was sent.
    pub fn text(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            _ => self.wrong(name),
        }
    }

    /// Yes or no, if it was sent.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        match (self.take(name)?, self.source) {
            (Value::Bool(flag), Source::Json) => Some(flag),
            (Value::String(text), Source::Query) if text == "true" || text == "false" => Some(text == "true"),
            _ => self.wrong(name),
        }
    }

    /// The fields of an object in this one, if it was sent; what is wrong there is named `name.field`.
    pub fn object<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields) -> T) -> Option<T> {
        let Value::Object(sent) = self.take(name)? else { return self.wrong(name) };
        let mut inner = Fields::new(sent.into_iter().collect(), self.source);
        let found = read(&mut inner);
        for (unknown, _) in std::mem::take(&mut inner.sent) {
            inner.fault(&unknown, "unknown");
        }
        let faults = inner.faults.into_iter();
        faults.for_each(|fault| self.fault(&format!("{name}.{}", fault.field), fault.code));
        Some(found)
    }

    /// A moment, if it was sent.
    pub fn moment(&mut self, name: &str) -> Option<Time> {
        let text = self.text(name)?;
        let moment = moment::parse(&text);
        if moment.is_none() {
            self.fault(name, "invalid");
        }
        moment
    }

    /// A word of a list, if it was sent.
    pub fn word<T>(&mut self, name: &str, named: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let text = self.text(name)?;
        let word = named(&text);
        if word.is_none() {
            self.fault(name, "invalid");
        }
        word
    }

    /// A whole number or `null`, where `null` has a meaning: nothing sent, `None`; `null`, `Some(None)`.
    pub fn integer_or_null(&mut self, name: &str) -> Option<Option<i64>> {
        self.or_null(name, Fields::integer)
    }

    /// A value or `null`, where `null` has a meaning: nothing sent, `None`; `null`, `Some(None)`.
    pub fn or_null<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Fields, &str) -> Option<T>,
    ) -> Option<Option<T>> {
        if let Some(at) = self.sent.iter().position(|(sent, value)| sent == name && value.is_null()) {
            self.sent.swap_remove(at);
            return Some(None);
        }
        read(self, name).map(Some)
    }

    /// A value that must be there; what stands in for it is never used, as [`Fields::finish`] will not succeed.
    pub fn required<T: Default>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Fields, &str) -> Option<T>,
    ) -> T {
        let was_sent = self.sent.iter().any(|(sent, _)| sent == name);
        if !was_sent && !self.faults.iter().any(|fault| fault.field == name) {
            self.fault(name, "required");
        }
        read(self, name).unwrap_or_default()
    }

    /// Whether nothing more was sent, and all that was read is sound.
    ///
    /// # Errors
    /// `invalid` with every field that cannot stay as it is.
    pub fn finish(mut self) -> Result<(), Problem> {
        for (name, _) in std::mem::take(&mut self.sent) {
            self.fault(&name, "unknown");
        }
        if self.faults.is_empty() { Ok(()) } else { Err(Problem::invalid(self.faults)) }
    }
}

/// A number of an address: digits, with a minus at most, as numbers are written.
pub fn plain_integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_plain =
        !digits.is_empty() && digits.len() <= 19 && digits.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain)
}

/// The pairs behind a question mark, decoded. What is no UTF-8 becomes what no one asks for.
pub fn form_urlencoded(query: &str) -> impl Iterator<Item = (String, String)> {
    let decoded = |part: &str| {
        let spaced = part.replace('+', " ");
        percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
    };
    query.split('&').filter(|pair| !pair.is_empty()).map(move |pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    })
}

/// A field's value. A number that no number of ours can hold is well formed all the same: what stands in for it is a
/// list, which no field takes.
fn value_of(written: &RawValue) -> serde_json::Result<Value> {
    match serde_json::from_str(written.get()) {
        Err(failure) if failure.to_string().starts_with("number out of range") => {
            Ok(Value::Array(Vec::new()))
        }
        value => value,
    }
}

/// A JSON object as it was written: repeated fields stay visible, which maps would hide, and values are not yet judged.
struct Object(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Object, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Object;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    // One past the limit tells that there were more; the rest is read and forgotten.
                    if fields.len() <= FIELDS_MAX {
                        fields.push(field);
                    }
                }
                Ok(Object(fields))
            }
        }

        deserializer.deserialize_map(Fields)
    }
}

#[cfg(test)]
mod tests {
    use crate::failure::Code;

    use super::*;

    #[track_caller]
    fn check(body: &str, expected: &[(&str, &str)]) {
        let mut fields = Fields::of_json(body.as_bytes()).expect("an object");
        fields.required("amount", Fields::integer);
        fields.integer("terms");
        fields.text("word");
        fields.flag("flag");
        fields.moment("at");
        let faults = fields.finish().err().map(|problem| problem.errors().to_vec()).unwrap_or_default();
        let faults: Vec<_> = faults.iter().map(|fault| (fault.field.as_str(), fault.code)).collect();
        assert_eq!(faults, expected, "{body}");
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        check(r#"{"amount": 1}"#, &[]);
        check(r#"{"amount": -1, "terms": 0}"#, &[]);
        check(r#"{"amount": 9223372036854775807}"#, &[]);
        check(r#"{"amount": 9223372036854775808}"#, &[("amount", "wrong_type")]);
        check(r#"{"amount": 1000.5}"#, &[("amount", "wrong_type")]);
        check(r#"{"amount": 1000.0}"#, &[("amount", "wrong_type")]);
        check(r#"{"amount": 1e3}"#, &[("amount", "wrong_type")]);
        check(r#"{"amount": 1e999}"#, &[("amount", "wrong_type")]);
        check(r#"{"amount": 1, "word": -1E+9999}"#, &[("word", "wrong_type")]);
        check(r#"{"amount": {"a": [1e999]}}"#, &[("amount", "wrong_type")]);
        check(r#"{"amount": "1000"}"#, &[("amount", "wrong_type")]);
        check(r#"{"amount": "１０００"}"#, &[("amount", "wrong_type")]);
        check(r#"{"amount": null}"#, &[("amount", "wrong_type")]);
        check(r#"{"amount": [1]}"#, &[("amount", "wrong_type")]);
        check(r#"{"amount": true}"#, &[("amount", "wrong_type")]);
        check(r"{}", &[("amount", "required")]);
        check(r#"{"amount": 1, "amount": 2}"#, &[("amount", "repeated")]);
        check(r#"{"amount": 1, "maximum": 2}"#, &[("maximum", "unknown")]);
        check(
            r#"{"terms": "x", "word": 1, "flag": "true", "at": "now", "extra": {}}"#,
            &[
                ("amount", "required"),
                ("terms", "wrong_type"),
                ("word", "wrong_type"),
                ("flag", "wrong_type"),
                ("at", "invalid"),
                ("extra", "unknown"),
            ],
        );
    }

    #[test]
    fn what_is_no_object_is_malformed() {
        for body in ["", "[]", "1", "\"a\"", "null", "{", "{\"a\":1}x", "{'a':1}", "{\"a\":NaN}", "amount=1"]
        {
            let problem = Fields::of_json(body.as_bytes()).err().expect(body);
            assert_eq!(problem.code(), Code::Malformed, "{body}");
        }
        assert!(Fields::of_json(b"{\"a\": \"\xff\"}").is_err());
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
        assert!(Fields::of_json(deep.as_bytes()).is_err());
    }

    #[test]
    fn fields_are_counted() {
        let body = |count: usize| {
            let fields: Vec<_> = (0..count).map(|field| format!("\"f{field}\":1")).collect();
            let mut fields =
                Fields::of_json(format!("{{{}}}", fields.join(",")).as_bytes()).expect("an object");
            (0..FIELDS_MAX).for_each(|field| {
                fields.integer(&format!("f{field}"));
            });
            fields.finish().is_ok()
        };
        assert!(body(FIELDS_MAX));
        assert!(!body(FIELDS_MAX + 1));
    }

    #[test]
    fn a_query_is_text_with_numbers_in_it() {
        let mut fields = Fields::of_query("q=%EC%9D%98%EC%9E%90+a&limit=20&min=-5&open=true&bad=%2B7&none");
        assert_eq!(fields.text("q").as_deref(), Some("의자 a"));
        assert_eq!(fields.integer("limit"), Some(20));
        assert_eq!(fields.integer("min"), Some(-5));
        assert_eq!(fields.flag("open"), Some(true));
        assert_eq!(fields.integer("bad"), None);
        assert_eq!(fields.text("none").as_deref(), Some(""));
        let problem = fields.finish().expect_err("a number with a plus");
        assert_eq!(problem.errors(), [FieldFault { field: "bad".to_owned(), code: "wrong_type" }]);
    }

    #[test]
    fn null_has_a_meaning_only_where_it_is_given_one() {
        let mut fields = Fields::of_json(br#"{"region_id": null, "other": 3}"#).expect("an object");
        assert_eq!(fields.integer_or_null("region_id"), Some(None));
        assert_eq!(fields.integer_or_null("other"), Some(Some(3)));
        assert_eq!(fields.integer_or_null("absent"), None);
        assert_eq!(fields.finish(), Ok(()));
    }
}
