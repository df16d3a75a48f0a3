package mail

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"regexp"
	"strconv"
	"strings"
)

// placeholder stands where a secret was.
const placeholder = "‹secret›"

// How much of a secret betrays that a text repeats it, in letters and digits. By
// chance a reply of 500 bytes shares six with one of 1 in 100,000 secrets.
const (
	telling   = 6
	maxRedact = 4096 // bytes of a text that are looked at; no more than the first 500 are kept
	deepest   = 2    // encodings within each other
)

// hide takes what repeats a secret out of a relay's text: filters like to quote
// the link that they refuse, cut to size, wrapped over lines or encoded. Where
// any part of a secret shows, in any form, only known words are kept: there is no
// telling where in the text the rest of it begins.
func hide(s string, secrets ...string) string {
	s = s[:min(len(s), maxRedact)]
	var parts []string
	for _, secret := range secrets {
		if p := squeeze(secret); p != "" {
			parts = append(parts, p)
		}
	}
	if !repeats(s, parts) {
		return s
	}
	var kept []string
	for _, word := range strings.Fields(s) {
		if isPlain(word, parts) {
			kept = append(kept, word)
		} else if len(kept) == 0 || kept[len(kept)-1] != placeholder {
			kept = append(kept, placeholder)
		}
	}
	return strings.Join(kept, " ")
}

// repeats reports that a text holds a part of a secret in any form.
func repeats(s string, parts []string) bool {
	forms := map[string]bool{s: true}
	last := []string{s}
	for range deepest {
		var next []string
		for _, form := range last {
			for _, f := range readings(form) {
				if !forms[f] {
					forms[f] = true
					next = append(next, f)
				}
			}
		}
		last = next
	}
	for form := range forms {
		form = squeeze(form)
		for _, p := range parts {
			if shares(form, p, min(telling, len(p))) {
				return true
			}
		}
	}
	return false
}

// shares reports that two texts have n bytes in a row in common.
func shares(a, b string, n int) bool {
	for i := 0; i+n <= len(b); i++ {
		if strings.Contains(a, b[i:i+n]) {
			return true
		}
	}
	return false
}

// squeeze leaves the letters and digits of a text, in lower case: what is left is
// the same however it was wrapped and spaced.
func squeeze(s string) string {
	return strings.ToLower(strings.Map(func(r rune) rune { return keepIf(r, isAlphanumeric(r)) }, s))
}

// replyWords are the words that may stay beside a secret: those of which relays
// and filters make their reasons. Any other may be a piece of the secret.
const replyWords = ` a accepted access action address administrator again an and anti are as at authentication because been
 blacklist blacklisted block blocked body bounce but by bytes can cannot check closing code complaint connection contact
 contains content data delivery denied detected dmarc dns domain due email error ever failed failure filter for forbidden
 found from has have header help holds host html http https id if in invalid ip is it later limit line link links list
 listed looks mail mailbox malicious malware many matched message messages more not of ok on or our part permanent phishing
 please policy possible postmaster prohibited queue queued reason received refused reject rejected rejecting relay reputation
 scan scanner score see seems sender server service site spam suspected suspicious temporarily temporary text that the this
 threat to too transaction try unable unacceptable unwanted uri url urls user virus visit was web which with you your `

// isPlain reports that a word may stay beside a secret: a status code, or a word
// of replyWords that is no part of the secret.
func isPlain(word string, parts []string) bool {
	if regexp.MustCompile(`^([245]\.\d{1,2}\.\d{1,2}|[245]\d\d)$`).MatchString(word) {
		return true
	}
	bare := strings.ToLower(strings.Trim(word, ".,:;!?()"))
	if !strings.Contains(replyWords, " "+bare+" ") && !strings.Contains(replyWords, " "+bare+"\n") {
		return false
	}
	for _, p := range parts {
		if len(bare) > 2 && strings.Contains(p, bare) {
			return false
		}
	}
	return true
}

// readings returns what a text reads as when it is taken for one of the encodings
// that mail and web know. Each email's reply passes through here: what cannot be
// is not tried.
func readings(s string) []string {
	lines := s
	if strings.Contains(s, "\n") { // each line of a reply may begin with its code
		lines = regexp.MustCompile(`(?m)^\s*(?:[245]\d\d[- ])?(?:[245]\.\d{1,3}\.\d{1,3}\s)?`).ReplaceAllString(s, "")
	}
	whole := joined(lines)
	forms := []string{lines, whole}
	if strings.Contains(whole, "&") {
		forms = append(forms, html.UnescapeString(whole), unescape(whole, `&#0*(\d{1,3});?`, 10))
	}
	if strings.ContainsAny(whole, `%=\&+`) || strings.Contains(whole, "0x") {
		forms = append(forms, unescape(whole, `(?:%|=|\\x|\\u00|%u00|0x|&#x|U\+00)([0-9A-Fa-f]{2});?`, 16))
	}
	digits := strings.Map(func(r rune) rune { return keepIf(r, isAlphanumeric(r)) }, strings.ReplaceAll(whole, "0x", ""))
	for _, run := range runs(digits, 2*telling, func(r rune) bool { return isAlphanumeric(r) && (r|0x20 <= 'f') }) {
		for cut := range 2 {
			if b, err := hex.DecodeString(run[cut : len(run)-(len(run)-cut)%2]); err == nil && isText(b) {
				forms = append(forms, string(b))
			}
		}
	}
	for _, run := range runs(strings.NewReplacer("-", "+", "_", "/").Replace(whole), 8, func(r rune) bool { return isAlphanumeric(r) || r == '+' || r == '/' }) {
		for cut := range 4 {
			if b, err := base64.RawStdEncoding.DecodeString(run[cut : len(run)-(len(run)-cut)%4]); err == nil && isText(b) {
				forms = append(forms, string(b))
			}
		}
	}
	return forms
}

// isText reports that bytes hold enough letters and digits to repeat a secret:
// what is decoded by mistake hardly ever does.
func isText(b []byte) bool {
	n := 0
	for _, c := range b {
		if isAlphanumeric(rune(c)) {
			n++
		}
	}
	return n >= telling
}

func isAlphanumeric(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

func keepIf(r rune, keep bool) rune {
	if keep {
		return r
	}
	return -1
}

// joined takes the blanks out of a text, and the soft line breaks of
// quoted-printable.
func joined(s string) string {
	s = strings.NewReplacer("=\r\n", "", "=\n", "").Replace(s)
	return strings.Join(strings.Fields(s), "")
}

// runs returns the longest pieces of a text of at least n bytes in an alphabet.
func runs(s string, n int, in func(rune) bool) []string {
	var out []string
	for _, run := range strings.FieldsFunc(s, func(r rune) bool { return !in(r) }) {
		if len(run) >= n {
			out = append(out, run)
		}
	}
	return out
}

// unescape replaces each escape by the byte that its number names.
func unescape(s, escape string, base int) string {
	re := regexp.MustCompile(escape)
	return re.ReplaceAllStringFunc(s, func(m string) string {
		n, err := strconv.ParseUint(re.FindStringSubmatch(m)[1], base, 8)
		if err != nil {
			return m
		}
		return string([]byte{byte(n)})
	})
}
