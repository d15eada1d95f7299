-- Legs whose end nobody told: whoever answers one after all is inside.
ALTER TABLE legs ADD COLUMN is_presumed INTEGER NOT NULL DEFAULT 0;

-- Whoever is being called is waited for anew after a restart.
UPDATE participants SET outstanding = 1
    WHERE json_extract(CAST(body AS TEXT), '$.progress') IN ('dialing', 'unknown');

-- What is compared with the provider.
CREATE INDEX conferences_active ON conferences (key) WHERE state = 'active';
