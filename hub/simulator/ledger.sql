CREATE TABLE IF NOT EXISTS account (sid TEXT NOT NULL, token TEXT NOT NULL, app TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS sub_accounts (
    name    TEXT PRIMARY KEY,
    sid     TEXT NOT NULL,
    token   TEXT NOT NULL,
    voip    TEXT NOT NULL,
    pwd     TEXT NOT NULL,
    created TEXT NOT NULL
);

-- `words` are the callback addresses that CreateConf named, as JSON.
CREATE TABLE IF NOT EXISTS conferences (
    confid     INTEGER PRIMARY KEY,
    maxmember  INTEGER NOT NULL,
    words      TEXT NOT NULL,
    had_member INTEGER NOT NULL DEFAULT 0,
    is_over    INTEGER NOT NULL DEFAULT 0
);

-- `state`: ringing, inside, over.
CREATE TABLE IF NOT EXISTS calls (
    callid   TEXT PRIMARY KEY,
    confid   INTEGER NOT NULL,
    number   TEXT NOT NULL,
    state    TEXT NOT NULL,
    is_muted INTEGER NOT NULL DEFAULT 0,
    words    TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS calls_by_conference ON calls (confid, state);

-- What is going to happen: `due` in seconds since 1970.
CREATE TABLE IF NOT EXISTS agenda (
    id     INTEGER PRIMARY KEY,
    due    REAL NOT NULL,
    what   TEXT NOT NULL,
    target TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS agenda_by_due ON agenda (due);

-- Notices that the application has not taken yet, in their order.
CREATE TABLE IF NOT EXISTS notices (
    id     INTEGER PRIMARY KEY,
    confid INTEGER NOT NULL,
    word   TEXT NOT NULL,
    fields TEXT NOT NULL,
    tries  INTEGER NOT NULL DEFAULT 0
);
