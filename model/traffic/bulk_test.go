package traffic_test

import (
	"net/netip"
	"testing"
	"time"

	"doorman/model"
	"doorman/model/traffic"
)

func TestBulkIsWhatItSays(t *testing.T) {
	o := traffic.Options{Seed: 3, Accounts: 3000, Resets: 50_000, End: noon}
	b := traffic.NewBulk(o)
	known := map[string]bool{}
	for a, err := range b.Accounts() {
		if _, e := model.ParseEmail(a.Email); err != nil || e != nil || known[a.ID] || known[a.Email] {
			t.Fatal(a, err, e)
		}
		known[a.ID], known[a.Email] = true, true
	}
	var n, v6, used, revoked, live int
	last, places, again := noon.Add(-91*24*time.Hour), map[string]int{}, traffic.NewBulk(o).Resets()
	var same []model.ResetInput
	for r := range again {
		same = append(same, r)
	}
	for r := range b.Resets() {
		switch {
		case r != same[n]:
			t.Fatal("two runs differ at", n)
		case r.Created.Before(last), !r.Created.Before(noon), r.Used.After(noon), r.Revoked.After(noon), !known[r.AccountID]:
			t.Fatalf("%+v after %s", r, last)
		}
		n++
		last = r.Created
		places[r.IP]++
		if netip.MustParseAddr(r.IP).Is6() {
			v6++
		}
		if !r.Used.IsZero() {
			used++
		} else if !r.Revoked.IsZero() {
			revoked++
		} else if r.Expires.After(noon) {
			live++
		}
	}
	if n != o.Resets || live == 0 || revoked < n/100 {
		t.Errorf("%d resets, %d live, %d revoked", n, live, revoked)
	}
	between(t, "IPv6", v6, n, 0.2, 0.5)
	between(t, "used", used, n, 0.55, 0.68)
	if len(places) < 1500 || len(places) > 6000 {
		t.Errorf("%d addresses", len(places))
	}
}
