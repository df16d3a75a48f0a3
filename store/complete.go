package store

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"gorm.io/gorm"
)

// Rows that another program wrote lack Doorman's columns. To complete one is to
// save the address of the request where that program would overwrite it, and to
// key it. The partial index on incomplete rows makes finding none cost nothing.

const (
	completeBatch   = 5000 // rows a transaction: short enough that other writers get their turn
	completeStretch = 5000 // the same while a database is adopted
	maxAddressText  = 1024 // bytes of a column that are looked at
)

// requestIP says in SQL what address a reset was requested from. A row from
// before the adoption has it in used_ip_address until it is used.
const requestIP = `CASE WHEN requested_ip IS NOT NULL THEN requested_ip
	WHEN used_date IS NULL AND (NOT coalesce(was_used, 0) OR revoked_date IS NOT NULL OR superseded_by IS NOT NULL)
	THEN used_ip_address END`

// keyOf returns an address as 16 bytes, IPv4 mapped, so that a network is
// a range; the empty blob for text without a readable address.
func keyOf(text string) []byte {
	a, ok := parseAddress(text)
	if !ok {
		return []byte{}
	}
	b := a.As16()
	return b[:]
}

// parseAddress reads an address as web applications record it: with a port, in
// brackets, with a zone (dropped), or as a list that proxies appended to
// (X-Forwarded-For). Of a list it takes the last address that is not private:
// what is before it the client may have made up.
func parseAddress(text string) (netip.Addr, bool) {
	if len(text) > maxAddressText {
		return netip.Addr{}, false
	}
	parts := strings.Split(text, ",")
	var last netip.Addr
	for i := len(parts) - 1; i >= 0; i-- {
		a, ok := parseOne(parts[i])
		if !ok {
			break // a proxy that wrote this is none to believe further
		}
		if !last.IsValid() {
			last = a
		}
		if !a.IsPrivate() && !a.IsLoopback() && !a.IsLinkLocalUnicast() {
			return a, true
		}
	}
	return last, last.IsValid()
}

func parseOne(text string) (netip.Addr, bool) {
	text = strings.Trim(strings.TrimSpace(text), `"`)
	a, err := netip.ParseAddr(text)
	if err != nil {
		if p, e := netip.ParseAddrPort(text); e == nil {
			a, err = p.Addr(), nil
		} else if inner, ok := strings.CutPrefix(text, "["); ok && strings.HasSuffix(inner, "]") {
			a, err = netip.ParseAddr(strings.TrimSuffix(inner, "]"))
		}
	}
	return a.WithZone("").Unmap(), err == nil
}

// completeSome completes up to completeBatch rows and returns how many it did.
func (s *Store) completeSome(ctx context.Context) (int, error) {
	var some int
	// The look keeps the common case, nothing to do, from taking the write lock.
	err := s.read(ctx).Raw(`SELECT count(*) FROM (SELECT 1 FROM "PasswordReset" WHERE requested_ip_key IS NULL LIMIT 1)`).Scan(&some).Error
	if err != nil || some == 0 {
		return 0, explain(err)
	}
	done := 0
	err = s.write(ctx, "complete rows", func(tx *gorm.DB, _ time.Time) error {
		res := tx.Exec(completeNext, completeBatch)
		done = int(res.RowsAffected)
		return res.Error
	})
	return done, err
}

// completeAll completes every row that is incomplete. A lock that another
// program holds is no reason not to open: Poll goes on later.
func (s *Store) completeAll(ctx context.Context) error {
	for {
		n, err := s.completeSome(ctx)
		if isBusy(err) {
			s.pending = true
			return nil
		}
		if err != nil || n < completeBatch {
			return err
		}
	}
}

// completeTable completes the rows of a table that has no index on them yet, a
// stretch of the table at a time, so that the other application gets its turn.
func (s *Store) completeTable(ctx context.Context, keep func(tx *gorm.DB) error) error {
	var span struct{ First, Last int64 }
	if err := s.w.WithContext(ctx).Raw(completeSpan).Scan(&span).Error; err != nil {
		return err
	}
	for from := span.First; from <= span.Last; from += completeStretch {
		err := s.inTurn(ctx, func(tx *gorm.DB) error {
			if err := tx.Exec(completeRange, from, from+completeStretch-1).Error; err != nil {
				return err
			}
			return keep(tx)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
