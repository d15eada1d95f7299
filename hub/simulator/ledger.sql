CREATE TABLE IF NOT EXISTS account (sid TEXT NOT NULL, token TEXT NOT NULL, app TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS sub_accounts (
    name    TEXT PRIMARY KEY,
    sid     TEXT NOT NULL,
    token   TEXT NOT NULL,
    voip    TEXT NOT NULL,
    pwd     TEXT NOT NULL,
    created TEXT NOT NULL
);

-- One row: how often the world was started, and where it listens or last did, with the certificate it shows (PEM).
CREATE TABLE IF NOT EXISTS running (
    starts      INTEGER NOT NULL,
    address     TEXT NOT NULL,
    certificate TEXT NOT NULL
);

-- `attributes` are those that CreateConf named, as JSON. `recording_since` in seconds since 1970; null: no recording.
CREATE TABLE IF NOT EXISTS conferences (
    confid          INTEGER PRIMARY KEY,
    maxmember       INTEGER NOT NULL,
    attributes      TEXT NOT NULL,
    created         TEXT NOT NULL,
    had_member      INTEGER NOT NULL DEFAULT 0,
    is_over         INTEGER NOT NULL DEFAULT 0,
    is_playing      INTEGER NOT NULL DEFAULT 0,
    recording_since REAL
);

-- `state`: ringing, inside, over. `result`: empty while it rings and once it was answered. `attributes`: the invitation's.
CREATE TABLE IF NOT EXISTS calls (
    callid     TEXT PRIMARY KEY,
    confid     INTEGER NOT NULL,
    number     TEXT NOT NULL,
    state      TEXT NOT NULL,
    since      TEXT NOT NULL,
    attributes TEXT NOT NULL,
    result     TEXT NOT NULL DEFAULT '',
    is_host    INTEGER NOT NULL DEFAULT 0,
    is_muted   INTEGER NOT NULL DEFAULT 0,
    is_paused  INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS calls_by_conference ON calls (confid, state);
CREATE INDEX IF NOT EXISTS calls_by_number ON calls (number);

-- Template SMS: one row per receiver. `datas` as JSON.
CREATE TABLE IF NOT EXISTS messages (
    id          INTEGER PRIMARY KEY,
    sid         TEXT NOT NULL,
    number      TEXT NOT NULL,
    template_id TEXT NOT NULL,
    datas       TEXT NOT NULL,
    sent        TEXT NOT NULL
);

-- What is going to happen: `due` in seconds since 1970.
CREATE TABLE IF NOT EXISTS agenda (
    id     INTEGER PRIMARY KEY,
    due    REAL NOT NULL,
    what   TEXT NOT NULL,
    target TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS agenda_by_due ON agenda (due, id);

-- Notices that the application has not taken yet: those of one lane in their order, none before it is `due`.
CREATE TABLE IF NOT EXISTS notices (
    id     INTEGER PRIMARY KEY,
    lane   TEXT NOT NULL,
    word   TEXT NOT NULL,
    fields TEXT NOT NULL,
    form   TEXT NOT NULL,
    due    REAL NOT NULL,
    tries  INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS notices_by_lane ON notices (lane, id);

-- Faults that are switched on. `only` is empty for everything; `nth` is null where `probability` decides.
CREATE TABLE IF NOT EXISTS faults (
    name        TEXT NOT NULL,
    only        TEXT NOT NULL,
    probability REAL NOT NULL,
    nth         INTEGER,
    seconds     REAL NOT NULL,
    seen        INTEGER NOT NULL DEFAULT 0,
    struck      INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (name, only)
);

-- The scene's people: whole numbers or endings. `after` is null where the dice decide, `hang_up_after` where they stay.
CREATE TABLE IF NOT EXISTS numbers (
    number        TEXT PRIMARY KEY,
    after         REAL,
    what          TEXT NOT NULL,
    hang_up_after REAL
);
