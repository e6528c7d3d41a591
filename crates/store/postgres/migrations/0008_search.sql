-- Search: what is below its reserve, and words of descriptions and initials. The release before
-- still runs on these tables; what it lists meanwhile counts as without a reserve until somebody bids.

-- In the order in which following and rounds come to it: nobody is in the middle of writing a listing.
LOCK TABLE listings IN ACCESS EXCLUSIVE MODE;

ALTER TABLE listings ADD COLUMN below_reserve BOOLEAN NOT NULL DEFAULT false;
UPDATE listings l SET below_reserve = true FROM auctions a
    WHERE a.id = l.auction AND a.reserve IS NOT NULL AND coalesce(a.commitment, 0) < a.reserve;

-- The newest of a region come first; no other index has that order.
DROP INDEX listings_by_region;
CREATE INDEX listings_by_region ON listings (status, nationwide, region, auction DESC);

-- The listings whose words are still to be made by the rule of this release, some at a time; none after that.
CREATE TABLE unworded (
    auction BIGINT PRIMARY KEY
);
INSERT INTO unworded (auction) SELECT auction FROM listings;
