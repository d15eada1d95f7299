-- Facts about the database itself: its epoch, secrets made at the first start.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- `id` is the provider's number, which may come again one day: it then means the newest conference.
-- `outstanding` marks what a restart has to take up again.
CREATE TABLE conferences (
    key         INTEGER PRIMARY KEY,
    id          TEXT NOT NULL,
    app         TEXT NOT NULL,
    owner       TEXT NOT NULL,
    state       TEXT NOT NULL,
    outstanding INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    counter     INTEGER NOT NULL,
    details     BLOB NOT NULL
);
CREATE INDEX conferences_by_id ON conferences (id, key);
CREATE INDEX conferences_by_owner ON conferences (app, owner, key);
CREATE INDEX conferences_outstanding ON conferences (key) WHERE outstanding;

CREATE TABLE participants (
    conference  INTEGER NOT NULL,
    key         INTEGER NOT NULL,
    outstanding INTEGER NOT NULL,
    body        BLOB NOT NULL,
    PRIMARY KEY (conference, key)
) WITHOUT ROWID;
CREATE INDEX participants_outstanding ON participants (conference) WHERE outstanding;

-- Every call attempt there ever was, and every call the provider ever named: a late word about one is recognised.
CREATE TABLE legs (
    conference  INTEGER NOT NULL,
    leg         INTEGER NOT NULL,
    participant TEXT NOT NULL,
    PRIMARY KEY (conference, leg)
) WITHOUT ROWID;
CREATE TABLE calls (
    conference INTEGER NOT NULL,
    callid     TEXT NOT NULL,
    leg        INTEGER NOT NULL,
    PRIMARY KEY (conference, callid)
) WITHOUT ROWID;

-- The log. `body` is the event as clients get it, less the conference's id and the epoch.
CREATE TABLE events (
    conference INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    body       BLOB NOT NULL,
    PRIMARY KEY (conference, seq)
) WITHOUT ROWID;

-- Callbacks as they came. `status`: applied, ignored (nothing to apply), unmatched (no such conference), failed.
CREATE TABLE inbox (
    id           INTEGER PRIMARY KEY,
    received_at  TEXT NOT NULL,
    word         TEXT NOT NULL,
    query        BLOB NOT NULL,
    content_type TEXT NOT NULL,
    body         BLOB NOT NULL,
    conference   INTEGER,
    status       TEXT NOT NULL
);

-- Sub-accounts at the provider, by app and user.
CREATE TABLE users (
    app      TEXT NOT NULL,
    id       TEXT NOT NULL,
    account  BLOB NOT NULL,
    PRIMARY KEY (app, id)
) WITHOUT ROWID;
