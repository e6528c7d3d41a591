//! Line plots as SVG: a few lines over a common axis, drawn with nothing but text. Colours come from the page's sheet.

use std::fmt::Write;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 34.0;
/// Lines that the sheet has colours for.
const COLOURS: usize = 5;

/// One line of a plot.
pub struct Line<'a> {
    /// What it shows.
    pub name: &'a str,
    /// (x, y), by rising x.
    pub points: Vec<(f64, f64)>,
}

/// How the x axis is spaced and marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Across {
    /// Evenly.
    Seconds,
    /// Percent of all, each mark ten times nearer to all of them.
    Percentiles,
}

impl Across {
    /// Where an x lies on an even axis.
    fn place(self, x: f64) -> f64 {
        match self {
            Across::Seconds => x,
            Across::Percentiles => -(1.0 - x / 100.0).max(1e-6).log10(),
        }
    }

    /// Marks up to the furthest place: (place, words).
    fn marks(self, furthest: f64) -> Vec<(f64, String)> {
        match self {
            Across::Seconds => {
                let step = round_step(furthest / 6.0);
                steps(step, furthest).map(|x| (x, format!("{x} s"))).collect()
            }
            Across::Percentiles => {
                let marks = [50.0, 90.0, 99.0, 99.9, 99.99, 99.999];
                let placed = marks.into_iter().map(|x| (self.place(x), format!("{x} %")));
                placed.filter(|(place, _)| *place <= furthest + 1e-9).collect()
            }
        }
    }
}

/// A plot with its legend; nothing if no line has two points.
pub fn plot(title: &str, across: Across, lines: &[Line<'_>]) -> String {
    let lines: Vec<_> = lines.iter().filter(|line| line.points.len() > 1).take(COLOURS).collect();
    if lines.is_empty() {
        return String::new();
    }
    let places = lines.iter().flat_map(|line| line.points.iter().map(|(x, _)| across.place(*x)));
    let furthest = places.fold(f64::MIN_POSITIVE, f64::max);
    let highest =
        lines.iter().flat_map(|line| line.points.iter().map(|(_, y)| *y)).fold(f64::MIN_POSITIVE, f64::max);
    let step = round_step(highest / 4.0);
    let top = (highest / step).ceil() * step;
    let frame = Frame { furthest, top };
    let mut svg = format!(
        "<figure><figcaption>{title}</figcaption><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\">"
    );
    for y in steps(step, top) {
        svg.push_str(&frame.mark_up(y));
    }
    for (place, words) in across.marks(furthest) {
        svg.push_str(&frame.mark_across(place, &words));
    }
    for (number, line) in lines.iter().enumerate() {
        svg.push_str(&frame.line(number, across, line));
    }
    svg.push_str("</svg><p class=\"legend\">");
    for (number, line) in lines.iter().enumerate() {
        append(&mut svg, format_args!("<span class=\"key line{number}\">{}</span> ", line.name));
    }
    svg.push_str("</p></figure>\n");
    svg
}

/// The drawing area: from 0 to the furthest place, and from 0 to the top.
struct Frame {
    furthest: f64,
    top: f64,
}

impl Frame {
    fn x(&self, place: f64) -> f64 {
        LEFT + place / self.furthest * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - value / self.top * (HEIGHT - TOP - BOTTOM)
    }

    fn mark_up(&self, value: f64) -> String {
        let (y, end, words) = (self.y(value), WIDTH - RIGHT, short(value));
        format!(
            "<line class=\"grid\" x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{end}\" y2=\"{y:.1}\"/>\
             <text class=\"up\" x=\"{:.1}\" y=\"{:.1}\">{words}</text>",
            LEFT - 8.0,
            y + 4.0
        )
    }

    fn mark_across(&self, place: f64, words: &str) -> String {
        format!("<text class=\"across\" x=\"{:.1}\" y=\"{:.1}\">{words}</text>", self.x(place), HEIGHT - 12.0)
    }

    fn line(&self, number: usize, across: Across, line: &Line<'_>) -> String {
        let mut path = String::new();
        for (x, y) in &line.points {
            append(&mut path, format_args!("{:.1},{:.1} ", self.x(across.place(*x)), self.y(*y)));
        }
        format!("<polyline class=\"line{number}\" points=\"{}\"/>", path.trim_end())
    }
}

fn append(text: &mut String, more: std::fmt::Arguments<'_>) {
    text.write_fmt(more).expect("writing into a String does not fail");
}

/// 0, one step, two steps … up to the end.
fn steps(step: f64, end: f64) -> impl Iterator<Item = f64> {
    let count = (end / step + 1e-9).floor() as usize;
    (0..=count).map(move |number| number as f64 * step)
}

/// The next 1, 2 or 5 times a power of ten.
fn round_step(rough: f64) -> f64 {
    let power = 10_f64.powf(rough.max(1e-9).log10().floor());
    let times = [1.0, 2.0, 5.0].into_iter().find(|times| times * power >= rough * (1.0 - 1e-9));
    times.unwrap_or(10.0) * power
}

/// A number that fits beside an axis.
fn short(value: f64) -> String {
    let trimmed = |scaled: f64, unit: &str| {
        let text = format!("{scaled:.2}");
        format!("{}{unit}", text.trim_end_matches('0').trim_end_matches('.'))
    };
    match value {
        value if value >= 1e6 => trimmed(value / 1e6, " M"),
        value if value >= 1e4 => trimmed(value / 1e3, " k"),
        value => trimmed(value, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        for (rough, round) in [(0.3, 0.5), (1.0, 1.0), (1.1, 2.0), (6.0, 10.0), (2_300.0, 5_000.0)] {
            assert!((round_step(rough) - round).abs() < 1e-9, "{rough}");
        }
        assert_eq!(steps(0.5, 1.5).collect::<Vec<_>>(), [0.0, 0.5, 1.0, 1.5]);
    }

    #[test]
    fn numbers_beside_an_axis_are_short() {
        for (value, text) in
            [(0.0, "0"), (0.25, "0.25"), (5_000.0, "5000"), (20_000.0, "20 k"), (2.5e6, "2.5 M")]
        {
            assert_eq!(short(value), text);
        }
    }

    #[test]
    fn lines_stay_within_their_frame() {
        let points = vec![(0.0, 0.0), (5.0, 30.0), (10.0, 42.0)];
        let svg = plot("a", Across::Seconds, &[Line { name: "b", points }]);
        let drawn = svg.split("points=\"").nth(1).unwrap().split('"').next().unwrap();
        for point in drawn.split(' ') {
            let (x, y) = point.split_once(',').unwrap();
            let (x, y): (f64, f64) = (x.parse().unwrap(), y.parse().unwrap());
            assert!((LEFT..=WIDTH - RIGHT).contains(&x) && (TOP..=HEIGHT - BOTTOM).contains(&y), "{point}");
        }
    }

    #[test]
    fn percentiles_are_spread_and_all_has_a_place() {
        let across = Across::Percentiles;
        assert!(across.place(99.9) > across.place(99.0) && across.place(100.0).is_finite());
        let marks = across.marks(across.place(99.9));
        assert_eq!(marks.last().unwrap().1, "99.9 %");
    }

    #[test]
    fn nothing_to_draw_is_nothing() {
        assert_eq!(plot("a", Across::Seconds, &[Line { name: "b", points: vec![(0.0, 1.0)] }]), "");
    }
}
