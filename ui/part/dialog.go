package part

import (
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"doorman/ui/term"
	"doorman/ui/theme"
)

// Verdict is what a key meant to a dialog.
type Verdict int

// The verdicts.
const (
	Undecided Verdict = iota
	Accepted
	Refused
)

// Dialog puts a plan before the operator and asks. Cancel has the focus: enter
// alone never does anything. One letter accepts, or, with Count, the number of
// records typed out. It may be filled while it is open.
type Dialog struct {
	Title string
	Body  []string // the plan; made safe when drawn
	Yes   string   // what accepting does, as a verb: "revoke 12 resets"
	Count int      // above zero: this number has to be typed to accept
	Wait  string   // not "": cannot be accepted yet, and why

	Reason *Entry // why, where the operator may say so; nil: no reason is requested
	Length *Entry // how long, where that can be changed; nil: it cannot

	Also   []Choice // other ways to accept
	Chosen string   // the key of the one that was taken, "" for Yes

	theme  *theme.Theme
	typed  string
	wrong  string // the number that was typed instead of Count; "" for none
	onYes  bool   // the focus
	typing *Entry // what is being typed
	top    int    // first line of the body that is shown
	seen   int    // lines of the body that fitted when last drawn
	total  int    // lines of the body when last drawn
}

// Choice is another way to accept a dialog. Its key is none that a dialog has a
// use for itself.
type Choice struct{ Key, Text string }

// NewDialog makes a dialog with a title and the verb that accepts.
func NewDialog(t *theme.Theme, title, yes string, body ...string) *Dialog {
	return &Dialog{Title: title, Yes: yes, Body: body, theme: t}
}

// Key takes a key press, as tea.KeyMsg.String names it.
func (d *Dialog) Key(k string) Verdict {
	if d.typing != nil {
		if d.typing.key(k) {
			d.typing = nil
		}
		return Undecided
	}
	if e := d.entry(k); e != nil {
		d.typing = e
		e.open()
		return Undecided
	}
	switch k {
	case "esc", "n", "N", "q", "ctrl+c":
		return Refused
	case "tab", "shift+tab":
		d.onYes = !d.onYes && d.ready()
	case "left", "h": // Cancel is the leftmost: the focus stops there
		d.onYes = false
	case "right", "l":
		d.onYes = d.ready()
	case "up", "k":
		d.scroll(-1)
	case "down", "j":
		d.scroll(1)
	case "pgup":
		d.scroll(-d.seen)
	case "pgdown":
		d.scroll(d.seen)
	case "y", "Y":
		if d.Count == 0 && d.ready() {
			return Accepted
		}
	case "backspace":
		d.typed = d.typed[:max(len(d.typed)-1, 0)]
	case "enter":
		return d.enter()
	default:
		if d.Wait == "" && slices.ContainsFunc(d.Also, func(c Choice) bool { return c.Key == k }) {
			d.Chosen = k
			return Accepted
		}
		if d.Count > 0 && len(k) == 1 && k[0] >= '0' && k[0] <= '9' && len(d.typed) < 9 {
			d.typed, d.wrong = d.typed+k, ""
		}
	}
	return Undecided
}

// Wheel moves the body by so many lines.
func (d *Dialog) Wheel(lines int) { d.scroll(lines) }

// scroll moves the body by so many lines.
func (d *Dialog) scroll(n int) { d.top = max(min(d.top+n, d.total-d.seen), 0) }

// AskReason lets the operator say why.
func (d *Dialog) AskReason() { d.Reason = &Entry{Key: "r", Name: "reason", Does: "gives a reason"} }

// Why is the reason that was given, "" for none.
func (d *Dialog) Why() string {
	if d.Reason == nil {
		return ""
	}
	return d.Reason.Text
}

// entries are the texts that can be typed.
func (d *Dialog) entries() []*Entry {
	return slices.DeleteFunc([]*Entry{d.Length, d.Reason}, func(e *Entry) bool { return e == nil })
}

// entry is the text that a key opens, or nil.
func (d *Dialog) entry(k string) *Entry {
	for _, e := range d.entries() {
		if e.Key == k {
			return e
		}
	}
	return nil
}

// Hint lists the keys of the dialog, for the footer.
func (d *Dialog) Hint() string {
	if d.typing != nil {
		return "enter keeps it  esc drops it"
	}
	hint := "n cancels"
	switch {
	case d.Wait != "":
	case d.Count > 0:
		hint = "type the number, then enter  n cancels"
	default:
		hint = "y accepts  n cancels"
	}
	for _, e := range d.entries() {
		hint += "  " + e.Key + " " + e.Does
	}
	if d.total > d.seen {
		hint += "  ↓↑ scrolls"
	}
	return hint
}

// ready reports whether accepting is possible now.
func (d *Dialog) ready() bool {
	return d.Wait == "" && (d.Count == 0 || d.typed == strconv.Itoa(d.Count))
}

func (d *Dialog) enter() Verdict {
	switch {
	case d.Count > 0 && d.typed != "" && d.ready():
		return Accepted
	case d.Count > 0 && d.typed != "":
		d.typed, d.wrong = "", d.typed
		return Undecided
	case d.onYes && d.ready():
		return Accepted
	}
	return Refused
}

// View draws the dialog, at most width by height cells, frame included.
func (d *Dialog) View(width, height int) string {
	inner := min(width-6, 92)
	foot := d.foot()
	body := wrap(d.Body, inner)
	d.total = len(body)
	d.seen = max(min(d.total, height-6-len(foot)), 1)
	d.top = max(min(d.top, d.total-d.seen), 0)
	lines := append([]string{""}, body[min(d.top, d.total):min(d.top+d.seen, d.total)]...)
	if hidden := d.total - d.seen; hidden > 0 {
		lines = append(lines, d.theme.Dim.Paint("↓↑ "+strconv.Itoa(hidden)+" more lines"))
	}
	lines = append(lines, "")
	return Frame(d.theme, d.Title, append(lines, foot...), inner)
}

// wrap makes lines safe and breaks those that are too long, at spaces where
// there are any: what one is asked to accept is not cut.
func wrap(lines []string, width int) []string {
	var out []string
	for _, l := range lines {
		out = append(out, Wrap(term.Show(l), width)...)
	}
	return out
}

// Wrap breaks a line that is wider than width cells at its blanks, and only there:
// an address with a hyphen stays in one piece. A word that is too wide for a line
// of its own is broken where the line ends. The line must be safe and may be styled.
func Wrap(line string, width int) []string {
	width = max(width, 1)
	if term.Width(line) <= width {
		return []string{line}
	}
	var out []string
	words := strings.Split(line, " ")
	now := words[0]
	for _, word := range words[1:] {
		if term.Width(now)+1+term.Width(word) <= width {
			now += " " + word
			continue
		}
		out = append(out, cut(strings.TrimRight(now, " "), width)...)
		now = word
	}
	return append(out, cut(now, width)...)
}

// cut breaks what is wider than width cells where the line ends.
func cut(text string, width int) []string {
	return strings.Split(ansi.Hardwrap(text, width, true), "\n")
}

// foot draws the question and the two choices, or what the dialog waits for.
func (d *Dialog) foot() []string {
	no, yes := d.theme.Focus.Paint("> Cancel (n) <"), "  "+d.Yes+" (y)  "
	if d.onYes {
		no, yes = "  Cancel (n)  ", d.theme.Focus.Paint("> "+d.Yes+" (y) <")
	}
	var lines []string
	for _, e := range d.entries() {
		lines = append(lines, e.lines(d.theme, e == d.typing)...)
	}
	switch {
	case d.Wait != "":
		return append(lines, no+"   "+d.theme.Warn.Paint(d.Wait))
	case d.Count > 0:
		n := strconv.Itoa(d.Count)
		if d.wrong != "" {
			lines = append(lines, d.theme.Bad.Paint(d.wrong+" is not the number: nothing was done"))
		}
		return append(lines, d.theme.Warn.Paint("type "+n+" to confirm")+": "+d.typed+"▌", no)
	}
	for _, c := range d.Also {
		yes += "  " + c.Text + " (" + c.Key + ")  "
	}
	return append(lines, no+"   "+yes)
}

// Frame draws lines in a box with a title, inner cells wide. Lines are cut, not
// wrapped, and may be styled.
func Frame(t *theme.Theme, title string, lines []string, inner int) string {
	inner = max(inner, 10)
	var b strings.Builder
	title = term.Show(title)
	if term.Width(title) > inner-2 {
		title = term.Fit(title, inner-2)
	}
	b.WriteString(t.Border.Paint("┌─ ") + t.Strong.Paint(title) + t.Border.Paint(" "+strings.Repeat("─", max(inner-1-term.Width(title), 0))+"┐"))
	for _, l := range lines {
		b.WriteString("\n" + t.Border.Paint("│") + " " + term.Fit(l, inner) + " " + t.Border.Paint("│"))
	}
	b.WriteString("\n" + t.Border.Paint("└"+strings.Repeat("─", inner+2)+"┘"))
	return b.String()
}
