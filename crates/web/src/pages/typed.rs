//! Typed: the fields of a form, as a browser without scripts sends them. Bounded like every body; what is not asked for
//! is passed over.

use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;

use crate::api::fields::Fields;
use crate::api::sent::body_of;
use crate::failure::{Code, Problem};

/// The fields of a form.
pub struct Typed(Fields);

impl<S: Sync> FromRequest<S> for Typed {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Typed, Problem> {
        let kind =
            request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let is_form =
            kind.split(';').next().unwrap_or_default().trim() == "application/x-www-form-urlencoded";
        let body = body_of(request).await?;
        if !is_form && !body.is_empty() {
            return Err(Problem::new(Code::MediaType));
        }
        Ok(Typed::of(&String::from_utf8_lossy(&body)))
    }
}

impl Typed {
    /// The fields of an encoded form or query.
    pub fn of(encoded: &str) -> Typed {
        Typed(Fields::of_query(encoded))
    }

    /// What was typed into a field; nothing for a field that was not sent.
    pub fn text(&mut self, name: &str) -> String {
        self.0.text(name).unwrap_or_default()
    }

    /// The number of a choice, if one was made.
    pub fn number(&mut self, name: &str) -> Option<i64> {
        crate::api::fields::plain_integer(self.text(name).trim())
    }
}
