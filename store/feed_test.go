package store

import (
	"context"
	"fmt"
	"iter"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"doorman/model"
	"doorman/model/detect"
	town "doorman/model/traffic"
)

// service is a made-up service of eight days with attacks in it, that ends at
// noon.
func service(resets int) *town.Service {
	return town.New(town.Options{Seed: 7, Accounts: 3000, Resets: resets, Span: 8 * 24 * time.Hour, End: noon()})
}

// settle writes the accounts of a service.
func settle(t testing.TB, s *Store, sv *town.Service) {
	t.Helper()
	if _, err := s.ImportAccounts(context.Background(), operator(), sv.Accounts(), model.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
}

// writeRow writes a reset as another program would: no import, no audit entry.
func writeRow(t testing.TB, s *Store, in model.ResetInput) {
	t.Helper()
	exec(t, s, `INSERT INTO "PasswordReset" (id, created_date, user_id, expires_date, requested_ip, requested_ip_key, requested_agent, was_used)
		VALUES (?, ?, ?, ?, ?, ?, ?, 0)`, in.ID, s.stamp(in.Created), in.AccountID, s.stamp(in.Expires), in.IP, keyOf(in.IP), in.Agent)
}

func useRow(t testing.TB, s *Store, in model.ResetInput) {
	t.Helper()
	exec(t, s, `UPDATE "PasswordReset" SET used_date = ?, was_used = 1, used_ip_address = ? WHERE id = ?`, s.stamp(in.Used), in.UsedIP, in.ID)
}

func clusters(t testing.TB, s *Store) []detect.Cluster {
	t.Helper()
	list, err := s.Clusters(context.Background(), model.ClusterFilter{})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// inWords is all that a list says, for comparing.
func inWords(list []detect.Cluster) string {
	text := ""
	for _, c := range list {
		text += fmt.Sprintf("%+v\n", c)
	}
	return text
}

// before yields the resets of a service up to a moment, as they were then.
func before(sv *town.Service, at time.Time) iter.Seq2[model.ResetInput, error] {
	return func(yield func(model.ResetInput, error) bool) {
		for in := range sv.Resets() {
			if !in.Created.Before(at) {
				return
			}
			if !in.Used.Before(at) {
				in.Used, in.UsedIP = time.Time{}, ""
			}
			if !yield(in, nil) {
				return
			}
		}
	}
}

// TestWatchingEqualsRestarting: the last hours come row by row, with calls in
// between; a store that opens afterwards sees the same.
func TestWatchingEqualsRestarting(t *testing.T) {
	t.Parallel()
	sv, ctx := service(6000), context.Background()
	path := filepath.Join(t.TempDir(), "doorman.db")
	c := newClock()
	split := noon().Add(-3 * time.Hour)
	c.forward(split.Sub(c.now()))
	s := openAs(t, Options{Path: path, Create: true, Key: testKey(), Now: c.now, Fast: true})
	settle(t, s, sv)
	if _, err := s.ImportResets(ctx, operator(), before(sv, split), model.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	clusters(t, s)
	engine := s.feed.course.engine
	written := 0
	for _, f := range facts(sv, split) {
		if f.at.Sub(c.now()) > 40*time.Second {
			clusters(t, s)
		}
		c.forward(f.at.Sub(c.now()))
		if f.use {
			useRow(t, s, f.in)
		} else {
			writeRow(t, s, f.in)
		}
		written++
	}
	c.forward(noon().Sub(c.now()))
	watched := clusters(t, s)
	if s.feed.course.engine != engine {
		t.Error("the engine was built anew while rows came in order")
	}
	again := openAs(t, Options{Path: path, Now: c.now})
	restarted := clusters(t, again)
	if len(watched) == 0 || written < 50 || inWords(watched) != inWords(restarted) {
		t.Errorf("%d facts; watched:\n%s\nrestarted:\n%s", written, inWords(watched), inWords(restarted))
	}
	if once := clusters(t, s); !reflect.DeepEqual(once, watched) {
		t.Error("a second look differs")
	}
	c.forward(13 * time.Hour) // the day ends, and nothing else happens
	later := clusters(t, s)
	tomorrow := openAs(t, Options{Path: path, Now: c.now})
	if inWords(later) != inWords(clusters(t, tomorrow)) || inWords(later) == inWords(watched) {
		t.Errorf("after midnight:\n%s\nrestarted:\n%s", inWords(later), inWords(clusters(t, tomorrow)))
	}
}

// fact is a reset asked for, or used.
type fact struct {
	at  time.Time
	in  model.ResetInput
	use bool
}

// facts are what happened since a moment, in order.
func facts(sv *town.Service, since time.Time) []fact {
	var list []fact
	for in := range sv.Resets() {
		if !in.Created.Before(since) {
			list = append(list, fact{at: in.Created, in: in})
		}
		if !in.Used.IsZero() && !in.Used.Before(since) {
			list = append(list, fact{at: in.Used, in: in, use: true})
		}
	}
	slices.SortStableFunc(list, func(a, b fact) int { return a.at.Compare(b.at) })
	return list
}
