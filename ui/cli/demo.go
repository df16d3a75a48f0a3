package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/model/config"
	"doorman/model/traffic"
)

// DemoOptions is what the demo asks of its host.
type DemoOptions struct {
	Path     string // of the throw-away database
	Config   config.Loaded
	Act      model.Act
	Received func(to string, token model.Token) // called with each captured email that holds a link
	Fault    func(to string) string             // how the relay treats emails to an address: "550", "451" or ""
}

// DemoSession is a throw-away database whose letters are captured.
type DemoSession struct {
	*Session
	// Console shows the console on it; making says what is still made up, "" at last.
	Console func(ctx context.Context, making func() string) error
}

// demo is the flags of the command.
type demo struct {
	seed     uint64
	accounts int
	resets   int
	quiet    bool
}

func (a *app) demoCommand() *cobra.Command {
	var d demo
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Try Doorman on a throw-away service with live traffic",
		Long: `Make up a service with password resets of the last 14 days, a few attacks
among them, and open the console on it while live requests arrive. Emails go
to a capture server inside the program and can be read in the Outbox; nothing
leaves this machine. The database is removed at the end.

Not on a terminal it prints a triage report instead.`,
		Example: `  doorman demo
  doorman demo --quiet-traffic
  doorman demo --accounts 200000 --resets 1000000
  doorman demo > report.txt`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runDemo(cmd, d) },
	}
	f := cmd.Flags()
	f.Uint64Var(&d.seed, "seed", 1, "`N` that the service is made from: the same seed, the same service")
	f.IntVar(&d.accounts, "accounts", 20_000, "make up `N` accounts")
	f.IntVar(&d.resets, "resets", 100_000, "make up `N` resets")
	f.BoolVar(&d.quiet, "quiet-traffic", false, "no attack in the live traffic")
	return cmd
}

// Bounds of a made-up service: what is made up is held in memory.
const (
	minDemoAccounts, maxDemoAccounts = 100, 1_000_000
	minDemoResets, maxDemoResets     = 100, 5_000_000
)

func (d demo) check() error {
	bad := func(flag, text string) error {
		return &model.Error{Kind: model.Invalid, Field: flag, Text: text}
	}
	switch {
	case d.accounts < minDemoAccounts || d.accounts > maxDemoAccounts:
		return bad("accounts", "a demo has 100 to 1000000 accounts")
	case d.resets < minDemoResets || d.resets > maxDemoResets:
		return bad("resets", "a demo has 100 to 5000000 resets")
	}
	return nil
}

func (a *app) runDemo(cmd *cobra.Command, d demo) (err error) {
	if err := d.check(); err != nil {
		return err
	}
	if a.Demo == nil {
		return unavailable("the demo")
	}
	conf, err := a.settings(cmd)
	if err != nil {
		return startError{err}
	}
	dir, err := os.MkdirTemp("", "doorman-demo-")
	if err != nil {
		return startError{fileError(os.TempDir(), err)}
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	ctx, cancel := context.WithCancel(cmd.Context())
	defer cancel()
	people := newPeople(a.Log, a.Catch)
	s, err := a.Demo(ctx, DemoOptions{
		Path: filepath.Join(dir, "demo.db"), Config: conf, Act: a.act(conf), Received: people.received, Fault: people.fault})
	if err != nil {
		return startError{err}
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if a.isPlain() {
		o := OpenOptions{Config: conf, Path: "of the demo", Act: a.act(conf)}
		s.Console = func(ctx context.Context, _ func() string) error { return a.converse(ctx, cmd, s.Session, o) }
	}
	return a.playDemo(ctx, cancel, d, s, people)
}

// playDemo fills the database and shows it, live where someone is looking.
func (a *app) playDemo(ctx context.Context, stop func(), d demo, s *DemoSession, people *people) error {
	now := a.Now().UTC()
	staff := model.Act{Operator: "demo", Role: model.Admin, Origin: a.Origin, Reason: "made-up service"}
	m := &making{store: s.Store, staff: staff, people: people, now: now}
	watched := a.Terminal("stdin") && a.Terminal("stdout")
	recent := time.Time{}
	if watched {
		recent = now.Add(-firstLook)
	}
	begin := func() error { return m.begin(ctx, d, recent) }
	if !watched || a.isPlain() { // read from top to bottom: it has to be there
		if err := begin(); err != nil {
			return err
		}
		begin = func() error { return nil }
	}
	courier, err := s.Courier()
	if err != nil {
		return err
	}
	if !watched {
		if _, err := courier.Once(ctx); err != nil {
			return err
		}
		return a.triageReport(ctx, s.Store, now)
	}
	var work sync.WaitGroup
	var failed error
	work.Go(func() {
		defer a.Catch()
		if failed = begin(); failed != nil {
			stop()
			return
		}
		work.Go(func() { defer a.Catch(); people.note(ctx, courier.Run(ctx)) })
		work.Go(func() {
			defer a.Catch()
			people.note(ctx, importBetween(ctx, s.Store, staff, m.service, time.Time{}, recent))
		})
		work.Go(func() { defer a.Catch(); people.play(ctx, s.Store, m.service.Live(now)) })
	})
	err = s.Console(ctx, m.progress)
	quit := ctx.Err() == nil
	stop()
	work.Wait()
	if quit {
		failed = nil // it was interrupted by the end
	}
	return errors.Join(err, failed)
}

// firstLook is how much of the past is there when the console opens; the rest
// follows while it is being looked at.
const firstLook = 26 * time.Hour

// importBetween imports the resets that were requested from one moment on and
// before another.
func importBetween(ctx context.Context, store exchange, act model.Act, service *traffic.Service, from, to time.Time) error {
	part := func(yield func(model.ResetInput, error) bool) {
		for r, err := range service.Resets() {
			if err == nil && (r.Created.Before(from) || !r.Created.Before(to)) {
				continue
			}
			if !yield(r, err) {
				return
			}
		}
	}
	_, err := store.ImportResets(ctx, act, part, model.ImportOptions{})
	return err
}

// linkDelay is the least time between a letter and its link being followed.
const linkDelay = 2 * time.Second
