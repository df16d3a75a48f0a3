package transfer

import (
	"time"

	"doorman/model"
)

// LetterColumns are the fields of a letter as lists and exports show them.
func LetterColumns() []Column[model.Letter] {
	type row = model.Letter
	return []Column[row]{
		{"id", func(l *row) Value { return Text(l.ID) }},
		{"state", func(l *row) Value { return Text(string(l.State)) }},
		{"kind", func(l *row) Value { return Text(string(l.Kind)) }},
		{"to", func(l *row) Value { return Text(l.To) }},
		{"reset", func(l *row) Value { return Text(l.ResetID.String()) }},
		{"created", func(l *row) Value { return Time(l.Created) }},
		{"attempts", func(l *row) Value { return Number(l.Attempts) }},
		{"next_try", func(l *row) Value { return Time(nextTry(l)) }},
		{"sent", func(l *row) Value { return Time(l.SentAt) }},
		{"reply", func(l *row) Value { return Text(l.Reply) }},
		{"error", func(l *row) Value { return Text(l.LastError) }},
	}
}

// nextTry is when a letter will be tried; never once its way has ended.
func nextTry(l *model.Letter) time.Time {
	if l.State == model.Queued || l.State == model.Failed {
		return l.NextTry
	}
	return time.Time{}
}

// AuditColumns are the fields of an entry of the log as lists and exports show
// them.
func AuditColumns() []Column[model.AuditEntry] {
	type row = model.AuditEntry
	return []Column[row]{
		{"seq", func(e *row) Value { return Number(e.Seq) }},
		{"at", func(e *row) Value { return Time(e.At) }},
		{"operator", func(e *row) Value { return Text(e.Operator) }},
		{"role", func(e *row) Value { return Text(string(e.Role)) }},
		{"origin", func(e *row) Value { return Text(e.Origin) }},
		{"verb", func(e *row) Value { return Text(string(e.Verb)) }},
		{"denied", func(e *row) Value { return Flag(e.Denied) }},
		{"subject", func(e *row) Value { return Text(e.Subject) }},
		{"reason", func(e *row) Value { return Text(e.Reason) }},
		{"batch", func(e *row) Value { return Text(e.BatchID) }},
		{"counts", func(e *row) Value { return Counts(e.Counts) }},
		{"hash", func(e *row) Value { return Text(e.Hash) }},
	}
}
