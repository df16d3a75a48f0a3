package traffic

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"sort"
	"time"
)

// stream names an independent sequence of random numbers, so that a change in
// one part of the service leaves the others as they were.
type stream uint64

const (
	peopleStream stream = iota + 1
	firmStream
	pastStream
	crowdStream
	liveStream
	accountIDs
	resetIDs
	hostStream
	attackStream // and those after it, one an attack
)

func newRand(seed uint64, s stream) *rand.Rand {
	return rand.New(rand.NewPCG(mix(seed), mix(uint64(s))))
}

// mix scatters 64 bits (the finaliser of SplitMix64).
func mix(n uint64) uint64 {
	n += 0x9e3779b97f4a7c15
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}

// makeID returns the n-th id of a stream, a uuid4 as model.NewID makes them.
func makeID(seed uint64, s stream, n uint64) string {
	var b [16]byte
	k := mix(mix(seed)^mix(uint64(s))<<1) + n
	binary.BigEndian.PutUint64(b[:8], mix(k))
	binary.BigEndian.PutUint64(b[8:], mix(^k))
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return hex.EncodeToString(b[:])
}

// picker draws an index with a given weight each. Cost: one binary search.
type picker []float64 // running totals

func newPicker(weights []float64) picker {
	p := make(picker, len(weights))
	sum := 0.0
	for i, w := range weights {
		sum += w
		p[i] = sum
	}
	return p
}

func (p picker) pick(r *rand.Rand) int {
	u := r.Float64() * p[len(p)-1]
	return min(sort.Search(len(p), func(i int) bool { return p[i] > u }), len(p)-1)
}

// lognormal draws a duration with the given median; sigma 1 puts 95 in 100
// below five times the median.
func lognormal(r *rand.Rand, median time.Duration, sigma float64) time.Duration {
	return time.Duration(float64(median) * math.Exp(sigma*r.NormFloat64()))
}

// binWidth is how finely the day is cut.
const binWidth = 15 * time.Minute

// timetable draws moments between two times as the people of one zone keep
// their days.
type timetable struct {
	bins picker
	span int64 // µs
}

// newTimetable weighs every quarter of an hour from start by local hour and
// weekday. surge multiplies it; it is given the time since start.
func newTimetable(start time.Time, span time.Duration, zone int16, surge func(time.Duration) float64) timetable {
	n := int((span + binWidth - 1) / binWidth)
	weights := make([]float64, n)
	for i := range weights {
		off := time.Duration(i) * binWidth
		width := min(binWidth, span-off)
		hour, day := localClock(start.Add(off).Unix(), zone)
		weights[i] = hourWeight(hour) * dayWeight(day) * surge(off) * float64(width)
	}
	return timetable{newPicker(weights), span.Microseconds()}
}

// pick returns µs since the start.
func (t timetable) pick(r *rand.Rand) int64 {
	from := int64(t.bins.pick(r)) * binWidth.Microseconds()
	return from + r.Int64N(min(binWidth.Microseconds(), t.span-from))
}

// localClock returns hour and weekday in a zone given in minutes east of UTC.
// Zones keep no summer time: their people only seem to rise an hour earlier.
func localClock(unix int64, zone int16) (hour float64, day time.Weekday) {
	const week, thursday = 7 * 86400, 4 // the Unix epoch was a Thursday
	s := unix + int64(zone)*60 + thursday*86400
	s = (s%week + week) % week
	return float64(s%86400) / 3600, time.Weekday(s / 86400)
}

// hourWeight is the shape of a day: a morning peak, a lunch dip, an evening
// shoulder, nights at a twentieth of the peak.
func hourWeight(hour float64) float64 {
	shape := [25]float64{1.2, 0.7, 0.45, 0.35, 0.4, 0.8, 2.0, 3.8, 6.2, 7.4, 7.2, 6.6, 5.8,
		6.0, 6.1, 5.9, 5.7, 5.6, 5.8, 6.2, 6.4, 5.6, 4.1, 2.4, 1.2}
	i := int(hour)
	return shape[i] + (shape[i+1]-shape[i])*(hour-float64(i))
}

// dayWeight is the shape of a week: Mondays are the busiest.
func dayWeight(d time.Weekday) float64 {
	return [7]float64{0.74, 1.22, 1.10, 1.05, 1.00, 0.95, 0.68}[d]
}
