-- Legs whose end nobody told: whoever answers one after all is inside.
ALTER TABLE legs ADD COLUMN is_presumed INTEGER NOT NULL DEFAULT 0;

-- Whoever is being called is waited for anew after a restart.
UPDATE participants SET outstanding = 1
    WHERE json_extract(CAST(body AS TEXT), '$.progress') IN ('dialing', 'unknown');

-- Whoever a conference belongs to moderates it.
UPDATE participants SET body = CAST(json_set(CAST(body AS TEXT), '$.role', 'moderator') AS BLOB)
    WHERE json_extract(CAST(body AS TEXT), '$.id') = (SELECT owner FROM conferences WHERE key = participants.conference);

-- What is compared with the provider.
CREATE INDEX conferences_active ON conferences (key) WHERE state = 'active';
