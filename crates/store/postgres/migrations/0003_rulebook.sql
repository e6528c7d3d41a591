-- The whole rulebook: maximums, reserves, orders in escrow, second chance, records, admins. The release before still
-- runs on these tables: what it writes gets defaults that mean what it did.

-- In the order in which rounds come to them: once the second is ours, none is under way.
LOCK TABLE auctions, members, bidders, keys, events, orders, rounds IN ACCESS EXCLUSIVE MODE;

ALTER TABLE members ADD COLUMN is_admin BOOLEAN NOT NULL DEFAULT false;
-- Marks made until then no longer keep him from listing.
ALTER TABLE members ADD COLUMN marks_lifted_at BIGINT;

-- `reserve` is the seller's secret; `leader_since` and `afresh` are numbers of events.
ALTER TABLE auctions ADD COLUMN reserve BIGINT CHECK (reserve >= start_price);
ALTER TABLE auctions ADD COLUMN seller_extensions BIGINT NOT NULL DEFAULT 0;
ALTER TABLE auctions ADD COLUMN leader_since BIGINT NOT NULL DEFAULT 0;
ALTER TABLE auctions ADD COLUMN afresh BIGINT NOT NULL DEFAULT 0;
ALTER TABLE auctions ADD COLUMN seller_took_back BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE auctions ADD COLUMN notes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE auctions ADD COLUMN followed_by BIGINT;
CREATE INDEX auctions_by_item ON auctions (item, id);

-- The words of auctions whose items were auctioned again: as they stood until then. They never change any more.
CREATE TABLE item_history (
    auction BIGINT PRIMARY KEY,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    category BIGINT,
    condition BIGINT,
    shipping_payer BIGINT,
    region BIGINT,
    nationwide BOOLEAN NOT NULL
);

-- `since` is the number of an event, `named` an amount, `vain` times as little-endian 64-bit numbers, oldest first.
ALTER TABLE bidders ADD COLUMN since BIGINT NOT NULL DEFAULT 1;
ALTER TABLE bidders ADD COLUMN named BIGINT NOT NULL DEFAULT 0;
ALTER TABLE bidders ADD COLUMN is_out BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE bidders ADD COLUMN vain BYTEA;

-- `reserve` is what everyone may know of it: 0 none, 1 not met, 2 met. `aside` is told to one member alone.
ALTER TABLE events ADD COLUMN reserve BIGINT NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN rule BIGINT;
ALTER TABLE events ADD COLUMN terms BIGINT;
ALTER TABLE events ADD COLUMN aside BIGINT;
-- Every page of an auction that was edited shows its notes; no bid is among them.
CREATE INDEX events_edited ON events (auction, seq) WHERE kind = 9;

-- Until now each bid was plain: what a member committed himself to he named, with his newest row. The leader took the lead
-- with the event behind the newest one in which he did not lead.
UPDATE bidders SET named = commitment, since = newest.seq FROM (
    SELECT auction, actor, max(seq) AS seq FROM events WHERE kind IN (2, 3) GROUP BY auction, actor
) AS newest WHERE newest.auction = bidders.auction AND newest.actor = bidders.member;
UPDATE auctions SET leader_since = 1 + coalesce((
    SELECT seq FROM events WHERE events.auction = auctions.id AND events.leader IS DISTINCT FROM auctions.leader
    ORDER BY seq DESC LIMIT 1
), 0) WHERE leader IS NOT NULL;

-- An order that the release before opens is done at once. States: 0 to hand over, 1 delivered, 2 done, 3 refunded,
-- 4 disputed, 5 split. Sides: 0 buyer, 1 seller.
ALTER TABLE orders ADD COLUMN fee_rate BIGINT NOT NULL DEFAULT 0;
-- Which of its auction's orders it is; an order's own number does not say which is newer, as several lanes give them out.
ALTER TABLE orders ADD COLUMN number BIGINT NOT NULL DEFAULT 1 CHECK (number >= 1);
ALTER TABLE orders ADD COLUMN is_second_chance BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE orders ADD COLUMN state BIGINT NOT NULL DEFAULT 2 CHECK (state BETWEEN 0 AND 5);
ALTER TABLE orders ADD COLUMN seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN newest BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN due BIGINT;
ALTER TABLE orders ADD COLUMN receipt_code BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN meeting_code BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN tries_in_all BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN locked_until BIGINT;
ALTER TABLE orders ADD COLUMN carrier TEXT;
ALTER TABLE orders ADD COLUMN tracking TEXT;
ALTER TABLE orders ADD COLUMN shipped_at BIGINT;
ALTER TABLE orders ADD COLUMN met_at BIGINT;
ALTER TABLE orders ADD COLUMN delivered_at BIGINT;
ALTER TABLE orders ADD COLUMN asked BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN wants_cancel BIGINT;
ALTER TABLE orders ADD COLUMN disputed_at BIGINT;
ALTER TABLE orders ADD COLUMN disputed_by BIGINT;
ALTER TABLE orders ADD COLUMN refund BIGINT;
ALTER TABLE orders ADD COLUMN fee BIGINT;
ALTER TABLE orders ADD COLUMN fault BIGINT;
ALTER TABLE orders ADD COLUMN buyer_evidence BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN seller_evidence BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN ended_at BIGINT;
ALTER TABLE orders ADD COLUMN outage BIGINT;
UPDATE orders SET newest = at, ended_at = at, refund = 0, fee_rate = auctions.fee_rate,
    fee = (orders.price * auctions.fee_rate + 500000) / 1000000 FROM auctions WHERE auctions.id = orders.auction;

-- One settlement for each auction, whatever happens above; and at most one order of it with money in escrow.
DROP INDEX orders_one_settlement;
CREATE UNIQUE INDEX orders_one_settlement ON orders (auction, number);
CREATE UNIQUE INDEX orders_one_open ON orders (auction) WHERE state IN (0, 1, 4);
CREATE INDEX orders_by_buyer ON orders (buyer, id);
CREATE INDEX orders_by_seller ON orders (seller, id);
CREATE INDEX orders_disputed ON orders (disputed_at, id) WHERE state = 4;

CREATE TABLE order_steps (
    order_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    at BIGINT NOT NULL,
    by_member BIGINT,
    state BIGINT NOT NULL,
    due BIGINT,
    text TEXT,
    amount BIGINT,
    PRIMARY KEY (order_id, seq)
);

-- States: 0 open, 1 accepted, 2 declined, 3 lapsed.
CREATE TABLE offers (
    auction BIGINT NOT NULL,
    number BIGINT NOT NULL CHECK (number BETWEEN 1 AND 3),
    member BIGINT NOT NULL,
    price BIGINT NOT NULL CHECK (price > 0),
    at BIGINT NOT NULL,
    until BIGINT NOT NULL,
    state BIGINT NOT NULL CHECK (state BETWEEN 0 AND 3),
    PRIMARY KEY (auction, number)
);
CREATE UNIQUE INDEX offers_one_open ON offers (auction) WHERE state = 0;

-- What stands on records.
CREATE TABLE marks (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    member BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    auction BIGINT NOT NULL,
    order_id BIGINT,
    at BIGINT NOT NULL
);
CREATE INDEX marks_by_member ON marks (member, at);

CREATE TABLE reviews (
    order_id BIGINT NOT NULL,
    side BIGINT NOT NULL CHECK (side IN (0, 1)),
    author BIGINT NOT NULL,
    about BIGINT NOT NULL CHECK (about <> author),
    stars BIGINT NOT NULL CHECK (stars BETWEEN 1 AND 5),
    text TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (order_id, side)
);
CREATE INDEX reviews_by_about ON reviews (about, at, order_id);

-- States: 0 requested, 1 done, 2 reversed.
CREATE TABLE withdrawals (
    id BIGINT PRIMARY KEY,
    member BIGINT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    destination TEXT NOT NULL,
    at BIGINT NOT NULL,
    state BIGINT NOT NULL CHECK (state BETWEEN 0 AND 2),
    decided_by BIGINT,
    decided_at BIGINT,
    reason TEXT
);
CREATE INDEX withdrawals_by_member ON withdrawals (member, id);
CREATE INDEX withdrawals_waiting ON withdrawals (id) WHERE state = 0;

-- Deposits that were taken back, by their transfers, and what was no longer there to be taken; `admin`, `at` and `reason` are
-- of the last time.
CREATE TABLE debts (
    deposit BIGINT PRIMARY KEY,
    member BIGINT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    missing BIGINT NOT NULL CHECK (missing BETWEEN 0 AND amount),
    admin BIGINT NOT NULL CHECK (admin <> member),
    at BIGINT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX debts_by_member ON debts (member, deposit);
CREATE INDEX debts_open ON debts (deposit) WHERE missing > 0;

-- What the house earned (5) and took out (10). No bid moves any, so none has to write here.
CREATE INDEX transfers_of_fees ON transfers (reason, at, amount) WHERE reason IN (5, 10);

-- What a member paid in (0), for admins who take it back. No bid moves any either.
CREATE INDEX transfers_of_deposits ON transfers (member, id) WHERE reason = 0;

-- What admins did; never changed. Without an admin: the operator on the command line.
CREATE TABLE acts (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    admin BIGINT,
    kind BIGINT NOT NULL,
    member BIGINT,
    auction BIGINT,
    order_id BIGINT,
    withdrawal BIGINT,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX acts_by_member ON acts (member, id) WHERE member IS NOT NULL;
-- Money that came in is entered once for what it is known by outside.
CREATE UNIQUE INDEX acts_one_deposit ON acts (reason) WHERE kind = 8;
-- So are fees that went out.
CREATE UNIQUE INDEX acts_one_taking_out ON acts (reason) WHERE kind = 12;
-- By whom fees were taken out.
CREATE INDEX acts_of_fees ON acts (at) WHERE kind = 12;
CREATE INDEX acts_by_order ON acts (order_id, id) WHERE order_id IS NOT NULL;

-- What the house still has to do because somebody was blocked or suspended: one command to one auction, once. Without
-- `member` the auction is cancelled. `seller`: on whose behalf; without one, the house's.
CREATE TABLE chores (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    auction BIGINT NOT NULL,
    member BIGINT,
    seller BIGINT,
    reason TEXT
);
CREATE INDEX chores_by_auction ON chores (auction);

-- Whose bids were taken back where no event tells it: until he is told, once, by whoever follows.
CREATE TABLE removals (
    auction BIGINT NOT NULL,
    member BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (auction, member)
);

-- Kinds of first answers: 0 auction, 1 deposit, 2 silent, 3 order, 4 quiet, 5 withdrawal, 6 reversal, 7 fees. The release
-- before says which by whether there is a transfer.
ALTER TABLE keys ADD COLUMN kind BIGINT NOT NULL DEFAULT 0;
ALTER TABLE keys ADD COLUMN step BIGINT;
ALTER TABLE keys ADD COLUMN maximum BIGINT;
ALTER TABLE keys ADD COLUMN withdrawal BIGINT;
ALTER TABLE keys ADD COLUMN taken BIGINT;
ALTER TABLE keys ADD COLUMN missing BIGINT;
UPDATE keys SET kind = 1 WHERE transfer IS NOT NULL;

-- (order, seq before, seq after) as in `heads`.
ALTER TABLE rounds ADD COLUMN orders BYTEA NOT NULL DEFAULT '';

-- Up to which step the sides of an order were told; without a row, of none. Written by following alone.
CREATE TABLE orders_told (
    order_id BIGINT PRIMARY KEY,
    seq BIGINT NOT NULL
);

CREATE SEQUENCE withdrawal_numbers AS BIGINT INCREMENT BY 1024 START WITH 1;
