package page

import (
	"errors"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model/query"
	"doorman/ui/part"
	"doorman/ui/term"
	"doorman/ui/theme"
)

// bar is the filter line of a list, in the language of model/query. Its text is
// the whole filter: what cycles states or follows a link changes the text.
type bar struct {
	query.Grammar
	theme  *theme.Theme
	prompt *part.Prompt
	seen   func(field string) []string // what the rows at hand hold, for completion; nil: nothing
	text   string                      // in force
	base   string                      // what the page was opened with; clearing goes back to it
	live   bool                        // what is typed is in force at once, else with enter
	err    error                       // what is wrong with what is typed, nil for nothing
	insist bool                        // enter was pressed on it
	offer  query.Offer                 // what could stand at the cursor
	pick   int                         // the choice of it that tab has put in; -1: none

	found    []string // what the database had …
	foundFor string   // … for this field
}

// maxFilter bounds what is typed, in characters.
const maxFilter = 400

func newBar(t *theme.Theme, g query.Grammar) *bar {
	b := &bar{Grammar: g, theme: t, prompt: part.NewPrompt(t, "/", g.Text), pick: -1}
	b.prompt.SetLimit(maxFilter)
	return b
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
	if words, err := query.Split(line); err == nil && len(words) > 0 && words[len(words)-1].Field != "" {
		line += " "
	}
	b.live = live
	b.prompt.SetValue(line)
	b.prompt.Focus()
	b.look()
}

// look works out what is wrong with the line and what could stand at the cursor.
func (b *bar) look() {
	line := b.prompt.Value()
	b.err, b.insist, b.pick = b.Check(line), false, -1
	b.offer = b.Complete(line, b.prompt.Cursor(), b.hints)
}

// barVerdict is what a key meant to a bar.
type barVerdict int

const (
	barTyped   barVerdict = iota // nothing to do
	barEdited                    // something else is typed, the text in force is as it was
	barChanged                   // another text is in force; more may be typed
	barDone                      // typing has ended with the text in force
	barGivenUp                   // typing has ended, as it was before
	barCleared                   // typing has ended and the filter is what it was at first
)

// key takes a key while the bar has the focus.
func (b *bar) key(k tea.KeyMsg) barVerdict {
	switch k.String() {
	case "enter":
		return b.enter()
	case "esc", "ctrl+c":
		b.prompt.Blur()
		if b.live {
			b.set(b.base)
			return barCleared
		}
		b.set(b.text)
		return barGivenUp
	case "tab", "shift+tab":
		if !b.complete(map[string]int{"tab": 1, "shift+tab": -1}[k.String()]) {
			return barTyped
		}
		return b.edited()
	}
	changed := b.prompt.Update(k)
	b.look()
	if !changed {
		return barTyped
	}
	return b.edited()
}

func (b *bar) enter() barVerdict {
	if b.err != nil && b.pick < 0 && b.sure() {
		b.complete(1)
	}
	if b.err = b.Check(b.prompt.Value()); b.err != nil {
		b.insist = true
		return barTyped
	}
	b.prompt.Blur()
	words, _ := query.Split(b.prompt.Value())
	b.set(query.Join(words...))
	return barDone
}

// sure reports whether what is typed can only become one of a few fixed words.
func (b *bar) sure() bool {
	return len(b.offer.Choices) == 1 && slices.ContainsFunc(b.Fields, func(f query.Field) bool { return f.Name == b.offer.Field && f.List })
}

func (b *bar) edited() barVerdict {
	switch {
	case b.err != nil:
		return barTyped
	case !b.live:
		return barEdited
	}
	b.text = b.prompt.Value()
	return barChanged
}

// complete puts the next choice at the cursor; the only one is final.
func (b *bar) complete(step int) bool {
	n := len(b.offer.Choices)
	if n == 0 {
		return false
	}
	if b.pick < 0 && step < 0 {
		b.pick = 0
	}
	b.pick = (b.pick + step + n) % n
	choice, line := b.offer.Choices[b.pick], b.prompt.Value()
	before, after := line[:b.offer.From]+choice, line[b.offer.To:]
	if n == 1 && b.offer.Field != "" && after == "" {
		before += " "
	}
	b.prompt.Put(before+after, len(before))
	b.offer.To = b.offer.From + len(choice)
	b.err = b.Check(b.prompt.Value())
	if n == 1 {
		b.look()
	}
	return true
}

// wrong is the error to speak of: none about the word that is just being typed.
func (b *bar) wrong() error {
	var e *query.Error
	if b.err == nil || b.insist || !errors.As(b.err, &e) {
		return b.err
	}
	at := b.prompt.Cursor()
	if at > e.At && at <= e.End && (len(b.offer.Choices) > 0 || strings.HasSuffix(b.prompt.Value()[e.At:at], ":")) {
		return nil
	}
	return b.err
}

// view draws the line; none stands there while nothing is filtered.
func (b *bar) view(width int, none string) string {
	if !b.prompt.Focused() && b.text == "" {
		return b.theme.Dim.Paint(none)
	}
	return b.prompt.View(width)
}

// help draws what goes below the line while typing: what is wrong and where, or
// what can be typed.
func (b *bar) help(width int) []string {
	if err := b.wrong(); err != nil {
		text, hint := Problem(err)
		text, mark := term.Show(text), b.pointer(err, width)
		if term.Width(mark)+1+term.Width(text) > width {
			text, hint = mark, text+" — "+hint
		} else {
			text = mark + " " + text
		}
		return []string{b.theme.Warn.Paint(term.Fit(text, width)), b.theme.Warn.Paint(term.Fit("  "+term.Show(hint), width))}
	}
	return []string{b.choices(width), b.theme.Dim.Paint(term.Fit("  "+term.Show(b.advice()), width))}
}

// pointer marks the word at fault, which the prompt draws from the third cell on.
func (b *bar) pointer(err error, width int) string {
	var e *query.Error
	line := b.prompt.Value()
	if !errors.As(err, &e) || e.End > len(line) || term.Width(term.Show(line)) > width/2 {
		return ""
	}
	return term.Spaces(2+term.Width(term.Show(line[:e.At]))) + strings.Repeat("^", max(term.Width(term.Show(line[e.At:e.End])), 1))
}

// choices lists what tab can put in.
func (b *bar) choices(width int) string {
	line := " "
	for i, c := range b.offer.Choices {
		c = term.Show(c)
		if i == b.pick {
			line += "[" + c + "]"
			continue
		}
		line += " " + c + " "
	}
	switch {
	case len(b.offer.Choices) == 0 && b.offer.Field == "":
		return b.theme.Dim.Paint(term.Fit("  "+b.Names(), width))
	case len(b.offer.Choices) == 0:
		return ""
	}
	const hint = "  tab completes"
	return b.theme.Info.Paint(term.Fit(line, max(width-len(hint), 0))) + b.theme.Dim.Paint(term.Fit(hint, min(len(hint), width)))
}

// advice tells what a value looks like, or what words are.
func (b *bar) advice() string {
	if b.offer.Field != "" {
		return b.offer.Field + ": " + b.offer.Form
	}
	return "other words: " + b.Text
}
