//! Putting an item up for auction by a form: every field that cannot stay comes back as it was typed, with its reason.

use std::sync::Arc;

use auction::{Condition, Item, Listing, ShippingPayer};
use axum::extract::State;
use axum::response::Response;
use engine::{Accepted, Call};
use store::Key;

use crate::api::engine_door::{answered_wrongly, key, order};
use crate::api::listing::place_faults;
use crate::failure::{Code, FieldFault, Problem};
use crate::pages::show::sell::{ends_at, page};
use crate::pages::typed::Typed;
use crate::pages::{Field, MemberReader, SellForm, Told, way};
use crate::state::WebState;
use crate::words::{Language, amount_typed, field_fault};

/// `POST /sell`
pub async fn list(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let form = read(&mut typed);
    match put_up(&web, &own, &form).await {
        Ok(auction) => Ok(way::to_with(&web.settings, &format!("/auctions/{auction}"), Told::Listed)),
        Err(problem) => {
            let form = refused(&web, own.reader.language, form, &problem);
            own.answer(problem.code().status(), &page(&web, &own, form).await?)
        }
    }
}

fn read(typed: &mut Typed) -> SellForm {
    let mut field = |name: &str| Field::of(typed.text(name));
    SellForm {
        key: field("key").value,
        fault: None,
        title: field("title"),
        description: field("description"),
        category_id: field("category_id"),
        condition: field("condition"),
        shipping_payer: field("shipping_payer"),
        region_id: field("region_id"),
        nationwide: field("nationwide").value == "true",
        start_price: field("start_price"),
        bid_unit: field("bid_unit"),
        buy_now_price: field("buy_now_price"),
        ends_at: field("ends_at"),
        soft_close_minutes: field("soft_close_minutes"),
    }
}

/// Asks the engine; the number of the new auction.
async fn put_up(web: &WebState, own: &MemberReader, form: &SellForm) -> Result<i64, Problem> {
    let listing = listing(web, own, form)?;
    let faults = place_faults(web, &listing.item).await?;
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    let member = own.member.id();
    let fresh = || Key { text: web.new_key().into(), member };
    let key = key(&form.key, member).unwrap_or_else(fresh);
    match order(web, Call::List(Box::new(listing)), key).await? {
        Accepted::Auction { event, .. } => Ok(event.auction.0),
        _ => Err(answered_wrongly()),
    }
}

/// What the form asks for, if it can be understood; what is wrong by the rules they say themselves.
fn listing(web: &WebState, own: &MemberReader, form: &SellForm) -> Result<Listing, Problem> {
    let mut faults = Vec::new();
    let start_price = needed(&mut faults, "start_price", &form.start_price, amount_typed);
    let bid_unit = needed(&mut faults, "bid_unit", &form.bid_unit, amount_typed);
    let buy_now_price = chosen(&mut faults, "buy_now_price", &form.buy_now_price, amount_typed);
    let zone = &web.settings.time_zone;
    let ends_at = needed(&mut faults, "ends_at", &form.ends_at, |typed| ends_at(typed, zone));
    let minutes =
        chosen(&mut faults, "soft_close_minutes", &form.soft_close_minutes, |typed| typed.parse().ok());
    let item = Item {
        seller: own.member.id(),
        title: form.title.value.trim().to_owned(),
        // Browsers send the ends of lines as two characters.
        description: form.description.value.replace("\r\n", "\n").trim().to_owned(),
        category: chosen(&mut faults, "category_id", &form.category_id, |typed| typed.parse().ok()),
        condition: chosen(&mut faults, "condition", &form.condition, Condition::named),
        shipping_payer: chosen(&mut faults, "shipping_payer", &form.shipping_payer, ShippingPayer::named),
        region: chosen(&mut faults, "region_id", &form.region_id, |typed| typed.parse().ok()),
        nationwide: form.nationwide,
    };
    let Some(((start_price, bid_unit), ends_at)) = start_price.zip(bid_unit).zip(ends_at) else {
        return Err(Problem::invalid(faults));
    };
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    Ok(Listing {
        item,
        start_price,
        bid_unit: Some(bid_unit),
        reserve_price: None,
        buy_now_price,
        starts_at: None,
        ends_at,
        soft_close_minutes: minutes.unwrap_or_default(),
        again: None,
    })
}

/// A field that must be filled in and understood.
fn needed<T>(
    faults: &mut Vec<FieldFault>,
    name: &str,
    field: &Field,
    read: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    if field.value.trim().is_empty() {
        faults.push(FieldFault { field: name.to_owned(), code: "required" });
        return None;
    }
    chosen(faults, name, field, read)
}

/// A field that may stay empty, and is understood if it does not.
fn chosen<T>(
    faults: &mut Vec<FieldFault>,
    name: &str,
    field: &Field,
    read: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    let typed = field.value.trim();
    if typed.is_empty() {
        return None;
    }
    let value = read(typed);
    if value.is_none() {
        let is_amount = name.ends_with("price") || name == "bid_unit";
        let code = if is_amount { "amount_invalid" } else { "invalid" };
        faults.push(FieldFault { field: name.to_owned(), code });
    }
    value
}

/// The form as it was typed, with what is wrong under each field. While the outcome is open it keeps its key.
fn refused(web: &WebState, language: Language, mut form: SellForm, problem: &Problem) -> SellForm {
    form.fault = Some(problem.sentence(language));
    if !matches!(problem.code(), Code::OutcomeUnknown | Code::Busy | Code::Unavailable) {
        form.key = web.new_key();
    }
    for fault in problem.errors() {
        let field = match fault.field.as_str() {
            "title" => &mut form.title,
            "description" => &mut form.description,
            "category_id" => &mut form.category_id,
            "condition" => &mut form.condition,
            "shipping_payer" => &mut form.shipping_payer,
            "region_id" => &mut form.region_id,
            "start_price" => &mut form.start_price,
            "bid_unit" => &mut form.bid_unit,
            "buy_now_price" => &mut form.buy_now_price,
            "soft_close_minutes" => &mut form.soft_close_minutes,
            _ => &mut form.ends_at,
        };
        let code = match (fault.field.as_str(), fault.code) {
            ("buy_now_price", "too_low") => "below_start",
            ("title" | "description", "invalid") => "bad_characters",
            (_, code) => code,
        };
        field.fault = Some(field_fault(language, code));
    }
    form
}
