//! Items: what is sold, in the seller's words.

use ledger::MemberId;

use crate::picture::Picture;

/// A thing for sale; an auction is one sale of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Who sells it.
    pub seller: MemberId,
    /// One line.
    pub title: String,
    /// Text, escaped on output.
    pub description: String,
    /// The category's number, if any was chosen.
    pub category: Option<i64>,
    /// How worn it is.
    pub condition: Option<Condition>,
    /// Who pays for shipping.
    pub shipping_payer: Option<ShippingPayer>,
    /// The region's number, if any was chosen.
    pub region: Option<i64>,
    /// Shown in every region.
    pub nationwide: bool,
    /// How it looks, in the order in which it is shown; at most [`PICTURES_MAX`](crate::PICTURES_MAX), each once.
    pub pictures: Vec<Picture>,
}

/// How worn a thing is (rules §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Unused.
    New,
    /// As good as new.
    S,
    /// Lightly used.
    A,
    /// Used.
    B,
    /// Worn.
    C,
}

/// Who pays for shipping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShippingPayer {
    /// Free for the buyer.
    Seller,
    /// On top of the price.
    Buyer,
}

impl Condition {
    /// Every condition, in the order of their numbers in a store.
    pub const ALL: [Condition; 5] = [Condition::New, Condition::S, Condition::A, Condition::B, Condition::C];

    /// The stable name, as clients see it.
    pub const fn name(self) -> &'static str {
        match self {
            Condition::New => "new",
            Condition::S => "s",
            Condition::A => "a",
            Condition::B => "b",
            Condition::C => "c",
        }
    }

    /// The condition of that name.
    pub fn named(name: &str) -> Option<Condition> {
        Condition::ALL.into_iter().find(|condition| condition.name() == name)
    }
}

impl ShippingPayer {
    /// Both, in the order of their numbers in a store.
    pub const ALL: [ShippingPayer; 2] = [ShippingPayer::Seller, ShippingPayer::Buyer];

    /// The stable name, as clients see it.
    pub const fn name(self) -> &'static str {
        match self {
            ShippingPayer::Seller => "seller",
            ShippingPayer::Buyer => "buyer",
        }
    }

    /// The payer of that name.
    pub fn named(name: &str) -> Option<ShippingPayer> {
        ShippingPayer::ALL.into_iter().find(|payer| payer.name() == name)
    }
}
