package detect_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"testing"
	"time"

	"doorman/model/detect"
)

var write = flag.Bool("write", false, "make testdata/week anew")

// row is one reset as `doorman import resets` reads it.
type row struct {
	ID      string     `json:"id"`
	Created time.Time  `json:"created"`
	Account string     `json:"account"`
	Email   string     `json:"email"`
	IP      string     `json:"ip"`
	Agent   string     `json:"user_agent"`
	Used    *time.Time `json:"used"`
	UsedIP  *string    `json:"used_ip"`
}

// owner is one account as `doorman import accounts` reads it.
type owner struct {
	ID    string `json:"id"`
	Email string `json:"email"`
}

func writeLines[T any](t *testing.T, name string, items []T) {
	t.Helper()
	f, err := os.Create(filepath.Join("testdata", "week", name))
	if err != nil {
		t.Fatal(err)
	}
	z, _ := gzip.NewWriterLevel(f, gzip.BestCompression)
	enc := json.NewEncoder(z)
	for _, x := range items {
		if err := enc.Encode(x); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func readLines[T any](t *testing.T, name string) []T {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "week", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var items []T
	for s := bufio.NewScanner(z); s.Scan(); {
		var x T
		if err := json.Unmarshal(s.Bytes(), &x); err != nil {
			t.Fatal(err)
		}
		items = append(items, x)
	}
	return items
}

// writeWeek makes the labelled trace: a week with every family of attack and
// the crowds that look like them.
func writeWeek(t *testing.T) {
	w := small(2026)
	events := w.finish()
	owners := map[string]string{}
	var rows []row
	for _, e := range events {
		r := row{ID: e.ID, Created: e.Created, Account: e.Account, Email: e.Email, IP: e.IP.String(), Agent: e.Agent}
		if !e.Used.IsZero() {
			ip := e.UsedIP.String()
			r.Used, r.UsedIP = &e.Used, &ip
		}
		owners[e.Account] = e.Email
		rows = append(rows, r)
	}
	var all []owner
	for id, mail := range owners {
		all = append(all, owner{id, mail})
	}
	slices.SortFunc(all, func(a, b owner) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	if err := os.MkdirAll(filepath.Join("testdata", "week"), 0o755); err != nil {
		t.Fatal(err)
	}
	writeLines(t, "accounts.jsonl.gz", all)
	writeLines(t, "events.jsonl.gz", rows)
	writeLines(t, "attacks.jsonl.gz", w.attacks)
}

func readWeek(t *testing.T) *world {
	var mails []string
	for _, o := range readLines[owner](t, "accounts.jsonl.gz") {
		mails = append(mails, o.Email)
	}
	slices.Sort(mails)
	w := &world{attacks: readLines[attack](t, "attacks.jsonl.gz")}
	for _, r := range readLines[row](t, "events.jsonl.gz") {
		rank := sort.SearchStrings(mails, r.Email)
		e := detect.Event{ID: r.ID, Created: r.Created, Account: r.Account, Email: r.Email, IP: netip.MustParseAddr(r.IP), Agent: r.Agent,
			Place: place(rank, len(mails))}
		if r.Used != nil {
			e.Used, e.UsedIP = *r.Used, netip.MustParseAddr(*r.UsedIP)
		}
		w.events = append(w.events, e)
	}
	return w
}

// TestWeek is the floor below which the engine may not fall.
func TestWeek(t *testing.T) {
	if *write {
		writeWeek(t)
	}
	w := readWeek(t)
	cs := replay(detect.Config{Withdrawn: true}, w.events)
	g := judge(w, cs)
	t.Logf("%+v in %d clusters", g, len(cs))
	if g.precision < 0.92 || g.recall < 0.92 || g.false_ > 1 || g.named < 0.9 {
		t.Errorf("%+v", g)
	}
	if d := delay(w, cs); d > 2*time.Hour {
		t.Errorf("half of the attacks were seen only after %v", d)
	}
}

// delay is the median time from the first request of an attack to its cluster.
func delay(w *world, cs []detect.Cluster) time.Duration {
	at := map[string]time.Time{}
	for _, e := range w.events {
		at[e.ID] = e.Created
	}
	var ds []time.Duration
	for _, a := range w.attacks {
		first := time.Time{}
		for _, c := range cs {
			if slices.Contains(a.IDs, c.EventIDs[0]) && (first.IsZero() || c.Flagged.Before(first)) {
				first = c.Flagged
			}
		}
		if !first.IsZero() {
			ds = append(ds, first.Sub(at[a.IDs[0]]))
		}
	}
	slices.Sort(ds)
	return ds[len(ds)/2]
}

// TestSignals shows what each signal is worth: without it, something planted is
// missed, or something harmless is raised.
func TestSignals(t *testing.T) {
	w := readWeek(t)
	for name, s := range map[string]detect.Signal{
		"unfinished": detect.NoUnfinished, "widths": detect.NoWidths, "agents": detect.NoAgents, "accounts": detect.NoAccounts, "places": detect.NoPlaces,
		"uses": detect.NoUses, "doubts": detect.NoDoubts, "slow": detect.NoSlow,
	} {
		g := judge(w, replay(detect.Config{Withdrawn: true, Without: s}, w.events))
		t.Logf("without %s: %+v", name, g)
		if g.recall > 0.99 && g.false_ == 0 {
			t.Errorf("nothing is worse without %s", name)
		}
	}
}
