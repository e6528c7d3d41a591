//! Pictures of the demo's things, drawn by code: a wall, a floor, and the thing on it, in a few views as somebody with a phone
//! takes them. They go the way of every upload; nothing of them is taken from anywhere.

mod canvas;
mod things;

use anyhow::{Context, Result};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

use self::canvas::{Canvas, Colour, HEIGHT, View, WIDTH};

/// How many views there are of each thing.
pub const VIEWS: usize = 4;

/// What is seen in each view.
const WORDS: [&str; VIEWS] = ["앞에서 본 모습", "가까이에서 본 모습", "돌려서 본 모습", "아래쪽"];

/// Where the phone is held.
const LOOKS: [View; VIEWS] = [
    View { zoom: 1.0, x: 50.0, y: 37.5, turned: false },
    View { zoom: 1.9, x: 50.0, y: 30.0, turned: false },
    View { zoom: 1.12, x: 46.0, y: 40.0, turned: true },
    View { zoom: 1.7, x: 54.0, y: 50.0, turned: true },
];

/// Rooms: a wall and a floor.
const ROOMS: [(Colour, Colour); 5] = [
    ([0xe9, 0xe2, 0xd6], [0xb9, 0x97, 0x72]),
    ([0xd9, 0xe2, 0xe0], [0x9a, 0x86, 0x70]),
    ([0xee, 0xea, 0xe4], [0xc9, 0xc2, 0xb8]),
    ([0xdc, 0xd8, 0xe4], [0x8f, 0x7d, 0x73]),
    ([0xe6, 0xdd, 0xcc], [0xa8, 0xa3, 0x8f]),
];

/// A picture and what is seen on it.
pub struct Drawn {
    /// A PNG.
    pub file: Vec<u8>,
    /// The words for it.
    pub alt: &'static str,
}

/// The view of that number of a thing of this category; the same whenever it is drawn.
///
/// # Errors
/// If it cannot be written as PNG, which only a bug can do.
pub fn drawn(category: &str, view: usize) -> Result<Drawn> {
    let look = view % VIEWS;
    let place = category.bytes().fold(0_usize, |sum, letter| sum.wrapping_mul(31) + usize::from(letter));
    let (wall, floor) = ROOMS[place % ROOMS.len()];
    let mut canvas = Canvas::new(LOOKS[look]);
    canvas.room(wall, floor);
    for line in things::drawing(category).lines() {
        canvas.draw(line.trim()).with_context(|| format!("drawing {category}: {line}"))?;
    }
    let mut file = Vec::new();
    PngEncoder::new_with_quality(&mut file, CompressionType::Fast, FilterType::Up).write_image(
        &canvas.into_pixels(),
        WIDTH as u32,
        HEIGHT as u32,
        ExtendedColorType::Rgb8,
    )?;
    Ok(Drawn { file, alt: WORDS[look] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::cast::THINGS;

    #[test]
    fn every_thing_can_be_drawn_from_all_sides() {
        let mut seen = std::collections::BTreeSet::new();
        for thing in &THINGS {
            for view in 0..VIEWS {
                let drawn = drawn(thing.category, view).expect(thing.category);
                assert!(drawn.file.len() > 1_000, "{}", thing.title);
                seen.insert(drawn.file);
            }
        }
        // Two of them are computers, and the same picture may stand for both.
        assert!(seen.len() >= (THINGS.len() - 1) * VIEWS, "{}", seen.len());
    }
}
