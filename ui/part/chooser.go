package part

import (
	"doorman/ui/term"
	"doorman/ui/theme"
)

// Chooser is a list of things to switch on and off and to put in order.
type Chooser struct {
	Title string
	Items []Switch

	theme *theme.Theme
	cur   int
}

// Switch is one line of a Chooser.
type Switch struct {
	Name string
	On   bool
	Note string // why it is as it is, or ""
}

// NewChooser makes a chooser.
func NewChooser(t *theme.Theme, title string, items []Switch) *Chooser {
	return &Chooser{Title: title, Items: items, theme: t}
}

// ChooserVerdict is what a key meant to a chooser.
type ChooserVerdict int

// The verdicts.
const (
	ChooserNothing ChooserVerdict = iota
	ChooserSwitched
	ChooserMoved
	ChooserReset  // everything as it was at first
	ChooserClosed // the operator is done
)

// Key takes a key press, as tea.KeyMsg.String names it. What it switched or moved
// is under the cursor.
func (c *Chooser) Key(k string) ChooserVerdict {
	switch k {
	case "esc", "q", "enter", "ctrl+c", "C":
		return ChooserClosed
	case "up", "k":
		c.cur = max(c.cur-1, 0)
	case "down", "j":
		c.cur = max(min(c.cur+1, len(c.Items)-1), 0)
	case " ", "x":
		if c.cur < len(c.Items) {
			return ChooserSwitched
		}
	case "K", "shift+up":
		return c.move(-1)
	case "J", "shift+down":
		return c.move(1)
	case "r":
		return ChooserReset
	}
	return ChooserNothing
}

func (c *Chooser) move(n int) ChooserVerdict {
	to := c.cur + n
	if to < 0 || to >= len(c.Items) {
		return ChooserNothing
	}
	c.Items[c.cur], c.Items[to] = c.Items[to], c.Items[c.cur]
	c.cur = to
	return ChooserMoved
}

// Current returns what is under the cursor.
func (c *Chooser) Current() *Switch { return &c.Items[c.cur] }

// Hint lists the keys of the chooser, for the footer.
func (c *Chooser) Hint() string { return "space shows or hides  J K move  r as at first  enter closes" }

// View draws the chooser in a frame that fits into the given size.
func (c *Chooser) View(width, height int) string {
	inner, room := min(width-6, 48), max(height-4, 3)
	top := max(min(c.cur-room/2, len(c.Items)-room), 0)
	var lines []string
	for i := top; i < min(top+room, len(c.Items)); i++ {
		it := c.Items[i]
		box := "[ ] "
		if it.On {
			box = "[x] "
		}
		line := term.Fit("  "+box+term.Show(it.Name), inner-term.Width(it.Note)) + it.Note
		switch {
		case i == c.cur:
			line = c.theme.Selected.Paint(">" + line[1:])
		case !it.On:
			line = c.theme.Dim.Paint(line)
		}
		lines = append(lines, line)
	}
	return Frame(c.theme, c.Title, lines, inner)
}
