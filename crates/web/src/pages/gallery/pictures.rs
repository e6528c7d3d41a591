//! Pages with pictures, for the gallery: an auction that has some, and the forms while they are being put in order.

use askama::Template;

use super::sample::Sample;
use crate::pages::{Card, Edit, Field, Photo, PictureField, State};

/// All pages with pictures, by the name they are looked at under.
pub fn pages(sample: &Sample) -> Vec<(String, String)> {
    let mut several = sample.auction(State::Open);
    several.photos = photos();
    several.others.iter_mut().for_each(|card: &mut Card| card.photo = photos().pop());
    let mut one = sample.auction(State::Won);
    one.photos = photos().split_off(2);
    let mut form = sample.sell(false);
    form.form.pictures = photos().into_iter().map(field).collect();
    form.form.pictures[1].alt = Field::faulty("가".repeat(201), sample.text("field-too_long"));
    form.form.pictures_fault = Some(sample.text("pictures-fault"));
    let mut notes = sample.edit(Edit::Notes);
    notes.kept = photos();
    vec![
        ("auction-pictures".to_owned(), several.render().unwrap()),
        ("auction-picture".to_owned(), one.render().unwrap()),
        ("sell-pictures".to_owned(), form.render().unwrap()),
        ("edit-pictures".to_owned(), notes.render().unwrap()),
    ]
}

pub(super) fn photos() -> Vec<Photo> {
    let photo = |(number, alt): (u8, &str)| Photo {
        address: format!("{number:02x}").repeat(32),
        alt: alt.to_owned(),
        width: 1_600,
        height: 1_200,
        colour: "#c8a060".to_owned(),
        is_first: number == 0,
    };
    [(0, "앞모습"), (1, ""), (2, "다리에 있는 긁힘")].map(photo).into()
}

fn field(photo: Photo) -> PictureField {
    PictureField { address: photo.address.clone(), alt: Field::of(photo.alt.clone()), photo: Some(photo) }
}
