//! An order as its two sides and the admins see it: where it stands, what happens next, and what each may do about it.

use askama::Template;
use auction::Side;
use jiff::Timestamp;

use super::{Field, Photo, Picture, Shell};
use crate::words;

/// `/orders/{id}`
#[derive(Template)]
#[template(path = "order.html")]
pub struct OrderPage {
    /// The frame.
    pub shell: Shell,
    /// The order's id.
    pub id: i64,
    /// The auction it came from.
    pub auction_id: i64,
    /// The item's title.
    pub title: String,
    /// What is shown in place of a picture.
    pub picture: Picture,
    /// The item's first picture, if it has one.
    pub photo: Option<Photo>,
    /// Who looks.
    pub role: Role,
    /// Who has paid.
    pub buyer: Person,
    /// Who is paid.
    pub seller: Person,
    /// Where the order stands, as its stable name.
    pub state: &'static str,
    /// It came of an offer after another order fell through.
    pub is_second_chance: bool,
    /// When the sale was.
    pub opened_at: Timestamp,
    /// What happens next.
    pub next: Next,
    /// How far it has come.
    pub stages: Vec<Stage>,
    /// Where the money is.
    pub money: Division,
    /// What the house keeps of what the seller gets, in parts of a million.
    pub fee_rate: i64,
    /// The parcel, once it was sent.
    pub parcel: Option<Parcel>,
    /// What the reader may do now.
    pub actions: Actions,
    /// The forms as they were typed.
    pub forms: OrderForms,
    /// The dispute, if there is or was one.
    pub dispute: Option<Dispute>,
    /// What an admin has decided.
    pub decision: Option<Decision>,
    /// To whom else it was offered; for the seller and admins.
    pub offers: Vec<OfferLine>,
    /// What the two wrote about each other, once it is over.
    pub reviews: Option<Reviews>,
    /// What happened, newest first.
    pub history: Vec<StepLine>,
}

/// Who looks at an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Who has paid.
    Buyer,
    /// Who is paid.
    Seller,
    /// Neither: one who decides.
    Admin,
}

impl Role {
    /// The word used in keys.
    pub const fn code(self) -> &'static str {
        match self {
            Role::Buyer => "buyer",
            Role::Seller => "seller",
            Role::Admin => "admin",
        }
    }

    /// The side of whoever looks; an admin is neither.
    pub const fn side(self) -> Option<Side> {
        match self {
            Role::Buyer => Some(Side::Buyer),
            Role::Seller => Some(Side::Seller),
            Role::Admin => None,
        }
    }
}

/// A side of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The member's id.
    pub id: i64,
    /// The nickname.
    pub name: String,
}

/// What happens next: a situation that has its words, and until when it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// Which of [`Next::SITUATIONS`].
    pub situation: &'static str,
    /// Whether the reader has to do something.
    pub is_mine: bool,
    /// Until when; in words, the moment after which the house acts by itself.
    pub until: Option<Timestamp>,
}

impl Next {
    /// All situations; each has a sentence and a text for each role.
    pub const SITUATIONS: [&'static str; 12] = [
        "start",
        "late",
        "shipped",
        "met",
        "delivered",
        "evidence",
        "judging",
        "overdue",
        "done",
        "refunded",
        "split",
        "closing",
    ];
}

/// One stage of the way from paid to paid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Which: `paid`, `handed`, `received`, `paid-out`, `disputed`, `decided`, `refunded`.
    pub name: &'static str,
    /// Whether it was reached.
    pub state: StageState,
    /// When it was reached, or at the latest will be.
    pub at: Option<Timestamp>,
}

/// Whether a stage was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StageState {
    /// It was.
    Past,
    /// It is next.
    Now,
    /// It comes later.
    Ahead,
}

impl StageState {
    /// The word used in `data-state`.
    pub const fn code(self) -> &'static str {
        match self {
            StageState::Past => "past",
            StageState::Now => "now",
            StageState::Ahead => "ahead",
        }
    }
}

/// How the price is divided, or will be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Division {
    /// What was paid.
    pub price: i64,
    /// What the buyer gets back.
    pub refund: i64,
    /// What the house keeps.
    pub fee: i64,
    /// What the seller gets.
    pub payout: i64,
    /// Whether it has happened; else the money is in escrow.
    pub is_final: bool,
}

/// A parcel on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// By whom it is carried.
    pub carrier: String,
    /// The carrier's number for it.
    pub tracking: String,
    /// When it was sent.
    pub at: Timestamp,
}

/// What the reader may do now, and only that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actions {
    /// A fresh key; each form adds its own name to it.
    pub key: String,
    /// The receipt code, for the buyer to say once the thing is in his hand.
    pub receipt_code: Option<String>,
    /// The meeting code, for the seller to say when both are there.
    pub meeting_code: Option<String>,
    /// Enter carrier and number.
    pub can_ship: bool,
    /// Type the receipt code.
    pub can_type_receipt: bool,
    /// Type the meeting code.
    pub can_type_meeting: bool,
    /// Until when no code is taken.
    pub locked_until: Option<Timestamp>,
    /// How many wrong codes may still be typed before none is taken; said once one was wrong.
    pub tries_left: Option<i64>,
    /// Say that it has come.
    pub can_receive: bool,
    /// What may be said about cancelling.
    pub cancel: Option<Cancelling>,
    /// Ask for a person to decide.
    pub can_dispute: bool,
    /// How many pieces of evidence may still be added.
    pub evidence_left: Option<i64>,
    /// Decide a dispute.
    pub can_decide: bool,
    /// Offer it to the next bidder.
    pub can_offer: bool,
}

/// What may be said about cancelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancelling {
    /// Nobody wants it yet.
    Wish,
    /// The other side wants it.
    Agree,
    /// The reader wants it, and may take that back.
    KeepOn,
    /// The seller has not acted for three days: the buyer needs nobody's leave.
    Alone,
}

impl Cancelling {
    /// The word used in keys.
    pub const fn code(self) -> &'static str {
        match self {
            Cancelling::Wish => "wish",
            Cancelling::Agree => "agree",
            Cancelling::KeepOn => "keep-on",
            Cancelling::Alone => "alone",
        }
    }
}

/// The forms as they were typed, each field with what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderForms {
    /// By whom it is carried.
    pub carrier: Field,
    /// The carrier's number.
    pub tracking: Field,
    /// The receipt code.
    pub receipt: Field,
    /// The meeting code.
    pub meeting: Field,
    /// Why a person should decide.
    pub dispute: Field,
    /// What is added to a dispute.
    pub evidence: Field,
    /// What the buyer gets back.
    pub refund: Field,
    /// By whom it fell through.
    pub fault: String,
    /// Why an admin decided so.
    pub reason: Field,
    /// What the decision would do, before it is made.
    pub preview: Option<Division>,
    /// The stars of a review.
    pub stars: Field,
    /// The words of a review.
    pub review: Field,
}

/// A dispute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// What was said, oldest first.
    pub statements: Vec<Statement>,
    /// Until when both may add evidence, if that is still so.
    pub evidence_until: Option<Timestamp>,
    /// By when an admin should have decided, if nobody has yet.
    pub decided_by: Option<Timestamp>,
    /// Nobody has decided for so long that every admin is shown it.
    pub is_overdue: bool,
    /// The house opened it, not a side.
    pub is_by_house: bool,
}

/// What a side said in a dispute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Which side.
    pub role: Role,
    /// Who.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// In his words.
    pub text: String,
}

/// What an admin has decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// When.
    pub at: Timestamp,
    /// By whom it fell through: `buyer`, `seller` or `none`.
    pub fault: &'static str,
    /// Why.
    pub reason: String,
}

/// An offer to another bidder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferLine {
    /// 1 to 3.
    pub number: i64,
    /// For how much.
    pub price: i64,
    /// What became of it, as its stable name.
    pub state: &'static str,
    /// Until when it is open.
    pub until: Timestamp,
}

/// What the two wrote about each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reviews {
    /// What is shown: the reader's own always, the other's once both wrote or the time is over.
    pub shown: Vec<ReviewLine>,
    /// Until when the reader may write, if he has not.
    pub write_until: Option<Timestamp>,
    /// Something is written and not shown yet.
    pub waits_until: Option<Timestamp>,
    /// The other side has written.
    pub other_wrote: bool,
}

/// One review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewLine {
    /// Who wrote it.
    pub author: Person,
    /// The sold thing, where that is not plain.
    pub title: Option<String>,
    /// Whether its author sold it (else bought it).
    pub by_seller: bool,
    /// 1 to 5.
    pub stars: i64,
    /// In his words.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

impl ReviewLine {
    /// The stars as five signs.
    pub fn signs(&self) -> String {
        (1..=5).map(|star| if star <= self.stars { '★' } else { '☆' }).collect()
    }
}

/// One step in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepLine {
    /// What happened.
    pub text: String,
    /// What was written with it.
    pub note: Option<String>,
    /// When.
    pub at: Timestamp,
}

impl OrderPage {
    /// Whether the picture says something that the title beside it does not.
    fn is_picture_told(&self) -> bool {
        self.photo.as_ref().is_some_and(|photo| !photo.alt.is_empty())
    }

    /// The other side; for an admin the seller.
    pub const fn other(&self) -> &Person {
        match self.role {
            Role::Seller => &self.buyer,
            Role::Buyer | Role::Admin => &self.seller,
        }
    }

    /// What happens next, in one sentence.
    pub fn next_title(&self) -> String {
        self.next_words(&format!("order-next-{}-{}", self.next.situation, self.role.code()))
    }

    /// What happens if nobody does anything, and when.
    pub fn next_text(&self) -> String {
        let situation = match (self.next.situation, self.place()) {
            // A decision that gives everything to one side divides nothing: nobody is told that nothing came.
            ("split", "refunded") => "split-back",
            ("split", "paid") => "split-paid",
            (situation, _) => situation,
        };
        self.next_words(&format!("order-next-{situation}-{}-text", self.role.code()))
    }

    fn next_words(&self, key: &str) -> String {
        let amount = match self.role {
            Role::Seller => self.money.payout,
            Role::Buyer if self.money.is_final => self.money.refund,
            Role::Buyer | Role::Admin => self.money.price,
        };
        let time = self.next.until.map(|until| self.shell.moment(&until)).unwrap_or_default();
        let figures = [
            ("name", self.other().name.as_str().into()),
            ("amount", words::money(self.shell.language, amount).into()),
            ("time", time.into()),
        ];
        self.shell.language.text_with(key, &figures)
    }

    /// Where the money is: `escrow`, `paid`, `refunded` or `split`.
    pub const fn place(&self) -> &'static str {
        match (self.money.is_final, self.money.refund, self.money.payout) {
            (false, ..) => "escrow",
            (true, 0, _) => "paid",
            (true, _, 0) if self.money.fee == 0 => "refunded",
            (true, ..) => "split",
        }
    }

    /// Whether the fee concerns the reader.
    pub fn shows_fee(&self) -> bool {
        self.role != Role::Buyer
    }

    /// Whether what the seller gets says more than the price does; of what went back whole there is nothing to say.
    pub fn shows_payout(&self) -> bool {
        (self.shows_fee() || self.money.refund > 0) && self.place() != "refunded"
    }

    /// The key of one of its forms.
    pub fn key(&self, form: &str) -> String {
        format!("{}.{form}", self.actions.key)
    }

    /// Whether anything can be done but looking.
    pub fn has_handing_over(&self) -> bool {
        let actions = &self.actions;
        actions.can_ship || actions.can_type_receipt || actions.can_type_meeting || actions.can_receive
    }

    /// The carriers that are proposed.
    pub fn carriers(&self) -> Vec<String> {
        self.shell.t("order-carriers").split(", ").map(str::to_owned).collect()
    }
}
