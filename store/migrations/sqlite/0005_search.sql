-- Searching accounts by any part of their address. Every address stands here
-- once more under a number: the numbers go in the order of the list, with gaps,
-- so that what is found comes in that order, however many are found.
CREATE TABLE doorman_address (
	no INTEGER NOT NULL PRIMARY KEY,
	id TEXT NOT NULL UNIQUE,
	email TEXT NOT NULL
);
CREATE VIRTUAL TABLE doorman_address_part USING fts5 (email, content = 'doorman_address', content_rowid = 'no', tokenize = 'trigram', columnsize = 0);

-- Accounts whose address has changed since it was numbered. The triggers run in
-- the other application's connection, too, whose engine need not know any of the
-- above: plain SQL only, and nothing that could fail.
CREATE TABLE doorman_address_stale (id TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID;

CREATE TRIGGER doorman_address_insert AFTER INSERT ON "Account"
WHEN NEW.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM doorman_address_stale WHERE id = NEW.id)
BEGIN INSERT INTO doorman_address_stale (id) VALUES (NEW.id); END;

CREATE TRIGGER doorman_address_update AFTER UPDATE OF id, email ON "Account"
WHEN NEW.id IS NOT OLD.id OR NEW.email IS NOT OLD.email
BEGIN
	INSERT INTO doorman_address_stale (id) SELECT v.id FROM (SELECT OLD.id AS id UNION SELECT NEW.id) AS v
		WHERE v.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM doorman_address_stale AS t WHERE t.id = v.id);
END;

CREATE TRIGGER doorman_address_delete AFTER DELETE ON "Account"
WHEN OLD.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM doorman_address_stale WHERE id = OLD.id)
BEGIN INSERT INTO doorman_address_stale (id) VALUES (OLD.id); END;
