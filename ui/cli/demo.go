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
	Received func(to string, token model.Token) // called with each captured letter that holds a link
}

// DemoSession is a throw-away database whose letters are captured.
type DemoSession struct {
	*Session
	Console func(ctx context.Context) error // shows the console on it
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
		Path: filepath.Join(dir, "demo.db"), Config: conf, Act: a.act(conf), Received: people.received})
	if err != nil {
		return startError{err}
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if a.isPlain() {
		o := OpenOptions{Config: conf, Path: "of the demo", Act: a.act(conf)}
		s.Console = func(ctx context.Context) error { return a.converse(ctx, cmd, s.Session, o) }
	}
	return a.playDemo(ctx, cancel, d, s, people)
}

// playDemo fills the database and shows it, live where somebody is looking.
func (a *app) playDemo(ctx context.Context, stop func(), d demo, s *DemoSession, people *people) error {
	now := a.Now().UTC()
	service := traffic.New(traffic.Options{Seed: d.seed, Accounts: d.accounts, Resets: d.resets, End: now, Quiet: d.quiet})
	staff := model.Act{Operator: "demo", Role: model.Admin, Origin: a.Origin, Reason: "made-up service"}
	if _, err := s.Store.ImportAccounts(ctx, staff, service.Accounts(), model.ImportOptions{}); err != nil {
		return err
	}
	watched := a.Terminal("stdin") && a.Terminal("stdout")
	recent := time.Time{}
	if watched {
		recent = now.Add(-firstLook)
	}
	if err := importBetween(ctx, s.Store, staff, service, recent, now); err != nil {
		return err
	}
	if err := staffAtWork(ctx, s.Store, staff); err != nil {
		return err
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
	for _, do := range []func(){
		func() { people.note(ctx, courier.Run(ctx)) },
		func() { people.note(ctx, importBetween(ctx, s.Store, staff, service, time.Time{}, recent)) },
		func() { people.play(ctx, s.Store, service.Live(now)) },
	} {
		work.Go(func() {
			defer a.Catch()
			do()
		})
	}
	err = s.Console(ctx)
	stop()
	work.Wait()
	return err
}

// firstLook is how much of the past is there when the console opens; the rest
// follows while it is being looked at.
const firstLook = 26 * time.Hour

// importBetween imports the resets that were asked for from one moment on and
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

// staffAtWork lets the staff of the made-up service do a little of everything, so
// that the audit log and the outbox have something to show.
func staffAtWork(ctx context.Context, store Store, act model.Act) error {
	page, err := store.ListAccounts(ctx, model.AccountFilter{Sort: model.ByAccountCreated, Paging: model.Paging{Limit: 4}})
	if err != nil {
		return err
	}
	for i, account := range page.Items {
		act.Operator, act.Reason = "sam", "called the help desk"
		switch i {
		case 0, 1:
			_, err = store.Issue(ctx, act, model.IssueOrder{AccountID: account.ID})
		case 2:
			act.Operator, act.Reason = "robin", "owner reports a strange mail"
			_, err = store.Hold(ctx, act, account.ID)
		default:
			var issued model.Issued
			if issued, err = store.Issue(ctx, act, model.IssueOrder{AccountID: account.ID}); err == nil {
				act.Reason = "wrong person"
				_, err = store.Revoke(ctx, act, model.RevokeOrder{IDs: []model.ResetID{issued.Reset.ID}})
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// linkDelay is the least time between a letter and its link being followed.
const linkDelay = 2 * time.Second
