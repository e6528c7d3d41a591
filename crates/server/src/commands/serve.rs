//! `neighborbid serve`: the whole house, until it is told to stop.
//!
//! Order of stopping: no new connections, sockets close with 1012, requests under way end, then the engine finishes what
//! waits, then the store is closed.

use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use web::limits::SharedCount;
use web::password::Passwords;
use web::settings::PublicUrl;
use web::{ServeLimits, WebParts, WebState};

use crate::clocks;
use crate::command_line::say;
use crate::control::Control;
use crate::folder::Folder;
use crate::market::Market;
use crate::settings::Settings;

/// Serves until a signal says stop.
///
/// # Errors
/// If the folder, the store or an address cannot be had.
pub fn run(settings: Settings) -> Result<ExitCode> {
    run_beside(settings, |_, _| None)
}

/// What runs beside the house until it stops.
pub type Guest = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Serves until a signal says stop, with a guest of the market in the house.
///
/// # Errors
/// If the folder, the store or an address cannot be had, or a bus is set beside a store that one node has alone.
pub fn run_beside(
    settings: Settings,
    guest: impl FnOnce(&Market, CancellationToken) -> Option<Guest>,
) -> Result<ExitCode> {
    settings.refuse_lonely_bus()?;
    let folder = Folder::take(&settings.data_dir)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(settings, folder, guest))?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(
    mut settings: Settings,
    folder: Folder,
    guest: impl FnOnce(&Market, CancellationToken) -> Option<Guest>,
) -> Result<()> {
    let path = folder.path().to_owned();
    let listener = listen(&mut settings).await?;
    if !settings.web.rate_limits {
        tracing::warn!("RATE LIMITS ARE OFF: anyone on this machine may ask as often as he likes");
    }
    let stopping = CancellationToken::new();
    let mut market = Market::start(&settings, folder).await?;
    let (state, tasks) = web_state(&settings, &market, &stopping);
    let mut doors = JoinSet::new();
    doors.spawn(clocks::sweep_pictures(Arc::clone(&market.darkroom), market.clock.clone(), stopping.clone()));
    doors.spawn(control(&settings, &market).listen_in(path, stopping.clone()));
    if let Some(address) = settings.metrics_listen {
        let metrics = TcpListener::bind(address).await.with_context(|| format!("listening on {address}"))?;
        let router = web::metrics_routes(&state);
        doors.spawn(door(metrics, router, ServeLimits::of(&settings.web), stopping.clone()));
    }
    say(format!("listening on http://{}", listener.local_addr()?))?;
    let limits = ServeLimits::of(&settings.web);
    doors.spawn(door(listener, web::routes(&state), limits, stopping.clone()));

    doors.spawn(web::delivery::sender::run(Arc::clone(&state)));
    doors.spawn(web::saved::run(Arc::clone(&state)));
    if let Some(guest) = guest(&market, stopping.clone()) {
        doors.spawn(guest);
    }
    let mut is_broken = false;
    tokio::select! {
        signal = wait_for_a_signal() => signal?,
        () = market.broken() => is_broken = true,
    }
    tracing::info!("stopping: sockets close, what is under way ends");
    stopping.cancel();
    market.hub.stop();
    while doors.join_next().await.is_some() {}
    tasks.close();
    tasks.wait().await;
    drop(state);
    market.stop().await;
    if is_broken {
        anyhow::bail!("a task that must run as long as the house has ended by itself");
    }
    tracing::info!("stopped");
    Ok(())
}

/// Listens; a public address that nobody set follows the port that was got.
async fn listen(settings: &mut Settings) -> Result<TcpListener> {
    let listener = TcpListener::bind(settings.listen).await;
    let listener = listener.with_context(|| format!("listening on {}", settings.listen))?;
    if !settings.has_public_url {
        settings.web.public_url = PublicUrl::loopback(listener.local_addr()?.port());
    }
    Ok(listener)
}

fn web_state(
    settings: &Settings,
    market: &Market,
    stopping: &CancellationToken,
) -> (Arc<WebState>, TaskTracker) {
    let tasks = TaskTracker::new();
    let reached_at = settings.has_public_url.then_some(&settings.web.public_url);
    let state = WebState::new(WebParts {
        records: Arc::clone(&market.records),
        engine: market.engine.clone(),
        hub: Arc::clone(&market.hub),
        darkroom: Arc::clone(&market.darkroom),
        settings: settings.web.clone(),
        clock: market.clock.clone(),
        chance: clocks::chance(),
        process: clocks::process(),
        stopping: stopping.clone(),
        tasks: tasks.clone(),
        shared_count: settings
            .bus
            .as_ref()
            .map(|bus| SharedCount::over(bus.client(), &market_name(bus.channel(), reached_at))),
    });
    (state, tasks)
}

/// What all nodes of a market call it: the channel of their bus and where people reach it, which, on one machine without a
/// public address, is nothing.
fn market_name(channel: &str, reached_at: Option<&PublicUrl>) -> String {
    let reached_at = reached_at.map(PublicUrl::to_string).unwrap_or_default();
    format!("{channel}\n{reached_at}")
}

fn control(settings: &Settings, market: &Market) -> Control {
    let passwords = Passwords::new(settings.web.password_cost, 1, clocks::chance());
    let hub = Some(Arc::clone(&market.hub));
    let clock = market.clock.clone();
    Control { records: Arc::clone(&market.records), passwords: Arc::new(passwords), hub, clock }
}

async fn door(listener: TcpListener, router: axum::Router, limits: ServeLimits, stopping: CancellationToken) {
    if let Err(error) = web::serve(listener, router, limits, stopping).await {
        tracing::error!(%error, "a listener is broken");
    }
}

async fn wait_for_a_signal() -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use live::BusAddress;

    use super::market_name;

    #[test]
    fn markets_that_share_a_redis_by_number_have_names_of_their_own() {
        let name = |url| market_name(BusAddress::parse(url).expect("an address").channel(), None);
        assert_eq!(name("redis://one:6379"), name("redis://other:6379/0"));
        assert_ne!(name("redis://one:6379/0"), name("redis://one:6379/1"));
    }
}
