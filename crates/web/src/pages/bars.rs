//! Bars: amounts side by side in a box of 600 by 140, each with its place and its height, so that no colour is needed.

/// Amounts in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bars {
    /// The amounts; none is below zero.
    pub amounts: Vec<i64>,
}

const WIDTH: i64 = 600;
const HEIGHT: i64 = 140;
/// Above the highest bar, for the figure that stands there.
const HEAD: i64 = 24;

impl Bars {
    /// The largest amount.
    pub fn most(&self) -> i64 {
        self.amounts.iter().copied().max().unwrap_or(0)
    }

    /// All bars as one SVG path; an amount of zero has none.
    pub fn path(&self) -> String {
        let count = i64::try_from(self.amounts.len()).unwrap_or(1).max(1);
        let mut path = String::new();
        for (place, amount) in (0..count).zip(&self.amounts) {
            let height = self.height(*amount);
            if height > 0 {
                let (left, right) = (WIDTH * place / count + 2, WIDTH * (place + 1) / count - 2);
                path.push_str(&format!("M{left} {HEIGHT}V{}H{right}V{HEIGHT}Z", HEIGHT - height));
            }
        }
        path
    }

    /// Where the largest amount is written: the middle of its bar, kept within the box.
    pub fn peak(&self) -> i64 {
        let count = i64::try_from(self.amounts.len()).unwrap_or(1).max(1);
        let most = self.most();
        let place =
            (0..count).zip(&self.amounts).find(|(_, amount)| **amount == most).map_or(0, |(at, _)| at);
        (WIDTH * (2 * place + 1) / (2 * count)).clamp(60, WIDTH - 60)
    }

    /// At least a sliver for anything at all.
    fn height(&self, amount: i64) -> i64 {
        let room = i128::from(HEIGHT - HEAD);
        let height = i128::from(amount.max(0)) * room / i128::from(self.most().max(1));
        if amount > 0 { i64::try_from(height).unwrap_or(0).max(2) } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::Bars;

    #[test]
    fn bars_stand_side_by_side() {
        let bars = Bars { amounts: vec![0, 50, 100] };
        assert_eq!(bars.path(), "M202 140V82H398V140ZM402 140V24H598V140Z");
        assert_eq!((bars.most(), bars.peak()), (100, 500));
        assert_eq!(
            Bars { amounts: vec![1, 1_000_000_000_000] }.path(),
            "M2 140V138H298V140ZM302 140V24H598V140Z"
        );
        assert_eq!((Bars::default().path(), Bars::default().peak()), (String::new(), 300));
    }
}
