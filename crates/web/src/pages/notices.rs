//! The notices: what happened while the member was elsewhere.

use askama::Template;
use jiff::Timestamp;

use super::Shell;
use crate::words;

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
    pub const KINDS: [&'static str; 29] = [
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
    ];

    /// The sentence; a kind that is not known here says plainly that there is news.
    pub fn text(&self, shell: &Shell) -> String {
        let kind = if Self::KINDS.contains(&self.kind.as_str()) { &self.kind } else { "other" };
        let amount = words::money(shell.language, self.amount.unwrap_or(0));
        shell.t2(format!("notice-{kind}"), "title", &self.title, "amount", amount)
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

#[cfg(test)]
mod tests {
    use store::records::NoticeKind;

    use super::NoticeLine;

    #[test]
    fn every_kind_of_the_store_has_words() {
        assert_eq!(NoticeLine::KINDS, NoticeKind::ALL.map(NoticeKind::name));
    }
}
