-- What lists, searches and notices read; written by following, at most 2 s behind.

-- `told` is up to which event of the auction its members were told. Each index holds the auction, so that pages go on
-- from a place, and how much a sieve holds is read from its index alone. Each has an order that no other has: statements
-- ask for it, and so for that index, however few rows there were when their plans were made.
CREATE TABLE listings (
    auction BIGINT PRIMARY KEY,
    seq BIGINT NOT NULL,
    title TEXT NOT NULL,
    seller BIGINT NOT NULL,
    category BIGINT,
    region BIGINT,
    nationwide BOOLEAN NOT NULL,
    condition BIGINT,
    status BIGINT NOT NULL,
    outcome BIGINT,
    price BIGINT NOT NULL,
    buy_now BIGINT,
    bid_count BIGINT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    told BIGINT NOT NULL
);
CREATE INDEX listings_by_end ON listings (status, ends_at, auction);
CREATE INDEX listings_by_status ON listings (status, auction);
CREATE INDEX listings_by_price ON listings (status, price, auction);
CREATE INDEX listings_by_bids ON listings (status, bid_count, auction);
CREATE INDEX listings_by_category ON listings (status, category, nationwide, region, auction);
CREATE INDEX listings_by_region ON listings (status, nationwide, region) INCLUDE (auction);

-- The words of a title, as tokens made before they come here. A table of its own: a bid writes its listing anew, and
-- with it an entry in every index of that table; a title never changes.
CREATE TABLE listing_words (
    auction BIGINT PRIMARY KEY,
    words TSVECTOR NOT NULL
);
CREATE INDEX listing_words_by_word ON listing_words USING gin (words);

-- Unread notices: one for each member, auction and kind. `id` is fresh with each renewal; no index follows it, for a
-- member's unread notices are few.
CREATE TABLE unread_notices (
    member BIGINT NOT NULL,
    auction BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    id BIGINT NOT NULL,
    amount BIGINT,
    at BIGINT NOT NULL,
    PRIMARY KEY (member, auction, kind)
);

-- Notices that were read; they never change again.
CREATE TABLE read_notices (
    member BIGINT NOT NULL,
    id BIGINT NOT NULL,
    auction BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    amount BIGINT,
    at BIGINT NOT NULL,
    read_at BIGINT NOT NULL,
    PRIMARY KEY (member, id)
);
