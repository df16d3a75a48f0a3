package bench

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"doorman/model"
)

// Rounds of the lists.
const (
	rounds = 60
	deep   = 40 // pages that are walked before the next and previous are measured
)

// resetCase is a list of resets and what the sqlite3 program is asked instead.
type resetCase struct {
	name string
	f    model.ResetFilter
	sql  string // the first page
}

const selectResets = `SELECT r.id, r.created_date, r.used_date, r.requested_ip, a.email FROM PasswordReset r JOIN Account a ON a.id = r.user_id `

// resetCases are the filters and orders that an index serves, about records that
// are there.
func (r *run) resetCases(s Store) ([]resetCase, error) {
	p, err := s.ListResets(r.ctx, model.ResetFilter{Paging: model.Paging{Limit: 500}})
	if err != nil {
		return nil, err
	}
	some := p.Items[len(p.Items)/2]
	ip, err := netip.ParseAddr(some.RequestedIP)
	if err != nil {
		return nil, err
	}
	bits := 24
	if ip.Is6() {
		bits = 64
	}
	network, _ := ip.Prefix(bits)
	tail := func(where string) string {
		return selectResets + where + " ORDER BY r.created_date DESC, r.id DESC LIMIT 50"
	}
	day := r.end.Add(-45 * 24 * time.Hour)
	return []resetCase{
		{"resets, newest first", model.ResetFilter{}, tail("")},
		{"resets, oldest first", model.ResetFilter{Asc: true}, selectResets + "ORDER BY r.created_date, r.id LIMIT 50"},
		{"resets by use", model.ResetFilter{Sort: model.ByUsed},
			selectResets + "WHERE r.used_date IS NOT NULL ORDER BY r.used_date DESC, r.id DESC LIMIT 50"},
		{"resets by address", model.ResetFilter{Sort: model.ByIP}, selectResets + "ORDER BY r.requested_ip_key DESC, r.created_date DESC, r.id DESC LIMIT 50"},
		{"resets until 45 days ago", model.ResetFilter{Until: day}, tail("WHERE r.created_date < " + quote(stamp(day)))},
		{"resets of an account", model.ResetFilter{AccountID: some.AccountID}, tail("WHERE r.user_id = " + quote(some.AccountID))},
		{"resets from a network", model.ResetFilter{IP: network}, ""},
		{"live resets", model.ResetFilter{States: []model.State{model.Live}},
			tail("WHERE r.was_used = 0 AND r.created_date > " + quote(stamp(r.end.Add(-model.DefaultLifetime))))},
		{"revoked resets", model.ResetFilter{States: []model.State{model.Revoked}}, tail("WHERE r.revoked_date IS NOT NULL")},
	}, nil
}

// lists measures pages as the console requests them.
func (r *run) lists() error {
	s, err := r.open()
	if err != nil {
		return err
	}
	defer s.Close()
	cases, err := r.resetCases(s)
	if err != nil {
		return err
	}
	q := r.sqlite()
	for _, c := range cases {
		err := r.walk(c.name, repeated(c.sql), q, func(at model.Paging) (model.Cursor, model.Cursor, error) {
			f := c.f
			f.Paging = at
			p, err := s.ListResets(r.ctx, f)
			return p.Prev, p.Next, err
		})
		if err != nil {
			return err
		}
	}
	const accounts = `SELECT a.id, a.email, a.created, (SELECT max(created_date) FROM PasswordReset WHERE user_id = a.id) FROM Account a `
	for _, c := range []struct {
		name string
		f    model.AccountFilter
		sql  string
	}{
		{"accounts by address", model.AccountFilter{}, accounts + "ORDER BY a.email COLLATE NOCASE, a.id LIMIT 50"},
		{"accounts, newest first", model.AccountFilter{Sort: model.ByAccountCreated, Desc: true}, accounts + "ORDER BY a.created DESC, a.id DESC LIMIT 50"},
	} {
		err := r.walk(c.name, repeated(c.sql), q, func(at model.Paging) (model.Cursor, model.Cursor, error) {
			f := c.f
			f.Paging = at
			p, err := s.ListAccounts(r.ctx, f)
			return p.Prev, p.Next, err
		})
		if err != nil {
			return err
		}
	}
	return r.search(s, q)
}

// repeated is a statement as often as it takes to measure it in a process.
func repeated(statement string) []string {
	if statement == "" {
		return nil
	}
	list := make([]string, rounds)
	for i := range list {
		list[i] = statement
	}
	return list
}

// walk measures the first page, pages further on and back, and the last.
func (r *run) walk(name string, peer []string, q sqlite, page func(model.Paging) (prev, next model.Cursor, err error)) error {
	var first, next, prev, last sample
	if _, _, err := page(model.Paging{}); err != nil { // warms what is cold
		return err
	}
	for range rounds {
		var at model.Cursor
		err := first.timed(func() (err error) { _, at, err = page(model.Paging{}); return err })
		for i := 0; i < deep/rounds+2 && at != "" && err == nil; i++ {
			err = next.timed(func() (err error) { _, at, err = page(model.Paging{After: at}); return err })
		}
		if err != nil {
			return err
		}
		var back model.Cursor
		if err = last.timed(func() (err error) { back, _, err = page(model.Paging{Last: true}); return err }); err != nil {
			return err
		}
		if back != "" {
			if err = prev.timed(func() (err error) { back, _, err = page(model.Paging{Before: back}); return err }); err != nil {
				return err
			}
		}
	}
	l, err := q.beside(first.line("lists", name+", first page", "≤ 2"), peer)
	if err != nil {
		return err
	}
	r.report(l)
	for _, m := range []struct {
		what string
		s    sample
	}{{"next", next}, {"previous", prev}, {"last", last}} {
		if len(m.s) > 0 {
			r.report(m.s.line("lists", name+", "+m.what+" page", "≤ 2"))
		}
	}
	return nil
}

// search looks for accounts by parts of addresses that are there.
func (r *run) search(s Store, q sqlite) error {
	rnd := rand.New(rand.NewPCG(r.Seed, 1)) //nolint:gosec // a benchmark draws what to look for
	p, err := s.ListResets(r.ctx, model.ResetFilter{Paging: model.Paging{Limit: 1000}})
	if err != nil {
		return err
	}
	for _, n := range []int{3, 5, 8} {
		var found sample
		var peer []string
		for range rounds {
			email := p.Items[rnd.IntN(len(p.Items))].Email
			from := rnd.IntN(max(len(email)-n, 1))
			part := email[from:min(from+n, len(email))]
			err := found.timed(func() error {
				_, err := s.ListAccounts(r.ctx, model.AccountFilter{Query: part})
				return err
			})
			if err != nil {
				return err
			}
			if len(peer) < 5 {
				peer = append(peer, "SELECT id, email FROM Account WHERE email LIKE "+quote("%"+part+"%")+" ORDER BY email COLLATE NOCASE, id LIMIT 50")
			}
		}
		l := found.line("lists", map[int]string{3: "search by three letters", 5: "search by five letters", 8: "search by eight letters"}[n], "≤ 10")
		if l, err = q.beside(l, peer); err != nil {
			return err
		}
		r.report(l)
	}
	return nil
}
