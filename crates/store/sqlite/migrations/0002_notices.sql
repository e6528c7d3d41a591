-- Unread notices: one for each member, auction and kind, where its member's others lie, so that renewing it writes one
-- page. `id` is fresh with each renewal; no index follows it, for a member's unread notices are few.
CREATE TABLE unread_notices (
    member INTEGER NOT NULL,
    auction INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    id INTEGER NOT NULL,
    amount INTEGER,
    at INTEGER NOT NULL,
    PRIMARY KEY (member, auction, kind)
) STRICT, WITHOUT ROWID;

-- Notices that were read; they never change again.
CREATE TABLE read_notices (
    member INTEGER NOT NULL,
    id INTEGER NOT NULL,
    auction INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    amount INTEGER,
    at INTEGER NOT NULL,
    read_at INTEGER NOT NULL,
    PRIMARY KEY (member, id)
) STRICT, WITHOUT ROWID;

INSERT INTO unread_notices (member, auction, kind, id, amount, at)
    SELECT member, auction, kind, id, amount, at FROM notices WHERE read_at IS NULL;
INSERT INTO read_notices (member, id, auction, kind, amount, at, read_at)
    SELECT member, id, auction, kind, amount, at, read_at FROM notices WHERE read_at IS NOT NULL;

-- The number of the newest notice.
ALTER TABLE followers ADD COLUMN notice INTEGER NOT NULL DEFAULT 0;
UPDATE followers SET notice = (SELECT coalesce(max(id), 0) FROM notices);
DROP TABLE notices;

-- Up to which event of the auction its members were told.
ALTER TABLE listings ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
UPDATE listings SET told = seq;
