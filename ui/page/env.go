package page

import (
	"context"
	"io"
	"net/netip"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/model/detect"
	"doorman/ui/theme"
)

// Env is what every page works with. It belongs to one session; all of it is
// set before the first page is made.
type Env struct {
	Store    Store
	Preview  Previewer // nil: letters cannot be previewed
	Captured Captured  // nil: letters go out for real
	Theme    *theme.Theme
	Act      model.Act // who acts; pages add a reason to a copy
	Now      func() time.Time
	Zone     *time.Location // for absolute times; nil: UTC
	Absolute bool           // times are written as such, not as how long ago they are
	Paused   bool           // lists stand still
	Still    bool           // nothing is drawn that moves with the clock alone (NO_MOTION)
	ReadOnly bool
	Lifetime time.Duration             // of a reset issued now
	Copy     func(text string) tea.Cmd // puts text on the clipboard and says so; nil: there is none
	Pause    time.Duration             // how long a search waits for the next key; 0: not at all
	Keys     Keymap                    // the operator's own keys
	Saves    Saves                     // the writes under way
	Program  string                    // how the program is called for this database, as a shell takes it; "" means doorman
	Habits   Habits                    // what was remembered of the operator
	// TestMail sends a test letter and tells in lines how far it came, also when
	// there is an error. Nil: letters do not leave from here.
	TestMail func(ctx context.Context, to string) (reply string, err error)
	// NewFile makes a file that is there whole or not at all, and of which only the
	// operator may read; it replaces none. Nil: no file can be written.
	NewFile func(path string, write func(io.Writer) error) error

	Making  func() string              // what a demo still makes up, "" at last; nil: nothing
	Keep    Keeper                     // nil: nothing is remembered after the end
	Courier func() model.CourierStatus // how the sending of letters stands; nil: nothing is sent from here

	sent   []tea.Msg
	unkept unkept
	turns  int64
}

// Turn begins a new round: something may have changed that pages show. Only a key
// that moves the cursor needs none.
func (e *Env) Turn() { e.turns++ }

// round tells one second and one turn from another.
func (e *Env) round() int64 { return e.turns<<36 + e.Now().Unix() }

// Send hands a message to the shell, which takes it before it looks at the next
// key: so that what is typed ahead meets the dialog or the page that a key
// opened. Call it in the event loop only. It returns nil, to end a Run with.
func (e *Env) Send(msg tea.Msg) tea.Cmd {
	e.sent = append(e.sent, msg)
	return nil
}

// Sent returns what pages have sent since the last call.
func (e *Env) Sent() []tea.Msg {
	msgs := e.sent
	e.sent = nil
	return msgs
}

// Store is everything that the pages ask of the database.
type Store interface {
	Accounts
	Resets
	ResetWriter
	Batches
	Letters
	Audit
	Clusters
	Timelines
	Containment
	Rules
	Cases
	Settings
	Exports
}

// Accounts finds and holds accounts.
type Accounts interface {
	ListAccounts(context.Context, model.AccountFilter) (model.Page[model.AccountRow], error)
	FindAccount(ctx context.Context, ref string) (model.AccountRow, error)
	CountAccounts(ctx context.Context, f model.AccountFilter, limit int) (model.Count, error)
	Hold(ctx context.Context, act model.Act, accountID string) (model.Batch, error)
	Release(ctx context.Context, act model.Act, accountID string) (model.Batch, error)
}

// Resets finds resets.
type Resets interface {
	ListResets(context.Context, model.ResetFilter) (model.Page[model.Reset], error)
	FindReset(ctx context.Context, ref string) (model.Reset, error)
	CountResets(ctx context.Context, f model.ResetFilter, limit int) (model.Count, error)
	ResetsOf(ctx context.Context, accounts []string, since time.Time) ([]model.Reset, error)
}

// ResetWriter issues and revokes.
type ResetWriter interface {
	Issue(context.Context, model.Act, model.IssueOrder) (model.Issued, error)
	PlanRevoke(context.Context, model.RevokeOrder) (model.Plan, error)
	Revoke(context.Context, model.Act, model.RevokeOrder) (model.Batch, error)
}

// Batches finds what was done in bulk and undoes it.
type Batches interface {
	ListBatches(context.Context, model.BatchFilter) (model.Page[model.Batch], error)
	FindBatch(ctx context.Context, ref string) (model.Batch, error)
	Undo(ctx context.Context, act model.Act, batchID string) (model.Undone, error)
}

// Letters finds letters and changes their fate.
type Letters interface {
	ListLetters(context.Context, model.LetterFilter) (model.Page[model.Letter], error)
	FindLetter(ctx context.Context, ref string) (model.Letter, error)
	CountLetters(context.Context) (map[model.LetterState]int, error)
	RetryLetters(ctx context.Context, act model.Act, ids []string) (int, error)
	CancelLetters(ctx context.Context, act model.Act, ids []string) (int, error)
}

// Audit reads and checks the operators' log.
type Audit interface {
	ListAudit(context.Context, model.AuditFilter) (model.Page[model.AuditEntry], error)
	VerifyAudit(ctx context.Context, progress func(done int64)) (model.AuditEntry, error)
}

// Clusters finds what the engine holds suspicious.
type Clusters interface {
	Clusters(context.Context, model.ClusterFilter) ([]detect.Cluster, error)
	FindCluster(ctx context.Context, key string) (detect.Cluster, error)
	ReplayClusters(context.Context, detect.Config, model.ClusterFilter) ([]detect.Cluster, error)
	ClusterReading() model.ClusterReading
	AccountEmails(ctx context.Context, ids []string) (map[string]string, error)
}

// Containment plans and carries out what ends an attack.
type Containment interface {
	PlanContain(context.Context, model.ContainOrder) (model.ContainPlan, error)
	Contain(context.Context, model.Act, model.ContainOrder) (model.Batch, error)
	PlanBlock(context.Context, model.Rule) (model.ContainPlan, error)
	SetRule(context.Context, model.Act, model.Rule) (model.Batch, error)
	LiftRule(context.Context, model.Act, netip.Prefix) (model.Batch, error)
}

// Rules reads the rules for networks.
type Rules interface {
	ListRules(context.Context, model.RuleFilter) (model.Page[model.Rule], error)
	CheckIP(context.Context, netip.Addr) (model.Rule, bool, error)
}

// Cases holds what operators said about clusters.
type Cases interface {
	ListCases(context.Context, model.CaseFilter) (model.Page[model.Case], error)
	SetCase(ctx context.Context, act model.Act, key string, state model.CaseState, note, subject string) (model.Batch, error)
}

// Settings are what the database remembers for all of its consoles.
type Settings interface {
	Setting(ctx context.Context, key string) (string, error)
	SetSetting(ctx context.Context, act model.Act, key, value string) error
}

// Previewer shows a letter as its recipient will see it, the secret aside.
type Previewer interface {
	Preview(model.Letter) (model.Preview, error)
}

// Captured reads letters that the demo's capture server took, as they went
// over the wire; false when there is none with that Message-ID.
type Captured interface {
	Raw(messageID string) (raw []byte, ok bool)
}

// again says what to do when something could not be read.
func (e *Env) again() string {
	return e.Keys.Name("q") + " goes back, " + e.Keys.Name("ctrl+r") + " tries again"
}

// Locked tells why the operator cannot change anything, or "". It is the Off of
// every action that writes.
func (e *Env) Locked() string {
	switch {
	case e.ReadOnly:
		return "opened read-only"
	case e.Act.Role == model.Viewer || e.Act.Role == "":
		return "a viewer may only look"
	}
	return ""
}
