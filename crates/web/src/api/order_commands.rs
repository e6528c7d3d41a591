//! Commands to an order: handing over, saying that it came, codes, cancelling, disputes, and an admin's decision.

use std::sync::Arc;

use auction::{OrderCommand, OrderId, OrderStep, Side};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

use super::engine_door::{key_of, order_step};
use super::fields::Fields;
use super::orders::StepView;
use super::sent::{Id, Nothing, Sent, Wire};
use crate::caller::SignedIn;
use crate::failure::Problem;
use crate::state::WebState;

/// How a thing is sent.
#[derive(Debug, ToSchema)]
pub struct Shipment {
    /// By whom it is carried, up to 40 characters.
    #[schema(min_length = 1, max_length = 40)]
    pub carrier: String,
    /// The carrier's number for it, up to 60 characters.
    #[schema(min_length = 1, max_length = 60)]
    pub tracking: String,
}

impl Wire for Shipment {
    fn read(fields: &mut Fields) -> Shipment {
        Shipment {
            carrier: fields.required("carrier", Fields::text).trim().to_owned(),
            tracking: fields.required("tracking", Fields::text).trim().to_owned(),
        }
    }
}

/// A code that the other side has said aloud.
#[derive(Debug, ToSchema)]
pub struct TypedCode {
    /// Six digits, as text.
    pub code: String,
}

impl Wire for TypedCode {
    fn read(fields: &mut Fields) -> TypedCode {
        TypedCode { code: fields.required("code", Fields::text) }
    }
}

/// What a side writes in a dispute.
#[derive(Debug, ToSchema)]
pub struct Statement {
    /// For the other side and the admin, up to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub text: String,
}

impl Wire for Statement {
    fn read(fields: &mut Fields) -> Statement {
        Statement { text: fields.required("text", Fields::text).trim().to_owned() }
    }
}

/// How an admin divides what was paid.
#[derive(Debug, ToSchema)]
pub struct Decision {
    /// What the buyer gets back, from 0 to the price.
    pub refund: i64,
    /// By which side it fell through, if by one: `buyer`, `seller`.
    pub fault: Option<String>,
    /// For both sides, up to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// A decision as it was read.
pub struct Decided {
    refund: i64,
    fault: Option<Side>,
    reason: String,
}

impl Wire for Decided {
    fn read(fields: &mut Fields) -> Decided {
        Decided {
            refund: fields.required("refund", Fields::integer),
            fault: fields.word("fault", Side::named),
            reason: fields.text("reason").unwrap_or_default().trim().to_owned(),
        }
    }
}

/// A step that was taken; the same whenever it is asked again.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepTakenView {
    /// The order's number.
    pub order_id: i64,
    /// The step.
    pub step: StepView,
}

impl From<&OrderStep> for StepTakenView {
    fn from(step: &OrderStep) -> StepTakenView {
        StepTakenView { order_id: step.order.0, step: StepView::from(step) }
    }
}

type Taken = Result<Json<StepTakenView>, Problem>;

async fn take(
    state: &WebState,
    caller: &SignedIn,
    id: i64,
    headers: &HeaderMap,
    command: OrderCommand,
) -> Taken {
    let key = key_of(headers, caller.id())?;
    let step = order_step(state, caller, OrderId(id), command, key).await?;
    Ok(Json(StepTakenView::from(&step)))
}

/// `POST /orders/{id}/ship`: the seller has sent it.
pub async fn ship(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    headers: HeaderMap,
    Sent(Shipment { carrier, tracking }): Sent<Shipment>,
) -> Taken {
    let command = OrderCommand::Ship { member: caller.id(), carrier, tracking };
    take(&state, &caller, id, &headers, command).await
}

/// `POST /orders/{id}/receive`: the buyer says that it has come.
pub async fn receive(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    headers: HeaderMap,
    Sent(Nothing): Sent<Nothing>,
) -> Taken {
    take(&state, &caller, id, &headers, OrderCommand::Receive { member: caller.id() }).await
}

/// `POST /orders/{id}/receipt-code`: the seller types what the buyer has told him, and is paid.
pub async fn receipt_code(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    headers: HeaderMap,
    Sent(TypedCode { code }): Sent<TypedCode>,
) -> Taken {
    let command = OrderCommand::EnterReceiptCode { member: caller.id(), code };
    take(&state, &caller, id, &headers, command).await
}

/// `POST /orders/{id}/meeting-code`: the buyer types what the seller has told him.
pub async fn meeting_code(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    headers: HeaderMap,
    Sent(TypedCode { code }): Sent<TypedCode>,
) -> Taken {
    let command = OrderCommand::EnterMeetingCode { member: caller.id(), code };
    take(&state, &caller, id, &headers, command).await
}

/// `POST /orders/{id}/cancel`: a side wants to cancel, or agrees.
pub async fn cancel(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    headers: HeaderMap,
    Sent(Nothing): Sent<Nothing>,
) -> Taken {
    take(&state, &caller, id, &headers, OrderCommand::Cancel { member: caller.id() }).await
}

/// `POST /orders/{id}/keep-on`: a side takes its wish to cancel back.
pub async fn keep_on(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    headers: HeaderMap,
    Sent(Nothing): Sent<Nothing>,
) -> Taken {
    take(&state, &caller, id, &headers, OrderCommand::KeepOn { member: caller.id() }).await
}

/// `POST /orders/{id}/dispute`: a side wants a person to decide.
pub async fn dispute(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    headers: HeaderMap,
    Sent(Statement { text }): Sent<Statement>,
) -> Taken {
    let command = OrderCommand::Dispute { member: caller.id(), text };
    take(&state, &caller, id, &headers, command).await
}

/// `POST /orders/{id}/evidence`: a side adds to a dispute.
pub async fn evidence(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    headers: HeaderMap,
    Sent(Statement { text }): Sent<Statement>,
) -> Taken {
    let command = OrderCommand::Evidence { member: caller.id(), text };
    take(&state, &caller, id, &headers, command).await
}

/// `POST /orders/{id}/decide`: an admin who is neither side divides what was paid.
pub async fn decide(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    headers: HeaderMap,
    Sent(Decided { refund, fault, reason }): Sent<Decided>,
) -> Taken {
    let command = OrderCommand::Decide { admin: caller.id(), refund, fault, reason };
    take(&state, &caller, id, &headers, command).await
}
