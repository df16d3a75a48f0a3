package cli

import (
	"bytes"
	"context"
	"testing"
	"time"

	"doorman/model"
	"doorman/model/detect"
)

// late is a store that knows its cluster only after every reset was judged.
type late struct {
	Store
	reads int
}

func (l *late) FindCluster(context.Context, string) (detect.Cluster, error) {
	if l.reads == 0 {
		return detect.Cluster{}, &model.Error{Kind: model.NotFound, Text: "there is no such cluster"}
	}
	return detect.Cluster{Key: "203.0.113.0/24"}, nil
}

func (l *late) ClusterReading() model.ClusterReading { return model.ClusterReading{Whole: l.reads > 0} }

func (l *late) ReadClusters(context.Context, func(model.ClusterReading)) error {
	l.reads++
	return nil
}

// A cluster that is not known yet is waited for while the history is read; one
// that is known is taken at once.
func TestFindClusterWaitsForTheFirstReading(t *testing.T) {
	var out bytes.Buffer
	a := &app{Host: Host{Stderr: &out, Now: time.Now, Terminal: func(string) bool { return false }}}
	l := &late{}
	for range 2 {
		c, err := a.findCluster(context.Background(), desk{store: l}, "203.0.113.0/24")
		if err != nil || c.Key != "203.0.113.0/24" || l.reads != 1 {
			t.Errorf("%v, %v after %d readings", c.Key, err, l.reads)
		}
	}
}
