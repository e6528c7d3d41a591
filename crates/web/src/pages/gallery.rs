//! Renders every page in every state with made-up neighbours, in both languages, and checks what the strict content
//! policy and the word lists demand. Built with `NEIGHBORBID_GALLERY=<folder>` in the environment it leaves the pages there,
//! with the static files, to be looked at in a browser.

mod auctions;
mod orders;
mod pictures;
mod sample;
mod talk;

use std::path::Path;

use askama::Template;

use crate::pages::{Answer, DesignPage, GroupKind, Section, State, Tone};
use crate::words::Language;
use sample::{Sample, at};

/// All pages of one language, by the name they are looked at under.
fn pages(language: Language) -> Vec<(String, String)> {
    let sample = Sample { language };
    let mut out = market(&sample);
    out.extend(auctions::pages(&sample));
    out.extend(pictures::pages(&sample));
    out.extend(member_pages(&sample));
    out.extend(door_pages(&sample));
    out.extend(orders::pages(&sample));
    out.extend(talk::pages(&sample));
    out
}

fn market(sample: &Sample) -> Vec<(String, String)> {
    let mut guest = sample.home();
    guest.shell.visitor = None;
    let mut search = sample.home();
    search.filters.q = "의자".to_owned();
    search.filters.category = "2".to_owned();
    search.ending_soon.clear();
    search.cards.clear();
    search.next = None;
    vec![
        ("home".to_owned(), sample.home().render().unwrap()),
        ("home-guest".to_owned(), guest.render().unwrap()),
        ("home-nothing".to_owned(), search.render().unwrap()),
        ("sell".to_owned(), sample.sell(false).render().unwrap()),
        ("sell-faults".to_owned(), sample.sell(true).render().unwrap()),
        ("rules".to_owned(), sample.rules().render().unwrap()),
        ("design".to_owned(), DesignPage::new(sample.shell(Section::Elsewhere, "/design")).render().unwrap()),
    ]
}

fn member_pages(sample: &Sample) -> Vec<(String, String)> {
    let mut empty_wallet = sample.wallet();
    (empty_wallet.available, empty_wallet.held) = (0, 0);
    empty_wallet.holds.clear();
    empty_wallet.transfers.clear();
    empty_wallet.next = None;
    let mut answered = sample.wallet();
    answered.shell.answer = Some(Answer { tone: Tone::Good, text: sample.text("answer-saved") });
    let mut empty_mine = sample.my_auctions();
    empty_mine.groups.clear();
    let mut empty_notices = sample.notices();
    empty_notices.lines.clear();
    assert_eq!(sample.my_auctions().groups[0].kind, GroupKind::NeedsYou);
    vec![
        ("wallet".to_owned(), answered.render().unwrap()),
        ("wallet-empty".to_owned(), empty_wallet.render().unwrap()),
        ("mine".to_owned(), sample.my_auctions().render().unwrap()),
        ("mine-empty".to_owned(), empty_mine.render().unwrap()),
        ("notices".to_owned(), sample.notices().render().unwrap()),
        ("notices-empty".to_owned(), empty_notices.render().unwrap()),
        ("member".to_owned(), sample.member().render().unwrap()),
        ("settings".to_owned(), sample.settings().render().unwrap()),
        ("leave".to_owned(), sample.leave(false).render().unwrap()),
        ("leave-tied".to_owned(), sample.leave(true).render().unwrap()),
        ("sales".to_owned(), sample.sales().render().unwrap()),
        ("saved".to_owned(), sample.saved(true).render().unwrap()),
        ("saved-empty".to_owned(), sample.saved(false).render().unwrap()),
    ]
}

fn door_pages(sample: &Sample) -> Vec<(String, String)> {
    let mut out = vec![
        ("sign-up".to_owned(), sample.sign_up().render().unwrap()),
        ("sign-in".to_owned(), sample.sign_in().render().unwrap()),
    ];
    for status in [404, 403, 400, 429, 503, 500] {
        out.push((format!("problem-{status}"), sample.problem(status).render().unwrap()));
    }
    out
}

/// What no page may contain: anything the content policy forbids, and any key without its words.
fn check(name: &str, html: &str) {
    let forbidden =
        ["style=", "<style", "onclick", "onload", "javascript:", "Unknown localization", "<script>", "{$"];
    for one in forbidden {
        assert!(!html.contains(one), "{name} contains {one}");
    }
    assert_eq!(html.matches("<script").count(), 1, "{name} has one script, by address");
    assert!(html.matches("<h1").count() == 1, "{name} has {} main headings", html.matches("<h1").count());
    for part in html.split(" id=\"").skip(1) {
        let id = part.split('"').next().unwrap();
        assert_eq!(html.matches(&format!(" id=\"{id}\"")).count(), 1, "{name}: the id {id} stands twice");
    }
    for address in html.split("\"/static/").skip(1) {
        assert!(
            address.split('"').next().unwrap().contains("?v="),
            "{name}: a static file does not exist: {address:.40}"
        );
    }
}

#[test]
fn every_page_renders_within_the_policy() {
    let mut count = 0;
    for language in [Language::Ko, Language::En] {
        for (name, html) in pages(language) {
            check(&name, &html);
            count += 1;
            if let Some(folder) = option_env!("NEIGHBORBID_GALLERY") {
                std::fs::create_dir_all(folder).unwrap();
                let file = Path::new(folder).join(format!("{name}.{}.html", language.code()));
                std::fs::write(file, html).unwrap();
            }
        }
    }
    assert!(count > 90);
}

#[test]
fn what_a_member_writes_is_text() {
    let mut page = Sample { language: Language::En }.auction(State::Open);
    page.title = "<script>alert(1)</script>\" onx='1".to_owned();
    page.description = "<img src=x onerror=alert(1)>".to_owned();
    page.seller.nickname = "<b>&".to_owned();
    let html = page.render().unwrap();
    assert!(!html.contains("<script>alert") && !html.contains("<img") && !html.contains("<b>&"));
    assert_eq!(html.matches("<script").count(), 1);
}

#[test]
fn the_bid_box_says_what_the_browser_tests_rely_on() {
    let sample = Sample { language: Language::Ko };
    let boxes = [
        (State::Scheduled, "scheduled"),
        (State::Open, "open"),
        (State::Ending, "open"),
        (State::Leading, "leading"),
        (State::Outbid, "outbid"),
        (State::Won, "won"),
        (State::Lost, "lost"),
        (State::Unsold, "ended"),
        (State::ReserveNotMet, "ended"),
        (State::Cancelled, "ended"),
    ];
    for (state, code) in boxes {
        let page = sample.auction(state);
        assert_eq!(page.box_state(), code);
        let html = page.render().unwrap();
        assert!(html.contains(&format!("data-bidbox data-state=\"{code}\"")), "{code}");
        assert!(html.contains("data-price=\"48000\""), "{code}");
        assert_eq!(html.contains("name=\"amount\""), page.has_form(), "{code}");
    }
    let mut page = sample.auction(State::Open);
    assert_eq!(page.amounts(), [49_000, 51_000, 53_000]);
    page.buy_now_price = Some(50_000);
    assert_eq!(page.amounts(), [49_000, 50_000]);
    page.minimum = None;
    assert!(page.amounts().is_empty());
    assert_eq!(page.shell.section, Section::Elsewhere);
    assert_eq!(page.shell.left(&at(42)), "42초");
}
