package cli

import (
	"context"
	"sync"
	"time"

	"doorman/model"
	"doorman/model/traffic"
)

// people are those who use the demo's service: they request resets as an
// application would pass it on, read the letters that were captured, and follow
// the links.
type people struct {
	log   func(error)
	catch func() // deferred in every goroutine

	mu      sync.Mutex
	waiting map[string]traffic.Event // by address: who will follow the next link
	faults  map[string]string        // by address: how the relay treats its emails
	letters chan followed
}

// followed is a link that someone is about to follow.
type followed struct {
	event traffic.Event
	token model.Token
}

func newPeople(log func(error), catch func()) *people {
	if log == nil {
		log = func(error) {}
	}
	return &people{log: log, catch: catch, waiting: map[string]traffic.Event{}, faults: map[string]string{}, letters: make(chan followed, 64)}
}

// breakFor has the relay treat emails to an address badly.
func (p *people) breakFor(to, fault string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults[to] = fault
}

// fault tells how the relay treats emails to an address.
func (p *people) fault(to string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.faults[to]
}

// received is called with each letter that was captured and holds a link.
func (p *people) received(to string, token model.Token) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e, ok := p.waiting[to]
	if !ok {
		return
	}
	delete(p.waiting, to)
	select {
	case p.letters <- followed{e, token}:
	default: // more letters than anybody reads
	}
}

// play lets the live traffic happen until ctx ends.
func (p *people) play(ctx context.Context, store gate, live *traffic.Live) {
	var both sync.WaitGroup
	both.Go(func() {
		defer p.catch()
		p.ask(ctx, store, live)
	})
	both.Go(func() {
		defer p.catch()
		p.follow(ctx, store)
	})
	both.Wait()
}

// note logs what went wrong, unless it is the end of everything.
func (p *people) note(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		p.log(err)
	}
}

func (p *people) ask(ctx context.Context, store gate, live *traffic.Live) {
	for {
		e := live.Next()
		if !sleep(ctx, time.Until(e.At)) {
			return
		}
		if e.Reads {
			p.mu.Lock()
			p.waiting[e.Order.Email] = e
			p.mu.Unlock()
		}
		p.note(ctx, store.Request(ctx, application(), e.Order))
	}
}

func (p *people) follow(ctx context.Context, store gate) {
	var each sync.WaitGroup
	defer each.Wait()
	for {
		select {
		case <-ctx.Done():
			return
		case f := <-p.letters:
			each.Go(func() {
				defer p.catch()
				if !sleep(ctx, max(f.event.Delay, linkDelay)) {
					return
				}
				_, err := store.Redeem(ctx, application(), model.RedeemOrder{Token: f.token, IP: f.event.UseIP, Agent: f.event.UseAgent})
				if !model.IsKind(err, model.Refused) { // someone else revoked it meanwhile
					p.note(ctx, err)
				}
			})
		}
	}
}

// application is who acts when a person uses the service.
func application() model.Act { return model.Act{Operator: "application", Role: model.Responder} }

// sleep waits, and reports false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(max(d, 0))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
