//! The report of a comparison, as text or JSON: cells as they came, medians, ratios, and whether the aims are met.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Serialize;

use super::cell::{Cell, Shape, Way};
use super::door::{Form, System};
use super::house::LANES;
use crate::meter::Machine;
use crate::report::plain;
use crate::sampler::rounded;

/// What the engine is to reach on the hot auction: with so many bidders at least, so many times the best baseline.
const AIMS: [(usize, f64); 3] = [(64, 10.0), (16, 1.0), (1, 0.5)];

/// Everything that a run found out.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// When it ended.
    pub ended_at: String,
    /// Measured seconds of each cell.
    pub seconds: f64,
    /// One for each shape and level.
    pub comparisons: Vec<Comparison>,
    /// Of the rich one, if he was there.
    pub rich: Option<Rich>,
    /// Bids that were acknowledged and found stored once, by system.
    pub verified: BTreeMap<&'static str, u64>,
    /// What fdatasync of 4 KiB took, before and after the run.
    pub fdatasync_p50_ms: Option<f64>,
    /// 99 of 100 of them.
    pub fdatasync_p99_ms: Option<f64>,
    /// Where.
    pub machine: Machine,
    /// What is wrong with what is stored, in words; empty after a clean run.
    pub violations: Vec<String>,
    /// As they came.
    pub cells: Vec<Cell>,
}

/// All systems at one level.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// Who bid on what.
    pub shape: Shape,
    /// Bids under way at once.
    pub level: usize,
    /// In the order in which they ran.
    pub systems: Vec<Figures>,
    /// The baseline that took the most.
    pub best_baseline: Option<System>,
    /// Ours to that one: the median of the ratios of neighbours.
    pub ratio: Option<f64>,
}

/// Medians of one system's cells.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// How it was built.
    pub way: Way,
    /// Bids kept, a second.
    pub accepted_per_s: f64,
    /// Bids kept or refused, a second.
    pub decided_per_s: f64,
    /// Half of the answers took at most this long.
    pub p50_ms: f64,
    /// 99 of 100.
    pub p99_ms: f64,
    /// Bids kept in one transaction.
    pub bids_a_round: f64,
    /// Processor time for each second: ours, and the database's if it is here.
    pub own_cpu: f64,
    /// The database's.
    pub database_cpu: Option<f64>,
    /// Seconds that the follower was behind.
    pub behind_seconds: f64,
}

/// What a shared wallet costs two lanes.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Rich {
    /// Accepted a second: many bidders on two lanes.
    pub many_on_two_lanes: f64,
    /// One bidder on two lanes.
    pub one_on_two_lanes: f64,
    /// Many bidders on one lane.
    pub many_on_one_lane: f64,
    /// One bidder on one lane.
    pub one_on_one_lane: f64,
    /// One to many, on two lanes: the median of the ratios of neighbours.
    pub remains: f64,
}

impl Report {
    /// Of these cells.
    pub fn of(cells: Vec<Cell>, seconds: f64) -> Report {
        let mut kinds: Vec<(Shape, usize)> = Vec::new();
        for cell in cells.iter().filter(|cell| matches!(cell.shape, Shape::Hot | Shape::Market)) {
            if !kinds.contains(&(cell.shape, cell.level)) {
                kinds.push((cell.shape, cell.level));
            }
        }
        let comparisons = kinds.into_iter().map(|(shape, level)| compare(&cells, shape, level)).collect();
        let rich = rich(&cells);
        Report { seconds, comparisons, rich, cells, ..Report::default() }
    }

    /// One JSON object, indented.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string_pretty(self).context("writing the report as JSON")
    }

    /// Lines for people.
    pub fn to_text(&self) -> String {
        let mut lines = vec![format!("accepted bids a second, {} s a cell, medians", plain(self.seconds))];
        for comparison in &self.comparisons {
            lines.extend(comparison.lines());
        }
        if let Some(rich) = &self.rich {
            lines.extend(rich.lines());
        }
        lines.push(String::new());
        lines.extend(self.aims());
        if let (Some(p50), Some(p99)) = (self.fdatasync_p50_ms, self.fdatasync_p99_ms) {
            lines.push(format!("fdatasync of 4 KiB p50 / p99: {} / {} ms", plain(p50), plain(p99)));
        }
        let Machine { processor, cores, kernel, load_before, .. } = &self.machine;
        let load = load_before.map_or(String::new(), |load| format!(", load before {load}"));
        lines.push(format!("machine: {processor}, {cores} cores, Linux {kernel}{load}"));
        for (system, bids) in &self.verified {
            lines.push(format!("{system}: {bids} bids acknowledged"));
        }
        if self.violations.is_empty() {
            lines.push(
                "clean: each of them is stored once, with its key, and every audit found nothing".to_owned(),
            );
        }
        lines.extend(self.violations.iter().map(|violation| format!("BROKEN: {violation}")));
        lines.join("\n") + "\n"
    }

    /// Each aim that this run could show, and what it showed.
    fn aims(&self) -> Vec<String> {
        let hot = |level| {
            let found = self.comparisons.iter().find(|one| one.shape == Shape::Hot && one.level == level);
            found.and_then(|one| one.ratio)
        };
        let line = |(level, least): (usize, f64)| {
            let ratio = hot(level)?;
            let verdict = if ratio >= least { "met" } else { "NOT met" };
            Some(format!(
                "aim, hot auction, {level} bidders: at least {least} × the best baseline: {ratio:.2}, {verdict}"
            ))
        };
        AIMS.into_iter().filter_map(line).collect()
    }
}

impl Comparison {
    fn lines(&self) -> Vec<String> {
        let shape = match self.shape {
            Shape::Hot => "one hot auction",
            Shape::Market => "many auctions",
            Shape::Rich | Shape::Spread => "one rich bidder",
        };
        let bidders = if self.level == 1 { "1 bidder".to_owned() } else { format!("{} bidders", self.level) };
        let mut lines = vec![String::new(), format!("{shape}, {bidders}")];
        lines.extend(self.systems.iter().map(Figures::line));
        if let (Some(best), Some(ratio)) = (self.best_baseline, self.ratio) {
            lines.push(format!("  ours / best baseline ({}): {ratio:.2}", best.name()));
        }
        lines
    }
}

impl Figures {
    fn line(&self) -> String {
        let Way { system, form, width } = self.way;
        let way = match (system, form) {
            (System::Ours, _) => format!("{width} lanes"),
            (_, Form::Procedure) => format!("procedure, pool {width}"),
            (_, Form::Statements) => format!("statements, pool {width}"),
        };
        let database = self.database_cpu.map_or("?".to_owned(), |share| format!("{share:.2}"));
        format!(
            "  {:<17} {:>9}/s  decided {:>9}/s  p50/p99 {:>7}/{:>7} ms  {:>5.1} a round  cpu {:.2} + database {database}  \
             behind {:.1} s  ({way})",
            system.name(),
            plain(self.accepted_per_s),
            plain(self.decided_per_s),
            plain(self.p50_ms),
            plain(self.p99_ms),
            self.bids_a_round,
            self.own_cpu,
            self.behind_seconds,
        )
    }
}

impl Rich {
    fn lines(&self) -> Vec<String> {
        vec![
            String::new(),
            "one rich bidder on 100 auctions, 32 bids under way, beside 100 bidders on the same auctions".to_owned(),
            format!(
                "  two lanes: one {}/s, many {}/s: {:.2} remains",
                plain(self.one_on_two_lanes),
                plain(self.many_on_two_lanes),
                self.remains
            ),
            format!(
                "  one lane:  one {}/s, many {}/s",
                plain(self.one_on_one_lane),
                plain(self.many_on_one_lane)
            ),
            "  Rounds of both lanes lock his wallet: from its second flight to its COMMIT one lane's round keeps the other's"
                .to_owned(),
            "  waiting, so that on his bids two lanes take turns. The bids are the same; only the wallets differ.".to_owned(),
        ]
    }
}

fn compare(cells: &[Cell], shape: Shape, level: usize) -> Comparison {
    let here = || cells.iter().filter(move |cell| cell.shape == shape && cell.level == level);
    let mut ways: Vec<Way> = Vec::new();
    for cell in here() {
        if !ways.contains(&cell.way) {
            ways.push(cell.way);
        }
    }
    let of = |way: Way| here().filter(move |cell| cell.way == way).collect::<Vec<_>>();
    let systems: Vec<Figures> = ways.iter().map(|way| figures(*way, &of(*way))).collect();
    let baselines = systems.iter().filter(|one| one.way.system != System::Ours);
    let best = baselines.max_by(|one, other| one.accepted_per_s.total_cmp(&other.accepted_per_s));
    let ours = systems.iter().find(|one| one.way.system == System::Ours);
    let ratio = ours.zip(best).map(|(ours, best)| ratio(&of(ours.way), &of(best.way)));
    let best_baseline = best.map(|best| best.way.system);
    Comparison { shape, level, systems, best_baseline, ratio }
}

fn figures(way: Way, cells: &[&Cell]) -> Figures {
    let of = |value: fn(&Cell) -> f64| rounded(median(cells.iter().map(|cell| value(cell)).collect()));
    let database: Option<Vec<f64>> = cells.iter().map(|cell| cell.database_cpu).collect();
    Figures {
        way,
        accepted_per_s: of(|cell| cell.accepted_per_s),
        decided_per_s: of(|cell| cell.decided_per_s),
        p50_ms: of(|cell| cell.p50_ms),
        p99_ms: of(|cell| cell.p99_ms),
        bids_a_round: of(|cell| cell.bids_a_round),
        own_cpu: of(|cell| cell.own_cpu),
        database_cpu: database.map(median),
        behind_seconds: of(|cell| cell.behind_seconds),
    }
}

fn rich(cells: &[Cell]) -> Option<Rich> {
    let of = |shape: Shape, width: usize| {
        cells.iter().filter(|cell| cell.shape == shape && cell.way.width == width).collect::<Vec<_>>()
    };
    let accepted = |cells: &[&Cell]| median(cells.iter().map(|cell| cell.accepted_per_s).collect());
    let (one, many) = (of(Shape::Rich, LANES), of(Shape::Spread, LANES));
    (!one.is_empty()).then(|| Rich {
        many_on_two_lanes: accepted(&many),
        one_on_two_lanes: accepted(&one),
        many_on_one_lane: accepted(&of(Shape::Spread, 1)),
        one_on_one_lane: accepted(&of(Shape::Rich, 1)),
        remains: ratio(&one, &many),
    })
}

/// The median of the ratios of cells that ran beside each other.
fn ratio(ours: &[&Cell], theirs: &[&Cell]) -> f64 {
    let ratios = ours.iter().zip(theirs).map(|(our, their)| our.accepted_per_s / their.accepted_per_s);
    rounded(median(ratios.collect()))
}

/// The middle one, or the mean of the two in the middle; 0 of nothing.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        length if length.is_multiple_of(2) => f64::midpoint(values[middle - 1], values[middle]),
        _ => values[middle],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(system: System, accepted_per_s: f64) -> Cell {
        Cell {
            way: Way { system, form: Form::Procedure, width: 2 },
            shape: Shape::Hot,
            level: 64,
            accepted_per_s,
            decided_per_s: accepted_per_s,
            again_per_s: 0.0,
            p50_ms: 1.0,
            p99_ms: 2.0,
            bids_a_round: 1.0,
            own_cpu: 0.5,
            database_cpu: None,
            behind_seconds: 0.0,
        }
    }

    #[test]
    fn ratios_are_of_neighbours_and_to_the_best_baseline() {
        let cells = vec![
            cell(System::Ours, 1_000.0),
            cell(System::RowLock, 100.0),
            cell(System::Optimistic, 10.0),
            cell(System::Optimistic, 30.0),
            cell(System::RowLock, 50.0),
            cell(System::Ours, 600.0),
        ];
        let report = Report::of(cells, 4.0);
        let [comparison] = &report.comparisons[..] else { panic!("one shape at one level") };
        assert_eq!(comparison.best_baseline, Some(System::RowLock));
        assert_eq!(comparison.ratio, Some(11.0), "the median of 10 and 12");
        let text = report.to_text();
        assert!(text.contains("64 bidders: at least 10 × the best baseline: 11.00, met"), "{text}");
        assert!(text.contains("clean:") && !text.contains("BROKEN"), "{text}");
        assert!(report.rich.is_none());
    }

    #[test]
    fn an_aim_that_is_missed_is_said_and_so_is_what_is_broken() {
        let mut report = Report::of(vec![cell(System::Ours, 90.0), cell(System::RowLock, 10.0)], 4.0);
        report.violations.push("ours: the audit found 1 violations".to_owned());
        let text = report.to_text();
        assert!(text.contains("9.00, NOT met") && text.contains("BROKEN: ours"), "{text}");
        assert!(!text.contains("clean:"), "{text}");
    }

    #[test]
    fn the_middle_of_an_even_number_is_between_two() {
        assert_eq!(median(vec![]), 0.0);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
    }
}
