package detect

import (
	"errors"
	"fmt"
	"io"
)

// snapshotVersion changes with anything that is written.
const snapshotVersion = 4

// ErrSnapshot is returned for a snapshot that this engine cannot continue from;
// replaying the events gives the same state.
var ErrSnapshot = errors.New("not a snapshot of this engine")

// Snapshot writes the whole state of the engine, exact to the last bit, so that
// Restore goes on as if there had been no interruption. The same state is always
// written alike. It takes some 200 bytes an event.
func (e *Engine) Snapshot(w io.Writer) error {
	e.catchUp()
	c := &coder{w: w}
	e.code(c)
	c.close()
	if c.err != nil {
		return fmt.Errorf("write snapshot: %w", c.err)
	}
	return nil
}

// Restore returns the engine that Snapshot wrote. The configuration is not part
// of it: a changed one applies from here on, but for Widest4 and Widest6, which
// must be the same. What was cut, changed or written by another version is
// refused; memory is taken only as the data come.
func Restore(cfg Config, r io.Reader) (*Engine, error) {
	e := New(cfg)
	c := &coder{r: r}
	e.code(c)
	c.close()
	if c.err == nil && !e.sound() {
		c.err = ErrSnapshot
	}
	if c.err != nil {
		return nil, fmt.Errorf("restore snapshot: %w", c.err)
	}
	return e, nil
}

func (e *Engine) code(c *coder) {
	c.item()
	v := uint64(snapshotVersion)
	if c.u64(&v); v != snapshotVersion {
		c.fail()
		return
	}
	c.i64(&e.clock)
	c.i64(&e.next)
	c.i64(&e.epoch)
	c.i64(&e.lost)
	number(c, &e.inForce)
	c.flag(&e.begun)
	e.target = e.clock
	for _, t := range []*tally{&e.total, &e.uses, &e.plain, &e.felt} {
		t.code(c)
	}
	c.f64(&e.weatherOpen)
	c.f64(&e.weatherDone)
	e.patience.code(c)
	e.log.code(c)
	e.due.code(c)
	list(c, &e.ripening, func(c *coder, n *int64) { c.i64(n) })
	for _, t := range e.tries() {
		t.code(c)
	}
	e.agents.code(c)
	e.domains.code(c)
	e.accounts.code(c)
	list(c, &e.clusters, codeCluster)
	e.codeRefusals(c)
}
