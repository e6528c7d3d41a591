-- Searches that members keep, and what has newly come to the market for them. Rounds know neither.

-- `query` is the search as the market's address has it; nobody keeps the same twice. `seen` is up to which arrival it was
-- looked at, `fresh` how many have come since its member last opened it, `unsent` how many of these he was not told of,
-- `newest` the last of all. `told` is the auction that his last notice stands under, which said `told_count`.
CREATE TABLE saved_searches (
    id INTEGER PRIMARY KEY,
    member INTEGER NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    fresh INTEGER NOT NULL DEFAULT 0 CHECK (fresh >= 0),
    unsent INTEGER NOT NULL DEFAULT 0 CHECK (unsent >= 0),
    newest INTEGER,
    told INTEGER,
    told_at INTEGER NOT NULL DEFAULT 0,
    told_count INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX saved_searches_once ON saved_searches (member, query);
CREATE UNIQUE INDEX saved_searches_told ON saved_searches (member, told) WHERE told IS NOT NULL;
CREATE INDEX saved_searches_by_seen ON saved_searches (seen, id);
CREATE INDEX saved_searches_untold ON saved_searches (told_at, id) WHERE unsent > 0;

-- The auctions in the order in which they were first listed as open; the newest of them.
CREATE TABLE arrivals (
    number INTEGER PRIMARY KEY,
    auction INTEGER NOT NULL UNIQUE
) STRICT;
