//! Contact: whether a text has something like a phone number, a bank account or an e-mail address in it.
//!
//! Whoever is about to show such a thing to everybody is warned, and may do it all the same; so it may err, and errs towards
//! silence: prices, dates and sizes must not warn.

use unicode_normalization::UnicodeNormalization;

/// How many digits a phone number has, with the zero in front.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 9..=11;

/// How many digits a phone number has behind `+82`, with it.
const ABROAD_DIGITS: std::ops::RangeInclusive<usize> = 10..=13;

/// How many digits a bank account has.
const ACCOUNT_DIGITS: std::ops::RangeInclusive<usize> = 10..=16;

/// Whether the text has something by which somebody can be reached or paid.
pub fn has_contact(text: &str) -> bool {
    let letters: Vec<char> = text.nfkc().collect();
    has_address(&letters) || runs(&letters).iter().any(Run::is_contact)
}

/// Digits with no more than one mark between two of them.
#[derive(Debug, Default)]
struct Run {
    /// The digits of each group, in order.
    groups: Vec<String>,
    /// The marks between the groups.
    marks: Vec<char>,
    /// Whether some digits are words, such as 공일공.
    is_spoken: bool,
    /// What stands right before it.
    before: Option<char>,
    /// What stands right behind it.
    after: Option<char>,
}

/// The digit that a character is, and whether it is a word for one.
fn digit(letter: char) -> Option<(char, bool)> {
    let spoken = match letter {
        '0'..='9' => return Some((letter, false)),
        '공' | '영' => '0',
        '일' => '1',
        '이' => '2',
        '삼' => '3',
        '사' => '4',
        '오' => '5',
        '육' | '륙' => '6',
        '칠' => '7',
        '팔' => '8',
        '구' => '9',
        _ => return None,
    };
    Some((spoken, true))
}

/// Every run of digits; a mark between two groups may be one of these, with spaces around it.
fn runs(letters: &[char]) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        if letters.get(at).copied().and_then(digit).is_none() {
            at += 1;
            continue;
        }
        let before = at.checked_sub(1).and_then(|before| letters.get(before)).copied();
        let mut run = Run { before, ..Run::default() };
        loop {
            let mut group = String::new();
            while let Some((digit, is_spoken)) = letters.get(at).copied().and_then(digit) {
                group.push(digit);
                run.is_spoken |= is_spoken;
                at += 1;
            }
            run.groups.push(group);
            let Some((mark, next)) = mark(letters, at) else { break };
            run.marks.push(mark);
            at = next;
        }
        run.after = letters.get(at).copied();
        runs.push(run);
    }
    runs
}

/// The mark between two groups, and where the next group begins: at most one mark and a space on each side of it.
fn mark(letters: &[char], from: usize) -> Option<(char, usize)> {
    let mut mark = None;
    for (at, letter) in letters.iter().copied().enumerate().skip(from).take(4) {
        match letter {
            ' ' | '\u{a0}' => mark = mark.or(Some(' ')),
            '-' | '‐' | '‑' | '–' | '.' | '(' | ')' | '·' if mark.is_none_or(|mark| mark == ' ') => {
                mark = Some(if matches!(letter, '‐' | '‑' | '–') { '-' } else { letter });
            }
            _ => return mark.filter(|_| digit(letter).is_some()).map(|mark| (mark, at)),
        }
    }
    None
}

impl Run {
    fn is_contact(&self) -> bool {
        self.is_phone() || self.is_abroad() || self.is_account()
    }

    /// Some groups of it that follow each other are a number with a zero in front. Of a number that stands by itself more
    /// may follow in words (공일공…이에요), as these look like digits.
    fn is_phone(&self) -> bool {
        (0..self.groups.len()).any(|first| {
            let Some(groups) = self.groups.get(first..) else { return false };
            let all: String = groups.concat();
            let is_mobile =
                ["010", "011", "016", "017", "018", "019"].iter().any(|begin| all.starts_with(begin));
            let is_day = groups.first().is_some_and(|group| group.len() == 2) && !self.is_spoken;
            if is_mobile && !is_day && all.len() >= 10 {
                return true;
            }
            is_area(groups.first())
                && (2..=groups.len()).any(|last| {
                    let digits: usize = groups.iter().take(last).map(String::len).sum();
                    let ends_in_four = groups.get(last - 1).is_some_and(|group| group.len() == 4);
                    PHONE_DIGITS.contains(&digits) && ends_in_four
                })
        })
    }

    /// `+82 10-…`.
    fn is_abroad(&self) -> bool {
        let all = self.groups.concat();
        self.before == Some('+') && all.starts_with("82") && ABROAD_DIGITS.contains(&all.len())
    }

    /// Digits in one piece or with dashes between them, as many as an account has; not a book's number or a price.
    fn is_account(&self) -> bool {
        let has_dashes = self.marks.iter().all(|mark| *mark == '-');
        let all = self.groups.concat();
        let is_book = all.len() == 13 && (all.starts_with("978") || all.starts_with("979"));
        let is_price = self.after == Some('원') || self.after == Some(',') || self.before == Some(',');
        let is_amount = self.marks.is_empty() && all.ends_with("000");
        has_dashes
            && !self.is_spoken
            && ACCOUNT_DIGITS.contains(&all.len())
            && !is_book
            && !is_price
            && !is_amount
    }
}

/// 02, 031 to 064, 050x and 070.
fn is_area(group: Option<&String>) -> bool {
    let Some(group) = group else { return false };
    let is_three =
        group.len() == 3 && ["03", "04", "05", "06", "07"].iter().any(|begin| group.starts_with(begin));
    group == "02" || is_three || (group.len() == 4 && group.starts_with("050"))
}

/// Whether there is an e-mail address: letters, an at sign, and a name with a dot; spaces around the at sign hide nothing.
fn has_address(letters: &[char]) -> bool {
    let is_name = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-' | '+');
    letters.iter().enumerate().filter(|(_, letter)| **letter == '@').any(|(at, _)| {
        let before = letters[..at].iter().rev().skip_while(|letter| **letter == ' ');
        let has_name = before.clone().next().is_some_and(is_name);
        let host = letters[at + 1..].iter().skip_while(|letter| **letter == ' ');
        let host: String = host.take_while(|letter| is_name(letter)).collect();
        let end = host.trim_end_matches('.').rsplit_once('.');
        let has_host = end.is_some_and(|(name, end)| {
            !name.is_empty() && end.len() >= 2 && end.chars().all(|letter| letter.is_ascii_alphabetic())
        });
        has_name && has_host
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reaches_somebody_warns() {
        for text in [
            "01012345678",
            "010-1234-5678",
            "010 1234 5678로 주세요",
            "010.1234.5678",
            "(010) 1234-5678",
            "010 - 1234 - 5678",
            "전화는 010–1234–5678 이에요",
            "0 1 0 1 2 3 4 5 6 7 8",
            "０１０－１２３４－５６７８",
            "011-234-5678",
            "0101234-5678",
            "공일공일이삼사오육칠팔",
            "공일공 일이삼사 오육칠팔이에요",
            "영일영-1234-5678",
            "공1공-1234-5678",
            "+82 10-1234-5678",
            "+821012345678",
            "02-123-4567",
            "02)1234-5678",
            "031-123-4567",
            "070-1234-5678",
            "0505-123-4567",
            "이 010-1234-5678",
            "국민 110-123-456789",
            "3333-01-1234567 카카오뱅크",
            "계좌 12345678901234",
            "1002-123-456789",
            "mira@example.com",
            "mira.kim+chair@mail.example.co.kr로 보내 주세요",
            "mira @ example.com",
            "ｍｉｒａ＠ｅｘａｍｐｌｅ．ｃｏｍ",
        ] {
            assert!(has_contact(text), "{text}");
        }
    }

    #[test]
    fn prices_dates_and_sizes_do_not_warn() {
        for text in [
            "",
            "아직 있나요?",
            "1,000,000원",
            "1000000원에 주세요",
            "10000000000원",
            "1000000000",
            "1,234,567,890,123원",
            "15000원 16000원 17000원",
            "15,000 / 16,000 / 17,000",
            "2026-11-22",
            "2026.11.22 14:30",
            "2026. 11. 22. 오후 2시",
            "2026-11-22 ~ 2026-11-30",
            "2026.11.22-2026.11.30",
            "01.02.2026 10시",
            "11월 22일 이사 오후 2시 30분",
            "10일이나 20일이 좋아요",
            "사이즈 270, 280, 290",
            "1920x1080, 3840 x 2160",
            "가로 120 세로 60 높이 75",
            "978-89-329-1724-5",
            "9788932917245",
            "SM-G991N",
            "iPhone 15 Pro 256GB",
            "이삼일 안에 오실 수 있나요? 오육만 원이면 좋겠어요",
            "공구가 구 개, 사이즈는 오 육 칠",
            "0.5kg 1.25kg",
            "@망원동",
            "a@b",
            "오후 3시@망원역",
            "24-70mm f2.8, 70-200mm f4",
        ] {
            assert!(!has_contact(text), "{text}");
        }
    }
}
