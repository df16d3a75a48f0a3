// Doorman is the operator console for accounts and password resets. This file
// joins its parts: the store, the mail and the user interface never see each
// other.
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"syscall"
	"time"

	_ "doorman/ui/term/quiet" // before anything that imports Bubble Tea

	"github.com/adrg/xdg"
	"github.com/charmbracelet/lipgloss"

	"doorman/mail"
	"doorman/model"
	"doorman/model/config"
	"doorman/store"
	"doorman/store/secret"
	"doorman/ui"
	"doorman/ui/bench"
	"doorman/ui/cli"
	"doorman/ui/keep"
	"doorman/ui/page"
	"doorman/ui/term"
	"doorman/ui/theme"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	defer stop()
	p := program{host: cli.NewHost()}
	p.host.LogFile = filepath.Join(xdg.StateHome, "doorman", "doorman.log")
	p.log = slog.New(slog.NewTextHandler(&term.Log{Path: p.host.LogFile}, nil))
	p.net = &term.Crash{Dir: filepath.Dir(p.host.LogFile), Version: p.host.Version}
	p.host.Log = func(err error) { p.log.Error("unexpected", "error", err) }
	p.host.Catch = p.net.Catch
	p.host.CheckLink = func(l cli.Link) error { return page.Link(l).Check(p.host.Now) }
	p.host.Open, p.host.Console, p.host.Demo, p.host.Build = p.open, p.console, p.demo, p.build
	p.host.Bench = p.bench
	p.host.CheckSetting = mail.CheckSetting
	p.host.TestMail, p.host.CheckMail, p.host.ProbeMail, p.host.Secrets, p.host.Keys = p.testMail, p.checkMail, p.probeMail, p.secrets, keys
	return p.execute(ctx)
}

// execute runs the command line. A panic in it ends in a crash file and one
// sentence.
func (p *program) execute(ctx context.Context) int {
	status := 1
	if !p.net.Run(func() { status = cli.Execute(ctx, p.host, os.Args[1:]) }) {
		fmt.Fprintf(p.host.Stderr, "doorman: error: %v\ndoorman: hint: %s\n", p.net.Err(), ui.CrashHint)
	}
	return status
}

// endings are the signals that end the program: not those that it was started
// to ignore, as under nohup.
func endings() []os.Signal {
	return slices.DeleteFunc([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}, signal.Ignored)
}

// program is what the functions that main lends to the command line share.
type program struct {
	host cli.Host
	log  *slog.Logger
	net  *term.Crash // catches panics in goroutines beside the console
}

// desk is an open database with the parts that work on it.
type desk struct {
	store   *store.Store
	info    model.StoreInfo
	press   *mail.Press // nil: no mail is configured
	sender  *mail.Sender
	courier *mail.Courier
	off     error // why there is no press or sender
}

// openDesk opens the database and makes what its letters need. A mail section
// that is wrong is no reason not to open: it is reported where emails are due.
func (p *program) openDesk(ctx context.Context, o cli.OpenOptions, so store.Options, mc mail.Config) (*desk, error) {
	so.Path, so.Zone, so.ReadOnly, so.Create = o.Path, o.Zone, o.ReadOnly, o.Create
	so.Act, so.Throttle, so.LinkHost = o.Act, o.Config.Throttle(), linkHost(mc.ResetURL)
	so.Lookups, so.HeadEvery = o.Config.Audit.Lookups, o.Config.Audit.HeadEvery
	var s *store.Store
	so.Heads = cli.HeadKeeper(o.Config.Audit, func(ctx context.Context, old string) error { return s.HoldsHead(ctx, old) })
	if p.host.Terminal("stderr") {
		so.Progress = func(doing string) { fmt.Fprintf(p.host.Stderr, "doorman: %s …\n", doing) }
	}
	var err error
	if s, err = store.Open(ctx, so); err != nil {
		return nil, err
	}
	d := &desk{store: s}
	if d.info, err = s.About(ctx); err != nil {
		_ = s.Close()
		return nil, err
	}
	if d.press, d.off = mail.NewPress(mc, so.Key, d.info.Scheme); d.off == nil {
		d.sender, d.off = mail.NewSender(mc)
	}
	if mc.Host == "" {
		d.off = &model.Error{Kind: model.Invalid, Field: "mail.host", Text: "is not set, emails stay in the outbox",
			Hint: "set it in the configuration, then try `doorman mail test`"}
	}
	options := mail.CourierOptions{Fault: func(err error) { p.log.Error("courier", "error", err) }}
	if d.off != nil {
		options.Off = d.off.Error()
		d.courier = mail.NewCourier(s, nil, nil, options)
	} else {
		d.courier = mail.NewCourier(s, d.press, d.sender, options)
	}
	if d.info.Backup != "" {
		fmt.Fprintf(p.host.Stderr, "doorman: the database was brought up to date; a backup is at %s\n", term.Show(d.info.Backup))
	}
	return d, nil
}

func linkHost(resetURL string) string {
	u, err := url.Parse(resetURL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// session is the desk as the command line sees it.
func (d *desk) session() *cli.Session {
	return &cli.Session{
		Store: d.store,
		Courier: func() (cli.Courier, error) {
			if d.off != nil {
				return nil, d.off
			}
			return d.courier, nil
		},
		Close: d.close,
	}
}

func (d *desk) close() error {
	var err error
	if d.sender != nil {
		err = d.sender.Close()
	}
	return errors.Join(err, d.store.Close())
}

// open is cli.Host.Open.
func (p *program) open(ctx context.Context, o cli.OpenOptions) (*cli.Session, error) {
	d, err := p.openConfigured(ctx, o)
	if err != nil {
		return nil, err
	}
	return d.session(), nil
}

func (p *program) openConfigured(ctx context.Context, o cli.OpenOptions) (*desk, error) {
	key, err := p.linkKey(o.Config, o.NeedKey)
	if err != nil {
		return nil, err
	}
	mc, err := p.mailConfig(o.Config)
	if err != nil {
		return nil, err
	}
	return p.openDesk(ctx, o, store.Options{Key: key, Now: p.host.Now}, mc)
}

// mailConfig turns the configuration into what the mail package takes, with the
// password from where secrets are kept.
func (p *program) mailConfig(c config.Loaded) (mail.Config, error) {
	mc := mail.FromConfig(c.Mail)
	if mc.Username == "" {
		return mc, nil
	}
	password, err := p.mailPassword(c)
	mc.Password = password
	return mc, err
}

// checkMail is cli.Host.CheckMail.
func (p *program) checkMail(c config.Loaded) error {
	mc, err := p.mailConfig(c)
	if err != nil {
		return err
	}
	return mc.Check()
}

// probeMail is cli.Host.ProbeMail.
func (p *program) probeMail(ctx context.Context, c config.Loaded) error {
	mc, err := p.mailConfig(c)
	if err != nil {
		return err
	}
	return mc.Probe(ctx)
}

// testMail is cli.Host.TestMail.
func (p *program) testMail(ctx context.Context, c config.Loaded, to string) (string, error) {
	mc, err := p.mailConfig(c)
	if err != nil {
		return "", err
	}
	return mc.Test(ctx, to)
}

// consoleMemory is from how many bytes on the collector works harder: a console
// is open all day, beside other programs. What it holds of ten million resets is
// 65 MB; with much less room than this the collector would never rest.
const consoleMemory = 76 << 20

// console is cli.Host.Console.
func (p *program) console(ctx context.Context, o cli.OpenOptions) (err error) {
	if p.host.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(consoleMemory)
	}
	if _, err := keymap(o.Config); err != nil {
		return err // before anything is opened
	}
	dark := p.background(o.Config) // asked while the database is opened
	d, err := p.openConfigured(ctx, o)
	if err != nil {
		dark() // gives the terminal back
		return cli.NotStarted(err)
	}
	defer func() { err = errors.Join(err, d.close()) }()
	ctx, cancel := context.WithCancel(ctx)
	sent := make(chan error, 1)
	go func() {
		defer close(sent)
		defer p.net.Catch()
		if !o.ReadOnly {
			sent <- d.courier.Run(ctx)
		}
	}()
	err = p.show(ctx, d, o, nil, dark())
	cancel()
	return errors.Join(err, <-sent)
}

// show runs the console on an open desk. A capture is where letters go instead
// of out.
func (p *program) show(ctx context.Context, d *desk, o cli.OpenOptions, capture *mail.Capture, dark bool) error {
	own, err := keymap(o.Config)
	if err != nil {
		return err
	}
	r := lipgloss.NewRenderer(os.Stdout)
	level := theme.Detect(p.host.Getenv, r.ColorProfile())
	if o.Config.UI.Theme == "plain" {
		level = theme.NoColor
	}
	env := &page.Env{
		Store: d.store, Theme: theme.New(r, level, dark), Act: o.Act, Now: p.host.Now, Zone: time.Local, ReadOnly: o.ReadOnly, Keys: own,
		Lifetime: cmp.Or(o.Config.Reset.TTL.Duration, d.info.Lifetime), Program: o.Program, NewFile: cli.NewFile, Making: o.Making,
	}
	if d.press != nil {
		env.Preview = d.press
	}
	if capture != nil {
		env.Captured = capture
	} else { // a demo leaves nothing behind
		env.TestMail = func(ctx context.Context, to string) (string, error) { return p.testMail(ctx, o.Config, to) }
		keep.Remember(env, filepath.Dir(p.host.LogFile))
	}
	in := term.NewInput(os.Stdin)
	in.Net = p.net
	return ui.Run(ctx, ui.Options{
		Env: env, Watch: d.store, Name: o.Path, Start: page.Link(o.Link), Capture: capture != nil, Courier: d.courier.Status, Suspend: term.CanSuspend(),
		Getenv: p.host.Getenv, Input: in, Output: term.NewOutput(os.Stdout, level == theme.Dumb),
		Log: p.log, Net: p.net,
	})
}

// demo is cli.Host.Demo.
func (p *program) demo(ctx context.Context, o cli.DemoOptions) (*cli.DemoSession, error) {
	const resetURL = "https://service.example/reset/{token}"
	fault := func(to string, _ int) mail.Fault { return mail.Fault(o.Fault(to)) }
	capture, err := mail.NewCapture(mail.CaptureOptions{Fault: fault, Received: func(c mail.Captured) {
		if token, ok := c.Token(resetURL); ok {
			o.Received(c.To, token)
		}
	}})
	if err != nil {
		return nil, err
	}
	mc := capture.Config()
	mc.From, mc.ResetURL = "Example Service <no-reply@service.example>", resetURL
	key := make(model.Key, model.KeySize)
	_, _ = rand.Read(key) // never fails since Go 1.24
	oo := cli.OpenOptions{Config: o.Config, Path: o.Path, Create: true, Act: o.Act, Program: "doorman --db " + term.ShellQuote(o.Path)}
	oo.Config.Audit = config.Audit{} // the log of a made-up service is no one's proof
	d, err := p.openDesk(ctx, oo, store.Options{Key: key, Now: p.host.Now, Fast: true}, mc)
	if err != nil {
		return nil, errors.Join(err, capture.Close())
	}
	s := d.session()
	s.Close = func() error { return errors.Join(d.close(), capture.Close()) }
	return &cli.DemoSession{Session: s, Console: func(ctx context.Context, making func() string) error {
		oo.Making = making
		return p.show(ctx, d, oo, capture, p.background(oo.Config)())
	}}, nil
}

// background asks the terminal whether it is dark, unless the configuration tells.
// What it returns waits for the answer, or for the end of backgroundWait.
func (p *program) background(c config.Loaded) (dark func() bool) {
	if c.UI.Theme == "dark" || c.UI.Theme == "light" {
		return func() bool { return c.UI.Theme == "dark" }
	}
	answer := make(chan bool, 1)
	go func() {
		defer close(answer)
		defer p.net.Catch()
		answer <- term.DarkBackground(os.Stdin, os.Stdout, p.host.Getenv, backgroundWait)
	}()
	return func() bool { return <-answer }
}

// backgroundWait is how long a terminal may take to tell its background.
const backgroundWait = 200 * time.Millisecond

func (p *program) linkKey(c config.Loaded, create bool) (model.Key, error) {
	key, _, err := secret.LoadKey(secret.LinkPlace(c, p.host.Getenv, xdg.DataHome), create)
	return key, err
}

func (p *program) mailPassword(c config.Loaded) (string, error) {
	value, _, err := secret.Load(secret.PasswordPlace(c, p.host.Getenv))
	return string(value), err
}

// build is cli.Host.Build.
func (p *program) build(ctx context.Context, o cli.OpenOptions, b cli.BuildOptions) error {
	so := store.Options{Path: b.Path, Zone: o.Zone, Now: p.host.Now, Act: o.Act}
	return store.Build(ctx, so, b.Accounts, b.Resets, b.Progress)
}

// bench is cli.Host.Bench. The program under test gets a key and a home of its
// own.
func (p *program) bench(ctx context.Context, o cli.OpenOptions, b cli.BenchOptions) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	home, err := os.MkdirTemp("", "doorman-bench-home-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(home) }()
	key := make(model.Key, model.KeySize) // always the same, so that a database can be measured again
	env := []string{"DOORMAN_LINK_KEY=" + hex.EncodeToString(key), "HOME=" + home, "XDG_CONFIG_HOME=" + home, "XDG_DATA_HOME=" + home, "XDG_STATE_HOME=" + home}
	open := func(ctx context.Context, path string, now func() time.Time, create bool) (bench.Store, error) {
		return store.Open(ctx, store.Options{Path: path, Now: now, Create: create, Act: o.Act, Key: key,
			Throttle: model.Throttle{PerAccount: 1 << 30, PerSource: 1 << 30, Window: time.Hour}})
	}
	bo := bench.Options{Path: b.Path, Program: self, Env: env, Parts: b.Parts, Seed: b.Seed, Open: open, Say: b.Say}
	return bench.Run(ctx, bo, func(l bench.Line) { b.Report(cli.BenchLine(l)) })
}

// secrets is cli.Host.Secrets.
func (p *program) secrets(c config.Loaded) []model.Check {
	return secret.Checks(c, p.host.Getenv, xdg.DataHome)
}

// keymap is the operator's own keys; errors name the line of the file.
func keymap(c config.Loaded) (page.Keymap, error) {
	m, err := ui.NewKeymap(c.UI.Keys)
	return m, c.Locate(err)
}

// keys is cli.Host.Keys.
func keys(c config.Loaded) ([]cli.KeyLine, error) {
	m, err := keymap(c)
	if err != nil {
		return nil, err
	}
	var lines []cli.KeyLine
	for _, l := range ui.KeyTable(m) {
		lines = append(lines, cli.KeyLine{Page: l.Page, Key: l.Keys, Does: l.Does})
	}
	return lines, nil
}
