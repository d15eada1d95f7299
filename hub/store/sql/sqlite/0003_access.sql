-- Keys of apps and of admins (`app` is NULL). Only a hash is kept of what is shown once.
CREATE TABLE keys (
    id         TEXT PRIMARY KEY,
    app        TEXT,
    hash       BLOB NOT NULL,
    created_at TEXT NOT NULL,
    revoked_at TEXT
) WITHOUT ROWID;

-- What tokens are signed with: the last signs, the one before it is still believed. Clocks may be set, so `n` has the order.
CREATE TABLE signing_keys (
    n          INTEGER PRIMARY KEY,
    id         TEXT NOT NULL,
    secret     BLOB NOT NULL,
    created_at TEXT NOT NULL
);

-- Who did what, or was not let. `app` and `conference` (its number) are NULL where it was about none.
CREATE TABLE audit (
    id         INTEGER PRIMARY KEY,
    at         TEXT NOT NULL,
    app        TEXT,
    conference TEXT,
    operation  TEXT NOT NULL,
    actor      TEXT NOT NULL,
    credential TEXT NOT NULL,
    address    TEXT NOT NULL,
    request    TEXT NOT NULL,
    outcome    TEXT NOT NULL,
    cause      TEXT,
    before     BLOB,
    after      BLOB
);
CREATE INDEX audit_by_app ON audit (app, id);
CREATE INDEX audit_by_conference ON audit (conference, id);
