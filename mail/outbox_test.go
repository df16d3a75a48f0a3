package mail

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"doorman/model"
)

// clock is a time that moves only when somebody waits.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// row is a letter with its lease.
type row struct {
	model.Letter
	owner string
	until time.Time
}

// outbox keeps letters in memory by the rules of the store: leases run out, and
// only who holds one may finish a letter.
type outbox struct {
	clock *clock

	mu          sync.Mutex
	rows        []*row
	sender      string
	senderUntil time.Time
	finished    []model.Outcome
	busy        int // how many calls of FinishLetter fail first
}

func newOutbox(letters ...model.Letter) *outbox {
	b := &outbox{clock: &clock{now: noon}}
	for _, l := range letters {
		b.rows = append(b.rows, &row{Letter: l})
	}
	return b
}

func (b *outbox) ClaimLetters(ctx context.Context, owner string, n int, lease time.Duration) ([]model.Letter, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	var out []model.Letter
	for _, r := range b.rows {
		waiting := (r.State == model.Queued || r.State == model.Failed) && !r.NextTry.After(now)
		abandoned := r.State == model.Sending && !r.until.After(now)
		if len(out) == n || !waiting && !abandoned {
			continue
		}
		if !r.Expires.IsZero() && !now.Before(r.Expires) {
			r.State = model.Cancelled
			continue
		}
		r.State, r.owner, r.until = model.Sending, owner, now.Add(lease)
		out = append(out, r.Letter)
	}
	return out, nil
}

func (b *outbox) FinishLetter(ctx context.Context, owner, id string, o model.Outcome) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.busy > 0 {
		b.busy--
		return &model.Error{Kind: model.Unavailable, Text: "the database is busy"}
	}
	for _, r := range b.rows {
		if r.ID != id {
			continue
		}
		if r.State != model.Sending || r.owner != owner || !r.until.After(b.clock.Now()) {
			return &model.Error{Kind: model.Conflict, Text: "another courier has the email"}
		}
		r.State, r.owner = o.State, ""
		if o.State != model.Queued {
			r.Attempts++
		}
		r.LastError, r.Reply = o.Err, o.Reply
		if o.State == model.Failed || o.State == model.Queued {
			r.NextTry = o.NextTry
		}
		b.finished = append(b.finished, o)
		return nil
	}
	return &model.Error{Kind: model.NotFound, Text: "no such email"}
}

func (b *outbox) TakeSender(ctx context.Context, owner string, lease time.Duration) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	if b.sender != "" && b.sender != owner && b.senderUntil.After(now) {
		return false, ctx.Err()
	}
	b.sender, b.senderUntil = owner, now.Add(lease)
	return true, ctx.Err()
}

func (b *outbox) DropSender(ctx context.Context, owner string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sender == owner {
		b.sender = ""
	}
	return ctx.Err()
}

func (b *outbox) letter(id string) model.Letter {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.rows, func(r *row) bool { return r.ID == id })
	return b.rows[i].Letter
}

func (b *outbox) count(s model.LetterState) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, r := range b.rows {
		if r.State == s {
			n++
		}
	}
	return n
}

func (b *outbox) currentSender() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sender
}

// letters makes n letters to different readers.
func letters(n int, prefix string) []model.Letter {
	out := make([]model.Letter, n)
	for i := range out {
		out[i] = letterTo(prefix + model.NewID()[:8] + "@example.org")
	}
	return out
}

// courierOn makes a courier whose waiting moves the clock of the outbox. Each
// wait is noted, and stop is asked after it.
func courierOn(t *testing.T, b *outbox, cfg Config, o CourierOptions) *Courier {
	t.Helper()
	o.Now = b.clock.Now
	if o.Sleep == nil {
		o.Sleep = func(_ context.Context, d time.Duration) { b.clock.advance(d) }
	}
	if o.Random == nil {
		o.Random = func(n int64) int64 { return n - 1 }
	}
	if o.Fault == nil {
		o.Fault = func(err error) { t.Logf("fault: %v", err) }
	}
	return NewCourier(b, newPress(t), newSender(t, cfg), o)
}

// runUntil runs a courier until done says so after one of its waits, and
// returns how long each wait was.
func runUntil(t *testing.T, b *outbox, cfg Config, o CourierOptions, done func() bool) []time.Duration {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var waits []time.Duration
	o.Sleep = func(_ context.Context, d time.Duration) {
		waits = append(waits, d)
		b.clock.advance(d)
		if done() || len(waits) > 1000 {
			cancel()
		}
	}
	if err := courierOn(t, b, cfg, o).Run(ctx); err != nil {
		t.Fatal(err)
	}
	if !done() {
		t.Fatalf("not done after %d waits", len(waits))
	}
	return waits
}
