//! The report as one HTML page: figures, plots, and every number behind them. It loads nothing and runs nothing.

use super::Report;
use super::plot::{Across, Line, plot};
use crate::sampler::Point;
use crate::soak::Course;

const SHEET: &str = "\
:root{color-scheme:light dark;--paper:light-dark(#fbfaf8,#1b1c20);--ink:light-dark(#22242a,#e8e6e1);\
--quiet:light-dark(#6a6c73,#9b9da5);--line:light-dark(#dedbd5,#3a3c43)}\
body{margin:2rem auto;max-width:46rem;padding:0 1rem;background:var(--paper);color:var(--ink);\
font:16px/1.5 system-ui,sans-serif;font-variant-numeric:tabular-nums}\
h1{font-size:1.4rem}table{border-collapse:collapse;width:100%}td{padding:.25rem 0;border-bottom:1px solid var(--line)}\
td+td{text-align:right}figure{margin:2rem 0}figcaption{font-weight:600}svg{width:100%;height:auto}\
pre{overflow-x:auto;font-size:.75rem}svg text{font-size:12px;fill:var(--quiet)}.up{text-anchor:end}.across{text-anchor:middle}\
.grid{stroke:var(--line)}polyline{fill:none;stroke-width:2;stroke:var(--colour)}\
.line0{--colour:light-dark(#b3261e,#ff8a7a)}.line1{--colour:light-dark(#2e7d6b,#7fd1bb)}\
.line2{--colour:light-dark(#a06a00,#f0b84a)}.line3{--colour:light-dark(#4a5fa5,#9fb1f0)}\
.line4{--colour:light-dark(#7a4b8c,#d0a6e0)}\
.legend{color:var(--quiet);margin:.25rem 0}.key{margin-right:1rem}.key::before{content:'';display:inline-block;\
width:1rem;height:.2rem;margin-right:.4rem;vertical-align:middle;background:var(--colour)}\
.broken{color:light-dark(#b3261e,#ff8a7a);font-weight:600}";

/// The whole page.
pub fn page(report: &Report) -> String {
    let title = escaped(&report.headline());
    let verdict = if report.violations.is_empty() {
        "<p>Clean: everything acknowledged is stored, and nothing else.</p>".to_owned()
    } else {
        let broken = |text: &String| format!("<p class=\"broken\">Broken: {}</p>", escaped(text));
        report.violations.iter().map(broken).collect()
    };
    let row = |(name, value): (String, String)| {
        format!("<tr><td>{}</td><td>{}</td></tr>", escaped(&name), escaped(&value))
    };
    let rows: String = report.rows().into_iter().map(row).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <style>{SHEET}</style></head>\n<body><h1>{title}</h1><p>{}</p>{verdict}\n<table>{rows}</table>\n{}{}</body></html>\n",
        escaped(&report.ended_at),
        report.soak.as_ref().map_or_else(String::new, soaked),
        plots(report)
    )
}

/// What the database went through.
fn soaked(course: &Course) -> String {
    format!("<pre>{}</pre>\n{}", escaped(&course.lines().join("\n")), course.plots())
}

fn plots(report: &Report) -> String {
    let course = |name: &'static str, value: fn(&Point) -> f64| Line {
        name,
        points: report
            .points
            .iter()
            .map(|point| (point.at_s, value(point)))
            .filter(|(_, y)| *y > 0.0)
            .collect(),
    };
    let percentiles = |name: &'static str, points: &[(f64, f64)]| Line { name, points: points.to_vec() };
    let memory = |point: &Point| point.server_rss_bytes.unwrap_or(0) as f64 / 1e6;
    [
        plot(
            "Bids and pages a second",
            Across::Seconds,
            &[
                course("decided", |point| point.decided_per_s),
                course("accepted", |point| point.accepted_per_s),
                course("busy", |point| point.busy_per_s),
                course("refused", |point| point.refused_per_s),
                course("pages", |point| point.pages_per_s),
            ],
        ),
        plot(
            "Time to the answer, ms",
            Across::Seconds,
            &[course("p99", |point| point.p99_ms), course("p50", |point| point.p50_ms)],
        ),
        plot(
            "Time to the answer by percentile, ms",
            Across::Percentiles,
            &[percentiles("answers", &report.answer_percentiles)],
        ),
        plot("Frames a second", Across::Seconds, &[course("frames", |point| point.frames_per_s)]),
        plot(
            "Age of frames by percentile, ms",
            Across::Percentiles,
            &[percentiles("frames", &report.frame_percentiles)],
        ),
        plot("Memory of the server, MB", Across::Seconds, &[course("resident", memory)]),
    ]
    .concat()
}

/// Text that may stand anywhere in a page.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::tests::sample;
    use super::*;

    #[test]
    fn the_page_is_whole_and_loads_nothing() {
        let html = page(&sample());
        assert!(html.starts_with("<!doctype html>") && html.ends_with("</html>\n"));
        assert!(html.contains("<polyline class=\"line0\"") && html.contains("Clean:"));
        for foreign in ["<script", "src=", "href=", "@import", "url("] {
            assert!(!html.contains(foreign), "{foreign}");
        }
        for tag in ["figure", "table", "svg", "tr", "td"] {
            let opened =
                html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
            assert_eq!(opened, html.matches(&format!("</{tag}>")).count(), "{tag}");
        }
    }

    #[test]
    fn words_of_the_server_are_only_words() {
        let mut report = sample();
        report.violations.push("<script>alert(\"1\")</script> & more".to_owned());
        let html = page(&report);
        assert!(html.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; more"));
        assert!(!html.contains("<script"));
    }
}
