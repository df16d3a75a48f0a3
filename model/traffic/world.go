package traffic

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// person is an account and how its owner reaches the service.
type person struct {
	id, email   string
	created     int64 // µs since the Unix epoch
	home        addr  // an IPv6 one is a /64 with an empty host half
	zone        int16 // minutes east of UTC
	desk, phone uint16
	firm        int32 // index of the firm, or none
	carrier     uint8
	confirmed   bool
}

const none = -1

// firm is a company or a university.
type firm struct {
	domain  string
	campus  bool
	v4      uint32 // address of its NAT, or of its /16
	net6    uint64 // first half of its /48, or 0
	zone    int16
	members []int32
}

// world is everything about the service that stands still.
type world struct {
	seed     uint64
	people   []person
	old      int // people[:old] had an account before the first reset
	askers   picker
	firms    []firm
	byEmail  []int32 // people[:old] in the order of the address
	homes    []provider
	homeBy   picker
	carriers []provider
	agents   *agents
}

func newWorld(o Options, start time.Time) *world {
	w := &world{seed: o.Seed, homes: homeProviders(), carriers: carriers(), agents: newAgents()}
	shares := make([]float64, len(w.homes))
	for i, p := range w.homes {
		shares[i] = p.share
	}
	w.homeBy = newPicker(shares)
	n := newNames()
	w.found(n, o.Accounts)
	w.settle(n, o, start)
	w.rank()
	return w
}

// found makes the firms: about one for 45 accounts, every ninth a university.
func (w *world) found(n *names, accounts int) {
	r := newRand(w.seed, firmStream)
	count := min(max(accounts/45, 6), 1200)
	for i := range count {
		f := firm{domain: n.company(i), zone: someZone(r)}
		switch {
		case i%9 == 2 && i/9 < 200:
			f.campus, f.domain = true, n.university(i/9)
			f.v4 = quad(245, byte(16+i/9), 0, 0)
			f.net6 = 0x2001_0db8_0000_0000 | uint64(0x0810+i/9)<<16
		default:
			f.v4 = quad(244, byte(r.IntN(256)), byte(r.IntN(256)), byte(1+r.IntN(254)))
			if r.Float64() < 0.25 {
				f.net6 = 0x3fff_0600_0000_0000 | uint64(i+1)<<16
			}
		}
		w.firms = append(w.firms, f)
	}
}

// someZone draws a zone: a European service with customers overseas.
func someZone(r *rand.Rand) int16 {
	switch u := r.Float64(); {
	case u < 0.54:
		return 60
	case u < 0.68:
		return 0
	case u < 0.80:
		return 120
	case u < 0.90:
		return -300
	case u < 0.94:
		return -480
	case u < 0.96:
		return 330
	}
	return 480
}

// settle makes the people, oldest account first. The service has grown for
// four years, and one account in two hundred came in the last of them.
func (w *world) settle(n *names, o Options, start time.Time) {
	r := newRand(w.seed, peopleStream)
	sizes := make([]float64, len(w.firms))
	for i := range sizes {
		sizes[i] = 1 / float64(i+3)
	}
	firmBy, mailBy := newPicker(sizes), newPicker(n.freemailShares)
	deskBy, phoneBy := newPicker(w.agents.desks), newPicker(w.agents.phones)
	taken := make(map[string]bool, o.Accounts)
	const history = 4 * 365 * 24 * time.Hour
	w.people = make([]person, o.Accounts)
	fresh := o.Accounts / 200
	w.old = o.Accounts - fresh
	for i := range w.people {
		p := &w.people[i]
		p.id = makeID(w.seed, accountIDs, uint64(i))
		p.firm, p.zone = none, someZone(r)
		p.confirmed = r.Float64() < 0.93
		if r.Float64() < 0.36 {
			p.firm = int32(firmBy.pick(r))
			p.zone = w.firms[p.firm].zone
			w.firms[p.firm].members = append(w.firms[p.firm].members, int32(i))
		}
		p.email = w.address(r, n, p, mailBy, taken)
		p.home = w.homes[w.homeBy.pick(r)].household(r)
		p.carrier = uint8(firstOf(r, 2)*2 + r.Uint64N(2))
		p.desk, p.phone = uint16(deskBy.pick(r)), uint16(phoneBy.pick(r))
		age := float64(w.old-i) - r.Float64()
		p.created = start.Add(-time.Duration(age / float64(w.old) * float64(history))).UnixMicro()
		if i >= w.old {
			part := (float64(i-w.old) + r.Float64()) / float64(fresh)
			p.created = start.UnixMicro() + int64(part*float64(o.Span.Microseconds()))
		}
	}
}

// address draws a mail address that no one has yet in any case.
func (w *world) address(r *rand.Rand, n *names, p *person, mailBy picker, taken map[string]bool) string {
	given, family := n.given[r.IntN(len(n.given))], n.family[r.IntN(len(n.family))]
	var local, domain string
	switch {
	case p.firm == none:
		local, domain = n.freeLocal(r, given, family), n.freemail[mailBy.pick(r)]
	case w.firms[p.firm].campus:
		local, domain = given[:1]+family, w.firms[p.firm].domain
	default:
		local, domain = given+"."+family, w.firms[p.firm].domain
	}
	// Two dozen tries find a number even in a service of millions.
	for try := 0; ; try++ {
		s := local + "@" + domain
		if try > 0 {
			s = local + strconv.Itoa(try+r.IntN(try*try*100)) + "@" + domain
		}
		if low := strings.ToLower(s); !taken[low] {
			taken[low] = true
			return s
		}
	}
}

// rank says how often each account asks. Half never does; of the others a few
// use resets as their way to log in. Accounts of the last days never ask:
// no one forgets so fast.
func (w *world) rank() {
	r := newRand(w.seed, peopleStream+1000)
	weights := make([]float64, w.old)
	for i := range weights {
		if r.Float64() < 0.45 {
			weights[i] = min(float64(lognormal(r, time.Second, 1.1))/float64(time.Second), 12)
		}
	}
	weights[0] = max(weights[0], 0.5) // someone must
	w.askers = newPicker(weights)
	w.byEmail = make([]int32, w.old)
	for i := range w.byEmail {
		w.byEmail[i] = int32(i)
	}
	slices.SortFunc(w.byEmail, func(a, b int32) int { return cmp.Compare(w.people[a].email, w.people[b].email) })
}
