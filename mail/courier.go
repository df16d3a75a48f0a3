package mail

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"doorman/model"
)

// Outbox is what the courier needs of the store.
type Outbox interface {
	// ClaimLetters takes up to n letters that are due, for the length of the
	// lease.
	ClaimLetters(ctx context.Context, owner string, n int, lease time.Duration) ([]model.Letter, error)
	// FinishLetter says what became of a claimed letter; it fails when the
	// lease is no longer the owner's.
	FinishLetter(ctx context.Context, owner, id string, o model.Outcome) error
	// TakeSender makes the owner the only sender, or renews that.
	TakeSender(ctx context.Context, owner string, lease time.Duration) (bool, error)
	DropSender(ctx context.Context, owner string) error
}

// Postman carries one letter to the relay. A *SendError tells the courier whose
// fault a failure is; any other error is taken for a fault of the letter that
// may pass.
type Postman interface {
	Send(ctx context.Context, m Mail) (reply string, err error)
	Close() error // ends the connection until the next Send
}

// CourierOptions tunes a courier. The zero value is good for use; every function
// may be nil.
type CourierOptions struct {
	Owner    string        // names this console in leases; "" means a random id
	Server   string        // host and port, for Status; "" asks the postman
	Attempts int           // after how many a letter is given up; 0 means 12
	Poll     time.Duration // how often to look for letters; 0 means 2 s
	Off      string        // why there is no postman, for Status

	Now    func() time.Time
	Sleep  func(ctx context.Context, d time.Duration) // may return early; Now has to move on with it
	Random func(n int64) int64                        // in [0,n)
	Report func(l model.Letter, o model.Outcome)      // called after each letter, on the courier's goroutine
	Fault  func(err error)                            // called with what went wrong between letters
}

// Times and numbers of the courier. A letter is never in the postman's hands
// for longer than its lease: what is left of a batch after batchTime is given
// back, and one letter takes sendTime at most.
const (
	lease       = 2 * time.Minute
	batchTime   = 30 * time.Second
	sendTime    = time.Minute
	batchSize   = 20
	maxAttempts = 12
	defaultPoll = 2 * time.Second
	idleHangUp  = 10 * time.Second

	backOffBase = 15 * time.Second
	backOffCap  = 30 * time.Minute

	breakAfter = 3
	pauseBase  = 30 * time.Second
	pauseCap   = 15 * time.Minute
)

// Courier drains the outbox: it claims what is due, has it written and sent, and
// records what became of it. Any number of couriers may run on one outbox; one
// of them sends, the others stand by.
type Courier struct {
	outbox  Outbox
	press   *Press
	postman Postman
	o       CourierOptions
	wake    chan struct{}

	work     sync.Mutex // one pass at a time; guards what follows
	troubles int        // in a row
	keyGood  bool       // a link was made that fits its reset
	leased   time.Time  // until when this console is the sender
	lastUse  time.Time  // of the postman

	refusal   error // why emails are held back while others go out, or nil
	refusedAt time.Time

	mu     sync.Mutex // guards status
	status model.CourierStatus
}

// NewCourier joins outbox, press and postman. With a nil postman or press it
// sends nothing and says so in its status.
func NewCourier(outbox Outbox, press *Press, postman Postman, o CourierOptions) *Courier {
	if o.Owner == "" {
		o.Owner = model.NewID()
	}
	if o.Attempts <= 0 {
		o.Attempts = maxAttempts
	}
	if o.Poll <= 0 {
		o.Poll = defaultPoll
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Int64N
	}
	if o.Report == nil {
		o.Report = func(model.Letter, model.Outcome) {}
	}
	if o.Fault == nil {
		o.Fault = func(error) {}
	}
	c := &Courier{outbox: outbox, press: press, postman: postman, o: o, wake: make(chan struct{}, 1)}
	if c.o.Sleep == nil {
		c.o.Sleep = c.sleep
	}
	if s, ok := postman.(interface{ Server() string }); ok && o.Server == "" {
		c.o.Server = s.Server()
	}
	c.status = model.CourierStatus{State: "idle", Server: c.o.Server}
	if c.isOff() {
		c.status.State, c.status.Reason = "off", c.o.Off
	}
	return c
}

func (c *Courier) isOff() bool { return c.postman == nil || c.press == nil }

// Status tells how sending stands. Its Reason is partly the relay's: hostile.
func (c *Courier) Status() model.CourierStatus {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status
}

// say sets the status; a nil reason is none.
func (c *Courier) say(state string, reason error, until time.Time) {
	text, hint := "", ""
	if reason != nil {
		text = reasonOf(reason)
	}
	var s *SendError
	if errors.As(reason, &s) {
		hint = hintFor(s)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status.State, c.status.Reason, c.status.Hint, c.status.Until = state, text, hint, until
}

// Wake makes Run look at the outbox now, for a letter that was just queued. It
// does not shorten a pause after trouble.
func (c *Courier) Wake() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Run drains the outbox until ctx ends, then gives back what it holds and
// returns nil. Trouble with outbox or relay never ends it.
func (c *Courier) Run(ctx context.Context) error {
	defer c.rest()
	for ctx.Err() == nil {
		if c.isOff() {
			<-ctx.Done()
			break
		}
		sent, err := c.pass(ctx)
		if ctx.Err() != nil {
			break
		}
		switch {
		case err != nil:
			c.o.Fault(err)
			c.pause(ctx, err)
		case sent == 0:
			c.idle(ctx)
		}
	}
	return nil
}

// Once makes one pass over what is due and returns how many letters the relay
// took. It fails with a model.Conflict when another console is the sender, with
// the cause, worded for the person, when the relay serves no one, and with the error of ctx when that
// ended first.
func (c *Courier) Once(ctx context.Context) (sent int, err error) {
	if c.isOff() {
		return 0, &model.Error{Kind: model.Unavailable, Text: "no mail is configured", Hint: "fill in the mail section of the configuration"}
	}
	defer c.rest()
	for ctx.Err() == nil {
		n, err := c.pass(ctx)
		sent += n
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return sent, told(err, c.o.Server, "emails stay queued; doorman mail test looks at it step by step")
		}
		if c.Status().State == "standby" {
			return sent, &model.Error{Kind: model.Conflict, Text: "another console is sending", Hint: "its emails go out by themselves; try again when it has ended"}
		}
		if n == 0 {
			return sent, told(c.refusal, c.o.Server, "")
		}
	}
	return sent, ctx.Err()
}

// rest hangs up and lets another console send.
func (c *Courier) rest() {
	if c.isOff() {
		return
	}
	c.work.Lock()
	defer c.work.Unlock()
	_ = c.postman.Close()
	if c.leased.IsZero() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), closingTime)
	defer cancel()
	if err := c.outbox.DropSender(ctx, c.o.Owner); err != nil {
		c.o.Fault(fmt.Errorf("drop sender: %w", err))
	}
	c.leased = time.Time{}
	c.say("idle", nil, time.Time{})
}

// pass makes one pass and turns a panic of anything beneath it into an error,
// so that a fault in a template or a driver never takes the console down.
func (c *Courier) pass(ctx context.Context) (sent int, err error) {
	c.work.Lock()
	defer c.work.Unlock()
	defer func() {
		if p := recover(); p != nil {
			err = &panicError{stack: debug.Stack()}
		}
	}()
	return c.batch(ctx)
}

// panicError carries the stack of a contained panic. The value is left out: it
// may hold what was being written.
type panicError struct{ stack []byte }

func (e *panicError) Error() string { return "the courier met a fault of its own" }

// Stack returns where it happened, for a crash file.
func (e *panicError) Stack() string { return string(e.stack) }

// idle waits for work, and hangs up when none came for a while.
func (c *Courier) idle(ctx context.Context) {
	c.work.Lock()
	if !c.lastUse.IsZero() && c.o.Now().Sub(c.lastUse) > idleHangUp {
		_ = c.postman.Close()
		c.lastUse = time.Time{}
	}
	c.work.Unlock()
	c.o.Sleep(ctx, c.o.Poll)
}

func (c *Courier) sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	case <-c.wake:
	}
}
