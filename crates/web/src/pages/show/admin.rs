//! The admins' pages: what waits for a person, one member, and everything that was done; and a member's own record.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use engine::Deposits;
use ledger::{MemberId, Money};
use store::records::{DepositRow, OrderRow, Page, Paged};
use store::{Act, Debt};

use super::member::marks;
use super::wallet::withdrawal_line;
use crate::api::fields::plain_integer;
use crate::api::pages::judged;
use crate::api::sent::Id;
use crate::failure::{Code, Problem};
use crate::pages::reader::moment;
use crate::pages::typed::Typed;
use crate::pages::{
    ActLine, ActsPage, AdminMemberPage, AdminPage, DepositLine, DisputeLine, Fees, Field, MemberReader,
    Person, Section, WithdrawalLine, way,
};
use crate::state::WebState;
use crate::words::Language;

/// How many lines a list has.
const LINES: usize = 20;

/// How many of a member's deposits a page shows.
const DEPOSITS: usize = 10;

/// How many acts stand on the desk.
const ACTS: usize = 8;

/// An admin who reads a page. For everyone else there is nothing here.
pub struct Admin(pub MemberReader);

impl FromRequestParts<Arc<WebState>> for Admin {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<WebState>) -> Result<Admin, Response> {
        let own = MemberReader::from_request_parts(parts, state).await?;
        let may = own.member.member.acts_as_admin();
        if may { Ok(Admin(own)) } else { Err(Problem::new(Code::NotFound).into_response()) }
    }
}

/// `GET /admin`
pub async fn show(State(state): State<Arc<WebState>>, Admin(own): Admin) -> Result<Response, Problem> {
    own.answer(200, &desk(&state, &own).await?)
}

/// The desk as it stands now.
///
/// # Errors
/// What the store says.
pub async fn desk(state: &WebState, own: &MemberReader) -> Result<AdminPage, Problem> {
    let mut typed = Typed::of(own.reader.query());
    let mut asked = |name: &str| {
        let cursor = Some(typed.text(name)).filter(|cursor| !cursor.is_empty());
        Page { cursor, limit: LINES }
    };
    let (of_disputes, of_withdrawals, of_debts) = (asked("disputes"), asked("withdrawals"), asked("debts"));
    let disputes = judged(state.records.disputes(of_disputes.clone()).await, &of_disputes)?;
    let waiting = judged(state.records.withdrawals_waiting(of_withdrawals.clone()).await, &of_withdrawals)?;
    let debts = judged(state.records.debts(of_debts.clone()).await, &of_debts)?;
    let acts = state.records.acts(None, Page { cursor: None, limit: ACTS }).await?;
    let reported = state.records.questions_reported(Page { cursor: None, limit: 1 }).await?;
    let mut names = Names::default();
    let mut withdrawals = Vec::new();
    for row in waiting.items {
        let person = names.of(state, row.member).await?;
        let debt = state.records.missing(row.member).await?.won();
        withdrawals.push(WithdrawalLine { debt, ..withdrawal_line(row, Some(person)) });
    }
    let more_debts = debts.next.map(|cursor| format!("/admin?debts={}", way::escaped(&cursor)));
    let debts = debt_lines(state, debts.items, &mut names).await?;
    Ok(AdminPage {
        shell: own.reader.shell(state, Section::Admin).await?,
        disputes: dispute_lines(state, disputes.items).await?,
        more_disputes: disputes.next.map(|cursor| format!("/admin?disputes={}", way::escaped(&cursor))),
        withdrawals,
        has_reports: !reported.items.is_empty(),
        more_withdrawals: waiting.next.map(|cursor| format!("/admin?withdrawals={}", way::escaped(&cursor))),
        debts,
        more_debts,
        fees: Fees {
            held: state.records.fees().await?.won(),
            can_withdraw: state.settings.deposits == Deposits::Manual,
            ..Fees::default()
        },
        acts: lines(state, own.reader.language, acts, true, &mut names).await?.0,
        key: state.new_key(),
        member: Field::default(),
    })
}

async fn debt_lines(
    state: &WebState,
    rows: Vec<Debt>,
    names: &mut Names,
) -> Result<Vec<DepositLine>, Problem> {
    let mut lines = Vec::new();
    for row in rows {
        lines.push(DepositLine {
            id: row.deposit.0,
            member: names.of(state, row.member).await?,
            is_his_page: false,
            amount: row.amount.won(),
            missing: Some(row.missing.won()),
            at: moment(row.at),
            typed: Field::default(),
        });
    }
    Ok(lines)
}

/// A member's deposits, which tell nothing of how he bids, from the page on that the reader's address asks for; and the
/// address of the next.
async fn deposit_lines(
    state: &WebState,
    own: &MemberReader,
    member: &Person,
) -> Result<(Vec<DepositLine>, Option<String>), Problem> {
    let cursor = Some(Typed::of(own.reader.query()).text("deposits")).filter(|cursor| !cursor.is_empty());
    let asked = Page { cursor, limit: DEPOSITS };
    let rows = judged(state.records.deposits(MemberId(member.id), asked.clone()).await, &asked)?;
    let line = |row: DepositRow| DepositLine {
        id: row.id.0,
        member: member.clone(),
        is_his_page: true,
        amount: row.amount.won(),
        missing: row.missing.map(Money::won),
        at: moment(row.at),
        typed: Field::default(),
    };
    let next =
        |cursor: String| format!("/admin/members/{}?deposits={}#deposits", member.id, way::escaped(&cursor));
    Ok((rows.items.into_iter().map(line).collect(), rows.next.map(next)))
}

/// A row's due moment tells when its dispute began; of one that is overdue the order alone knows that.
async fn dispute_lines(state: &WebState, rows: Vec<OrderRow>) -> Result<Vec<DisputeLine>, Problem> {
    let mut lines = Vec::new();
    for row in rows {
        let began = match row.due {
            Some(due) => Some(due.minus(auction::DECIDED_WITHIN)),
            None => state.records.order(row.id).await?.and_then(|page| page.order.disputed_at),
        };
        lines.push(DisputeLine {
            order_id: row.id.0,
            title: row.title,
            price: row.price.won(),
            since: moment(began.unwrap_or(row.newest)),
            due: row.due.map(moment),
        });
    }
    Ok(lines)
}

/// `GET /admin/members?member=`: to the member of that number or username.
pub async fn find(State(state): State<Arc<WebState>>, Admin(own): Admin) -> Result<Response, Problem> {
    let text = Typed::of(own.reader.query()).text("member").trim().to_owned();
    let by_number = match plain_integer(&text) {
        Some(id) => state.records.member(MemberId(id)).await?,
        None => None,
    };
    let found = match by_number {
        Some(member) => Some(member),
        None => state.records.credentials(&text.to_lowercase()).await?.map(|(member, _)| member),
    };
    if let Some(member) = found {
        return Ok(way::to(&format!("/admin/members/{}", member.id.0)));
    }
    let mut page = desk(&state, &own).await?;
    page.member = Field::faulty(text, own.reader.language.text("admin-member-missing"));
    own.answer(404, &page)
}

/// `GET /admin/members/{id}`
pub async fn member(
    State(state): State<Arc<WebState>>,
    Admin(own): Admin,
    Id(id): Id,
) -> Result<Response, Problem> {
    own.answer(200, &member_page(&state, &own, MemberId(id)).await?)
}

/// A member as admins see him.
///
/// # Errors
/// `not_found`, or what the store says.
pub async fn member_page(
    state: &WebState,
    own: &MemberReader,
    id: MemberId,
) -> Result<AdminMemberPage, Problem> {
    let member = state.records.member(id).await?.ok_or(Problem::new(Code::NotFound))?;
    let wallet = state.records.wallet(id).await?.wallet;
    let reputation = state.records.reputation(id, state.now()).await?;
    let acts = state.records.acts(Some(id), Page { cursor: None, limit: LINES }).await?;
    let person = Person { id: id.0, name: member.nickname.clone() };
    let (deposits, more_deposits) = deposit_lines(state, own, &person).await?;
    Ok(AdminMemberPage {
        shell: own.reader.shell(state, Section::Admin).await?,
        id: id.0,
        debt: state.records.missing(id).await?.won(),
        deposits,
        more_deposits,
        nickname: member.nickname,
        username: member.username,
        since: moment(member.created_at),
        is_suspended: member.suspended,
        is_admin: member.is_admin,
        is_me: id == own.member.id(),
        balance: wallet.available.won() + wallet.held.won(),
        marks: marks(&reputation),
        can_deposit: state.settings.deposits == Deposits::Manual,
        key: state.new_key(),
        suspension: Field::default(),
        lifting: Field::default(),
        has_refused_deposit: false,
        amount: Field::default(),
        reference: Field::default(),
        acts: lines(state, own.reader.language, acts, true, &mut Names::default()).await?.0,
    })
}

/// `GET /admin/acts`: everything that admins did.
pub async fn acts(State(state): State<Arc<WebState>>, Admin(own): Admin) -> Result<Response, Problem> {
    acts_page(&state, &own, None).await
}

/// `GET /record`: what admins did that concerns the reader.
pub async fn record(State(state): State<Arc<WebState>>, own: MemberReader) -> Result<Response, Problem> {
    acts_page(&state, &own, Some(own.member.id())).await
}

async fn acts_page(
    state: &WebState,
    own: &MemberReader,
    concerning: Option<MemberId>,
) -> Result<Response, Problem> {
    let cursor = Some(Typed::of(own.reader.query()).text("cursor")).filter(|cursor| !cursor.is_empty());
    let asked = Page { cursor, limit: LINES };
    let rows = judged(state.records.acts(concerning, asked.clone()).await, &asked)?;
    let is_own = concerning.is_some();
    let (acts, next) = lines(state, own.reader.language, rows, !is_own, &mut Names::default()).await?;
    let here = if is_own { "/record" } else { "/admin/acts" };
    let section = if is_own { Section::Elsewhere } else { Section::Admin };
    let shell = own.reader.shell(state, section).await?;
    let next = next.map(|cursor| format!("{here}?cursor={}", way::escaped(&cursor)));
    own.answer(200, &ActsPage { shell, is_own, acts, next })
}

/// Acts as lines, and where the next page begins. Members are led to what they may see and told no admin's name; admins are
/// led to their own pages.
async fn lines(
    state: &WebState,
    language: Language,
    acts: Paged<Act>,
    for_admins: bool,
    names: &mut Names,
) -> Result<(Vec<ActLine>, Option<String>), Problem> {
    let mut lines = Vec::new();
    for act in acts.items {
        let by = match act.admin {
            Some(admin) if for_admins => names.of(state, admin).await?.name,
            Some(_) => language.text("admin-by-admin"),
            None => language.text("admin-by-operator"),
        };
        lines.push(ActLine {
            text: language.text(&format!("act-{}", act.kind.name())),
            by,
            link: link(language, &act, for_admins),
            // The operator need not say why; what nobody said is said in the reader's language.
            reason: match act.admin {
                None if act.reason.is_empty() => language.text("act-no-reason"),
                _ => act.reason,
            },
            at: moment(act.at),
        });
    }
    Ok((lines, acts.next))
}

fn link(language: Language, act: &Act, for_admins: bool) -> Option<(String, String)> {
    let words = |key: &str, id: i64| language.text_with(key, &[("number", id.to_string().into())]);
    if let Some(order) = act.order {
        return Some((format!("/orders/{}", order.0), words("act-of-order", order.0)));
    }
    if let Some(auction) = act.auction {
        return Some((format!("/auctions/{}", auction.0), words("act-of-auction", auction.0)));
    }
    let member = act.member.filter(|_| for_admins)?;
    Some((format!("/admin/members/{}", member.0), words("act-of-member", member.0)))
}

/// Nicknames, each read once.
#[derive(Default)]
struct Names(HashMap<MemberId, Person>);

impl Names {
    async fn of(&mut self, state: &WebState, id: MemberId) -> Result<Person, Problem> {
        if let Some(person) = self.0.get(&id) {
            return Ok(person.clone());
        }
        let member = state.records.member(id).await?;
        let person = Person { id: id.0, name: member.map(|member| member.nickname).unwrap_or_default() };
        self.0.insert(id, person.clone());
        Ok(person)
    }
}
