package page

import (
	tea "github.com/charmbracelet/bubbletea"

	"doorman/ui/part"
)

// Kind names what changed; "" is anything.
type Kind string

// The kinds of change.
const (
	Anything Kind = ""
	OfReset  Kind = "resets"
	OfPeople Kind = "accounts"
	OfLetter Kind = "emails"
	OfRule   Kind = "rules"
	OfCase   Kind = "cases"
)

// Open asks the shell to open the view with the given registry name.
type Open struct {
	View   string
	Ref    string // full id of what it is about, "" for lists
	Filter any    // the model filter that a list starts with, nil for all
	Line   string // the filter line of a list, as if it had been typed
	Select string // what a list puts the cursor on; "" for the first row
	Window string // of the clusters, as in Link
}

// Back asks the shell to go back to where the operator came from.
type Back struct{}

// Saved is the outcome of a write. The shell shows it, offers to undo Batch, and
// tells the pages that Kind changed.
type Saved struct {
	Kind  Kind
	Text  string // what was done, in the past tense; made safe when shown
	Err   error
	Batch string   // id of the batch that z takes back, "" when there is none
	More  []string // further batches that z takes back with it
	Left  string   // what z takes back, where Text is empty
}

// Failed tells the shell that a read failed: it shows why, and logs the rest.
type Failed struct{ Err error }

// Changed tells a page that data behind it may have changed: load again.
type Changed struct{ Kind Kind }

// Toast asks the shell to show a line for a while.
type Toast struct {
	Text string
	Warn bool
}

// Press asks the shell to do what a key does, by its usual name.
type Press struct{ Key string }

// Ask asks the shell to put a dialog before the operator. The page may go on
// filling the dialog. Do runs when it is accepted, Not (nil: nothing) when not.
type Ask struct {
	Dialog *part.Dialog
	Do     func() tea.Cmd
	Not    func() tea.Cmd
}

// Answer brings the result of a load back to the page that asked. The shell
// calls Deliver in its Update; nothing else needs to look inside.
type Answer struct {
	slot  *Slot
	seq   int
	apply func() tea.Cmd
}

// Deliver hands the result over, unless its page has gone or has asked again
// since, and returns what the page wants done next.
func (a Answer) Deliver() tea.Cmd {
	if a.slot.seq != a.seq {
		return nil
	}
	a.slot.busy = false
	a.slot.stop()
	return a.apply()
}
