package model

import (
	"net/netip"
	"strings"
	"time"
)

// Cursor marks a place in an ordered list. It is opaque, survives rows that
// come and go, and belongs to the order it was made for. "" is no place.
type Cursor string

// Paging requests one page of a list. The zero value requests the first page
// of the default size.
type Paging struct {
	Limit  int    // rows; 0 means DefaultLimit, at most MaxLimit
	After  Cursor // the rows that follow this place …
	Before Cursor // … or, read backwards, those just before it; not both
	Last   bool   // the last page; wins over both
	// At starts a list in the order of time at a moment: with its first row that is
	// no newer, or no older where the oldest come first. Places win over it.
	At time.Time
}

// Page sizes, in rows.
const (
	DefaultLimit = 50
	MaxLimit     = 10000
)

// Page is one page of a list, always in list order, whichever way it was read.
type Page[T any] struct {
	Items []T
	Prev  Cursor // what to put in Paging.Before for the page before; "" when this is the first
	Next  Cursor // what to put in Paging.After for the page after; "" when this is the last
	// Short says that the search for rows stopped before the page was full, so that
	// it never takes long: go on at Next, or at Prev when reading backwards. Such a
	// page may be empty. Reached is how far it came; zero in other orders than time.
	Short   bool
	Reached time.Time
}

// AccountSort orders accounts; every order ends in the id.
type AccountSort string

// The orders of accounts. The zero value means ByEmail.
const (
	ByEmail          AccountSort = "email"
	ByAccountCreated AccountSort = "created"
)

// AccountFilter selects accounts. The zero value means all, by address.
type AccountFilter struct {
	Query string // any part of the address, in any case
	Held  bool   // only held ones
	Of    *Of    // only those with a reset of clusters, or of none; nil: any
	Sort  AccountSort
	Desc  bool
	Paging
}

// ResetSort orders resets; every order ends in the id.
type ResetSort string

// The orders of resets. The zero value means ByCreated.
const (
	ByCreated ResetSort = "created"
	ByUsed    ResetSort = "used"
	ByIP      ResetSort = "ip"
)

// ResetFilter selects resets. The zero value means all, newest first. Resets
// without the column that the order sorts by come last.
type ResetFilter struct {
	AccountID string
	Query     string       // any part of the account's address, in any case
	IP        netip.Prefix // of the request; the zero prefix means any
	Agent     string       // any part of the request's agent, in any case
	States    []State      // any of these; none means any
	Since     time.Time    // created at or after; zero: no bound
	Until     time.Time    // created before; zero: no bound
	BatchID   string
	IssuedBy  string // whole name of the operator who issued it
	Of        *Of    // only those of clusters, or of none; nil: any
	Sort      ResetSort
	Asc       bool // oldest first
	Paging
}

// IsAll reports whether the filter selects every reset, whatever its order.
func (f ResetFilter) IsAll() bool {
	return f.AccountID == "" && f.Query == "" && !f.IP.IsValid() && f.Agent == "" && len(f.States) == 0 &&
		f.Since.IsZero() && f.Until.IsZero() && f.BatchID == "" && f.IssuedBy == "" && f.Of == nil
}

// Of selects by what clusters are aimed at, whether they claim it or not.
type Of struct {
	Targets []Target
	Not     bool   // what belongs to none of them
	Words   string // how the filter says it, for the log: "cluster:203.0.113.0/24"
}

// LetterFilter selects letters, newest first. The zero value means all.
type LetterFilter struct {
	States  []LetterState
	ResetID string // full id
	Query   string // any part of the recipient
	Paging
}

// AuditFilter selects audit entries, newest first. The zero value means all.
type AuditFilter struct {
	Since    time.Time
	Until    time.Time
	Operator string
	Verb     string
	BatchID  string
	Query    string // any part of subject, reason or operator
	Paging
}

// BatchFilter selects batches, newest first. The zero value means all.
type BatchFilter struct {
	Since time.Time
	Paging
}

// Count is a number that may only be a lower bound: it was counted up to a cap,
// so that no list waits for a count of the whole table.
type Count struct {
	N       int
	AtLeast bool // there are more than N
}

// ParsePrefix reads an address or a network in CIDR form. An address stands for
// itself (/32, /128), ::ffff:a.b.c.d for the IPv4 address, host bits are cut,
// zones are refused.
func ParsePrefix(s string) (netip.Prefix, error) {
	s = strings.TrimSpace(s)
	bad := &Error{Kind: Invalid, Field: "ip", Text: Quote(s) + " is neither an address nor a network",
		Hint: "write it as 203.0.113.7, 203.0.113.0/24 or 2001:db8::/48"}
	if !strings.Contains(s, "/") {
		a, err := netip.ParseAddr(s)
		if err != nil || a.Zone() != "" {
			return netip.Prefix{}, bad
		}
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, bad
	}
	if a := p.Addr(); a.Is4In6() {
		if p.Bits() < 96 {
			return netip.Prefix{}, bad
		}
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	return p.Masked(), nil
}
