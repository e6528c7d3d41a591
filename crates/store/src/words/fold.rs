//! Folding: texts that people would call the same become the same, and syllables are taken apart.
//!
//! Unicode's compatibility form (NFKC) makes full-width letters plain and puts syllables that came in pieces together;
//! consonants that stand alone stay letters of their own, as nobody means them as pieces.

use unicode_normalization::UnicodeNormalization as _;

/// The consonants that a syllable begins with, in the order of Unicode.
const INITIALS: [char; 19] = [
    'ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ', 'ㅌ',
    'ㅍ', 'ㅎ',
];

/// What a keyboard draws together when two consonants are typed one after another.
const CLUSTERS: [(char, [char; 2]); 11] = [
    ('ㄳ', ['ㄱ', 'ㅅ']),
    ('ㄵ', ['ㄴ', 'ㅈ']),
    ('ㄶ', ['ㄴ', 'ㅎ']),
    ('ㄺ', ['ㄹ', 'ㄱ']),
    ('ㄻ', ['ㄹ', 'ㅁ']),
    ('ㄼ', ['ㄹ', 'ㅂ']),
    ('ㄽ', ['ㄹ', 'ㅅ']),
    ('ㄾ', ['ㄹ', 'ㅌ']),
    ('ㄿ', ['ㄹ', 'ㅍ']),
    ('ㅀ', ['ㄹ', 'ㅎ']),
    ('ㅄ', ['ㅂ', 'ㅅ']),
];

/// Each final consonant, in the order of Unicode: what stays of it when its last part begins the next syllable (0:
/// nothing), and that part.
const FINALS: [(u32, char); 27] = [
    (0, 'ㄱ'),
    (0, 'ㄲ'),
    (1, 'ㅅ'),
    (0, 'ㄴ'),
    (4, 'ㅈ'),
    (4, 'ㅎ'),
    (0, 'ㄷ'),
    (0, 'ㄹ'),
    (8, 'ㄱ'),
    (8, 'ㅁ'),
    (8, 'ㅂ'),
    (8, 'ㅅ'),
    (8, 'ㅌ'),
    (8, 'ㅍ'),
    (8, 'ㅎ'),
    (0, 'ㅁ'),
    (0, 'ㅂ'),
    (17, 'ㅅ'),
    (0, 'ㅅ'),
    (0, 'ㅆ'),
    (0, 'ㅇ'),
    (0, 'ㅈ'),
    (0, 'ㅊ'),
    (0, 'ㅋ'),
    (0, 'ㅌ'),
    (0, 'ㅍ'),
    (0, 'ㅎ'),
];

/// The first syllable, and how many follow one another with the same beginning.
const FIRST: u32 = '가' as u32;
const FINALS_EACH: u32 = 28;
const VOWELS_EACH: u32 = 21;

/// The first of the consonants that stand for the beginning of a syllable in pieces.
const FIRST_PIECE: u32 = 0x1100;

/// The text as it is kept and sought: lower-cased, of one width, syllables whole, consonants that stand alone each alone.
pub fn folded(text: &str) -> String {
    // Most titles: whole syllables and ASCII, of which Unicode changes nothing but the case.
    if text.chars().all(|letter| letter.is_ascii() || is_syllable(letter)) {
        return text.to_ascii_lowercase();
    }
    folded_by_unicode(text)
}

fn folded_by_unicode(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut plain = String::new();
    for letter in text.chars() {
        let parts = CLUSTERS.iter().find(|(cluster, _)| *cluster == letter).map(|(_, parts)| *parts);
        if parts.is_none() && !is_initial(letter) {
            plain.push(letter);
            continue;
        }
        fold_plain(&plain, &mut folded);
        plain.clear();
        match parts {
            Some(parts) => folded.extend(parts),
            None => folded.push(letter),
        }
    }
    fold_plain(&plain, &mut folded);
    folded
}

fn fold_plain(plain: &str, folded: &mut String) {
    let alone = |letter: char| {
        let piece = u32::from(letter).checked_sub(FIRST_PIECE).and_then(|at| usize::try_from(at).ok());
        piece.and_then(|at| INITIALS.get(at).copied()).unwrap_or(letter)
    };
    folded.extend(plain.nfkc().flat_map(char::to_lowercase).map(alone));
}

/// Whether it is part of a word.
pub(super) fn is_of_a_word(letter: char) -> bool {
    is_syllable(letter) || letter.is_alphanumeric()
}

/// Whether it is a whole syllable.
pub(super) fn is_syllable(letter: char) -> bool {
    ('가'..='힣').contains(&letter)
}

/// Whether it is a consonant that begins syllables, standing alone.
pub(super) fn is_initial(letter: char) -> bool {
    INITIALS.contains(&letter)
}

/// The consonant that a syllable begins with; anything else stays as it is.
pub(super) fn initial(syllable: char) -> char {
    let at = u32::from(syllable).wrapping_sub(FIRST) / (FINALS_EACH * VOWELS_EACH);
    usize::try_from(at).ok().and_then(|at| INITIALS.get(at).copied()).unwrap_or(syllable)
}

/// Which final consonant a syllable has; 0 for none.
pub(super) fn final_of(syllable: char) -> u32 {
    if is_syllable(syllable) { (u32::from(syllable) - FIRST) % FINALS_EACH } else { 0 }
}

/// A syllable without its final consonant.
pub(super) fn open(syllable: char) -> Option<char> {
    char::from_u32(u32::from(syllable) - final_of(syllable))
}

/// A syllable whose final consonant begins the next one: 읮 is 의 and ㅈ, 값 is 갑 and ㅅ. None if it has none.
pub(super) fn split_final(syllable: char) -> Option<(char, char)> {
    let at = final_of(syllable).checked_sub(1)?;
    let (stays, next) = FINALS.get(usize::try_from(at).ok()?)?;
    let open = u32::from(syllable) - final_of(syllable) + stays;
    Some((char::from_u32(open)?, *next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_look_the_same_are_the_same() {
        for (text, expected) in [
            ("ＬＧ Gram", "lg gram"),
            ("ㅇㅈ", "ㅇㅈ"),
            ("ㄳ", "ㄱㅅ"),
            ("의ㅈ", "의ㅈ"),
            ("\u{110b}\u{1174}\u{110c}", "의ㅈ"),
            ("①㎏", "1kg"),
            ("가ㄱ", "가ㄱ"),
        ] {
            assert_eq!(folded(text), expected, "{text}");
        }
    }

    #[test]
    fn of_syllables_and_ascii_unicode_changes_the_case_alone() {
        let letters: Vec<char> = ('\0'..='\x7f').chain('가'..='힣').collect();
        for (one, other) in letters.iter().zip(letters.iter().rev()) {
            let text = format!("{one}A{other}{one}");
            assert_eq!(folded(&text), folded_by_unicode(&text), "{text:?}");
        }
    }

    #[test]
    fn syllables_are_taken_apart() {
        for (syllable, first, halves) in [
            ('의', 'ㅇ', None),
            ('읮', 'ㅇ', Some(('의', 'ㅈ'))),
            ('값', 'ㄱ', Some(('갑', 'ㅅ'))),
            ('힣', 'ㅎ', Some(('히', 'ㅎ'))),
            ('가', 'ㄱ', None),
            ('닭', 'ㄷ', Some(('달', 'ㄱ'))),
        ] {
            assert_eq!((initial(syllable), split_final(syllable)), (first, halves), "{syllable}");
        }
        assert_eq!(initial('a'), 'a');
        assert_eq!((open('방'), open('바'), open('a')), (Some('바'), Some('바'), Some('a')));
    }
}
