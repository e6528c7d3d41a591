//! A picture as pages show it: the right size in the right encoding, on its own colour until it is there, in a place that
//! does not move when it comes.

use askama::Template;
use pictures::Encoding;

use crate::darkroom::sizes::{self, sizes};

/// A picture of what is sold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Photo {
    /// Its address, 64 hexadecimal digits.
    pub address: String,
    /// The seller's words for it.
    pub alt: String,
    /// In pixels.
    pub width: i64,
    /// In pixels.
    pub height: i64,
    /// What it looks like before it is there: `#rrggbb`.
    pub colour: String,
    /// Whether it is seen at once; others wait until they are near.
    pub is_first: bool,
}

/// The picture as HTML.
#[derive(Template)]
#[template(path = "parts/photo.html")]
struct PhotoPart<'a> {
    photo: &'a Photo,
    takes: &'a str,
    webp: String,
    jpeg: String,
    usual: String,
}

/// How wide a card is on which screen.
const ON_CARD: &str = "(min-width: 1180px) 216px, (min-width: 900px) 22vw, (min-width: 620px) 30vw, 46vw";
/// How wide a small picture is: in a row, and below the large one.
const SMALL: &str = "96px";
/// How wide the large one is on an auction's page.
const LARGE: &str = "(min-width: 1180px) 660px, (min-width: 900px) calc(100vw - 520px), 100vw";

impl Photo {
    /// On a card; print it with `|safe`.
    pub fn on_card(&self) -> String {
        self.html(ON_CARD)
    }

    /// Small, beside others; print it with `|safe`.
    pub fn small(&self) -> String {
        self.html(SMALL)
    }

    /// Small, beside words that say the same; print it with `|safe`.
    pub fn thumb(&self) -> String {
        Photo { alt: String::new(), is_first: false, ..self.clone() }.html(SMALL)
    }

    /// Large, on an auction's page; print it with `|safe`.
    pub fn large(&self) -> String {
        self.html(LARGE)
    }

    /// Where its largest size lies as JPEG, which everybody can read.
    pub fn whole(&self) -> String {
        let largest = sizes(self.width, self.height).pop();
        largest.map(|size| sizes::address(&self.address, size, Encoding::Jpeg)).unwrap_or_default()
    }

    /// Where its largest size lies as WebP.
    pub fn whole_webp(&self) -> String {
        let largest = sizes(self.width, self.height).pop();
        largest.map(|size| sizes::address(&self.address, size, Encoding::Webp)).unwrap_or_default()
    }

    fn html(&self, takes: &str) -> String {
        let sizes = sizes(self.width, self.height);
        let usual = sizes[sizes.len() / 2];
        let set = |encoding| {
            let one = |size: &sizes::Size| {
                format!("{} {}w", sizes::address(&self.address, *size, encoding), size.width)
            };
            sizes.iter().map(one).collect::<Vec<_>>().join(", ")
        };
        let part = PhotoPart {
            photo: self,
            takes,
            webp: set(Encoding::Webp),
            jpeg: set(Encoding::Jpeg),
            usual: sizes::address(&self.address, usual, Encoding::Jpeg),
        };
        // Only a writer that fails could refuse a few texts, and a string never does.
        part.render().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_keeps_its_place_and_its_words_are_text() {
        let photo = Photo {
            address: "ab".repeat(32),
            alt: "\"><script>alert(1)</script>".to_owned(),
            width: 800,
            height: 600,
            colour: "#c80a0a".to_owned(),
            is_first: false,
        };
        let html = photo.on_card();
        assert!(html.contains("width=\"800\" height=\"600\"") && html.contains("loading=\"lazy\""), "{html}");
        assert!(
            html.contains("fill=\"#c80a0a\"") && !html.contains("<script") && !html.contains("style="),
            "{html}"
        );
        assert!(html.contains("/320.webp 320w, ") && html.contains("/1280.jpg 800w\""), "{html}");
        assert!(!Photo { is_first: true, ..photo.clone() }.large().contains("lazy"));
        assert!(photo.whole().ends_with("/1280.jpg"));
    }
}
