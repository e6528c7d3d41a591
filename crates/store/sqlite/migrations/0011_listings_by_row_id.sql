-- Listings by row id: a search looks thousands of them up, and a table without row ids holds whole rows where this one holds
-- numbers, in the pages that lead to a row. Each index ends in the row id by itself. A row id
-- cannot be compared as part of a row value: what a page begins behind is two ranges, see `walk.rs`.

CREATE TABLE listings_by_row_id (
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
    ends_at INTEGER NOT NULL,
    told INTEGER NOT NULL DEFAULT 0,
    picture BLOB,
    picture_alt TEXT,
    picture_width INTEGER,
    picture_height INTEGER,
    picture_colour INTEGER,
    below_reserve INTEGER NOT NULL DEFAULT 0 CHECK (below_reserve IN (0, 1))
) STRICT;
INSERT INTO listings_by_row_id (auction, seq, title, seller, category, region, nationwide, condition, status, outcome, price,
        buy_now, bid_count, starts_at, ends_at, told, picture, picture_alt, picture_width, picture_height, picture_colour,
        below_reserve)
    SELECT auction, seq, title, seller, category, region, nationwide, condition, status, outcome, price, buy_now, bid_count,
        starts_at, ends_at, told, picture, picture_alt, picture_width, picture_height, picture_colour, below_reserve
    FROM listings ORDER BY auction;
DROP TABLE listings;
ALTER TABLE listings_by_row_id RENAME TO listings;
CREATE INDEX listings_by_end ON listings (status, ends_at);
CREATE INDEX listings_by_status ON listings (status);
CREATE INDEX listings_by_price ON listings (status, price);
CREATE INDEX listings_by_bids ON listings (status, bid_count);
CREATE INDEX listings_by_category ON listings (status, category, nationwide, region);
CREATE INDEX listings_by_region ON listings (status, nationwide, region);
