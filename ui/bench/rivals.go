package bench

import (
	"bufio"
	"context"
	"embed"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"doorman/model/detect"
)

// rivalEvents is how long a trace the rivals get: they are slow.
const rivalEvents = 20_000

// How fail2ban and CrowdSec are set up: each gets a log with a line a request,
// a rule written for it, and bans that do nothing. DIR stands for where they
// work, PORT for a free port.
//
//go:embed recipe
var recipe embed.FS

var errRival = errors.New("did not take the whole log")

// rivals measures the engine beside fail2ban and CrowdSec on the same trace, by
// the time that the processor spends: the log is written, read and judged.
func (r *run) rivals() error {
	events, err := trace(r.Seed, rivalEvents)
	if err != nil {
		return err
	}
	begun := ownTime()
	runs := 0
	for ; runs < 3 || ownTime()-begun < time.Second; runs++ {
		watch(events)
	}
	ours := float64(runs*len(events)) / (ownTime() - begun).Seconds()
	for _, v := range []struct {
		name, needs string
		run         func(*run, []detect.Event, string) (time.Duration, error)
	}{{"fail2ban", "fail2ban-server", (*run).fail2ban}, {"CrowdSec", "crowdsec", (*run).crowdsec}} {
		if find(v.needs) == "" {
			r.Say("%s is not installed", v.name)
			continue
		}
		dir := filepath.Join(r.dir, v.needs)
		if err := lay(v.needs, dir); err != nil {
			return err
		}
		d, err := v.run(r, events, dir)
		if err != nil {
			r.Say("%s: %v", v.name, err)
			continue
		}
		r.report(Line{Part: "rivals", Name: fmt.Sprintf("events a second of processor time, trace of %d", len(events)), Unit: "events/s",
			Median: ours, Peer: v.name, Beside: float64(len(events)) / d.Seconds(), Limit: "≥ 100×"})
	}
	return nil
}

// ownTime is the processor time of this process so far.
func ownTime() time.Duration { return use(os.Getpid()).cpu }

// lay writes the recipe for a program into a directory.
func lay(name, dir string) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	words := strings.NewReplacer("DIR", dir, "PORT", port)
	entries, err := recipe.ReadDir("recipe/" + name)
	if err != nil {
		return err
	}
	for _, e := range entries {
		text, err := recipe.ReadFile("recipe/" + name + "/" + e.Name())
		if err != nil {
			return err
		}
		path := filepath.Join(dir, filepath.FromSlash(strings.ReplaceAll(e.Name(), "+", "/")))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(words.Replace(string(text))), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// writeLog writes a line for each request, as a web application logs it.
func writeLog(path string, events []detect.Event) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	for i := range events {
		fmt.Fprintf(w, "%s reset request from %s for account %s\n", events[i].Created.UTC().Format("2006-01-02 15:04:05"), events[i].IP, events[i].Account)
	}
	return errors.Join(w.Flush(), f.Close())
}

// fail2ban runs a server on a log that is empty at first, and returns what it
// spends from the moment the lines are there.
func (r *run) fail2ban(events []detect.Event, dir string) (time.Duration, error) {
	log, socket := filepath.Join(dir, "requests.log"), filepath.Join(dir, "socket")
	if err := writeLog(log, nil); err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(r.ctx, "fail2ban-server", "-c", dir, "-s", socket, "-p", filepath.Join(dir, "pid"), "-f", "start")
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	failed := func() int {
		out, err := exec.CommandContext(r.ctx, "fail2ban-client", "-c", dir, "-s", socket, "status", "requests").CombinedOutput()
		if err != nil {
			return -1
		}
		return total(string(out))
	}
	if err := wait(r.ctx, func() bool { return failed() >= 0 }); err != nil {
		return 0, err
	}
	before := use(cmd.Process.Pid).cpu
	if err := writeLog(log, events); err != nil {
		return 0, err
	}
	if err := wait(r.ctx, func() bool { return failed() >= len(events) }); err != nil {
		return 0, err
	}
	return use(cmd.Process.Pid).cpu - before, nil
}

// total finds how many lines a jail has counted in the words of fail2ban.
func total(out string) int {
	for line := range strings.Lines(out) {
		if _, n, ok := strings.Cut(line, "Total failed:"); ok {
			v, err := strconv.Atoi(strings.TrimSpace(n))
			if err == nil {
				return v
			}
		}
	}
	return -1
}

// wait looks twice a second until something is so.
func wait(ctx context.Context, done func() bool) error {
	for end := time.Now().Add(patience); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(500 * time.Millisecond) {
		if done() {
			return nil
		}
	}
	return errRival
}

// crowdsec runs it on a log of one line and on the whole one: the difference is
// what the lines cost.
func (r *run) crowdsec(events []detect.Event, dir string) (time.Duration, error) {
	config := filepath.Join(dir, "config.yaml")
	if err := os.Symlink("/etc/crowdsec/patterns", filepath.Join(dir, "patterns")); err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(r.ctx, "cscli", "-c", config, "machines", "add", "bench", "--auto", "--force", "-f", filepath.Join(dir, "login.yaml"))
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%w: %s", err, out)
	}
	var spent [2]time.Duration
	for i, list := range [][]detect.Event{events[:1], events} {
		log := filepath.Join(dir, "requests"+strconv.Itoa(i)+".log")
		if err := writeLog(log, list); err != nil {
			return 0, err
		}
		cmd := exec.CommandContext(r.ctx, "crowdsec", "-c", config, "-dsn", "file://"+log, "-type", "resets")
		if out, err := cmd.CombinedOutput(); err != nil {
			return 0, fmt.Errorf("%w: %s", err, out)
		}
		spent[i] = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	return spent[1] - spent[0], nil
}
