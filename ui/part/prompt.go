package part

import (
	"github.com/charmbracelet/bubbles/cursor"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"doorman/ui/term"
	"doorman/ui/theme"
)

// Prompt is a line to type in: a filter, a name. While it has the focus it
// takes every key but esc and enter, which its owner handles.
type Prompt struct {
	input textinput.Model
	theme *theme.Theme
	label string
}

// NewPrompt makes a prompt; the label stands before the text.
func NewPrompt(t *theme.Theme, label, hint string) *Prompt {
	in := textinput.New()
	in.Prompt, in.Placeholder, in.CharLimit = "", hint, 200
	in.Cursor.SetMode(cursor.CursorStatic)
	return &Prompt{input: in, theme: t, label: label}
}

// Focus starts typing.
func (p *Prompt) Focus() { p.input.Focus(); p.input.CursorEnd() }

// Blur ends typing; the text stays.
func (p *Prompt) Blur() { p.input.Blur() }

// Focused reports whether keys go into the text.
func (p *Prompt) Focused() bool { return p.input.Focused() }

// Value returns the text as typed.
func (p *Prompt) Value() string { return p.input.Value() }

// SetValue replaces the text.
func (p *Prompt) SetValue(s string) { p.input.SetValue(s) }

// SetLimit bounds the text, in characters.
func (p *Prompt) SetLimit(n int) { p.input.CharLimit = n }

// Cursor returns where the cursor stands, in bytes.
func (p *Prompt) Cursor() int {
	runes := []rune(p.Value())
	return len(string(runes[:min(p.input.Position(), len(runes))]))
}

// Put replaces the text and puts the cursor at a byte of it.
func (p *Prompt) Put(s string, at int) {
	p.input.SetValue(s)
	p.input.SetCursor(len([]rune(s[:min(at, len(s))])))
}

// Update takes a key or a paste and reports whether the text changed.
func (p *Prompt) Update(msg tea.Msg) bool {
	before := p.input.Value()
	p.input, _ = p.input.Update(msg)
	return p.input.Value() != before
}

// View draws the prompt in width cells: while typing with a cursor, else the
// text alone.
func (p *Prompt) View(width int) string {
	label := p.theme.Key.Paint(p.label)
	if !p.Focused() {
		return label + p.theme.Strong.Paint(term.Fit(term.Show(p.Value()), min(width-term.Width(p.label), term.Width(term.Show(p.Value())))))
	}
	runes := []rune(p.Value())
	at := min(p.input.Position(), len(runes))
	if len(runes) == 0 {
		return label + "▌" + p.theme.Dim.Paint(p.input.Placeholder)
	}
	before, under, behind := term.Show(string(runes[:at])), "▌", ""
	if at < len(runes) {
		under, behind = p.theme.Focus.Paint(term.Show(string(runes[at]))), term.Show(string(runes[at+1:]))
	}
	room := max(width-term.Width(p.label)-term.Width(under), 1)
	if over := term.Width(before) - room; over > 0 {
		before = ansi.TruncateLeft(before, over+1, "…")
	}
	behind = ansi.Truncate(behind, max(room-term.Width(before), 0), "")
	return label + before + under + behind
}
