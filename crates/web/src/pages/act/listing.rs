//! A listing as a form brings it: read as it was typed, understood field by field, and shown again with what is wrong.

use auction::{AuctionId, Condition, Item, Listing, ShippingPayer, Time};
use ledger::MemberId;

use crate::failure::{FieldFault, Problem};
use crate::pages::form_key::is_open;
use crate::pages::show::sell::minute;
use crate::pages::typed::Typed;
use crate::pages::{Field, PictureField, SellForm, picture_fields};
use crate::state::WebState;
use crate::words::{Language, amount_typed, field_fault};

/// What was typed.
pub fn read(typed: &mut Typed) -> SellForm {
    let again_of = typed.number("again_of");
    let pictures = picture_fields::read(typed);
    let mut field = |name: &str| Field::of(typed.text(name));
    SellForm {
        key: field("key").value,
        fault: None,
        again_of,
        pictures,
        pictures_fault: None,
        title: field("title"),
        description: field("description"),
        category_id: field("category_id"),
        condition: field("condition"),
        shipping_payer: field("shipping_payer"),
        region_id: field("region_id"),
        nationwide: field("nationwide").value == "true",
        start_price: field("start_price"),
        is_ladder: field("increments").value == "ladder",
        bid_unit: field("bid_unit"),
        reserve_price: field("reserve_price"),
        buy_now_price: field("buy_now_price"),
        starts_at: field("starts_at"),
        ends_at: field("ends_at"),
        soft_close_minutes: field("soft_close_minutes"),
    }
}

/// What the form asks for, if it can be understood; what is wrong by the rules they say themselves. Its fields know whole
/// minutes only: one that still says a moment of `known` means just that.
///
/// # Errors
/// `invalid` with each field that cannot be understood.
pub fn understood(
    web: &WebState,
    seller: MemberId,
    form: &SellForm,
    known: &[Time],
) -> Result<Listing, Problem> {
    let mut faults = Vec::new();
    let start_price = needed(&mut faults, "start_price", &form.start_price, amount_typed);
    let bid_unit = if form.is_ladder {
        Some(None)
    } else {
        needed(&mut faults, "bid_unit", &form.bid_unit, amount_typed).map(Some)
    };
    let reserve_price = chosen(&mut faults, "reserve_price", &form.reserve_price, amount_typed);
    let buy_now_price = chosen(&mut faults, "buy_now_price", &form.buy_now_price, amount_typed);
    let moment = |typed: &str| minute(web, typed).map(|at| exact(web, at, known));
    let starts_at = chosen(&mut faults, "starts_at", &form.starts_at, moment);
    let ends_at = needed(&mut faults, "ends_at", &form.ends_at, moment);
    let minutes =
        chosen(&mut faults, "soft_close_minutes", &form.soft_close_minutes, |typed| typed.parse().ok());
    let item = Item {
        seller,
        title: form.title.value.trim().to_owned(),
        description: lines(&form.description.value),
        category: chosen(&mut faults, "category_id", &form.category_id, |typed| typed.parse().ok()),
        condition: chosen(&mut faults, "condition", &form.condition, Condition::named),
        shipping_payer: chosen(&mut faults, "shipping_payer", &form.shipping_payer, ShippingPayer::named),
        region: chosen(&mut faults, "region_id", &form.region_id, |typed| typed.parse().ok()),
        nationwide: form.nationwide,
        pictures: form.pictures.iter().filter_map(PictureField::picture).collect(),
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
        bid_unit,
        reserve_price,
        buy_now_price,
        starts_at,
        ends_at,
        soft_close_minutes: minutes.unwrap_or_default(),
        again: form.again_of.map(AuctionId),
    })
}

/// Text as it was typed; browsers send the ends of lines as two characters.
pub fn lines(typed: &str) -> String {
    typed.replace("\r\n", "\n").trim().to_owned()
}

/// The known moment that the field said as this minute, else the minute.
fn exact(web: &WebState, minute: Time, known: &[Time]) -> Time {
    let zone = &web.settings.time_zone;
    let said = |at: Time| crate::words::minute(crate::pages::reader::moment(at), zone);
    known.iter().copied().find(|at| said(*at) == said(minute)).unwrap_or(minute)
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

/// Says what is wrong with a picture's words under it, and with all of them under all; whether it is such a fault.
fn pictures_fault(language: Language, form: &mut SellForm, fault: &FieldFault) -> bool {
    let Some(rest) = fault.field.strip_prefix("add_").unwrap_or(&fault.field).strip_prefix("pictures") else {
        return false;
    };
    let number = rest.strip_prefix('[').and_then(|rest| rest.strip_suffix("].alt"));
    let at = number.and_then(|number| number.parse::<usize>().ok());
    let code = if fault.code == "invalid" { "bad_characters" } else { fault.code };
    match at.and_then(|at| form.pictures.get_mut(at)) {
        Some(field) => field.alt.fault = Some(field_fault(language, code)),
        None => form.pictures_fault = Some(language.text("pictures-fault")),
    }
    true
}

/// The form as it was typed, with what is wrong under each field. While the outcome is open it keeps its key.
pub fn refused(web: &WebState, language: Language, mut form: SellForm, problem: &Problem) -> SellForm {
    form.fault = Some(problem.sentence(language));
    if !is_open(problem) {
        form.key = web.new_key();
    }
    for fault in problem.errors() {
        if pictures_fault(language, &mut form, fault) {
            continue;
        }
        let field = match fault.field.as_str() {
            "title" => &mut form.title,
            "description" => &mut form.description,
            "category_id" => &mut form.category_id,
            "condition" => &mut form.condition,
            "shipping_payer" => &mut form.shipping_payer,
            "region_id" => &mut form.region_id,
            "start_price" => &mut form.start_price,
            "bid_unit" => &mut form.bid_unit,
            "reserve_price" => &mut form.reserve_price,
            "buy_now_price" => &mut form.buy_now_price,
            "starts_at" => &mut form.starts_at,
            "soft_close_minutes" => &mut form.soft_close_minutes,
            "ends_at" => &mut form.ends_at,
            _ => continue,
        };
        let code = match (fault.field.as_str(), fault.code) {
            ("buy_now_price" | "reserve_price", "too_low") => "below_start",
            ("reserve_price", "too_high") => "above_buy_now",
            ("title" | "description", "invalid") => "bad_characters",
            (_, code) => code,
        };
        field.fault = Some(field_fault(language, code));
    }
    form
}
