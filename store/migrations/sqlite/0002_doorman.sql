-- Doorman's own columns, all nullable, so that the other application's inserts
-- go on working. TEXT, not DATETIME: the driver parses DATETIME on every row.
ALTER TABLE "Account" ADD COLUMN held_date TEXT;
ALTER TABLE "Account" ADD COLUMN held_by TEXT;

ALTER TABLE "PasswordReset" ADD COLUMN expires_date TEXT;
ALTER TABLE "PasswordReset" ADD COLUMN requested_ip TEXT;
ALTER TABLE "PasswordReset" ADD COLUMN requested_ip_key BLOB;
ALTER TABLE "PasswordReset" ADD COLUMN requested_agent TEXT;
ALTER TABLE "PasswordReset" ADD COLUMN used_agent TEXT;
ALTER TABLE "PasswordReset" ADD COLUMN revoked_date TEXT;
ALTER TABLE "PasswordReset" ADD COLUMN revoked_by TEXT;
ALTER TABLE "PasswordReset" ADD COLUMN revoke_reason TEXT;
ALTER TABLE "PasswordReset" ADD COLUMN issued_by TEXT;
ALTER TABLE "PasswordReset" ADD COLUMN secret_hash TEXT;
ALTER TABLE "PasswordReset" ADD COLUMN superseded_by TEXT;
ALTER TABLE "PasswordReset" ADD COLUMN batch_id TEXT;

CREATE TABLE doorman_batch (
	id TEXT NOT NULL PRIMARY KEY,
	verb TEXT NOT NULL,
	operator TEXT NOT NULL,
	at TEXT NOT NULL,
	reason TEXT NOT NULL,
	subject TEXT NOT NULL,
	counts TEXT NOT NULL,
	undone_at TEXT,
	undone_by TEXT
);
CREATE INDEX doorman_batch_at ON doorman_batch (at, id);

CREATE TABLE doorman_outbox (
	id TEXT NOT NULL PRIMARY KEY,
	kind TEXT NOT NULL,
	reset_id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	recipient TEXT NOT NULL,
	state TEXT NOT NULL,
	attempts INTEGER NOT NULL,
	created TEXT NOT NULL,
	next_try TEXT NOT NULL,
	lease_owner TEXT,
	lease_until TEXT,
	sent TEXT,
	message_id TEXT NOT NULL,
	reply TEXT,
	last_error TEXT,
	batch_id TEXT
);
CREATE INDEX doorman_outbox_created ON doorman_outbox (created, id);
CREATE INDEX doorman_outbox_reset ON doorman_outbox (reset_id, created, id);
CREATE INDEX doorman_outbox_due ON doorman_outbox (next_try, id) WHERE state NOT IN ('sent', 'dead', 'cancelled');
CREATE INDEX doorman_outbox_state ON doorman_outbox (state, created, id);

CREATE TABLE doorman_audit (
	seq INTEGER NOT NULL PRIMARY KEY,
	id TEXT NOT NULL UNIQUE,
	at TEXT NOT NULL,
	operator TEXT NOT NULL,
	role TEXT NOT NULL,
	origin TEXT NOT NULL,
	verb TEXT NOT NULL,
	subject TEXT NOT NULL,
	reason TEXT NOT NULL,
	batch_id TEXT NOT NULL,
	counts TEXT NOT NULL,
	denied INTEGER NOT NULL,
	prev_hash TEXT NOT NULL,
	hash TEXT NOT NULL
);
CREATE INDEX doorman_audit_at ON doorman_audit (at, seq);
CREATE INDEX doorman_audit_batch ON doorman_audit (batch_id) WHERE batch_id <> '';

CREATE TRIGGER doorman_audit_keep_rows BEFORE DELETE ON doorman_audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER doorman_audit_keep_text BEFORE UPDATE ON doorman_audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
