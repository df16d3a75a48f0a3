package store

// The rows as GORM sees them. They stay inside this package; model types carry
// no tags. Times are text, see stamp.

type accountRow struct {
	ID             string  `gorm:"column:id;primaryKey"`
	Email          string  `gorm:"column:email"`
	Created        *string `gorm:"column:created"`
	EmailConfirmed bool    `gorm:"column:email_confirmed"`
	IsSuperUser    bool    `gorm:"column:is_super_user"`
	HeldDate       *string `gorm:"column:held_date"`
	HeldBy         *string `gorm:"column:held_by"`
}

func (accountRow) TableName() string { return "Account" }

type resetRow struct {
	ID             string  `gorm:"column:id;primaryKey"`
	CreatedDate    *string `gorm:"column:created_date"`
	UsedDate       *string `gorm:"column:used_date"`
	WasUsed        bool    `gorm:"column:was_used"`
	UsedIP         *string `gorm:"column:used_ip_address"`
	UserID         *string `gorm:"column:user_id"`
	ExpiresDate    *string `gorm:"column:expires_date"`
	RequestedIP    *string `gorm:"column:requested_ip"`
	RequestedIPKey []byte  `gorm:"column:requested_ip_key"`
	RequestedAgent *string `gorm:"column:requested_agent"`
	UsedAgent      *string `gorm:"column:used_agent"`
	RevokedDate    *string `gorm:"column:revoked_date"`
	RevokedBy      *string `gorm:"column:revoked_by"`
	RevokeReason   *string `gorm:"column:revoke_reason"`
	IssuedBy       *string `gorm:"column:issued_by"`
	SecretHash     *string `gorm:"column:secret_hash"`
	SupersededBy   *string `gorm:"column:superseded_by"`
	BatchID        *string `gorm:"column:batch_id"`
}

func (resetRow) TableName() string { return "PasswordReset" }

type settingRow struct {
	Key   string `gorm:"column:key;primaryKey"`
	Value string `gorm:"column:value"`
}

func (settingRow) TableName() string { return "doorman_setting" }

type migrationRow struct {
	Version int    `gorm:"column:version;primaryKey;autoIncrement:false"`
	Name    string `gorm:"column:name"`
	Applied string `gorm:"column:applied"`
	Program string `gorm:"column:program"`
}

func (migrationRow) TableName() string { return "doorman_migration" }

type batchRow struct {
	ID       string  `gorm:"column:id;primaryKey"`
	Verb     string  `gorm:"column:verb"`
	Operator string  `gorm:"column:operator"`
	At       string  `gorm:"column:at"`
	Reason   string  `gorm:"column:reason"`
	Subject  string  `gorm:"column:subject"`
	Counts   string  `gorm:"column:counts"` // JSON of model.Tally
	UndoneAt *string `gorm:"column:undone_at"`
	UndoneBy *string `gorm:"column:undone_by"`
}

func (batchRow) TableName() string { return "doorman_batch" }

type letterRow struct {
	ID         string  `gorm:"column:id;primaryKey"`
	Kind       string  `gorm:"column:kind"`
	ResetID    string  `gorm:"column:reset_id"`
	AccountID  string  `gorm:"column:account_id"`
	Recipient  string  `gorm:"column:recipient"`
	State      string  `gorm:"column:state"`
	Attempts   int     `gorm:"column:attempts"`
	Created    string  `gorm:"column:created"`
	NextTry    string  `gorm:"column:next_try"`
	LeaseOwner *string `gorm:"column:lease_owner"`
	LeaseUntil *string `gorm:"column:lease_until"`
	Sent       *string `gorm:"column:sent"`
	MessageID  string  `gorm:"column:message_id"`
	Reply      *string `gorm:"column:reply"`
	LastError  *string `gorm:"column:last_error"`
	BatchID    *string `gorm:"column:batch_id"`
}

func (letterRow) TableName() string { return "doorman_outbox" }

type auditRow struct {
	Seq      int64  `gorm:"column:seq;primaryKey;autoIncrement:false"`
	ID       string `gorm:"column:id"`
	At       string `gorm:"column:at"`
	Operator string `gorm:"column:operator"`
	Role     string `gorm:"column:role"`
	Origin   string `gorm:"column:origin"`
	Verb     string `gorm:"column:verb"`
	Subject  string `gorm:"column:subject"`
	Reason   string `gorm:"column:reason"`
	BatchID  string `gorm:"column:batch_id"`
	Counts   string `gorm:"column:counts"` // JSON of model.Tally
	Denied   bool   `gorm:"column:denied"`
	PrevHash string `gorm:"column:prev_hash"`
	Hash     string `gorm:"column:hash"`
}

func (auditRow) TableName() string { return "doorman_audit" }
