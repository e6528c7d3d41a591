//! `/wallet`: what can be used, where the rest is held, and every transfer with what was left after it.

use std::collections::HashMap;
use std::sync::Arc;

use auction::{AuctionId, Time};
use axum::extract::State;
use axum::response::Response;
use engine::Deposits;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ledger::{Account, DEPOSIT_LIMIT, MemberId, Reason, TransferId};
use store::records::{self, Page, Paged, TransferRow};
use store::{Withdrawal, WithdrawalState};

use crate::api::pages::judged;
use crate::api::statement::is_too_long;
use crate::failure::Problem;
use crate::pages::reader::moment;
use crate::pages::typed::Typed;
use crate::pages::{
    DepositForm, Direction, Field, HoldLine, MemberReader, Person, Section, TransferFilter, TransferLine,
    WalletPage, WithdrawalForm, WithdrawalLine, Withdrawals, way,
};
use crate::state::WebState;

/// How many transfers a page has.
const LINES: usize = 50;

/// How many withdrawals are listed.
const WITHDRAWALS: usize = 10;

/// How many reads of 100 transfers each are made to find what was left after those shown.
const BALANCE_READS_MAX: usize = 10;

/// How often the balances are counted anew because money moved meanwhile.
const COUNTS_MAX: usize = 3;

/// `GET /wallet`
pub async fn show(State(state): State<Arc<WebState>>, own: MemberReader) -> Result<Response, Problem> {
    own.answer(200, &page(&state, &own).await?)
}

/// The wallet as it stands, with the page of transfers that its address asks for.
///
/// # Errors
/// `invalid` for a cursor that was never given, or what the store says.
pub async fn page(state: &WebState, own: &MemberReader) -> Result<WalletPage, Problem> {
    let id = own.member.id();
    let mut typed = Typed::of(own.reader.query());
    let filter = filter(&mut typed);
    let cursor = Some(typed.text("cursor")).filter(|cursor| !cursor.is_empty());
    let asked = Page { cursor, limit: LINES };
    let wanted = wanted(&filter, &state.settings.time_zone);
    let rows = judged(state.records.transfers(id, wanted, asked.clone()).await, &asked)?;
    let wallet = state.records.wallet(id).await?;
    let balances = balances(state, id, &rows).await?;
    let ends = ends(state, id, &wallet.holds).await?;
    let holds = wallet.holds.into_iter().map(|hold| HoldLine {
        auction_id: hold.auction.0,
        title: hold.title,
        amount: hold.amount.won(),
        ends_at: ends.get(&hold.auction).map(|end| moment(*end)),
    });
    let has_deposits = state.settings.deposits == Deposits::Demo;
    let withdrawals = withdrawals(state, id).await?;
    Ok(WalletPage {
        shell: own.reader.shell(state, Section::Wallet).await?,
        available: wallet.wallet.available.won(),
        held: wallet.wallet.held.won(),
        debt: state.records.missing(id).await?.won(),
        holds: holds.collect(),
        deposit: has_deposits.then(|| DepositForm {
            key: state.new_key(),
            amount: Field::default(),
            limit: DEPOSIT_LIMIT.won(),
            demo: true,
        }),
        withdrawals,
        statement: last_month(state.now(), &state.settings.time_zone),
        statement_fault: None,
        next: rows.next.map(|cursor| next(&filter, &cursor)),
        transfers: rows.items.into_iter().map(|row| line(row, &balances)).collect(),
        filter,
    })
}

async fn withdrawals(state: &WebState, member: MemberId) -> Result<Withdrawals, Problem> {
    let rows = state.records.withdrawals(member, Page { cursor: None, limit: WITHDRAWALS }).await?;
    let is_manual = state.settings.deposits == Deposits::Manual;
    Ok(Withdrawals {
        form: is_manual.then(|| WithdrawalForm { key: state.new_key(), ..WithdrawalForm::default() }),
        is_demo: state.settings.deposits == Deposits::Demo,
        lines: rows.items.into_iter().map(|row| withdrawal_line(row, None)).collect(),
    })
}

/// A withdrawal as pages show it; whose it is, and what he owes, only admins are told.
pub fn withdrawal_line(row: Withdrawal, member: Option<Person>) -> WithdrawalLine {
    WithdrawalLine {
        id: row.id.0,
        member,
        amount: row.amount.won(),
        destination: row.destination,
        at: moment(row.at),
        state: row.state.name(),
        decided_at: row.decided_at.map(moment),
        reason: row.reason.filter(|_| row.state == WithdrawalState::Reversed),
        debt: 0,
        typed: Field::default(),
    }
}

/// The days of the last month until today, as date fields have them.
fn last_month(now: Time, zone: &TimeZone) -> (String, String) {
    let today = zone.to_datetime(moment(now)).date();
    let from = today.checked_sub(1.month()).unwrap_or(today);
    (from.to_string(), today.to_string())
}

/// `GET /wallet/statement`: the days of the form as the moments that the API's statement wants; too many of them, and the form
/// says so.
pub async fn statement(State(state): State<Arc<WebState>>, own: MemberReader) -> Result<Response, Problem> {
    let mut typed = Typed::of(own.reader.query());
    let asked = filter(&mut typed);
    let wanted = wanted(&asked, &state.settings.time_zone);
    let now = state.now();
    if wanted.from.is_some_and(|from| is_too_long(from, wanted.to.unwrap_or(now).min(now))) {
        let mut page = page(&state, &own).await?;
        page.statement = (asked.from, asked.to);
        page.statement_fault = Some(own.reader.language.text("wallet-statement-too-long"));
        return own.answer(422, &page);
    }
    let bound = |name: &str, at: Option<Time>| {
        at.map(|at| format!("{name}={}", way::escaped(&live::frame::time(at)))).unwrap_or_default()
    };
    let (from, to) = (bound("from", wanted.from), bound("to", wanted.to));
    Ok(way::to(&format!("/api/v1/wallet/statement?{from}&{to}")))
}

fn filter(typed: &mut Typed) -> TransferFilter {
    let mut day =
        |name: &str| Some(typed.text(name)).filter(|day| day.parse::<Date>().is_ok()).unwrap_or_default();
    let (from, to) = (day("from"), day("to"));
    let reason = typed.text("reason");
    let reason = if Reason::named(&reason).is_some() { reason } else { String::new() };
    TransferFilter { reason, from, to }
}

/// The days in the market's own time zone, the last one counted in.
fn wanted(filter: &TransferFilter, zone: &TimeZone) -> records::TransferFilter {
    let start = |day: Date| {
        let start = day.to_zoned(zone.clone()).ok()?;
        Some(Time(start.timestamp().as_microsecond()))
    };
    let day = |text: &str| text.parse::<Date>().ok();
    records::TransferFilter {
        from: day(&filter.from).and_then(start),
        to: day(&filter.to).and_then(|day| day.checked_add(1.day()).ok()).and_then(start),
        reason: Reason::named(&filter.reason),
    }
}

fn next(filter: &TransferFilter, cursor: &str) -> String {
    let values = [("reason", &filter.reason), ("from", &filter.from), ("to", &filter.to)];
    let filled = values.into_iter().filter(|(_, value)| !value.is_empty());
    let rest: String = filled.map(|(name, value)| format!("&{name}={}", way::escaped(value))).collect();
    format!("/wallet?cursor={}{rest}#transfers", way::escaped(cursor))
}

/// What could be used after each of these transfers, counted back from what can be used now. A transfer that comes in
/// between is seen by the wallet's version, and then it is counted anew.
async fn balances(
    state: &WebState,
    member: MemberId,
    rows: &Paged<TransferRow>,
) -> Result<HashMap<TransferId, i64>, Problem> {
    let Some(last) = rows.items.iter().map(|row| row.id).min() else { return Ok(HashMap::new()) };
    let mut counted = HashMap::new();
    for _ in 0..COUNTS_MAX {
        let before = state.records.wallet(member).await?.wallet;
        counted = count_back(state, member, before.available.won(), last).await?;
        if state.records.wallet(member).await?.wallet.version == before.version {
            return Ok(counted);
        }
    }
    // His money never rests; what stands there was true a moment ago.
    Ok(counted)
}

async fn count_back(
    state: &WebState,
    member: MemberId,
    available: i64,
    last: TransferId,
) -> Result<HashMap<TransferId, i64>, Problem> {
    let mut balances = HashMap::new();
    let mut balance = available;
    let mut page = Page { cursor: None, limit: records::PAGE_ROWS_MAX };
    for _ in 0..BALANCE_READS_MAX {
        let rows = state.records.transfers(member, records::TransferFilter::default(), page.clone()).await?;
        for row in &rows.items {
            balances.insert(row.id, balance);
            balance = balance.saturating_sub(change(row));
        }
        page.cursor = rows.next;
        if page.cursor.is_none() || balances.contains_key(&last) {
            break;
        }
    }
    Ok(balances)
}

/// How a transfer changed what the member can use.
fn change(row: &TransferRow) -> i64 {
    match (row.from, row.to) {
        (_, Account::Available(_)) => row.amount.won(),
        (Account::Available(_), _) => -row.amount.won(),
        _ => 0,
    }
}

fn line(row: TransferRow, balances: &HashMap<TransferId, i64>) -> TransferLine {
    let direction = match change(&row) {
        0 => Direction::Beside,
        change if change > 0 => Direction::In,
        _ => Direction::Out,
    };
    TransferLine {
        id: row.id.0,
        reason: row.reason.name().to_owned(),
        direction,
        amount: row.amount.won(),
        balance: balances.get(&row.id).copied(),
        auction: row.auction.map(|auction| auction.0).zip(row.title),
        at: moment(row.at),
    }
}

/// When the auctions end on which money is held, as far as they are among the newest the member bid on.
async fn ends(
    state: &WebState,
    member: MemberId,
    holds: &[records::HoldRow],
) -> Result<HashMap<AuctionId, Time>, Problem> {
    if holds.is_empty() {
        return Ok(HashMap::new());
    }
    let page = Page { cursor: None, limit: records::PAGE_ROWS_MAX };
    let rows = state.records.bidding(member, page).await?;
    Ok(rows.items.into_iter().map(|row| (row.auction.id, row.auction.ends_at)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_the_markets_own() {
        let zone = TimeZone::get("Asia/Seoul").expect("a zone");
        let mut typed = Typed::of("from=2026-07-03&to=2026-07-03&reason=deposit");
        let filter = filter(&mut typed);
        let wanted = wanted(&filter, &zone);
        // The third of July in Seoul begins at 15:00 UTC the day before.
        assert_eq!(wanted.from, Some(Time(1_783_004_400_000_000)));
        assert_eq!(wanted.to, Some(Time(1_783_004_400_000_000 + 86_400_000_000)));
        assert_eq!(wanted.reason, Some(Reason::Deposit));
        assert_eq!(
            next(&filter, "5"),
            "/wallet?cursor=5&reason=deposit&from=2026-07-03&to=2026-07-03#transfers"
        );
    }

    #[test]
    fn what_is_no_filter_is_passed_over() {
        let mut typed = Typed::of("from=yesterday&to=2026-13-01&reason=theft");
        let filter = filter(&mut typed);
        assert!(!filter.any());
        assert_eq!(wanted(&filter, &TimeZone::UTC), records::TransferFilter::default());
    }
}
