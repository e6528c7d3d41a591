//! Plants in money, events, auctions and keys, as they are under every rule.

/// Plants: the check that must find it, and how it is planted.
pub const PLANTS: [(&str, &str); 64] = [
    (
        "two_sides",
        "UPDATE transfers SET reason = 1 WHERE id = (SELECT max(id) FROM transfers WHERE reason = 0)",
    ),
    (
        "two_sides",
        "UPDATE transfers SET member = NULL WHERE id = (SELECT max(id) FROM transfers WHERE reason = 2)",
    ),
    (
        "two_sides",
        "UPDATE transfers SET auction = NULL WHERE id = (SELECT max(id) FROM transfers WHERE reason = 1)",
    ),
    (
        "two_sides",
        "UPDATE transfers SET order_id = NULL WHERE id = (SELECT max(id) FROM transfers WHERE reason = 4)",
    ),
    ("two_sides", "UPDATE transfers SET amount = 0 WHERE id = (SELECT max(id) FROM transfers)"),
    ("balances_sum_to_zero", "UPDATE wallets SET available = available + 1 WHERE member = 2"),
    (
        "balances_sum_to_zero",
        "DELETE FROM wallets WHERE member = (SELECT min(member) FROM wallets WHERE available + held > 0)",
    ),
    (
        "chains_are_whole",
        "UPDATE transfers SET previous = previous - 1 WHERE id = (SELECT max(id) FROM transfers WHERE previous > 0)",
    ),
    (
        "chains_are_whole",
        "UPDATE transfers SET previous = 1 WHERE previous IS NULL AND id > 1 AND member IS NOT NULL",
    ),
    ("chains_are_whole", "UPDATE wallets SET last_transfer = last_transfer - 1 WHERE member = 2"),
    ("chains_are_whole", "DELETE FROM transfers WHERE id = (SELECT min(id) FROM transfers WHERE reason = 2)"),
    (
        "wallets_are_their_transfers",
        "UPDATE wallets SET available = available + 1, held = held - 1 WHERE member = 2",
    ),
    ("wallets_are_their_transfers", "DELETE FROM wallets WHERE member = 2"),
    (
        "wallets_are_their_transfers",
        "DELETE FROM transfers WHERE id = (SELECT last_transfer FROM wallets WHERE member = 2)",
    ),
    (
        "members_never_below_zero",
        "UPDATE transfers SET amount = 900000000000 WHERE id = (SELECT min(id) FROM transfers WHERE reason = 1)",
    ),
    ("members_never_below_zero", "UPDATE wallets SET held = -1 WHERE member = 2"),
    (
        "house_never_below_zero",
        "UPDATE transfers SET amount = amount + 1000000000000 WHERE id = (SELECT max(id) FROM transfers WHERE reason = 4)",
    ),
    ("sales_are_paid_in_full", "UPDATE orders SET price = price + 1 WHERE id = 1"),
    ("sales_are_paid_in_full", "UPDATE orders SET buyer = seller, seller = buyer WHERE id = 1"),
    ("sales_are_paid_in_full", "UPDATE transfers SET order_id = order_id + 1 WHERE order_id = 1"),
    ("sales_are_paid_in_full", "DELETE FROM transfers WHERE order_id = 2 AND reason = 5"),
    ("sales_are_paid_in_full", "DELETE FROM transfers WHERE order_id = (SELECT max(id) FROM orders)"),
    ("sales_are_paid_in_full", "DELETE FROM orders WHERE id = 1"),
    (
        "escrow_is_open_orders",
        "UPDATE transfers SET amount = amount - 1 WHERE id = (SELECT max(id) FROM transfers WHERE reason = 4)",
    ),
    ("held_is_open_holds", "UPDATE bidders SET hold = 0 WHERE hold > 0"),
    (
        "leader_has_the_only_hold",
        "UPDATE bidders SET hold = 1 WHERE hold = 0 AND auction IN (SELECT id FROM auctions WHERE status < 2)",
    ),
    ("leader_has_the_only_hold", "UPDATE bidders SET hold = hold - 1 WHERE hold > 0"),
    (
        "ended_holds_nothing",
        "UPDATE bidders SET hold = 1 WHERE auction = (SELECT max(id) FROM auctions WHERE outcome < 2)",
    ),
    (
        "money_follows_events",
        "UPDATE transfers SET auction = auction - 1 WHERE id = (SELECT max(id) FROM transfers WHERE reason = 1)",
    ),
    (
        "money_follows_events",
        "UPDATE transfers SET amount = amount + 1 WHERE id = (SELECT max(id) FROM transfers WHERE reason = 2)",
    ),
    ("bid_count", "UPDATE events SET bid_count = bid_count + 1 WHERE kind = 2"),
    ("price_is_latest_row", "UPDATE events SET price = price + 1 WHERE kind = 2"),
    ("price_is_latest_row", "UPDATE events SET price = price + 1 WHERE kind = 1"),
    ("amounts_rise", "UPDATE events SET amount = 1, price = 1 WHERE kind = 2 AND bid_count = 2"),
    ("bids_reach_the_minimum", "UPDATE events SET minimum = 999999999999 WHERE kind = 1"),
    ("bids_reach_the_minimum", "UPDATE events SET minimum = NULL WHERE kind = 2 AND bid_count = 1"),
    ("rules_explain_rows", "UPDATE events SET minimum = minimum + 1 WHERE kind = 2"),
    ("rules_explain_rows", "UPDATE events SET ends_at = ends_at + 1 WHERE kind = 2"),
    ("rules_explain_rows", "UPDATE events SET ends_at = ends_at + 90000000000 WHERE kind = 4"),
    ("rules_explain_rows", "UPDATE events SET kind = 1 WHERE kind = 4"),
    ("rules_explain_rows", "UPDATE events SET amount = amount + 1, price = price + 1 WHERE kind IN (3, 5)"),
    (
        "rules_explain_rows",
        "UPDATE events SET actor_number = actor_number + 1 WHERE kind = 2 AND bid_count = 2",
    ),
    (
        "rules_explain_rows",
        "UPDATE events SET actor_number = actor_number + 1 WHERE kind = 2 AND bid_count = 3",
    ),
    (
        "bids_in_time",
        "UPDATE events SET at = (SELECT e.ends_at FROM events e WHERE e.auction = events.auction AND e.seq = events.seq - 1) \
         WHERE kind = 2",
    ),
    ("bids_in_time", "UPDATE events SET at = at - 864000000000 WHERE kind = 2 AND bid_count = 1"),
    ("one_outcome_one_order", "DELETE FROM orders WHERE id = (SELECT max(id) FROM orders)"),
    ("one_outcome_one_order", "UPDATE auctions SET outcome = 2 WHERE outcome = 0"),
    (
        "one_outcome_one_order",
        "DROP INDEX orders_one_settlement; INSERT INTO orders (id, auction, buyer, seller, price, at) SELECT id + 1000, auction, buyer, seller, price, at FROM orders",
    ),
    (
        "seller_never_bids",
        "UPDATE events SET actor = (SELECT seller FROM auctions WHERE id = auction) WHERE kind = 2 AND bid_count = 1",
    ),
    ("bidder_numbers", "UPDATE bidders SET number = number + 1 WHERE number = 1"),
    ("bidder_numbers", "UPDATE bidders SET commitment = commitment + 1 WHERE hold = 0"),
    ("bidder_numbers", "DELETE FROM bidders WHERE number = 1 AND hold = 0"),
    ("events_without_hole", "DELETE FROM events WHERE kind = 2 AND bid_count = 1"),
    (
        "nothing_after_the_end",
        "INSERT INTO events (auction, seq, kind, at, price, bid_count, ends_at) \
         SELECT auction, seq + 1, 4, at, price, bid_count, ends_at FROM events WHERE kind = 5",
    ),
    ("time_never_falls", "UPDATE events SET at = at - 864000000000 WHERE kind = 2 AND bid_count = 2"),
    ("auctions_are_their_events", "UPDATE auctions SET latest = latest + 1 WHERE id = 2"),
    ("deadlines", "DELETE FROM deadlines"),
    ("listings", "UPDATE listings SET price = price + 1 WHERE auction = 3"),
    ("keys", "UPDATE keys SET member = member + 10 WHERE transfer IS NULL"),
    ("no_strays", "INSERT INTO watching (member, auction, at) VALUES (2, 888888, 0)"),
    ("no_strays", "INSERT INTO arrivals (number, auction) VALUES (888888, 888888)"),
    ("no_strays", "INSERT INTO endings_told (auction, member) VALUES (888888, 1)"),
    ("no_strays", "INSERT INTO deadlines (auction, at) VALUES (9999, 1)"),
    ("readable", "UPDATE events SET kind = 99 WHERE kind = 1"),
];

/// More of the checks with many ways to fail.
pub const MORE_PLANTS: [(&str, &str); 40] = [
    ("auctions_are_their_events", "UPDATE auctions SET price = price + 1000 WHERE leader IS NOT NULL"),
    ("auctions_are_their_events", "UPDATE auctions SET commitment = commitment + 1 WHERE leader IS NOT NULL"),
    ("auctions_are_their_events", "UPDATE auctions SET bid_count = bid_count + 1"),
    ("auctions_are_their_events", "UPDATE auctions SET seq = seq - 1 WHERE seq > 1"),
    ("auctions_are_their_events", "UPDATE auctions SET ends_at = ends_at + 1"),
    ("auctions_are_their_events", "UPDATE auctions SET newest = newest + 1"),
    ("auctions_are_their_events", "UPDATE auctions SET bidders = bidders + 1"),
    ("auctions_are_their_events", "UPDATE auctions SET status = 0 WHERE status = 1"),
    ("auctions_are_their_events", "UPDATE auctions SET leader = leader % 6 + 1 WHERE leader IS NOT NULL"),
    ("auctions_are_their_events", "UPDATE auctions SET outage = NULL WHERE outage IS NOT NULL"),
    ("auctions_are_their_events", "DELETE FROM events WHERE auction = 2"),
    ("deadlines", "UPDATE deadlines SET at = at + 864000000000"),
    (
        "deadlines",
        "INSERT INTO deadlines SELECT id, ends_at FROM auctions WHERE status = 2 AND id NOT IN (SELECT auction FROM deadlines)",
    ),
    ("listings", "UPDATE listings SET seq = seq + 1"),
    ("keys", "UPDATE keys SET member = member + 10 WHERE transfer IS NOT NULL"),
    ("keys", "UPDATE keys SET transfer = 999999 WHERE transfer IS NOT NULL"),
    ("keys", "UPDATE keys SET seq = seq + 1000 WHERE seq IS NOT NULL"),
    ("keys", "UPDATE keys SET order_id = NULL WHERE order_id IS NOT NULL"),
    ("keys", "UPDATE keys SET transfer = 1 WHERE transfer IS NULL"),
    (
        "no_strays",
        "INSERT INTO bidders (auction, member, number, commitment, hold) VALUES (9999, 1, 1, 1, 0)",
    ),
    (
        "no_strays",
        "UPDATE transfers SET auction = 9999 WHERE id = (SELECT max(id) FROM transfers WHERE reason = 1)",
    ),
    (
        "no_strays",
        "UPDATE transfers SET member = 9999 WHERE id = (SELECT max(id) FROM transfers WHERE reason = 1)",
    ),
    ("no_strays", "INSERT INTO questions (auction, asker, text, asked_at) VALUES (9999, 1, 'how?', 1)"),
    ("no_strays", "DELETE FROM auctions WHERE id = 2"),
    ("no_strays", "INSERT INTO removals (auction, member, at) VALUES (9999, 1, 0)"),
    (
        "no_strays",
        "INSERT INTO item_history (auction, title, description, nationwide) VALUES (9999, '', '', 0)",
    ),
    ("old_words", "DELETE FROM item_history"),
    (
        "old_words",
        "INSERT INTO item_history (auction, title, description, nationwide) \
         SELECT id, '', '', 0 FROM auctions WHERE followed_by IS NULL",
    ),
    ("readable", "UPDATE auctions SET status = 9 WHERE id = 1"),
    (
        "pictures",
        "DELETE FROM item_pictures WHERE place = 1 AND item IN (SELECT item FROM item_pictures WHERE place = 2)",
    ),
    (
        "pictures",
        "DELETE FROM old_pictures WHERE place = 1 AND auction IN (SELECT auction FROM old_pictures WHERE place = 2)",
    ),
    (
        "pictures",
        "UPDATE item_pictures SET address = (SELECT s.address FROM item_pictures s WHERE s.item = item_pictures.item \
         AND s.place = 1) WHERE place = 2",
    ),
    ("pictures", "UPDATE item_pictures SET member = member % 6 + 1"),
    (
        "pictures",
        "DELETE FROM uploads WHERE (address, member) IN (SELECT address, member FROM item_pictures)",
    ),
    ("uploads", "UPDATE pictures SET going = 0"),
    ("uploads", "DELETE FROM uploads"),
    ("uploads", "DELETE FROM pictures"),
    ("listings", "UPDATE listings SET picture = zeroblob(32)"),
    (
        "no_strays",
        "INSERT INTO old_pictures (auction, place, address, member, alt) VALUES (9999, 1, zeroblob(32), 1, '')",
    ),
    (
        "no_strays",
        "INSERT INTO item_pictures (item, place, address, member, alt) VALUES (9999, 1, zeroblob(32), 1, '')",
    ),
];
