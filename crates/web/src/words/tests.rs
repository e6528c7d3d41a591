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
        limit: Some(1_000_000_000_000),
        below: Some(15_000),
        above: Some(16_000),
        retry_after: Some(30),
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
    assert_eq!(text, "원목 의자를 16,000원에 낙찰받았어요.");
    let figures = [("title", "접이식 책상".into()), ("amount", "16,000원".into())];
    assert_eq!(Language::Ko.text_with("notice-sold", &figures), "접이식 책상이 16,000원에 팔렸어요.");
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
