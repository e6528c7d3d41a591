//! Places and kinds as pages offer them: regions under their provinces, categories under their top ones, by their names
//! in the reader's language.

use store::records::{Category, Region};

use crate::pages::{Choice, ChoiceGroup};
use crate::places::Known;
use crate::words::Language;

/// The level of 시/도, and of 시/군/구 below them.
const PROVINCE: i64 = 1;
const DISTRICT: i64 = 2;

/// The drawing of what has no category.
const PARCEL: &str = "other";

/// The name of a region, or of the whole country; none if neither is said.
pub fn place_of(known: &Known, language: Language, region: Option<i64>, nationwide: bool) -> Option<String> {
    let named = region.and_then(|region| known.region(region)).map(|region| region.name.clone());
    named.or_else(|| nationwide.then(|| language.text("nationwide")))
}

/// A region with what holds it: `마포구 망원동`, `서울특별시 마포구`, `서울특별시`.
pub fn full_name(known: &Known, region: &Region) -> String {
    let above = region.parent.and_then(|parent| known.region(parent));
    above.map_or_else(|| region.name.clone(), |above| format!("{} {}", above.name, region.name))
}

/// The regions to choose from: first those asked for by number (a member's own, a chosen one), then each province with
/// its districts. Neighbourhoods are thousands; one that was chosen is among the first.
pub fn regions(known: &Known, language: Language, first: &[Option<i64>]) -> Vec<ChoiceGroup> {
    let mut groups: Vec<ChoiceGroup> = Vec::with_capacity(20);
    let mut near = Vec::new();
    for id in first.iter().flatten() {
        if let Some(region) = known.region(*id).filter(|region| region.level > DISTRICT)
            && !near.iter().any(|choice: &Choice| choice.value == id.to_string())
        {
            near.push(Choice::of(id.to_string(), full_name(known, region)));
        }
    }
    groups.push(ChoiceGroup { label: String::new(), choices: near });
    for region in &known.regions {
        if region.level == PROVINCE {
            let whole = language.text_with("region-whole", &[("region", region.name.as_str().into())]);
            let choices = vec![Choice::of(region.id.to_string(), whole)];
            groups.push(ChoiceGroup { label: region.name.clone(), choices });
        } else if region.level == DISTRICT
            && let Some(group) = groups.last_mut()
        {
            group.choices.push(Choice::of(region.id.to_string(), region.name.clone()));
        }
    }
    groups
}

/// The top categories.
pub fn top_categories(known: &Known, language: Language) -> Vec<Choice> {
    let top = known.categories.iter().filter(|category| category.parent.is_none());
    top.map(|category| choice(language, category)).collect()
}

/// The categories to choose from, each top one with its kinds below it.
pub fn categories(known: &Known, language: Language) -> Vec<ChoiceGroup> {
    let below = |top: &Category| {
        let kinds = known.categories.iter().filter(|kind| kind.parent == Some(top.id));
        kinds.map(|kind| choice(language, kind)).collect()
    };
    let top = known.categories.iter().filter(|category| category.parent.is_none());
    top.map(|top| ChoiceGroup { label: name(language, top), choices: below(top) }).collect()
}

/// The categories to filter by, each top one as a whole before its kinds.
pub fn kinds(known: &Known, language: Language) -> Vec<ChoiceGroup> {
    let top = known.categories.iter().filter(|category| category.parent.is_none());
    let group = |(top, mut group): (&Category, ChoiceGroup)| {
        let whole = language.text_with("category-whole", &[("kind", group.label.as_str().into())]);
        group.choices.insert(0, Choice::of(top.id.to_string(), whole));
        group
    };
    top.zip(categories(known, language)).map(group).collect()
}

/// The number of the top category that is chosen, or that holds the chosen one; empty if none is.
pub fn top_of(known: &Known, chosen: &str) -> String {
    let chosen = chosen.parse().ok().and_then(|id| known.category(id));
    chosen.map(|chosen| chosen.parent.unwrap_or(chosen.id).to_string()).unwrap_or_default()
}

/// A category with what holds it: `가구 › 의자·소파`.
pub fn category_name(known: &Known, language: Language, id: i64) -> Option<String> {
    let category = known.category(id)?;
    let above = category.parent.and_then(|parent| known.category(parent));
    let own = name(language, category);
    Some(above.map_or_else(|| own.clone(), |above| format!("{} › {own}", name(language, above))))
}

/// Which drawing stands for things of a category.
pub fn drawing_of(known: &Known, category: Option<i64>) -> String {
    let category = category.and_then(|category| known.category(category));
    let top = category.map(|own| own.parent.and_then(|parent| known.category(parent)).unwrap_or(own));
    top.map_or(PARCEL, |top| top.slug.as_str()).to_owned()
}

fn choice(language: Language, category: &Category) -> Choice {
    Choice::of(category.id.to_string(), name(language, category))
}

/// The name of a category; one that has none here is shown by its slug.
fn name(language: Language, category: &Category) -> String {
    let key = format!("category-{}", category.slug);
    if language.has(&key) { language.text(&key) } else { category.slug.replace('_', " ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let region = |id, last, parent, level, name: &str| Region {
            id,
            last,
            parent,
            level,
            name: name.to_owned(),
            centre: None,
        };
        let category = |id, parent, slug: &str| Category { id, parent, slug: slug.to_owned() };
        Known {
            regions: vec![
                region(1_000_000, 1_999_999, None, 1, "서울특별시"),
                region(1_001_000, 1_001_999, Some(1_000_000), 2, "마포구"),
                region(1_001_001, 1_001_001, Some(1_001_000), 3, "망원동"),
                region(2_000_000, 2_999_999, None, 1, "세종특별자치시"),
                region(2_000_001, 2_000_001, Some(2_000_000), 3, "한솔동"),
            ],
            categories: vec![category(300, None, "furniture"), category(301, Some(300), "chairs_sofas")],
        }
    }

    #[test]
    fn a_chosen_neighbourhood_stands_before_the_provinces() {
        let groups = regions(&known(), Language::Ko, &[Some(1_001_001), Some(1_001_001), None, Some(9)]);
        let shown: Vec<(&str, Vec<&str>)> = groups
            .iter()
            .map(|group| (group.label.as_str(), group.choices.iter().map(|one| one.label.as_str()).collect()))
            .collect();
        let expected = [
            ("", vec!["마포구 망원동"]),
            ("서울특별시", vec!["서울특별시 전체", "마포구"]),
            ("세종특별자치시", vec!["세종특별자치시 전체"]),
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn kinds_stand_below_their_top_category() {
        let known = known();
        assert_eq!(category_name(&known, Language::Ko, 301).as_deref(), Some("가구 › 의자·소파"));
        assert_eq!(category_name(&known, Language::En, 300).as_deref(), Some("Furniture"));
        assert_eq!(drawing_of(&known, Some(301)), "furniture");
        assert_eq!(drawing_of(&known, None), "other");
        assert_eq!(categories(&known, Language::Ko)[0].choices[0].label, "의자·소파");
    }
}
