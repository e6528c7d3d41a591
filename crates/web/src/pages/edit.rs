//! Changing an auction of one's own: the form it was listed with, or only a note.

use askama::Template;
use auction::PICTURES_MAX;

use super::{ChoiceGroup, Edit, Field, Photo, SellForm, Shell};

/// `/auctions/{id}/edit`
#[derive(Template)]
#[template(path = "edit.html")]
pub struct EditPage {
    /// The frame.
    pub shell: Shell,
    /// The auction's id.
    pub id: i64,
    /// Its title as it is listed.
    pub name: String,
    /// The pictures that stay as they are, where only more can come.
    pub kept: Vec<Photo>,
    /// The number of the terms that this form was made for.
    pub terms: i64,
    /// What can be changed.
    pub edit: Edit,
    /// The form.
    pub form: SellForm,
    /// The reserve that the form was first filled with.
    pub reserve_was: String,
    /// The end that the form was first filled with.
    pub end_was: String,
    /// A note for everyone.
    pub note: Field,
    /// Categories, kinds under their top category.
    pub categories: Vec<ChoiceGroup>,
    /// Regions, neighbourhoods under their districts.
    pub regions: Vec<ChoiceGroup>,
    /// The earliest end that can be chosen, as `datetime-local` writes it.
    pub ends_min: String,
    /// The latest end that can be chosen.
    pub ends_max: String,
}

impl EditPage {
    /// Whether what the thing is stays as it is listed.
    pub fn keeps_identity(&self) -> bool {
        self.edit != Edit::All
    }

    /// How many pictures can still come.
    pub fn room(&self) -> usize {
        PICTURES_MAX.saturating_sub(self.kept.len())
    }

    /// Whether the whole form is on the page.
    pub fn has_form(&self) -> bool {
        matches!(self.edit, Edit::All | Edit::Most)
    }
}
