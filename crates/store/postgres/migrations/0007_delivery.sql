-- Notices on their way out of the house. The release before still runs on these tables: it sends nothing.

-- How a member wants to be reached, if he ever said so or can be. `wishes`: four bits for each group of kinds, 0 for nothing
-- said, else 8, and 1 for push and 2 for e-mail. Quiet hours are minutes of the day in Korea, both or neither. `email` is
-- confirmed.
CREATE TABLE reach (
    member BIGINT PRIMARY KEY,
    wishes BIGINT NOT NULL DEFAULT 0,
    quiet_from BIGINT CHECK (quiet_from BETWEEN 0 AND 1439),
    quiet_until BIGINT CHECK (quiet_until BETWEEN 0 AND 1439),
    language TEXT NOT NULL DEFAULT '',
    email TEXT,
    email_at BIGINT,
    CHECK ((quiet_from IS NULL) = (quiet_until IS NULL) AND (email IS NULL) = (email_at IS NULL))
);

-- The address that a member is to confirm, by the SHA-256 of what was sent there; none once it is confirmed. `asked` counts
-- since `since`.
CREATE TABLE confirmations (
    member BIGINT PRIMARY KEY,
    email TEXT,
    token BYTEA UNIQUE CHECK (octet_length(token) = 32),
    at BIGINT NOT NULL,
    since BIGINT NOT NULL,
    asked BIGINT NOT NULL
);

-- The browsers to which notices are pushed, by SHA-256 of the endpoint.
CREATE TABLE subscriptions (
    address BYTEA PRIMARY KEY CHECK (octet_length(address) = 32),
    member BIGINT NOT NULL,
    endpoint TEXT NOT NULL,
    key BYTEA NOT NULL CHECK (octet_length(key) = 65),
    secret BYTEA NOT NULL CHECK (octet_length(secret) = 16),
    at BIGINT NOT NULL
);
CREATE INDEX subscriptions_by_member ON subscriptions (member, at);

-- What is sent, one row for each member, auction, kind and way; `notice` is the newest of them. `state`: 0 waits, 1 was sent,
-- 2 has failed, 3 was dropped. One that is claimed waits until its claim runs out.
CREATE TABLE deliveries (
    member BIGINT NOT NULL,
    auction BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    channel BIGINT NOT NULL CHECK (channel BETWEEN 0 AND 1),
    notice BIGINT NOT NULL,
    amount BIGINT,
    at BIGINT NOT NULL,
    state BIGINT NOT NULL CHECK (state BETWEEN 0 AND 3),
    next_try BIGINT NOT NULL,
    tries BIGINT NOT NULL CHECK (tries >= 0),
    sent_at BIGINT,
    settled_at BIGINT,
    reason TEXT,
    PRIMARY KEY (member, auction, kind, channel),
    CHECK ((state = 0) = (settled_at IS NULL))
);
CREATE UNIQUE INDEX deliveries_by_notice ON deliveries (notice, channel);
CREATE INDEX deliveries_due ON deliveries (next_try) WHERE state = 0;
CREATE INDEX deliveries_failed ON deliveries (notice, channel) WHERE state = 2;
CREATE INDEX deliveries_settled ON deliveries (settled_at) WHERE state <> 0;

-- The secrets of the house, 32 bytes each, that all its nodes share.
CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    value BYTEA NOT NULL CHECK (octet_length(value) = 32)
);
