package agent_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"doorman/model/agent"
)

const (
	windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0 Safari/537.36"
	iphone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.4 Mobile/15E148 Safari/604.1"
)

func TestShort(t *testing.T) {
	for raw, want := range map[string]string{
		windows:                    "Chrome 109 · Windows",
		windows + " Edg/109.0.0.0": "Edge 109 · Windows",
		windows + " OPR/95.0.0.0":  "Opera 95 · Windows",
		strings.Replace(windows, "NT 10.0", "NT 6.1", 1):          "Chrome 109 · Windows 7",
		strings.Replace(windows, "109.0.0.0", "109.0.5414.87", 1): "Chrome 109.0.5414.87 · Windows",
		iphone: "Safari 26.4 · iOS 18.7",
		"Mozilla/5.0 (iPad; CPU OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.4 Mobile/15E148 Safari/604.1":                  "Safari 26.4 · iOS 18.7 · iPad",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15":                           "Safari 18.6 · macOS",
		"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:154.0) Gecko/20100101 Firefox/154.0":                                                                  "Firefox 154 · Linux · Ubuntu",
		"Mozilla/5.0 (Android 15; Mobile; rv:154.0) Gecko/154.0 Firefox/154.0":                                                                            "Firefox 154 · Android 15",
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0 Mobile Safari/537.36":                                 "Chrome 153 · Android",
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/29.0 Chrome/145.0.0.0 Mobile Safari/537.36":             "Samsung Browser 29 · Android",
		"Mozilla/5.0 (Linux; Android 13; SM-S901B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/112.0.0.0 Mobile Safari/537.36":                          "Chrome 112 · Android 13 · SM-S901B",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/153.0.7339.101 Mobile/15E148 Safari/604.1": "Chrome 153.0.7339.101 · iOS 18.7",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148":                                   "iOS 18.7",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.4.0":                                                                    "Thunderbird 140.4.0 · Linux · rv:140.0",
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/109.0.0.0 Safari/537.36":                                   "Headless Chrome 109 · Linux",
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)":                                                                        "Googlebot 2.1 · +http://www.google.com/bot.html",
		"Mozilla/5.0 (Windows NT 10.0; Chrome/109.0)":                                                                                                     "Chrome/109.0 · Windows",
		"evil/1 (Chrome/109.0; Windows)": "evil 1 · Chrome/109.0 · Windows",
		"python-requests/2.31":           "python-requests 2.31",
		"curl/8.5.0":                     "curl 8.5.0",
		"Go-http-client/2.0":             "Go-http-client 2.0",
		"okhttp/4.12.0":                  "okhttp 4.12.0",
		"curl/7.68.0 (x86_64-pc-linux-gnu) libcurl/7.68.0": "curl 7.68.0 · x86_64-pc-linux-gnu · libcurl 7.68.0",
		"Outlook-iOS/713.5036352.prod.iphone (5.2543.0)":   "Outlook-iOS 713.5036352.prod.iphone · 5.2543.0",
		"":                     "",
		"my own script":        "my own script",
		"Mozilla/5.0":          "Mozilla/5.0",
		"Chrome/109.0.0.0":     "Chrome/109.0.0.0",
		"Firefox/154.0":        "Firefox/154.0",
		"curl/8\r\x1b]0;x\a":   "curl/8\r\x1b]0;x\a",
		"Chrome 109 · Windows": `"Chrome 109 · Windows"`,
	} {
		if got := agent.Short(raw); got != want {
			t.Errorf("Short(%q)\n got %q\nwant %q", raw, got, want)
		}
	}
}

func TestARobotIsNotShownAsABrowser(t *testing.T) {
	for _, honest := range []string{windows, iphone, windows + " Edg/109.0.0.0"} {
		for _, odd := range []string{"bot", "Evil/6.6", "(bot)", "(bot; +http://x.example/)", "Chrome/1.0", "HeadlessChrome/109.0.0.0",
			"Windows NT 6.1", "Safari/1", "Mozilla/5.0", "evil=1", "Version/4.0", "<script>", "(Windows NT 5.1)", "Firefox/1.0"} {
			words := strings.SplitAfter(honest, " ")
			for i := range len(words) + 1 {
				raw := strings.TrimSpace(strings.Join(words[:i], "") + " " + odd + " " + strings.Join(words[i:], ""))
				raw = strings.ReplaceAll(raw, "  ", " ")
				if agent.Short(raw) == agent.Short(honest) {
					t.Errorf("%q is shown as %q", raw, agent.Short(honest))
				}
			}
		}
	}
}

func TestLongAgentsStay(t *testing.T) {
	long := windows + " x/" + strings.Repeat("1", 400)
	if got := agent.Short(long); got != long {
		t.Errorf("shortened to %q", got)
	}
	many := windows + " a/1 b/2 c/3 d/4 e/5"
	if got := agent.Short(many); got != many {
		t.Errorf("shortened to %q", got)
	}
}

func TestBoth(t *testing.T) {
	if got := agent.Both("curl/8.5.0"); got != "curl 8.5.0  curl/8.5.0" {
		t.Errorf("got %q", got)
	}
	if got := agent.Both("my own script"); got != "my own script" {
		t.Errorf("got %q", got)
	}
}

// FuzzShort: no panic, no text that grows without bound, no control character
// that was not there, and what is shortened was plain ASCII.
func FuzzShort(f *testing.F) {
	for _, s := range []string{windows, iphone, "curl/8.5.0", "Mozilla/5.0 (", "Mozilla/5.0 ()", "a (b) c", "/", "(;)", "Mozilla/5.0 (Android", "Mozilla/5.0 (; )", "Mozilla/5.0 FBAN/FB_IAB;", "·"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got := agent.Short(raw)
		switch {
		case got == raw:
			return
		case strings.Contains(raw, "·"):
			if !strings.HasPrefix(got, `"`) {
				t.Errorf("Short(%q) = %q could be taken for a short form", raw, got)
			}
			return
		case len(got) > 2*len(raw)+64 || !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return r < ' ' || r == 0x7f }):
			t.Errorf("Short(%q) = %q", raw, got)
		}
		if raw == "" || strings.ContainsFunc(raw, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("Short(%q) = %q: what is not plain ASCII is not shortened", raw, got)
		}
	})
}
