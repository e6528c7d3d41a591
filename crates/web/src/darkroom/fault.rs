//! What is wrong with an upload, in the web's own words.

use pictures::Refused;

use crate::failure::{Code, Problem};

/// The problem of an upload that is not taken.
pub fn refused(refused: Refused) -> Problem {
    Problem::new(match refused {
        Refused::TooLargeBytes => Code::TooLargeBytes,
        Refused::NotAPicture => Code::NotAPicture,
        Refused::Damaged => Code::Damaged,
        Refused::Animated => Code::Animated,
        Refused::TooSmall => Code::TooSmall,
        Refused::TooManyPixels => Code::TooManyPixels,
        Refused::TooCostly => Code::TooCostly,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_called_here_as_it_is_there() {
        for one in Refused::ALL {
            assert_eq!(refused(one).code().name(), one.code());
        }
    }
}
