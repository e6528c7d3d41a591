//! Every call of the API in one table: what it does, who may ask, what it is sent, what it answers and how it says no.

use crate::failure::Code;

use Code::{
    AmountInvalid, AuctionNotFound, BelowMinimum, Blocked, Busy, Closed, CredentialsWrong, DepositsOff,
    ForeignOrigin, InsufficientFunds, Internal, Invalid, KeyRequired, KeyReused, Malformed, MediaType,
    NicknameTaken, NoBuyNow, NoLeader, NotFound, NotSeller, NotStarted, OffStep, OutcomeUnknown, OwnAuction,
    RateLimited, SessionExpired, Suspended, TermsChanged, TooEarly, TooLarge, TooLate, Unauthenticated,
    Unavailable, UsernameTaken,
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
const EVENTS: &[Asks] = &[
    ("since", "integer", "Only events after this one"),
    ("limit", "integer", "How many events at the most: 1 to 1,000, 100 if absent"),
    CURSOR,
];
const SEARCH: &[Asks] = &[
    ("q", "string", "Words, all of which must be found"),
    ("region", "integer", "This region, all below it, and everything nationwide"),
    ("category", "integer", "This category and all below it"),
    ("status", "string", "`scheduled`, `open`, `ended`"),
    ("min_price", "integer", "At least this price"),
    ("max_price", "integer", "At most this price"),
    ("sort", "string", "`newest`, `ending`, `price_asc`, `price_desc`, `bids`"),
    LIMIT,
    CURSOR,
];

const BUYING: &[Code] =
    &[AuctionNotFound, Closed, NotStarted, OwnAuction, Suspended, Blocked, TermsChanged, InsufficientFunds];

pub(super) const CALLS: &[Call] = &[
    post("/members", "Signs up").sends("SignUp").one(201, "OwnView").refuses(&[UsernameTaken, NicknameTaken]),
    get("/members/{id}", "A member as others see him").one(200, "MemberView").refuses(&[NotFound]),
    post("/members/{id}/block", "A seller blocks a member from bidding, from the next bid on")
        .members()
        .refuses(&[NotFound, Invalid]),
    delete("/members/{id}/block", "A seller lifts a block").members().refuses(&[NotFound, Invalid]),
    post("/sessions", "Signs in: sets a cookie, or gives a token if asked for one")
        .sends("SignIn")
        .one(201, "SignInView")
        .refuses(&[CredentialsWrong]),
    delete("/sessions/current", "Signs out here").members(),
    delete("/sessions", "Signs out everywhere").members(),
    get("/me", "The member himself").members().one(200, "OwnView"),
    patch("/me", "Another nickname or region")
        .members()
        .sends("MeChange")
        .one(200, "OwnView")
        .refuses(&[NicknameTaken]),
    post("/me/password", "A new password; every other session ends")
        .members()
        .sends("PasswordChange")
        .refuses(&[CredentialsWrong]),
    get("/me/bids", "The auctions the member has bid on, newest first")
        .members()
        .asks(PAGE)
        .list("BiddingView"),
    get("/me/auctions", "The member's own auctions, newest first").members().asks(PAGE).list("ListingView"),
    get("/wallet", "The member's money").members().one(200, "WalletView"),
    get("/wallet/transfers", "What moved, newest first").members().asks(TRANSFERS).list("TransferView"),
    post("/wallet/deposits", "Money comes in")
        .members()
        .keyed()
        .sends("Deposit")
        .one(201, "DepositView")
        .refuses(&[AmountInvalid, DepositsOff]),
    get("/auctions", "Searches the market, at most 2 s behind").asks(SEARCH).list("ListingView"),
    post("/auctions", "Puts an item up for auction")
        .members()
        .keyed()
        .sends("NewListing")
        .one(201, "AuctionView")
        .refuses(&[Suspended]),
    get("/auctions/{id}", "One auction").one(200, "AuctionView").refuses(&[AuctionNotFound, NotFound]),
    get("/auctions/{id}/bids", "The history, newest first")
        .asks(PAGE)
        .list("BidView")
        .refuses(&[AuctionNotFound, NotFound]),
    post("/auctions/{id}/bids", "Bids").members().keyed().sends("NewBid").one(201, "PlacedView").refuses(&[
        BelowMinimum,
        AmountInvalid,
        OffStep,
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
        .refuses(&[AuctionNotFound, NotSeller, Closed, NotStarted, TooEarly, TooLate, NoLeader, NotFound]),
    post("/auctions/{id}/cancel", "The seller takes the auction back")
        .members()
        .keyed()
        .sends("Cancellation")
        .one(200, "CancelledView")
        .refuses(&[AuctionNotFound, NotSeller, Closed, TooLate, NotFound]),
    get("/auctions/{id}/events", "What happened, oldest first: the same frames as on the socket")
        .asks(EVENTS)
        .list("Frame")
        .refuses(&[AuctionNotFound, NotFound]),
    get("/orders/{id}", "An order, for its two sides").members().one(200, "OrderView").refuses(&[NotFound]),
    get("/regions", "Neighbourhoods, parents before children").asks(PLACES).list("RegionView"),
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
        let mut codes = self.own_codes.to_vec();
        let mut when = |is_so: bool, more: &[Code]| codes.extend(more.iter().filter(|_| is_so));
        let changes = self.method != "get";
        let buys = self.path.ends_with("/bids") || self.path.ends_with("/buy-now");
        when(buys && changes, BUYING);
        when(self.who == Who::Members, &[Unauthenticated, SessionExpired]);
        when(
            self.who == Who::Anyone && self.path.starts_with("/auctions/"),
            &[Unauthenticated, SessionExpired],
        );
        when(self.path == "/members/{id}", &[Unauthenticated, SessionExpired]);
        when(changes, &[ForeignOrigin, TooLarge]);
        when(self.method == "post" || self.method == "patch", &[Malformed, MediaType, Invalid]);
        when(!changes, &[Invalid]);
        when(self.keyed, &[KeyRequired, KeyReused, Busy, OutcomeUnknown]);
        when(changes && !self.keyed, &[Busy]);
        when(true, &[RateLimited, Internal, Unavailable]);
        codes
    }
}
