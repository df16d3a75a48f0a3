package bench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestQuantiles(t *testing.T) {
	var s sample
	for i := range 100 {
		s = append(s, time.Duration(100-i)*time.Millisecond)
	}
	if l := s.line("p", "n", ""); l.Median != 51 || l.P99 != 100 {
		t.Errorf("%+v", l)
	}
	if (sample{}).quantile(0.5) != 0 {
		t.Error("nothing takes time")
	}
}

// The recipes are whole: every file in its place, no word left to fill in.
func TestRecipes(t *testing.T) {
	for name, want := range map[string]string{"fail2ban-server": "filter.d/requests.conf", "crowdsec": "parsers/s01-parse/resets.yaml"} {
		dir := t.TempDir()
		if err := lay(name, dir); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(dir, want)); err != nil {
			t.Error(err)
		}
		err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
			if err != nil || info.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			if strings.Contains(string(text), "DIR/") || strings.Contains(string(text), "PORT\n") {
				t.Errorf("%s:\n%s", path, text)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestWordsOfFail2ban(t *testing.T) {
	if n := total("Status for the jail: requests\n|- Filter\n|  |- Currently failed:\t3\n|  |- Total failed:\t20000\n"); n != 20000 {
		t.Error(n)
	}
	if n := total("ERROR"); n != -1 {
		t.Error(n)
	}
}

func TestTraceIsWatchedWhole(t *testing.T) {
	events, err := trace(1, 3000)
	if err != nil || len(events) != 3000 {
		t.Fatal(len(events), err)
	}
	if _, e := watch(events); len(e.Clusters()) == 0 {
		t.Error("nothing found in a trace with attacks")
	}
	path := filepath.Join(t.TempDir(), "log")
	if err := writeLog(path, events[:2]); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(path)
	if lines := strings.Split(string(text), "\n"); len(lines) != 3 || !strings.Contains(lines[0], " reset request from "+events[0].IP.String()+" for account ") {
		t.Errorf("%q", text)
	}
}

func TestLines(t *testing.T) {
	if !hasLine("a b\n> x@y\n", "> ", "@") || hasLine("> x\n@\n", "> ", "@") {
		t.Error("lines are mixed up")
	}
	for screen, want := range map[string]bool{"203.0.113.0/24": true, "2001:db8::/48": true, "ann@example.org": true, "/tmp/dm/big7.db": false} {
		if hasData(screen) != want {
			t.Error(screen)
		}
	}
}
