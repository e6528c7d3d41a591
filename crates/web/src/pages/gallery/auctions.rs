//! Auctions in every state that the rules can bring about, for the gallery.

use askama::Template;

use super::sample::{KEY, Sample, at};
use crate::pages::{
    AdminBidder, AdminControls, Afresh, AuctionPage, BidderLine, Cancel, Change, Doubted, Earlier, Edit,
    EditPage, Extend, Field, Follows, HistoryLine, Note, Reserve, SellerControls, State, Viewer, WHY,
};

/// All pages of auctions, by the name they are looked at under.
pub fn pages(sample: &Sample) -> Vec<(String, String)> {
    let named = |state: State| (format!("auction-{}", state.code()), sample.auction(state));
    let mut out: Vec<(String, AuctionPage)> = State::ALL.into_iter().map(named).collect();
    out.extend(bidding(sample));
    out.extend(history(sample));
    out.extend(selling(sample));
    out.extend(judging(sample));
    let mut out: Vec<(String, String)> =
        out.into_iter().map(|(name, page)| (name, page.render().unwrap())).collect();
    for (name, edit) in [("all", Edit::All), ("most", Edit::Most), ("notes", Edit::Notes)] {
        out.push((format!("edit-{name}"), sample.edit(edit).render().unwrap()));
    }
    let mut again = sample.sell(false);
    again.form.again_of = Some(100);
    again.form.is_ladder = true;
    again.form.reserve_price = Field::of("20,000");
    out.push(("sell-again".to_owned(), again.render().unwrap()));
    out
}

fn bidding(sample: &Sample) -> Vec<(String, AuctionPage)> {
    let mut guest = sample.auction(State::Open);
    guest.shell.visitor = None;
    guest.viewer = Viewer::Guest;
    let mut refused = sample.auction(State::Outbid);
    refused.form.fault = Some(sample.refusal("below_minimum"));
    let mut confirm = sample.auction(State::Open);
    confirm.form.confirm = Some(Doubted { amount: Some(900_000), ..Doubted::default() });
    let mut maximum = sample.auction(State::Open);
    maximum.form.confirm = Some(Doubted { maximum: Some(900_000), ..Doubted::default() });
    let mut buys = sample.auction(State::Open);
    buys.form.confirm = Some(Doubted { amount: Some(130_000), maximum: None, buys: Some(120_000) });
    let mut higher = sample.auction(State::Leading);
    higher.reserve = Reserve::NotMet;
    higher.form.maximum = "50,000".to_owned();
    higher.form.fault = Some(sample.refusal("maximum_not_higher"));
    let mut changed = sample.auction(State::Open);
    changed.terms = 3;
    changed.notes = sample.notes();
    changed.form.fault = Some(sample.refusal("terms_changed"));
    changed.changes = vec![
        Change { note: None, at: at(-4_000) },
        Change {
            note: Some("왼쪽 다리에 긁힌 자국이 하나 더 있어요.".to_owned()), at: at(-600)
        },
    ];
    vec![
        ("auction-guest".to_owned(), guest),
        ("auction-refused".to_owned(), refused),
        ("auction-confirm".to_owned(), confirm),
        ("auction-confirm-maximum".to_owned(), maximum),
        ("auction-buys".to_owned(), buys),
        ("auction-not-higher".to_owned(), higher),
        ("auction-changed".to_owned(), changed),
    ]
}

fn history(sample: &Sample) -> Vec<(String, AuctionPage)> {
    let mut why = sample.auction(State::Outbid);
    why.reserve = Reserve::Met;
    why.history = sample.reasons();
    why.notes = sample.notes();
    why.chart.prices = vec![10_000, 24_000, 45_000, 38_000, 10_000, 12_000, 48_000];
    why.seller_extensions = 1;
    let mut afresh = sample.auction(State::Open);
    afresh.afresh =
        Some(Afresh { reason: Some("연락이 되지 않는 이웃이었어요.".to_owned()), at: at(-300) });
    let mut followed = sample.auction(State::ReserveNotMet);
    followed.followed_by = Some(120);
    followed.earlier = [State::Unsold, State::Cancelled]
        .map(|state| Earlier { id: 90, state, price: 30_000, ended: Some(at(-3_000_000)) })
        .to_vec();
    vec![
        ("auction-why".to_owned(), why),
        ("auction-afresh".to_owned(), afresh),
        ("auction-followed".to_owned(), followed),
    ]
}

fn judging(sample: &Sample) -> Vec<(String, AuctionPage)> {
    let bidder =
        |(number, name, leads): (i64, &str, bool)| AdminBidder { number, name: name.to_owned(), leads };
    let bidders = [(3, "느린우체통", true), (2, "수리부엉이", false)].map(bidder).to_vec();
    let admin = AdminControls { key: KEY.to_owned(), runs: true, bidders, ..AdminControls::default() };
    let refused = AdminControls {
        refused: "take-back",
        chosen: Some(2),
        taking: Field::faulty(String::new(), sample.refusal("reason_missing")),
        ..admin.clone()
    };
    let over = AdminControls { runs: false, ..AdminControls::default() };
    let seen =
        |state: State, admin: AdminControls| AuctionPage { admin: Some(admin), ..sample.auction(state) };
    vec![
        ("auction-admin".to_owned(), seen(State::Open, admin)),
        ("auction-admin-refused".to_owned(), seen(State::Open, refused)),
        ("auction-admin-over".to_owned(), seen(State::Cancelled, over)),
    ]
}

fn selling(sample: &Sample) -> Vec<(String, AuctionPage)> {
    let own = |state: State, controls: SellerControls| {
        let mut page = sample.auction(state);
        page.viewer = Viewer::Seller;
        page.reserve = Reserve::NotMet;
        page.controls = Some(controls);
        page
    };
    let free =
        SellerControls { cancel: Cancel::Free, edit: Edit::Most, bidders: Vec::new(), ..sample.controls() };
    let refused = SellerControls {
        refused: "reserve",
        fault: Some(sample.refusal("reserve_invalid")),
        typed_reserve: "40,000".to_owned(),
        ..sample.controls()
    };
    let over = SellerControls {
        edit: Edit::Nothing,
        can_auction_again: true,
        cancel: Cancel::TooLate,
        reserve: Some(90_000),
        ..SellerControls::default()
    };
    vec![
        ("auction-own".to_owned(), own(State::Open, sample.controls())),
        ("auction-own-free".to_owned(), own(State::Open, free)),
        ("auction-own-refused".to_owned(), own(State::Open, refused)),
        ("auction-own-over".to_owned(), own(State::ReserveNotMet, over)),
    ]
}

impl Sample {
    fn notes(&self) -> Vec<Note> {
        let words = ["택배도 돼요. 착불이에요.", "왼쪽 다리에 긁힌 자국이 하나 더 있어요."];
        words
            .iter()
            .zip([-4_000, -600])
            .map(|(text, ago)| Note { text: (*text).to_owned(), at: at(ago) })
            .collect()
    }

    /// A line of each rule, the newest first.
    fn reasons(&self) -> Vec<HistoryLine> {
        let line = |(place, why): (i64, &'static str)| HistoryLine {
            seq: 30 - place,
            kind: match why {
                "matched" => "auto",
                "taken_back" | "afresh" => "reset",
                "buy_now" => "buy_now",
                _ => "bid",
            }
            .to_owned(),
            number: place % 3 + 1,
            name: None,
            mine: place % 3 == 1,
            amount: 48_000 - 2_000 * place,
            why: Some(why),
            reason: (why == "afresh").then(|| "연락이 되지 않는 이웃이었어요.".to_owned()),
            at: at(-60 * (place + 1)),
        };
        (0..).zip(WHY.into_iter().rev()).map(line).collect()
    }

    pub fn history(&self) -> Vec<HistoryLine> {
        let bids = [
            (2, 48_000, 30, "overtaken"),
            (5, 45_000, 75, "named"),
            (2, 38_000, 400, "matched"),
            (1, 38_000, 400, "beaten"),
            (4, 30_000, 4_000, "overtaken"),
            (5, 10_000, 9_000, "start"),
        ];
        let line = |(seq, (number, amount, ago, why)): (i64, (i64, i64, i64, &'static str))| HistoryLine {
            seq: 13 - seq,
            kind: if why == "matched" { "auto" } else { "bid" }.to_owned(),
            number,
            name: None,
            mine: number == 2,
            amount,
            why: Some(why),
            reason: None,
            at: at(-ago),
        };
        (0..).zip(bids).map(line).collect()
    }

    pub fn controls(&self) -> SellerControls {
        let bidder = |(number, name, blocked, follows): (i64, &str, bool, Follows)| BidderLine {
            number,
            id: 10 + number,
            name: name.to_owned(),
            blocked,
            follows,
        };
        SellerControls {
            sell_key: KEY.to_owned(),
            cancel_key: KEY.to_owned(),
            extend_key: KEY.to_owned(),
            reserve_key: KEY.to_owned(),
            can_sell: true,
            leader: Some("느린우체통".to_owned()),
            cancel: Cancel::OnRecord,
            extend: Extend::Now,
            extensions_left: 2,
            reserve: Some(90_000),
            lower: Some((49_000, 89_000)),
            edit: Edit::Notes,
            can_auction_again: false,
            bidders: [
                (3, "느린우체통", false, Follows::Afresh),
                (2, "수리부엉이", false, Follows::PriceMayFall),
                (1, "빗자루", true, Follows::PriceMayFall),
            ]
            .map(bidder)
            .to_vec(),
            ..SellerControls::default()
        }
    }

    pub fn edit(&self, edit: Edit) -> EditPage {
        let listing = self.sell(false);
        EditPage {
            shell: listing.shell,
            id: 100,
            name: "원목 식탁 의자, 두 해 썼어요".to_owned(),
            kept: Vec::new(),
            terms: 2,
            edit,
            form: crate::pages::SellForm {
                title: Field::of("원목 식탁 의자, 두 해 썼어요"), ..listing.form
            },
            reserve_was: String::new(),
            end_was: String::new(),
            note: Field::default(),
            categories: listing.categories,
            regions: listing.regions,
            ends_min: listing.ends_min,
            ends_max: listing.ends_max,
        }
    }
}
