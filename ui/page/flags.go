package page

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/model/detect"
	"doorman/model/query"
	"doorman/ui/part"
)

// flagsOf prepares the clusters as they are known; nil before the engine has read
// all resets: a list does not wait for it.
func flagsOf(ctx context.Context, s Store) (*detect.Flags, []detect.Cluster) {
	if !s.ClusterReading().Whole {
		return nil, nil
	}
	list, err := s.Clusters(ctx, model.ClusterFilter{})
	if err != nil || len(list) == 0 {
		return nil, nil // the list of clusters tells what is wrong
	}
	return detect.FlagsOf(list), list
}

// flagResets marks the resets that belong to clusters.
func flagResets(ctx context.Context, s Store, rows []model.Reset) {
	flags, _ := flagsOf(ctx, s)
	if flags == nil {
		return
	}
	for i := range rows {
		rows[i].Flag = flags.Of(&rows[i])
	}
}

// flagAccounts marks the accounts with a reset that belongs to a cluster, by the
// worst of them.
func flagAccounts(ctx context.Context, s Store, rows []model.AccountRow) {
	flags, list := flagsOf(ctx, s)
	if flags == nil || len(rows) == 0 {
		return
	}
	since := list[0].Start
	for _, c := range list {
		if c.Start.Before(since) {
			since = c.Start
		}
	}
	at := map[string]*model.AccountRow{}
	var ids []string
	for i := range rows {
		at[rows[i].ID] = &rows[i]
		ids = append(ids, rows[i].ID)
	}
	resets, err := s.ResetsOf(ctx, ids, since)
	if err != nil {
		return
	}
	for i := range resets {
		if row, f := at[resets[i].AccountID], flags.Of(&resets[i]); row != nil && f.WorseThan(row.Flag) {
			row.Flag = f
		}
	}
}

// among finds what a line's words about clusters mean; nil where it has none.
func among(ctx context.Context, s Store, key string, words []query.Flagged) (*model.Of, error) {
	if key == "" && len(words) == 0 {
		return nil, nil
	}
	if key != "" {
		c, err := s.FindCluster(ctx, key)
		if err != nil {
			return nil, err
		}
		return detect.Among([]detect.Cluster{c}, c.Key, words), nil
	}
	list, err := s.Clusters(ctx, model.ClusterFilter{})
	return detect.Among(list, "", words), err
}

// flaggedState is a state in words; of what belongs to a cluster with the sign and
// in the colour of that.
func (e *Env) flaggedState(word string, f model.Flag) part.Cell {
	if f.IsZero() {
		return e.state(word)
	}
	s := e.Theme.Sign(string(f.Severity))
	return part.Cell{Text: s.Glyph + " " + word, Ink: s.Ink}
}

// resetState is the state of a reset, and its cluster.
func (e *Env) resetState(r model.Reset) part.Cell {
	return e.flaggedState(string(r.State(e.Now())), r.Flag)
}

// flagField is the field of a page that names the cluster.
func (e *Env) flagField(f model.Flag) part.Field {
	if f.IsZero() {
		return part.Field{Name: " cluster", Value: "–"}
	}
	s := e.Theme.Sign(string(f.Severity))
	return part.Field{Name: " cluster", Value: s.Glyph + " " + string(f.Severity) + ": " + f.Name, Ink: s.Ink}
}

// toCluster leads from a row to the cluster that it belongs to.
func toCluster(e *Env, f model.Flag, there func() string) Action {
	unflagged := func() string {
		if f.IsZero() {
			return "it belongs to no cluster"
		}
		return ""
	}
	return Action{Keys: []string{"c"}, Short: "cluster", Help: "open the cluster that it belongs to", Off: why(there, unflagged),
		Run: func() tea.Cmd { return e.Send(Open{View: "cluster", Ref: f.Key}) }}
}
