//! The checks by name, and what was found for each: how many rows were looked at, and which of them offend.

/// How many offending rows a check names; further ones are only counted.
pub const VIOLATIONS_KEPT_MAX: usize = 20;

/// What one check came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckResult {
    /// The check's stable name.
    pub name: &'static str,
    /// What must hold, in a sentence.
    pub says: &'static str,
    /// How many rows it looked at.
    pub rows: u64,
    /// How many of them offend.
    pub violations: u64,
    /// The first of those in words, at most [`VIOLATIONS_KEPT_MAX`].
    pub examples: Vec<String>,
}

/// What all checks came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many checks there are.
    pub checks: usize,
    /// How many of them found something.
    pub failed: usize,
    /// How many rows all of them looked at; a row counts once for each check.
    pub rows: u64,
    /// How many violations they found.
    pub violations: u64,
}

impl Summary {
    /// Whether nothing offends.
    pub const fn is_clean(&self) -> bool {
        self.violations == 0
    }
}

/// One thing that must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    TwoSides,
    BalancesSumToZero,
    ChainsAreWhole,
    WalletsAreTheirTransfers,
    MembersNeverBelowZero,
    HouseNeverBelowZero,
    SalesArePaidInFull,
    EscrowIsOpenOrders,
    PayableIsWithdrawals,
    HeldIsOpenHolds,
    LeaderHasTheOnlyHold,
    EndedHoldsNothing,
    MoneyFollowsEvents,
    BidCount,
    PriceIsLatestRow,
    PriceBetweenCommitments,
    AmountsRise,
    BidsReachTheMinimum,
    RulesExplainRows,
    Reserve,
    BidsInTime,
    OneOutcomeOneOrder,
    OrdersAreTheirSteps,
    OrdersOnRecord,
    OneOpenOrderOrOffer,
    Offers,
    SellerNeverBids,
    BidderNumbers,
    EventsWithoutHole,
    NothingAfterTheEnd,
    TimeNeverFalls,
    AuctionsAreTheirEvents,
    Deadlines,
    Listings,
    Withdrawals,
    Debts,
    Marks,
    Reviews,
    Acts,
    Chores,
    SuspendedLeadNothing,
    Keys,
    OldWords,
    Pictures,
    Uploads,
    NoStrays,
    Readable,
}

/// How many checks there are.
const CHECKS: usize = 47;

/// Every check in the order of its variants, with its stable name and what must hold.
const TABLE: [(&str, &str); CHECKS] = [
    ("two_sides", "every transfer runs between two accounts that its reason joins, for what the reason asks"),
    ("balances_sum_to_zero", "all balances together are 0"),
    ("chains_are_whole", "each member's transfers name the one before, and the wallet names the newest"),
    ("wallets_are_their_transfers", "available and held are the sums of the member's transfers"),
    ("members_never_below_zero", "available and held were never below 0, after no transfer"),
    (
        "house_never_below_zero",
        "escrow, fees and payable were never below 0, nor cash above, after no transfer",
    ),
    (
        "sales_are_paid_in_full",
        "each order's buyer paid its price, and payout, refund and fee at the listed rate share it once it is over",
    ),
    ("escrow_is_open_orders", "escrow holds the price of each open order, and nothing of one that is over"),
    (
        "payable_is_withdrawals",
        "what is on its way out is the sum of the withdrawals that wait, of each member and in all",
    ),
    ("held_is_open_holds", "what a member's wallet holds is the sum of his holds"),
    (
        "leader_has_the_only_hold",
        "an auction that is not over holds the leader's commitment and nothing else",
    ),
    ("ended_holds_nothing", "an auction that is over holds nothing"),
    (
        "money_follows_events",
        "each auction's holds are those that its events ask for, and silent raises of its leader",
    ),
    ("bid_count", "bid_count is the number of bids since the auction was listed or started afresh"),
    ("price_is_latest_row", "the price is the amount of the latest row, the start price before"),
    (
        "price_between_commitments",
        "the price is no lower than what beaten bidders committed themselves to, and no higher than what the leader did",
    ),
    ("amounts_rise", "amounts never fall from one row to the next, but by a reset"),
    ("bids_reach_the_minimum", "each bid is at least the minimum before it"),
    ("rules_explain_rows", "each event is what the rules make of one command, and nothing else"),
    ("reserve", "the reserve is where the events say it is met and not met"),
    ("bids_in_time", "no bid before the start, at or after the end in force, or after the close"),
    ("one_outcome_one_order", "an auction has one order for its price if it was sold or bought, else none"),
    ("orders_are_their_steps", "an order stands as its steps leave it, which the rules of its life know"),
    ("orders_on_record", "who divided an order, and by whom it fell through, is on record once"),
    ("one_open_order_or_offer", "an auction has at most one open order or offer"),
    (
        "offers",
        "offers follow orders that fell through by the buyer, to bidders, three at most, and open second orders",
    ),
    ("seller_never_bids", "a seller neither bids on nor leads an auction of his own"),
    ("bidder_numbers", "the bidders of an auction are numbered 1, 2, … with their highest commitments"),
    ("events_without_hole", "an auction's events are numbered 1, 2, … without a hole"),
    ("nothing_after_the_end", "nothing happens after an auction was closed or cancelled"),
    ("time_never_falls", "time never falls along an auction's events"),
    ("auctions_are_their_events", "an auction stands as its newest event and its history leave it"),
    ("deadlines", "each auction that is not over is looked at in time, and none that is over"),
    ("listings", "a listing is never ahead of its auction, and agrees where it is not behind"),
    ("withdrawals", "a withdrawal is decided by another, with an act; and play money never leaves"),
    (
        "debts",
        "a debt is what was not taken back of a deposit of its member's, by another, with an act; of each member and in all",
    ),
    ("marks", "what stands on a record is what its auction or order says"),
    ("reviews", "reviews are by both sides of an order that is over, in time"),
    ("acts", "what admins did, was done"),
    ("chores", "what is still to be done concerns a bidder of an auction that exists"),
    (
        "suspended_lead_nothing",
        "a suspended member neither leads nor sells, unless that is still to be undone",
    ),
    ("keys", "a key points at what the command of the member who sent it made"),
    ("old_words", "an auction has words of its own exactly if its item was auctioned again"),
    (
        "pictures",
        "what an auction shows are pictures 1, 2, … without a hole, each once, which its seller has uploaded",
    ),
    ("uploads", "an upload is a member's, and a picture is kept exactly as long as there is an upload of it"),
    ("no_strays", "every row belongs to an auction, item and member that exist"),
    ("readable", "every number that stands for a word stands for one, and no amount is below 0"),
];

/// What every check has found so far.
pub(super) struct Findings {
    found: [CheckResult; CHECKS],
}

impl Default for Findings {
    fn default() -> Findings {
        let found = TABLE.map(|(name, says)| CheckResult { name, says, ..CheckResult::default() });
        Findings { found }
    }
}

impl Findings {
    /// Looks at one row: counts it, and names it if it offends.
    pub(super) fn expect(&mut self, check: Check, holds: bool, words: impl FnOnce() -> String) {
        self.found[check as usize].rows += 1;
        if !holds {
            self.wrong(check, words);
        }
    }

    /// Names a row that offends, already counted or missing altogether.
    pub(super) fn wrong(&mut self, check: Check, words: impl FnOnce() -> String) {
        let found = &mut self.found[check as usize];
        found.violations += 1;
        if found.examples.len() < VIOLATIONS_KEPT_MAX {
            found.examples.push(words());
        }
    }

    /// Reports each check and adds them up.
    pub(super) fn tell(self, report: &mut dyn FnMut(&CheckResult)) -> Summary {
        let mut summary = Summary { checks: CHECKS, ..Summary::default() };
        for found in &self.found {
            report(found);
            summary.failed += usize::from(found.violations > 0);
            summary.rows += found.rows;
            summary.violations += found.violations;
        }
        summary
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_has_its_place_in_the_table() {
        assert_eq!(Check::Readable as usize + 1, CHECKS);
        assert_eq!(TABLE[Check::TwoSides as usize].0, "two_sides");
        assert_eq!(TABLE[Check::MoneyFollowsEvents as usize].0, "money_follows_events");
        assert_eq!(TABLE[Check::SellerNeverBids as usize].0, "seller_never_bids");
        assert_eq!(TABLE[Check::Debts as usize].0, "debts");
        assert_eq!(TABLE[Check::Readable as usize].0, "readable");
    }

    #[test]
    fn so_many_violations_are_named_and_the_others_counted() {
        let mut findings = Findings::default();
        for row in 0..=VIOLATIONS_KEPT_MAX {
            findings.expect(Check::Keys, false, || row.to_string());
        }
        let mut named = 0;
        let summary = findings.tell(&mut |check| named += check.examples.len());
        assert_eq!(named, VIOLATIONS_KEPT_MAX);
        assert_eq!((summary.violations, summary.failed), (VIOLATIONS_KEPT_MAX as u64 + 1, 1));
    }
}
