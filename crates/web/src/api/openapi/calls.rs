//! Every call of the API in one table: what it does, who may ask, what it is sent, what it answers and how it says no.

mod delivery;
mod pictures;
mod profiles;
mod saved;
mod search;
mod talk;

pub(super) use self::delivery::DELIVERY;
pub(super) use self::pictures::{PICTURE_FILE, PICTURES};
pub(super) use self::profiles::PROFILES;
pub(super) use self::saved::SAVED;
pub(super) use self::talk::TALK;
use crate::failure::Code::{
    self, AlreadyReviewed, AmountInvalid, AuctionNotFound, BelowMinimum, Blocked, Busy, Closed, CodeLocked,
    CodeWrong, CredentialsWrong, DepositNotFound, DepositsOff, ExtendedTwice, ForeignOrigin, HoursInvalid,
    InDebt, InsufficientFees, InsufficientFunds, Internal, Invalid, ItemNotFree, KeyRequired, KeyReused,
    ListingBarred, Malformed, MaximumNotHigher, MediaType, NicknameTaken, NoBidderLeft, NoBuyNow, NoLeader,
    NoOffer, NotAdmin, NotBuyer, NotFound, NotSeller, NotStarted, NothingMissing, OffStep, OrderNotFound,
    OrderState, OutcomeUnknown, OwnAuction, PictureNotFound, RateLimited, ReasonMissing, ReferenceUsed,
    RefundInvalid, ReserveInvalid, ReserveNotMet, SessionExpired, Suspended, TermsChanged, TooEarly,
    TooLarge, TooLate, TooManyBids, TooManyNotes, Unauthenticated, Unavailable, UsernameTaken, WatchlistFull,
    WithdrawalNotFound, WithdrawalOver, WithdrawalsOff,
};

/// One call.
#[derive(Clone, Copy)]
pub(super) struct Call {
    pub method: &'static str,
    pub path: &'static str,
    pub says: &'static str,
    pub who: Who,
    pub sends: Option<&'static str>,
    pub asks: &'static [Asks],
    pub status: u16,
    pub answers: Answers,
    pub keyed: bool,
    is_for_admins: bool,
    own_codes: &'static [Code],
}

/// Who may ask.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Anyone,
    Members,
}

/// What is answered.
#[derive(Clone, Copy)]
pub(super) enum Answers {
    Nothing,
    One(&'static str),
    List(&'static str),
    /// A file of comma-separated values.
    Csv,
}

/// A field behind the question mark: its name, its kind, what it means.
pub(super) type Asks = (&'static str, &'static str, &'static str);

const LIMIT: Asks = ("limit", "integer", "How many rows at the most: 1 to 100, 20 if absent");
const CURSOR: Asks = ("cursor", "string", "`next` of the page before");
const PAGE: &[Asks] = &[LIMIT, CURSOR];
const PLACES: &[Asks] = &[
    ("parent", "integer", "Only those right below this one"),
    ("level", "integer", "Only those of this level"),
    LIMIT,
    CURSOR,
];
const TRANSFERS: &[Asks] = &[
    ("from", "date-time", "At or after this moment"),
    ("to", "date-time", "Before this moment"),
    ("reason", "string", "Only for this reason"),
    LIMIT,
    CURSOR,
];
const PERIOD: &[Asks] = &[
    ("from", "date-time", "At or after this moment, 366 days before `to` at the most; so many if absent"),
    ("to", "date-time", "Before this moment; until now if absent"),
];
const EVENTS: &[Asks] = &[
    ("since", "integer", "Only events after this one"),
    ("limit", "integer", "How many events at the most: 1 to 1,000, 100 if absent"),
    CURSOR,
];
use search::{SEARCH, SUGGEST};

const BUYING: &[Code] =
    &[AuctionNotFound, Closed, NotStarted, OwnAuction, Suspended, Blocked, TermsChanged, InsufficientFunds];

/// What any command to an order may be told.
const ORDERING: &[Code] = &[OrderNotFound, NotSeller, NotBuyer, OrderState, TooLate, NotFound];

pub(super) const CALLS: &[Call] = &[
    post("/members", "Signs up").sends("SignUp").one(201, "OwnView").refuses(&[UsernameTaken, NicknameTaken]),
    get("/members/{id}", "A member as others see him").one(200, "MemberView").refuses(&[NotFound]),
    get("/members/{id}/reviews", "What others wrote about a member, newest first")
        .asks(PAGE)
        .list("ReviewView")
        .refuses(&[NotFound]),
    post(
        "/members/{id}/block",
        "A seller blocks a member from bidding, from the next bid on; what he has bid is taken back",
    )
    .members()
    .sends("Why")
    .refuses(&[NotFound, Invalid]),
    delete("/members/{id}/block", "A seller lifts a block").members().refuses(&[NotFound, Invalid]),
    post("/sessions", "Signs in: sets a cookie, or gives a token if asked for one")
        .sends("SignIn")
        .one(201, "SignInView")
        .refuses(&[CredentialsWrong]),
    delete("/sessions/current", "Signs out here").members(),
    delete("/sessions", "Signs out everywhere").members(),
    get("/me", "The member himself").members().one(200, "OwnView"),
    post("/me/password", "A new password; every other session ends")
        .members()
        .sends("PasswordChange")
        .refuses(&[CredentialsWrong]),
    get("/me/bids", "The auctions the member has bid on, newest first")
        .members()
        .asks(PAGE)
        .list("BiddingView"),
    get("/me/auctions", "The member's own auctions, newest first").members().asks(PAGE).list("ListingView"),
    get(
        "/me/watching",
        "The member's watchlist: what is not over by its end, soonest first, then what is over",
    )
    .members()
    .asks(PAGE)
    .list("ListingView"),
    get("/me/acts", "What admins did that concerns the member, newest first")
        .members()
        .asks(PAGE)
        .list("ActView"),
    get("/wallet", "The member's money").members().one(200, "WalletView"),
    get("/wallet/transfers", "What moved, newest first").members().asks(TRANSFERS).list("TransferView"),
    post("/wallet/deposits", "Money comes in")
        .members()
        .keyed()
        .sends("Deposit")
        .one(201, "DepositView")
        .refuses(&[AmountInvalid, DepositsOff]),
    get("/wallet/statement", "What moved in a time as a CSV file, from the opening to the closing balance")
        .members()
        .asks(PERIOD)
        .csv(),
    get("/wallet/withdrawals", "The member's withdrawals, newest first")
        .members()
        .asks(PAGE)
        .list("WithdrawalView"),
    post("/wallet/withdrawals", "The member wants money out")
        .members()
        .keyed()
        .sends("NewWithdrawal")
        .one(201, "WithdrawalTakenView")
        .refuses(&[Suspended, WithdrawalsOff, AmountInvalid, InDebt, InsufficientFunds]),
    get("/auctions", "Searches the market, at most 2 s behind").asks(SEARCH).list("ListingView"),
    post("/auctions", "Puts an item up for auction")
        .members()
        .keyed()
        .sends("NewListing")
        .one(201, "AuctionView")
        .refuses(&[AuctionNotFound, NotSeller, Suspended, ItemNotFree, ListingBarred, PictureNotFound]),
    get("/auctions/{id}", "One auction").one(200, "AuctionView").refuses(&[AuctionNotFound, NotFound]),
    patch(
        "/auctions/{id}",
        "The seller changes what is sold and how, as far as he still may, or adds a note",
    )
    .members()
    .keyed()
    .sends("Changes")
    .one(200, "EditedView")
    .refuses(&[
        AuctionNotFound,
        NotSeller,
        Closed,
        TermsChanged,
        TooLate,
        TooManyNotes,
        PictureNotFound,
        NotFound,
    ]),
    get("/auctions/{id}/bids", "The history, newest first")
        .asks(PAGE)
        .list("BidView")
        .refuses(&[AuctionNotFound, NotFound]),
    post("/auctions/{id}/bids", "Bids").members().keyed().sends("NewBid").one(201, "PlacedView").refuses(&[
        BelowMinimum,
        MaximumNotHigher,
        AmountInvalid,
        OffStep,
        TooManyBids,
        NotFound,
    ]),
    post("/auctions/{id}/buy-now", "Buys at once")
        .members()
        .keyed()
        .sends("NewPurchase")
        .one(201, "PurchasedView")
        .refuses(&[NoBuyNow, NotFound]),
    post("/auctions/{id}/sell-now", "The seller sells to the leader at once")
        .members()
        .keyed()
        .one(200, "SoldView")
        .refuses(&[
            AuctionNotFound,
            NotSeller,
            Closed,
            NotStarted,
            TooEarly,
            TooLate,
            NoLeader,
            ReserveNotMet,
            NotFound,
        ]),
    post("/auctions/{id}/cancel", "The seller, or an admin, takes the auction back")
        .members()
        .keyed()
        .sends("Cancellation")
        .one(200, "ChangedView")
        .refuses(&[AuctionNotFound, NotSeller, NotAdmin, Closed, TooLate, ReasonMissing, NotFound]),
    post("/auctions/{id}/extend", "The seller moves the end")
        .members()
        .keyed()
        .sends("Extension")
        .one(200, "ChangedView")
        .refuses(&[
            AuctionNotFound,
            NotSeller,
            Closed,
            NotStarted,
            TooEarly,
            TooLate,
            ExtendedTwice,
            HoursInvalid,
            NotFound,
        ]),
    post("/auctions/{id}/reserve", "The seller lowers the reserve while it is not met")
        .members()
        .keyed()
        .sends("LowerReserve")
        .one(200, "ChangedView")
        .refuses(&[AuctionNotFound, NotSeller, Closed, ReserveInvalid, NotFound]),
    get("/auctions/{id}/notes", "The changes of the terms, with the seller's notes, oldest first")
        .asks(&[CURSOR])
        .list("NoteView")
        .refuses(&[AuctionNotFound, NotFound]),
    post("/auctions/{id}/watch", "Puts an auction on the member's watchlist")
        .members()
        .one(200, "WatchView")
        .refuses(&[AuctionNotFound, WatchlistFull, NotFound]),
    delete("/auctions/{id}/watch", "Takes an auction off the member's watchlist")
        .members()
        .one(200, "WatchView")
        .refuses(&[NotFound]),
    get("/auctions/{id}/offer", "What is offered to whoever asks, after a sale fell through")
        .members()
        .one(200, "OfferedView")
        .refuses(&[AuctionNotFound, NotFound]),
    post("/auctions/{id}/offer", "The seller offers the thing to the next bidder after a sale fell through")
        .members()
        .keyed()
        .one(201, "OfferMadeView")
        .refuses(&[
            AuctionNotFound,
            NotSeller,
            Suspended,
            TooEarly,
            TooLate,
            OrderNotFound,
            OrderState,
            ItemNotFree,
            NoBidderLeft,
            NotFound,
        ]),
    post("/auctions/{id}/offer/accept", "The member takes what is offered to him, and pays at once")
        .members()
        .keyed()
        .one(201, "OfferTakenView")
        .refuses(&[AuctionNotFound, Suspended, Blocked, NoOffer, InsufficientFunds, NotFound]),
    post("/auctions/{id}/offer/decline", "The member does not want what is offered to him")
        .members()
        .keyed()
        .refuses(&[AuctionNotFound, NoOffer, NotFound]),
    get("/auctions/{id}/events", "What happened, oldest first: the same frames as on the socket")
        .asks(EVENTS)
        .list("Frame")
        .refuses(&[AuctionNotFound, NotFound]),
    get("/orders", "The member's orders, as buyer and as seller, newest first")
        .members()
        .asks(PAGE)
        .list("OrderRowView"),
    get("/orders/{id}", "An order, for its two sides and admins")
        .members()
        .one(200, "OrderView")
        .refuses(&[NotFound]),
    post("/orders/{id}/ship", "The seller has sent it; again corrects carrier and number")
        .ordering("Shipment"),
    post("/orders/{id}/receive", "The buyer says that it has come").ordering_plainly(),
    post("/orders/{id}/receipt-code", "The seller types what the buyer has told him, and is paid")
        .ordering("TypedCode"),
    post("/orders/{id}/meeting-code", "The buyer types what the seller has told him: both were there")
        .ordering("TypedCode"),
    post("/orders/{id}/cancel", "A side wants to cancel, or agrees to it").ordering_plainly(),
    post("/orders/{id}/keep-on", "A side takes its wish to cancel back").ordering_plainly(),
    post("/orders/{id}/dispute", "A side wants a person to decide").ordering("Statement"),
    post("/orders/{id}/evidence", "A side adds to a dispute").ordering("Statement"),
    post("/orders/{id}/decide", "An admin who is neither side divides what was paid").ordering("Decision"),
    post("/orders/{id}/review", "A side writes what it thinks of the other, once")
        .members()
        .sends("NewReviewSent")
        .empty(201)
        .refuses(&[NotFound, OrderState, AlreadyReviewed, TooLate]),
    get("/admin/disputes", "The disputes that wait for an admin, oldest first")
        .admins()
        .asks(PAGE)
        .list("OrderRowView"),
    get("/admin/withdrawals", "The withdrawals that wait for an admin, oldest first")
        .admins()
        .asks(PAGE)
        .list("WithdrawalView"),
    post("/admin/withdrawals/{id}", "A withdrawal is paid out, or the member has it back")
        .admins()
        .keyed()
        .sends("Settlement")
        .one(200, "WithdrawalTakenView")
        .refuses(&[WithdrawalNotFound, WithdrawalOver, ReasonMissing, InDebt, NotFound]),
    post("/admin/deposits", "Money came in from outside")
        .admins()
        .keyed()
        .sends("EnteredDeposit")
        .one(201, "DepositView")
        .refuses(&[AmountInvalid, DepositsOff, ReferenceUsed]),
    post("/admin/deposits/{id}/reverse", "What is there of a deposit is taken back; the rest stays a debt")
        .admins()
        .keyed()
        .sends("Reversal")
        .one(200, "ReversalView")
        .refuses(&[DepositNotFound, ReasonMissing, NothingMissing, InsufficientFunds, NotFound]),
    get("/admin/debts", "The deposits of which something is missing, by their numbers")
        .admins()
        .asks(PAGE)
        .list("DebtView"),
    get("/admin/members/{id}/deposits", "A member's deposits, each with what is missing of it")
        .admins()
        .asks(PAGE)
        .list("DepositRowView")
        .refuses(&[NotFound]),
    get("/admin/fees", "What the house earned, and was not taken out").admins().one(200, "FeesView"),
    post("/admin/fees/withdrawals", "Fees are taken out")
        .admins()
        .keyed()
        .sends("FeeWithdrawal")
        .one(201, "FeeWithdrawalView")
        .refuses(&[WithdrawalsOff, AmountInvalid, ReferenceUsed, InsufficientFees]),
    post("/admin/members/{id}/suspend", "A member may do nothing any more, and his bids are taken back")
        .admins()
        .sends("AdminReason")
        .refuses(&[NotFound]),
    post("/admin/members/{id}/restore", "He may again; what was taken back stays so")
        .admins()
        .sends("AdminReason")
        .refuses(&[NotFound]),
    post("/admin/members/{id}/lift-marks", "What stands on his record keeps him from listing no longer")
        .admins()
        .sends("AdminReason")
        .refuses(&[NotFound]),
    post("/admin/auctions/{id}/take-back", "A member's bids in one auction are taken back")
        .admins()
        .keyed()
        .sends("TakingBack")
        .one(200, "ChangedView")
        .refuses(&[AuctionNotFound, Closed, ReasonMissing, NoBidderLeft, NotFound]),
    get("/admin/acts", "What admins did, newest first").admins().asks(PAGE).list("ActView"),
    get("/regions", "Neighbourhoods, parents before children").asks(PLACES).list("RegionView"),
    get("/suggest", "Categories and titles that what was typed so far may become")
        .asks(SUGGEST)
        .list("SuggestionView"),
    get("/categories", "Kinds of things, parents before children").asks(PLACES).list("CategoryView"),
    get("/notices", "What the member should know, newest first").members().asks(PAGE).one(200, "NoticesView"),
    post("/notices/read", "Marks notices as read").members().sends("Read").one(200, "UnreadView"),
    get("/openapi.json", "This document").one(200, "Document"),
];

const fn call(method: &'static str, path: &'static str, says: &'static str) -> Call {
    Call {
        method,
        path,
        says,
        who: Who::Anyone,
        sends: None,
        asks: &[],
        status: 204,
        answers: Answers::Nothing,
        keyed: false,
        is_for_admins: false,
        own_codes: &[],
    }
}

const fn get(path: &'static str, says: &'static str) -> Call {
    call("get", path, says)
}

const fn post(path: &'static str, says: &'static str) -> Call {
    call("post", path, says)
}

const fn patch(path: &'static str, says: &'static str) -> Call {
    call("patch", path, says)
}

const fn delete(path: &'static str, says: &'static str) -> Call {
    call("delete", path, says)
}

impl Call {
    const fn members(self) -> Call {
        Call { who: Who::Members, ..self }
    }

    const fn admins(self) -> Call {
        Call { is_for_admins: true, ..self.members() }
    }

    /// A command to an order that carries something.
    const fn ordering(self, schema: &'static str) -> Call {
        self.ordering_plainly().sends(schema)
    }

    const fn ordering_plainly(self) -> Call {
        self.members().keyed().one(200, "StepTakenView").refuses(ORDERING)
    }

    const fn csv(self) -> Call {
        Call { status: 200, answers: Answers::Csv, ..self }
    }

    const fn empty(self, status: u16) -> Call {
        Call { status, ..self }
    }

    const fn keyed(self) -> Call {
        Call { keyed: true, ..self }
    }

    const fn sends(self, schema: &'static str) -> Call {
        Call { sends: Some(schema), ..self }
    }

    const fn asks(self, asks: &'static [Asks]) -> Call {
        Call { asks, ..self }
    }

    const fn one(self, status: u16, schema: &'static str) -> Call {
        Call { status, answers: Answers::One(schema), ..self }
    }

    const fn list(self, schema: &'static str) -> Call {
        Call { status: 200, answers: Answers::List(schema), ..self }
    }

    const fn refuses(self, own_codes: &'static [Code]) -> Call {
        Call { own_codes, ..self }
    }

    /// Every code it may answer: its own, and those that its kind brings along.
    pub(super) fn codes(&self) -> Vec<Code> {
        let mut codes = [self.own_codes, &[RateLimited, Internal, Unavailable]].concat();
        let mut when = |is_so: bool, more: &[Code]| codes.extend(more.iter().filter(|_| is_so));
        let changes = self.method != "get";
        let buys = self.path.ends_with("/bids") || self.path.ends_with("/buy-now");
        when(buys && changes, BUYING);
        when(self.path.ends_with("-code"), &[CodeWrong, CodeLocked]);
        when(self.path.ends_with("/decide"), &[ReasonMissing, RefundInvalid, NotAdmin]);
        when(self.is_for_admins, &[NotAdmin]);
        when(self.who == Who::Members, &[Unauthenticated, SessionExpired]);
        let knows_members = self.path.starts_with("/auctions/") || self.path == "/members/{id}";
        when(self.who == Who::Anyone && knows_members, &[Unauthenticated, SessionExpired]);
        when(changes, &[ForeignOrigin, TooLarge]);
        when(self.method == "post" || self.method == "patch", &[Malformed, MediaType, Invalid]);
        when(!changes, &[Invalid]);
        when(self.keyed, &[KeyRequired, KeyReused, Busy, OutcomeUnknown]);
        when(changes && !self.keyed, &[Busy]);
        codes
    }
}
