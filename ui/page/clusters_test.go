package page

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"doorman/model"
	"doorman/model/detect"
)

// attacked is the sample under attack: a flood from a network with a dozen live
// resets, links used far away, an account that is asked for again and again, a
// hostile agent, one that is over, and one that was judged.
func attacked() *memory {
	m := sample()
	now := testNow()
	net := func(s string) netip.Prefix { return netip.MustParsePrefix(s) }
	flood := detect.Cluster{Key: "198.51.100.0/24", Kind: detect.ByPrefix, Prefix: net("198.51.100.0/24"), On: detect.OnRequest, Score: 1457, Hot: true,
		Start: now.Add(-50 * time.Minute), End: now.Add(-time.Minute), Flagged: now.Add(-41 * time.Minute), Requests: 12, Accounts: 12, Addresses: 9, Spread: 9. / 256,
		UsualRate: 0.7, Agents: []detect.AgentShare{{Agent: "python-requests/2.31\x1b[31m", N: 12}}, AgentKind: 1, Baseline: 0.4, Observed: 12,
		Why: "12 accounts from 9 addresses, 0% completed (normally 70%); 12 unfinished, 0.4 expected.", Against: "No counter-evidence."}
	for i := range 12 {
		r := model.Reset{ID: model.NewResetID(fmt.Sprintf("%032x", 0xf000+i), model.SchemeSecret), AccountID: m.accounts[20+i].ID, Email: m.accounts[20+i].Email,
			Created: now.Add(-time.Duration(1+i*4) * time.Minute), Expires: now.Add(time.Hour), RequestedIP: fmt.Sprintf("198.51.100.%d", 10+i%9), RequestedAgent: "python-requests/2.31\x1b[31m"}
		m.resets = append(m.resets, r)
		flood.EventIDs = append([]string{r.ID.Full()}, flood.EventIDs...)
	}
	use := detect.Cluster{Key: "use:2001:db8:4:5::/64", Kind: detect.ByPrefix, Prefix: net("2001:db8:4:5::/64"), On: detect.OnUse, Score: 96, Hot: true,
		Start: now.Add(-5 * time.Hour), End: now.Add(-2 * time.Hour), Flagged: now.Add(-4 * time.Hour), Requests: 6, Accounts: 6, Addresses: 1, Spread: 1,
		Used: 6, UseRate: 1, UsualRate: 0.7, AgentKind: 3, Entropy: 1.5, Baseline: 0.1, Observed: 6, Takeovers: 6, EventIDs: []string{m.resets[1].ID.Full(), m.resets[9].ID.Full()},
		Why: "6 accounts requested in other networks were redeemed here; normally 0.1.", Against: "No counter-evidence."}
	bomb := detect.Cluster{Key: "account:" + m.accounts[3].ID, Kind: detect.ByAccount, Account: m.accounts[3].ID, Score: 31, Hot: true,
		Start: now.Add(-3 * time.Hour), End: now.Add(-10 * time.Minute), Flagged: now.Add(-2 * time.Hour), Requests: 40, Accounts: 1, Addresses: 40, AgentKind: 40, Entropy: 5.3,
		UsualRate: 0.7, Baseline: 0.9, Observed: 40, Why: "40 requests for one account from 40 addresses; normally 1.",
		Against: "40 user agents in 40 requests look like many people."}
	over := detect.Cluster{Key: "203.0.113.99/32", Kind: detect.ByPrefix, Prefix: net("203.0.113.99/32"), On: detect.OnRequest, Score: 2210, Start: now.Add(-30 * time.Hour),
		End: now.Add(-20 * time.Hour), Flagged: now.Add(-29 * time.Hour), Requests: 310, Accounts: 308, Addresses: 1, Spread: 1, UsualRate: 0.7, AgentKind: 1, Baseline: 1.4, Observed: 289,
		Why: "308 accounts from 1 address, 0% completed (normally 70%); 289 unfinished, 1.4 expected.", Against: "No counter-evidence."}
	agent := over
	agent.Key, agent.Kind, agent.Prefix, agent.On, agent.Score, agent.Hot = "agent:5eed", detect.ByAgent, netip.Prefix{}, "", 55, true
	agent.Agent, agent.Start, agent.End = "curl/8\r\x1b]0;owned\x07", now.Add(-time.Hour), now.Add(-3*time.Minute)
	m.clusters = []detect.Cluster{over, flood, use, agent, bomb}
	m.cases = []model.Case{{Key: agent.Key, State: model.CaseFalse, Note: "the uptime probe\x1b[2J of the shop", By: "grace", StateBy: "grace", StateAt: now.Add(-9 * time.Hour), At: now.Add(-9 * time.Hour), Opened: now.Add(-10 * time.Hour), Subject: "agent curl/8"},
		{Key: "192.0.2.0/24", State: model.CaseContained, Note: "came back after a week", By: "ada", StateBy: "ada", StateAt: now.Add(-26 * time.Hour), At: now.Add(-26 * time.Hour), Opened: now.Add(-27 * time.Hour), Subject: "network 192.0.2.0/24"}}
	m.rules = []model.Rule{{Prefix: net("192.0.2.0/24"), Action: model.Block, Expires: now.Add(22 * time.Hour), Reason: "flood\x1b[0m at night", By: "ada", Created: now.Add(-2 * time.Hour), BatchID: "b9"},
		{Prefix: net("192.0.2.7/32"), Action: model.Allow, Reason: "the office", By: "grace", Created: now.Add(-3 * time.Hour)},
		{Prefix: net("2001:db8:beef::/48"), Action: model.Block, Expires: now.Add(-time.Hour), By: "ada", Created: now.Add(-25 * time.Hour)}}
	return m
}

func TestClusters(t *testing.T) {
	home := Open{View: "clusters"}
	atSizes(t, func(t *testing.T, w, h int) {
		t.Run("list", func(t *testing.T) { drive(t, attacked(), home, w, h).golden() })
		t.Run("takeovers", func(t *testing.T) { drive(t, attacked(), home, w, h).press("j").golden() })
		t.Run("contain", func(t *testing.T) { drive(t, attacked(), home, w, h).press("c").golden() })
		t.Run("acknowledge", func(t *testing.T) { drive(t, attacked(), home, w, h).press("a").golden() })
		t.Run("note", func(t *testing.T) { drive(t, attacked(), home, w, h).press("n").write("look at\x1b").golden() })
		t.Run("all_quiet", func(t *testing.T) { drive(t, sample(), home, w, h).golden() })
		t.Run("nothing_asked", func(t *testing.T) { drive(t, &memory{}, home, w, h).golden() })
		t.Run("error", func(t *testing.T) {
			drive(t, &memory{broken: &model.Error{Kind: model.Unavailable, Text: "the disk is gone"}}, home, w, h).golden()
		})
	})
}

func TestTheWorstThatWaitsComesFirst(t *testing.T) {
	m := attacked()
	d := drive(t, m, Open{View: "clusters"}, 200, 40)
	var keys []string
	for _, r := range d.page.(*clusters).Rows() {
		keys = append(keys, r.Key)
	}
	if got := strings.Join(keys[:2], " "); got != "198.51.100.0/24 "+m.clusters[4].Key {
		t.Errorf("first come %s", got)
	}
	if got := strings.Join(keys[2:], " "); got != "use:2001:db8:4:5::/64 agent:5eed 203.0.113.99/32" {
		t.Errorf("last come %s", got)
	}
}

func TestReRankingKeepsTheCursor(t *testing.T) {
	m := attacked()
	d := drive(t, m, Open{View: "clusters"}, 120, 40).press("j")
	m.cases = append(m.cases, model.Case{Key: m.clusters[1].Key, State: model.CaseAcknowledged, StateBy: "grace", StateAt: m.now()})
	d.do(d.page.Update(Changed{}))
	if r, _ := d.page.(*clusters).Current(); r.Key != m.clusters[4].Key {
		t.Errorf("the cursor went to %s", r.Key)
	}
	if first := d.page.(*clusters).Rows()[0]; first.Key != m.clusters[4].Key {
		t.Errorf("first is %s", first.Key)
	}
}

func TestContainFromTheList(t *testing.T) {
	m := attacked()
	d := drive(t, m, Open{View: "clusters"}, 120, 40).press("c").sees("blocks    198.51.100.0/24 for 24 h, until 2026-11-24").
		sees("revokes   12 live resets of 12 accounts").press("y").acts("contain 198.51.100.0/24").sees("■ contained")
	if s := d.saved[0]; s.Batch == "" || s.Err != nil {
		t.Errorf("%+v", s)
	}
	if r, _ := d.page.(*clusters).Current(); r.Key != "198.51.100.0/24" {
		t.Errorf("the cursor went to %s", r.Key)
	}
}

// The headline's row is selected, whatever filter hides it.
func TestToTheHeadline(t *testing.T) {
	d := drive(t, attacked(), Open{View: "clusters"}, 80, 24).press("j", "j").sees("> △ high")
	h := d.page.(Headliner)
	d.do(h.ToHeadline())
	d.sees("> ▲ critical  198.51.100.0/24")
	d.press("f").write("kind:account").press("enter").misses("198.51.100.0/24  ")
	d.do(h.ToHeadline())
	d.sees("> ▲ critical  198.51.100.0/24").said("filter cleared: it hid 198.51.100.0/24")
	if got := h.Headline(); !strings.HasPrefix(got, "▲ critical: 198.51.100.0/24 since 02:14") || !strings.Contains(got, "12 live") {
		t.Errorf("headline %q", got)
	}
}

func TestManyResetsAreContainedByTheirNumber(t *testing.T) {
	m := attacked()
	for i := range 30 {
		r := m.resets[len(m.resets)-1]
		r.ID = model.NewResetID(fmt.Sprintf("%032x", 0xe000+i), model.SchemeSecret)
		m.resets = append(m.resets, r)
	}
	drive(t, m, Open{View: "clusters"}, 120, 40).press("c").sees("type 42 to confirm").press("y").acts().press("4", "2", "enter").acts("contain 198.51.100.0/24")
}

// The length of the block can be changed while the plan is shown, and a length
// that cannot be read changes nothing.
func TestTheLengthOfTheBlock(t *testing.T) {
	m := attacked()
	d := drive(t, m, Open{View: "clusters"}, 120, 40).press("c").sees("for 24 h, until 2026-11-24 03:04:05 UTC")
	d.press("t").write("soon").press("enter").sees("not a valid").press("backspace", "backspace", "backspace", "backspace").write("7d").press("enter").sees("for 7d, until 2026-11-30 03:04:05 UTC")
	d.press("y").acts("contain 198.51.100.0/24")
	if r := m.rules[len(m.rules)-1]; !r.Expires.Equal(testNow().Add(7 * 24 * time.Hour)) {
		t.Errorf("%+v", r)
	}
	d = drive(t, attacked(), Open{View: "clusters"}, 120, 40).press("c", "t").write("ever").press("enter").sees("198.51.100.0/24 until it is lifted").press("n")
	d.press("b").sees("for 24 h").press("t").write("90m").press("enter").sees("until 2026-11-23 04:34:05 UTC").press("t", "esc").sees("04:34:05").press("y").acts("block 198.51.100.0/24")
}

// The whole story: what an exception keeps live is in the plan, what came after
// it in the result.
func TestContainTellsTheWholeStory(t *testing.T) {
	m := attacked()
	m.spared, m.meanwhile = model.Tally{{Label: "live in the exception 198.51.100.64/26", N: 3}}, 1
	d := drive(t, m, Open{View: "clusters"}, 120, 40).press("c").sees("unchanged: 3 live in the exception 198.51.100.64/26").press("y")
	if s := d.saved[0].Text; s != "contained 198.51.100.0/24: 12 revoked; 1 requested meanwhile is still live (x revokes it)" {
		t.Error(s)
	}
}

func TestWideNetworksAskTwice(t *testing.T) {
	m := attacked()
	m.clusters[1].Prefix = netip.MustParsePrefix("198.48.0.0/12")
	m.honest, m.warnings = 31, []string{"31 accounts completed a reset there in the last 30 days"}
	d := drive(t, m, Open{View: "clusters"}, 120, 40).press("c").sees("! 31 accounts completed").sees("1,048,576 addresses").press("y").sees("Really all of 198.48.0.0/12?").acts()
	d.press("n").acts().press("c", "y", "y").acts("contain 198.51.100.0/24")
}

func TestTooWideIsRefused(t *testing.T) {
	m := attacked()
	m.clusters[1].Prefix = netip.MustParsePrefix("196.0.0.0/7")
	drive(t, m, Open{View: "clusters"}, 120, 40).press("c").sees("✗ 196.0.0.0/7 is too wide").press("y").acts()
}

func TestJudging(t *testing.T) {
	m := attacked()
	d := drive(t, m, Open{View: "clusters"}, 120, 40).press("d", "f").acts("case 198.51.100.0/24 false_positive")
	d.press("d").sees("reopen").press("o").acts("case 198.51.100.0/24 false_positive", "case 198.51.100.0/24 new")
	d.press("n").write("a load test").press("enter").sees("a load test")
	if c := m.cases[0]; c.Note != "a load test" || c.Verdict() != model.CaseNew || c.Subject != "198.51.100.0/24" {
		t.Errorf("%+v", c)
	}
}

// Acknowledging says who is on it, at once; it neither closes nor hides anything.
func TestAcknowledgeAndRelease(t *testing.T) {
	m := attacked()
	d := drive(t, m, Open{View: "clusters"}, 120, 40).sees("unclaimed").press("a").acts("case 198.51.100.0/24 acknowledged")
	d.sees("@ ada").sees("acknowledged by ada just now").misses("unclaimed, 12 live")
	if d.saved[0].Text != "acknowledged 198.51.100.0/24: you are on it" || d.saved[0].Batch == "" {
		t.Errorf("%+v", d.saved)
	}
	m.cases[0].StateBy = "grace"
	d.do(d.page.Update(Changed{}))
	d.press("a").sees("Take over 198.51.100.0/24").sees("grace acknowledged it").press("n").acts("case 198.51.100.0/24 acknowledged")
	d.press("a", "y").acts("case 198.51.100.0/24 acknowledged", "case 198.51.100.0/24 acknowledged").sees("@ ada")
	d.press("a").acts("case 198.51.100.0/24 acknowledged", "case 198.51.100.0/24 acknowledged", "case 198.51.100.0/24 new").sees("▲ critical: 198.51.100.0/24 since 02:14, unclaimed, 12 live")
}

// Over requests that are not judged yet nothing is called quiet.
func TestNothingIsQuietBeforeItIsJudged(t *testing.T) {
	m := sample()
	m.reading = &model.ClusterReading{Whole: true, Fresh: 45, FreshSince: testNow().Add(-6 * time.Minute)}
	drive(t, m, Open{View: "clusters"}, 120, 40).sees("… 45 requests since 02:58 not judged yet; before: all quiet").misses("✓ all quiet").misses("All quiet").sees("? not judged yet").sees("▁??")
	m.reading = nil
	drive(t, m, Open{View: "clusters"}, 120, 40).sees("✓ all quiet")
	busy := attacked()
	busy.reading = &model.ClusterReading{Whole: true, Fresh: 45, FreshSince: testNow().Add(-6 * time.Minute)}
	drive(t, busy, Open{View: "clusters"}, 160, 40).sees("▲ critical: 198.51.100.0/24").sees("45 requests since 02:58 not judged yet")
}

// The chart of a cluster that is over ends with it, and does not say now.
func TestTheChartOfAnEndedClusterEndsWithIt(t *testing.T) {
	d := drive(t, attacked(), Open{View: "cluster", Ref: "203.0.113.99/32"}, 120, 40)
	if v := ansi.Strip(d.screen()); strings.Contains(v, "now 03:04") || !strings.Contains(v, "until 09:45 UTC") {
		t.Errorf("the chart ends now:\n%s", v)
	}
	drive(t, attacked(), Open{View: "cluster", Ref: "198.51.100.0/24"}, 120, 40).sees("now 03:04 UTC")
}

func TestOnlyBlockOnlyRevoke(t *testing.T) {
	drive(t, attacked(), Open{View: "clusters"}, 120, 40).press("b").sees("Block 198.51.100.0/24").sees("12 live resets from there").press("y").acts("block 198.51.100.0/24").
		press("x").sees("12 live resets of 12 accounts").press("y").acts("block 198.51.100.0/24", "revoke 12 resets")
	d := drive(t, attacked(), Open{View: "clusters"}, 120, 40).press("j", "b")
	if d.ask != nil || !strings.Contains(d.toasts[0].Text, "not a network") {
		t.Errorf("an account was to be blocked: %v", d.toasts)
	}
}

func TestAViewerOnlyLooks(t *testing.T) {
	m := attacked()
	e := testEnv(m)
	e.Act.Role = model.Viewer
	d := driveEnv(t, e, m, Open{View: "clusters"}, 120, 40).press("c", "b", "x", "a", "d", "n")
	if d.ask != nil || len(d.toasts) != 6 || d.page.(Typist).Typing() {
		t.Errorf("asked %v, said %v", d.ask, d.toasts)
	}
}

func TestWindows(t *testing.T) {
	d := drive(t, attacked(), Open{View: "clusters"}, 120, 40)
	for _, want := range []string{"last 7 d", "last 90 d", "last 1 h", "last 24 h"} {
		if got := d.press("t").page.(Ranged).Range(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := d.page.(Commander).Command(); got != "doorman clusters --since 1d" {
		t.Error(got)
	}
}

// While the engine reads, nothing is said for a moment; then what it does, and
// where one can go meanwhile.
func TestWaitingForTheEngine(t *testing.T) {
	m := attacked()
	e := testEnv(m)
	p := newClusters(e, Open{}).(*clusters)
	p.SetSize(120, 36)
	_ = p.Init() // its reads never answer
	if v := p.View(); strings.Contains(v, "loading") {
		t.Errorf("a spinner at once:\n%s", v)
	}
	e.Now = func() time.Time { return testNow().Add(2 * slow) }
	for _, want := range []string{"loading…", "Judging the resets", "3 shows the resets meanwhile"} {
		if v := p.View(); !strings.Contains(v, want) {
			t.Errorf("no %q in\n%s", want, v)
		}
	}
}
