-- The market: members, money, auctions, events. Times are UTC microseconds, amounts whole won, kinds small numbers in
-- the order of the enums that name them. Append-only tables carry no foreign keys and no index that a bid would dirty.

CREATE TABLE regions (
    id INTEGER PRIMARY KEY,
    last INTEGER NOT NULL,
    parent INTEGER REFERENCES regions (id),
    level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 3),
    name TEXT NOT NULL,
    code TEXT,
    latitude REAL,
    longitude REAL
) STRICT;

CREATE TABLE categories (
    id INTEGER PRIMARY KEY,
    parent INTEGER REFERENCES categories (id),
    slug TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE members (
    id INTEGER PRIMARY KEY,
    username TEXT NOT NULL UNIQUE,
    nickname TEXT NOT NULL,
    skeleton TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    region INTEGER REFERENCES regions (id),
    suspended INTEGER NOT NULL DEFAULT 0 CHECK (suspended IN (0, 1)),
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    token BLOB PRIMARY KEY,
    member INTEGER NOT NULL REFERENCES members (id),
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_member ON sessions (member);
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE blocks (
    seller INTEGER NOT NULL REFERENCES members (id),
    member INTEGER NOT NULL REFERENCES members (id),
    at INTEGER NOT NULL,
    PRIMARY KEY (seller, member)
) STRICT, WITHOUT ROWID;

-- A member's two accounts in one row; the newest of his transfers, from which the chain of `previous` runs back.
CREATE TABLE wallets (
    member INTEGER PRIMARY KEY REFERENCES members (id),
    available INTEGER NOT NULL CHECK (available >= 0),
    held INTEGER NOT NULL CHECK (held >= 0),
    version INTEGER NOT NULL,
    last_transfer INTEGER NOT NULL
) STRICT;

-- Accounts: 1 cash, 2 escrow, 3 fees, 4 payable, 5 available, 6 held; `member` is whose available or held it is.
CREATE TABLE transfers (
    id INTEGER PRIMARY KEY,
    from_account INTEGER NOT NULL CHECK (from_account BETWEEN 1 AND 6),
    to_account INTEGER NOT NULL CHECK (to_account BETWEEN 1 AND 6 AND to_account <> from_account),
    member INTEGER,
    amount INTEGER NOT NULL CHECK (amount > 0),
    reason INTEGER NOT NULL,
    auction INTEGER,
    order_id INTEGER,
    at INTEGER NOT NULL,
    previous INTEGER
) STRICT;

CREATE TABLE items (
    id INTEGER PRIMARY KEY,
    seller INTEGER NOT NULL REFERENCES members (id),
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    category INTEGER REFERENCES categories (id),
    condition INTEGER,
    shipping_payer INTEGER,
    region INTEGER REFERENCES regions (id),
    nationwide INTEGER NOT NULL CHECK (nationwide IN (0, 1)),
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX items_by_seller ON items (seller);

CREATE TABLE auctions (
    id INTEGER PRIMARY KEY,
    item INTEGER NOT NULL REFERENCES items (id),
    seller INTEGER NOT NULL REFERENCES members (id),
    seq INTEGER NOT NULL CHECK (seq >= 1),
    terms INTEGER NOT NULL,
    status INTEGER NOT NULL,
    outcome INTEGER,
    start_price INTEGER NOT NULL CHECK (start_price > 0),
    bid_unit INTEGER CHECK (bid_unit > 0),
    ladder TEXT,
    buy_now INTEGER,
    fee_rate INTEGER NOT NULL CHECK (fee_rate BETWEEN 0 AND 1000000),
    minimum_duration INTEGER NOT NULL,
    soft_close INTEGER NOT NULL,
    starts_at INTEGER NOT NULL,
    listed_end INTEGER NOT NULL,
    ends_at INTEGER NOT NULL CHECK (ends_at >= listed_end),
    latest INTEGER NOT NULL,
    extensions INTEGER NOT NULL,
    outage INTEGER,
    price INTEGER NOT NULL CHECK (price >= start_price AND price <= 1000000000000),
    leader INTEGER,
    leader_number INTEGER,
    commitment INTEGER,
    bid_count INTEGER NOT NULL CHECK (bid_count >= 0),
    bidders INTEGER NOT NULL CHECK (bidders >= 0),
    newest INTEGER NOT NULL,
    CHECK ((bid_unit IS NULL) <> (ladder IS NULL)),
    CHECK ((outcome IS NULL) = (status <> 2)),
    CHECK ((leader IS NULL) = (commitment IS NULL) AND (leader IS NULL) = (leader_number IS NULL)),
    CHECK (leader IS NULL OR (leader <> seller AND commitment >= price))
) STRICT;
CREATE INDEX auctions_by_seller ON auctions (seller);

-- A member's part in an auction: his number, the most he committed, and what is held of it now.
CREATE TABLE bidders (
    auction INTEGER NOT NULL,
    member INTEGER NOT NULL,
    number INTEGER NOT NULL CHECK (number >= 1),
    commitment INTEGER NOT NULL CHECK (commitment > 0),
    hold INTEGER NOT NULL CHECK (hold >= 0 AND hold <= commitment),
    PRIMARY KEY (auction, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX bidders_by_member ON bidders (member, auction);

-- A bid is its event. Clustered by auction, so that a hot auction dirties one page at a time.
CREATE TABLE events (
    auction INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor INTEGER,
    actor_number INTEGER,
    amount INTEGER,
    price INTEGER NOT NULL,
    minimum INTEGER,
    bid_count INTEGER NOT NULL,
    leader INTEGER,
    leader_number INTEGER,
    ends_at INTEGER NOT NULL,
    outcome INTEGER,
    reason TEXT,
    cause INTEGER,
    PRIMARY KEY (auction, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    auction INTEGER NOT NULL,
    buyer INTEGER NOT NULL,
    seller INTEGER NOT NULL,
    price INTEGER NOT NULL CHECK (price > 0),
    at INTEGER NOT NULL,
    CHECK (buyer <> seller)
) STRICT;
-- One settlement for each auction, whatever happens above.
CREATE UNIQUE INDEX orders_one_settlement ON orders (auction);

-- Keys in order of time dirty half as many pages as random ones: the key leads, the member bounds its scope.
CREATE TABLE keys (
    key TEXT NOT NULL,
    member INTEGER NOT NULL,
    fingerprint INTEGER NOT NULL,
    auction INTEGER,
    seq INTEGER,
    order_id INTEGER,
    transfer INTEGER,
    at INTEGER NOT NULL,
    PRIMARY KEY (key, member)
) STRICT, WITHOUT ROWID;

-- Lower bounds of what is due; a close that comes early is armed again.
CREATE TABLE deadlines (
    auction INTEGER PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX deadlines_by_time ON deadlines (at, auction);

-- What each round touched: (auction, seq before, seq after) as little-endian 64-bit numbers, for the followers. The row
-- at which a follower stands stays until the next is followed, so that numbers never start over.
CREATE TABLE rounds (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    heads BLOB NOT NULL
) STRICT;

CREATE TABLE followers (
    name TEXT PRIMARY KEY,
    round INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO followers (name, round) VALUES ('market', 0);

CREATE TABLE heartbeat (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at INTEGER NOT NULL
) STRICT;

-- What the store is for ever: name → value. `money` is `demo` or `real`, from its first deposit.
CREATE TABLE nature (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What lists and searches read; written by the follower, at most 2 s behind.
CREATE TABLE listings (
    auction INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    title TEXT NOT NULL,
    seller INTEGER NOT NULL,
    category INTEGER,
    region INTEGER,
    nationwide INTEGER NOT NULL,
    condition INTEGER,
    status INTEGER NOT NULL,
    outcome INTEGER,
    price INTEGER NOT NULL,
    buy_now INTEGER,
    bid_count INTEGER NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID; -- a row id cannot be compared as part of a row value, which paging needs
CREATE INDEX listings_by_end ON listings (status, ends_at, auction);
CREATE INDEX listings_by_status ON listings (status, auction);
CREATE INDEX listings_by_price ON listings (status, price, auction);
CREATE INDEX listings_by_bids ON listings (status, bid_count, auction);
CREATE INDEX listings_by_category ON listings (status, category, nationwide, region);
CREATE INDEX listings_by_region ON listings (status, nationwide, region);
-- The tokens are made before they come here; `ascii` takes each as it stands and never splits one. The index of first
-- letters makes a search for a single syllable a hundred times as fast (0.5 ms instead of 60 in a million).
CREATE VIRTUAL TABLE listing_words USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, prefix = '1', tokenize = 'ascii'
);

CREATE TABLE notices (
    id INTEGER PRIMARY KEY,
    member INTEGER NOT NULL,
    auction INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    amount INTEGER,
    at INTEGER NOT NULL,
    read_at INTEGER
) STRICT;
CREATE UNIQUE INDEX notices_one_unread ON notices (member, auction, kind) WHERE read_at IS NULL;
CREATE INDEX notices_by_member ON notices (member, id);
