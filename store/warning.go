package store

import (
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// warn adds to a plan what speaks against its network, most serious first.
func (s *Store) warn(tx *gorm.DB, now time.Time, p *model.ContainPlan, action model.RuleAction) error {
	if !p.Block.IsValid() {
		return nil
	}
	p.Wide = model.IsWide(p.Block)
	if err := s.honest(tx, now, p); err != nil {
		return err
	}
	var near []ruleRow
	err := tx.Raw("SELECT u.* FROM doorman_rule AS u WHERE u.action <> @action AND "+sqlInForce+" ORDER BY u.prefix",
		map[string]any{"action": action, "now": ownStamp(now)}).Scan(&near).Error
	if err != nil {
		return err
	}
	if action == model.Block {
		one, err := s.oneSource(tx, now, p.Block)
		if err != nil {
			return err
		}
		p.Warnings = join(p.Warnings, s.ownAddress(p.Block), one, special(p.Block))
	}
	p.Warnings = join(p.Warnings, overlaps(near, p.Block, action)...)
	if action == model.Block && p.Honest > 0 {
		p.Warnings = join(p.Warnings, (model.Tally{{Label: "accounts", N: p.Honest}}).String()+" completed a reset there in the last 30 days")
	}
	if p.Wide && p.Refused == "" {
		p.Warnings = join(p.Warnings, "it is wider than a /16, or a /32 of IPv6: whole providers live there")
	}
	return nil
}

// join adds the texts that are not empty.
func join(list []string, more ...string) []string {
	for _, text := range more {
		if text != "" {
			list = append(list, text)
		}
	}
	return list
}

// ownAddress tells when the operator comes from the network.
func (s *Store) ownAddress(p netip.Prefix) string {
	a, ok := parseOne(s.o.Act.Address)
	if !ok || !p.Contains(a) {
		return ""
	}
	return "you are connected from there yourself: " + a.String()
}

// specialRange is a range of addresses that no client on the Internet has.
type specialRange struct {
	prefix string
	text   string
}

// specialRanges follow the IANA registries of special-purpose addresses.
func specialRanges() []specialRange {
	return []specialRange{
		{"127.0.0.0/8", "loopback addresses: this machine itself"},
		{"::1/128", "loopback addresses: this machine itself"},
		{"10.0.0.0/8", "private addresses: a proxy or your own network"},
		{"172.16.0.0/12", "private addresses: a proxy or your own network"},
		{"192.168.0.0/16", "private addresses: a proxy or your own network"},
		{"fc00::/7", "private addresses: a proxy or your own network"},
		{"169.254.0.0/16", "link-local addresses: a proxy or your own network"},
		{"fe80::/10", "link-local addresses: a proxy or your own network"},
		{"100.64.0.0/10", "carrier addresses (RFC 6598), which many customers share"},
		{"0.0.0.0/8", "no addresses that a client can have"},
		{"224.0.0.0/3", "no addresses that a client can have"},
		{"ff00::/8", "no addresses that a client can have"},
	}
}

// special tells when the network overlaps a special range.
func special(p netip.Prefix) string {
	for _, r := range specialRanges() {
		if q := netip.MustParsePrefix(r.prefix); q.Overlaps(p) {
			return "it holds " + r.text
		}
	}
	return ""
}

// overlaps tells of the rules that say the opposite about a part of the network
// or about more than it.
func overlaps(near []ruleRow, p netip.Prefix, action model.RuleAction) []string {
	var list []string
	inside := 0
	first := ""
	for i := range near {
		r := near[i].rule()
		noun := ruleNoun(r.Action)
		switch {
		case !r.Prefix.Overlaps(p):
		case r.Prefix == p && r.Action == model.Allow:
			list = append(list, "the exception for the same network wins: the block has no effect until it is lifted")
		case r.Prefix == p:
			list = append(list, "it wins over the block of the same network")
		case r.Prefix.Bits() < p.Bits():
			list = append(list, "it is narrower than the "+noun+" of "+r.Prefix.String()+" and wins over it")
		default:
			if inside++; first == "" {
				first = r.Prefix.String()
			}
		}
	}
	if inside == 0 {
		return list
	}
	other := ruleNoun(model.Allow)
	if action == model.Allow {
		other = ruleNoun(model.Block)
	}
	if inside == 1 {
		return append(list, "the "+other+" of "+first+" inside it stays")
	}
	return append(list, strconv.Itoa(inside)+" "+other+"s inside it stay, "+first+" first")
}

// What share of a day's requests one address has to have, and of how many, to
// look like a proxy that hides the clients.
const (
	proxyShare    = 0.95
	proxyRequests = 20
)

// oneSource tells when nearly all requests and uses of the last day carry one
// address and it is in the network: then it is likely a proxy's, and a block
// would shut everybody out. An attacker may ask as often, but does not use what
// others requested.
func (s *Store) oneSource(tx *gorm.DB, now time.Time, p netip.Prefix) (string, error) {
	lo, hi := keyRange(p)
	args := map[string]any{"from": s.atLeast(now.Add(-24 * time.Hour)), "lo": lo, "hi": hi}
	var n struct{ Total, Inside int }
	err := tx.Raw(`SELECT (SELECT count(*) FROM "PasswordReset" AS r WHERE r.created_date >= @from AND r.issued_by IS NULL) AS total,
		(SELECT count(*) FROM "PasswordReset" AS r WHERE r.requested_ip_key BETWEEN @lo AND @hi AND r.created_date >= @from
			AND r.issued_by IS NULL) AS inside`, args).Scan(&n).Error
	if err != nil || n.Total < proxyRequests || float64(n.Inside) < proxyShare*float64(n.Total) {
		return "", err
	}
	var top struct {
		Key []byte
		N   int
	}
	err = tx.Raw(`SELECT r.requested_ip_key AS key, count(*) AS n FROM "PasswordReset" AS r
		WHERE r.created_date >= @from AND r.issued_by IS NULL AND +r.requested_ip_key BETWEEN @lo AND @hi
		GROUP BY 1 ORDER BY 2 DESC LIMIT 1`, args).Scan(&top).Error
	if err != nil || float64(top.N) < proxyShare*float64(n.Total) || len(top.Key) != 16 {
		return "", err
	}
	args["key"] = top.Key
	var used struct{ Total, Here int }
	err = tx.Raw(`SELECT count(*) AS total, coalesce(sum(`+keyFunction+`(r.used_ip_address) = @key), 0) AS here
		FROM "PasswordReset" AS r WHERE r.used_date >= @from`, args).Scan(&used).Error
	if err != nil || float64(used.Here) < proxyShare*float64(used.Total) {
		return "", err
	}
	a := netip.AddrFrom16([16]byte(top.Key)).Unmap()
	return fmt.Sprintf("%d of the %d requests of the last day come from %s: a proxy seems to hide the clients, and a block would shut everybody out",
		top.N, n.Total, a), nil
}
