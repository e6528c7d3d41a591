//! The words that scripts need in the browser, with `{name}` where a script puts a figure.

use fluent_templates::fluent_bundle::FluentValue;

use super::Language;

/// The keys handed to scripts, each with the figures its text takes.
const KEYS: [(&str, &[&str]); 60] = [
    ("won", &["amount"]),
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
