//! Rehearsals: every scenario plays against a small server of ours that speaks the API, honestly or with one planted
//! lie. An honest one must come out clean, and each lie must be found. Rates are bounded from above only: a slow machine
//! is no failure.

mod auction;
mod server;

use clap::Parser;

use crate::arguments::{Arguments, Command};
use crate::report::Report;
use crate::scenarios;

use self::server::{Lie, Server};

/// Plays a scenario, given as on the command line, against a new server.
async fn rehearse(lie: Lie, arguments: &str) -> Report {
    let server = Server::bind(lie).await;
    let url = format!("http://{}", server.address());
    let words = ["neighborbid-load"].into_iter().chain(arguments.split(' '));
    let arguments = Arguments::try_parse_from(words.chain(["--url", &url, "--seconds", "1"])).unwrap();
    let Command::Scenario(scenario) = arguments.command else { panic!("only scenarios are rehearsed") };
    tokio::select! {
        report = scenarios::run(&scenario) => report.unwrap(),
        () = server.serve() => panic!("the server ended"),
    }
}

/// An honest server must come out clean.
async fn rehearse_clean(arguments: &str) -> Report {
    let report = rehearse(Lie::None, arguments).await;
    assert_eq!(report.violations, Vec::<String>::new());
    assert_eq!((report.gaps, report.acknowledged), (0, report.stored));
    assert!(!report.to_text().is_empty() && report.to_html().contains("Clean"));
    report
}

/// A lie must be found, and in these words.
async fn rehearse_lie(lie: Lie, arguments: &str, words: &str) {
    let report = rehearse(lie, arguments).await;
    assert!(report.violations.iter().any(|found| found.contains(words)), "{:?}", report.violations);
}

const STORM: &str = "storm --warm-up 0 --bidders 4 --in-flight 4 --watchers 2";

#[tokio::test]
async fn storm() {
    let report = rehearse_clean(STORM).await;
    assert!(report.decided_per_s > 0.0 && report.frames_per_s > 0.0, "{}", report.to_text());
    assert!(report.p50_ms > 0.0 && report.frame_p99_ms > 0.0 && report.server_rss_bytes.is_none());
}

#[tokio::test]
async fn storm_on_schedule() {
    let report = rehearse_clean("storm --warm-up 0 --bidders 4 --rate 200 --watchers 1").await;
    assert!((1.0..250.0).contains(&report.decided_per_s), "{}", report.to_text());
    assert_eq!(report.mode, "open");
}

#[tokio::test]
async fn rising_is_never_refused() {
    let report = rehearse_clean("rising --warm-up 1 --bidders 2 --in-flight 8 --threads 1").await;
    assert!(report.accepted_per_s > 0.0 && report.refusals.is_empty(), "{}", report.to_text());
}

#[tokio::test]
async fn market() {
    let report =
        rehearse_clean("market --warm-up 0 --bidders 4 --in-flight 2 --auctions 20 --watchers 3").await;
    assert!(report.accepted_per_s > 0.0, "{}", report.to_text());
}

#[tokio::test]
async fn watch() {
    let own = std::process::id().to_string();
    let arguments =
        "watch --warm-up 0 --connections 20 --events-per-second 50 --idle-seconds 0 --server-pid ";
    let report = rehearse_clean(&format!("{arguments}{own}")).await;
    assert!((1.0..1_300.0).contains(&report.frames_per_s), "{}", report.to_text());
    assert!(report.figures.contains_key("server_rss_per_connection_bytes"));
    assert!(report.server_rss_bytes.is_some() && report.server_cpu_seconds.is_some());
}

#[tokio::test]
async fn watch_in_silence() {
    let report =
        rehearse_clean("watch --warm-up 0 --connections 5 --events-per-second 0 --idle-seconds 0").await;
    assert_eq!((report.acknowledged, report.frames_per_s), (0, 0.0));
}

#[tokio::test]
async fn closing() {
    let report = rehearse_clean("closing --auctions 30 --bidders 2 --in-flight 2 --rate 100").await;
    assert_eq!((report.figures["settled"], report.figures["with_a_bid"]), (30.0, 30.0));
    assert!(report.figures["settled_last_ms"] > 0.0, "{}", report.to_text());
}

#[tokio::test]
async fn reconnect() {
    let arguments = "reconnect --warm-up 0 --watchers 10 --away-seconds 0.1 --times 2 --events-per-second 50";
    let report = rehearse_clean(arguments).await;
    assert_eq!((report.figures["resumed"], report.reconnections), (20.0, 20));
}

/// The server keeps everything in memory; the database beside it is a real one of our schema, to be looked at.
#[tokio::test]
async fn soak() {
    let address = private_postgres::server().database();
    store_postgres::migrate(&store_postgres::Target::parse(&address).unwrap()).await.unwrap();
    let arguments =
        "soak --warm-up 0 --bidders 2 --hot-bidders 2 --in-flight 2 --auctions 20 --watchers 2 --every 0.1";
    let own = std::process::id();
    let report = rehearse_clean(&format!("{arguments} --pid {own} --database-url {address}")).await;
    assert!(report.to_html().contains("Age of the oldest snapshot"));
    let course = report.soak.unwrap();
    assert_eq!((course.failed_looks, course.samples.is_empty()), (0, false));
    let tables = &course.samples[0].tables;
    assert!(tables.contains_key("auctions") && tables["followers"].bytes > 0);
    let names: Vec<&str> = course.figures.iter().map(|figure| &*figure.name).collect();
    assert!(names.contains(&"accepted a second") && names.contains(&"nodes: memory, MB"), "{names:?}");
}

#[tokio::test]
async fn a_soak_beside_another_database_is_refused() {
    let address = private_postgres::server().database();
    let server = Server::bind(Lie::None).await;
    let url = format!("http://{}", server.address());
    let words = ["neighborbid-load", "soak", "--url", &url, "--minutes", "1", "--database-url", &address];
    let Command::Scenario(scenario) = Arguments::try_parse_from(words).unwrap().command else {
        panic!("only scenarios are rehearsed")
    };
    tokio::select! {
        report = scenarios::run(&scenario) => {
            assert!(report.unwrap_err().to_string().contains("no store of ours"));
        }
        () = server.serve() => panic!("the server ended"),
    }
}

#[tokio::test]
async fn browse() {
    let shares = "--home-share 0.25 --search-share 0.25 --region-share 0.25";
    let report = rehearse_clean(&format!("browse --warm-up 0 --rate 100 {shares}")).await;
    assert!((1.0..120.0).contains(&report.figures["pages_per_s"]), "{}", report.to_text());
    for kind in ["home", "auction", "search", "region"] {
        assert!(report.figures[&format!("{kind}_p99_ms")] > 0.0, "{kind}: {}", report.to_text());
    }
}

#[tokio::test]
async fn broken_lines_are_survived_with_the_same_keys() {
    let arguments = format!("{STORM} --survive");
    let report = rehearse(Lie::CutsLines, &arguments).await;
    assert_eq!(report.violations, Vec::<String>::new());
    assert!(report.reconnections > 0 && report.acknowledged == report.stored);
    rehearse_lie(Lie::CutsLines, STORM, "a connection ended early").await;
}

#[tokio::test]
async fn a_forgotten_bid_is_found() {
    rehearse_lie(Lie::ForgetsABid, STORM, "1 acknowledged bids are not stored").await;
    rehearse_lie(Lie::ForgetsABid, &format!("{STORM} --verify count"), "acknowledged").await;
}

#[tokio::test]
async fn a_skipped_frame_is_found() {
    rehearse_lie(Lie::SkipsAFrame, STORM, "gaps were seen").await;
}

#[tokio::test]
async fn a_frame_of_something_else_is_found() {
    rehearse_lie(Lie::ShowsAnotherAmount, STORM, "1 bids were shown to a watcher and are not stored so")
        .await;
}

#[tokio::test]
async fn a_second_answer_is_found() {
    rehearse_lie(Lie::AnswersTwice, STORM, "1 answers belonged to no bid").await;
}

#[tokio::test]
async fn a_refused_bid_that_is_stored_is_found() {
    rehearse_lie(Lie::StoresARefusedBid, STORM, "1 stored bids were never acknowledged").await;
}

#[tokio::test]
async fn an_unknown_outcome_is_asked_for_again() {
    let report = rehearse(Lie::DoesNotKnowOnce, STORM).await;
    assert_eq!(report.violations, Vec::<String>::new());
    assert_eq!(report.refusals["outcome_unknown"], 1);
}
