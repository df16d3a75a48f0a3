package term

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/term"
)

// DarkBackground tells whether a terminal is dark, for the choice of a theme:
// from COLORFGBG, else by asking it (OSC 11) for at most the given time. It requests
// the device attributes at the same time, which every terminal answers, so
// that one without OSC 11 is not waited for. When in doubt it is dark. Call it
// before the event loop reads the input; what comes late is swallowed there.
func DarkBackground(in, out *os.File, lookup func(string) string, wait time.Duration) bool {
	if fg, bg, ok := strings.Cut(lookup("COLORFGBG"), ";"); ok && fg != "" {
		n, err := strconv.Atoi(bg[strings.LastIndex(bg, ";")+1:])
		return err != nil || n < 7 || n == 8
	}
	if lookup("TERM") == "dumb" || !term.IsTerminal(int(in.Fd())) || !term.IsTerminal(int(out.Fd())) {
		return true
	}
	state, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return true
	}
	defer func() { _ = term.Restore(int(in.Fd()), state) }()
	if _, err := out.WriteString("\x1b]11;?\a\x1b[c"); err != nil {
		return true
	}
	return isDark(replies(in, time.Now().Add(wait)))
}

// replies reads until the device attributes have come or time is up.
func replies(in *os.File, end time.Time) []byte {
	var got []byte
	buf := make([]byte, 256)
	for !hasAttributes(got) && len(got) < maxReply && readable(in, time.Until(end)) {
		n, err := in.Read(buf)
		if err != nil {
			break
		}
		got = append(got, buf[:n]...)
	}
	return got
}

func hasAttributes(b []byte) bool {
	i := bytes.Index(b, []byte("\x1b[?"))
	return i >= 0 && bytes.IndexByte(b[i:], 'c') > 0
}

// isDark reads the colour in an answer to OSC 11, "rgb:RRRR/GGGG/BBBB" with one
// to four digits a part, and weighs it as ITU-R BT.601 does.
func isDark(reply []byte) bool {
	_, rgb, ok := bytes.Cut(reply, []byte("rgb:"))
	if !ok {
		return true
	}
	rgb = bytes.TrimRight(rgb[:min(len(rgb), 14)], "\a\x1b\\")
	parts := strings.SplitN(string(rgb), "/", 3)
	if len(parts) != 3 {
		return true
	}
	sum := 0.0
	for i, weight := range []float64{0.299, 0.587, 0.114} {
		hex := strings.TrimRight(parts[i], "\a\x1b\\")
		v, err := strconv.ParseUint(hex, 16, 16)
		if err != nil {
			return true
		}
		full, _ := strconv.ParseUint(strings.Repeat("f", len(hex)), 16, 16)
		sum += weight * float64(v) / float64(full)
	}
	return sum < 0.5
}
