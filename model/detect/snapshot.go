package detect

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"net/netip"
	"slices"
)

// snapshotVersion changes with anything that is written.
const snapshotVersion = 2

// ErrSnapshot is returned for a snapshot that this engine cannot continue from;
// replaying the events gives the same state.
var ErrSnapshot = errors.New("not a snapshot of this engine")

// Snapshot writes the whole state of the engine, exact to the last bit, so that
// Restore goes on as if there had been no interruption.
func (e *Engine) Snapshot(w io.Writer) error {
	c := &coder{w: bufio.NewWriter(w)}
	e.code(c)
	if c.err == nil {
		c.err = c.w.Flush()
	}
	if c.err != nil {
		return fmt.Errorf("write snapshot: %w", c.err)
	}
	return nil
}

// Restore returns the engine that Snapshot wrote. The configuration is not part
// of it: a changed one applies from here on.
func Restore(cfg Config, r io.Reader) (*Engine, error) {
	e := New(cfg)
	c := &coder{r: bufio.NewReader(r)}
	e.code(c)
	if c.err != nil {
		return nil, fmt.Errorf("restore snapshot: %w", c.err)
	}
	return e, nil
}

// coder reads or writes: one description of the state serves both.
type coder struct {
	w   *bufio.Writer
	r   *bufio.Reader
	err error
	buf [8]byte
}

func (c *coder) bits(p *uint64) {
	switch {
	case c.err != nil:
	case c.w != nil:
		binary.LittleEndian.PutUint64(c.buf[:], *p)
		_, c.err = c.w.Write(c.buf[:])
	default:
		_, c.err = io.ReadFull(c.r, c.buf[:])
		*p = binary.LittleEndian.Uint64(c.buf[:])
	}
}

func (c *coder) float(ps ...*float64) {
	for _, p := range ps {
		v := math.Float64bits(*p)
		c.bits(&v)
		*p = math.Float64frombits(v)
	}
}

func (c *coder) flag(ps ...*bool) {
	for _, p := range ps {
		v := uint64(0)
		if *p {
			v = 1
		}
		c.bits(&v)
		*p = v != 0
	}
}

func (c *coder) text(p *string) {
	b := []byte(*p)
	list(c, &b, func(c *coder, x *byte) {
		switch {
		case c.err != nil:
		case c.w != nil:
			c.err = c.w.WriteByte(*x)
		default:
			*x, c.err = c.r.ReadByte()
		}
	})
	*p = string(b)
}

func (c *coder) addr(p *netip.Addr) {
	b, _ := p.MarshalBinary()
	s := string(b)
	c.text(&s)
	if c.r != nil && c.err == nil {
		c.err = p.UnmarshalBinary([]byte(s))
	}
}

func num[T ~int | ~int32 | ~int64 | ~uint8 | ~uint32 | ~uint64](c *coder, ps ...*T) {
	for _, p := range ps {
		v := uint64(*p)
		c.bits(&v)
		*p = T(v)
	}
}

func list[T any](c *coder, p *[]T, each func(*coder, *T)) {
	n := len(*p)
	num(c, &n)
	if c.r != nil {
		*p = nil
	}
	for i := 0; i < n && c.err == nil; i++ {
		if c.r != nil {
			var zero T
			*p = append(*p, zero)
		}
		each(c, &(*p)[i])
	}
}

func nums[T ~int32 | ~int64](c *coder, p *[]T) { list(c, p, func(c *coder, x *T) { num(c, x) }) }

func (e *Engine) code(c *coder) {
	v := snapshotVersion
	if num(c, &v); c.err == nil && v != snapshotVersion {
		c.err = ErrSnapshot
		return
	}
	num(c, &e.clock, &e.next, &e.epoch, &e.lost)
	num(c, &e.inForce)
	c.flag(&e.begun)
	e.log.code(c)
	list(c, (*[]fact)(&e.due), func(c *coder, f *fact) {
		num(c, &f.at, &f.n)
		num(c, &f.what)
		num(c, &f.id.hi, &f.id.lo)
	})
	e.patience.code(c)
	nums(c, &e.ripening)
	for _, t := range e.tries() {
		t.code(c)
	}
	for _, t := range []*tally{&e.total, &e.uses, &e.plain, &e.felt} {
		t.code(c)
	}
	c.float(&e.weatherOpen, &e.weatherDone)
	e.agents.code(c)
	e.domains.code(c)
	e.accounts.code(c)
	list(c, &e.clusters, codeCluster)
	e.codeRefusals(c)
}

func (e *Engine) codeRefusals(c *coder) {
	type pair struct {
		s subject
		r refusal
	}
	var ps []pair
	for s, r := range e.refusals {
		ps = append(ps, pair{s, r})
	}
	slices.SortFunc(ps, func(a, b pair) int {
		return cmp.Or(a.s.h-b.s.h, cmp.Compare(a.s.key.hi, b.s.key.hi), cmp.Compare(a.s.key.lo, b.s.key.lo), int(a.s.bits)-int(b.s.bits), cmp.Compare(a.r.at, b.r.at))
	})
	list(c, &ps, func(c *coder, p *pair) {
		num(c, &p.s.h)
		num(c, &p.s.key.hi, &p.s.key.lo)
		num(c, &p.s.bits)
		c.flag(&p.s.flood)
		c.float(&p.r.score)
		num(c, &p.r.at)
	})
	for _, p := range ps {
		e.refusals[p.s] = p.r
	}
}
