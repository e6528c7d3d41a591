//! The report as lines for people: what was not measured is left out, what was broken stands at the end.

use super::Report;
use crate::meter::Machine;
use crate::soak::Course;

impl Report {
    /// Lines for people.
    pub fn to_text(&self) -> String {
        let mut lines = vec![self.headline(), String::new()];
        lines.extend(self.rows().into_iter().map(|(name, value)| format!("  {name:<34} {value}")));
        lines.push(String::new());
        lines.extend(self.soak.iter().flat_map(Course::lines));
        if self.violations.is_empty() {
            lines.push("clean: everything acknowledged is stored, and nothing else".to_owned());
        }
        lines.extend(self.violations.iter().map(|violation| format!("BROKEN: {violation}")));
        lines.join("\n") + "\n"
    }

    /// What was measured, in one line.
    pub fn headline(&self) -> String {
        let pace = self
            .rate
            .map_or("closed loop".to_owned(), |rate| format!("open loop at {} a second", plain(rate)));
        format!("{} against {}, {} s, {pace}", self.scenario, self.url, plain(self.seconds))
    }

    /// Name and value of everything that is worth a line; what was not measured is left out.
    pub fn rows(&self) -> Vec<(String, String)> {
        let mut rows = Vec::new();
        let mut row = |name: &str, value: String| rows.push((name.to_owned(), value));
        for (name, value) in &self.parameters {
            row(name, value.to_string());
        }
        let bids = self.decided_per_s + self.busy_per_s > 0.0;
        let frames = self.frames_per_s > 0.0;
        if bids {
            row("decided a second", plain(self.decided_per_s));
            row("accepted / refused / busy", three(self.accepted_per_s, self.refused_per_s, self.busy_per_s));
        }
        if self.max_ms > 0.0 {
            row("answers p50 / p99 / p99.9, ms", three(self.p50_ms, self.p99_ms, self.p999_ms));
            row("slowest answer, ms", plain(self.max_ms));
        }
        if frames {
            row("frames a second", plain(self.frames_per_s));
            row("of them snapshots", plain(self.snapshots_per_s));
            row(
                "frames' age p50 / p99 / max, ms",
                three(self.frame_p50_ms, self.frame_p99_ms, self.frame_max_ms),
            );
        }
        for (name, value) in &self.figures {
            row(name, plain(*value));
        }
        for (code, count) in &self.refusals {
            row(&format!("refused: {code}"), count.to_string());
        }
        row("gaps", self.gaps.to_string());
        row("acknowledged = stored", format!("{} = {}", self.acknowledged, self.stored));
        if self.reconnections > 0 {
            row("connections renewed", self.reconnections.to_string());
        }
        rows.extend(self.cost_rows());
        rows
    }

    fn cost_rows(&self) -> Vec<(String, String)> {
        let cost = |cpu: Option<f64>, rss: Option<u64>| {
            let cpu = cpu.map_or("?".to_owned(), |seconds| format!("{seconds:.2} s"));
            let rss = rss.map_or("?".to_owned(), |bytes| format!("{:.1} MB", bytes as f64 / 1e6));
            format!("{cpu}, {rss}")
        };
        let mut rows = vec![
            ("server: processor, memory".to_owned(), cost(self.server_cpu_seconds, self.server_rss_bytes)),
            ("generator: processor, memory".to_owned(), cost(self.client_cpu_seconds, self.client_rss_bytes)),
            (
                "set-up / comparison, s".to_owned(),
                format!("{} / {}", self.set_up_seconds, self.verify_seconds),
            ),
        ];
        if let (Some(p50), Some(p99)) = (self.fdatasync_p50_ms, self.fdatasync_p99_ms) {
            rows.push(("fdatasync p50 / p99, ms".to_owned(), format!("{} / {}", plain(p50), plain(p99))));
        }
        let Machine { processor, cores, kernel, load_before, .. } = &self.machine;
        let load = load_before.map_or(String::new(), |load| format!(", load before {load}"));
        rows.push(("machine".to_owned(), format!("{processor}, {cores} cores, Linux {kernel}{load}")));
        rows
    }
}

/// A number for people: thousands apart, decimals only where they matter.
pub fn plain(value: f64) -> String {
    let is_whole = (value - value.round()).abs() < 0.005;
    let decimals = if value.abs() >= 100.0 || is_whole { 0 } else { 2 };
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_once('.').map_or((&*text, ""), |(whole, fraction)| (whole, fraction));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if value < 0.0 { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{grouped}") } else { format!("{sign}{grouped}.{fraction}") }
}

fn three(first: f64, second: f64, third: f64) -> String {
    format!("{} / {} / {}", plain(first), plain(second), plain(third))
}

#[cfg(test)]
mod tests {
    use super::super::tests::sample;
    use super::*;

    #[test]
    fn text_says_whether_it_was_clean() {
        let mut report = sample();
        let text = report.to_text();
        assert!(text.starts_with("storm against http://127.0.0.1:3000, 10 s, closed loop"), "{text}");
        assert!(text.contains("12,346") && text.contains("clean:") && text.contains("5 = 5"), "{text}");
        report.violations.push("2 gaps were seen".to_owned());
        let text = report.to_text();
        assert!(text.contains("BROKEN: 2 gaps") && !text.contains("clean:"), "{text}");
    }

    #[test]
    fn numbers_are_written_for_people() {
        for (value, text) in [
            (0.0, "0"),
            (1.0, "1"),
            (1.256, "1.26"),
            (3.9997, "4"),
            (999.9, "1,000"),
            (1_234_567.0, "1,234,567"),
        ] {
            assert_eq!(plain(value), text);
        }
        assert_eq!(plain(-1_234.0), "-1,234");
    }
}
