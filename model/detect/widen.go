package detect

// widen joins a verdict to a living cluster next door. Who walks through a
// network from one end to the other fills one small part of it after another,
// and each would be a finding of its own. The network around both is named when
// it is little wider than the wider of them, and what else comes from there does
// not speak against it.
func (e *Engine) widen(r verdict, v *view) verdict {
	if r.h != onRequest && r.h != onUse || r.flood || e.cfg.Without.has(NoWidths) {
		return r
	}
	t := e.tries()[r.h]
	for _, o := range e.clusters {
		if o == nil || o.gone || !o.hot || o.flood || o.h != r.h {
			continue
		}
		b := uint8(common(r.key, o.key))
		wider := min(r.bits, o.bits)
		if b >= wider || wider-b > near(o)/2 {
			continue
		}
		i := t.find(r.key, b)
		if i == none || t.nodes.at(i).bits != b || e.covered(t, i) {
			continue
		}
		w := e.weighNode(r.h, i, v)
		if w.score < 0.8*r.score {
			continue
		}
		w.h, w.i, w.bits, w.key = r.h, i, b, t.key(i)
		w.score, w.seen, w.base = w.score+o.raw, w.seen+o.seen, w.base+o.base
		return w
	}
	return r
}
