package model

import (
	"strconv"
	"strings"
	"time"
)

// Role is what an operator may do.
type Role string

// The roles. The zero value may do nothing.
const (
	Viewer    Role = "viewer"    // looks
	Responder Role = "responder" // issues, revokes, contains, blocks, holds
	Admin     Role = "admin"     // all
)

// May reports whether the role allows an act. Taking records out is looking;
// bulk loads and settings are for admins. A database that has to be brought up
// to date is, by anyone who opens it for work, or by a program without an operator.
func (r Role) May(v Verb) bool {
	if v == VerbLookup {
		return true // to be seen looking is asked of everybody
	}
	switch r {
	case Admin:
		return true
	case Responder:
		return v != VerbImport && v != VerbSetting
	case Viewer:
		return v == VerbExport
	}
	return v == VerbAdopt || v == VerbMigrate
}

// Act says who does something and why; every use case that changes anything
// takes one and writes it to the audit log.
type Act struct {
	Operator string
	Role     Role
	Origin   string // where from: host and terminal, or the SSH client
	Address  string // the operator's own address, for warnings; "" when at the machine itself
	Reason   string // may be ""
}

// Verb names a kind of act in the audit log and in a batch.
type Verb string

// The verbs.
const (
	VerbIssue   Verb = "issue"
	VerbRevoke  Verb = "revoke"
	VerbHold    Verb = "hold"
	VerbRelease Verb = "release"
	VerbUndo    Verb = "undo"
	VerbRetry   Verb = "retry-email"
	VerbCancel  Verb = "cancel-email"
	VerbImport  Verb = "import"
	VerbExport  Verb = "export"
	VerbAdopt   Verb = "adopt"
	VerbMigrate Verb = "migrate"
	VerbRequest Verb = "request" // an application requested a reset
	VerbRedeem  Verb = "redeem"  // an application redeemed one
	VerbSetting Verb = "setting"
	VerbContain Verb = "contain"
	VerbBlock   Verb = "block"
	VerbAllow   Verb = "allow"
	VerbUnblock Verb = "unblock"
	VerbCase    Verb = "case"
	VerbLookup  Verb = "lookup" // someone looked at an account or an address
)

// Verbs lists every kind of act.
func Verbs() []Verb {
	return []Verb{VerbIssue, VerbRevoke, VerbContain, VerbBlock, VerbAllow, VerbUnblock, VerbHold, VerbRelease, VerbUndo, VerbCase, VerbRetry, VerbCancel,
		VerbRequest, VerbRedeem, VerbImport, VerbExport, VerbSetting, VerbAdopt, VerbMigrate, VerbLookup}
}

// RequestedMeanwhile is the label under which the counts of a batch tell what was
// requested between the question and the act, and is live still.
const RequestedMeanwhile = "requested meanwhile, still live"

// Tally counts records by what they are, in the order in which they are shown.
type Tally []TallyLine

// TallyLine is one count of a Tally. Label is plural, lower case: "resets".
type TallyLine struct {
	Label string `json:"label"`
	N     int    `json:"n"`
}

// Of returns the count with the given label, or 0.
func (t Tally) Of(label string) int {
	for _, l := range t {
		if l.Label == label {
			return l.N
		}
	}
	return 0
}

// word returns the label in the form that its number needs: "1 reset", "1 address".
func (l TallyLine) word() string {
	if l.N != 1 {
		return l.Label
	}
	if one, ok := strings.CutSuffix(l.Label, "sses"); ok {
		return one + "ss"
	}
	return strings.TrimSuffix(l.Label, "s")
}

// String returns the non-zero counts, as "12 resets, 1 account".
func (t Tally) String() string {
	s := ""
	for _, l := range t {
		if l.N == 0 {
			continue
		}
		if s != "" {
			s += ", "
		}
		s += strconv.Itoa(l.N) + " " + l.word()
	}
	return s
}

// Batch is everything that one operator gesture changed; the unit of undo.
type Batch struct {
	ID       string
	Verb     Verb
	By       string
	At       time.Time
	Reason   string
	Subject  string // what it was aimed at: an account id, a filter in words, "3 resets"
	About    string // Subject with the address of an account in place of its id
	Counts   Tally
	UndoneAt time.Time // zero: in force
	UndoneBy string
}

// CanUndo reports whether the batch is of a kind that can be undone and has
// not been.
func (b Batch) CanUndo() bool {
	switch b.Verb {
	case VerbRevoke, VerbHold, VerbRelease, VerbContain, VerbBlock, VerbAllow, VerbUnblock, VerbCase:
		return b.UndoneAt.IsZero()
	}
	return false
}

// Undone is what taking back a batch came to.
type Undone struct {
	Batch    Batch
	Restored Tally // what is as it was before
	Kept     Tally // what could not be restored, by reason: "expired since", "used since"
}

// AuditEntry is one line of the operators' log. Hash is SHA-256 over the
// previous hash and every other field, each with its length before it, so that
// no line can be changed, dropped or moved without breaking the chain.
type AuditEntry struct {
	Seq      int64 // 1, 2, 3 … without gaps
	ID       string
	At       time.Time
	Operator string
	Role     Role
	Origin   string
	Verb     Verb
	Subject  string // never a secret: ids that are credentials are masked
	About    string // Subject with the address of an account in place of its id; not part of the hash
	Reason   string
	BatchID  string
	Counts   Tally
	Denied   bool // the act was refused
	PrevHash string
	Hash     string
}

// Plan is what a bulk act would do, worked out without doing it.
type Plan struct {
	Verb      Verb
	Resets    int // live resets that would be touched
	Accounts  int
	Addresses int
	Letters   int       // queued letters that would be cancelled
	Networks  Tally     // the busiest /24 and /64 among them, largest first, at most 5
	Agents    Tally     // the commonest agents among them, largest first, at most 5; hostile
	Sample    []Reset   // the newest of them, at most 5
	Excluded  Tally     // what matches and stays unchanged, by state or by what spares it
	Asked     time.Time // when it was worked out; pass it on in RevokeOrder.Asked
}

// TypedCountAbove is how many records an act may touch before the operator has
// to type their number instead of one letter.
const TypedCountAbove = 20

// RevokeOrder says which live resets to revoke: those named, those of a cluster,
// or else all that the filter selects (its paging and order are ignored). A filter
// that selects everything is refused unless All is set. Beside IDs the filter says
// in the log which list they were chosen in.
type RevokeOrder struct {
	IDs    []ResetID
	Target Target // of a cluster: as containing it, without the block
	Filter ResetFilter
	All    bool
	Asked  time.Time // resets created after it are left alone; zero: no bound
}

// IssueOrder requests a new reset for an account.
type IssueOrder struct {
	AccountID string
	Lifetime  time.Duration // 0 means the database's default
}

// Issued is the new reset and its letter.
type Issued struct {
	Reset  Reset
	Letter Letter
}

// RequestOrder is what an application passes on when a person requests a reset.
// All three strings come from outside.
type RequestOrder struct {
	Email string
	IP    string
	Agent string
}

// RedeemOrder is what an application passes on when a person follows the link.
type RedeemOrder struct {
	Token Token
	IP    string
	Agent string
}

// Throttle bounds how many resets may be requested; the zero value means no
// bound. Resets that operators issue neither count nor are refused.
type Throttle struct {
	PerAccount int           // requests an account …
	PerSource  int           // … and a source (IPv4 address, IPv6 /64) …
	Window     time.Duration // … in this time
}
