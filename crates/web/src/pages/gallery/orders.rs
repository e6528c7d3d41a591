//! What follows a sale, in every situation and for everyone who may look: the order's page from the order itself, so that
//! the pages shown here are those that the rules make.

use askama::Template;
use auction::{AuctionId, Order, OrderId, OrderState, OrderStep, Side, Span, StepKind, Time};
use ledger::{MemberId, Money, PartsPerMillion};
use store::records::{self, Member, ReviewRow};

use super::pictures::photos;
use super::sample::{Sample, at};
use crate::pages::show::order::{Found, Frame, describe};
use crate::pages::{
    ActLine, ActsPage, AdminMemberPage, AdminPage, DepositLine, DisputeLine, Fees, Field, Next, OfferPage,
    OrderGroup, OrderLine, OrderPage, OrdersPage, Person, Picture, ReviewLine, Role, Section, WithdrawalForm,
    WithdrawalLine, Withdrawals,
};

/// The moment so many hours before the samples' now.
fn hours_ago(hours: i64) -> Time {
    Time(at(-hours * 3_600).as_microsecond())
}

fn won(amount: i64) -> Money {
    Money::new(amount).unwrap()
}

fn member(id: i64, nickname: &str) -> Member {
    Member {
        id: MemberId(id),
        username: format!("member_{id}"),
        nickname: nickname.to_owned(),
        region: None,
        suspended: false,
        is_admin: false,
        created_at: hours_ago(9_000),
    }
}

/// An order that was opened so many hours ago.
fn order(opened: i64) -> Order {
    Order {
        id: OrderId(55),
        auction: AuctionId(111),
        seller: MemberId(3),
        buyer: MemberId(7),
        price: won(21_000),
        fee_rate: PartsPerMillion::new(50_000).unwrap(),
        number: 1,
        is_second_chance: false,
        state: OrderState::ToHandOver,
        seq: 1,
        opened_at: hours_ago(opened),
        newest: hours_ago(opened),
        due: Some(hours_ago(opened).plus(auction::SELLER_ACTS_WITHIN)),
        receipt_code: 40_817,
        meeting_code: 593_026,
        tries: 0,
        tries_in_all: 0,
        locked_until: None,
        carrier: None,
        tracking: None,
        shipped_at: None,
        met_at: None,
        delivered_at: None,
        asked: 0,
        wants_cancel: None,
        disputed_at: None,
        disputed_by: None,
        buyer_evidence: 0,
        seller_evidence: 0,
        ended_at: None,
        refund: None,
        fee: None,
        fault: None,
        outage: None,
    }
}

fn shipped(opened: i64, hours: i64) -> Order {
    let at = hours_ago(hours);
    Order {
        carrier: Some("우체국택배".to_owned()),
        tracking: Some("6092-4471-8203".to_owned()),
        shipped_at: Some(at),
        due: Some(at.plus(Span::days(3))),
        ..order(opened)
    }
}

fn disputed(opened: i64, hours: i64) -> Order {
    let at = hours_ago(hours);
    let due = at.plus(auction::DECIDED_WITHIN);
    Order {
        state: OrderState::Disputed,
        disputed_at: Some(at),
        disputed_by: Some(Side::Buyer),
        due: Some(due),
        ..shipped(opened, hours + 60)
    }
}

fn ended(order: Order, state: OrderState, refund: i64, fault: Option<Side>) -> Order {
    let rest = order.price.minus(won(refund)).unwrap();
    Order {
        state,
        due: None,
        ended_at: Some(hours_ago(2)),
        refund: Some(won(refund)),
        fee: Some(order.fee_rate.of(rest)),
        fault,
        ..order
    }
}

/// Every situation by its name.
fn situations() -> Vec<(&'static str, Order)> {
    let met = Order {
        met_at: Some(hours_ago(1)),
        due: Some(hours_ago(1).plus(auction::HANDOVER_CODE_WITHIN)),
        tries: 2,
        ..order(30)
    };
    let delivered = Order {
        state: OrderState::Delivered,
        delivered_at: Some(hours_ago(5)),
        due: Some(hours_ago(-70)),
        ..shipped(90, 60)
    };
    let locked = Order { locked_until: Some(hours_ago(-1)), tries_in_all: 5, ..order(20) };
    vec![
        ("start", order(3)),
        ("wish", Order { wants_cancel: Some(Side::Buyer), ..order(20) }),
        ("locked", locked),
        ("late", order(80)),
        ("shipped", shipped(50, 26)),
        ("met", met.clone()),
        ("delivered", delivered.clone()),
        ("evidence", disputed(120, 10)),
        ("judging", disputed(240, 100)),
        ("overdue", Order { due: None, ..disputed(800, 400) }),
        ("done", ended(met, OrderState::Done, 0, None)),
        ("refunded", ended(order(90), OrderState::Refunded, 21_000, Some(Side::Buyer))),
        ("split", ended(disputed(240, 100), OrderState::Split, 8_000, Some(Side::Seller))),
        ("closing", Order { due: Some(hours_ago(0)), ..delivered }),
    ]
}

fn steps(order: &Order) -> Vec<OrderStep> {
    let words = "상자를 열어 보니 도로 조각이 세 개 없어요. 설명에는 모두 있다고 적혀 있었어요.";
    let reason = "빠진 조각만큼 돌려드려요. 다음에는 사진을 함께 올려 주세요.";
    let told = [
        (StepKind::Opened, Some(order.opened_at), Some(order.buyer), None),
        (StepKind::Shipped, order.shipped_at, Some(order.seller), Some("우체국택배 6092-4471-8203")),
        (StepKind::Met, order.met_at, Some(order.buyer), None),
        (StepKind::Delivered, order.delivered_at, Some(order.buyer), None),
        (StepKind::Disputed, order.disputed_at, Some(order.buyer), Some(words)),
        (StepKind::Evidence, order.disputed_at, Some(order.seller), Some("보낼 때 세어 보았어요.")),
        (StepKind::Done, order.ended_at, Some(order.seller), None),
        (StepKind::Refunded, order.ended_at, Some(order.buyer), None),
        (StepKind::Split, order.ended_at, Some(MemberId(1)), Some(reason)),
    ];
    let ending = match order.state {
        OrderState::Done => Some(StepKind::Done),
        OrderState::Refunded => Some(StepKind::Refunded),
        OrderState::Split => Some(StepKind::Split),
        _ => None,
    };
    let ends = [StepKind::Done, StepKind::Refunded, StepKind::Split];
    let happened = told.into_iter().filter(|(kind, ..)| !ends.contains(kind) || Some(*kind) == ending);
    happened
        .filter_map(|(kind, at, by, text)| {
            let text = text.map(str::to_owned);
            let (order, state, due) = (order.id, order.state, None);
            Some(OrderStep { order, seq: 1, kind, at: at?, by, state, due, text, amount: Some(won(21_000)) })
        })
        .collect()
}

fn review(by: Side, stars: i64, text: &str) -> ReviewRow {
    let (author, about) = if by == Side::Buyer { (7, 3) } else { (3, 7) };
    let name = if by == Side::Buyer { "느린우체통" } else { "수리부엉이" };
    ReviewRow {
        order: OrderId(55),
        by,
        author: MemberId(author),
        author_name: name.to_owned(),
        about: MemberId(about),
        title: "보드게임 카탄 확장 포함".to_owned(),
        stars,
        text: text.to_owned(),
        at: hours_ago(1),
    }
}

impl Sample {
    fn order(&self, order: Order, role: Role, reviews: Vec<ReviewRow>) -> OrderPage {
        let page = records::OrderPage {
            steps: steps(&order),
            order,
            title: "보드게임 카탄 확장 포함".to_owned(),
            buyer: member(7, "느린우체통"),
            seller: member(3, "수리부엉이"),
            offers: Vec::new(),
            reviews,
        };
        let frame = Frame {
            shell: self.shell(Section::Orders, "/orders/55"),
            picture: Picture { category: "hobby".to_owned(), variant: 56 },
            photo: photos().into_iter().next(),
            key: "0197d0a0-0000-7000-8000-000000000001".to_owned(),
            is_item_free: true,
        };
        describe(frame, Found { page, role }, hours_ago(0))
    }

    fn orders(&self) -> OrdersPage {
        let line = |id, title: &str, is_selling, state, next: &str, until: Option<i64>| OrderLine {
            id,
            title: title.to_owned(),
            picture: Picture { category: "hobby".to_owned(), variant: id },
            is_selling,
            price: 21_000,
            state,
            next: next.to_owned(),
            until: until.map(at),
            opened_at: at(-90_000),
        };
        let start = self.text("order-next-start-seller");
        let closing = self.text("order-next-judging-buyer");
        let done = self.text("order-state-done");
        let group = |name, lines| OrderGroup { name, lines };
        OrdersPage {
            shell: self.shell(Section::Orders, "/orders"),
            groups: vec![
                group(
                    "needs-you",
                    vec![line(55, "보드게임 카탄 확장 포함", true, "to_hand_over", &start, Some(400_000))],
                ),
                group(
                    "under-way",
                    vec![line(54, "울 코트 M, 세 번 입음", false, "disputed", &closing, Some(900_000))],
                ),
                group("over", vec![line(53, "무선 주전자", false, "done", &done, None)]),
            ],
            next: None,
        }
    }

    fn offer(&self, state: &'static str, available: i64) -> OfferPage {
        OfferPage {
            shell: self.shell(Section::Orders, "/auctions/111/offer"),
            auction_id: 111,
            title: "보드게임 카탄 확장 포함".to_owned(),
            picture: Picture { category: "hobby".to_owned(), variant: 56 },
            photo: photos().into_iter().next(),
            seller_id: 3,
            seller: "수리부엉이".to_owned(),
            price: 19_000,
            until: at(80_000),
            state,
            available,
            key: "0197d0a0-0000-7000-8000-000000000001".to_owned(),
        }
    }

    fn acts(&self) -> Vec<ActLine> {
        let act = |key: &str, reason: &str, link: Option<(&str, &str)>| ActLine {
            text: self.text(key),
            by: "마을지기".to_owned(),
            reason: reason.to_owned(),
            link: link.map(|(address, words)| (address.to_owned(), words.to_owned())),
            at: at(-50_000),
        };
        vec![
            act(
                "act-suspended",
                "같은 물건을 여러 번 올리고 전하지 않았어요.",
                Some(("/admin/members/9", "9")),
            ),
            act("act-decided", "빠진 조각만큼 돌려드려요.", Some(("/orders/55", "55"))),
        ]
    }

    pub fn reviews(&self) -> Vec<ReviewLine> {
        let rows = [
            review(Side::Buyer, 5, "시간 약속도 잘 지키고 물건도 깨끗했어요. 고맙습니다!"),
            review(Side::Buyer, 3, ""),
        ];
        rows.iter().map(|row| crate::pages::show::order::review_line(row, true)).collect()
    }

    fn withdrawal(&self, id: i64, state: &'static str, reason: Option<&str>) -> WithdrawalLine {
        WithdrawalLine {
            id,
            member: Some(Person { id: 7, name: "느린우체통".to_owned() }),
            amount: 120_000,
            destination: "우리은행 1002-123-456789 홍길동".to_owned(),
            at: at(-90_000),
            state,
            decided_at: None,
            reason: reason.map(str::to_owned),
            debt: if id == 1 { 30_000 } else { 0 },
            typed: Field::default(),
        }
    }

    pub fn withdrawals(&self) -> Withdrawals {
        let form = WithdrawalForm {
            amount: Field::faulty("9,000,000", self.text("field-amount_invalid")),
            ..WithdrawalForm::default()
        };
        let why = Some("예금주 이름이 달라요");
        let lines = vec![self.withdrawal(2, "requested", None), self.withdrawal(1, "reversed", why)];
        Withdrawals { form: Some(form), is_demo: false, lines }
    }

    fn desk(&self) -> AdminPage {
        let dispute = |order_id, due: Option<i64>| DisputeLine {
            order_id,
            title: "보드게임 카탄 확장 포함".to_owned(),
            price: 21_000,
            since: at(-900_000),
            due: due.map(at),
        };
        AdminPage {
            shell: self.shell(Section::Admin, "/admin"),
            disputes: vec![dispute(55, None), dispute(56, Some(700_000))],
            more_disputes: None,
            withdrawals: vec![self.withdrawal(1, "requested", None), self.withdrawal(2, "requested", None)],
            more_withdrawals: None,
            debts: vec![self.deposit_line(5, Some(30_000), false)],
            more_debts: None,
            fees: Fees { held: 1_234_500, can_withdraw: true, ..Fees::default() },
            has_reports: true,
            acts: self.acts(),
            key: "0197d0a0-0000-7000-8000-000000000001".to_owned(),
            member: Field::faulty("slow", self.text("admin-member-missing")),
        }
    }

    fn deposit_line(&self, id: i64, missing: Option<i64>, is_his_page: bool) -> DepositLine {
        DepositLine {
            id,
            member: Person { id: 9, name: "바람난참새".to_owned() },
            is_his_page,
            amount: 100_000,
            missing,
            at: at(-400_000),
            typed: missing.map_or_else(Field::default, |_| Field::faulty("", self.text("field-required"))),
        }
    }

    fn admin_member(&self, is_suspended: bool) -> AdminMemberPage {
        AdminMemberPage {
            shell: self.shell(Section::Admin, "/admin/members/9"),
            id: 9,
            nickname: "바람난참새".to_owned(),
            username: "windy_sparrow".to_owned(),
            since: at(-9_000_000),
            is_suspended,
            is_admin: false,
            is_me: false,
            balance: 120_000,
            debt: 30_000,
            deposits: vec![self.deposit_line(6, None, true), self.deposit_line(4, Some(0), true)],
            more_deposits: Some("/admin/members/9?deposits=4#deposits".to_owned()),
            marks: vec![("mark-seller_default".to_owned(), 3)],
            can_deposit: true,
            key: "0197d0a0-0000-7000-8000-000000000001".to_owned(),
            suspension: Field::default(),
            lifting: Field::default(),
            has_refused_deposit: false,
            amount: Field::default(),
            reference: Field::default(),
            acts: self.acts(),
        }
    }
}

/// Every page of what follows a sale, by the name it is looked at under.
pub fn pages(sample: &Sample) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for (name, order) in situations() {
        for role in [Role::Buyer, Role::Seller, Role::Admin] {
            let reviews = match name {
                "split" => vec![review(Side::Buyer, 4, "잘 해결됐어요."), review(Side::Seller, 5, "")],
                "refunded" => vec![review(Side::Seller, 2, "연락이 없었어요.")],
                _ => Vec::new(),
            };
            let page = sample.order(order.clone(), role, reviews);
            out.push((format!("order-{name}-{}", role.code()), page.render().unwrap()));
        }
    }
    let mut decide = sample.order(disputed(240, 100), Role::Admin, Vec::new());
    decide.forms.preview = Some(crate::pages::show::order::divided(&disputed(240, 100), won(8_000), false));
    "seller".clone_into(&mut decide.forms.fault);
    decide.forms.reason = Field::of("빠진 조각만큼 돌려드려요.");
    let acts = |is_own| ActsPage {
        shell: sample.shell(Section::Elsewhere, "/record"),
        is_own,
        acts: if is_own { Vec::new() } else { sample.acts() },
        next: None,
    };
    let mut none = sample.orders();
    none.groups.clear();
    out.extend([
        ("order-decide".to_owned(), decide.render().unwrap()),
        ("orders".to_owned(), sample.orders().render().unwrap()),
        ("orders-empty".to_owned(), none.render().unwrap()),
        ("offer".to_owned(), sample.offer("open", 152_000).render().unwrap()),
        ("offer-poor".to_owned(), sample.offer("open", 2_000).render().unwrap()),
        ("offer-lapsed".to_owned(), sample.offer("lapsed", 2_000).render().unwrap()),
        ("admin".to_owned(), sample.desk().render().unwrap()),
        ("admin-member".to_owned(), sample.admin_member(false).render().unwrap()),
        ("admin-member-suspended".to_owned(), sample.admin_member(true).render().unwrap()),
        ("admin-acts".to_owned(), acts(false).render().unwrap()),
        ("record".to_owned(), acts(true).render().unwrap()),
    ]);
    out
}

#[test]
fn every_situation_is_shown_and_named() {
    let sample = Sample { language: crate::words::Language::Ko };
    let mut seen = std::collections::BTreeSet::new();
    for (_, order) in situations() {
        for role in [Role::Buyer, Role::Seller, Role::Admin] {
            let page = sample.order(order.clone(), role, Vec::new());
            seen.insert(page.next.situation);
            let now = page.stages.iter().filter(|stage| stage.state.code() == "now").count();
            assert_eq!(now, usize::from(order.state.is_open()), "{} {}", page.next.situation, role.code());
        }
    }
    assert_eq!(seen, Next::SITUATIONS.into_iter().collect());
}

/// A code is for one side only, and for no admin.
#[test]
fn nobody_sees_the_code_of_another() {
    let sample = Sample { language: crate::words::Language::En };
    for (name, order) in situations() {
        for (role, own) in [(Role::Buyer, "040817"), (Role::Seller, "593026"), (Role::Admin, "-")] {
            let html = sample.order(order.clone(), role, Vec::new()).render().unwrap();
            for code in ["040817", "593026", "40817"] {
                assert!(code == own || own.ends_with(code) || !html.contains(code), "{name} {}", role.code());
            }
        }
    }
}
