-- The words that people see: an email that was given up is undeliverable.
UPDATE doorman_outbox SET state = 'undeliverable' WHERE state = 'dead';
DELETE FROM doorman_outbox_tally WHERE state = 'dead';
DROP INDEX doorman_outbox_due;
CREATE INDEX doorman_outbox_due ON doorman_outbox (next_try, id) WHERE state NOT IN ('sent', 'undeliverable', 'cancelled');
