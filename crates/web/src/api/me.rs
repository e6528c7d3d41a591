//! Me: a member's own account, his password, what he bids on and what he sells.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use store::records::{BiddingRow, Member, MemberChange, Page};
use utoipa::ToSchema;

use super::fields::Fields;
use super::listing::ListingView;
use super::members::{OwnView, is_region, own_view, taken};
use super::moment;
use super::pages::{List, judged, page};
use super::profile::{about, address_of};
use super::sent::{Asked, Nothing, Sent, Wire};
use super::sessions::recognise;
use crate::caller::{Address, SignedIn};
use crate::failure::{Code, FieldFault, Problem};
use crate::nickname::Nickname;
use crate::password;
use crate::state::WebState;

/// What a member changes about himself; what is absent stays.
#[derive(Debug, ToSchema)]
pub struct MeChange {
    /// The new nickname.
    #[schema(min_length = 2, max_length = 20)]
    pub nickname: Option<String>,
    /// The new region; `null` for none.
    #[schema(required = false)]
    pub region_id: Option<Option<i64>>,
    /// What he says about himself, up to 300 characters; `null` for nothing.
    #[schema(required = false, max_length = 300)]
    pub about: Option<Option<String>>,
    /// The address of a picture that he has uploaded; `null` for none.
    #[schema(required = false, pattern = "^[0-9a-f]{64}$")]
    pub picture: Option<Option<String>>,
}

impl Wire for MeChange {
    fn read(fields: &mut Fields) -> MeChange {
        MeChange {
            nickname: fields.text("nickname"),
            region_id: fields.integer_or_null("region_id"),
            about: fields.or_null("about", Fields::text),
            picture: fields.or_null("picture", Fields::text),
        }
    }
}

/// A new password, by who knows the old one.
#[derive(Debug, ToSchema)]
pub struct PasswordChange {
    /// The password until now.
    #[schema(format = Password)]
    pub current_password: String,
    /// The password from now on.
    #[schema(min_length = 8, max_length = 128, format = Password)]
    pub new_password: String,
}

impl Wire for PasswordChange {
    fn read(fields: &mut Fields) -> PasswordChange {
        PasswordChange {
            current_password: fields.required("current_password", Fields::text),
            new_password: fields.required("new_password", Fields::text),
        }
    }
}

/// Which page of a list.
pub struct WhichPage(pub Page);

impl Wire for WhichPage {
    fn read(fields: &mut Fields) -> WhichPage {
        WhichPage(page(fields))
    }
}

/// An auction that the member has bid on.
#[derive(Debug, Serialize, ToSchema)]
pub struct BiddingView {
    /// Its number.
    pub auction_id: i64,
    /// Its newest event.
    pub seq: i64,
    /// The title.
    pub title: String,
    /// Where it stands: `scheduled`, `open`, `ended`.
    pub status: &'static str,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<&'static str>,
    /// The price.
    pub price: i64,
    /// The least amount accepted next; null if nothing more can be bid.
    #[schema(required = true)]
    pub minimum: Option<i64>,
    /// How many bids.
    pub bid_count: i64,
    /// Until when.
    pub ends_at: String,
    /// Which bidder of the auction the member is.
    pub bidder: i64,
    /// The most he has bid.
    pub amount: i64,
    /// Whether he leads, or led when it ended.
    pub leading: bool,
    /// How much of his money is held for it.
    pub held: i64,
}

/// `GET /me`: the member himself.
pub async fn show(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Asked(Nothing): Asked<Nothing>,
) -> Result<Json<OwnView>, Problem> {
    presented(&state, &caller.member).await.map(Json)
}

/// A member as he sees himself, as he stands.
async fn presented(state: &WebState, member: &Member) -> Result<OwnView, Problem> {
    let profile = state.records.profile(member.id, state.now()).await?;
    Ok(own_view(member, profile.unwrap_or_default()))
}

/// `PATCH /me`: another nickname, region, picture or word about oneself.
pub async fn change(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Sent(change): Sent<MeChange>,
) -> Result<Json<OwnView>, Problem> {
    let member = change_member(&state, &caller, change).await?;
    presented(&state, &member).await.map(Json)
}

/// Changes how a member presents himself, if all of it is sound.
///
/// # Errors
/// `invalid` with every wrong field, `nickname_taken`, `picture_not_found`, or what the store says.
pub async fn change_member(state: &WebState, caller: &SignedIn, change: MeChange) -> Result<Member, Problem> {
    let mut faults = Vec::new();
    let nickname = change.nickname.as_deref().map(Nickname::new).transpose();
    let mut fault = |field: &str, code| faults.push(FieldFault { field: field.to_owned(), code });
    if let Err(code) = nickname {
        fault("nickname", code);
    }
    let about = change.about.map(|text| text.as_deref().map_or(Ok(None), about)).transpose();
    if let Err(code) = about {
        fault("about", code);
    }
    let picture = change.picture.map(|digits| match digits {
        Some(digits) => address_of(&digits).map(Some).ok_or("invalid"),
        None => Ok(None),
    });
    let picture = picture.transpose();
    if let Err(code) = picture {
        fault("picture", code);
    }
    if !is_region(state, change.region_id.flatten()).await? {
        faults.push(FieldFault { field: "region_id".to_owned(), code: "invalid" });
    }
    let (Ok(nickname), Ok(about), Ok(picture)) = (nickname, about, picture) else {
        return Err(Problem::invalid(faults));
    };
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    let nickname = nickname.map(|nickname| (nickname.text, nickname.skeleton));
    let change = MemberChange { nickname, region: change.region_id, about, picture };
    if change == MemberChange::default() {
        return Ok(caller.member.clone());
    }
    state.records.change_member(caller.id(), change).await?.map_err(taken)
}

/// `POST /me/password`: a new password; every other session ends.
pub async fn change_password(
    State(state): State<Arc<WebState>>,
    address: Address,
    caller: SignedIn,
    Sent(change): Sent<PasswordChange>,
) -> Result<StatusCode, Problem> {
    set_password(&state, &caller, address, &change.current_password, &change.new_password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sets a new password for who knows the current one; every other session ends, and their sockets fall silent.
///
/// # Errors
/// `invalid` for a new one that is no good, else as [`recognise`], also if the password is another by the time it would be
/// replaced, or what the store says.
pub async fn set_password(
    state: &WebState,
    caller: &SignedIn,
    address: Address,
    current: &str,
    new: &str,
) -> Result<(), Problem> {
    let username = &caller.member.username;
    if let Some(code) = password::fault(new, username) {
        return Err(Problem::invalid_field("new_password", code));
    }
    let known = Some(recognise(state, address, username, current).await?.known);
    let hash = state.passwords.hash(new).await?;
    let change = password::Change { member: caller.id(), hash, known, keep: Some(caller.session.token) };
    let is_changed = change.make(&*state.records, Some(&state.hub)).await?;
    is_changed.then_some(()).ok_or(Problem::new(Code::CredentialsWrong))
}

/// `GET /me/bids`: the auctions the member has bid on, newest first.
pub async fn bids(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Asked(WhichPage(page)): Asked<WhichPage>,
) -> Result<Json<List<BiddingView>>, Problem> {
    let rows = judged(state.records.bidding(caller.id(), page.clone()).await, &page)?;
    Ok(Json(List::of(rows, bidding_view)))
}

/// `GET /me/auctions`: the member's own auctions, newest first.
pub async fn auctions(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Asked(WhichPage(page)): Asked<WhichPage>,
) -> Result<Json<List<ListingView>>, Problem> {
    let rows = judged(state.records.selling(caller.id(), page.clone()).await, &page)?;
    Ok(Json(List::of(rows, ListingView::from)))
}

fn bidding_view(row: BiddingRow) -> BiddingView {
    let BiddingRow { auction, title, part, .. } = row;
    BiddingView {
        auction_id: auction.id.0,
        seq: auction.seq.0,
        title,
        status: auction.status.name(),
        outcome: auction.outcome.map(auction::Outcome::name),
        price: auction.price.won(),
        minimum: auction.minimum().map(ledger::Money::won),
        bid_count: auction.bid_count,
        ends_at: moment::text(auction.ends_at),
        bidder: part.number,
        amount: part.commitment.won(),
        leading: auction.is_led_by(part.member),
        held: part.hold.won(),
    }
}
