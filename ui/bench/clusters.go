package bench

import (
	"fmt"
	"time"

	"doorman/model"
)

// window is a span of time for which clusters are requested.
type window struct {
	name  string
	span  time.Duration
	limit string // cold, as a part of the peer's figure
}

func windows() []window {
	const day = 24 * time.Hour
	return []window{{"1 h", time.Hour, ""}, {"24 h", day, "≤ 0.1×"}, {"7 d", 7 * day, "≤ 0.05×"}, {"90 d", 90 * day, "≤ 0.03×"}}
}

// newEvents is how many resets come in before clusters are requested again.
const newEvents = 1000

// clusters measures the lists of clusters: just opened, when nothing happened
// since, and after new resets.
func (r *run) clusters() error {
	for _, w := range windows() {
		if err := r.cold(w); err != nil {
			return err
		}
	}
	s, err := r.Open(r.ctx, r.Path, time.Now, false)
	if err != nil {
		return err
	}
	defer s.Close()
	for _, w := range windows() {
		var still sample
		for i := range 12 {
			var one sample
			if err := one.timed(func() error { return r.ask(s, w, time.Now()) }); err != nil {
				return err
			}
			if i > 0 {
				still = append(still, one...)
			}
		}
		r.report(still.line("clusters", "of "+w.name+", nothing changed", "≤ 20"))
	}
	if err := r.arrive(s); err != nil {
		return err
	}
	for i, w := range windows() {
		if i > 0 { // each window meets events that it has not seen
			if err := r.arrive(s); err != nil {
				return err
			}
		}
		var after sample
		if err := after.timed(func() error { return r.ask(s, w, time.Now()) }); err != nil {
			return err
		}
		r.report(after.line("clusters", fmt.Sprintf("of %s, after %d new resets", w.name, newEvents), "≤ 40"))
	}
	return nil
}

// cold asks a store that was just opened.
func (r *run) cold(w window) error {
	var cold sample
	for range 3 {
		s, err := r.open()
		if err != nil {
			return err
		}
		err = cold.timed(func() error { return r.ask(s, w, r.end) })
		if e := s.Close(); err == nil {
			err = e
		}
		if err != nil {
			return err
		}
	}
	l := cold.line("clusters", "of "+w.name+", from cold", w.limit)
	l.P99 = 0
	statement := `SELECT requested_ip, count(*), count(DISTINCT user_id) FROM PasswordReset WHERE created_date >= ` +
		quote(stamp(r.end.Add(-w.span))) + ` GROUP BY requested_ip ORDER BY 3 DESC LIMIT 50`
	q := r.sqlite()
	if d := r.duck(statement); d > 0 {
		l.Note = fmt.Sprintf("DuckDB %.1f ms", ms(d))
	}
	if q.path == "" {
		r.report(l)
		return nil
	}
	d, err := script(r.ctx, statement+";\n", q.path, q.db)
	l.Peer, l.Beside = "sqlite3", ms(d)
	r.report(l)
	return err
}

// ask requests the clusters of a window.
func (r *run) ask(s Store, w window, end time.Time) error {
	_, err := s.Clusters(r.ctx, model.ClusterFilter{Since: end.Add(-w.span)})
	return err
}

// arrive lets people request resets, as an application would.
func (r *run) arrive(s Store) error {
	p, err := s.ListAccounts(r.ctx, model.AccountFilter{Paging: model.Paging{Limit: newEvents}})
	if err != nil {
		return err
	}
	for i := range newEvents {
		order := model.RequestOrder{Email: p.Items[i%len(p.Items)].Email, IP: fmt.Sprintf("198.18.%d.%d", i/250, 1+i%250), Agent: "Mozilla/5.0"}
		if err := s.Request(r.ctx, model.Act{}, order); err != nil {
			return err
		}
	}
	_, err = s.Poll(r.ctx)
	return err
}
