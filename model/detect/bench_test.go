package detect_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"slices"
	"testing"
	"time"

	"doorman/model/detect"
)

// stream yields n events of a service with perDay requests a day, without
// keeping them, so that what a benchmark measures is the engine.
func stream(n, perDay int, yield func(detect.Event)) {
	r := rand.New(rand.NewPCG(1, 2))
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	step := 24 * time.Hour / time.Duration(perDay)
	accounts := 50 * perDay
	for i := range n {
		at = at.Add(step/2 + time.Duration(r.Int64N(int64(step))))
		p := r.IntN(accounts)
		q := rand.New(rand.NewPCG(uint64(p), 3))
		ev := detect.Event{
			ID: fmt.Sprintf("%016x%016x", r.Uint64(), i), Created: at, Account: fmt.Sprintf("%032x", p), Email: "x@mail.example",
			IP: v4("80.0.0.0", 27, q), Agent: agentMix[q.IntN(len(agentMix))], Place: q.Uint32(),
		}
		if q.IntN(3) == 0 {
			ev.IP = v6("2a02::", 32, 64, q)
		}
		if i%100 == 0 { // a scanner that never tires
			ev.IP = netip.AddrFrom4([4]byte{185, 7, byte(i / 100 % 7), byte(r.IntN(256))})
		} else if r.IntN(10) < 6 {
			ev.Used, ev.UsedIP = at.Add(time.Duration(r.IntN(300))*time.Second), ev.IP
		}
		yield(ev)
	}
}

// BenchmarkEngine reports how many events a second one core takes and how much
// memory one remembered event needs, for streams of growing length. The median is
// that of 250 events at a time, the quiet rate that of the best tenth of them: what
// the machine does beside hardly shows in it.
func BenchmarkEngine(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000, 10_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for range b.N {
				var before, after runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&before)
				e := detect.New(detect.Config{})
				var busy time.Duration
				var each []time.Duration
				batch := make([]detect.Event, 0, 250)
				feed := func() {
					t := time.Now()
					for _, ev := range batch {
						e.Add(ev)
						e.Advance(ev.Created)
					}
					d := time.Since(t)
					busy += d
					each = append(each, d)
					batch = batch[:0]
				}
				stream(n, 20_000, func(ev detect.Event) {
					if batch = append(batch, ev); len(batch) == cap(batch) {
						feed()
					}
				})
				feed()
				runtime.GC()
				runtime.ReadMemStats(&after)
				b.ReportMetric(float64(n)/busy.Seconds(), "events/s")
				slices.Sort(each)
				b.ReportMetric(float64(cap(batch))/each[len(each)/2].Seconds(), "median-events/s")
				b.ReportMetric(float64(cap(batch))/each[len(each)/10].Seconds(), "quiet-events/s")
				b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(e.Size()), "B/live-event")
				b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MB")
			}
		})
	}
}
