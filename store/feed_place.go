package store

import (
	"cmp"
	"context"
	"database/sql/driver"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"time"
)

// places is the ordered list of all addresses, in lower case: who walks along
// it shows in it. Each is kept as what it does not share with the one before;
// every placesBlock-th whole. A million take about 15 MB.
type places struct {
	text  []byte
	heads []uint32 // where in text each block begins
	n     int
	file  *placesFile // where text is; nil: in memory
}

// placesBlock is how many addresses are looked through after the search.
const placesBlock = 32

// add appends the next address of the list; one out of order is none.
func (p *places) add(email, before string) {
	shared := 0
	if p.n%placesBlock == 0 {
		p.heads = append(p.heads, uint32(len(p.text))) //nolint:gosec // G115: 4 GB of addresses are a hundred million
	} else {
		for shared < len(email) && shared < len(before) && email[shared] == before[shared] {
			shared++
		}
	}
	p.text = binary.AppendUvarint(p.text, uint64(shared))
	p.text = binary.AppendUvarint(p.text, uint64(len(email)-shared)) //nolint:gosec // G115: shared is no longer than the address
	p.text = append(p.text, email[shared:]...)
	p.n++
}

// nextPlace decodes the entry at a place of a text into last, which held the one
// before.
func nextPlace(text []byte, at int, last []byte) ([]byte, int) {
	shared, k := binary.Uvarint(text[at:])
	at += k
	more, k := binary.Uvarint(text[at:])
	at += k
	end := at + int(more) //nolint:gosec // G115: written by add
	return append(last[:shared], text[at:end]...), end
}

// of spreads the rank of an address over the whole range. One that is not in
// the list stands between its neighbours; 0 says that there is no list.
func (p *places) of(email string) (uint32, error) {
	if p == nil || p.n == 0 || email == "" {
		return 0, nil
	}
	i, found, err := p.search(strings.ToLower(email))
	twice := uint64(i) * 2 //nolint:gosec // G115: an index
	if found {
		twice++
	}
	return uint32(max(1, min(twice<<31/uint64(p.n), math.MaxUint32))), err //nolint:gosec // G115: a number of addresses
}

// search returns the index of the first address that is not below email.
func (p *places) search(email string) (int, bool, error) {
	b, found := p.top(email)
	if b == 0 {
		return 0, found, nil
	}
	text, err := p.block(b - 1)
	if err != nil {
		return 0, false, err
	}
	buf, at, first := make([]byte, 0, 128), 0, (b-1)*placesBlock
	for i := first; i < min(first+placesBlock, p.n); i++ {
		buf, at = nextPlace(text, at, buf)
		if c := cmp.Compare(string(buf), email); c >= 0 {
			return i, c == 0, nil
		}
	}
	return min(first+placesBlock, p.n), found, nil
}

// newPlaces makes the list of addresses in lower case, in any order.
func newPlaces(emails []string) *places {
	p := &places{}
	if !slices.IsSorted(emails) { // letters beyond ASCII
		slices.Sort(emails)
	}
	before := ""
	for _, e := range emails {
		p.add(e, before)
		before = e
	}
	p.text, p.heads = slices.Clip(p.text), slices.Clip(p.heads)
	return p
}

// readPlaces reads the list as it was at a moment, so that a restart finds the
// same; where most accounts came since, or for the zero time, all. The index
// holds the addresses, so no account is read itself but those that came since.
func (s *Store) readPlaces(ctx context.Context, at time.Time) (*places, error) {
	since := map[string]bool{}
	if !at.IsZero() {
		err := s.raw(ctx, `SELECT a.email FROM "Account" AS a WHERE a.created >= ? AND a.email IS NOT NULL`, []any{s.atLeast(at)},
			func(row []driver.Value) error {
				since[strings.ToLower(textOf(row[0]))] = true
				return nil
			})
		if err != nil {
			return nil, err
		}
	}
	all, p := &placesReader{}, &placesReader{without: since}
	err := s.raw(ctx, `SELECT a.email FROM "Account" AS a WHERE a.email IS NOT NULL ORDER BY a.email COLLATE NOCASE`, nil,
		func(row []driver.Value) error {
			email := strings.ToLower(textOf(row[0]))
			if len(since) > 0 {
				all.n++
			}
			p.add(email)
			return nil
		})
	if err != nil {
		return nil, err
	}
	if len(since) > 0 && 2*p.n <= all.n {
		return s.readPlaces(ctx, time.Time{})
	}
	return p.list(), nil
}

// placesReader makes the list while it is read, as long as it comes in order.
type placesReader struct {
	p       places
	n       int
	last    string
	without map[string]bool
	loose   []string // all, when the order was broken: by letters beyond ASCII
}

func (r *placesReader) add(email string) {
	if r.without[email] {
		return
	}
	r.n++
	if r.loose == nil && email < r.last {
		r.loose = r.p.all()
	}
	if r.loose != nil {
		r.loose = append(r.loose, email)
		return
	}
	r.p.add(email, r.last)
	r.last = email
}

func (r *placesReader) list() *places {
	if r.loose != nil {
		return newPlaces(r.loose)
	}
	r.p.text, r.p.heads = slices.Clip(r.p.text), slices.Clip(r.p.heads)
	return &r.p
}

// all unpacks the list.
func (p *places) all() []string {
	out := make([]string, 0, p.n+1)
	var buf []byte
	for i, at := 0, 0; i < p.n; i++ {
		if i%placesBlock == 0 {
			buf = buf[:0]
		}
		buf, at = nextPlace(p.text, at, buf)
		out = append(out, string(buf))
	}
	return out
}
