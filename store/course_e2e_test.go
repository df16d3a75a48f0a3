//go:build e2e

package store

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"doorman/model"
)

// application is the course's application, running with the file open.
type application struct {
	t   *testing.T
	in  io.WriteCloser
	out *bufio.Reader
}

// answer is what the application says to one command.
type answer struct {
	Ready, OK                     bool
	ID, Why, Created, Used, Error string
	WasUsed                       bool `json:"was_used"`
	IP, User                      string
}

func startApplication(t *testing.T, path, zone string) *application {
	t.Helper()
	cmd := osexec.Command("/usr/bin/python3", "testdata/course/app.py", path)
	cmd.Env = append(cmd.Environ(), "TZ="+zone)
	var words strings.Builder
	cmd.Stderr = &words
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	a := &application{t: t, in: in, out: bufio.NewReader(out)}
	t.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil || words.Len() > 0 {
			t.Errorf("the application: %v %s", err, words.String())
		}
	})
	if !a.read().Ready {
		t.Fatal("the application did not start")
	}
	return a
}

func (a *application) read() answer {
	a.t.Helper()
	line, err := a.out.ReadBytes('\n')
	var v answer
	if err == nil {
		err = json.Unmarshal(line, &v)
	}
	if err != nil || v.Error != "" {
		a.t.Fatal(string(line), err)
	}
	return v
}

// do gives one command.
func (a *application) do(words ...string) answer {
	a.t.Helper()
	line, err := json.Marshal(words)
	if err != nil {
		a.t.Fatal(err)
	}
	if _, err := a.in.Write(append(line, '\n')); err != nil {
		a.t.Fatal(err)
	}
	return a.read()
}

// moment reads a local time as the application prints it.
func moment(t *testing.T, text string, zone *time.Location) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02T15:04:05", text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

// Both have the file open, all the time, in each journal mode.
func TestBesideCourseApplication(t *testing.T) {
	for _, zone := range []string{"America/Los_Angeles", "UTC"} {
		for _, journal := range []string{"DELETE", "WAL"} {
			t.Run(zone+" "+journal, func(t *testing.T) { besideApplication(t, zone, journal) })
		}
	}
}

func besideApplication(t *testing.T, name, journal string) {
	path := filepath.Join(t.TempDir(), "course.sqlite")
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	app := startApplication(t, path, name)
	foreign(t, path, "PRAGMA journal_mode="+journal)
	ann := app.do("account", "ann@example.org").ID
	app.do("album", "before")
	early := app.do("request", "ann@example.org", "198.51.100.1")
	before := dump(t, path)

	s := openAs(t, Options{Path: path, Zone: zone, Key: testKey(), Now: time.Now})
	if dump(t, path) != before {
		t.Error("the application's other tables were touched")
	}
	ctx, act := context.Background(), model.Act{Operator: "olga", Role: model.Admin}
	find := func(id string) model.Reset {
		t.Helper()
		if _, err := s.Poll(ctx); err != nil {
			t.Fatal(err)
		}
		r, err := s.FindReset(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}

	t.Run("what it issued before", func(t *testing.T) {
		r := find(early.ID)
		if r.State(time.Now()) != model.Live || r.RequestedIP != "198.51.100.1" || r.Email != "ann@example.org" ||
			!r.Created.Equal(moment(t, early.Created, zone)) || r.Expires.Sub(r.Created) != 24*time.Hour {
			t.Errorf("%+v", r)
		}
		used := app.do("redeem", early.ID, "203.0.113.1")
		if r = find(early.ID); !used.OK || r.State(time.Now()) != model.Used || r.RequestedIP != "198.51.100.1" || r.UsedIP != "203.0.113.1" ||
			!r.Used.Equal(moment(t, used.Used, zone)) {
			t.Errorf("%+v %+v", used, r)
		}
	})
	t.Run("what it issues meanwhile", func(t *testing.T) {
		made := app.do("request", "ann@example.org", "2001:db8::7")
		if r := find(made.ID); r.State(time.Now()) != model.Live || r.RequestedIP != "2001:db8::7" {
			t.Errorf("%+v", r)
		}
		list, err := s.ListResets(ctx, model.ResetFilter{IP: must(model.ParsePrefix("2001:db8::/64"))})
		if err != nil || len(list.Items) != 1 || list.Items[0].ID.Full() != made.ID {
			t.Error(list.Items, err)
		}
		if used := app.do("redeem", made.ID, "203.0.113.2"); !used.OK {
			t.Error(used.Why)
		}
		if r := find(made.ID); r.State(time.Now()) != model.Used || r.RequestedIP != "2001:db8::7" || r.UsedIP != "203.0.113.2" {
			t.Errorf("%+v", r)
		}
	})
	t.Run("what Doorman issues it redeems", func(t *testing.T) {
		issued, err := s.Issue(ctx, act, model.IssueOrder{AccountID: ann})
		if err != nil {
			t.Fatal(err)
		}
		id := issued.Reset.ID.Full()
		seen := app.do("show", id)
		if seen.WasUsed || seen.User != ann || !moment(t, seen.Created, zone).Equal(issued.Reset.Created) {
			t.Errorf("%+v, issued at %v", seen, issued.Reset.Created)
		}
		if used := app.do("redeem", id, "203.0.113.3"); !used.OK {
			t.Error(used.Why)
		}
		if r := find(id); r.State(time.Now()) != model.Used || r.UsedIP != "203.0.113.3" || r.IssuedBy != "olga" || r.RequestedIP != "" {
			t.Errorf("%+v", r)
		}
		if again := app.do("redeem", id, "203.0.113.4"); again.OK {
			t.Error("it was redeemed twice")
		}
	})
	t.Run("what Doorman revokes it refuses", func(t *testing.T) {
		theirs := app.do("request", "ann@example.org", "192.0.2.5").ID
		ours, err := s.Issue(ctx, act, model.IssueOrder{AccountID: ann})
		if err != nil {
			t.Fatal(err)
		}
		ids := []model.ResetID{ours.Reset.ID, find(theirs).ID}
		batch, err := s.Revoke(ctx, act, model.RevokeOrder{IDs: ids})
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			if got := app.do("redeem", id.Full(), "203.0.113.5"); got.OK || got.Why != "used" {
				t.Errorf("%+v", got)
			}
			if r := find(id.Full()); r.State(time.Now()) != model.Revoked {
				t.Errorf("%+v", r)
			}
		}
		if _, err := s.Undo(ctx, act, batch.ID); err != nil {
			t.Fatal(err)
		}
		if got := app.do("redeem", theirs, "203.0.113.6"); !got.OK {
			t.Error("undone, and still refused:", got.Why)
		}
		if r := find(theirs); r.State(time.Now()) != model.Used || r.RequestedIP != "192.0.2.5" || r.UsedIP != "203.0.113.6" {
			t.Errorf("%+v", r)
		}
	})
	t.Run("what Doorman redeems it refuses", func(t *testing.T) {
		id := app.do("request", "ann@example.org", "192.0.2.6").ID
		token, err := model.ParseToken(id)
		if err != nil {
			t.Fatal(err)
		}
		if who, err := s.Redeem(ctx, act, model.RedeemOrder{Token: token, IP: "203.0.113.7"}); who != ann || err != nil {
			t.Fatal(who, err)
		}
		if got := app.do("redeem", id, "203.0.113.8"); got.OK || got.Why != "used" {
			t.Errorf("%+v", got)
		}
		if r := find(id); r.RequestedIP != "192.0.2.6" || r.UsedIP != "203.0.113.7" {
			t.Errorf("%+v", r)
		}
	})
	t.Run("a whole second", func(t *testing.T) {
		now := time.Now().In(zone).Truncate(time.Second)
		made := app.do("request", "ann@example.org", "192.0.2.7", now.Format("2006-01-02T15:04:05"))
		if r := find(made.ID); !r.Created.Equal(now) {
			t.Error(r.Created, now)
		}
		if stamp := ask(t, path, `SELECT CAST(created_date AS TEXT) FROM "PasswordReset" WHERE id = '`+made.ID+`'`); stamp != s.stamp(now) {
			t.Errorf("the application writes %q, Doorman %q", stamp, s.stamp(now))
		}
		s.now = func() time.Time { return now }
		defer func() { s.now = time.Now }()
		issued, err := s.Issue(ctx, act, model.IssueOrder{AccountID: ann})
		if err != nil {
			t.Fatal(err)
		}
		if seen := app.do("show", issued.Reset.ID.Full()); !moment(t, seen.Created, zone).Equal(now) {
			t.Error(seen.Created, now)
		}
	})
	t.Run("a day old", func(t *testing.T) {
		old := time.Now().In(zone).Add(-25 * time.Hour)
		made := app.do("request", "ann@example.org", "192.0.2.8", old.Format("2006-01-02T15:04:05.000000"))
		if got := app.do("redeem", made.ID, "203.0.113.9"); got.OK || got.Why != "old" {
			t.Errorf("%+v", got)
		}
		if r := find(made.ID); r.State(time.Now()) != model.Expired {
			t.Errorf("%+v", r)
		}
	})
	app.do("album", "after")
	checks, err := s.Check(ctx)
	for _, c := range checks {
		if !c.OK {
			t.Errorf("%+v", c)
		}
	}
	if err != nil {
		t.Error(err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
