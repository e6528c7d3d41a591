-- How members present themselves, and that one may leave. The release before still runs on these tables: to it a member who
-- has left is suspended, and has a name that nobody can sign in by.

-- `picture` is the address of an upload of his. Who has left keeps his number; what he was called is gone.
ALTER TABLE members ADD COLUMN about TEXT;
ALTER TABLE members ADD COLUMN picture BLOB CHECK (picture IS NULL OR length(picture) = 32);
ALTER TABLE members ADD COLUMN left_at INTEGER;
CREATE INDEX members_by_picture ON members (picture, id) WHERE picture IS NOT NULL;

-- A seller's shelves. No bid writes here: an auction moves from the one to the other when it is over.
CREATE INDEX auctions_live ON auctions (seller, id) WHERE outcome IS NULL;
CREATE INDEX auctions_over ON auctions (seller, id) WHERE outcome IS NOT NULL;

-- A seller's month, and what a member wrote.
CREATE INDEX orders_by_sale ON orders (seller, at);
CREATE INDEX reviews_by_author ON reviews (author, at, order_id);
