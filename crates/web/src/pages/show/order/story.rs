//! The story of an order in words: each step in one sentence, and what the two sides said in a dispute.

use auction::{Order, OrderStep, Side, StepKind};
use ledger::Money;
use store::records;

use crate::pages::reader::moment;
use crate::pages::{Role, Statement, StepLine};
use crate::words::{self, Language};

/// What happened, newest first. To whom else it was offered is not for the buyer to know.
pub fn history(page: &records::OrderPage, role: Role, language: Language) -> Vec<StepLine> {
    let mut has_shipped = false;
    let mut lines: Vec<StepLine> = Vec::new();
    for step in &page.steps {
        let is_correction = step.kind == StepKind::Shipped && std::mem::replace(&mut has_shipped, true);
        if role == Role::Buyer && is_about_offers(step.kind) {
            continue;
        }
        lines.push(line(page, step, is_correction, language));
    }
    lines.reverse();
    lines
}

const fn is_about_offers(kind: StepKind) -> bool {
    matches!(
        kind,
        StepKind::Offered | StepKind::OfferAccepted | StepKind::OfferDeclined | StepKind::OfferLapsed
    )
}

fn line(page: &records::OrderPage, step: &OrderStep, is_correction: bool, language: Language) -> StepLine {
    let name = match side(&page.order, step) {
        Some(Side::Buyer) => page.buyer.nickname.as_str(),
        Some(Side::Seller) => page.seller.nickname.as_str(),
        None => "",
    };
    let amount = words::money(language, step.amount.map_or(0, Money::won));
    let figures = [("name", name.into()), ("amount", amount.into())];
    let text = language.text_with(&format!("step-{}", word(step, is_correction)), &figures);
    // What was said in a dispute stands there, whole; so does the decision.
    let note = step.text.clone().filter(|_| step.kind == StepKind::Shipped);
    StepLine { text, note, at: moment(step.at) }
}

/// The word of a step's sentence: its kind, and by whose hand where that changes what is said.
fn word(step: &OrderStep, is_correction: bool) -> &'static str {
    match step.kind {
        StepKind::Shipped if is_correction => "corrected",
        StepKind::Done if step.by.is_some() => "done-code",
        StepKind::Refunded if step.by.is_none() => "refunded-house",
        StepKind::Disputed if step.by.is_none() => "disputed-house",
        StepKind::Split if step.amount.is_none_or(|amount| amount == Money::ZERO) => "split-none",
        kind => kind.name(),
    }
}

fn side(order: &Order, step: &OrderStep) -> Option<Side> {
    let by = step.by?;
    if by == order.buyer {
        Some(Side::Buyer)
    } else if by == order.seller {
        Some(Side::Seller)
    } else {
        None
    }
}

/// What the two sides said in a dispute, oldest first.
pub fn statements(page: &records::OrderPage) -> Vec<Statement> {
    let said = page.steps.iter().filter(|step| matches!(step.kind, StepKind::Disputed | StepKind::Evidence));
    said.filter_map(|step| {
        let (role, name) = match side(&page.order, step)? {
            Side::Buyer => (Role::Buyer, &page.buyer.nickname),
            Side::Seller => (Role::Seller, &page.seller.nickname),
        };
        Some(Statement { role, name: name.clone(), at: moment(step.at), text: step.text.clone()? })
    })
    .collect()
}
