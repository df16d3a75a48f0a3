package ui

import (
	"slices"
	"time"

	"doorman/ui/page"
)

// notice is a line that the shell shows for a while, above the footer.
type notice struct {
	text  string
	warn  bool
	until time.Time
	once  bool // it is about the last key: the next one drops it
}

// Notices stay long enough to be read at night; the newest is shown.
const (
	noticeTime  = 8 * time.Second
	problemTime = 20 * time.Second
)

func (s *shell) notify(text string, warn bool) {
	d := noticeTime
	if warn {
		d = problemTime
	}
	s.notices = append(s.notices[:0], notice{text: text, warn: warn, until: time.Now().Add(d)})
}

// refuse says why a key does nothing, until the next key.
func (s *shell) refuse(text string) {
	s.notify(text, true)
	s.notices[0].once = true
}

// forgetRefusal drops what was said about the key before.
func (s *shell) forgetRefusal() {
	s.notices = slices.DeleteFunc(s.notices, func(n notice) bool { return n.once })
}

// failed shows an error as the person should read it, after what was done before
// it, and logs the rest.
func (s *shell) failed(done string, err error) {
	text, hint := page.Problem(err)
	if done != "" {
		text = done + ", then: " + text
	}
	if hint != "" {
		text += " — " + hint
	}
	s.notify(text, true)
	if s.o.Log != nil {
		s.o.Log.Error("console", "err", err)
	}
}

// fade drops the notices that have been up long enough.
func (s *shell) fade(now time.Time) {
	keep := s.notices[:0]
	for _, n := range s.notices {
		if n.until.After(now) {
			keep = append(keep, n)
		}
	}
	s.notices = keep
}
