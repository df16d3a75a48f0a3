package store

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"doorman/model"
)

// ImportResets adds the resets of a file: all of them or, when one is bad and
// SkipBad is nil, none. A reset whose id is there already is left as it is.
// Accounts are made for unknown addresses; an unknown account id without an
// address is a bad record. The first bad record is named by line and field.
//
// No file holds link secrets. In a database of SchemeSecret an imported reset
// therefore has no hash and can never be redeemed; in one of SchemeID it can,
// as long as it is live.
func (s *Store) ImportResets(ctx context.Context, act model.Act, seq iter.Seq2[model.ResetInput, error],
	o model.ImportOptions,
) (model.ImportReport, error) {
	return importAll(ctx, s, act, o, resetRow{}.TableName(), seq, func(im *intake) chunker[model.ResetInput] {
		return &resetIntake{intake: im, book: book{intake: im}}
	})
}

type resetIntake struct {
	*intake
	book book
	rows *inserter
}

func (r *resetIntake) line(in *model.ResetInput) int { return in.Line }

func (r *resetIntake) check(in *model.ResetInput) (err error) {
	bad := func(field, text string) error { return &model.Error{Kind: model.Invalid, Field: field, Text: text} }
	if in.ID == "" {
		in.ID = model.NewID()
	} else if in.ID, err = importID("id", in.ID); err != nil {
		return err
	}
	if in.AccountID != "" {
		if in.AccountID, err = importID("account", in.AccountID); err != nil {
			return err
		}
	}
	if in.Email != "" {
		if in.Email, err = model.ParseEmail(in.Email); err != nil {
			return err
		}
	}
	switch {
	case in.AccountID == "" && in.Email == "":
		return bad("account", "is missing, and so is email")
	case in.Created.IsZero():
		return bad("created", "is missing")
	case !in.Expires.IsZero() && in.Expires.Before(in.Created):
		return bad("expires", "is before created")
	case in.UsedIP != "" && in.Used.IsZero() && in.Revoked.IsZero():
		// The course's application would take it for the address of the request.
		return bad("used_ip", "is set although used is not")
	}
	in.IP, in.UsedIP = strings.TrimSpace(in.IP), strings.TrimSpace(in.UsedIP)
	if in.IP != "" && len(keyOf(in.IP)) == 0 {
		return bad("ip", model.Quote(in.IP)+" is not an IP address")
	}
	if in.UsedIP != "" && len(keyOf(in.UsedIP)) == 0 {
		return bad("used_ip", model.Quote(in.UsedIP)+" is not an IP address")
	}
	in.Agent = model.CleanText(in.Agent, model.MaxAgent)
	return nil
}

// match names the account of every reset, making accounts where it may.
func (r *resetIntake) match(chunk []item[model.ResetInput]) error {
	if err := r.book.look(chunk); err != nil {
		return err
	}
	for i := range chunk {
		it := &chunk[i]
		if it.err != nil {
			continue
		}
		id, err := r.book.account(&it.in)
		if err != nil {
			it.err = atLine(it.line, err)
			continue
		}
		it.in.AccountID = id
	}
	return r.book.write()
}

func (r *resetIntake) insert(chunk []item[model.ResetInput]) error {
	err := r.index.take(r.tx, r.report.Added+len(chunk))
	if err == nil && r.rows == nil {
		r.rows, err = newInserter(r.tx, r.index.table, "id", "created_date", "used_date", "was_used", "used_ip_address", "user_id",
			"expires_date", "requested_ip", "requested_ip_key", "requested_agent", "revoked_date")
	}
	if err != nil {
		return err
	}
	slices.SortFunc(chunk, func(x, y item[model.ResetInput]) int { return strings.Compare(x.in.ID, y.in.ID) })
	for i := range chunk {
		in := &chunk[i].in
		if in.Expires.IsZero() {
			in.Expires = in.Created.Add(r.s.lifetime)
		}
		spent := !in.Used.IsZero() || !in.Revoked.IsZero()
		err := r.rows.add(in.ID, r.s.stamp(in.Created), r.s.nullStamp(in.Used), spent, nullText(in.UsedIP), in.AccountID,
			r.s.stamp(in.Expires), nullText(in.IP), keyOf(in.IP), nullText(in.Agent), r.s.nullStamp(in.Revoked))
		if err != nil {
			return err
		}
	}
	n, err := r.rows.done()
	r.report.Added += n
	r.report.Present += len(chunk) - n
	return err
}

// nullStamp is stamp for a parameter of a statement: NULL for the zero time.
func (s *Store) nullStamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return s.stamp(t)
}

// nullText is NULL for "".
func nullText(text string) any {
	if text == "" {
		return nil
	}
	return text
}
