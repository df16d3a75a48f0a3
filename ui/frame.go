package ui

import (
	"fmt"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/ui/page"
	"doorman/ui/part"
	"doorman/ui/term"
	"doorman/ui/theme"
)

// The smallest screen, and how many lines of it the shell takes: header, path,
// notice and footer.
const (
	minWidth  = 60
	minHeight = 20
	chrome    = 4
)

// still is the view as it was drawn last and what it stands for beside the state
// of the shell and its pages.
type still struct {
	view    string
	second  int64
	saves   int
	courier string
}

// turn tells what a message may have changed of what is on the screen.
func (s *shell) turn(msg tea.Msg) {
	m, look := msg.(polled)
	if look && !m.changed && m.err == nil && s.live.trouble == nil {
		return // nothing happened
	}
	s.still.view = ""
	if _, key := msg.(tea.KeyMsg); !key {
		s.env.Turn()
	}
}

// View draws the whole screen, exactly as many lines as there are, or hands out
// again what it drew while nothing can have changed.
func (s *shell) View() string {
	now := still{s.still.view, s.env.Now().Unix(), s.env.Saves.Running(), s.courier()}
	if now.view == "" || now != s.still {
		now.view = s.draw()
		s.still = now
	}
	return now.view
}

// courier tells how the sending of letters stands, "" where none are sent.
func (s *shell) courier() string {
	if s.o.Courier == nil {
		return ""
	}
	return s.o.Courier().State
}

func (s *shell) draw() string {
	t := s.env.Theme
	if s.w == 0 {
		return ""
	}
	if s.w < minWidth || s.h < minHeight {
		return part.Clamp(strings.Join(s.cramped(), "\n"), s.w, s.h)
	}
	body := ""
	if p := s.nav.page(); p != nil {
		body = p.View()
	}
	body = part.Tall(body, s.h-chrome)
	switch {
	case s.ask != nil:
		body = part.Overlay(body, s.ask.Dialog.View(s.w, s.h-chrome), s.w)
	case s.picker != nil:
		body = part.Overlay(body, s.picker.view(t, s.w, s.h-chrome), s.w)
	case s.choose != nil:
		body = part.Overlay(body, s.choose.Chooser.View(s.w, s.h-chrome), s.w)
	}
	return t.Plain(s.header() + "\n" + s.pathLine() + "\n" + body + "\n" + s.noticeLine() + "\n" + s.footer())
}

// cramped is what a screen shows that is too small for a page: what is wrong now.
func (s *shell) cramped() []string {
	var lines []string
	if p, ok := s.roots[page.Views()[0].Name].(page.Headliner); ok {
		lines = part.Wrap(p.Headline(), s.w)
	}
	return append(lines, fmt.Sprintf("have %d×%d, need %d×%d", s.w, s.h, minWidth, minHeight), "q quits")
}

// header tells what one works on and as whom, and how it stands. When there is
// too little room the sparkline goes first, then most of the path, then the
// role, then the words of the outbox; badges and its counts stay.
func (s *shell) header() string {
	t := s.env.Theme
	right := s.outbox() + " "
	left := " " + t.Strong.Paint("doorman") + "  "
	badges := s.badgeText()
	room := s.w - term.Width(left) - term.Width(badges) - term.Width(right)
	who, role := term.Show(s.env.Act.Operator), " ("+string(s.env.Act.Role)+")"
	if room >= term.Width(who)+len(role)+shortPath {
		who += role
	}
	path := term.Show(s.live.info.Path)
	room -= term.Width(who) + 3
	if spark := s.sparkline(); room > term.Width(spark)+min(term.Width(path), 24) {
		right = spark + right
		room -= term.Width(spark)
	}
	if room >= shortPath {
		left += shorten(path, room) + "  "
	}
	return ends(left+t.Dim.Paint(term.Fit(who, min(term.Width(who), max(room+term.Width(who), 0))))+badges, right, s.w)
}

// shortPath is the least that is worth showing of the path of the store.
const shortPath = 12

func (s *shell) sparkline() string {
	if len(s.live.rate) == 0 {
		return ""
	}
	t := s.env.Theme
	if s.env.Still {
		return t.Dim.Paint("resets/min ") + t.Info.Paint(strconv.Itoa(s.live.rate[len(s.live.rate)-1])) + "  "
	}
	return t.Dim.Paint("resets/min ") + t.Info.Paint(part.Sparkline(s.live.rate)) + "  "
}

func (s *shell) badges() []string {
	var bs []string
	if s.env.ReadOnly {
		bs = append(bs, "READ-ONLY")
	}
	if s.o.Capture {
		bs = append(bs, "CAPTURE")
	}
	if s.live.paused {
		bs = append(bs, "PAUSED")
	}
	if n := s.env.Saves.Running(); n > 0 {
		bs = append(bs, writes(n)+" under way")
	}
	if s.env.Making != nil && s.env.Making() != "" {
		bs = append(bs, "making up the service")
	}
	if r := s.live.reading; r != (model.ClusterReading{}) && !r.Whole {
		bs = append(bs, "catching up "+model.Percent(r.Share()))
	}
	if s.live.trouble != nil {
		bs = append(bs, "NO STORE")
	}
	return bs
}

// badgeText draws the badges.
func (s *shell) badgeText() string {
	text := ""
	for _, b := range s.badges() {
		text += " " + s.env.Theme.Badge.Paint("["+b+"]")
	}
	return text
}

// leastWho is the least that the header keeps for the name of the operator.
const leastWho = 4

// outbox tells how the emails stand, what is wrong before what waits: in words
// where there is room for them, else in signs and numbers.
func (s *shell) outbox() string {
	words := s.outboxIn(" undeliverable", " failed", " waiting")
	if s.w-len("  doorman  ")-term.Width(s.badgeText())-term.Width(words) < leastWho {
		return s.outboxIn("", "", "")
	}
	return words
}

func (s *shell) outboxIn(undeliverable, failed, waiting string) string {
	t, l := s.env.Theme, s.live.letters
	if l == nil {
		return ""
	}
	var parts []string
	if n := l[model.Undeliverable]; n > 0 {
		parts = append(parts, t.Bad.Paint(fmt.Sprintf("✗ %d%s", n, undeliverable)))
	}
	if n := l[model.Failed]; n > 0 {
		parts = append(parts, t.Warn.Paint(fmt.Sprintf("! %d%s", n, failed)))
	}
	if n := l[model.Queued] + l[model.Sending]; n > 0 {
		parts = append(parts, t.Info.Paint(fmt.Sprintf("◷ %d%s", n, waiting)))
	}
	if c := s.courier(); c == "paused" || c == "off" {
		parts = append(parts, t.Warn.Paint("mail "+c))
	}
	if len(parts) == 0 {
		return t.Dim.Paint("outbox ") + t.Good.Paint("✓")
	}
	return strings.Join(parts, " ")
}

// pathLine tells where one is.
func (s *shell) pathLine() string {
	t := s.env.Theme
	var names []string
	for i, p := range s.nav.path() {
		name := term.Show(p.Title())
		if i == len(s.nav.path())-1 {
			name = t.Strong.Paint(name)
		} else {
			name = t.Dim.Paint(name)
		}
		names = append(names, name)
	}
	right := ""
	if r, ok := s.nav.page().(page.Ranged); ok {
		right = " " + t.Dim.Paint(term.Show(r.Range())) + " "
	}
	if s.env.Absolute {
		right = " " + t.Info.Paint("times in "+term.Show(s.env.ZoneName())) + "  " + right
	}
	left := " " + strings.Join(names, t.Dim.Paint(" > ")) + " "
	fill := max(s.w-term.Width(left)-term.Width(right), 0)
	return term.Fit(left+t.Border.Paint(strings.Repeat("─", fill))+right, s.w)
}

func (s *shell) noticeLine() string {
	if len(s.notices) == 0 {
		return ""
	}
	t, n := s.env.Theme, s.notices[len(s.notices)-1]
	sign := t.Sign("done")
	if n.warn {
		sign = t.Sign("failed")
	}
	return sign.Ink.Paint(term.Fit(" "+sign.Glyph+" "+term.Show(n.text), s.w))
}

// footer lists the keys that do something here, as many as fit; ? has the rest.
func (s *shell) footer() string {
	t := s.env.Theme
	switch {
	case s.ask != nil:
		return t.Dim.Paint(" " + s.ask.Dialog.Hint())
	case s.picker != nil:
		return t.Dim.Paint(" ↑↓ choose  enter runs  esc closes")
	case s.choose != nil:
		return t.Dim.Paint(" " + s.choose.Chooser.Hint())
	case s.typing():
		return " " + t.Key.Paint("enter") + " accept  " + t.Key.Paint("esc") + " clear  " + t.Key.Paint("↑↓") + " move"
	}
	var b strings.Builder
	b.WriteByte(' ')
	for _, f := range s.footerKeys() {
		if f.Why() != "" {
			b.WriteString(t.Dim.Paint(f.key + " " + f.Short + "  "))
			continue
		}
		b.WriteString(t.Key.Paint(f.key) + " " + f.Short + "  ")
	}
	return b.String()
}

// footerKey is an action in the footer, and where it stands.
type footerKey struct {
	page.Action
	key    string // as it is shown
	x, end int    // in cells
}

// footerKeys lays out the keys that fit the footer.
func (s *shell) footerKeys() []footerKey {
	var out []footerKey
	x := 1
	for _, a := range s.footerActions() {
		key := page.KeyName(a.Keys[0])
		w := term.Width(key) + 1 + term.Width(a.Short)
		if x+w+2 > s.w {
			continue
		}
		out = append(out, footerKey{a, key, x, x + w})
		x += w + 2
	}
	return out
}

// footerActions puts help and quit first among what must not be cut.
func (s *shell) footerActions() []page.Action {
	var mine, rest []page.Action
	for _, a := range s.actions() {
		switch {
		case a.Short == "":
		case a.Keys[0] == "?" || a.Keys[0] == "q":
			mine = append(mine, a)
		default:
			rest = append(rest, a)
		}
	}
	return append(mine, rest...)
}

// retitle tells the terminal when the title has changed.
func (s *shell) retitle() tea.Cmd {
	title := s.windowTitle()
	if title == s.title || s.env.Theme.Level == theme.Dumb {
		return nil
	}
	s.title = title
	return tea.SetWindowTitle(title)
}

func (s *shell) windowTitle() string {
	title := "doorman"
	if p := s.nav.page(); p != nil {
		title += ": " + term.Show(p.Title())
	}
	return title
}

// ends writes left and right at the two ends of a line of w cells, a blank
// between them.
func ends(left, right string, w int) string {
	if right == "" {
		return term.Fit(left, w)
	}
	return term.Fit(left, max(w-term.Width(right)-1, 0)) + " " + right
}

// shorten keeps the end of a path, which tells more than its start.
func shorten(path string, n int) string {
	r := []rune(path)
	if len(r) <= n {
		return path
	}
	return "…" + string(r[len(r)-n+1:])
}
