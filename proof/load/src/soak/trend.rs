//! Straight lines through figures over time: how much something grew or fell within a part of a run.

use serde::Serialize;

/// Points through which a line says something.
const POINTS_MIN: usize = 3;

/// What a part of a run shows of one figure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Trend {
    /// The figure's mean.
    pub mean: f64,
    /// How much the line of least squares rises from the part's first to its last point, in per cent of where it begins;
    /// none with less than three points, or if it does not begin above 0.
    pub change_percent: Option<f64>,
}

impl Trend {
    /// Through (seconds, figure), by rising seconds; none without any.
    pub fn of(points: &[(f64, f64)]) -> Option<Self> {
        let count = points.len() as f64;
        let (first, last) = (points.first()?.0, points.last()?.0);
        let mean_of = |value: fn(&(f64, f64)) -> f64| points.iter().map(value).sum::<f64>() / count;
        let (middle, mean) = (mean_of(|point| point.0), mean_of(|point| point.1));
        let spread: f64 = points.iter().map(|(x, _)| (x - middle).powi(2)).sum();
        let common: f64 = points.iter().map(|(x, y)| (x - middle) * (y - mean)).sum();
        let line = |x: f64| mean + common / spread * (x - middle);
        let is_line = points.len() >= POINTS_MIN && spread > 0.0 && line(first) > 0.0;
        let change_percent = is_line.then(|| (line(last) / line(first) - 1.0) * 100.0);
        Some(Self { mean, change_percent })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(points: &[(f64, f64)], mean: f64, change_percent: Option<f64>) {
        let trend = Trend::of(points).unwrap();
        let is_near = |one: f64, other: f64| (one - other).abs() < 1e-9;
        let is_same = match (trend.change_percent, change_percent) {
            (Some(found), Some(expected)) => is_near(found, expected),
            (found, expected) => found == expected,
        };
        assert!(is_near(trend.mean, mean) && is_same, "{trend:?}");
    }

    #[test]
    fn a_line_is_found_however_its_points_lie() {
        check(&[(10.0, 100.0), (20.0, 75.0), (30.0, 50.0)], 75.0, Some(-50.0));
        check(&[(10.0, 100.0), (11.0, 110.0), (30.0, 300.0)], 170.0, Some(200.0));
        // Noise that is even on both sides of a line leaves the line.
        check(&[(0.0, 11.0), (1.0, 9.0), (2.0, 9.0), (3.0, 11.0)], 10.0, Some(0.0));
        check(&[(5.0, 7.0), (6.0, 7.0), (7.0, 7.0)], 7.0, Some(0.0));
    }

    #[test]
    fn where_there_is_no_line_none_is_told() {
        assert_eq!(Trend::of(&[]), None);
        check(&[(0.0, 4.0)], 4.0, None);
        check(&[(0.0, 4.0), (1.0, 8.0)], 6.0, None);
        check(&[(1.0, 4.0), (1.0, 5.0), (1.0, 6.0)], 5.0, None);
        // Nothing is a per cent of nothing.
        check(&[(0.0, 0.0), (1.0, 1.0), (2.0, 2.0)], 1.0, None);
        check(&[(0.0, 0.0), (1.0, 0.0), (2.0, 0.0)], 0.0, None);
    }
}
