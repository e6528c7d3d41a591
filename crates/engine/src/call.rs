//! Calls: what may be asked of the engine, and the fingerprint that binds a key to one of them.

use auction::{AuctionId, Command, Listing, OrderCommand, Picture, Side, Time};
use ledger::{MemberId, TransferId, WithdrawalId};

use crate::provider::{Demo, Manual, Off, Provider};

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
    /// An admin enters money that came in from outside.
    EnterDeposit {
        /// Who enters it.
        admin: MemberId,
        /// Whose wallet.
        member: MemberId,
        /// As sent: the rules judge it.
        amount: i64,
        /// What it is known by outside, such as the bank's own number for it.
        reference: String,
    },
    /// A member wants money out.
    Withdraw {
        /// Whose wallet.
        member: MemberId,
        /// As sent: the rules judge it.
        amount: i64,
        /// Where it should go, in his words.
        destination: String,
    },
    /// An admin has paid a withdrawal out, or could not.
    SettleWithdrawal {
        /// Who says so.
        admin: MemberId,
        /// Which.
        withdrawal: WithdrawalId,
        /// Whether it is out; else the member has it back.
        is_done: bool,
        /// Why not, for the member; may be empty if it is out.
        reason: String,
    },
    /// An admin takes back what came in, as after a payment that its bank called back.
    ReverseDeposit {
        /// Who takes it back.
        admin: MemberId,
        /// The transfer by which it came in.
        deposit: TransferId,
        /// Why, for the member.
        reason: String,
    },
    /// An admin takes out what the house earned.
    WithdrawFees {
        /// Who takes it out.
        admin: MemberId,
        /// As sent: the rules judge it.
        amount: i64,
        /// What it is known by outside, or why.
        reference: String,
    },
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
    /// Real money, entered by an admin, and paid out by one.
    Manual,
    /// None are taken.
    Off,
}

impl Deposits {
    /// The provider behind it.
    pub(crate) fn provider(self) -> &'static dyn Provider {
        match self {
            Deposits::Demo => &Demo,
            Deposits::Manual => &Manual,
            Deposits::Off => &Off,
        }
    }
}

impl Call {
    /// The member who asks, or `None` for the house itself.
    pub fn caller(&self) -> Option<MemberId> {
        match self {
            Call::Auction { command, .. } => command.caller(),
            Call::List(listing) => Some(listing.seller()),
            Call::Deposit { member, .. } | Call::Withdraw { member, .. } => Some(*member),
            Call::EnterDeposit { admin, .. }
            | Call::SettleWithdrawal { admin, .. }
            | Call::ReverseDeposit { admin, .. }
            | Call::WithdrawFees { admin, .. } => Some(*admin),
        }
    }

    /// Another member whose wallet it touches, if the call names him.
    pub fn beneficiary(&self) -> Option<MemberId> {
        match self {
            Call::EnterDeposit { member, .. } => Some(*member),
            Call::Auction { .. }
            | Call::List(_)
            | Call::Deposit { .. }
            | Call::Withdraw { .. }
            | Call::SettleWithdrawal { .. }
            | Call::ReverseDeposit { .. }
            | Call::WithdrawFees { .. } => None,
        }
    }

    /// The auction it is about, if that exists already.
    pub fn auction(&self) -> Option<AuctionId> {
        match self {
            Call::Auction { auction, .. } => Some(*auction),
            Call::List(listing) => listing.again,
            Call::Deposit { .. }
            | Call::EnterDeposit { .. }
            | Call::Withdraw { .. }
            | Call::SettleWithdrawal { .. }
            | Call::ReverseDeposit { .. }
            | Call::WithdrawFees { .. } => None,
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
            Call::EnterDeposit { member, amount, reference, .. } => {
                print.text("enter_deposit");
                print.number(member.0);
                print.number(*amount);
                print.text(reference);
            }
            Call::Withdraw { amount, destination, .. } => {
                print.text("withdraw");
                print.number(*amount);
                print.text(destination);
            }
            Call::SettleWithdrawal { withdrawal, is_done, reason, .. } => {
                print.text("settle_withdrawal");
                print.number(withdrawal.0);
                print.number(i64::from(*is_done));
                print.text(reason);
            }
            Call::ReverseDeposit { deposit, reason, .. } => {
                print.text("reverse_deposit");
                print.number(deposit.0);
                print.text(reason);
            }
            Call::WithdrawFees { amount, reference, .. } => {
                print.text("withdraw_fees");
                print.number(*amount);
                print.text(reference);
            }
        }
        print.value()
    }
}

fn print_command(print: &mut Fingerprint, command: &Command) {
    match command {
        Command::Bid(bid) => {
            print.text("bid");
            // As it was before there were maximums: what was stored then still speaks for the same bid.
            print.number(bid.amount.unwrap_or_default());
            print.optional(bid.terms);
            if bid.amount.is_none() || bid.maximum.is_some() {
                print.optional(bid.amount);
                print.optional(bid.maximum);
            }
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
        Command::Extend { hours, .. } => {
            print.text("extend");
            print.number(*hours);
        }
        Command::LowerReserve { reserve, .. } => {
            print.text("reserve");
            print.number(*reserve);
        }
        Command::Edit { revision, .. } => {
            print.text("edit");
            print.optional(revision.terms);
            print.text(revision.note.as_deref().unwrap_or_default());
            if let Some(listing) = &revision.listing {
                print_listing(print, listing);
            }
            print_pictures(print, "add_pictures", &revision.added);
        }
        Command::TakeBack { member, reason, .. } => {
            print.text("take_back");
            print.number(member.0);
            print.text(reason.as_deref().unwrap_or_default());
        }
        Command::Offer { .. } => print.text("offer"),
        Command::AcceptOffer { .. } => print.text("accept_offer"),
        Command::DeclineOffer { .. } => print.text("decline_offer"),
        Command::Order { order, command } => {
            print.text("order");
            print.number(order.0);
            print_order_command(print, command);
        }
        Command::Close | Command::ExtendForOutage(_) => print.text("house"),
    }
}

fn print_order_command(print: &mut Fingerprint, command: &OrderCommand) {
    match command {
        OrderCommand::Ship { carrier, tracking, .. } => {
            print.text("ship");
            print.text(carrier);
            print.text(tracking);
        }
        OrderCommand::Receive { .. } => print.text("receive"),
        OrderCommand::EnterReceiptCode { code, .. } => {
            print.text("receipt_code");
            print.text(code);
        }
        OrderCommand::EnterMeetingCode { code, .. } => {
            print.text("meeting_code");
            print.text(code);
        }
        OrderCommand::Cancel { .. } => print.text("cancel"),
        OrderCommand::KeepOn { .. } => print.text("keep_on"),
        OrderCommand::Dispute { text, .. } => {
            print.text("dispute");
            print.text(text);
        }
        OrderCommand::Evidence { text, .. } => {
            print.text("evidence");
            print.text(text);
        }
        OrderCommand::Decide { refund, fault, reason, .. } => {
            print.text("decide");
            print.number(*refund);
            print.text(fault.map_or("", Side::name));
            print.text(reason);
        }
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
    if listing.reserve_price.is_some() || listing.again.is_some() {
        print.optional(listing.reserve_price);
        print.optional(listing.again.map(|auction| auction.0));
    }
    print_pictures(print, "pictures", &item.pictures);
}

/// Nothing where there are none, as it was before there were pictures: what was stored then still speaks for the same call.
fn print_pictures(print: &mut Fingerprint, what: &str, pictures: &[Picture]) {
    if pictures.is_empty() {
        return;
    }
    print.text(what);
    print.number(pictures.len() as i64);
    for picture in pictures {
        print.bytes(&picture.address);
        print.text(&picture.alt);
    }
}

/// What a key is bound to when a call was completed from what stood when it was asked: what was sent, part by part. The
/// same in every release, as it is stored.
pub fn fingerprint_of_sent(parts: &[&str]) -> i64 {
    let mut print = Fingerprint::new();
    for part in parts {
        print.text(part);
    }
    print.value()
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
        let command = Command::Bid(Bid { bidder: MemberId(1), amount: Some(amount), maximum: None, terms });
        Call::Auction { auction: AuctionId(auction), command }
    }

    fn reversal(deposit: i64, reason: &str) -> Call {
        let (deposit, reason) = (TransferId(deposit), reason.to_owned());
        Call::ReverseDeposit { admin: MemberId(1), deposit, reason }
    }

    fn fees(amount: i64) -> Call {
        Call::WithdrawFees { admin: MemberId(1), amount, reference: "bank 1".to_owned() }
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
            reversal(7, "called back"),
            reversal(8, "called back"),
            reversal(7, "a mistake"),
            fees(1_000),
            fees(1_001),
        ];
        for (i, one) in calls.iter().enumerate() {
            for (j, other) in calls.iter().enumerate() {
                assert_eq!(one.fingerprint() == other.fingerprint(), i == j, "{one:?} and {other:?}");
            }
        }
    }

    fn list(pictures: &[(u8, &str)]) -> Call {
        let pictures =
            pictures.iter().map(|(number, alt)| Picture { address: [*number; 32], alt: (*alt).to_owned() });
        let item = auction::Item {
            seller: MemberId(1),
            title: "chair".to_owned(),
            description: "oak".to_owned(),
            category: Some(3),
            condition: None,
            shipping_payer: None,
            region: None,
            nationwide: true,
            pictures: pictures.collect(),
        };
        Call::List(Box::new(Listing {
            item,
            start_price: 1_000,
            bid_unit: Some(1_000),
            reserve_price: None,
            buy_now_price: None,
            starts_at: None,
            ends_at: Time(9),
            soft_close_minutes: 3,
            again: None,
        }))
    }

    fn note(added: &[u8]) -> Call {
        let added =
            added.iter().map(|number| Picture { address: [*number; 32], alt: String::new() }).collect();
        let revision =
            auction::Revision { terms: Some(1), listing: None, note: Some("scratched".to_owned()), added };
        let command = Command::Edit { seller: MemberId(1), revision: Box::new(revision) };
        Call::Auction { auction: AuctionId(7), command }
    }

    #[test]
    fn a_fingerprint_tells_pictures_their_order_and_their_words_apart() {
        let calls = [
            list(&[]),
            list(&[(1, "")]),
            list(&[(1, "a")]),
            list(&[(1, ""), (2, "")]),
            list(&[(2, ""), (1, "")]),
            note(&[]),
            note(&[1]),
            note(&[1, 2]),
            note(&[2, 1]),
        ];
        for (i, one) in calls.iter().enumerate() {
            for (j, other) in calls.iter().enumerate() {
                assert_eq!(one.fingerprint() == other.fingerprint(), i == j, "{one:?} and {other:?}");
            }
        }
    }

    #[test]
    fn a_fingerprint_is_the_same_in_every_release() {
        assert_eq!(list(&[]).fingerprint(), LISTING);
        assert_eq!(note(&[]).fingerprint(), NOTE);
        assert_eq!(bid(7, 15_000, Some(1)).fingerprint(), BID_OF_15_000);
        assert_eq!(Call::Deposit { member: MemberId(1), amount: 1 }.fingerprint(), DEPOSIT_OF_ONE);
    }

    // As they were before there were pictures.
    const LISTING: i64 = -2_188_031_298_682_809_395;
    const NOTE: i64 = 387_717_496_068_313_648;
    const DEPOSIT_OF_ONE: i64 = 261_852_962_056_609_133;
    const BID_OF_15_000: i64 = -2_940_874_664_096_824_504;
}
