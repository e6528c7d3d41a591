-- Pictures of items. The release before still runs on these tables: it neither shows pictures nor changes any.

-- What is known of a picture, by SHA-256 of what was uploaded: the same for everybody who has the same file. `colour` is
-- 0xRRGGBB, `sizes` says which renditions there are, `bytes` what all of them take. `going`: nobody has it any more, and its
-- bytes are being taken away; when somebody last set out to do that, 0 if nobody did.
CREATE TABLE pictures (
    address BLOB PRIMARY KEY CHECK (length(address) = 32),
    width INTEGER NOT NULL CHECK (width > 0),
    height INTEGER NOT NULL CHECK (height > 0),
    colour INTEGER NOT NULL CHECK (colour BETWEEN 0 AND 16777215),
    sizes INTEGER NOT NULL CHECK (sizes >= 0),
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    at INTEGER NOT NULL,
    going INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX pictures_going ON pictures (address) WHERE going IS NOT NULL;

-- Who has uploaded it, and when last. Two members may have the same file: neither can tell, and each upload goes when its own
-- member no longer uses it. The row that a listing locks and a removal deletes.
CREATE TABLE uploads (
    address BLOB NOT NULL,
    member INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (address, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX uploads_by_member ON uploads (member, at);

-- The pictures of an item, numbered 1, 2, … without a hole; `member` is its seller.
CREATE TABLE item_pictures (
    item INTEGER NOT NULL,
    place INTEGER NOT NULL CHECK (place BETWEEN 1 AND 10),
    address BLOB NOT NULL,
    member INTEGER NOT NULL,
    alt TEXT NOT NULL,
    PRIMARY KEY (item, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX item_pictures_by_upload ON item_pictures (address, member);

-- The pictures of auctions whose items were auctioned again, as in `item_history`. They never change any more.
CREATE TABLE old_pictures (
    auction INTEGER NOT NULL,
    place INTEGER NOT NULL CHECK (place BETWEEN 1 AND 10),
    address BLOB NOT NULL,
    member INTEGER NOT NULL,
    alt TEXT NOT NULL,
    PRIMARY KEY (auction, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX old_pictures_by_upload ON old_pictures (address, member);

-- The first picture, so that lists are read from one table.
ALTER TABLE listings ADD COLUMN picture BLOB;
ALTER TABLE listings ADD COLUMN picture_alt TEXT;
ALTER TABLE listings ADD COLUMN picture_width INTEGER;
ALTER TABLE listings ADD COLUMN picture_height INTEGER;
ALTER TABLE listings ADD COLUMN picture_colour INTEGER;
