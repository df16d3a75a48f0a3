package store

import (
	"errors"

	"gorm.io/gorm"

	"doorman/model"
)

// denied ends a transaction whose act the operator's role does not allow. Every
// act writes an audit entry, so that none can be forgotten: the check stands
// there. What the act did until then is rolled back; that it was tried is not,
// see noteDenied.
type denied struct {
	told  *model.Error // what the person sees
	act   model.Act
	entry model.AuditEntry
}

func deny(act model.Act, e model.AuditEntry) *denied {
	who := model.Quote(act.Operator) + " has no role"
	if act.Role != "" {
		who = model.Quote(act.Operator) + " is a " + string(act.Role)
	}
	hint := "an admin can give another role in the section [operators] of the configuration"
	if e.Verb == model.VerbAdopt || e.Verb == model.VerbMigrate {
		hint = "an admin has to open the database once; with --read-only it can be looked at now"
	}
	return &denied{act: act, entry: e, told: &model.Error{Kind: model.Refused, Text: who + " and may not do this: " + string(e.Verb), Hint: hint}}
}

func (d *denied) Error() string { return d.told.Error() }

func (d *denied) Unwrap() error { return d.told }

// noteDenied writes down that an act was refused, in a transaction of its own.
// Other errors are none of its business.
func (s *Store) noteDenied(err error) error {
	var d *denied
	if !errors.As(err, &d) {
		return err
	}
	entry := model.AuditEntry{Verb: d.entry.Verb, Subject: d.entry.Subject, Denied: true}
	if e := s.w.Transaction(func(tx *gorm.DB) error { return s.audit(tx, s.now().UTC(), d.act, entry) }); e != nil {
		return errors.Join(err, e)
	}
	return err
}
