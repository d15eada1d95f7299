-- Idempotency keys with what was asked and what was answered: `status` and `body` are of HTTP, `status` is NULL until there
-- is an answer. Whose key it is, is `scope`.
CREATE TABLE claims (
    scope       TEXT NOT NULL,
    key         TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    claimed_at  TEXT NOT NULL,
    expires_at  TEXT NOT NULL,
    status      INTEGER,
    body        BLOB NOT NULL,
    PRIMARY KEY (scope, key)
);
