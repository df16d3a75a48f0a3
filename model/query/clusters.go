package query

import (
	"cmp"
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"doorman/model"
)

// Clusters is what a filter line over clusters says. The zero value means all.
type Clusters struct {
	Severities []model.Severity
	Cases      []model.CaseState // new stands also for clusters without a case
	Kinds      []string
	IP         netip.Prefix // lies inside the cluster's network, or around it
	Agent      string       // any part, in any case
	Account    string       // its id, the beginning of that, or part of its address
	Score      float64      // at least
	Text       string
}

// clusterTable declares the filter of clusters.
func clusterTable() table[Clusters] {
	least := field[Clusters]{Field: Field{Name: "score", Form: "at least so much: 40 is high, 100 critical", Values: []string{"40", "100"}, Use: "with a score of at least `N`"},
		read: func(q *Clusters, w Word, _ time.Time) (err error) { q.Score, err = score(w.Value); return err }}
	return table[Clusters]{says: "part of the network, account or agent", text: func(q *Clusters, s string) error { q.IP, q.Text = networkOr(s, q.IP); return nil },
		fields: []field[Clusters]{
			some(Field{Name: "severity", Titles: []string{"severity"}, Use: "of any of the `SEVERITIES`"}, model.ParseSeverity, model.Severities(), func(q *Clusters) *[]model.Severity { return &q.Severities }),
			some(Field{Name: "case", Titles: []string{"case"}, Use: "with the case in any of the `STATES`"}, parseCase, model.CaseStates(), func(q *Clusters) *[]model.CaseState { return &q.Cases }),
			some(Field{Name: "kind", Use: "of any of the `KINDS`"}, parseKind, kinds(), func(q *Clusters) *[]string { return &q.Kinds }),
			network(Field{Name: "ip", Form: ipForm + "; networks in it or around it", Use: "in the network `CIDR`, or around it"}, func(q *Clusters) *netip.Prefix { return &q.IP }),
			word(Field{Name: "agent", Titles: []string{"agent"}, Form: agentForm, Use: "with a user agent that holds `TEXT`, in any case"}, func(q *Clusters) *string { return &q.Agent }),
			word(Field{Name: "account", Titles: []string{"account"}, Form: "id, start of an id (4 or more), or any part of the address", Use: "of the account `REF`: part of the address, id or beginning of the id"},
				func(q *Clusters) *string { return &q.Account }),
			least,
		}}
}

// ForClusters is the language of clusters.
func ForClusters() Grammar { return clusterTable().grammar(func() time.Time { return time.Time{} }) }

// kinds are what a cluster can name.
func kinds() []string { return []string{"prefix", "account", "agent", "cluster"} }

// ParseClusters reads a filter line over clusters. A word that is an address or
// a network is one.
func ParseClusters(line string) (Clusters, error) { return clusterTable().parse(line, time.Time{}) }

// parseCase reads a state of a case, here called case: an error names the field as
// it was typed.
func parseCase(s string) (model.CaseState, error) {
	c, err := model.ParseCaseState(s)
	var e *model.Error
	if errors.As(err, &e) {
		e.Field = "case"
	}
	return c, err
}

func parseKind(s string) (string, error) {
	if slices.Contains(kinds(), s) {
		return s, nil
	}
	return "", &model.Error{Kind: model.Invalid, Field: "kind", Text: "there is no kind " + model.Quote(s), Hint: "use prefix, account, agent or cluster"}
}

func score(s string) (float64, error) {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || !(x > 0 && x < 1e9) {
		return 0, &model.Error{Kind: model.Invalid, Field: "score", Text: model.Quote(s) + " is not a score", Hint: "write it as 40: at least so much"}
	}
	return x, nil
}

// networkOr takes text for a network when it is one and none was named.
func networkOr(s string, had netip.Prefix) (netip.Prefix, string) {
	if p, err := model.ParsePrefix(s); err == nil && strings.ContainsAny(s, ".:") && !had.IsValid() {
		return p, ""
	}
	return had, s
}

// NeedsEmail reports whether Fits looks at the addresses of accounts.
func (q Clusters) NeedsEmail() bool { return q.Account != "" || q.Text != "" }

// Fits reports whether the line selects a cluster.
func (q Clusters) Fits(c model.ClusterFacts) bool {
	return among(q.Severities, c.Severity()) && among(q.Cases, cmp.Or(c.Case, model.CaseNew)) && among(q.Kinds, c.Kind) && c.Score >= q.Score &&
		(!q.IP.IsValid() || c.Prefix.IsValid() && c.Prefix.Overlaps(q.IP)) &&
		(q.Agent == "" || holdsAny(q.Agent, append(c.Agents[:len(c.Agents):len(c.Agents)], c.Agent)...)) &&
		(q.Account == "" || isAccount(q.Account, c)) &&
		(q.Text == "" || holdsAny(q.Text, append(c.Agents[:len(c.Agents):len(c.Agents)], c.Agent, c.Key, c.Email, c.Account)...))
}

// minAccount is how much of an id names an account.
const minAccount = 4

func isAccount(ref string, c model.ClusterFacts) bool {
	ref = strings.ToLower(ref)
	return c.Account != "" && (len(ref) >= minAccount && strings.HasPrefix(c.Account, ref) || c.Email != "" && holdsAny(ref, c.Email))
}

// among reports whether one of a list is meant; an empty list means all.
func among[T comparable](list []T, v T) bool { return len(list) == 0 || slices.Contains(list, v) }

// holdsAny reports whether one of the texts holds a part, in any case.
func holdsAny(part string, texts ...string) bool {
	part = strings.ToLower(part)
	return slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(strings.ToLower(s), part) })
}
