//! The statements that look at what may have millions of rows, for a test that looks at their plans.

use store::records::Sort;

use super::listings::narrow::{IN_REGIONS, Slice};
use super::listings::{COUNT, COUNT_WITHIN, newest, walk};
use super::{
    admin, auctions, delivery, follow, health, leaving, members, money, notices, orders, pictures, profile,
    reach, reviews, saved, standings, sweep, talk, watching,
};

/// Those whose words never change, each with its name.
const OTHERS: &[(&str, &str)] = &[
    ("slice regions", IN_REGIONS),
    ("count", COUNT),
    ("count within", COUNT_WITHIN),
    ("words to make", follow::wording::WAITING),
    ("ends of titles", newest::ENDS),
    ("matches by title", newest::BY_TITLE),
    ("newest matches in blocks", newest::IN_BLOCKS),
    ("newest of all matches", newest::IN_ALL),
    ("selling", auctions::SELLING),
    ("of item", auctions::OF_ITEM),
    ("wallet", money::WALLET),
    ("wallets", money::WALLETS),
    ("transfers", money::STRETCH_SQL),
    ("notices", notices::NOTICES),
    ("new notices", notices::NOTICED),
    ("rounds", follow::window::ROUNDS),
    ("rounds heard", follow::hearing::HEARD),
    ("rounds behind", health::BEHIND),
    ("auctions as they stand", follow::PRESENT),
    ("events to tell", follow::news::EVENTS),
    ("steps to tell", follow::steps::STEPS),
    ("removals to tell", follow::removals::WAITING),
    ("removals told", follow::removals::TAKE),
    ("endings", follow::endings::LOOK),
    ("who hears of an end", follow::endings::WHO),
    ("hearts", watching::HEARTS),
    ("watched", watching::WATCHED),
    ("saved searches", saved::OF_MEMBER),
    ("searches behind", saved::BEHIND),
    ("searches untold", saved::UNTOLD),
    ("arrivals", saved::ARRIVALS),
    ("arrivals that hold words", saved::HOLD),
    ("arrivals of long ago", saved::FORGET),
    ("balance", money::BALANCE),
    ("withdrawals", money::WITHDRAWALS),
    ("withdrawals waiting", money::WITHDRAWALS_WAITING),
    ("debts", money::DEBTS),
    ("deposits", money::DEPOSITS),
    ("missing", money::MISSING),
    ("fees", money::FEES),
    ("orders", orders::OF_MEMBER),
    ("disputes", orders::DISPUTES),
    ("blocked", members::BLOCKED),
    ("reviews", reviews::ABOUT),
    ("stars", reviews::STARS),
    ("sales", reviews::SALES),
    ("marks", reviews::MARKS),
    ("where he bid", admin::WHERE_HE_BID),
    ("where he sells", admin::WHERE_HE_SELLS),
    ("where he bid here", admin::WHERE_HE_BID_HERE),
    ("questions", talk::OF_AUCTION),
    ("questions counted", talk::COUNT),
    ("questions waiting", talk::UNANSWERED),
    ("questions of late", talk::OLDEST_COUNTED),
    ("questions reported", talk::REPORTED),
    ("reports", talk::REPORTS),
    ("pictures", pictures::BY_ADDRESSES),
    ("picture of an upload", pictures::UPLOADED),
    ("uploads unused of late", pictures::UNUSED_OF_LATE),
    ("uploads unused", pictures::UNUSED),
    ("upload that goes", pictures::REMOVE),
    ("pictures to claim", pictures::CLAIM),
    ("deliveries to write", delivery::REACHED),
    ("deliveries to claim", delivery::CLAIM),
    ("deliveries claimed", delivery::CLAIMED),
    ("deliveries failed", delivery::FAILED),
    ("deliveries tried again", delivery::TROUBLED),
    ("deliveries outlived", delivery::SWEEP),
    ("deliveries waiting", delivery::WAITING),
    ("how a member is reached", reach::OF),
    ("browsers", reach::BROWSERS),
    ("what ties a member", leaving::TIES),
    ("answers", profile::ANSWERS),
    ("shelf of what is live", profile::LIVE),
    ("shelf of what is over", profile::OVER),
    ("sold", profile::SOLD),
    ("own bids", profile::BIDS),
    ("bids of each minute", auctions::BIDS_EACH_MINUTE),
    ("own reviews", reviews::BY),
    ("own questions", talk::BY),
    ("own answers", talk::ANSWERED_BY),
    ("sweep notices", sweep::NOTICES),
    ("sweep keys", sweep::KEYS),
];

/// Every statement of lists, searches, following and sweeping, each with a name; none may read a table without an index,
/// however few rows it has, and none of the walks may sort.
pub fn record_statements() -> Vec<(&'static str, String)> {
    let walks = [
        ("walk newest", Sort::Newest),
        ("walk ending", Sort::Ending),
        ("walk price rising", Sort::PriceAscending),
        ("walk price falling", Sort::PriceDescending),
        ("walk bids", Sort::Bids),
    ];
    let walks = walks.map(|(name, sort)| (name, walk::sql(sort)));
    let made = [
        ("bidding", auctions::bidding_sql()),
        ("events missed", standings::events_sql()),
        ("acts", admin::acts_sql()),
        ("arrivals as listed", saved::arrived_sql()),
        ("newest orders", orders::newest_sql()),
    ];
    walks
        .into_iter()
        .chain(Slice::ALL.map(|(name, slice)| (name, slice.sql().to_owned())))
        .chain(OTHERS.iter().map(|(name, sql)| (*name, (*sql).to_owned())))
        .chain(made)
        .collect()
}
