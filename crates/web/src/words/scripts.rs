//! The words that scripts need in the browser, with `{name}` where a script puts a figure.

use fluent_templates::fluent_bundle::FluentValue;

use super::Language;

/// The keys handed to scripts, each with the figures its text takes.
const KEYS: [(&str, &[&str]); 100] = [
    ("won", &["amount"]),
    ("watch-on", &[]),
    ("watch-off", &[]),
    ("mine-bid", &["amount"]),
    ("mine-bid-again", &["amount"]),
    ("left-none", &[]),
    ("left-seconds", &["seconds"]),
    ("left-minutes", &["minutes"]),
    ("left-minutes-seconds", &["minutes", "seconds"]),
    ("left-hours", &["hours"]),
    ("left-hours-minutes", &["hours", "minutes"]),
    ("left-days", &["days"]),
    ("left-days-hours", &["days", "hours"]),
    ("ago-now", &[]),
    ("live-offline", &[]),
    ("live-back", &[]),
    ("live-price", &["amount"]),
    ("live-outbid", &["minimum"]),
    ("live-minute", &[]),
    ("live-ten", &[]),
    ("live-closed", &[]),
    ("live-extended", &[]),
    ("live-final", &[]),
    ("live-bidder", &["number"]),
    ("live-you", &[]),
    ("live-bids", &["count"]),
    ("live-bids-one", &["count"]),
    ("live-watchers", &["count"]),
    ("left-days-one", &["days"]),
    ("live-copied", &[]),
    ("banner-won", &["amount"]),
    ("banner-lost", &["amount"]),
    ("banner-sold", &["amount"]),
    ("banner-unsold", &[]),
    ("live-started", &[]),
    ("live-edited", &[]),
    ("banner-cancelled", &["reason"]),
    ("banner-cancelled-plain", &[]),
    ("state-scheduled", &[]),
    ("state-open", &[]),
    ("state-ending", &[]),
    ("state-leading", &[]),
    ("state-outbid", &[]),
    ("state-won", &[]),
    ("state-sold", &[]),
    ("state-lost", &[]),
    ("state-unsold", &[]),
    ("state-cancelled", &[]),
    ("state-closing", &[]),
    ("bid-send", &[]),
    ("bid-sending", &[]),
    ("bid-retrying", &[]),
    ("bid-unsure", &[]),
    ("bid-accepted", &["amount"]),
    ("bid-moved", &["minimum"]),
    ("bid-hold-note", &["amount"]),
    ("bid-not-number", &[]),
    ("bid-confirm-hint", &[]),
    ("bid-confirm-send", &[]),
    ("bid-buys-text", &["amount"]),
    ("buy-now-yes", &[]),
    ("region-narrow", &[]),
    ("bid-banner-leading", &["amount"]),
    ("bid-banner-outbid", &["minimum"]),
    ("bid-banner-closing", &[]),
    ("price-now", &[]),
    ("bid-own-maximum", &["amount"]),
    ("bid-maximum-set", &[]),
    ("bid-maximum-raise", &[]),
    ("bid-maximum-low", &[]),
    ("bid-maximum-cut", &[]),
    ("bid-confirm-maximum-hint", &[]),
    ("bid-accepted-maximum", &["amount"]),
    ("bid-accepted-below", &["amount"]),
    ("bid-raised", &[]),
    ("bid-beaten", &["minimum"]),
    ("reserve-not_met", &[]),
    ("reserve-met", &[]),
    ("reserve-not_met-text", &[]),
    ("state-reserve_not_met", &[]),
    ("banner-reserve_not_met", &[]),
    ("live-reserve-lowered", &[]),
    ("kind-auto", &[]),
    ("kind-buy-now", &[]),
    ("kind-reset", &[]),
    ("why-start", &[]),
    ("why-named", &[]),
    ("why-overtaken", &[]),
    ("why-beaten", &[]),
    ("why-matched", &[]),
    ("why-reserve", &[]),
    ("why-buy_now", &[]),
    ("why-taken_back", &[]),
    ("why-afresh", &[]),
    ("why-reason", &["reason"]),
    ("afresh", &[]),
    ("afresh-text", &[]),
    ("changes-listing", &[]),
    ("sell-draft-kept", &[]),
    ("sell-preview-title", &[]),
];

/// Every word a script may need, as `(key, text)`.
pub fn for_scripts(language: Language) -> Vec<(&'static str, String)> {
    let one = |(key, names): &(&'static str, &[&'static str])| {
        let figures: Vec<(&'static str, FluentValue<'_>)> =
            names.iter().map(|name| (*name, format!("{{{name}}}").into())).collect();
        (*key, language.text_with(key, &figures))
    };
    KEYS.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::KEYS;
    use crate::pages::State;

    /// What scripts ask for by a whole key; those they put together are not seen here.
    fn asked_for() -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("static/js");
        let mut found = BTreeSet::new();
        for file in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            for call in ["say(\"", "plural(\"", "once(said, \""] {
                found.extend(
                    text.split(call).skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())),
                );
            }
        }
        found
    }

    #[test]
    fn scripts_ask_only_for_words_they_are_given() {
        let given: BTreeSet<&str> = KEYS.iter().map(|(key, _)| *key).collect();
        assert_eq!(given.len(), KEYS.len(), "a key stands twice");
        let asked = asked_for();
        assert!(asked.len() > 50, "the calls are found: {}", asked.len());
        let missing: Vec<_> = asked.iter().filter(|key| !given.contains(key.as_str())).collect();
        assert_eq!(missing, Vec::<&String>::new());
    }

    #[test]
    fn scripts_can_name_every_state() {
        for state in State::ALL {
            assert!(KEYS.iter().any(|(key, _)| *key == state.key()), "{state:?}");
        }
    }
}
