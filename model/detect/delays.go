package detect

import "math/bits"

// delays learns how long people take to finish: a histogram of completion
// times, each bucket a quarter wider than the one before.
type delays struct {
	start int64 // ms, until enough is known
	count [128]uint32
	total uint32
	known int64 // what ripe returns once it is learned
}

const (
	firmDelays = 200 // completions before the histogram is believed
	fullDelays = 4000
	leastRipe  = 3 * hour / 60
	mostRipe   = 30 * hour / 60
)

// bucket is 4·log2 of the seconds, roughly.
func bucket(ms int64) int {
	s := uint64(max(1, ms/250))
	n := bits.Len64(s) - 1
	frac := 0
	if n >= 2 {
		frac = int(s >> (n - 2) & 3)
	}
	return min(127, 4*n+frac)
}

// upper is the end of a bucket in ms.
func upper(b int) int64 {
	n, frac := b/4, int64(b%4)
	return 250 * ((4 + frac + 1) << n) / 4
}

func (d *delays) learn(ms int64) {
	if ms < 0 {
		return
	}
	d.count[bucket(ms)]++
	d.total++
	if d.total%64 == 0 && d.total >= firmDelays {
		d.known = min(mostRipe, max(leastRipe, d.quantile(0.9)))
	}
	if d.total >= fullDelays {
		d.total = 0
		for i := range d.count {
			d.count[i] /= 2
			d.total += d.count[i]
		}
	}
}

func (d *delays) quantile(q float64) int64 {
	left := q * float64(d.total)
	for b, n := range d.count {
		if left -= float64(n); left <= 0 {
			return upper(b)
		}
	}
	return mostRipe
}

// ripe is the age at which an open request counts as unfinished.
func (d *delays) ripe() int64 {
	if d.known > 0 {
		return d.known
	}
	return d.start
}
