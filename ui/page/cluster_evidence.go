package page

import (
	"strconv"
	"strings"

	"doorman/model"
	"doorman/model/detect"
	"doorman/ui/part"
	"doorman/ui/term"
)

// evidence is all that speaks about a cluster, takeovers first.
func (e *Env) evidence(r ranked, w int) []string {
	t := e.Theme
	var lines []string
	if r.Takeovers > 0 {
		lines = append(lines, t.Bad.Paint(term.Fit(" ✗ "+takeovers(r.Cluster), w)))
	}
	lines = append(lines, fieldLines(t, e.clusterFields(r), w)...)
	for _, l := range hang("why", r.Why, w) {
		lines = append(lines, t.Strong.Paint(l))
	}
	for _, l := range hang("against", r.Against, w) {
		lines = append(lines, t.Dim.Paint(l))
	}
	return lines
}

// hang writes a sentence behind a word, its further lines below its own start.
func hang(word, text string, w int) []string {
	const in = 11
	lines := wrap(term.Show(text), w-in+1)
	for i, l := range lines {
		if i > 0 {
			word = ""
		}
		lines[i] = term.Fit(" "+word, in-1) + l
	}
	return lines
}

// agentBars draws how the requests of a cluster share out among its agents.
func (e *Env) agentBars(c detect.Cluster, w int) []string {
	const full = 12
	t := e.Theme
	var lines []string
	for _, a := range c.Agents {
		n := max((a.N*full+c.Requests/2)/max(c.Requests, 1), 1)
		bar := strings.Repeat("█", min(n, full))
		lines = append(lines, " "+t.Info.Paint(term.Fit(bar, full))+term.FitRight(strconv.Itoa(a.N), 6)+"  "+term.Fit(term.Show(agentText(a.Agent)), max(w-full-9, 1)))
	}
	if len(lines) == 0 {
		return nil
	}
	return append(section(t, "agents"), lines...)
}

// takeovers words how many links came to be used by someone else.
func takeovers(c detect.Cluster) string {
	if c.On == detect.OnUse {
		return model.Plural(c.Takeovers, "takeover") + ": links requested elsewhere were used here"
	}
	return model.Plural(c.Takeovers, "takeover") + ": links were used far from where they were requested"
}

func (e *Env) clusterFields(r ranked) []part.Field {
	c := r.Cluster
	sign := e.state(severity(c))
	seen := e.span(c.Start, c.End) + ", last " + e.ago(c.End)
	verdict := e.caseCell(r)
	verdict.Text = e.Theme.Sign(string(r.said.Verdict())).Glyph + " " + e.verdict(r.said)
	if r.said.Note != "" {
		verdict.Text += ": " + r.said.Note
	}
	fs := []part.Field{
		{Name: " severity", Value: sign.Text + ", score " + strconv.FormatFloat(c.Score, 'f', 0, 64) + ", raised " + e.clockOnly(c), Ink: sign.Ink},
		{Name: " requests", Value: model.Thousands(c.Requests) + " for " + model.Plural(c.Accounts, "account") + ", " + model.Thousands(c.Live) + " live now"},
		{Name: " from", Value: spread(c)},
		{Name: " completed", Value: model.Percent(c.UseRate) + " of the accounts, normally " + model.Percent(c.UsualRate)},
		{Name: " baseline", Value: baseline(c)},
		{Name: " agents", Value: agents(c)},
		{Name: " seen", Value: seen},
		{Name: " case", Value: verdict.Text, Ink: verdict.Ink},
	}
	return fs
}

// clockOnly is when the cluster crossed the line.
func (e *Env) clockOnly(c detect.Cluster) string {
	if e.Zone == nil {
		return c.Flagged.UTC().Format("15:04")
	}
	return c.Flagged.In(e.Zone).Format("15:04")
}

// spread words how much of a network took part.
func spread(c detect.Cluster) string {
	if c.Kind != detect.ByPrefix || c.Prefix.IsSingleIP() {
		return model.Plural(c.Addresses, "address")
	}
	of := " of the /" + strconv.Itoa(c.Prefix.Bits())
	if c.Prefix.Addr().Is6() && c.Prefix.Bits() < 64 {
		of = " of its /64s"
	}
	if c.Prefix.Addr().Is6() && c.Prefix.Bits() >= 64 {
		return model.Plural(c.Addresses, "address") + " of one /64"
	}
	return model.Plural(c.Addresses, "address") + ", " + model.Percent(c.Spread) + of
}

func baseline(c detect.Cluster) string {
	switch {
	case c.Kind == detect.ByAccount:
		return figure(c.Observed) + " visits, " + figure(c.Baseline) + " expected"
	case c.On == detect.OnUse:
		return figure(c.Observed) + " used far away, " + figure(c.Baseline) + " expected"
	}
	return figure(c.Observed) + " unfinished, " + figure(c.Baseline) + " expected"
}

func agents(c detect.Cluster) string {
	s := model.Plural(c.AgentKind, "user agent")
	var all []string
	for _, a := range c.Agents {
		all = append(all, strconv.Itoa(a.N)+" × "+agentText(a.Agent))
	}
	if len(all) > 0 {
		s += ": " + strings.Join(all, ", ")
	}
	return s
}
