//! Members: signing up, and what one member sees of another.

use std::sync::Arc;

use auction::{MarkKind, Span};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use ledger::MemberId;
use serde::Serialize;
use store::records::{Member, NewMember, Profile, Reputation, Taken};
use utoipa::ToSchema;

use super::fields::Fields;
use super::moment;
use super::profile::FaceView;
use super::sent::{Asked, Id, Nothing, Sent, Wire};
use super::sessions::Recognised;
use crate::caller::{Address, Visitor};
use crate::contact::has_contact;
use crate::failure::{Code, FieldFault, Problem};
use crate::nickname::Nickname;
use crate::password;
use crate::state::WebState;

/// The lengths of a username.
const USERNAME_CHARS: std::ops::RangeInclusive<usize> = 3..=24;

/// What a new member brings.
#[derive(Debug, ToSchema)]
pub struct SignUp {
    /// For signing in: `[a-z0-9_]{3,24}`.
    #[schema(pattern = "^[a-z0-9_]{3,24}$")]
    pub username: String,
    /// 8 to 128 characters.
    #[schema(min_length = 8, max_length = 128, format = Password)]
    pub password: String,
    /// 2 to 20 characters, unlike everyone else's.
    #[schema(min_length = 2, max_length = 20)]
    pub nickname: String,
    /// Where he lives.
    pub region_id: Option<i64>,
}

impl Wire for SignUp {
    fn read(fields: &mut Fields) -> SignUp {
        SignUp {
            username: fields.required("username", Fields::text),
            password: fields.required("password", Fields::text),
            nickname: fields.required("nickname", Fields::text),
            region_id: fields.integer("region_id"),
        }
    }
}

/// A member as others see him.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberView {
    /// His number.
    pub id: i64,
    /// What he is called.
    pub nickname: String,
    /// Where he lives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region_id: Option<i64>,
    /// When he joined.
    pub created_at: String,
    /// What he says about himself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// His picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<FaceView>,
    /// Within how many minutes half of his answers of the last 90 days came; absent below three of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answers_within_minutes: Option<i64>,
    /// That he has left the market; absent if not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<bool>,
    /// That whoever asks blocks him from bidding; absent if not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked: Option<bool>,
    /// What his past says of him.
    pub reputation: ReputationView,
}

/// What a member's past says of him, over twelve months.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReputationView {
    /// (average of the stars − 1) × 25: 0 to 100; absent without a review.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<i64>,
    /// From how many members' reviews.
    pub reviews: i64,
    /// Sales that are done.
    pub sales: i64,
    /// What stands on his record.
    pub marks: MarksView,
}

/// How often something was written on a member's record; what never was is absent.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct MarksView {
    /// As a seller he did not hand over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seller_default: Option<i64>,
    /// As a buyer he let the sale fall through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buyer_default: Option<i64>,
    /// As a seller he cancelled with bids.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancelled_with_bids: Option<i64>,
    /// As a seller he took a lead back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub took_lead_back: Option<i64>,
}

impl From<Reputation> for ReputationView {
    fn from(reputation: Reputation) -> ReputationView {
        let mut marks = MarksView::default();
        for (kind, count) in reputation.marks {
            let place = match kind {
                MarkKind::SellerDefault => &mut marks.seller_default,
                MarkKind::BuyerDefault => &mut marks.buyer_default,
                MarkKind::CancelledWithBids => &mut marks.cancelled_with_bids,
                MarkKind::TookLeadBack => &mut marks.took_lead_back,
            };
            *place = Some(count).filter(|count| *count > 0);
        }
        let Reputation { score, reviews, sales, .. } = reputation;
        ReputationView { score, reviews, sales, marks }
    }
}

/// A member as he sees himself.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnView {
    /// His number.
    pub id: i64,
    /// For signing in.
    pub username: String,
    /// What he is called.
    pub nickname: String,
    /// Where he lives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region_id: Option<i64>,
    /// What he says about himself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// His picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<FaceView>,
    /// What he may not have meant: `contact`, if everyone can read what looks like a phone number, a bank account or an
    /// address in what he says about himself; absent if there is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warnings: Option<Vec<&'static str>>,
    /// That an admin suspended him; absent if not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspended: Option<bool>,
    /// That he is one of those who decide where the rules cannot; absent if not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin: Option<bool>,
    /// When he joined.
    pub created_at: String,
}

/// A member by number and name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MemberName {
    /// His number.
    pub id: i64,
    /// What he is called.
    pub nickname: String,
}

impl From<&Member> for MemberName {
    fn from(member: &Member) -> MemberName {
        MemberName { id: member.id.0, nickname: member.nickname.clone() }
    }
}

impl From<&Member> for OwnView {
    fn from(member: &Member) -> OwnView {
        OwnView {
            id: member.id.0,
            username: member.username.clone(),
            nickname: member.nickname.clone(),
            region_id: member.region,
            about: None,
            picture: None,
            warnings: None,
            suspended: member.suspended.then_some(true),
            admin: member.is_admin.then_some(true),
            created_at: moment::text(member.created_at),
        }
    }
}

/// A member as he sees himself, with how he presents himself.
pub fn own_view(member: &Member, profile: Profile) -> OwnView {
    let warns = profile.about.as_deref().is_some_and(has_contact);
    OwnView {
        about: profile.about,
        picture: profile.picture.map(FaceView::from),
        warnings: warns.then(|| vec!["contact"]),
        ..OwnView::from(member)
    }
}

/// `POST /members`: signs up.
pub async fn sign_up(
    State(state): State<Arc<WebState>>,
    address: Address,
    Sent(sign_up): Sent<SignUp>,
) -> Result<Response, Problem> {
    let member = join(&state, address, sign_up).await?.member;
    let location = format!("/api/v1/members/{}", member.id.0);
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(OwnView::from(&member))).into_response())
}

/// Makes a member, if every field is sound and both names are free; by the password he chose he is recognised.
///
/// # Errors
/// `invalid` with every wrong field, `username_taken`, `nickname_taken`, `rate_limited`, or what the store says.
pub async fn join(state: &WebState, address: Address, sign_up: SignUp) -> Result<Recognised, Problem> {
    let nickname = Nickname::new(&sign_up.nickname);
    let mut faults = Vec::new();
    let mut fault = |field: &str, code| faults.push(FieldFault { field: field.to_owned(), code });
    if let Some(code) = username_fault(&sign_up.username) {
        fault("username", code);
    }
    if let Some(code) = password::fault(&sign_up.password, &sign_up.username) {
        fault("password", code);
    }
    if let Err(code) = &nickname {
        fault("nickname", code);
    }
    if !is_region(state, sign_up.region_id).await? {
        fault("region_id", "invalid");
    }
    let Ok(nickname) = nickname else { return Err(Problem::invalid(faults)) };
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    state.limits.password_call(address, state.now())?;
    let known = state.passwords.hash(&sign_up.password).await?;
    let member = NewMember {
        username: sign_up.username,
        nickname: nickname.text,
        skeleton: nickname.skeleton,
        password_hash: known.clone(),
        region: sign_up.region_id,
        at: state.now(),
    };
    let member = state.records.create_member(member).await?.map_err(taken)?;
    Ok(Recognised { member, known })
}

/// What is wrong with a username, if anything.
pub fn username_fault(username: &str) -> Option<&'static str> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !username.bytes().all(is_plain) {
        return Some("invalid");
    }
    if username.len() < *USERNAME_CHARS.start() {
        return Some("too_short");
    }
    (username.len() > *USERNAME_CHARS.end()).then_some("too_long")
}

/// Whether there is such a region; no region is fine.
pub async fn is_region(state: &WebState, region: Option<i64>) -> Result<bool, Problem> {
    let Some(region) = region else { return Ok(true) };
    let known = state.places.known(&*state.records).await?;
    Ok(known.region(region).is_some())
}

/// Why a member was not made or changed.
pub fn taken(taken: Taken) -> Problem {
    Problem::new(match taken {
        Taken::Username => Code::UsernameTaken,
        Taken::Nickname => Code::NicknameTaken,
        Taken::Picture => Code::PictureNotFound,
        Taken::Left => Code::Unauthenticated,
    })
}

/// `GET /members/{id}`: a member as others see him.
pub async fn show(
    State(state): State<Arc<WebState>>,
    visitor: Visitor,
    Id(id): Id,
    Asked(Nothing): Asked<Nothing>,
) -> Result<Json<MemberView>, Problem> {
    let member = state.records.member(MemberId(id)).await?.ok_or(Problem::new(Code::NotFound))?;
    let blocked = match visitor.id() {
        Some(seller) if seller != member.id => state.records.is_blocked(seller, member.id).await?,
        _ => false,
    };
    let now = state.now();
    let reputation = state.records.reputation(member.id, now).await?;
    let profile = state.records.profile(member.id, now).await?.unwrap_or_default();
    Ok(Json(MemberView {
        id: member.id.0,
        nickname: member.nickname,
        region_id: member.region,
        about: profile.about,
        picture: profile.picture.map(FaceView::from),
        answers_within_minutes: profile.answers_within.map(minutes_up),
        left: profile.left_at.map(|_| true),
        created_at: moment::text(member.created_at),
        blocked: blocked.then_some(true),
        reputation: ReputationView::from(reputation),
    }))
}

/// Whole minutes of a span, rounded up, at least one.
pub fn minutes_up(span: Span) -> i64 {
    let minute = Span::minutes(1).0;
    (span.0.max(1) - 1) / minute + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_begun() {
        for (micros, minutes) in
            [(-5, 1), (0, 1), (1, 1), (60_000_000, 1), (60_000_001, 2), (3_600_000_000, 60)]
        {
            assert_eq!(minutes_up(Span(micros)), minutes, "{micros}");
        }
    }

    #[test]
    fn a_username_is_plain() {
        for (username, fault) in [
            ("mira", None),
            ("a_1", None),
            ("a1", Some("too_short")),
            ("", Some("too_short")),
            ("abcdefghijklmnopqrstuvwx", None),
            ("abcdefghijklmnopqrstuvwxy", Some("too_long")),
            ("Mira", Some("invalid")),
            ("mi ra", Some("invalid")),
            ("미라미라", Some("invalid")),
            ("mira\n", Some("invalid")),
        ] {
            assert_eq!(username_fault(username), fault, "{username:?}");
        }
    }
}
