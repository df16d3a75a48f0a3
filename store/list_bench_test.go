//go:build unix

package store

import (
	"context"
	"net/netip"
	"os"
	"testing"
	"time"

	"doorman/model"
)

// benchPath names a database to measure at, as `doorman bench` makes them; a
// copy is opened, for a schema of before is brought up to date. Without it the
// benchmarks make a table of their own.
const benchPath = "DOORMAN_BENCH_DB"

// benchStore opens the database of the benchmarks of lists.
func benchStore(b *testing.B) *Store {
	b.Helper()
	path := os.Getenv(benchPath)
	if path == "" {
		s := newStore(b)
		fillBench(b, s, benchRows)
		allNumbered(b, s)
		return s
	}
	s, err := Open(b.Context(), Options{Path: path, Key: testKey(), Act: operator()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	if s.damage != nil {
		<-s.damage.ended // it takes time from what is measured
	}
	allNumbered(b, s)
	var newest string
	if err := s.read(b.Context()).Raw(`SELECT max(created_date) FROM "PasswordReset"`).Scan(&newest).Error; err != nil {
		b.Fatal(err)
	}
	s.now = func() time.Time { return s.time(&newest) }
	return s
}

// busiest returns the /24 that most of the newest resets of IPv4 came from.
func busiest(b *testing.B, s *Store) netip.Prefix {
	b.Helper()
	var key string
	err := s.read(b.Context()).Raw(`SELECT hex(substr(requested_ip_key, 13, 3)) FROM (SELECT requested_ip_key FROM "PasswordReset"
		WHERE requested_ip LIKE '%.%' ORDER BY created_date DESC LIMIT 5000) GROUP BY 1 ORDER BY count(*) DESC LIMIT 1`).Scan(&key).Error
	if err != nil {
		b.Fatal(err)
	}
	k := unhex(key)
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{k[0], k[1], k[2]}), 24)
}

// allNumbered waits until every address is in the index of their parts.
func allNumbered(b *testing.B, s *Store) {
	b.Helper()
	for more := true; more; {
		var err error
		if more, err = s.numberMore(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLists reads one page of every kind of list: the first, the last, the
// one after a page in the middle and the one before it.
func BenchmarkLists(b *testing.B) {
	s, ctx := benchStore(b), context.Background()
	middle, err := s.ListResets(ctx, model.ResetFilter{Paging: model.Paging{At: s.now().Add(-45 * 24 * time.Hour)}})
	if err != nil || len(middle.Items) == 0 {
		b.Fatal(err)
	}
	r := middle.Items[0]
	address := prefix(b, r.RequestedIP)
	network := netip.PrefixFrom(address.Addr(), address.Bits()*3/4).Masked() // a /24, of IPv6 a /96
	for _, c := range []struct {
		name string
		f    model.ResetFilter
	}{
		{"all", model.ResetFilter{}},
		{"oldest", model.ResetFilter{Asc: true}},
		{"by use", model.ResetFilter{Sort: model.ByUsed}},
		{"by address", model.ResetFilter{Sort: model.ByIP}},
		{"of an account", model.ResetFilter{AccountID: r.AccountID}},
		{"from an address", model.ResetFilter{IP: address}},
		{"from a network", model.ResetFilter{IP: network}},
		{"from a carrier", model.ResetFilter{IP: busiest(b, s)}},
		{"a day", model.ResetFilter{Since: r.Created, Until: r.Created.Add(24 * time.Hour)}},
		{"live", model.ResetFilter{States: []model.State{model.Live}}},
		{"used", model.ResetFilter{States: []model.State{model.Used}}},
		{"revoked", model.ResetFilter{States: []model.State{model.Revoked}}},
		{"superseded", model.ResetFilter{States: []model.State{model.Superseded}}},
		{"expired", model.ResetFilter{States: []model.State{model.Expired}}},
		{"revoked and used", model.ResetFilter{States: []model.State{model.Revoked, model.Used}}},
		{"live by address", model.ResetFilter{States: []model.State{model.Live}, Sort: model.ByIP}},
		{"live of an agent", model.ResetFilter{States: []model.State{model.Live}, Agent: "Firefox"}},
		{"no such agent", model.ResetFilter{Agent: "no such agent"}},
		{"account part", model.ResetFilter{Query: r.Email[:min(6, len(r.Email))]}},
	} {
		b.Run(c.name, func(b *testing.B) { benchPages(b, s, c.f) })
	}
}

func benchPages(b *testing.B, s *Store, f model.ResetFilter) {
	read := func(p model.Paging) model.Page[model.Reset] {
		f.Paging = p
		page, err := s.ListResets(b.Context(), f)
		if err != nil {
			b.Fatal(err)
		}
		return page
	}
	pages := map[string]model.Paging{"first": {}, "last": {Last: true}}
	if f.Sort == "" {
		at := read(model.Paging{At: s.now().Add(-40 * 24 * time.Hour)})
		pages["next"], pages["previous"] = model.Paging{After: at.Next}, model.Paging{Before: at.Prev}
		pages["at a time"] = model.Paging{At: s.now().Add(-50 * 24 * time.Hour)}
	}
	for name, p := range pages {
		b.Run(name, func(b *testing.B) {
			n, begun := 0, cpuTime(b)
			for b.Loop() {
				n = len(read(p).Items)
			}
			b.ReportMetric(float64(n), "rows")
			b.ReportMetric(float64(cpuTime(b)-begun)/float64(b.N), "cpu-ns/op")
		})
	}
}

// BenchmarkSearch reads the first page of accounts by parts of their address.
func BenchmarkSearch(b *testing.B) {
	s, ctx := benchStore(b), context.Background()
	page, err := s.ListAccounts(ctx, model.AccountFilter{Paging: model.Paging{Last: true}})
	if err != nil || len(page.Items) == 0 {
		b.Fatal(err)
	}
	email := page.Items[0].Email
	half := email[:min(len(email), 12)]
	for name, f := range map[string]model.AccountFilter{
		"list first": {}, "list last": {Paging: model.Paging{Last: true}}, "one": {Query: email}, "rare": {Query: half}, "three signs": {Query: half[1:4]},
		"common": {Query: "example"}, "common last page": {Query: "example", Paging: model.Paging{Last: true}}, "none": {Query: "qxzqxz"},
		"two signs": {Query: "q7"}, "one sign": {Query: "e"}, "by creation": {Query: "example", Sort: model.ByAccountCreated},
		"rare by creation": {Query: half, Sort: model.ByAccountCreated}, "held": {Held: true},
	} {
		b.Run(name, func(b *testing.B) {
			n, begun := 0, cpuTime(b)
			for b.Loop() {
				page, err := s.ListAccounts(ctx, f)
				if err != nil {
					b.Fatal(err)
				}
				n = len(page.Items)
			}
			b.ReportMetric(float64(n), "rows")
			b.ReportMetric(float64(cpuTime(b)-begun)/float64(b.N), "cpu-ns/op")
		})
	}
}
