package detect

import "math"

// Windows of the decayed counts, in milliseconds. A day is the work horse;
// three hours see a burst in a busy network; a week sees the slow ones.
const (
	hour = 3600_000
	day  = 24 * hour

	short  = 0
	middle = 1
	long   = 2
)

// spans are the time constants of a tally, index short, middle, long.
func span(w int) float64 {
	switch w {
	case short:
		return 3 * hour
	case middle:
		return day
	}
	return 7 * day
}

// tally counts one key. Every count is a sum of exp((t−epoch)/span): the decay
// lies in the scale by which it is read, so that adding, and taking back later,
// is one addition and no key needs touching while it is idle.
type tally struct {
	open [3]float64 // accounts that did not finish
	done [3]float64 // accounts that finished
	lost [2]float64 // requests of any sort that led nowhere: of the hour, of the day
	kept float64    // requests that were redeemed, of the hour
}

func (a *tally) add(b *tally, sign float64) {
	for i := range a.open {
		a.open[i] += sign * b.open[i]
	}
	for i := range a.done {
		a.done[i] += sign * b.done[i]
	}
	a.lost[0] += sign * b.lost[0]
	a.lost[1] += sign * b.lost[1]
	a.kept += sign * b.kept
}

func (a *tally) scale(by *tally) {
	for i := range a.open {
		a.open[i] *= by.open[i]
	}
	for i := range a.done {
		a.done[i] *= by.done[i]
	}
	a.lost[0] *= by.lost[0]
	a.lost[1] *= by.lost[1]
	a.kept *= by.kept
}

// unit is what one account weighs at time t.
func unit(t, epoch int64) tally {
	d := float64(t - epoch)
	w := [3]float64{math.Exp(d / span(short)), math.Exp(d / span(middle)), math.Exp(d / span(long))}
	h := math.Exp(d / hour)
	return tally{open: w, done: w, lost: [2]float64{h, w[middle]}, kept: h}
}

// read returns a as it stands at the moment whose unit is now.
func (a *tally) read(now *tally) tally {
	var r tally
	for i := range r.open {
		r.open[i] = max(0, a.open[i]/now.open[i])
	}
	for i := range r.done {
		r.done[i] = max(0, a.done[i]/now.done[i])
	}
	r.lost = [2]float64{max(0, a.lost[0]/now.lost[0]), max(0, a.lost[1]/now.lost[1])}
	r.kept = max(0, a.kept/now.kept)
	return r
}

// poisson is Kulldorff's log-likelihood ratio of c seen where e was expected.
func poisson(c, e float64) float64 {
	if c <= e {
		return 0
	}
	return c*math.Log(c/e) - (c - e)
}

// binomial is the log-likelihood ratio of u among u+f where a share q is usual.
func binomial(u, f, q float64) float64 {
	n := u + f
	if n == 0 || u/n <= q {
		return 0
	}
	r := u * math.Log(u/n/q)
	if f > 0 {
		r += f * math.Log(f/n/(1-q))
	}
	return r
}

// unit is what one account weighs at time t. An event's own is asked for
// several times in a row.
func (e *Engine) unit(t int64) tally {
	if e.unitAt != t || e.unitEpoch != e.epoch {
		e.unitAt, e.unitEpoch, e.unitIs = t, e.epoch, unit(t, e.epoch)
	}
	return e.unitIs
}
