package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"doorman/model"
)

//go:embed migrations
var migrations embed.FS

const migrationDir = "migrations/sqlite"

// Steps that other work belongs to: the one that indexes the completed rows, and
// the first with the index of the parts of addresses, with that of classes, and
// with the tally of letters.
const (
	indexStep  = 3
	searchStep = 5
	classStep  = 6
	tallyStep  = 7
)

// step is one migration, done in one transaction. Its number is the version of
// the schema after it.
type step struct {
	version int
	name    string
	text    string
	adopted string // what it does besides in an adopted database
}

// steps returns all migrations in their order. Number 0 is not one of them.
func steps() ([]step, error) {
	names, err := fs.Glob(migrations, migrationDir+"/*.sql")
	if err != nil {
		return nil, err
	}
	var list []step
	for _, name := range names {
		text, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		base := strings.TrimSuffix(strings.TrimPrefix(name, migrationDir+"/"), ".sql")
		n, err := strconv.Atoi(base[:4])
		if err != nil || n != len(list) {
			return nil, fmt.Errorf("migration %s is out of order", base)
		}
		st := step{version: n, name: base, text: string(text)}
		extra, err := fs.Glob(migrations, migrationDir+"/adopt/"+base[:4]+"*.sql")
		if err != nil {
			return nil, err
		}
		for _, name := range extra {
			text, err := migrations.ReadFile(name)
			if err != nil {
				return nil, err
			}
			st.adopted += string(text)
		}
		list = append(list, st)
	}
	return list[1:], nil
}

// migrate brings the schema up to date: a verified backup first, then the
// missing steps, one transaction each. What a crash leaves undone the next
// opening does.
func (s *Store) migrate(ctx context.Context) error {
	list, err := steps()
	if err != nil {
		return err
	}
	want := list[len(list)-1].version
	had, err := s.survey(s.w.WithContext(ctx))
	if err != nil {
		return err
	}
	if err := s.admit(had, want); err != nil {
		return err
	}
	s.schema = want
	if had.version == want {
		return nil
	}
	if !had.empty() && !s.o.Act.Role.May(model.VerbMigrate) {
		return deny(s.o.Act, model.AuditEntry{Verb: model.VerbMigrate})
	}
	if had.empty() {
		s.o.Progress = nil // a new file takes no time
	} else {
		s.tell("making a backup")
		if s.backup, err = s.backupBeside(ctx, had.version); err != nil {
			return fmt.Errorf("back up before changing the schema: %w", err)
		}
	}
	owner, err := s.lockSchema(ctx, func() (bool, error) {
		now, err := s.survey(s.w.WithContext(ctx))
		if err == nil {
			err = s.admit(now, want)
		}
		return now.version == want, err
	})
	if err != nil {
		s.dropBackup()
		return err
	}
	if owner == "" { // another program was first, with a backup of its own
		s.dropBackup()
		return nil
	}
	defer s.freeSchema(owner)
	return s.climb(ctx, list, had, owner)
}

// climb does the steps that are missing and what belongs to them.
func (s *Store) climb(ctx context.Context, list []step, had survey, owner string) error {
	restore, err := s.wideCache(ctx) // to sort an index of any size
	if err != nil {
		return err
	}
	defer restore()
	want := list[len(list)-1].version
	for _, st := range list {
		err := s.prepare(ctx, st, owner)
		if err == nil {
			err = s.apply(ctx, st, owner, want)
		}
		if err != nil {
			s.withdraw(had)
			return fmt.Errorf("migrate %s: %w", st.name, err)
		}
	}
	return s.numberFirst(ctx, had, owner)
}

// numberFirst numbers the accounts of a database that had no index of them.
func (s *Store) numberFirst(ctx context.Context, had survey, owner string) error {
	if had.version >= searchStep {
		return nil
	}
	s.tell("indexing addresses")
	err := s.numberAll(ctx, func(tx *gorm.DB) error { return s.keepSchema(tx, owner) })
	if isBusy(err) { // Poll goes on later
		return nil
	}
	return err
}

// withdraw removes what an opening left that failed before its first step was
// done: a backup of what was not changed, and the tables of the migration itself.
// On a full disk a backup at each try would make things worse.
func (s *Store) withdraw(had survey) {
	now, err := s.survey(s.w)
	if err != nil || now.version != had.version {
		return
	}
	s.dropBackup()
	if now.version > 0 || had.columns["doorman_migration"] != nil {
		return
	}
	_ = s.w.Transaction(func(tx *gorm.DB) error {
		for _, table := range []string{"doorman_migration", "doorman_setting", "doorman_lease"} {
			if err := tx.Exec("DROP TABLE " + table).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

// tell passes on what takes its time.
func (s *Store) tell(doing string) {
	if s.o.Progress != nil {
		s.o.Progress(doing)
	}
}

// dropBackup removes the backup of an opening that changed nothing after it.
func (s *Store) dropBackup() {
	if s.backup != "" {
		_ = os.Remove(s.backup)
		s.backup = ""
	}
}

// prepare does what has to come before a step and is too long for one
// transaction.
func (s *Store) prepare(ctx context.Context, st step, owner string) error {
	if st.version != indexStep {
		return nil
	}
	had, err := s.survey(s.w.WithContext(ctx))
	if err != nil || had.version >= st.version {
		return err
	}
	keep := func(tx *gorm.DB) error { return s.keepSchema(tx, owner) }
	list, err := steps()
	if err != nil {
		return err
	}
	// Nothing is in this index yet, and completing a row puts it there.
	if err := s.buildIndexes(ctx, list[classStep-1].text, "doorman_reset_class", keep); err != nil {
		return err
	}
	s.tell("completing the rows of the other application")
	if err := s.completeTable(ctx, keep); err != nil {
		return err
	}
	return s.buildIndexes(ctx, st.text, "", keep)
}

// indexHead is how the indexes of a step begin.
const indexHead = "CREATE INDEX "

// buildIndexes makes the indexes of a step, or the one that is named, each in a
// transaction of its own: so the other application waits for one at most, and
// what a crash leaves undone the next opening does.
func (s *Store) buildIndexes(ctx context.Context, text, only string, keep func(tx *gorm.DB) error) error {
	for _, q := range strings.Split(text, ";\n") {
		_, q, found := strings.Cut(q, indexHead)
		name, _, _ := strings.Cut(strings.TrimPrefix(q, "IF NOT EXISTS "), " ")
		if !found || only != "" && name != only {
			continue
		}
		s.tell("building the index " + name)
		err := s.inTurn(ctx, func(tx *gorm.DB) error {
			if err := tx.Exec(indexHead + "IF NOT EXISTS " + strings.TrimPrefix(q, "IF NOT EXISTS ")).Error; err != nil {
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

// apply does one step unless it was done.
func (s *Store) apply(ctx context.Context, st step, owner string, want int) error {
	s.tell("schema step " + st.name)
	return s.w.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		had, err := s.survey(tx)
		if err != nil || had.version >= st.version {
			return err
		}
		if st.version == 1 && had.course() {
			err = s.adopt(tx)
		} else {
			err = s.run(tx, st)
		}
		if err != nil {
			return err
		}
		row := migrationRow{Version: st.version, Name: st.name, Applied: ownStamp(s.now()), Program: program()}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		if st.version == want && s.backup != "" {
			if err := s.tellMigration(tx, want); err != nil {
				return err
			}
		}
		return s.keepSchema(tx, owner)
	})
}

// run executes the text of a step, in the variant for this database.
func (s *Store) run(tx *gorm.DB, st step) error {
	text := st.text
	if st.version == indexStep { // prepare may have made them
		text = strings.ReplaceAll(text, indexHead, indexHead+"IF NOT EXISTS ")
	}
	if err := tx.Exec(text).Error; err != nil {
		return err
	}
	if st.version == 1 {
		return s.found(tx, model.SchemeSecret, model.DefaultLifetime, false)
	}
	adopted, err := readSetting(tx, settingAdopted)
	if err != nil || adopted == "" || st.adopted == "" {
		return err
	}
	return tx.Exec(st.adopted).Error
}

// tellMigration writes the audit entry of an adoption or a migration.
func (s *Store) tellMigration(tx *gorm.DB, version int) error {
	adopted, err := readSetting(tx, settingAdopted)
	if err != nil {
		return err
	}
	var n int64
	if err := tx.Raw("SELECT count(*) FROM (SELECT 1 FROM doorman_audit LIMIT 1)").Scan(&n).Error; err != nil {
		return err
	}
	e := model.AuditEntry{Verb: model.VerbMigrate, Subject: "schema " + strconv.Itoa(version)}
	if adopted != "" && n == 0 {
		e.Verb = model.VerbAdopt
	}
	return s.audit(tx, s.now(), s.o.Act, e)
}

// program names the build that applied a step.
func program() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "doorman"
	}
	return "doorman " + info.Main.Version
}
