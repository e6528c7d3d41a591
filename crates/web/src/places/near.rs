//! Nearness: how far the middle of one neighbourhood lies from another's, and what lies within so many kilometres.

use store::records::{Centre, NEARBY_MAX, Near, Region};

use super::Known;

/// The radii on offer, in kilometres.
pub const RADII: [i64; 4] = [3, 5, 10, 20];

/// The radius of whoever names none.
pub const USUAL_RADIUS: i64 = 5;

/// The mean radius of the earth, in metres.
const EARTH: f64 = 6_371_000.0;

/// Around what to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Around {
    /// The member's own neighbourhood.
    Home,
    /// A place on the map.
    Point(Centre),
}

impl Around {
    /// Reads `home`, or degrees as `37.56,126.91`; finer than two decimals nobody needs to say where he is.
    pub fn named(text: &str) -> Option<Around> {
        if text == "home" {
            return Some(Around::Home);
        }
        let (latitude, longitude) = text.split_once(',')?;
        let degrees = |text: &str, most: f64| {
            let degrees: f64 = text.trim().parse().ok()?;
            // To the hundredth, as millionths.
            (degrees.abs() <= most).then(|| (degrees * 100.0).round() as i64 * 10_000)
        };
        let (latitude, longitude) = (degrees(latitude, 90.0)?, degrees(longitude, 180.0)?);
        Some(Around::Point(Centre { latitude, longitude }))
    }

    /// The middle of it, if the member says where he lives.
    pub fn centre(self, known: &Known, home: Option<i64>) -> Option<Centre> {
        match self {
            Around::Home => known.centre(known.region(home?)?),
            Around::Point(centre) => Some(centre),
        }
    }
}

impl Known {
    /// The middle of a region: its own, or that between all that lie below it.
    pub fn centre(&self, region: &Region) -> Option<Centre> {
        let below: Vec<Centre> = self
            .regions
            .iter()
            .filter(|one| (region.id..=region.last).contains(&one.id))
            .filter_map(|one| one.centre)
            .collect();
        let middle = |of: fn(&Centre) -> i64| {
            below.iter().map(of).sum::<i64>().checked_div(i64::try_from(below.len()).ok()?)
        };
        Some(Centre { latitude: middle(|one| one.latitude)?, longitude: middle(|one| one.longitude)? })
    }

    /// The neighbourhoods whose middles lie within so many kilometres, nearest first.
    pub fn near(&self, centre: Centre, kilometres: i64) -> Near {
        let mut regions: Vec<(i64, i64)> = self
            .regions
            .iter()
            .filter_map(|region| Some((region.id, metres(centre, region.centre?))))
            .filter(|(_, metres)| *metres <= kilometres * 1_000)
            .collect();
        regions.sort_by_key(|(region, metres)| (*metres, *region));
        regions.truncate(NEARBY_MAX);
        Near { regions }
    }
}

/// How many metres lie between two places, as a great circle.
pub fn metres(one: Centre, other: Centre) -> i64 {
    let radians = |millionths: i64| (millionths as f64 / 1e6).to_radians();
    let (north, south) = (radians(one.latitude), radians(other.latitude));
    let half_height = ((north - south) / 2.0).sin();
    let half_width = (radians(one.longitude - other.longitude) / 2.0).sin();
    let square = half_height.powi(2) + north.cos() * south.cos() * half_width.powi(2);
    (2.0 * EARTH * square.sqrt().min(1.0).asin()).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(latitude: i64, longitude: i64) -> Centre {
        Centre { latitude, longitude }
    }

    #[test]
    fn distances_are_great_circles() {
        for (one, other, expected) in [
            (at(37_566_000, 126_978_000), at(37_566_000, 126_978_000), 0),
            // A degree of latitude.
            (at(37_000_000, 127_000_000), at(38_000_000, 127_000_000), 111_195),
            // Seoul and Busan.
            (at(37_566_500, 126_978_000), at(35_179_600, 129_075_600), 325_107),
        ] {
            let metres = metres(one, other);
            assert!((metres - expected).abs() <= 100, "{metres} and not {expected}");
        }
    }

    #[test]
    fn where_to_look_is_said_coarsely() {
        for (text, expected) in [
            ("home", Some(Around::Home)),
            ("37.56,126.91", Some(Around::Point(at(37_560_000, 126_910_000)))),
            ("37.564912, 126.909", Some(Around::Point(at(37_560_000, 126_910_000)))),
            ("-1,-2", Some(Around::Point(at(-1_000_000, -2_000_000)))),
            ("91,0", None),
            ("0,181", None),
            ("NaN,0", None),
            ("inf,0", None),
            ("37.56", None),
            ("", None),
        ] {
            assert_eq!(Around::named(text), expected, "{text}");
        }
    }

    #[test]
    fn what_lies_within_a_radius_comes_nearest_first() {
        let regions: Vec<Region> = store::places::regions().into_iter().map(|place| place.region).collect();
        let known = Known { regions, categories: Vec::new() };
        let mangwon = known.regions.iter().find(|region| region.name == "망원동").expect("it is there");
        let centre = known.centre(mangwon).expect("it has a middle");
        let mut before = 0;
        for radius in RADII {
            let near = known.near(centre, radius).regions;
            assert_eq!(near.first(), Some(&(mangwon.id, 0)));
            assert!(near.is_sorted_by_key(|(_, metres)| *metres));
            assert!(near.iter().all(|(_, metres)| *metres <= radius * 1_000));
            assert!(near.len() > before && near.len() < NEARBY_MAX, "{} within {radius} km", near.len());
            before = near.len();
        }
    }
}
