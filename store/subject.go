package store

import (
	"strings"

	"gorm.io/gorm"
)

// idLength is from how many characters on a word of a subject may be the id of an
// account; a shorter one has the word "account" before it.
const idLength = 16

// idsIn returns the words of a subject that may be the id of an account.
func idsIn(subject string) []string {
	var ids []string
	before := ""
	for word := range strings.FieldsSeq(subject) {
		word = strings.TrimRight(word, ",")
		if len(word) >= idLength || before == "account" {
			ids = append(ids, word)
		}
		before = word
	}
	return ids
}

// nameAccounts returns each subject with the address in place of the id of an
// account that is there. Cost: one look for all of them, by primary key.
func nameAccounts(db *gorm.DB, subjects []string) ([]string, error) {
	var ids []string
	for _, text := range subjects {
		ids = append(ids, idsIn(text)...)
	}
	if len(ids) == 0 {
		return subjects, nil
	}
	list, err := idList(ids)
	if err != nil {
		return nil, err
	}
	var rows []struct{ ID, Email string }
	err = db.Raw(`SELECT a.id, a.email FROM "Account" AS a WHERE a.id IN (SELECT value FROM json_each(@ids))`, map[string]any{"ids": list}).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	emails := map[string]string{}
	for _, r := range rows {
		emails[r.ID] = r.Email
	}
	out := make([]string, len(subjects))
	for i, text := range subjects {
		out[i] = text
		for _, id := range idsIn(text) {
			if email := emails[id]; email != "" {
				out[i] = strings.Replace(out[i], id, email, 1)
			}
		}
	}
	return out, nil
}
