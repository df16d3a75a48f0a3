package store

import (
	"context"
	"database/sql/driver"
	"strings"
)

// atlas knows of each account where its address stands in the list and at which
// domain it is. It remembers those that were requested lately.
type atlas struct {
	places      *places
	fresh, once map[string]home // those requested since it was last trimmed, and before
	domains     map[string]string
}

// home is what the engine learns of an account.
type home struct {
	place  uint32
	domain string // "@" and the domain, or "": all that the engine keeps of an address
}

// atlasHalf is how many accounts are kept twice: some 6 MB.
const atlasHalf = 30_000

func newAtlas(p *places) *atlas {
	return &atlas{places: p, fresh: map[string]home{}, domains: map[string]string{}}
}

func (a *atlas) find(account string) (home, bool) {
	if h, ok := a.fresh[account]; ok {
		return h, true
	}
	h, ok := a.once[account]
	if ok {
		a.keep(account, h)
	}
	return h, ok
}

func (a *atlas) keep(account string, h home) {
	if len(a.fresh) >= atlasHalf {
		a.fresh, a.once = map[string]home{}, a.fresh
	}
	a.fresh[account] = h
}

// locate completes events with what their accounts are, in one query for all
// that are not known.
func (a *atlas) locate(ctx context.Context, s *Store, list []told) error {
	missing := map[string]bool{}
	for i := range list {
		if h, ok := a.find(list[i].Account); ok {
			list[i].Place, list[i].Email = h.place, h.domain
		} else {
			missing[list[i].Account] = true
		}
	}
	if len(missing) == 0 {
		return nil
	}
	ids := make([]string, 0, len(missing))
	for id := range missing {
		ids = append(ids, id)
	}
	text, err := idList(ids)
	if err != nil {
		return err
	}
	found := make(map[string]home, len(ids))
	err = s.raw(ctx, `SELECT a.id, a.email FROM "Account" AS a WHERE a.id IN (SELECT value FROM json_each(?))`, []any{text},
		func(row []driver.Value) error {
			id, email := textOf(row[0]), textOf(row[1])
			place, err := a.places.of(email)
			if err != nil {
				return err
			}
			h := home{place, a.domain(email)}
			found[id] = h
			a.keep(id, h)
			return nil
		})
	if err != nil {
		return err
	}
	for i := range list {
		if h, ok := found[list[i].Account]; ok {
			list[i].Place, list[i].Email = h.place, h.domain
		}
	}
	return nil
}

// domain returns the part of an address from its last "@" on, one string for all
// that share it.
func (a *atlas) domain(email string) string {
	at := strings.LastIndexByte(email, '@')
	if at < 0 {
		at = 0
	}
	d, ok := a.domains[email[at:]]
	if !ok {
		if len(a.domains) > atlasHalf {
			clear(a.domains)
		}
		d = strings.Clone(email[at:])
		a.domains[d] = d
	}
	return d
}
