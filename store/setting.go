package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// Bounds of a setting, in bytes.
const (
	maxSettingKey   = 64
	maxSettingValue = 4096
)

// Setting returns what the database remembers under a key; "" when nothing.
func (s *Store) Setting(ctx context.Context, key string) (string, error) {
	var values []string
	err := s.read(ctx).Raw("SELECT value FROM doorman_setting WHERE key = ?", key).Scan(&values).Error
	if err != nil {
		return "", fmt.Errorf("read setting: %w", explain(err))
	}
	if len(values) == 0 {
		return "", nil
	}
	return values[0], nil
}

// SetSetting remembers a value; "" forgets it. Names of secrets are refused:
// the database is no place for them. The audit entry names the key alone.
func (s *Store) SetSetting(ctx context.Context, act model.Act, key, value string) error {
	return s.write(ctx, "change setting", func(tx *gorm.DB, now time.Time) error {
		if err := checkSetting(key, value); err != nil {
			return err
		}
		if err := putSetting(tx, key, value); err != nil {
			return err
		}
		return s.audit(tx, now, act, model.AuditEntry{Verb: model.VerbSetting, Subject: key})
	})
}

func checkSetting(key, value string) error {
	bad := func(field, text, hint string) error {
		return &model.Error{Kind: model.Invalid, Field: field, Text: text, Hint: hint}
	}
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '_' || r == '-'
	}
	if key == "" || len(key) > maxSettingKey || strings.TrimLeftFunc(key, plain) != "" {
		return bad("key", model.Quote(key)+" is not the name of a setting", "use lower-case letters, digits, dots and dashes")
	}
	for _, word := range []string{"password", "secret", "token", "credential", "private"} {
		if strings.Contains(key, word) {
			return &model.Error{Kind: model.Refused, Field: "key", Text: "secrets do not go into the database",
				Hint: "put it in a file of mode 0600 or in the credentials directory"}
		}
	}
	if len(value) > maxSettingValue || value != model.CleanText(value, maxSettingValue) {
		return bad("value", "is longer than 4096 bytes or no text", "")
	}
	return nil
}

// putSetting writes a setting inside another use case.
func putSetting(tx *gorm.DB, key, value string) error {
	if value == "" {
		return tx.Exec("DELETE FROM doorman_setting WHERE key = ?", key).Error
	}
	return tx.Exec(`INSERT INTO doorman_setting (key, value) VALUES (?, ?)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value).Error
}
