//! Reads what a run costs: the server's memory and processor time (from /proc or its metrics), our own, the machine's
//! facts, and how long fdatasync takes on the server's disk. What cannot be read is absent, never guessed.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::clock;
use crate::http::Api;
use crate::tally::{Latencies, latencies};

/// Writes that one probe of the disk makes durable.
const SYNC_WRITES: usize = 100;

/// Where the server's own cost is read.
#[derive(Clone, Debug)]
pub enum Meter {
    /// A process of this machine.
    Process(u32),
    /// Prometheus text at an address, with its token.
    Metrics {
        /// Where it is.
        url: String,
        /// What opens it.
        token: Option<String>,
    },
    /// Nowhere.
    Blind,
}

/// The cost of a process at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reading {
    /// Resident memory.
    pub rss_bytes: Option<u64>,
    /// Processor time since its start, user and system.
    pub cpu_seconds: Option<f64>,
}

impl Meter {
    /// Reads the server's cost.
    pub async fn read(&self, api: &Api) -> Reading {
        match self {
            Meter::Process(pid) => process(&pid.to_string()),
            Meter::Metrics { url, token } => match api.read_at(url, token.as_deref()).await {
                Ok(answer) => metrics(&String::from_utf8_lossy(&answer.body)),
                Err(_) => Reading::default(),
            },
            Meter::Blind => Reading::default(),
        }
    }
}

/// Our own cost.
pub fn own() -> Reading {
    process("self")
}

fn process(pid: &str) -> Reading {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let ticks_per_second = rustix::param::clock_ticks_per_second() as f64;
    Reading {
        rss_bytes: kilobytes(&status, "VmRSS:"),
        cpu_seconds: ticks(&stat).map(|ticks| ticks as f64 / ticks_per_second),
    }
}

/// A line such as `VmRSS:   12345 kB`, in bytes.
pub fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

/// User and system time of a process; its name stands in parentheses and may hold anything, so it is skipped.
fn ticks(stat: &str) -> Option<u64> {
    let mut fields = stat[stat.rfind(')')? + 1..].split_whitespace();
    let user: u64 = fields.nth(11)?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

fn metrics(text: &str) -> Reading {
    let value = |name: &str| {
        text.lines().find_map(|line| {
            let rest = line.strip_prefix(name)?;
            rest.starts_with([' ', '{']).then(|| rest.rsplit(' ').next()?.parse::<f64>().ok())?
        })
    };
    Reading {
        rss_bytes: value("process_resident_memory_bytes").map(|bytes| bytes as u64),
        cpu_seconds: value("process_cpu_seconds_total").or_else(|| value("process_cpu_seconds")),
    }
}

/// The machine that the generator runs on.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Machine {
    /// Model of the processor.
    pub processor: String,
    /// Processors that the generator may use.
    pub cores: usize,
    /// Memory.
    pub memory_bytes: Option<u64>,
    /// Kernel.
    pub kernel: String,
    /// Load average of the last minute, before the run: other work spoils figures.
    pub load_before: Option<f64>,
}

impl Machine {
    /// Reads the facts.
    pub fn read() -> Self {
        let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let processors = text("/proc/cpuinfo");
        let model = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        Self {
            processor: model.map_or_else(String::new, |(_, name)| name.trim().to_owned()),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            memory_bytes: kilobytes(&text("/proc/meminfo"), "MemTotal:"),
            kernel: text("/proc/sys/kernel/osrelease").trim().to_owned(),
            load_before: text("/proc/loadavg").split(' ').next().and_then(|load| load.parse().ok()),
        }
    }
}

/// Lets the process open as many files as it is allowed to, and gives their number: one per connection.
pub fn raise_open_files() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if setrlimit(Resource::Nofile, raised).is_ok() {
        return limit.maximum.unwrap_or(u64::MAX);
    }
    limit.current.unwrap_or(u64::MAX)
}

/// How long making 4 KiB durable takes in a folder, in microseconds; the file is removed again.
pub fn sync_probe(folder: &Path) -> Result<Latencies> {
    let path = folder.join(format!("neighborbid-load-{}.probe", std::process::id()));
    let outcome = sync_writes(&path).with_context(|| format!("fdatasync in {}", folder.display()));
    // The probe is worthless; that it cannot be removed is told by the error that came first.
    drop(fs::remove_file(&path));
    outcome
}

fn sync_writes(path: &Path) -> Result<Latencies> {
    let mut file = File::create(path)?;
    let mut times = latencies();
    for _ in 0..SYNC_WRITES {
        let before = clock::monotonic();
        file.write_all(&[0x5A; 4096])?;
        file.sync_data()?;
        times.saturating_record(clock::micros_between(before, clock::monotonic()));
    }
    Ok(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn process_files_are_read() {
        assert_eq!(kilobytes("Name:\tx\nVmRSS:\t   12 kB\n", "VmRSS:"), Some(12 * 1024));
        assert_eq!(kilobytes("Name:\tx\n", "VmRSS:"), None);
        let stat = "42 (a) name (x)) S 1 42 42 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 4 0 100 1000 10";
        assert_eq!(ticks(stat), Some(300));
        assert_eq!(ticks(""), None);
        let own = own();
        assert!(own.rss_bytes.is_some_and(|bytes| bytes > 0) && own.cpu_seconds.is_some());
    }

    #[test]
    fn metrics_are_read_with_and_without_labels() {
        let text = "# HELP process_resident_memory_bytes x\nprocess_resident_memory_bytes 1048576\n\
                    process_cpu_seconds_total{a=\"b\"} 1.5\n";
        let expected = Reading { rss_bytes: Some(1_048_576), cpu_seconds: Some(1.5) };
        assert_eq!(metrics(text), expected);
        assert_eq!(metrics("process_resident_memory_bytes_peak 1\n"), Reading::default());
    }

    #[test]
    fn the_disk_is_probed_and_left_as_it_was() {
        let folder = std::env::temp_dir().join(format!("neighborbid-load-probe-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        assert_eq!(sync_probe(&folder).unwrap().len(), SYNC_WRITES as u64);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        fs::remove_dir(&folder).unwrap();
        assert!(sync_probe(&folder).is_err());
    }
}
