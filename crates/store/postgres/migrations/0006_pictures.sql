-- Pictures of items. The release before still runs on these tables: it neither shows pictures nor changes any.

-- In the order in which following and rounds come to it: nobody is in the middle of writing a listing.
LOCK TABLE listings IN ACCESS EXCLUSIVE MODE;

-- What is known of a picture, by SHA-256 of what was uploaded: the same for everybody who has the same file. `colour` is
-- 0xRRGGBB, `sizes` says which renditions there are, `bytes` what all of them take. `going`: nobody has it any more, and its
-- bytes are being taken away; when somebody last set out to do that, 0 if nobody did.
CREATE TABLE pictures (
    address BYTEA PRIMARY KEY CHECK (octet_length(address) = 32),
    width BIGINT NOT NULL CHECK (width > 0),
    height BIGINT NOT NULL CHECK (height > 0),
    colour BIGINT NOT NULL CHECK (colour BETWEEN 0 AND 16777215),
    sizes BIGINT NOT NULL CHECK (sizes >= 0),
    bytes BIGINT NOT NULL CHECK (bytes >= 0),
    at BIGINT NOT NULL,
    going BIGINT
);
CREATE INDEX pictures_going ON pictures (address) WHERE going IS NOT NULL;

-- Who has uploaded it, and when last. Two members may have the same file: neither can tell, and each upload goes when its own
-- member no longer uses it. The row that a listing locks and a removal deletes.
CREATE TABLE uploads (
    address BYTEA NOT NULL,
    member BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (address, member)
);
CREATE INDEX uploads_by_member ON uploads (member, at);

-- The pictures of an item, numbered 1, 2, … without a hole; `member` is its seller.
CREATE TABLE item_pictures (
    item BIGINT NOT NULL,
    place BIGINT NOT NULL CHECK (place BETWEEN 1 AND 10),
    address BYTEA NOT NULL,
    member BIGINT NOT NULL,
    alt TEXT NOT NULL,
    PRIMARY KEY (item, place)
);
CREATE INDEX item_pictures_by_upload ON item_pictures (address, member);

-- The pictures of auctions whose items were auctioned again, as in `item_history`. They never change any more.
CREATE TABLE old_pictures (
    auction BIGINT NOT NULL,
    place BIGINT NOT NULL CHECK (place BETWEEN 1 AND 10),
    address BYTEA NOT NULL,
    member BIGINT NOT NULL,
    alt TEXT NOT NULL,
    PRIMARY KEY (auction, place)
);
CREATE INDEX old_pictures_by_upload ON old_pictures (address, member);

-- The first picture, so that lists are read from one table.
ALTER TABLE listings ADD COLUMN picture BYTEA;
ALTER TABLE listings ADD COLUMN picture_alt TEXT;
ALTER TABLE listings ADD COLUMN picture_width BIGINT;
ALTER TABLE listings ADD COLUMN picture_height BIGINT;
ALTER TABLE listings ADD COLUMN picture_colour BIGINT;
