package store

import (
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestOneSenderAmongSeveralConsoles(t *testing.T) {
	c := newClock()
	path := filepath.Join(t.TempDir(), "doorman.db")
	one, two := openAt(t, path, c), openAt(t, path, c)
	take := func(s *Store, owner string, want bool) {
		t.Helper()
		got, err := s.TakeSender(t.Context(), owner, testLease)
		if err != nil || got != want {
			t.Fatal(owner, got, err)
		}
	}
	take(one, "one", true)
	take(two, "two", false)
	c.forward(testLease / 2)
	take(one, "one", true)
	c.forward(testLease / 2)
	take(two, "two", false)
	c.forward(testLease / 2)
	take(two, "two", true)
	take(one, "one", false)

	if err := one.DropSender(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	take(one, "one", false)
	if err := two.DropSender(t.Context(), "two"); err != nil {
		t.Fatal(err)
	}
	take(one, "one", true)
}

func TestSenderRaceHasOneWinner(t *testing.T) {
	c := newClock()
	path := filepath.Join(t.TempDir(), "doorman.db")
	var wg sync.WaitGroup
	var winners atomic.Int32
	for i := range 4 {
		s := openAt(t, path, c)
		wg.Go(func() {
			got, err := s.TakeSender(t.Context(), strconv.Itoa(i), time.Minute)
			if err != nil {
				t.Error(err)
			}
			if got {
				winners.Add(1)
			}
		})
	}
	wg.Wait()
	if n := winners.Load(); n != 1 {
		t.Fatal(n)
	}
}
