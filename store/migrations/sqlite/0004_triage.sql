-- Rules and cases. A row is never changed but to be ended, by what replaces or
-- lifts it: so a batch can be taken back, and what was in force stays known.
CREATE TABLE doorman_rule (
	id TEXT NOT NULL PRIMARY KEY,
	prefix TEXT NOT NULL,
	action TEXT NOT NULL,
	expires TEXT,
	reason TEXT NOT NULL,
	operator TEXT NOT NULL,
	created TEXT NOT NULL,
	batch_id TEXT NOT NULL,
	ended TEXT,
	ended_batch TEXT
);
CREATE UNIQUE INDEX doorman_rule_now ON doorman_rule (prefix, action) WHERE ended IS NULL;
CREATE INDEX doorman_rule_created ON doorman_rule (created, id);
CREATE INDEX doorman_rule_batch ON doorman_rule (batch_id);
CREATE INDEX doorman_rule_ended ON doorman_rule (ended_batch) WHERE ended_batch IS NOT NULL;

CREATE TABLE doorman_case (
	id TEXT NOT NULL PRIMARY KEY,
	cluster TEXT NOT NULL,
	state TEXT NOT NULL,
	note TEXT NOT NULL,
	subject TEXT NOT NULL,
	operator TEXT NOT NULL,
	at TEXT NOT NULL,
	opened TEXT NOT NULL,
	contained_by TEXT NOT NULL,
	batch_id TEXT NOT NULL,
	ended TEXT,
	ended_batch TEXT
);
CREATE UNIQUE INDEX doorman_case_now ON doorman_case (cluster) WHERE ended IS NULL;
CREATE INDEX doorman_case_at ON doorman_case (at, id) WHERE ended IS NULL;
CREATE INDEX doorman_case_batch ON doorman_case (batch_id);
CREATE INDEX doorman_case_ended ON doorman_case (ended_batch) WHERE ended_batch IS NOT NULL;
