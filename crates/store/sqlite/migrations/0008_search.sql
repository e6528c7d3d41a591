-- Search: what is below its reserve, words of descriptions and initials, and searches that are kept.

ALTER TABLE listings ADD COLUMN below_reserve INTEGER NOT NULL DEFAULT 0 CHECK (below_reserve IN (0, 1));
UPDATE listings SET below_reserve = 1
    WHERE auction IN (SELECT id FROM auctions WHERE reserve IS NOT NULL AND coalesce(commitment, 0) < reserve);

-- The listings whose words are still to be made by the rule of this release, some at a time; none after that.
CREATE TABLE unworded (
    auction INTEGER PRIMARY KEY
) STRICT;
INSERT INTO unworded (auction) SELECT auction FROM listings;

-- Searches that members keep. `query` is as in an address. `waiting` listings fit since `told_at` (0: never told), the
-- newest of which is `newest`.
CREATE TABLE saved_searches (
    id INTEGER PRIMARY KEY,
    member INTEGER NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    at INTEGER NOT NULL,
    told_at INTEGER NOT NULL DEFAULT 0,
    waiting INTEGER NOT NULL DEFAULT 0 CHECK (waiting >= 0),
    newest INTEGER
) STRICT;
CREATE INDEX saved_searches_by_member ON saved_searches (member, id);
CREATE INDEX saved_searches_waiting ON saved_searches (told_at, id) WHERE waiting > 0;

-- The listings that are new, and up to which kept search each was compared.
CREATE TABLE matching (
    auction INTEGER PRIMARY KEY,
    search INTEGER NOT NULL
) STRICT;
