package traffic

import (
	"cmp"
	"iter"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"doorman/model"
)

// Bulk makes up a service of any size for benchmarks: coarser than Service, and
// in memory that the accounts and addresses need, whatever the number of resets.
// The same options give the same rows, byte for byte, however often they are
// requested.
type Bulk struct {
	o       Options
	start   time.Time
	names   *names
	agents  *agents
	mail    picker
	askers  picker
	people  []customer
	places  []addr
	desks   picker
	phones  picker
	assault []visit // of the attacks, in order of time
}

// customer is an account of a Bulk: what else there is to know of it comes from
// its number.
type customer struct {
	home  int32 // place
	desk  uint16
	phone uint16
}

// bulkStream and some after it are the random numbers of a Bulk.
const bulkStream stream = 1 << 32

// Sizes of a Bulk.
const (
	bulkPlaces  = 400_000 // addresses at 10 million resets; of fewer resets a share
	bulkSpan    = 90 * 24 * time.Hour
	sharedOf    = 400 // one place in so many is shared: an office, a carrier, a VPN
	assaultPart = 50  // one reset in so many belongs to an attack
)

// NewBulk makes up a service of o.Accounts and o.Resets; a zero Span means 90
// days.
func NewBulk(o Options) *Bulk {
	if o.Span <= 0 {
		o.Span = bulkSpan
	}
	o = o.filled()
	b := &Bulk{o: o, start: o.End.Add(-o.Span), names: newNames(), agents: newAgents()}
	b.mail = newPicker(b.names.freemailShares)
	b.desks, b.phones = newPicker(b.agents.desks), newPicker(b.agents.phones)
	b.settle()
	b.attack()
	return b
}

// settle makes the places, the accounts and how often each asks: most now and
// then, some as their way to log in.
func (b *Bulk) settle() {
	r := newRand(b.o.Seed, bulkStream)
	homes, mobile := homeProviders(), carriers()
	shares := make([]float64, len(homes))
	for i, p := range homes {
		shares[i] = p.share
	}
	homeBy := newPicker(shares)
	b.places = make([]addr, max(min(b.o.Resets/25, bulkPlaces), 100))
	for i := range b.places {
		if i%sharedOf == 0 {
			b.places[i] = mobile[r.IntN(len(mobile))].address(r)
			continue
		}
		a := homes[homeBy.pick(r)].household(r)
		if a.isV6() {
			a = v6(a.network64(), slaac(r.Uint64()))
		}
		b.places[i] = a
	}
	b.people = make([]customer, b.o.Accounts)
	weights := make([]float64, len(b.people))
	for i := range b.people {
		b.people[i] = customer{int32(r.IntN(len(b.places))), uint16(b.desks.pick(r)), uint16(b.phones.pick(r))}
		weights[i] = min(float64(lognormal(r, time.Second, 1.1))/float64(time.Second), 12)
	}
	b.askers = newPicker(weights)
}

// attack plans the attacks: each takes a network of hosters, one account after
// another or always the same, and finishes nothing. The last goes on at the end.
func (b *Bulk) attack() {
	r := newRand(b.o.Seed, bulkStream+1000)
	total := b.o.Resets / assaultPart
	plots := min(max(total/250, 1), 60)
	b.assault = make([]visit, 0, total)
	for i := range plots {
		n := total/plots + min(1, total%plots*(plots-1-i)) // the remainder goes with the first
		n = min(n, total-len(b.assault))
		length := min(time.Duration(2+r.IntN(30))*time.Hour, b.o.Span/4).Microseconds()
		begin := r.Int64N(b.o.Span.Microseconds() - length)
		if i == plots-1 {
			n, begin = total-len(b.assault), b.o.Span.Microseconds()-length
		}
		base, agent := b.hostile(r, i), b.agents.scripts[r.IntN(len(b.agents.scripts))]
		first, one := r.IntN(len(b.people)), i%7 == 3
		for k := range n {
			v := visit{at: begin + r.Int64N(length), who: int32((first + k) % len(b.people)), ip: base(r), agent: agent}
			if one {
				v.who, v.ip = int32(first), b.places[r.IntN(len(b.places))]
			}
			b.assault = append(b.assault, v)
		}
	}
	slices.SortFunc(b.assault, func(x, y visit) int { return cmp.Compare(x.at, y.at) })
}

// hostile says where the addresses of attack number i come from: a /24, an IPv6
// /48, a single address, or a /18 of hosters.
func (b *Bulk) hostile(r *rand.Rand, i int) func(*rand.Rand) addr {
	net := quad(250, byte(i), byte(r.IntN(4)<<6), 0)
	switch i % 4 {
	case 0:
		return func(r *rand.Rand) addr { return v4(net | uint32(1+r.IntN(254))) }
	case 1:
		return func(r *rand.Rand) addr { return v6(0x2001_0db8_f000_0000|uint64(i)<<16|r.Uint64N(1<<12), r.Uint64()) }
	case 2:
		return func(*rand.Rand) addr { return v4(net | 7) }
	}
	return func(r *rand.Rand) addr { return v4(net | uint32(r.IntN(1<<14))) }
}

// Accounts yields every account, oldest first. The error is always nil.
func (b *Bulk) Accounts() iter.Seq2[model.AccountInput, error] {
	return func(yield func(model.AccountInput, error) bool) {
		r := newRand(b.o.Seed, bulkStream+2000)
		const history = 4 * 365 * 24 * time.Hour
		step := history / time.Duration(len(b.people)+1)
		at := b.start.Add(-history)
		for i := range b.people {
			at = at.Add(step)
			given, family := b.names.given[r.IntN(len(b.names.given))], b.names.family[r.IntN(len(b.names.family))]
			email := given + "." + family + strconv.FormatInt(int64(i), 36) + "@" + b.names.freemail[b.mail.pick(r)]
			in := model.AccountInput{Line: i + 1, ID: b.accountID(i), Email: email, Created: at, EmailConfirmed: r.Float64() < 0.93}
			if !yield(in, nil) {
				return
			}
		}
	}
}

func (b *Bulk) accountID(i int) string { return makeID(b.o.Seed, accountIDs, uint64(i)) }

// Resets yields every reset in order of creation. Their Email is empty. The
// error is always nil.
func (b *Bulk) Resets() iter.Seq2[model.ResetInput, error] {
	return func(yield func(model.ResetInput, error) bool) {
		r := newRand(b.o.Seed, bulkStream+3000)
		day := newTimetable(b.start, b.o.Span, 60, func(time.Duration) float64 { return 1 })
		whole, ordinary := day.bins[len(day.bins)-1], b.o.Resets-len(b.assault)
		done, hostile, line := 0, 0, 0
		var bin []visit
		for i, sum := range day.bins {
			from := int64(i) * binWidth.Microseconds()
			width := min(binWidth.Microseconds(), day.span-from)
			bin = bin[:0]
			for ; done < int(float64(ordinary)*(sum/whole)); done++ {
				bin = append(bin, b.come(r, from+r.Int64N(width)))
			}
			for ; hostile < len(b.assault) && b.assault[hostile].at < from+width; hostile++ {
				bin = append(bin, b.assault[hostile])
			}
			slices.SortFunc(bin, func(x, y visit) int { return cmp.Compare(x.at, y.at) })
			for k := range bin {
				line++
				if !yield(b.reset(line, &bin[k]), nil) {
					return
				}
			}
		}
	}
}

// come draws one ordinary reset: mostly from home, else from a place that many
// share.
func (b *Bulk) come(r *rand.Rand, at int64) visit {
	who := b.askers.pick(r)
	p := &b.people[who]
	v := visit{at: at, who: int32(who), agent: p.desk, ip: b.places[p.home]}
	if u := r.Float64(); u < 0.25 {
		v.agent, v.ip = p.phone, b.places[r.IntN((len(b.places)+sharedOf-1)/sharedOf)*sharedOf]
	} else if u < 0.5 {
		v.agent = p.phone
	}
	v.useIP = v.ip
	if r.Float64() < 0.63 {
		v.delay = int32(min(max(lognormal(r, 150*time.Second, 0.9), 9*time.Second), 55*time.Minute) / time.Millisecond)
		if r.Float64() < 0.15 {
			v.useIP = b.places[p.home]
		}
	} else if r.Float64() < 0.04 {
		v.revoked = int32(at/1_000_000) + 30 + r.Int32N(1500)
	}
	return v
}

// reset writes out a visit. What would lie beyond the end has not happened.
func (b *Bulk) reset(line int, v *visit) model.ResetInput {
	at := b.start.Add(time.Duration(v.at) * time.Microsecond)
	in := model.ResetInput{Line: line, ID: makeID(b.o.Seed, resetIDs, uint64(line)), Created: at, AccountID: b.accountID(int(v.who)),
		IP: v.ip.String(), Agent: b.agents.all[v.agent], Expires: at.Add(model.DefaultLifetime)}
	if used := at.Add(time.Duration(v.delay) * time.Millisecond); v.delay > 0 && used.Before(b.o.End) {
		in.Used, in.UsedIP = used, in.IP
		if v.useIP != v.ip {
			in.UsedIP = v.useIP.String()
		}
	}
	if revoked := b.start.Add(time.Duration(v.revoked) * time.Second); v.revoked > 0 && revoked.Before(b.o.End) {
		in.Revoked = revoked
	}
	return in
}
