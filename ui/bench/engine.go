package bench

import (
	"fmt"
	"net/netip"
	"runtime"
	"time"

	"doorman/model/detect"
	"doorman/model/traffic"
)

// traceEvents is the length of the trace that the engine is measured on.
const traceEvents = 200_000

// trace makes up resets as the engine takes them.
func trace(seed uint64, n int) ([]detect.Event, error) {
	s := traffic.New(traffic.Options{Seed: seed, Accounts: max(n/5, 200), Resets: n})
	events := make([]detect.Event, 0, n)
	for in, err := range s.Resets() {
		if err != nil {
			return nil, err
		}
		ev := detect.Event{ID: in.ID, Created: in.Created, Account: in.AccountID, Email: in.Email, Agent: in.Agent,
			Used: in.Used, Expires: in.Expires, Revoked: in.Revoked}
		ev.IP, _ = netip.ParseAddr(in.IP)
		ev.UsedIP, _ = netip.ParseAddr(in.UsedIP)
		events = append(events, ev)
	}
	return events, nil
}

// watch runs a trace through an engine as if live, and returns how long it took.
func watch(events []detect.Event) (time.Duration, *detect.Engine) {
	e := detect.New(detect.Config{})
	begun := time.Now()
	for i := range events {
		e.Add(events[i])
		e.Advance(events[i].Created)
	}
	return time.Since(begun), e
}

// engine measures the detection engine alone, on one core.
func (r *run) engine() error {
	events, err := trace(r.Seed, traceEvents)
	if err != nil {
		return err
	}
	var times sample
	held := 0.0
	for range 3 {
		before := heap()
		d, e := watch(events)
		held = max(held, float64(heap()-before)/1e6)
		times = append(times, d)
		runtime.KeepAlive(e)
	}
	rate := float64(len(events)) / times.quantile(0.5).Seconds()
	r.report(Line{Part: "engine", Name: fmt.Sprintf("events a second, trace of %d", len(events)), Unit: "events/s", Median: rate, Limit: "≥ 500000"})
	r.report(Line{Part: "engine", Name: "memory that the engine holds after it", Unit: "MB", Median: held, Limit: "< 100"})
	return r.ctx.Err()
}

// heap returns the bytes in use after a collection.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) //nolint:gosec // far below the bound
}
