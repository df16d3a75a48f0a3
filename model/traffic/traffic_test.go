package traffic_test

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"doorman/model"
	"doorman/model/traffic"
)

var noon = time.Date(2026, 3, 16, 12, 0, 0, 0, time.UTC)

// labelled is a reset with the attack or crowd that it belongs to.
type labelled struct {
	model.ResetInput
	label string
}

func past(s *traffic.Service) []labelled {
	var all []labelled
	for in, label := range s.Labelled() {
		all = append(all, labelled{in, label})
	}
	return all
}

func accounts(s *traffic.Service) []model.AccountInput {
	var all []model.AccountInput
	for in := range s.Accounts() {
		all = append(all, in)
	}
	return all
}

func TestSameOptionsSameService(t *testing.T) {
	o := traffic.Options{Seed: 7, Accounts: 2000, Resets: 9000, End: noon}
	a, b := traffic.New(o), traffic.New(o)
	if !slices.Equal(accounts(a), accounts(b)) || !slices.Equal(past(a), past(b)) ||
		!slices.Equal(a.Attacks(), b.Attacks()) || !slices.Equal(a.Crowds(), b.Crowds()) {
		t.Error("the same options made two services")
	}
	if !slices.Equal(past(a), past(a)) {
		t.Error("reading the past changed it")
	}
	o.Seed = 8
	if slices.Equal(accounts(a), accounts(traffic.New(o))) {
		t.Error("another seed made the same accounts")
	}
}

func TestSizesAreExact(t *testing.T) {
	for _, o := range []traffic.Options{
		{},
		{Accounts: 1, Resets: 1},
		{Accounts: 3, Resets: 500, Span: 10 * time.Minute},
		{Accounts: 50, Resets: 2000, Span: 100 * 24 * time.Hour},
		{Seed: 1<<64 - 1, Accounts: 500, Resets: 30000, Span: 26 * time.Hour, End: noon.Add(7*time.Hour + 123)},
		{Accounts: 6000, Resets: 100, Span: 3 * time.Second},
	} {
		s := traffic.New(o)
		want, wantAccounts := o.Resets, o.Accounts
		if want == 0 {
			want, wantAccounts = 100000, 20000
		}
		if n := len(past(s)); n != want {
			t.Errorf("%+v: %d resets, want %d", o, n, want)
		}
		if n := len(accounts(s)); n != wantAccounts {
			t.Errorf("%+v: %d accounts, want %d", o, n, wantAccounts)
		}
	}
}

func TestEverythingIsInTheSpanAndInOrder(t *testing.T) {
	for _, span := range []time.Duration{20 * time.Minute, 30 * time.Hour, 14 * 24 * time.Hour} {
		s := traffic.New(traffic.Options{Seed: 3, Accounts: 3000, Resets: 20000, Span: span, End: noon})
		born := map[string]time.Time{}
		for _, a := range accounts(s) {
			born[a.ID] = a.Created
		}
		last := noon.Add(-span)
		for _, r := range past(s) {
			switch {
			case r.Created.Before(last):
				t.Fatalf("%s: created %s after one of %s", r.ID, r.Created, last)
			case !r.Created.Before(noon) || !r.Used.IsZero() && !r.Used.Before(noon) || r.Revoked.After(noon):
				t.Fatalf("%s: something happens after the end: %+v", r.ID, r)
			case !r.Used.IsZero() && (r.Used.Before(r.Created) || !r.Used.Before(r.Expires)):
				t.Fatalf("%s: used out of its time: %+v", r.ID, r)
			case born[r.AccountID].IsZero() || r.Created.Before(born[r.AccountID]):
				t.Fatalf("%s: account %q did not exist yet", r.ID, r.AccountID)
			case r.Used.IsZero() != (r.UsedIP == ""):
				t.Fatalf("%s: used %v from %q", r.ID, r.Used, r.UsedIP)
			case !r.Revoked.IsZero() && !r.Revoked.Before(r.Expires):
				t.Fatalf("%s: revoked when it had expired", r.ID)
			}
			last = r.Created
		}
	}
}

func TestIDsAreUUID4(t *testing.T) {
	s := traffic.New(traffic.Options{Accounts: 3000, Resets: 20000})
	form := regexp.MustCompile(`^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$`)
	seen := map[string]bool{}
	check := func(id string) {
		if !form.MatchString(id) || seen[id] {
			t.Fatalf("id %q is malformed or twice", id)
		}
		seen[id] = true
	}
	for _, a := range accounts(s) {
		check(a.ID)
	}
	for _, r := range past(s) {
		check(r.ID)
	}
}

func TestAddressesAreValidAndNobodys(t *testing.T) {
	reserved := regexp.MustCompile(`@(example\.(com|org|net)|[a-z0-9-]+\.(example|test))$`)
	s := traffic.New(traffic.Options{Seed: 2})
	seen, firms := map[string]bool{}, map[string]int{}
	for _, a := range accounts(s) {
		got, err := model.ParseEmail(a.Email)
		if err != nil || got != a.Email || !reserved.MatchString(a.Email) {
			t.Fatalf("address %q: %v", a.Email, err)
		}
		if low := strings.ToLower(a.Email); seen[low] {
			t.Fatalf("address %q is there twice", a.Email)
		} else {
			seen[low] = true
		}
		_, domain, _ := strings.Cut(a.Email, "@")
		firms[domain]++
	}
	if len(firms) < 300 || firms["example.com"] < 10*len(accounts(s))/100 {
		t.Errorf("%d domains, %d at example.com", len(firms), firms["example.com"])
	}
	for _, r := range past(s) {
		unrouted(t, r.IP)
		if r.UsedIP != "" {
			unrouted(t, r.UsedIP)
		}
	}
}

// unrouted fails unless ip is an address of the plan.
func unrouted(t *testing.T, ip string) {
	t.Helper()
	plan := []string{"240.0.0.0/4", "198.18.0.0/15", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "3fff::/20", "2001:db8::/32"}
	a, err := netip.ParseAddr(ip)
	if err != nil || a.String() != ip {
		t.Fatalf("%q is not how an address is written: %v", ip, err)
	}
	if !slices.ContainsFunc(plan, func(p string) bool { return netip.MustParsePrefix(p).Contains(a) }) {
		t.Fatalf("%s is outside the plan", ip)
	}
}

func TestPeopleBehaveLikePeople(t *testing.T) {
	for seed := range uint64(3) {
		all := past(traffic.New(traffic.Options{Seed: seed, End: noon}))
		var honest, finished, sixes, same, night, day, weekend, again int
		hours := map[string]time.Time{}
		asked, agents := map[string]int{}, map[string]int{}
		for _, r := range all {
			asked[r.AccountID]++
			agents[r.Agent]++
			if strings.Contains(r.IP, ":") {
				sixes++
			}
			if r.label != "" {
				continue
			}
			honest++
			if !r.Used.IsZero() {
				finished++
				if r.UsedIP == r.IP {
					same++
				}
			}
			if r.Created.Sub(hours[r.AccountID]) < 7*time.Minute {
				again++
			}
			hours[r.AccountID] = r.Created
			switch h := r.Created.Hour(); {
			case h >= 1 && h < 4:
				night++
			case h >= 8 && h < 11:
				day++
			}
			if d := r.Created.Weekday(); d == time.Saturday || d == time.Sunday {
				weekend++
			}
		}
		between(t, "finished", finished, honest, 0.55, 0.70)
		between(t, "used from the same address", same, finished, 0.70, 0.92)
		between(t, "asked again within minutes", again, honest, 0.06, 0.16)
		between(t, "IPv6", sixes, len(all), 0.25, 0.50)
		between(t, "night against morning", night, day, 0, 0.3)
		between(t, "weekend", weekend, honest, 0.10, 0.24)
		between(t, "accounts that ever asked", len(asked), 20000, 0.35, 0.55)
		busiest := 0
		for _, n := range asked {
			busiest = max(busiest, n)
		}
		if busiest < 40 || len(agents) < 25 {
			t.Errorf("busiest account asked %d times, %d agents", busiest, len(agents))
		}
	}
}

func between(t *testing.T, what string, n, of int, low, high float64) {
	t.Helper()
	if share := float64(n) / float64(of); share < low || share > high {
		t.Errorf("%s: %d of %d = %.3f, want %.2f…%.2f", what, n, of, share, low, high)
	}
}

func TestAttacksAreInTheData(t *testing.T) {
	s := traffic.New(traffic.Options{Seed: 5, End: noon})
	all := past(s)
	kinds, ongoing := map[traffic.Kind]int{}, 0
	for _, a := range s.Attacks() {
		kinds[a.Kind]++
		n, inside, used := 0, 0, 0
		for _, r := range all {
			here := a.Account == r.AccountID && a.Account != "" || a.Network.IsValid() && a.Network.Contains(netip.MustParseAddr(r.IP))
			if here && !r.Created.Before(a.Start) && !r.Created.After(a.End) {
				inside++
			}
			if r.label != a.Name {
				continue
			}
			n++
			if !r.Used.IsZero() {
				used++
			}
			if !here || r.Created.Before(a.Start) || r.Created.After(a.End) {
				t.Fatalf("%s: %s of %s at %s is outside %+v", a.Name, r.ID, r.IP, r.Created, a)
			}
		}
		if n != a.Requests || inside < n || a.Network.IsValid() && inside != n {
			t.Errorf("%s: %d labelled, %d inside, says %d", a.Name, n, inside, a.Requests)
		}
		if (used > 0) != (a.Kind == traffic.Takeover) {
			t.Errorf("%s: %d used", a.Name, used)
		}
		if a.Ongoing {
			ongoing++
			if noon.Sub(a.End) > 2*time.Minute || noon.Sub(a.Start) > time.Hour {
				t.Errorf("%s is said to be on at the end: %s…%s", a.Name, a.Start, a.End)
			}
		}
	}
	for _, k := range []traffic.Kind{traffic.Sweep, traffic.Flood, traffic.Rotation, traffic.MailBomb, traffic.Takeover, traffic.SlowSpray, traffic.ListWalk} {
		if kinds[k] == 0 {
			t.Errorf("no %s", k)
		}
	}
	if ongoing != 1 {
		t.Errorf("%d attacks are on at the end", ongoing)
	}
}

func TestSweepAsksOnceToThriceAnAddress(t *testing.T) {
	s := traffic.New(traffic.Options{Seed: 5, End: noon})
	asked := map[string]int{}
	for _, r := range past(s) {
		if strings.HasPrefix(r.label, string(traffic.Sweep)) {
			asked[r.IP]++
		}
	}
	for ip, n := range asked {
		if n > 3 {
			t.Errorf("%s asked %d times", ip, n)
		}
	}
	if len(asked) < 200 {
		t.Errorf("only %d addresses", len(asked))
	}
}

func TestCrowdsAreInTheDataAndHarmless(t *testing.T) {
	s := traffic.New(traffic.Options{Seed: 5, End: noon})
	all := past(s)
	if len(s.Crowds()) < 4 {
		t.Errorf("only %d crowds", len(s.Crowds()))
	}
	for _, c := range s.Crowds() {
		n, used, window := 0, 0, 0
		for _, r := range all {
			in := !r.Created.Before(c.Start) && !r.Created.After(c.End)
			if in {
				window++
			}
			if r.label == c.Name {
				n++
				if !in {
					t.Fatalf("%s: %s is outside", c.Name, r.Created)
				}
				if !r.Used.IsZero() {
					used++
				}
			}
		}
		if n != c.Requests {
			t.Errorf("%s: %d labelled, says %d", c.Name, n, c.Requests)
		}
		if c.Kind == traffic.MailDay {
			usual := float64(len(all)) * c.End.Sub(c.Start).Hours() / (14 * 24)
			if usual == 0 || float64(window) < 1.7*usual {
				t.Errorf("mail day: %d resets, usual are %.0f", window, usual)
			}
			continue
		}
		between(t, c.Name+" finished", used, n, 0.40, 0.80)
	}
}

func TestLiveGoesOn(t *testing.T) {
	o := traffic.Options{Seed: 4, Accounts: 3000, Resets: 5000, End: noon}
	a, b := traffic.New(o).Live(noon), traffic.New(o).Live(noon)
	last, opening, attack, reads, known := noon, 0, map[string]int{}, 0, map[string]bool{}
	for _, acc := range accounts(traffic.New(o)) {
		known[acc.Email] = true
	}
	strangers := 0
	for range 8000 {
		e := a.Next()
		if e != b.Next() {
			t.Fatal("the same service went on in two ways")
		}
		if !e.At.After(last) {
			t.Fatalf("%s does not follow %s", e.At, last)
		}
		last = e.At
		if _, err := model.ParseEmail(e.Order.Email); err != nil {
			t.Fatal(err)
		}
		unrouted(t, e.Order.IP)
		if e.Order.Agent == "" || e.Reads != (e.UseIP != "") || e.Reads != (e.Delay > 0) || e.Reads != (e.UseAgent != "") {
			t.Fatalf("half an event: %+v", e)
		}
		if e.At.Before(noon.Add(5 * time.Minute)) {
			opening++
		}
		if e.Attack != "" {
			attack[e.Attack]++
		}
		if e.Reads {
			reads++
			unrouted(t, e.UseIP)
		}
		if !known[e.Order.Email] {
			strangers++
		}
	}
	between(t, "events a second in the first minutes", opening, 300, 1, 3)
	between(t, "read", reads, 8000, 0.35, 0.70)
	between(t, "unknown addresses", strangers, 8000, 0.01, 0.2)
	if attack["live-sweep-1"] < 40 || attack["live-sweep-2"] < 200 || attack["live-rotation-1"] < 100 {
		t.Errorf("attacks: %v", attack)
	}
}

func TestQuietLiveHasNoAttack(t *testing.T) {
	s := traffic.New(traffic.Options{Accounts: 500, Resets: 3000, Quiet: true, End: noon})
	if len(s.Attacks()) == 0 {
		t.Error("the past lost its attacks too")
	}
	l := s.Live(noon)
	for range 3000 {
		if e := l.Next(); e.Attack != "" {
			t.Fatalf("attack %s", e.Attack)
		}
	}
}

func BenchmarkService(b *testing.B) {
	for _, size := range []struct {
		name             string
		accounts, resets int
	}{{"demo", 20000, 100000}, {"large", 200000, 1000000}} {
		b.Run(size.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s := traffic.New(traffic.Options{Accounts: size.accounts, Resets: size.resets})
				n := 0
				for range s.Accounts() {
					n++
				}
				for range s.Resets() {
					n++
				}
				if n != size.accounts+size.resets {
					b.Fatal(n)
				}
			}
		})
	}
}

func BenchmarkLive(b *testing.B) {
	l := traffic.New(traffic.Options{}).Live(noon)
	for b.Loop() {
		l.Next()
	}
}
