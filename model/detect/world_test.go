package detect_test

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"doorman/model/detect"
)

// world makes labelled traffic: honest people at home, in offices and behind
// carriers, crowds that look like attacks, and attacks. Same seed, same traffic.
type world struct {
	r       *rand.Rand
	start   time.Time
	days    int
	mails   []string // in order
	events  []detect.Event
	attacks []attack
	crowds  map[string][]string // event ids by name
	late    func(email string, at time.Time) bool
	ready   float64    // chance that an honest person finishes, each time
	minutes float64    // how long that takes
	proxy   netip.Addr // hides every client
}

// attack is what was planted.
type attack struct {
	Family string
	Prefix string // "" where no network names it
	On     string
	IDs    []string
}

var agentMix = []string{
	"Firefox on Windows", "Chrome on Windows", "Chrome on Windows", "Chrome on Windows", "Chrome on Android", "Chrome on Android",
	"Safari on iPhone", "Safari on iPhone", "Safari on Mac", "Edge on Windows", "Chrome on Mac", "Samsung on Android",
}

var domainMix = []string{"mail.example", "mail.example", "mail.example", "post.example", "post.example", "web.example", "inbox.example", "firm-a.example", "firm-b.example", "uni.example"}

func newWorld(seed uint64, days int) *world {
	w := &world{r: rand.New(rand.NewPCG(seed, 7)), start: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), days: days, crowds: map[string][]string{}, ready: 0.6, minutes: 2}
	for i := range 20000 {
		w.mails = append(w.mails, fmt.Sprintf("%c%c%05d@%s", 'a'+w.r.IntN(26), 'a'+w.r.IntN(26), i, domainMix[w.r.IntN(len(domainMix))]))
	}
	slices.Sort(w.mails)
	return w
}

func (w *world) id() string { return fmt.Sprintf("%016x%016x", w.r.Uint64(), w.r.Uint64()) }

func (w *world) agent() string { return agentMix[w.r.IntN(len(agentMix))] }

func (w *world) someone() int { return w.r.IntN(len(w.mails)) }

func v4(base string, free int, r *rand.Rand) netip.Addr {
	a := netip.MustParseAddr(base).As4()
	n := binary.BigEndian.Uint32(a[:]) | r.Uint32()&(1<<free-1)
	binary.BigEndian.PutUint32(a[:], n)
	return netip.AddrFrom4(a)
}

func v6(base string, from, to int, r *rand.Rand) netip.Addr {
	a := netip.MustParseAddr(base).As16()
	for b := from; b < to; b++ {
		if r.IntN(2) == 1 {
			a[b/8] |= 1 << (7 - b%8)
		}
	}
	return netip.AddrFrom16(a)
}

// home is where an honest person sits: always the same for the same person.
func (w *world) home(person int) netip.Addr {
	r := rand.New(rand.NewPCG(uint64(person), 99))
	switch k := r.IntN(10); {
	case k < 5:
		return v4([]string{"80.0.0.0", "84.0.0.0", "92.0.0.0", "109.0.0.0"}[r.IntN(4)], 22, r)
	case k < 7:
		return v4([]string{"176.1.0.0", "46.114.0.0"}[r.IntN(2)], 12, r) // carriers' NAT
	}
	return v6([]string{"2a02:8100::", "2003:c0::", "2a01:598::"}[r.IntN(3)], 32, 128, r)
}

// clock is a moment of a day as people keep it.
func (w *world) clock(day int) time.Time {
	h := 14 + 4.5*w.r.NormFloat64()
	return w.start.Add(time.Duration(day)*24*time.Hour + time.Duration(math.Mod(h+48, 24)*float64(time.Hour)))
}

// ask adds one request; finish is the chance that it is followed to the end.
func (w *world) ask(at time.Time, person int, ip netip.Addr, agent string, finish float64) string {
	mail := w.mails[person]
	e := detect.Event{ID: w.id(), Created: at.Truncate(time.Millisecond), Account: fmt.Sprintf("%032x", person*7919+1), Email: mail, IP: ip, Agent: agent,
		Place: place(person, len(w.mails))}
	if w.proxy.IsValid() {
		e.IP = w.proxy
	}
	if w.late != nil && w.late(mail, at) {
		finish *= 0.1
	}
	if w.r.Float64() < finish {
		e.Used = at.Add(time.Duration((0.2 + w.r.ExpFloat64()*w.minutes) * float64(time.Minute))).Truncate(time.Millisecond)
		e.UsedIP = e.IP
		if w.r.IntN(12) == 0 && !w.proxy.IsValid() {
			e.UsedIP = w.home(w.someone())
		}
	}
	w.events = append(w.events, e)
	return e.ID
}

// visit is an honest person who may try again.
func (w *world) visit(at time.Time, person int, ip netip.Addr, finish float64) []string {
	var ids []string
	agent := w.agent()
	for range 3 {
		n := len(w.events)
		ids = append(ids, w.ask(at, person, ip, agent, finish))
		if !w.events[n].Used.IsZero() || w.r.IntN(2) == 0 {
			break
		}
		at = at.Add(time.Duration(2+w.r.IntN(10)) * time.Minute)
	}
	return ids
}

func (w *world) honest(perDay int) {
	for d := range w.days {
		for range perDay {
			p := w.someone()
			w.visit(w.clock(d), p, w.home(p), w.ready)
		}
	}
}

// crowd adds people behind one network; per day, or all on one day.
func (w *world) crowdAt(name, base string, free, n int, finish float64, days ...int) {
	for _, d := range days {
		for range n {
			at := w.start.Add(time.Duration(d)*24*time.Hour + time.Duration(8*60+w.r.IntN(9*60))*time.Minute)
			w.crowds[name] = append(w.crowds[name], w.visit(at, w.someone(), v4(base, free, w.r), finish)...)
		}
	}
}

func (w *world) allDays() []int {
	var ds []int
	for d := range w.days {
		ds = append(ds, d)
	}
	return ds
}

// raid adds an attack of n requests over some hours.
func (w *world) raid(family, prefix string, day float64, hours float64, n int, finish float64, agent func() string, from func(i int) netip.Addr, whom func(i int) int) {
	a := attack{Family: family, Prefix: prefix, On: detect.OnRequest}
	t := w.start.Add(time.Duration(day * 24 * float64(time.Hour)))
	for i := range n {
		at := t.Add(time.Duration((float64(i) + w.r.Float64()) / float64(n) * hours * float64(time.Hour)))
		a.IDs = append(a.IDs, w.ask(at, whom(i), from(i), agent(), finish))
	}
	w.attacks = append(w.attacks, a)
}

// takeover adds accounts that are asked for at home and redeemed elsewhere.
func (w *world) takeover(prefix, base string, free int, day, hours float64, n int) {
	a := attack{Family: "takeover", Prefix: prefix, On: detect.OnUse}
	t := w.start.Add(time.Duration(day * 24 * float64(time.Hour)))
	for i := range n {
		at := t.Add(time.Duration((float64(i) + w.r.Float64()) / float64(n) * hours * float64(time.Hour))).Truncate(time.Millisecond)
		p := w.someone()
		a.IDs = append(a.IDs, w.ask(at, p, w.home(p), w.agent(), 0))
		e := &w.events[len(w.events)-1]
		e.Used, e.UsedIP = at.Add(2*time.Minute), v4(base, free, w.r)
	}
	w.attacks = append(w.attacks, a)
}

func (w *world) finish() []detect.Event {
	slices.SortFunc(w.events, func(a, b detect.Event) int { return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID)) })
	return w.events
}

// small is the labelled trace of the tests: a week, every family once.
func small(seed uint64) *world {
	w := newWorld(seed, 7)
	outage := w.start.Add(4*24*time.Hour + 13*time.Hour)
	w.late = func(mail string, at time.Time) bool {
		return at.After(outage) && at.Before(outage.Add(3*time.Hour))
	}
	w.honest(700)
	w.benign()
	w.raids(1)
	return w
}

// raids plants every family once, at a share of its usual size.
func (w *world) raids(size float64) {
	n := func(k int) int { return int(float64(k) * size) }
	r := w.r
	any := func(int) int { return w.someone() }
	one := func(s string) func(int) netip.Addr { return func(int) netip.Addr { return netip.MustParseAddr(s) } }
	bot := func() string { return "python-requests/2.31" }
	common := func() string { return "Chrome on Windows" }
	w.raid("flood", "185.220.4.7/32", 1.3, 0.5, n(60), 0.05, bot, one("185.220.4.7"), any)
	w.raid("spray", "139.162.9.9/32", 5.1, 11, n(90), 0.1, w.agent, one("139.162.9.9"), any)
	w.raid("sweep", "37.120.189.0/24", 2.1, 7, n(60), 0.05, common, func(int) netip.Addr { return v4("37.120.189.0", 8, r) }, any)
	w.raid("scatter", "47.89.0.0/16", 3.0, 16, n(30), 0.05, w.agent, func(int) netip.Addr { return v4("47.89.0.0", 16, r) }, any)
	w.raid("rotate64", "2a01:7e00:a5d9:11ad::/64", 5.2, 4, n(50), 0.1, w.agent, func(int) netip.Addr { return v6("2a01:7e00:a5d9:11ad::", 64, 128, r) }, any)
	w.raid("rotate48", "2001:41d0:ee93::/48", 3.2, 9, n(25), 0, w.agent, func(int) netip.Addr { return v6("2001:41d0:ee93::", 48, 128, r) }, any)
	w.raid("botnet", "", 4.0, 6, n(70), 0.02, func() string { return "Chrome on Windows 7" }, func(int) netip.Addr { return w.home(w.someone()) }, any)
	w.raid("mailbomb", "", 5.3, 2, n(25), 0, w.agent, func(int) netip.Addr { return w.home(w.someone()) }, func(int) int { return 4711 })
	w.raid("slow", "95.179.145.128/32", 0.4, 6.2*24, n(24), 0.05, w.agent, one("95.179.145.128"), any)
	w.raid("mimicry", "172.104.177.0/27", 1.5, 30, n(80), 0.2, w.agent, func(int) netip.Addr { return v4("172.104.177.0", 5, r) }, any)
	w.raid("nat", "176.1.3.9/32", 3.9, 0.4, n(30), 0.1, w.agent, one("176.1.3.9"), any)
	w.raid("walk", "", 2.6, 8, n(60), 0.05, w.agent, func(int) netip.Addr { return w.home(w.someone()) }, func(i int) int { return 9000 + i })
	w.takeover("52.138.200.128/26", "52.138.200.128", 6, 3.5, 30, n(14))
}

// benign adds what looks like an attack and is none.
func (w *world) benign() {
	week := w.allDays()
	w.crowdAt("office", "188.65.125.155", 0, 8, 0.7, 0, 1, 2, 3, 4)
	w.crowdAt("campus", "130.83.0.0", 16, 30, 0.6, 1, 2)
	w.crowdAt("kiosk", "194.25.20.32", 0, 4, 0.35, week...)
	w.crowdAt("desk", "194.25.206.100", 0, 14, 0.8, week...)
	at := w.start.Add(2*24*time.Hour + 10*time.Hour)
	for range 28 {
		w.crowds["class"] = append(w.crowds["class"], w.visit(at.Add(time.Duration(w.r.IntN(40))*time.Minute), w.someone(), netip.MustParseAddr("212.35.37.60"), 0.6)...)
	}
	for d := range 5 {
		for range 12 { // a firm whose mail is blocked
			p := w.someone()
			w.mails[p] = fmt.Sprintf("staff%d@blocked.example", w.r.IntN(25))
			at := w.start.Add(time.Duration(d)*24*time.Hour + time.Duration(8*60+w.r.IntN(9*60))*time.Minute)
			w.crowds["blocked"] = append(w.crowds["blocked"], w.visit(at, p, netip.MustParseAddr("193.159.0.253"), 0.2)...)
		}
	}
	for d := range w.days { // a gateway that opens the links of a firm
		for range 15 {
			p := w.someone()
			w.mails[p] = fmt.Sprintf("clerk%d@firm-a.example", p)
			at := w.clock(d)
			w.ask(at, p, w.home(p), w.agent(), 0)
			e := &w.events[len(w.events)-1]
			e.Used, e.UsedIP = e.Created.Add(20*time.Second), v4("20.50.194.128", 6, w.r)
		}
	}
}

// place is where the account with the given rank, from 0, stands in an ordered
// list of so many addresses, as Event.Place wants it.
func place(rank, accounts int) uint32 {
	return uint32((uint64(rank)*2 + 1) << 31 / uint64(max(1, accounts, rank+1)))
}
