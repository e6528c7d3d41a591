//! What a soak saw, from look to look: samples, lines through them for the time before, with and after the reader, and
//! plots. Throughput and latency are the scenario's own, second by second, brought to the distance of the looks.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::database::{Table, Tables};
use super::observer::{Look, Observed};
use super::trend::Trend;
use crate::report::plot::{Across, Line, plot};
use crate::report::text::plain;
use crate::sampler::{Point, rounded};

/// Tables that one plot shows, and the text.
const TABLES_SHOWN: usize = 5;

/// A part of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Nobody has held a snapshot yet.
    Before,
    /// The reader holds one.
    With,
    /// He has let it go.
    After,
}

/// The time between two looks.
#[derive(Clone, Debug, Serialize)]
pub struct Sample {
    /// Its end, in seconds since the window opened.
    pub at_s: f64,
    /// The part of the run that its middle lies in.
    pub part: Part,
    /// Accepted bids a second.
    pub accepted_per_s: f64,
    /// Refused bids a second.
    pub refused_per_s: f64,
    /// Half of the answers took at most this long: the middle one of its seconds.
    pub p50_ms: f64,
    /// 99 of 100 answers took at most this long: the middle one of its seconds.
    pub p99_ms: f64,
    /// Write-ahead log a second.
    pub wal_bytes_per_s: f64,
    /// Write-ahead log for each accepted bid.
    pub wal_bytes_per_bid: Option<f64>,
    /// Transactions since the oldest snapshot that is held.
    pub snapshot_transactions: i64,
    /// Age of the transaction that holds it.
    pub snapshot_s: f64,
    /// Vacuums that the database began by itself and ended, all tables.
    pub autovacuums: i64,
    /// Memory of all nodes.
    pub node_rss_bytes: Option<u64>,
    /// Processors that the nodes kept busy.
    pub node_processors: Option<f64>,
    /// Memory of the database, what its processes share counted once.
    pub database_memory_bytes: Option<u64>,
    /// Processors that the database kept busy.
    pub database_processors: Option<f64>,
    /// The tables at its end.
    pub tables: Tables,
}

/// One figure's lines; none where there are no samples.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// What it is.
    pub name: String,
    /// Before the reader.
    pub before: Option<Trend>,
    /// With him.
    pub with: Option<Trend>,
    /// After him.
    pub after: Option<Trend>,
    /// The whole run.
    pub whole: Option<Trend>,
}

/// What a soak saw.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Course {
    /// When the reader took his snapshot, in seconds since the window opened.
    pub reader_from_s: Option<f64>,
    /// When he let it go.
    pub reader_until_s: Option<f64>,
    /// Looks that failed.
    pub failed_looks: u64,
    /// Why the last of them did.
    pub trouble: Option<String>,
    /// Lines through the samples.
    pub figures: Vec<Figure>,
    /// The samples.
    pub samples: Vec<Sample>,
}

impl Course {
    /// From the looks and the scenario's seconds.
    pub fn of(observed: Observed, points: &[Point], span: Option<(Duration, Duration)>) -> Self {
        let span = span.map(|(from, until)| (from.as_secs_f64(), until.as_secs_f64()));
        let pairs = observed.looks.windows(2);
        let samples: Vec<Sample> = pairs.map(|pair| sample(&pair[0], &pair[1], points, span)).collect();
        Self {
            reader_from_s: span.map(|(from, _)| from),
            reader_until_s: span.map(|(_, until)| until),
            failed_looks: observed.failed.0,
            trouble: observed.failed.1,
            figures: figures(&samples),
            samples,
        }
    }

    /// A table for people, and what is left to do.
    pub fn lines(&self) -> Vec<String> {
        let cells = |name: &str, cells: [&str; 4]| {
            let [before, with, after, whole] = cells;
            format!("  {name:<34} {before:>18} {with:>18} {after:>18} {whole:>18}").trim_end().to_owned()
        };
        let mut lines = vec![
            "Means, and how far a straight line rises or falls within each part of the run:".to_owned(),
            cells("", ["before the reader", "with him", "after him", "whole run"]),
        ];
        for Figure { name, before, with, after, whole } in &self.figures {
            let [before, with, after, whole] = [before, with, after, whole].map(cell);
            lines.push(cells(name, [&before, &with, &after, &whole]));
        }
        let vacuums: i64 = self.samples.iter().map(|sample| sample.autovacuums).sum();
        lines.push(cells("autovacuums within the run", ["", "", "", &vacuums.to_string()]));
        if let Some(trouble) = &self.trouble {
            lines.push(format!("{} looks at the database failed, the last: {trouble}", self.failed_looks));
        }
        lines.push(
            "Now let `neighborbid audit` read the same database: the load only compares bids.".to_owned(),
        );
        lines.push(String::new());
        lines
    }

    /// The plots of the page.
    pub fn plots(&self) -> String {
        let largest = self.first_tables(|table| table.bytes + table.index_bytes);
        let changed = self.first_tables(|table| table.updates);
        let dead = self.first_tables(|table| table.dead_rows);
        [
            self.plot(
                "Age of the oldest snapshot, s",
                &[("held by a client", &|sample| Some(sample.snapshot_s))],
            ),
            self.plot_tables("Size of the largest tables, MB", &largest, |table| millions(table.bytes)),
            self.plot_tables("Size of their indexes, MB", &largest, |table| millions(table.index_bytes)),
            self.plot_tables("Size of the tables whose rows change most, MB", &changed, |table| {
                millions(table.bytes)
            }),
            self.plot_tables("Size of their indexes, MB", &changed, |table| millions(table.index_bytes)),
            self.plot_tables("Dead versions of rows", &dead, |table| table.dead_rows as f64),
            self.plot(
                "Write-ahead log, MB a second",
                &[("written", &|sample| Some(sample.wal_bytes_per_s / 1e6))],
            ),
            self.plot(
                "Memory, MB",
                &[
                    ("nodes", &|sample| megabytes(sample.node_rss_bytes)),
                    ("database", &|sample| megabytes(sample.database_memory_bytes)),
                ],
            ),
            self.plot(
                "Processors kept busy",
                &[
                    ("nodes", &|sample| sample.node_processors),
                    ("database", &|sample| sample.database_processors),
                ],
            ),
        ]
        .concat()
    }

    fn plot(&self, title: &str, lines: &[(&str, Reading<'_>)]) -> String {
        let lines: Vec<Line<'_>> =
            lines.iter().map(|(name, value)| Line { name, points: points(&self.samples, value) }).collect();
        plot(title, Across::Seconds, &lines)
    }

    fn plot_tables(&self, title: &str, tables: &[String], value: fn(&Table) -> f64) -> String {
        let of = |name: &str| points(&self.samples, &|sample: &Sample| sample.tables.get(name).map(value));
        let lines: Vec<Line<'_>> = tables.iter().map(|name| Line { name, points: of(name) }).collect();
        plot(title, Across::Seconds, &lines)
    }

    fn first_tables(&self, by: fn(&Table) -> i64) -> Vec<String> {
        first_tables(&self.samples, by)
    }
}

fn millions(bytes: i64) -> f64 {
    bytes as f64 / 1e6
}

fn megabytes(bytes: Option<u64>) -> Option<f64> {
    bytes.map(|bytes| bytes as f64 / 1e6)
}

/// A figure of a sample.
type Reading<'a> = &'a dyn Fn(&Sample) -> Option<f64>;

fn points(samples: &[Sample], value: Reading<'_>) -> Vec<(f64, f64)> {
    samples.iter().filter_map(|sample| Some((sample.at_s, value(sample)?))).collect()
}

/// The names of the tables that reach most of something.
fn first_tables(samples: &[Sample], by: fn(&Table) -> i64) -> Vec<String> {
    let mut most: BTreeMap<&String, i64> = BTreeMap::new();
    for (name, table) in samples.iter().flat_map(|sample| &sample.tables) {
        let reached = most.entry(name).or_default();
        *reached = by(table).max(*reached);
    }
    let mut most: Vec<(&String, i64)> = most.into_iter().filter(|(_, reached)| *reached > 0).collect();
    most.sort_by_key(|(_, reached)| std::cmp::Reverse(*reached));
    most.into_iter().take(TABLES_SHOWN).map(|(name, _)| name.clone()).collect()
}

fn sample(last: &Look, this: &Look, points: &[Point], span: Option<(f64, f64)>) -> Sample {
    let seconds = this.at_s - last.at_s;
    let middle = last.at_s + seconds / 2.0;
    // A second's point stands at its end.
    let within: Vec<&Point> =
        points.iter().filter(|point| (last.at_s..this.at_s).contains(&(point.at_s - 0.5))).collect();
    let mean = |value: fn(&Point) -> f64| {
        within.iter().map(|point| value(point)).sum::<f64>() / within.len().max(1) as f64
    };
    let wal_bytes = this.standing.wal_bytes - last.standing.wal_bytes;
    let accepted_per_s = mean(|point| point.accepted_per_s);
    let busy = |before: Option<f64>, after: Option<f64>| Some(rounded((after? - before?) / seconds));
    let vacuums = |tables: &Tables| tables.values().map(|table| table.autovacuums).sum::<i64>();
    Sample {
        at_s: rounded(this.at_s),
        part: match span {
            Some((_, until)) if middle > until => Part::After,
            Some((from, _)) if middle > from => Part::With,
            _ => Part::Before,
        },
        accepted_per_s: rounded(accepted_per_s),
        refused_per_s: rounded(mean(|point| point.refused_per_s)),
        p50_ms: middle_of(&within, |point| point.p50_ms),
        p99_ms: middle_of(&within, |point| point.p99_ms),
        wal_bytes_per_s: rounded(wal_bytes / seconds),
        wal_bytes_per_bid: (accepted_per_s > 0.0).then(|| rounded(wal_bytes / seconds / accepted_per_s)),
        snapshot_transactions: this.standing.snapshot_transactions,
        snapshot_s: rounded(this.standing.snapshot_s),
        autovacuums: vacuums(&this.tables) - vacuums(&last.tables),
        node_rss_bytes: this.nodes.rss_bytes,
        node_processors: busy(last.nodes.cpu_seconds, this.nodes.cpu_seconds),
        database_memory_bytes: this.database.rss_bytes,
        database_processors: busy(last.database.cpu_seconds, this.database.cpu_seconds),
        tables: this.tables.clone(),
    }
}

/// The median, 0 of none.
fn middle_of(points: &[&Point], value: fn(&Point) -> f64) -> f64 {
    let mut values: Vec<f64> = points.iter().map(|point| value(point)).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// Lines through everything that the text tells.
fn figures(samples: &[Sample]) -> Vec<Figure> {
    let mut figures = Vec::new();
    let mut add = |name: &str, value: Reading<'_>| figures.extend(figure(samples, name, value));
    add("accepted a second", &|sample| Some(sample.accepted_per_s));
    add("refused a second", &|sample| Some(sample.refused_per_s));
    add("answers p50, ms", &|sample| Some(sample.p50_ms));
    add("answers p99, ms", &|sample| Some(sample.p99_ms));
    add("write-ahead log, MB a second", &|sample| Some(sample.wal_bytes_per_s / 1e6));
    add("write-ahead log, bytes a bid", &|sample| sample.wal_bytes_per_bid);
    add("nodes: memory, MB", &|sample| megabytes(sample.node_rss_bytes));
    add("nodes: processors", &|sample| sample.node_processors);
    add("database: memory, MB", &|sample| megabytes(sample.database_memory_bytes));
    add("database: processors", &|sample| sample.database_processors);
    add("dead rows, all tables", &|sample| {
        Some(sample.tables.values().map(|table| table.dead_rows as f64).sum())
    });
    let mut names = first_tables(samples, |table| table.bytes + table.index_bytes);
    let changed = first_tables(samples, |table| table.updates);
    names.extend(changed.into_iter().filter(|name| !names.contains(name)).collect::<Vec<_>>());
    for name in &names {
        let of =
            |value: fn(&Table) -> i64| move |sample: &Sample| Some(millions(value(sample.tables.get(name)?)));
        add(&format!("{name}, MB"), &of(|table| table.bytes));
        add(&format!("{name}: indexes, MB"), &of(|table| table.index_bytes));
    }
    figures
}

/// One figure in all parts; none if it is known nowhere.
fn figure(samples: &[Sample], name: &str, value: Reading<'_>) -> Option<Figure> {
    let part = |part: Part| {
        let of_part = |sample: &Sample| value(sample).filter(|_| sample.part == part);
        Trend::of(&points(samples, &of_part))
    };
    let whole = Trend::of(&points(samples, value))?;
    Some(Figure {
        name: name.to_owned(),
        before: part(Part::Before),
        with: part(Part::With),
        after: part(Part::After),
        whole: Some(whole),
    })
}

/// `1,234 (+5.6 %)`
fn cell(trend: &Option<Trend>) -> String {
    let Some(Trend { mean, change_percent }) = trend else { return "–".to_owned() };
    let change = change_percent.map_or(String::new(), |change| format!(" ({change:+.1} %)"));
    format!("{}{change}", plain(*mean))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soak::database::Standing;

    fn look(at_s: f64, dead_rows: i64) -> Look {
        let table = Table { dead_rows, bytes: dead_rows * 100, updates: dead_rows, ..Table::default() };
        let standing = Standing { wal_bytes: at_s * 1_000.0, ..Standing::default() };
        let tables = [("auctions".to_owned(), table)].into();
        Look { at_s, tables, standing, ..Look::default() }
    }

    /// Ninety seconds of which the middle thirty have a reader, with whom it falls from 100 to 50 a second.
    fn course() -> Course {
        let rate = |second: u32| match second {
            0..30 | 60.. => 100.0,
            with => 100.0 - f64::from(with - 30) * 50.0 / 29.0,
        };
        let point = |second: u32| Point {
            at_s: f64::from(second) + 1.0,
            accepted_per_s: rate(second),
            p99_ms: 7.0,
            ..Point::default()
        };
        let points: Vec<Point> = (0..90).map(point).collect();
        let looks = (0..=9).map(|at| look(f64::from(at) * 10.0, i64::from(at))).collect();
        let span = (Duration::from_secs(30), Duration::from_secs(60));
        Course::of(Observed { looks, failed: (0, None) }, &points, Some(span))
    }

    #[test]
    fn parts_are_told_apart_and_each_has_its_line() {
        let course = course();
        let parts: Vec<Part> = course.samples.iter().map(|sample| sample.part).collect();
        let [before, with, after] = [Part::Before, Part::With, Part::After].map(|part| [part; 3]);
        assert_eq!(parts, [before, with, after].concat());
        let accepted = &course.figures[0];
        assert_eq!(accepted.name, "accepted a second");
        let change = |trend: &Option<Trend>| trend.as_ref().unwrap().change_percent.unwrap().round();
        let changes = [&accepted.before, &accepted.with, &accepted.after].map(change);
        assert_eq!(changes, [0.0, -37.0, 0.0]);
        let sample = &course.samples[0];
        assert_eq!((sample.p99_ms, sample.wal_bytes_per_s), (7.0, 1_000.0));
        assert_eq!(sample.wal_bytes_per_bid, Some(10.0));
    }

    #[test]
    fn it_is_told_in_words_and_pictures() {
        let course = course();
        let text = course.lines().join("\n");
        assert!(text.contains("75 (-37.4 %)") && text.contains("neighborbid audit"), "{text}");
        assert!(text.contains("auctions, MB") && !text.contains("nodes: memory"), "{text}");
        let plots = course.plots();
        assert!(plots.contains("Dead versions of rows") && plots.contains("auctions"), "{plots}");
        assert!(!plots.contains("Processors"), "{plots}");
    }
}
