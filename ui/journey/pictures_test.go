//go:build unix

package journey

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/lipgloss"
	"github.com/creack/pty"
	"github.com/hinshun/vt10x"

	"doorman/mail"
	"doorman/model"
	"doorman/model/traffic"
	"doorman/store"
	"doorman/ui"
	"doorman/ui/page"
	"doorman/ui/theme"
)

// The pictures of the README are screens of the console: the shell, the pages
// and the store as the program runs them, on a made-up service, in a
// pseudo-terminal. Nothing in them moves, because the clock stands still:
//
//	go test ./ui/journey -run TestPictures -update
const (
	pictureCols = 120
	pictureRows = 40
	pictureDir  = "../../.github"
)

// pictureTime is when the pictures were taken.
func pictureTime() time.Time { return time.Date(2026, 11, 23, 3, 14, 0, 0, time.UTC) }

// studio is a service under attack.
type studio struct {
	*store.Store
	press *mail.Press
}

// About names the file as an installation does, not as a test.
func (s studio) About(ctx context.Context) (model.StoreInfo, error) {
	info, err := s.Store.About(ctx)
	info.Path = "/srv/app/app.db"
	return info, err
}

func newStudio(t *testing.T) studio {
	t.Helper()
	ctx, key := context.Background(), model.Key(strings.Repeat("k", model.KeySize))
	s, err := store.Open(ctx, store.Options{Path: filepath.Join(t.TempDir(), "app.db"), Create: true, Fast: true, Now: pictureTime, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	staff := model.Act{Operator: "maria", Role: model.Admin, Origin: "picture"}
	service := traffic.New(traffic.Options{Seed: 1, Accounts: 4000, Resets: 20_000, End: pictureTime()})
	if _, err := s.ImportAccounts(ctx, staff, service.Accounts(), model.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ImportResets(ctx, staff, service.Resets(), model.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	info, err := s.About(ctx)
	if err != nil {
		t.Fatal(err)
	}
	press, err := mail.NewPress(mail.Config{From: "Example <no-reply@example.org>", ResetURL: resetURL}, key, info.Scheme)
	if err != nil {
		t.Fatal(err)
	}
	return studio{s, press}
}

// screen is the console in a pseudo-terminal of its own.
type screen struct {
	t    *testing.T
	pty  *os.File
	done chan error

	mu sync.Mutex
	vt vt10x.Terminal
}

func (s studio) show(t *testing.T, dark bool) *screen {
	t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(master, &pty.Winsize{Cols: pictureCols, Rows: pictureRows}); err != nil {
		t.Fatal(err)
	}
	c := &screen{t: t, pty: master, done: make(chan error, 1), vt: vt10x.New(vt10x.WithSize(pictureCols, pictureRows))}
	ctx, stop := context.WithCancel(context.Background())
	env := &page.Env{Store: s.Store, Preview: s.press, Theme: theme.New(lipgloss.NewRenderer(io.Discard), theme.TrueColor, dark),
		Act: model.Act{Operator: "maria", Role: model.Admin, Origin: "picture"}, Now: pictureTime, Zone: time.UTC, Lifetime: time.Hour}
	getenv := func(name string) string { return map[string]string{"TERM": "xterm-256color", "LANG": "C.UTF-8"}[name] }
	go func() {
		c.done <- ui.Run(ctx, ui.Options{Env: env, Watch: s, Getenv: getenv, Input: tty, Output: tty})
	}()
	go c.watch()
	t.Cleanup(func() {
		stop()
		<-c.done
		_, _ = tty.Close(), master.Close()
	})
	return c
}

// watch draws what the console writes, as far as whole characters have come.
func (c *screen) watch() {
	buf, have := make([]byte, 1<<16), 0
	for {
		n, err := c.pty.Read(buf[have:])
		have += n
		whole := wholeRunes(buf[:have])
		c.mu.Lock()
		_, _ = c.vt.Write(buf[:whole])
		c.mu.Unlock()
		have = copy(buf, buf[whole:have])
		if err != nil {
			return
		}
	}
}

func (c *screen) draw(dark bool, title string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return svg(c.vt, paletteOf(dark), title)
}

// TestPictures holds the pictures of the README to the screens.
func TestPictures(t *testing.T) {
	t.Parallel()
	s := newStudio(t)
	for _, dark := range []bool{true, false} {
		name := map[bool]string{true: "dark", false: "light"}[dark]
		c := s.show(t, dark)
		c.shot("clusters-"+name+".svg", "Clusters: a flood of resets, where it comes from, since when", dark, "", "flagged  ", "%", "critical")
		c.shot("cluster-"+name+".svg", "The evidence for and against one network, with its map", dark, "\r", "map of the", "usual 0.")
		c.shot("issue-"+name+".svg", "Issuing a reset, with the email as the person gets it", dark, "2/.brown\ri", "Cancel (n)")
	}
}

// shot presses keys and takes a picture, or waits until the screen is the one
// in the file.
func (c *screen) shot(file, title string, dark bool, keys string, texts ...string) {
	c.t.Helper()
	if _, err := c.pty.WriteString(keys); err != nil {
		c.t.Fatal(err)
	}
	path := filepath.Join(pictureDir, file)
	if *update {
		c.until(file, func() bool { return holds(c.plain(), texts) })
		c.until(file+" to stand still", func() bool {
			before := c.draw(dark, title)
			time.Sleep(2 * time.Second)
			return before == c.draw(dark, title)
		})
		if err := os.WriteFile(path, []byte(c.draw(dark, title)), 0o644); err != nil {
			c.t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		c.t.Fatal(err)
	}
	c.until(file+"; if it should look otherwise, run go test ./ui/journey -run TestPictures -update", func() bool { return c.draw(dark, title) == string(want) })
}

// until waits for a condition and shows the screen when it never comes.
func (c *screen) until(what string, cond func() bool) {
	c.t.Helper()
	for end := time.Now().Add(patience); !cond(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatalf("waited in vain for %s; the screen:\n%s", what, c.plain())
		}
	}
}

func holds(text string, parts []string) bool {
	for _, p := range parts {
		if !strings.Contains(text, p) {
			return false
		}
	}
	return true
}

// plain is the screen as text.
func (c *screen) plain() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.vt.String()
}
