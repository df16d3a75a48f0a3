package ui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/model/detect"
	"doorman/ui/page"
)

// lookout watches for clusters that were not there before, whatever page is on
// the screen.
type lookout struct {
	read  page.Slot
	seen  map[string]detect.Cluster // nil before the first look
	last  time.Time                 // when it looked
	again bool                      // something changed while it looked
}

// Suspicion also grows while nothing is written, as when no one finishes what
// was requested: then the lookout looks this often.
const lookoutPause = 20 * time.Second

// lookoutReach is how far back a cluster may have been fed last to be news.
const lookoutReach = 24 * time.Hour

// lookoutNews is how long ago a cluster may have crossed the line to be news: an
// import brings many that have not.
const lookoutNews = time.Hour

// lookOut requests the clusters, unless that is under way.
func (s *shell) lookOut() tea.Cmd {
	l := &s.lookout
	if l.read.Busy() {
		l.again = true
		return nil
	}
	now := s.env.Now()
	l.last, l.again = now, false
	st := s.env.Store
	return page.Load(&l.read, func(ctx context.Context) ([]detect.Cluster, error) {
		return st.Clusters(ctx, model.ClusterFilter{Since: now.Add(-lookoutReach)})
	}, func(found []detect.Cluster, err error) tea.Cmd {
		if err != nil { // the page that shows them says so
			l.last = time.Time{}
			return nil
		}
		news := s.announce(found)
		if l.again {
			return tea.Batch(news, s.lookOut())
		}
		return news
	})
}

// announce tells of the worst cluster that has become serious. What was there
// when the console opened is no news, nor is a network that only grew.
func (s *shell) announce(found []detect.Cluster) tea.Cmd {
	l := &s.lookout
	before, first := l.seen, l.seen == nil
	l.seen = map[string]detect.Cluster{}
	told, changed := false, len(found) != len(before)
	for _, c := range found {
		old, known := recall(before, c)
		changed = changed || !known
		l.seen[c.Key] = c
		if first || told || !page.IsSerious(c) || known && page.IsSerious(old) || s.env.Now().Sub(c.Flagged) > lookoutNews {
			continue
		}
		told = true
		s.notify("new cluster "+page.ClusterName(c, "")+", 1 shows it: "+c.Why, true)
	}
	if first || !changed || s.live.paused {
		return nil
	}
	return s.changed(page.Changed{})
}

// recall finds a cluster among those that were there before.
func recall(before map[string]detect.Cluster, c detect.Cluster) (detect.Cluster, bool) {
	if old, ok := before[c.Key]; ok {
		return old, true
	}
	for _, old := range before {
		if c.Kind == detect.ByPrefix && old.Kind == c.Kind && old.On == c.On && old.Prefix.Overlaps(c.Prefix) {
			return old, true
		}
	}
	return detect.Cluster{}, false
}
