//! Forms that bring pictures as files, as browsers without scripts send them: each file is read, made into a picture and
//! forgotten before the next one is read, so a form never takes more memory than one upload.

mod between;

use std::time::Duration;

use auction::PICTURES_MAX;
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Multipart, Request};
use bytes::{Bytes, BytesMut};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::time::{timeout, timeout_at};

use self::between::Between;
use crate::api::pictures::digits;
use crate::caller::{Address, SignedIn};
use crate::darkroom::BYTES_MAX;
use crate::darkroom::pace::Pace;
use crate::failure::{Code, Problem};
use crate::pages::picture_fields::{PictureField, Rearranged};
use crate::pages::typed::Typed;
use crate::security::{BODY_BYTES_MAX, is_multipart};
use crate::state::WebState;

/// The field that brings files.
const FILES: &str = "photos";

/// How long the next bytes of a form may take.
const PIECE_WITHIN: Duration = Duration::from_secs(15);

/// How long a form may take in all.
const FORM_WITHIN: Duration = Duration::from_secs(300);

/// What a form has brought.
pub struct Brought {
    /// What was typed.
    pub typed: Typed,
    /// The pictures that its files became.
    pub uploaded: Vec<PictureField>,
    /// Why a file became none; those behind it were not tried.
    pub problem: Option<Problem>,
}

/// Reads a form, and makes pictures of the files that it brings.
///
/// # Errors
/// If it is no form, broke off, or says more than forms may.
pub async fn brought(web: &WebState, own: &SignedIn, request: Request) -> Result<Brought, Problem> {
    if !is_multipart(request.headers()) {
        let typed = Typed::from_request(request, &()).await?;
        return Ok(Brought { typed, uploaded: Vec::new(), problem: None });
    }
    let from = request.extensions().get::<Address>().copied();
    let between = Between::default();
    let request = request.map(|body| between.watch(body));
    let form = Multipart::from_request(request, &()).await.map_err(|_| broken())?;
    let mut form = Form { form, between: between.clone(), web, own, from };
    let brought = timeout(FORM_WITHIN, form.parts()).await.map_err(|_| broken())?;
    if between.is_over() { Err(too_large()) } else { brought }
}

/// A form that is being read.
struct Form<'a> {
    form: Multipart,
    between: Between,
    web: &'a WebState,
    own: &'a SignedIn,
    from: Option<Address>,
}

/// One part of it.
struct Part<'a> {
    field: Field<'a>,
    between: Between,
    pace: Pace,
}

impl Brought {
    /// Puts what was uploaded behind the pictures of the form, as far as there is room, and does what the pressed button asks
    /// for. Whether the form is to be shown again rather than sent.
    pub fn arrange(&mut self, pictures: &mut Vec<PictureField>) -> bool {
        pictures.append(&mut self.uploaded);
        pictures.truncate(PICTURES_MAX);
        let rearranged = Rearranged::read(&mut self.typed);
        if let Some(rearranged) = rearranged {
            rearranged.apply(pictures);
        }
        rearranged.is_some() || self.problem.is_some()
    }
}

impl Form<'_> {
    async fn parts(&mut self) -> Result<Brought, Problem> {
        let (mut typed, mut uploaded, mut problem) = (String::new(), Vec::new(), None);
        let (web, own, from) = (self.web, self.own, self.from);
        while let Some(part) = self.next().await? {
            let name = part.field.name().unwrap_or_default().to_owned();
            if name != FILES {
                let room = BODY_BYTES_MAX.checked_sub(typed.len() + name.len()).ok_or_else(too_large)?;
                let value = part.read(room).await?.ok_or_else(too_large)?;
                typed += &format!("{}={}&", encoded(name.as_bytes()), encoded(&value));
                continue;
            }
            // A field that nothing was chosen in comes without a name of a file.
            let is_wanted = part.field.file_name().is_some_and(|name| !name.is_empty());
            if !is_wanted || problem.is_some() || uploaded.len() == PICTURES_MAX {
                part.pass_over().await?;
                continue;
            }
            match picture(web, own, from, part).await? {
                Ok(field) => uploaded.push(field),
                Err(refused) => problem = Some(refused),
            }
        }
        Ok(Brought { typed: Typed::of(&typed), uploaded, problem })
    }

    async fn next(&mut self) -> Result<Option<Part<'_>>, Problem> {
        let next = timeout(PIECE_WITHIN, self.form.next_field()).await.map_err(|_| broken())?;
        let Some(field) = next.map_err(|_| broken())? else { return Ok(None) };
        Ok(Some(Part { field, between: self.between.clone(), pace: Pace::begin() }))
    }
}

impl Part<'_> {
    /// All of it; none if it is larger than that, and then it was read to its end all the same.
    async fn read(mut self, bytes_max: usize) -> Result<Option<Bytes>, Problem> {
        let (mut read, mut is_within) = (BytesMut::new(), true);
        while let Some(piece) = self.piece().await? {
            is_within &= read.len() + piece.len() <= bytes_max;
            if is_within {
                read.extend_from_slice(&piece);
            } else {
                read.clear();
            }
        }
        Ok(is_within.then(|| read.freeze()))
    }

    async fn pass_over(self) -> Result<(), Problem> {
        self.read(0).await.map(|_| ())
    }

    async fn piece(&mut self) -> Result<Option<Bytes>, Problem> {
        let in_pace = timeout_at(self.pace.deadline(), self.field.chunk());
        let piece = timeout(PIECE_WITHIN, in_pace).await.map_err(|_| broken())?;
        let piece = piece.map_err(|_| broken())?.map_err(|_| broken())?;
        if let Some(piece) = &piece {
            self.between.taken(piece.len());
            self.pace.come(piece.len());
        }
        Ok(piece)
    }
}

/// The picture of one file, or why it is none.
async fn picture(
    web: &WebState,
    own: &SignedIn,
    from: Option<Address>,
    part: Part<'_>,
) -> Result<Result<PictureField, Problem>, Problem> {
    let place = match web.darkroom.workers().enter(own.id(), from) {
        Ok(place) => place,
        Err(busy) => {
            part.pass_over().await?;
            return Ok(Err(busy));
        }
    };
    let Some(bytes) = part.read(BYTES_MAX).await? else {
        return Ok(Err(Problem::new(Code::TooLargeBytes)));
    };
    let made = web.darkroom.take(place, own.id(), web.now(), bytes).await;
    Ok(made.map(|row| PictureField::uploaded(digits(&row.address))))
}

fn encoded(text: &[u8]) -> String {
    utf8_percent_encode(&String::from_utf8_lossy(text), NON_ALPHANUMERIC).to_string()
}

fn too_large() -> Problem {
    Problem::new(Code::TooLarge)
}

fn broken() -> Problem {
    Problem::malformed("the form broke off or is none")
}
