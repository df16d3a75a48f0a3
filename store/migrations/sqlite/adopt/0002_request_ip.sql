-- The course's code writes the address of the request into used_ip_address and
-- overwrites it when the link is used: keep the first value. Plain SQL only,
-- for these run inside the other application's connection.
CREATE TRIGGER doorman_request_ip_insert AFTER INSERT ON "PasswordReset"
WHEN NEW.used_ip_address IS NOT NULL AND NEW.requested_ip IS NULL
	AND NEW.used_date IS NULL AND NOT coalesce(NEW.was_used, 0)
BEGIN
	UPDATE "PasswordReset" SET requested_ip = NEW.used_ip_address WHERE id = NEW.id;
END;

CREATE TRIGGER doorman_request_ip_update AFTER UPDATE OF used_ip_address ON "PasswordReset"
WHEN OLD.used_ip_address IS NOT NULL AND OLD.requested_ip IS NULL AND NEW.requested_ip IS NULL
	AND OLD.used_date IS NULL AND NOT coalesce(OLD.was_used, 0)
BEGIN
	UPDATE "PasswordReset" SET requested_ip = OLD.used_ip_address WHERE id = NEW.id;
END;
