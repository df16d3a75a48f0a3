package detect

import "fmt"

// why says in one sentence what makes a cluster suspicious.
func why(c *cluster, s *Cluster) string {
	lead := ""
	if s.Takeovers > 0 && c.h != onUse {
		lead = fmt.Sprintf("%d redeemed from a distant network; ", s.Takeovers)
	}
	switch {
	case c.h == onUse:
		return fmt.Sprintf("%d accounts were redeemed from here although they were asked for in other networks; %.1f would be usual.", s.Accounts, c.base)
	case c.h == onAccount:
		return fmt.Sprintf("%sone account was asked for %d times from %s; %.0f would be usual.", lead, s.Requests, addresses(s.Addresses), max(1, c.base))
	case c.flood:
		return fmt.Sprintf("%s%.0f requests within an hour led nowhere; %.0f would be usual for what was finished there.", lead, c.seen, c.base)
	}
	return fmt.Sprintf("%s%d accounts from %s, %.0f %% finished where %.0f %% do; %.0f unfinished where %.1f were to be expected.",
		lead, s.Accounts, addresses(s.Addresses), 100*s.UseRate, 100*s.UsualRate, c.seen, c.base)
}

func addresses(n int) string {
	if n == 1 {
		return "one address"
	}
	return fmt.Sprintf("%d addresses", n)
}

// against says in one sentence what speaks for the people behind it.
func against(c *cluster, s *Cluster) string {
	switch {
	case c.doubt != "":
		return c.doubt + "."
	case c.h == onAgent:
		return "Honest people use this agent, too: block by network where one shows."
	case s.UseRate > 0.25:
		return fmt.Sprintf("%d requests were finished: there may be real people among them.", s.Used)
	case s.AgentKind > s.Requests/2 && s.Requests > 10:
		return fmt.Sprintf("%d different agents in %d requests look like many people.", s.AgentKind, s.Requests)
	}
	return "Nothing that the traffic shows."
}
