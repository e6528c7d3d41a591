//! The command line: one subcommand per scenario, and what all of them understand. Nothing is read from the environment.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::baselines::Baselines;
use crate::soak::Soak;

/// Measures a NeighborBid server through its public API and checks what it acknowledged against what it kept.
#[derive(Debug, Parser)]
#[command(name = "neighborbid-load", version, about, max_term_width = 110)]
pub struct Arguments {
    /// What to measure.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be measured: a server through its public API, or the engine beside other ways to take bids.
#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(flatten)]
    Scenario(Scenario),
    /// The engine in process on PostgreSQL beside a transaction for each bid, in turn on the same machine.
    Baselines(Baselines),
}

/// The scenarios; each makes its own members, money and auctions.
#[derive(Debug, Subcommand)]
pub enum Scenario {
    /// One hot auction; all bidders draw rising amounts from one counter. The figure is decided_per_s.
    Storm(Storm),
    /// One auction per connection, amounts in order, so all are accepted. The figure is accepted_per_s.
    Rising(Rising),
    /// Many auctions, chosen by Zipf's law; bidders bid the minimum they see.
    Market(Market),
    /// Many watchers of one auction that moves at a steady pace; also what an idle connection costs the server.
    Watch(Watch),
    /// Many auctions that end in one second while bids elsewhere go on: how long until all are settled.
    Closing(Closing),
    /// Pages of the site at a steady rate.
    Browse(Browse),
    /// Watchers that are all cut at once and resume where they were.
    Reconnect(Reconnect),
    /// The same load for long on PostgreSQL, with a reader that holds a snapshot in the middle: what grows, what falls.
    Soak(Soak),
}

/// What every scenario understands.
#[derive(Debug, Args)]
pub struct Run {
    /// Address of the server, plain http.
    #[arg(long, default_value = "http://127.0.0.1:3000")]
    pub url: String,
    /// Seconds that are measured, after the warm-up.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub seconds: u64,
    /// Seconds before them that count for nothing but acknowledged = stored.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(0..=3_600))]
    pub warm_up: u64,
    /// Write the report as JSON to standard output instead of text.
    #[arg(long)]
    pub json: bool,
    /// Also write the report as JSON to a file.
    #[arg(long, value_name = "FILE")]
    pub json_file: Option<PathBuf>,
    /// Also write the report as one HTML page.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Process id of a server on this machine: its memory and processor time are read from /proc.
    #[arg(long, value_name = "PID")]
    pub server_pid: Option<u32>,
    /// Otherwise: where its Prometheus metrics are.
    #[arg(long, value_name = "URL")]
    pub metrics_url: Option<String>,
    /// Token for the metrics, if they want one.
    #[arg(long, value_name = "TOKEN")]
    pub metrics_token: Option<String>,
    /// Folder on the server's disk; how long fdatasync takes there is measured before and after the run.
    #[arg(long, value_name = "DIR")]
    pub sync_probe: Option<PathBuf>,
    /// Threads of the generator.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub threads: u16,
    /// Seed of every choice made by chance.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How acknowledged bids are compared with stored ones.
    #[arg(long, value_enum, default_value_t = Verify::Full)]
    pub verify: Verify,
    /// Origin header for the upgrade; a program has none by nature.
    #[arg(long)]
    pub origin: Option<String>,
    /// Reconnect and ask again with the same keys when connections break, for runs in which the server is killed.
    #[arg(long)]
    pub survive: bool,
}

/// How the server's store is compared with what it acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Verify {
    /// Read every event back and match each bid by auction, sequence and amount.
    Full,
    /// Compare the numbers of bids only (quick after millions of bids).
    Count,
}

/// Closed loop by default; open loop at a rate.
#[derive(Clone, Debug, Args)]
pub struct Pace {
    /// Bids a second of all bidders together, sent on schedule whatever the server does; latency counts from the
    /// intended moment. Without it every bidder keeps --in-flight bids under way.
    #[arg(long, value_parser = positive)]
    pub rate: Option<f64>,
}

/// `storm`
#[derive(Debug, Args)]
pub struct Storm {
    #[command(flatten)]
    pub run: Run,
    #[command(flatten)]
    pub pace: Pace,
    /// Members who bid, a connection each.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub bidders: u32,
    /// Bids under way on each connection; servers stop reading a connection at 64.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub in_flight: u32,
    /// Connections that watch the auction.
    #[arg(long, default_value_t = 0)]
    pub watchers: u32,
}

/// `rising`
#[derive(Debug, Args)]
pub struct Rising {
    #[command(flatten)]
    pub run: Run,
    #[command(flatten)]
    pub pace: Pace,
    /// Connections, each with a member and an auction of its own.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub bidders: u32,
    /// Bids under way on each connection.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub in_flight: u32,
    /// Connections that watch, spread over the auctions.
    #[arg(long, default_value_t = 0)]
    pub watchers: u32,
}

/// `market`
#[derive(Debug, Args)]
pub struct Market {
    #[command(flatten)]
    pub run: Run,
    #[command(flatten)]
    pub pace: Pace,
    /// Members who bid, a connection each.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub bidders: u32,
    /// Bids under way on each connection.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub in_flight: u32,
    /// Auctions.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub auctions: u32,
    /// Exponent of Zipf's law: 0 is even, 1 is a market.
    #[arg(long, default_value_t = 1.0)]
    pub zipf: f64,
    /// Connections that share the auctions among them and tell the bidders the minimum.
    #[arg(long, default_value_t = 8)]
    pub watchers: u32,
}

/// `watch`
#[derive(Debug, Args)]
pub struct Watch {
    #[command(flatten)]
    pub run: Run,
    /// Connections that watch.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub connections: u32,
    /// Bids a second on each auction, so events a second that each connection is told; 0 measures idle memory only.
    #[arg(long, default_value_t = 30.0)]
    pub events_per_second: f64,
    /// Auctions over which the connections are spread.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub auctions: u32,
    /// Seconds of silence before the memory of idle connections is read.
    #[arg(long, default_value_t = 3)]
    pub idle_seconds: u64,
}

/// `closing`
#[derive(Debug, Args)]
pub struct Closing {
    #[command(flatten)]
    pub run: Run,
    /// Auctions that end in the same second, each with a bid on it.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub auctions: u32,
    /// Seconds from listing to the end; by default as long as listing and bidding are expected to take.
    #[arg(long)]
    pub lead_seconds: Option<u64>,
    /// Connections that go on bidding elsewhere meanwhile.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub bidders: u32,
    /// Bids under way on each of them.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub in_flight: u32,
    #[command(flatten)]
    pub pace: Pace,
}

/// `browse`
#[derive(Debug, Args)]
pub struct Browse {
    #[command(flatten)]
    pub run: Run,
    /// Requests a second; latency counts from the intended moment.
    #[arg(long, default_value_t = 200.0, value_parser = positive)]
    pub rate: f64,
    /// Share of the requests that go to the home page.
    #[arg(long, default_value_t = 0.5)]
    pub home_share: f64,
    /// Share that search for a word, each time another of a fixed list; what no share names reads pages of auctions.
    #[arg(long, default_value_t = 0.0)]
    pub search_share: f64,
    /// Share that read the page of a region, one of a fixed list.
    #[arg(long, default_value_t = 0.0)]
    pub region_share: f64,
    /// Path of the home page.
    #[arg(long, default_value = "/")]
    pub home_path: String,
    /// Path before the number of an auction.
    #[arg(long, default_value = "/auctions/")]
    pub auction_path: String,
}

/// `reconnect`
#[derive(Debug, Args)]
pub struct Reconnect {
    #[command(flatten)]
    pub run: Run,
    /// Connections that are cut.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub watchers: u32,
    /// Bids a second on the watched auction all the while.
    #[arg(long, default_value_t = 30.0, value_parser = positive)]
    pub events_per_second: f64,
    /// Seconds between the cut and the return.
    #[arg(long, default_value_t = 2.0)]
    pub away_seconds: f64,
    /// Times that all are cut.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub times: u32,
}

/// A rate: above 0, and not beyond what a clock can space.
pub fn positive(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| format!("{text} is not a number"))?;
    if rate > 0.0 && rate <= 10_000_000.0 { Ok(rate) } else { Err("a rate above 0 is needed".to_owned()) }
}

impl Scenario {
    /// What every scenario understands.
    pub fn run(&self) -> &Run {
        match self {
            Scenario::Storm(storm) => &storm.run,
            Scenario::Rising(rising) => &rising.run,
            Scenario::Market(market) => &market.run,
            Scenario::Watch(watch) => &watch.run,
            Scenario::Closing(closing) => &closing.run,
            Scenario::Browse(browse) => &browse.run,
            Scenario::Reconnect(reconnect) => &reconnect.run,
            Scenario::Soak(soak) => &soak.run,
        }
    }

    /// Its name on the command line.
    pub fn name(&self) -> &'static str {
        match self {
            Scenario::Storm(_) => "storm",
            Scenario::Rising(_) => "rising",
            Scenario::Market(_) => "market",
            Scenario::Watch(_) => "watch",
            Scenario::Closing(_) => "closing",
            Scenario::Browse(_) => "browse",
            Scenario::Reconnect(_) => "reconnect",
            Scenario::Soak(_) => "soak",
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn limits_hold_at_the_limit_and_one_past_it() {
        let parse = |in_flight: &str| {
            Arguments::try_parse_from(["neighborbid-load", "storm", "--in-flight", in_flight]).is_ok()
        };
        assert!(parse("64"));
        assert!(!parse("65"));
        assert!(parse("1"));
        assert!(!parse("0"));
        assert!(positive("0.5").is_ok());
        assert!(["0", "-1", "NaN", "x", "1e9"].into_iter().all(|text| positive(text).is_err()));
    }
}
