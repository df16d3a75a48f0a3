package detect

import (
	"fmt"

	"doorman/model"
)

// why says in one sentence what makes a cluster suspicious.
func why(c *cluster, s *Cluster) string {
	lead := ""
	if s.Takeovers > 0 && c.h != onUse {
		lead = model.Plural(s.Takeovers, "reset") + " redeemed from a distant network; "
	}
	switch {
	case c.h == onUse:
		return fmt.Sprintf("%s requested in other networks %s redeemed here; normally %s.", model.Plural(s.Accounts, "account"), were(s.Accounts), figure(c.base))
	case c.h == onAccount:
		return fmt.Sprintf("%s%s for one account from %s; normally %.0f.", lead, model.Plural(s.Requests, "request"), model.Plural(s.Addresses, "address"), max(1, c.base))
	case c.flood:
		return fmt.Sprintf("%s%.0f requests within an hour were not completed; normally %.0f.", lead, c.seen, c.base)
	}
	return fmt.Sprintf("%s%s from %s, %s completed (normally %s); %s unfinished, %s expected.",
		lead, model.Plural(s.Accounts, "account"), model.Plural(s.Addresses, "address"), model.Percent(s.UseRate), model.Percent(s.UsualRate),
		model.Thousands(int(c.seen+0.5)), figure(c.base))
}

func were(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

// figure writes an expected number: one decimal below ten, where it matters.
func figure(x float64) string {
	if x < 9.95 {
		return fmt.Sprintf("%.1f", x)
	}
	return model.Thousands(int(x + 0.5))
}

// against says in one sentence what speaks for the people behind it.
func against(c *cluster, s *Cluster) string {
	switch {
	case c.doubt != "":
		return c.doubt + "."
	case c.h == onAgent:
		return "Real users have this user agent, too: block by network where one shows."
	case s.UseRate > 0.25:
		return model.Plural(s.Used, "request") + " completed: there may be real users among them."
	case s.AgentKind > s.Requests/2 && s.Requests > 10:
		return fmt.Sprintf("%s in %s look like many people.", model.Plural(s.AgentKind, "user agent"), model.Plural(s.Requests, "request"))
	}
	return "No counter-evidence."
}
