package detect

import (
	"time"

	"doorman/model"
)

// Target is what containing the cluster, or revoking what is live of it, is aimed
// at: the same that Live counts.
func (c *Cluster) Target() model.Target {
	t := model.Target{Key: c.Key, Since: c.Start}
	if !c.Hot {
		t.Until = c.End.Add(time.Millisecond) // the engine counts in milliseconds
	}
	switch c.Kind {
	case ByPrefix:
		t.Prefix, t.On = c.Prefix, c.On
	case ByAccount:
		t.AccountID = c.Account
	case ByAgent:
		t.Agent = c.Agent
	}
	if c.Kind == ByPlace || c.On == OnUse || t.IsZero() { // a network does not find what was requested elsewhere
		for _, id := range c.EventIDs {
			t.IDs = append(t.IDs, model.NewResetID(id, model.SchemeID))
		}
	}
	return t
}

// Facts is the cluster as files and filter lines tell of it, with its
// case; the address of an account and the ids of the resets left out.
func (c *Cluster) Facts(verdict model.Case) model.ClusterFacts {
	f := model.ClusterFacts{
		Key: c.Key, Kind: string(c.Kind), Prefix: c.Prefix, On: c.On, Account: c.Account, Agent: c.Agent,
		Start: c.Start, End: c.End, Flagged: c.Flagged, Hot: c.Hot, Score: c.Score,
		Requests: c.Requests, Accounts: c.Accounts, Addresses: c.Addresses, Used: c.Used, Live: c.Live, Takeovers: c.Takeovers,
		Why: c.Why, Against: c.Against, Case: verdict.Verdict(), CaseBy: verdict.StateBy, CaseAt: verdict.StateAt,
	}
	for _, a := range c.Agents {
		f.Agents = append(f.Agents, a.Agent)
	}
	return f
}
