//! The calls of pictures, as a part of the table.

use super::{Call, post};
use crate::failure::Code;

use Code::{
    Animated, Damaged, NotAPicture, TooCostly, TooLargeBytes, TooManyPixels, TooManyUploads, TooSmall,
};

/// Stands where a call names what it is sent: the bytes of a file and no JSON.
pub(in crate::api::openapi) const PICTURE_FILE: &str = "PictureFile";

pub(in crate::api::openapi) const PICTURES: &[Call] = &[post(
    "/pictures",
    "Uploads one JPEG, PNG or WebP that stands still, up to 12 MiB and 50 megapixels; unused it is kept for a day",
)
.members()
.sends(PICTURE_FILE)
.one(201, "UploadedView")
.refuses(&[
    TooLargeBytes,
    NotAPicture,
    Damaged,
    Animated,
    TooSmall,
    TooManyPixels,
    TooCostly,
    TooManyUploads,
])];
