//! How a member becomes reachable: an address that he confirms by a link sent there, and a browser that he subscribes with.

use data_encoding::BASE64URL_NOPAD;
use ledger::MemberId;
use post::{BrowserKeys, Letter};
use sha2::{Digest, Sha256};
use store::records::{NewAddress, Subscription};

use super::letter;
use crate::failure::{Code, Problem};
use crate::state::WebState;
use crate::words::Language;

/// Sends a link to an address. It goes out at once and not with the deliveries, so that whoever asks hears when it cannot.
///
/// # Errors
/// `email_off` without a mail server, `invalid` for what is no address, `too_many_confirmations`, `unavailable` if it could
/// not be sent, or what the store says.
pub async fn ask_confirmation(
    state: &WebState,
    member: MemberId,
    address: &str,
    language: Language,
) -> Result<(), Problem> {
    let mailer = state.delivering.mailer.as_ref().ok_or(Problem::new(Code::EmailOff))?;
    let address = address.trim();
    if !Letter::is_address(address) {
        return Err(Problem::invalid_field("email", "invalid"));
    }
    state.limits.confirmation(address, state.now())?;
    let token: [u8; 32] = state.chance_bytes();
    let hash = Sha256::digest(token);
    let new = NewAddress { member, email: address.to_owned(), token: hash.into(), at: state.now() };
    if !state.records.ask_confirmation(new).await?? {
        return Err(Problem::new(Code::TooManyConfirmations));
    }
    let href =
        format!("{}/me/notices/confirm?token={}", state.settings.public_url, BASE64URL_NOPAD.encode(&token));
    let name = format!("confirm-{}", data_encoding::HEXLOWER.encode(&hash[..8]));
    let letter = letter::confirmation(language, address, &href, name);
    mailer.send(&letter).await.map_err(|fault| {
        tracing::warn!(%fault, "a confirmation was not sent");
        Problem::new(Code::Unavailable)
    })
}

/// Confirms the address to which that token was sent.
///
/// # Errors
/// `confirmation_not_found` if it is unknown, used or too old, or what the store says.
pub async fn confirm(state: &WebState, token: &str) -> Result<(), Problem> {
    let unknown = Problem::new(Code::ConfirmationNotFound);
    let Ok(token) = BASE64URL_NOPAD.decode(token.as_bytes()) else { return Err(unknown) };
    let confirmed = state.records.confirm_address(Sha256::digest(token).into(), state.now()).await?;
    confirmed.map(|_| ()).ok_or(unknown)
}

/// A subscription as browsers describe it: where its service takes messages, and its two keys in base64url.
///
/// # Errors
/// The name of the field that cannot stay as it is.
pub fn subscription(
    state: &WebState,
    endpoint: &str,
    key: &str,
    secret: &str,
) -> Result<Subscription, &'static str> {
    post::check_endpoint(endpoint, state.settings.pushes_anywhere).map_err(|_| "endpoint")?;
    let decode = |text: &str| BASE64URL_NOPAD.decode(text.trim_end_matches('=').as_bytes()).ok();
    let key = decode(key).ok_or("keys.p256dh")?;
    let secret = decode(secret).filter(|secret| secret.len() == 16).ok_or("keys.auth")?;
    BrowserKeys::new(&key, &secret).ok_or("keys.p256dh")?;
    Ok(Subscription { address: address_of(endpoint), endpoint: endpoint.to_owned(), key, secret })
}

/// By what a browser's subscription is known.
pub fn address_of(endpoint: &str) -> [u8; 32] {
    Sha256::digest(endpoint).into()
}
