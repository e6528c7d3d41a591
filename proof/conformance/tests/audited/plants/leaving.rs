//! What nobody who has left may have, planted for one who has; and an edit that neither says nor shows anything.

use super::assert_found;

/// Somebody who has left as one leaves, who is no violation.
const LEFT: &str = "INSERT INTO members (id, username, nickname, skeleton, password_hash, created_at, suspended, left_at) \
     VALUES (777777, 'left:777777', 'Former neighbour 777777', char(1) || 777777, '', 1, 1, 1)";

/// What is planted for him.
const PLANTS: [&str; 19] = [
    "UPDATE members SET suspended = 0 WHERE id = 777777",
    "UPDATE members SET is_admin = 1 WHERE id = 777777",
    "UPDATE members SET password_hash = 'x' WHERE id = 777777",
    "UPDATE members SET about = 'hello' WHERE id = 777777",
    "UPDATE members SET username = 'joon' WHERE id = 777777",
    "UPDATE members SET skeleton = 'joon' WHERE id = 777777",
    "INSERT INTO sessions VALUES (x'00', 777777, 1, 1, 2)",
    "INSERT INTO reach (member) VALUES (777777)",
    "INSERT INTO confirmations (member, email, token, at, since, asked) VALUES (777777, 'a@b.example', zeroblob(32), 1, 1, 1)",
    "INSERT INTO subscriptions VALUES (zeroblob(32), 777777, 'https://push.example', zeroblob(65), zeroblob(16), 1)",
    "INSERT INTO watching SELECT 777777, min(id), 1 FROM auctions",
    "INSERT INTO saved_searches (member, name, query, created_at, seen) VALUES (777777, '', '', 1, 0)",
    "INSERT INTO blocks SELECT 777777, min(id), 1 FROM members",
    "INSERT INTO unread_notices (member, auction, kind, id, at) SELECT 777777, min(id), 0, 1, 1 FROM auctions",
    "INSERT INTO read_notices (member, id, auction, kind, at, read_at) SELECT 777777, 1, min(id), 0, 1, 1 FROM auctions",
    "INSERT INTO deliveries (member, auction, kind, channel, notice, at, state, next_try, tries) \
     SELECT 777777, min(id), 0, 0, 1, 1, 0, 1, 0 FROM auctions",
    "INSERT INTO withdrawals (member, amount, destination, at, state) VALUES (777777, 1, '', 1, 0)",
    "INSERT INTO wallets (member, available, held, version, last_transfer) VALUES (777777, 0, 1, 1, 1)",
    "UPDATE auctions SET seller = 777777 WHERE outcome IS NULL",
];

/// An edit after the first bid that neither says anything nor adds a picture.
const SILENT: (&str, &str) = (
    "pictures",
    "UPDATE auctions SET notes = 0; UPDATE events SET reason = NULL WHERE kind = 9 AND reason IS NOT NULL \
     AND auction NOT IN (SELECT a.id FROM auctions a JOIN item_pictures p ON p.item = a.item) \
     AND auction NOT IN (SELECT auction FROM old_pictures) \
     AND EXISTS (SELECT 1 FROM events e WHERE e.auction = events.auction AND e.seq < events.seq AND e.kind = 2)",
);

#[test]
fn an_edit_that_adds_nothing_is_found() {
    assert_found(&[SILENT]);
}

#[test]
fn what_is_planted_for_whoever_has_left_is_found() {
    let plants = PLANTS.map(|plant| format!("{LEFT}; {plant}"));
    assert_found(&plants.each_ref().map(|plant| ("no_strays", plant.as_str())));
}
