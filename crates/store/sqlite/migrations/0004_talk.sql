-- Questions and answers under auctions. What an admin has hidden stands there with its text; why, his act says. `reported_at`
-- is since when a report waits for an admin; none waits where it is absent.
CREATE TABLE questions (
    id INTEGER PRIMARY KEY,
    auction INTEGER NOT NULL,
    asker INTEGER NOT NULL,
    text TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    edited_at INTEGER,
    answer TEXT,
    answered_at INTEGER CHECK ((answered_at IS NULL) = (answer IS NULL)),
    answer_edited_at INTEGER,
    pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1)),
    hidden_at INTEGER,
    reported_at INTEGER
) STRICT;
-- What the seller has put first comes first, then the newest.
CREATE INDEX questions_by_auction ON questions (auction, pinned, id);
CREATE INDEX questions_by_asker ON questions (asker, asked_at);
CREATE INDEX questions_unanswered ON questions (auction, asker) WHERE answer IS NULL;
CREATE INDEX questions_reported ON questions (reported_at, id) WHERE reported_at IS NOT NULL;

-- Each member reports a question once.
CREATE TABLE reports (
    question INTEGER NOT NULL,
    reporter INTEGER NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (question, reporter)
) STRICT, WITHOUT ROWID;
