package store

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// Rows that another program wrote lack Doorman's columns. To complete one is to
// save the address of the request where that program would overwrite it, and to
// key it. The partial index on incomplete rows makes finding none cost nothing.

const (
	completeBatch  = 5000 // rows a transaction: short enough that other writers get their turn
	maxAddressText = 1024 // bytes of a column that are looked at
)

// requestIP says in SQL what address a reset was asked for from. A row from
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
// what stands before it the client may have made up.
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

// incompleteRow is what completing needs to know.
type incompleteRow struct {
	ID string
	IP *string
}

// completeSome completes up to completeBatch rows after a place and returns how
// many it completed and the last one.
func (s *Store) completeSome(ctx context.Context, after string) (int, string, error) {
	var rows []incompleteRow
	than := ">"
	if after == "" {
		than = ">=" // an id may be empty
	}
	find := func(tx *gorm.DB) error {
		// The index hint is the WHERE clause itself: it must be that of the partial index.
		return tx.Raw(`SELECT id, `+requestIP+` AS ip FROM "PasswordReset"
			WHERE requested_ip_key IS NULL AND id `+than+` ? ORDER BY id LIMIT ?`, after, completeBatch).Scan(&rows).Error
	}
	if err := find(s.read(ctx)); err != nil || len(rows) == 0 {
		return 0, "", explain(err)
	}
	done := 0
	err := s.write(ctx, "complete rows", func(tx *gorm.DB, _ time.Time) error {
		rows, done = rows[:0], 0
		if err := find(tx); err != nil {
			return err
		}
		for i := range rows {
			n, err := completeRow(tx, rows[i])
			if err != nil {
				return err
			}
			done += n
		}
		return nil
	})
	if err != nil || len(rows) == 0 {
		return 0, "", err
	}
	return done, rows[len(rows)-1].ID, nil
}

func completeRow(tx *gorm.DB, r incompleteRow) (int, error) {
	text := ""
	if r.IP != nil {
		text = model.CleanText(*r.IP, maxAddressText)
	}
	res := tx.Exec(`UPDATE "PasswordReset" SET requested_ip = ?, requested_ip_key = ? WHERE id = ?`,
		r.IP, keyOf(text), r.ID)
	return int(res.RowsAffected), res.Error
}

// completeAll completes every row that is incomplete. A lock that another
// program holds is no reason not to open: Poll goes on later.
func (s *Store) completeAll(ctx context.Context) error {
	after := ""
	for {
		n, last, err := s.completeSome(ctx, after)
		if isBusy(err) {
			s.pending = true
			return nil
		}
		if err != nil || n < completeBatch {
			return err
		}
		after = last
	}
}
