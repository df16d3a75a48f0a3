package detect

import "doorman/model"

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
