-- One bid as one transaction, in one flight: as a database would do it if every bid came by itself. It keeps what a round
-- of the engine keeps: the auction, two bidders' rows, transfers with their chain, two wallets, the event, the key and the
-- row for followers. The bid is the least that is accepted when it is decided, so nobody is refused for having come late.

CREATE SEQUENCE baseline_transfers START WITH 1000000000 CACHE 64;

-- A number as followers read it: 64 bits, little-endian.
CREATE FUNCTION baseline_bytes(number bigint) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT substr(int8send(number), 8, 1) || substr(int8send(number), 7, 1) || substr(int8send(number), 6, 1)
        || substr(int8send(number), 5, 1) || substr(int8send(number), 4, 1) || substr(int8send(number), 3, 1)
        || substr(int8send(number), 2, 1) || substr(int8send(number), 1, 1)
$$;

-- Gives the bid's number in its auction; 0 if the rules refuse it; -1 if somebody else was faster (never when it locks).
-- With `locks` the auction's row is locked first; without, it is only read, and written if it still stands as it was.
CREATE FUNCTION baseline_bid(the_auction bigint, the_bidder bigint, the_key text, the_print bigint, locks boolean)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    a auctions%ROWTYPE;
    w wallets%ROWTYPE;
    mine wallets%ROWTYPE;
    theirs wallets%ROWTYPE;
    told bigint;
    barred boolean;
    at_now bigint;
    own bigint;
    offer bigint;
    my_number bigint;
    is_new boolean;
    ends bigint;
    told_wallets bytea := '';
BEGIN
    IF locks THEN
        SELECT * INTO a FROM auctions WHERE id = the_auction FOR NO KEY UPDATE;
    ELSE
        SELECT * INTO a FROM auctions WHERE id = the_auction;
    END IF;
    IF NOT FOUND THEN RETURN 0; END IF;
    SELECT k.seq INTO told FROM keys AS k WHERE k.key = the_key AND k.member = the_bidder;
    IF FOUND THEN RETURN told; END IF;
    at_now := greatest((extract(epoch FROM clock_timestamp()) * 1000000)::bigint, a.newest);
    SELECT m.suspended OR EXISTS (SELECT 1 FROM blocks AS b WHERE b.seller = a.seller AND b.member = the_bidder)
        INTO barred FROM members AS m WHERE m.id = the_bidder;
    IF a.outcome IS NOT NULL OR at_now >= a.ends_at OR at_now < a.starts_at OR a.seller = the_bidder
        OR barred IS NULL OR barred THEN
        RETURN 0;
    END IF;
    IF a.bid_unit IS NULL OR a.buy_now IS NOT NULL OR a.status <> 1 THEN
        RAISE EXCEPTION 'the baselines know open auctions with a fixed unit and no buy-now price';
    END IF;
    offer := CASE WHEN a.leader IS NULL THEN a.start_price ELSE a.price + a.bid_unit END;
    IF offer > 1000000000000 THEN RETURN 0; END IF;
    SELECT b.number INTO my_number FROM bidders AS b WHERE b.auction = a.id AND b.member = the_bidder;
    is_new := NOT FOUND;
    IF is_new THEN my_number := a.bidders + 1; END IF;
    ends := a.ends_at;
    IF at_now >= ends - a.soft_close THEN
        ends := greatest(ends, least(at_now + a.soft_close, a.latest));
    END IF;

    UPDATE auctions SET seq = a.seq + 1, price = offer, leader = the_bidder, leader_number = my_number,
        commitment = offer, bid_count = a.bid_count + 1, bidders = a.bidders + is_new::int, newest = at_now,
        ends_at = ends
        WHERE id = a.id AND seq = a.seq;
    IF NOT FOUND THEN RETURN -1; END IF;
    FOR w IN SELECT * FROM wallets WHERE member = ANY (ARRAY[the_bidder, a.leader])
        ORDER BY member FOR NO KEY UPDATE
    LOOP
        IF w.member = the_bidder THEN mine := w; ELSE theirs := w; END IF;
    END LOOP;
    own := CASE WHEN a.leader = the_bidder THEN a.commitment ELSE 0 END;
    IF mine.member IS NULL OR mine.available + own < offer THEN
        RAISE EXCEPTION USING ERRCODE = 'NB001', MESSAGE = 'insufficient funds';
    END IF;
    IF theirs.member IS NOT NULL THEN
        told := nextval('baseline_transfers');
        INSERT INTO transfers (id, from_account, to_account, member, amount, reason, auction, at, previous)
            VALUES (told, 6, 5, a.leader, a.commitment, 2, a.id, at_now, nullif(theirs.last_transfer, 0));
        UPDATE wallets SET available = theirs.available + a.commitment, held = theirs.held - a.commitment,
            version = theirs.version + 1, last_transfer = told WHERE member = a.leader;
        told_wallets := baseline_bytes(a.leader) || baseline_bytes(theirs.available + a.commitment)
            || baseline_bytes(theirs.held - a.commitment) || baseline_bytes(theirs.version + 1);
    END IF;
    told := nextval('baseline_transfers');
    INSERT INTO transfers (id, from_account, to_account, member, amount, reason, auction, at, previous)
        VALUES (told, 5, 6, the_bidder, offer - own, 1, a.id, at_now, nullif(mine.last_transfer, 0));
    UPDATE wallets SET available = mine.available - (offer - own), held = mine.held + (offer - own),
        version = mine.version + 1, last_transfer = told WHERE member = the_bidder;
    told_wallets := told_wallets || baseline_bytes(the_bidder) || baseline_bytes(mine.available - (offer - own))
        || baseline_bytes(mine.held + (offer - own)) || baseline_bytes(mine.version + 1);
    IF theirs.member IS NOT NULL THEN
        UPDATE bidders SET hold = 0 WHERE auction = a.id AND member = a.leader;
    END IF;
    INSERT INTO bidders AS b (auction, member, number, commitment, hold)
        VALUES (a.id, the_bidder, my_number, offer, offer)
        ON CONFLICT (auction, member) DO UPDATE
        SET commitment = greatest(b.commitment, excluded.commitment), hold = excluded.hold;
    INSERT INTO events (auction, seq, kind, at, actor, actor_number, amount, price, minimum, bid_count, leader,
        leader_number, ends_at)
        VALUES (a.id, a.seq + 1, 2, at_now, the_bidder, my_number, offer, offer,
            CASE WHEN offer + a.bid_unit <= 1000000000000 THEN offer + a.bid_unit END, a.bid_count + 1, the_bidder,
            my_number, ends);
    INSERT INTO keys (key, member, fingerprint, auction, seq, at)
        VALUES (the_key, the_bidder, the_print, a.id, a.seq + 1, at_now);
    INSERT INTO rounds (at, heads, wallets)
        VALUES (at_now, baseline_bytes(a.id) || baseline_bytes(a.seq) || baseline_bytes(a.seq + 1), told_wallets);
    RETURN a.seq + 1;
END
$$;
