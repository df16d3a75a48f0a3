package bench

import (
	"bufio"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"doorman/model"
	"doorman/model/traffic"
)

// intakeRows is how many resets are imported into an empty database.
const intakeRows = 1_000_000

// intake measures the import of resets beside the import of the sqlite3 program
// into the same table with the same indexes.
func (r *run) intake() error {
	b := traffic.NewBulk(traffic.Options{Seed: r.Seed, Accounts: intakeRows / 10, Resets: intakeRows, End: r.end})
	path := filepath.Join(r.dir, "import.db")
	s, err := r.Open(r.ctx, path, time.Now, true)
	if err != nil {
		return err
	}
	act := model.Act{Operator: "bench", Role: model.Admin, Reason: "benchmark"}
	_, err = s.ImportAccounts(r.ctx, act, b.Accounts(), model.ImportOptions{})
	if e := s.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	empty := filepath.Join(r.dir, "peer.db")
	if err := copyFile(path, empty); err != nil {
		return err
	}
	if s, err = r.Open(r.ctx, path, time.Now, false); err != nil {
		return err
	}
	defer s.Close()
	var marks []time.Time
	begun := time.Now()
	o := model.ImportOptions{Progress: func(n int) {
		if n%(intakeRows/10) == 0 {
			marks = append(marks, time.Now())
		}
	}}
	if _, err := s.ImportResets(r.ctx, act, b.Resets(), o); err != nil {
		return err
	}
	l := Line{Part: "import", Name: fmt.Sprintf("of %d resets", intakeRows), Unit: "rows/s", Median: intakeRows / time.Since(begun).Seconds(), Limit: "≥ 0.5×"}
	if q := r.sqlite(); q.path != "" {
		d, err := r.importBeside(b, q, empty)
		if err != nil {
			return err
		}
		l.Peer, l.Beside = "sqlite3 .import", intakeRows/d.Seconds()
	}
	r.report(l)
	if n := len(marks); n > 2 {
		first, last := marks[1].Sub(marks[0]), marks[n-1].Sub(marks[n-2])
		r.report(Line{Part: "import", Name: "the last tenth against the second", Unit: "×", Median: last.Seconds() / first.Seconds(), Limit: "≤ 2"})
	}
	return nil
}

// importBeside lets the sqlite3 program import the same resets.
func (r *run) importBeside(b *traffic.Bulk, q sqlite, db string) (time.Duration, error) {
	file := filepath.Join(r.dir, "resets.csv")
	f, err := os.Create(file)
	if err != nil {
		return 0, err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	for in, err := range b.Resets() {
		if err != nil {
			return 0, err
		}
		ip, _ := netip.ParseAddr(in.IP)
		key := ip.As16()
		fmt.Fprintf(w, "%s,%s,%s,%d,%s,%s,%s,%s,%x,\"%s\",,,,,,,,\n", in.ID, stamp(in.Created), orEmpty(in.Used), flag(in), in.UsedIP, in.AccountID,
			stamp(in.Expires), in.IP, key[:], in.Agent)
	}
	if err := w.Flush(); err != nil {
		return 0, err
	}
	if err := f.Close(); err != nil {
		return 0, err
	}
	return script(r.ctx, "BEGIN;\n.import --csv "+file+" PasswordReset\nCOMMIT;\n", q.path, db)
}

// orEmpty writes a time as the database holds it, the zero time as nothing.
func orEmpty(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return stamp(t)
}

// flag is 1 for a reset that is over.
func flag(in model.ResetInput) int {
	if in.Used.IsZero() && in.Revoked.IsZero() {
		return 0
	}
	return 1
}

func copyFile(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o600)
}
