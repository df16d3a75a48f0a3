package ui

import (
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

// BenchmarkFrames is what a key costs from its message to the view, and what a
// view costs when nothing changed.
func BenchmarkFrames(b *testing.B) {
	for _, size := range [][2]int{{120, 40}, {200, 60}} {
		name := map[int]string{120: "120x40", 200: "200x60"}[size[0]]
		b.Run("move "+name, func(b *testing.B) {
			c := newConsole(b, size[0], size[1])
			down, up := tea.KeyMsg{Type: tea.KeyDown}, tea.KeyMsg{Type: tea.KeyUp}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				key := down
				if i%2 == 1 {
					key = up
				}
				c.s.Update(key)
				_ = c.s.View()
			}
		})
		b.Run("still "+name, func(b *testing.B) {
			c := newConsole(b, size[0], size[1])
			b.ReportAllocs()
			for b.Loop() {
				_ = c.s.View()
			}
		})
	}
}
