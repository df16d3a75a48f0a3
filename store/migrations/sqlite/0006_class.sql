-- Lists of resets in one state, in the order of time. What has not ended goes by
-- how many minutes it lasts: of those that last equally long the live ones are
-- those asked for lately. See reset_class.go.
--
-- While an adopted database is completed it grows with the rows, so that no
-- transaction has to build it at once.
CREATE INDEX IF NOT EXISTS doorman_reset_class ON "PasswordReset" (CASE
	WHEN coalesce(used_date <> '', 0) OR coalesce(was_used, 0) AND NOT coalesce(revoked_date <> '', 0) AND NOT coalesce(superseded_by <> '', 0) THEN -1
	WHEN coalesce(revoked_date <> '', 0) THEN -2
	WHEN coalesce(superseded_by <> '', 0) THEN -3
	WHEN created_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]'
		AND (substr(created_date, 9, 2) < '29' OR date(created_date) = substr(created_date, 1, 10)) THEN CASE
		WHEN coalesce(expires_date, '') = '' THEN -4
		WHEN expires_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]'
			AND (substr(expires_date, 9, 2) < '29' OR date(expires_date) = substr(expires_date, 1, 10))
			THEN coalesce(nullif(nullif(min(max(CAST(round((julianday(expires_date) - julianday(created_date)) * 1440) AS INTEGER), -1), 100001), -1), 100001), -5)
		ELSE -5 END
	ELSE -5 END, created_date, id) WHERE requested_ip_key IS NOT NULL;

-- The log by who and by what; letters by account.
CREATE INDEX doorman_audit_operator ON doorman_audit (operator, seq);
CREATE INDEX doorman_audit_verb ON doorman_audit (verb, seq);
