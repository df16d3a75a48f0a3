package page

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"doorman/model"
	"doorman/model/detect"
	"doorman/ui/part"
)

// ranked is a cluster, what it is called, and what operators said about it.
type ranked struct {
	detect.Cluster
	name string
	said model.Case // the zero Case where there is none
}

// severity is a word for how bad a cluster is now.
func severity(c detect.Cluster) string { return string(model.SeverityOf(c.Score, c.Hot, c.Live)) }

// facts is the row as files and filter lines tell of it.
func (r *ranked) facts() *model.ClusterFacts {
	f := r.Facts(r.said)
	f.Email = r.email()
	if r.Kind == detect.ByPlace { // nothing else names it
		for _, id := range hiddenIDs(r.EventIDs) {
			f.IDs = append(f.IDs, id.String())
		}
	}
	return &f
}

// email is the address of the account that a cluster is of, "" for others and
// where no one knows it.
func (r *ranked) email() string {
	if r.Kind == detect.ByAccount && strings.Contains(r.name, "@") {
		return r.name
	}
	return ""
}

// IsSerious reports whether a cluster is one to wake someone for.
func IsSerious(c detect.Cluster) bool { s := severity(c); return s == "critical" || s == "high" }

// waits reports whether the cluster needs a person now.
func (r *ranked) waits(now time.Time) bool { return r.facts().NeedsPerson(now) }

// isActive reports whether requests still come in or a reset is live.
func (r *ranked) isActive() bool { return severity(r.Cluster) != string(model.Past) }

// ClusterName is what people call a cluster. Of an account it is the address
// where that is known. It may hold text from outside.
func ClusterName(c detect.Cluster, email string) string {
	switch c.Kind {
	case detect.ByAccount:
		return cmp.Or(email, "account "+model.Mask(c.Account))
	case detect.ByAgent:
		return "agent " + agentText(c.Agent)
	case detect.ByPlace:
		return "walk through the addresses"
	}
	if c.On == detect.OnUse {
		return "uses " + prefixText(c.Prefix)
	}
	return prefixText(c.Prefix)
}

// hiddenIDs wraps ids as credentials, which they are in some databases.
func hiddenIDs(ids []string) []model.ResetID {
	out := make([]model.ResetID, len(ids))
	for i, id := range ids {
		out[i] = model.NewResetID(id, model.SchemeID)
	}
	return out
}

// resetsOf selects the resets of a cluster, and others from the same source in
// the same time; false where only ids name them.
func resetsOf(c detect.Cluster) (model.ResetFilter, bool) {
	f := model.ResetFilter{Since: c.Start, Until: c.Target().Until}
	switch {
	case c.Kind == detect.ByPrefix && c.On != detect.OnUse:
		f.IP = c.Prefix
	case c.Kind == detect.ByAccount:
		f.AccountID = c.Account
	case c.Kind == detect.ByAgent && c.Agent != "":
		f.Agent = c.Agent
	default:
		return model.ResetFilter{}, false
	}
	return f, true
}

// rankClusters reads the clusters of a window, in the order in which a person
// should look at them.
func rankClusters(ctx context.Context, s Store, f model.ClusterFilter, now time.Time) ([]ranked, error) {
	found, err := s.Clusters(ctx, f)
	if err != nil {
		return nil, err
	}
	out, err := nameClusters(ctx, s, found...)
	slices.SortStableFunc(out, func(a, b ranked) int { return model.CompareClusters(a.facts(), b.facts(), now) })
	return out, err
}

// nameClusters adds names and cases.
func nameClusters(ctx context.Context, s Store, found ...detect.Cluster) ([]ranked, error) {
	cases, err := s.ListCases(ctx, model.CaseFilter{Paging: model.Paging{Limit: model.MaxLimit}})
	if err != nil {
		return nil, err
	}
	said := map[string]model.Case{}
	for _, c := range cases.Items {
		said[c.Key] = c
	}
	var ids []string
	for _, c := range found {
		if c.Kind == detect.ByAccount {
			ids = append(ids, c.Account)
		}
	}
	emails, err := s.AccountEmails(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]ranked, len(found))
	for i, c := range found {
		out[i] = ranked{c, ClusterName(c, emails[c.Account]), said[c.Key]}
	}
	return out, nil
}

// findCluster finds a cluster again that may have grown or shrunk since its key
// was read: then the one that has most in common with it.
func findCluster(ctx context.Context, s Store, key string) (ranked, error) {
	c, err := s.FindCluster(ctx, key)
	if model.IsKind(err, model.NotFound) {
		if near, ok := nearCluster(ctx, s, key); ok {
			c, err = near, nil
		}
	}
	if err != nil {
		return ranked{}, err
	}
	rs, err := nameClusters(ctx, s, c)
	if err != nil {
		return ranked{}, err
	}
	return rs[0], nil
}

func nearCluster(ctx context.Context, s Store, key string) (detect.Cluster, bool) {
	text, onUse := strings.CutPrefix(key, "use:")
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return detect.Cluster{}, false
	}
	found, err := s.Clusters(ctx, model.ClusterFilter{})
	if err != nil {
		return detect.Cluster{}, false
	}
	i := slices.IndexFunc(found, func(c detect.Cluster) bool {
		return c.Kind == detect.ByPrefix && (c.On == detect.OnUse) == onUse && c.Prefix.Overlaps(p)
	})
	if i < 0 {
		return detect.Cluster{}, false
	}
	return found[i], true
}

// figure writes a number that need not be whole.
func figure(x float64) string {
	if x < 9.95 {
		return strconv.FormatFloat(x, 'f', 1, 64)
	}
	return strconv.FormatFloat(x, 'f', 0, 64)
}

// span writes when something began and ended, the day of the end left out where
// it is the same.
func (e *Env) span(from, to time.Time) string {
	zone := e.Zone
	if zone == nil {
		zone = time.UTC
	}
	a, b := from.In(zone), to.In(zone)
	layout := "15:04"
	if a.Format(time.DateOnly) != b.Format(time.DateOnly) {
		layout = "01-02 15:04"
	}
	return a.Format("01-02 15:04") + " – " + b.Format(layout)
}

// caseCell is where the operators stand with a cluster.
func (e *Env) caseCell(r ranked) part.Cell {
	if r.said.State == "" && !r.isActive() {
		return part.Cell{Text: "–", Ink: e.Theme.Dim}
	}
	return e.state(string(r.said.Verdict()))
}

// verdict words a case: the state, who set it and how long ago.
func (e *Env) verdict(c model.Case) string {
	state := strings.ReplaceAll(string(c.Verdict()), "_", " ")
	switch {
	case c.Verdict() == model.CaseNew:
		return "new, unclaimed"
	case c.StateBy == "":
		return state
	}
	return state + " by " + c.StateBy + " " + e.ago(c.StateAt)
}

// shortCase is caseCell for a narrow column.
func (e *Env) shortCase(r ranked) part.Cell {
	c := e.caseCell(r)
	switch r.said.State {
	case model.CaseFalse:
		c.Text = strings.TrimSuffix(c.Text, "_positive") + " pos."
	case model.CaseAcknowledged:
		c.Text = strings.TrimSuffix(c.Text, "acknowledged") + orDash(r.said.StateBy)
	}
	return c
}

// ago tells how long ago something was, in words.
func (e *Env) ago(t time.Time) string {
	if e.Absolute {
		return "at " + e.brief(t)
	}
	if s := part.Ago(e.Now(), t); s != "now" {
		return s + " ago"
	}
	return "just now"
}
