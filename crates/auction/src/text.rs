//! Texts that people write: nothing in them is hidden, and nothing turns around what stands beside them.
//!
//! Characters are refused, never taken out in silence: what a member sees is what was stored.

use crate::listing::FieldCode;

/// How many lines a text may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// No line breaks and no tabs.
    One,
    /// As many as fit.
    Any,
}

/// What is wrong with a text, if anything: `required` with fewer than `chars_min` characters (spaces around it are not
/// counted), `too_long` with more than `chars_max`, `invalid` with a hidden character or a line too many.
pub fn text_fault(text: &str, chars_min: usize, chars_max: usize, lines: Lines) -> Option<FieldCode> {
    if text.trim().chars().count() < chars_min {
        return Some(FieldCode::Required);
    }
    if text.chars().count() > chars_max {
        return Some(FieldCode::TooLong);
    }
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let is_layout = lines == Lines::Any && matches!(c, '\n' | '\r' | '\t');
        if is_hidden(c) && !is_layout && !joins_emoji(before, c, rest.peek().copied()) {
            return Some(FieldCode::Invalid);
        }
        before = Some(c);
    }
    None
}

/// Whether a character shows nothing, turns the text around, or means something else on every machine: controls, bidi
/// controls, joiners, fillers, variation selectors, tags, private use and noncharacters. Spaces of any width are seen.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{2800}' | '\u{3164}' | '\u{FDD0}'..='\u{FDEF}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFF}' | '\u{13430}'..='\u{1345F}' | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}' | '\u{E000}'..='\u{F8FF}'
            | '\u{F0000}'..='\u{10FFFF}')
}

/// Whether a hidden character is part of an emoji: what asks for the picture of one, a keycap, or joins two to one.
fn joins_emoji(before: Option<char>, c: char, after: Option<char>) -> bool {
    let follows_picture = before.is_some_and(is_picture);
    match c {
        '\u{FE0F}' => follows_picture || (before.is_some_and(is_key) && after == Some('\u{20E3}')),
        '\u{200D}' => (follows_picture || before == Some('\u{FE0F}')) && after.is_some_and(is_picture),
        _ => false,
    }
}

const fn is_key(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '#' | '*')
}

/// The blocks in which emoji stand.
const fn is_picture(c: char) -> bool {
    matches!(c,
        '\u{A9}' | '\u{AE}' | '\u{203C}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2190}'..='\u{21FF}'
        | '\u{2300}'..='\u{23FF}' | '\u{24C2}' | '\u{25A0}'..='\u{27BF}' | '\u{2900}'..='\u{297F}'
        | '\u{2B00}'..='\u{2BFF}' | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}' | '\u{1F000}'..='\u{1FAFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, one: Option<FieldCode>, any: Option<FieldCode>) {
        assert_eq!(text_fault(text, 1, 10, Lines::One), one, "{text:?} on one line");
        assert_eq!(text_fault(text, 1, 10, Lines::Any), any, "{text:?} on any");
    }

    #[test]
    fn a_text_has_so_many_characters() {
        check("가나다라마바사아자차", None, None);
        check("가나다라마바사아자차카", Some(FieldCode::TooLong), Some(FieldCode::TooLong));
        check("의", None, None);
        check(" \u{3000} ", Some(FieldCode::Required), Some(FieldCode::Required));
        assert_eq!(text_fault("", 0, 10, Lines::Any), None);
    }

    #[test]
    fn line_breaks_stand_where_there_are_lines() {
        for text in ["a\nb", "a\r\nb", "a\tb"] {
            check(text, Some(FieldCode::Invalid), None);
        }
    }

    #[test]
    fn what_is_hidden_or_turns_around_is_refused() {
        for hidden in [
            '\0',
            '\u{7}',
            '\u{7F}',
            '\u{85}',
            '\u{AD}',
            '\u{61C}',
            '\u{115F}',
            '\u{180E}',
            '\u{200B}',
            '\u{200C}',
            '\u{200D}',
            '\u{200E}',
            '\u{200F}',
            '\u{2028}',
            '\u{2029}',
            '\u{202A}',
            '\u{202E}',
            '\u{2060}',
            '\u{2064}',
            '\u{2066}',
            '\u{2069}',
            '\u{206F}',
            '\u{2800}',
            '\u{3164}',
            '\u{E000}',
            '\u{FDD0}',
            '\u{FE0F}',
            '\u{FEFF}',
            '\u{FFA0}',
            '\u{FFFD}',
            '\u{1D173}',
            '\u{E0041}',
            '\u{F0000}',
            '\u{10FFFF}',
        ] {
            check(&format!("의{hidden}자"), Some(FieldCode::Invalid), Some(FieldCode::Invalid));
        }
    }

    #[test]
    fn what_people_type_is_taken() {
        for text in [
            "원목 의자",
            "Café № 5",
            "שלום",
            "مرحبا",
            "日本の机",
            "ไทย",
            "हिन्दी",
            "e\u{301}",
            "a\u{A0}b",
            "a\u{202F}b",
            "❤️",
            "👍🏽",
            "👩‍💻",
            "👩‍❤️‍👨",
            "1️⃣",
            "🇰🇷",
            "✔️ 새것",
            "☎️",
            "™️",
        ] {
            check(text, None, None);
        }
    }

    #[test]
    fn a_joiner_that_joins_no_emoji_is_hidden() {
        for text in [
            "👩\u{200D}",
            "\u{200D}👩",
            "a\u{200D}👩",
            "👩\u{200D}b",
            "a\u{FE0F}",
            "1\u{FE0F}",
            "\u{FE0F}",
            "❤\u{FE0E}",
        ] {
            check(text, Some(FieldCode::Invalid), Some(FieldCode::Invalid));
        }
    }
}
