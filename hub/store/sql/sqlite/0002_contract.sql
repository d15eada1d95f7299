-- `number` is the provider's number of a conference now; it differs from `id` where a reservation had to be made again.
-- Reserved conferences that have not ended are found when the hub starts.
ALTER TABLE conferences ADD COLUMN number TEXT NOT NULL DEFAULT '';
ALTER TABLE conferences ADD COLUMN is_reserved INTEGER NOT NULL DEFAULT 0;
UPDATE conferences SET
    number = id,
    details = CAST(json_insert(
        CAST(details AS TEXT), '$.number', id, '$.starts_at', NULL, '$.autocall', json('false'), '$.is_lost', json('false')
    ) AS BLOB);
CREATE INDEX conferences_by_number ON conferences (number, key);
CREATE INDEX conferences_reserved ON conferences (key) WHERE is_reserved AND state != 'ended';

-- By which user somebody dials in whose VoIP account the provider names.
ALTER TABLE users ADD COLUMN voip TEXT NOT NULL DEFAULT '';
UPDATE users SET voip = json_extract(CAST(account AS TEXT), '$.voip');
CREATE INDEX users_by_voip ON users (app, voip);
