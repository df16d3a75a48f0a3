package store

import (
	"context"
	"iter"
	"slices"
	"strings"

	"doorman/model"
)

// ImportAccounts adds the accounts of a file: all of them or, when one is bad
// and SkipBad is nil, none. An account whose id is there already is left as it
// is; one without id counts as there when its address is. The first bad record
// is named by line and field.
func (s *Store) ImportAccounts(ctx context.Context, act model.Act, seq iter.Seq2[model.AccountInput, error],
	o model.ImportOptions,
) (model.ImportReport, error) {
	return importAll(ctx, s, act, o, accountRow{}.TableName(), seq, func(im *intake) chunker[model.AccountInput] {
		return &accountIntake{intake: im}
	})
}

type accountIntake struct {
	*intake
	rows *inserter
	had  int // accounts in the table before, or a little more
}

func (a *accountIntake) line(in *model.AccountInput) int { return in.Line }

func (a *accountIntake) check(in *model.AccountInput) (err error) {
	if in.ID != "" {
		if in.ID, err = importID("id", in.ID); err != nil {
			return err
		}
	}
	in.Email, err = model.ParseEmail(in.Email)
	return err
}

// match finds the accounts that are there already, in the table or further up
// in the chunk, and the addresses that belong to another.
func (a *accountIntake) match(chunk []item[model.AccountInput]) error {
	var ids, emails []string
	if a.rows == nil {
		if err := a.tx.Raw(`SELECT coalesce(max(rowid), 0) FROM "Account"`).Scan(&a.had).Error; err != nil {
			return err
		}
	}
	for i := range chunk {
		if it := &chunk[i]; it.err == nil && (a.had > 0 || a.report.Added > 0) {
			emails = append(emails, it.in.Email)
			if it.in.ID != "" {
				ids = append(ids, it.in.ID)
			}
		}
	}
	byID, err := a.known("id", ids)
	if err != nil {
		return err
	}
	byEmail, err := a.known("email", emails)
	if err != nil {
		return err
	}
	owner := map[string]string{}
	for id, email := range byID {
		owner[email] = id
	}
	for id, email := range byEmail {
		owner[email] = id
	}
	for i := range chunk {
		it := &chunk[i]
		if it.err != nil {
			continue
		}
		_, present := byID[it.in.ID]
		other, taken := owner[it.in.Email]
		switch {
		case present || taken && it.in.ID == "":
			it.in.ID = "" // nothing to insert
			a.report.Present++
		case taken && other != it.in.ID:
			it.err = atLine(it.line, &model.Error{Kind: model.Invalid, Field: "email",
				Text: model.Quote(it.in.Email) + " is the address of another account"})
		default:
			if it.in.ID == "" {
				it.in.ID = model.NewID()
			}
			byID[it.in.ID], owner[it.in.Email] = it.in.Email, it.in.ID
		}
	}
	return nil
}

// known returns the addresses, by id, of those accounts that have one of the
// values in the column.
func (im *intake) known(column string, values []string) (map[string]string, error) {
	found := map[string]string{}
	for len(values) > 0 {
		some := values[:min(len(values), idsAtOnce)]
		values = values[len(some):]
		var rows []struct{ ID, Email string }
		err := im.tx.Raw(`SELECT id, email FROM "Account" WHERE `+column+" IN ?", some).Scan(&rows).Error
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			found[r.ID] = r.Email
		}
	}
	return found, nil
}

func (a *accountIntake) insert(chunk []item[model.AccountInput]) error {
	chunk = slices.DeleteFunc(chunk, func(it item[model.AccountInput]) bool { return it.in.ID == "" })
	err := a.index.take(a.tx, a.report.Added+len(chunk))
	if err == nil && a.rows == nil {
		a.rows, err = newInserter(a.tx, a.index.table, "id", "email", "created", "email_confirmed", "is_super_user")
	}
	if err != nil {
		return err
	}
	slices.SortFunc(chunk, func(x, y item[model.AccountInput]) int { return strings.Compare(x.in.ID, y.in.ID) })
	for i := range chunk {
		in := &chunk[i].in
		if err := a.rows.add(in.ID, in.Email, a.s.nullStamp(in.Created), in.EmailConfirmed, false); err != nil {
			return err
		}
	}
	n, err := a.rows.done()
	a.report.Added += n
	return err
}
