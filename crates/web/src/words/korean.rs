//! Korean particles: picks 을 or 를, 이 or 가 and so on by how the word before it ends when read aloud.

/// How a word ends when it is read aloud.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Vowel,
    Rieul,
    Consonant,
}

/// The particle that follows `word`. `pair` names the family by either or both of its forms: `을/를`, `이/가`, `은/는`,
/// `과/와`, `으로/로`, `아/야`, `이에요/예요`, `이나/나`, `이랑/랑`, `이라/라`, `이라고/라고`, `으로서/로서`, `으로써/로써`; the form after a consonant comes first. A family unknown here is returned as it is.
pub fn particle(word: &str, pair: &str) -> String {
    let Some((closed, open)) = family(pair) else {
        return pair.to_owned();
    };
    let ending = ending(word);
    let takes_open = ending == Ending::Vowel || (ending == Ending::Rieul && open.starts_with('로'));
    if takes_open { open } else { closed }.to_owned()
}

fn family(pair: &str) -> Option<(&'static str, &'static str)> {
    let first = pair.split('/').next().unwrap_or_default();
    let family = match first {
        "을" | "를" => ("을", "를"),
        "이" | "가" => ("이", "가"),
        "은" | "는" => ("은", "는"),
        "과" | "와" => ("과", "와"),
        "으로" | "로" | "(으)로" => ("으로", "로"),
        "아" | "야" => ("아", "야"),
        "이에요" | "예요" => ("이에요", "예요"),
        "이나" | "나" => ("이나", "나"),
        "이랑" | "랑" => ("이랑", "랑"),
        "이라" | "라" => ("이라", "라"),
        "이라고" | "라고" => ("이라고", "라고"),
        "으로서" | "로서" => ("으로서", "로서"),
        "으로써" | "로써" => ("으로써", "로써"),
        _ => return None,
    };
    Some(family)
}

/// Marks and brackets are skipped; a word without anything readable ends like a vowel.
fn ending(word: &str) -> Ending {
    let last = word.chars().rev().find(|letter| letter.is_alphanumeric());
    match last {
        Some(letter @ '가'..='힣') => of_syllable(letter),
        Some(digit @ '0'..='9') => of_number(digit),
        Some(letter) => of_latin(word, letter.to_ascii_lowercase()),
        None => Ending::Vowel,
    }
}

fn of_syllable(letter: char) -> Ending {
    match (u32::from(letter) - u32::from('가')) % 28 {
        0 => Ending::Vowel,
        8 => Ending::Rieul,
        _ => Ending::Consonant,
    }
}

/// 영 일 이 삼 사 오 육 칠 팔 구; a number that ends in zeros is read as 십, 백, 천, 만 or 억, all of which end in a consonant.
fn of_number(digit: char) -> Ending {
    match digit {
        '1' | '7' | '8' => Ending::Rieul,
        '2' | '4' | '5' | '9' => Ending::Vowel,
        _ => Ending::Consonant,
    }
}

/// A single letter is read by its name (L, M, N, R end closed); a Latin word as it is usually spoken in Korean.
fn of_latin(word: &str, letter: char) -> Ending {
    let letters = word.chars().rev().skip_while(|last| !last.is_alphanumeric());
    let spelled: Vec<char> = letters.take_while(|last| last.is_ascii_alphanumeric()).collect();
    let an_abbreviation = spelled.iter().all(|one| !one.is_ascii_lowercase());
    match letter {
        'l' => Ending::Rieul,
        'r' if an_abbreviation => Ending::Rieul,
        'm' | 'n' => Ending::Consonant,
        'b' | 'c' | 'k' | 'p' | 't' if !an_abbreviation => Ending::Consonant,
        'g' if !an_abbreviation && spelled.get(1).is_some_and(|before| before.eq_ignore_ascii_case(&'n')) => {
            Ending::Consonant
        }
        _ => Ending::Vowel,
    }
}

#[cfg(test)]
mod tests {
    use super::particle;

    #[test]
    fn particles_follow_the_sound() {
        let cases = [
            ("의자", "을/를", "를"),
            ("책", "을/를", "을"),
            ("책상", "이/가", "이"),
            ("램프", "이/가", "가"),
            ("전등", "은/는", "은"),
            ("카메라", "은/는", "는"),
            ("연필", "으로/로", "로"),
            ("집", "으로/로", "으로"),
            ("의자", "(으)로", "로"),
            ("컵", "과/와", "과"),
            ("접시", "와", "와"),
            ("수리부엉이", "이에요/예요", "예요"),
            ("15,000원", "을/를", "을"),
            ("15,000원", "으로/로", "으로"),
            ("1", "으로/로", "로"),
            ("2", "을/를", "를"),
            ("3", "을/를", "을"),
            ("6", "이/가", "이"),
            ("7", "으로/로", "로"),
            ("9", "은/는", "는"),
            ("10", "을/를", "을"),
            ("100", "을/를", "을"),
            ("아이폰 12", "을/를", "를"),
            ("LP", "을/를", "를"),
            ("CD", "이/가", "가"),
            ("USB", "은/는", "는"),
            ("PVC 관", "을/를", "을"),
            ("MTN", "을/를", "을"),
            ("URL", "으로/로", "로"),
            ("Camping", "을/를", "을"),
            ("book", "이/가", "이"),
            ("camera", "을/를", "를"),
            ("의자 (새것)", "을/를", "을"),
            ("‘의자’", "을/를", "를"),
            ("", "을/를", "를"),
            ("🪑", "은/는", "는"),
            ("의자", "이나/나", "나"),
            ("책상", "이나/나", "이나"),
            ("연필", "이랑/랑", "이랑"),
            ("지우개", "이랑/랑", "랑"),
            ("서울", "으로서/로서", "로서"),
            ("마포구", "으로서/로서", "로서"),
            ("망원동", "으로써/로써", "으로써"),
            ("망원동", "이라고/라고", "이라고"),
            ("의자", "이라/라", "라"),
            ("3.5", "을/를", "를"),
            ("500GB", "이/가", "가"),
            ("의자", "에게", "에게"),
        ];
        for (word, pair, wanted) in cases {
            assert_eq!(particle(word, pair), wanted, "{word} + {pair}");
        }
    }
}
