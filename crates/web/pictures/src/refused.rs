//! Why an upload is not taken, each with its stable code; what is wrong first is said first.

/// Why an upload is not taken. The order is the order in which it is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Refused {
    /// More than [`BYTES_MAX`](crate::BYTES_MAX).
    #[error("the file is larger than {} bytes", crate::BYTES_MAX)]
    TooLargeBytes,
    /// Neither JPEG nor PNG nor WebP by its content, whatever its name says.
    #[error("this is not a JPEG, PNG or WebP picture")]
    NotAPicture,
    /// Something is missing or contradicts itself: cut off, or not what it says it is.
    #[error("the picture is damaged or cut off")]
    Damaged,
    /// It moves; only still pictures are taken.
    #[error("the picture is animated")]
    Animated,
    /// An edge is shorter than [`EDGE_MIN`](crate::EDGE_MIN).
    #[error("an edge of the picture is shorter than {} pixels", crate::EDGE_MIN)]
    TooSmall,
    /// More than [`PIXELS_MAX`](crate::PIXELS_MAX) or an edge longer than [`EDGE_MAX`](crate::EDGE_MAX).
    #[error(
        "the picture has more than {} pixels or an edge longer than {}",
        crate::PIXELS_MAX,
        crate::EDGE_MAX
    )]
    TooManyPixels,
    /// Decoding would need more than [`DECODING_BYTES_MAX`](crate::DECODING_BYTES_MAX): a very large picture in a costly
    /// format, such as a progressive JPEG, 16 bits a colour or a lossless WebP.
    #[error("the picture would take too much memory to decode; save it as a plain JPEG")]
    TooCostly,
}

impl Refused {
    /// All of them, in their order.
    pub const ALL: [Self; 7] = [
        Self::TooLargeBytes,
        Self::NotAPicture,
        Self::Damaged,
        Self::Animated,
        Self::TooSmall,
        Self::TooManyPixels,
        Self::TooCostly,
    ];

    /// The stable code that clients may rely on.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLargeBytes => "too_large_bytes",
            Self::NotAPicture => "not_a_picture",
            Self::Damaged => "damaged",
            Self::Animated => "animated",
            Self::TooSmall => "too_small",
            Self::TooManyPixels => "too_many_pixels",
            Self::TooCostly => "too_costly",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Refused;

    #[test]
    fn codes_are_those_that_clients_know() {
        let known = "too_large_bytes not_a_picture damaged animated too_small too_many_pixels too_costly";
        assert_eq!(Refused::ALL.map(Refused::code).join(" "), known);
    }
}
