//! The sizes in which a picture is there, foretold from its width and height alone, as they were when it was made.

use pictures::{EDGES, Encoding};

/// One size of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Which one: its longer edge in pixels, or less where the upload had less.
    pub edge: u32,
    /// In pixels.
    pub width: i64,
    /// In pixels.
    pub height: i64,
}

/// Every size of a picture that is so wide and high, smallest first. Never empty.
pub fn sizes(width: i64, height: i64) -> Vec<Size> {
    let longer = width.max(height).max(1);
    let largest = longer.min(i64::from(EDGES[EDGES.len() - 1]));
    let shorter = EDGES.iter().take_while(|edge| i64::from(**edge) < largest).count();
    let of = |at: usize| {
        let edge = EDGES[at.min(EDGES.len() - 1)];
        let longest = i64::from(edge).min(largest);
        let fit = |side: i64| (side * longest + longer / 2) / longer;
        Size { edge, width: fit(width).max(1), height: fit(height).max(1) }
    };
    (0..=shorter).map(of).collect()
}

/// Where a size is served.
pub fn address(digits: &str, size: Size, encoding: Encoding) -> String {
    format!("/pictures/{digits}/{}.{}", size.edge, encoding.extension())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(width: i64, height: i64, expected: &[(u32, i64, i64)]) {
        let found: Vec<_> =
            sizes(width, height).iter().map(|size| (size.edge, size.width, size.height)).collect();
        assert_eq!(found, expected, "{width} × {height}");
    }

    #[test]
    fn sizes_are_those_that_are_made() {
        check(32, 32, &[(320, 32, 32)]);
        check(320, 100, &[(320, 320, 100)]);
        check(321, 100, &[(320, 320, 100), (640, 321, 100)]);
        check(100, 640, &[(320, 50, 320), (640, 100, 640)]);
        check(1280, 32, &[(320, 320, 8), (640, 640, 16), (1280, 1280, 32)]);
        check(8160, 6120, &[(320, 320, 240), (640, 640, 480), (1280, 1280, 960)]);
        check(12_000, 32, &[(320, 320, 1), (640, 640, 2), (1280, 1280, 3)]);
    }
}
