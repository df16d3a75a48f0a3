-- The words that people see: an email that was given up is undeliverable.
UPDATE doorman_outbox SET state = 'undeliverable' WHERE state = 'dead';
DELETE FROM doorman_outbox_tally WHERE state = 'dead';
DROP INDEX doorman_outbox_due;
CREATE INDEX doorman_outbox_due ON doorman_outbox (next_try, id) WHERE state NOT IN ('sent', 'undeliverable', 'cancelled');

-- The states of a case, and who set the state since when: of an acknowledged case
-- its owner.
ALTER TABLE doorman_case ADD COLUMN state_by TEXT NOT NULL DEFAULT '';
ALTER TABLE doorman_case ADD COLUMN state_at TEXT NOT NULL DEFAULT '';
UPDATE doorman_case SET state_by = operator, state_at = at;
UPDATE doorman_case SET state = 'new' WHERE state = 'open';
UPDATE doorman_case SET state = 'false_positive' WHERE state = 'false positive';
