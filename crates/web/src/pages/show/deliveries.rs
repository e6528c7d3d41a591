//! `/admin/deliveries`: what could not be sent.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use ledger::MemberId;
use store::records::{FailedDelivery, HOUSE_FAULT, Page};

use super::admin::Admin;
use crate::api::pages::judged;
use crate::failure::Problem;
use crate::pages::reader::moment;
use crate::pages::typed::Typed;
use crate::pages::{DeliveriesPage, DeliveryLine, Person, Section, way};
use crate::state::WebState;

/// How many deliveries a page has.
const LINES: usize = 20;

/// `GET /admin/deliveries`
pub async fn show(State(web): State<Arc<WebState>>, Admin(own): Admin) -> Result<Response, Problem> {
    let cursor = Some(Typed::of(own.reader.query()).text("cursor")).filter(|cursor| !cursor.is_empty());
    let asked = Page { cursor, limit: LINES };
    let rows = judged(web.records.failed_deliveries(asked.clone()).await, &asked)?;
    let is_first = asked.cursor.is_none();
    let troubled = if is_first { web.records.troubled_deliveries().await? } else { Vec::new() };
    let members: Vec<MemberId> = rows.items.iter().chain(&troubled).map(|row| row.member).collect();
    let names = web.records.members(&members).await?;
    let names: HashMap<MemberId, String> =
        names.into_iter().map(|member| (member.id, member.nickname)).collect();
    let line = |row: FailedDelivery| DeliveryLine {
        notice: row.notice,
        channel: row.channel.name(),
        kind: row.kind.name(),
        member: Person { id: row.member.0, name: names.get(&row.member).cloned().unwrap_or_default() },
        auction_id: row.auction.0,
        tries: row.tries,
        at: moment(row.failed_at),
        is_of_the_house: row.reason.starts_with(HOUSE_FAULT),
        reason: row.reason.strip_prefix(HOUSE_FAULT).unwrap_or(&row.reason).to_owned(),
    };
    let lines = rows.items.into_iter().map(line).collect();
    let troubled = troubled.into_iter().map(line).collect();
    let next = rows.next.map(|cursor| format!("/admin/deliveries?cursor={}", way::escaped(&cursor)));
    let shell = own.reader.shell(&web, Section::Admin).await?;
    own.answer(200, &DeliveriesPage { shell, troubled, lines, next })
}
