package model

import "time"

// StoreInfo describes an open store, for the header, `db status` and `doctor`.
type StoreInfo struct {
	Path       string
	Size       int64 // bytes, the file alone
	Schema     int   // version of the schema in the file
	WantSchema int   // version this program writes
	Adopted    bool  // made by another application
	Scheme     Scheme
	Lifetime   time.Duration // of a reset whose row names no expiry
	Zone       string        // in which the file's times are written; "UTC" mostly
	ReadOnly   bool
	SQLite     string // version of the engine
	Journal    string // journal mode
	KeyMatches bool   // the link key is the one this database was used with
	Backup     string // path of the backup made by this opening, or ""
	Accounts   Count
	Resets     Count
}

// Check is one finding of a check of the store or of the installation.
type Check struct {
	Name string
	OK   bool
	Text string // what was found
	Hint string // what to do, when not OK
}

// ImportReport is what an import came to.
type ImportReport struct {
	Read     int // records in the file
	Added    int
	Present  int // already there with the same id: left as they are
	Accounts int // accounts made for resets of unknown addresses
	Skipped  int // bad records set aside
}

// AccountInput is one account of an import file. A zero time means that the
// file names none.
type AccountInput struct {
	Line           int // in the file, from 1
	ID             string
	Email          string
	Created        time.Time
	EmailConfirmed bool
}

// ResetInput is one reset of an import file. Either AccountID or Email names
// the account.
type ResetInput struct {
	Line      int // in the file, from 1
	ID        string
	Created   time.Time
	AccountID string
	Email     string
	IP        string
	Agent     string
	Used      time.Time
	UsedIP    string
	Revoked   time.Time
	Expires   time.Time
}

// ImportOptions says how an import treats its file. The zero value imports all
// or nothing.
type ImportOptions struct {
	DryRun   bool                               // work everything out, change nothing
	SkipBad  func(line int, reason error) error // nil: the first bad record ends the import; it sets the record aside otherwise
	Progress func(read int)                     // called now and then; nil: not called
}

// Preview is a letter as its recipient will see it, with a placeholder where
// the secret part of the link will stand.
type Preview struct {
	From    string
	To      string
	Subject string
	Text    string
	HTML    string
}

// CourierStatus tells how the sending of letters stands.
type CourierStatus struct {
	State      string    // "sending", "idle", "standby" (another console sends), "paused", "off" (no mail configured)
	Reason     string    // why it is paused or off, or why it holds emails back
	Hint       string    // what to change about it; "" where nothing is known
	Until      time.Time // when a pause ends; zero: it does not by itself
	Server     string    // host and port
	SentTotal  int       // by this process
	LastSentAt time.Time
}
