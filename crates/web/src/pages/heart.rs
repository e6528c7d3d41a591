//! The heart: a button that puts an auction on the reader's watchlist, with the number of those who have done so. A form,
//! so that it works without scripts; strangers are led to the sign-in and back.

use askama::Template;

use super::Shell;

/// From so many on only "and more" is said.
const COUNTED_MAX: i64 = 99;

/// What a heart shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heart {
    /// On how many watchlists the auction stands.
    pub count: i64,
    /// Whether on the reader's.
    pub is_watched: bool,
}

/// The heart of one auction.
#[derive(Template)]
#[template(path = "parts/heart.html")]
struct HeartPart<'a> {
    shell: &'a Shell,
    id: i64,
    title: &'a str,
    heart: Heart,
}

impl Heart {
    /// The number: nothing for none, `99+` above ninety-nine.
    pub fn text(self) -> String {
        match self.count {
            ..=0 => String::new(),
            count @ 1..=COUNTED_MAX => count.to_string(),
            _ => format!("{COUNTED_MAX}+"),
        }
    }

    /// The button as HTML; print it with `|safe`.
    pub fn html(self, shell: &Shell, id: &i64, title: &str) -> String {
        let part = HeartPart { shell, id: *id, title, heart: self };
        // Only a writer that fails could refuse a few texts, and a string never does.
        part.render().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Heart;

    #[test]
    fn many_are_not_counted() {
        for (count, text) in [(0, ""), (1, "1"), (99, "99"), (100, "99+")] {
            assert_eq!(Heart { count, is_watched: false }.text(), text);
        }
    }
}
