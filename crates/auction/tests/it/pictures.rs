//! The pictures in the documentation are drawn from the rules: they cannot say anything else.

use auction::{OrderState, Outcome, Status};

const DRAWN: &str = include_str!("../../../../docs/states.md");

/// One picture: where it begins, what leads where.
fn picture(begins: &str, arrows: impl Iterator<Item = (&'static str, &'static str, &'static str)>) -> String {
    let mut lines =
        vec!["```mermaid".to_owned(), "stateDiagram-v2".to_owned(), format!("    [*] --> {begins}")];
    lines.extend(arrows.map(|(from, by, to)| format!("    {from} --> {to}: {by}")));
    lines.push("```".to_owned());
    lines.join("\n")
}

#[test]
fn the_pictures_are_those_of_the_rules() {
    let auction = Status::transitions().iter().map(|(from, by, to)| (from.name(), *by, to.name()));
    let order = OrderState::transitions().iter().map(|(from, by, to)| (from.name(), *by, to.name()));
    for drawn in [picture("scheduled", auction), picture("to_hand_over", order)] {
        assert!(DRAWN.contains(&drawn), "docs/states.md must hold:\n{drawn}");
    }
    let outcomes = Outcome::ALL.map(|outcome| format!("`{}`", outcome.name())).join(", ");
    assert!(DRAWN.contains(&outcomes), "docs/states.md must name the outcomes: {outcomes}");
}
