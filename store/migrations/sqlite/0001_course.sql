-- The two tables of the course's web application, as SQLAlchemy creates them.
-- A database that already has them starts after this step.
CREATE TABLE "Account" (
	id VARCHAR NOT NULL,
	email VARCHAR NOT NULL,
	password_hash VARCHAR,
	created DATETIME,
	email_confirmed BOOLEAN NOT NULL,
	is_super_user BOOLEAN NOT NULL,
	PRIMARY KEY (id),
	CHECK (email_confirmed IN (0, 1)),
	CHECK (is_super_user IN (0, 1))
);

CREATE UNIQUE INDEX "ix_Account_email" ON "Account" (email);

CREATE TABLE "PasswordReset" (
	id VARCHAR NOT NULL,
	created_date DATETIME,
	used_date DATETIME,
	was_used BOOLEAN,
	used_ip_address VARCHAR,
	user_id VARCHAR,
	PRIMARY KEY (id),
	CHECK (was_used IN (0, 1)),
	FOREIGN KEY(user_id) REFERENCES "Account" (id)
);
