//! What settings are read from, and what is refused.

use auction::Span;

use super::*;

fn values(flag: Option<(&str, &str)>, variable: Option<(&str, &str)>) -> Values {
    let pick = |pair: Option<(&str, &str)>, name: &str| {
        pair.filter(|(asked, _)| *asked == name).map(|(_, value)| value.to_owned())
    };
    Values::gather(|name| pick(flag, name), |name| pick(variable, name), None).expect("values")
}

#[test]
fn a_flag_beats_the_environment_which_beats_the_default() {
    let origin_of = |values: &Values| {
        let found = values
            .iter()
            .find(|(name, ..)| *name == "listen")
            .map(|(_, value, origin)| (value.to_owned(), origin.clone()));
        found.expect("listen is a setting")
    };
    let default = origin_of(&values(None, None));
    assert_eq!(default, ("127.0.0.1:3000".to_owned(), Origin::Default));
    let variable = Some(("NEIGHBORBID_LISTEN", "127.0.0.1:1"));
    assert_eq!(origin_of(&values(None, variable)), ("127.0.0.1:1".to_owned(), Origin::Environment));
    let flag = Some(("listen", "127.0.0.1:2"));
    assert_eq!(origin_of(&values(flag, variable)), ("127.0.0.1:2".to_owned(), Origin::Flag));
}

#[test]
fn the_defaults_can_be_read() {
    let settings = Settings::read(&values(None, None)).expect("the defaults are sound");
    assert_eq!(settings.listing.minimum_duration, Span::minutes(10));
    assert!(settings.web.rate_limits);
}

#[test]
fn a_value_that_cannot_be_read_names_itself() {
    for (name, value) in [
        ("listen", "nowhere"),
        ("minimum_duration", "10"),
        ("minimum_duration", "0s"),
        ("ladder", "100:1"),
        ("fee_rate", "1000001"),
        ("deposits", "real"),
        ("time_zone", "Mars/Olympus"),
        ("trusted_proxies", "10.0.0.0/33"),
        ("bidder_names", "faces"),
        ("rate_limits", "maybe"),
    ] {
        let refused = Settings::read(&values(Some((name, value)), None)).expect_err(name);
        assert!(format!("{refused:#}").starts_with(name), "{refused:#}");
    }
}

#[test]
fn there_is_at_least_one_lane_and_no_crowd() {
    for (lanes, is_read) in [("1", true), ("16", true), ("0", false), ("17", false), ("two", false)] {
        let read = Settings::read(&values(Some(("lanes", lanes)), None));
        assert_eq!(read.is_ok(), is_read, "{lanes}");
    }
}

#[test]
fn a_bus_is_of_redis_and_between_nodes_on_a_database() {
    let read = |bus: &'static str, database: &'static str| {
        let both = |name: &str| match name {
            "bus_url" => Some(bus.to_owned()),
            "database_url" => Some(database.to_owned()),
            _ => None,
        };
        let read = Settings::read(&Values::gather(both, |_| None, None).expect("values"));
        let served = read.and_then(|settings| settings.refuse_lonely_bus().map(|()| settings.bus.is_some()));
        served.map_err(|refused| format!("{refused:#}"))
    };
    let database = "postgres://market@localhost/market";
    assert_eq!(read("redis://localhost", database), Ok(true));
    assert_eq!(read("rediss://bus:secret@localhost/1", database), Ok(true));
    assert_eq!(read("", database), Ok(false));
    for (bus, database, why) in [
        ("nats://bus:secret@localhost", database, "redis://host"),
        ("redis://bus:secret@localhost:port", database, "looks like"),
        ("redis://bus:secret@localhost", "", "set database_url too"),
    ] {
        let refused = read(bus, database).expect_err(bus);
        assert!(refused.starts_with("bus_url") && refused.contains(why), "{refused}");
        assert!(!refused.contains("secret"), "{refused}");
    }
    let alone = Settings::read(&values(Some(("bus_url", "redis://localhost")), None));
    assert!(alone.is_ok(), "whoever does not serve needs no bus");
}

#[test]
fn limits_are_lifted_only_on_loopback() {
    let both = |name: &str| match name {
        "rate_limits" => Some("off".to_owned()),
        "listen" => Some("0.0.0.0:3000".to_owned()),
        _ => None,
    };
    let values = Values::gather(both, |_| None, None).expect("values");
    assert!(Settings::read(&values).is_err());
    assert!(Settings::read(&self::values(Some(("rate_limits", "off")), None)).is_ok());
}
