//! A JSON object written field by field, in the order of the calls; `type` comes first.

use std::fmt::Write;

use auction::Time;

use crate::frame::Frame;
use crate::frame::time::write_time;

/// What most frames fit in, so that writing one allocates once.
const FRAME_BYTES_USUAL: usize = 320;

/// An object that is being written.
pub(crate) struct Object {
    text: String,
}

impl Object {
    /// Begins an object of this type.
    pub(crate) fn new(kind: &'static str) -> Object {
        let mut text = String::with_capacity(FRAME_BYTES_USUAL);
        text.push_str("{\"type\":\"");
        text.push_str(kind);
        text.push('"');
        Object { text }
    }

    /// A whole number.
    pub(crate) fn number(&mut self, name: &'static str, number: i64) {
        self.name(name);
        self.text.push_str(itoa::Buffer::new().format(number));
    }

    /// A whole number, or nothing at all.
    pub(crate) fn number_if(&mut self, name: &'static str, number: Option<i64>) {
        if let Some(number) = number {
            self.number(name, number);
        }
    }

    /// A whole number or null, where the contract says null.
    pub(crate) fn number_or_null(&mut self, name: &'static str, number: Option<i64>) {
        match number {
            Some(number) => self.number(name, number),
            None => {
                self.name(name);
                self.text.push_str("null");
            }
        }
    }

    /// True or false.
    pub(crate) fn flag(&mut self, name: &'static str, is_set: bool) {
        self.name(name);
        self.text.push_str(if is_set { "true" } else { "false" });
    }

    /// True, or nothing at all.
    pub(crate) fn flag_if(&mut self, name: &'static str, is_set: bool) {
        if is_set {
            self.flag(name, true);
        }
    }

    /// A text, escaped.
    pub(crate) fn text(&mut self, name: &'static str, text: &str) {
        self.name(name);
        write_text(&mut self.text, text);
    }

    /// A text, or nothing at all.
    pub(crate) fn text_if(&mut self, name: &'static str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// A moment.
    pub(crate) fn time(&mut self, name: &'static str, time: Time) {
        self.name(name);
        self.text.push('"');
        write_time(&mut self.text, time);
        self.text.push('"');
    }

    /// Ends the object.
    pub(crate) fn finish(mut self) -> Frame {
        self.text.push('}');
        Frame::from(self.text)
    }

    fn name(&mut self, name: &'static str) {
        self.text.push_str(",\"");
        self.text.push_str(name);
        self.text.push_str("\":");
    }
}

/// A JSON string: quotation mark, backslash and control characters escaped, everything else as it is.
fn write_text(out: &mut String, text: &str) {
    out.push('"');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&text[plain..at]);
        plain = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            _ => write!(out, "\\u{byte:04x}").expect("writing to a string never fails"),
        }
    }
    out.push_str(&text[plain..]);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_end_its_string() {
        for (text, json) in [
            ("", r#""""#),
            ("plain", r#""plain""#),
            ("\"},{\"", r#""\"},{\"""#),
            ("a\\b", r#""a\\b""#),
            ("one\ntwo\r\tthree", r#""one\ntwo\r\tthree""#),
            ("\u{0}\u{1f}\u{7f}", "\"\\u0000\\u001f\u{7f}\""),
            ("원목 의자 🪑", r#""원목 의자 🪑""#),
        ] {
            let mut out = String::new();
            write_text(&mut out, text);
            assert_eq!(out, json);
        }
    }
}
