//! What a search may be asked, and what suggestions are made for.

use super::{Asks, CURSOR, LIMIT};

/// What suggestions are made for.
pub(super) const SUGGEST: &[Asks] = &[("q", "string", "What was typed so far")];

/// A search of the market.
pub(super) const SEARCH: &[Asks] = &[
    ("q", "string", "Words, all of which must be found: also their initial consonants, or half typed"),
    ("region", "integer", "This region, all below it, and everything nationwide"),
    (
        "near",
        "string",
        "Instead of a region: `37.56,126.91` in degrees, or `home` for the member's own neighbourhood",
    ),
    ("radius", "integer", "How far that is, in kilometres: 3, 5, 10, 20; 5 if absent"),
    ("category", "integer", "This category and all below it"),
    ("condition", "string", "`new`, `s`, `a`, `b`, `c`"),
    ("status", "string", "`scheduled`, `open`, `ended`"),
    ("min_price", "integer", "At least this price"),
    ("max_price", "integer", "At most this price"),
    ("ends_within", "integer", "It ends within so many hours, 1 to 744"),
    ("reserve_met", "boolean", "Only what has no reserve, or one that is met"),
    ("buy_now", "boolean", "Only what has a buy-now price"),
    ("pictured", "boolean", "Only what has a picture"),
    (
        "sort",
        "string",
        "`best` (usual with words), `nearest` (usual with `near`), `newest` (usual else), `ending`, `price_asc`, \
         `price_desc`, `bids`",
    ),
    LIMIT,
    CURSOR,
];
