//! What a notice says outside the house: the words of a letter and of a push, in the member's language.

use askama::Template;
use ledger::Money;
use post::Letter;
use serde_json::json;
use store::records::{Delivery, NoticeKind};

use crate::pages::{notice_text, way_to};
use crate::settings::PublicUrl;
use crate::words::Language;

/// A letter's page; mail programs know no style sheets, so it has hardly any style.
#[derive(Template)]
#[template(path = "mail/letter.html")]
struct LetterPage<'a> {
    language: Language,
    line: &'a str,
    act: String,
    href: &'a str,
    why: String,
    leave: Option<(String, &'a str)>,
}

/// The language a member is written to in.
pub(super) fn language_of(delivery: &Delivery) -> Language {
    Language::from_code(&delivery.reach.language).unwrap_or_default()
}

/// The sentence, the same as on the page of notices.
fn line(delivery: &Delivery, language: Language) -> String {
    let (amount, count) = (delivery.amount.map(Money::won), delivery.search.map(|told| told.count));
    notice_text(language, delivery.kind.name(), &delivery.title, amount, count)
}

/// Where it leads.
fn way(delivery: &Delivery) -> String {
    way_to(delivery.kind, delivery.auction, delivery.search)
}

/// The letter of a notice, with the address that ends such letters.
pub(super) fn letter(delivery: &Delivery, house: &PublicUrl, to: &str, leave: &str) -> Letter {
    let language = language_of(delivery);
    let (line, href) = (line(delivery, language), format!("{house}{}", way(delivery)));
    let leaving = language.text("mail-leave");
    let why = language.text("mail-why");
    let text = format!("{line}\n\n{href}\n\n-- \n{why}\n{leaving}: {leave}\n");
    let page = LetterPage {
        language,
        line: &line,
        act: language.text("mail-look"),
        href: &href,
        why,
        leave: Some((leaving, leave)),
    };
    Letter {
        to: to.to_owned(),
        subject: line.clone(),
        text,
        html: rendered(&page),
        name: format!("notice-{}", delivery.notice),
        unsubscribe: Some(leave.to_owned()),
    }
}

/// The letter that asks whether an address is a member's own.
pub(super) fn confirmation(language: Language, to: &str, href: &str, name: String) -> Letter {
    let line = language.text("mail-confirm");
    let why = language.text("mail-confirm-why");
    let page = LetterPage {
        language,
        line: &line,
        act: language.text("mail-confirm-act"),
        href,
        why: why.clone(),
        leave: None,
    };
    let subject = language.text("mail-confirm-subject");
    let text = format!("{line}\n\n{href}\n\n-- \n{why}\n");
    Letter { to: to.to_owned(), subject, text, html: rendered(&page), name, unsubscribe: None }
}

fn rendered(page: &LetterPage<'_>) -> String {
    page.render().expect("a letter is written into memory")
}

/// What a browser is told, as `sw.js` reads it. The tag is the same for the same auction and kind, so that a newer one
/// takes the place of an older one on the screen.
pub(super) fn push(delivery: &Delivery) -> Vec<u8> {
    let language = language_of(delivery);
    let told = json!({
        "title": "NeighborBid",
        "body": line(delivery, language),
        "url": way(delivery),
        "tag": topic(delivery),
        "lang": language.code(),
    });
    told.to_string().into_bytes()
}

/// The name of what is told: of the auction and the kind alone, so that a push sent twice is one.
pub(super) fn topic(delivery: &Delivery) -> String {
    format!("{}-{}", delivery.kind.name(), delivery.auction.0).chars().take(32).collect()
}

/// Whether it should wake a browser that saves power.
pub(super) const fn is_urgent(kind: NoticeKind) -> bool {
    matches!(kind, NoticeKind::Outbid | NoticeKind::EndingSoon | NoticeKind::MaximumCut | NoticeKind::Won)
}

#[cfg(test)]
mod tests {
    use auction::{AuctionId, Time};
    use ledger::MemberId;
    use store::records::{Channel, Reach, SearchTold};

    use super::*;

    fn delivery(kind: NoticeKind, language: &str) -> Delivery {
        Delivery {
            notice: 7,
            channel: Channel::Email,
            member: MemberId(1),
            kind,
            auction: AuctionId(12),
            title: "의자 <script>alert(1)</script>".to_owned(),
            amount: Money::new(12_000),
            at: Time(0),
            claimed_until: Time(0),
            tries: 1,
            is_seen: false,
            is_over: false,
            search: None,
            reach: Reach { language: language.to_owned(), ..Reach::default() },
            browsers: Vec::new(),
        }
    }

    #[test]
    fn every_kind_has_words_in_both_languages() {
        let house: PublicUrl = "https://market.example".parse().unwrap();
        for kind in NoticeKind::ALL {
            for language in ["ko", "en", ""] {
                let delivery = delivery(kind, language);
                let letter =
                    letter(&delivery, &house, "a@b.example", "https://market.example/unsubscribe/1.x");
                for text in [&letter.subject, &letter.text, &letter.html] {
                    assert!(!text.contains("Unknown localization") && !text.contains("{ "), "{text}");
                }
                assert!(letter.text.contains("https://market.example/auctions/12"), "{}", letter.text);
                assert!(letter.html.contains("https://market.example/unsubscribe/1.x"));
                assert!(!letter.html.contains("<script"), "{}", letter.html);
                assert!(push(&delivery).len() <= post::PAYLOAD_BYTES_MAX);
                let topic = topic(&delivery);
                assert!(
                    topic.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)),
                    "{topic}"
                );
            }
        }
        let korean = letter(&delivery(NoticeKind::Outbid, ""), &house, "a@b.example", "x").subject;
        let english = letter(&delivery(NoticeKind::Outbid, "en"), &house, "a@b.example", "x").subject;
        assert_ne!(korean, english);
    }

    #[test]
    fn a_search_is_told_with_how_much_is_new_and_leads_there() {
        let house: PublicUrl = "https://market.example".parse().unwrap();
        let search = Some(SearchTold { id: 4, count: 3 });
        for (language, search, expected, way) in [
            ("ko", search, ": 새 물건 3개", "/me/searches/4"),
            ("en", search, ": 3 new items", "/me/searches/4"),
            ("en", Some(SearchTold { id: 4, count: 1 }), ": 1 new item", "/me/searches/4"),
            ("ko", None, "찾던 물건이 나왔어요: ", "/auctions/12"),
        ] {
            let told = Delivery { search, ..delivery(NoticeKind::SearchMatch, language) };
            let letter = letter(&told, &house, "a@b.example", "x");
            assert!(letter.subject.contains(expected), "{}", letter.subject);
            assert!(letter.text.contains(&format!("https://market.example{way}\n")), "{}", letter.text);
        }
    }

    #[test]
    fn the_longest_title_fits_in_a_push() {
        let long = Delivery { title: "한".repeat(400), ..delivery(NoticeKind::Outbid, "ko") };
        assert!(push(&long).len() <= post::PAYLOAD_BYTES_MAX);
        assert_eq!(topic(&Delivery { auction: AuctionId(i64::MAX), ..long }).len(), 26);
    }
}
