//! Calls: what may be asked of the engine, and the fingerprint that binds a key to one of them.

use auction::{AuctionId, Command, Listing, Time};
use ledger::MemberId;

/// What is asked. Everything that changes an auction or moves money is one of these; there is no other way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// A command to one auction.
    Auction {
        /// Which.
        auction: AuctionId,
        /// What is asked of it.
        command: Command,
    },
    /// A member lists an item for auction.
    List(Box<Listing>),
    /// A member pays in.
    Deposit {
        /// Whose wallet.
        member: MemberId,
        /// As sent: the rules judge it.
        amount: i64,
    },
}

/// Where deposits come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deposits {
    /// Play money, at once.
    Demo,
    /// None are taken.
    Off,
}

impl Call {
    /// The member who asks, or `None` for the house itself.
    pub fn caller(&self) -> Option<MemberId> {
        match self {
            Call::Auction { command, .. } => command.caller(),
            Call::List(listing) => Some(listing.seller()),
            Call::Deposit { member, .. } => Some(*member),
        }
    }

    /// The auction it is about, if that exists already.
    pub fn auction(&self) -> Option<AuctionId> {
        match self {
            Call::Auction { auction, .. } => Some(*auction),
            Call::List(_) | Call::Deposit { .. } => None,
        }
    }

    /// What a key is bound to: the call, its target and its values. The same in every release, as it is stored.
    pub fn fingerprint(&self) -> i64 {
        let mut print = Fingerprint::new();
        match self {
            Call::Auction { auction, command } => {
                print.number(auction.0);
                print_command(&mut print, command);
            }
            Call::List(listing) => print_listing(&mut print, listing),
            Call::Deposit { amount, .. } => {
                print.text("deposit");
                print.number(*amount);
            }
        }
        print.value()
    }
}

fn print_command(print: &mut Fingerprint, command: &Command) {
    match command {
        Command::Bid(bid) => {
            print.text("bid");
            print.number(bid.amount);
            print.optional(bid.terms);
        }
        Command::BuyNow { terms, .. } => {
            print.text("buy_now");
            print.optional(*terms);
        }
        Command::SellNow { .. } => print.text("sell_now"),
        Command::Cancel { reason, .. } => {
            print.text("cancel");
            print.text(reason.as_deref().unwrap_or_default());
        }
        Command::Close | Command::ExtendForOutage(_) => print.text("house"),
    }
}

fn print_listing(print: &mut Fingerprint, listing: &Listing) {
    let item = &listing.item;
    print.text("list");
    print.text(&item.title);
    print.text(&item.description);
    print.optional(item.category);
    print.text(item.condition.map_or("", auction::Condition::name));
    print.text(item.shipping_payer.map_or("", auction::ShippingPayer::name));
    print.optional(item.region);
    print.number(i64::from(item.nationwide));
    print.number(listing.start_price);
    print.optional(listing.bid_unit);
    print.optional(listing.buy_now_price);
    print.optional(listing.starts_at.map(|Time(at)| at));
    print.number(listing.ends_at.0);
    print.number(listing.soft_close_minutes);
}

/// FNV-1a in 64 bits: short, stable, and good enough to tell one member's own calls apart.
struct Fingerprint(u64);

impl Fingerprint {
    const fn new() -> Fingerprint {
        Fingerprint(0xcbf2_9ce4_8422_2325)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn text(&mut self, text: &str) {
        self.bytes(&(text.len() as u64).to_le_bytes());
        self.bytes(text.as_bytes());
    }

    fn number(&mut self, number: i64) {
        self.bytes(&number.to_le_bytes());
    }

    fn optional(&mut self, number: Option<i64>) {
        self.bytes(&[u8::from(number.is_some())]);
        self.number(number.unwrap_or_default());
    }

    fn value(&self) -> i64 {
        i64::from_le_bytes(self.0.to_le_bytes())
    }
}

#[cfg(test)]
mod tests {
    use auction::Bid;

    use super::*;

    fn bid(auction: i64, amount: i64, terms: Option<i64>) -> Call {
        let command = Command::Bid(Bid { bidder: MemberId(1), amount, terms });
        Call::Auction { auction: AuctionId(auction), command }
    }

    #[test]
    fn a_fingerprint_tells_call_target_and_values_apart() {
        let buy = Call::Auction {
            auction: AuctionId(7),
            command: Command::BuyNow { buyer: MemberId(1), terms: None },
        };
        let calls = [
            bid(7, 1_000, None),
            bid(8, 1_000, None),
            bid(7, 1_001, None),
            bid(7, 1_000, Some(0)),
            buy,
            Call::Deposit { member: MemberId(1), amount: 1_000 },
        ];
        for (i, one) in calls.iter().enumerate() {
            for (j, other) in calls.iter().enumerate() {
                assert_eq!(one.fingerprint() == other.fingerprint(), i == j, "{one:?} and {other:?}");
            }
        }
    }

    #[test]
    fn a_fingerprint_is_the_same_in_every_release() {
        assert_eq!(bid(7, 15_000, Some(1)).fingerprint(), BID_OF_15_000);
        assert_eq!(Call::Deposit { member: MemberId(1), amount: 1 }.fingerprint(), DEPOSIT_OF_ONE);
    }

    const DEPOSIT_OF_ONE: i64 = 261_852_962_056_609_133;
    const BID_OF_15_000: i64 = -2_940_874_664_096_824_504;
}
