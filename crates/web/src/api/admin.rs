//! Admins: what people decide where the rules cannot. Every act is kept with its reason, and those concerned may read it.

use std::sync::Arc;

use auction::{AuctionId, Command, FieldCode, Hand, Lines, REASON_CHARS_MAX, text_fault};
use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use engine::Call;
use ledger::{MemberId, WithdrawalId};
use store::records::Member;
use store::{Act, ActKind, WithdrawalState};
use utoipa::ToSchema;

use super::auctions::{after, as_stood};
use super::engine_door::{answered_wrongly, deposited, key_of, order, order_withdrawal};
use super::fields::Fields;
use super::me::WhichPage;
use super::moment;
use super::orders::OrderRowView;
use super::pages::{List, judged};
use super::seller::{ChangedView, reason};
use super::sent::{Asked, Id, Sent, Wire};
use super::wallet::DepositView;
use super::withdrawals::{WithdrawalTakenView, WithdrawalView};
use crate::caller::SignedIn;
use crate::failure::{Code, FieldFault, Problem};
use crate::state::WebState;

/// The most characters of why a withdrawal was given back.
const SETTLED_CHARS_MAX: usize = 200;

/// A member who is an admin.
pub struct Admin(pub SignedIn);

impl FromRequestParts<Arc<WebState>> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<WebState>) -> Result<Admin, Problem> {
        let caller = SignedIn::from_request_parts(parts, state).await?;
        if caller.member.acts_as_admin() { Ok(Admin(caller)) } else { Err(Problem::new(Code::NotAdmin)) }
    }
}

/// Why an admin acts.
#[derive(Debug, ToSchema)]
pub struct AdminReason {
    /// For those concerned, 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

impl Wire for AdminReason {
    fn read(fields: &mut Fields) -> AdminReason {
        let read = |fields: &mut Fields, name: &str| {
            let reason = fields.text(name)?.trim().to_owned();
            if let Some(code) = text_fault(&reason, 1, REASON_CHARS_MAX, Lines::Any) {
                fields.fault(name, FieldCode::name(code));
            }
            Some(reason)
        };
        AdminReason { reason: fields.required("reason", read) }
    }
}

/// What became of a withdrawal.
#[derive(Debug, ToSchema)]
pub struct Settlement {
    /// Whether the money is out; else the member has it back.
    pub done: bool,
    /// Why not, for the member, up to 200 characters; needed if it is not done.
    #[schema(max_length = 200)]
    pub reason: Option<String>,
}

impl Wire for Settlement {
    fn read(fields: &mut Fields) -> Settlement {
        let done = fields.required("done", Fields::flag);
        let reason = fields.text("reason").map(|reason| reason.trim().to_owned());
        let fault = reason.as_deref().and_then(|reason| text_fault(reason, 0, SETTLED_CHARS_MAX, Lines::Any));
        if let Some(code) = fault {
            fields.fault("reason", FieldCode::name(code));
        }
        Settlement { done, reason }
    }
}

/// Money that came in from outside.
#[derive(Debug, ToSchema)]
pub struct EnteredDeposit {
    /// Whose wallet.
    pub member_id: i64,
    /// How much.
    pub amount: i64,
    /// What it is known by outside, such as the bank's own number for it, up to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub reference: String,
}

impl Wire for EnteredDeposit {
    fn read(fields: &mut Fields) -> EnteredDeposit {
        EnteredDeposit {
            member_id: fields.required("member_id", Fields::integer),
            amount: fields.required("amount", Fields::integer),
            reference: fields.required("reference", Fields::text).trim().to_owned(),
        }
    }
}

/// Whose bids are taken back, and why.
#[derive(Debug, ToSchema)]
pub struct TakingBack {
    /// Whose.
    pub member_id: i64,
    /// Shown to everyone, up to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// A taking back as it was read.
pub struct TakenBack {
    member: MemberId,
    reason: Option<String>,
}

impl Wire for TakenBack {
    fn read(fields: &mut Fields) -> TakenBack {
        let member = MemberId(fields.required("member_id", Fields::integer));
        TakenBack { member, reason: reason(fields) }
    }
}

/// `GET /admin/disputes`: the disputes that wait for an admin, oldest first.
pub async fn disputes(
    State(state): State<Arc<WebState>>,
    _admin: Admin,
    Asked(WhichPage(page)): Asked<WhichPage>,
) -> Result<Json<List<OrderRowView>>, Problem> {
    let rows = judged(state.records.disputes(page.clone()).await, &page)?;
    Ok(Json(List::of(rows, OrderRowView::from)))
}

/// `GET /admin/withdrawals`: the withdrawals that wait for an admin, oldest first.
pub async fn withdrawals(
    State(state): State<Arc<WebState>>,
    _admin: Admin,
    Asked(WhichPage(page)): Asked<WhichPage>,
) -> Result<Json<List<WithdrawalView>>, Problem> {
    let rows = judged(state.records.withdrawals_waiting(page.clone()).await, &page)?;
    Ok(Json(List::of(rows, |row| WithdrawalView {
        member_id: Some(row.member.0),
        ..WithdrawalView::from(row)
    })))
}

/// `POST /admin/withdrawals/{id}`: it is paid out, or the member has it back.
pub async fn settle(
    State(state): State<Arc<WebState>>,
    Admin(caller): Admin,
    Id(id): Id,
    headers: HeaderMap,
    Sent(settlement): Sent<Settlement>,
) -> Result<Json<WithdrawalTakenView>, Problem> {
    let key = key_of(&headers, caller.id())?;
    let is_done = settlement.done;
    let reason = settlement.reason.unwrap_or_default();
    let withdrawal = WithdrawalId(id);
    let call = Call::SettleWithdrawal { admin: caller.id(), withdrawal, is_done, reason: reason.clone() };
    let kept = order_withdrawal(&state, call, key).await?;
    let became = if is_done { WithdrawalState::Done } else { WithdrawalState::Reversed };
    let withdrawal = WithdrawalView {
        id: kept.id.0,
        member_id: None,
        amount: kept.amount.won(),
        destination: None,
        state: became.name(),
        at: moment::text(kept.at),
        decided_at: None,
        reason: Some(reason).filter(|reason| !reason.is_empty()),
    };
    Ok(Json(WithdrawalTakenView { withdrawal }))
}

/// `POST /admin/deposits`: money came in from outside.
pub async fn deposit(
    State(state): State<Arc<WebState>>,
    Admin(caller): Admin,
    headers: HeaderMap,
    Sent(entered): Sent<EnteredDeposit>,
) -> Result<(StatusCode, Json<DepositView>), Problem> {
    let key = key_of(&headers, caller.id())?;
    let member = MemberId(entered.member_id);
    if state.records.member(member).await?.is_none() {
        return Err(Problem::invalid_field("member_id", "invalid"));
    }
    let EnteredDeposit { amount, reference, .. } = entered;
    let call = Call::EnterDeposit { admin: caller.id(), member, amount, reference };
    let kept = deposited(&state, call, key).await?;
    Ok((StatusCode::CREATED, Json(DepositView::from((kept, member)))))
}

/// `POST /admin/auctions/{id}/take-back`: a member's bids in one auction are taken back.
pub async fn take_back(
    State(state): State<Arc<WebState>>,
    Admin(caller): Admin,
    Id(id): Id,
    headers: HeaderMap,
    Sent(TakenBack { member, reason }): Sent<TakenBack>,
) -> Result<Json<ChangedView>, Problem> {
    let key = key_of(&headers, caller.id())?;
    if reason.is_none() {
        return Err(Problem::new(Code::ReasonMissing));
    }
    let command = Command::TakeBack { member, by: Hand::Admin(caller.id()), reason };
    let call = Call::Auction { auction: AuctionId(id), command };
    let auction = match order(&state, call, key).await? {
        engine::Accepted::Auction { event, .. } => after(&event, false, None),
        engine::Accepted::Quiet(event) => as_stood(&event, None),
        _ => return Err(answered_wrongly()),
    };
    Ok(Json(ChangedView { auction }))
}

/// `POST /admin/members/{id}/suspend`: the member may do nothing any more, and his bids are taken back.
pub async fn suspend(
    State(state): State<Arc<WebState>>,
    Admin(caller): Admin,
    Id(id): Id,
    Sent(AdminReason { reason }): Sent<AdminReason>,
) -> Result<StatusCode, Problem> {
    let member = another(&state, &caller, id).await?;
    state.records.suspend(member.id, act(&state, &caller, &member, ActKind::Suspended, reason)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /admin/members/{id}/restore`: he may again; what was taken back stays so.
pub async fn restore(
    State(state): State<Arc<WebState>>,
    Admin(caller): Admin,
    Id(id): Id,
    Sent(AdminReason { reason }): Sent<AdminReason>,
) -> Result<StatusCode, Problem> {
    let member = another(&state, &caller, id).await?;
    state.records.restore(member.id, act(&state, &caller, &member, ActKind::Restored, reason)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /admin/members/{id}/lift-marks`: what stands on his record keeps him from listing no longer.
pub async fn lift_marks(
    State(state): State<Arc<WebState>>,
    Admin(caller): Admin,
    Id(id): Id,
    Sent(AdminReason { reason }): Sent<AdminReason>,
) -> Result<StatusCode, Problem> {
    let member = another(&state, &caller, id).await?;
    state.records.lift_marks(member.id, act(&state, &caller, &member, ActKind::MarksLifted, reason)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A member who exists and is not the admin himself.
///
/// # Errors
/// `not_found`, `invalid`, or what the store says.
pub async fn another(state: &WebState, caller: &SignedIn, id: i64) -> Result<Member, Problem> {
    let member = state.records.member(MemberId(id)).await?.ok_or(Problem::new(Code::NotFound))?;
    if member.id == caller.id() {
        let fault = FieldFault { field: "id".to_owned(), code: "invalid" };
        return Err(Problem::invalid(vec![fault]));
    }
    Ok(member)
}

/// An admin's act upon a member.
pub fn act(state: &WebState, caller: &SignedIn, member: &Member, kind: ActKind, reason: String) -> Act {
    Act {
        admin: Some(caller.id()),
        kind,
        member: Some(member.id),
        auction: None,
        order: None,
        withdrawal: None,
        reason,
        at: state.now(),
    }
}
