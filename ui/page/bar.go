package page

import (
	tea "github.com/charmbracelet/bubbletea"

	"doorman/ui/part"
	"doorman/ui/term"
	"doorman/ui/theme"
)

// bar is the filter line of a list, in the language of query.go. Its text is the
// whole filter: what cycles states or follows a link changes the text.
type bar struct {
	theme  *theme.Theme
	prompt *part.Prompt
	fields []queryField
	words  string // what words without a field look for
	check  func(line string) error
	text   string // in force
	base   string // what the page was opened with; clearing goes back to it
	live   bool   // what is typed is in force at once, else with enter
	err    error  // what is wrong with what is typed, nil for nothing
}

func newBar(t *theme.Theme, fields []queryField, words string, check func(string) error) *bar {
	return &bar{theme: t, prompt: part.NewPrompt(t, "/", words), fields: fields, words: words, check: check}
}

// set puts a line in force that need not have been typed.
func (b *bar) set(line string) {
	b.text, b.err = line, nil
	b.prompt.SetValue(line)
}

// begin puts the line in force that a page is opened with.
func (b *bar) begin(line string) {
	b.base = line
	b.set(line)
}

// open starts typing behind what is in force.
func (b *bar) open(live bool) {
	line := b.text
	if words, err := split(line); err == nil && len(words) > 0 && words[len(words)-1].field != "" {
		line += " "
	}
	b.live, b.err = live, nil
	b.prompt.SetValue(line)
	b.prompt.Focus()
}

// barVerdict is what a key meant to a bar.
type barVerdict int

const (
	barTyped   barVerdict = iota // nothing to do
	barChanged                   // another text is in force; more may be typed
	barDone                      // typing has ended with the text in force
	barGivenUp                   // typing has ended, as it was before
	barCleared                   // typing has ended and the filter is what it was at first
)

// key takes a key while the bar has the focus.
func (b *bar) key(k tea.KeyMsg) barVerdict {
	switch k.String() {
	case "enter":
		if b.err = b.check(b.prompt.Value()); b.err != nil {
			return barTyped
		}
		b.prompt.Blur()
		b.set(join(wordsOf(b.prompt.Value())))
		return barDone
	case "esc", "ctrl+c":
		b.prompt.Blur()
		if b.live {
			b.set(b.base)
			return barCleared
		}
		b.set(b.text)
		return barGivenUp
	}
	if !b.prompt.Update(k) {
		return barTyped
	}
	b.err = b.check(b.prompt.Value())
	if !b.live || b.err != nil {
		return barTyped
	}
	b.text = b.prompt.Value()
	return barChanged
}

func wordsOf(line string) []word {
	words, _ := split(line)
	return words
}

// view draws the line; none stands there while nothing is filtered.
func (b *bar) view(width int, none string) string {
	if !b.prompt.Focused() && b.text == "" {
		return b.theme.Dim.Paint(none)
	}
	return b.prompt.View(width)
}

// help draws what goes below the line while typing: what is wrong, or what can
// be typed.
func (b *bar) help(width int) string {
	if b.err != nil {
		text, hint := Problem(b.err)
		if hint != "" {
			text += " — " + hint
		}
		return b.theme.Warn.Paint(term.Fit("  "+term.Show(text), width))
	}
	return b.theme.Dim.Paint(term.Fit("  "+term.Show(advice(b.prompt.Value(), b.fields, b.words)), width))
}
