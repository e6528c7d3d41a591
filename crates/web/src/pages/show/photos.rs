//! Pictures as the store knows them, made into those that pages show.

use auction::Picture;
use store::records::{CardPicture, PictureRow};

use crate::api::pictures::{colour, digits};
use crate::failure::Problem;
use crate::pages::{Photo, SellForm};
use crate::state::WebState;

/// The first picture of an auction in a list.
pub fn of_card(card: CardPicture) -> Photo {
    Photo {
        address: digits(&card.address),
        alt: card.alt,
        width: card.width,
        height: card.height,
        colour: colour(card.colour),
        is_first: false,
    }
}

/// The pictures of an auction, in their order; the first is seen at once.
pub fn all(pictures: &[Picture], known: &[PictureRow]) -> Vec<Photo> {
    let mut photos: Vec<Photo> = pictures.iter().filter_map(|one| photo(known, one)).collect();
    if let Some(first) = photos.first_mut() {
        first.is_first = true;
    }
    photos
}

/// The first picture of an item, if it has one.
///
/// # Errors
/// What the store says.
pub async fn first(web: &WebState, pictures: &[Picture]) -> Result<Option<Photo>, Problem> {
    let Some(first) = pictures.first() else { return Ok(None) };
    let known = web.records.pictures(&[first.address]).await?;
    Ok(photo(&known, first))
}

fn photo(known: &[PictureRow], one: &Picture) -> Option<Photo> {
    let row = known.iter().find(|row| row.address == one.address)?;
    let (address, alt) = (digits(&row.address), one.alt.clone());
    Some(Photo {
        address,
        alt,
        width: row.width,
        height: row.height,
        colour: colour(row.colour),
        is_first: false,
    })
}

/// Finds what is known of the pictures of a form, so that it can show them.
///
/// # Errors
/// What the store says.
pub async fn look_up(web: &WebState, form: &mut SellForm) -> Result<(), Problem> {
    let pictures: Vec<Picture> = form.pictures.iter().filter_map(|one| one.picture()).collect();
    if pictures.is_empty() {
        return Ok(());
    }
    let addresses: Vec<_> = pictures.iter().map(|picture| picture.address).collect();
    let known = web.records.pictures(&addresses).await?;
    for field in &mut form.pictures {
        field.photo = field.picture().and_then(|picture| photo(&known, &picture));
    }
    Ok(())
}
