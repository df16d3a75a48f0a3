package page

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/ui/part"
)

// Actions implements Page.
func (p *whatif) Actions() []Action {
	e := p.env
	row, ok := p.Current()
	one := func() string {
		if !ok {
			return "no cluster is selected"
		}
		return ""
	}
	fleeting := func() string {
		if row.change == "appears" {
			return "it is not raised as things are"
		}
		return ""
	}
	as := []Action{
		{Keys: []string{"enter"}, Short: "open", Help: "open the cluster as it is now", Off: why(one, fleeting),
			Run: func() tea.Cmd { return e.Send(Open{View: "cluster", Ref: row.Key}) }},
		{Keys: []string{"l"}, Short: "threshold", Help: "try another threshold for the score", Off: p.waiting, Run: p.tryLine},
		{Keys: []string{"e"}, Short: "except", Help: "try an exception for a network", Off: p.waiting, Run: p.tryException},
		{Keys: []string{"s"}, Short: "save", Help: "save what is tried: the threshold, the exceptions", Off: why(p.waiting, p.untouched, e.Locked), Run: p.save},
		{Keys: []string{"r"}, Help: "replay again, with what has come since", Off: p.waiting, Run: p.again},
		p.copying("the key of the cluster", func(r outlook) string { return r.Key }),
	}
	return append(as, p.moves()...)
}

// waiting tells that the replay has not ended.
func (p *whatif) waiting() string {
	if p.replay.Busy() {
		return "the replay is under way; esc stops it"
	}
	return ""
}

// untouched tells that there is nothing to save, or "".
func (p *whatif) untouched() string {
	if len(p.extra) == 0 && p.line == p.old {
		return "nothing else is tried: l takes another threshold, e an exception"
	}
	return ""
}

func (p *whatif) tryLine() tea.Cmd {
	check := func(text string) error { _, err := parseLine(text); return err }
	p.asked.begin(p.env.Theme, "threshold", "the score from which a cluster is raised: 13 unless it was changed, higher raises less", "", check, func(text string) tea.Cmd {
		p.line, _ = parseLine(text)
		return p.compare()
	})
	p.fit()
	return nil
}

func (p *whatif) tryException() tea.Cmd {
	check := func(text string) error { _, err := model.ParsePrefix(text); return err }
	about := p.about
	if check(about) != nil {
		about = ""
	}
	p.asked.begin(p.env.Theme, "except", "a network whose traffic is never evidence: 203.0.113.0/24 or 2001:db8::/48", about, check, func(text string) tea.Cmd {
		n, _ := model.ParsePrefix(text)
		if !slices.Contains(p.extra, n) {
			p.extra = append(p.extra, n)
		}
		return p.compare()
	})
	p.fit()
	return nil
}

// save puts what was tried before the operator and makes it hold.
func (p *whatif) save() tea.Cmd {
	var body []string
	if p.line != p.old {
		body = append(body, "threshold  "+figure(p.line)+" instead of "+figure(p.old))
	}
	for _, n := range p.extra {
		line := "exception  " + prefixText(n) + ", until it is lifted"
		if model.IsWide(n) {
			line += "; it is wide: whole providers live there"
		}
		body = append(body, line)
	}
	counts := model.Tally{}
	for _, r := range p.rows {
		counts = count1(counts, r.change)
	}
	body = append(body, "", "of the last 14 days "+model.Plural(counts.Of("appears"), "cluster")+" would have appeared and "+
		strconv.Itoa(counts.Of("vanishes"))+" vanished")
	d := part.NewDialog(p.env.Theme, "Save what was tried", "save it", body...)
	d.AskReason()
	line, extra, changed := p.line, slices.Clone(p.extra), p.line != p.old
	return p.env.Send(Ask{Dialog: d, Do: func() tea.Cmd {
		p.line, p.extra = 0, nil
		return saveTried(p.env, d.Why(), line, changed, extra)
	}})
}

func saveTried(e *Env, reason string, line float64, changed bool, extra []netip.Prefix) tea.Cmd {
	return Save(e, OfRule, func(ctx context.Context) (Saved, error) {
		var s Saved
		for i, n := range extra {
			b, err := e.Store.SetRule(ctx, e.because(reason), model.Rule{Prefix: n, Action: model.Allow, Wide: model.IsWide(n)})
			if err != nil {
				s.Text = partly("added exceptions", i, len(extra))
				return s, fmt.Errorf("set exception: %w", err)
			}
			s.Batch, s.More = firstOf(s.Batch, s.More, b.ID)
		}
		s.Text = "saved " + model.Plural(len(extra), "exception")
		if changed {
			if err := e.Store.SetSetting(ctx, e.because(reason), lineSetting, strconv.FormatFloat(line, 'f', -1, 64)); err != nil {
				return s, fmt.Errorf("set threshold: %w", err)
			}
			s.Text = "saved threshold " + figure(line) + " and " + model.Plural(len(extra), "exception")
		}
		return s, nil
	})
}

// firstOf adds a batch to those that z takes back together.
func firstOf(first string, more []string, id string) (string, []string) {
	if first == "" {
		return id, more
	}
	return first, append(more, id)
}
