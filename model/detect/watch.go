package detect

import "time"

// OnArchive sets who receives each cluster that the engine lets go, some two
// weeks after it was last fed: with Clusters that makes every cluster ever raised.
// It is no part of a snapshot.
func (e *Engine) OnArchive(f func(Cluster)) { e.onArchive = f }

// Idle reports whether nothing changes what is suspicious before the next Add,
// however far the clock runs.
func (e *Engine) Idle() bool {
	e.catchUp()
	return e.idle() && e.due.next() == nil
}

// Knows reports whether the engine remembers a reset, and its use.
func (e *Engine) Knows(id string) (known, used bool) {
	n, known := e.known(id)
	return known, known && e.log.at(n).used != 0
}

// Fresh returns how many requests are too young to be judged, since each may still
// be completed, and when the oldest of them was made; 0 and the zero time for none.
// It costs the same whatever the traffic.
func (e *Engine) Fresh() (n int, since time.Time) {
	at := 0
	for at < len(e.ripening) && e.ripening[at] < e.log.first {
		at++ // forgotten before it was judged
	}
	if at == len(e.ripening) {
		return 0, time.Time{}
	}
	return len(e.ripening) - at, when(e.log.at(e.ripening[at]).created)
}
