//! The calls of pictures, as a part of the table.

use super::{Call, post};
use crate::failure::Code;

use Code::{
    Animated, Damaged, NotAPicture, TooCostly, TooLargeBytes, TooManyPixels, TooManyUploads, TooSmall,
    UploadNotFound, UploadsOff,
};

/// Stands where a call names what it is sent: the bytes of a file, or as JSON what was sent elsewhere.
pub(in crate::api::openapi) const PICTURE_FILE: &str = "PictureFile";

pub(in crate::api::openapi) const PICTURES: &[Call] = &[
    post(

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
    UploadNotFound,
    UploadsOff,
]),
    post("/pictures/uploads", "Prepares an upload straight into the storage, bound to these bytes for a quarter of an hour")
        .members()
        .sends("NewUpload")
        .one(201, "PreparedView")
        .refuses(&[TooLargeBytes, UploadsOff]),
];
