// Package bench measures the whole of Doorman on a database of any size, beside
// other programs that do the same work in the same run: the real program on a
// real terminal, the store as the pages use it, the engine alone.
package bench

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"slices"
	"time"

	"doorman/model"
	"doorman/model/detect"
)

// Line is one measurement. Figures are of Unit; a peer that is not there or does
// not do such work has none.
type Line struct {
	Part   string // of the benchmark
	Name   string // of the operation
	Unit   string
	Median float64
	P99    float64 // 0: not measured
	Peer   string  // what did the same work, "" for none
	Beside float64 // the peer's figure, of the same unit
	Limit  string  // what is requested, "" for nothing
	Note   string
}

// Lists reads pages of resets and accounts.
type Lists interface {
	ListResets(context.Context, model.ResetFilter) (model.Page[model.Reset], error)
	ListAccounts(context.Context, model.AccountFilter) (model.Page[model.AccountRow], error)
}

// Watch finds clusters and lets people request resets.
type Watch interface {
	Clusters(context.Context, model.ClusterFilter) ([]detect.Cluster, error)
	Request(context.Context, model.Act, model.RequestOrder) error
	Poll(context.Context) (changed bool, err error)
}

// Intake is what an import needs.
type Intake interface {
	ImportAccounts(context.Context, model.Act, iter.Seq2[model.AccountInput, error], model.ImportOptions) (model.ImportReport, error)
	ImportResets(context.Context, model.Act, iter.Seq2[model.ResetInput, error], model.ImportOptions) (model.ImportReport, error)
	Close() error
}

// Store is an open database.
type Store interface {
	Lists
	Watch
	Intake
}

// Options says what to measure and with what.
type Options struct {
	Path    string   // the database; it is written to
	Program string   // Doorman's own binary
	Env     []string // of the program on the terminal: its key, its home
	Parts   []string // the names of the parts to run, all when empty
	Seed    uint64   // of what is drawn
	// Open opens a database at a given time; create makes it.
	Open func(ctx context.Context, path string, now func() time.Time, create bool) (Store, error)
	Say  func(format string, args ...any) // tells what is under way
}

// run is a benchmark under way.
type run struct {
	Options
	ctx    context.Context
	end    time.Time // when the newest reset was requested
	judged time.Time // when the clusters were kept, if that was later
	dir    string    // for what the parts leave behind
	report func(Line)
}

// part is a group of measurements that can be requested alone.
type part struct {
	name string
	run  func(*run) error
}

func parts() []part {
	return []part{
		{"start", (*run).first}, {"browse", (*run).browse}, {"idle", (*run).idle}, {"lists", (*run).lists}, {"clusters", (*run).clusters},
		{"engine", (*run).engine}, {"rivals", (*run).rivals}, {"import", (*run).intake},
	}
}

// Parts returns the names of the parts, in their order.
func Parts() []string {
	var names []string
	for _, p := range parts() {
		names = append(names, p.name)
	}
	return names
}

// Run measures and hands out each line as it is known.
func Run(ctx context.Context, o Options, report func(Line)) error {
	for _, name := range o.Parts {
		if !slices.Contains(Parts(), name) {
			return &model.Error{Kind: model.Invalid, Field: "parts", Text: "there is no part " + model.Quote(name)}
		}
	}
	dir, err := os.MkdirTemp("", "doorman-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	r := &run{Options: o, ctx: ctx, dir: dir, report: report}
	if err := r.findEnd(); err != nil {
		return err
	}
	for _, p := range parts() {
		if len(o.Parts) > 0 && !slices.Contains(o.Parts, p.name) {
			continue
		}
		o.Say("%s …", p.name)
		if err := p.run(r); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}

// open opens the database as if the newest reset had just been requested.
func (r *run) open() (Store, error) {
	now := r.end
	if r.judged.After(now) {
		now = r.judged
	}
	return r.Open(r.ctx, r.Path, func() time.Time { return now.Add(time.Second) }, false)
}

// findEnd requests the newest reset.
func (r *run) findEnd() error {
	s, err := r.Open(r.ctx, r.Path, time.Now, false)
	if err != nil {
		return err
	}
	defer s.Close()
	p, err := s.ListResets(r.ctx, model.ResetFilter{Paging: model.Paging{Limit: 1}})
	if err != nil {
		return err
	}
	if len(p.Items) == 0 {
		return errors.New("there is no reset in the database")
	}
	r.end = p.Items[0].Created
	// What was judged later than that is not judged again, as long as time goes on.
	if info, err := os.Stat(r.Path + ".clusters"); err == nil && info.ModTime().After(r.end) {
		r.judged = info.ModTime()
	}
	if age := time.Since(r.end); age > time.Hour {
		r.Say("the newest reset is %s old: what the console shows of the last hours is less than in a fresh database", age.Round(time.Minute))
	}
	return nil
}

// find returns where a program is, "" when it is not installed.
func find(name string) string {
	path, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	return path
}
