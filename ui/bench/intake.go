package bench

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"doorman/model"
	"doorman/model/traffic"
	"doorman/model/transfer"
)

// intakeRows is how many resets are imported into an empty table.
const intakeRows = 1_000_000

// unfair are the indexes that both sides go without: .import has no NULL, so it
// would fill them with every row where Doorman puts none or few.
const unfair = `DROP INDEX doorman_reset_used; DROP INDEX doorman_reset_revoked; DROP INDEX doorman_reset_superseded;
DROP INDEX doorman_reset_batch; DROP INDEX doorman_reset_long;`

// intake measures the import of a file of resets beside .import of the sqlite3
// program: copies of one database, so the same table with the same indexes, no
// trigger on it, the same size of cache; reading the file and building the
// indexes are part of both.
func (r *run) intake() error {
	b := traffic.NewBulk(traffic.Options{Seed: r.Seed, Accounts: intakeRows / 10, Resets: intakeRows, End: r.end})
	path, theirs, csv := filepath.Join(r.dir, "import.db"), filepath.Join(r.dir, "peer.db"), filepath.Join(r.dir, "resets.csv")
	if err := r.withAccounts(b, path); err != nil {
		return err
	}
	q := sqlite{r.ctx, find("sqlite3"), path}
	if q.path != "" {
		if _, err := script(r.ctx, unfair+" PRAGMA wal_checkpoint(TRUNCATE);", q.path, path); err != nil {
			return err
		}
		if err := copyFile(path, theirs); err != nil {
			return err
		}
	}
	if err := writeFile(csv, b.Resets(), writeInput); err != nil {
		return err
	}
	clock, cpu, marks, err := r.importFile(path, csv)
	if err != nil {
		return err
	}
	rate := Line{Part: "import", Name: fmt.Sprintf("of %d resets", intakeRows), Unit: "rows/s", Median: intakeRows / clock.Seconds(), Limit: "≥ 0.5×"}
	work := Line{Part: "import", Name: "the same, by processor time", Unit: "rows/s", Median: intakeRows / cpu.Seconds(), Limit: "≥ 0.5×"}
	if q.path != "" {
		if err := writeFile(csv, b.Resets(), writeRow); err != nil {
			return err
		}
		clock, cpu, err := spent(r.ctx, "PRAGMA cache_size=-40960;\n.import --csv "+csv+" PasswordReset\n", q.path, theirs)
		if err != nil {
			return err
		}
		rate.Peer, rate.Beside = "sqlite3 .import", intakeRows/clock.Seconds()
		work.Peer, work.Beside = "sqlite3 .import", intakeRows/cpu.Seconds()
		rate.Note = "without the partial indexes on columns that .import cannot leave NULL"
	}
	r.report(rate)
	r.report(work)
	if n := len(marks); n > 2 {
		first, last := marks[1].Sub(marks[0]), marks[n-1].Sub(marks[n-2])
		r.report(Line{Part: "import", Name: "the last tenth of the rows against the first", Unit: "×", Median: last.Seconds() / first.Seconds(), Limit: "≤ 2"})
		r.report(Line{Part: "import", Name: "of it, to build the indexes", Unit: "s", Median: (clock - marks[n-1].Sub(marks[0])).Seconds()})
	}
	return nil
}

// withAccounts makes a database with the accounts that the resets are of.
func (r *run) withAccounts(b *traffic.Bulk, path string) error {
	s, err := r.Open(r.ctx, path, time.Now, true)
	if err != nil {
		return err
	}
	_, err = s.ImportAccounts(r.ctx, intakeAct(), b.Accounts(), model.ImportOptions{})
	if e := s.Close(); err == nil {
		err = e
	}
	return err
}

func intakeAct() model.Act {
	return model.Act{Operator: "bench", Role: model.Admin, Reason: "benchmark"}
}

// importFile imports a file as the command does, and says how long it took by the
// clock and by the processor, and when each tenth of the rows was in.
func (r *run) importFile(path, csv string) (clock, cpu time.Duration, marks []time.Time, err error) {
	s, err := r.Open(r.ctx, path, time.Now, false)
	if err != nil {
		return 0, 0, nil, err
	}
	defer s.Close()
	f, err := os.Open(csv)
	if err != nil {
		return 0, 0, nil, err
	}
	defer f.Close()
	begun, before := time.Now(), ownTime()
	marks = append(marks, begun)
	o := model.ImportOptions{Progress: func(n int) {
		if n%(intakeRows/10) == 0 {
			marks = append(marks, time.Now())
		}
	}}
	_, err = s.ImportResets(r.ctx, intakeAct(), transfer.ReadResets(f, transfer.Options{Format: transfer.CSV}), o)
	return time.Since(begun), ownTime() - before, marks, err
}

// writeFile writes a line for every reset.
func writeFile(path string, resets iter.Seq2[model.ResetInput, error], line func(io.Writer, *model.ResetInput, bool)) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w, first := bufio.NewWriterSize(f, 1<<20), true
	for in, err := range resets {
		if err != nil {
			_ = f.Close()
			return err
		}
		line(w, &in, first)
		first = false
	}
	if err := w.Flush(); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// writeInput writes a reset as Doorman imports it.
func writeInput(w io.Writer, in *model.ResetInput, first bool) {
	if first {
		fmt.Fprintln(w, "id,created,account,ip,user_agent,used,used_ip,expires,revoked")
	}
	fmt.Fprintf(w, "%s,%s,%s,%s,\"%s\",%s,%s,%s,%s\n", in.ID, stamp(in.Created), in.AccountID, in.IP, in.Agent, orEmpty(in.Used), in.UsedIP,
		stamp(in.Expires), orEmpty(in.Revoked))
}

// writeRow writes it as it stands in the table: .import takes a column of the
// table for each. The key is text, for there are no bytes, but as long.
func writeRow(w io.Writer, in *model.ResetInput, _ bool) {
	ip, _ := netip.ParseAddr(in.IP)
	key := ip.As16()
	fmt.Fprintf(w, "%s,%s,%s,%d,%s,%s,%s,%s,%x,\"%s\",,%s,,,,,,\n", in.ID, stamp(in.Created), orEmpty(in.Used), flag(in), in.UsedIP, in.AccountID,
		stamp(in.Expires), in.IP, key[8:], in.Agent, orEmpty(in.Revoked))
}

// orEmpty writes a time as the database holds it, the zero time as nothing.
func orEmpty(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return stamp(t)
}

// flag is 1 for a reset that is over.
func flag(in *model.ResetInput) int {
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
