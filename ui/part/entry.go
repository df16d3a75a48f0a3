package part

import (
	"unicode/utf8"

	"doorman/ui/term"
	"doorman/ui/theme"
)

// Entry is a text that may be typed into a dialog.
type Entry struct {
	Key, Name string // what opens it; what it is called
	Does      string // what the key does, for the footer: "gives a reason"
	Text      string // what is kept
	Hint      string // what can be typed
	// Take is called with what enter keeps. An error is shown, and the text stays
	// open. nil: everything is taken.
	Take func(text string) error

	typed string
	wrong string
}

// maxEntry bounds what is typed, in bytes.
const maxEntry = 200

// open begins to type: over what was kept where that can be checked, at its end
// otherwise.
func (e *Entry) open() {
	e.typed, e.wrong = e.Text, ""
	if e.Take != nil {
		e.typed = ""
	}
}

// key takes a key while the text is typed, and reports whether that has ended.
func (e *Entry) key(k string) (ended bool) {
	switch {
	case k == "enter" || k == "tab":
		if e.Take != nil {
			if err := e.Take(e.typed); err != nil {
				e.wrong = err.Error()
				return false
			}
		}
		e.Text = e.typed
		return true
	case k == "esc" || k == "ctrl+c":
		if e.Take == nil {
			e.Text = ""
		}
		return true
	case k == "backspace":
		_, n := utf8.DecodeLastRuneInString(e.typed)
		e.typed = e.typed[:len(e.typed)-n]
	case utf8.RuneCountInString(k) == 1 && len(e.typed) < maxEntry:
		e.typed += k
	}
	e.wrong = ""
	return false
}

// lines draws the text: as it is typed with what can be typed or what is wrong,
// or as it was kept; nothing where there is none, or where the plan shows it.
func (e *Entry) lines(t *theme.Theme, typing bool) []string {
	switch {
	case typing && e.wrong != "":
		return []string{t.Key.Paint(e.Name+" ") + term.Show(e.typed) + "▌", t.Bad.Paint(term.Show(e.wrong))}
	case typing && e.Hint != "":
		return []string{t.Key.Paint(e.Name+" ") + term.Show(e.typed) + "▌", t.Dim.Paint(e.Hint)}
	case typing:
		return []string{t.Key.Paint(e.Name+" ") + term.Show(e.typed) + "▌"}
	case e.Text != "" && e.Take == nil:
		return []string{t.Key.Paint(e.Name+" ") + term.Show(e.Text)}
	}
	return nil
}
