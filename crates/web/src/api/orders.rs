//! Orders: what follows a sale, for its two sides and the admins; each side's code is shown to that side alone.

use std::sync::Arc;

use auction::{Offer, OrderId, OrderStep, Side, StepKind, Time};
use axum::Json;
use axum::extract::State;
use ledger::{MemberId, Money};
use serde::Serialize;
use store::records::{OrderPage, OrderRow};
use utoipa::ToSchema;

use super::me::WhichPage;
use super::members::MemberName;
use super::moment;
use super::pages::{List, judged};
use super::reviews::ReviewView;
use super::sent::{Asked, Id, Nothing};
use crate::caller::SignedIn;
use crate::failure::{Code, Problem};
use crate::order_turns::{meeting_code, next, receipt_code, review_until, reviews_are_shown, turns};
use crate::state::WebState;

/// An order.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderView {
    /// Its number.
    pub id: i64,
    /// Of which auction.
    pub auction_id: i64,
    /// What was sold.
    pub title: String,
    /// What was paid.
    pub price: i64,
    /// What the house kept of it; for the seller and admins, once it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee: Option<i64>,
    /// What the buyer got back, once it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund: Option<i64>,
    /// How far it has come: `to_hand_over`, `delivered`, `done`, `refunded`, `disputed`, `split`.
    pub state: &'static str,
    /// Which side whoever asks is: `buyer`, `seller`; absent for admins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'static str>,
    /// Who paid.
    pub buyer: MemberName,
    /// Who is paid.
    pub seller: MemberName,
    /// That it came of an offer after another order fell through; absent if not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_chance: Option<bool>,
    /// When it was opened.
    pub at: String,
    /// When the house looks at it next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// What the house does then if nobody does anything: `refunded`, `asked`, `done`, `disputed`, `overdue`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<&'static str>,
    /// What whoever asks may do now, by the names of the calls; the rules judge it again.
    pub may: Vec<&'static str>,
    /// By whom it is carried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    /// The carrier's number for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking: Option<String>,
    /// Six digits to be said aloud once the thing is in the buyer's hand; for the buyer alone, while it is of use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt_code: Option<String>,
    /// Six digits that the buyer types at the meeting; for the seller alone, while it is of use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meeting_code: Option<String>,
    /// Until when no code is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locked_until: Option<String>,
    /// Which side wants to cancel: `buyer`, `seller`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wants_cancel: Option<&'static str>,
    /// From when on the buyer may cancel alone, if the seller does not act.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buyer_may_cancel_at: Option<String>,
    /// Which side disputes it; absent if the house or nobody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disputed_by: Option<&'static str>,
    /// Until when both sides may add to a dispute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence_until: Option<String>,
    /// By which side it fell through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<&'static str>,
    /// When it was over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// Until when both sides may write a review.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_until: Option<String>,
    /// What happened, oldest first.
    pub steps: Vec<StepView>,
    /// To whom it was offered after it fell through; for the seller and admins.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub offers: Vec<OfferView>,
    /// The caller's own review, and the other's once both wrote or the time is over.
    pub reviews: Vec<ReviewView>,
}

/// Something that happened to an order.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepView {
    /// Its number in its order.
    pub seq: i64,
    /// `opened`, `shipped`, `met`, `wrong_code`, `locked`, `delivered`, `asked`, `done`, `cancel_wanted`,
    /// `cancel_taken_back`, `refunded`, `disputed`, `evidence`, `overdue`, `split`, `offered`, `offer_accepted`,
    /// `offer_declined`, `offer_lapsed`, `extended`.
    pub kind: &'static str,
    /// Whose doing it was: `buyer`, `seller`, `admin`; absent if the house's or another's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<&'static str>,
    /// Where the order stood after it.
    pub state: &'static str,
    /// When the house looked at it next, after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// What was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The amount it speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// When.
    pub at: String,
}

/// The thing offered to another bidder.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferView {
    /// 1 to 3.
    pub number: i64,
    /// To whom.
    pub member_id: i64,
    /// For how much.
    pub price: i64,
    /// When.
    pub at: String,
    /// Until when he may answer.
    pub until: String,
    /// What he answered: `open`, `accepted`, `declined`, `lapsed`.
    pub state: &'static str,
}

/// An order in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderRowView {
    /// Its number.
    pub id: i64,
    /// Of which auction.
    pub auction_id: i64,
    /// What was sold.
    pub title: String,
    /// Who paid.
    pub buyer_id: i64,
    /// Who is paid.
    pub seller_id: i64,
    /// What was paid.
    pub price: i64,
    /// How far it has come.
    pub state: &'static str,
    /// When the house looks at it next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// When it was opened.
    pub at: String,
    /// When its newest step was.
    pub changed_at: String,
}

/// `GET /orders`: the member's orders, as buyer and as seller, newest first.
pub async fn list(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Asked(WhichPage(page)): Asked<WhichPage>,
) -> Result<Json<List<OrderRowView>>, Problem> {
    let rows = judged(state.records.orders(caller.id(), page.clone()).await, &page)?;
    Ok(Json(List::of(rows, OrderRowView::from)))
}

/// `GET /orders/{id}`: an order, for its two sides and admins.
pub async fn show(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    Asked(Nothing): Asked<Nothing>,
) -> Result<Json<OrderView>, Problem> {
    let (page, side) = find(&state, &caller, id).await?;
    // Whether the thing is in a later auction matters to nobody else.
    let is_item_free = side != Some(Side::Seller)
        || !page.order.fell_through_by_buyer()
        || state
            .records
            .auction(page.order.auction)
            .await?
            .is_some_and(|row| row.auction.followed_by.is_none());
    Ok(Json(order_view(page, side, is_item_free, state.now())))
}

/// An order that the caller may see, and which side of it he is; an admin may be neither.
///
/// # Errors
/// `not_found`, or what the store says.
pub async fn find(
    state: &WebState,
    caller: &SignedIn,
    id: i64,
) -> Result<(OrderPage, Option<Side>), Problem> {
    let page = state.records.order(OrderId(id)).await?.ok_or(Problem::new(Code::NotFound))?;
    let side = page.order.side(caller.id());
    if side.is_none() && !caller.member.acts_as_admin() {
        return Err(Problem::new(Code::NotFound));
    }
    Ok((page, side))
}

/// An order as that side, or an admin, sees it.
pub fn order_view(page: OrderPage, side: Option<Side>, is_item_free: bool, now: Time) -> OrderView {
    let may = turns(&page, side, is_item_free, now).names();
    let shows_all = reviews_are_shown(&page, now);
    let sees_offers = side != Some(Side::Buyer);
    let order = &page.order;
    let text = |time: Option<Time>| time.map(moment::text);
    OrderView {
        id: order.id.0,
        auction_id: order.auction.0,
        price: order.price.won(),
        fee: order.fee.filter(|_| side != Some(Side::Buyer)).map(Money::won),
        refund: order.refund.map(Money::won),
        state: order.state.name(),
        role: side.map(Side::name),
        second_chance: order.is_second_chance.then_some(true),
        at: moment::text(order.opened_at),
        due: text(order.due),
        next: next(order).map(StepKind::name),
        may,
        carrier: order.carrier.clone(),
        tracking: order.tracking.clone(),
        receipt_code: receipt_code(order, side, now),
        meeting_code: meeting_code(order, side, now),
        locked_until: text(order.locked_until.filter(|until| now < *until)),
        wants_cancel: order.wants_cancel.map(Side::name),
        buyer_may_cancel_at: text(order.buyer_may_cancel_at()),
        disputed_by: order.disputed_by.map(Side::name),
        evidence_until: text(order.evidence_until()),
        fault: order.fault.map(Side::name),
        ended_at: text(order.ended_at),
        review_until: text(review_until(order)),
        steps: steps(&page, sees_offers),
        offers: page.offers.iter().filter(|_| sees_offers).map(OfferView::from).collect(),
        reviews: page
            .reviews
            .iter()
            .filter(|review| shows_all || side == Some(review.by))
            .map(ReviewView::from)
            .collect(),
        buyer: MemberName::from(&page.buyer),
        seller: MemberName::from(&page.seller),
        title: page.title,
    }
}

/// What happened. To whom the thing was offered after it fell through by the buyer is none of his business.
fn steps(page: &OrderPage, sees_offers: bool) -> Vec<StepView> {
    let is_offer = |kind: StepKind| {
        matches!(
            kind,
            StepKind::Offered | StepKind::OfferAccepted | StepKind::OfferDeclined | StepKind::OfferLapsed
        )
    };
    let steps = page.steps.iter().filter(|step| sees_offers || !is_offer(step.kind));
    steps.map(|step| StepView { by: by(page, step), ..StepView::from(step) }).collect()
}

fn by(page: &OrderPage, step: &OrderStep) -> Option<&'static str> {
    let side_of = |member: MemberId| page.order.side(member).map(Side::name);
    let admin = (step.kind == StepKind::Split).then_some("admin");
    step.by.and_then(|member| side_of(member).or(admin))
}

impl From<&OrderStep> for StepView {
    fn from(step: &OrderStep) -> StepView {
        StepView {
            seq: step.seq,
            kind: step.kind.name(),
            by: None,
            state: step.state.name(),
            due: step.due.map(moment::text),
            text: step.text.clone(),
            amount: step.amount.map(Money::won),
            at: moment::text(step.at),
        }
    }
}

impl From<&Offer> for OfferView {
    fn from(offer: &Offer) -> OfferView {
        OfferView {
            number: offer.number,
            member_id: offer.member.0,
            price: offer.price.won(),
            at: moment::text(offer.at),
            until: moment::text(offer.until),
            state: offer.state.name(),
        }
    }
}

impl From<OrderRow> for OrderRowView {
    fn from(row: OrderRow) -> OrderRowView {
        OrderRowView {
            id: row.id.0,
            auction_id: row.auction.0,
            title: row.title,
            buyer_id: row.buyer.0,
            seller_id: row.seller.0,
            price: row.price.won(),
            state: row.state.name(),
            due: row.due.map(moment::text),
            at: moment::text(row.opened_at),
            changed_at: moment::text(row.newest),
        }
    }
}
