//! The description of the API as OpenAPI 3.1: the calls from one table, the shapes from the very types that are sent.
//!
//! It cannot drift: the tests compare the table with the routes, and the shapes are derived.

mod calls;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use self::calls::{Answers, CALLS, Call, DELIVERY, PICTURE_FILE, PICTURES, PROFILES, SAVED, TALK, Who};
use super::sent::{Asked, Nothing};
use super::{
    acts, admin, auctions, bids, blocks, debts, deliveries, editing, export, fees, leaving, listing, me,
    members, notes, notices, offers, order_commands, orders, pictures, places, preferences, profile,
    questions, reviews, saved, seller, sessions, suggest, uploads, wallet, watching, withdrawals,
};
use crate::failure::Code;
use crate::routes::API;

/// Every shape that is sent or answered.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "NeighborBid",
        description = "A self-hosted, real-time auction marketplace. Amounts are whole won; times are UTC with six \
                       digits; absent means absent. Errors are RFC 9457 problems with stable codes.",
        license(name = "MIT OR Apache-2.0")
    ),
    components(schemas(
        acts::ActView,
        admin::AdminReason,
        admin::EnteredDeposit,
        admin::Settlement,
        admin::TakingBack,
        auctions::AfterView,
        auctions::AuctionView,
        auctions::MineView,
        auctions::NewOrderView,
        bids::BidView,
        bids::NewBid,
        bids::NewPurchase,
        bids::PlacedView,
        bids::PurchasedView,
        blocks::Why,
        debts::DebtView,
        debts::DepositRowView,
        debts::Reversal,
        debts::ReversalView,
        deliveries::FailedView,
        deliveries::Retry,
        editing::Changes,
        editing::EditedView,
        export::BlockView,
        export::ExportView,
        export::OwnListingView,
        export::OwnPictureView,
        export::ReachView,
        export::OwnBidView,
        export::OwnQuestionView,
        export::SessionView,
        fees::FeeWithdrawal,
        fees::FeeWithdrawalView,
        fees::FeesView,
        leaving::Leaving,
        listing::ListingView,
        listing::NewListing,
        me::BiddingView,
        me::MeChange,
        me::PasswordChange,
        members::MarksView,
        members::MemberName,
        members::MemberView,
        members::OwnView,
        members::ReputationView,
        members::SignUp,
        notes::NoteView,
        notices::NoticeView,
        notices::NoticesView,
        notices::Read,
        notices::UnreadView,
        offers::OfferMadeView,
        offers::OfferTakenView,
        offers::OfferedView,
        order_commands::Decision,
        order_commands::Shipment,
        order_commands::Statement,
        order_commands::StepTakenView,
        order_commands::TypedCode,
        orders::OfferView,
        orders::OrderRowView,
        orders::OrderView,
        orders::StepView,
        pictures::PictureSent,
        pictures::PictureView,
        pictures::SizeView,
        pictures::UploadedView,
        places::CategoryView,
        suggest::SuggestionView,
        places::RegionView,
        preferences::BrowserGone,
        preferences::NewAddress,
        preferences::NewBrowser,
        preferences::BrowserKeysSent,
        preferences::GroupsView,
        preferences::PreferencesChange,
        preferences::PreferencesView,
        preferences::Token,
        profile::FaceView,
        questions::AnswerView,
        questions::QuestionView,
        questions::ReportView,
        questions::ReportedView,
        questions::TalkedView,
        questions::WhyReported,
        questions::Words,
        reviews::NewReviewSent,
        reviews::ReviewView,
        seller::Cancellation,
        seller::ChangedView,
        seller::Extension,
        seller::LowerReserve,
        seller::SoldView,
        sessions::SignIn,
        sessions::SignInView,
        uploads::FinishedUpload,
        uploads::HeaderView,
        uploads::NewUpload,
        uploads::PreparedView,
        wallet::Deposit,
        wallet::DepositView,
        wallet::HoldView,
        wallet::TransferView,
        wallet::WalletView,
        watching::WatchView,
        saved::SavedSearchView,
        saved::SearchToSave,
        withdrawals::NewWithdrawal,
        withdrawals::WithdrawalTakenView,
        withdrawals::WithdrawalView,
    ))
)]
struct Shapes;

/// Words that a property may be, and where.
const WORDS: [(&str, &[&str]); 6] = [
    ("status", &["scheduled", "open", "ended"]),
    ("outcome", &["sold", "bought", "unsold", "cancelled", "reserve_not_met"]),
    ("condition", &["new", "s", "a", "b", "c"]),
    ("shipping_payer", &["seller", "buyer"]),
    ("increments", &["ladder"]),
    ("reserve", &["none", "not_met", "met"]),
];

/// Properties that are moments.
const MOMENTS: [&str; 17] = [
    "at",
    "edited_at",
    "now",
    "latest",
    "starts_at",
    "ends_at",
    "created_at",
    "due",
    "until",
    "changed_at",
    "locked_until",
    "buyer_may_cancel_at",
    "evidence_until",
    "ended_at",
    "review_until",
    "decided_at",
    "expires_at",
];

/// What may be taken away from a listing by `null`.
const TAKEN_AWAY_BY_NULL: [&str; 6] =
    ["category_id", "condition", "shipping_payer", "region_id", "reserve_price", "buy_now_price"];

/// Every call.
fn calls() -> impl Iterator<Item = &'static Call> {
    CALLS.iter().chain(TALK).chain(DELIVERY).chain(PICTURES).chain(PROFILES).chain(SAVED)
}

static DOCUMENT: LazyLock<String> = LazyLock::new(|| document().to_string());

/// `GET /openapi.json`: the description of the API.
pub async fn show(Asked(Nothing): Asked<Nothing>) -> Response {
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, max-age=300")];
    (headers, DOCUMENT.as_str()).into_response()
}

fn document() -> Value {
    let mut document = serde_json::to_value(Shapes::openapi()).unwrap_or_default();
    document["openapi"] = "3.1.0".into();
    document["servers"] = json!([{"url": API}]);
    document["paths"] = paths();
    let components = &mut document["components"];
    if let Some(shapes) = components["schemas"].as_object_mut() {
        let sent: Vec<_> = calls().filter_map(|call| call.sends).collect();
        for (name, shape) in shapes.iter_mut() {
            refine(name, shape, sent.contains(&name.as_str()));
        }
        shapes.extend(shapes_by_hand());
    }
    components["securitySchemes"] = json!({
        "cookie": {"type": "apiKey", "in": "cookie", "name": "__Host-session",
            "description": "Set by POST /sessions. Named `session` on plain loopback."},
        "bearer": {"type": "http", "scheme": "bearer", "description": "Given by POST /sessions with `token: true`."}
    });
    document
}

/// What the derived shapes cannot know: that absent is never null, that nothing unknown may be sent, which texts are
/// moments and which are words of a list.
fn refine(shape_name: &str, shape: &mut Value, is_sent: bool) {
    let required: Vec<String> = shape["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    if is_sent {
        shape["additionalProperties"] = false.into();
    }
    let Some(properties) = shape["properties"].as_object_mut() else { return };
    for (name, property) in properties {
        let may_be_null = match shape_name {
            "MeChange" => ["region_id", "about", "picture"].contains(&name.as_str()),
            "Changes" => TAKEN_AWAY_BY_NULL.contains(&name.as_str()),
            _ => false,
        };
        if !may_be_null {
            let is_required = required.iter().any(|required| required == name);
            never_null(property, is_required);
        }
        if MOMENTS.contains(&name.as_str()) {
            property["format"] = "date-time".into();
        }
        if let Some((_, words)) = WORDS.iter().find(|(word, _)| word == name) {
            let mut words: Vec<Value> = words.iter().map(|word| (*word).into()).collect();
            words.extend(may_be_null.then_some(Value::Null));
            property["enum"] = words.into();
        }
    }
}

/// An optional property is absent, not null. One that is required and may be null stays so.
fn never_null(property: &mut Value, is_required: bool) {
    if is_required {
        return;
    }
    if let Some(kinds) = property["type"].as_array() {
        property["type"] = kinds.iter().find(|kind| *kind != "null").cloned().unwrap_or_default();
    }
    let choice = property["oneOf"]
        .as_array()
        .and_then(|choices| choices.iter().find(|one| one["type"] != "null"))
        .cloned();
    if let (Some(Value::Object(choice)), Some(property)) = (choice, property.as_object_mut()) {
        property.remove("oneOf");
        property.extend(choice);
    }
    if let Some(property) = property.as_object_mut() {
        property.retain(|_, value| !value.is_null());
    }
}

/// Shapes that no single type has.
fn shapes_by_hand() -> Map<String, Value> {
    let codes: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
    let fault = json!({
        "type": "object", "required": ["field", "code"],
        "properties": {"field": {"type": "string"}, "code": {"type": "string"}}
    });
    let shapes = json!({
        "Problem": {
            "type": "object",
            "description": "RFC 9457. A code carries its own figures beside these.",
            "required": ["type", "title", "status", "code", "detail"],
            "properties": {
                "type": {"type": "string", "format": "uri-reference"},
                "title": {"type": "string", "description": "For people, in the language of Accept-Language (ko, en)."},
                "status": {"type": "integer"},
                "code": {"type": "string", "enum": codes},
                "detail": {"type": "string"},
                "errors": {"type": "array", "items": fault, "description": "With `invalid`: every field that cannot stay."}
            }
        },
        "Frame": {
            "type": "object",
            "description": "A committed fact as on the socket; the live protocol says what each type carries.",
            "required": ["type", "id", "seq", "price", "minimum", "bid_count", "ends_at", "at"],
            "properties": {
                "type": {"type": "string"},
                "id": {"type": "integer", "format": "int64"},
                "seq": {"type": "integer", "format": "int64"}
            }
        },
        "Document": {"type": "object", "description": "OpenAPI 3.1."}
    });
    match shapes {
        Value::Object(shapes) => shapes,
        _ => Map::new(),
    }
}

fn paths() -> Value {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for call in calls() {
        paths.entry(call.path).or_default().insert(call.method.to_owned(), operation(call));
    }
    json!(paths)
}

fn operation(call: &Call) -> Value {
    let mut operation = json!({
        "operationId": operation_id(call),
        "summary": call.says,
        "parameters": parameters(call),
        "responses": responses(call),
    });
    if call.who == Who::Members {
        operation["security"] = json!([{"cookie": []}, {"bearer": []}]);
    }
    if call.sends == Some(PICTURE_FILE) {
        let file = json!({"schema": {"type": "string", "format": "binary"}});
        let sent = json!({"schema": reference("FinishedUpload")});
        let content = json!({"image/*": file, "application/json": sent});
        operation["requestBody"] = json!({"required": true, "content": content});
    } else if let Some(shape) = call.sends {
        operation["requestBody"] =
            json!({"required": true, "content": {"application/json": {"schema": reference(shape)}}});
    }
    operation
}

fn operation_id(call: &Call) -> String {
    let parts = call.path.split(['/', '-', '.']).filter(|part| !part.is_empty());
    let parts = parts.map(|part| part.trim_matches(['{', '}']));
    std::iter::once(call.method).chain(parts).collect::<Vec<_>>().join("_")
}

fn parameters(call: &Call) -> Vec<Value> {
    let mut parameters = Vec::new();
    if call.path.contains("{id}") {
        let schema = json!({"type": "integer", "format": "int64"});
        parameters.push(json!({"name": "id", "in": "path", "required": true, "schema": schema}));
    }
    if call.keyed {
        let schema = json!({"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]+$"});
        let says = "The same key always means the same call; ours are UUIDv7.";
        parameters.push(json!({"name": "Idempotency-Key", "in": "header", "required": true, "description": says, "schema": schema}));
    }
    parameters.extend(call.asks.iter().map(|(name, kind, says)| {
        let schema = match *kind {
            "date-time" => json!({"type": "string", "format": "date-time"}),
            "integer" => json!({"type": "integer", "format": "int64"}),
            kind => json!({"type": kind}),
        };
        json!({"name": name, "in": "query", "required": false, "description": says, "schema": schema})
    }));
    parameters
}

fn responses(call: &Call) -> Value {
    let mut responses: BTreeMap<String, Value> = BTreeMap::new();
    let schema = match call.answers {
        Answers::Nothing | Answers::Csv => None,
        Answers::One(shape) => Some(reference(shape)),
        Answers::List(shape) => Some(json!({
            "type": "object", "required": ["items"],
            "properties": {"items": {"type": "array", "items": reference(shape)}, "next": {"type": "string"}}
        })),
    };
    let mut answer = json!({"description": "Done"});
    if let Some(schema) = schema {
        answer["content"] = json!({"application/json": {"schema": schema}});
    }
    if let Answers::Csv = call.answers {
        answer["content"] = json!({"text/csv": {"schema": {"type": "string"}}});
    }
    responses.insert(call.status.to_string(), answer);
    let mut by_status: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for code in call.codes() {
        let codes = by_status.entry(code.status()).or_default();
        if !codes.contains(&code.name()) {
            codes.push(code.name());
        }
    }
    for (status, codes) in by_status {
        let says = codes.iter().map(|code| format!("`{code}`")).collect::<Vec<_>>().join(", ");
        let content = json!({"application/problem+json": {"schema": reference("Problem")}});
        responses.insert(status.to_string(), json!({"description": says, "content": content}));
    }
    json!(responses)
}

fn reference(shape: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{shape}")})
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The routes as they stand in the source: address and methods.
    fn routes() -> BTreeSet<(String, String)> {
        let source = include_str!("../routes.rs");
        let api = &source[source.find("fn api()").expect("the routes of the API")..];
        let api = &api[..api.find("\n/// The public listener").expect("their end")];
        let mut routes = BTreeSet::new();
        for line in api.split(".route(\"").skip(1) {
            let (path, handlers) = line.split_once('"').expect("an address ends");
            for method in ["get", "post", "patch", "delete"] {
                if [format!(" {method}("), format!(".{method}(")].iter().any(|call| handlers.contains(call)) {
                    routes.insert((path.to_owned(), method.to_owned()));
                }
            }
        }
        routes
    }

    #[test]
    fn the_document_says_what_the_routes_are() {
        let described: BTreeSet<_> =
            calls().map(|call| (call.path.to_owned(), call.method.to_owned())).collect();
        assert_eq!(described, routes());
        assert_eq!(calls().count(), described.len(), "each once");
    }

    /// Every reference in a value.
    fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
        match value {
            Value::Object(object) => {
                found.extend(object.get("$ref").and_then(Value::as_str));
                object.values().for_each(|value| references(value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_shape_that_is_named_is_there_and_used() {
        let document = document();
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        let shapes = document["components"]["schemas"].as_object().expect("shapes");
        let named: BTreeSet<_> =
            found.iter().filter_map(|name| name.strip_prefix("#/components/schemas/")).collect();
        assert_eq!(named, shapes.keys().map(String::as_str).collect());
    }

    #[test]
    fn absent_is_never_null_unless_it_is_written_so() {
        let document = document();
        let shapes = &document["components"]["schemas"];
        assert_eq!(shapes["AuctionView"]["properties"]["minimum"]["type"], json!(["integer", "null"]));
        assert_eq!(shapes["AuctionView"]["properties"]["leader"]["type"], "integer");
        assert_eq!(shapes["AuctionView"]["properties"]["mine"]["$ref"], "#/components/schemas/MineView");
        assert_eq!(shapes["AuctionView"]["properties"]["ends_at"]["format"], "date-time");
        assert_eq!(shapes["MeChange"]["properties"]["region_id"]["type"], json!(["integer", "null"]));
        assert_eq!(shapes["NewBid"]["additionalProperties"], false);
        assert_eq!(shapes["NewListing"]["properties"]["reserve_price"]["type"], "integer");
        assert_eq!(shapes["Changes"]["properties"]["reserve_price"]["type"], json!(["integer", "null"]));
        assert_eq!(shapes["Changes"]["properties"]["ends_at"]["type"], "string");
        assert_eq!(shapes["Changes"]["required"], json!(["terms"]));
        assert_eq!(
            shapes["NewListing"]["required"],
            json!(["title", "description", "start_price", "ends_at"])
        );
        assert_eq!(document["openapi"], "3.1.0");
    }

    #[test]
    fn a_bid_says_every_way_in_which_it_is_refused() {
        let responses = &document()["paths"]["/auctions/{id}/bids"]["post"]["responses"];
        for (status, code) in [
            ("409", "below_minimum"),
            ("402", "insufficient_funds"),
            ("503", "outcome_unknown"),
            ("400", "key_required"),
        ] {
            let says = responses[status]["description"].as_str().unwrap_or_default();
            assert!(says.contains(code), "{code} in {status}: {says}");
        }
    }
}
