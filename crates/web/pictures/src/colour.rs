//! The colour that fills most of a picture, shown in its place until it has loaded.

use image::RgbImage;
use std::fmt;

/// One opaque sRGB colour; written `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Colour {
    /// Red.
    pub red: u8,
    /// Green.
    pub green: u8,
    /// Blue.
    pub blue: u8,
}

impl fmt::Display for Colour {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

/// Colours that share the three highest bits of each part are one shade.
const SHADES: usize = 1 << 9;

/// The mean of the shade that most pixels have; the darker of two shades with as many.
pub fn dominant(picture: &RgbImage) -> Colour {
    // For each shade how many pixels have it, and the sums of their parts.
    let mut shades = [[0_u64; 4]; SHADES];
    for pixel in picture.pixels() {
        let [red, green, blue] = pixel.0.map(usize::from);
        let shade = &mut shades[(red >> 5) << 6 | (green >> 5) << 3 | blue >> 5];
        shade[0] += 1;
        for (sum, part) in shade[1..].iter_mut().zip(pixel.0) {
            *sum += u64::from(part);
        }
    }
    let fullest = shades.iter().rev().max_by_key(|shade| shade[0]).expect("there are SHADES shades");
    let count = fullest[0].max(1);
    let mean = |part: usize| u8::try_from(fullest[part] / count).expect("a mean of bytes is a byte");
    Colour { red: mean(1), green: mean(2), blue: mean(3) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[track_caller]
    fn check(colour_at: impl Fn(u32, u32) -> [u8; 3], expected: &str) {
        let picture = RgbImage::from_fn(10, 10, |x, y| Rgb(colour_at(x, y)));
        assert_eq!(dominant(&picture).to_string(), expected);
    }

    #[test]
    fn the_fullest_shade_wins() {
        check(|_, _| [255, 255, 255], "#ffffff");
        check(|_, _| [0, 0, 0], "#000000");
        check(|x, _| if x < 6 { [200, 10, 10] } else { [10, 10, 200] }, "#c80a0a");
        check(|x, _| if x < 5 { [240, 0, 0] } else { [0, 0, 240] }, "#0000f0");
        check(|_, y| if y % 2 == 0 { [100, 100, 100] } else { [110, 110, 110] }, "#696969");
    }
}
