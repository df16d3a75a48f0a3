package detect

import "fmt"

func why(c *cluster, s *Cluster) string {
	switch {
	case c.h == onUse:
		return fmt.Sprintf("%d accounts were redeemed from here although they were asked for in other networks; %.1f would be usual.", s.Accounts, c.base)
	case c.h == onAccount:
		return fmt.Sprintf("One account was asked for %d times from %d addresses and nothing was finished; %.0f would be usual.", s.Requests, s.Addresses, max(1, c.base))
	case c.flood:
		return fmt.Sprintf("%.0f requests within an hour led nowhere; %.0f would be usual for what was finished there.", c.seen, c.base)
	}
	return fmt.Sprintf("%d accounts, %.0f %% finished where %.0f %% do; %.0f unfinished where %.1f were to be expected.",
		s.Accounts, 100*s.UseRate, 100*s.UsualRate, c.seen, c.base)
}

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
