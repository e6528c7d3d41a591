-- The newest listings that hold words, found without a look at the older ones. The release before still runs on these tables.

-- Beside its words, in which blocks of auction numbers a listing lies, of four sizes; the lowest bits say which. Of words that
-- very many listings hold, only the entries of the blocks asked for are read. What is new waits in a list that every search
-- reads whole, so the list is short (kB).
CREATE INDEX listing_words_by_block ON listing_words USING gin (words, (ARRAY[
    auction >> 11 << 2, auction >> 14 << 2 | 1, auction >> 17 << 2 | 2, auction >> 20 << 2 | 3
])) WITH (gin_pending_list_limit = 256);
-- Whoever reads for long, such as a backup, must not make every search wait behind this: then the step is taken another time.
SET LOCAL lock_timeout = '3s';
DROP INDEX listing_words_by_word;
SET LOCAL lock_timeout = 0;
