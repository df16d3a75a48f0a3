package term

import (
	"time"
	"unicode/utf8"
)

// keyboard turns what a terminal sends into what the event loop can read: it
// keeps the parts of a sequence together and swallows the answers to questions
// that no one waits for any more.
type keyboard struct {
	pend     []byte    // the start of a sequence whose end has not come
	skip     bool      // inside a reply that is being swallowed
	skipTill time.Time // when a reply without an end is given up
}

const (
	// joinWait is how long the end of a sequence may follow its start. A person
	// cannot press escape and another key within it.
	joinWait = 25 * time.Millisecond
	// skipWait is how long the rest of a swallowed reply may take.
	skipWait = 500 * time.Millisecond
	// maxReply bounds a reply; what is longer is none.
	maxReply = 4096
)

// feed adds what was read and returns what can be passed on. What remains in
// pend waits for its end.
func (k *keyboard) feed(b []byte, now time.Time) []byte {
	k.pend = append(k.pend, b...)
	var out []byte
	for len(k.pend) > 0 {
		if k.skip {
			if !k.skipped(now) {
				return out
			}
			continue
		}
		n, drop, whole := next(k.pend)
		if !whole {
			return out
		}
		if !drop {
			out = append(out, k.pend[:n]...)
		}
		k.pend = k.pend[n:]
	}
	return out
}

// skipped drops the rest of a reply; false when its end has not come.
func (k *keyboard) skipped(now time.Time) bool {
	if now.After(k.skipTill) {
		k.skip = false
		return true
	}
	for i, c := range k.pend {
		if c == '\a' || c == '\\' && i > 0 && k.pend[i-1] == '\x1b' {
			k.pend, k.skip = k.pend[i+1:], false
			return true
		}
	}
	if n := len(k.pend); n > 0 && k.pend[n-1] == '\x1b' {
		k.pend = k.pend[n-1:]
	} else {
		k.pend = k.pend[:0]
	}
	return false
}

// flush gives up waiting. The start of a reply is dropped, and its rest will be
// too; anything else was a key after all.
func (k *keyboard) flush(now time.Time) []byte {
	p := k.pend
	k.pend = nil
	if k.skip || len(p) > 2 && isString(p) {
		k.skip, k.skipTill = true, now.Add(skipWait)
		return nil
	}
	return p
}

// isString reports whether b starts an OSC, DCS, APC or PM: all of them end in ST.
func isString(b []byte) bool {
	return len(b) > 1 && b[0] == '\x1b' && (b[1] == ']' || b[1] == 'P' || b[1] == '_' || b[1] == '^')
}

// next measures the first thing in b: a sequence, or one character. drop tells
// that it is a reply, whole is false when its end is missing.
func next(b []byte) (n int, drop, whole bool) {
	if b[0] != '\x1b' {
		_, n := utf8.DecodeRune(b)
		return n, false, utf8.FullRune(b)
	}
	switch {
	case len(b) == 1:
		return 0, false, false
	case isString(b):
		return nextString(b)
	case b[1] == '[':
		return nextCSI(b)
	case b[1] == 'O':
		return 3, false, len(b) >= 3
	case b[1] == '\x1b':
		return 1, false, true
	}
	_, n = utf8.DecodeRune(b[1:])
	return n + 1, false, utf8.FullRune(b[1:])
}

func nextString(b []byte) (n int, drop, whole bool) {
	for i := 2; i < len(b); i++ {
		if b[i] == '\a' || b[i] == '\\' && b[i-1] == '\x1b' {
			return i + 1, true, true
		}
		if i > maxReply || b[i] < 0x08 {
			return 2, false, true
		}
	}
	return 0, true, false
}

// nextCSI measures ESC [ …: parameters, intermediates, one final byte (ECMA-48
// §5.4). Three replies look like it: device attributes and modes, which start
// with "?", and the place of the cursor.
func nextCSI(b []byte) (n int, drop, whole bool) {
	if len(b) > 2 && b[2] == 'M' {
		return 6, false, len(b) >= 6 // an X10 mouse report: three bytes follow
	}
	for i := 2; i < len(b); i++ {
		switch c := b[i]; {
		case c >= 0x20 && c <= 0x3f:
		case c == '[' && i == 2: // function keys of the Linux console
		case c >= 0x40 && c <= 0x7e:
			reply := b[2] == '?' || b[2] == '>' && c == 'c' || c == 'R' && i > 3 && b[2] != '1'
			return i + 1, reply, true
		default:
			return i, false, true
		}
	}
	return 0, false, false
}
