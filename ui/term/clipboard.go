package term

import (
	"fmt"
	"io"
	"strings"

	"github.com/aymanbagabas/go-osc52/v2"
)

// maxCopy is what common terminals take in one OSC 52, in bytes before encoding.
const maxCopy = 74_994

// Copy puts text on the clipboard of the terminal at the other end (OSC 52),
// also through tmux and screen. lookup is os.Getenv or the environment of a
// remote session. Nothing tells whether the terminal obeyed. tmux takes it for
// itself with set-clipboard, or passes it on with allow-passthrough: as nothing
// tells which is on, it gets both.
func Copy(w io.Writer, lookup func(string) string, text string) error {
	if len(text) > maxCopy {
		return fmt.Errorf("copy: %d bytes are more than a terminal takes", len(text))
	}
	s := osc52.New(text)
	switch {
	case lookup("TMUX") != "":
		if _, err := io.WriteString(w, s.String()); err != nil {
			return err
		}
		s = s.Tmux()
	case strings.HasPrefix(lookup("TERM"), "screen"):
		s = s.Screen()
	}
	_, err := io.WriteString(w, s.String())
	return err
}
