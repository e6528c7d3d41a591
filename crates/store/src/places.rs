//! Places and kinds: the regions and categories that every new store begins with, from the files in `data/`.
//!
//! Their numbers are ours and never change, as members and items carry them: 시/도 × 1,000,000 + 시/군/구 × 1,000 +
//! 읍/면/동, counted in the order of the corrected file. So all that lies below a region has the numbers after it.

use std::collections::BTreeMap;

use crate::records::{Category, Centre, Region};

/// The regions as they were published, and what has to be said differently.
const REGIONS: &str = include_str!("../data/kr_regions_2023.csv");
const CORRECTIONS: &str = include_str!("../data/kr_regions_corrections.csv");

/// The categories: number, parent, slug.
const CATEGORIES: &str = include_str!("../data/categories.csv");

/// From one 시/도 to the next.
const PROVINCE_STEP: i64 = 1_000_000;

/// From one 시/군/구 to the next.
const DISTRICT_STEP: i64 = 1_000;

/// As a new name in a correction: there is none.
const NO_NAME: &str = "-";

/// A region as a new store keeps it; only a 읍/면/동 has a code and a centre.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// What is read back of it.
    pub region: Region,
    /// Its legal code.
    pub code: Option<&'static str>,
    /// Of its centre, in degrees.
    pub latitude: Option<f64>,
    /// Of its centre, in degrees.
    pub longitude: Option<f64>,
}

/// A 읍/면/동 with the names of what holds it; without a district it stands directly below its province.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Neighbourhood {
    code: &'static str,
    province: String,
    district: Option<String>,
    name: String,
    latitude: &'static str,
    longitude: &'static str,
}

/// One row of the corrections: what it matches, and the new names.
struct Correction {
    province: &'static str,
    district: &'static str,
    names: Vec<&'static str>,
    new: [&'static str; 3],
}

/// Every region of a new store, parents before children.
pub fn regions() -> Vec<Place> {
    let neighbourhoods = neighbourhoods();
    let place = |(region, source): (Region, Option<&Neighbourhood>)| {
        let latitude = source.and_then(|source| source.latitude.parse().ok());
        let longitude = source.and_then(|source| source.longitude.parse().ok());
        let region = Region { centre: centre(latitude, longitude), ..region };
        Place { region, code: source.map(|source| source.code), latitude, longitude }
    };
    numbered(&neighbourhoods).into_iter().map(place).collect()
}

/// A centre as it is read from a store, to a millionth of a degree.
pub fn centre(latitude: Option<f64>, longitude: Option<f64>) -> Option<Centre> {
    let millionths = |degrees: f64| (degrees * 1e6).round() as i64;
    Some(Centre { latitude: millionths(latitude?), longitude: millionths(longitude?) })
}

/// Every category of a new store, parents before children.
pub fn categories() -> Vec<Category> {
    let category = |[id, parent, slug]: [&str; 3]| {
        Some(Category { id: id.parse().ok()?, parent: parent.parse().ok(), slug: slug.to_owned() })
    };
    rows(CATEGORIES).filter_map(category).collect()
}

/// Gives every region its number: those of level 3 with their source, what holds them before them.
fn numbered(neighbourhoods: &[Neighbourhood]) -> Vec<(Region, Option<&Neighbourhood>)> {
    let mut provinces: BTreeMap<&str, i64> = BTreeMap::new();
    let mut districts: BTreeMap<(i64, &str), i64> = BTreeMap::new();
    // How many districts a province has, and how many neighbourhoods stand directly below a province or district.
    let mut counted: BTreeMap<(i64, i64), i64> = BTreeMap::new();
    let mut all = Vec::with_capacity(neighbourhoods.len() + 300);
    for source in neighbourhoods {
        let next = (provinces.len() as i64 + 1) * PROVINCE_STEP;
        let province = *provinces.entry(&source.province).or_insert_with(|| {
            all.push((region(next, PROVINCE_STEP, None, 1, &source.province), None));
            next
        });
        let above = source.district.as_deref().map_or(province, |name| {
            *districts.entry((province, name)).or_insert_with(|| {
                let id = province + count(&mut counted, (province, DISTRICT_STEP)) * DISTRICT_STEP;
                all.push((region(id, DISTRICT_STEP, Some(province), 2, name), None));
                id
            })
        });
        let id = above + count(&mut counted, (above, 1));
        all.push((region(id, 1, Some(above), 3, &source.name), Some(source)));
    }
    all.sort_by_key(|(region, _)| region.id);
    all
}

fn region(id: i64, step: i64, parent: Option<i64>, level: i64, name: &str) -> Region {
    Region { id, last: id + step - 1, parent, level, name: name.to_owned(), centre: None }
}

/// One more of these; the first is 1.
fn count(counted: &mut BTreeMap<(i64, i64), i64>, what: (i64, i64)) -> i64 {
    let counted = counted.entry(what).or_default();
    *counted += 1;
    *counted
}

/// The neighbourhoods as they are called today, in the order of the file.
fn neighbourhoods() -> Vec<Neighbourhood> {
    let corrections: Vec<Correction> = corrections().collect();
    let corrected = published().filter_map(|one| corrections.iter().try_fold(one, correct));
    corrected.map(|one| Neighbourhood { district: one.district.as_deref().map(spaced), ..one }).collect()
}

fn published() -> impl Iterator<Item = Neighbourhood> {
    rows(REGIONS).map(|[code, province, district, name, latitude, longitude]| Neighbourhood {
        code,
        province: province.to_owned(),
        district: Some(district.to_owned()),
        name: name.to_owned(),
        latitude,
        longitude,
    })
}

fn corrections() -> impl Iterator<Item = Correction> {
    rows(CORRECTIONS).map(|[_since, province, district, names, new_province, new_district, new_name]| {
        Correction {
            province,
            district,
            names: names.split_whitespace().collect(),
            new: [new_province, new_district, new_name],
        }
    })
}

/// Applies one correction where it matches; `None` if the neighbourhood is no more.
fn correct(mut one: Neighbourhood, correction: &Correction) -> Option<Neighbourhood> {
    let is_meant = (correction.province.is_empty() || correction.province == one.province)
        && (correction.district.is_empty() || Some(correction.district) == one.district.as_deref())
        && (correction.names.is_empty() || correction.names.contains(&one.name.as_str()));
    if !is_meant {
        return Some(one);
    }
    let [province, district, name] = correction.new;
    if name == NO_NAME {
        return None;
    }
    if !province.is_empty() {
        province.clone_into(&mut one.province);
    }
    if !district.is_empty() {
        one.district = (district != NO_NAME).then(|| district.to_owned());
    }
    if !name.is_empty() {
        name.clone_into(&mut one.name);
    }
    Some(one)
}

/// A district of a city as it is written: 수원시장안구 → 수원시 장안구.
fn spaced(district: &str) -> String {
    match district.split_once('시') {
        Some((city, ward)) if !city.is_empty() && ward.ends_with('구') => format!("{city}시 {ward}"),
        _ => district.to_owned(),
    }
}

/// The rows of a file of ours, after the row of names. No field holds a comma.
fn rows<const FIELDS: usize>(file: &'static str) -> impl Iterator<Item = [&'static str; FIELDS]> {
    file.lines().skip(1).map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        fields.try_into().expect("the files are part of the program, and a test reads them whole")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_taken() {
        let regions = regions();
        let centred = regions.iter().filter(|place| place.latitude.is_some() && place.longitude.is_some());
        assert_eq!(centred.count(), regions.iter().filter(|place| place.region.level == 3).count());
        assert_eq!(categories().len(), CATEGORIES.lines().count() - 1);
    }

    fn all() -> Vec<(i64, String)> {
        let neighbourhoods = neighbourhoods();
        let path = |region: Region| (region.id, region.name);
        numbered(&neighbourhoods).into_iter().map(|(region, _)| path(region)).collect()
    }

    fn number_of(path: &[&str]) -> i64 {
        let (neighbourhoods, mut at) = (neighbourhoods(), None);
        let all = numbered(&neighbourhoods);
        for name in path {
            let found = all.iter().find(|(region, _)| region.parent == at && region.name == *name);
            at = Some(found.unwrap_or_else(|| panic!("no {name} in {path:?}")).0.id);
        }
        at.unwrap()
    }

    #[test]
    fn numbers_of_regions_never_change() {
        for (path, number) in [
            (vec!["서울특별시"], 1_000_000),
            (vec!["서울특별시", "종로구"], 1_001_000),
            (vec!["서울특별시", "종로구", "청운동"], 1_001_001),
        ] {
            assert_eq!(number_of(&path), number, "{path:?}");
        }
        let print = |print: u64, byte: u8| (print ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        let bytes = all().into_iter().flat_map(|(id, name)| format!("{id} {name}\n").into_bytes());
        assert_eq!(
            bytes.fold(0xcbf2_9ce4_8422_2325, print),
            13_901_484_713_550_631_918,
            "members and items carry these numbers"
        );
    }

    #[test]
    fn what_the_file_says_wrongly_is_corrected() {
        for path in [
            &["대구광역시", "군위군", "삼국유사면"][..],
            &["인천광역시", "미추홀구", "주안동"],
            &["세종특별자치시", "조치원읍"],
            &["전북특별자치도", "전주시 완산구"],
            &["강원특별자치도", "춘천시"],
            &["경기도", "여주시", "여주읍"],
            &["경기도", "고양시 덕양구"],
            &["경기도", "수원시 장안구"],
            &["경기도", "시흥시"],
            &["충청북도", "청주시 서원구", "사직동"],
            &["충청북도", "청주시 청원구", "오창읍"],
            &["충청북도", "청주시 흥덕구", "오송읍"],
            &["서울특별시", "노원구"],
            &["서울특별시", "마포구", "망원동"],
        ] {
            number_of(path);
        }
        let gone = ["전라북도", "청원군", "여주군", "세종시", "당진읍", "북문로1가동", ""];
        assert!(all().iter().all(|(_, name)| !gone.contains(&name.as_str())));
    }

    #[test]
    fn every_correction_finds_something_to_correct() {
        let corrections: Vec<Correction> = corrections().collect();
        for (at, correction) in corrections.iter().enumerate() {
            let mut before = published().filter_map(|one| corrections[..at].iter().try_fold(one, correct));
            let is_needed = |one: Neighbourhood| correct(one.clone(), correction) != Some(one);
            assert!(before.any(is_needed), "row {} of the corrections matches nothing", at + 2);
        }
    }
}
