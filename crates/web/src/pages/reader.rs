//! Who reads a page: the member or stranger behind a request, the language, and the address to come back to. A page of a
//! member's own sends a stranger to the sign-in first.

use std::sync::Arc;

use askama::Template;
use auction::Time;
use axum::extract::FromRequestParts;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, SET_COOKIE, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;

use super::{Answer, Section, Shell, Told, Visitor, way};
use crate::caller::{self, SignedIn};
use crate::failure::{Code, Problem};
use crate::state::WebState;
use crate::words::Language;

/// Whoever reads a page.
pub struct Reader {
    /// In which language.
    pub language: Language,
    /// The address of this page, without `lang`; of a form, the page it stands on.
    pub address: String,
    /// The member, if one is signed in.
    pub signed_in: Option<SignedIn>,
    told: Option<Told>,
}

/// A member who reads a page of his own.
pub struct MemberReader {
    /// Who reads.
    pub reader: Reader,
    /// The member.
    pub member: SignedIn,
}

impl FromRequestParts<Arc<WebState>> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<WebState>) -> Result<Reader, Problem> {
        let caller::Visitor(signed_in) = caller::Visitor::from_request_parts(parts, state).await?;
        Ok(Reader { signed_in, ..Reader::stranger(parts) })
    }
}

impl FromRequestParts<Arc<WebState>> for MemberReader {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<WebState>) -> Result<MemberReader, Response> {
        let reader = Reader::from_request_parts(parts, state).await.map_err(Problem::into_response)?;
        match reader.signed_in.clone() {
            Some(member) => Ok(MemberReader { reader, member }),
            None => Err(way::to_sign_in(&reader.address)),
        }
    }
}

impl Reader {
    /// A reader of whom only the request's own words are known.
    pub fn stranger(parts: &Parts) -> Reader {
        Reader {
            language: caller::language(&parts.headers),
            address: way::page_of(&parts.method, &parts.uri),
            signed_in: None,
            told: Told::of(&parts.headers),
        }
    }

    /// What stands behind the question mark of the page's address.
    pub fn query(&self) -> &str {
        self.address.split_once('?').map_or("", |(_, query)| query)
    }

    /// The frame of a page, with the member's money, notices and neighbourhood.
    ///
    /// # Errors
    /// What the store says.
    pub async fn shell(&self, state: &WebState, section: Section) -> Result<Shell, Problem> {
        let mut shell = self.bare_shell(state, section);
        if let Some(member) = &self.signed_in {
            let (wallet, unread) =
                tokio::try_join!(state.records.wallet(member.id()), state.records.unread(member.id()))?;
            let is_admin = member.member.acts_as_admin();
            let failed = if is_admin { state.records.delivery_counts().await?.failed } else { 0 };
            shell.visitor = Some(Visitor {
                id: member.id().0,
                nickname: member.member.nickname.clone(),
                unread,
                available: wallet.wallet.available.won(),
                is_admin,
                failed,
            });
            let known = state.places.known(&*state.records).await?;
            if let Some(home) = member.member.region.and_then(|home| known.region(home)) {
                shell.place = Some(home.name.clone());
                shell.place_way = Some(way::path_escaped(&known.path_of(home)));
            }
        }
        Ok(shell)
    }

    /// The frame of a page without anything of the store's.
    pub fn bare_shell(&self, state: &WebState, section: Section) -> Shell {
        Shell {
            language: self.language,
            now: moment(state.now()),
            zone: state.settings.time_zone.clone(),
            origin: state.settings.public_url.to_string(),
            address: self.address.clone(),
            section,
            place: None,
            place_way: None,
            visitor: None,
            answer: self.told.map(|told| Answer { tone: told.tone(), text: told.text(self.language) }),
        }
    }

    /// A page as an answer. What a member sees is kept by nobody; what was told once is not told again.
    ///
    /// # Errors
    /// `internal` if the page cannot be written, which only a bug can do.
    pub fn answer(&self, status: u16, page: &impl Template) -> Result<Response, Problem> {
        let html = page.render().map_err(|failure| {
            tracing::error!(%failure, "a page was not written");
            Problem::new(Code::Internal)
        })?;
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        let mut response = (status, html).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(VARY, HeaderValue::from_static("Cookie, Accept-Language"));
        let kept = if self.signed_in.is_some() { "no-store" } else { "private, no-cache" };
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
        if self.told.is_some() {
            headers.append(SET_COOKIE, Told::forget());
        }
        Ok(response)
    }
}

impl MemberReader {
    /// The page as an answer; see [`Reader::answer`].
    ///
    /// # Errors
    /// As there.
    pub fn answer(&self, status: u16, page: &impl Template) -> Result<Response, Problem> {
        self.reader.answer(status, page)
    }
}

/// A moment of the round's clock as pages say it.
pub fn moment(time: Time) -> Timestamp {
    Timestamp::from_microsecond(time.0).unwrap_or(if time.0 < 0 { Timestamp::MIN } else { Timestamp::MAX })
}
