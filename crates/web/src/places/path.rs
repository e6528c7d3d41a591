//! Addresses of regions that one can read: `/regions/서울/마포구/망원동`.

use store::records::Region;
use unicode_normalization::UnicodeNormalization as _;

use super::Known;

/// The end of a province's name that its short name does without.
const ENDS: [&str; 5] = ["특별자치시", "특별자치도", "특별시", "광역시", "도"];

/// Provinces whose short name takes the first and the last syllable of what is left.
const HALVES: [&str; 6] = ["충청북", "충청남", "전라북", "전라남", "경상북", "경상남"];

impl Known {
    /// A region with all that holds it, from the province down.
    pub fn line<'a>(&'a self, region: &'a Region) -> Vec<&'a Region> {
        let mut line = vec![region];
        let mut at = region;
        // There are three levels, whatever a store says.
        for _ in 0..3 {
            let Some(above) = at.parent.and_then(|parent| self.region(parent)) else { break };
            line.push(above);
            at = above;
        }
        line.reverse();
        line
    }

    /// What lies right below a region, in the order of numbers; without one, the provinces.
    pub fn right_below(&self, region: Option<i64>) -> impl Iterator<Item = &Region> {
        self.regions.iter().filter(move |one| one.parent == region)
    }

    /// The one address of a region's page, not encoded.
    pub fn path_of(&self, region: &Region) -> String {
        let parts = self.line(region).into_iter().map(|one| format!("/{}", part(one)));
        format!("/regions{}", parts.collect::<String>())
    }

    /// The region at an address behind `/regions`: each name as it is or short, below the one before it.
    pub fn at_path(&self, path: &str) -> Option<&Region> {
        let mut at: Option<&Region> = None;
        for name in names(path) {
            let parent = at.map(|region| region.id);
            let is_it = |region: &&Region| part(region) == name || region.name.replace(' ', "-") == name;
            at = Some(self.right_below(parent).find(is_it)?);
        }
        at
    }

    /// What may have been meant by an address that leads nowhere: regions whose name begins like its last part.
    pub fn like_path(&self, path: &str, most: usize) -> Vec<&Region> {
        let Some(last) = names(path).pop() else { return Vec::new() };
        let alike = self.regions.iter().filter(|region| part(region).starts_with(&last));
        alike.take(most).collect()
    }
}

/// The names in an address, syllables whole; a space may stand for the hyphen.
fn names(path: &str) -> Vec<String> {
    let parts = path.split('/').map(str::trim).filter(|name| !name.is_empty());
    parts.map(|name| name.nfc().collect::<String>().replace(' ', "-")).collect()
}

/// How a region is called in an address: provinces short, a hyphen for the space.
pub fn part(region: &Region) -> String {
    if region.level > 1 {
        return region.name.replace(' ', "-");
    }
    let short = ENDS.iter().find_map(|end| region.name.strip_suffix(end)).unwrap_or(&region.name);
    if HALVES.contains(&short) {
        return short.chars().take(1).chain(short.chars().skip(2)).collect();
    }
    short.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let regions = store::places::regions().into_iter().map(|place| place.region).collect();
        Known { regions, categories: Vec::new() }
    }

    #[test]
    fn every_region_is_found_at_its_own_address() {
        let known = known();
        for region in &known.regions {
            let path = known.path_of(region);
            let behind = path.strip_prefix("/regions").expect("it begins so");
            assert_eq!(known.at_path(behind).map(|found| found.id), Some(region.id), "{path}");
        }
    }

    #[test]
    fn addresses_are_read_as_people_write_them() {
        let known = known();
        for (path, expected) in [
            ("서울/마포구", Some("/regions/서울/마포구")),
            ("서울특별시/마포구/", Some("/regions/서울/마포구")),
            ("서울/마포구/망원동", Some("/regions/서울/마포구/망원동")),
            ("경기/수원시-장안구", Some("/regions/경기/수원시-장안구")),
            ("경기도/수원시 장안구", Some("/regions/경기/수원시-장안구")),
            ("충청북도", Some("/regions/충북")),
            ("경남", Some("/regions/경남")),
            ("전북", Some("/regions/전북")),
            ("세종", Some("/regions/세종")),
            ("부산/중구", Some("/regions/부산/중구")),
            ("대구/중구", Some("/regions/대구/중구")),
            ("마포구", None),
            ("서울/해운대구", None),
            ("", None),
        ] {
            let found = known.at_path(path).map(|region| known.path_of(region));
            assert_eq!(found.as_deref(), expected, "{path}");
        }
        let decomposed: String = "서울/마포구".nfd().collect();
        assert!(known.at_path(&decomposed).is_some());
        let alike: Vec<String> =
            known.like_path("서울/중구", 20).iter().map(|one| known.path_of(one)).collect();
        assert!(alike.contains(&"/regions/부산/중구".to_owned()), "{alike:?}");
    }
}
