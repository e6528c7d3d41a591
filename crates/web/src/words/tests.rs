//! Every key in both languages, every code with its sentence, every language header.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Figures, Language, field_fault, for_scripts, keys, refusal};

fn keys_of(language: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales").join(language);
    let mut found = BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for line in text.lines() {
            let starts = line.chars().next().is_some_and(|first| first.is_ascii_lowercase());
            if let Some((key, _)) = line.split_once(" =")
                && starts
            {
                assert!(found.insert(key.to_owned()), "{language}: {key} stands twice");
            }
        }
    }
    found
}

fn variables_of(language: &str, key: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales").join(language);
    let mut inside = false;
    let mut found = BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for line in text.lines() {
            if line.starts_with(|first: char| first.is_ascii_lowercase()) {
                inside = line.split_once(" =").is_some_and(|(name, _)| name == key);
            }
            if inside {
                let names = line.split('$').skip(1).map(|rest| {
                    rest.chars()
                        .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_')
                        .collect()
                });
                found.extend(names);
            }
        }
    }
    found
}

#[test]
fn every_key_exists_in_both_languages() {
    let (ko, en) = (keys_of("ko"), keys_of("en"));
    assert_eq!(ko.difference(&en).collect::<Vec<_>>(), Vec::<&String>::new(), "missing in English");
    assert_eq!(en.difference(&ko).collect::<Vec<_>>(), Vec::<&String>::new(), "missing in Korean");
    assert!(ko.len() > 250);
}

#[test]
fn both_languages_take_the_same_figures() {
    for key in keys_of("ko") {
        let (ko, en) = (variables_of("ko", &key), variables_of("en", &key));
        assert_eq!(ko, en, "{key}");
    }
}

#[test]
fn every_code_has_a_sentence_with_and_without_its_figures() {
    let full = Figures {
        minimum: Some(16_000),
        maximum: Some(30_000),
        required: Some(16_000),
        available: Some(9_000),
        missing: Some(20_000),
        fees: Some(3_000),
        limit: Some(1_000_000_000_000),
        below: Some(15_000),
        above: Some(16_000),
        retry_after: Some(30),
        tries_left: Some(3),
        starts_at: Some("오늘 오후 9:00".to_owned()),
        outcome: Some("sold".to_owned()),
    };
    for code in keys::ERRORS {
        for language in [Language::Ko, Language::En] {
            for figures in [&full, &Figures::default()] {
                let text = refusal(language, code, figures);
                assert!(
                    !text.contains("Unknown") && !text.contains('{') && !text.contains("none"),
                    "{code}: {text}"
                );
                assert!(text.chars().count() > 8, "{code}: {text}");
            }
        }
    }
    let text = refusal(Language::Ko, "below_minimum", &full);
    assert_eq!(text, "지금은 16,000원부터 입찰할 수 있어요. 묶인 돈은 없어요.");
    let text = refusal(Language::Ko, "insufficient_funds", &full);
    assert_eq!(text, "7,000원이 모자라요. 필요한 돈은 16,000원, 쓸 수 있는 돈은 9,000원이에요.");
    assert_eq!(refusal(Language::En, "no_such_code", &full), refusal(Language::En, "internal", &full));
    assert_eq!(field_fault(Language::En, "required"), "Please fill this in.");
    assert_eq!(field_fault(Language::Ko, "no_such_fault"), "다시 확인해 주세요.");
}

#[test]
fn scripts_get_their_words_with_places_for_figures() {
    for language in [Language::Ko, Language::En] {
        for (key, text) in for_scripts(language) {
            assert!(!text.contains("Unknown") && !text.contains('$'), "{key}: {text}");
        }
    }
    let ko = for_scripts(Language::Ko);
    assert!(ko.contains(&("live-outbid", "밀렸어요. {minimum}부터 다시 입찰할 수 있어요.".to_owned())));
}

#[test]
fn titles_take_their_particles() {
    let figures = [("title", "원목 의자".into()), ("amount", "16,000원".into())];
    let text = Language::Ko.text_with("notice-won", &figures);
    assert_eq!(text, "\u{2068}원목 의자\u{2069}를 16,000원에 낙찰받았어요.");
    let figures = [("title", "접이식 책상".into()), ("amount", "16,000원".into())];
    let text = Language::Ko.text_with("notice-sold", &figures);
    assert_eq!(text, "\u{2068}접이식 책상\u{2069}이 16,000원에 팔렸어요.");
}

/// A title that reads from right to left turns neither the price nor the rest of the sentence around.
#[test]
fn what_members_write_stands_apart_and_figures_of_ours_do_not() {
    let figures = [("title", "כיסא".into()), ("amount", "₩16,000".into())];
    let text = Language::En.text_with("notice-sold", &figures);
    assert_eq!(text, "\u{2068}כיסא\u{2069} sold for ₩16,000.");
    let text = Language::En.text_with("member-blocked", &[("name", "mira".into())]);
    assert_eq!(text, "\u{2068}mira\u{2069} can't bid on your items.");
    let text = Language::En.text_with("banner-cancelled", &[("reason", "moved".into())]);
    assert_eq!(text, "No money is held for it. Reason: \u{2068}moved\u{2069}");
}

/// The codes of fields that one source says, outside its tests: the last word of what makes a fault.
fn field_codes_in(source: &str) -> BTreeSet<String> {
    let product = source.split("#[cfg(test)]").next().unwrap_or_default();
    let flat = product.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = |text: &str| -> Vec<String> {
        let is_code =
            |word: &&str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        text.split('"').skip(1).step_by(2).filter(is_code).map(str::to_owned).collect()
    };
    let mut found = BTreeSet::new();
    let first = |after: &str| words(&format!("\"{}\"", after.split('"').next().unwrap_or_default()));
    found.extend(flat.split("code: \"").skip(1).flat_map(first));
    for after in flat.split("let code = if ").skip(1) {
        found.extend(words(after.split(';').next().unwrap_or_default()));
    }
    for after in flat.split("let code = match ").skip(1) {
        let arms = after.split("};").next().unwrap_or_default();
        found.extend(arms.split("=> \"").skip(1).flat_map(first));
    }
    for made in ["fault(", "invalid_field("] {
        for after in flat.split(made).skip(1) {
            let arguments = after.split(')').next().unwrap_or_default();
            if let Some((_, code)) = arguments.rsplit_once(", ") {
                found.extend(words(code));
            }
        }
    }
    let says_what_is_wrong =
        flat.contains("fn fault(") || flat.contains("_fault(") || flat.contains("Result<Nickname");
    for made in ["Err(\"", "Some(\"", "then_some(\""] {
        found.extend(flat.split(made).skip(1).filter(|_| says_what_is_wrong).flat_map(first));
    }
    found
}

fn sources(folder: &Path, into: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
            into.push(std::fs::read_to_string(path).unwrap());
        }
    }
}

/// Nothing is said of a field that has no sentence, and no sentence is left of what is said no more.
#[test]
fn every_code_of_a_field_that_is_used_has_a_sentence_in_both_languages() {
    let mut texts = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut texts);
    let mut used: BTreeSet<String> = texts.iter().flat_map(|text| field_codes_in(text)).collect();
    used.extend(auction::FieldCode::ALL.map(|code| code.name().to_owned()));
    let known: BTreeSet<String> = keys::FIELDS.iter().map(|code| (*code).to_owned()).collect();
    assert_eq!(used, known);
    let told = |language: &str| -> BTreeSet<String> {
        keys_of(language).iter().filter_map(|key| key.strip_prefix("field-")).map(str::to_owned).collect()
    };
    assert_eq!((told("ko"), told("en")), (known.clone(), known));
    for code in keys::FIELDS {
        let (ko, en) = (field_fault(Language::Ko, code), field_fault(Language::En, code));
        assert!(!ko.is_ascii() && !ko.contains("Unknown"), "{code}: {ko}");
        assert!(en.is_ascii() && !en.contains("Unknown"), "{code}: {en}");
    }
}

#[test]
fn the_codes_of_fields_are_found_however_they_are_said() {
    let source = r#"
        fields.fault("cursor", "invalid");
        fault("username", code);
        Problem::invalid_field(
            "up_to", "required");
        FieldFault { field: name.to_owned(), code: "repeated" };
        let code = if is_amount { "amount_invalid" } else { "too_low" };
        fn name_fault(name: &str) -> Option<&'static str> { return Some("too_short"); }
        #[cfg(test)] mod tests { fn one() { fields.fault("a", "nothing_of_ours"); } }
    "#;
    let found: Vec<_> = field_codes_in(source).into_iter().collect();
    assert_eq!(found, ["amount_invalid", "invalid", "repeated", "required", "too_low", "too_short"]);
}

#[test]
fn the_language_is_read_from_the_header() {
    let cases = [
        ("", Language::Ko),
        ("ko-KR,ko;q=0.9,en;q=0.8", Language::Ko),
        ("en-US,en;q=0.9,ko;q=0.8", Language::En),
        ("ko;q=0.3,en;q=0.31", Language::En),
        ("fr-FR,fr;q=0.9,en;q=0.5", Language::En),
        ("fr", Language::Ko),
        ("en;q=0", Language::Ko),
        ("*", Language::Ko),
        (";;;q=,,,", Language::Ko),
    ];
    for (header, wanted) in cases {
        assert_eq!(Language::from_accept(header), wanted, "{header}");
    }
    assert_eq!(Language::from_code("en"), Some(Language::En));
    assert_eq!(Language::from_code("EN"), None);
}
