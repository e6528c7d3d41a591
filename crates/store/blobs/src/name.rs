//! The name of a blob: the SHA-256 of what it was made from, and which form of it this is. No name leads out of its place.

use std::fmt;

/// How many letters a form has at most.
pub const FORM_LETTERS_MAX: usize = 32;
/// The letters of a SHA-256.
const DIGEST_LETTERS: usize = 64;

/// `<64 hexadecimal digits>/<form>`, such as `9f86…0a08/card.webp`. The same name means the same bytes, for ever.
///
/// A form has up to [`FORM_LETTERS_MAX`] of `a-z0-9._-` and begins with a letter or a digit, so neither `.` nor `..`, nor a
/// hidden file, nor a second `/` can be written as one. Names are in order of their bytes, as they are listed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobName(String);

impl BlobName {
    /// The name of one form of what has this SHA-256; none if the form cannot be written.
    pub fn of(sha256: &[u8; 32], form: &str) -> Option<BlobName> {
        BlobName::parse(&format!("{}/{form}", data_encoding::HEXLOWER.encode(sha256)))
    }

    /// Reads a name; none if it is not exactly one.
    pub fn parse(text: &str) -> Option<BlobName> {
        let (digest, form) = text.split_once('/')?;
        let is_digest = digest.len() == DIGEST_LETTERS
            && digest.bytes().all(|letter| matches!(letter, b'0'..=b'9' | b'a'..=b'f'));
        (is_digest && is_form(form)).then(|| BlobName(text.to_owned()))
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The SHA-256 in hexadecimal digits, and the form.
    pub fn parts(&self) -> (&str, &str) {
        self.0.split_once('/').expect("every name was made by `parse`")
    }
}

fn is_form(text: &str) -> bool {
    let allowed = |letter: u8| matches!(letter, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
    let begins_well = text.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric());
    begins_well && text.len() <= FORM_LETTERS_MAX && text.bytes().all(allowed)
}

impl fmt::Display for BlobName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    #[track_caller]
    fn check(text: &str, allowed: bool) {
        assert_eq!(BlobName::parse(text).map(|name| name.to_string()), allowed.then(|| text.to_owned()));
    }

    #[test]
    fn a_name_leads_nowhere_else() {
        check(&format!("{DIGEST}/card.webp"), true);
        check(&format!("{DIGEST}/0"), true);
        check(&format!("{DIGEST}/a..b"), true);
        check(&format!("{DIGEST}/{}", "a".repeat(FORM_LETTERS_MAX)), true);
        check(&format!("{DIGEST}/{}", "a".repeat(FORM_LETTERS_MAX + 1)), false);
        check(&format!("{DIGEST}/"), false);
        check(&format!("{DIGEST}/."), false);
        check(&format!("{DIGEST}/.."), false);
        check(&format!("{DIGEST}/.hidden"), false);
        check(&format!("{DIGEST}/-rf"), false);
        check(&format!("{DIGEST}/a/b"), false);
        check(&format!("{DIGEST}/a\\b"), false);
        check(&format!("{DIGEST}/A"), false);
        check(&format!("{DIGEST}/a%2e"), false);
        check(&format!("{DIGEST}/a b"), false);
        check(&format!("{DIGEST}/a\0"), false);
        check(&format!("{DIGEST}/a\n"), false);
        check(&format!("{DIGEST}/가"), false);
        check(DIGEST, false);
        check("", false);
        check("/", false);
        check(&format!("/{DIGEST}/a"), false);
        check(&format!("../{DIGEST}/a"), false);
        check(&format!("{}/a", &DIGEST[1..]), false);
        check(&format!("{DIGEST}0/a"), false);
        check(&format!("{}/a", DIGEST.to_uppercase()), false);
        check(&format!("{}/a", DIGEST.replace('9', "g")), false);
        check(&format!("{}/a", "../".repeat(21) + "a"), false);
    }

    #[test]
    fn a_name_is_made_of_a_digest_and_a_form() {
        let name = BlobName::of(&[0xab; 32], "card.webp").unwrap();
        assert_eq!(name.parts(), ("ab".repeat(32).as_str(), "card.webp"));
        assert_eq!(BlobName::of(&[0xab; 32], "../card"), None);
    }
}
