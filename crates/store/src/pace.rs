//! The pace of following: how many auctions the next call takes, and where it begins; the same on every store.

use auction::AuctionId;

/// How many auctions one call of following writes at most; it has to be short, for rounds may wait for it.
pub const AUCTIONS_TOGETHER_MAX: usize = 512;

/// How much the next call takes, and where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How many auctions at most.
    pub auctions_max: usize,
    /// From which auction on, and then from the first: none waits for busier ones before it.
    pub from: AuctionId,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace { auctions_max: AUCTIONS_TOGETHER_MAX, from: AuctionId(0) }
    }
}

impl Pace {
    /// The pace after a call that left the rest from that auction on: what went well may be more next time, what took too
    /// long is tried again in halves.
    #[must_use]
    pub fn after<E>(self, rest: &Result<Option<AuctionId>, E>) -> Pace {
        match rest {
            Ok(rest) => Pace {
                auctions_max: (self.auctions_max * 2).min(AUCTIONS_TOGETHER_MAX),
                from: rest.unwrap_or(AuctionId(0)),
            },
            Err(_) => Pace { auctions_max: (self.auctions_max / 2).max(1), ..self },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_took_too_long_is_tried_in_halves() {
        let mut pace = Pace::default().after(&Ok::<_, ()>(Some(AuctionId(7))));
        assert_eq!(pace, Pace { auctions_max: AUCTIONS_TOGETHER_MAX, from: AuctionId(7) });
        for _ in 0..20 {
            pace = pace.after(&Err(()));
        }
        assert_eq!(pace, Pace { auctions_max: 1, from: AuctionId(7) });
        assert_eq!(pace.after(&Ok::<_, ()>(None)), Pace { auctions_max: 2, from: AuctionId(0) });
    }
}
