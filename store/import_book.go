package store

import (
	"strings"

	"doorman/model"
)

// bookSize bounds how many accounts an import of resets remembers.
const bookSize = 1 << 20

// book knows the accounts that the resets of an import name.
type book struct {
	*intake
	ids    map[string]bool            // that exist
	emails map[string][]model.Account // by address in lower case; an empty list: no one has it
	fresh  []model.Account            // to be made
}

// look finds the accounts of a chunk that the book does not know yet.
func (b *book) look(chunk []item[model.ResetInput]) error {
	if b.ids == nil || len(b.ids)+len(b.emails) > bookSize {
		b.ids, b.emails = map[string]bool{}, map[string][]model.Account{}
	}
	var ids, emails []string
	for i := range chunk {
		it := &chunk[i]
		if it.err != nil {
			continue
		}
		if id := it.in.AccountID; id != "" {
			if _, ok := b.ids[id]; !ok {
				b.ids[id] = false
				ids = append(ids, id)
			}
		}
		if lower := foldASCII(it.in.Email); lower != "" && (it.in.AccountID == "" || !b.ids[it.in.AccountID]) {
			if _, ok := b.emails[lower]; !ok {
				b.emails[lower] = nil
				emails = append(emails, it.in.Email)
			}
		}
	}
	found, err := b.known("id", ids)
	if err != nil {
		return err
	}
	for id := range found {
		b.ids[id] = true
	}
	found, err = b.known("email COLLATE NOCASE", emails)
	if err != nil {
		return err
	}
	for id, email := range found {
		b.note(model.Account{ID: id, Email: email})
	}
	return nil
}

func (b *book) note(a model.Account) {
	lower := foldASCII(a.Email)
	b.emails[lower] = append(b.emails[lower], a)
	b.ids[a.ID] = true
}

// account returns the id of the account that the reset names: by id, else by
// address, exact before any case, else of a new one.
func (b *book) account(in *model.ResetInput) (string, error) {
	if in.AccountID != "" && b.ids[in.AccountID] {
		return in.AccountID, nil
	}
	if in.Email == "" {
		return "", &model.Error{Kind: model.Invalid, Field: "account", Text: "there is no account " + model.Quote(in.AccountID),
			Hint: "import the accounts first, or give email as well"}
	}
	same := b.emails[foldASCII(in.Email)]
	found := ""
	for _, a := range same {
		if a.Email == in.Email || len(same) == 1 {
			found = a.ID
			break
		}
	}
	switch {
	case found != "" && in.AccountID != "":
		return "", &model.Error{Kind: model.Invalid, Field: "email",
			Text: model.Quote(in.Email) + " is the address of another account than " + model.Quote(in.AccountID)}
	case found != "":
		return found, nil
	case len(same) > 1:
		return "", &model.Error{Kind: model.Invalid, Field: "email",
			Text: "several accounts have " + model.Quote(in.Email) + " in another case", Hint: "name the account by id"}
	}
	a := model.Account{ID: in.AccountID, Email: in.Email, Created: in.Created}
	if a.ID == "" {
		a.ID = model.NewID()
	}
	b.note(a)
	b.fresh = append(b.fresh, a)
	return a.ID, nil
}

// write makes the new accounts. They count from the first reset that the file
// names for them: that they existed by then is all that is known.
func (b *book) write() error {
	if len(b.fresh) == 0 {
		return nil
	}
	rows, err := newInserter(b.tx, accountRow{}.TableName(), "id", "email", "created", "email_confirmed", "is_super_user")
	if err != nil {
		return err
	}
	for _, a := range b.fresh {
		if err := rows.add(a.ID, a.Email, b.s.stamp(a.Created), false, false); err != nil {
			return err
		}
	}
	n, err := rows.done()
	b.report.Accounts += n
	b.fresh = b.fresh[:0]
	return err
}

// foldASCII folds case as the database's NOCASE does.
func foldASCII(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
}
