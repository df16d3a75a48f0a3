// Package page holds the views of the console, one file each, and the contract
// that they keep with the shell.
package page

import tea "github.com/charmbracelet/bubbletea"

// Page is one view. A new one is a file with its golden test and a line in the
// registry: a struct that embeds a list for what is long, the fetch of that list,
// and the Actions. It is a pointer, lives as long as the history reaches back
// to it, and does all I/O in the commands it returns. Keys come to it through
// Actions; Update gets everything else, and keys only while it is a Typist with
// a focused text field.
type Page interface {
	Init() tea.Cmd
	Update(tea.Msg) tea.Cmd
	Actions() []Action
	Screen
}

// Screen is how a page shows itself: at most the size it was given last.
type Screen interface {
	View() string
	SetSize(w, h int)
	Title() string
}

// The interfaces below are optional.

// Typist is a page with a text field. While Typing is true every key goes to
// Update unlooked at.
type Typist interface{ Typing() bool }

// Unwinder is a page that has something for esc to undo before esc leaves
// it: first a filter, then marks. Unwind reports whether there was anything.
type Unwinder interface{ Unwind() (tea.Cmd, bool) }

// Holder is a page that for a moment cannot say what a key would act on, as
// after enter in a search whose answer is on its way. The shell keeps keys back
// while Holding is true, so that typing ahead acts on the right record.
type Holder interface{ Holding() bool }

// Awaiter is a page whose first rows are on their way. While Awaiting is true
// the shell keeps back a key that moves the cursor or is off, and what is typed
// after it: with the rows there it does what was meant.
type Awaiter interface{ Awaiting() bool }

// Ranged is a page that shows a span of time; the header names it.
type Ranged interface{ Range() string }

// Commander is a page whose content a command line prints, too.
type Commander interface{ Command() string }

// Closer is a page that wants to know when it cannot be reached any more.
type Closer interface{ Close() }

// Clicker is a page that takes the mouse: a click at a cell of its own View, or
// a turn of the wheel by lines.
type Clicker interface {
	Click(x, y int) tea.Cmd
	Wheel(lines int) tea.Cmd
}
