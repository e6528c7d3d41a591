//! Money and numbers as people write them, and amounts as people type them; whole won only.

use super::Language;

/// A whole number of won, owned or borrowed, so that templates need not care.
pub trait Amount {
    /// The number of won.
    fn won(&self) -> i64;
}

impl Amount for i64 {
    fn won(&self) -> i64 {
        *self
    }
}

impl<T: Amount + ?Sized> Amount for &T {
    fn won(&self) -> i64 {
        (**self).won()
    }
}

/// `15,000원` or `₩15,000`; a negative amount carries a true minus sign in front.
pub fn money(language: Language, amount: impl Amount) -> String {
    let amount = amount.won();
    let sign = if amount < 0 { "−" } else { "" };
    let figure = grouped(amount.unsigned_abs());
    match language {
        Language::Ko => format!("{sign}{figure}원"),
        Language::En => format!("{sign}₩{figure}"),
    }
}

/// A number with a comma at every thousand.
pub fn digits(number: i64) -> String {
    let sign = if number < 0 { "−" } else { "" };
    format!("{sign}{}", grouped(number.unsigned_abs()))
}

/// Reads an amount as a person types it in a form: `15000`, `15,000`, `15,000원`, `₩15,000` and full-width digits.
/// Anything else, a sign or a fraction included, is none.
pub fn amount_typed(text: &str) -> Option<i64> {
    const LONGEST: usize = 40;
    let text = text.trim();
    if text.chars().count() > LONGEST {
        return None;
    }
    let text = text.strip_suffix('원').or_else(|| text.strip_prefix(['₩', '￦'])).unwrap_or(text);
    let mut plain = String::new();
    for letter in text.trim().chars() {
        match letter {
            '0'..='9' => plain.push(letter),
            '０'..='９' => plain.push(char::from_digit(u32::from(letter) - u32::from('０'), 10)?),
            ',' | '，' | ' ' => {}
            _ => return None,
        }
    }
    plain.parse().ok()
}

fn grouped(number: u64) -> String {
    let plain = number.to_string();
    let mut out = String::with_capacity(plain.len() + plain.len() / 3);
    for (place, digit) in plain.chars().enumerate() {
        if place > 0 && (plain.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Language, amount_typed, digits, money};

    #[test]
    fn money_is_written_as_people_write_it() {
        let cases = [
            (0, "0원", "₩0"),
            (999, "999원", "₩999"),
            (1_000, "1,000원", "₩1,000"),
            (15_000, "15,000원", "₩15,000"),
            (1_000_000_000_000, "1,000,000,000,000원", "₩1,000,000,000,000"),
            (-16_000, "−16,000원", "−₩16,000"),
        ];
        for (amount, ko, en) in cases {
            assert_eq!(money(Language::Ko, amount), ko);
            assert_eq!(money(Language::En, amount), en);
        }
        assert_eq!(digits(1_234_567), "1,234,567");
    }

    #[test]
    fn amounts_are_read_as_people_type_them() {
        let cases = [
            ("15000", Some(15_000)),
            ("15,000", Some(15_000)),
            (" 15,000원 ", Some(15_000)),
            ("₩15,000", Some(15_000)),
            ("１５，０００", Some(15_000)),
            ("15.5", None),
            ("-1", None),
            ("1e4", None),
            ("", None),
            ("99999999999999999999", None),
        ];
        for (typed, wanted) in cases {
            assert_eq!(amount_typed(typed), wanted, "{typed}");
        }
    }
}
