//! Proves the token sheet: every pair it names has a contrast of at least 4.5:1 in the light and in the dark scheme.

use std::collections::BTreeMap;

const SHEET: &str = include_str!("../../static/css/tokens.css");

/// Linear red, green and blue.
type Light = [f64; 3];

fn tokens() -> BTreeMap<String, [Light; 2]> {
    let mut found = BTreeMap::new();
    for line in SHEET.lines() {
        let Some((name, value)) =
            line.trim().strip_prefix("--").and_then(|line| line.split_once(": light-dark("))
        else {
            continue;
        };
        let mut colours = value.split("oklch(").skip(1).map(|rest| {
            let numbers: Vec<f64> = rest
                .split(')')
                .next()
                .unwrap()
                .split_whitespace()
                .map(|one| one.trim_end_matches('%').parse().unwrap())
                .collect();
            linear(numbers[0] / 100.0, numbers[1], numbers[2])
        });
        found.insert(name.to_owned(), [colours.next().unwrap(), colours.next().unwrap()]);
    }
    found
}

/// OKLCH to linear sRGB, cut to the gamut as a screen does.
fn linear(lightness: f64, chroma: f64, hue: f64) -> Light {
    let (a, b) = (chroma * hue.to_radians().cos(), chroma * hue.to_radians().sin());
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548 * b).powi(3);
    [
        4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
        -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
        -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s,
    ]
    .map(|part| part.clamp(0.0, 1.0))
}

fn contrast(one: Light, other: Light) -> f64 {
    let luminance = |light: Light| 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2] + 0.05;
    let (one, other) = (luminance(one), luminance(other));
    one.max(other) / one.min(other)
}

#[test]
fn every_pair_can_be_read() {
    let tokens = tokens();
    let mut pairs = 0;
    for line in SHEET.lines() {
        let Some((text, ground)) =
            line.trim().strip_prefix("pair: ").and_then(|pair| pair.split_once(" on "))
        else {
            continue;
        };
        for (scheme, name) in ["light", "dark"].iter().enumerate() {
            let found = contrast(tokens[text][scheme], tokens[ground][scheme]);
            assert!(found >= 4.5, "{text} on {ground} in {name}: {found:.2}");
        }
        pairs += 1;
    }
    assert!(pairs > 20);
}

#[test]
fn the_measure_itself_is_right() {
    let (white, black) = (linear(1.0, 0.0, 0.0), linear(0.0, 0.0, 0.0));
    assert!((contrast(white, black) - 21.0).abs() < 0.01);
    // oklch(62.796% 0.25768 29.234) is pure red, whose contrast to white is 3.998.
    assert!((contrast(linear(0.627_96, 0.257_68, 29.234), white) - 3.998).abs() < 0.02);
}
