package cli

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"doorman/model"
	"doorman/ui/term"
)

// reportWindow is how far back the triage report looks.
const reportWindow = 24 * time.Hour

// reportLines is how many networks it names.
const reportLines = 12

// network is what one /24 or /64 asked for within the window.
type network struct {
	prefix    netip.Prefix
	requests  int
	used      int
	live      int
	accounts  map[string]struct{}
	addresses map[string]struct{}
	last      time.Time
}

// survey counts resets as they stream by: one network a prefix, and the states
// of all.
type survey struct {
	now      time.Time
	states   map[model.State]int
	networks map[netip.Prefix]*network
	issued   int // by operators, counted apart: they are no traffic
}

func (v *survey) add(r model.Reset) error {
	state := r.State(v.now)
	v.states[state]++
	if r.IssuedBy != "" {
		v.issued++
		return nil
	}
	addr, err := netip.ParseAddr(r.RequestedIP)
	if err != nil {
		return nil // rows without a readable address belong to no network
	}
	prefix := neighbourhood(addr)
	n := v.networks[prefix]
	if n == nil {
		n = &network{prefix: prefix, accounts: map[string]struct{}{}, addresses: map[string]struct{}{}}
		v.networks[prefix] = n
	}
	n.requests++
	n.accounts[r.AccountID] = struct{}{}
	n.addresses[r.RequestedIP] = struct{}{}
	if r.Created.After(n.last) {
		n.last = r.Created
	}
	switch state {
	case model.Used:
		n.used++
	case model.Live:
		n.live++
	}
	return nil
}

// neighbourhood is the network that an address is counted in: a /24, or a /64.
func neighbourhood(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := 24
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // the width always fits
	return p
}

// busiest returns the networks with the most accounts whose reset was never
// used, which is what sets an attack apart from an office.
func (v *survey) busiest(limit int) []*network {
	list := make([]*network, 0, len(v.networks))
	for _, n := range v.networks {
		list = append(list, n)
	}
	unfinished := func(n *network) int { return min(len(n.accounts), n.requests-n.used) }
	slices.SortFunc(list, func(a, b *network) int {
		return cmp.Or(unfinished(b)-unfinished(a), b.requests-a.requests, a.prefix.Addr().Compare(b.prefix.Addr()))
	})
	return list[:min(limit, len(list))]
}

// triageReport prints how the service stands, for a reader without a console.
func (a *app) triageReport(ctx context.Context, store Store, now time.Time) error {
	info, err := store.Info(ctx)
	if err != nil {
		return err
	}
	since := now.Add(-reportWindow)
	v := survey{now: a.Now().UTC(), states: map[model.State]int{}, networks: map[netip.Prefix]*network{}}
	if err := store.ExportResets(ctx, model.ResetFilter{Since: since}, v.add); err != nil {
		return err
	}
	letters, err := store.CountLetters(ctx)
	if err != nil {
		return err
	}
	out := a.Stdout
	fmt.Fprintf(out, "Doorman triage report, %s\n\n", now.Format("2006-01-02 15:04 UTC"))
	fmt.Fprintf(out, "accounts %s, resets %s, of the last 24 h:", countText(info.Accounts), countText(info.Resets))
	for _, s := range model.States() {
		fmt.Fprintf(out, " %d %s", v.states[s], s)
	}
	fmt.Fprint(out, "\nletters:")
	for _, s := range model.LetterStates() {
		if letters[s] > 0 {
			fmt.Fprintf(out, " %d %s", letters[s], s)
		}
	}
	fmt.Fprintf(out, "\n\nNetworks with the most accounts whose reset was not used, last 24 h\n\n")
	rows := [][]string{{"NETWORK", "REQUESTS", "ACCOUNTS", "ADDRESSES", "USED", "LIVE", "LAST"}}
	for _, n := range v.busiest(reportLines) {
		rows = append(rows, []string{term.Show(n.prefix.String()), strconv.Itoa(n.requests), strconv.Itoa(len(n.accounts)),
			strconv.Itoa(len(n.addresses)), fmt.Sprintf("%d %%", 100*n.used/n.requests), strconv.Itoa(n.live), n.last.Format("15:04:05")})
	}
	if err := align(out, make([]int, len(rows[0])), rows); err != nil {
		return err
	}
	fmt.Fprint(out, "\nOn a terminal, doorman demo opens the console on this service, with live traffic.\n")
	return nil
}

func countText(c model.Count) string {
	if c.AtLeast {
		return "≥ " + strconv.Itoa(c.N)
	}
	return strconv.Itoa(c.N)
}
