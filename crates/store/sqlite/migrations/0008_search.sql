-- Search: what is below its reserve, and words of descriptions and initials.

ALTER TABLE listings ADD COLUMN below_reserve INTEGER NOT NULL DEFAULT 0 CHECK (below_reserve IN (0, 1));
UPDATE listings SET below_reserve = 1
    WHERE auction IN (SELECT id FROM auctions WHERE reserve IS NOT NULL AND coalesce(commitment, 0) < reserve);

-- The listings whose words are still to be made by the rule of this release, some at a time; none after that.
CREATE TABLE unworded (
    auction INTEGER PRIMARY KEY
) STRICT;
INSERT INTO unworded (auction) SELECT auction FROM listings;
