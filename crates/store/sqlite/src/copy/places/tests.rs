//! Tests of places, one line a case: whether they are needed, and in which order they put the transfers.

use rusqlite::Connection;

use super::{are_needed, fill};
use crate::migrate::migrate;

const CASH: i64 = 1;
const ESCROW: i64 = 2;
const FEES: i64 = 3;
const PAYABLE: i64 = 4;
const AVAILABLE: i64 = 5;

/// The first number of the second lane.
const OTHER: i64 = 65_537;

/// A transfer: its number, its time, the accounts, member, order and the one before, 0 if there is none; always of 10 won.
type Moved = (i64, i64, (i64, i64), i64, i64, i64);

const IN: (i64, i64) = (CASH, AVAILABLE);
const ASKED: (i64, i64) = (AVAILABLE, PAYABLE);
const DONE: (i64, i64) = (PAYABLE, CASH);
const REVERSED: (i64, i64) = (PAYABLE, AVAILABLE);
const PAID: (i64, i64) = (AVAILABLE, ESCROW);
const FEE: (i64, i64) = (ESCROW, FEES);
const PAYOUT: (i64, i64) = (ESCROW, AVAILABLE);
const FEES_OUT: (i64, i64) = (FEES, CASH);

/// What it is, the transfers, whether places are needed, and the numbers in the order of their places.
const CASES: [(&str, &[Moved], bool, &[i64]); 11] = [
    ("one lane", &[(1, 1, IN, 7, 0, 0), (2, 2, ASKED, 7, 0, 1), (3, 3, DONE, 0, 0, 0)], false, &[1, 2, 3]),
    (
        "one lane whose clock was set back",
        &[(1, 9, IN, 7, 0, 0), (2, 9, ASKED, 7, 0, 1), (3, 3, DONE, 0, 0, 0)],
        false,
        &[1, 2, 3],
    ),
    (
        "one lane, and paid out before it was asked for: the audit must say so",
        &[(1, 1, IN, 7, 0, 0), (2, 2, DONE, 0, 0, 0), (3, 3, ASKED, 7, 0, 1)],
        false,
        &[1, 3, 2],
    ),
    (
        "asked for on another lane",
        &[(1, 1, IN, 7, 0, 0), (2, 3, DONE, 0, 0, 0), (OTHER, 2, ASKED, 7, 0, 1)],
        true,
        &[1, OTHER, 2],
    ),
    (
        "the same at one time",
        &[(1, 1, IN, 7, 0, 0), (2, 1, DONE, 0, 0, 0), (OTHER, 1, ASKED, 7, 0, 1)],
        true,
        &[1, OTHER, 2],
    ),
    (
        "the same after a clock was set back",
        &[(1, 1, IN, 7, 0, 0), (2, 2, DONE, 0, 0, 0), (OTHER, 3, ASKED, 7, 0, 1)],
        true,
        &[1, OTHER, 2],
    ),
    (
        "what was asked for waits for its member, and its payment for both",
        &[(1, 4, IN, 7, 0, 0), (2, 3, DONE, 0, 0, 0), (OTHER, 2, ASKED, 7, 0, 1)],
        true,
        &[1, OTHER, 2],
    ),
    (
        "who gets his own back waits where another's was paid out from it",
        &[
            (1, 1, IN, 7, 0, 0),
            (2, 1, IN, 8, 0, 0),
            (3, 2, ASKED, 8, 0, 2),
            (4, 3, DONE, 0, 0, 0),
            (5, 4, REVERSED, 8, 0, 3),
            (OTHER, 5, ASKED, 7, 0, 1),
        ],
        true,
        &[1, 2, 3, 4, OTHER, 5],
    ),
    (
        "fees of another lane",
        &[
            (1, 1, IN, 7, 0, 0),
            (2, 4, FEES_OUT, 0, 0, 0),
            (OTHER, 2, PAID, 7, 1, 1),
            (OTHER + 1, 3, FEE, 0, 1, 0),
        ],
        true,
        &[1, OTHER, OTHER + 1, 2],
    ),
    (
        "the same after a clock was set back",
        &[
            (1, 1, IN, 7, 0, 0),
            (2, 2, FEES_OUT, 0, 0, 0),
            (OTHER, 4, PAID, 7, 1, 1),
            (OTHER + 1, 4, FEE, 0, 1, 0),
        ],
        true,
        &[1, OTHER, OTHER + 1, 2],
    ),
    (
        "a payout by another lane after a clock was set back",
        &[(1, 1, IN, 7, 0, 0), (2, 2, PAYOUT, 8, 1, 0), (OTHER, 3, PAID, 7, 1, 1)],
        true,
        &[1, OTHER, 2],
    ),
];

fn store(transfers: &[Moved]) -> Connection {
    let mut store = Connection::open_in_memory().unwrap();
    migrate(&mut store).unwrap();
    store.pragma_update(None, "foreign_keys", "off").unwrap();
    let sql = "INSERT INTO transfers (id, from_account, to_account, member, amount, reason, order_id, at, previous) \
               VALUES (?1, ?2, ?3, nullif(?4, 0), 10, 0, nullif(?5, 0), ?6, nullif(?7, 0))";
    for (id, at, (from, to), member, order, previous) in transfers {
        store.execute(sql, (id, from, to, member, order, at, previous)).unwrap();
    }
    store
}

fn placed(store: &mut Connection) -> Vec<i64> {
    fill(store).unwrap();
    let mut statement = store.prepare("SELECT id FROM transfer_places ORDER BY place").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(rusqlite::Result::unwrap).collect()
}

#[test]
fn places_are_given_where_numbers_do_not_say_what_came_first() {
    let mut wrong = Vec::new();
    for (what, transfers, is_needed, order) in CASES {
        let mut store = store(transfers);
        let needed = are_needed(&store).unwrap();
        let ids = placed(&mut store);
        if (needed, ids.as_slice()) != (is_needed, order) {
            wrong.push(format!("{what}: needed {needed}, {ids:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_never_comes_is_waited_for_to_the_end_only() {
    let cases: [&[Moved]; 3] = [
        &[(1, 1, DONE, 0, 0, 0), (2, 2, IN, 7, 0, 0)],
        &[(1, 1, FEES_OUT, 0, 0, 0), (2, 2, IN, 7, 0, 0)],
        &[(1, 1, PAYOUT, 8, 1, 0), (2, 2, IN, 7, 0, 0)],
    ];
    for transfers in cases {
        assert_eq!(placed(&mut store(transfers)), [2, 1], "{transfers:?}");
    }
    let both: &[Moved] = &[(1, 1, DONE, 0, 0, 0), (2, 2, ASKED, 7, 0, 99), (3, 3, IN, 8, 0, 0)];
    assert_eq!(placed(&mut store(both)), [3, 2, 1], "a broken chain is not told of the house too");
}
