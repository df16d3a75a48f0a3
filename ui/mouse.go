package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"doorman/ui/page"
	"doorman/ui/term"
)

// mouse passes clicks and the wheel to the page, in its own cells.
func (s *shell) mouse(m tea.MouseMsg) tea.Cmd {
	p, ok := s.nav.page().(page.Clicker)
	switch {
	case m.Action != tea.MouseActionPress || !s.ending.IsZero():
		return nil
	case s.ask != nil:
		s.ask.Dialog.Wheel(wheel(m))
		return nil
	case s.picker != nil:
		s.picker.move(wheel(m))
		return nil
	case s.choose != nil || s.holding():
		return nil
	case m.Button == tea.MouseButtonLeft && (m.Y < 2 || m.Y == s.h-1):
		return s.clickAround(m.X, m.Y)
	case !ok:
		return nil
	}
	switch m.Button {
	case tea.MouseButtonWheelUp, tea.MouseButtonWheelDown:
		return p.Wheel(wheel(m))
	case tea.MouseButtonLeft:
		return p.Click(m.X, m.Y-2)
	}
	return nil
}

// clickAround takes a click beside the page. In the header the state of the emails
// leads to the outbox, all else to what is wrong now; a page of the path leads
// back to it; a key of the footer is pressed.
func (s *shell) clickAround(x, y int) tea.Cmd {
	switch {
	case s.typing() && y > 0: // the footer lists what the text field knows
		return nil
	case y == 0 && x >= s.w-1-term.Width(s.outbox()):
		return s.goTo("outbox")
	case y == 0:
		return s.goTo(page.Views()[0].Name)
	case y == 1:
		return s.clickPath(x)
	}
	for _, f := range s.footerKeys() {
		if x >= f.x && x < f.end {
			return s.run(f.Action)
		}
	}
	return nil
}

// clickPath goes back to the page of the path whose name was clicked.
func (s *shell) clickPath(x int) tea.Cmd {
	path, at := s.nav.path(), 1
	for i, p := range path {
		w := term.Width(term.Show(p.Title()))
		if x >= at && x < at+w && i < len(path)-1 {
			return s.visit(path[:i+1:i+1], nil)
		}
		at += w + len(" > ")
	}
	return nil
}

// wheel is by how many lines a turn of the wheel moves.
func wheel(m tea.MouseMsg) int {
	switch m.Button {
	case tea.MouseButtonWheelUp:
		return -3
	case tea.MouseButtonWheelDown:
		return 3
	}
	return 0
}

// resumed takes the mouse again after the console was stopped: the shell had it
// meanwhile.
func (s *shell) resumed() tea.Cmd {
	if !s.mouseOn {
		return nil
	}
	return tea.EnableMouseCellMotion
}

// toggleMouse takes the mouse from the terminal or gives it back: while it is
// taken, text can be selected only with shift held down.
func (s *shell) toggleMouse() tea.Cmd {
	s.mouseOn = !s.mouseOn
	if s.mouseOn {
		s.notify("the mouse clicks in Doorman; hold shift to select text, "+s.env.Keys.Name("M")+" gives it back", false)
		return tea.EnableMouseCellMotion
	}
	s.notify("the mouse selects text again", false)
	return tea.DisableMouse
}
