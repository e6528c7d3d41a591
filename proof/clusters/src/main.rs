//! Simulates bids on auctions that are spread over several database clusters, with every member's money at home in a
//! wallet cluster, and counts how often money must cross: the figures behind docs/decisions/0013.
//!
//! Auctions are drawn by Zipf (exponent 1), each has a few dozen interested members, some of them neighbours of the
//! auction's cluster. A bid holds money of the part of the wallet that lies on the auction's cluster; what is missing
//! there is fetched from home, and what is not at home is called back from other clusters. The same seed gives the same
//! figures.

mod chance;
mod market;

use std::io::Write;

use market::{Fetching, Market, Shape};

/// How many bids each line of the table is taken from, and how many come before it, so that wallets lie as they would.
const BIDS: u64 = 2_000_000;
const BIDS_BEFORE: u64 = 2_000_000;

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "clusters  neighbours  fetched        crossings/bid  waits/bid  calls back/bid  refused/bid"
    )?;
    for clusters in [4, 16, 64] {
        for neighbours in [0, 80] {
            for fetching in Fetching::ALL {
                let shape = Shape { clusters, neighbours, members: 100_000, auctions: 100_000 };
                let mut market = Market::new(shape, fetching, 7);
                market.bid(BIDS_BEFORE);
                market.start_counting();
                market.bid(BIDS);
                let seen = market.seen();
                let of_bids = |count: u64| count as f64 / seen.accepted as f64;
                writeln!(
                    out,
                    "{clusters:<9} {neighbours:>8} %  {:<13} {:>14.3} {:>10.3} {:>15.3} {:>12.3}",
                    fetching.name(),
                    of_bids(seen.crossings),
                    of_bids(seen.waits),
                    of_bids(seen.calls_back),
                    of_bids(seen.refused),
                )?;
            }
        }
    }
    Ok(())
}
