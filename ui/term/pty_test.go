//go:build unix

package term

import (
	"testing"
	"time"

	"github.com/creack/pty"
)

func TestInputOfARealTerminal(t *testing.T) {
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	defer slave.Close()
	in := NewInput(slave)
	p := make([]byte, 256)
	if _, err := master.WriteString("\x1b]11;rgb:0000/0000/0000\x1b\\jk\n"); err != nil {
		t.Fatal(err)
	}
	n, err := in.Read(p)
	if got := string(p[:n]); err != nil || got != "jk\n" {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestBackgroundOfARealTerminal(t *testing.T) {
	none := func(string) string { return "" }
	for answer, dark := range map[string]bool{"\x1b]11;rgb:ffff/ffff/ffff\a\x1b[?62c": false, "\x1b]11;rgb:1111/1111/1111\a\x1b[?62c": true, "\x1b[?62c": true} {
		master, slave, err := pty.Open()
		if err != nil {
			t.Fatal(err)
		}
		asked := make(chan error, 1)
		go func() {
			if _, err := master.Read(make([]byte, 64)); err != nil {
				asked <- err
				return
			}
			_, err := master.WriteString(answer)
			asked <- err
		}()
		if got := DarkBackground(slave, slave, none, time.Minute); got != dark {
			t.Errorf("%q: dark %v", answer, got)
		}
		if err := <-asked; err != nil {
			t.Error(err)
		}
		master.Close()
		slave.Close()
	}
}

func TestBackgroundWithoutAnAnswer(t *testing.T) {
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	defer slave.Close()
	if !DarkBackground(slave, slave, func(string) string { return "" }, time.Millisecond) {
		t.Error("a silent terminal is taken for a light one")
	}
	if DarkBackground(slave, slave, func(k string) string { return map[string]string{"COLORFGBG": "0;15"}[k] }, 0) {
		t.Error("COLORFGBG was not believed")
	}
}
