package page

import (
	"context"
	"slices"
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/model/detect"
)

// cluster is one cluster: its evidence, and its resets, newest first.
type cluster struct {
	*list[model.Reset]
	detail[ranked]
	triage
	asked   asking
	env     *Env
	last    model.Case // what operators said, when the page was opened from its case
	picture picture
	drawing Slot
	turned  bool // on a small screen: the pictures show, not the resets
	w, h    int
}

func newCluster(e *Env, o Open) Page {
	p := &cluster{env: e, detail: detail[ranked]{env: e, ref: o.Ref, noun: "cluster"}}
	p.last, _ = o.Filter.(model.Case)
	p.triage = triage{e: e, ask: &p.asked, current: func() (ranked, bool) { return p.row, p.have }, resized: p.fit}
	cols := resetsColumns(e)
	for i := range cols {
		cols[i].Sort = "" // newest first, always
	}
	p.list = newList(e, func(r model.Reset) string { return r.ID.Full() }, cols...)
	p.named(o.View)
	p.empty = []string{"None of its resets is in the database any more."}
	p.fetch = func(at model.Paging) func(context.Context) (model.Page[model.Reset], error) {
		c := p.row.Cluster
		return func(ctx context.Context) (model.Page[model.Reset], error) {
			page, err := clusterResets(ctx, e.Store, c, at)
			flags := detect.FlagsOf([]detect.Cluster{c})
			for i := range page.Items { // all are of the cluster: the live ones stand out
				if r := &page.Items[i]; r.State(e.Now()) == model.Live {
					r.Flag = flags.Of(r)
				}
			}
			return page, err
		}
	}
	p.count = func() func(context.Context) (model.Count, error) {
		c := p.row.Cluster
		return func(ctx context.Context) (model.Count, error) {
			if f, ok := resetsOf(c); ok {
				return e.Store.CountResets(ctx, f, countCap)
			}
			return model.Count{N: len(c.EventIDs)}, nil
		}
	}
	return p
}

// clusterResets reads the resets of a cluster, newest first. Where only ids name
// them they come one by one, as many as a page holds.
func clusterResets(ctx context.Context, s Store, c detect.Cluster, at model.Paging) (model.Page[model.Reset], error) {
	if f, ok := resetsOf(c); ok {
		f.Paging = at
		return s.ListResets(ctx, f)
	}
	ids := slices.Clone(c.EventIDs)
	slices.Reverse(ids)
	from, to := idsAsked(len(ids), at)
	var out model.Page[model.Reset]
	for _, id := range ids[from:to] {
		r, err := s.FindReset(ctx, id)
		if model.IsKind(err, model.NotFound) {
			continue
		}
		if err != nil {
			return out, err
		}
		out.Items = append(out.Items, r)
	}
	if from > 0 {
		out.Prev = model.Cursor(strconv.Itoa(from))
	}
	if to < len(ids) {
		out.Next = model.Cursor(strconv.Itoa(to))
	}
	return out, nil
}

// idsAsked is the stretch of n ids that a page covers.
func idsAsked(n int, at model.Paging) (from, to int) {
	limit := at.Limit
	if limit <= 0 {
		limit = model.DefaultLimit
	}
	place := func(c model.Cursor) int { i, _ := strconv.Atoi(string(c)); return max(min(i, n), 0) }
	switch {
	case at.Last:
		return max(n-limit, 0), n
	case at.Before != "":
		to = place(at.Before)
		return max(to-limit, 0), to
	}
	from = place(at.After)
	return from, min(from+limit, n)
}

func (p *cluster) Init() tea.Cmd { return p.readCluster() }

func (p *cluster) readCluster() tea.Cmd {
	ref, s, had, old := p.ref, p.env.Store, p.have, p.row
	return p.find(func(ctx context.Context) (ranked, error) {
		r, err := findCluster(ctx, s, ref)
		switch {
		case !model.IsKind(err, model.NotFound):
			return r, err
		case !had:
			return r, &model.Error{Kind: model.Conflict, Text: "this cluster is no longer raised", Hint: "7 shows its case"}
		}
		// It was called a false positive or excepted a moment ago: what is on the
		// screen stays.
		rs, err := nameClusters(ctx, s, old.Cluster)
		if err != nil {
			return ranked{}, err
		}
		return rs[0], nil
	}, func() tea.Cmd {
		p.ref = p.row.Key
		p.fit()
		return tea.Batch(p.refresh(), p.readPicture())
	})
}

func (p *cluster) Title() string {
	if p.have {
		return p.row.name
	}
	return "Cluster"
}

func (p *cluster) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case Changed:
		return p.readCluster()
	case tea.WindowSizeMsg:
		return p.readPicture()
	case tea.KeyMsg:
		cmd := p.asked.typed(m)
		p.fit()
		return cmd
	}
	return nil
}

// Typing implements Typist.
func (p *cluster) Typing() bool { return p.asked.Typing() }

// Holding implements Holder.
func (p *cluster) Holding() bool {
	return p.detail.Holding() || p.rows.Busy() && !p.Loaded() || p.plan.Busy()
}

// Close implements Closer.
func (p *cluster) Close() {
	p.close()
	p.read.Drop()
	p.plan.Drop()
	p.drawing.Drop()
}

func (p *cluster) resetless() string {
	if _, ok := p.Current(); !ok {
		return "no reset is selected"
	}
	return ""
}

// Actions implements Page.
func (p *cluster) Actions() []Action {
	e := p.env
	row, _ := p.Current()
	network, ok := resetsOf(p.row.Cluster)
	bare := func() string {
		if !ok {
			return "only ids name its resets"
		}
		return ""
	}
	batchless := func() string {
		if p.row.said.Batch == "" {
			return "it was not contained"
		}
		return ""
	}
	who := func() tea.Cmd { return e.Send(Open{View: "account", Ref: row.AccountID}) }
	off := why(p.resetless, accountless(row))
	if p.row.Kind == detect.ByAccount {
		who, off = func() tea.Cmd { return e.Send(Open{View: "account", Ref: p.row.Account}) }, p.there
	}
	as := append(p.acts(),
		Action{Keys: []string{"enter"}, Short: "open", Help: "open the reset", Off: p.resetless,
			Run: func() tea.Cmd { return e.Send(Open{View: "reset", Ref: row.ID.Full()}) }},
		Action{Keys: []string{"p"}, Short: "person", Help: "open the account of the reset", Off: off, Run: who},
		Action{Keys: []string{"f"}, Short: "resets", Help: "its resets in the list of resets, to filter and mark them", Off: why(p.there, bare),
			Run: func() tea.Cmd { return e.Send(Open{View: "resets", Filter: network}) }},
		Action{Keys: []string{"B"}, Help: "the batch that contained it", Off: why(p.there, batchless),
			Run: func() tea.Cmd { return e.Send(Open{View: "batch", Ref: p.row.said.Batch}) }},
		copying(e, "the key of the cluster", p.there, func() string { return p.row.Key }),
	)
	if p.w < picturesBeside {
		as = append(as, Action{Keys: []string{"tab"}, Short: "pictures", Help: "turn to the pictures: course, map, accounts, agents; and back",
			Off: p.there, Run: func() tea.Cmd { p.turned = !p.turned; return nil }})
	}
	return append(as, p.moves()...)
}
