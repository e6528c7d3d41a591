//! The notices: what happened while the member was elsewhere.

use askama::Template;
use jiff::Timestamp;
use store::records::NoticeKind;

use super::Shell;
use crate::words::{self, Language};

/// `/notices`
#[derive(Template)]
#[template(path = "notices.html")]
pub struct NoticesPage {
    /// The frame.
    pub shell: Shell,
    /// The notices, newest first.
    pub lines: Vec<NoticeLine>,
    /// The newest notice's id, sent with "all read".
    pub up_to: i64,
    /// The address of the next page.
    pub next: Option<String>,
}

/// One notice.
#[derive(Clone, Debug)]
pub struct NoticeLine {
    /// The notice's id.
    pub id: i64,
    /// What happened, by its stable name.
    pub kind: String,
    /// Where it leads.
    pub href: String,
    /// The item's title.
    pub title: String,
    /// The amount it is about.
    pub amount: Option<i64>,
    /// How many new things it speaks of, if of a saved search.
    pub count: Option<i64>,
    /// When.
    pub at: Timestamp,
    /// Not yet read.
    pub unread: bool,
}

impl NoticesPage {
    /// Whether there is anything to mark as read.
    pub fn has_unread(&self) -> bool {
        self.lines.iter().any(|line| line.unread)
    }
}

impl NoticeLine {
    /// Every kind that has words and an icon.
    pub const KINDS: [&'static str; 30] = [
        "outbid",
        "new_bid",
        "won",
        "sold",
        "unsold",
        "extended",
        "cancelled",
        "reserve_not_met",
        "taken_back",
        "afresh",
        "maximum_cut",
        "edited",
        "shipped",
        "met",
        "delivered",
        "asked",
        "done",
        "refunded",
        "cancel_wanted",
        "disputed",
        "evidence",
        "decided",
        "offered",
        "offer_answered",
        "review",
        "code_locked",
        "question",
        "answer",
        "ending_soon",
        "search_match",
    ];

    /// The sentence; a kind that is not known here says plainly that there is news.
    pub fn text(&self, shell: &Shell) -> String {
        let kind = if Self::KINDS.contains(&self.kind.as_str()) { &self.kind } else { "other" };
        notice_text(shell.language, kind, &self.title, self.amount, self.count)
    }

    /// The icon beside it.
    pub fn icon(&self) -> &'static str {
        match self.kind.as_str() {
            "outbid" => "overtaken",
            "new_bid" => "hammer",
            "won" | "sold" | "decided" => "seal",
            "done" | "refunded" => "wallet",
            "unsold" | "reserve_not_met" | "maximum_cut" => "minus",
            "extended" | "afresh" | "ending_soon" => "clock",
            "cancelled" | "taken_back" | "cancel_wanted" => "close",
            "search_match" => "search",
            "edited" | "evidence" | "review" => "pencil",
            "shipped" => "truck",
            "met" => "person",
            "delivered" => "check",
            "asked" => "info",
            "disputed" => "alert",
            "offered" | "offer_answered" => "tag",
            "code_locked" => "lock",
            "question" | "answer" => "talk",
            _ => "bell",
        }
    }
}

/// The sentence of a notice, here and outside the house. A saved search that is not kept any more, or was told of since,
/// leaves the thing that was found.
pub(crate) fn notice_text(
    language: Language,
    kind: &str,
    title: &str,
    amount: Option<i64>,
    count: Option<i64>,
) -> String {
    let one = if kind == NoticeKind::SearchMatch.name() && count.is_none() { "-item" } else { "" };
    let amount = words::money(language, amount.unwrap_or(0));
    let figures = [("title", title.into()), ("amount", amount.into()), ("count", count.unwrap_or(0).into())];
    language.text_with(&format!("notice-{kind}{one}"), &figures)
}

#[cfg(test)]
mod tests {
    use store::records::NoticeKind;

    use super::NoticeLine;

    #[test]
    fn every_kind_of_the_store_has_words() {
        assert_eq!(NoticeLine::KINDS, NoticeKind::ALL.map(NoticeKind::name));
    }
}
