//! Statements: a member's transfers of a period as a CSV file, from the balance it opens with to the one it closes with.
//!
//! The rows explain the closing balance, and that is the ledger's own; a statement that did not would not be given out.
//! Cells that a spreadsheet would take for a formula begin with an apostrophe.

use std::sync::Arc;

use auction::{Span, Time};
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use ledger::{Account, MemberId};
use store::records::{Balance, PAGE_ROWS_MAX, Page, TransferFilter, TransferRow};
use unicode_normalization::UnicodeNormalization;

use super::fields::Fields;
use super::moment;
use super::sent::{Asked, Wire};
use crate::caller::SignedIn;
use crate::failure::{Code, Problem};
use crate::state::WebState;

/// The most transfers of one statement; who has more asks for a shorter time.
pub const STATEMENT_ROWS_MAX: usize = 10_000;

/// The longest time of one statement: a leap year, so that any year can be had whole.
pub const STATEMENT_PERIOD_MAX: Span = Span::days(366);

/// The most pages read for one statement: also what is newer than the period is walked through on the way to it.
const PAGES_MAX: usize = 2 * STATEMENT_ROWS_MAX / PAGE_ROWS_MAX;

/// How often a statement is read anew when money moved while it was being read.
const READINGS_MAX: usize = 3;

/// What a spreadsheet knows text in UTF-8 by.
const BYTE_ORDER_MARK: &str = "\u{feff}";

const COLUMNS: &str = "at,id,reason,auction,title,in,out,available,held\r\n";

/// Of which time.
pub struct Period {
    from: Option<Time>,
    to: Option<Time>,
}

impl Wire for Period {
    fn read(fields: &mut Fields) -> Period {
        let (from, to) = (fields.moment("from"), fields.moment("to"));
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            fields.fault("to", "too_early");
        }
        Period { from, to }
    }
}

/// `GET /wallet/statement`: the member's transfers at or after `from` and before `to`, oldest first; without `from`, those of
/// the longest time before `to`.
pub async fn show(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Asked(period): Asked<Period>,
) -> Result<Response, Problem> {
    let now = state.now();
    // A time that is not over yet has a statement as of now, which never changes either.
    let to = period.to.unwrap_or(now).min(now);
    let from = period.from.unwrap_or(to.minus(STATEMENT_PERIOD_MAX)).min(to);
    if is_too_long(from, to) {
        return Err(Problem::invalid_field("from", "too_early"));
    }
    let statement = statement(&state, caller.id(), from, to).await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"statement.csv\""),
    ];
    Ok((headers, statement).into_response())
}

/// Whether one statement cannot say what moved in all that time.
pub fn is_too_long(from: Time, to: Time) -> bool {
    to.since(from) > STATEMENT_PERIOD_MAX
}

/// The file.
///
/// # Errors
/// `invalid` if there are more than [`STATEMENT_ROWS_MAX`] transfers or it lies too far back, `unavailable` if money went on moving in the period
/// while it was being read, or what the store says.
pub async fn statement(state: &WebState, member: MemberId, from: Time, to: Time) -> Result<String, Problem> {
    for _ in 0..READINGS_MAX {
        let rows = transfers(state, member, from, to).await?;
        let opening = state.records.balance(member, from).await?;
        let closing = state.records.balance(member, to).await?;
        let mut file = File::opened(opening, from);
        rows.iter().rev().for_each(|row| file.row(row, member));
        if let Some(text) = file.closed(closing, to) {
            return Ok(text);
        }
    }
    tracing::error!("a statement's rows do not lead from its opening balance to the ledger's closing one");
    Err(Problem::new(Code::Unavailable))
}

/// The transfers of the period, newest first.
async fn transfers(
    state: &WebState,
    member: MemberId,
    from: Time,
    to: Time,
) -> Result<Vec<TransferRow>, Problem> {
    let filter = TransferFilter { from: Some(from), to: Some(to), reason: None };
    let mut page = Page { cursor: None, limit: PAGE_ROWS_MAX };
    let mut rows = Vec::new();
    for _ in 0..PAGES_MAX {
        let found = state.records.transfers(member, filter, page.clone()).await?;
        rows.extend(found.items);
        if rows.len() > STATEMENT_ROWS_MAX {
            break;
        }
        match found.next {
            Some(next) => page.cursor = Some(next),
            None => return Ok(rows),
        }
    }
    Err(Problem::invalid_field("from", "too_many"))
}

/// A statement as it is written.
struct File {
    text: String,
    available: i64,
    held: i64,
}

impl File {
    fn opened(opening: Balance, from: Time) -> File {
        let (available, held) = (opening.available.won(), opening.held.won());
        let mut file = File { text: format!("{BYTE_ORDER_MARK}{COLUMNS}"), available, held };
        file.balance("opening", from);
        file
    }

    /// One transfer: what came to the member and what left him, and how his two balances stand after it.
    fn row(&mut self, row: &TransferRow, member: MemberId) {
        let amount = row.amount.won();
        self.moves(row.from, member, -amount);
        self.moves(row.to, member, amount);
        // Between his own two balances nothing comes and nothing leaves.
        let (is_from, is_to) = (is_of(row.from, member), is_of(row.to, member));
        let came = if is_to && !is_from { amount } else { 0 };
        let left = if is_from && !is_to { amount } else { 0 };
        let cells = [
            moment::text(row.at),
            row.id.0.to_string(),
            row.reason.name().to_owned(),
            row.auction.map(|auction| auction.0.to_string()).unwrap_or_default(),
            cell(row.title.as_deref().unwrap_or_default()),
            came.to_string(),
            left.to_string(),
            self.available.to_string(),
            self.held.to_string(),
        ];
        self.text.push_str(&cells.join(","));
        self.text.push_str("\r\n");
    }

    fn moves(&mut self, account: Account, member: MemberId, amount: i64) {
        match account {
            Account::Available(of) if of == member => self.available += amount,
            Account::Held(of) if of == member => self.held += amount,
            _ => {}
        }
    }

    fn balance(&mut self, what: &str, at: Time) {
        let (available, held) = (self.available, self.held);
        self.text.push_str(&format!("{},,{what},,,,,{available},{held}\r\n", moment::text(at)));
    }

    /// The whole file, if the rows lead to that balance.
    fn closed(mut self, closing: Balance, to: Time) -> Option<String> {
        let is_right = (self.available, self.held) == (closing.available.won(), closing.held.won());
        self.balance("closing", to);
        is_right.then_some(self.text)
    }
}

fn is_of(account: Account, member: MemberId) -> bool {
    matches!(account, Account::Available(of) | Account::Held(of) if of == member)
}

/// A cell with what members have written: no formula (an apostrophe before what could begin one), and quoted where RFC
/// 4180 asks for it. A spreadsheet takes a full-width sign for the plain one.
fn cell(text: &str) -> String {
    let is_formula =
        text.nfkc().next().is_some_and(|first| matches!(first, '=' | '+' | '-' | '@' | '\t' | '\r'));
    let plain = if is_formula { format!("'{text}") } else { text.to_owned() };
    if plain.contains([',', '"', '\r', '\n']) { format!("\"{}\"", plain.replace('"', "\"\"")) } else { plain }
}

#[cfg(test)]
mod tests {
    use ledger::{Money, Reason, TransferId};

    use super::*;

    #[test]
    fn a_cell_is_text_and_nothing_else() {
        for (text, written) in [
            ("원목 의자", "원목 의자"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=1+1", "'=1+1"),
            ("+82", "'+82"),
            ("-5", "'-5"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("\rx", "\"'\rx\""),
            ("=HYPERLINK(\"http://a\",\"b\")", "\"'=HYPERLINK(\"\"http://a\"\",\"\"b\"\")\""),
            ("1=1", "1=1"),
            ("＝1+1", "'＝1+1"),
            ("＋82", "'＋82"),
            ("－5", "'－5"),
            ("＠SUM(A1)", "'＠SUM(A1)"),
            ("﹣5", "'﹣5"),
            ("１＝1", "１＝1"),
        ] {
            assert_eq!(cell(text), written, "{text:?}");
        }
    }

    #[test]
    fn rows_lead_from_the_opening_balance_to_the_closing_one() {
        let me = MemberId(7);
        let won = |amount| Money::new(amount).expect("an amount of a test");
        let balance = |available, held| Balance { available: won(available), held: won(held) };
        let row = |from, to, amount, reason| TransferRow {
            id: TransferId(1),
            from,
            to,
            amount: won(amount),
            reason,
            auction: None,
            title: None,
            order: None,
            at: Time(0),
        };
        let rows = [
            row(Account::Cash, Account::Available(me), 500, Reason::Deposit),
            row(Account::Available(me), Account::Held(me), 300, Reason::BidHold),
            row(Account::Held(me), Account::Escrow, 200, Reason::Purchase),
        ];
        let file = || {
            let mut file = File::opened(balance(100, 0), Time(0));
            rows.iter().for_each(|row| file.row(row, me));
            file
        };
        assert_eq!(file().closed(balance(301, 100), Time(0)), None, "one won off");
        let text = file().closed(balance(300, 100), Time(0)).expect("explained");
        let at = "1970-01-01T00:00:00.000000Z";
        let expected = [
            "\u{feff}at,id,reason,auction,title,in,out,available,held".to_owned(),
            format!("{at},,opening,,,,,100,0"),
            format!("{at},1,deposit,,,500,0,600,0"),
            format!("{at},1,bid_hold,,,0,0,300,300"),
            format!("{at},1,purchase,,,0,200,300,100"),
            format!("{at},,closing,,,,,300,100"),
            String::new(),
        ];
        assert_eq!(text, expected.join("\r\n"));
    }
}
