// Package agent shortens user agents for people: "Chrome 109 · Windows". The
// short form leaves out only what every copy of that browser sends; any other
// word of the text stays in it, so that a robot which calls itself a browser
// shows what else it says. Text comes from outside and is no safer afterwards.
package agent

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mileusna/useragent"

	"doorman/model"
)

// Longer texts, and those with more words beside the browser and its system
// than these, stay as they are: a short form would hide how odd they are.
const (
	maxBytes = 512
	maxExtra = 4
)

// separator stands between the parts of a short form. It is not ASCII, and only
// ASCII is shortened: no agent can send a text that reads as a short form, see Short.
const separator = " · "

// Short returns the short form of a user agent, or the text itself where it is
// not one that is understood to the last word.
func Short(raw string) string {
	if strings.Contains(raw, strings.TrimSpace(separator)) {
		return strconv.Quote(raw)
	}
	words, ok := split(raw)
	if !ok {
		return raw
	}
	if words[0].text == "Mozilla/5.0" {
		return browser(raw, words[1:])
	}
	if !words[0].isProduct() || isBrowser(words[0].name()) {
		return raw
	}
	return join(raw, "", "", words)
}

// Both returns the short form and, where it differs, the text itself after it.
func Both(raw string) string {
	if s := Short(raw); s != raw {
		return s + "  " + raw
	}
	return raw
}

// Tally is a tally of user agents in their short form.
func Tally(t model.Tally) model.Tally {
	out := make(model.Tally, len(t))
	for i, l := range t {
		out[i] = model.TallyLine{Label: Short(l.Label), N: l.N}
	}
	return out
}

// browser shortens what begins with "Mozilla/5.0": a browser, its system, and
// all that neither of them accounts for.
func browser(raw string, words []word) string {
	ua := useragent.Parse(raw)
	f, name := families()[ua.Name], ""
	i := slices.IndexFunc(words, func(w word) bool {
		return !w.inside && w.isProduct() && slices.Contains(f.keys, w.name()) && w.version() == ua.Version
	})
	if i >= 0 {
		name = ua.Name + " " + trimZeros(ua.Version)
		words = slices.Delete(words, i, i+1)
	} else {
		f = family{with: []string{"AppleWebKit", "Gecko", "Mobile"}}
	}
	sys := systemOf(ua, words)
	var extra []word
	seen := map[string]bool{}
	for _, w := range words {
		usual := slices.Contains(f.with, w.name())
		if w.inside {
			usual = sys.tells(w.text) || w.text == "KHTML, like Gecko" || w.text == "rv:"+ua.Version || name == "" && w.text == "compatible"
		}
		if !usual || seen[w.name()] {
			extra = append(extra, w)
		}
		seen[w.name()] = true
	}
	return join(raw, name, sys.name, extra)
}

// join writes the short form; without a browser the first product stands in front.
func join(raw, name, system string, extra []word) string {
	if len(extra) > maxExtra || name == "" && system == "" && len(extra) == 0 {
		return raw
	}
	if i := slices.IndexFunc(extra, word.isProduct); name == "" && i >= 0 {
		name, extra = extra[i].plain(), slices.Delete(extra, i, i+1)
	}
	parts := []string{name, system}
	for _, w := range extra {
		parts = append(parts, w.plain())
	}
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return strings.Join(parts, separator)
}

// trimZeros drops the ".0" that browsers send in place of a real version.
func trimZeros(v string) string {
	for strings.HasSuffix(v, ".0") {
		v = strings.TrimSuffix(v, ".0")
	}
	return v
}
