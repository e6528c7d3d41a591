//! Made-up neighbours and what they sell, for the gallery.

use jiff::{Timestamp, tz::TimeZone};

use crate::pages::sales::SalesDay;
use crate::pages::{
    AuctionPage, BidForm, Card, Chart, Choice, ChoiceGroup, DepositForm, Direction, Face, Field, Filters,
    Group, GroupKind, Heart, HoldLine, HomePage, LeavePage, MemberPage, MyAuctionsPage, MyLine, NoticeLine,
    NoticesPage, Picture, ProblemPage, Reputation, Reserve, RulesPage, SalesPage, SavedLine, SavedPage,
    Section, SellForm, SellPage, Seller, SettingsPage, Shell, SignInPage, SignUpPage, State, Trace,
    TracePoint, TransferFilter, TransferLine, Viewer, Visitor, WalletPage,
};
use crate::words::{Figures, Language, refusal};

/// The second of the samples' clock, counted from nine in the evening of the third of July 2026 in Seoul.
pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_783_080_000 + second).unwrap()
}

pub const KEY: &str = "0197d0a0-0000-7000-8000-000000000001";

/// Pages in one language.
pub struct Sample {
    pub language: Language,
}

const THINGS: [(&str, &str, i64, &str, i64, i64, State); 14] = [
    ("원목 식탁 의자, 두 해 썼어요", "furniture", 48_000, "망원동", 12, 42, State::Ending),
    ("맥북 에어 M2 13인치 256GB 배터리 96%", "digital", 685_000, "합정동", 31, 171, State::Leading),
    ("무선 주전자", "kitchen", 12_000, "연남동", 4, 585, State::Open),
    ("브롬톤 P라인, 가방 포함", "sports", 1_420_000, "서교동", 22, 1_900, State::Outbid),
    ("유아 원목 블록 세트", "kids", 9_000, "성산동", 3, 2_900, State::Open),
    ("무선 청소기 V11", "appliances", 155_000, "망원동", 9, 5_400, State::Open),
    ("몬스테라 큰 화분 (직거래만)", "plants", 18_000, "상수동", 6, 8_000, State::Leading),
    ("통기타 입문용", "music", 40_000, "망원동", 0, 30_000, State::Open),
    ("한국 근대 소설 전집 24권", "books", 33_000, "연희동", 8, 90_000, State::Open),
    ("울 코트 M, 세 번 입음", "fashion", 52_000, "합정동", 5, 100_000, State::Open),
    ("고양이 숨숨집과 스크래처", "pets", 7_000, "망원동", 2, 200_000, State::Scheduled),
    ("보드게임 카탄 확장 포함", "hobby", 21_000, "서교동", 7, -3_000, State::Won),
    ("제주 감귤 10kg, 오늘 도착", "food", 15_000, "성산동", 11, -9_000, State::Lost),
    ("이사 정리 상자 한 묶음", "other", 1_000, "망원동", 0, -90_000, State::Unsold),
];

impl Sample {
    pub fn text(&self, key: &str) -> String {
        self.language.text(key)
    }

    pub fn refusal(&self, code: &str) -> String {
        refusal(self.language, code, &Figures { minimum: Some(49_000), ..Figures::default() })
    }

    pub fn shell(&self, section: Section, address: &str) -> Shell {
        Shell {
            language: self.language,
            now: at(0),
            zone: TimeZone::get("Asia/Seoul").unwrap(),
            origin: "https://market.example".to_owned(),
            address: address.to_owned(),
            section,
            place: Some("망원동".to_owned()),
            place_way: None,
            visitor: Some(Visitor {
                id: 7,
                nickname: "느린우체통".to_owned(),
                unread: 2,
                available: 152_000,
                is_admin: false,
                failed: 0,
            }),
            answer: None,
        }
    }

    fn card(&self, place: usize) -> Card {
        let (title, category, price, neighbourhood, bid_count, ends, state) = THINGS[place % THINGS.len()];
        Card {
            id: 100 + i64::try_from(place).unwrap(),
            seq: bid_count + 1,
            title: title.to_owned(),
            photo: None,
            picture: Picture {
                category: category.to_owned(),
                variant: i64::try_from(place * 5 + 1).unwrap(),
            },
            place: Some(neighbourhood.to_owned()),
            state,
            number: matches!(state, State::Leading | State::Outbid | State::Won | State::Lost).then_some(2),
            price,
            bid_count,
            starts_at: at(if state == State::Scheduled { 50_000 } else { -80_000 }),
            ends_at: at(ends),
            ended_at: state.is_over().then(|| at(ends)),
            buy_now_price: None,
            heart: Some(Heart { count: bid_count * 9, is_watched: place.is_multiple_of(3) }),
        }
    }

    fn cards(&self, places: std::ops::Range<usize>) -> Vec<Card> {
        places.map(|place| self.card(place)).collect()
    }

    fn categories(&self) -> Vec<Choice> {
        let names =
            ["디지털", "가구", "유아", "가전", "주방", "도서", "스포츠", "패션", "취미", "식물", "반려동물"];
        (1..).zip(names).map(|(id, name)| Choice::of(i64::to_string(&id), name)).collect()
    }

    fn regions(&self) -> Vec<ChoiceGroup> {
        let near = ["망원동", "합정동", "연남동", "서교동"];
        let choices = (11..).zip(near).map(|(id, name)| Choice::of(i64::to_string(&id), name)).collect();
        vec![
            ChoiceGroup {
                label: String::new(),
                choices: vec![Choice::of("1", "서울특별시"), Choice::of("2", "마포구")],
            },
            ChoiceGroup { label: "마포구".to_owned(), choices },
        ]
    }

    pub fn home(&self) -> HomePage {
        HomePage {
            shell: self.shell(Section::Home, "/"),
            filters: Filters { sort: "newest".to_owned(), ..Filters::default() },
            categories: self.categories(),
            top_category: String::new(),
            kinds: Vec::new(),
            active: Vec::new(),
            count: None,
            wider: Vec::new(),
            has_home: true,
            home: Some(Choice::of("/?region=1", "망원동")),
            regions: self.regions(),
            ending_soon: self.cards(0..5),
            cards: self.cards(1..14),
            shows_seen: true,
            next: Some("/?cursor=abc".to_owned()),
        }
    }

    pub fn auction(&self, state: State) -> AuctionPage {
        let ends = match state {
            State::Ending => 42,
            State::Scheduled => 90_000,
            State::Leading => 192,
            state if state.is_over() => -600,
            _ => 8_040,
        };
        let held = if state == State::Leading { 60_000 } else { 0 };
        AuctionPage {
            shell: self.shell(Section::Elsewhere, "/auctions/100"),
            id: 100,
            seq: 13,
            terms: 1,
            title: "원목 식탁 의자, 두 해 썼어요".to_owned(),
            description: "이사 가면서 내놓아요. 앉는 자리에 작은 흠집이 하나 있고 흔들림은 없어요.\n\n망원시장 앞에서 만나요. 차가 있으면 두 개도 한 번에 실을 수 있어요.".to_owned(),
            category: Some("가구 › 의자".to_owned()),
            photos: Vec::new(),
            picture: Picture { category: "furniture".to_owned(), variant: 1 },
            place: Some("망원동".to_owned()),
            nationwide: false,
            condition: Some("a".to_owned()),
            shipping_payer: Some("buyer".to_owned()),
            seller: Seller { id: 3, nickname: "수리부엉이".to_owned(), reputation: Some(Reputation { score: 96, count: 31 }), sales: Some(42) },
            state,
            viewer: Viewer::Member {
                number: Some(2),
                held,
                available: 152_000 - held,
                maximum: (held > 0).then_some(held),
            },
            price: 48_000,
            start_price: 10_000,
            minimum: state.takes_bids().then_some(49_000),
            step: 1_000,
            bid_unit: Some(1_000),
            buy_now_price: Some(120_000),
            bid_count: 12,
            heart: Some(Heart { count: 12, is_watched: false }),
            watchers: 23,
            starts_at: at(if state == State::Scheduled { 5_400 } else { -80_000 }),
            ends_at: at(ends),
            ended_at: state.is_over().then(|| at(ends)),
            latest: at(ends + 3_600),
            soft_close_minutes: 3,
            seller_extensions: 0,
            reserve: Reserve::None,
            notes: Vec::new(),
            changes: Vec::new(),
            afresh: None,
            followed_by: None,
            earlier: Vec::new(),
            cancel_reason: (state == State::Cancelled).then(|| "가족이 쓰기로 했어요.".to_owned()),
            order: (state == State::Won).then_some(55),
            form: BidForm { key: KEY.to_owned(), buy_key: KEY.to_owned(), ..BidForm::default() },
            history: self.history(),
            chart: Chart { prices: vec![10_000, 12_000, 13_000, 15_000, 20_000, 21_000, 24_000, 30_000, 36_000, 38_000, 45_000, 48_000] },
            trace: self.trace(),
            talk: self.talk(state),
            controls: None,
            admin: None,
            others: self.cards(2..6),
        }
    }

    pub fn sell(&self, faulty: bool) -> SellPage {
        let mut form = SellForm {
            key: KEY.to_owned(),
            condition: Field::of("a"),
            shipping_payer: Field::of("buyer"),
            region_id: Field::of("11"),
            start_price: Field::of("1000"),
            bid_unit: Field::of("1000"),
            ends_at: Field::of("2026-07-04T21:00"),
            soft_close_minutes: Field::of("3"),
            ..SellForm::default()
        };
        if faulty {
            form.fault = Some(self.text("error-invalid"));
            form.title = Field::faulty("의", self.text("field-too_short"));
            form.start_price = Field::faulty("천원", self.text("field-amount_invalid"));
            form.reserve_price = Field::faulty("2,000", self.text("field-above_buy_now"));
            form.buy_now_price = Field::faulty("1500", self.text("field-off_step"));
        }
        let mut preview = self.card(7);
        preview.title = self.text("sell-preview-title");
        preview.picture.category = "other".to_owned();
        preview.price = 1_000;
        SellPage {
            shell: self.shell(Section::Sell, "/sell"),
            form,
            categories: vec![ChoiceGroup { label: String::new(), choices: self.categories() }],
            regions: self.regions(),
            ends_min: "2026-07-03T21:11".to_owned(),
            ends_max: "2026-08-02T21:00".to_owned(),
            preview,
        }
    }

    pub fn rules(&self) -> RulesPage {
        RulesPage { shell: self.shell(Section::Elsewhere, "/rules"), has_names: false }
    }

    pub fn wallet(&self) -> WalletPage {
        let hold = |auction_id, title: &str, amount, ends| HoldLine {
            auction_id,
            title: title.to_owned(),
            amount,
            ends_at: Some(at(ends)),
        };
        let transfer = |id, reason: &str, direction, amount, balance, ago: i64| TransferLine {
            id,
            reason: reason.to_owned(),
            direction,
            amount,
            balance: Some(balance),
            auction: (reason != "deposit").then(|| (100, "원목 식탁 의자, 두 해 썼어요".to_owned())),
            at: at(-ago),
        };
        WalletPage {
            shell: self.shell(Section::Wallet, "/wallet"),
            available: 152_000,
            held: 66_000,
            debt: 30_000,
            holds: vec![
                hold(100, "원목 식탁 의자, 두 해 썼어요", 48_000, 192),
                hold(106, "몬스테라 큰 화분", 18_000, 8_000),
            ],
            deposit: Some(DepositForm {
                key: KEY.to_owned(),
                amount: Field::default(),
                limit: 10_000_000,
                demo: true,
            }),
            transfers: vec![
                transfer(9, "bid_hold", Direction::Out, 48_000, 152_000, 30),
                transfer(8, "bid_release", Direction::In, 38_000, 200_000, 75),
                transfer(7, "payout", Direction::In, 62_000, 162_000, 90_000),
                transfer(6, "purchase", Direction::Beside, 21_000, 100_000, 200_000),
                transfer(5, "deposit", Direction::In, 100_000, 100_000, 400_000),
            ],
            withdrawals: self.withdrawals(),
            statement_fault: None,
            statement: ("2026-06-03".to_owned(), "2026-07-03".to_owned()),
            filter: TransferFilter::default(),
            next: Some("/wallet?cursor=9".to_owned()),
        }
    }

    pub fn my_auctions(&self) -> MyAuctionsPage {
        let line = |place: usize, selling, mine, minimum, order| MyLine {
            card: self.card(place),
            selling,
            mine,
            minimum,
            below_reserve: place == 6,
            order,
            task: (place == 11).then(|| self.text("order-next-delivered-buyer")),
        };
        MyAuctionsPage {
            shell: self.shell(Section::Mine, "/me/auctions"),
            groups: vec![
                Group {
                    kind: GroupKind::NeedsYou,
                    lines: vec![
                        line(3, false, Some(1_400_000), Some(1_430_000), None),
                        line(1, false, Some(685_000), None, None),
                        line(11, false, Some(21_000), None, Some(55)),
                    ],
                },
                Group { kind: GroupKind::Leading, lines: vec![line(6, false, Some(18_000), None, None)] },
                Group {
                    kind: GroupKind::Watching,
                    lines: vec![line(4, false, None, None, None), line(9, false, None, None, None)],
                },
                Group {
                    kind: GroupKind::Selling,
                    lines: vec![line(5, true, None, None, None), line(10, true, None, None, None)],
                },
                Group { kind: GroupKind::Won, lines: Vec::new() },
                Group {
                    kind: GroupKind::Past,
                    lines: vec![line(12, false, Some(14_000), None, None), line(13, true, None, None, None)],
                },
            ],
            more: Some("/me/auctions?bids=1&sales=-&watched=-".to_owned()),
        }
    }

    pub fn notices(&self) -> NoticesPage {
        let line = |id, kind: &str, title: &str, amount, ago: i64, unread| NoticeLine {
            id,
            kind: kind.to_owned(),
            href: "/auctions/100".to_owned(),
            title: title.to_owned(),
            amount: Some(amount),
            count: (kind == "search_match").then_some(3),
            at: at(-ago),
            unread,
        };
        NoticesPage {
            shell: self.shell(Section::Notices, "/notices"),
            lines: vec![
                line(9, "outbid", "브롬톤 P라인, 가방 포함", 1_420_000, 20, true),
                line(8, "new_bid", "무선 청소기 V11", 155_000, 340, true),
                line(10, "search_match", "의자 · 마포구 망원동", 0, 900, true),
                line(7, "won", "보드게임 카탄 확장 포함", 21_000, 3_000, false),
                line(6, "offered", "제주 감귤 10kg, 오늘 도착", 15_000, 9_000, false),
                line(5, "sold", "책장", 62_000, 90_000, false),
                line(4, "unsold", "이사 정리 상자 한 묶음", 0, 91_000, false),
                line(3, "extended", "통기타 입문용", 0, 180_000, false),
                line(2, "cancelled", "울 코트 M", 0, 280_000, false),
                line(1, "mystery", "울 코트 M", 0, 380_000, false),
            ],
            up_to: 10,
            next: None,
        }
    }

    pub fn member(&self) -> MemberPage {
        MemberPage {
            shell: self.shell(Section::Elsewhere, "/members/3"),
            id: 3,
            nickname: "수리부엉이".to_owned(),
            place: Some("망원동".to_owned()),
            since: at(-90_000_000),
            about: Some("망원동에서 나무 의자를 고쳐요.\n<script>alert(1)</script>".to_owned()),
            face: None,
            answers: Some(self.text("member-open")),
            has_left: false,
            past: false,
            reputation: Some(Reputation { score: 96, count: 31 }),
            sales: 42,
            marks: vec![("mark-cancelled_with_bids".to_owned(), 2)],
            reviews: self.reviews(),
            more_reviews: None,
            reason: Field::default(),
            blocked: Some(false),
            cards: self.cards(4..9),
            next: None,
        }
    }

    pub fn settings(&self) -> SettingsPage {
        SettingsPage {
            shell: self.shell(Section::Elsewhere, "/me"),
            username: "slow_mailbox".to_owned(),
            nickname: Field::of("느린우체통"),
            region_id: Field::of("11"),
            about: Field::of("망원동에서 나무 의자를 고쳐요."),
            warns: true,
            face: Some(Face { address: "0a".repeat(32) }),
            regions: self.regions(),
            current_password: Field::default(),
            new_password: Field::default(),
        }
    }

    pub fn leave(&self, is_tied: bool) -> LeavePage {
        LeavePage {
            shell: self.shell(Section::Elsewhere, "/me/leave"),
            username: "slow_mailbox".to_owned(),
            former: crate::api::leaving::former(self.language, ledger::MemberId(31)),
            ties: if is_tied { vec![(self.text("wallet-held"), "/wallet")] } else { Vec::new() },
            password: Field::default(),
            confirm: None,
        }
    }

    pub fn saved(&self, has_some: bool) -> SavedPage {
        let line = |id, name: &str, fresh| SavedLine { id, name: name.to_owned(), fresh };
        let lines = vec![line(2, "의자 · 마포구 망원동 · 즉시 구매할 수 있는 것", 3), line(1, "자전거", 0)];
        let shell = self.shell(Section::Elsewhere, "/me/searches");
        SavedPage { shell, lines: if has_some { lines } else { Vec::new() } }
    }

    pub fn sales(&self) -> SalesPage {
        let day = |day, count, sum| SalesDay { day, count, sum, start_sum: sum / 2 };
        SalesPage {
            shell: self.shell(Section::Mine, "/me/sales"),
            month: "2026-11".to_owned(),
            before: "/me/sales?month=2026-10".to_owned(),
            after: None,
            days_in_month: 30,
            days: vec![day(2, 1, 12_000), day(3, 2, 45_000), day(11, 4, 180_000), day(21, 1, 9_000)],
        }
    }

    pub fn trace(&self) -> Trace {
        let bid = |minute: i64, price, number| TracePoint {
            at: at(minute * 60 - 1_500),
            price,
            number,
            name: None,
            mine: number == 2,
        };
        let points = vec![
            bid(0, 10_000, 1),
            bid(3, 12_000, 2),
            bid(9, 15_000, 3),
            bid(15, 20_000, 4),
            bid(16, 24_000, 5),
            bid(20, 30_000, 6),
            bid(24, 38_000, 7),
            bid(24, 48_000, 2),
        ];
        Trace { points, end: Some(at(0)), ..Trace::default() }
    }

    pub fn sign_up(&self) -> SignUpPage {
        let mut shell = self.shell(Section::Elsewhere, "/sign-up");
        shell.visitor = None;
        SignUpPage {
            shell,
            next: "/auctions/100?amount=1#bid".to_owned(),
            fault: None,
            username: Field::faulty("slow_mailbox", self.text("error-username_taken")),
            password: Field::default(),
            nickname: Field::of("느린우체통"),
            region_id: Field::default(),
            regions: self.regions(),
        }
    }

    pub fn sign_in(&self) -> SignInPage {
        let mut shell = self.shell(Section::Elsewhere, "/sign-in");
        shell.visitor = None;
        SignInPage {
            shell,
            next: "/".to_owned(),
            fault: Some(self.text("error-credentials_wrong")),
            username: "slow".to_owned(),
        }
    }

    pub fn problem(&self, status: u16) -> ProblemPage {
        ProblemPage { shell: self.shell(Section::Elsewhere, "/nowhere"), status, detail: None }
    }
}
