// Package theme holds the look of the console as a value: inks and signs by
// meaning, made for one renderer at one colour level. Nothing is shown by colour
// alone: every state has a sign and a word.
package theme

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// Level is how much a terminal can show.
type Level int

// The levels, poorest first.
const (
	Dumb      Level = iota // no styles, ASCII signs only
	NoColor                // bold, reverse and underline, no colour (NO_COLOR)
	ANSI16                 // the 16 colours that the person chose for the terminal
	ANSI256                // the fixed palette of 256
	TrueColor              // 24 bits
)

// Theme is every ink and sign of the console. It is made per session and never
// shared between terminals.
type Theme struct {
	Level Level
	Dark  bool
	ASCII bool // signs, frames and charts in ASCII, whatever the colours

	Text, Dim, Strong   Ink // running text; what matters less; what matters more
	Head, Key, Border   Ink // titles of columns; a key to press; frames and rules
	Selected, Marked    Ink // the row under the cursor; rows picked for a bulk act
	Found               Ink // what a search has found in a row
	Good, Warn, Bad     Ink // fine; look here; wrong or dangerous
	Info, Bar, Badge    Ink // neutral news; the header; a mode that the operator must know of
	Button, Focus, Hint Ink // a choice; the choice that enter takes; advice

	signs map[string]Sign
}

// Sign is how a state is drawn: one cell and an ink. The word goes beside it.
type Sign struct {
	Glyph string
	Ink   Ink
}

// New makes the theme for a renderer, at the given level, for a dark or a
// light background. It sets both on the renderer.
func New(r *lipgloss.Renderer, level Level, dark bool) *Theme {
	r.SetHasDarkBackground(dark)
	r.SetColorProfile(level.profile())
	m := mixer{r: r, level: level}
	t := &Theme{Level: level, Dark: dark, ASCII: level == Dumb,
		Text: Ink{}, Dim: m.mix(grey, 0), Strong: m.mix(none, bold),
		Head: m.mix(blue, bold), Key: m.mix(blue, bold), Border: m.mix(grey, 0),
		Selected: m.mix(none, bold|reverse), Marked: m.mix(violet, bold),
		Found: m.mix(none, bold|underline),
		Good:  m.mix(green, 0), Warn: m.mix(amber, 0), Bad: m.mix(red, bold),
		Info: m.mix(blue, 0), Bar: m.mix(none, bold), Badge: m.mix(amber, bold|reverse),
		Button: m.mix(none, 0), Focus: m.mix(blue, bold|reverse), Hint: m.mix(grey, 0),
	}
	t.signs = t.makeSigns()
	return t
}

// Sign returns how the state with the given word is drawn; an unknown word gets
// a plain "?".
func (t *Theme) Sign(word string) Sign {
	if s, ok := t.signs[word]; ok {
		return s
	}
	return Sign{Glyph: "?", Ink: t.Text}
}

// makeSigns draws every state: of a reset, of a letter, of an account, and the
// outcomes of an act. Beside the same ink no two share a glyph.
func (t *Theme) makeSigns() map[string]Sign {
	return map[string]Sign{
		"live": {"●", t.Good}, "used": {"✓", t.Text}, "revoked": {"✗", t.Bad}, "superseded": {"»", t.Dim}, "expired": {"○", t.Dim},
		"queued": {"◷", t.Info}, "sending": {"→", t.Info}, "sent": {"✓", t.Good}, "failed": {"!", t.Warn}, "undeliverable": {"✗", t.Bad},
		"cancelled": {"–", t.Dim},
		"held":      {"■", t.Bad}, "active": {"·", t.Dim}, "unconfirmed": {"?", t.Warn},
		"critical": {"▲", t.Bad}, "high": {"△", t.Warn}, "watch": {"◇", t.Info}, "past": {"▽", t.Dim},
		"new": {"+", t.Warn}, "acknowledged": {"@", t.Info}, "contained": {"■", t.Good}, "false_positive": {"≈", t.Dim}, "closed": {"✓", t.Dim},
		"block": {"■", t.Warn}, "allow": {"✓", t.Good}, "lifted": {"–", t.Dim},
		"appears": {"+", t.Bad}, "vanishes": {"–", t.Good}, "stays": {"·", t.Dim},
		"done": {"✓", t.Good}, "problem": {"✗", t.Bad}, "news": {"i", t.Info}, "denied": {"✗", t.Bad},
	}
}

func (l Level) profile() termenv.Profile {
	switch l {
	case TrueColor:
		return termenv.TrueColor
	case ANSI256:
		return termenv.ANSI256
	case ANSI16:
		return termenv.ANSI
	default:
		return termenv.Ascii
	}
}

// Detect tells the level from the environment, as lookup gives it, for a
// terminal that termenv found to have the given profile. NO_COLOR wins over
// CLICOLOR_FORCE (no-color.org).
func Detect(lookup func(string) string, p termenv.Profile) Level {
	switch {
	case lookup("TERM") == "dumb":
		return Dumb
	case lookup("NO_COLOR") != "":
		return NoColor
	case p == termenv.TrueColor:
		return TrueColor
	case p == termenv.ANSI256:
		return ANSI256
	case p == termenv.ANSI:
		return ANSI16
	}
	return NoColor
}

// NeedsASCII tells from the environment whether the terminal can draw no more
// than ASCII: it is dumb, or the Linux console, whose fonts lack most signs, or
// the locale names a character set other than UTF-8. No locale at all, as in
// most containers, is taken for UTF-8.
func NeedsASCII(lookup func(string) string) bool {
	if t := lookup("TERM"); t == "dumb" || t == "linux" {
		return true
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(lookup(name)); v != "" {
			return !strings.Contains(v, "utf-8") && !strings.Contains(v, "utf8")
		}
	}
	return false
}
