//go:build e2e

package store

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	shell "os/exec"
	"path/filepath"
	"testing"
	"time"

	"doorman/model"
)

// BenchmarkImportAgainstShell imports the same million rows into the same table
// with the same indexes, once by ImportResets and once by .import of the sqlite3
// program, one right after the other. Every row is used and none is in a batch,
// for .import has no way to write NULL and would fill the partial indexes.
func BenchmarkImportAgainstShell(b *testing.B) {
	const accounts, resets = 100_000, 1_000_000
	for b.Loop() {
		dir := b.TempDir()
		ours, theirs, csv := filepath.Join(dir, "ours.db"), filepath.Join(dir, "theirs.db"), filepath.Join(dir, "resets.csv")
		all := usedResets(resets, accounts)
		writeRows(b, csv, all)
		seed(b, ours, accounts)
		data, err := os.ReadFile(ours)
		if err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(theirs, data, 0o600); err != nil {
			b.Fatal(err)
		}

		begin := time.Now()
		cmd := shell.Command("sqlite3", theirs, ".mode csv", `.import "`+csv+`" PasswordReset`)
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			b.Fatal(err, string(out[:min(len(out), 300)]))
		}
		shellTime := time.Since(begin)
		shellCPU := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		before := cpuTime(b)

		s := openAt(b, ours, newClock())
		begin = time.Now()
		marks := []time.Time{begin}
		o := model.ImportOptions{Progress: func(n int) {
			if n == 100_000*len(marks) {
				marks = append(marks, time.Now())
			}
		}}
		if _, err := s.ImportResets(b.Context(), operator(), resetsOf(all...), o); err != nil {
			b.Fatal(err)
		}
		ourTime := time.Since(begin)
		last := len(marks) - 1
		b.ReportMetric(shellCPU.Seconds()/(cpuTime(b)-before).Seconds(), "cpu-of-shell")
		b.ReportMetric(resets/ourTime.Seconds(), "rows/s")
		b.ReportMetric(resets/shellTime.Seconds(), "shell-rows/s")
		b.ReportMetric(shellTime.Seconds()/ourTime.Seconds(), "of-shell")
		b.ReportMetric(marks[last].Sub(marks[last-1]).Seconds()/marks[1].Sub(begin).Seconds(), "last/first")
		b.ReportMetric(time.Since(marks[last]).Seconds(), "index-s")
		_ = s.Close()
	}
}

func seed(b *testing.B, path string, accounts int) {
	b.Helper()
	s := openAt(b, path, newClock())
	if _, err := s.ImportAccounts(b.Context(), operator(), people(accounts), model.ImportOptions{}); err != nil {
		b.Fatal(err)
	}
	exec(b, s, "DROP INDEX doorman_reset_batch")
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}

func usedResets(n, accounts int) []model.ResetInput {
	var all []model.ResetInput
	for in := range traffic(n, accounts) {
		in.Used, in.UsedIP = in.Created.Add(time.Minute), in.IP
		all = append(all, in)
	}
	return all
}

// writeRows writes the table as .import reads it, a column of the table each.
func writeRows(b *testing.B, path string, all []model.ResetInput) {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	for _, in := range all {
		stamp := func(t time.Time) string { return t.Format(stampLayout) }
		fmt.Fprintf(w, "%s,%s,%s,1,%s,%s,%s,%s,%s,\"%s\",,,,,,,,\n", in.ID, stamp(in.Created), stamp(in.Used), in.UsedIP, in.AccountID,
			stamp(in.Expires), in.IP, hex.EncodeToString(keyOf(in.IP))[16:], in.Agent)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
}
