//! How a member is reached outside the house: what he wants of each group of notices, when he wants nothing, his address and
//! his browsers.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use post::Letter;
use serde::Serialize;
use store::records::{Left, NoticeGroup, QuietHours, Reach, ReachChange, SubscribeRefused, Wish, Wishes};
use utoipa::ToSchema;

use super::fields::Fields;
use super::sent::{Sent, Wire};
use crate::caller::{self, SignedIn};
use crate::delivery::{reaching, vapid_key};
use crate::failure::{Code, Problem};
use crate::state::WebState;

/// How a member wants to be reached, and how he can be.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreferencesView {
    /// What he wants of each group: `usual` (push where he has a browser, else e-mail), `in_house`, `push`, `email`, `both`.
    pub groups: GroupsView,
    /// From when on nothing is sent, `HH:MM` in Korea.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet_from: Option<String>,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet_until: Option<String>,
    /// The address that he has confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The address that waits to be confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unconfirmed_email: Option<String>,
    /// With how many browsers he has subscribed.
    pub browsers: i64,
    /// Whether the house sends e-mail.
    pub sends_email: bool,
    /// The `applicationServerKey` for subscribing a browser.
    pub push_key: String,
}

/// What a member wants of each group.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupsView {
    /// His own bids: outbid, taken back, started afresh.
    pub bidding: &'static str,
    /// Bids on what he sells.
    pub selling: &'static str,
    /// Auctions that end soon or have changed.
    pub ending: &'static str,
    /// How auctions ended.
    pub results: &'static str,
    /// Orders.
    pub orders: &'static str,
    /// Questions and answers.
    pub questions: &'static str,
    /// Money.
    pub money: &'static str,
    /// What is new for saved searches.
    pub searches: &'static str,
}

impl From<Wishes> for GroupsView {
    fn from(wishes: Wishes) -> GroupsView {
        let wish = |group| wishes.of(group).name();
        GroupsView {
            bidding: wish(NoticeGroup::Bidding),
            selling: wish(NoticeGroup::Selling),
            ending: wish(NoticeGroup::Ending),
            results: wish(NoticeGroup::Results),
            orders: wish(NoticeGroup::Orders),
            questions: wish(NoticeGroup::Questions),
            money: wish(NoticeGroup::Money),
            searches: wish(NoticeGroup::Searches),
        }
    }
}

/// What changes; what is absent stays.
#[derive(Debug, Default, ToSchema)]
pub struct PreferencesChange {
    /// His own bids: outbid, taken back, started afresh.
    pub bidding: Option<String>,
    /// Bids on what he sells.
    pub selling: Option<String>,
    /// Auctions that end soon or have changed.
    pub ending: Option<String>,
    /// How auctions ended.
    pub results: Option<String>,
    /// Orders.
    pub orders: Option<String>,
    /// Questions and answers.
    pub questions: Option<String>,
    /// Money.
    pub money: Option<String>,
    /// What is new for saved searches.
    pub searches: Option<String>,
    /// From when on nothing is sent, `HH:MM` in Korea; `null` with `quiet_until` for never.
    pub quiet_from: Option<String>,
    /// Until when; both or neither.
    pub quiet_until: Option<String>,
    #[schema(ignore)]
    wishes: Vec<(NoticeGroup, Wish)>,
    #[schema(ignore)]
    quiet: Option<Option<QuietHours>>,
}

impl Wire for PreferencesChange {
    fn read(fields: &mut Fields) -> PreferencesChange {
        let mut change = PreferencesChange::default();
        for group in NoticeGroup::ALL {
            let wish = fields.word(group.name(), Wish::named);
            change.wishes.extend(wish.map(|wish| (group, wish)));
        }
        let time = |fields: &mut Fields, name: &str| fields.word(name, minute_of);
        let from = fields.or_null("quiet_from", time);
        let until = fields.or_null("quiet_until", time);
        change.quiet = match (from, until) {
            (None, None) => None,
            (Some(None), Some(None)) => Some(None),
            (Some(Some(from)), Some(Some(until))) => match QuietHours::new(from, until) {
                Some(quiet) => Some(Some(quiet)),
                None => {
                    fields.fault("quiet_until", "invalid");
                    None
                }
            },
            (None, _) => {
                fields.fault("quiet_from", "required");
                None
            }
            _ => {
                fields.fault("quiet_until", "required");
                None
            }
        };
        change
    }
}

/// The minute of the day that `HH:MM` says.
pub fn minute_of(text: &str) -> Option<i64> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str| {
        (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse::<i64>().ok())?
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

/// A minute of the day as `HH:MM`.
pub fn clock_of(minute: i64) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// An address that is to be confirmed.
#[derive(Debug, ToSchema)]
pub struct NewAddress {
    /// One mailbox.
    #[schema(max_length = 254)]
    pub email: String,
}

impl Wire for NewAddress {
    fn read(fields: &mut Fields) -> NewAddress {
        let address = |text: &str| Letter::is_address(text.trim()).then(|| text.trim().to_owned());
        NewAddress { email: fields.required("email", |fields, name| fields.word(name, address)) }
    }
}

/// What was sent to an address.
#[derive(Debug, ToSchema)]
pub struct Token {
    /// The end of the link.
    pub token: String,
}

impl Wire for Token {
    fn read(fields: &mut Fields) -> Token {
        Token { token: fields.required("token", Fields::text) }
    }
}

/// A browser's subscription, as its `toJSON` says it.
#[derive(Debug, ToSchema)]
pub struct NewBrowser {
    /// Where its push service takes messages: `https`, in the public network.
    #[schema(max_length = 1000)]
    pub endpoint: String,
    /// Its keys.
    pub keys: BrowserKeysSent,
    /// What some browsers say; nobody reads it.
    #[schema(rename = "expirationTime")]
    pub expiration_time: Option<i64>,
}

/// A browser's keys.
#[derive(Debug, Default, ToSchema)]
pub struct BrowserKeysSent {
    /// Its public key, base64url.
    pub p256dh: String,
    /// Its secret, base64url.
    pub auth: String,
}

impl Wire for NewBrowser {
    fn read(fields: &mut Fields) -> NewBrowser {
        let keys = |fields: &mut Fields| BrowserKeysSent {
            p256dh: fields.required("p256dh", Fields::text),
            auth: fields.required("auth", Fields::text),
        };
        NewBrowser {
            endpoint: fields.required("endpoint", Fields::text),
            keys: fields.required("keys", |fields, name| fields.object(name, keys)),
            expiration_time: fields.integer_or_null("expirationTime").flatten(),
        }
    }
}

/// A browser that is no longer subscribed.
#[derive(Debug, ToSchema)]
pub struct BrowserGone {
    /// Its endpoint.
    pub endpoint: String,
}

impl Wire for BrowserGone {
    fn read(fields: &mut Fields) -> BrowserGone {
        BrowserGone { endpoint: fields.required("endpoint", Fields::text) }
    }
}

/// `GET /me/notice-preferences`
pub async fn show(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
) -> Result<Json<PreferencesView>, Problem> {
    view(&state, &caller).await.map(Json)
}

async fn view(state: &WebState, caller: &SignedIn) -> Result<PreferencesView, Problem> {
    let Reach { wishes, quiet, email, unconfirmed, browsers, .. } = state.records.reach(caller.id()).await?;
    Ok(PreferencesView {
        groups: wishes.into(),
        quiet_from: quiet.map(|quiet| clock_of(quiet.from())),
        quiet_until: quiet.map(|quiet| clock_of(quiet.until())),
        email,
        unconfirmed_email: unconfirmed,
        browsers,
        sends_email: state.delivering.mailer.is_some(),
        push_key: vapid_key(state).await?.public().to_owned(),
    })
}

/// `PATCH /me/notice-preferences`: what is said is kept, and the language it was said in.
pub async fn change(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    headers: HeaderMap,
    Sent(change): Sent<PreferencesChange>,
) -> Result<Json<PreferencesView>, Problem> {
    let wishes = match change.wishes.is_empty() {
        true => None,
        false => {
            let known = state.records.reach(caller.id()).await?.wishes;
            Some(change.wishes.into_iter().fold(known, |wishes, (group, wish)| wishes.with(group, wish)))
        }
    };
    let language = Some(caller::language(&headers).code().to_owned());
    let change = ReachChange { wishes, quiet: change.quiet, language };
    state.records.change_reach(caller.id(), change).await??;
    view(&state, &caller).await.map(Json)
}

/// `POST /me/email`: sends a link there.
pub async fn ask_confirmation(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    headers: HeaderMap,
    Sent(new): Sent<NewAddress>,
) -> Result<StatusCode, Problem> {
    let language = caller::language(&headers);
    reaching::ask_confirmation(&state, caller.id(), &new.email, language).await?;
    let change = ReachChange { language: Some(language.code().to_owned()), ..ReachChange::default() };
    state.records.change_reach(caller.id(), change).await??;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /me/email/confirm`: whoever has the link may; he has read the letter.
pub async fn confirm(
    State(state): State<Arc<WebState>>,
    Sent(Token { token }): Sent<Token>,
) -> Result<StatusCode, Problem> {
    reaching::confirm(&state, &token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /me/email`
pub async fn remove_address(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
) -> Result<StatusCode, Problem> {
    state.records.remove_address(caller.id()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /me/push-subscriptions`
pub async fn subscribe(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    headers: HeaderMap,
    Sent(new): Sent<NewBrowser>,
) -> Result<StatusCode, Problem> {
    let subscription = reaching::subscription(&state, &new.endpoint, &new.keys.p256dh, &new.keys.auth)
        .map_err(|field| Problem::invalid_field(field, "invalid"))?;
    let kept = state.records.subscribe(caller.id(), subscription, state.now()).await?;
    kept.map_err(|refused| match refused {
        SubscribeRefused::TooMany => Problem::new(Code::TooManyBrowsers),
        SubscribeRefused::Left => Problem::from(Left),
    })?;
    let language = Some(caller::language(&headers).code().to_owned());
    let change = ReachChange { language, ..ReachChange::default() };
    state.records.change_reach(caller.id(), change).await??;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /me/push-subscriptions`: one that there is none of is none all the same.
pub async fn unsubscribe(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Sent(BrowserGone { endpoint }): Sent<BrowserGone>,
) -> Result<StatusCode, Problem> {
    state.records.end_subscription(reaching::address_of(&endpoint), Some(caller.id())).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_two_and_two_digits() {
        for (text, minute) in [
            ("00:00", Some(0)),
            ("08:30", Some(510)),
            ("23:59", Some(1_439)),
            ("24:00", None),
            ("12:60", None),
            ("8:30", None),
            ("+8:30", None),
            ("08:3", None),
            ("0830", None),
            ("", None),
        ] {
            assert_eq!(minute_of(text), minute, "{text}");
            assert!(minute.is_none_or(|minute| clock_of(minute) == text));
        }
    }
}
