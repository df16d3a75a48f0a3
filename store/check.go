package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// countCap bounds the counts of Info: no start waits for a whole table.
const countCap = 100_000

// Info describes the open store. Its counts stop at 100,000.
func (s *Store) Info(ctx context.Context) (model.StoreInfo, error) {
	i, err := s.About(ctx)
	if err != nil {
		return i, err
	}
	db := s.read(ctx)
	for table, c := range map[string]*model.Count{"Account": &i.Accounts, "PasswordReset": &i.Resets} {
		err := db.Raw("SELECT count(*) FROM (SELECT 1 FROM "+quoteName(table)+" LIMIT ?)", countCap+1).Scan(&c.N).Error
		if err != nil {
			return i, fmt.Errorf("store info: %w", explain(err))
		}
		if c.N > countCap {
			c.N, c.AtLeast = countCap, true
		}
	}
	return i, nil
}

// About is Info without the counts: nothing in it takes time.
func (s *Store) About(ctx context.Context) (model.StoreInfo, error) {
	list, err := steps()
	if err != nil {
		return model.StoreInfo{}, err
	}
	i := model.StoreInfo{
		Path: s.o.Path, Size: s.size(), Schema: s.schema, WantSchema: list[len(list)-1].version,
		Adopted: s.adopted, Scheme: s.scheme, Lifetime: s.lifetime, Zone: s.zone.String(),
		ReadOnly: s.o.ReadOnly, Backup: s.backup,
		KeyMatches: len(s.o.Key) > 0 && (s.key == "" || s.key == s.o.Key.Fingerprint()),
	}
	db := s.read(ctx)
	if err := db.Raw("SELECT sqlite_version()").Scan(&i.SQLite).Error; err != nil {
		return i, fmt.Errorf("store info: %w", explain(err))
	}
	if err := db.Raw("PRAGMA journal_mode").Scan(&i.Journal).Error; err != nil {
		return i, fmt.Errorf("store info: %w", explain(err))
	}
	// A connection that takes the file for unchanging says delete whatever the
	// file says.
	if log, err := s.o.usesLog(s.o.Path); s.o.ReadOnly && err == nil && log {
		i.Journal = "wal"
	}
	return i, nil
}

// Check examines the whole file and says of each thing whether it is as it
// should be. It fails only where it cannot look.
func (s *Store) Check(ctx context.Context) ([]model.Check, error) {
	list, err := s.checkOnce(ctx)
	for try := 1; try < lookTries && err == nil && slices.ContainsFunc(list, func(c model.Check) bool { return !c.OK }); try++ {
		// A file that moved on under eyes that take it for unchanging looks damaged.
		moved, e := s.lookAnew(ctx)
		if e != nil || !moved {
			return list, explain(e)
		}
		list, err = s.checkOnce(ctx)
	}
	return list, err
}

func (s *Store) checkOnce(ctx context.Context) ([]model.Check, error) {
	var list []model.Check
	for _, check := range []func(context.Context) (model.Check, error){
		s.checkFile, s.checkIntegrity, s.checkReferences, s.checkIncomplete, s.checkLinkKey, s.checkAudit,
	} {
		c, err := check(ctx)
		if ctx.Err() != nil {
			return list, ctx.Err()
		}
		if err != nil {
			c.OK, c.Text = false, explain(err).Error()
		}
		list = append(list, c)
	}
	return list, nil
}

func (s *Store) checkFile(context.Context) (model.Check, error) {
	return model.Check{Name: "file", OK: true, Text: "in its place"}, s.sameFile()
}

func (s *Store) checkIntegrity(ctx context.Context) (model.Check, error) {
	c := model.Check{Name: "integrity", Hint: "restore a backup; until then change nothing"}
	var lines []string
	err := s.read(ctx).Raw("PRAGMA integrity_check(10)").Scan(&lines).Error
	c.OK = len(lines) == 1 && lines[0] == "ok"
	if c.OK {
		c.Text, c.Hint = "every page and index is sound", ""
	} else if len(lines) > 0 {
		c.Text = lines[0]
	}
	return c, err
}

func (s *Store) checkReferences(ctx context.Context) (model.Check, error) {
	var n int
	err := s.read(ctx).Raw("SELECT count(*) FROM pragma_foreign_key_check").Scan(&n).Error
	c := model.Check{Name: "references", OK: n == 0, Text: "every row that is referred to is there"}
	if n > 0 {
		c.Text = strconv.Itoa(n) + " rows refer to rows that are not there"
		c.Hint = "they came from another program; Doorman shows them without an account"
	}
	return c, err
}

func (s *Store) checkIncomplete(ctx context.Context) (model.Check, error) {
	var n int
	err := s.read(ctx).Raw(`SELECT count(*) FROM "PasswordReset" WHERE requested_ip_key IS NULL`).Scan(&n).Error
	c := model.Check{Name: "rows of other programs", OK: n == 0, Text: "all are completed"}
	if n > 0 {
		c.Text = strconv.Itoa(n) + " are not completed yet: they do not show up under their network"
		c.Hint = "open the database without --read-only and leave it open for a moment"
	}
	return c, err
}

func (s *Store) checkLinkKey(context.Context) (model.Check, error) {
	c := model.Check{Name: "link key", OK: true, Text: "the one that this database was used with"}
	if s.scheme != model.SchemeID && s.key == "" {
		c.Text = "none was used yet: no link was made"
	} else if err := s.keyFits(); err != nil {
		var e *model.Error
		if errors.As(err, &e) {
			c.OK, c.Text, c.Hint = false, e.Text, e.Hint
		}
	} else if s.scheme == model.SchemeID {
		c.Text = "none is needed: links hold the id alone"
	}
	return c, nil
}

func (s *Store) checkAudit(ctx context.Context) (model.Check, error) {
	c := model.Check{Name: "audit log", Hint: "keep the file as evidence and compare it with a backup"}
	last, err := s.VerifyAudit(ctx, nil)
	if err == nil {
		c.OK, c.Hint, c.Text = true, "", "no line was changed, moved or dropped among "+strconv.FormatInt(last.Seq, 10)
	}
	return c, err
}

// quickLookMax is the size in bytes up to which a file is looked through before
// it is opened (0.76 s for 300 MB); a larger one beside the work.
const quickLookMax = 16 << 20

// quickLook is a check that runs beside the work. Its nil value found nothing.
type quickLook struct {
	cancel context.CancelFunc
	ended  chan struct{}
	found  atomic.Pointer[model.Error]
}

// startQuickLook looks for damaged pages: SQLite would go on writing to them.
func (s *Store) startQuickLook(ctx context.Context) error {
	if s.size() <= quickLookMax {
		return quickCheck(ctx, s.rdb)
	}
	if s.lookedLately(ctx) {
		return nil
	}
	aside, cancel := context.WithCancel(context.WithoutCancel(ctx))
	q := &quickLook{cancel: cancel, ended: make(chan struct{})}
	s.damage = q
	go func() {
		defer close(q.ended)
		var err error
		defer caught(&err) // it found nothing, then
		err = s.lookAside(aside)
		if e := (*model.Error)(nil); errors.As(err, &e) {
			q.found.Store(e)
		}
	}()
	return nil
}

// quickLookPause is how long after the opening the look begins: the first screen
// comes before it, and a command that is done sooner does without.
const quickLookPause = 5 * time.Second

// lookAside looks through the whole file on a connection of its own.
func (s *Store) lookAside(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(cmp.Or(s.o.lookAfter, quickLookPause)):
	}
	db := sql.OpenDB(connector{dsn: s.o.dsn(s.o.Path, url.Values{"mode": {"rw"}}, "query_only(1)")})
	defer db.Close()
	if err := quickCheck(ctx, db); err != nil {
		return err
	}
	return s.write(ctx, "remember the look", func(tx *gorm.DB, now time.Time) error {
		return putSetting(tx, settingLooked, ownStamp(now))
	})
}

// quickLookEvery is how long a look that found nothing is good for: with ten
// million resets it reads for a minute.
const quickLookEvery = 24 * time.Hour

// lookedLately reports whether a console has looked and found nothing.
func (s *Store) lookedLately(ctx context.Context) bool {
	text, err := readSetting(s.read(ctx), settingLooked)
	if err != nil {
		return false
	}
	at, err := parseStamp(text, time.UTC)
	ago := s.now().Sub(at)
	return err == nil && ago >= 0 && ago < quickLookEvery
}

func quickCheck(ctx context.Context, db *sql.DB) error {
	var line string
	err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&line)
	if code := sqliteCode(err); err != nil && code != codeCorrupt && code != codeNotADB {
		return err
	}
	if line != "ok" {
		return unavailable("the database file is damaged", "restore a backup; `doorman db check` tells more", err)
	}
	return nil
}

// verdict returns what was found so far.
func (q *quickLook) verdict() error {
	if q == nil {
		return nil
	}
	if e := q.found.Load(); e != nil {
		return e
	}
	return nil
}

// stop ends the check and waits for it.
func (q *quickLook) stop() {
	if q != nil {
		q.cancel()
		<-q.ended
	}
}
