-- Made after the rows of an adopted database were completed: to fill an index
-- row by row costs many times as much.
CREATE INDEX doorman_account_email ON "Account" (email COLLATE NOCASE, id);
CREATE INDEX doorman_account_created ON "Account" (created, id);
CREATE INDEX doorman_account_held ON "Account" (held_date) WHERE held_date IS NOT NULL;

CREATE INDEX doorman_reset_created ON "PasswordReset" (created_date, id);
CREATE INDEX doorman_reset_account ON "PasswordReset" (user_id, created_date, id);
CREATE INDEX doorman_reset_ip ON "PasswordReset" (requested_ip_key, created_date, id);
CREATE INDEX doorman_reset_used ON "PasswordReset" (used_date, id) WHERE used_date IS NOT NULL;
CREATE INDEX doorman_reset_revoked ON "PasswordReset" (created_date, id) WHERE revoked_date IS NOT NULL;
CREATE INDEX doorman_reset_superseded ON "PasswordReset" (created_date, id) WHERE superseded_by IS NOT NULL;
CREATE INDEX doorman_reset_batch ON "PasswordReset" (batch_id, created_date, id) WHERE batch_id IS NOT NULL;

-- Resets that live longer than the rules allow, or without a beginning: none as
-- a rule. All others that are live were asked for lately.
CREATE INDEX doorman_reset_long ON "PasswordReset" (expires_date, created_date)
	WHERE expires_date IS NOT NULL AND NOT coalesce(expires_date <= datetime(created_date, '+25 hours'), 0);

-- Rows that another program wrote and that Doorman has not yet completed, in the
-- order of the table. A completed row without a readable address holds the empty
-- blob.
CREATE INDEX doorman_reset_incomplete ON "PasswordReset" (requested_ip_key) WHERE requested_ip_key IS NULL;
