package store

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

const (
	// lookupPause is how long the same lookup is not noted again: a list that
	// follows changes reads it every second.
	lookupPause = 10 * time.Minute
	// searchPause is how long a search that is being typed may go on before it is
	// noted as it stands.
	searchPause = 2 * time.Second
	// maxNoted bounds what is remembered of lookups.
	maxNoted = 10_000
)

// lookups remembers what was noted in the log, so that it is noted once, and the
// search that someone is typing. The zero value notes nothing.
type lookups struct {
	mu     sync.Mutex
	noted  map[string]time.Time
	typing string
	timer  *time.Timer
	now    func() time.Time
	note   func(ctx context.Context, subject string) error
	fault  error // of a note that no one waited for
}

// startLookups lets lookups be noted from here on.
func (s *Store) startLookups() {
	if !s.o.Lookups || s.w == nil {
		return
	}
	s.lookups.noted, s.lookups.now = map[string]time.Time{}, s.now
	s.lookups.note = func(ctx context.Context, subject string) error {
		return s.write(ctx, "log lookup", func(tx *gorm.DB, now time.Time) error {
			return s.audit(tx, now, s.o.Act, model.AuditEntry{Verb: model.VerbLookup, Subject: subject})
		})
	}
}

// lookedUp notes that the operator of this session looks at a subject. What
// cannot be noted is not shown: the caller passes the error on.
func (s *Store) lookedUp(ctx context.Context, subject string) error {
	l := &s.lookups
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.note == nil || subject == "" {
		return nil
	}
	return errors.Join(l.said(), l.settle(ctx), l.put(ctx, subject))
}

// searched is lookedUp for a search that may still be typed: only what it comes
// to is noted.
func (s *Store) searched(ctx context.Context, what string) error {
	l := &s.lookups
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.note == nil || what == "":
		return nil
	case strings.HasPrefix(l.typing, what):
		return l.said()
	case !strings.HasPrefix(what, l.typing):
		if err := l.settle(ctx); err != nil {
			return err
		}
	}
	l.typing = what
	if l.timer != nil {
		l.timer.Stop()
	}
	l.timer = time.AfterFunc(searchPause, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if err := l.settle(context.Background()); err != nil {
			l.fault = err
		}
	})
	return l.said()
}

// said returns, once, what went wrong while no one waited.
func (l *lookups) said() error {
	err := l.fault
	l.fault = nil
	return err
}

// settle notes the search that was being typed.
func (l *lookups) settle(ctx context.Context) error {
	what := l.typing
	l.typing = ""
	if what == "" || l.note == nil {
		return nil
	}
	return l.put(ctx, what)
}

// put notes a subject unless that was done of late.
func (l *lookups) put(ctx context.Context, subject string) error {
	now := l.now()
	if at, ok := l.noted[subject]; ok && now.Sub(at) < lookupPause {
		return nil
	}
	if err := l.note(ctx, subject); err != nil {
		return err
	}
	if len(l.noted) >= maxNoted {
		clear(l.noted)
	}
	l.noted[subject] = now
	return nil
}

// close notes what is still to be noted.
func (l *lookups) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.timer != nil {
		l.timer.Stop()
	}
	if l.note == nil {
		return nil
	}
	err := errors.Join(l.said(), l.settle(context.Background()))
	l.note = nil
	return err
}

// lookedAt notes what a filter of resets looks at.
func (s *Store) lookedAt(ctx context.Context, f model.ResetFilter) error {
	subject, search := lookupOf(f)
	if search != "" {
		return s.searched(ctx, search)
	}
	return s.lookedUp(ctx, subject)
}

// lookupOf words which person or address a filter of resets looks at; "" when it
// names neither. A search may still be typed.
func lookupOf(f model.ResetFilter) (subject, search string) {
	switch {
	case f.AccountID != "":
		return "account " + f.AccountID, ""
	case f.IP.IsValid():
		return networkWords(f.IP), ""
	case f.Query != "":
		return "", "search " + f.Query
	}
	return "", ""
}

func networkWords(p netip.Prefix) string {
	if p.IsSingleIP() {
		return "address " + p.Addr().String()
	}
	return "network " + p.String()
}
