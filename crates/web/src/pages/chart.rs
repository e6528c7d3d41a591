//! The price as a step chart: one step a bid, drawn into a box of 600 by 120; `static/js/chart.js` draws the same.

/// Prices in the order they were reached, the start price first.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    /// The prices, in won.
    pub prices: Vec<i64>,
}

const WIDTH: i64 = 600;
const HEIGHT: i64 = 120;
const MARGIN: i64 = 10;
/// More steps than this are not told apart on a phone; the newest are kept.
const STEPS_MAX: usize = 60;

impl Chart {
    /// Whether there is a step to show.
    pub fn has_steps(&self) -> bool {
        self.prices.len() > 1
    }

    /// The prices as a script reads them.
    pub fn data(&self) -> String {
        let prices: Vec<String> = self.shown().iter().map(i64::to_string).collect();
        prices.join(" ")
    }

    /// The line as an SVG path.
    pub fn line(&self) -> String {
        let mut path = String::new();
        for (place, (x, y)) in self.points().into_iter().enumerate() {
            if place == 0 {
                path.push_str(&format!("M0 {y}H{x}"));
            } else {
                path.push_str(&format!("V{y}H{x}"));
            }
        }
        path
    }

    /// The area under the line as an SVG path.
    pub fn area(&self) -> String {
        format!("{}V{HEIGHT}H0Z", self.line())
    }

    /// The height of the newest price, from the top of the box.
    pub fn last_y(&self) -> i64 {
        self.points().last().map_or(HEIGHT, |point| point.1)
    }

    fn shown(&self) -> &[i64] {
        self.prices.get(self.prices.len().saturating_sub(STEPS_MAX)..).unwrap_or_default()
    }

    /// The right end of each step.
    fn points(&self) -> Vec<(i64, i64)> {
        let shown = self.shown();
        let count = i64::try_from(shown.len()).unwrap_or(1).max(1);
        let low = shown.iter().copied().min().unwrap_or(0);
        let high = shown.iter().copied().max().unwrap_or(0);
        let span = (high - low).max(1);
        let room = i128::from(HEIGHT - 2 * MARGIN);
        let point = |(place, price): (i64, &i64)| {
            let up = i128::from(price - low) * room / i128::from(span);
            (WIDTH * (place + 1) / count, HEIGHT - MARGIN - i64::try_from(up).unwrap_or(0))
        };
        (0..count).zip(shown).map(point).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Chart;

    #[test]
    fn steps_rise_to_the_top() {
        let chart = Chart { prices: vec![1_000, 2_000, 5_000] };
        assert_eq!(chart.line(), "M0 110H200V85H400V10H600");
        assert_eq!(chart.data(), "1000 2000 5000");
        assert_eq!(Chart { prices: vec![5] }.line(), "M0 110H600");
        assert_eq!(Chart::default().line(), "");
        assert_eq!(Chart { prices: (0..500).collect() }.line().matches('V').count(), 59);
    }
}
