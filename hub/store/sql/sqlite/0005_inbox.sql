-- What could not be applied is tried again. `attempts`: how often it failed; `error`: the name of what went wrong last.
-- `status` may also be: set aside (it has been tried often enough). What failed before now may be long out of date, so
-- it is left to the operator.
ALTER TABLE inbox ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE inbox ADD COLUMN error TEXT;
UPDATE inbox SET status = 'set aside', attempts = 1 WHERE status = 'failed';
CREATE INDEX inbox_unsettled ON inbox (status, id) WHERE status IN ('failed', 'set aside');
