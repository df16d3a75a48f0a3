package bench

import (
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

// How often the parts of the screen are measured.
const (
	starts    = 7
	keys      = 400
	pages     = 150
	idleWatch = 20 * time.Second
)

// hasData reports whether the screen shows a network or a record.
func hasData(screen string) bool {
	return regexp.MustCompile(`\d\.\d+/\d|:/\d\d|\w@\w`).MatchString(screen)
}

// warm lets the program read everything once and keep what it found out, as a
// console that was open for a while leaves it.
func (r *run) warm() error {
	cmd := exec.CommandContext(r.ctx, r.Program, "--db", r.Path, "clusters", "--since", "24h", "--limit", "1")
	cmd.Env = append(os.Environ(), r.Env...)
	var none *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &none) {
		return err
	}
	return r.ctx.Err()
}

// first measures from the start of the process to the first frame with data.
func (r *run) first() error {
	if err := r.warm(); err != nil {
		return err
	}
	var data, frame sample
	for i := range starts + 1 {
		t, err := start(r.Program, r.Env, "--db", r.Path)
		if err != nil {
			return err
		}
		at, err := t.until(func(s string) bool { return strings.Contains(s, "doorman") && strings.Contains(s, "? help") })
		drawn := at.Sub(t.begun)
		if err == nil {
			at, err = t.until(hasData)
		}
		t.stop()
		if err != nil {
			return err
		}
		if i > 0 { // the first of them warms the file
			frame, data = append(frame, drawn), append(data, at.Sub(t.begun))
		}
	}
	r.report(frame.line("start", "start to first frame", ""))
	r.report(data.line("start", "start to first frame with data", "≤ 150"))
	return nil
}

// console opens the database on a terminal and waits until the first screen has
// its data and stands still.
func (r *run) console() (*terminal, error) {
	t, err := start(r.Program, r.Env, "--db", r.Path)
	if err != nil {
		return nil, err
	}
	if _, err = t.until(hasData); err != nil {
		t.stop()
		return nil, err
	}
	t.settle(3 * time.Second)
	return t, nil
}

// views are those that are walked through.
func views() map[string]string { return map[string]string{"3": "Resets", "2": "Accounts"} }

// turn goes to a view and waits for its rows.
func (t *terminal) turn(key string) (time.Duration, error) {
	begun := time.Now()
	if err := t.send(key); err != nil {
		return 0, err
	}
	at, err := t.until(func(s string) bool { return hasLine(s, " "+views()[key]+" ", "──") && hasLine(s, "> ", "@") })
	return at.Sub(begun), err
}

// browse walks through the resets and accounts.
func (r *run) browse() error {
	t, err := r.console()
	if err != nil {
		return err
	}
	defer t.stop()
	for _, key := range []string{"3", "2"} {
		name := views()[key]
		d, err := t.turn(key)
		if err != nil {
			return err
		}
		r.report(Line{Part: "browse", Name: "open " + name, Unit: "ms", Median: ms(d)})
		t.settle(time.Second)
		if err := r.scroll(t, name); err != nil {
			return err
		}
	}
	u := use(t.cmd.Process.Pid)
	const mb = 1e6
	r.report(Line{Part: "browse", Name: "resident memory, peak", Unit: "MB", Median: float64(u.peak) / mb, Limit: "≤ 120"})
	r.report(Line{Part: "browse", Name: "resident memory, at the end", Unit: "MB", Median: float64(u.rss) / mb, Limit: "≤ 120"})
	return nil
}

// scroll measures keys that move the cursor on the screen, that push the list on
// by a row and by a screen, and that go from one end of it to the other.
func (r *run) scroll(t *terminal, name string) error {
	const onScreen = 20
	_, before := t.drawn()
	move, err := t.press("j", onScreen)
	if err != nil {
		return err
	}
	_, after := t.drawn()
	l := move.line("browse", name+": key to frame, the cursor moves", "p99 ≤ 16")
	r.report(l)
	r.report(Line{Part: "browse", Name: name + ": written a cursor move", Unit: "bytes", Median: float64(after-before) / onScreen, Limit: "≤ 400"})
	if _, err := t.press("j", rows); err != nil { // to the bottom of the screen
		return err
	}
	_, before = t.drawn()
	row, err := t.press("j", keys)
	if err != nil {
		return err
	}
	_, after = t.drawn()
	r.report(row.line("browse", name+": key to frame, a row scrolls in", "p99 ≤ 16"))
	r.report(Line{Part: "browse", Name: name + ": written a row", Unit: "bytes", Median: float64(after-before) / keys})
	page, err := t.press("\x1b[6~", pages)
	if err != nil {
		return err
	}
	r.report(page.line("browse", name+": key to frame, a screen down", "p99 ≤ 16"))
	var ends sample
	for i := range 20 {
		one, err := t.press(string("Gg"[i%2]), 1)
		if err != nil {
			return err
		}
		ends = append(ends, one...)
		t.settle(50 * time.Millisecond)
	}
	r.report(ends.line("browse", name+": key to frame, last and first page", "p99 ≤ 16"))
	return nil
}

// idle watches the program on the home view and on a list while nothing happens.
func (r *run) idle() error {
	t, err := r.console()
	if err != nil {
		return err
	}
	defer t.stop()
	if err := r.quiet(t); err != nil {
		return err
	}
	if err := r.still(t, "home"); err != nil {
		return err
	}
	if _, err := t.turn("2"); err != nil {
		return err
	}
	return r.still(t, "Accounts")
}

// quiet waits until the program has looked through a large file, as it does once a
// day, and reads nothing any more.
func (r *run) quiet(t *terminal) error {
	const calm = 10 * time.Second
	time.Sleep(calm)
	for end := time.Now().Add(10 * time.Minute); time.Now().Before(end); {
		before := use(t.cmd.Process.Pid).bytes
		select {
		case <-time.After(calm):
		case <-r.ctx.Done():
			return r.ctx.Err()
		}
		if use(t.cmd.Process.Pid).bytes-before < 1<<20 {
			return nil
		}
	}
	return errSilent
}

// still measures what the program uses while no one does anything.
func (r *run) still(t *terminal, name string) error {
	pid := t.cmd.Process.Pid
	t.settle(2 * time.Second)
	_, drawn := t.drawn()
	u := use(pid)
	select {
	case <-time.After(idleWatch):
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
	v := use(pid)
	_, written := t.drawn()
	seconds := idleWatch.Seconds()
	r.report(Line{Part: "idle", Name: name + ": share of a core", Unit: "%", Median: (v.cpu - u.cpu).Seconds() / seconds * 100, Limit: "< 0.5"})
	r.report(Line{Part: "idle", Name: name + ": read", Unit: "bytes/s", Median: float64(v.bytes-u.bytes) / seconds})
	r.report(Line{Part: "idle", Name: name + ": written", Unit: "bytes/s", Median: float64(written-drawn) / seconds})
	return nil
}
