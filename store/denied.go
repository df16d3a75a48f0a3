package store

import (
	"errors"

	"gorm.io/gorm"

	"doorman/model"
)

// denied ends a transaction whose act the operator's role does not allow. Every
// act writes an audit entry, so that none can be forgotten: the check stands
// there. What the act did until then is rolled back; that it was tried is not.
type denied struct {
	act   model.Act
	entry model.AuditEntry
}

func (d *denied) Error() string { return "denied" }

// noteDenied writes down that an act was refused, in a transaction of its own,
// and returns the error for the person. Other errors pass as they are.
func (s *Store) noteDenied(err error) error {
	var d *denied
	if !errors.As(err, &d) {
		return err
	}
	role := string(d.act.Role)
	if role == "" {
		role = "nobody"
	}
	refused := error(&model.Error{Kind: model.Refused, Text: model.Quote(d.act.Operator) + " is a " + role + " and may not do this: " + string(d.entry.Verb),
		Hint: "an admin can give another role in the section [operators] of the configuration"})
	entry := model.AuditEntry{Verb: d.entry.Verb, Subject: d.entry.Subject, Denied: true}
	e := s.w.Transaction(func(tx *gorm.DB) error { return s.audit(tx, s.now().UTC(), d.act, entry) })
	if e != nil {
		return errors.Join(refused, e)
	}
	return refused
}
