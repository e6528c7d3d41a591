//! Health: whether the house is alive (`/healthz`), able to serve (`/readyz`), and what it does (`/metrics`).
//!
//! Figures are never labelled by auction, member or address. `/metrics` has a listener of its own, or asks for a token.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use auction::{Span, Time};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use live::{BusFigures, Hints};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use store::records::{DeliveryCounts, Health};
use tokio::sync::Mutex;

use crate::failure::{Code, Problem};
use crate::state::{ProcessFigures, WebState};

/// A heartbeat older than this means that no round is being made.
const HEARTBEAT_AGE_MAX: Span = Span::seconds(10);

/// How long what the store said of itself is good enough for `/readyz`.
const HEALTH_AGE_MAX: Span = Span::seconds(1);

/// More rounds than this behind, lists and notices are too old to be shown without a word.
const ROUNDS_BEHIND_MAX: i64 = 10_000;

/// What the web counts itself: answers by the class of their status.
#[derive(Debug, Default)]
pub struct Metrics {
    answers: [AtomicU64; CLASSES.len()],
}

const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

impl Metrics {
    fn answered(&self, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100).saturating_sub(1);
        if let Some(counter) = self.answers.get(class) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Counts every answer, and notes it in the log for whoever wants to see each of them.
pub async fn count(State(state): State<Arc<WebState>>, request: Request, next: Next) -> Response {
    let noted = tracing::enabled!(tracing::Level::DEBUG)
        .then(|| (request.method().clone(), request.uri().path().to_owned(), state.now()));
    let response = next.run(request).await;
    state.metrics.answered(response.status());
    if let Some((method, path, began)) = noted {
        let (status, micros) = (response.status().as_u16(), state.now().since(began).0);
        tracing::debug!(%method, path, status, micros, "answered");
    }
    response
}

/// What the store last said of itself, so that whoever asks often makes it say so only once in a while.
#[derive(Debug, Default)]
pub struct StoreHealth {
    known: Mutex<Option<(Time, Option<Health>)>>,
}

impl StoreHealth {
    /// What the store says of itself, or said less than [`HEALTH_AGE_MAX`] ago; none if it cannot say anything. Who asks
    /// while it is being asked waits for that answer.
    async fn now(&self, now: Time, ask: impl Future<Output = store::Result<Health>>) -> Option<Health> {
        let mut known = self.known.lock().await;
        if let Some((at, health)) = &*known
            && (0..HEALTH_AGE_MAX.0).contains(&now.since(*at).0)
        {
            return health.clone();
        }
        let health = ask.await.ok();
        *known = Some((now, health.clone()));
        health
    }
}

/// The process is alive.
pub async fn alive() -> &'static str {
    "ok"
}

/// Whether the house can serve, check by check.
pub async fn ready(State(state): State<Arc<WebState>>) -> Response {
    let mut checks = Map::new();
    let mut check = |name: &str, is_sound: bool| checks.insert(name.to_owned(), Value::Bool(is_sound));
    let health = state.store_health.now(state.now(), state.records.health()).await;
    let engine = state.engine.figures();
    let room = engine.waiting < engine::COMMANDS_WAITING_MAX as u64;
    check("store", health.is_some());
    check(
        "heartbeat",
        health.as_ref().is_some_and(|health| {
            health.heartbeat.is_some_and(|beat| state.now().since(beat) <= HEARTBEAT_AGE_MAX)
        }),
    );
    check("followers", health.as_ref().is_some_and(|health| health.rounds_behind <= ROUNDS_BEHIND_MAX));
    check("mailbox", room);
    check("serving", !state.stopping.is_cancelled());
    let is_ready = checks.values().all(|sound| *sound == Value::Bool(true));
    let (status, word) =
        if is_ready { (StatusCode::OK, "ready") } else { (StatusCode::SERVICE_UNAVAILABLE, "not_ready") };
    let schema = health.map(|health| health.schema);
    // Without its pictures the house still takes bids: whoever watches it is told, and nobody is turned away for it.
    checks.insert("pictures".to_owned(), Value::Bool(state.darkroom.is_sound(state.now()).await));
    let body = json!({"status": word, "checks": checks, "schema": schema});
    (status, [(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// The figures, on the public listener: only for who knows the token; without one set there is nothing here.
pub async fn metrics_by_token(
    State(state): State<Arc<WebState>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let expected = state.settings.metrics_token.as_deref().ok_or(Problem::new(Code::NotFound))?;
    let line = headers.get(AUTHORIZATION).and_then(|line| line.to_str().ok()).unwrap_or_default();
    let sent = line.strip_prefix("Bearer ").unwrap_or_default();
    // Hashes are compared, so that the time it takes says nothing about the token.
    if Sha256::digest(sent) != Sha256::digest(expected) {
        return Err(Problem::new(Code::Unauthenticated));
    }
    metrics(State(state)).await
}

/// The figures, on a listener of their own.
pub async fn metrics(State(state): State<Arc<WebState>>) -> Result<Response, Problem> {
    let figures = Figures::of(&state).await;
    let mut registry = Registry::default();
    registry.register_collector(Box::new(figures));
    let mut text = String::new();
    encode(&mut text, &registry).map_err(|_| Problem::new(Code::Internal))?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(CONTENT_TYPE, kind)], text).into_response())
}

/// Everything that is told, at one moment.
#[derive(Debug)]
struct Figures {
    engine: engine::FiguresNow,
    watchers: u64,
    /// None without a bus.
    bus: Option<BusFigures>,
    answers: [u64; CLASSES.len()],
    deliveries: Vec<(&'static str, u64)>,
    /// None while the store does not say.
    waiting: Option<DeliveryCounts>,
    uploads: (u64, u64),
    picture_memory_bytes_max: u64,
    process: ProcessFigures,
}

impl Figures {
    async fn of(state: &WebState) -> Figures {
        Figures {
            engine: state.engine.figures(),
            watchers: u64::try_from(state.hub.connections()).unwrap_or(u64::MAX),
            bus: state.hub.hints().map(Hints::figures),
            answers: std::array::from_fn(|class| state.metrics.answers[class].load(Ordering::Relaxed)),
            deliveries: state.delivering.figures.now().to_vec(),
            waiting: state.records.delivery_counts().await.ok(),
            uploads: state.darkroom.workers().figures(),
            picture_memory_bytes_max: state.darkroom.workers().memory_bytes_max(),
            process: state.process(),
        }
    }
}

impl Collector for Figures {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let engine = &self.engine;
        for (name, help, value) in [
            ("engine_rounds", "Rounds kept", engine.rounds),
            (
                "engine_rounds_again",
                "Rounds run again because a commit's outcome was unknown",
                engine.rounds_again,
            ),
        ] {
            counter(&mut encoder, name, help, value)?;
        }
        let outcomes = [
            ("accepted", engine.accepted),
            ("refused", engine.refused),
            ("busy", engine.busy),
            ("internal", engine.internal),
        ];
        family(&mut encoder, "engine_commands", "Commands by what became of them", "outcome", &outcomes)?;
        let answers: [(&str, u64); CLASSES.len()] =
            std::array::from_fn(|class| (CLASSES[class], self.answers[class]));
        family(&mut encoder, "http_answers", "Answers by the class of their status", "class", &answers)?;
        let help = "Tries to send a notice out of the house by way and fate";
        family(&mut encoder, "delivery_tries", help, "fate", &self.deliveries)?;
        if let Some(DeliveryCounts { waiting, failed }) = self.waiting {
            let (waiting, failed) = (waiting.unsigned_abs(), failed.unsigned_abs());
            gauge(&mut encoder, "deliveries_waiting", "Notices that wait to be sent, up to 10000", waiting)?;
            gauge(&mut encoder, "deliveries_failed", "Notices that could not be sent, up to 10000", failed)?;
        }
        let uploads = [("found_a_place", self.uploads.0), ("turned_away", self.uploads.1)];
        family(&mut encoder, "picture_uploads", "Uploads by whether there was a place", "fate", &uploads)?;
        let most = self.picture_memory_bytes_max;
        gauge(&mut encoder, "picture_memory_bytes_max", "The most memory that uploads may need", most)?;
        gauge(&mut encoder, "engine_mailbox_depth", "Commands that wait", engine.waiting)?;
        gauge(&mut encoder, "live_watchers", "Connections that watch", self.watchers)?;
        if let Some(bus) = self.bus {
            gauge(&mut encoder, "live_bus_up", "Whether the bus brings hints: 1 or 0", u64::from(bus.is_up))?;
            let hints = [
                ("told", bus.told),
                ("dropped", bus.dropped),
                ("heard", bus.heard),
                ("mattered", bus.mattered),
                ("strange", bus.strange),
            ];
            family(&mut encoder, "live_bus_hints", "Hints by what became of them", "fate", &hints)?;
        }
        let memory = self.process.resident_memory_bytes;
        gauge(&mut encoder, "process_resident_memory_bytes", "Memory in use", memory)?;
        let cpu = ConstCounter::new(self.process.cpu_seconds);
        cpu.encode(descriptor(
            &mut encoder,
            "process_cpu_seconds",
            "Time on the processors",
            MetricType::Counter,
        )?)
    }
}

fn descriptor<'a>(
    encoder: &'a mut DescriptorEncoder<'_>,
    name: &'a str,
    help: &str,
    kind: MetricType,
) -> Result<MetricEncoder<'a>, std::fmt::Error> {
    encoder.encode_descriptor(name, help, None, kind)
}

fn counter(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    value: u64,
) -> Result<(), std::fmt::Error> {
    ConstCounter::new(value).encode(descriptor(encoder, name, help, MetricType::Counter)?)
}

fn gauge(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    value: u64,
) -> Result<(), std::fmt::Error> {
    let value = i64::try_from(value).unwrap_or(i64::MAX);
    ConstGauge::new(value).encode(descriptor(encoder, name, help, MetricType::Gauge)?)
}

fn family(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    label: &'static str,
    values: &[(&'static str, u64)],
) -> Result<(), std::fmt::Error> {
    let mut family = descriptor(encoder, name, help, MetricType::Counter)?;
    for (value, count) in values {
        ConstCounter::new(*count).encode(family.encode_family(&[(label, *value)])?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bus_is_told_of_where_there_is_one() {
        let told = |bus| {
            let (engine, process) = (engine::FiguresNow::default(), ProcessFigures::default());
            let figures = Figures {
                engine,
                watchers: 0,
                bus,
                answers: [0; CLASSES.len()],
                deliveries: Vec::new(),
                waiting: None,
                uploads: (0, 0),
                picture_memory_bytes_max: 0,
                process,
            };
            let mut registry = Registry::default();
            registry.register_collector(Box::new(figures));
            let mut text = String::new();
            encode(&mut text, &registry).expect("figures are text");
            text
        };
        assert!(!told(None).contains("live_bus"));
        let bus = BusFigures { is_up: true, dropped: 3, ..BusFigures::default() };
        let text = told(Some(bus));
        for line in ["live_bus_up 1", "live_bus_hints_total{fate=\"dropped\"} 3"] {
            assert!(text.lines().any(|told| told == line), "{line} in\n{text}");
        }
    }

    #[tokio::test]
    async fn the_store_is_asked_once_a_second() {
        let store = StoreHealth::default();
        let begin = Time(1_000_000_000_000);
        let at = |millis: i64| begin.plus(Span(millis * 1_000));
        let asked = async |now: Time, schema: i64| {
            let health = store.now(now, async { Ok(Health { schema, ..Health::default() }) }).await;
            health.expect("it answers").schema
        };
        assert_eq!(asked(at(0), 1).await, 1);
        assert_eq!(asked(at(999), 2).await, 1);
        assert_eq!(asked(at(1_000), 3).await, 3);
        assert_eq!(asked(at(0), 4).await, 4, "a clock that went back");
    }
}
