-- How many letters are in each state: the console looks at it all the time, and
-- the outbox only grows.
CREATE TABLE doorman_outbox_tally (
	state TEXT NOT NULL PRIMARY KEY,
	n INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO doorman_outbox_tally (state, n) SELECT state, count(*) FROM doorman_outbox GROUP BY state;

CREATE TRIGGER doorman_outbox_tally_insert AFTER INSERT ON doorman_outbox
BEGIN
	INSERT INTO doorman_outbox_tally (state, n) SELECT NEW.state, 0
		WHERE NOT EXISTS (SELECT 1 FROM doorman_outbox_tally WHERE state = NEW.state);
	UPDATE doorman_outbox_tally SET n = n + 1 WHERE state = NEW.state;
END;

CREATE TRIGGER doorman_outbox_tally_update AFTER UPDATE OF state ON doorman_outbox
WHEN NEW.state IS NOT OLD.state
BEGIN
	INSERT INTO doorman_outbox_tally (state, n) SELECT NEW.state, 0
		WHERE NOT EXISTS (SELECT 1 FROM doorman_outbox_tally WHERE state = NEW.state);
	UPDATE doorman_outbox_tally SET n = n + 1 WHERE state = NEW.state;
	UPDATE doorman_outbox_tally SET n = n - 1 WHERE state = OLD.state;
END;

CREATE TRIGGER doorman_outbox_tally_delete AFTER DELETE ON doorman_outbox
BEGIN
	UPDATE doorman_outbox_tally SET n = n - 1 WHERE state = OLD.state;
END;
