package agent

import (
	"slices"
	"strings"

	"github.com/mileusna/useragent"
)

// family is what a browser sends: the products that carry its version, and
// those that every copy of it sends beside them.
type family struct{ keys, with []string }

// families returns the browsers by the name that the parser gives them.
func families() map[string]family {
	chromium := []string{"AppleWebKit", "Chrome", "Mobile", "Safari"}
	return map[string]family{
		useragent.Chrome:         {[]string{"Chrome", "CriOS"}, []string{"AppleWebKit", "Mobile", "Safari"}},
		useragent.Edge:           {[]string{"Edg", "EdgA", "EdgiOS", "Edge"}, chromium},
		useragent.Opera:          {[]string{"OPR"}, chromium},
		useragent.Vivaldi:        {[]string{"Vivaldi"}, chromium},
		useragent.SamsungBrowser: {[]string{"SamsungBrowser"}, chromium},
		useragent.HeadlessChrome: {[]string{"HeadlessChrome"}, []string{"AppleWebKit", "Safari"}},
		useragent.Firefox:        {[]string{"Firefox", "FxiOS"}, []string{"Gecko", "AppleWebKit", "Mobile", "Safari"}},
		useragent.Safari:         {[]string{"Version"}, []string{"AppleWebKit", "Mobile", "Safari"}},
	}
}

// isBrowser reports whether a product names a browser. Alone, without what
// browsers send with it, it is someone else's.
func isBrowser(name string) bool {
	for browser, f := range families() {
		if name == browser || slices.Contains(f.keys, name) || slices.Contains(f.with, name) {
			return true
		}
	}
	return name == "Mozilla"
}

// system is what an agent runs on: its name as it is shown, and the items of
// the comment that the name accounts for.
type system struct {
	name  string
	items []string
}

// tells reports whether an item says no more than the name does.
func (s system) tells(item string) bool { return slices.Contains(s.items, item) }

// systemOf names the system. Versions that browsers froze are left out.
func systemOf(ua useragent.UserAgent, words []word) system {
	underscored := strings.ReplaceAll(ua.OSVersion, ".", "_")
	switch ua.OS {
	case useragent.Windows:
		return system{windows(ua.OSVersion), []string{"Win64", "x64", "WOW64", "Windows NT " + ua.OSVersion}}
	case useragent.MacOS:
		return system{"macOS", []string{"Macintosh", "Intel Mac OS X 10_15_7", "Intel Mac OS X 10.15"}}
	case useragent.IOS:
		return system{"iOS " + ua.OSVersion, []string{"iPhone", "CPU iPhone OS " + underscored + " like Mac OS X", "CPU OS " + underscored + " like Mac OS X"}}
	case useragent.Android:
		if slices.ContainsFunc(words, func(w word) bool { return w.inside && w.text == "K" }) {
			return system{"Android", []string{"Linux", "K", "Android 10"}}
		}
		full := strings.TrimSpace("Android " + ua.OSVersion)
		return system{full, []string{"Linux", "Mobile", full}}
	case useragent.Linux:
		return system{"Linux", []string{"X11", "Linux x86_64"}}
	case useragent.ChromeOS:
		return system{"ChromeOS", []string{"X11", "CrOS x86_64 14541.0.0"}}
	}
	return system{} // its items are shown as they are
}

// windows names the release that people know by its own name.
func windows(version string) string {
	names := map[string]string{"10.0": "Windows", "6.3": "Windows 8.1", "6.2": "Windows 8", "6.1": "Windows 7", "6.0": "Windows Vista", "5.1": "Windows XP"}
	if name, ok := names[version]; ok {
		return name
	}
	return "Windows NT " + version
}
