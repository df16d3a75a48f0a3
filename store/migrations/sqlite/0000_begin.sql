-- What a migration itself stands on: made before the first step, and again
-- harmlessly before every other.
CREATE TABLE IF NOT EXISTS doorman_migration (
	version INTEGER NOT NULL PRIMARY KEY,
	name TEXT NOT NULL,
	applied TEXT NOT NULL,
	program TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS doorman_setting (
	key TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
);

-- One row a lease: the migration lock, the one sender among several consoles.
CREATE TABLE IF NOT EXISTS doorman_lease (
	name TEXT NOT NULL PRIMARY KEY,
	owner TEXT NOT NULL,
	until TEXT NOT NULL
);
