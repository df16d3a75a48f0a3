package store

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// What a database remembers about itself, in doorman_setting. These are not for
// operators to set.
const (
	settingScheme   = "scheme"
	settingLifetime = "lifetime"
	settingZone     = "timezone"
	settingAdopted  = "adopted" // when, or absent in a database that Doorman created
	settingKey      = "key_fingerprint"
	settingLooked   = "looked" // when a look through a large file found nothing
)

// courseColumns are what the course's two tables must have; names compare
// without case, as SQL has it.
func courseColumns() map[string][]string {
	return map[string][]string{
		"account":       {"id", "email", "password_hash", "created", "email_confirmed", "is_super_user"},
		"passwordreset": {"id", "created_date", "used_date", "was_used", "used_ip_address", "user_id"},
	}
}

// survey is what a look at the schema found: the columns of the course's tables
// and of ours, in lower case, and how many other tables there are.
type survey struct {
	columns map[string][]string
	others  int
	version int // of the last step that was applied; 0: none
}

// course reports whether both of the course's tables are there.
func (v survey) course() bool {
	return v.columns["account"] != nil && v.columns["passwordreset"] != nil
}

// empty reports whether there is nothing in the file that a backup would save.
func (v survey) empty() bool {
	return v.version == 0 && v.others == 0 && v.columns["account"] == nil && v.columns["passwordreset"] == nil
}

// survey looks at the schema of the file.
func (s *Store) survey(tx *gorm.DB) (survey, error) {
	v := survey{columns: map[string][]string{}}
	var rows []struct{ Tbl, Col string }
	if err := tx.Raw(surveyColumns).Scan(&rows).Error; err != nil {
		return v, err
	}
	for _, r := range rows {
		name := strings.ToLower(r.Tbl)
		v.columns[name] = append(v.columns[name], strings.ToLower(r.Col))
	}
	if err := tx.Raw(surveyOthers).Scan(&v.others).Error; err != nil {
		return v, err
	}
	if v.columns["doorman_migration"] == nil {
		return v, nil
	}
	return v, tx.Raw("SELECT coalesce(max(version), 0) FROM doorman_migration").Scan(&v.version).Error
}

// admit refuses a database that is not ours to change, before anything has.
func (s *Store) admit(v survey, want int) error {
	q := model.QuotePath(s.o.Path)
	refuse := func(text, hint string) error {
		return &model.Error{Kind: model.Refused, Text: text, Hint: hint}
	}
	switch {
	case v.version > want:
		return refuse(q+" was written by a newer Doorman: its schema is version "+strconv.Itoa(v.version)+
			", this program knows "+strconv.Itoa(want), "use the newer program; nothing was changed")
	case v.version > 0:
		return nil
	case v.empty() && s.o.Create:
		return nil
	case v.empty():
		return unavailable(q+" has no tables: there is no database in it", "check the path after --db", nil)
	case !v.course():
		return refuse(q+" is an SQLite database of something else: it has no tables Account and PasswordReset",
			"name another with --db; this one was left as it is")
	}
	if list := v.lacking(); len(list) > 0 {
		return refuse(q+" lacks "+strings.Join(list, ", "),
			"Doorman needs the columns that the application creates; the file was left as it is")
	}
	if slices.Contains(v.columns["passwordreset"], "expires_date") || slices.Contains(v.columns["account"], "held_date") {
		return refuse(q+" has Doorman's columns but not its tables",
			"it was copied in part, perhaps: open the whole database, or drop those columns; the file was left as it is")
	}
	return nil
}

// lacking names the columns of the course that are not there.
func (v survey) lacking() []string {
	var list []string
	for table, columns := range courseColumns() {
		for _, c := range columns {
			if !slices.Contains(v.columns[table], c) {
				list = append(list, map[string]string{"account": "Account", "passwordreset": "PasswordReset"}[table]+"."+c)
			}
		}
	}
	slices.Sort(list)
	return list
}

// adopt takes the place of the step that makes the course's tables.
func (s *Store) adopt(tx *gorm.DB) error {
	return s.found(tx, model.SchemeID, model.AdoptedLifetime, true)
}

// found writes what the database will remember about itself.
func (s *Store) found(tx *gorm.DB, scheme model.Scheme, lifetime time.Duration, adopted bool) error {
	zone := time.UTC
	if s.o.Zone != nil {
		zone = s.o.Zone
	}
	rows := []settingRow{
		{settingScheme, string(scheme)}, {settingLifetime, lifetime.String()}, {settingZone, zone.String()},
	}
	if adopted {
		rows = append(rows, settingRow{settingAdopted, ownStamp(s.now())})
	}
	return tx.Create(&rows).Error
}

// readSetting returns "" for a setting that is not there.
func readSetting(tx *gorm.DB, key string) (string, error) {
	var value string
	err := tx.Raw("SELECT value FROM doorman_setting WHERE key = ?", key).Scan(&value).Error
	return value, err
}

// loadSettings reads what the database remembers about itself.
func (s *Store) loadSettings(ctx context.Context) error {
	db := s.w
	if db == nil {
		db = s.r
	}
	var rows []settingRow
	if err := db.WithContext(ctx).Find(&rows).Error; err != nil {
		return err
	}
	have := map[string]string{}
	for _, r := range rows {
		have[r.Key] = r.Value
	}
	if have[settingScheme] == "" { // not adopted, and open for looking only
		have = map[string]string{settingScheme: string(model.SchemeID), settingLifetime: model.AdoptedLifetime.String(), settingAdopted: "no"}
	}
	var err error
	s.scheme, s.adopted, s.key = model.Scheme(have[settingScheme]), have[settingAdopted] != "", have[settingKey]
	if s.scheme != model.SchemeID && s.scheme != model.SchemeSecret {
		return unavailable("the database names a link scheme that this program does not know", "use a newer program", nil)
	}
	if s.lifetime, err = time.ParseDuration(have[settingLifetime]); err != nil || model.CheckLifetime(s.lifetime) != nil {
		return unavailable("the database names a lifetime of resets that cannot be", "restore a backup", err)
	}
	return s.chooseZone(have[settingZone])
}

// chooseZone settles in which zone the file's times are. A file keeps the zone
// that it began with: with two, half of its times would be wrong.
func (s *Store) chooseZone(remembered string) error {
	switch {
	case s.o.Zone != nil && (remembered == "" || s.o.ReadOnly || s.o.Zone.String() == remembered):
		s.zone = s.o.Zone
		return nil
	case s.o.Zone != nil:
		return &model.Error{Kind: model.Refused, Field: "db-timezone",
			Text: "the times in this database are in " + model.Quote(remembered) + ", not in " + model.Quote(s.o.Zone.String()),
			Hint: "leave it out; if the database was adopted with the wrong zone, restore the backup made then and adopt it again"}
	case remembered == "":
		s.zone = time.UTC
		return nil
	}
	zone, err := time.LoadLocation(remembered)
	if err != nil {
		return unavailable("this machine does not know the time zone "+model.Quote(remembered)+" of the database",
			"install the time zone data (package tzdata)", err)
	}
	s.zone = zone
	return nil
}

// rememberKey notes which key the links of this database are made with, so that
// a wrong one is noticed before a dead link goes out.
func (s *Store) rememberKey(ctx context.Context) error {
	if s.key != "" || len(s.o.Key) == 0 {
		return nil
	}
	row := settingRow{settingKey, s.o.Key.Fingerprint()}
	return s.write(ctx, "remember key", func(tx *gorm.DB, _ time.Time) error {
		if err := tx.Exec("INSERT INTO doorman_setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING",
			row.Key, row.Value).Error; err != nil {
			return err
		}
		var err error
		s.key, err = readSetting(tx, settingKey)
		return err
	})
}

// keyFits refuses to make links that no one could redeem: with no key, or with
// another than before. In SchemeID links need none.
func (s *Store) keyFits() error {
	switch {
	case s.scheme == model.SchemeID:
		return nil
	case len(s.o.Key) != model.KeySize:
		return &model.Error{Kind: model.Refused, Text: "there is no link key, so no link can be made",
			Hint: "start without --read-only once to make one, or restore the key file"}
	case s.key != s.o.Key.Fingerprint():
		return &model.Error{Kind: model.Refused, Text: "the link key is not the one that this database was used with",
			Hint: "put the first key back: links in emails already sent are made with it"}
	}
	return nil
}
