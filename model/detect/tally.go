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
}

// weights are what one account weighs at a moment, in each span and in an hour.
type weights struct {
	span [3]float64
	hour float64
}

// times is w for an account that counts as so much of one.
func (w *weights) times(x float64) [3]float64 {
	return [3]float64{w.span[short] * x, w.span[middle] * x, w.span[long] * x}
}

func (a *tally) addOpen(w *[3]float64, sign float64) {
	for i := range a.open {
		a.open[i] += sign * w[i]
	}
}

func (a *tally) addDone(w *[3]float64) {
	for i := range a.done {
		a.done[i] += w[i]
	}
}

func (a *tally) scale(by *weights) {
	for i := range a.open {
		a.open[i] *= by.span[i]
		a.done[i] *= by.span[i]
	}
}

// unit is what one account weighs at time t. A week is seven days, a day eight
// times three hours and those three hours: one exponential gives the others.
func unit(t, epoch int64) weights {
	week := math.Exp(float64(t-epoch) / span(long))
	twice := week * week
	day := twice * twice * twice * week
	twice = day * day
	three := twice * twice * twice * twice
	return weights{[3]float64{three, day, week}, three * three * three}
}

// read returns a as it stands at the moment whose unit is now.
func (a *tally) read(now *weights) tally {
	var r tally
	for i := range r.open {
		r.open[i] = max(0, a.open[i]/now.span[i])
		r.done[i] = max(0, a.done[i]/now.span[i])
	}
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

// unit is what one account weighs at time t. An event's own is requested
// several times in a row.
func (e *Engine) unit(t int64) weights {
	if e.unitAt != t || e.unitEpoch != e.epoch {
		e.unitAt, e.unitEpoch, e.unitIs = t, e.epoch, unit(t, e.epoch)
	}
	return e.unitIs
}
