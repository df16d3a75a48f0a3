package part

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

func typeInto(p *Prompt, text string) {
	for _, r := range text {
		p.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}})
	}
}

func TestPromptShowsTheEndOfWhatIsTyped(t *testing.T) {
	p := NewPrompt(testTheme(), "/", "any part")
	p.Focus()
	if got := ansi.Strip(p.View(30)); got != "/▌any part" {
		t.Errorf("%q", got)
	}
	typeInto(p, strings.Repeat("x", 50)+"end")
	if got := ansi.Strip(p.View(30)); ansi.StringWidth(got) > 30 || !strings.HasSuffix(got, "end▌") {
		t.Errorf("%q", got)
	}
	for range 60 {
		p.Update(tea.KeyMsg{Type: tea.KeyLeft})
		if w := ansi.StringWidth(p.View(30)); w > 30 {
			t.Fatalf("%d cells: %q", w, ansi.Strip(p.View(30)))
		}
	}
	p.Blur()
	if got := ansi.StringWidth(p.View(30)); got > 30 {
		t.Errorf("%d cells at rest", got)
	}
}

func TestPromptShowsWhatWasPasted(t *testing.T) {
	p := NewPrompt(testTheme(), "/", "")
	p.Focus()
	p.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("a\x1b[2Jb\u202e"), Paste: true})
	if got := p.View(40); strings.Contains(got, "\x1b[2J") || strings.Contains(got, "\u202e") {
		t.Errorf("%q", got)
	}
}
