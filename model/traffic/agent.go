package traffic

import "strings"

// agents holds every user agent of the service and who uses which.
type agents struct {
	all     []string
	desks   []float64 // weight of each on a desk
	phones  []float64 // weight of each in a hand
	scripts []uint16  // programs: curl, python and the like
}

// newAgents writes out the mix: what current browsers send, versions frozen
// where browsers freeze them.
func newAgents() *agents {
	a := &agents{}
	add := func(desk, phone float64, texts ...string) {
		for _, t := range texts {
			a.all = append(a.all, t)
			a.desks = append(a.desks, desk/float64(len(texts)))
			a.phones = append(a.phones, phone/float64(len(texts)))
		}
	}
	const win, mac, lin = "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64"
	add(30, 0, chrome(win, "152", ""), chrome(win, "153", ""), chrome(win, "153", ""))
	add(6, 0, chrome(win, "148", ""), chrome(win, "146", ""))
	add(10, 0, chrome(mac, "153", ""), chrome(mac, "152", ""))
	add(3, 0, chrome(lin, "153", ""))
	add(13, 0, chrome(win, "153", "Edg/153.0.0.0"), chrome(win, "152", "Edg/152.0.0.0"))
	add(2, 0, chrome(win, "151", "OPR/136.0.0.0"))
	add(9, 0, firefox(win, "154"), firefox(win, "153"), firefox(win, "140"))
	add(4, 0, firefox("X11; Ubuntu; Linux x86_64", "154"), firefox(lin, "140"))
	add(2, 0, firefox("Macintosh; Intel Mac OS X 10.15", "154"))
	add(13, 0, safari(mac, "26.4", ""), safari(mac, "26.1", ""), safari(mac, "18.6", ""))
	add(0, 40, safari("iPhone; CPU iPhone OS 18_7 like Mac OS X", "26.4", "Mobile/15E148 "),
		safari("iPhone; CPU iPhone OS 18_7 like Mac OS X", "26.1", "Mobile/15E148 "),
		safari("iPhone; CPU iPhone OS 18_6_2 like Mac OS X", "18.6", "Mobile/15E148 "))
	add(0, 4, safari("iPad; CPU OS 18_7 like Mac OS X", "26.4", "Mobile/15E148 "))
	add(0, 36, chrome("Linux; Android 10; K", "153", "mobile"), chrome("Linux; Android 10; K", "152", "mobile"),
		chrome("Linux; Android 10; K", "149", "mobile"))
	add(0, 8, strings.Replace(chrome("Linux; Android 10; K", "145", "mobile"), "Chrome/", "SamsungBrowser/29.0 Chrome/", 1))
	add(0, 3, "Mozilla/5.0 (Android 15; Mobile; rv:154.0) Gecko/154.0 Firefox/154.0")
	add(0, 3, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/153.0.7339.101 Mobile/15E148 Safari/604.1")
	add(0, 5, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148")
	add(0.8, 0, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.4.0")
	add(0, 0.7, "Outlook-iOS/713.5036352.prod.iphone (5.2543.0)")
	add(0.25, 0, "curl/8.14.1")
	add(0.15, 0, "python-requests/2.32.5")
	a.addScripts()
	return a
}

// addScripts adds what only attacks and a few odd visitors send.
func (a *agents) addScripts() {
	for _, t := range []string{"curl/8.5.0", "python-requests/2.31.0", "Go-http-client/2.0", "okhttp/4.12.0",
		chrome("Windows NT 10.0; Win64; x64", "109", "")} {
		a.scripts = append(a.scripts, uint16(len(a.all)))
		a.all = append(a.all, t)
		a.desks, a.phones = append(a.desks, 0), append(a.phones, 0)
	}
}

// chrome writes the agent of a browser built on Chromium; more is "mobile" or
// the last word.
func chrome(system, version, more string) string {
	mobile, tail := "", ""
	switch more {
	case "":
	case "mobile":
		mobile = "Mobile "
	default:
		tail = " " + more
	}
	return "Mozilla/5.0 (" + system + ") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/" + version + ".0.0.0 " +
		mobile + "Safari/537.36" + tail
}

func firefox(system, version string) string {
	return "Mozilla/5.0 (" + system + "; rv:" + version + ".0) Gecko/20100101 Firefox/" + version + ".0"
}

func safari(system, version, mobile string) string {
	build := "605.1.15"
	if mobile != "" {
		build = "604.1"
	}
	return "Mozilla/5.0 (" + system + ") AppleWebKit/605.1.15 (KHTML, like Gecko) Version/" + version + " " + mobile + "Safari/" + build
}
