//! The pictures of a form: which, in which order, and the words for each. The same fields whether a script fills them or the
//! form is sent back and forth without one.

use auction::{PICTURES_MAX, Picture};
use pictures::Address;

use super::typed::Typed;
use super::{Field, Photo};

/// One picture of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PictureField {
    /// Its address as it was sent.
    pub address: String,
    /// The words for it.
    pub alt: Field,
    /// The picture, if there is such a one.
    pub photo: Option<Photo>,
}

impl PictureField {
    /// A picture with its words.
    pub fn of(picture: &Picture) -> PictureField {
        let address = Address::from_bytes(picture.address).to_string();
        PictureField { address, alt: Field::of(picture.alt.clone()), photo: None }
    }

    /// One that was just uploaded.
    pub fn uploaded(address: String) -> PictureField {
        PictureField { address, ..PictureField::default() }
    }

    /// It, small, as HTML; nothing if there is no such picture.
    pub fn small(&self) -> String {
        self.photo.as_ref().map(Photo::small).unwrap_or_default()
    }

    /// As the rules know it; none if the address is none.
    pub fn picture(&self) -> Option<Picture> {
        let address = *Address::parse(&self.address)?.as_bytes();
        Some(Picture { address, alt: self.alt.value.trim().to_owned() })
    }
}

/// What a button of a form asks for, other than to send it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rearranged {
    /// The files that came along are to be added.
    Added,
    /// The picture of that number goes one place forward.
    Earlier(usize),
    /// The picture of that number goes one place back.
    Later(usize),
    /// The picture of that number is taken out.
    Removed(usize),
}

impl Rearranged {
    /// What the button that was pressed asks for; none if it sends the form.
    pub fn read(typed: &mut Typed) -> Option<Rearranged> {
        let pressed = typed.text("do");
        if pressed == "add" {
            return Some(Rearranged::Added);
        }
        let (what, number) = pressed.split_once('_')?;
        let number = number.parse::<usize>().ok()?.checked_sub(1)?;
        match what {
            "earlier" => Some(Rearranged::Earlier(number)),
            "later" => Some(Rearranged::Later(number)),
            "remove" => Some(Rearranged::Removed(number)),
            _ => None,
        }
    }

    /// Does it; what is not there stays as it is.
    pub fn apply(self, pictures: &mut Vec<PictureField>) {
        let count = pictures.len();
        match self {
            Rearranged::Earlier(at) if (1..count).contains(&at) => pictures.swap(at, at - 1),
            Rearranged::Later(at) if at + 1 < count => pictures.swap(at, at + 1),
            Rearranged::Removed(at) if at < count => drop(pictures.remove(at)),
            _ => {}
        }
    }
}

/// The pictures of a form as they were sent, in their order.
pub fn read(typed: &mut Typed) -> Vec<PictureField> {
    let numbers = 1..=PICTURES_MAX;
    let field = |number| {
        let address = typed.text(&format!("picture_{number}"));
        let alt = Field::of(typed.text(&format!("alt_{number}")));
        PictureField { address, alt, photo: None }
    };
    numbers.map(field).filter(|field| !field.address.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_change_the_order() {
        for (pressed, expected) in [
            ("", "abc"),
            ("add", "abc"),
            ("earlier_1", "abc"),
            ("earlier_2", "bac"),
            ("earlier_4", "abc"),
            ("later_3", "abc"),
            ("later_2", "acb"),
            ("remove_1", "bc"),
            ("remove_0", "abc"),
            ("remove_9", "abc"),
            ("burn_1", "abc"),
        ] {
            let sent = format!("picture_1=a&picture_3=b&alt_3=x&picture_10=c&do={pressed}");
            let mut typed = Typed::of(&sent);
            let mut pictures = read(&mut typed);
            if let Some(rearranged) = Rearranged::read(&mut typed) {
                rearranged.apply(&mut pictures);
            }
            let order: String = pictures.iter().map(|one| one.address.as_str()).collect();
            assert_eq!(order, expected, "{pressed}");
        }
    }
}
