package bench

import (
	"slices"
	"time"
)

// sample is what was measured of one operation.
type sample []time.Duration

// quantile returns the value below which the part q lies.
func (s sample) quantile(q float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	return sorted[min(int(float64(len(sorted))*q), len(sorted)-1)]
}

// ms returns a duration in milliseconds.
func ms(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

// line makes a line in milliseconds of a sample.
func (s sample) line(part, name, limit string) Line {
	return Line{Part: part, Name: name, Unit: "ms", Median: ms(s.quantile(0.5)), P99: ms(s.quantile(0.99)), Limit: limit}
}

// timed adds how long f takes.
func (s *sample) timed(f func() error) error {
	begun := time.Now()
	err := f()
	*s = append(*s, time.Since(begun))
	return err
}
