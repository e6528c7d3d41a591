//! `browse`: pages at a steady rate, whatever the server does; latency counts from the intended moment. Auctions are
//! those that the server has, or a few of our own on an empty one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::sleep_until;

use crate::arguments::Browse;
use crate::chance::Chance;
use crate::clock;
use crate::http::Api;
use crate::play::Ground;
use crate::report::Report;
use crate::sampler::{measure, quantile_ms, rounded};
use crate::stage::Listing;
use crate::tally::{Counts, Latencies, Tally, latencies};

/// Auctions listed on a server that has none.
const OWN_AUCTIONS: usize = 20;
/// Requests under way beyond which further ones count as failed: nobody waits behind so many.
const UNDER_WAY_LIMIT: usize = 2_000;

/// What people type: whole words, half-typed ones, initial consonants, several words, English, and nothing that is sold.
const WORDS: [&str; 16] = [
    "의자",
    "캠핑 의자",
    "자전",
    "ㅈㄱ",
    "노트북",
    "원목 책상",
    "카메라",
    "ㅋㅁㄹ",
    "유모차",
    "깨끗한 소파",
    "직거래",
    "이사",
    "무선청소ㄱ",
    "게임기",
    "빈티지 턴테이블",
    "camera",
];

/// Where people live, as addresses of regions name it: districts, a province, a neighbourhood.
const REGIONS: [&str; 12] = [
    "서울/마포구",
    "서울/강남구",
    "서울/노원구",
    "서울/성동구",
    "부산/해운대구",
    "부산/수영구",
    "대구/중구",
    "인천/부평구",
    "광주/북구",
    "대전/유성구",
    "서울",
    "서울/종로구/청운동",
];

/// A kind of page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Home,
    Auction,
    Search,
    Region,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Home, Self::Auction, Self::Search, Self::Region];

    /// As figures name it.
    const fn name(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Auction => "auction",
            Self::Search => "search",
            Self::Region => "region",
        }
    }

    /// One kind by chance, as often as its share says.
    fn any(arguments: &Browse, chance: &mut Chance) -> Self {
        let shares = [
            (Self::Home, arguments.home_share),
            (Self::Search, arguments.search_share),
            (Self::Region, arguments.region_share),
        ];
        let mut left = chance.fraction();
        for (kind, share) in shares {
            if left < share {
                return kind;
            }
            left -= share;
        }
        Self::Auction
    }

    /// The address of one page of this kind.
    fn path(self, arguments: &Browse, auctions: &[i64], chance: &mut Chance) -> String {
        match self {
            Self::Home => arguments.home_path.clone(),
            Self::Auction => format!("{}{}", arguments.auction_path, auctions[chance.below(auctions.len())]),
            Self::Search => format!("/?q={}", encoded(WORDS[chance.below(WORDS.len())])),
            Self::Region => format!("/regions/{}", encoded(REGIONS[chance.below(REGIONS.len())])),
        }
    }
}

/// A text as an address holds it.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'/';
    let bytes = text
        .bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") });
    bytes.collect()
}

/// What kind of page it was, how long it took, and whether it came.
struct Visit {
    kind: Kind,
    micros: u64,
    came: bool,
}

/// Visits pages until the window closes.
pub async fn run(ground: &Ground<'_>, arguments: &Browse) -> Result<Report> {
    let auctions = auctions(ground).await?;
    let window = ground.window();
    let set_up_seconds = (clock::monotonic() - ground.began).as_secs_f64();
    let visiting = visits(ground, arguments, &auctions, window.open, window.stop);
    let measuring = measure(&ground.tally, &ground.api, &ground.meter, window);
    let (mut measured, visits) = tokio::join!(measuring, visiting);
    measured.add_stragglers(&ground.tally);
    let failed = visits.iter().filter(|visit| !visit.came).count();
    let mut report = Report::measured(ground, &measured, Some(arguments.rate));
    report.set_up_seconds = rounded(set_up_seconds);
    report.parameter("home_share", arguments.home_share);
    report.parameter("search_share", arguments.search_share);
    report.parameter("region_share", arguments.region_share);
    report.parameter("auctions_known", auctions.len());
    report.figure("pages_per_s", measured.counts.pages as f64 / measured.seconds);
    report.figure("page_errors", failed as f64);
    for kind in Kind::ALL {
        let (name, times) = (kind.name(), times(&visits, kind));
        if times.is_empty() {
            continue;
        }
        report.figure(&format!("{name}_p50_ms"), quantile_ms(&times, 0.50));
        report.figure(&format!("{name}_p99_ms"), quantile_ms(&times, 0.99));
        report.figure(&format!("{name}_max_ms"), quantile_ms(&times, 1.0));
    }
    if failed > 0 {
        report.violations.push(format!("{failed} pages did not come"));
    }
    Ok(report)
}

/// Numbers of auctions to read.
async fn auctions(ground: &Ground<'_>) -> Result<Vec<i64>> {
    let page = ground.api.get("/api/v1/auctions?limit=100").await?;
    let page: Value = serde_json::from_slice(&page).context("a list that is not JSON")?;
    let ids = page["items"].as_array().into_iter().flatten().filter_map(|auction| auction["id"].as_i64());
    let found: Vec<_> = ids.collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let sellers = ground.stage.members(1).await?;
    let listing = Listing::open_all_day(ground.server_now_us());
    let lots = ground.stage.auctions(&sellers, listing, 0, OWN_AUCTIONS).await?;
    Ok(lots.iter().map(|lot| lot.id).collect())
}

/// Sends requests on schedule from now on; keeps those that belong to the window.
async fn visits(
    ground: &Ground<'_>,
    arguments: &Browse,
    auctions: &[i64],
    open: Instant,
    stop: Instant,
) -> Vec<Visit> {
    let interval = Duration::from_secs_f64((1.0 / arguments.rate).clamp(1e-6, 1e6));
    let mut chance = Chance::new(ground.run.seed, 0);
    let mut under_way = JoinSet::new();
    let mut done = Vec::new();
    let mut due = clock::monotonic();
    while due < stop {
        sleep_until(due.into()).await;
        let kind = Kind::any(arguments, &mut chance);
        let path = kind.path(arguments, auctions, &mut chance);
        while let Some(Ok((intended, visit))) = under_way.try_join_next() {
            done.push((intended, visit));
        }
        if under_way.len() < UNDER_WAY_LIMIT {
            under_way.spawn(visit(ground.api.clone(), ground.tally.clone(), path, kind, due));
        } else {
            done.push((due, Visit { kind, micros: 0, came: false }));
        }
        due += interval;
    }
    while let Some(visit) = under_way.join_next().await {
        done.extend(visit.ok());
    }
    done.into_iter().filter(|(intended, _)| *intended >= open).map(|(_, visit)| visit).collect()
}

async fn visit(api: Api, tally: Arc<Tally>, path: String, kind: Kind, intended: Instant) -> (Instant, Visit) {
    let came = api.read_packed(&path).await.is_ok_and(|answer| answer.status.is_success());
    let micros = clock::micros_between(intended, clock::monotonic());
    tally.add(&Counts { pages: u64::from(came), page_errors: u64::from(!came), ..Counts::default() });
    tally.answers.record(kind as usize, [micros]);
    (intended, Visit { kind, micros, came })
}

fn times(visits: &[Visit], kind: Kind) -> Latencies {
    let mut times = latencies();
    let chosen = visits.iter().filter(|visit| visit.kind == kind && visit.came);
    chosen.for_each(|visit| times.saturating_record(visit.micros));
    times
}
