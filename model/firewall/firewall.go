// Package firewall writes the rules in force as other programs read them: plain
// networks, a set of nftables, the deny list and the geo block of nginx, the map
// of HAProxy.
package firewall

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"time"

	"doorman/model"
)

// Format is what a firewall or a web server reads.
type Format string

// The formats. Those that know no longest prefix get blocks from which the
// exceptions are cut out, those that do get both.
const (
	CIDR     Format = "cidr"      // a network a line
	NFTables Format = "nftables"  // two sets with timeouts, for nft -f
	Nginx    Format = "nginx"     // deny lines, to include in http, server or location
	NginxGeo Format = "nginx-geo" // sets $doorman_blocked, to include in http
	HAProxy  Format = "haproxy"   // a map for map_ip: block or allow
)

// Formats lists all, in the order of the help.
func Formats() []Format { return []Format{CIDR, NFTables, Nginx, NginxGeo, HAProxy} }

// Write writes the rules that are in force now; the others are left out. Only
// nftables forgets a block by itself when its time has come: for the others the
// file has to be written again. Equal rules make equal files, but for the times
// that nftables still has to run.
func Write(w io.Writer, f Format, rules []model.Rule, now time.Time) error {
	out := bufio.NewWriter(w)
	switch f {
	case CIDR:
		writePlain(out, "", "", rules, now)
	case NFTables:
		writeSets(out, rules, now)
	case Nginx:
		writePlain(out, "deny ", ";", rules, now)
	case NginxGeo:
		writeGeo(out, rules, now)
	case HAProxy:
		writeMap(out, rules, now)
	default:
		return &model.Error{Kind: model.Invalid, Field: "output", Text: "there is no format " + model.Quote(string(f))}
	}
	return out.Flush()
}

// Same reports whether two files of one format block the same until the same
// moments. Of nftables only the line counts that tells it: the timeouts run.
func Same(a, b []byte) bool {
	if s := stateLine(a); s != nil {
		return bytes.Equal(s, stateLine(b))
	}
	return bytes.Equal(a, b)
}

const stateMark = "# state "

func stateLine(file []byte) []byte {
	for line := range bytes.Lines(file) {
		if bytes.HasPrefix(line, []byte(stateMark)) {
			return line
		}
	}
	return nil
}

func writePlain(out *bufio.Writer, before, after string, rules []model.Rule, now time.Time) {
	for _, p := range Networks(rules, now) {
		fmt.Fprintf(out, "%s%s%s\n", before, p, after)
	}
}

const setsHead = `# Networks that Doorman blocks: two sets in the table inet doorman. Load it with
# nft -f FILE as often as you like: it replaces what the sets hold and touches
# nothing else. Once, add to the table what shall be done with them:
#   nft add chain inet doorman input '{ type filter hook input priority -10; }'
#   nft add rule inet doorman input tcp dport { 80, 443 } ip saddr @blocked4 drop
#   nft add rule inet doorman input tcp dport { 80, 443 } ip6 saddr @blocked6 drop
`

func writeSets(out *bufio.Writer, rules []model.Rule, now time.Time) {
	elements, state := Blocked(rules, now), sha256.New()
	for _, e := range elements {
		fmt.Fprintln(state, e.Prefix, e.Until.Unix())
	}
	fmt.Fprintf(out, "%s%s%x\nadd table inet doorman\n", setsHead, stateMark, state.Sum(nil)[:8])
	for _, family := range []string{"4", "6"} {
		typ := map[string]string{"4": "ipv4_addr", "6": "ipv6_addr"}[family]
		fmt.Fprintf(out, "add set inet doorman blocked%s { type %s; flags interval, timeout; }\n", family, typ)
		fmt.Fprintf(out, "flush set inet doorman blocked%s\n", family)
	}
	for _, e := range elements {
		family := "6"
		if e.Prefix.Addr().Is4() {
			family = "4"
		}
		fmt.Fprintf(out, "add element inet doorman blocked%s { %s%s }\n", family, e.Prefix, timeout(e.Until, now))
	}
}

// timeout is rounded up, so that no block ends early and none becomes 0s, which
// would mean never.
func timeout(until, now time.Time) string {
	const year, day = 366 * 24 * time.Hour, 24 * time.Hour
	switch d := until.Sub(now); {
	case until.IsZero():
		return ""
	case d > year: // nft reads numbers of eight digits at most
		return fmt.Sprintf(" timeout %dd", (d+day-1)/day)
	default:
		return fmt.Sprintf(" timeout %ds", max(1, (d+time.Second-1)/time.Second))
	}
}

func writeGeo(out *bufio.Writer, rules []model.Rule, now time.Time) {
	fmt.Fprint(out, "# Include this in http; then: if ($doorman_blocked) { return 403; }\ngeo $doorman_blocked {\n    default 0;\n")
	for _, r := range governing(rules, now) {
		fmt.Fprintf(out, "    %s %d;\n", r.Prefix, map[model.RuleAction]int{model.Block: 1}[r.Action])
	}
	fmt.Fprint(out, "}\n")
}

func writeMap(out *bufio.Writer, rules []model.Rule, now time.Time) {
	fmt.Fprint(out, "# http-request deny if { src,map_ip(FILE,allow) -m str block }\n")
	for _, r := range governing(rules, now) {
		fmt.Fprintf(out, "%s %s\n", r.Prefix, r.Action)
	}
}

// governing returns the rules in force, one a network, by address.
func governing(rules []model.Rule, now time.Time) []model.Rule {
	list := inForce(rules, now)
	slices.SortFunc(list, compare)
	// At equal length the exception wins, and allow sorts before block.
	return slices.CompactFunc(list, func(a, b model.Rule) bool { return a.Prefix == b.Prefix })
}

// compare orders IPv4 before IPv6, then by address, the wider network first.
func compare(a, b model.Rule) int {
	return cmp.Or(comparePrefix(a.Prefix, b.Prefix), cmp.Compare(a.Action, b.Action), b.Expires.Compare(a.Expires))
}

func comparePrefix(a, b netip.Prefix) int {
	return cmp.Or(cmp.Compare(a.Addr().BitLen(), b.Addr().BitLen()), a.Addr().Compare(b.Addr()), a.Bits()-b.Bits())
}

func inForce(rules []model.Rule, now time.Time) []model.Rule {
	var list []model.Rule
	for _, r := range rules {
		if r.InForce(now) && r.Prefix.IsValid() {
			r.Prefix = r.Prefix.Masked()
			list = append(list, r)
		}
	}
	return list
}
