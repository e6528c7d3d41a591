//! The trace of an auction: its price over time, each bid marked by who made it, by colour and by shape, in a box of 600 by
//! 200; and how many bids came in each minute before the end.

use jiff::Timestamp;
use store::records::CLOSE_MINUTES;

use super::Bars;

/// How many bidders have a mark of their own; all others share one.
const MARKED: usize = 5;

/// How many minutes before the end are shown.
const MINUTES: i64 = CLOSE_MINUTES;

const WIDTH: i64 = 600;
const HEIGHT: i64 = 200;
const MARGIN: i64 = 14;

/// A bid of the trace.
#[derive(Clone, Debug)]
pub struct TracePoint {
    /// When.
    pub at: Timestamp,
    /// The price it made.
    pub price: i64,
    /// The bidder's number in this auction.
    pub number: i64,
    /// The bidder's name, for those who may know it.
    pub name: Option<String>,
    /// Whether it is the viewer's own.
    pub mine: bool,
}

/// A mark of the trace, or of its legend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceMark {
    /// Which colour: 0 to 5.
    pub tone: usize,
    /// Its shape as an SVG path.
    pub shape: String,
}

/// The bids of an auction, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// The bids.
    pub points: Vec<TracePoint>,
    /// The end, as it stands.
    pub end: Option<Timestamp>,
    /// How many bids came in each minute before the end, the last first, where the bids above do not tell.
    pub each_minute: Option<Vec<i64>>,
}

impl Trace {
    /// Whether there is anything to look at.
    pub fn is_shown(&self) -> bool {
        self.points.len() > 1
    }

    /// The price as steps.
    pub fn line(&self) -> String {
        let mut path = String::new();
        for (place, point) in self.points.iter().enumerate() {
            let (x, y) = self.spot(point);
            path.push_str(&if place == 0 { format!("M{x} {y}") } else { format!("H{x}V{y}") });
        }
        path
    }

    /// A mark for each bid.
    pub fn marks(&self) -> Vec<TraceMark> {
        let bidders = self.bidders();
        let mark = |point: &TracePoint| {
            let (x, y) = self.spot(point);
            let tone = tone_of(&bidders, point.number);
            TraceMark { tone, shape: shape(tone, x, y) }
        };
        self.points.iter().map(mark).collect()
    }

    /// Who has which mark, in a box of 20 by 20: the first bid of each who has one of his own, and whether others have bid.
    pub fn legend(&self) -> Vec<(TraceMark, Option<&TracePoint>)> {
        let bidders = self.bidders();
        let of = |tone| TraceMark { tone, shape: shape(tone, 10, 10) };
        let own = bidders
            .iter()
            .take(MARKED)
            .enumerate()
            .map(|(tone, number)| (of(tone), self.points.iter().find(|point| point.number == *number)));
        own.chain((bidders.len() > MARKED).then(|| (of(MARKED), None))).collect()
    }

    /// How many bids came in each minute before the end, the oldest minute first.
    pub fn minutes(&self) -> Bars {
        if let Some(counted) = &self.each_minute {
            return Bars { amounts: counted.iter().rev().copied().collect() };
        }
        let Some(end) = self.end else { return Bars::default() };
        let before = |point: &TracePoint| (end.as_second() - point.at.as_second()).max(0) / 60;
        let count = |minute: i64| self.points.iter().filter(|point| before(point) == minute).count();
        Bars { amounts: (0..MINUTES).rev().map(|minute| i64::try_from(count(minute)).unwrap_or(0)).collect() }
    }

    /// The bars of the minutes with how many minutes before the end each is, for the table.
    pub fn minute_lines(&self) -> Vec<(i64, i64)> {
        let bars = self.minutes().amounts;
        let from = i64::try_from(bars.len()).unwrap_or(0);
        (0..from).map(|place| from - place).zip(bars).filter(|(_, bids)| *bids > 0).collect()
    }

    /// The bidders by their first bid here.
    fn bidders(&self) -> Vec<i64> {
        let mut bidders: Vec<i64> = Vec::new();
        for point in &self.points {
            if !bidders.contains(&point.number) {
                bidders.push(point.number);
            }
        }
        bidders
    }

    fn spot(&self, point: &TracePoint) -> (i64, i64) {
        let times = || self.points.iter().map(|point| point.at.as_microsecond());
        let prices = || self.points.iter().map(|point| point.price);
        let (first, last) = (times().min().unwrap_or(0), times().max().unwrap_or(0));
        let (low, high) = (prices().min().unwrap_or(0), prices().max().unwrap_or(0));
        let along = share(point.at.as_microsecond() - first, last - first, WIDTH - 2 * MARGIN);
        let up = share(point.price - low, high - low, HEIGHT - 2 * MARGIN);
        (MARGIN + along, HEIGHT - MARGIN - up)
    }
}

/// A part of a whole, in a room of so much.
fn share(part: i64, whole: i64, room: i64) -> i64 {
    let share = i128::from(part) * i128::from(room) / i128::from(whole.max(1));
    i64::try_from(share).unwrap_or(0)
}

fn tone_of(bidders: &[i64], number: i64) -> usize {
    bidders.iter().position(|bidder| *bidder == number).unwrap_or(MARKED).min(MARKED)
}

/// A circle, a square, a triangle, a diamond, a cross, and for all others a bar: told apart without any colour.
fn shape(tone: usize, x: i64, y: i64) -> String {
    match tone {
        0 => format!("M{} {y}a7 7 0 1 0 14 0a7 7 0 1 0 -14 0Z", x - 7),
        1 => format!("M{} {}h12v12h-12Z", x - 6, y - 6),
        2 => format!("M{x} {}l8 14h-16Z", y - 8),
        3 => format!("M{x} {}l8 8l-8 8l-8 -8Z", y - 8),
        4 => format!("M{} {}h5v5h5v5h-5v5h-5v-5h-5v-5h5Z", x - 2, y - 7),
        _ => format!("M{} {}h4v14h-4Z", x - 2, y - 7),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(second: i64, price: i64, number: i64) -> TracePoint {
        let at = Timestamp::from_second(second).expect("a moment of a test");
        TracePoint { at, price, number, name: None, mine: false }
    }

    #[test]
    fn a_price_goes_up_with_time_and_each_bidder_has_a_shape() {
        let points = vec![point(0, 1_000, 4), point(50, 2_000, 9), point(100, 3_000, 4)];
        let trace = Trace { points, end: None, ..Trace::default() };
        assert_eq!(trace.line(), "M14 186H300V100H586V14");
        assert_eq!(trace.marks().iter().map(|mark| mark.tone).collect::<Vec<_>>(), [0, 1, 0]);
        assert_eq!(trace.legend().len(), 2);
        let many = Trace { points: (0..9).map(|n| point(n, n, n)).collect(), ..Trace::default() };
        let shapes: std::collections::BTreeSet<_> =
            many.legend().into_iter().map(|(mark, _)| mark.shape).collect();
        assert_eq!((shapes.len(), many.legend().len()), (6, 6), "five of their own and one for the others");
        assert!(many.legend().last().is_some_and(|(_, who)| who.is_none()));
        assert!(!Trace::default().is_shown() && Trace::default().line().is_empty());
    }

    #[test]
    fn bids_are_counted_by_minutes_before_the_end() {
        let points = vec![point(0, 1, 1), point(2_999, 2, 2), point(2_990, 3, 1), point(2_930, 4, 2)];
        let end = Timestamp::from_second(3_000).ok();
        let trace = Trace { points: points.clone(), end, ..Trace::default() };
        let bars = trace.minutes().amounts;
        assert_eq!((bars.len(), bars.iter().sum::<i64>()), (30, 3), "the first was too early");
        assert_eq!(trace.minute_lines(), [(2, 1), (1, 2)]);
        let counted = Trace { each_minute: Some(vec![7, 0, 2]), end, ..Trace::default() };
        assert_eq!(
            (counted.minutes().amounts, counted.minute_lines()),
            (vec![2, 0, 7], vec![(3, 2), (1, 7)])
        );
    }
}
