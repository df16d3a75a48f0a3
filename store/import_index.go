package store

import (
	"context"
	"strconv"
	"strings"

	"gorm.io/gorm"
)

// importCache is the page cache of a running import, in KiB, and what the engine
// takes to sort an index. The primary key is random text: rows go in sorted runs,
// so that an import reads each page of its index once a run, not once a row.
const importCache = 40 << 10

// shelveFrom is the number of new rows from which indexes may be taken off.
const shelveFrom = importChunk

// shelf takes the secondary indexes off a table while many rows come in and
// puts them back at the end, in the same transaction: building an index in one
// go costs a fraction of half a million inserts in random places.
type shelf struct {
	table string
	taken []string // CREATE INDEX statements
	off   bool
}

// take takes the indexes off as soon as more rows come in than there were:
// only then building them again is the cheaper way. The file does not say how
// long it is, so this is asked before every chunk.
func (sh *shelf) take(tx *gorm.DB, added int) error {
	if sh.off || added < shelveFrom {
		return nil
	}
	var before int
	// The highest rowid is free to ask and no less than the number of rows.
	err := tx.Raw(`SELECT coalesce(max(rowid), 0) FROM "` + sh.table + `"`).Scan(&before).Error
	if err != nil || 2*added < before {
		return err
	}
	var list []struct{ Name, SQL string }
	err = tx.Raw(`SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL`,
		sh.table).Scan(&list).Error
	if err != nil {
		return err
	}
	for _, ix := range list {
		if strings.HasPrefix(strings.ToUpper(ix.SQL), "CREATE UNIQUE") {
			continue // it is a rule about rows, not only a way to them
		}
		if err := tx.Exec(`DROP INDEX "` + strings.ReplaceAll(ix.Name, `"`, `""`) + `"`).Error; err != nil {
			return err
		}
		sh.taken = append(sh.taken, ix.SQL)
	}
	sh.off = true
	return nil
}

// putBack builds the indexes again.
func (sh *shelf) putBack(tx *gorm.DB) error {
	for _, q := range sh.taken {
		if err := tx.Exec(q).Error; err != nil {
			return err
		}
	}
	return nil
}

// wideCache gives the writing connection a large page cache, and lets it sort in
// files rather than in memory, and returns what takes both away again.
func (s *Store) wideCache(ctx context.Context) (restore func(), err error) {
	if s.w == nil {
		return func() {}, nil
	}
	var cache, temp int
	if err := s.w.WithContext(ctx).Raw("PRAGMA cache_size").Scan(&cache).Error; err != nil {
		return nil, err
	}
	if err := s.w.WithContext(ctx).Raw("PRAGMA temp_store").Scan(&temp).Error; err != nil {
		return nil, err
	}
	set := func(cache, temp int) error {
		err := s.w.Exec("PRAGMA cache_size = " + strconv.Itoa(cache)).Error
		if err == nil {
			err = s.w.Exec("PRAGMA temp_store = " + strconv.Itoa(temp)).Error
		}
		return err
	}
	return func() {
		_ = set(cache, temp)
		_ = s.w.Exec("PRAGMA shrink_memory").Error
	}, set(-importCache, 1)
}
