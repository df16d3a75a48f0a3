package agent

import "strings"

// word is a product of an agent, "Chrome/109.0.0.0", or an item of a comment.
type word struct {
	text   string
	inside bool // of a comment
}

func (w word) name() string {
	name, _, _ := strings.Cut(w.text, "/")
	return name
}

func (w word) version() string {
	_, version, _ := strings.Cut(w.text, "/")
	return version
}

// isProduct reports whether it is a name with a version that begins with a digit.
func (w word) isProduct() bool {
	v := w.version()
	return w.name() != "" && v != "" && v[0] >= '0' && v[0] <= '9' && !strings.Contains(v, "/")
}

// plain is the word as people read it. The name of a browser that stands where
// no browser puts it keeps its slash: it is not taken for one.
func (w word) plain() string {
	if w.isProduct() && !isBrowser(w.name()) {
		return w.name() + " " + w.version()
	}
	return w.text
}

// split takes an agent apart; false where it is not written as agents are:
// products apart by one blank, comments in parentheses that do not nest.
func split(raw string) ([]word, bool) {
	if raw == "" || len(raw) > maxBytes {
		return nil, false
	}
	for i := range len(raw) {
		if raw[i] < ' ' || raw[i] > '~' {
			return nil, false
		}
	}
	var words []word
	for rest := raw; rest != ""; {
		var ok bool
		if rest[0] == '(' {
			words, rest, ok = comment(words, rest[1:])
		} else {
			words, rest, ok = product(words, rest)
		}
		if !ok {
			return nil, false
		}
	}
	return words, true
}

// comment takes the items up to the closing parenthesis and the blank after it.
func comment(words []word, rest string) ([]word, string, bool) {
	inner, rest, closed := strings.Cut(rest, ")")
	if !closed || strings.Contains(inner, "(") {
		return nil, "", false
	}
	for item := range strings.SplitSeq(inner, ";") {
		if item = strings.TrimSpace(item); item == "" {
			return nil, "", false
		}
		words = append(words, word{item, true})
	}
	return after(words, rest)
}

// product takes the text up to the next blank.
func product(words []word, rest string) ([]word, string, bool) {
	end := strings.IndexByte(rest, ' ')
	if end < 0 {
		end = len(rest)
	}
	text := rest[:end]
	if text == "" || strings.ContainsAny(text, `()"`) {
		return nil, "", false
	}
	return after(append(words, word{text, false}), rest[end:])
}

// after drops the blank between two words; false where something else follows.
func after(words []word, rest string) ([]word, string, bool) {
	switch {
	case rest == "":
		return words, "", true
	case rest[0] != ' ' || len(rest) == 1:
		return nil, "", false
	}
	return words, rest[1:], true
}
