package detect

// OnArchive sets who is told of each cluster that the engine lets go, some two
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
