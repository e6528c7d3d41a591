-- Watchlists, and which auctions' ends those who follow them were told of. Rounds know neither.

CREATE TABLE watching (
    member INTEGER NOT NULL,
    auction INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (member, auction)
) STRICT, WITHOUT ROWID;
CREATE INDEX watching_by_auction ON watching (auction, member);

-- Up to which member, by their numbers, those who watch or have bid were told that the auction ends soon; the largest
-- number of all: everyone.
CREATE TABLE endings_told (
    auction INTEGER PRIMARY KEY,
    member INTEGER NOT NULL CHECK (member > 0)
) STRICT;
