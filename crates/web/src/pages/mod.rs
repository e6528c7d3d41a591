//! The pages: one file a page, each a plain description of what the page shows (owned data, no store types) that renders
//! itself and reads no clock, store or request. `show` and `act` hold the handlers that fill them; [`routes`] has every
//! address.

mod act;
mod admin;
mod assets;
mod auction;
mod bars;
mod card;
mod chart;
mod controls;
mod deliveries;
mod design;
mod door;
mod edit;
mod form;
mod form_key;
mod heart;
mod home;
mod icons;
mod leave;
mod member;
mod my_auctions;
mod notice_settings;
mod notices;
mod offline;
mod order;
mod orders;
mod photo;
mod picture;
mod picture_fields;
mod problem;
mod reader;
mod region;
mod reported;
mod routes;
mod rules;
mod sales;
mod saved;
mod sell;
mod settings;
mod shell;
mod show;
mod state;
mod talk;
mod told;
mod trace;
mod typed;
mod wallet;
mod way;

pub use admin::{
    ActLine, ActsPage, AdminMemberPage, AdminPage, DepositLine, DisputeLine, Fees, WithdrawalLine,
};
pub use assets::{Asset, asset, asset_file};
pub use auction::{
    Afresh, AuctionPage, BidForm, Change, Doubted, Earlier, HistoryLine, Note, Reserve, Seller, Viewer, WHY,
};
pub use bars::Bars;
pub use card::{Card, CardsPart, Picture, Reputation};
pub use chart::Chart;
pub use controls::{AdminBidder, AdminControls, BidderLine, Cancel, Edit, Extend, Follows, SellerControls};
pub use deliveries::{DeliveriesPage, DeliveryLine};
pub use design::DesignPage;
pub use door::{SignInPage, SignUpPage};
pub use edit::EditPage;
pub use form::{Choice, ChoiceGroup, Field};
pub use heart::Heart;
pub use home::{Filters, HomePage};
pub use leave::LeavePage;
pub use member::{Face, MemberPage};
pub use my_auctions::{Group, GroupKind, MyAuctionsPage, MyLine};
pub use notice_settings::{AskPage, GroupChoice, NoticeSettingsPage};
pub(crate) use notices::notice_text;
pub use notices::{NoticeLine, NoticesPage};
pub use offline::OfflinePage;
pub use order::{
    Actions, Cancelling, Decision, Dispute, Division, Next, OfferLine, OrderForms, OrderPage, Parcel, Person,
    ReviewLine, Reviews, Role, Stage, StageState, Statement, StepLine,
};
pub use orders::{OfferPage, OrderGroup, OrderLine, OrdersPage};
pub use photo::Photo;
pub use picture_fields::PictureField;
pub use problem::ProblemPage;
pub use reader::{MemberReader, Reader};
pub use region::RegionPage;
pub use reported::{ReportLine, ReportedLine, ReportedPage};
pub use routes::routes;
pub use rules::RulesPage;
pub use sales::SalesPage;
pub use saved::{SavedLine, SavedPage};
pub use sell::{SellForm, SellPage};
pub use settings::SettingsPage;
pub use shell::{Answer, Section, Shell, Tone, Visitor};
pub(crate) use show::home::{kept_filters, search_of};
pub(crate) use show::notices::way_to;
pub(crate) use show::places::category_name;
pub use show::problem::pages as problem_pages;
pub use state::State;
pub use talk::{AnswerLine, Ask, QuestionLine, Talk, TalkForm};
pub use told::Told;
pub use trace::{Trace, TracePoint};
pub use typed::Typed;
pub use wallet::{
    DepositForm, Direction, HoldLine, TransferFilter, TransferLine, WalletPage, WithdrawalForm, Withdrawals,
};
pub(crate) use way::escaped;
pub use way::switch_language;

#[cfg(test)]
mod gallery;
#[cfg(test)]
mod sheet;
