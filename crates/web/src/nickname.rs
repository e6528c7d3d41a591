//! Nicknames: what members are called, in a form that cannot hide anything, with the skeleton by which two that look
//! alike are the same (UTS #39).

use auction::is_hidden;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_security::GeneralSecurityProfile;
use unicode_security::confusable_detection::skeleton;

/// The fewest characters.
pub const NICKNAME_CHARS_MIN: usize = 2;

/// The most characters.
pub const NICKNAME_CHARS_MAX: usize = 20;

/// The most marks on one letter.
const MARKS_MAX: usize = 2;

/// What the names of those begin with who have left, before a number: nobody may look as if he were one of them.
const FORMER: [&str; 3] = ["탈퇴한 이웃", "Former neighbour", "Former neighbor"];

/// A nickname that may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nickname {
    /// As shown: NFKC, without spaces around it, single spaces within.
    pub text: String,
    /// What it shares with all that look like it.
    pub skeleton: String,
}

impl Nickname {
    /// The nickname a member wishes for.
    ///
    /// # Errors
    /// The stable code of what is wrong: `too_short`, `too_long` or `invalid`.
    pub fn new(wish: &str) -> Result<Nickname, &'static str> {
        // Compatibility forms may grow manyfold; nothing of that size could become a nickname.
        if wish.len() > 8 * NICKNAME_CHARS_MAX * 4 {
            return Err("too_long");
        }
        let composed: String = wish.nfkc().collect();
        if !composed.chars().all(is_seen) {
            return Err("invalid");
        }
        let text = composed.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        match text.chars().count() {
            ..NICKNAME_CHARS_MIN => Err("too_short"),
            NICKNAME_CHARS_MIN..=NICKNAME_CHARS_MAX => Ok(()),
            _ => Err("too_long"),
        }?;
        if !text.chars().any(char::is_alphanumeric) || has_piled_marks(&text) {
            return Err("invalid");
        }
        let skeleton = skeleton_of(&text);
        if is_like_former(&skeleton) {
            return Err("invalid");
        }
        Ok(Nickname { text, skeleton })
    }
}

/// Whether what looks like this could be taken for the name of somebody who has left: behind its beginning stands nothing but
/// what looks like a number, whatever is put around that.
fn is_like_former(skeleton: &str) -> bool {
    let digits = skeleton_of("0123456789");
    let is_number = |rest: &str| rest.chars().all(|c| !c.is_alphabetic() || digits.contains(c));
    FORMER.iter().any(|former| skeleton.strip_prefix(&skeleton_of(former)).is_some_and(is_number))
}

/// Whether a character leaves something to see and changes nothing around it: no control, invisible or bidi characters,
/// nothing unassigned. A plain space is fine.
fn is_seen(c: char) -> bool {
    c == ' ' || (!is_hidden(c) && (c.identifier_allowed() || is_symbol_or_letter(c)))
}

/// What UTS #39 does not recommend for identifiers but people use in names: old letters, punctuation, emoji.
fn is_symbol_or_letter(c: char) -> bool {
    c.is_alphanumeric()
        || is_combining_mark(c)
        || c.is_ascii_punctuation()
        || is_pictograph(c)
        || "·・ㆍ‐–—’…".contains(c)
}

fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27BF}' | '\u{1F300}'..='\u{1FAFF}')
}

fn has_piled_marks(text: &str) -> bool {
    let mut marks = 0;
    text.nfd().any(|c| {
        marks = if is_combining_mark(c) { marks + 1 } else { 0 };
        marks > MARKS_MAX
    })
}

/// What a name shares with all that look like it: case and spaces make no difference. The prototypes of UTS #39 tell
/// cases apart, so they are taken before and after lower case; what looks like `I` is then also what looks like `l`.
fn skeleton_of(text: &str) -> String {
    let first: String = skeleton(text).filter(|c| *c != ' ').flat_map(char::to_lowercase).collect();
    let second = skeleton(&first).flat_map(char::to_lowercase);
    second.map(|c| if c == 'i' { 'l' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nickname_is_shown_in_one_form() {
        for (wish, shown) in [
            ("수리부엉이", "수리부엉이"),
            ("수리부엉이", "수리부엉이"),
            ("  Mira   Kim ", "Mira Kim"),
            ("ｍｉｒａ", "mira"),
            ("김·이", "김·이"),
            ("부엉이🦉", "부엉이🦉"),
            ("José", "José"),
        ] {
            assert_eq!(Nickname::new(wish).map(|nickname| nickname.text), Ok(shown.to_owned()), "{wish}");
        }
    }

    #[test]
    fn what_cannot_be_seen_or_turns_around_is_refused() {
        for (wish, code) in [
            ("a", "too_short"),
            (" a ", "too_short"),
            ("", "too_short"),
            ("가나다라마바사아자차카타파하거너더러머버서", "too_long"),
            ("mi\u{200B}ra", "invalid"),
            ("mi\u{200C}ra", "invalid"),
            ("mi\u{200D}ra", "invalid"),
            ("mi\u{202E}ra", "invalid"),
            ("mi\u{2066}ra", "invalid"),
            ("mi\nra", "invalid"),
            ("mi\u{0}ra", "invalid"),
            ("\u{3164}\u{3164}", "invalid"),
            ("ab\u{E0041}", "invalid"),
            ("ab\u{FFFD}", "invalid"),
            ("ab\u{E000}", "invalid"),
            ("!!", "invalid"),
            ("a\u{323}\u{324}\u{325}b", "invalid"),
        ] {
            assert_eq!(Nickname::new(wish).err(), Some(code), "{wish:?}");
        }
        assert_eq!(Nickname::new(&"\u{FDFA}".repeat(20)).err(), Some("too_long"));
        assert_eq!(Nickname::new(&"a".repeat(100_000)).err(), Some("too_long"));
    }

    #[test]
    fn nobody_looks_as_if_he_had_left() {
        for (wish, is_refused) in [
            ("탈퇴한 이웃", true),
            ("탈퇴한 이웃 12", true),
            ("탈퇴한이웃12", true),
            ("탈퇴한 이웃 #12", true),
            ("탈퇴한 이웃 (l2)", true),
            ("Former neighbour 7", true),
            ("former neighb0ur 7", true),
            ("Former neighbor 7", true),
            ("Former neighbour O", true), // as 0
            ("탈퇴한 이웃사촌", false),
            ("탈퇴한 이웃의 친구", false),
            ("Former neighbours", false),
            ("Former neighbourly", false),
            ("이웃 12", false),
            ("안 탈퇴한 이웃", false),
        ] {
            assert_eq!(Nickname::new(wish).is_err(), is_refused, "{wish}");
        }
    }

    #[test]
    fn two_that_look_alike_have_one_skeleton() {
        let skeleton = |wish| Nickname::new(wish).expect(wish).skeleton;
        for (one, other, alike) in [
            ("mira", "Mira", true),
            ("mira", "m i r a", true),
            ("mira", "mіra", true), // a Cyrillic і
            ("paypal", "рaуpaⅼ", true),
            ("Olga", "0lga", true),
            ("Il1", "lIl", true),
            ("Ian", "ian", true),
            ("Ian", "lan", true),
            ("MIRA", "mira", true),
            ("모두0", "모두O", true),
            ("부엉이", "부엉이", true),
            ("mira", "mila", false),
            ("부엉이", "부엉아", false),
        ] {
            assert_eq!(skeleton(one) == skeleton(other), alike, "{one} and {other}");
        }
    }
}
